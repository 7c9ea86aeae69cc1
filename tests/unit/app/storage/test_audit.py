from __future__ import annotations

import pytest
from sqlalchemy import Connection

from app.storage import audit
from app.storage.tables import people
from tests.helpers.stores import Profile


@pytest.fixture
def chained(home: Profile) -> Profile:
    def work(conn: Connection) -> None:
        conn.execute(
            people.insert().values(
                person_id="p1", name="一号", role="mediator", sign_public=home.keys.sign_public
            )
        )
        for number in range(6):
            assert audit.append(
                conn, home.clock.now(), "p1", "reveal", "c1", f"f{number}", {"b": 1, "a": "理由"}
            )
        audit.sign_head(conn, home.keys, home.clock.now())

    home.store.write(work)
    return home


def test_an_untouched_chain_is_whole(chained: Profile) -> None:
    report = chained.store.read(audit.verify)
    assert (report.ok, report.count, report.heads_checked, report.problem) == (True, 6, 1, "")
    chained.store.write(lambda conn: audit.append(conn, chained.clock.now(), "p1", "reveal", "", "", {}))
    assert chained.store.read(audit.verify).count == 7


@pytest.mark.parametrize(
    ("change", "seq"),
    [
        ("UPDATE audit SET subject = 'x' WHERE seq = 4", 4),
        ("UPDATE audit SET at = '2020-01-01T00:00:00.000Z' WHERE seq = 1", 1),
        ("UPDATE audit SET detail = replace(detail, '理由', '别的') WHERE seq = 5", 5),
        ("UPDATE audit SET action = 'x' WHERE seq = 2", 2),
        ("UPDATE audit SET person_id = 'p2' WHERE seq = 2", 2),
        ("UPDATE audit SET case_id = 'c2' WHERE seq = 2", 2),
        ("DELETE FROM audit WHERE seq = 3", 3),
        ("DELETE FROM audit WHERE seq = 1", 1),
        ("DELETE FROM audit WHERE seq = 6", 6),
        ("UPDATE audit SET hash = prev_hash WHERE seq = 2", 2),
        ("UPDATE audit_heads SET signature = x'00'", 6),
        ("UPDATE audit_heads SET at = '2020'", 6),
        ("UPDATE people SET sign_public = x'00'", 6),
    ],
)
def test_any_change_shows(chained: Profile, change: str, seq: int) -> None:
    chained.store.write(lambda conn: conn.exec_driver_sql(change) and None)
    report = chained.store.read(audit.verify)
    assert not report.ok
    assert report.first_bad_seq == seq
    assert f"第 {seq} 条" in report.problem


def test_an_empty_chain_is_whole_and_has_no_head(home: Profile) -> None:
    assert home.store.read(audit.verify).ok
    assert home.store.write(lambda conn: audit.sign_head(conn, home.keys, home.clock.now())) == 0
