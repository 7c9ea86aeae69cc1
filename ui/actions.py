"""Things to do from anywhere: the command box's list, and what each does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ui.commands import Action

if TYPE_CHECKING:
    from ui.widgets.buttons import Button
    from ui.window import Window

_GO = (
    ("today", "今日", "jr", "今天必须办的事", "sun", "Ctrl+1"),
    ("inbox", "办件箱", "bjx", "平台转来的办件", "inbox", "Ctrl+2"),
    ("cases", "案件", "aj", "所有案件", "folder-open", "Ctrl+3"),
    ("agreements", "协议与确认", "xyyqr", "待签、生效、司法确认", "file-check", "Ctrl+4"),
    ("followup", "回访", "hf", "给谁打电话、履行到哪", "phone-call", "Ctrl+5"),
    ("sync", "同步中心", "tbzx", "送到没有、等待什么", "refresh-cw", "Ctrl+9"),
    ("exchange", "离线交换包", "lxjhb", "装进移动盘，读回执", "package", ""),
    ("settings", "设置", "sz", "字号、外观、规则、备份", "settings", "Ctrl+,"),
    ("intake", "来访登记", "lfdj", "新登记一件", "plus", "Ctrl+N"),
    ("oral", "口头协议登记", "ktxy", "当场说好的小纠纷", "messages-square", "Ctrl+Shift+O"),
    ("handover", "交接…", "jj", "把手上的案件交给同事", "users", ""),
    ("practice", "练习台", "lxt", "派办件、推进法院、断网", "graduation-cap", ""),
)


def actions_for(window: Window) -> tuple[Action, ...]:
    """What can be asked for now; what cannot says why."""
    found = [
        Action(f"go:{key}", text, initials, note, icon, keys, lambda: "")
        for key, text, initials, note, icon, keys in _GO
        if window.shell.has_page(key)
    ]
    found += [
        Action("lock", "锁屏", "sp", "盖住屏幕", "lock", "Ctrl+L", lambda: ""),
        Action("receive", "收取与同步", "sqytb", "现在收发一次", "refresh-cw", "Ctrl+R", lambda: ""),
        Action(
            "cover", "全部重新遮挡", "qbcxzd", "遮住正在显示的信息", "eye-off", "Ctrl+Shift+M",
            _nothing_shown(window),
        ),
    ]  # fmt: skip
    if window.practice is not None:
        leave = Action(
            "leave", "退出练习", "tclx", "关上窗口，假案都留着", "graduation-cap", "Alt+F4", lambda: ""
        )
        found.append(leave)
    return tuple(found)


def page_actions(window: Window) -> tuple[Action, ...]:
    """本页可做的事: the primary button of the page in front, then its other buttons."""
    page = window.shell.current
    if page is None:
        return ()
    first = [page.primary] if page.primary is not None and page.primary.isEnabled() else []
    buttons = [button for button in (*first, *page.offered_buttons) if button.text().strip()]
    return tuple(
        Action(
            f"press:{button.objectName()}",
            button.text().replace("&", ""),
            "",
            page.title,
            button.icon_name or "chevron-right",
            button.keys,
            _reason(button),
        )
        for button in buttons
    )


def _reason(button: Button) -> Callable[[], str]:
    return lambda: button.unavailable


def _nothing_shown(window: Window) -> Callable[[], str]:
    return lambda: "" if window.shell.reveal.isVisible() else "现在没有正在显示的信息"


def press(window: Window, name: str) -> None:
    """Press a button of the page in front, as a click does."""
    page = window.shell.current
    if page is None:
        return
    for button in (page.primary, *page.offered_buttons):
        if button is not None and button.objectName() == name:
            button.click()


def perform(window: Window, key: str) -> None:
    """Do what the command box chose."""
    if key.startswith("go:"):
        window.shell.go(key.removeprefix("go:"))
    elif key.startswith("press:"):
        press(window, key.removeprefix("press:"))
    elif (route := window.palette.route(key)) is not None:
        window.shell.go(*route)
    elif key == "lock":
        window.lock()
    elif key == "receive":
        window.shell.sync_asked.emit()
    elif key == "cover":
        window.shell.cover_all()
    elif key == "leave":
        window.shell.close()
