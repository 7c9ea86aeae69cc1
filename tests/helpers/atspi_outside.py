"""The product seen from outside, as a screen reader sees it: run by the system's Python with pyatspi.

``python3 atspi_outside.py PYTHON PROFILE PASSPHRASE WALK`` (``contact`` or ``pages``) inside a D-Bus
session on a virtual screen. It starts window manager and product, works by keys and accessibility actions
only, and prints one JSON object. Standard library and pyatspi only; every wait is for a condition.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pyatspi

WAIT_SECONDS = 40.0
START_SECONDS = 60.0
LOOKS = 3
"""Whole readings of the screen that a wait makes at least: on a busy machine one alone may take long."""
PACE = 0.05
KEYS = {"Ctrl": 37, "Alt": 64, "Shift": 50, "Return": 36, "Tab": 23, "Escape": 9, "Down": 116}
"""Key codes of a plain PC keyboard under X."""
DIGITS = {str(number): 9 + number for number in range(1, 10)}
LETTERS = {
    "a": 38, "f": 41, "j": 44, "k": 45, "l": 46, "m": 58, "n": 57, "s": 39, "t": 28, "x": 53, "comma": 59,
}  # fmt: skip


class Outside:
    """What a person with a screen reader has: names, roles, states, and the keyboard."""

    def __init__(self) -> None:
        self.frame: Any = None

    # -- looking ---------------------------------------------------------------------------------

    def nodes(self, root: Any, depth: int = 0) -> Iterator[Any]:
        """Everything that shows under ``root``."""
        if root is None or depth > 40:
            return
        yield root
        for number in range(min(root.childCount, 400)):
            try:
                child = root.getChildAtIndex(number)
            except (LookupError, RuntimeError):
                continue
            if child is not None and child.getState().contains(pyatspi.STATE_SHOWING):
                yield from self.nodes(child, depth + 1)

    def tree(self) -> Iterator[Any]:
        """Everything that shows in any window of the product."""
        application = self.application()
        if application is None:
            return
        for number in range(application.childCount):
            yield from self.nodes(application.getChildAtIndex(number))

    def application(self) -> Any:
        """The product on the accessibility bus; ``None`` while it is not there."""
        desktop = pyatspi.Registry.getDesktop(0)
        for number in range(desktop.childCount):
            found = desktop.getChildAtIndex(number)
            if found is not None and found.name in ("jiefen", "解纷工作台"):
                return found
        return None

    def find(self, test: Callable[[Any], bool], what: str, seconds: float = WAIT_SECONDS) -> Any:
        """The first node for which ``test`` holds; waits for it."""
        end, looks = time.monotonic() + seconds, 0
        while time.monotonic() < end or looks < LOOKS:
            looks += 1
            try:
                for node in self.tree():
                    if test(node):
                        return node
            except (LookupError, RuntimeError):
                pass
            time.sleep(PACE)
        raise SystemExit(f"not found: {what}; there is {self.names()}")

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for a condition."""
        end = time.monotonic() + WAIT_SECONDS
        while not condition():
            if time.monotonic() > end:
                raise SystemExit(f"not seen: {what}")
            time.sleep(PACE)

    def whole(self, read: Callable[[], list[str]]) -> list[str]:
        """What ``read`` finds on the screen, read anew when a node went away under the reading."""
        end = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                return read()
            except (LookupError, RuntimeError):
                if time.monotonic() > end:
                    raise
            time.sleep(PACE)

    def names(self) -> list[str]:
        """What is on the screen, for a message."""
        return self.whole(lambda: [f"{n.getRoleName()}:{n.name}" for n in self.tree() if n.name][:120])

    def named(self, words: str, role: str = "", seconds: float = WAIT_SECONDS) -> Any:
        """The node whose name contains ``words``."""
        return self.find(
            lambda n: words in (n.name or "") and (not role or n.getRoleName() == role), words, seconds
        )

    def focused(self, words: str) -> Any:
        """The node with the focus, once its name contains ``words``."""
        return self.find(
            lambda n: words in (n.name or "") and n.getState().contains(pyatspi.STATE_FOCUSED),
            f"focus on {words}",
        )

    def unnamed(self) -> list[str]:
        """Controls that take the focus and say nothing."""
        roles = (
            "push button", "check box", "radio button", "text", "password text", "combo box", "list",
            "table", "list item", "page tab", "toggle button", "spin button", "menu item",
        )  # fmt: skip
        return self.whole(lambda: [self._told(node) for node in self.tree() if self._mute(node, roles)])

    def _told(self, node: Any) -> str:
        """Role and identity of a node that has no name."""
        identity = node.get_accessible_id() if hasattr(node, "get_accessible_id") else ""
        return f"{node.getRoleName()} {identity}"

    def _mute(self, node: Any, roles: tuple[str, ...]) -> bool:
        focusable = node.getState().contains(pyatspi.STATE_FOCUSABLE)
        return node.getRoleName() in roles and focusable and not node.name

    def in_front(self) -> Any:
        """The window, once it has the keyboard: keys pressed before go nowhere."""
        frame = self.find(lambda n: n.getRoleName() in ("frame", "window"), "the window")
        self.until(lambda: frame.getState().contains(pyatspi.STATE_ACTIVE), "the window in front")
        return frame

    def command(self, initials: str, wanted: str) -> None:
        """Ctrl+K, ``initials``, and Enter once the row that contains ``wanted`` is the chosen one."""
        self.keys("Ctrl+k")
        self.focused("命令框")
        for letter in initials:
            self.keys(letter)
        self.find(
            lambda n: (
                n.getRoleName() == "list item"
                and wanted in (n.name or "")
                and n.getState().contains(pyatspi.STATE_SELECTED)
            ),
            f"{wanted} chosen in the command box",
        )
        self.keys("Return")

    def row(self, listed: str, words: str) -> None:
        """From the first row of the list ``listed``, which has the focus, down to the one with ``words``."""
        rows = self.named(listed, "list")
        names = self.whole(lambda: [rows.getChildAtIndex(number).name for number in range(rows.childCount)])
        found = [number for number, name in enumerate(names) if words in name]
        if not found:
            raise SystemExit(f"no row {words} in {names}")
        self.focused(names[0])
        for _ in range(found[0]):
            self.keys("Down")

    # -- acting ----------------------------------------------------------------------------------

    def keys(self, combination: str) -> None:
        """Press keys together: ``Ctrl+l``."""
        *held, last = combination.split("+")
        for name in held:
            pyatspi.Registry.generateKeyboardEvent(KEYS[name], None, pyatspi.KEY_PRESS)
        code = KEYS.get(last) or LETTERS.get(last) or DIGITS[last]
        pyatspi.Registry.generateKeyboardEvent(code, None, pyatspi.KEY_PRESSRELEASE)
        for name in reversed(held):
            pyatspi.Registry.generateKeyboardEvent(KEYS[name], None, pyatspi.KEY_RELEASE)

    def keys_until(self, combination: str, words: str) -> Any:
        """Press keys, and once more where nothing came of it, as a person does whom the window asked to look
        first; the node that came."""
        for _ in range(2):
            self.keys(combination)
            with contextlib.suppress(SystemExit):
                return self.named(words, seconds=WAIT_SECONDS / 2)
        return self.named(words)

    def press(self, node: Any) -> None:
        """The node's first action, as a screen reader presses it."""
        node.queryAction().doAction(self._action(node, ("Press", "Toggle", "Check")))

    def _action(self, node: Any, wanted: tuple[str, ...]) -> int:
        action = node.queryAction()
        names = [action.getName(number) for number in range(action.nActions)]
        found = [names.index(name) for name in wanted if name in names]
        if not found:
            raise SystemExit(f"{node.name} cannot be pressed: {names}")
        return found[0]


def walk(outside: Outside, passphrase: str) -> dict[str, Any]:
    """今日, 办件箱, a contact, lock, unlock; what was found on the way."""
    found: dict[str, Any] = {"unnamed": {}}
    outside.named("记录联系，小区停车费涨价", seconds=START_SECONDS)
    found["title"] = outside.in_front().name
    found["unnamed"]["today"] = outside.unnamed()
    outside.keys("Ctrl+2")
    outside.named("今天下班前要联系到被申请人", seconds=START_SECONDS)
    found["unnamed"]["inbox"] = outside.unnamed()
    outside.press(outside.named("愿意调解", "radio button"))
    outside.find(
        lambda n: n.name == "愿意调解" and n.getState().contains(pyatspi.STATE_CHECKED), "愿意调解 chosen"
    )
    said = outside.named("对方说了什么", "text")
    said.queryComponent().grabFocus()
    outside.focused("对方说了什么")
    said.queryEditableText().insertText(0, "愿意坐下来谈", 18)
    outside.until(lambda: "愿意坐下来谈" in said.queryText().getText(0, -1), "the words")
    # The page it leads to, not the notice: on a busy machine the notice is gone before it is read.
    outside.keys_until("Ctrl+Return", "去向，受理")
    outside.keys("Ctrl+2")
    done = outside.find(
        lambda n: n.getRoleName() == "list item" and "小区停车费涨价" in n.name and "待决定" in n.name,
        "小区停车费涨价 waits for its decision",
    )
    found["outcome"] = done.name
    outside.keys("Ctrl+l")
    outside.focused("口令")
    found["unnamed"]["lock"] = outside.unnamed()
    found["behind_lock"] = [n.name for n in outside.tree() if "小区停车费涨价" in (n.name or "")]
    secret = outside.named("口令", "password text")
    secret.queryEditableText().setTextContents(passphrase)
    outside.keys("Return")
    outside.named("小区停车费涨价")
    return found


def walk_pages(outside: Outside, _passphrase: str) -> dict[str, Any]:
    """Every page of the navigation, and those behind them; controls without a spoken name on each."""
    found: dict[str, Any] = {"unnamed": {}}
    outside.named("记录联系，小区停车费涨价", seconds=START_SECONDS)
    found["title"] = outside.in_front().name

    def look(page: str, words: str) -> None:
        outside.named(words)
        found["unnamed"][page] = outside.unnamed()

    for page, keys, words in (
        ("today", "Ctrl+1", "今天要办的"), ("inbox", "Ctrl+2", "今天下班前要联系到被申请人"),
        ("cases", "Ctrl+3", "案件简称："), ("agreements", "Ctrl+4", "30 日"), ("sync", "Ctrl+9", "现在再连"),
        ("settings", "Ctrl+comma", "字号"), ("intake", "Ctrl+n", "申请人"),
    ):  # fmt: skip
        outside.keys(keys)
        look(page, words)
    outside.command("lxt", "练习台")
    look("practice", "派一件新办件")
    outside.command("slls", MEDIATING)
    look("case", "履行与回访")
    outside.keys("Ctrl+Shift+a")
    look("agreement_editor", "协议内容第 1 条")
    outside.keys("Ctrl+1")
    outside.row("今天要办的", CONFIRMING)
    outside.keys("Return")
    look("confirmation", "打印材料包")
    return found


MEDIATING, CONFIRMING = "三楼漏水赔墙面", "装修尾款 3.2 万"
"""Cases of the practice data: one being mediated, one whose confirmation is due today."""
WALKS = {"contact": walk, "pages": walk_pages}


def window_manager() -> subprocess.Popen[bytes]:
    """A window manager that is at work: a window that was there before it would never get the keyboard."""
    ready = os.path.join(os.environ["XDG_RUNTIME_DIR"], "managed")
    manager = subprocess.Popen(
        ["openbox", "--startup", f"touch {ready}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    end = time.monotonic() + START_SECONDS
    while not os.path.exists(ready):
        if time.monotonic() > end:
            manager.terminate()
            raise SystemExit("the window manager did not come up")
        time.sleep(PACE)
    return manager


def main() -> None:
    """Start everything, walk, end everything."""
    python, profile, passphrase, wanted = sys.argv[1:5]
    manager = window_manager()
    told = {**os.environ, "PYTHONFAULTHANDLER": "1"}
    product = subprocess.Popen([python, "-m", "ui", "demo", "--profile", profile], env=told)
    try:
        found = WALKS[wanted](Outside(), passphrase)
        leave(found, product)
    except SystemExit as stop:
        raise SystemExit(f"{stop}; the product's exit code: {product.poll()}") from stop
    finally:
        for process in (product, manager):
            if process.poll() is None:
                process.terminate()
                process.wait(20)
    print(json.dumps(found, ensure_ascii=False))


def leave(found: dict[str, Any], product: subprocess.Popen[bytes]) -> None:
    """退出练习 closes the window; the program ends by itself."""
    outside = Outside()
    outside.press(outside.named("退出练习", "push button"))
    found["exit"] = product.wait(WAIT_SECONDS)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUTF8", "1")
    main()
