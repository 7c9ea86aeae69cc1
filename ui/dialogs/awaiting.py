"""Files that are not on this computer: asked for at the platform, followed until they are here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from app.clock import shanghai
from app.domain.phrases import within
from app.services.changes import ChangeSet
from ui.background.lanes import Job

if TYPE_CHECKING:
    from app.services.changes import Written
    from app.services.fetching import Standing
    from ui.context import Context

NOT_IN_BACKUP = {
    False: "备份里也没有完好的这一份。登记信息还在，请向提供的人再要一份。",
    True: "备份里没有完好的这一份。登记信息还在，连上平台还会取，过一会儿再打开一次。",
}
"""By whether the platform is still asked for it."""


class Awaiting(QObject):
    """Has files of one case fetched, for a dialog or a page. One wish at a time; a new one ends the old.

    ``told(words)`` while they are on their way, ``came()`` when all are here, ``ended(words)`` when one of
    them will not come; ``may_heal`` says then whether a backup may still hold it, also while one waits
    for a platform that cannot be reached.
    """

    told = Signal(str)
    came = Signal()
    ended = Signal(str)

    def __init__(self, context: Context, case_id: str, parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._case_id = context, case_id
        self._hashes: tuple[str, ...] = ()
        self._last: tuple[Standing, ...] = ()
        self._job: Job | None = None
        self.may_heal = False
        self.destroyed.connect(context.hub.subscribe(frozenset({"attachments"}), self._changed))
        if context.sync is not None:
            context.sync.state.connect(self._line_changed)

    @property
    def waits(self) -> bool:
        """Whether anything is on its way."""
        return bool(self._hashes)

    def ask(self, hashes: Sequence[str]) -> None:
        """Have these files fetched."""
        self.forget()
        wanted = self._hashes = tuple(hashes)
        fetching, case_id = self._context.office.fetching, self._case_id
        self._job = self._context.operations.write(
            "从平台取文件",
            lambda _job: fetching.ask(case_id, wanted),
            lambda written: self._take(wanted, written.value),
            self._broke,
        )

    def give_up(self) -> None:
        """不等了: what has not come is not fetched either."""
        wanted = self._hashes
        self.forget()
        if wanted:
            fetching, case_id = self._context.office.fetching, self._case_id
            self._context.operations.write("不取了", lambda _job: fetching.give_up(case_id, wanted))

    def heal(self, sha256: str) -> None:
        """从备份找回: then ``came()``, or ``ended(words)`` when no backup holds it whole."""
        still_comes = self.waits
        self.forget()
        backups, fetching, case_id = (
            self._context.office.backups, self._context.office.fetching, self._case_id
        )  # fmt: skip

        def work(_job: Job) -> Written[bool]:
            written = backups.heal_file(case_id, sha256)
            if written.value:
                fetching.give_up(case_id, (sha256,))
            return written

        def healed(written: Written[bool]) -> None:
            self._job = None
            if written.value:
                self.came.emit()
            else:
                self.ended.emit(NOT_IN_BACKUP[still_comes])

        self._job = self._context.operations.write("从备份找回附件", work, healed, self._broke)

    def forget(self) -> None:
        """Follow nothing any more; what was asked for still comes."""
        self._hashes, self._last, self.may_heal = (), (), False
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def _changed(self, changes: ChangeSet) -> None:
        if self._hashes and (not changes.case_ids or self._case_id in changes.case_ids):
            self._look()

    def _look(self) -> None:
        wanted, case_id = self._hashes, self._case_id
        fetching = self._context.office.fetching
        self._context.operations.read(
            "看文件取来没有",
            lambda _job: fetching.standing(case_id, wanted),
            lambda found: self._take(wanted, found),
        )

    def _take(self, wanted: tuple[str, ...], found: tuple[Standing, ...]) -> None:
        if wanted != self._hashes:
            return
        self._last = found
        lost = next((s for s in found if s.state in ("failed", "lost", "not_sent")), None)
        if lost is not None:
            self.forget()
            self.may_heal = lost.state in ("lost", "failed")
            self.ended.emit(lost_words(lost))
        elif all(s.state == "here" for s in found):
            self.forget()
            self.came.emit()
        else:
            self._say()

    def _say(self) -> None:
        self.may_heal = not _online(self._context.sync) and any(_spoilt(s) for s in self._last)
        self.told.emit(waiting_words(self._last, self._context.sync))

    def _line_changed(self, _state: Any) -> None:
        if self._last:
            self._say()

    def _broke(self, error: BaseException) -> bool:
        from app.domain.errors import JiefenError

        self.forget()
        if not isinstance(error, JiefenError):
            return False
        self.ended.emit(error.message)
        return True


def waiting_words(found: Sequence[Standing], sync: Any) -> str:
    """What is being fetched, and when where it cannot be now."""
    missing = [f"“{s.title}”" for s in found if s.state != "here"]
    names = missing[0] if len(missing) == 1 else f" {len(missing)} 份文件：{'、'.join(missing)}"
    state = sync.last if sync is not None else None
    if _online(sync):
        return f"正在从平台取{names}…"
    if any(_spoilt(s) for s in found):
        gone = f"{names.strip()}在本机的文件不在了或有损坏，登记信息都在。"
        return f"{gone}{_when(state)}，取来会自己打开。"
    return f"{names.strip()}还不在本机，登记信息都在。{_when(state)}，取来会自己打开。"


def _online(sync: Any) -> bool:
    return sync is not None and sync.last is not None and sync.last.name in ("online", "syncing")


def _spoilt(standing: Standing) -> bool:
    return standing.spoilt and standing.state != "here"


def _when(state: Any) -> str:
    if state is None or state.name == "paused":
        return "连上平台就取"
    if state.name == "sign_in":
        return "登录平台以后就取"
    if state.name == "stopped":
        return "收发现在停着，到同步中心处理以后就取"
    if state.next_attempt_at is None:
        return "现在连不上平台，连上就取"
    return f"现在连不上平台，{shanghai(state.next_attempt_at):%H:%M} 再试，连上就取"


def lost_words(standing: Standing) -> str:
    """Why a file will not come."""
    name = f"“{standing.title}”"
    if standing.state == "not_sent":
        return f"{name}还没有取来：加它的那台电脑还没有把它发完。登记信息在，发完以后再打开一次。"
    if standing.state == "failed":
        return f"没有取到{name}：{within(standing.text)}。登记信息还在，过一会儿再打开一次。"
    return f"{name}的文件不在了或有损坏，平台上也还没有。登记信息还在，可以从备份找回。"
