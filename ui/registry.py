"""The pages there are, and who sees them in the navigation. Imported one by one after unlocking."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.domain import roles
from ui.frame.nav import NAV_ITEMS, PRACTICE_ITEM, NavItem

if TYPE_CHECKING:
    from ui.context import Context
    from ui.pages.base import Page


@dataclass(frozen=True)
class Entry:
    """A page by module and class. ``operation`` is what a role must be allowed to see it."""

    module: str
    name: str
    operation: str = "case.view"
    practice_only: bool = False


ENTRIES = (
    Entry("ui.pages.today", "TodayPage"),
    Entry("ui.pages.inbox", "InboxPage"),
    Entry("ui.pages.decide", "DecidePage"),
    Entry("ui.pages.cases", "CasesPage"),
    Entry("ui.pages.case", "CasePage"),
    Entry("ui.pages.session", "SessionPage"),
    Entry("ui.pages.intake", "IntakePage", "case.register"),
    Entry("ui.pages.agreements", "AgreementsPage"),
    Entry("ui.pages.agreement_editor", "AgreementEditorPage"),
    Entry("ui.pages.effective", "EffectivePage"),
    Entry("ui.pages.confirmation", "ConfirmationPage"),
    Entry("ui.pages.exit", "ExitPage"),
    Entry("ui.pages.sync", "SyncPage", "sync.run"),
    Entry("ui.pages.settings", "SettingsPage", "settings.own"),
    Entry("ui.pages.practice", "PracticePage", "settings.own", practice_only=True),
)
BUILT = frozenset({"today", "inbox", "cases", "agreements", "sync"})
"""Pages of the navigation that this version has."""


def pages_for(context: Context) -> Iterator[Page]:
    """The pages that the person may see, built one at a time."""
    practising = context.practice is not None
    for entry in ENTRIES:
        if entry.practice_only and not practising:
            continue
        if not roles.may(context.desk.person.role, entry.operation):
            continue
        module = importlib.import_module(entry.module)
        page: Page = getattr(module, entry.name)(context)
        yield page


def nav_items(practice: bool) -> tuple[NavItem, ...]:
    """The navigation of this version: what is not built does not stand in it."""
    items = [item for item in NAV_ITEMS if item.key in BUILT]
    if practice:
        items.insert(len(items) - 1, PRACTICE_ITEM)
    return tuple(items)
