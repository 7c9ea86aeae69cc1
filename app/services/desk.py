"""What every service works with, built once after unlocking and passed by constructor."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.clock import Clock, legal_day
from app.domain import roles
from app.domain.errors import NotPermittedError
from app.domain.ids import InOrder
from app.domain.rules import InstitutionRules
from app.domain.workdays import Calendar
from app.storage.outbox import Author

if TYPE_CHECKING:
    from app.domain.casefile import Case
    from app.services.rulebook import RuleBook
    from app.storage.engine import Store
    from app.storage.unlocked import UnlockedKeys
    from app.storage.vault import Vault

_IDS = InOrder()
UNDO_WINDOW = dt.timedelta(seconds=10)
"""How long a written command waits before it may be sent, so that it can be undone."""


@dataclass(frozen=True)
class Person:
    """A member of the institution's staff who uses the product."""

    person_id: str
    name: str
    role: str
    login: str = ""
    active: bool = True
    """Not so once they left the institution: known by name, given nothing any more."""


@dataclass(frozen=True)
class Institution:
    """本机构 as the platform shows it."""

    institution_id: str
    name: str
    kind: str
    district: str
    township: str = ""
    uscc: str = ""
    address: str = ""
    phone: str = ""
    supervising_unit: str = ""
    status: str = "active"
    """active, suspended (暂停接收) or closed."""
    status_reason: str = ""
    status_since: str = ""
    """Since when it stands so, where the platform says: an ISO instant, UTC."""
    number_pattern: str = "（{年}）{简称}民调字第{序:4}号"
    short_name: str = ""


@dataclass(frozen=True)
class Desk:
    """One person's unlocked workplace."""

    store: Store
    vault: Vault
    keys: UnlockedKeys
    clock: Clock
    calendar: Calendar
    rules: InstitutionRules
    institution: Institution
    person: Person
    people: Mapping[str, Person]
    device_id: str
    practice: bool = False
    undo_window: dt.timedelta = UNDO_WINDOW
    new_id: Callable[[], str] = field(default=lambda: "")
    slot_id: str = ""
    """Whose slots in the key file opened this desk; not the roster's id."""
    hide: Callable[[Iterable[str]], None] = lambda _words: None
    """Told the personal words of each case in hand, so that the log strikes them out."""
    unkept: dict[tuple[str, str], bytes] = field(default_factory=dict)
    """Drafts that the disk did not take, by form and subject: only here until it does
    (sealed while nobody is signed in)."""
    rule_book: RuleBook | None = None
    """Every version of the rules; ``rules`` is the one in force now."""

    def today(self) -> dt.date:
        """The legal day, in Shanghai."""
        return legal_day(self.clock.now())

    def rules_for(self, head: Case) -> InstitutionRules:
        """The rules a case's deadlines are counted by: those in force when it was received."""
        return self.rule_book.for_case(head) if self.rule_book is not None else self.rules

    def author(self) -> Author:
        """The author that commands written now are bound to."""
        return Author(
            person_id=self.person.person_id,
            device_id=self.device_id,
            sign=self.keys.sign,
            new_id=self.make_id,
        )

    def make_id(self) -> str:
        """A fresh identifier in order of time."""
        return self.new_id() or _IDS.make(self.clock.now())

    def require(self, operation: str) -> None:
        """Raise :class:`NotPermittedError` when the person's role does not allow ``operation``.

        Roles come from the platform's roster: before this computer is registered nobody has one.
        """
        if not self.registered and not self.person.role and not roles.may("", operation):
            raise NotPermittedError(
                "这台电脑还没有登记到平台，登记以后才能办案。已写的内容都在。请联网，到同步中心按“登记本机”。",
                code="E-UNREGISTERED",
            )
        roles.require(self.person.role, operation)

    @property
    def registered(self) -> bool:
        """Whether the platform knows this computer."""
        return bool(self.institution.institution_id)

    @property
    def sees_no_cases(self) -> bool:
        """Whether the person's role sees no cases (统计员).

        Before this computer is registered nobody has a role, and there is no case: the pages show empty.
        """
        return (self.registered or bool(self.person.role)) and not roles.may(self.person.role, "case.view")

    def require_cases(self) -> None:
        """Raise :class:`NotPermittedError` for a person whose role sees no cases."""
        if self.sees_no_cases:
            self.require("case.view")

    def name_of(self, person_id: str) -> str:
        """Name of a colleague; the platform and unknown ids in words."""
        person = self.people.get(person_id)
        if person is not None:
            return person.name
        return "平台" if person_id == "platform" else "其他人员"
