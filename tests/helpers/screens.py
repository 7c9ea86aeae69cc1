"""Looking at widgets in tests: pictures, clipped or foreign texts, missing names."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QPoint
from PySide6.QtGui import QFontMetrics, QPixmap
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QScrollBar,
    QSizePolicy,
    QTabBar,
    QTextEdit,
    QWidget,
)

from ui.widgets.buttons import Button
from ui.widgets.drawer import Drawer
from ui.widgets.fitting import ElidedText
from ui.widgets.picture import PictureView

ARTEFACTS = Path(__file__).resolve().parents[2] / "artefacts" / "screens"
_KEYS = {
    "Esc", "Enter", "Tab", "Space", "Delete", "Home", "End", "Ctrl", "Alt", "Shift", "Word", "Excel", "PDF",
    "CSV", "OFD", "OCR", "USB", "KB", "MB", "GB", "K", "T", "A", "B",
}  # fmt: skip
LOOKS = (
    ("light", 1.0, (1440, 869)),
    ("dark", 1.0, (1440, 869)),
    ("highContrast", 1.0, (1440, 869)),
    ("light", 1.25, (1366, 737)),
    ("light", 1.5, (1366, 737)),
)
"""Scheme, type scale and window of the pictures taken of each page (ui.md 8)."""
_EDITORS = (QLineEdit, QTextEdit, QPlainTextEdit, QComboBox, QAbstractSpinBox)
_ENGLISH = re.compile(r"[A-Za-z]{2,}")


def settle() -> None:
    """Let pending layout, paint and deletion events run."""
    for _ in range(3):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)


def grab(widget: QWidget, name: str, size: tuple[int, int] | None = None) -> Path:
    """Save a picture of ``widget`` as ``artefacts/screens/<name>.png``; its path."""
    if size is not None:
        widget.resize(*size)
    widget.show()
    settle()
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    path = ARTEFACTS / f"{name}.png"
    picture = QPixmap(widget.size())
    widget.render(picture)
    # Hardly packed: packing took longer than drawing.
    assert picture.save(str(path), "PNG", 90)
    return path


def visible(widget: QWidget) -> list[QWidget]:
    """``widget`` and all widgets inside it that are on the screen."""
    return [w for w in (widget, *widget.findChildren(QWidget)) if w.isVisibleTo(widget.window())]


def clipped(widget: QWidget) -> list[str]:
    """Labels and buttons whose text is wider or higher than the room it has, or foreign."""
    found = []
    for part in visible(widget):
        if isinstance(part, _EDITORS) or (isinstance(part, QLabel | QAbstractButton) and part.text()):
            found += _beyond(part)
        if isinstance(part, QLabel) and part.text():
            found += _label(part)
        elif isinstance(part, QAbstractButton) and part.text():
            found += _button(part)
        elif isinstance(part, QAbstractButton):
            found += _squeezed(part)
        elif isinstance(part, QTabBar):
            found += [f"tab {part.tabText(i)}" for i in range(part.count()) if _foreign(part.tabText(i))]
    return found


def _squeezed(part: QWidget) -> list[str]:
    """A painted control much lower than what it paints: its words stand in each other or are cut."""
    if part.sizePolicy().verticalPolicy() != QSizePolicy.Policy.Fixed or part.parentWidget() is None:
        return []
    need = part.sizeHint().height()
    if part.height() >= need * 0.75:
        return []
    return [f"{_where(part)}: squeezed ({need} > {part.height()})"]


def _beyond(part: QWidget) -> list[str]:
    """A part that sticks out at the side of what holds it, where nobody can see it.

    What must be scrolled sideways counts as well: no page is so wide. A drawer slides in from outside; what
    a list or a text draws in itself it places itself.
    """
    holder = part.parentWidget()
    while holder is not None and not part.isWindow():
        area = holder.parentWidget()
        if isinstance(holder, Drawer) or (
            isinstance(area, QAbstractScrollArea) and not isinstance(area, QScrollArea)
        ):
            return []
        left = part.mapTo(holder, QPoint(0, 0)).x()
        if left < -1 or left + part.width() > holder.width() + 1:
            text = part.text() if isinstance(part, QLabel | QAbstractButton) else ""
            return [f"{_where(part)}: sticks out of {_where(holder)}: {text}"]
        if holder.isWindow():
            break
        holder = area
    return []


def _where(part: QWidget) -> str:
    return part.objectName() or type(part).__name__


def _label(part: QLabel) -> list[str]:
    found = []
    if part.wordWrap():
        if part.heightForWidth(part.width()) > part.height() + 2:
            found.append(f"{_where(part)}: cut below: {part.text()}")
    elif isinstance(part, ElidedText) and part.width() >= part.minimumSizeHint().width():
        if part.elided and part.text() not in part.toolTip():
            found.append(f"{_where(part)}: shortened and nowhere whole: {part.text()}")
    elif not part.pixmap() and part.sizeHint().width() > part.width() + 1:
        found.append(f"{_where(part)}: cut: {part.text()} ({part.sizeHint().width()} > {part.width()})")
    if not part.pixmap() and part.height() < part.fontInfo().pixelSize():
        found.append(f"{_where(part)}: lower than its letters: {part.text()}")
    if _foreign(part.text()):
        found.append(f"{_where(part)}: not Chinese: {part.text()}")
    return found


def _button(part: QAbstractButton) -> list[str]:
    found = []
    words = QFontMetrics(part.font()).horizontalAdvance(part.text().replace("&", ""))
    if isinstance(part, Button):
        # Icon, key and the room around them belong to it: words that just fit without these are cut.
        words = max(words, part.minimumSizeHint().width())
    if words > part.width() or part.height() < QFontMetrics(part.font()).height():
        found.append(f"{_where(part)}: cut: {part.text()} ({words} > {part.width()})")
    if _foreign(part.text()):
        found.append(f"{_where(part)}: not Chinese: {part.text()}")
    return found


def _foreign(text: str) -> bool:
    """English words in a text without any Chinese; keys, formats and addresses are allowed."""
    if re.search(r"[一-鿿]", text):
        return False
    plain = re.sub(r"https?://\S+", "", text)
    return any(word not in _KEYS for word in _ENGLISH.findall(plain))


def overflowing(widget: QWidget) -> list[str]:
    """Contents wider than the area that shows them: words would have to be scrolled sideways."""
    found = []
    for part in visible(widget):
        if not isinstance(part, QScrollArea) or part.widget() is None or isinstance(part, PictureView):
            continue
        inside, room = part.widget().width(), part.viewport().width()
        if inside > room + 1:
            found.append(f"{_where(part.widget())}: {inside} wide in {room}")
    return found


def assert_looks(page: QWidget) -> None:
    """Nothing cut or sticking out; everything named and Chinese."""
    assert_not_clipped(page)
    found = overflowing(page)
    assert not found, "\n".join(found)
    assert_named(page)


def assert_not_clipped(widget: QWidget) -> None:
    """No visible label or button is cut off, and none is in English."""
    settle()
    found = clipped(widget)
    assert not found, "\n".join(found)


def unnamed(widget: QWidget) -> list[str]:
    """Controls that can take the focus but have no spoken name or no ``objectName``."""
    kinds = (
        QAbstractButton, QLineEdit, QTextEdit, QPlainTextEdit, QComboBox, QAbstractSpinBox, QAbstractItemView,
        QTabBar,
    )  # fmt: skip
    found = []
    for part in visible(widget):
        if not isinstance(part, kinds) or isinstance(part, QScrollBar):
            continue
        if part.objectName().startswith("qt_") or not part.isEnabled():
            continue
        if isinstance(part, QAbstractItemView) and part.parent() and isinstance(part.parent(), QComboBox):
            continue
        if not part.accessibleName():
            found.append(f"no accessibleName: {type(part).__name__} {part.objectName()}")
        if "." not in part.objectName():
            found.append(f"objectName is not page.action.target: {type(part).__name__} {part.objectName()!r}")
    return found


def assert_named(widget: QWidget) -> None:
    """Every control can be found by name and is spoken by a screen reader."""
    settle()
    found = unnamed(widget)
    assert not found, "\n".join(found)


def key_focus(widget: QWidget) -> QWidget | None:
    """The widget with the focus in ``widget``'s window."""
    return QApplication.focusWidget() or widget.window().focusWidget()
