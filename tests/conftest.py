"""One QApplication for the run; unexpected Qt messages and log records fail the test that caused them."""

from __future__ import annotations

import gc
import logging
import os
import shutil
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

SCREEN = os.path.relpath(os.path.join(os.path.dirname(__file__), "helpers", "screen.json"))
"""The screen of the tests: 1366×768, the smallest the product is made for (Qt's own has 800×800)."""
if os.environ.get("QT_QPA_PLATFORM", "offscreen") == "offscreen":
    os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={SCREEN}"
os.environ.setdefault("QT_LOGGING_RULES", "qt.pdf.links.debug=false")
# How fast a busy machine draws is no finding.
settings.register_profile("house", suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


SUITES = {
    "postgres": ("a PostgreSQL server (JIEFEN_TEST_POSTGRES)", "JIEFEN_TEST_POSTGRES" in os.environ),
    "secret_service": (
        "a Secret Service (gnome-keyring, dbus-run-session)",
        bool(shutil.which("gnome-keyring-daemon") and shutil.which("dbus-run-session")),
    ),
    "display": (
        "a virtual screen with accessibility (xvfb, openbox, python3-pyatspi)",
        all(shutil.which(name) for name in ("Xvfb", "openbox", "dbus-run-session"))
        and os.path.exists("/usr/lib/python3/dist-packages/pyatspi"),
    ),
}
"""Suites that need more than Python: what they need, and whether it is here."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A suite whose surroundings are missing is left out, counted as deselected and named at the end."""
    missing = [name for name, (_, here) in SUITES.items() if not here]
    left_out = [item for item in items if any(name in item.keywords for name in missing)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_collection_finish() -> None:
    """Python's search for reference cycles: what was imported is left out, and the rest searched less often.

    It took a fifth of the processor time of the drawn sequences.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 10)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the suites that were not run."""
    for name, (needs, here) in SUITES.items():
        if not here:
            terminalreporter.write_line(f"not run here: the {name} suite needs {needs}")


@pytest.fixture(autouse=True)
def _cycles_searched_on_the_gui_thread(request: pytest.FixtureRequest) -> Iterator[None]:
    """As ``ui.background.collector`` does: a search begun on a lane could take widgets down there."""
    if "qapp" in request.fixturenames:
        gc.disable()
        yield
        if gc.get_count()[0] > 10_000:
            gc.collect(1)
        return
    if not gc.isenabled():
        gc.collect()
        gc.enable()
    yield


@pytest.fixture(scope="session")
def qapp():  # type: ignore[no-untyped-def]
    """The session's one QApplication, Chinese and with the application's fonts (takes pytest-qt's place)."""
    from PySide6.QtWidgets import QApplication

    from ui.theme.translation import load_chinese

    app = QApplication.instance() or QApplication(["jiefen"])
    assert isinstance(app, QApplication)
    load_chinese(app)
    return app


@pytest.fixture(scope="session")
def look(qapp):  # type: ignore[no-untyped-def]
    """The one look of the session; tests that change it put it back with ``plain_look``."""
    from tests.helpers.hands import be_quick
    from ui.theme.look import Look

    be_quick()
    return Look(qapp, mode="light")


@pytest.fixture
def plain_look(look):  # type: ignore[no-untyped-def]
    """The look, set back to light and 100 % after the test."""
    yield look
    look.set_mode("light")
    look.metrics.set_scale(1.0)


@pytest.fixture(autouse=True)
def _no_unexpected_qt_messages(request: pytest.FixtureRequest) -> Iterator[None]:
    """A Qt warning fails the test, unless it is marked as expected by ``expected_qt_warning``."""
    if "qapp" not in request.fixturenames:
        yield
        return
    from PySide6.QtCore import QtMsgType, qInstallMessageHandler

    seen: list[str] = []

    def keep(kind: QtMsgType, _context: object, message: str) -> None:
        if kind not in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg) and not _harmless(message):
            seen.append(message)

    previous = qInstallMessageHandler(keep)
    yield
    qInstallMessageHandler(previous)
    if seen:
        pytest.fail("Qt messages: " + " | ".join(seen))


@pytest.fixture(autouse=True)
def _no_window_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """A window that a test leaves on the screen would take the next test's clicks."""
    yield
    if "qapp" not in request.fixturenames:
        return
    from PySide6.QtWidgets import QApplication

    left = [w for w in QApplication.topLevelWidgets() if w.isVisible()]
    for window in left:
        window.hide()
    if left:
        pytest.fail("left on the screen: " + ", ".join(w.objectName() or repr(w) for w in left))


def _harmless(message: str) -> bool:
    """Messages of the offscreen platform itself, which a real desktop does not give."""
    return "This plugin does not support" in message


@pytest.fixture(autouse=True)
def _no_unexpected_log_records(request: pytest.FixtureRequest) -> Iterator[None]:
    """A WARNING or worse from our own packages fails the test, unless it asks for ``caplog``."""
    if "caplog" in request.fixturenames:
        yield
        return
    seen: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.name.split(".")[0] in {"app", "sync", "ui"}:
                seen.append(f"{record.name}: {record.getMessage()}")

    handler = Keep(level=logging.WARNING)
    logging.getLogger().addHandler(handler)
    yield
    logging.getLogger().removeHandler(handler)
    if seen:
        pytest.fail("unexpected log records: " + " | ".join(seen))
