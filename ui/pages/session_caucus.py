"""单独谈（保密） beside the record: its own place, its own rows, folded away whenever one leaves it.

The other side may be looking at the screen: nothing of it shows in the common talk but that there was one.
What is typed is sealed to the author's key every few seconds; it never goes through the drafts, which
colleagues' keys open.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QWidget

from app.clock import from_text, shanghai
from app.domain import roles
from app.services.caucus import CaucusNote
from app.services.changes import Written
from ui.theme.look import Look
from ui.widgets.base import IconLabel, Text, announce, clear, column, identify, row
from ui.widgets.buttons import Button, FlatButton, LinkButton
from ui.widgets.fields import AutoSaveText
from ui.widgets.gutter import FittingArea

if TYPE_CHECKING:
    from app.services.office import Office
    from ui.pages.working import WorkingPage

RULES = "只有您本人能看；不进正式记录，不打印，不发平台，也搜不到。"
LOST = "它用您本人的钥匙加密：口令和恢复码都丢了，就找不回来。移交案件时不移交。"


def when_words(note: CaucusNote) -> str:
    """11月23日 14:20."""
    local = shanghai(from_text(note.written_at))
    return f"{local.month}月{local.day}日 {local:%H:%M}"


class CaucusBar(QFrame):
    """One note: that it is there, and after 展开 what it says. ``asked(note_id)`` to open or fold."""

    asked = Signal(str)

    def __init__(self, look: Look, note: CaucusNote, *, opened: bool, name: str) -> None:
        super().__init__()
        self.setProperty("kind", "infobar")
        self.setProperty("status", "waiting")
        identify(self, name, f"单独谈，{when_words(note)}，{'已展开' if opened else '内容已收起'}")
        said = f"{when_words(note)} 写的" + ("" if opened else "，内容已收起")
        self.link = LinkButton(look, "收起" if opened else "展开", name=f"{name}.toggle", about="单独谈")
        self.link.clicked.connect(lambda: self.asked.emit(note.note_id))
        lock = IconLabel(look, "lock", color="waiting.fg", edge=16)
        word = Text("单独谈", role="label", tone="waiting")
        head = row(lock, word, Text(said), None, self.link, spacing=8)
        body = column(head, spacing=4)
        if opened:
            body.addWidget(Text(note.text, wrap=True))
        body.setContentsMargins(14, 8, 12, 8)
        self.setLayout(body)


class CaucusPane(QWidget):
    """The separate talk: one's own notes of the case, folded, and the note being written.

    ``typed(text)`` every few seconds, ``done()`` when the person is through.
    """

    typed = Signal(str)
    done = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        identify(self, "session.caucus", "单独谈（保密）")
        self._rows = column(spacing=8)
        self.editor = AutoSaveText(
            look,
            "单独谈，写下来",
            name="session.caucus.text",
            placeholder="写下和一方单独谈的内容",
            large=True,
        )
        self.editor.save_due.connect(self.typed)
        self.saved = Text("", role="label", tone="textSecondary")
        self.done_button = Button(look, "收起，回到一起谈", name="session.caucus.done", icon="lock")
        self.done_button.clicked.connect(self.done)
        lock = column(IconLabel(look, "lock", color="waiting.fg"), None, spacing=0)
        words = column(
            Text(RULES, role="bodyStrong", tone="waiting", wrap=True),
            Text(LOST, role="label", tone="waiting", wrap=True),
            spacing=2,
        )
        head = row(lock, words, spacing=10)
        head.setStretch(1, 1)
        warning = QFrame()
        warning.setProperty("kind", "infobar")
        warning.setProperty("status", "waiting")
        head.setContentsMargins(14, 10, 12, 10)
        warning.setLayout(head)
        inside = QWidget()
        inside.setProperty("kind", "scrolled")
        foot = row(self.saved, None, self.done_button)
        whole = column(warning, self._rows, self.editor, foot, None, spacing=10)
        whole.setContentsMargins(16, 14, 16, 14)
        inside.setLayout(whole)
        area = FittingArea()
        area.setWidget(inside)
        self.setLayout(column(area))
        self._notes: tuple[CaucusNote, ...] = ()
        self._opened = ""
        look.follow(self, self._fit)

    def _fit(self) -> None:
        self.editor.setMinimumHeight(self.look.metrics.px(150))

    def show_notes(self, notes: Sequence[CaucusNote]) -> None:
        """The notes there are, all folded."""
        self._notes, self._opened = tuple(notes), ""
        self._draw()

    def fold(self) -> None:
        """Nothing of the notes shows."""
        self._opened = ""
        self._draw()

    def toggle(self, note_id: str) -> None:
        """展开 one note, or fold it."""
        self._opened = "" if self._opened == note_id else note_id
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        """Another window came to the front: the screen may be somebody else's now."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self._opened and not self.isActiveWindow():
            self.fold()

    def _draw(self) -> None:
        clear(self._rows)
        for number, note in enumerate(self._notes):
            bar = CaucusBar(
                self.look, note, opened=note.note_id == self._opened, name=f"session.caucus.note{number}"
            )
            bar.asked.connect(self.toggle)
            self._rows.addWidget(bar)


class SessionCaucus:
    """Keeps the separate talk of the page: the two tabs, what is typed, when it is folded away.

    ``shown(separate)`` has the page show the pane or the common talk.
    """

    def __init__(self, page: WorkingPage, shown: Callable[[bool], None]) -> None:
        self._page, self._shown = page, shown
        look = page.look
        self.together = FlatButton(look, "一起谈", name="session.talk.together", icon="messages-square")
        self.apart = FlatButton(look, "单独谈（保密）", name="session.talk.apart", icon="lock")
        self.pane = CaucusPane(look)
        self._case_id, self._sitting = "", 0
        self.offered = False
        self._waiting: dict[int, tuple[str, str]] = {}
        """By sitting: case and words that are not sealed yet."""
        self._notes: dict[int, str] = {}
        """By sitting: the note that its words went into."""
        self._writing = False
        for button in (self.together, self.apart):
            button.setCheckable(True)
        self.together.setChecked(True)
        self.together.clicked.connect(self.come_back)
        self.apart.clicked.connect(self.go_apart)
        self.pane.done.connect(self.come_back)
        self.pane.typed.connect(self._keep)

    def show_case(self, case_id: str, *, writable: bool) -> None:
        """Another case: nothing of the one before stays."""
        role = self._page.office.desk.person.role
        self.offered = writable and role is not None and roles.may(role, "caucus.write")
        for button in (self.together, self.apart):
            button.setVisible(self.offered)
        if case_id != self._case_id:
            self.come_back()
            self._case_id = case_id

    @property
    def separate(self) -> bool:
        """Whether the separate talk is in front."""
        return self.apart.isChecked()

    def go_apart(self) -> None:
        """单独谈: read one's own notes, folded, and have the cursor in an empty one."""
        self.together.setChecked(False)
        self.apart.setChecked(True)
        case_id = self._case_id
        self._page.fetch("看单独谈", lambda office: office.caucus.list(case_id), self.pane.show_notes)
        self._write()
        self._shown(True)
        self.pane.editor.setFocus(Qt.FocusReason.OtherFocusReason)
        announce(self.pane, "单独谈，只有您本人能看")

    def come_back(self) -> None:
        """Fold everything away; what was typed is sealed. The next talk is a note of its own."""
        self.pane.editor.flush()
        self._page.drop("看单独谈")
        self._sitting += 1
        self.pane.editor.load("")
        self.pane.show_notes(())
        self.pane.saved.setText("")
        self.apart.setChecked(False)
        self.together.setChecked(True)
        self._shown(False)

    def _keep(self, text: str) -> None:
        if text.strip():
            self._waiting[self._sitting] = (self._case_id, text)
            self._write()

    def _write(self) -> None:
        """One write at a time, each into the case where it was typed; what came meanwhile follows."""
        if self._writing or not self._waiting:
            return
        sitting = next(iter(self._waiting))
        case_id, text = self._waiting.pop(sitting)
        note_id = self._notes.get(sitting, "")
        self._writing = True

        def work(office: Office) -> str:
            if note_id:
                office.caucus.rewrite(note_id, text)
                return note_id
            written: Written[str] = office.caucus.write(case_id, text)
            return written.value

        def done(kept: str) -> None:
            self._writing = False
            self._notes[sitting] = kept
            if sitting == self._sitting:
                self.pane.saved.setText("已加密存在本机")
            self._write()

        def failed(_error: BaseException) -> bool:
            # Kept for the next stroke or the next look at the talk; the failure itself is told.
            self._writing = False
            self._waiting.setdefault(sitting, (case_id, text))
            return False

        office = self._page.office
        self._page.context.operations.write("存单独谈", lambda _job: work(office), done, failed)
