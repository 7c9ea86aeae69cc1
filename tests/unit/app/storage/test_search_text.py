from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection

from app.storage.search_text import (
    index_case,
    index_cases,
    initials,
    match_query,
    remove_case,
    search,
    tokens_for,
)
from tests.helpers.stores import Profile

CASES = {
    1: ("三楼漏水赔墙面", "陈明华", "吴刚", "13812346612", "云浦区梧桐里街道平凉路12弄3号"),
    2: ("小区停车费涨价", "单于飞", "梧桐物业 ABC Service", "（2026）云梧民调字第0318号"),
    3: ("楼上漏水泡坏地板", "曾小雨", "张三", "021-55551226"),
}


@pytest.fixture
def indexed(home: Profile) -> Profile:
    def work(conn: Connection) -> None:
        index_cases(conn, ((rid, tokens_for(texts)) for rid, texts in CASES.items()))

    home.store.write(work)
    return home


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("陈", [1]),
        ("张三", [3]),
        ("漏水", [3, 1]),
        ("漏水赔", [1]),
        ("漏水 张三", [3]),
        ("水漏", []),
        ("6612", [1]),
        ("13812346612", [1]),
        ("1226", [3]),
        ("0318", [2]),
        ("３", [1]),
        ("cmh", [1]),
        ("zxy", [3]),
        ("cxy", [3]),
        ("syf", [2]),
        ("cyf", [2]),
        ("lspq", [1]),
        ("qpsl", []),
        ("tcf", [2]),
        ("abc", [2]),
        ("Service", [2]),
        ("", []),
        ("  ——", []),
        ('漏水" OR "停车', []),
        ("梧桐", [2, 1]),
    ],
)
def test_finding(indexed: Profile, typed: str, found: list[int]) -> None:
    assert indexed.store.read(lambda conn: search(conn, typed)) == found


def test_changed_and_removed_cases(indexed: Profile) -> None:
    def work(conn: Connection) -> None:
        index_case(conn, 1, tokens_for(["空调滴水"]))
        remove_case(conn, 3)

    indexed.store.write(work)
    assert indexed.store.read(lambda conn: search(conn, "漏水")) == []
    assert indexed.store.read(lambda conn: search(conn, "滴水")) == [1]


def test_newest_first_and_limited(indexed: Profile) -> None:
    indexed.store.write(lambda conn: index_cases(conn, ((rid, "纠 纷 纠纷") for rid in range(10, 400))))
    assert indexed.store.read(lambda conn: search(conn, "纠纷", 5)) == [399, 398, 397, 396, 395]


@given(st.text(max_size=80))
def test_every_query_is_wellformed_and_finds_its_own_text(text: str) -> None:
    import sqlite3

    tokens, query = tokens_for([text]), match_query(text)
    if not query:
        return
    plain = sqlite3.connect(":memory:")
    try:
        plain.execute(
            "CREATE VIRTUAL TABLE s USING fts5(tokens, detail=none, tokenize='unicode61 remove_diacritics 0')"
        )
        plain.execute("INSERT INTO s (rowid, tokens) VALUES (1, ?)", (tokens,))
        found = plain.execute("SELECT rowid FROM s WHERE s MATCH ?", (query,)).fetchall()
    finally:
        plain.close()
    known = all(sign < "\u3400" or "\u4e00" <= sign <= "\u9fff" for sign in text) and text.isascii()
    assert found == [(1,)] or not known


@pytest.mark.parametrize(
    ("surname", "letter"),
    [("单", "s"), ("仇", "q"), ("曾", "z"), ("解", "x"), ("区", "o"), ("查", "z"), ("缪", "m")],
)
def test_surnames_by_their_own_reading(surname: str, letter: str) -> None:
    assert letter in initials(surname)


@given(st.lists(st.text(alphabet="张三陈明 漏水号①１2３4５abＣx（）.\n😀é", max_size=12), max_size=5))
def test_texts_together_give_the_tokens_of_each(texts: list[str]) -> None:
    """They are cut in one go; no token may arise across two of them."""
    together = set(tokens_for(texts).split())
    assert together == {token for text in texts for token in tokens_for([text]).split()}


def test_the_readings_are_those_of_the_package() -> None:
    from pypinyin.pinyin_dict import pinyin_dict

    for character in "张单曾乐𠮷漏":
        spoken = str(pinyin_dict.get(ord(character), ""))
        assert (spoken == "") == (initials(character) == "")
    assert initials("漏") == "l"
