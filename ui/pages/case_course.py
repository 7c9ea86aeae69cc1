"""The tab 经过: the axis in its card, 只看重要的, 记一笔 kept as a draft while it is written."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.pages.case_data import CaseData
from ui.theme.look import Look
from ui.widgets.base import Divider, column, row
from ui.widgets.buttons import Button
from ui.widgets.cards import Card
from ui.widgets.fields import AutoSaveText, FormField
from ui.widgets.states import EmptyState
from ui.widgets.timeline import Timeline


class NoteText(AutoSaveText):
    """The note. ``given()`` on Ctrl+Enter, which belongs to the words being written, not to the page."""

    given = Signal()

    def event(self, event: QEvent) -> bool:
        """Before the page's primary button takes the key."""
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and _finishes(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Record; while an input method composes, the key is its own."""
        if _finishes(event) and not self.composing:
            self.given.emit()
        else:
            super().keyPressEvent(event)


def _finishes(event: QKeyEvent) -> bool:
    control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
    return control and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class CourseTab(QWidget):
    """``opened(key)`` for an entry, ``note_given()`` when a note is to be kept, ``note_typed()``."""

    opened = Signal(str)
    note_given = Signal()
    note_typed = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        self._data: CaseData | None = None
        self.filter_button = Button(
            look, "只看重要的", name="case.course.filter", icon="funnel", compact=True
        )
        self.filter_button.setCheckable(True)
        self.note_button = Button(look, "记一笔", name="case.course.note", icon="plus", compact=True)
        self._shown = ""
        """The case whose course stands in the list."""
        self.card = Card("经过", "最近的在上面", self.filter_button, self.note_button, flush=True)
        self.timeline = Timeline(look, "经过，最近的在上面", name="case.course.list")
        self.note = NoteText(
            look, "记一笔", name="case.course.note.text", placeholder="写一句，如 物业答应周五前回话"
        )
        self.note_field = FormField("记一笔", self.note, hint="Ctrl Enter 记下")
        self.keep_button = Button(look, "记下", name="case.course.note.keep", compact=True)
        self.drop_button = Button(look, "先不记", name="case.course.note.drop", compact=True)
        self.note_area = QWidget()
        inside = column(self.note_field, row(None, self.drop_button, self.keep_button), spacing=8)
        inside.setContentsMargins(16, 10, 16, 10)
        self.note_area.setLayout(column(inside, Divider(), spacing=0))
        # The course below takes the height that is left, not the space round one line.
        self.note_area.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.note_area.hide()
        self.empty = EmptyState(look, "还没有经过。", name="case.course.empty", icon="list")
        self.empty.hide()
        self.card.add(self.note_area)
        spaced = column(self.timeline, spacing=0)
        spaced.setContentsMargins(0, 12, 0, 0)
        self.card.add(spaced)
        self.card.add(self.empty)
        self.setLayout(column(self.card, spacing=0))
        self.filter_button.toggled.connect(self._fill)
        self.note_button.clicked.connect(self.begin_note)
        self.keep_button.clicked.connect(self.note_given)
        self.note.given.connect(self.note_given)
        self.drop_button.clicked.connect(self.end_note)
        self.note.textChanged.connect(self.note_typed)
        self.timeline.opened.connect(self.opened)
        look.follow(self, self.restyle)

    def restyle(self) -> None:
        """Height of the note at the present size."""
        self.note.setFixedHeight(self.look.metrics.px(84))

    def show_case(self, data: CaseData, *, may_note: bool) -> None:
        """Show the course; the current entry stays current."""
        self._data = data
        self.note_button.setVisible(may_note)
        self._fill()

    def begin_note(self) -> None:
        """Open the line for a note."""
        self.note_area.show()
        self.note.setFocus()

    def end_note(self) -> None:
        """Fold it away; what was typed stays in it."""
        self.note_field.show_problem("")
        self.note_area.hide()
        self.note_button.setFocus()

    def _fill(self) -> None:
        data = self._data
        if data is None:
            return
        important = self.filter_button.isChecked()
        entries = [e for e in data.course.entries if not important or e.key in data.course.important]
        held, bar = self.timeline.currentIndex(), self.timeline.verticalScrollBar()
        # Whoever was at the top sees what came in above; another case begins there.
        top = bar.value() == bar.minimum() or data.view.head.case_id != self._shown
        key = self.timeline.model().entries[held.row()].key if held.isValid() else ""  # type: ignore[attr-defined]
        self._shown = data.view.head.case_id
        self.timeline.set_entries(entries)
        for number, entry in enumerate(entries):
            if entry.key == key:
                self.timeline.setCurrentIndex(self.timeline.model().index(number, 0))
        if top:
            self.timeline.scrollToTop()
        self.timeline.setVisible(bool(entries))
        self.empty.setVisible(not entries)
