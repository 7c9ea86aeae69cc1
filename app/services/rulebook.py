"""The institution's rules, version by version, and the holiday years it loaded.

A changed rule makes a new version of the whole set. A case keeps the version that was in force when
the institution received it (改规则只管新算的期限), so that a printed deadline never moves by itself.
Holiday years are facts, not choices: a year once loaded counts for every case.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects.sqlite import insert

from app.clock import to_text
from app.domain.casefile import Case, Doc
from app.domain.rules import InstitutionRules, default_rules
from app.domain.workdays import Calendar
from app.services.holidays import HolidayYear, calendar_of, years_of
from app.storage.tables import catalogues
from app.storage.tables import settings as table

INSTITUTION = "institution"
_RULES = "rules"
_HOLIDAYS = "holidays"
_PLATFORMS = select(catalogues.c.body).where(catalogues.c.name == "holidays")
_SETTING = select(table.c.value).where(
    table.c.scope == bindparam("of_scope"), table.c.key == bindparam("of_key")
)
"""Built once: building a statement costs more than running it."""


class RuleVersion(Doc, frozen=True, kw_only=True):
    """One version of all rules. ``since``: cases received from then on follow it."""

    rules: InstitutionRules
    since: dt.datetime
    changed: str = ""
    """Name of the rule that this version changed; empty for the one that shipped."""
    by: str = ""


@dataclass(frozen=True)
class RuleBook:
    """All versions, oldest first; the first is the one that shipped and has no beginning."""

    versions: tuple[RuleVersion, ...]

    @property
    def current(self) -> InstitutionRules:
        """The version for cases received now."""
        return self.versions[-1].rules

    def at(self, instant: dt.datetime) -> InstitutionRules:
        """The version in force at ``instant``."""
        found = self.versions[0].rules
        for version in self.versions[1:]:
            if version.since <= instant:
                found = version.rules
        return found

    def for_case(self, head: Case) -> InstitutionRules:
        """The version that the deadlines of a case are counted by."""
        return self.at(head.received_at)


def book_of(versions: Sequence[RuleVersion] = ()) -> RuleBook:
    """The shipped rules, then ``versions``."""
    shipped = RuleVersion(rules=default_rules(), since=dt.datetime(2000, 1, 1, tzinfo=dt.UTC))
    return RuleBook((shipped, *versions))


def load(conn: Connection) -> RuleBook:
    """The rule book of the profile."""
    text = read(conn, INSTITUTION, _RULES)
    return book_of(msgspec.json.decode(text, type=tuple[RuleVersion, ...]) if text else ())


def add_version(conn: Connection, version: RuleVersion) -> RuleBook:
    """Append a version; returns the new book."""
    versions = (*load(conn).versions[1:], version)
    write(conn, INSTITUTION, _RULES, msgspec.json.encode(versions).decode(), version.since)
    return book_of(versions)


def load_holidays(conn: Connection) -> tuple[HolidayYear, ...]:
    """The years loaded in this profile, besides those that shipped."""
    return years_of(read(conn, INSTITUTION, _HOLIDAYS))


def put_holidays(conn: Connection, year: HolidayYear) -> None:
    """Keep a year, in place of one loaded before."""
    kept = [known for known in load_holidays(conn) if known.year != year.year]
    text = msgspec.json.encode(sorted([*kept, year], key=lambda y: y.year)).decode()
    write(conn, INSTITUTION, _HOLIDAYS, text, year.loaded_at)


def calendar_in(conn: Connection) -> Calendar:
    """The calendar in force: shipped, then the platform's years, then those loaded from a file."""
    body = conn.execute(_PLATFORMS).scalar_one_or_none()
    return calendar_of(read(conn, INSTITUTION, _HOLIDAYS), body)


def read(conn: Connection, scope: str, key: str) -> str:
    """A setting's JSON, or empty."""
    return str(conn.execute(_SETTING, {"of_scope": scope, "of_key": key}).scalar_one_or_none() or "")


def write(conn: Connection, scope: str, key: str, value: str, at: dt.datetime) -> None:
    """Set a setting's JSON."""
    values = {"scope": scope, "key": key, "value": value, "changed_at": to_text(at)}
    statement = insert(table).values(values)
    conn.execute(
        statement.on_conflict_do_update(
            index_elements=["scope", "key"], set_={"value": value, "changed_at": values["changed_at"]}
        )
    )
