"""The window stays for what is being typed and could not be kept."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from ui.dialogs.confirm import Confirmation, confirm
from ui.theme.look import Look


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
                lasting="现在关上，这些字就没有了。腾出一些空间，等页脚写“已存在本机”再关。",
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
