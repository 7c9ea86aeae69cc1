"""Pages in a real window on a real store; where they led and what went wrong."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.services.changes import ChangeSet
from app.services.office import Office
from tests.helpers.desks import Workplace
from tests.helpers.screens import settle
from ui.background.hub import ChangeHub
from ui.background.lanes import Job, Lanes
from ui.background.operations import Operations
from ui.background.schedule import Schedule
from ui.context import Context
from ui.frame.palette_lines import Deliver
from ui.frame.unkept import UnkeptDrafts
from ui.pages.base import Page
from ui.shell import Shell
from ui.theme.look import Look


class NoPalette:
    """The command box finds nothing here."""

    def query(self, text: str, only: str, deliver: Deliver) -> None:
        deliver([])


class Bench:
    """One window with pages on a workplace. Use :meth:`close` in the fixture."""

    def __init__(self, qtbot: QtBot, look: Look, workplace: Workplace, memory: Path) -> None:
        self.qtbot, self.look, self.workplace = qtbot, look, workplace
        self.hub = ChangeHub()
        self.lanes = Lanes()
        self.operations = Operations(self.lanes, self.hub)
        self.failures: list[tuple[str, BaseException]] = []
        self.operations.failed.connect(lambda name, error: self.failures.append((name, error)))
        self.schedule = Schedule(workplace.clock)
        self.went: list[tuple[str, Mapping[str, Any]]] = []
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        settings = QSettings(str(memory / "window.ini"), QSettings.Format.IniFormat)
        self.shell = Shell(app, look, workplace.clock, self.hub, settings, NoPalette())
        self.context = Context(
            opened=Office(workplace.desk),
            lanes=self.lanes,
            operations=self.operations,
            hub=self.hub,
            schedule=self.schedule,
            look=look,
            navigate=self._navigate,
            unkept=UnkeptDrafts(self.operations),
        )
        self.context.unkept.follow(self.context.office)
        person = workplace.desk.person
        self.shell.set_person(person.name, "调解员", workplace.desk.institution.name)
        self.shell.resize(1440, 869)

    def _navigate(self, page: str, target: str = "", **options: Any) -> None:
        self.shell.go(page, {"case_id": target, **options})

    def add(self, *pages: Page) -> None:
        """Take pages into the window and note where they lead."""
        for page in pages:
            page.navigate.connect(lambda key, params: self.went.append((key, dict(params or {}))))
            self.shell.add_page(page)

    def show(self, key: str, **params: Any) -> None:
        """Bring a page to the front and wait until it shows what it read."""
        self.shell.show()
        self.front()
        assert self.shell.go(key, params)
        self.idle()

    def front(self) -> None:
        """Have the window active: without that nothing in it has the focus."""
        self.shell.activateWindow()
        self.qtbot.waitUntil(lambda: QApplication.activeWindow() is not None, timeout=10_000)

    def be(self, person_id: str) -> None:
        """Another colleague sits down."""
        self.context.take_office(Office(self.workplace.as_person(person_id)))
        self.idle()

    def idle(self) -> None:
        """Wait until the lanes have nothing to do and the window has shown it."""

        def quiet() -> bool:
            settle()
            self.hub.flush()
            settle()
            buttons = (b for w in QApplication.topLevelWidgets() for b in w.findChildren(QAbstractButton))
            # Only our own: Qt's file chooser keeps the button of its present view down for good.
            pressed = any(b.isDown() for b in buttons if "." in b.objectName())
            return not (self.lanes.busy or pressed)

        self.qtbot.waitUntil(quiet, timeout=20_000)
        settle()

    @contextmanager
    def behind_another_write(self) -> Iterator[None]:
        """Meanwhile the write lane is busy with something long, and what is saved waits."""
        gate, begun = threading.Event(), threading.Event()

        def long(_job: Job) -> None:
            begun.set()
            assert gate.wait(30)

        self.operations.write("占着", long)
        assert begun.wait(10)
        try:
            yield
        finally:
            gate.set()
            self.idle()

    def changed(self, *kinds: str) -> None:
        """Something changed elsewhere, such as by an exchange with the platform."""
        self.hub.publish(ChangeSet.of(*kinds))
        self.idle()

    def click(self, widget: QWidget) -> None:
        """One click of the mouse, then wait."""
        assert widget.isVisible(), f"{widget.objectName()} is not on the screen"
        self.qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)
        self.idle()

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """A key to whatever has the focus, then wait; a button pressed by its key acts a moment later."""
        popup = QApplication.activePopupWidget()
        target = popup or QApplication.focusWidget() or QApplication.activeWindow() or self.shell
        self.qtbot.keyClick(target, key, modifier)
        self.idle()

    def focus(self) -> QWidget | None:
        """Who has the focus."""
        return QApplication.focusWidget()

    def undelivered(self) -> Sequence[str]:
        """Kinds of the commands in the outbox, oldest first."""
        from sqlalchemy import select

        from app.domain import commands
        from app.storage.tables import outbox

        rows = self.workplace.desk.store.read(
            lambda conn: conn.execute(select(outbox).order_by(outbox.c.ordinal)).all()
        )
        return [commands.decode(row.bytes).kind for row in rows]

    def audit(self) -> Sequence[tuple[str, str]]:
        """Actions written down, with their detail."""
        from sqlalchemy import select

        from app.storage.tables import audit

        rows = self.workplace.desk.store.read(
            lambda conn: conn.execute(select(audit).order_by(audit.c.seq)).all()
        )
        return [(row.action, row.detail) for row in rows]

    def close(self) -> None:
        """End lanes and store; nothing may have gone wrong unseen."""
        try:
            if self.shell.current is not None:
                self.shell.current.leave()
            self.idle()
        finally:
            ended = self.lanes.close()
            settle()
            self.hub.flush()
            self.shell.hide()
            self.shell.deleteLater()
            settle()
            self.workplace.close()
        assert ended
        assert not self.failures, self.failures


def type_chinese(widget: QWidget, text: str) -> None:
    """Commit ``text`` as an input method does."""
    widget.setFocus()
    event = QInputMethodEvent()
    event.setCommitString(text)
    QApplication.sendEvent(widget, event)


def dialog(kind: type[QWidget]) -> Any:
    """The open dialog of a class."""
    found = [w for w in QApplication.topLevelWidgets() if isinstance(w, kind) and w.isVisible()]
    assert found, f"no {kind.__name__} is open"
    return found[-1]
