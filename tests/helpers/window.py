"""Driving the whole product: one real window on one practice profile, by mouse, keys and input method.

Every wait is for a condition and has an end. What the window itself takes is measured apart from what the
test does between two waits, so that a stall is the window's.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QAbstractItemModel, QCoreApplication, QEvent, QEventLoop, QPoint, Qt, QTimer
from PySide6.QtGui import QAction, QInputMethodEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QMenu, QScrollArea, QWidget

from app.paths import ProfilePaths
from app.services.office import Office
from tests.helpers.hands import be_quick
from tests.helpers.stalls import SamplingWatchdog, Stall
from ui.models.paged import KEY
from ui.window import Window

W = TypeVar("W", bound=QWidget)
SECONDS = 20.0
PACE_MS = 5
LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


class Pilot:
    """One window and who sits at it. ``begin`` opens, ``close`` ends; between them everything by hand."""

    def __init__(self, app: QApplication, folder: Path) -> None:
        be_quick()
        self.app, self.folder = app, folder
        self.window = Window(app, ProfilePaths(folder), practice=True)
        self.failures: list[tuple[str, BaseException]] = []
        self.stalls: list[Stall] = []
        self._watch = SamplingWatchdog()
        self._during = "start"
        self.window.operations.failed.connect(lambda name, error: self.failures.append((name, error)))

    # -- life ------------------------------------------------------------------------------------

    def begin(self, *, seconds: float = 90.0, build: bool = True) -> None:
        """Open the window as ``jiefen demo`` does and wait for 今日; with ``build`` for all pages too."""
        ready: list[bool] = []
        self.window.ready.connect(lambda: ready.append(True))
        self.window.begin()
        self.window.shell.activateWindow()
        self.until(lambda: bool(ready) or bool(self.failures), "今日 in front", seconds)
        assert not self.failures, self.failures
        if build:
            self.until(lambda: not self.window.shell._offered, "all pages built")
        self.idle()

    def close(self) -> None:
        """Close the window as a person does; everything ends."""
        for top in QApplication.topLevelWidgets():
            if top is not self.window.shell and top.isVisible():
                top.close()
        settle()
        put_away(self.window)
        assert not self.failures, self.failures

    # -- waiting ---------------------------------------------------------------------------------

    def until(self, condition: Callable[[], Any], what: str, seconds: float = SECONDS) -> None:
        """Let the window work until ``condition`` holds; its stalls are noted as ``what``."""
        with self._watched(what):
            end = time.monotonic() + seconds
            while not condition():
                assert time.monotonic() < end, f"not within {seconds:.0f} s: {what}; {self.describe()}"
                breathe()

    def idle(self) -> None:
        """Until the lanes have nothing to do and the window has shown it."""
        lanes = self.window.lanes
        self._activate()
        self.until(lambda: not (lanes.busy or lanes.care.busy), self._during)
        with self._watched(self._during):
            settle()
            self.window.hub.flush()
            settle()
        self.until(lambda: not lanes.busy, self._during)
        with self._watched(self._during):
            settle()

    def _activate(self) -> None:
        """Without a window manager nobody gives the keyboard back when a dialog closes."""
        if QApplication.activeWindow() is None and QApplication.activePopupWidget() is None:
            modal = QApplication.activeModalWidget()
            (modal or self.window.shell).activateWindow()

    @contextmanager
    def _watched(self, what: str) -> Iterator[None]:
        self._watch.start()
        try:
            yield
        finally:
            worst = self._watch.stop()
            if worst > self._watch.limit_ms:
                watch = self._watch
                self.stalls.append(Stall(worst, what, watch.worst_busy_ms, watch.worst_stacks))

    def describe(self) -> str:
        """Where the window stands, for a failing test."""
        shell = self.window.shell
        page = shell.current
        focus = QApplication.focusWidget()
        dialogs = [w.objectName() for w in QApplication.topLevelWidgets() if w.isVisible()]
        return (
            f"page {page.key if page else '-'} «{page.title if page else ''}», focus "
            f"{focus.objectName() if focus else '-'}, windows {dialogs}, toast «{shell.toast.text.text()}»"
        )

    # -- finding ---------------------------------------------------------------------------------

    @property
    def office(self) -> Office:
        """The services of the open profile, for looking at the store only."""
        assert self.window.context is not None
        return self.window.context.office

    @property
    def page(self) -> str:
        """Key of the page in front."""
        page = self.window.shell.current
        return page.key if page is not None else ""

    def case_id(self, title: str) -> str:
        """Id of the case with this short title."""
        cases = self.office.cases
        query = cases.query(text=title)
        return next(row.case_id for row in cases.page(query, 0, 50) if row.title == title)

    def here(self, name: str, kind: type[W] = QWidget) -> W | None:  # type: ignore[assignment]
        """The visible widget ``name``, in dialogs and popups first; ``None`` while there is none."""
        tops = sorted(QApplication.topLevelWidgets(), key=lambda top: top is self.window.shell)
        for top in tops:
            if not top.isVisible():
                continue
            if top.objectName() == name and isinstance(top, kind):
                return top
            for found in top.findChildren(kind, name):
                if found.isVisible():
                    return found
        return None

    def find(self, name: str, kind: type[W] = QWidget) -> W:  # type: ignore[assignment]
        """The visible widget ``name``; waits until it is on the screen."""
        self.until(lambda: self.here(name, kind) is not None, f"{name} on the screen")
        found = self.here(name, kind)
        assert found is not None
        return found

    def text(self, name: str) -> str:
        """What the label, button or field ``name`` says."""
        widget: Any = self.find(name)
        for read in ("toPlainText", "text", "currentText"):
            if hasattr(widget, read):
                value = getattr(widget, read)
                return str(value() if callable(value) else value)
        raise AssertionError(f"{name} has no text")

    # -- acting ----------------------------------------------------------------------------------

    def click(self, target: str | QWidget, at: QPoint | None = None) -> None:
        """One click of the left button, after scrolling the place into view."""
        widget = self.find(target) if isinstance(target, str) else target
        self._during = f"click {widget.objectName()}"
        self.into_view(widget)
        assert widget.isEnabled(), f"{widget.objectName()} is switched off"
        modal = QApplication.activeModalWidget()
        blocked = modal is not None and modal is not widget.window() and not self._popup(widget)
        assert not blocked, f"{widget.objectName()} is behind a dialog; {self.describe()}"
        assert not getattr(widget, "unavailable", ""), f"{widget.objectName()}: {widget.unavailable}"
        with self._watched(self._during):
            QTest.mouseClick(
                widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at or QPoint()
            )
        self.idle()

    def double_click(self, name: str) -> None:
        """Two quick clicks of the left button, as an impatient hand does."""
        widget = self.find(name)
        self._during = f"double click {name}"
        with self._watched(self._during):
            QTest.mouseClick(widget, Qt.MouseButton.LeftButton)
            if widget.isVisible():
                QTest.mouseDClick(widget, Qt.MouseButton.LeftButton)
        self.idle()

    def _popup(self, widget: QWidget) -> bool:
        return bool(widget.window().windowFlags() & Qt.WindowType.Popup)

    def into_view(self, widget: QWidget) -> None:
        """Scroll until ``widget`` can be seen."""
        step = widget.parentWidget()
        while step is not None:
            if isinstance(step, QScrollArea):
                step.ensureWidgetVisible(widget)
            step = step.parentWidget()
        settle()

    def press(self, keys: str, times: int = 1) -> None:
        """Keys to whatever has the focus: ``Ctrl+Return``, ``Alt+M``, ``1``, ``Tab``."""
        self._during = f"press {keys}"
        combination = QKeySequence(keys)[0]
        for _ in range(times):
            target = QApplication.activePopupWidget() or QApplication.focusWidget()
            target = target or QApplication.activeWindow() or self.window.shell
            with self._watched(self._during):
                QTest.keyClick(target, combination.key(), combination.keyboardModifiers())
            self.idle()

    def tab_to(self, name: str, *, back: bool = False, most: int = 60) -> None:
        """Press Tab until ``name`` (or something inside it) has the focus."""
        for _ in range(most):
            if self.focused(name):
                return
            self.press("Shift+Tab" if back else "Tab")
        raise AssertionError(f"Tab does not reach {name}; {self.describe()}")

    def focused(self, name: str) -> bool:
        """Whether ``name``, or something inside it, has the focus."""
        step = QApplication.focusWidget()
        while step is not None:
            if step.objectName() == name:
                return True
            step = step.parentWidget()
        return False

    def write(self, text: str, target: str | QWidget | None = None) -> None:
        """Type ``text``: Chinese is committed by the input method, the rest by keys."""
        if target is not None:
            widget = self.find(target) if isinstance(target, str) else target
            self.into_view(widget)
            widget.setFocus(Qt.FocusReason.MouseFocusReason)
        focus = QApplication.focusWidget()
        assert focus is not None
        self._during = f"write into {focus.objectName()}"
        with self._watched(self._during):
            if text.isascii():
                QTest.keyClicks(focus, text)
            else:
                event = QInputMethodEvent()
                event.setCommitString(text)
                QApplication.sendEvent(focus, event)
        self.idle()

    def overwrite(self, text: str, target: str | QWidget) -> None:
        """Replace what stands in a field."""
        widget = self.find(target) if isinstance(target, str) else target
        self.into_view(widget)
        widget.setFocus(Qt.FocusReason.MouseFocusReason)
        self.press("Ctrl+A")
        self.write(text)

    def choose(self, name: str, key: str) -> None:
        """Choose an entry of a drop-down by its key, by the arrow keys."""
        box = self.find(name, QComboBox)
        self.into_view(box)
        box.setFocus(Qt.FocusReason.MouseFocusReason)
        wanted = box.findData(key)
        assert wanted >= 0, f"{name} does not offer {key}: {[box.itemData(i) for i in range(box.count())]}"
        while box.currentIndex() != wanted:
            before = box.currentIndex()
            self.press("Down" if before < wanted else "Up")
            assert box.currentIndex() != before, f"{name} does not move"

    def menu(self, words: str) -> None:
        """Click the entry of the open menu that contains ``words``."""
        self.until(lambda: isinstance(QApplication.activePopupWidget(), QMenu), f"menu with {words}")
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        action = self._entry(menu, words)
        self._during = f"menu {words}"
        with self._watched(self._during):
            QTest.mouseClick(
                menu, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
                menu.actionGeometry(action).center(),
            )  # fmt: skip
        self.idle()

    def _entry(self, menu: QMenu, words: str) -> QAction:
        for action in menu.actions():
            if words in action.text().replace("&", ""):
                assert action.isEnabled(), f"menu entry {words} is switched off"
                return action
        raise AssertionError(f"no {words} in {[a.text() for a in menu.actions()]}")

    def choose_file(self, dialog: str, path: Path) -> None:
        """Write the path of a file into the open file dialog."""
        box = self.find(dialog)
        field = box.findChild(QLineEdit, "fileNameEdit")
        assert field is not None
        self.overwrite(str(path), field)
        self.press("Return")

    # -- rows ------------------------------------------------------------------------------------

    def rows(self, name: str) -> list[str]:
        """The rows of a list as a screen reader says them."""
        model = self._model(name)
        role = Qt.ItemDataRole.AccessibleTextRole
        return [
            str(model.index(i, 0).data(role) or model.index(i, 0).data()) for i in range(model.rowCount())
        ]

    def row_of(self, name: str, words: str) -> int:
        """Number of the first row that contains ``words``; waits for it."""
        self.until(lambda: any(words in text for text in self.rows(name)), f"{words} in {name}")
        return next(i for i, text in enumerate(self.rows(name)) if words in text)

    def click_row(self, name: str, words: str) -> None:
        """Click the row that contains ``words``."""
        view: Any = self.find(name)
        index = view.model().index(self.row_of(name, words), 0)
        view.scrollTo(index)
        self.click(view.viewport(), view.visualRect(index).center())

    def open_record(self, name: str, key: str) -> None:
        """Double-click the row of a table that stands for the record ``key``."""
        view: Any = self.find(name)
        model = view.model()

        def found() -> int:
            keys = (model.index(number, 0).data(KEY) for number in range(model.rowCount()))
            return next((number for number, one in enumerate(keys) if one == key), -1)

        self.until(lambda: found() >= 0, f"the record in {name}")
        index = model.index(found(), 0)
        view.scrollTo(index)
        self.idle()
        self._during = f"open a record of {name}"
        with self._watched(self._during):
            spot = view.visualRect(index).center()
            QTest.mouseClick(view.viewport(), LEFT, PLAIN, spot)
            QTest.mouseDClick(view.viewport(), LEFT, PLAIN, spot)
        self.idle()

    def _model(self, name: str) -> QAbstractItemModel:
        view: Any = self.find(name)
        model: QAbstractItemModel = view.model()
        return model

    # -- the practice platform -------------------------------------------------------------------

    @property
    def control(self) -> Any:
        """The practice platform's switches, for what others do (court, colleague)."""
        assert self.window.practice is not None
        return self.window.practice.control


def breathe() -> None:
    """A few milliseconds of the event loop.

    Not ``QTest.qWait`` and not waiting ``processEvents``: they keep the interpreter's lock while they wait,
    and the lanes could not work. ``exec`` gives it up, as in the running product.
    """
    loop = QEventLoop()
    QTimer.singleShot(PACE_MS, loop.quit)
    loop.exec()


def settle() -> None:
    """Let pending layout, paint and deletion events run."""
    for _ in range(2):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)


def put_away(window: Window) -> None:
    """Close the window as a person does; everything ends, and nothing of it stays on the screen."""
    window.shell.close()
    settle()
    assert window.context is None
    window.shell.deleteLater()
    window.deleteLater()
    settle()
    gc.collect()
