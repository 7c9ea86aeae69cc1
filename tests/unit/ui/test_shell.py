from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot
from shiboken6 import delete, isValid

from app.services.changes import ChangeSet
from tests.helpers.demo import CasePage, TodayPage, demo_shell
from tests.helpers.screens import assert_named, assert_not_clipped, grab, settle
from ui.dialogs.base import Dialog
from ui.frame.focus import FocusRing
from ui.frame.history import History, Place
from ui.frame.idle import IdleWatcher
from ui.frame.marks import Avatar
from ui.frame.taborder import reading_order
from ui.pages.base import Page
from ui.shell import Shell
from ui.theme.look import Look
from ui.widgets.base import clear, column, first_focusable, row
from ui.widgets.buttons import Button, LinkButton, PrimaryButton
from ui.widgets.fields import FormField
from ui.widgets.states import EmptyState, InfoBar


@pytest.fixture
def shell(plain_look: Look, qapp, qtbot, tmp_path: Path) -> Shell:  # type: ignore[no-untyped-def]
    made = demo_shell(qapp, plain_look, tmp_path)
    qtbot.addWidget(made)
    made.resize(1440, 900)
    made.show()
    made.activateWindow()
    settle()
    return made


def _today(shell: Shell) -> TodayPage:
    page = shell._pages["today"]
    assert isinstance(page, TodayPage)
    return page


def _case(shell: Shell) -> CasePage:
    page = shell._pages["case"]
    assert isinstance(page, CasePage)
    return page


def _keys(shell: Shell, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(shell, key, modifiers)
    settle()


class _Painted(QObject):
    """Counts how often a widget is painted."""

    count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier


@pytest.mark.parametrize("mode", ["light", "dark", "highContrast"])
@pytest.mark.parametrize(
    ("scale", "size"), [(1.0, (1440, 900)), (1.25, (1366, 768)), (1.5, (1366, 768)), (1.0, (1024, 600))]
)
def test_nothing_is_clipped_or_nameless(shell: Shell, mode: str, scale: float, size: tuple[int, int]) -> None:
    shell.look.set_mode(mode)
    shell.look.metrics.set_scale(scale)
    shell.resize(*size)
    for key in ("today", "case"):
        shell.go(key)
        grab(shell, f"shell-{key}-{mode}-{int(scale * 100)}-{size[0]}", size)
        assert_not_clipped(shell)
        assert_named(shell)
    assert shell.size().toTuple() == size


def test_pages_history_and_numbers(shell: Shell) -> None:
    shown: list[str] = []
    shell.page_shown.connect(shown.append)
    assert shell.go("case", {"id": "c1"})
    assert not shell.go("nowhere")
    assert _today(shell).left == 1
    _keys(shell, Qt.Key.Key_Left, ALT)
    _keys(shell, Qt.Key.Key_Right, ALT)
    _keys(shell, Qt.Key.Key_1, CTRL)
    assert shown == ["case", "today", "case", "today"]


def test_history_forgets_what_lay_ahead() -> None:
    history = History()
    for key in ("a", "b", "b", "c"):
        history.visit(Place(key))
    assert history.back() == Place("b")
    history.visit(Place("d"))
    assert history.forward() is None
    assert history.back() == Place("b")
    assert history.back() == Place("a")
    assert history.back() is None


def test_changes_reach_the_page_in_front_that_cares(shell: Shell) -> None:
    page = _today(shell)
    shell._changed(ChangeSet.of("tasks"))
    shell._changed(ChangeSet.of("settings"))
    assert page.refreshed == 1
    shell.go("case")
    shell._changed(ChangeSet.of("tasks"))
    assert page.refreshed == 1


def test_narrow_window_has_rail_drawer_and_foot(shell: Shell, qtbot) -> None:  # type: ignore[no-untyped-def]
    shell.go("case")
    shell.look.metrics.set_scale(1.5)
    shell.resize(1366, 768)
    settle()
    page = _case(shell)
    assert shell.nav.rail
    assert page.narrow
    assert page.primary is not None
    assert page.primary.isVisible()
    foot = page._foot
    assert foot.isAncestorOf(page.primary)
    page._side_button.click()
    settle()
    assert page.drawer.is_open
    assert page._side_button.text() == "收起期限"
    assert page.drawer.geometry().bottom() < foot.geometry().top() + 1
    qtbot.waitUntil(lambda: page.drawer.geometry().right() <= page.rect().right() + 1)
    grab(shell, "shell-drawer-150")
    _keys(shell, Qt.Key.Key_Escape)
    assert not page.drawer.is_open
    shell.look.metrics.set_scale(1.0)
    shell.resize(1440, 900)
    settle()
    assert page.side is not None
    assert page.side.isVisible()
    assert page.splitter.isAncestorOf(page.side)
    assert not foot.isVisible()


def test_palette_groups_bars_and_gives_the_focus_back(shell: Shell) -> None:
    _today(shell).tasks.focus_first()
    chosen: list[str] = []
    shell.command_chosen.connect(chosen.append)
    _keys(shell, Qt.Key.Key_K, CTRL)
    assert shell.command.isVisible()
    edit = shell.command.edit
    texts = [line.item.text if line.item else line.title for line in shell.command._lines.lines]
    assert texts[-2:] == ["现在不能做", "提交司法确认"]
    QTest.keyClick(edit, Qt.Key.Key_Up)
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert chosen == []
    assert shell.command.isVisible()
    QTest.keyClick(edit, Qt.Key.Key_Down)
    QTest.keyClick(edit, Qt.Key.Key_Down)
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert chosen == ["oral"]
    assert not shell.command.isVisible()
    assert shell.focusWidget() is _today(shell).tasks
    shell.command.open_palette("没有")
    assert shell.command.empty.isVisible()
    QTest.keyClick(edit, Qt.Key.Key_Escape)
    shell.command.open_palette()
    QTest.keyClick(edit, Qt.Key.Key_Tab)
    assert {line.title for line in shell.command._lines.lines} == {"做什么", "现在不能做"}
    assert_named(shell.command)
    grab(shell, "shell-palette")


def test_it_locks_though_what_had_the_focus_before_the_palette_is_gone(shell: Shell) -> None:
    gone = QPushButton("再加", _case(shell))
    shell.go("case")
    gone.show()
    gone.setFocus()
    assert shell.focusWidget() is gone
    shell.command.open_palette()
    delete(gone)
    shell.lock()
    assert shell.locked
    shell.unlock()


def test_locked_over_the_palette_one_comes_back_to_where_one_was(shell: Shell) -> None:
    shell.go("case")
    page = _case(shell)
    page.phone.chip.setFocus()
    shell.command.open_palette()
    shell.lock()
    assert not shell.command.isVisible()
    shell.unlock()
    assert shell.focusWidget() is page.phone.chip


def test_what_lies_over_the_window_goes_aside_while_it_is_locked(shell: Shell, qtbot: QtBot) -> None:
    paper, note = QDialog(shell), QDialog()
    for dialog, over in ((paper, shell), (note, paper)):
        dialog.setParent(over, dialog.windowFlags())
        QLineEdit(dialog)
        dialog.open()
    asked: list[bool] = []
    shell.lock_asked.connect(lambda: asked.append(True))
    qtbot.waitUntil(lambda: QApplication.activeModalWidget() is note)
    edit = note.findChild(QLineEdit)
    assert edit is not None
    _keys(edit, Qt.Key.Key_L, CTRL)
    assert asked == [True], "the key locks over a dialog too"
    shell.lock()
    assert [paper.isVisible(), note.isVisible()] == [False, False]
    assert QApplication.activeModalWidget() is None
    assert shell.focusWidget() is shell.lock_screen.edit
    shell.unlock()
    assert [paper.isVisible(), note.isVisible()] == [True, True]
    given_up: list[int] = []
    paper.rejected.connect(lambda: given_up.append(1))
    shell.lock()
    shell.remove_pages()
    assert given_up == [1], "whoever comes next does not find it"
    shell.unlock()
    assert not paper.isVisible()
    note.close()


def test_a_paper_that_was_open_is_read_again_only_when_asked_for(
    shell: Shell, look: Look, qtbot: QtBot
) -> None:
    dialog, paper = Dialog(shell), QLineEdit("陈秀英")
    dialog.arrange_around(row(QLineEdit("协议书")), paper)
    dialog.open()
    shell.lock()
    shell.unlock()
    assert dialog.isVisible()
    assert not paper.isVisible(), "neither to be seen nor read out"
    (shade,) = dialog.findChildren(EmptyState)
    assert "锁屏时遮挡了" in shade.text.text()
    shell.lock()
    shell.unlock()
    (shade,) = dialog.findChildren(EmptyState)
    shade.button.click()
    assert paper.isVisible()
    assert dialog.focusWidget() is paper
    dialog.close()


def test_it_locks_though_the_page_in_front_cannot_be_left(shell: Shell, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    shell.go("case")
    page = _case(shell)
    page.phone.ask("contact")

    def broken() -> None:
        raise RuntimeError("a fault of the page")

    monkeypatch.setattr(page, "leave", broken)
    with pytest.raises(RuntimeError):
        shell.lock()
    assert shell.locked
    assert not page.isVisible()
    assert not page.phone.shown
    shell.unlock()


def test_lock_covers_everything_and_gives_the_cursor_back(shell: Shell) -> None:
    shell.go("case")
    page = _case(shell)
    page.phone.ask("contact")
    page.phone.chip.setFocus()
    covered: list[int] = []
    shell.cover_asked.connect(lambda: covered.append(1))
    shell.lock()
    assert shell.locked
    assert not page.phone.shown
    assert covered
    assert shell.lock_screen.geometry() == shell.centralWidget().rect()
    assert_not_clipped(shell.lock_screen)
    assert_named(shell.lock_screen)
    grab(shell, "shell-lock")
    asked: list[str] = []
    screen = shell.lock_screen
    screen.unlock_asked.connect(asked.append)
    _keys(shell, Qt.Key.Key_K, CTRL)
    assert not shell.command.isVisible()
    screen.edit.setText("correct horse")
    QTest.keyClick(screen.edit, Qt.Key.Key_Return)
    QTest.keyClick(screen.edit, Qt.Key.Key_Return)
    assert asked == ["correct horse"]
    screen.show_problem("口令不对，再试一次。大小写键开着。")
    assert screen.edit.accessibleDescription().startswith("口令不对")
    assert screen.edit.selectedText()
    # Enter follows the link that has the focus, also after a passphrase was checked.
    switched: list[int] = []
    screen.switch_asked.connect(lambda: switched.append(1))
    screen.switch.setFocus()
    QTest.keyClick(screen.switch, Qt.Key.Key_Return)
    assert switched == [1]
    assert asked == ["correct horse"]
    assert screen.button.shortcut().isEmpty()
    shell.unlock()
    assert not shell.locked
    assert screen.edit.text() == ""
    assert shell.focusWidget() is page.phone.chip


def test_the_mark_of_a_person_is_painted_anew_with_the_name(plain_look: Look, qtbot: QtBot) -> None:
    mark = Avatar(plain_look, "何静", 44)
    qtbot.addWidget(mark)
    mark.show()
    settle()
    painted = _Painted()
    mark.installEventFilter(painted)
    mark.set_name("周敏芳")
    settle()
    assert painted.count == 1


def test_covering_all_covers_every_field(shell: Shell) -> None:
    shell.go("case")
    page = _case(shell)
    page.phone.ask("verify")
    shell.reveal.begin(900)
    shell.topbar.set_mask(shown=1)
    _keys(shell, Qt.Key.Key_M, CTRL | Qt.KeyboardModifier.ShiftModifier)
    assert not page.phone.shown
    assert not shell.reveal.isVisible()
    assert shell.topbar.cover.shown == "个人信息已遮挡"


def test_a_ring_shows_in_the_navigation_for_the_keyboard_only(shell: Shell) -> None:
    pages, ring = shell.nav.pages, shell.look.color("borderFocus")

    def ringed() -> bool:
        settle()
        seen, box = pages.grab().toImage(), pages.visualRect(pages.currentIndex())
        return any(seen.pixelColor(box.center().x(), y) == ring for y in range(box.top(), box.bottom()))

    shell.go("case")
    shell.setFocus()
    assert not ringed()
    _keys(shell, Qt.Key.Key_F6)
    assert pages.hasFocus()
    assert ringed()
    pages.clearFocus()
    pages.setFocus(Qt.FocusReason.MouseFocusReason)
    assert not ringed()


def test_f6_goes_through_the_areas(shell: Shell) -> None:
    shell.go("case")
    shell.nav.pages.setFocus()
    seen = []
    for _ in range(4):
        _keys(shell, Qt.Key.Key_F6)
        focused = shell.focusWidget()
        assert focused is not None
        seen.append(
            next(
                name
                for name, area in (
                    ("nav", shell.nav),
                    ("top", shell.topbar),
                    ("side", _case(shell).side),
                    ("content", _case(shell)),
                )
                if area is focused or (area is not None and area.isAncestorOf(focused))
            )
        )
    assert seen == ["top", "content", "side", "nav"]


def test_a_focus_that_nobody_moved_stays_in_the_page(shell: Shell, qtbot) -> None:  # type: ignore[no-untyped-def]
    """Qt itself moves on to the frame when the last control of a page goes: the page takes it back."""
    shell.set_practice(True)
    page = shell.current
    assert page is not None
    shell.practice.button.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(lambda: page.isAncestorOf(shell.focusWidget()) or shell.focusWidget() is page)


class Rebuilt(Page):
    """A page whose rows are made anew on each reading, as most pages' are."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "rebuilt")
        self.rows = column()
        content = QWidget()
        content.setLayout(self.rows)
        self.set_content(content)
        self.set_actions([], PrimaryButton(look, "去下一步", name="rebuilt.next"))
        self.show_rows(3)

    def show_rows(self, count: int) -> None:
        clear(self.rows)
        for number in range(count):
            self.rows.addWidget(Button(self.look, f"改第 {number} 行", name=f"rebuilt.row.{number}"))

    def row(self, number: int) -> Button | None:
        """The row's button as it is now; none until it is on the screen."""
        buttons = self.findChildren(Button, f"rebuilt.row.{number}")
        return next((one for one in buttons if one.isVisible()), None)


@pytest.fixture
def rebuilt(shell: Shell) -> Rebuilt:
    page = Rebuilt(shell.look)
    shell.add_page(page)
    shell.go("rebuilt")
    settle()
    QTest.keyClick(page, Qt.Key.Key_Shift)
    return page


def test_after_the_page_was_built_anew_the_focus_is_where_one_was(
    shell: Shell, rebuilt: Rebuilt, qtbot
) -> None:  # type: ignore[no-untyped-def]
    old = rebuilt.row(1)
    old.setFocus(Qt.FocusReason.TabFocusReason)
    rebuilt.show_rows(3)
    qtbot.waitUntil(lambda: not isValid(old) and shell.focusWidget() is rebuilt.row(1))
    assert shell.ring.isVisible()
    rebuilt.show_rows(1)
    qtbot.waitUntil(lambda: shell.focusWidget() is rebuilt.primary)
    # It comes back with the next reading: one is there again, as nothing was done in between.
    rebuilt.show_rows(3)
    qtbot.waitUntil(lambda: shell.focusWidget() is rebuilt.row(1))
    assert rebuilt.primary is not None
    rebuilt.primary.set_unavailable("还差一点")
    rebuilt.show_rows(1)
    qtbot.waitUntil(lambda: shell.focusWidget() is rebuilt.row(0))


def test_where_the_person_went_on_nothing_is_fetched_back(shell: Shell, rebuilt: Rebuilt, qtbot) -> None:  # type: ignore[no-untyped-def]
    rebuilt.row(2).setFocus(Qt.FocusReason.TabFocusReason)
    rebuilt.show_rows(1)
    qtbot.waitUntil(lambda: shell.focusWidget() is rebuilt.primary)
    QTest.keyClick(rebuilt.primary, Qt.Key.Key_Shift)
    rebuilt.show_rows(3)
    settle()
    assert shell.focusWidget() is rebuilt.primary


@pytest.mark.parametrize("gone", [False, True], ids=["stays", "goes"])
def test_behind_a_dialog_the_focus_finds_its_way_back(
    shell: Shell, rebuilt: Rebuilt, qtbot, gone: bool
) -> None:  # type: ignore[no-untyped-def]
    """What Qt gives the keyboard to when a dialog closes over a rebuilt page is the first of the frame."""
    rebuilt.row(2).setFocus(Qt.FocusReason.TabFocusReason)
    dialog = QDialog(shell)
    dialog.setModal(True)
    box = QVBoxLayout(dialog)
    box.addWidget(QPushButton("关上"))
    dialog.open()
    dialog.activateWindow()
    qtbot.waitUntil(lambda: dialog.focusWidget() is not None)
    rebuilt.show_rows(1 if gone else 3)
    settle()
    dialog.close()
    shell.activateWindow()
    home = (lambda: rebuilt.primary) if gone else (lambda: rebuilt.row(2))
    qtbot.waitUntil(lambda: QApplication.focusWidget() is home())
    assert shell.ring.isVisible()


def test_after_a_dialog_one_is_at_a_control_even_where_nobody_was(
    shell: Shell, rebuilt: Rebuilt, qtbot
) -> None:  # type: ignore[no-untyped-def]
    rebuilt.setFocus()
    dialog = QDialog(shell)
    dialog.open()
    settle()
    dialog.close()
    shell.activateWindow()
    qtbot.waitUntil(lambda: shell.focusWidget() is rebuilt.primary)


def test_a_tab_of_the_person_reaches_the_frame(shell: Shell) -> None:
    """All of it but 退出练习, where an Enter too many would end the program."""
    shell.set_practice(True)
    passed = set()
    for _ in range(60):
        QTest.keyClick(shell.focusWidget() or shell, Qt.Key.Key_Tab)
        settle()
        passed.add(shell.focusWidget())
    assert shell.topbar.sync in passed
    assert shell.practice.button not in passed


def test_a_control_that_is_switched_off_leaves_the_keyboard_in_the_page(shell: Shell, qtbot) -> None:  # type: ignore[no-untyped-def]
    shell.set_practice(True)
    page = shell.current
    assert page is not None
    held = first_focusable(page)
    assert held is not None
    held.setFocus()
    held.setEnabled(False)
    qtbot.waitUntil(lambda: shell.focusWidget() is page or page.isAncestorOf(shell.focusWidget()))
    held.setEnabled(True)


def test_a_dialog_begins_in_its_first_control_with_a_ring(shell: Shell, qtbot) -> None:  # type: ignore[no-untyped-def]
    QTest.keyClick(shell, Qt.Key.Key_F5)
    dialog = QDialog(shell)
    first, second = QPushButton("谈成了"), QPushButton("没谈成")
    first.setAutoDefault(False)
    second.setAutoDefault(False)
    box = QVBoxLayout(dialog)
    box.addWidget(first)
    box.addWidget(second)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.focusWidget() is first)
    ring = dialog.findChild(FocusRing)
    qtbot.waitUntil(lambda: ring.isVisible())
    dialog.close()


def test_focus_ring_shows_for_the_keyboard_only(shell: Shell) -> None:
    shell.go("case")
    button = shell.topbar.sync
    QTest.mousePress(shell.topbar, Qt.MouseButton.LeftButton)
    button.setFocus()
    settle()
    assert not shell.ring.isVisible()
    QTest.keyClick(button, Qt.Key.Key_Shift)
    settle()
    assert shell.ring.isVisible()
    corner = button.mapTo(shell, button.rect().topLeft())
    assert shell.ring.geometry().topLeft() == corner - type(corner)(4, 4)


def test_window_state_is_kept_in_the_profile(
    shell: Shell, plain_look: Look, qapp, qtbot, tmp_path: Path
) -> None:  # type: ignore[no-untyped-def]
    shell.go("case")
    shell.resize(1300, 720)
    _case(shell).splitter.setSizes([700, 500])
    settle()
    sizes = _case(shell).splitter.sizes()
    shell.close()
    assert (tmp_path / "window.ini").exists()
    again = demo_shell(qapp, plain_look, tmp_path)
    qtbot.addWidget(again)
    again.go("case")
    again.show()
    settle()
    assert again.size().toTuple() == (1300, 720)
    assert abs(_case(again).splitter.sizes()[1] - sizes[1]) <= 2


def test_the_key_takes_back_what_the_notice_tells_of(shell: Shell, rebuilt: Rebuilt) -> None:
    undone: list[str] = []
    shell.toast.say("已存好，10 秒后发送。", undo=lambda: undone.append("act"))
    field = QLineEdit()
    rebuilt.rows.addWidget(field)
    field.setFocus()
    QTest.keyClicks(field, "ab")
    for _ in range(3):
        QTest.keyClick(field, Qt.Key.Key_Z, CTRL)
    assert (field.text(), undone) == ("", []), "one's own letters, and never more than them"
    shell.nav.pages.setFocus()
    for _ in range(2):
        _keys(shell, Qt.Key.Key_Z, CTRL)
    assert (undone, shell.toast.isVisible()) == (["act"], False)
    shell.toast.say("平台登录已过期。", undo=lambda: undone.append("page"), action="去登录")
    _keys(shell, Qt.Key.Key_Z, CTRL)
    assert (undone, shell.toast.isVisible()) == (["act"], True), "leading elsewhere is no undo"
    shell.toast.dismiss()


def test_keys_of_the_page_are_listed(shell: Shell) -> None:
    groups = dict(shell.keys.groups())
    assert ("Ctrl+P", "打印今日单") in groups["本页"]
    assert len(groups["到处可用"]) > 10


def test_sync_states_and_counters(shell: Shell) -> None:
    shell.topbar.set_offline(5)
    assert shell.topbar.sync.accessibleName() == "同步：离线可用 · 5 项等待发送，打开同步中心"
    shell.topbar.set_synced("10:41")
    assert shell.topbar.sync.shown == "已同步 10:41"
    shell.nav.pages.set_count("today", 120, urgent=True)
    index = shell.nav.pages.model().index(0, 0)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "今日，120 件要办，今天有期限"
    chosen: list[str] = []
    shell.nav.chosen.connect(chosen.append)
    shell.nav.pages.setCurrentIndex(shell.nav.pages.model().index(1, 0))
    QTest.keyClick(shell.nav.pages, Qt.Key.Key_Return)
    assert chosen == ["inbox"]


def test_idle_warns_locks_and_puts_keys_away(qapp) -> None:  # type: ignore[no-untyped-def]
    watcher = IdleWatcher(qapp, lock_minutes=10)
    told: list[str] = []
    watcher.warned.connect(lambda seconds: told.append(f"warn {seconds}"))
    watcher.active_again.connect(lambda: told.append("back"))
    watcher.lock_due.connect(lambda: told.append("lock"))
    watcher.keys_due.connect(lambda: told.append("keys"))
    start = watcher._last
    watcher.check(start + 571)
    watcher.touch()
    assert told == ["warn 29", "back"]
    start = watcher._last
    watcher.check(start + 601)
    watcher.set_locked(True)
    watcher.touch()
    watcher.check(start + 1800)
    watcher.check(start + 1900)
    assert told[2:] == ["warn 0", "lock", "keys"]
    watcher.set_locked(False)
    qapp.removeEventFilter(watcher)
    watcher.deleteLater()


def test_tab_goes_in_reading_order_whatever_was_made_last(shell: Shell) -> None:
    shell.go("case")
    page = _case(shell)
    late = LinkButton(shell.look, "后来的", name="case.late.open")
    layout = page.deadline.layout()
    assert layout is not None
    layout.addWidget(late)  # type: ignore[call-arg]
    late.show()
    settle()
    order = [widget.objectName() for widget in reading_order(shell.centralWidget())]
    assert order[0].startswith("nav.")
    assert order.index("shell.help.open") < order.index("case.agreement.draft") < order.index("case.tabs.bar")
    assert order.index("case.deadline.card.link") < order.index("case.late.open")
    assert order.index("case.late.open") < order.index("case.people.reveal")
    tabs = next(w for w in reading_order(page) if w.objectName() == "case.tabs.bar")
    tabs.setFocus()
    seen = []
    for _ in order:
        seen.append(shell.focusWidget().objectName())  # type: ignore[union-attr]
        QTest.keyClick(shell.focusWidget(), Qt.Key.Key_Tab)
    start = order.index("case.tabs.bar")
    assert seen == [*order[start:], *order[:start]]
    QTest.keyClick(shell.focusWidget(), Qt.Key.Key_Backtab)
    assert shell.focusWidget().objectName() == seen[-1]  # type: ignore[union-attr]


def test_enter_before_the_answer_takes_the_answer_to_what_was_typed(shell: Shell, qtbot) -> None:  # type: ignore[no-untyped-def]
    chosen: list[str] = []
    shell.command_chosen.connect(chosen.append)
    shell.command.open_palette()
    assert not shell.command.pending
    QTest.keyClicks(shell.command.edit, "abc")
    assert shell.command.pending
    QTest.keyClick(shell.command.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: chosen == ["draft"])
    assert not shell.command.isVisible()


@pytest.mark.parametrize("size", [(1440, 900), (1024, 600)], ids=["wide", "narrow"])
def test_a_notice_covers_neither_buttons_nor_bars(
    shell: Shell, rebuilt: Rebuilt, size: tuple[int, int]
) -> None:
    """It floats above what stands at the foot of the page, the bar of a narrow window included."""
    shell.resize(*size)
    bar = InfoBar(shell.look, "info", "现在没有网络，可以照常记录", name="rebuilt.bar")
    field = FormField("核对码，装包的电脑上写着，也印在交接单上，" * 3, QLineEdit())
    rebuilt.rows.insertStretch(0, 1)
    rebuilt.rows.addWidget(bar)
    if size[0] > 1024:  # In the low window nothing is left between the middle and all of them.
        rebuilt.rows.insertWidget(1, field)
    settle()
    shell.toast.say("已存好，10 秒后发送。", undo=lambda: None)
    settle()
    spot = QRect(shell.toast.mapToGlobal(QPoint(0, 0)), shell.toast.size())
    kept = [bar, *(one for one in rebuilt.findChildren(QAbstractButton) if one.isVisible())]
    kept += [field.label, field.editor] if field.isVisible() else []
    kept += [rebuilt.bottom_bar] if rebuilt.bottom_bar.isVisible() else []
    assert rebuilt.bottom_bar.isVisible() == (size[0] == 1024)
    for one in kept:
        assert not spot.intersects(QRect(one.mapToGlobal(QPoint(0, 0)), one.size())), one.objectName()
    shell.toast.dismiss()
