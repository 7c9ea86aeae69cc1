"""A settled 两处写法不同, to be looked up and changed back: both values, who wrote them, which was taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ui.dialogs.base import Dialog
from ui.pages.sync_conflict import ConflictPart
from ui.pages.sync_versions import when
from ui.theme import tokens
from ui.theme.look import Look
from ui.widgets.base import Text, column, identify, row
from ui.widgets.buttons import Button, PrimaryButton

if TYPE_CHECKING:
    from app.services.conflict_views import ConflictView
    from ui.pages.working import WorkingPage

CHOSEN = {"mine": "本机写的", "theirs": "平台上的", "edited": "另写的"}
SAID = "已换好，10 秒后发送。"


class SettledDialog(Dialog):
    """One settled conflict. ``revealed(reason)``, ``covered()`` and ``swapped(side)``: 换成这一个."""

    swapped = Signal(str)

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModal(True)
        self.setWindowTitle("两处写法")
        self.setMinimumWidth(look.metrics.px(tokens.size("dialogWidth", "medium")))
        identify(self, "settled.dialog", "两处写法")
        self.part = ConflictPart(look)
        self.part.foot.setParent(self)
        self.part.foot.hide()
        self.said = Text("", role="label", tone="textSecondary", wrap=True)
        self.now = Text("", wrap=True)
        self.mine = Button(look, "换成本机写的", name="settled.take.mine")
        self.theirs = Button(look, "换成平台上的", name="settled.take.theirs")
        self.close_button = PrimaryButton(look, "关上", name="settled.close", show_keys=False)
        body = column(self.part, self.now, spacing=10)
        foot = row(self.mine, self.theirs, None, self.close_button, spacing=10)
        self.arrange(column(Text("同一处的两个写法", role="section"), self.said, spacing=2), body, foot)
        self.close_button.clicked.connect(self.accept)
        self.mine.clicked.connect(lambda: self.swapped.emit("mine"))
        self.theirs.clicked.connect(lambda: self.swapped.emit("theirs"))

    def show_view(self, view: ConflictView) -> None:
        """Show it; masked until a reason was given."""
        self.part.show_view(view)
        chosen = view.chosen
        parts = (chosen.author, when(chosen.at), f"选了{CHOSEN[view.choice]}") if chosen else ()
        self.said.setText("，".join(part for part in parts if part) + "。")
        self.now.setText(f"现在写的：{view.now}")
        self.now.setVisible(bool(view.now))
        for side, button in (("mine", self.mine), ("theirs", self.theirs)):
            button.setVisible(side in view.may_take)
            button.set_unavailable("先选显示的理由，看清再换" if view.masked else "")

    def done(self, result: int) -> None:
        """Hold nothing of what showed."""
        self.part.cover()
        self.now.setText("")
        super().done(result)


class SettledConflicts:
    """Opens settled conflicts over a page."""

    def __init__(self, page: WorkingPage) -> None:
        self._page = page
        self.dialog: SettledDialog | None = None

    def open(self, conflict_id: str) -> None:
        """Read one and show it."""
        self._page.fetch("看两处写法", lambda office: office.resolving.conflict(conflict_id), self._shown)

    def cover(self) -> None:
        """Cover what shows plainly."""
        if self.dialog is not None and self.dialog.part.plain:
            self.dialog.part.cover_again()

    def _shown(self, view: ConflictView) -> None:
        if self.dialog is None:
            self.dialog = self._make(view.conflict_id)
            self.dialog.show_view(view)
            self.dialog.open()
        else:
            self.dialog.show_view(view)

    def _make(self, conflict_id: str) -> SettledDialog:
        dialog = SettledDialog(self._page.look, self._page.window())
        dialog.part.revealed.connect(lambda reason: self._reveal(conflict_id, reason))
        dialog.part.covered.connect(lambda: self.open(conflict_id))
        dialog.swapped.connect(lambda side: self._swap(conflict_id, side))
        dialog.finished.connect(self._closed)
        return dialog

    def _closed(self, _result: int) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None

    def _reveal(self, conflict_id: str, reason: str) -> None:
        def done(plain: ConflictView) -> None:
            if self.dialog is not None:
                self.dialog.part.bars.begin()
                self.dialog.show_view(plain)

        self._page.save(
            "显示两处原文",
            lambda office: office.resolving.conflict(conflict_id, reveal_reason=reason),
            done,
            again=True,
        )

    def _swap(self, conflict_id: str, side: str) -> None:
        def done(_written: object) -> None:
            if self.dialog is not None:
                self.dialog.accept()

        self._page.save(
            "换回来",
            lambda office: office.resolving.take_other(conflict_id, side),  # type: ignore[arg-type]
            done,
            said=SAID,
            of=conflict_id,
        )
