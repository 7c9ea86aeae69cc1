"""Lists hold what they say, whether few or many cases are of a tab, and counts read no case."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert

from app.services.intake import Intake
from app.services.today import Today
from app.storage import casequery
from app.storage.casequery import SORTABLE, CaseQuery
from app.storage.tables import cases
from tests.helpers.desks import Workplace, make_workplace
from tests.helpers.stores import case_row

TABS = ("all", "mine", "open", "week", "signing", "after")
ME, OTHER = "p-zhou", "p-other"


def rows(count: int) -> list[dict[str, Any]]:
    """Cases of every tab, none like the other in the columns a list is sorted by."""
    rng = random.Random(11)
    found = []
    for number in range(count):
        state = rng.choice(("mediating", "closed", "archived", "agreed", "received"))
        told = {name: f"{rng.randrange(10**6):06d}" for name in SORTABLE.values()}
        is_open = int(state not in ("closed", "archived") or (state == "closed" and rng.random() < 0.5))
        told |= {"label": "signing" if state == "agreed" and rng.random() < 0.5 else state}
        told |= {"next_due": f"2026-{rng.randrange(1, 13):02d}-10", "closed_at": "" if is_open else "2026-11"}
        mediator = rng.choice((ME, OTHER, ""))
        found.append(case_row(f"c{number:05d}", state=state, is_open=is_open, mediator_id=mediator, **told))
    return found


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    workplace = make_workplace(tmp_path)
    yield workplace
    workplace.close()


def belongs(row: dict[str, Any], tab: str) -> bool:
    match tab:
        case "mine":
            return bool(row["is_open"]) and row["mediator_id"] == ME
        case "open":
            return bool(row["is_open"]) and row["state"] != "closed"
        case "week":
            return bool(row["is_open"]) and row["next_due"] <= "2026-06-30"
        case "signing":
            return bool(row["label"] == "signing")
        case "after":
            return bool(row["is_open"]) and row["state"] == "closed"
    return True


@pytest.mark.parametrize("most", [3, casequery.MOST_BY_LIST], ids=["many of each tab", "few of each tab"])
def test_a_page_holds_what_its_tab_and_order_say(
    place: Workplace, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(casequery, "MOST_BY_LIST", most)
    told = rows(240)
    place.desk.store.write(lambda conn: conn.execute(insert(cases), told) and None)
    numbered = list(enumerate(told, 1))
    tabs = {tab: [(rid, row) for rid, row in numbered if belongs(row, tab)] for tab in TABS}
    assert min(map(len, tabs.values())) > 10
    for tab, wanted in tabs.items():
        for descending in (False, True):
            for sort, column in SORTABLE.items():
                query = CaseQuery(
                    tab=tab, sort=sort, descending=descending, person_id=ME, week_end="2026-06-30"
                )
                page = place.desk.store.read(lambda conn, query=query: casequery.page(conn, query, 5, 30))
                ordered = sorted(wanted, key=lambda pair: (pair[1][column], pair[0]), reverse=descending)
                assert [row.rid for row in page] == [rid for rid, _ in ordered[5:35]]
        query = CaseQuery(tab=tab, person_id=ME, week_end="2026-06-30")
        assert place.desk.store.read(lambda conn, query=query: casequery.count(conn, query)) == len(wanted)


def plans(place: Workplace, work: Any) -> list[str]:
    """How SQLite goes about whatever ``work`` counts of cases."""
    asked: list[tuple[str, Any]] = []

    def note(conn: Any, cursor: Any, statement: str, values: Any, *rest: Any) -> None:
        asked.append((statement, values))

    def explained(conn: Connection) -> list[str]:
        return [
            str(row[3])
            for statement, values in asked
            if "count(" in statement and " cases" in statement and "uploads" not in statement
            for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]

    engine = place.desk.store.read(lambda conn: conn.engine)
    event.listen(engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert asked
    return place.desk.store.read(explained)


def test_what_is_counted_of_ones_own_cases_reads_no_case(place: Workplace) -> None:
    found = plans(place, lambda: Today(place.desk).board())
    assert len(found) == 3, found
    assert all("COVERING INDEX ix_cases_" in line for line in found), found


def test_the_workload_reads_no_case(place: Workplace) -> None:
    found = plans(place, Intake(place.desk).workload)
    assert ["COVERING INDEX ix_cases_open_mediator" in line for line in found] == [True], found


@pytest.mark.parametrize("tab", ["mine", "open", "week", "after"])
def test_a_count_of_a_tab_reads_no_case(place: Workplace, tab: str) -> None:
    query = CaseQuery(tab=tab, person_id=ME, week_end="2026-06-30")
    found = plans(place, lambda: place.desk.store.read(lambda conn: casequery.count(conn, query)))
    assert ["COVERING INDEX ix_cases_open_" in line for line in found] == [True], found
