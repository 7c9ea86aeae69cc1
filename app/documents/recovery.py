"""The sheet with the recovery code (恢复码), printed once and kept in the institution's safe."""

from __future__ import annotations

from app.clock import shanghai
from app.documents import texts
from app.documents.context import PaperContext
from app.documents.render import compile_layout
from app.domain.errors import InternalError

_RULES = (
    "忘了口令时，在锁屏点“用恢复码”，照着输入。",
    "用过一次即作废，会重新打一张。",
    "口令和这张纸都丢了，单独谈的内容找不回，谁也打不开。",
    "不拍照、不发微信、不和电脑放一起。",
)


def recovery_sheet(code: str, context: PaperContext, *, device: str, person: str) -> bytes:
    """One A4 page with ``code`` in groups of four, as PDF; nothing is written to disk.

    ``device`` is the computer's name and ``person`` who set it up. Groups may be parted by spaces or
    hyphens. Raises ``InternalError`` when ``code`` is not groups of letters and digits.
    """
    plain = "".join(c for c in code if c not in " -\n")
    if not plain or not plain.isascii() or not plain.isalnum():
        raise InternalError(
            "恢复码没有生成好，还没有打印任何东西。请返回上一步重新生成。", code="E-RECOVERY-CODE"
        )
    paper = {
        "groups": [plain[i : i + 4] for i in range(0, len(plain), 4)],
        "institution": texts.clean(context.institution_name),
        "device": texts.clean(device),
        "person": texts.clean(person),
        "rules": _RULES,
        "printed": shanghai(context.printed_at).strftime("%Y-%m-%d %H:%M"),
        "watermark": "练习" if context.practice else "",
    }
    return compile_layout("recovery", paper, context).pdf
