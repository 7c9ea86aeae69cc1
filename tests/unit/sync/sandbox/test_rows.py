"""Many rows in few statements hold the same as one by one, on either database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from sync.sandbox.rows import SIZES, insert_rows

metadata = sa.MetaData()
THINGS = sa.Table(
    "things",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("order", sa.Integer),
    sa.Column("bytes", sa.LargeBinary, nullable=False),
    sa.Column("left", sa.Text, nullable=False, server_default="as it was"),
)
WORDS = (
    "陈明",
    'quoted "and" it\'s',
    "back\\slash",
    "",
    "%s ? :name {}",
    "line\nbreak\ttab",
    "😀\u2028",
    "\\u0000",
)


@pytest.fixture
def engine(database: str) -> Iterator[sa.Engine]:
    made = sa.create_engine(database)
    metadata.create_all(made)
    yield made
    made.dispose()


def row(number: int) -> dict[str, Any]:
    told = bytes(range(256)) if number % 2 else b""
    order = None if number % 3 else -number
    return {"number": 2**53 - number, "by": WORDS[number % len(WORDS)], "bytes": told, "order": order}


@pytest.mark.parametrize("count", [0, 1, sum(SIZES), 3 * SIZES[0] + 7])
def test_what_is_put_in_is_there(engine: sa.Engine, count: int) -> None:
    rows = [row(number) for number in range(count)]
    with engine.begin() as conn:
        insert_rows(conn, THINGS, rows)
    with engine.connect() as conn:
        found = conn.execute(sa.select(THINGS).order_by(THINGS.c.number.desc())).mappings().all()
    assert [{**one, "bytes": bytes(one["bytes"])} for one in found] == [
        {**one, "left": "as it was"} for one in rows
    ]


def test_a_row_that_cannot_be_put_in_is_told(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        insert_rows(conn, THINGS, [row(1)])
    with pytest.raises(sa.exc.IntegrityError), engine.begin() as conn:
        insert_rows(conn, THINGS, [row(2), row(1), row(3)])
    with engine.connect() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(THINGS)).scalar_one() == 1
