"""The writing area of a record: one growing editor a turn, who speaks at the left, when at the right."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QResizeEvent,
    QTextBlockFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QTextEdit, QWidget

from app.clock import shanghai
from app.domain.casefile import Party
from app.domain.masking import present_name
from ui.pages.session_data import STEPS, Turn, Writing
from ui.theme.look import Look
from ui.widgets.base import Divider, IconLabel, Text, clear, column, identify, row
from ui.widgets.fitting import ElidedText
from ui.widgets.gutter import FittingArea
from ui.widgets.states import EmptyState

BEGIN = ("按 F2 选说话人，开始记", "换人按 F2 到 F6，会自动另起一行。每 5 秒存在本机一次。")


class TurnEdit(QTextEdit):
    """The words of one turn; as high as they need. ``emptied()`` on Backspace in an empty one."""

    emptied = Signal()
    entered = Signal()

    def __init__(self, look: Look, spoken: str, text: str, *, name: str) -> None:
        super().__init__()
        self.look = look
        identify(self, name, spoken)
        self.setAcceptRichText(False)
        self.setProperty("role", "editor")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setStyleSheet("QTextEdit { border: 0; padding: 0; background: transparent; }")
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabChangesFocus(True)
        self.document().setDocumentMargin(0)
        self.setPlainText(text)
        self.textChanged.connect(self.fit)
        look.follow(self, self.restyle)

    def restyle(self) -> None:
        """Line height at the present size."""
        self.setFont(self.look.font("editor"))
        blocked = self.blockSignals(True)
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        lines = QTextBlockFormat()
        fixed = QTextBlockFormat.LineHeightTypes.FixedHeight.value
        lines.setLineHeight(float(self.look.metrics.line_px("editor")), fixed)
        cursor.mergeBlockFormat(lines)
        self.blockSignals(blocked)
        self.fit()

    def fit(self) -> None:
        """Take the height of the words."""
        self.document().setTextWidth(self.viewport().width())
        line = self.look.metrics.line_px("editor")
        self.setFixedHeight(max(round(self.document().size().height()), line) + 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap anew."""
        super().resizeEvent(event)
        self.fit()

    def event(self, event: QEvent) -> bool:
        """A picture that is pasted belongs to the evidence: the page takes the key, not the text."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            held = QGuiApplication.clipboard().mimeData()
            if event.matches(QKeySequence.StandardKey.Paste) and (held.hasImage() or held.hasUrls()):
                event.ignore()
                return False
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """This is the turn being written."""
        super().focusInEvent(event)
        self.entered.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Backspace in an empty turn takes it away."""
        if event.key() == Qt.Key.Key_Backspace and not self.toPlainText():
            self.emptied.emit()
            return
        super().keyPressEvent(event)


class TurnList(FittingArea):
    """All turns. ``changed()`` when words changed; ``begun()`` on a click where nothing stands yet.

    In an empty record stands the line of the first person: what is typed before anybody was chosen is theirs,
    until F2 to F6 say otherwise. It is a turn from its first letter on; ``now`` gives the instant.
    """

    changed = Signal()
    begun = Signal()

    def __init__(self, look: Look, now: Callable[[], dt.datetime]) -> None:
        super().__init__()
        self.look, self._now = look, now
        identify(self, "session.turns")
        self._rows = column(spacing=8)
        inside = column(self._rows, None, spacing=0)
        inside.setContentsMargins(16, 14, 16, 14)
        holder = QWidget()
        holder.setProperty("kind", "scrolled")
        holder.setLayout(inside)
        self.setWidget(holder)
        self.empty = EmptyState(
            look, BEGIN[0], name="session.turns.empty", icon="pen-line", hint=BEGIN[1],
        )  # fmt: skip
        self.editors: list[TurnEdit] = []
        self.current = -1
        self._writing: Writing | None = None
        self._parties: tuple[Party, ...] = ()
        self._locked = False

    def load(self, writing: Writing, parties: Iterable[Party], *, locked: bool) -> None:
        """Show a record of a talk between ``parties``."""
        self._writing, self._parties, self._locked = writing, tuple(parties), locked
        self.current = len(writing.turns) - 1
        self._build()

    def _build(self) -> None:
        writing = self._writing
        if writing is None:
            return
        self.empty.setParent(self)
        clear(self._rows)
        self.editors = []
        step = 0
        for number, turn in enumerate(writing.turns):
            if turn.step != step:
                step = turn.step
                self._rows.addLayout(self._heading(step))
            self._rows.addWidget(self._row(number, turn))
        if not writing.turns and writing.present and not self._locked:
            self._rows.addLayout(self._heading(writing.step))
            self._rows.addWidget(self._row(0, self._first(writing)))
        self.empty.setVisible(not writing.turns)
        if self._locked:
            self.empty.set_texts("没有正在写的记录", "以前的记录在案件的“经过”里。")
        else:
            self.empty.set_texts(*BEGIN)
        if not writing.turns:
            self._rows.addWidget(self.empty)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Beside what is written: one goes on at its end, and where nothing is, one begins."""
        if event.button() != Qt.MouseButton.LeftButton or self._locked or self._writing is None:
            super().mousePressEvent(event)
        elif self._writing.turns:
            self.editors[-1].moveCursor(QTextCursor.MoveOperation.End)
            self.editors[-1].setFocus(Qt.FocusReason.MouseFocusReason)
        else:
            self.begun.emit()

    def _first(self, writing: Writing) -> Turn:
        """The line of an empty record."""
        return Turn(speaker=0, at=self._now(), step=writing.step)

    def _heading(self, step: int) -> QHBoxLayout:
        words = Text(f"第 {step} 步　{STEPS[step - 1][0]}", role="label", tone="textSecondary")
        line = row(words, Divider(), spacing=10)
        line.setStretch(1, 1)
        return line

    def _row(self, number: int, turn: Turn) -> QWidget:
        writing = self._writing
        who = present_name(writing.present[turn.speaker], self._parties) if writing else ""
        spoken = "无争议事实" if turn.undisputed else f"{who}说"
        editor = TurnEdit(
            self.look, f"{spoken}，第 {number + 1} 段", turn.text, name=f"session.turn.{number}"
        )
        editor.setReadOnly(self._locked)
        editor.textChanged.connect(self._typist(number))
        editor.entered.connect(self._enterer(number))
        editor.emptied.connect(self._remover(number))
        self.editors.append(editor)
        # Too long for its column it ends in an ellipsis, and the tool tip has it whole.
        name = ElidedText("" if turn.undisputed else who, role="bodyStrong")
        name.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        name.setFixedWidth(self.look.metrics.px(64))
        at = self._last_at = Text(f"{shanghai(turn.at):%H:%M}", role="caption", tone="textTertiary")
        middle: QWidget = editor
        if turn.undisputed:
            middle = QFrame()
            middle.setProperty("kind", "infobar")
            middle.setProperty("status", "ok")
            box = row(
                IconLabel(self.look, "circle-check", color="ok.fg"), Text("无争议事实：", tone="ok"), editor
            )
            box.setStretch(2, 1)
            box.setContentsMargins(12, 4, 8, 4)
            middle.setLayout(box)
        # A line of the editor is higher than its letters: name and time come down to the first line.
        px = self.look.metrics.px
        line = row(
            column(px(4), name, None, spacing=0), middle, column(px(6), at, None, spacing=0), spacing=12
        )
        line.setStretch(1, 1)
        holder = QWidget()
        holder.setLayout(line)
        return holder

    def speak(self, speaker: int, at: dt.datetime) -> None:
        """Somebody else speaks: an empty turn changes its speaker, otherwise a new one begins."""
        writing = self._writing
        if writing is None or self._locked or speaker >= len(writing.present):
            return
        last = writing.turns[-1] if writing.turns else None
        if last is not None and not last.text.strip() and not last.undisputed:
            last.speaker, last.at, last.step = speaker, at, writing.step
        else:
            writing.turns.append(Turn(speaker=speaker, at=at, step=writing.step))
        self._refocus(len(writing.turns) - 1)
        self.changed.emit()

    def mark_undisputed(self, at: dt.datetime) -> bool:
        """The selected sentence, or the whole turn, becomes an undisputed fact; false when there is none."""
        writing = self._writing
        if writing is None or not 0 <= self.current < len(writing.turns) or self._locked:
            return False
        editor, turn = self.editors[self.current], writing.turns[self.current]
        text = editor.textCursor().selectedText().replace("\u2029", "\n").strip() or turn.text.strip()
        if not text or turn.undisputed:
            return False
        fact = Turn(speaker=turn.speaker, at=at, text=text, step=turn.step, undisputed=True)
        writing.turns.insert(self.current + 1, fact)
        self._refocus(self.current)
        self.changed.emit()
        return True

    def insert(self, text: str) -> bool:
        """Put words where the cursor stands; false when nobody speaks yet."""
        if self._locked or not 0 <= self.current < len(self.editors):
            return False
        self.editors[self.current].insertPlainText(text)
        self.editors[self.current].setFocus()
        return True

    def enter_step(self) -> None:
        """Another step of the talk: an empty record begins in it."""
        if self._writing is not None and not self._writing.turns:
            self._build()

    def _refocus(self, number: int) -> None:
        self._build()
        self.current = number
        editor = self.editors[number]
        editor.setFocus(Qt.FocusReason.OtherFocusReason)
        editor.moveCursor(QTextCursor.MoveOperation.End)
        self.ensureWidgetVisible(editor)

    def _typist(self, number: int) -> Callable[[], None]:
        def typed() -> None:
            writing, text = self._writing, self.editors[number].toPlainText()
            if writing is not None and text and not writing.turns:
                writing.turns.append(begun := self._first(writing))
                self._last_at.setText(f"{shanghai(begun.at):%H:%M}")
                self.empty.hide()
            if writing is None or number >= len(writing.turns):
                return
            if text != writing.turns[number].text:
                writing.turns[number].text = text
                self.changed.emit()

        return typed

    def _enterer(self, number: int) -> Callable[[], None]:
        def entered() -> None:
            self.current = number

        return entered

    def _remover(self, number: int) -> Callable[[], None]:
        def emptied() -> None:
            writing = self._writing
            if writing is None or self._locked or number >= len(writing.turns):
                return
            del writing.turns[number]
            self._refocus(max(number - 1, 0))
            self.changed.emit()

        return emptied
