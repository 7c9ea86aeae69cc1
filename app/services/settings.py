"""设置: what each person likes, what the institution lays down, and the holiday years.

Personal settings and the layout of pages are this computer's alone. Changing a rule or loading a
holiday year leaves a trace, and says beforehand how many open cases it concerns.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, select

from app.domain.casefile import Doc
from app.domain.errors import FieldError, UserError
from app.domain.plan import plan
from app.domain.reducer import CaseFile
from app.domain.rules import (
    ChoiceRule,
    FlagRule,
    InstitutionRules,
    NumberRule,
    PeriodRule,
)
from app.domain.workdays import Calendar, check_plan, plan_from_data
from app.paths import ProfilePaths
from app.services import casework, daybreak, drafts, lockscreen, numbering, rulebook
from app.services.casework import Casework
from app.services.changes import ChangeSet, Written
from app.services.desk import Desk
from app.services.holidays import HolidayYear
from app.services.rulebook import RuleBook, RuleVersion
from app.storage import casestore, kv
from app.storage.tables import IS_OPEN, cases

Rule = NumberRule | FlagRule | ChoiceRule | PeriodRule
THEMES = ("system", "light", "dark", "highContrast")
SCALES = (100, 125, 150)
LINES = ("auto", "free", "metered")
_BATCH = 200


class Personal(Doc, frozen=True, kw_only=True):
    """One person's settings."""

    theme: Literal["system", "light", "dark", "highContrast"] = "system"
    scale: int = 100
    """Per cent: 100, 125 or 150."""
    lock_minutes: int = 10
    """Minutes without a key or a click after which the screen locks; 1 to 60."""
    key_minutes: int = 30
    """Minutes locked after which the keys are put away; 1 to 120."""
    mask_on_projection: bool = True
    sound: bool = False
    notifications: bool = True
    phrases: tuple[str, ...] = ()
    """常用句"""
    line: Literal["auto", "free", "metered"] = "auto"
    """Whether the network here is paid by volume: as the system says, no, or yes."""
    metered_mb: int = 5
    """MiB up to which a file is sent over such a network; larger ones wait. 1 to 2000."""


@dataclass(frozen=True)
class RuleView:
    """One rule as the settings page shows it. ``name`` is a field, or ``mediation.<law kind>``."""

    name: str
    rule: Rule


@dataclass(frozen=True)
class YearView:
    """One year of 放假安排."""

    year: int
    loaded: bool
    notice: tuple[str, ...]
    off: int
    work: int


class Settings:
    """Reading and changing settings; what is changed counts at once, without a save button."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def personal(self) -> Personal:
        """The person's settings, defaults where nothing was chosen."""
        text = self._read(self._desk.person.person_id, "personal")
        return msgspec.json.decode(text, type=Personal) if text else Personal()

    def change_personal(self, **changes: Any) -> Written[Personal]:
        """Set some of the person's settings. Raises :class:`FieldError` for a value out of range."""
        new = msgspec.structs.replace(self.personal(), **changes)
        check_personal(new)
        self._write(self._desk.person.person_id, "personal", msgspec.json.encode(new).decode())
        lockscreen.remember_look(ProfilePaths(self._desk.store.path.parent), new.theme, new.scale)
        return Written(value=new, changes=ChangeSet.of("settings"))

    def layout(self, page: str) -> dict[str, Any]:
        """What a page remembers of its columns and splitters; empty at first."""
        text = self._read(self._desk.person.person_id, f"layout:{page}")
        return dict(json.loads(text)) if text else {}

    def remember_layout(self, page: str, values: dict[str, Any]) -> None:
        """Keep a page's columns and splitters."""
        self._write(self._desk.person.person_id, f"layout:{page}", json.dumps(values, ensure_ascii=False))

    def rules(self) -> RuleBook:
        """All versions of the institution's rules."""
        return self._desk.store.read(rulebook.load)

    def rule_list(self) -> tuple[RuleView, ...]:
        """Every rule of the version in force."""
        return tuple(RuleView(name, rule) for name, rule in rules_in(self.rules().current))

    def affected_by_rule(self, name: str, rule: Rule) -> int:
        """Open cases whose dates would be others under ``rule``; they keep the rule they began with."""
        rules = with_rule(self.rules().current, name, rule)
        return self._count(self._moved_by(self._desk.calendar, rules))

    def change_rule(self, name: str, rule: Rule) -> Written[RuleVersion]:
        """Make a new version of the rules, for cases received from now on.

        Raises :class:`FieldError` without a source or with a value that cannot be, and
        :class:`NotPermittedError` for anyone but the head.
        """
        self._desk.require("rules.change")
        check_rule(rule)

        def work(case: Casework) -> RuleVersion:
            known = rulebook.load(case.conn)
            number = len(known.versions) + 1
            changed = msgspec.structs.replace(with_rule(known.current, name, rule), version=f"第 {number} 版")
            version = RuleVersion(rules=changed, since=case.now, changed=name, by=self._desk.person.person_id)
            rulebook.add_version(case.conn, version)
            if name == "refusal_approval":
                _replan_proposed(case, changed)
            case.note("rules.change", "", name, {"version": number})
            case.kinds.update(("settings", "tasks"))
            return version

        return casework.write(self._desk, work)

    def number_pattern(self) -> str:
        """How case numbers are formed."""
        text = self._read(rulebook.INSTITUTION, "number_pattern")
        return str(json.loads(text)) if text else self._desk.institution.number_pattern

    def change_number_pattern(self, pattern: str) -> Written[str]:
        """Set how case numbers are formed; numbers given before stay. Returns an example.

        Raises :class:`FieldError` when the year or the running number is missing.
        """
        self._desk.require("rules.change")
        example = numbering.fill(pattern, self._desk.today().year, self._desk.institution.short_name, 1)
        if "{年}" not in pattern or "{序" not in pattern or "{" in example:
            raise FieldError("pattern", "样式里要有 {年} 和 {序}，例如（{年}）云梧民调字第{序:4}号。")

        def work(case: Casework) -> str:
            text = json.dumps(pattern, ensure_ascii=False)
            rulebook.write(case.conn, rulebook.INSTITUTION, "number_pattern", text, case.now)
            case.note("rules.change", "", "number_pattern", {})
            case.kinds.add("settings")
            return example

        return casework.write(self._desk, work)

    def holiday_years(self) -> tuple[YearView, ...]:
        """This year and the next, and whether their holidays are known."""
        calendar, this = self._calendar(), self._desk.today().year
        return tuple(year_view(calendar, year) for year in (this, this + 1))

    def affected_by_year(self, year: HolidayYear) -> int:
        """Open cases whose dates change with these holidays."""
        return self._count(self._moved_by(with_year(self._calendar(), year)))

    def read_holidays(self, path: Path, year: int) -> HolidayYear:
        """The plan of ``year`` in a file, checked but not kept yet. Raises :class:`UserError`."""
        return holiday_year(path, year, self._desk.clock.now(), self._desk.person.person_id)

    def load_holidays(self, year: HolidayYear) -> Written[int]:
        """Keep a year's holidays and bring the dates of open cases up to date; returns how many moved."""
        self._desk.require("rules.change")
        desk = replace(self._desk, calendar=with_year(self._calendar(), year))

        def keep(case: Casework) -> None:
            rulebook.put_holidays(case.conn, year)
            # Ended before the dates below are brought up to date, the next start makes all plans anew.
            kv.put(case.conn, daybreak.KEY, "")
            case.note("holidays.load", "", str(year.year), {"off": len(year.off), "work": len(year.work)})

        casework.write(desk, keep)
        moved = refresh(desk, self._moved_by(desk.calendar))
        return Written(value=len(moved), changes=ChangeSet.of("settings", "cases", "tasks", case_ids=moved))

    def _count(self, moved: Callable[[CaseFile], bool]) -> int:
        return sum(moved(file) for files in open_cases(self._desk) for file in files)

    def _calendar(self) -> Calendar:
        return self._desk.store.read(rulebook.calendar_in)

    def _moved_by(
        self, calendar: Calendar, rules: InstitutionRules | None = None
    ) -> Callable[[CaseFile], bool]:
        """Whether a case has other dates under ``calendar`` and ``rules`` (its own unless given)."""
        desk, today = self._desk, self._desk.today()

        def moved(file: CaseFile) -> bool:
            own = desk.rules_for(file.head)
            return bool(plan(file, own, desk.calendar, today) != plan(file, rules or own, calendar, today))

        return moved

    def _read(self, scope: str, key: str) -> str:
        return self._desk.store.read(lambda conn: rulebook.read(conn, scope, key))

    def _write(self, scope: str, key: str, value: str) -> None:
        now = self._desk.clock.now()
        self._desk.store.write(lambda conn: rulebook.write(conn, scope, key, value, now))


def _replan_proposed(case: Casework, rules: InstitutionRules) -> None:
    """Refusals that lie with the head wait for a word no longer, or begin to, as the rule has it now."""
    desk = replace(case.desk, rules=rules)
    for case_id in drafts.proposed(case.conn):
        file = casestore.load(case.conn, case_id)
        if file.case is not None:
            casework.store_projection(case.conn, desk, file, file)
            case.kinds.add("cases")


def check_personal(personal: Personal) -> None:
    """Raise :class:`FieldError` for the first value that cannot be."""
    if personal.theme not in THEMES:
        raise FieldError("theme", "没有这种外观，请选跟随系统、浅色、深色或高对比。")
    if personal.scale not in SCALES:
        raise FieldError("scale", "字号有 100、125、150 三档，请选一档。")
    if not 1 <= personal.lock_minutes <= 60:
        raise FieldError("lock_minutes", "锁屏时间写 1 到 60 分钟。")
    if personal.line not in LINES:
        raise FieldError("line", "网络有自动、不计流量、按流量计费三种，请选一种。")
    if not 1 <= personal.metered_mb <= 2000:
        raise FieldError("metered_mb", "文件大小写 1 到 2000 MB。")
    if not 1 <= personal.key_minutes <= 120:
        raise FieldError("key_minutes", "收起钥匙的时间写 1 到 120 分钟。")


def check_rule(rule: Rule) -> None:
    """Raise :class:`FieldError` when a rule has no source or a number that cannot be."""
    if not rule.source.strip():
        raise FieldError("source", "写一句依据，例如本机构哪一份文件，以后好核对。")
    amount = rule.amount if isinstance(rule, PeriodRule) else getattr(rule, "value", None)
    if isinstance(amount, int) and not isinstance(amount, bool) and not 1 <= amount <= 3650:
        raise FieldError("value", "这里写 1 到 3650 之间的数。")


def rules_in(rules: InstitutionRules) -> Iterator[tuple[str, Rule]]:
    """Every rule with its name."""
    for name in rules.__struct_fields__:
        value = getattr(rules, name)
        if isinstance(value, dict):
            yield from ((f"{name}.{key}", period) for key, period in value.items())
        elif isinstance(value, (NumberRule, FlagRule, ChoiceRule)):
            yield name, value


def with_rule(rules: InstitutionRules, name: str, rule: Rule) -> InstitutionRules:
    """``rules`` with one of them replaced. Raises :class:`FieldError` for an unknown name or kind."""
    known = dict(rules_in(rules)).get(name)
    if known is None or type(known) is not type(rule):
        raise FieldError("name", "没有这一条规则，没有改动。", detail=name)
    field, _, key = name.partition(".")
    if key:
        return msgspec.structs.replace(rules, **{field: {**getattr(rules, field), key: rule}})
    return msgspec.structs.replace(rules, **{field: rule})


def year_view(calendar: Calendar, year: int) -> YearView:
    """What is known of a year."""
    known = calendar.plan(year)
    if known is None:
        return YearView(year, loaded=False, notice=(), off=0, work=0)
    return YearView(year, loaded=True, notice=known.notice, off=len(known.off), work=len(known.work))


def with_year(calendar: Calendar, year: HolidayYear) -> Calendar:
    """``calendar`` knowing ``year``."""
    return calendar.with_year(year.year, year.off, year.work, year.notice)


def holiday_year(path: Path, year: int, now: dt.datetime, by: str) -> HolidayYear:
    """The plan of ``year`` in a JSON file of the shipped form (``years`` by number, or one year alone).

    Raises :class:`UserError` for a file that is not of that form, contradicts itself or names no notice.
    """
    try:
        data = json.loads(path.read_text("utf-8-sig"))
        found = data.get("years", data).get(str(year), data if data.get("year") == year else None)
        known = None if found is None else plan_from_data(year, found)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(
            "这个文件不是放假安排，没有载入。原来的安排没有变。请向主管单位要一份再试。",
            code="E-HOLIDAYS",
            detail=type(error).__name__,
        ) from error
    if known is None:
        raise UserError(f"文件里没有 {year} 年的放假安排，没有载入。请换一个文件。", code="E-HOLIDAYS")
    check_plan(known)
    if not known.notice:
        raise UserError("文件里没有写通知的出处，没有载入。请补上 notice 一项再试。", code="E-HOLIDAYS")
    return HolidayYear(
        year=year,
        off=tuple(sorted(known.off)),
        work=tuple(sorted(known.work)),
        notice=known.notice,
        loaded_at=now,
        by=by,
    )


def open_cases(desk: Desk) -> Iterator[list[CaseFile]]:
    """All open cases, some at a time, each batch one short read."""
    ids = desk.store.read(lambda conn: list(conn.execute(select(cases.c.case_id).where(IS_OPEN)).scalars()))
    for start in range(0, len(ids), _BATCH):
        chunk = ids[start : start + _BATCH]
        yield list(desk.store.read(functools.partial(_load, case_ids=chunk)).values())


def refresh(desk: Desk, moved: Callable[[CaseFile], bool]) -> frozenset[str]:
    """Write the list rows and tasks anew of the open cases that ``moved`` picks; returns their ids."""
    touched: set[str] = set()
    for files in open_cases(desk):
        ids = [file.head.case_id for file in files if moved(file)]
        if ids:
            desk.store.write(functools.partial(_store, desk=desk, case_ids=ids), background=True)
            touched.update(ids)
    return frozenset(touched)


def _load(conn: Connection, case_ids: list[str]) -> dict[str, CaseFile]:
    return casestore.load_many(conn, case_ids)


def _store(conn: Connection, desk: Desk, case_ids: list[str]) -> None:
    for case_id in case_ids:
        file = casestore.load(conn, case_id)
        if file.case is not None:
            casework.store_projection(conn, desk, file, file)
