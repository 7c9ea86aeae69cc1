"""两处写法不同: what it was, what stands here, what stands there; the person chooses or writes anew.

A settled one shows the same way, to be looked up: both values stay.
"""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QWidget

from app.services.conflict_views import ConflictView, Version
from ui.dialogs.whole_text import WholeTextDialog
from ui.pages.sync_own import OwnValue
from ui.pages.sync_reveal import RevealBars
from ui.pages.sync_versions import VersionCard, differences_as_html, marked, when
from ui.theme.look import Look
from ui.widgets.base import IconLabel, Text, announce, bring_into_view, column, identify, row
from ui.widgets.buttons import LinkButton, PrimaryButton
from ui.widgets.states import InfoBar

FREE_TEXT = frozenset(
    {
        "title", "claims", "facts", "occurred_on", "occurred_place", "next_session_at", "next_session_place",
        "name", "occupation", "phone",
        "no_phone_reason", "email", "address", "service_address", "id_number", "legal_representative",
        "legal_representative_title", "contact_person", "amount_fen",
    }
)  # fmt: skip
"""Fields that can be written anew here; the others are chosen from lists and are changed in the case."""
MOVED = "平台上的刚刚又变了，这里是现在的，看过再选。"
KEEP = "没有选的那个也留着：在案件的“经过”里能看，也能换回来。"
KEEP_ACT = "没有选的那个也留着：在案件的“经过”里能看全文。"
TAKES = {"mine": "用本机写的", "theirs": "用平台上的", "edited": "用我写的"}


class TakeButton(PrimaryButton):
    """Shows Enter, which the part takes wherever the focus is in it; a shortcut would take it from others."""

    def show_key(self, keys: str) -> None:
        """Which key takes at present."""
        self._chip = keys
        self.updateGeometry()
        self.update()


class Foot(QWidget):
    """先放着 and the primary button, below what scrolls; keys that neither takes go to the part."""

    def __init__(self, part: ConflictPart) -> None:
        super().__init__()
        self._part = part
        self.setLayout(row(part.later, None, part.take))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Digits and Enter work from here too."""
        if not self._part.take_key(event):
            super().keyPressEvent(event)


class ConflictPart(QFrame):
    """The drawer's content.

    ``revealed(reason)`` asks for plain values, ``taken(choice, value)`` settles, ``put_off()`` leaves it,
    ``covered()`` when the time of showing is over, ``written(text)`` when a third value was typed.
    """

    revealed = Signal(str)
    taken = Signal(str, object)
    put_off = Signal()
    covered = Signal()
    written = Signal(str)

    def __init__(self, look: Look, today: Callable[[], dt.date] | None) -> None:
        """``today``: the legal day, where a third value can be written."""
        super().__init__()
        self.look = look
        self.view: ConflictView | None = None
        self._held = ("", "")
        """Which conflict was covered, and what was chosen in it."""
        self._whole: WholeTextDialog | None = None
        identify(self, "sync.conflict", "同一处有两个写法")
        self.setProperty("kind", "scrolled")
        self.about = Text("", role="label", tone="textSecondary", wrap=True)
        self.moved = InfoBar(look, "dueSoon", MOVED, name="sync.conflict.moved", icon="refresh-cw")
        self.moved.title.setWordWrap(True)
        self.moved.hide()
        self.bars = RevealBars(look, name="sync.conflict")
        self.base = Text("", role="label", tone="textSecondary", wrap=True)
        self.mine = VersionCard(look, 1, "本机写的", name="sync.conflict.mine")
        self.theirs = VersionCard(look, 2, "平台上的", name="sync.conflict.theirs")
        self.own = VersionCard(look, 3, "都不对，我来写", name="sync.conflict.edited")
        self.writing = OwnValue(look, today, name="sync.conflict")
        self.hint = Text("", role="label", tone="textSecondary", wrap=True)
        self.later = LinkButton(look, "先放着", name="sync.conflict.later")
        self.take = TakeButton(look, "用本机写的", name="sync.conflict.take", keys="")
        self.keep = Text(KEEP, role="label", tone="textSecondary", wrap=True)
        self._hint_line = self._said("lightbulb", self.hint)
        parts: tuple[QWidget, ...] = (
            self.about, self.moved, self.bars, self.base, self.mine, self.theirs, self.own, self.writing,
            self._hint_line,
        )  # fmt: skip
        self.setLayout(column(*parts, None, self._said("history", self.keep), spacing=10))
        self.foot = Foot(self)
        for card in self.cards.values():
            card.toggled.connect(self._chosen)
        self.mine.whole_asked.connect(lambda: self._show_whole("mine"))
        self.theirs.whole_asked.connect(lambda: self._show_whole("theirs"))
        self.writing.changed.connect(self._typed)
        self.take.clicked.connect(self.settle)
        self.later.clicked.connect(self.put_off)
        self.bars.too_early = self.take.too_early
        self.bars.asked.connect(self.revealed)
        self.bars.over.connect(self.cover_again)

    @property
    def cards(self) -> dict[str, VersionCard]:
        """The three choices."""
        return {"mine": self.mine, "theirs": self.theirs, "edited": self.own}

    @property
    def choice(self) -> str:
        """The chosen one; empty when none is."""
        return next((key for key, card in self.cards.items() if card.isChecked()), "")

    def _said(self, icon: str, words: Text) -> QWidget:
        line = QWidget()
        mark = column(IconLabel(self.look, icon, color="textSecondary", edge=16), None, spacing=0)
        inside = row(mark, words, spacing=8)
        inside.setStretch(1, 1)
        line.setLayout(inside)
        return line

    def show_view(self, view: ConflictView, draft: str = "") -> None:
        """Show one conflict; the values are masked unless they were revealed. ``draft``: the third value as
        far as it was typed before."""
        same = self.view is not None and self.view.conflict_id == view.conflict_id
        held = self.choice if same else ""
        if self._held[0] == view.conflict_id and not view.masked:
            held = held or self._held[1]
        self.writing.load(view.field, "" if view.masked else draft)
        self.view = view
        self.moved.hide()
        if not same:
            self.take.begin_anew()
        self.say_about(view)
        self._show_values(view)
        self._choose(self._first_choice(view, held, draft))
        self.bars.show_for(masked=view.masked)
        self.hint.setText(_hint(view))
        self._hint_line.setVisible(bool(self.hint.text()))
        self.keep.setText(KEEP_ACT if view.act else KEEP)
        self._chosen()
        self._focus()

    def say_about(self, view: ConflictView) -> None:
        """Case, field, and which of how many."""
        at, of = view.position
        self.about.setText(f"{view.case_title} · {view.what}" + (f"　{at} / {of}" if at else ""))

    def tell_moved_on(self) -> None:
        """What shows is another value than a moment ago: nothing is chosen of it yet."""
        self._choose("")
        self._chosen()
        self.moved.show()
        announce(self, MOVED)
        bring_into_view(self.moved)

    def _first_choice(self, view: ConflictView, held: str, draft: str) -> str:
        """What is chosen at first: in a decision nothing, and never what was chosen in another conflict."""
        if view.settled:
            return view.choice
        if view.masked:
            return ""
        if held:
            return held
        if draft:
            return "edited"
        return "mine" if view.editable else ""

    def _choose(self, key: str) -> None:
        for name, card in self.cards.items():
            # Of exclusive buttons one cannot be taken back otherwise.
            card.setAutoExclusive(False)
            card.setChecked(name == key)
            card.setAutoExclusive(True)

    def _show_values(self, view: ConflictView) -> None:
        ground = self.look.colors.resolve("dueSoon.bg")
        line = self.look.colors.resolve("dueSoon.fg")
        act = view.act
        was = "原来的案件状态" if view.field == "state" else "原来写的"
        self.base.setText(f"{was}：{view.base.text}" if act is None or view.field == "state" else "")
        self.base.setVisible(bool(self.base.text()))
        pairs = ((self.mine, view.mine, view.theirs), (self.theirs, view.theirs, view.mine))
        for card, one, other in pairs:
            side = "mine" if card is self.mine else "theirs"
            if act is not None:
                rich = differences_as_html(act.differences, side, ground, line)
                spoken = "；".join(f"{d.name}：{getattr(d, side)}" for d in act.differences)
                card.show_version(one, rich or _plain(one.text), spoken=spoken, whole=True)
            else:
                rich = _plain(one.text) if view.masked else marked(one.text, other.text, ground, line)
                card.show_version(one, rich)
        chosen, edited = view.chosen, view.settled and view.choice == "edited"
        self.own.setVisible(edited or (not view.settled and view.editable and view.field in FREE_TEXT))
        if edited and chosen is not None:
            self.own.show_version(chosen, _plain(chosen.text))
        else:
            self.own.show_version(Version("", "", ""), "")
        for name, choice in self.cards.items():
            impossible = name == "mine" and not view.mine_possible
            barred = impossible and not view.settled
            choice.set_available(not (view.settled or view.masked or impossible), grey=barred)
        if edited:
            self.own.retitle("另写的")

    @property
    def plain(self) -> bool:
        """Whether personal values stand here plainly."""
        return self.bars.left > 0 and self.view is not None and not self.view.masked

    def cover_again(self) -> None:
        """Cover the plain values before their time; what was written anew comes back with them."""
        view, choice = self.view, self.choice
        self.cover()
        if view is not None:
            self._held = (view.conflict_id, choice)
        announce(self, "已重新遮挡")
        self.covered.emit()

    def cover(self) -> None:
        """Forget what shows."""
        self.bars.stop()
        self.view, self._held = None, ("", "")
        self._close_whole()
        self.writing.load("", "")
        self.base.setText("")
        self._choose("")
        for card in self.cards.values():
            card.forget()

    def settle(self) -> None:
        """Take the chosen value."""
        view = self.view
        if view is None or view.masked or view.settled or not self.choice:
            return
        if self.choice != "edited":
            self.taken.emit(self.choice, None)
            return
        written = self.writing.value.strip()
        value = self.writing.parsed
        if not written or value is None:
            self.writing.field.show_problem(self.writing.not_read if written else "写上对的内容再选。")
            self.writing.field.take_focus()
            return
        self.taken.emit("edited", value)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The field to write in has taken its place: it shows."""
        super().resizeEvent(event)
        if self.writing.isVisible() and self.writing.editor.hasFocus():
            bring_into_view(self.writing)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Digits choose the reason, then the value; Enter takes."""
        if not self.take_key(event):
            super().keyPressEvent(event)

    def take_key(self, event: QKeyEvent) -> bool:
        """Whether the key was one of ours."""
        view, digit = self.view, event.text()
        if view is not None and digit in ("1", "2", "3", "4") and not event.modifiers():
            if view.masked:
                self.bars.ask(int(digit))
            elif digit != "4" and not view.settled:
                card = list(self.cards.values())[int(digit) - 1]
                if card.available and card.isVisible():
                    card.setChecked(True)
                    (self.writing.editor if card is self.own else card).setFocus(
                        Qt.FocusReason.TabFocusReason
                    )
            return True
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not self.take.too_early():
                self.settle()
            return True
        return False

    def _show_whole(self, side: str) -> None:
        view = self.view
        if view is None or view.act is None:
            return
        title = f"{'本机写的' if side == 'mine' else '平台上的'}：{view.what}"
        one: Version = getattr(view, side)
        notes = ["，".join(part for part in (one.author, when(one.at)) if part)]
        notes.append("姓名和号码已遮挡，要看原文先选显示的理由。" if view.masked else "")
        notes.append(view.note if side == "theirs" else "")
        note = "　".join(part for part in notes if part)
        self._close_whole()
        self._whole = WholeTextDialog(self.look, title, getattr(view.act, side), self.window(), note=note)
        self._whole.open()

    def _close_whole(self) -> None:
        if self._whole is not None:
            self._whole.done(0)
            self._whole.deleteLater()
            self._whole = None

    def _focus(self) -> None:
        view = self.view
        if view is not None and view.masked:
            first: QWidget | None = self.bars.first
        else:
            first = self.cards.get(self.choice) or next((c for c in self.cards.values() if c.available), None)
        if first is not None and self.isVisible():
            first.setFocus(Qt.FocusReason.TabFocusReason)

    def _chosen(self) -> None:
        several = self.choice == "edited" and self.writing.editor is self.writing.text
        self.take.show_key("Ctrl+Enter" if several else "Enter")
        self.take.relabel(TAKES.get(self.choice, "选好再用"))
        view = self.view
        masked, settled = view is None or view.masked, view is not None and view.settled
        writing = self.choice == "edited" and not masked and not settled and self.own.isVisibleTo(self)
        self.writing.setVisible(writing)
        if writing:
            bring_into_view(self.writing)
        elif self.choice:
            bring_into_view(self.cards[self.choice])
        self.take.set_unavailable("先选显示的理由" if masked else "" if self.choice else "先选一个")

    def _typed(self) -> None:
        if self.view is not None and not self.view.masked:
            self.written.emit(self.writing.value)


def _plain(text: str) -> str:
    return html.escape(text).replace("\n", "<br>")


def _hint(view: ConflictView) -> str:
    if view.settled:
        return view.note
    if view.field == "service_address":
        return "送达地址写错，法院文书可能送不到。拿不准，先打电话问当事人。"
    if view.editable:
        return ""
    if not view.mine_possible:
        return f"{view.why_not_mine}{view.signed_here}{view.note}"
    return (
        "这是一项决定，不能拼着写。选本机写的，会照案件现在的样子重新办一次、再发给平台；"
        f"拿不准，先和{view.theirs.author or '对方'}商量。{view.signed_here}{view.note}"
    )
