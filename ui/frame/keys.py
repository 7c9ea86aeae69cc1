"""The keys that work everywhere in the window, and F6 through its areas."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from ui.frame.nav_items import NAV_ITEMS
from ui.widgets.base import first_focusable
from ui.widgets.masked import MaskedField

if TYPE_CHECKING:
    from ui.shell import Shell

SHELL_KEYS = (
    ("Ctrl+K", "命令框", ""),
    ("Ctrl+N", "来访登记", "intake"),
    ("Ctrl+Shift+O", "口头协议登记", "oral"),
    ("Alt+←／Alt+→", "后退／前进", ""),
    ("F6／Shift+F6", "在导航、列表、详情、侧栏间跳", ""),
    ("Esc", "关抽屉、清筛选、退一层", ""),
    ("Alt+M", "显示／遮挡当前字段", ""),
    ("Ctrl+Shift+M", "全部重新遮挡", ""),
    ("Ctrl+Z", "撤销：正在写的字，或提示条说的那一步", ""),
    ("Ctrl+R", "收取与同步", "sync"),
    ("Ctrl+L", "锁屏", ""),
    ("Ctrl+＋／－／0", "字号 100／125／150%", ""),
    ("Ctrl+,", "设置", "settings"),
    ("F1", "本页帮助", ""),
    ("Ctrl+/", "显示本页全部快捷键", ""),
)
"""Keys, what they do, and the page they need: without it the person is not told of the key."""


_ARROWS = {"Left": "←", "Right": "→", "Up": "↑", "Down": "↓"}


def _shown(keys: str) -> str:
    """Keys as the keyboard bears them."""
    *held, last = keys.split("+") if not keys.endswith("+") else (keys,)
    return "+".join((*held, _ARROWS.get(last, last)))


def _together(found: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Keys that do the same, such as both arrows, in one line."""
    lines: dict[str, str] = {}
    for keys, text in found:
        lines[text] = f"{lines[text]}／{keys}" if text in lines else keys
    return [(keys, text) for text, keys in lines.items()]


class ShellKeys(QObject):
    """Shortcuts of the shell; none works while the screen is locked."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._shell = shell
        table: tuple[tuple[str, Callable[[], object]], ...] = (
            ("Ctrl+K", shell.command.open_palette),
            ("Ctrl+L", shell.lock_asked.emit),
            ("Ctrl+N", lambda: shell.new_asked.emit("visit")),
            ("Ctrl+Shift+O", lambda: shell.new_asked.emit("oral")),
            # A field one writes in takes this key itself, also with nothing left to undo in it: whoever takes
            # back what they typed must not take back what they did before.
            ("Ctrl+Z", shell.toast.take_back),
            ("Ctrl+R", shell.sync_asked.emit),
            ("Ctrl+,", shell.settings_asked.emit),
            ("Ctrl+Shift+M", shell.cover_all),
            ("Alt+M", self._toggle_mask),
            ("Alt+Left", shell.back),
            ("Alt+Right", shell.forward),
            ("F1", shell.show_help),
            ("Ctrl+/", shell.show_keys),
            ("F6", lambda: self.next_area(1)),
            ("Shift+F6", lambda: self.next_area(-1)),
            ("Ctrl+F6", lambda: self.next_area(1)),
            ("Ctrl+=", lambda: self._scale(1)),
            ("Ctrl++", lambda: self._scale(1)),
            ("Ctrl+-", lambda: self._scale(-1)),
            ("Ctrl+0", lambda: self._scale(0)),
        )
        for keys, call in table:
            self._key(keys, call)
        for number, item in enumerate(NAV_ITEMS, 1):
            self._key(f"Ctrl+{number}", self._going(item.key))

    def groups(self) -> list[tuple[str, Sequence[tuple[str, str]]]]:
        """All keys that work now, for Ctrl+/."""
        page = self._shell.current
        groups: list[tuple[str, Sequence[tuple[str, str]]]] = []
        if page is not None:
            own = _together((_shown(item.keys), item.text) for item in page.shortcuts)
            if page.primary is not None:
                own.insert(0, ("Ctrl+Enter", page.primary.text()))
            if own:
                groups.append(("本页", own))
        groups.append(("到处可用", self._everywhere()))
        return groups

    def _everywhere(self) -> list[tuple[str, str]]:
        """The shell's keys that lead somewhere for this person; a page that is not there has no number."""
        has = self._shell.has_page
        pages = [(f"Ctrl+{n}", item.text) for n, item in enumerate(NAV_ITEMS, 1) if has(item.key)]
        keys = [(key, words) for key, words, page in SHELL_KEYS if not page or has(page)]
        return [*keys[:1], *pages, *keys[1:]]

    def next_area(self, step: int) -> None:
        """F6: the next area of the window that takes the focus."""
        shell, page = self._shell, self._shell.current
        areas: list[QWidget] = [shell.nav.pages, shell.topbar]
        if page is not None:
            areas += page.focus_areas()
            if page.drawer.is_open:
                areas.append(page.drawer)
        focused = shell.focusWidget()
        inside = [area is focused or (focused is not None and area.isAncestorOf(focused)) for area in areas]
        at = inside.index(True) if True in inside else -1
        for turn in range(1, len(areas) + 1):
            if _focus_into(areas[(at + step * turn) % len(areas)]):
                return

    def _key(self, keys: str, call: Callable[[], object]) -> None:
        shortcut = QShortcut(QKeySequence(keys), self._shell)
        shortcut.activated.connect(self._unlocked(call))

    def _unlocked(self, call: Callable[[], object]) -> Callable[[], None]:
        def run() -> None:
            if not self._shell.locked:
                call()

        return run

    def _going(self, key: str) -> Callable[[], object]:
        return lambda: self._shell.go(key)

    def _scale(self, step: int) -> None:
        """One step larger or smaller, 0 for 100 %; the choice is kept for the next time."""
        metrics = self._shell.look.metrics
        if step:
            metrics.step(step)
        else:
            metrics.set_scale(1.0)
        self._shell.scale_chosen.emit(round(metrics.scale * 100))

    def _toggle_mask(self) -> None:
        step: QWidget | None = self._shell.focusWidget()
        while step is not None and not isinstance(step, MaskedField):
            step = step.parentWidget()
        if isinstance(step, MaskedField):
            step.toggle()


def _focus_into(area: QWidget) -> bool:
    """Put the focus into ``area``: itself, or the first control in it that takes it."""
    if not area.isVisible():
        return False
    target = first_focusable(area)
    if target is None:
        return False
    target.setFocus(Qt.FocusReason.ShortcutFocusReason)
    return True
