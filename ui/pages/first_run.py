"""初次使用: three cards on one page; everything can be done without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from app.clock import Clock
from app.domain.errors import FieldError, JiefenError
from ui.background.lanes import Job
from ui.background.operations import Operations
from ui.dialogs.code_sheet import SAMPLE, CodeKeeper, SheetPreview, make_sheet
from ui.pages import first_run_state as kept
from ui.pages.first_run_steps import StepCard, WhoForm
from ui.theme.look import Look
from ui.widgets.base import IconLabel, Text, announce, column, identify, row
from ui.widgets.buttons import LinkButton, PrimaryButton
from ui.widgets.passphrase import PassphrasePair

if TYPE_CHECKING:
    from app.paths import ProfilePaths
    from app.services.desk import Desk

KEEP = "案件资料加密存在本机。单独谈的记录只用您本人的钥匙加密，不离开这台电脑。"
PAPER_WIDTH = 400


class FirstRun(QFrame):
    """The wizard over the window. ``finished(desk)`` with the open desk, ``practice_asked()`` for 先练习."""

    finished = Signal(object)
    practice_asked = Signal()

    def __init__(self, look: Look, operations: Operations, paths: ProfilePaths, clock: Clock) -> None:
        super().__init__()
        self.look, self._operations, self._paths, self._clock = look, operations, paths, clock
        self._host: QWidget | None = None
        self._desk: Desk | None = None
        self._code, self._busy = "", ""
        self._drawing: Job | None = None
        self.step = 1
        self.setProperty("kind", "lock")
        identify(self, "first_run.page", "初次使用")
        self.who = WhoForm(look)
        self.pair = PassphrasePair(look, name="first_run.passphrase")
        self.keeper = CodeKeeper(look, operations, name="first_run.code")
        self.sheet = SheetPreview(look, name="first_run.sheet")
        why = Text(
            "忘了口令，只有这张纸能打开。打一份，签名封存在机构保险柜。", tone="textSecondary", wrap=True
        )
        third = QWidget()
        third.setLayout(column(why, self.keeper))
        self.cards = (
            StepCard(look, 1, "这台电脑给谁用", "", self.who),
            StepCard(look, 2, "定一个口令", "只有您知道，本机、平台都不存", self.pair),
            StepCard(look, 3, "打印恢复码", "", third),
        )
        self.back_button = LinkButton(look, "上一步", name="first_run.back", icon="arrow-left")
        self.lacking = Text("", role="label", tone="textSecondary")
        self.primary = PrimaryButton(look, "写好了，去定口令", name="first_run.next", show_keys=False)
        self.note = Text("", role="label", tone="textSecondary", wrap=True)
        self._build()
        self._connect()
        self._restore()
        self._show_sheet(SAMPLE)

    def _build(self) -> None:
        head = column(
            Text("三步就能用，大约两分钟", role="display"),
            Text("不联网也能做完。登记要联网，以后在同步中心按“登记本机”补办。", tone="textSecondary"),
            spacing=2,
        )
        cards = column(head, 8, *self.cards, self.note, None, spacing=18)
        cards.setContentsMargins(0, 0, 8, 0)
        inside = QWidget()
        inside.setProperty("kind", "scrolled")
        inside.setLayout(cards)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        foot = row(self.back_button, None, self.lacking, self.primary, spacing=10)
        foot.setContentsMargins(0, 0, 8, 0)
        self._left = column(area, foot, spacing=12)
        self._left.setStretch(0, 1)
        self._right = QFrame()
        self._right.setProperty("kind", "nav")
        tail = row(IconLabel(self.look, "info", color="textSecondary"), spacing=8)
        tail.addWidget(Text(KEEP, role="label", tone="textSecondary", wrap=True), 1)
        aside = column(self.sheet, tail, spacing=10)
        aside.setStretch(0, 1)
        aside.setContentsMargins(40, 32, 40, 24)
        self._right.setLayout(aside)
        whole = row(self._left, self._right, spacing=0)
        whole.setStretch(0, 1)
        self.setLayout(whole)
        self.look.follow(self, self.restyle)

    def _connect(self) -> None:
        self.who.changed.connect(self._tell)
        self.pair.changed.connect(self._tell)
        self.keeper.changed.connect(self._tell)
        self.who.confirmed.connect(self.go_on)
        self.pair.confirmed.connect(self.go_on)
        self.keeper.last.returnPressed.connect(self.go_on)
        self.primary.clicked.connect(self.go_on)
        self.back_button.clicked.connect(self.back)
        self.cards[0].change_asked.connect(self._change_first)
        shortcut = QShortcut(QKeySequence("Alt+Left"), self)
        shortcut.activated.connect(self.back)

    def restyle(self) -> None:
        """Margins and the paper's width at the present room."""
        width = self._host.width() if self._host is not None else 1440
        narrow = self.look.metrics.logical(width) < 1180
        self._left.setContentsMargins(24 if narrow else 96, 32, 24 if narrow else 56, 24)
        self._right.setVisible(self.look.metrics.logical(width) >= 900)
        self._right.setFixedWidth(PAPER_WIDTH if narrow else PAPER_WIDTH + 56)

    def cover(self, host: QWidget) -> None:
        """Lie over ``host`` and follow its size."""
        self._host = host
        self.setParent(host)
        host.installEventFilter(self)
        self.setGeometry(host.rect())
        self.restyle()
        self.show()
        self.raise_()
        self._focus_step()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Cover the host whatever its size."""
        if watched is self._host and isinstance(event, QResizeEvent) and self._host is not None:
            self.setGeometry(self._host.rect())
            self.restyle()
        return False

    def take_up(self, desk: Desk) -> None:
        """Go on with step 3 for a profile that was left there: its code was never seen to be kept."""
        self._desk = desk
        paths = self._paths

        def work(_job: Job) -> str:
            from app.services import profile

            return profile.new_recovery_code(paths, desk)

        self._enter(3)

        def made(code: str) -> None:
            self._code_made(code)
            self._say(
                "上次没有走完这一步，恢复码换成了这一份。先前打印或抄下的那份作废，请撕掉。", "dueToday"
            )

        self._operations.write("重新生成恢复码", work, made)

    # -- steps -------------------------------------------------------------------------------------

    def _restore(self) -> None:
        state = kept.load(self._paths)
        if state is not None:
            self.who.url.setText(state.url)
            self.who.login.setText(state.login)
            self.who.device.setText(state.device or self.who.device.text())
        self._enter(min(state.step, 2) if state is not None and not self.who.missing() else 1)

    def _enter(self, step: int) -> None:
        self.step = step
        for number, card in enumerate(self.cards, start=1):
            state = "done" if number < step else "now" if number == step else "todo"
            card.set_state(state, self._summary(number, state), changeable=number == 1 and self._desk is None)
        words = {1: "写好了，去定口令", 2: "口令定好，去打印恢复码", 3: "收好了，开始用"}[step]
        self.primary.relabel(words)
        self.back_button.setVisible(step == 2)
        self._tell()
        self._focus_step()
        announce(self, self.cards[step - 1].accessibleName())

    def _summary(self, number: int, state: str) -> str:
        if state == "todo":
            return {2: "12 个字以上，一句话最好记。", 3: "忘了口令，只有这张纸能打开。"}.get(number, "")
        if number == 1:
            login, device = self.who.login.text().strip(), self.who.device.text().strip()
            return f"登记本机构：登录名“{login}”，设备名“{device}”" if login else "登记本机构"
        return "口令已定好，只有您知道。" if number == 2 else ""

    def _focus_step(self) -> None:
        if not self.isVisible():
            return
        first: QWidget = {
            1: self.who.login if self.who.url.text() else self.who.url,
            2: self.pair.first,
            3: self.keeper.print_button,
        }[self.step]
        first.setFocus(Qt.FocusReason.TabFocusReason)

    def missing(self) -> str:
        """What the present step still lacks."""
        if self._busy:
            return self._busy
        return {1: self.who.missing, 2: self.pair.missing, 3: self.keeper.missing}[self.step]()

    def _tell(self) -> None:
        if self.step == 1:
            practising = self.who.choice.value == "practice"
            self.primary.relabel("开始练习" if practising else "写好了，去定口令")
        lacking = self.missing()
        self.lacking.setText(lacking)
        self.primary.set_unavailable(lacking)

    def back(self) -> None:
        """Alt+←. Once the profile is made there is nothing to go back to."""
        if self.step == 2 and not self._busy:
            self._enter(1)

    def _change_first(self) -> None:
        if not self._busy and self._desk is None:
            self._enter(1)

    def go_on(self) -> None:
        """The solid button, or Enter in a field."""
        if self.missing():
            return
        if self.step == 1 and self.who.choice.value == "practice":
            self.practice_asked.emit()
        elif self.step == 1:
            self._keep(2)
            self._enter(2)
        elif self.step == 2:
            self._make_profile()
        else:
            self._finish()

    def _keep(self, step: int) -> None:
        state = kept.FirstRunState(
            step=step,
            url=self.who.url.text().strip(),
            login=self.who.login.text().strip(),
            device=self.who.device.text().strip(),
        )
        paths = self._paths
        self._operations.write("记下做到哪一步", lambda _job: kept.save(paths, state))

    def _set_busy(self, words: str) -> None:
        self._busy = words
        self._tell()

    def _make_profile(self) -> None:
        from app.services.enrolment import Wish

        paths, clock, passphrase = self._paths, self._clock, self.pair.text
        name, login = self.who.person.text().strip(), self.who.login.text().strip()
        wish = Wish(self.who.url.text().strip(), login, self.who.device.text().strip())

        def work(_job: Job) -> tuple[Desk, str]:
            from app.services import enrolment, profile

            made, code = profile.create_profile(
                paths, profile.NewPerson(name, login), passphrase, clock=clock
            )
            enrolment.put_wish(made, wish)
            return made, code

        def done(made: tuple[Desk, str]) -> None:
            self._desk = made[0]
            self._set_busy("")
            self.pair.clear_both()
            self._keep(3)
            self._enter(3)
            self._code_made(made[1])
            self._enrol()

        def failed(error: BaseException) -> bool:
            self._set_busy("")
            if isinstance(error, FieldError):
                self.pair.show_problem(error.message)
                return True
            return False

        self._set_busy("正在建立档案")
        self._operations.write("建立档案", work, done, failed)

    def _code_made(self, code: str) -> None:
        self._code = code
        self._show_sheet(code)

    def _show_sheet(self, code: str) -> None:
        device, now = self.who.device.text().strip(), self._clock.now()
        desk, person = self._desk, self.who.person.text().strip()
        institution = desk.institution.name if desk is not None else "本机构"
        person = desk.person.name if desk is not None else person or "　"
        practice = desk.practice if desk is not None else False

        def shown(pdf: bytes) -> None:
            real = code == self._code
            self.sheet.paper.show_pdf(pdf)
            self.sheet.caption.setText("这是真码，打印后收好" if real else "样张，第 3 步生成真码")
            if real:
                self.keeper.set_code(code, pdf)

        if self._drawing is not None:
            self._drawing.cancel()
        self._drawing = self._operations.read(
            "排恢复码",
            lambda _job: make_sheet(code, institution, device, person, now, practice=practice),
            shown,
        )
        self.destroyed.connect(self._drawing.cancel)

    # -- registering -------------------------------------------------------------------------------

    def _enrol(self) -> None:
        from ui import connection

        desk, paths, password = self._desk, self._paths, self.who.password.text()
        if desk is None:
            return
        if not password:
            self._say("档案已建好。登记等联网后再做：在同步中心按“登记本机”，填平台口令。", "waiting")
            return
        url, user = self.who.url.text().strip(), self.who.login.text().strip()
        name, found = self.who.device.text().strip(), desk
        self.who.password.clear()
        self._say("正在向平台登记，您可以先打印恢复码。", "info")
        self._set_busy("正在向平台登记")
        self._operations.network(
            "登记本机",
            lambda _job: connection.enrol(paths, found, url=url, user=user, password=password, name=name),
            self._enrolled_now,
            self._not_enrolled,
        )

    def _enrolled_now(self, desk: Desk) -> None:
        self._desk = desk
        self._set_busy("")
        self._say(f"已登记：{desk.institution.name}，{desk.person.name}。", "ok")
        if self._code and not self.keeper.kept.isChecked():
            self._show_sheet(self._code)

    def _not_enrolled(self, error: BaseException) -> bool:
        self._set_busy("")
        if not isinstance(error, JiefenError):
            return False
        if isinstance(error, FieldError):
            self._ask_again(error)
            return True
        later = "档案已建好，三步照样做完；以后在同步中心按“登记本机”再登记。"
        self._say(f"{error.message}{later}", "dueSoon")
        return True

    def _ask_again(self, error: FieldError) -> None:
        """The platform did not take name or password: the form again, with the sentence under its field."""
        from app.services.enrolment import Wish
        from ui.dialogs.sign_in import EnrolDialog

        desk = self._desk
        if desk is None:
            return
        words = "还没有登记。档案已建好，恢复码也有效；以后在同步中心按“登记本机”也可以。"
        self._say(words, "waiting")
        wish = Wish(
            self.who.url.text().strip(), self.who.login.text().strip(), self.who.device.text().strip()
        )
        dialog = EnrolDialog(self.look, self._operations, self._paths, desk, wish, self.window())
        dialog.succeeded.connect(self._enrolled_now)
        dialog.open()
        dialog.show_refusal(error)

    def _say(self, text: str, tone: str) -> None:
        self.note.setText(text)
        self.note.set_tone(tone)
        announce(self, text)

    def _finish(self) -> None:
        desk, paths = self._desk, self._paths
        if desk is None:
            return
        if self._drawing is not None:
            self._drawing.cancel()
        self.keeper.set_code("", b"")
        self.sheet.paper.clear_pdf()
        self._code = ""

        def over(_value: object) -> None:
            self.finished.emit(desk)

        self._operations.write("初次使用做完", lambda _job: kept.forget(paths), over)
