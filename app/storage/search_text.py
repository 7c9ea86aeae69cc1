"""Search by name, word, number tail or pinyin initials: text cut into tokens, looked up by FTS5.

Chinese runs are indexed as single characters and pairs, so that 陈, 张三 and 漏水 are all found (a trigram
index finds nothing shorter than three). Digits are indexed whole and in windows of four, so any four of a
telephone or case number in a row, its tail above all, find it; the X that an ID number may end in is one of
them. Initials of the pinyin readings are indexed singly and in pairs behind a mark of their own.
"""

from __future__ import annotations

import functools
import importlib.util
import operator
import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path

import msgspec
from sqlalchemy import Connection, TextClause, text

_RUNS = re.compile(
    r"(?P<han>[㐀-鿿豈-﫿\U00020000-\U0003ffff]+)|(?P<num>[0-9]{3,}x(?![^\W_])|[0-9]+)|(?P<latin>[^\W\d_㐀-鿿]+)"
)
_PINYIN_MARK = "拼"
_DIGIT_MARK = "号"
_WINDOW = 4
_LONGEST_QUERY = 64
_READINGS = 3
"""Readings of one character that are indexed; later ones are rare."""
SURNAME_READINGS = {
    "单": "s", "仇": "q", "曾": "z", "解": "x", "区": "o", "查": "z", "盖": "g", "尉": "y", "万": "wm",
    "俟": "q", "乐": "y", "朴": "p", "翟": "z", "覃": "qt", "缪": "m", "种": "c", "召": "s", "黑": "h",
    "员": "y", "折": "s", "洗": "x", "冼": "x", "繁": "p", "谌": "cs", "任": "r", "华": "h", "过": "g",
    "宁": "n", "那": "n", "燕": "y", "应": "y", "葛": "g", "柏": "b", "卜": "b", "秘": "b", "薄": "b",
    "祭": "z", "逄": "p", "郗": "xc", "长": "z", "重": "c", "令": "l", "都": "d", "隗": "kw", "眭": "s",
    "相": "x", "句": "g", "缴": "j", "纪": "j", "车": "c", "哈": "h", "术": "z", "佴": "n", "贠": "y",
}  # fmt: skip
"""Initials of characters that are read differently as a surname."""

_INSERT = text("INSERT INTO search_index (rowid, tokens) VALUES (:rid, :tokens)")
_DELETE = text("DELETE FROM search_index WHERE rowid = :rid")
_SEARCH = text(
    "SELECT rowid FROM search_index WHERE search_index MATCH :query ORDER BY rowid DESC LIMIT :limit"
)


def tokens_for(texts: Iterable[str]) -> str:
    """The tokens of a case's texts (names, title, address, numbers …), separated by spaces."""
    found: set[str] = set()
    for han, digits, latin in _RUNS.findall(_folded("\n".join(dict.fromkeys(texts)))):
        if han:
            found.update(_han(han))
        elif digits:
            found.add(digits)
            if digits[-1] == "x":
                found.add(digits[:-1])
            found.update([_DIGIT_MARK + digits[i : i + _WINDOW] for i in range(len(digits) - _WINDOW + 1)])
        else:
            found.add(latin)
    return " ".join(found)


def match_query(user_text: str) -> str:
    """The FTS5 expression for what a person typed; empty when nothing can be searched for.

    Only letters and digits pass, each in quotes, so nothing typed can act as an operator.
    """
    terms: list[str] = []
    for kind, run in _runs(user_text[:_LONGEST_QUERY]):
        if kind == "han":
            terms.extend(_quoted(t) for t in (_pairs(run) if len(run) > 1 else [run]))
        elif kind == "num":
            grams = [_DIGIT_MARK + window for window in _windows(run)]
            terms.extend(_quoted(t) for t in grams or [run])
        else:
            terms.append(_latin_term(run))
    return " AND ".join(dict.fromkeys(terms))


def index_case(conn: Connection, rid: int, tokens: str) -> None:
    """Write the search row of the case with this ``rid``, replacing an older one."""
    conn.execute(_DELETE, {"rid": rid})
    conn.execute(_INSERT, {"rid": rid, "tokens": tokens})


def index_cases(conn: Connection, rows: Iterable[tuple[int, str]]) -> None:
    """Like :func:`index_case` for many (``rid``, tokens) at once, as first sync needs."""
    values = [{"rid": rid, "tokens": tokens} for rid, tokens in rows]
    if values:
        conn.execute(_DELETE, [{"rid": value["rid"]} for value in values])
        conn.execute(_INSERT, values)


def index_new(conn: Connection, rows: Sequence[tuple[int, str]]) -> None:
    """Write the search rows of cases that have none yet, as (``rid``, tokens)."""
    if rows:
        conn.exec_driver_sql("INSERT INTO search_index (rowid, tokens) VALUES (?, ?)", list(rows))


def remove_case(conn: Connection, rid: int) -> None:
    """Forget the search row of a case."""
    conn.execute(_DELETE, {"rid": rid})


def search(conn: Connection, user_text: str, limit: int = 200) -> list[int]:
    """``rid`` of the newest ``limit`` cases that match everything typed; empty when nothing does."""
    query = match_query(user_text)
    if not query:
        return []
    return list(conn.execute(_SEARCH, {"query": query, "limit": limit}).scalars())


def matching(user_text: str) -> TextClause:
    """All cases that match, as a sub-query of rids; ``user_text`` must hold something to search for."""
    return text("SELECT rowid FROM search_index WHERE search_index MATCH :search_query").bindparams(
        search_query=match_query(user_text)
    )


def _folded(original: str) -> str:
    # Half a surrogate pair, as a broken paste leaves it, is nothing anybody could search for.
    whole = original if original.isascii() else original.encode("utf-8", "ignore").decode()
    return unicodedata.normalize("NFKC", whole).lower()


def _runs(original: str) -> Iterable[tuple[str, str]]:
    for match in _RUNS.finditer(_folded(original)):
        yield match.lastgroup or "", match.group()


@functools.lru_cache(maxsize=20_000)
def _han(run: str) -> tuple[str, ...]:
    """All tokens of a Chinese run: surnames, streets and kinds of dispute come again and again."""
    return tuple({*chain.from_iterable(map(_single, run)), *chain.from_iterable(map(_double, _pairs(run)))})


def _pairs(run: str) -> list[str]:
    return list(map(operator.add, run, run[1:]))


def _windows(run: str) -> list[str]:
    return [run[i : i + _WINDOW] for i in range(len(run) - _WINDOW + 1)]


def _quoted(token: str) -> str:
    return f'"{token}"'


def _latin_term(run: str) -> str:
    """A Latin run is either a word as written or the pinyin initials of one."""
    if not run.isascii():
        return _quoted(run)
    grams = [run] if len(run) == 1 else _pairs(run)
    initials = " AND ".join(_quoted(_PINYIN_MARK + gram) for gram in dict.fromkeys(grams))
    return f"({_quoted(run)} OR ({initials}))"


@functools.lru_cache(maxsize=20_000)
def _single(character: str) -> tuple[str, ...]:
    """A character and its initials, for every common reading."""
    return (character, *(_PINYIN_MARK + one for one in initials(character)))


@functools.lru_cache(maxsize=50_000)
def _double(pair: str) -> tuple[str, ...]:
    """A pair and its initials, for every common reading of both."""
    return (pair, *(_PINYIN_MARK + a + b for a in initials(pair[0]) for b in initials(pair[1])))


@functools.cache
def initials(character: str) -> str:
    """First letters of a character's readings, each once: ``tdz`` for a character read three ways."""
    spoken = _readings().get(ord(character), "").split(",")[:_READINGS]
    plain = (unicodedata.normalize("NFD", reading)[:1] for reading in spoken)
    letters = [*plain, *SURNAME_READINGS.get(character, "")]
    return "".join(dict.fromkeys(letter for letter in letters if letter.isascii() and letter.isalpha()))


@functools.cache
def _readings() -> dict[int, str]:
    """The readings of each character, by its code point, with commas between them.

    The dictionary's own file: importing the package would also read 100,000 phrases, for a fifth of a second.
    """
    package = importlib.util.find_spec("pypinyin")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("pypinyin")
    told = Path(package.origin).with_name("pinyin_dict.json").read_bytes()
    return msgspec.json.decode(told, type=dict[int, str])
