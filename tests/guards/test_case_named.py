"""A page that works on one case says which, at every size: one must never write into the wrong one."""

from __future__ import annotations

import importlib
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from tests.helpers.agreements import CASE, effective, finalised, mediating
from tests.helpers.desks import Workplace, incoming, make_workplace
from tests.helpers.pages import Bench
from tests.helpers.screens import grab
from ui.pages.base import Page
from ui.registry import ENTRIES

TITLE = "三楼漏水赔墙面"
OF_ONE_CASE: dict[str, Callable[[Workplace], object]] = {
    "decide": incoming,
    "case": mediating,
    "session": lambda place: mediating(place, "not_agreed"),
    "exit": lambda place: mediating(place, "not_agreed"),
    "agreement_editor": mediating,
    "effective": finalised,
    "confirmation": effective,
}
OF_MANY = {
    "today", "inbox", "cases", "handover", "intake", "oral", "followup", "agreements", "sync", "exchange",
    "settings", "practice",
}  # fmt: skip
"""Lists, and what is of no case yet."""


def test_each_page_is_of_one_case_or_of_many() -> None:
    assert set(OF_ONE_CASE) | OF_MANY == {entry.key for entry in ENTRIES}


@pytest.mark.parametrize("scale", [1.0, 1.25, 1.5])
@pytest.mark.parametrize("key", OF_ONE_CASE)
def test_the_case_is_named(qtbot, plain_look, tmp_path, key, scale) -> None:
    place = make_workplace(tmp_path / "profile")
    bench = Bench(qtbot, plain_look, place, tmp_path)
    try:
        OF_ONE_CASE[key](place)
        entry = next(one for one in ENTRIES if one.key == key)
        bench.add(getattr(importlib.import_module(f"ui.pages.{key}"), entry.name)(bench.context))
        plain_look.metrics.set_scale(scale)
        bench.shell.resize(1366, 737)
        bench.show(key, case_id=CASE)
        page = bench.shell.current
        assert page is not None
        grab(bench.shell, f"named-{key}-{round(scale * 100)}")
        assert any(TITLE in words for words in seen_in_header(page)), seen_in_header(page)
    finally:
        bench.close()


def seen_in_header(page: Page) -> list[str]:
    """What can be read above the content: what an ellipsis stands for is not read."""
    header = page._header_row
    labels = [label for label in header.findChildren(QLabel) if label.isVisible() and not label.pixmap()]
    right = Qt.TextElideMode.ElideRight
    return [one.fontMetrics().elidedText(one.text(), right, one.contentsRect().width()) for one in labels]
