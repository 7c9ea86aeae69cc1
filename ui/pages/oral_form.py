"""The five things of 口头协议登记: who, which kind, about what, what was agreed, until when."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QBoxLayout, QWidget

from app.domain import clauses
from app.domain.agreement import NO_ORAL, party_letter
from app.domain.errors import FieldError
from app.domain.taxonomy import dispute_kinds
from app.services.oral import OralEntry
from ui.pages.intake_kind import KindChooser
from ui.pages.oral_party import OralParty
from ui.pages.oral_steps import NoPaper, PhraseLinks, StepPart
from ui.pages.oral_term import TermChoice
from ui.theme.look import Look
from ui.widgets.base import Text, column, row
from ui.widgets.buttons import LinkButton
from ui.widgets.dates import Today
from ui.widgets.fields import AutoSaveText, FormField

MOST = 10
"""Parties at most; more are a 群体案."""


class OralForm(QWidget):
    """``touched()`` on each edit; ``party_made(part)`` for each party's form; ``taken_out(letter, before)``
    with all parties as they stood before.

    :attr:`no_paper` belongs to the form and stands at the foot of the page.
    """

    touched = Signal()
    party_made = Signal(object)
    taken_out = Signal(str, object)

    def __init__(self, look: Look, today: Today, same_bar: QWidget) -> None:
        """``same_bar`` stands below the parties where it has something to tell."""
        super().__init__()
        self.look, self._today, self._loading, self._narrow = look, today, True, False
        self.setProperty("kind", "scrolled")
        self.people: list[OralParty] = []
        self.add_party_button = LinkButton(look, "再加一方", name="oral.party.add", icon="user-plus")
        self._people = row(spacing=12)
        people = QWidget()
        people.setLayout(column(self._people, same_bar, spacing=8))
        self.kind = KindChooser(look, name="oral")
        self.facts = AutoSaveText(
            look, "为了什么事", name="oral.facts", placeholder="一两句，什么时候、什么事、争什么"
        )
        self.agreed = AutoSaveText(
            look, "怎么说好的", name="oral.agreed", placeholder="谁做什么、付多少；一行一条"
        )
        self.term = TermChoice(look, today, self.who)
        self.fields = {
            "facts": FormField("", self.facts),
            "agreed": FormField("", self.agreed),
        }
        self.phrases = PhraseLinks(look, clauses.spoken())
        self.phrases.chosen.connect(self._phrase)
        self.usual = Text("", role="label", tone="textSecondary")
        self.steps = {
            "parties": StepPart(look, 1, "谁和谁", people, self.add_party_button),
            "dispute_kind": StepPart(look, 2, "什么纠纷", self.kind, self.kind.all_kinds, note=self.usual),
            "facts": StepPart(look, 3, "为了什么事", self.fields["facts"]),
            "agreed": StepPart(look, 4, "怎么说好的", self.fields["agreed"], self.phrases),
            "term": StepPart(look, 5, "什么时候做完", self.term),
        }
        self.no_paper = NoPaper(look)
        self.last = column(spacing=0)
        """Below the five; in a narrow window the tick stands here."""
        inside = column(*self.steps.values(), self.last, None, spacing=14)
        inside.setContentsMargins(18, 14, 18, 12)
        self.setLayout(inside)
        self.add_party_button.clicked.connect(self._one_more)
        self.kind.chosen.connect(lambda _code: self._kind_chosen())
        self.term.changed.connect(self._changed)
        self.no_paper.box.toggled.connect(self._changed)
        for text in (self.facts, self.agreed):
            text.textChanged.connect(self._changed)
        look.follow(self, self._fit)

    def _fit(self) -> None:
        for box in (self.facts, self.agreed):
            box.setFixedHeight(self.look.metrics.px(64))
        ways = QBoxLayout.Direction
        beside = not self._narrow and self.look.metrics.scale <= 1 and len(self.people) <= 2
        self._people.setDirection(ways.LeftToRight if beside else ways.TopToBottom)

    def set_narrow(self, narrow: bool) -> None:
        """In a narrow window the parties stand one above the other."""
        self._narrow = narrow
        self._fit()

    def order(self, codes: Sequence[str]) -> None:
        """The usual kinds of dispute first."""
        self.kind.set_order(codes)
        self.usual.setText("按本机构近三个月常用排列")

    def _changed(self, _value: object = None) -> None:
        if not self._loading:
            self.touched.emit()

    # -- what stands -----------------------------------------------------------------------------

    def entry(self) -> OralEntry:
        """What stands in the form."""
        return OralEntry(
            dispute_kind=self.kind.value,
            parties=tuple(one.party() for one in self.people),
            facts=self.facts.toPlainText(),
            agreed=self.agreed.toPlainText(),
            term=self.term.term(),
            no_paper_wanted=self.no_paper.box.isChecked(),
        )

    def as_draft(self) -> dict[str, Any]:
        """What stands here, understood or not."""
        return {
            "parties": [one.as_draft() for one in self.people],
            "dispute_kind": self.kind.value,
            "facts": self.facts.toPlainText(),
            "agreed": self.agreed.toPlainText(),
            "term": self.term.as_draft(),
            "no_paper": self.no_paper.box.isChecked(),
        }

    def load(self, body: Mapping[str, Any]) -> None:
        """Take up a draft; an empty one clears the form."""
        self._loading = True
        self.show_parties(body.get("parties") or [{}, {}])
        self.kind.choose(body.get("dispute_kind", ""))
        self.facts.load(body.get("facts", ""))
        self.agreed.load(body.get("agreed", ""))
        self.term.load(body.get("term", {}))
        self.no_paper.choose(on=bool(body.get("no_paper")))
        for one in self.fields.values():
            one.show_problem("")
        self._loading = False

    def show_done(self) -> int:
        """Tick what is written; how many of the five that is."""
        entry = self.entry()
        done = {
            "parties": bool(self.people) and all(one.complete for one in self.people),
            "dispute_kind": bool(entry.dispute_kind),
            "facts": bool(entry.facts.strip()),
            "agreed": bool(entry.agreed.strip()),
            "term": entry.term.given and not self.term.unread(),
        }
        for key, step in self.steps.items():
            step.set_done(done[key])
        return sum(done.values())

    def cover(self) -> None:
        """Cover what is not being written."""
        for one in self.people:
            one.cover()

    def ready(self, problems: Sequence[FieldError], *, spoken: bool = True) -> bool:
        """Whether nothing lacks; else each lack is said at its place and the first is led to.

        ``spoken=False`` where what is typed for a term need not be understood.
        """
        found = {e.field: e.message for e in problems}
        if spoken and (unread := self.term.unread()):
            found["term"] = unread
        leads = [*self._lead_to_parties(found)]
        for key, show, lead in (
            ("dispute_kind", self.kind.show_problem, self.kind.take_focus),
            ("facts", self.fields["facts"].show_problem, self.fields["facts"].take_focus),
            ("agreed", self.fields["agreed"].show_problem, self.fields["agreed"].take_focus),
            ("term", self.term.show_problem, self.term.take_focus),
            ("no_paper_wanted", self.no_paper.show_problem, self.no_paper.take_focus),
        ):
            show(found.get(key, ""))
            if key in found:
                leads.append(lead)
        if "title" in found:
            self.fields["facts"].show_problem(found["title"])
            leads.append(self.fields["facts"].take_focus)
        if leads:
            leads[0]()
        return not leads

    def _lead_to_parties(self, found: Mapping[str, str]) -> Iterator[Callable[[], None]]:
        for one in self.people:
            for key, field in one.fields.items():
                shown = one.fields["no_phone_reason"] if key == "phone" and not one.has_phone else field
                field.show_problem("")
                if words := found.get(f"{one.party_id}.{key}"):
                    one.unfold(unfolded=True)
                    shown.show_problem(words)
                    yield shown.take_focus

    # -- parties ---------------------------------------------------------------------------------

    def _one_more(self) -> None:
        self._add_party({})
        self.people[-1].take_focus()
        self._changed()

    def _add_party(self, values: Mapping[str, str]) -> None:
        one = OralParty(self.look, len(self.people), self._today)
        one.load(values)
        one.changed.connect(self._changed)
        one.removed.connect(lambda: self._take_out(one))
        self.party_made.emit(one)
        self.people.append(one)
        self._people.addWidget(one, 1)
        self._number_parties()

    def _take_out(self, gone: OralParty) -> None:
        """A party taken out again, with what was typed of it offered back."""
        before = [one.as_draft() for one in self.people]
        at = self.people.index(gone)
        self.show_parties([body for n, body in enumerate(before) if n != at])
        self.taken_out.emit(gone.letter, before)

    def show_parties(self, bodies: Sequence[Mapping[str, str]]) -> None:
        """The parties as drafts, in their order; those that stood here go."""
        for one in self.people:
            self._people.removeWidget(one)
            one.hide()
            one.deleteLater()
        self.people = []
        for body in bodies:
            self._add_party(body)
        self._changed()

    def _number_parties(self) -> None:
        self.add_party_button.set_unavailable("" if len(self.people) < MOST else "十方以上的，请登记成群体案")
        self._fit()
        self.term.renew_parties()

    def who(self) -> list[tuple[str, str]]:
        """The parties by id, as payments call them."""
        return [(one.party_id, _called(n, one)) for n, one in enumerate(self.people)]

    def _kind_chosen(self) -> None:
        kind = dispute_kinds()[self.kind.value]
        basis = NO_ORAL.get(kind.law_kind)
        if basis:
            self.kind.show_problem(
                f"{kind.label}要写协议书（{basis}）。点右上角“改用书面协议”，写的都带过去。"
            )
        self._changed()

    def _phrase(self, text: str) -> None:
        """A usual sentence at the end, on a line of its own; its blank is marked to be written over."""
        written = self.agreed.toPlainText().rstrip()
        self.agreed.setPlainText(f"{written}\n{text}" if written else text)
        cursor = self.agreed.textCursor()
        blank = self.agreed.toPlainText().rfind(clauses.BLANK)
        if clauses.BLANK in text and blank >= 0:
            cursor.setPosition(blank)
            cursor.setPosition(
                self.agreed.toPlainText().index("〕", blank) + 1, QTextCursor.MoveMode.KeepAnchor
            )
        else:
            cursor.movePosition(QTextCursor.MoveOperation.End)
        self.agreed.setTextCursor(cursor)
        self.agreed.setFocus(Qt.FocusReason.OtherFocusReason)


def _called(number: int, one: OralParty) -> str:
    name = one.party().name
    return f"{party_letter(number)} {one.masked_name}" if name else party_letter(number)
