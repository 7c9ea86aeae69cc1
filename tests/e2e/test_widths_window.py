"""Every page at the widths between the narrow form and the drawn one: nothing is cut off or out of sight.

The widest layouts of the pages need different widths; each page says by ``drawer_below`` from where it has
them. What is looked at is that width itself and those of common screens.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.helpers.screens import clipped, overflowing, settle
from tests.helpers.window import Pilot
from ui.pages.base import Page
from ui.shell import DRAWER_BELOW
from ui.theme import tokens

HEIGHT = 720
WIDTHS = ((1.0, (1024, 1180, 1230, 1280, 1330)), (1.25, (1600,)), (1.5, (1180, 1920)))
"""Type scales with the widths of the window: the least, of small screens, and those in between."""
CASES = {
    "case": ("三楼漏水赔墙面", "货款拖欠 5.6 万"),
    "decide": ("合租押金不退",),
    "session": ("三楼漏水赔墙面",),
    "agreement_editor": ("三楼漏水赔墙面", "宠物犬咬伤赔偿"),
    "effective": ("宠物犬咬伤赔偿", "搬家物品损坏"),
    "confirmation": ("搬家物品损坏", "装修尾款 3.2 万"),
    "exit": ("菜地边界", "三楼漏水赔墙面"),
    "inbox": ("小区停车费涨价", "过渡费计算"),
}
"""Pages of one case, with cases of the practice data in whose states they look different."""


@pytest.fixture
def unpainted(pilot: Pilot) -> Iterator[Pilot]:
    """Not painted, as what is where is known without; back at 100 %: the style sheet is the application's."""
    pilot.window.shell.setUpdatesEnabled(False)
    yield pilot
    pilot.window.shell.look.metrics.set_scale(1.0)


@pytest.mark.timeout(240)
def test_no_page_is_cut_at_any_width_between(unpainted: Pilot) -> None:
    pilot, shell, found = unpainted, unpainted.window.shell, list[str]()
    for scale, widths in WIDTHS:
        shell.look.metrics.set_scale(scale)
        for page, name in opened(pilot):
            # Where the wide form begins it has the least room.
            begins = round(max(page.drawer_below, DRAWER_BELOW) * scale)
            for width in sorted({*widths, begins}):
                shell.resize(width, HEIGHT)
                settle()
                where = f"{name} at {width}, {scale:.0%}, {'narrow' if page.narrow else 'wide'}"
                found += [f"{where}: {one}" for one in looked_at(page)]
    assert not found, "\n".join(found)


def opened(pilot: Pilot) -> Iterator[tuple[Page, str]]:
    """Each page in turn, in front, with what it shows; 案件详情 tab by tab."""
    shell = pilot.window.shell
    for key, page in list(shell._pages.items()):
        for title in CASES.get(key, ("",)):
            shell.resize(1440, HEIGHT)
            assert shell.go(key, {"case_id": pilot.case_id(title)} if title else {})
            pilot.idle()
            for part in parts(pilot, page, title):
                yield page, " ".join((key, title, part)).strip()


def parts(pilot: Pilot, page: Page, title: str) -> Iterator[str]:
    """What else shows on a page after a key."""
    yield ""
    if page.key == "case" and title == CASES["case"][-1]:
        for number in range(2, 7):
            pilot.press(f"Alt+{number}")
            yield f"Alt+{number}"
    elif page.key == "inbox" and pilot.here("inbox.result.considering") is not None:
        pilot.press("Alt+4")
        yield "Alt+4"


def looked_at(page: Page) -> list[str]:
    """What is cut, and a page that needs more room than it has."""
    least = page.minimumSizeHint().width()
    short = [f"{least} needed, {page.width()} there"] if least > page.width() else []
    return sorted({*clipped(page), *overflowing(page), *short})


def test_the_least_window_is_looked_at() -> None:
    assert WIDTHS[0][1][0] == tokens.size("windowMin", "w")
