"""The product seen from outside, as a screen reader sees it: run by the system's Python with pyatspi.

``python3 atspi_outside.py PYTHON PROFILE PASSPHRASE`` inside a D-Bus session on a virtual screen. It starts
window manager and product, works by keys and accessibility actions only, and prints one JSON object.
Standard library and pyatspi only; every wait is for a condition.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pyatspi

WAIT_SECONDS = 20.0
START_SECONDS = 45.0
PACE = 0.05
KEYS = {"Ctrl": 37, "Alt": 64, "Return": 36, "Tab": 23, "Escape": 9}
"""Key codes of a plain PC keyboard under X."""
DIGITS = {str(number): 9 + number for number in range(1, 10)}
LETTERS = {"l": 46, "m": 58, "2": 11}


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
        end = time.monotonic() + seconds
        while time.monotonic() < end:
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

    def names(self) -> list[str]:
        """What is on the screen, for a message."""
        return [f"{n.getRoleName()}:{n.name}" for n in self.tree() if n.name][:120]

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
        roles = ("push button", "check box", "radio button", "text", "combo box", "list", "toggle button")
        return [
            f"{node.getRoleName()} {node.get_accessible_id() if hasattr(node, 'get_accessible_id') else ''}"
            for node in self.tree()
            if node.getRoleName() in roles
            and node.getState().contains(pyatspi.STATE_FOCUSABLE)
            and not node.name
        ]

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
    frame = outside.find(lambda n: n.getRoleName() in ("frame", "window"), "the window")
    found["title"] = frame.name
    found["unnamed"]["today"] = outside.unnamed()
    outside.until(lambda: frame.getState().contains(pyatspi.STATE_ACTIVE), "the window in front")
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
    outside.keys("Ctrl+Return")
    outside.named("已存好")
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


def main() -> None:
    """Start everything, walk, end everything."""
    python, profile, passphrase = sys.argv[1:4]
    manager = subprocess.Popen(["openbox"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    product = subprocess.Popen([python, "-m", "ui", "demo", "--profile", profile])
    try:
        found = walk(Outside(), passphrase)
        leave(found, product)
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
