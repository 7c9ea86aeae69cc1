"""The window stays for what is being typed and could not be kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from ui.dialogs.confirm import Confirmation, confirm
from ui.theme.look import Look

if TYPE_CHECKING:
    from app.services.drafts import Drafts
    from app.services.office import Office
    from ui.background.lanes import Job
    from ui.background.operations import Operations

AGAIN_MS = 5_000


class UnkeptDrafts(QObject):
    """Drafts that the disk did not take: tried again every 5 s until it does.

    While nobody is signed in they wait in memory, sealed to the key of whoever typed them. ``kept(saved_at)``
    once none is left.
    """

    kept = Signal(str)

    def __init__(self, operations: Operations, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._operations = operations
        self._drafts: Drafts | None = None
        self._sealed: dict[str, tuple[int, bytes]] = {}
        """By the slot of who typed them: how many forms, and the sealed words."""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(AGAIN_MS)
        self._timer.timeout.connect(self._try_again)

    @property
    def count(self) -> int:
        """How many forms hold words that are not kept, of everybody."""
        held = self._drafts.unkept if self._drafts is not None else 0
        return held + sum(forms for forms, _words in self._sealed.values())

    def follow(self, office: Office) -> None:
        """The profile is open: what its person typed before is there again."""
        self._drafts = office.drafts
        if (known := self._sealed.pop(office.desk.slot_id, None)) is not None:
            self._drafts.take_up(known[1])
            self.wait()

    def put_away(self, slot_id: str) -> None:
        """The keys are about to go: seal what is not kept."""
        drafts, self._drafts = self._drafts, None
        self._timer.stop()
        if drafts is not None and drafts.unkept:
            self._sealed[slot_id] = drafts.unkept, drafts.seal_unkept()

    def wait(self) -> None:
        """A draft was not taken: try again soon."""
        self._timer.start()

    def _try_again(self) -> None:
        drafts = self._drafts
        if drafts is None or not drafts.unkept:
            return

        def work(_job: Job) -> str:
            return drafts.keep_unkept()

        def failed(_error: BaseException) -> bool:
            self.wait()
            return True

        self._operations.write("存草稿", work, self._took, failed)

    def _took(self, saved_at: str) -> None:
        if saved_at:
            self.kept.emit(saved_at)


class UnkeptGuard:
    """Asks before the window closes over words that the disk did not take.

    ``count`` says how many forms that concerns. Asked and answered once, it lets the window go.
    """

    def __init__(self, look: Look, window: QWidget, count: Callable[[], int]) -> None:
        self._look, self._window, self._count = look, window, count
        self._given_up = False

    def holds_back(self) -> bool:
        """Whether the window must not close yet; the person is asked then."""
        unkept = 0 if self._given_up else self._count()
        if unkept:
            asked = Confirmation(
                title=f"还有 {unkept} 处写的字没有存住",
                effects=("本机磁盘没有收下，程序每 5 秒再试一次。",),
                lasting="现在关上，这些字就没有了。腾出一些空间，等页面上的红条收起再关。",
                action="不要了，关上",
                back="先不关",
                icon="hard-drive",
                status="overdue",
            )
            confirm(self._look, self._window, asked, self._give_up, name="closing.unkept")
        return bool(unkept)

    def _give_up(self) -> None:
        self._given_up = True
        self._window.close()
