"""What is read of two values beside their cards: a decision's whole text, and a word of advice."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtWidgets import QBoxLayout, QScrollArea, QWidget

from app.domain.commands import APPOINTMENT
from app.services.conflict_views import ConflictView, Version
from ui.dialogs.whole_text import WholeTextDialog
from ui.pages.sync_versions import when
from ui.theme.look import Look
from ui.widgets.base import IconLabel, Text, column, row

AIR = 8
"""Left above what is scrolled to."""


def from_its_top(part: QWidget) -> None:
    """Scroll until ``part`` shows, once it has taken its place: from its top where not all of it has room."""

    def show() -> None:
        around = part.parentWidget()
        while around is not None and not isinstance(around, QScrollArea):
            around = around.parentWidget()
        inside = around.widget() if around is not None else None
        if around is None or inside is None or not part.isVisible():
            return
        if part.height() + 2 * AIR > around.viewport().height():
            around.verticalScrollBar().setValue(part.mapTo(inside, QPoint(0, 0)).y() - AIR)
        else:
            around.ensureWidgetVisible(part, 0, AIR)

    QTimer.singleShot(0, part, show)


class WholeTexts:
    """看全文 over ``parent``; one at a time."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        self._look, self._parent = look, parent
        self._open: WholeTextDialog | None = None

    def show(self, view: ConflictView | None, side: str) -> None:
        """The decision of ``side`` (mine or theirs), whole."""
        if view is None or view.act is None:
            return
        title = f"{'本机写的' if side == 'mine' else '平台上的'}：{view.what}"
        one: Version = getattr(view, side)
        notes = ["，".join(part for part in (one.author, when(one.at)) if part)]
        notes.append("姓名和号码已遮挡，要看原文先选显示的理由。" if view.masked else "")
        notes.append(view.note if side == "theirs" else "")
        note = "　".join(part for part in notes if part)
        self.close()
        self._open = WholeTextDialog(
            self._look, title, getattr(view.act, side), self._parent.window(), note=note
        )
        self._open.open()

    def close(self) -> None:
        """What showed plainly does no longer."""
        if self._open is not None:
            self._open.done(0)
            self._open.deleteLater()
            self._open = None


def said(look: Look, icon: str, words: Text) -> QWidget:
    """``words`` beside a small mark at their top."""
    line = QWidget()
    mark = column(IconLabel(look, icon, color="textSecondary", edge=16), None, spacing=0)
    inside = row(mark, words, spacing=8)
    inside.setStretch(1, 1)
    line.setLayout(inside)
    return line


def stand(line: QWidget, beside: QWidget, *, above: bool) -> None:
    """Put ``line`` right above or below ``beside``, in the upright layout that holds both."""
    around = line.parentWidget()
    inside = around.layout() if around is not None else None
    if isinstance(inside, QBoxLayout):
        inside.removeWidget(line)
        inside.insertWidget(inside.indexOf(beside) + (not above), line)


def barred(view: ConflictView) -> bool:
    """Whether ours cannot be chosen any more: why stands in sight, above it."""
    return not (view.mine_possible or view.settled)


def hint_of(view: ConflictView) -> str:
    """What to think of before choosing; empty for most fields."""
    if view.settled:
        return view.note
    if view.field == "service_address" and not view.taken_back:
        return "送达地址写错，法院文书可能送不到。拿不准，先打电话问当事人。"
    if view.editable:
        return ""
    if not view.mine_possible:
        return f"{view.why_not_mine}{view.at_stake}{view.note}"
    if view.field in APPOINTMENT:
        return (
            "时间和地点是一起约的，一起选。两个都不合适，先选一个，再到案件里改约时间；"
            f"拿不准，先和{view.theirs.author or '对方'}商量。"
        )
    return (
        "这是一项决定，不能拼着写。选本机写的，会照案件现在的样子重新办一次、再发给平台；"
        f"拿不准，先和{view.theirs.author or '对方'}商量。{view.at_stake}{view.note}"
    )
