"""A screen reader may ask for a child that went away a moment ago; the program must live on."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget
from ui import accessible

app = QApplication([])
accessible.install()
area = QScrollArea()
inside = QWidget()
inside.setMinimumSize(900, 900)
area.setWidget(inside)
area.show()
told = QAccessible.queryAccessibleInterface(area)
count = told.childCount()
assert told.child(0) is not None
inside.setMinimumSize(1, 1)
inside.resize(1, 1)
app.processEvents()
assert told.childCount() <= count
assert told.child(count + 5) is None
print("alive")
"""


def test_a_child_of_a_scroll_area_that_is_gone_ends_nothing() -> None:
    """In a process of its own: with Qt's own telling this is a segmentation fault, not an exception."""
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=False
    )
    assert (ran.returncode, ran.stdout.strip()) == (0, "alive"), ran.stderr[-2000:]
