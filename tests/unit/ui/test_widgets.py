from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QFontMetrics, QGuiApplication, QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QToolTip, QWidget

from tests.helpers.demo import DEADLINE, ENTRIES, TODAY
from tests.helpers.hands import PERSON
from tests.helpers.pages import type_chinese
from tests.helpers.screens import assert_named, assert_not_clipped, clipped, grab, settle, unnamed
from ui import labels
from ui.theme.look import Look
from ui.widgets.base import Text, column, row
from ui.widgets.buttons import Button, PrimaryButton
from ui.widgets.chips import FilterChip
from ui.widgets.choices import Segmented
from ui.widgets.dates import DateField, DateTimeField, parse_date, parse_time
from ui.widgets.deadline import DeadlineCard
from ui.widgets.drawer import Drawer
from ui.widgets.fields import AutoSaveText, FormField, MoneyField, format_money, parse_money
from ui.widgets.fitting import ElidedText, HeaderRow
from ui.widgets.masked import MaskedField
from ui.widgets.radio_cards import RadioCardGroup
from ui.widgets.states import EmptyState, SkeletonRows
from ui.widgets.stepper import Step, Stepper
from ui.widgets.tabs import Tabs
from ui.widgets.tags import StatusTag
from ui.widgets.tasks import Task, TaskList, only_one_current, second_line
from ui.widgets.timeline import Timeline
from ui.widgets.toast import Toast

DAY = dt.date(2026, 11, 23)
pytestmark = pytest.mark.usefixtures("qapp")


def _today() -> dt.date:
    return DAY


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("11-23", DAY),
        ("11月23日", DAY),
        ("2025-1-9", dt.date(2025, 1, 9)),
        ("20261231", dt.date(2026, 12, 31)),
        ("t", DAY),
        ("今天", DAY),
        ("2-30", None),
        ("明年", None),
        ("", None),
    ],
)
def test_dates_as_people_write_them(text: str, day: dt.date | None) -> None:
    assert parse_date(text, DAY) == day


def test_times_and_money() -> None:
    assert parse_time("14：30") == parse_time("1430") == dt.time(14, 30)
    assert parse_time("9点") == dt.time(9)
    assert parse_time("25:00") is None
    assert parse_money("5,800.50 元") == 580050
    assert parse_money("3.2万") == 3_200_000
    assert parse_money("1.234") is parse_money("-1") is parse_money("NaN") is parse_money("五千") is None
    assert format_money(580050) == "5,800.50"
    assert labels.money(580000) == "5,800 元"


def test_date_field_takes_t_and_leaves_what_it_does_not_understand(look: Look, qtbot) -> None:  # type: ignore[no-untyped-def]
    field = DateField(look, "联系日期", name="test.date.field", today=_today)
    qtbot.addWidget(field)
    told: list[object] = []
    field.changed.connect(told.append)
    QTest.keyClick(field.edit, Qt.Key.Key_T)
    assert (field.value(), field.edit.text(), told) == (DAY, "11月23日", [DAY])
    for letters in ("T", "t", "今天"):
        # With Shift, from an input method, in words: what stands there is the day.
        field.edit.clear()
        if letters == "T":
            QTest.keyClick(field.edit, Qt.Key.Key_T, Qt.KeyboardModifier.ShiftModifier)
        else:
            type_chinese(field.edit, letters)
        assert (field.edit.text(), told.pop()) == ("11月23日", DAY)
    field.edit.setText("11月20日")
    field.edit.setReadOnly(True)
    QTest.keyClick(field.edit, Qt.Key.Key_T)
    assert field.edit.text() == "11月20日", "locked, it is only read"
    field.edit.setText("2-30")
    assert field.problem().startswith("日期没有看懂")
    assert field.edit.text() == "2-30"
    both = DateTimeField(
        look, "联系时间", name="test.time.field", today=_today, value=dt.datetime(2026, 11, 23, 10, 38)
    )
    qtbot.addWidget(both)
    assert both.value() == dt.datetime(2026, 11, 23, 10, 38)


def test_calendar_is_chinese_and_gives_the_day(look: Look, qtbot) -> None:  # type: ignore[no-untyped-def]
    field = DateField(look, "联系日期", name="test.date.field", today=_today)
    qtbot.addWidget(field)
    field.show()
    field.open_calendar()
    from PySide6.QtWidgets import QCalendarWidget

    calendar = field.findChild(QCalendarWidget)
    assert calendar is not None
    assert calendar.locale().dayName(1) == "星期一"
    calendar.activated.emit(calendar.selectedDate().addDays(2))
    assert field.value() == dt.date(2026, 11, 25)
    settle()


@pytest.mark.parametrize("corner", ["low", "right", "both"])
def test_the_month_lies_whole_on_the_screen(look: Look, qtbot, corner: str) -> None:  # type: ignore[no-untyped-def]
    field = DateField(look, "联系日期", name="test.date.field", today=_today)
    qtbot.addWidget(field)
    room = field.screen().availableGeometry()
    field.resize(160, 36)
    low, right = corner in ("low", "both"), corner in ("right", "both")
    field.move(room.right() - 100 if right else 40, room.bottom() - 50 if low else 60)
    field.show()
    field.open_calendar()
    settle()
    place = field._popup.geometry()
    assert room.contains(place), (room, place)
    box = field.rect().translated(field.mapToGlobal(field.rect().topLeft()))
    assert not place.intersects(box), "what is typed stays in sight"
    field._popup.close()


def test_field_is_checked_on_leaving_and_keeps_the_text(look: Look, qtbot) -> None:  # type: ignore[no-untyped-def]
    money = MoneyField("金额", name="test.money.text")
    other = QLineEdit()
    window = QWidget()
    field = FormField("金额", money, hint="写到元", check=money.problem)
    window.setLayout(column(field, other))
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    settle()
    money.setFocus()
    settle()
    money.setText("五千")
    assert field.message.text() == "写到元"
    other.setFocus(Qt.FocusReason.TabFocusReason)
    assert field.message.text().startswith("金额没有看懂")
    assert money.accessibleDescription() == field.message.text()
    assert money.text() == "五千"
    money.setText("5000")
    field.show_problem("比协议上的多")
    money.setFocus()
    other.setFocus(Qt.FocusReason.TabFocusReason)
    assert field.message.text() == "比协议上的多", "what was refused stands until it is changed"
    assert field.problem() == ""
    assert field.message.text() == "写到元"


def test_autosave_waits_for_the_input_method(look: Look, qtbot) -> None:  # type: ignore[no-untyped-def]
    text = AutoSaveText(look, "对方说了什么", name="test.said.text")
    qtbot.addWidget(text)
    saved: list[str] = []
    text.save_due.connect(saved.append)
    text.load("旧")
    text.PAUSE_MS = 40  # type: ignore[misc]
    commit = QInputMethodEvent()
    commit.setCommitString("愿意")
    QApplication.sendEvent(text, commit)
    QApplication.sendEvent(text, QInputMethodEvent("tiao", []))
    assert text.composing
    text._pause_over()
    assert saved == []
    done = QInputMethodEvent()
    done.setCommitString("调解")
    QApplication.sendEvent(text, done)
    qtbot.waitUntil(lambda: bool(saved))
    assert len(saved) == 1
    assert "愿意" in saved[0]
    assert "调解" in saved[0]
    text.flush()
    assert len(saved) == 1


def test_masked_field_shows_for_a_reason_and_covers_itself(look: Look, qtbot) -> None:  # type: ignore[no-untyped-def]
    asked: list[str] = []
    plain = "13800006612"

    def reveal(reason: str, deliver) -> None:  # type: ignore[no-untyped-def]
        asked.append(reason)
        deliver(plain, 2)

    field = MaskedField(look, "电话", "138****6612", name="test.phone.value", reveal=reveal)
    qtbot.addWidget(field)
    field.show()
    assert field.chip.accessibleName() == "电话，已遮挡，尾号 6612"
    field.chip.setFocus()
    field._copy()
    assert QGuiApplication.clipboard().text() == "138****6612"
    field.ask("contact")
    assert asked == ["contact"]
    assert field.chip.text == plain
    assert plain not in field.chip.accessibleName()
    field._copy()
    assert QGuiApplication.clipboard().text() == plain
    field._wipe_clipboard()
    assert QGuiApplication.clipboard().text() == ""
    qtbot.waitUntil(lambda: not field.shown, timeout=5000)
    assert field.chip.text == "138****6612"
    field.ask("verify")
    field.hide()
    assert not field.shown


def test_unavailable_button_is_reachable_says_why_and_does_nothing(look: Look, qtbot) -> None:  # type: ignore[no-untyped-def]
    button = PrimaryButton(look, "提交到平台", name="test.lodge.platform")
    qtbot.addWidget(button)
    pressed: list[int] = []
    button.clicked.connect(lambda: pressed.append(1))
    button.show()
    button.set_unavailable("还缺送达地址确认书")
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Return)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert pressed == []
    assert button.accessibleDescription() == "还缺送达地址确认书"
    button.set_unavailable("")
    QTest.keyClick(button, Qt.Key.Key_Return)
    assert pressed == [1]


def test_radio_cards_take_the_whole_card_and_arrow_keys(look: Look, qtbot) -> None:  # type: ignore[no-untyped-def]
    cards = RadioCardGroup(
        look, "结果", [("a", "愿意", "去受理"), ("b", "不愿意", "写理由")], name="test.result.card"
    )
    qtbot.addWidget(cards)
    chosen: list[str] = []
    cards.chosen.connect(chosen.append)
    grab(cards, "radio", (500, 80))
    card = cards.cards["a"]
    QTest.mouseClick(card, Qt.MouseButton.LeftButton, pos=QPoint(card.width() - 6, card.height() - 6))
    card.setFocus()
    QTest.keyClick(card, Qt.Key.Key_Right)
    assert chosen == ["a", "b"]
    assert cards.value == "b"


def test_segments_tabs_and_chips(look: Look, qtbot) -> None:  # type: ignore[no-untyped-def]
    segments = Segmented(
        look, "视图", [("todo", "要处理"), ("wait", "等答复")], name="test.view.segment", value="todo"
    )
    tabs = Tabs(look, "页签", [("one", "经过"), ("two", "当事人")], name="test.tabs.bar")
    chip = FilterChip(look, "来源：来访", name="test.filter.source")
    window = QWidget()
    window.setLayout(column(segments, tabs, chip))
    qtbot.addWidget(window)
    grab(window, "choices", (400, 160))
    chosen: list[str] = []
    segments.chosen.connect(chosen.append)
    segments.choose("wait")
    segments.relabel("wait", "等答复 2")
    tabs.chosen.connect(chosen.append)
    tabs.set_count("two", 1284)
    tabs.choose("two")
    assert tabs.tabText(1) == "当事人 1,284"
    assert chosen == ["wait", "two"]
    removed: list[int] = []
    chip.removed.connect(lambda: removed.append(1))
    QTest.keyClick(chip, Qt.Key.Key_Delete)
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton, pos=QPoint(chip.width() - 8, chip.height() // 2))
    assert removed == [1, 1]
    assert_named(window)


def test_steps_not_open_yet_say_why(look: Look, qtbot) -> None:  # type: ignore[no-untyped-def]
    steps = [Step("look", "看申请", state="done"), Step("decide", "决定受理", reason="第 2 步后打开")]
    stepper = Stepper(look, "步骤", steps, name="test.steps.bar")
    qtbot.addWidget(stepper)
    entered: list[str] = []
    stepper.entered.connect(entered.append)
    for button in stepper._buttons:
        button.click()
    assert entered == ["look"]
    assert stepper._buttons[1].accessibleName() == "第 2 步，共 2 步，决定受理，还没到"
    assert stepper._buttons[1].accessibleDescription() == "第 2 步后打开"


@pytest.mark.parametrize("scale", [1.0, 1.25, 1.5])
def test_deadline_tells_all_five_and_is_not_clipped(plain_look: Look, qtbot, scale: float) -> None:  # type: ignore[no-untyped-def]
    plain_look.metrics.set_scale(scale)
    card = DeadlineCard(plain_look, DEADLINE, name="test.deadline.card")
    qtbot.addWidget(card)
    card.setFixedWidth(380 if scale == 1 else 460)
    grab(card, f"deadline-{scale}")
    assert_not_clipped(card)
    assert card.accessibleName() == "调解期限，12月14日，还剩 15 个工作日"
    assert "扣除鉴定 11月9日至13日 +5 个工作日" in card.accessibleDescription()
    assert "本机构设定" in card.accessibleDescription()
    over = labels.Label("调解已结束", "circle-check", "neutral")
    card.set_view(replace(DEADLINE, remaining="调解已结束", label=over))
    seen = [one.text() for one in card.findChildren(QLabel)]
    assert "调解已结束" not in seen, "the label says it, not once more beside the day"


def test_task_list_by_keyboard_mouse_and_screen_reader(look: Look, qtbot) -> None:  # type: ignore[no-untyped-def]
    tasks = TaskList(look, "今天", name="test.tasks.list")
    qtbot.addWidget(tasks)
    tasks.set_tasks(TODAY)
    tasks.resize(800, tasks.sizeHint().height())
    tasks.show()
    acted: list[str] = []
    tasks.acted.connect(acted.append)
    tasks.focus_first()
    QTest.keyClick(tasks, Qt.Key.Key_Down)
    QTest.keyClick(tasks, Qt.Key.Key_Return)
    box = tasks._painter.button_box(tasks.visualRect(tasks.model().index(2, 0)).toRectF())
    QTest.mouseClick(tasks.viewport(), Qt.MouseButton.LeftButton, pos=box.center().toPoint())
    QTest.mouseClick(tasks.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(200, 10))
    assert acted == ["2", "3"]
    tasks.set_tasks(TODAY[1:])
    assert tasks.current_key != "1"
    spoken = tasks.model().index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith("去提交，装修尾款 3.2 万，今天到期")
    interface = QAccessible.queryAccessibleInterface(tasks)
    assert interface.childCount() == 2


def test_timeline_opens_by_enter(look: Look, qtbot) -> None:  # type: ignore[no-untyped-def]
    timeline = Timeline(look, "经过", name="test.course.list")
    qtbot.addWidget(timeline)
    timeline.set_entries(ENTRIES)
    timeline.resize(600, 600)
    timeline.show()
    opened: list[str] = []
    timeline.opened.connect(opened.append)
    timeline.setCurrentIndex(timeline.model().index(1, 0))
    QTest.keyClick(timeline, Qt.Key.Key_Return)
    assert opened == ["a"]
    narrow = timeline.sizeHintForRow(0)
    timeline.resize(300, 600)
    settle()
    assert timeline.sizeHintForRow(0) > narrow


def test_toast_offers_undo_once(look: Look, qtbot) -> None:  # type: ignore[no-untyped-def]
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(800, 400)
    host.show()
    page = QPushButton()
    toast = Toast(look, host, gone_on=page.clicked)
    undone: list[int] = []
    toast.say("已存好，10 秒后发送。", undo=lambda: undone.append(1))
    assert toast._timer.interval() == 10_000
    toast.action.click()
    assert undone == [1]
    assert not toast.isVisible()
    toast.say("已存好。")
    assert toast._timer.interval() == 6_000
    assert not toast.action.isVisible()
    toast._close.setFocus()
    toast._over()
    assert toast.isVisible()
    page.click()
    assert 0 < toast._timer.interval() <= 6_000, "it has its time"
    toast._over()
    assert not toast.isVisible(), "held on one page it does not lie on the next"


@pytest.mark.parametrize("room", [700, 300])
def test_a_notice_stands_beside_an_open_drawer(look: Look, qtbot, room: int) -> None:  # type: ignore[no-untyped-def]
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(1166, 650)
    host.show()
    drawer, button = QRect(room, 0, 1166 - room, 650), QRect(1000, 590, 150, 40)
    toast = Toast(look, host, lambda: [drawer, button])
    toast.say("选好了，已存在本机，10 秒后发送。", undo=lambda: None)
    spot = toast.geometry()
    assert not spot.intersects(button)
    if room == 700:
        assert not spot.intersects(drawer)
        assert abs(spot.center().x() - 350) <= 1
        assert spot.bottom() > 600, "as low as elsewhere"


def test_toast_between_buttons_never_takes_the_foot_of_the_page(look: Look, qtbot) -> None:  # type: ignore[no-untyped-def]
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(1120, 600)
    host.show()
    bar = QRect(0, 530, 1120, 70)
    kept = [bar, *(QRect(300, 480 - 60 * n, 500, 45) for n in range(6))]
    toast = Toast(look, host, lambda: kept)
    toast.say("法院走了一步，结果回到案件里。")
    assert not toast.geometry().intersects(bar)
    assert toast.geometry().top() >= 300, "not up where one reads"


def test_drawer_takes_the_focus_and_gives_it_back(look: Look, qtbot) -> None:  # type: ignore[no-untyped-def]
    host = QWidget()
    before = QLineEdit()
    host.setLayout(column(before, None))
    qtbot.addWidget(host)
    host.resize(900, 500)
    host.show()
    before.setFocus()
    drawer = Drawer(look, host, name="test.drawer")
    inside = QWidget()
    button = Button(look, "看依据", name="test.drawer.basis")
    inside.setLayout(column(button, None))
    drawer.open_with("期限", inside)
    assert host.focusWidget() is button
    qtbot.waitUntil(lambda: drawer.x() == host.width() - drawer.width())
    assert drawer.width() == 420
    QTest.keyClick(drawer, Qt.Key.Key_Escape)
    assert host.focusWidget() is before
    qtbot.waitUntil(lambda: not drawer.isVisible())


def test_waiting_shows_only_after_a_while_and_can_be_cancelled(look: Look, qtbot) -> None:  # type: ignore[no-untyped-def]
    rows = SkeletonRows(look, name="test.wait.rows")
    host = QWidget()
    host.setLayout(column(rows))
    qtbot.addWidget(host)
    host.show()
    cancelled: list[int] = []
    rows.cancelled.connect(lambda: cancelled.append(1))
    rows.begin("正在打开 1,284 件案件…")
    assert not rows.isVisible()
    qtbot.waitUntil(rows.isVisible, timeout=2000)
    assert not rows.button.isVisible()
    rows._offer.timeout.emit()
    rows.button.click()
    assert cancelled == [1]
    assert not rows.isVisible()


def test_status_needs_words_and_an_icon(look: Look, qtbot) -> None:  # type: ignore[no-untyped-def]
    tag = StatusTag(look, "dueToday", "今天到期")
    qtbot.addWidget(tag)
    assert tag.accessibleName() == "状态：今天到期"
    with pytest.raises(KeyError):
        tag.set_status("purple", "？")
    assert [labels.deadline(n).status for n in (-1, 0, 3, 4)] == ["overdue", "dueToday", "dueSoon", "neutral"]
    assert labels.deadline(-2, working_days=False).text == "已超期 2 天"


def test_helpers_find_what_is_wrong(look: Look, qtbot) -> None:  # type: ignore[no-untyped-def]
    window = QWidget()
    bad = Button(look, "Cancel everything", name="bad")
    nameless = QLineEdit()
    window.setLayout(column(bad, nameless, EmptyState(look, "还没有案件", name="test.empty.state")))
    qtbot.addWidget(window)
    window.show()
    bad.setFixedWidth(30)
    settle()
    assert len(clipped(window)) == 2
    assert len(unnamed(window)) == 3


def test_of_several_lists_only_one_has_a_current_row(qtbot, look):
    host = QWidget()
    qtbot.addWidget(host)
    lists = [TaskList(look, f"组{n}", name=f"test.tasks.{n}") for n in range(2)]
    host.setLayout(column(*lists))
    label = labels.Label("时间够", "circle-check", "ok")
    for number, one in enumerate(lists):
        one.set_tasks(
            [Task(f"t{number}", label, "可申请确认", "装修尾款", "赵** 与 钱**", "还剩 3 天", "备材料")]
        )
    only_one_current(lists)
    host.show()
    lists[0].focus_first()
    lists[1].setFocus()
    qtbot.waitUntil(lambda: lists[1].current_key == "t1")
    assert lists[0].current_key == ""
    assert not lists[0].selectedIndexes()


def test_keys_lent_away_come_back(plain_look: Look, qtbot) -> None:  # type: ignore[no-untyped-def]
    """A drawer has the primary button's keys while it is open, whatever happens to the button meanwhile."""
    button = PrimaryButton(plain_look, "现在再连", name="sync.again.go")
    qtbot.addWidget(button)
    button.hold_keys(True)
    button.relabel("再连一次")
    button.set_unavailable("正在连")
    button.set_unavailable("")
    assert button.shortcut().isEmpty()
    button.hold_keys(False)
    assert button.shortcut().toString() == "Ctrl+Return"


def test_a_toast_makes_way_for_what_the_next_page_puts_under_it(look: Look, qtbot) -> None:  # type: ignore[no-untyped-def]
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(900, 700)
    host.show()
    kept: list[QRect] = []
    toast = Toast(look, host, lambda: kept)
    toast.say("断网了。照常办，等连上再发。")
    foot = toast.geometry()
    kept.append(foot)
    toast.say("草稿不要了，这里是定稿的那一份。")
    kept.clear()
    qtbot.waitUntil(lambda: toast.geometry().bottom() == foot.bottom(), timeout=2000)
    kept.append(QRect(toast.geometry().right() - 20, toast.geometry().top() + 5, 120, 36))
    qtbot.waitUntil(lambda: not toast.geometry().intersects(kept[0]), timeout=2000)
    assert toast.isVisible()


def test_where_a_row_is_narrow_it_still_says_why_it_is_today(look):
    label = labels.Label("今天到期", "alarm-clock", "dueToday")
    who, why = "李** 与 上海某某物业管理有限公司", "11月18日收到，今天是第 3 个工作日"
    task = Task("t", label, "联系被申请人", "小区停车费涨价", who, why, "记录联系")
    metrics = QFontMetrics(look.font("label"))
    whole = metrics.horizontalAdvance(f"{who}  ·  {why}")
    assert second_line(metrics, task, whole + 2) == f"{who}  ·  {why}"
    some = second_line(metrics, task, whole - 40)
    assert some.startswith("李**")
    assert some.endswith(why)
    assert second_line(metrics, task, metrics.horizontalAdvance(why) + 2) == why


def test_its_key_counts_once_it_was_seen_and_not_over_and_over(qtbot, look, monkeypatch):
    for name, wait in PERSON.items():
        monkeypatch.setattr(PrimaryButton, name, wait)
    window = QWidget()
    button = PrimaryButton(look, "送何静批准", name="test.act")
    window.setLayout(column(button))
    qtbot.addWidget(window)
    pressed: list[bool] = []
    button.clicked.connect(lambda: pressed.append(True))
    window.show()
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
    press = lambda: QTest.keyClick(window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)  # noqa: E731
    press()
    assert pressed == [], "it came up this moment"
    qtbot.waitUntil(lambda: button._shown.elapsed() > PERSON["SETTLE_MS"])
    for _ in range(5):
        press()
    qtbot.waitUntil(lambda: bool(pressed) and not button.isDown())
    assert len(pressed) == 1, "a key that is held is one press"


def test_new_words_that_came_of_a_press_are_seen_before_the_key_counts_again(qtbot, look, monkeypatch):
    button = PrimaryButton(look, "去打印签字", name="test.act")
    qtbot.addWidget(button)
    monkeypatch.setattr(PrimaryButton, "SETTLE_MS", PERSON["SETTLE_MS"])
    button.relabel("去打印")
    assert not button.too_early(), "nothing was pressed: somebody chose"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    button.relabel("登记生效日")
    assert button.too_early()
    pressed: list[bool] = []
    button.clicked.connect(lambda: pressed.append(True))
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert pressed == [], "nor by the mouse"
    qtbot.waitUntil(lambda: not button.too_early())
    QToolTip.hideText()
    qtbot.waitUntil(lambda: not QToolTip.isVisible())


def test_a_double_click_on_what_acts_is_one_press(qtbot, look):
    button = PrimaryButton(look, "派一件新办件", name="test.act")
    qtbot.addWidget(button)
    button.show()
    pressed: list[bool] = []
    button.clicked.connect(lambda: pressed.append(True))
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.mouseDClick(button, Qt.MouseButton.LeftButton)
    qtbot.mouseRelease(button, Qt.MouseButton.LeftButton)
    assert len(pressed) == 1


def test_the_note_that_something_was_kept_moves_no_page(qtbot, look):
    title, saved = Text("登记生效日", role="title"), Text("15:48:20 已存在本机", role="label")
    subtitle = ElidedText(
        "房屋漏水，赔偿天花板和墙面的修复费用　云悟民调〔2026〕第 161 号", tone="textSecondary"
    )
    saved.hide()
    head = HeaderRow(row(title), subtitle, saved)
    qtbot.addWidget(head)
    steps = Text("1 写协议　2 打印签字　3 登记生效日")
    head.aside.addWidget(steps)
    whole = subtitle.sizeHint().width() + steps.sizeHint().width() + head.GAP
    head.resize(whole + 4, 60)
    head.show()
    qtbot.waitUntil(lambda: head.form == head.ONE_LINE)
    saved.show()
    head.fit()
    assert head.form == head.ONE_LINE
    assert subtitle.elided, "the subtitle makes room for it"
