"""找过我们的人 in a form that begins a case: looked up on request, told where somebody is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from shiboken6 import isValid

from app.domain import casefile as cf
from ui.dialogs.past_party import MANY, PastPartyDialog
from ui.pages.party_fields import filled
from ui.widgets.base import announce
from ui.widgets.states import InfoBar

if TYPE_CHECKING:
    from app.services.office import Office
    from app.services.past_parties import PastParty, SameDispute
    from ui.pages.party_fields import PartyFields
    from ui.pages.working import WorkingPage

_FIND, _KNOWN, _TAKE, _SAME = "找过我们的人", "看是不是来过", "带入来过的人的资料", "看是不是在办"

SAME = "这两方有案件在办"


class PastFinder(QObject):
    """Leads from a form's parties to who was here before, and back with their particulars.

    :attr:`same_bar` tells of a case of the same two that runs; the page gives it its place.
    """

    def __init__(self, page: WorkingPage, parts: Callable[[], Iterable[PartyFields]]) -> None:
        """``parts`` are the forms as they stand now."""
        super().__init__(page)
        self._page, self._parts = page, parts
        self.dialog: PastPartyDialog | None = None
        self.same_bar = InfoBar(
            page.look, "dueToday", SAME, " ", name=f"{page.key}.same", icon="info", action="去看"
        )
        self.same_bar.hide()
        self._same = ""
        self.same_bar.acted.connect(lambda: page.navigate.emit("case", {"case_id": self._same}))

    def follow(self, part: PartyFields) -> None:
        """Answer what this party's form asks."""
        part.past_asked.connect(lambda: self.ask(part))
        part.left.connect(lambda: QTimer.singleShot(0, self, lambda: self._left(part)))
        part.known_taken.connect(lambda found: self._take(part, found))

    def ask(self, part: PartyFields) -> None:
        """Open the search, with the name that stands there already."""
        self.dialog = PastPartyDialog(
            self._page.look, self._find, self._page.window(), start=part.name.plain()
        )
        self.dialog.taken.connect(lambda found: self._take(part, found))
        self.dialog.finished.connect(self.dialog.deleteLater)
        self.dialog.open()

    def _find(self, text: str, show: Callable[[Sequence[PastParty]], None]) -> None:
        dialog = self.dialog

        def came(found: tuple[PastParty, ...]) -> None:
            if dialog is not None and isValid(dialog):
                show(found)

        self._page.fetch(_FIND, lambda office: office.past_parties.find(text, MANY), came)

    def _left(self, part: PartyFields) -> None:
        """A line was written to its end, by somebody who goes on with the form and does not close it."""
        if isValid(part) and part.isVisible():
            self.look_whether_known(part)
            self.look_for_the_same()

    def look_whether_known(self, part: PartyFields) -> None:
        """Tell under the name when somebody is surely known, by document or by name and telephone."""
        party = part.party()
        if not (party.id_number or (party.phone and party.name)):
            part.show_known(None)
            return

        def came(found: PastParty | None) -> None:
            if isValid(part) and part.party() == party:
                already = found is not None and (found.case_id, found.party_id) == part.taken
                part.show_known(None if already else found)

        self._page.fetch(f"{_KNOWN} {part.party_id}", lambda office: office.past_parties.known(party), came)

    def look_for_the_same(self) -> None:
        """Tell of an open case of the same two: what is registered may be that one already."""
        parties = tuple(part.party() for part in self._parts())

        def came(found: Sequence[SameDispute]) -> None:
            if tuple(part.party() for part in self._parts()) == parties:
                self.show_same(found)

        self._page.fetch(_SAME, lambda office: office.past_parties.open_between(parties), came)

    def show_same(self, found: Sequence[SameDispute]) -> None:
        """Show the newest of them, and how many more there are."""
        self.same_bar.setVisible(bool(found))
        if not found:
            return
        self._same = found[0].case_id
        more = f"，另有 {len(found) - 1} 件" if len(found) > 1 else ""
        self.same_bar.set_texts(
            SAME,
            f"“{found[0].title}”还没有办完{more}。是同一件事就在那里接着办，不用再登记；不是就接着填。",
        )
        announce(self.same_bar, f"{self.same_bar.title.text()}。{self.same_bar.text.text()}")

    def _take(self, part: PartyFields, found: PastParty) -> None:
        """Fill the form; what stood there before can be had back."""

        def work(office: Office) -> cf.Party:
            return office.past_parties.take(found.case_id, found.party_id)

        def done(party: cf.Party) -> None:
            if not isValid(part):
                return
            before = part.as_draft()
            part.load(filled(before, party))
            part.taken = (found.case_id, found.party_id)
            part.changed.emit()
            self.look_for_the_same()
            self._page.offered.emit(
                f"已带入{found.name}的资料，请当面核对电话和住址。", lambda: self._put_back(part, before)
            )

        self._page.save(_TAKE, work, done, undo=False, of=part.party_id)

    def _put_back(self, part: PartyFields, before: dict[str, str]) -> None:
        if isValid(part):
            part.load(before)
            part.changed.emit()
