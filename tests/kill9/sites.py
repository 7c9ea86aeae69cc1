"""The places in the sources where something becomes durable, read from the code itself.

A place is a function and what it does there: commit a transaction, flush a file, give a file its name, write
one without ceremony. Plumbing that only hands on what others do (:data:`PLUMBING`) is no place of its own:
the place is whoever called it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCANNED = ("app/services", "app/storage", "sync/engine", "sync/sandbox")
PLUMBING = frozenset({
    "app/storage/engine.py:Store.write",
    "app/services/casework.py:write",
    "app/services/port_incoming.py:IncomingFeed._timed",
    "app/services/port_incoming.py:IncomingFeed._write",
    "app/storage/atomic.py:write_atomic",
    "app/storage/atomic.py:sync_folder",
    "app/storage/schema/migrate.py:_run",
    "app/storage/container.py:finish",
    "app/storage/container.py:unpack",
    "sync/sandbox/store.py:Store.write",
})  # fmt: skip
"""Functions that others make something durable through."""
WRITERS = frozenset({"store", "_store", "casework"})
"""What ``.write`` is called on where it commits a transaction."""
THROUGH = {
    "write_atomic": ("flush", "name"),
    "finish": ("flush", "name"),
    "sync_folder": ("flush",),
    "unpack": ("flush",),
    "_run": ("commit",),
}
"""What calling one of the plumbing's functions makes durable."""
FILES = {"write_text": "file", "write_bytes": "file", "touch": "file"}
NO_PATHS = frozenset({"structs", "dataclasses"})
"""What ``.replace`` with one value is called on where no file gets a name."""


def sites() -> set[str]:
    """Every place, as ``step path:function``."""
    found: set[str] = set()
    for top in SCANNED:
        for path in sorted((ROOT / top).rglob("*.py")):
            place = path.relative_to(ROOT).as_posix()
            for function, call in _calls(ast.parse(path.read_text("utf-8")), ""):
                if f"{place}:{function}" not in PLUMBING:
                    steps = _steps(call) or _through_self(call, f"{place}:{function}")
                    found.update(f"{step} {place}:{function}" for step in steps)
    return found


def _calls(node: ast.AST, inside: str) -> Iterator[tuple[str, ast.Call]]:
    """Calls with the function they stand in, named as a frame names it; lambdas stand in their function."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call):
            yield inside.removesuffix(".<locals>") or "<module>", child
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _calls(child, f"{inside}{'.' if inside else ''}{child.name}.<locals>")
        elif isinstance(child, ast.ClassDef):
            yield from _calls(child, f"{inside}{'.' if inside else ''}{child.name}")
        else:
            yield from _calls(child, inside)


def _steps(call: ast.Call) -> tuple[str, ...]:
    """What a call makes durable."""
    if isinstance(call.func, ast.Name):
        return THROUGH.get(call.func.id, ())
    if not isinstance(call.func, ast.Attribute):
        return ()
    name, on = call.func.attr, _last_name(call.func.value)
    if (name == "write" and on in WRITERS) or (name == "fsync" and on == "os"):
        return ("commit" if name == "write" else "flush",)
    if name in ("replace", "rename") and len(call.args) == 1 and not call.keywords and on not in NO_PATHS:
        return ("name",)
    return (FILES[name],) if name in FILES else ()


def _through_self(call: ast.Call, where: str) -> tuple[str, ...]:
    """A call of a method of the same class that commits for its callers."""
    func = call.func
    if not isinstance(func, ast.Attribute) or _last_name(func.value) != "self":
        return ()
    owner = where.partition(".<locals>")[0].rpartition(".")[0]
    return ("commit",) if f"{owner}.{func.attr}" in PLUMBING else ()


def _last_name(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
