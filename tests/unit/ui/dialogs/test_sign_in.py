"""重新登录平台 and its kin: one types at once, Enter goes on, a refusal stands below the field."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from app.domain.errors import FieldError
from app.paths import ProfilePaths
from app.services.enrolment import Wish
from tests.helpers.desks import make_workplace
from tests.helpers.pages import Bench
from tests.helpers.screens import assert_not_clipped, grab, settle
from ui.dialogs.sign_in import EnrolDialog, SignInDialog
from ui.pages.working import WorkingPage
from ui.widgets.fields import FormField


@pytest.fixture
def bench(qtbot, plain_look, tmp_path):
    made = Bench(qtbot, plain_look, make_workplace(tmp_path / "profile"), tmp_path)
    made.add(WorkingPage(made.context, "plain"))
    made.show("plain")
    yield made
    made.close()


@pytest.fixture
def sign_in(bench):
    dialog = SignInDialog(bench.look, bench.operations, bench.workplace.desk, bench.shell)
    dialog.open()
    bench.idle()
    yield dialog
    dialog.done(0)
    bench.idle()


def test_what_is_typed_goes_into_the_password_and_enter_alone_does_not_leave(bench, sign_in):
    assert bench.focus() is sign_in.password
    bench.key(Qt.Key.Key_Return)
    assert sign_in.isVisible()
    assert sign_in.fields["password"].message.isVisible()
    bench.qtbot.keyClicks(QApplication.focusWidget(), "abc")
    assert sign_in.password.text() == "abc"


def test_later_registration_begins_with_what_is_missing(bench, tmp_path):
    desk, paths = bench.workplace.desk, ProfilePaths(tmp_path / "profile")
    wish = Wish("https://platform.example", "zhou", "服务台")
    dialog = EnrolDialog(bench.look, bench.operations, paths, desk, wish, bench.shell)
    dialog.open()
    bench.idle()
    assert bench.focus() is dialog.password
    dialog.done(0)
    bench.idle()


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_a_refusal_stands_below_its_field(bench, sign_in, scale):
    bench.look.metrics.set_scale(scale)
    settle()
    sign_in.show_refusal(FieldError("password", "用户名或密码不对，请核对后再试。"))
    settle()
    grab(sign_in, f"sign-in-refused-{round(scale * 100)}")
    field = sign_in.fields["password"]
    assert field.message.isVisible()
    assert below(field)
    assert bench.focus() is sign_in.password
    assert_not_clipped(sign_in)


def below(field: FormField) -> bool:
    """Whether the message has its whole height under the editor, inside the field."""
    bottom = field.editor.mapTo(field, QPoint(0, field.editor.height())).y()
    message = field.message.geometry()
    return message.top() >= bottom and message.height() >= field.message.sizeHint().height()
