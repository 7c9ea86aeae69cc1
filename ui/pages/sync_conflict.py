"""两处写法不同: what it was, what stands here, what stands there; the person chooses or writes anew.

A settled one shows the same way, to be looked up: both values stay.
"""

from __future__ import annotations

import html
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QWidget

from app.services.conflict_views import ConflictView, Version
from ui.pages.sync_marks import marked
from ui.pages.sync_own import FREE_TEXT, Held, OwnValue
from ui.pages.sync_reading import WholeTexts, barred, from_its_top, hint_of, said, stand
from ui.pages.sync_reveal import RevealBars
from ui.pages.sync_take import BY_BOTH, Foot, MovedBar, TakeButton
from ui.pages.sync_versions import VersionCard, differences_as_html, differences_spoken
from ui.theme.look import Look
from ui.widgets.base import Text, announce, bring_into_view, column, identify
from ui.widgets.buttons import LinkButton
from ui.widgets.states import InfoBar

BEGUN = "您在这一处写过一半，按 3 接着写"
KEEP = "没选的也留着：在案件的“经过”里能看，也能换回来。"
KEEP_ACT = "没选的也留着：在案件的“经过”里能看全文。"
KEEP_DECISION = "没选的也留着：在案件的“经过”里能看。"
KEEP_GONE = "没送出的都收起以后，案件不再显示，没选的也看不到了。要用的先抄下。"
TAKES = {"mine": "用本机写的", "theirs": "用平台上的", "edited": "用我写的"}


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

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        self.view: ConflictView | None = None
        self._held = Held()
        self._offers = False  # Whether what was begun here is offered, not chosen.
        self._whole = WholeTexts(look, self)
        identify(self, "sync.conflict", "同一处有两个写法")
        self.setProperty("kind", "scrolled")
        self.about = Text("", role="label", tone="textSecondary", wrap=True)
        self.moved = MovedBar(look, name="sync.conflict.moved")
        self.begun = InfoBar(look, "dueSoon", BEGUN, name="sync.conflict.begun", icon="pencil")
        self.begun.title.setWordWrap(True)
        self.begun.hide()
        self.bars = RevealBars(look, name="sync.conflict")
        self.base = Text("", role="label", tone="textSecondary", wrap=True)
        self.mine = VersionCard(look, 1, "本机写的", name="sync.conflict.mine")
        self.theirs = VersionCard(look, 2, "平台上的", name="sync.conflict.theirs")
        self.own = VersionCard(look, 3, "都不对，我来写", name="sync.conflict.edited")
        self.writing = OwnValue(look, name="sync.conflict")
        self.hint = Text("", role="label", tone="textSecondary", wrap=True)
        self.later = LinkButton(look, "先放着", name="sync.conflict.later")
        self.take = TakeButton(look, "用本机写的", name="sync.conflict.take", keys="")
        self.keep = Text(KEEP, role="label", tone="textSecondary", wrap=True)
        self._hint_line = said(look, "lightbulb", self.hint)
        parts: tuple[QWidget, ...] = (
            self.about, self.moved, self.bars, self.begun, self.base, self.mine, self.theirs, self.own,
            self.writing, self._hint_line,
        )  # fmt: skip
        self.setLayout(column(*parts, None, said(look, "history", self.keep), spacing=10))
        self.foot = Foot(self.later, self.take, self.take_key)
        for card in self.cards.values():
            card.toggled.connect(self._chosen)
            card.toggled.connect(self._show_chosen)
            card.too_early = self.take.too_early
        self.mine.whole_asked.connect(lambda: self._whole.show(self.view, "mine"))
        self.theirs.whole_asked.connect(lambda: self._whole.show(self.view, "theirs"))
        self.writing.changed.connect(self._typed)
        self.writing.left.connect(self._left_writing)
        self.take.clicked.connect(self.settle)
        self.later.clicked.connect(self.put_off)
        self.bars.too_early = self.take.too_early
        self.bars.asked.connect(self.revealed)
        self.bars.over.connect(self._time_over)

    @property
    def cards(self) -> dict[str, VersionCard]:
        """The three choices."""
        return {"mine": self.mine, "theirs": self.theirs, "edited": self.own}

    @property
    def choice(self) -> str:
        """The chosen one; empty when none is."""
        return next((key for key, card in self.cards.items() if card.isChecked()), "")

    def show_view(
        self, view: ConflictView, draft: str = "", *, onward: bool = False, undone: bool = False
    ) -> None:
        """Show one conflict; the values are masked unless they were revealed.

        ``draft``: the third value as far as it was typed before. Coming ``onward`` from another conflict it
        is only offered: nobody has asked for it, or may remember it. ``undone``: it was chosen a moment ago.
        """
        same = self.view is not None and self.view.conflict_id == view.conflict_id
        choice = self.choice if same else ""
        uncovered = same and self.view is not None and self.view.masked and not view.masked
        held = Held()
        if self._held.conflict_id == view.conflict_id and not view.masked:
            held, self._held = self._held, Held()
        self.writing.load(view.field, "" if view.masked else draft, held.caret)
        if not same:
            self.moved.hide()
            self.take.begin_anew()
        self._show_around(view)
        self._offers = onward and bool(draft) and not view.masked and not view.settled
        self._choose(self._first_choice(view, choice or held.choice, draft))
        self._chosen()
        # Digits choose, also after an undo or a reason, unless the cursor was in the text.
        self._focus(write=held.caret is not None or not (uncovered or undone))
        # From the top, where it says which case and which of how many; a text that is gone on with shows.
        self._into_sight(self.about)

    def renew_around(self, view: ConflictView) -> None:
        """Something else stands here than a moment ago, while a third value is being written.

        Everything goes by it but the person's own text: that keeps the keyboard and every letter.
        """
        if view.masked:
            self.bars.stop()
        self._whole.close()
        self.take.begin_anew()
        self._show_around(view)
        self._chosen()

    def _show_around(self, view: ConflictView) -> None:
        self.view = view
        self.say_about(view)
        self._show_values(view)
        plain = view.editable and not view.masked
        self.writing.offer(*((view.mine.text, view.theirs.text) if plain else ("", "")))
        self.bars.show_for(masked=view.masked)
        self.hint.setText(hint_of(view))
        self._hint_line.setVisible(bool(self.hint.text()))
        stand(self._hint_line, self.mine if barred(view) else self.writing, above=barred(view))
        kept = (KEEP_ACT if view.act else KEEP_DECISION) if view.decision else KEEP
        self.keep.setText(KEEP_GONE if view.taken_back else kept)

    def say_about(self, view: ConflictView) -> None:
        """Case, field, and which of how many."""
        at, of = view.position
        self.about.setText(f"{view.case_title} · {view.what}" + (f"　{at} / {of}" if at else ""))

    def keeps_writing(self, view: ConflictView) -> bool:
        """Whether a third value of this conflict is being written, which nothing may take the keyboard from.

        Where ``view`` is masked the text shows only as long as the cursor is in it (界面设计 10).
        """
        if self.view is None or self.view.conflict_id != view.conflict_id or not self._writes:
            return False
        return self.writing.has_cursor or (not view.masked and bool(self.writing.value))

    def tell_moved_on(self, *, kept: bool) -> None:
        """What shows is another value than a moment ago: nothing is chosen of it yet.

        ``kept``: a third value is in hand; of that nothing is undone, and it is told beside it.
        """
        if self.view is None:
            return
        if not kept:
            self._choose("")
            self._chosen()
        self.moved.move_before(self.writing if kept else self.bars)
        self.moved.tell(self.view, writing=kept)
        bring_into_view(self.moved, *((self.writing,) if kept else ()))

    def tell_settled(self) -> None:
        """Somebody chose while a third value was written: it stands here to be copied, settling nothing."""
        if self.view is None:
            return
        self.view = replace(self.view, settled=True)
        self.moved.move_before(self.writing)
        self.moved.tell_settled()
        for card in self.cards.values():
            card.set_available(False)
        self.take.set_unavailable("这一处已经选定了")
        bring_into_view(self.moved, self.writing)

    @property
    def _writes(self) -> bool:
        return self.choice == "edited" and self.writing.isVisible()

    def _first_choice(self, view: ConflictView, held: str, draft: str) -> str:
        """What is chosen at first: in a decision nothing, and never what was chosen in another conflict."""
        if view.settled:
            return view.choice
        if view.masked:
            return ""
        if held:
            return held
        if draft:
            return "" if self._offers else "edited"
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
                spoken = differences_spoken(act.differences, side)
                card.show_version(one, rich or _plain(one.text), spoken=spoken, whole=True)
            else:
                same = _plain(one.text)
                card.show_version(one, same if view.masked else marked(one.text, other.text, ground, line))
        chosen, edited = view.chosen, view.settled and view.choice == "edited"
        self.own.setVisible(edited or (not view.settled and view.editable and view.field in FREE_TEXT))
        if edited and chosen is not None:
            self.own.show_version(chosen, _plain(chosen.text))
        else:
            self.own.show_version(Version("", "", ""), "")
        for name, choice in self.cards.items():
            grey = name == "mine" and barred(view)
            choice.set_available(not (view.settled or view.masked or grey), grey=grey)
        if edited:
            self.own.retitle("另写的")

    @property
    def plain(self) -> bool:
        """Whether personal values stand here plainly."""
        return self.bars.left > 0 and self.view is not None and not self.view.masked

    def cover_again(self) -> None:
        """Cover the plain values before their time; what was written anew comes back with them."""
        held = self.held
        self.cover()
        self._held = held
        self._say_covered()

    @property
    def held(self) -> Held:
        """Where the person is in this conflict."""
        if self.view is None or self._held.conflict_id == self.view.conflict_id:
            return self._held
        return Held(self.view.conflict_id, self.choice, self.writing.caret)

    def go_back_to(self, held: Held) -> None:
        """What is shown next is taken up where the person was in it; masked, once it shows plainly."""
        self._held = held

    def _time_over(self) -> None:
        """The five minutes are over; a text in hand is not taken away in the middle of a word."""
        if self.view is not None and self._writes and self.writing.has_cursor:
            self.bars.stop()
            self._whole.close()
            none = Version("", "", "")
            self.view = replace(self.view, masked=True, base=none, mine=none, theirs=none)
            self._forget_values()
            self._say_covered()
        else:
            self.cover_again()

    def _left_writing(self) -> None:
        """The cursor has left what was written beside masked values: it comes back with the reason."""
        view = self.view
        if view is not None and view.masked and self._writes:
            self._held = self.held
            self.writing.cover()

    def _say_covered(self) -> None:
        announce(self, "已重新遮挡")
        self.covered.emit()

    def _forget_values(self) -> None:
        self.base.setText("")
        self.writing.offer("", "")
        for card in self.cards.values():
            card.forget()

    def cover(self) -> None:
        """Forget what shows."""
        self.bars.stop()
        self.view, self._held = None, Held()
        self._whole.close()
        self.moved.hide()
        self.writing.load("", "")
        self._choose("")
        self._forget_values()

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
            self.writing.go_on()
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
            if self.take.too_early():
                # Meant for what stood here a moment ago, such as the text that was being typed.
                return True
            if view.masked:
                self.bars.ask(int(digit))
            elif digit != "4" and not view.settled:
                card = list(self.cards.values())[int(digit) - 1]
                if card.available and card.isVisible():
                    card.setChecked(True)
                    if card is self.own:
                        self.writing.go_on()
                    else:
                        card.setFocus(Qt.FocusReason.TabFocusReason)
            return True
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.choice == "edited" and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                self.writing.remind(BY_BOTH)
            elif not self.take.too_early():
                self.settle()
            return True
        return False

    def _focus(self, *, write: bool) -> None:
        view = self.view
        if write and self._writes and self.isVisible():
            self.writing.go_on()
            return
        if view is not None and view.masked:
            first: QWidget | None = self.bars.first
        else:
            first = self.cards.get(self.choice) or next((c for c in self.cards.values() if c.available), None)
        if first is not None and self.isVisible():
            first.setFocus(Qt.FocusReason.TabFocusReason)

    def _chosen(self) -> None:
        self.take.show_key("Ctrl+Enter" if self.choice == "edited" else "Enter")
        self.begun.setVisible(self._offers and self.choice != "edited")
        self.take.relabel(TAKES.get(self.choice, "选好再用"))
        view = self.view
        masked, settled = view is None or view.masked, view is not None and view.settled
        may_write = self.choice == "edited" and not settled and self.own.isVisibleTo(self)
        writing = may_write and (not masked or self.writing.has_cursor)
        self.writing.setVisible(writing)
        self.take.set_unavailable("先选显示的理由" if masked else "" if self.choice else "先选一个")

    def _show_chosen(self, on: bool) -> None:
        if on:
            self._into_sight(self.cards[self.choice])

    def _into_sight(self, part: QWidget) -> None:
        show, what = (bring_into_view, self.writing) if self._writes else (from_its_top, part)
        show(what)

    def _typed(self) -> None:
        if self.view is not None and not self.view.settled:
            self.written.emit(self.writing.value)


def _plain(text: str) -> str:
    return html.escape(text).replace("\n", "<br>")
