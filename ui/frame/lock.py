"""The lock screen: covers the whole window, no case name on it; recording and sending go on."""

from __future__ import annotations

import datetime as dt

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QWidget

from app.clock import Clock, shanghai
from ui.frame.lock_notice import LockNotice
from ui.frame.marks import Avatar
from ui.labels import month_day, weekday
from ui.theme.look import Look
from ui.widgets.base import IconLabel, Text, announce, column, identify, row
from ui.widgets.buttons import IconButton, LinkButton, PrimaryButton
from ui.widgets.cards import Card
from ui.widgets.passphrase import show_typing
from ui.widgets.tags import StatusTag

LOW = 860
"""Height (px at 100 %) below which a lock screen with a notice is crowded."""


class LockScreen(QFrame):
    """The overlay.

    ``unlock_asked(passphrase)``, ``recovery_asked()``, ``switch_asked()``, and ``register_asked()`` where the
    computer was taken out of use. While the passphrase is being
    checked (:meth:`set_busy`) nothing can be sent twice.
    """

    unlock_asked = Signal(str)
    recovery_asked = Signal()
    register_asked = Signal()
    switch_asked = Signal()

    def __init__(self, look: Look, host: QWidget, clock: Clock) -> None:
        super().__init__(host)
        self.look, self._host, self._clock = look, host, clock
        self.setProperty("kind", "lock")
        identify(self, "lock.screen.cover", "已锁屏")
        self._time = Text("", role="display")
        self._date = Text("", role="editor", tone="textSecondary")
        self.due = StatusTag(look, "dueToday", "　")
        self.due.hide()
        self._asked = self._due_of = self._due_words = ""
        self._avatar = Avatar(look, "", 44)
        self._name = Text("", role="section")
        self._role = Text("", role="label", tone="textSecondary")
        self.edit = QLineEdit()
        show_typing(self.edit, on=False)
        identify(self.edit, "lock.passphrase.text", "口令")
        self.eye = IconButton(look, "eye", "看看输入的口令", name="lock.passphrase.show")
        self.eye.setCheckable(True)
        self.eye.toggled.connect(self._peek)
        self.button = PrimaryButton(look, "解锁", name="lock.unlock.now", keys="Return")
        self.problem = Text("", role="label", tone="overdue", wrap=True)
        self.problem.hide()
        self.told = Text("", role="label", wrap=True)
        self.told.setObjectName("lock.told")
        self.told.hide()
        self.hint = Text("", role="label", tone="textSecondary", wrap=True)
        self.hint.setObjectName("lock.practice.hint")
        self.hint.hide()
        self.recovery = LinkButton(look, "忘了口令，用恢复码", name="lock.recovery.open")
        self.switch = LinkButton(look, "换人登录", name="lock.switch.open")
        for part in (self.edit, self.button):
            part.setProperty("large", True)
        # Enter belongs to whatever has the focus: in the field it unlocks, on a link it follows that.
        self.button.hold_keys(hold=True)
        self.edit.returnPressed.connect(self._submit)
        self.button.clicked.connect(self._submit)
        self.recovery.clicked.connect(self.recovery_asked)
        self.switch.clicked.connect(self.switch_asked)
        self.notice = LockNotice(look)
        self.notice.register_asked.connect(self.register_asked)
        self._build()
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(self._tell_time)
        host.installEventFilter(self)
        self.edit.installEventFilter(self)
        look.follow(self, self.restyle)
        self.hide()

    def _build(self) -> None:
        center = Qt.AlignmentFlag.AlignHCenter
        self._time.setProperty("role", "clock")
        names = column(self._name, self._role, spacing=2)
        person = row(
            self._avatar,
            names,
            None,
            IconLabel(self.look, "lock", color="textSecondary", edge=24),
            spacing=12,
        )
        field = row(self.edit, self.button, spacing=10)
        field.setStretch(0, 1)
        card = Card()
        card.body.setContentsMargins(28, 24, 28, 16)
        card.body.setSpacing(10)
        card.add(person)
        label = Text("口令", role="label", tone="textSecondary")
        label.setBuddy(self.edit)
        card.add(label)
        card.add(field)
        card.add(self.problem)
        card.add(self.told)
        card.add(self.hint)
        card.add(row(self.recovery, None, self.switch))
        self.eye.setParent(self.edit)
        self.eye.show()
        self.recording = Card()
        self.recording.setProperty("alarm", True)
        self.recording.hide()
        self._recorded = Text("", role="bodyStrong")
        said = Text("锁屏不停录音，照常存在本机", role="label", tone="textSecondary")
        mark = IconLabel(self.look, "mic", color="overdue.fg", edge=24)
        self.recording.add(row(mark, column(self._recorded, said, spacing=2), None, spacing=14))
        self._middle = QWidget()
        self._middle.setLayout(column(self.notice, card, self.recording, spacing=16))
        self._sync = Text("", role="label", tone="textSecondary")
        self._sync_icon = IconLabel(self.look, "cloud-off", color="textSecondary")
        self._sync_icon.hide()
        keys = "满 30 分钟没有解锁：先存好录音，再收起钥匙，须重新输口令"
        foot = row(
            self._sync_icon,
            self._sync,
            None,
            IconLabel(self.look, "shield-check", color="textSecondary"),
            Text(keys, role="label", tone="textSecondary"),
        )
        tag = row(None, self.due, None)
        inside = column(
            None, self._time, self._date, tag, 24, row(None, self._middle, None), None, None, foot
        )
        for text in (self._time, self._date):
            text.setAlignment(center)
        inside.setContentsMargins(32, 24, 32, 24)
        self.setLayout(inside)

    # -- what it shows ---------------------------------------------------------------------------

    def lock(self, name: str, role: str) -> None:
        """Cover the window; the passphrase field has the focus."""
        since = shanghai(self._clock.now()).strftime("%H:%M")
        self._avatar.set_name(name)
        self._name.setText(name)
        self._role.setText("　".join(part for part in (role, f"{since} 锁屏") if part))
        self._forget()
        self.show_problem("")
        self._tell_time()
        self._timer.start()
        self.setGeometry(self._host.rect())
        self.show()
        self.raise_()
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)
        announce(self, "已锁屏，输入口令解锁")

    def unlocked(self) -> None:
        """Take the cover away and forget what was typed."""
        self._timer.stop()
        self._forget()
        self.set_busy(False)
        self.tell("")
        self.hide()

    def show_problem(self, text: str) -> None:
        """One sentence under the field; the passphrase is selected to be typed again."""
        self.set_busy(False)
        self.problem.setText(text)
        self.problem.setVisible(bool(text))
        self.edit.setAccessibleDescription(text)
        if text:
            self.edit.selectAll()
            self.edit.setFocus()
            announce(self.edit, text)

    def tell(self, text: str, tone: str = "ok") -> None:
        """What was done while nobody could see it, such as a healed database; stands until one unlocks."""
        self.told.setText(text)
        self.told.set_tone(tone)
        self.told.setVisible(bool(text))
        if text:
            announce(self, text)

    def set_busy(self, busy: bool) -> None:
        """While the passphrase is checked."""
        self.edit.setReadOnly(busy)
        self.button.set_unavailable("正在核对口令" if busy else "")

    def set_hint(self, text: str) -> None:
        """A line under the field, such as the passphrase of practice mode; empty takes it away."""
        self.hint.setText(text)
        self.hint.setVisible(bool(text))

    def set_revoked(self, words: tuple[str, str, str] | None) -> None:
        """The computer was taken out of use: why, what was kept, what comes next; ``None`` while it was not.

        The passphrase then asks the platform once more instead of uncovering.
        """
        self.notice.tell(words)
        self._fit_clock()
        self.button.setText("解锁" if words is None else "问平台")
        if words is not None:
            announce(self, "".join(words))

    def ask_for(self, login: str) -> None:
        """Whose passphrase is asked for: what another has to do is not shown to them."""
        self._asked = login
        self._show_due()

    def set_due(self, today: int, overdue: int, login: str) -> None:
        """How many things are due today for the person with this login, and how many are late; no names."""
        words = f"还有 {today} 件今天到期" if today else ""
        if overdue:
            words = f"{words}，{overdue} 件已超期" if words else f"还有 {overdue} 件已超期"
        self._due_of, self._due_words = login, words
        self.due.set_status("overdue" if overdue else "dueToday", words or "　")
        self._show_due()

    def _show_due(self) -> None:
        self.due.setVisible(bool(self._due_words) and self._due_of == self._asked)

    def set_sync(self, text: str, icon: str) -> None:
        """Offline and waiting things, at the foot."""
        self._sync.setText(text)
        self._sync_icon.set_icon(icon)
        self._sync_icon.setVisible(bool(text))

    def set_recording(self, text: str) -> None:
        """``38:47`` while a recording runs; empty when none does."""
        self.recording.setVisible(bool(text))
        self._recorded.setText(f"正在录音　{text}")

    def restyle(self) -> None:
        """Sizes and the large clock at the present look."""
        metrics = self.look.metrics
        self._middle.setFixedWidth(metrics.px(440))
        self._fit_clock()
        edge = self.eye.sizeHint().width()
        self.edit.setTextMargins(0, 0, edge, 0)
        self._place_eye()

    def _fit_clock(self) -> None:
        """Of a low window the words of the notice, and the answer below the field, need the clock's place."""
        px = self.look.metrics.px
        low = not self.notice.isHidden() and self.height() < px(LOW)
        size = f"font-size: {px(36 if low else 84)}px; font-weight: 700;"
        if size != self._time.styleSheet():
            self._time.setStyleSheet(size)
            self._time.setFixedHeight(px(46 if low else 100))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Cover the host whatever its size."""
        if watched is self._host and isinstance(event, QResizeEvent) and self.isVisible():
            self.setGeometry(self._host.rect())
        elif watched is self.edit and isinstance(event, QResizeEvent):
            self._place_eye()
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the eye inside the field."""
        super().resizeEvent(event)
        self._fit_clock()
        QTimer.singleShot(0, self, self._place_eye)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab stays within the lock screen."""
        ring: list[QWidget] = [
            self.edit, self.eye, self.button, self.recovery, self.switch, self.notice.register,
        ]  # fmt: skip
        focused = self.focusWidget()
        at = ring.index(focused) if focused in ring else -1
        step = 1 if forward else -1
        for turn in range(1, len(ring) + 1):
            following = ring[(at + step * turn) % len(ring)]
            if following.isVisible() and following.isEnabled():
                following.setFocus(Qt.FocusReason.TabFocusReason)
                break
        return True

    def _place_eye(self) -> None:
        size = self.eye.sizeHint()
        left = self.edit.width() - size.width() - 4
        self.eye.resize(size)
        self.eye.move(left, (self.edit.height() - size.height()) // 2)

    def _peek(self, on: bool) -> None:
        show_typing(self.edit, on=on)
        words = "遮住输入的口令" if on else "看看输入的口令"
        self.eye.set_icon("eye-off" if on else "eye", words)

    def _forget(self) -> None:
        """What was typed is gone, and the next thing typed is covered again."""
        self.edit.clear()
        self.eye.setChecked(False)

    def _submit(self) -> None:
        if self.edit.text() and not self.edit.isReadOnly():
            self.set_busy(True)
            self.unlock_asked.emit(self.edit.text())

    def _tell_time(self) -> None:
        now = shanghai(self._clock.now())
        day: dt.date = now.date()
        self._time.setText(now.strftime("%H:%M"))
        self._date.setText(f"{month_day(day)}　{weekday(day)}")
