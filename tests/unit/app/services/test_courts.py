"""The platform's list of courts takes the place of the packaged one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from app.domain import taxonomy
from app.services.courts import courts_in
from app.storage.tables import catalogues
from tests.helpers.desks import Workplace, make_workplace

OURS = {"code": "C-YP", "name": "云浦人民法院", "district": "云浦区", "level": "basic", "demo": False}


@pytest.fixture
def workplace(tmp_path: Path) -> Iterator[Workplace]:
    made = make_workplace(tmp_path)
    yield made
    made.close()


def hand_down(workplace: Workplace, body: bytes) -> None:
    row = {"name": "courts", "etag": "1", "version": "1", "body": body, "fetched_at": "2026-11-23T02:00:00Z"}
    workplace.desk.store.write(lambda conn: conn.execute(catalogues.insert().values(row)) and None)


def known(workplace: Workplace) -> tuple[taxonomy.Court, ...]:
    return workplace.desk.store.read(lambda conn: courts_in(conn, practice=False))


def test_without_one_the_packaged_list_stands(workplace: Workplace) -> None:
    assert known(workplace) == taxonomy.courts()


def test_the_platforms_list_is_offered(workplace: Workplace) -> None:
    hand_down(workplace, msgspec.json.encode({"name": "courts", "items": [OURS]}))
    assert [court.name for court in known(workplace)] == ["云浦人民法院"]


def test_a_list_that_is_none_is_told_and_passed_over(
    workplace: Workplace, caplog: pytest.LogCaptureFixture
) -> None:
    hand_down(workplace, b'{"items": [{"code": 7}]}')
    assert known(workplace) == taxonomy.courts()
    assert "catalogue courts not understood" in caplog.text
