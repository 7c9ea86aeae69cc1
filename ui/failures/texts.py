"""What a failure is called for the person: what happened, what was kept, what to do next."""

from __future__ import annotations

import hashlib
import traceback
from dataclasses import dataclass

from app.domain import errors


@dataclass(frozen=True)
class FailureText:
    """A failure in words. ``kind`` is ``user``, ``environment`` or ``bug``; ``code`` can be copied."""

    kind: str
    title: str
    text: str
    next_step: str
    code: str
    detail: str

    @property
    def silent(self) -> bool:
        """Cancelled work is not told."""
        return self.kind == "silent"


STILL_THERE = "正在填的都还在页面上，没有丢。"
_USER = "改好后再试一次，已填的内容都在。"
_TEXTS: tuple[tuple[type[BaseException], str, str, str], ...] = (
    (errors.WrongPassphraseError, "user", "口令不对", "再试一次，看看大小写键是不是开着。"),
    (errors.NotPermittedError, "user", "这一步由别的角色办理", "请负责人办理，或换人登录。已填的内容都在。"),
    (errors.StateError, "user", "现在不能做这一步", "先看这件案件走到哪一步，再接着办。"),
    (errors.NotFoundError, "user", "没有找到", "可能已被移走，回到列表再看一眼。"),
    (errors.UserError, "user", "还差一点", _USER),
    (errors.DiskFullFault, "environment", "本机磁盘满了", STILL_THERE),
    (errors.DamagedFault, "environment", "有一处数据打不开", "从备份找回；其余内容不受影响。"),
    (errors.NewerFileFault, "environment", "档案由更新的版本写成", "请先升级本软件再打开，档案没有改动。"),
    (errors.StorageFault, "environment", "没有写进本机", STILL_THERE),
    (errors.ProfileInUseFault, "environment", "档案正在别处使用", "先关掉另一个窗口或命令，再打开。"),
    (errors.PlatformFault, "environment", "平台没有应答", "登记都存在本机，会自动再发；也可以现在再试。"),
    (errors.EnvironmentFault, "environment", "这一步没有做成", "已录入的内容都在，稍后再试一次。"),
)


def explain(error: BaseException) -> FailureText:
    """The words for ``error``. A bug gets an apology and a code made of its place, without its data."""
    if isinstance(error, errors.Cancelled):
        return FailureText("silent", "", "", "", "", "")
    if isinstance(error, errors.JiefenError) and not isinstance(error, errors.InternalError):
        for kind, group, title, next_step in _TEXTS:
            if isinstance(error, kind):
                code = error.code or f"E-{type(error).__name__.upper()}"
                return FailureText(group, title, error.message, next_step, code, error.detail)
    text = "这是软件的毛病，不是您的操作引起的。已存在本机的内容不受影响。"
    next_step = "可以接着办别的；把“详细”里的编号告诉维护人员，便于查找。"
    return FailureText("bug", "这一步没有做成，抱歉", text, next_step, bug_code(error), place(error))


def bug_code(error: BaseException) -> str:
    """A short code that is the same for the same place in the program."""
    digest = hashlib.sha256(place(error).encode()).hexdigest()[:6].upper()
    return f"B-{digest}"


def place(error: BaseException) -> str:
    """Where it happened: type and the places of our own code, without messages, which may hold data."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]
    return "\n".join([type(error).__name__, *lines[-12:]])


def _short(filename: str) -> str:
    parts = filename.replace("\\", "/").split("/")
    for root in ("ui", "app", "sync"):
        if root in parts:
            return "/".join(parts[parts.index(root) :])
    return parts[-1]
