"""Every icon that is named in the window's sources is among the pictures that ship."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PICTURES = {path.stem for path in (ROOT / "resources" / "icons").glob("*.svg")}
SECOND = {"IconLabel", "Label"}
"""Calls whose second argument names an icon."""


def words(node: ast.AST) -> Iterator[str]:
    """The texts that an expression may come to, as far as they are written out."""
    match node:
        case ast.Constant(value=str(text)) if text:
            yield text
        case ast.IfExp(body=one, orelse=other):
            yield from (*words(one), *words(other))


def named(source: Path) -> Iterator[tuple[str, str]]:
    """Each icon given by its name, with where."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            given = [word.value for word in node.keywords if word.arg == "icon"]
            if isinstance(node.func, ast.Name) and node.func.id in SECOND:
                given += node.args[1:2]
            for text in (text for one in given for text in words(one)):
                yield f"{source.relative_to(ROOT).as_posix()}:{node.lineno}", text


def test_every_icon_that_is_named_is_there() -> None:
    found = [pair for source in sorted((ROOT / "ui").rglob("*.py")) for pair in named(source)]
    assert len({name for _, name in found} & PICTURES) > 60, "they are found at all"
    assert not [f"{where}: {name}" for where, name in found if name not in PICTURES]
