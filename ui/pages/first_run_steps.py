"""The three cards of the first run: done, now, to come."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from ui.connection import device_name
from ui.theme import icons
from ui.theme.look import Look
from ui.widgets.base import Text, column, identify, repolish, row
from ui.widgets.buttons import LinkButton
from ui.widgets.fields import FormField, LineEdit
from ui.widgets.passphrase import SecretEdit
from ui.widgets.radio_cards import RadioCardGroup

WORDS = {"done": "已完成", "now": "现在这一步", "todo": "还没到"}


class StepMark(QWidget):
    """The number in its circle, or the tick."""

    def __init__(self, look: Look, number: int) -> None:
        super().__init__()
        self.look, self._number, self._state = look, number, "todo"
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        look.follow(self, self.updateGeometry)

    def set_state(self, state: str) -> None:
        """``done``, ``now`` or ``todo``."""
        self._state = state
        self.update()

    def sizeHint(self) -> QSize:
        """A circle."""
        edge = self.look.metrics.px(28)
        return QSize(edge, edge)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Circle with number or tick."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look = self.look
        fill, line, ink = {
            "done": ("ok.bg", "ok.border", "ok.fg"),
            "now": ("primary", "primary", "onPrimary"),
            "todo": ("surface", "borderControl", "textSecondary"),
        }[self._state]
        circle = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setPen(QPen(look.color(line), 1.5))
        painter.setBrush(look.color(fill))
        painter.drawEllipse(circle)
        if self._state == "done":
            inset = circle.width() * 0.22
            spot = circle.adjusted(inset, inset, -inset, -inset)
            icons.paint(painter, "check", look.color(ink).name(), spot)
        else:
            painter.setPen(look.color(ink))
            painter.setFont(look.font("label", bold=True))
            painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, str(self._number))
        painter.end()


class StepCard(QFrame):
    """One step: its head always shows, its body while it is the present one, its summary once it is done."""

    change_asked = Signal()

    def __init__(self, look: Look, number: int, title: str, note: str, body: QWidget) -> None:
        super().__init__()
        self.look, self._number, self._title = look, number, title
        identify(self, f"first_run.step.{number}")
        self.setProperty("kind", "card")
        self.mark = StepMark(look, number)
        self.note = Text(note, role="label", tone="textSecondary")
        self.change = LinkButton(look, "改", name=f"first_run.step.{number}.change", about=title)
        self.change.clicked.connect(self.change_asked)
        self.summary = Text("", tone="textSecondary", wrap=True)
        self.body = body
        head = row(Text(title, role="section"), None, self.note, self.change)
        inside = column(head, self.summary, body, spacing=6)
        whole = row(spacing=12)
        whole.addWidget(self.mark, alignment=Qt.AlignmentFlag.AlignTop)
        whole.addLayout(inside, 1)
        whole.setContentsMargins(24, 14, 24, 16)
        self.setLayout(whole)

    def set_state(self, state: str, summary: str = "", *, changeable: bool = False) -> None:
        """Take one of the three forms."""
        self.mark.set_state(state)
        self.body.setVisible(state == "now")
        self.summary.setText(summary)
        self.summary.setVisible(bool(summary) and state != "now")
        self.change.setVisible(state == "done" and changeable)
        self.note.setVisible(state != "done")
        self.setAccessibleName(f"第 {self._number} 步，共 3 步，{self._title}，{WORDS[state]}")
        self.setProperty("kind", "sunken" if state == "todo" else "card")
        self.setProperty("now", state == "now")
        repolish(self)


class WhoForm(QWidget):
    """Step 1: this institution, or practice first. ``changed`` on each touch, ``confirmed`` by Enter."""

    changed = Signal()
    confirmed = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        identify(self, "first_run.who")
        self.choice = RadioCardGroup(
            look,
            "这台电脑给谁用",
            (
                ("real", "登记本机构", "用机构在平台的登录名登记这台电脑"),
                ("practice", "先练习", "人和案都是假的，什么都不会发出去；以后随时可以再登记"),
            ),
            name="first_run.choice",
        )
        self.url = LineEdit("平台地址", name="first_run.url.text", placeholder="https://")
        self.device = LineEdit("这台电脑叫什么", name="first_run.device.text", text=device_name())
        self.login = LineEdit("平台登录名", name="first_run.login.text")
        self.password = SecretEdit(look, "平台口令", name="first_run.password.text")
        self.person = LineEdit("您的姓名", name="first_run.person.text")
        self.fields = {
            "url": FormField("平台地址", self.url, check=self._url_problem),
            "device_name": FormField("这台电脑叫什么", self.device),
            "user": FormField("平台登录名", self.login),
            "password": FormField("平台口令", self.password, hint="只用来登记这一次，不存"),
            "person": FormField("您的姓名", self.person, hint="锁屏上显示"),
        }
        self.form = QWidget()
        lines = QVBoxLayout(self.form)
        lines.setContentsMargins(0, 6, 0, 0)
        lines.setSpacing(8)
        for pair in (("url", "device_name"), ("user", "password"), ("person",)):
            parts: list[QWidget] = [self.fields[key] for key in pair]
            parts += [QWidget()] * (2 - len(parts))
            line = row(*parts, spacing=14)
            for at, part in enumerate(parts):
                line.setStretch(at, 1)
                line.setAlignment(part, Qt.AlignmentFlag.AlignTop)
            lines.addLayout(line)
        self.problem = Text("", role="label", tone="overdue", wrap=True)
        self.problem.hide()
        self.setLayout(column(self.choice, self.form, self.problem))
        self.choice.choose("real")
        self.choice.chosen.connect(self._chosen)
        for edit in self.edits:
            edit.textChanged.connect(self._touched)
            edit.returnPressed.connect(self.confirmed)

    @property
    def edits(self) -> tuple[QLineEdit, ...]:
        """All fields."""
        return (self.url, self.device, self.login, self.password, self.person)

    def missing(self) -> str:
        """What still keeps the step from being done. Without a network the password may come later."""
        if self.choice.value == "practice":
            return ""
        if not self.url.text().strip() or self._url_problem():
            return "填好平台地址就能继续"
        if not self.login.text().strip():
            return "填好登录名就能继续"
        if not self.person.text().strip():
            return "填好您的姓名就能继续"
        return ""

    def show_problem(self, field: str, text: str) -> None:
        """What the platform did not take, under its field where there is one."""
        if field in self.fields:
            self.fields[field].show_problem(text)
            self.fields[field].take_focus()
        self.problem.setText("" if field in self.fields else text)
        self.problem.setVisible(bool(self.problem.text()))

    def _url_problem(self) -> str:
        from app.domain.errors import UserError
        from app.services.enrolment import check_target

        text = self.url.text().strip()
        if not text:
            return ""
        try:
            check_target(text, practice=False)
        except UserError as error:
            return error.message
        except ValueError:
            return "平台地址没有看懂，照机构通知上的写。"
        return ""

    def _chosen(self, key: str) -> None:
        self.form.setVisible(key == "real")
        self._touched()

    def _touched(self) -> None:
        self.problem.hide()
        self.changed.emit()
