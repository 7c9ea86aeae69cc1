"""设置 in the window: at once, with undo; rules by the head alone; search; three looks."""

from __future__ import annotations

import datetime as dt
import os

import pytest
from PySide6.QtCore import Qt

from app.clock import SHANGHAI
from app.paths import ProfilePaths
from tests.helpers.desks import incoming, make_workplace
from tests.helpers.pages import Bench, dialog, type_chinese
from tests.helpers.screens import LOOKS, assert_looks, grab
from ui.dialogs.settings_dialogs import RuleDialog, TextDialog
from ui.pages.settings import SettingsPage


@pytest.fixture
def bench(qtbot, plain_look, tmp_path):
    made = Bench(qtbot, plain_look, make_workplace(tmp_path / "profile"), tmp_path)
    made.add(SettingsPage(made.context))
    incoming(made.workplace)
    yield made
    made.close()


def page_of(bench: Bench) -> SettingsPage:
    bench.show("settings")
    page = bench.shell.current
    assert isinstance(page, SettingsPage)
    return page


def test_a_look_counts_at_once_is_kept_and_can_be_taken_back(bench):
    page = page_of(bench)
    assert page.look_card.theme.value == "system"
    bench.click(
        page.look_card.theme.findChild(type(page.look_card.theme._buttons["dark"]), "settings.theme.dark")
    )
    assert bench.look.mode == "dark"
    assert bench.context.office.settings.personal().theme == "dark"
    bench.click(bench.shell.toast.action)
    assert bench.look.mode == "system"
    assert bench.context.office.settings.personal().theme == "system"


def test_a_network_paid_by_volume_is_said_once_and_can_be_taken_back(bench):
    page = page_of(bench)
    bench.click(page.line_card.kind._buttons["metered"])
    page.line_card.most.choose("1")
    bench.idle()
    kept = bench.context.office.settings.personal()
    assert (kept.line, kept.metered_mb) == ("metered", 1)
    bench.click(bench.shell.toast.action)
    assert bench.context.office.settings.personal().metered_mb == 5
    type_chinese(page.search, "流量")
    bench.idle()
    assert [key for key, card in page.cards.items() if card.isVisible()] == ["line"]


def test_a_backup_stands_in_nobodys_way_and_can_be_stopped(bench):
    page = page_of(bench)
    card, backups = page.backup_card, bench.context.office.backups
    bench.click(card.now)
    bench.qtbot.waitUntil(lambda: not card.progress.isVisible())
    bench.idle()
    first = backups.last()
    assert first is not None
    assert card.verify.unavailable == ""
    # A blob that gives no byte until somebody writes into it: a backup that takes long.
    vault = ProfilePaths(bench.workplace.desk.store.path.parent).vault / "ab"
    vault.mkdir(exist_ok=True)
    os.mkfifo(slow := vault / ("ab" * 32))
    bench.workplace.clock.advance(dt.timedelta(minutes=1))
    bench.click(card.now)
    assert card.progress.isVisible()
    assert "照常写" in card.progress.text.text()
    assert card.now.unavailable == card.verify.unavailable == "正在备份"
    bench.click(page.look_card.theme._buttons["dark"])
    assert bench.context.office.settings.personal().theme == "dark", "saved while the backup goes on"
    assert bench.lanes.care.busy
    grab(card, "settings-backing-up")
    bench.click(card.progress.button)
    slow.open("wb").close()
    bench.qtbot.waitUntil(lambda: not bench.lanes.care.busy)
    bench.idle()
    assert not card.progress.isVisible()
    assert card.now.unavailable == ""
    assert bench.shell.toast.text.text() == "已停下。以前的备份都在。"
    assert [one.path for one in backups.list()] == [first.path]
    slow.unlink()
    bench.click(card.verify)
    bench.qtbot.waitUntil(lambda: "上一份备份核对过" in bench.shell.toast.text.text())
    assert bench.failures == []


def test_only_the_head_changes_a_rule_and_sees_first_what_it_concerns(bench):
    page = page_of(bench)
    page.edit_rule("contact_days")
    bench.idle()
    assert "负责人" in page.help_text
    dialog(TextDialog).accept()
    bench.be("p-he")
    page = page_of(bench)
    page.edit_rule("contact_days")
    bench.idle()
    asked = dialog(RuleDialog)
    asked.number.setText("五")
    bench.click(asked.primary)
    assert "写一个数" in asked.fields["value"].message.text()
    asked.number.setText("5")
    asked.source.clear()
    type_chinese(asked.source, "本机构二〇二六年第三号文")
    bench.click(asked.primary)
    assert asked.effect.isVisible()
    assert bench.context.office.settings.rules().current.contact_days.value == 3
    # Past midnight in Shanghai it is the day before in UTC.
    bench.workplace.clock.set(dt.datetime(2026, 11, 27, 0, 30, tzinfo=SHANGHAI))
    bench.click(asked.primary)
    assert bench.context.office.settings.rules().current.contact_days.value == 5
    # The page reads the rules anew once they are kept.
    bench.qtbot.waitUntil(lambda: "2026-11-27 起" in page.rule_card.header.note.text())
    assert [action for action, _ in bench.audit()][-1] == "rules.change"


def test_search_by_keyboard_shows_only_what_fits(bench):
    page = page_of(bench)
    bench.key(Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert bench.focus() is page.search
    type_chinese(page.search, "恢复码")
    bench.idle()
    assert [key for key, card in page.cards.items() if card.isVisible()] == ["lock"]
    page.search.clear()
    bench.idle()
    assert all(card.isVisible() for card in page.cards.values())


@pytest.mark.parametrize(("mode", "scale", "size"), LOOKS)
def test_looks(bench, mode, scale, size):
    page = page_of(bench)
    bench.look.set_mode(mode)
    bench.look.metrics.set_scale(scale)
    bench.idle()
    grab(bench.shell, f"settings-{mode}-{round(scale * 100)}", size)
    bench.idle()
    assert_looks(page)
