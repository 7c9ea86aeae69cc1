"""Keys and help name what is there for this person; a page that nobody has yet is no question of roles."""

from __future__ import annotations

from tests.e2e.test_roster_window import staff
from tests.helpers.window import Pilot

PAGES = {"Ctrl+6": "卷宗", "Ctrl+7": "统计", "Ctrl+8": "机构与人员"}


def told_keys(pilot: Pilot) -> dict[str, str]:
    return dict(dict(pilot.window.shell.keys.groups())["到处可用"])


def test_a_page_that_is_not_built_is_not_blamed_on_the_role(pilot: Pilot) -> None:
    for keys, name in PAGES.items():
        pilot.press(keys)
        words = pilot.window.shell.toast.text.text()
        assert f"“{name}”这一版里还没有" in words
        assert "角色" not in words
        assert pilot.page == "today"
    known = told_keys(pilot)
    assert known["Ctrl+1"] == "今日"
    assert known["Ctrl+9"] == "同步中心"
    assert not (set(PAGES) | {"Ctrl+1…9"}) & set(known)
    assert known["Ctrl+5"] == "回访"
    assert known["Ctrl+Shift+O"] == "口头协议登记"


def test_a_role_is_told_of_no_key_that_leads_nowhere_for_it(pilot: Pilot) -> None:
    staff(pilot, login="zhouminfang", role="statistician")
    pilot.until(lambda: "改成了统计员" in pilot.window.shell.toast.text.text(), "it is told", 40)
    pilot.until(lambda: pilot.page == "settings", "laid out anew", 60)
    pilot.idle()
    known = told_keys(pilot)
    assert not {"Ctrl+1", "Ctrl+2", "Ctrl+3", "Ctrl+9", "Ctrl+N", "Ctrl+R"} & set(known)
    assert {"Ctrl+K", "Ctrl+,", "Ctrl+L", "F1"} <= set(known)
    pilot.press("Ctrl+2")
    assert "您的角色用不到这一页" in pilot.window.shell.toast.text.text()
