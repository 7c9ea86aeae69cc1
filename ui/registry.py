"""The pages there are, and who sees them in the navigation. Imported one by one, when they are built."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.domain import roles
from ui.frame.nav_items import NAV_ITEMS, PRACTICE_ITEM, NavItem

if TYPE_CHECKING:
    from ui.context import Context
    from ui.pages.base import Page


@dataclass(frozen=True)
class Entry:
    """A page by key and class; its module has the key's name.

    ``operation`` is what a role must be allowed to see it.
    """

    key: str
    name: str
    operation: str = "case.view"
    practice_only: bool = False
    before_enrolment: bool = False
    """Whether it shows while this computer is not registered yet and the person has no role."""


ENTRIES = (
    Entry("today", "TodayPage", before_enrolment=True),
    Entry("inbox", "InboxPage"),
    Entry("decide", "DecidePage"),
    Entry("cases", "CasesPage"),
    Entry("case", "CasePage"),
    Entry("handover", "HandoverPage", "case.hand_over"),
    Entry("session", "SessionPage"),
    Entry("intake", "IntakePage", "case.register"),
    Entry("oral", "OralPage", "agreement.finalise"),
    Entry("agreements", "AgreementsPage"),
    Entry("followup", "FollowupPage", "follow_up.record"),
    Entry("agreement_editor", "AgreementEditorPage"),
    Entry("effective", "EffectivePage"),
    Entry("confirmation", "ConfirmationPage"),
    Entry("exit", "ExitPage"),
    Entry("sync", "SyncPage", "sync.run", before_enrolment=True),
    Entry("exchange", "ExchangePage", "sync.run"),
    Entry("settings", "SettingsPage", "settings.own", before_enrolment=True),
    Entry("practice", "PracticePage", "settings.own", practice_only=True),
)
KEYS = frozenset(entry.key for entry in ENTRIES)
"""Every page that this version has, whoever may see it."""


def pages_for(context: Context) -> Iterator[tuple[str, Callable[[], Page]]]:
    """The pages that the person may see, by key, with what builds each."""
    practising = context.practice is not None
    for entry in ENTRIES:
        if entry.practice_only and not practising:
            continue
        role = context.desk.person.role
        if not (roles.may(role, entry.operation) if role else entry.before_enrolment):
            continue
        yield entry.key, functools.partial(_build, entry, context)


def _build(entry: Entry, context: Context) -> Page:
    module = importlib.import_module(f"ui.pages.{entry.key}")
    page: Page = getattr(module, entry.name)(context)
    return page


def nav_items(practice: bool) -> tuple[NavItem, ...]:
    """The navigation of this version: what is not built does not stand in it."""
    items: list[NavItem] = []
    gap = False
    for item in NAV_ITEMS:
        gap = gap or item.gap
        if item.key in KEYS:
            items.append(replace(item, gap=gap))
            gap = False
    if practice:
        items.insert(len(items) - 1, PRACTICE_ITEM)
    return tuple(items)
