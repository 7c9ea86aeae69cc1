"""同步中心: what went, what waits, what was not taken and why; the two values; signing in again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.services.changes import ChangeSet
from ui.context import Context
from ui.pages import platform_acts
from ui.pages.sync_choosing import Choosing, Place
from ui.pages.sync_conflict import ConflictPart
from ui.pages.sync_counters import CounterBar, LeftOut
from ui.pages.sync_data import Picture, read_picture, read_row
from ui.pages.sync_notice import SyncNotice
from ui.pages.sync_receipt import ReceiptPart
from ui.pages.sync_settled import SettledConflicts
from ui.pages.sync_table import SyncTable
from ui.pages.working import WorkingPage
from ui.widgets.base import PAGE_PADDING, Text, column, row
from ui.widgets.buttons import Button, PrimaryButton
from ui.widgets.cards import Card
from ui.widgets.states import EmptyState, SkeletonRows

if TYPE_CHECKING:
    from app.services.conflict_views import ConflictView
    from app.services.sync_rows import Line, SyncRow

LOW_PAGE = 460
"""Height of a page, in logical pixels, that has hardly room for two rows."""
COUNTERS = (
    ("needs_you", "bell", "要您处理"),
    ("waiting", "cloud-upload", "等待发送"),
    ("delivered", "cloud-check", "今天已送达"),
    ("received", "download", "今天收到"),
)


class SyncPage(WorkingPage):
    """Counters as filters, the table, the drawer."""

    kinds = frozenset({"outbox", "conflicts", "attachments", "submissions", "cases", "settings"})
    answers_in_subtitle = drawer_stays = True
    help_text = (
        "要您处理的在最上面。按“去选”比对两处写法，按“去补”“看原因”看平台为什么没收下。"
        "←→ 换格子，↑↓ 选一项，Enter 办这一项。没有丢的东西，断网时都在本机等着。"
    )

    def __init__(self, context: Context) -> None:
        super().__init__(context, "sync", title="同步中心")
        look = context.look
        self.picture: Picture | None = None
        self._wanted_case, self._wanted_draft = "", False
        self._back_to: Place | None = None
        """Where the person was in the drawer when the page was left."""
        self._focus_due = self._top_due = False
        self._here = False
        """Whether the person is here already, where asking for the page once more moves nothing."""
        self._shown_filter = ""
        self.bar = CounterBar(look, COUNTERS)
        self.table = SyncTable(look)
        self.waiting = SkeletonRows(look, name="sync.waiting")
        self.empty = EmptyState(look, "都送到了。", name="sync.empty", icon="cloud-check")
        self.stack = QStackedWidget()
        for part in (self.table, self.empty, self.waiting):
            self.stack.addWidget(part)
        self.footer = Text("", role="label", tone="textSecondary", wrap=True)
        sure = Text("会自动再试，不会重复提交", role="label", tone="textSecondary")
        foot = QWidget()
        line = row(self.footer, sure, spacing=12)
        line.setStretch(0, 1)
        foot.setLayout(line)
        card = Card(flush=True)
        card.body.addWidget(self.stack, 1)
        self.foot = card.set_footer(foot)
        self.notice = SyncNotice(self)
        inside = QWidget()
        self.left_out = LeftOut(look)
        whole = column(self.notice, self.bar, self.left_out, card, spacing=14)
        whole.setStretch(3, 1)
        inside.setLayout(whole)
        self._beside = whole
        self.set_content(inside)
        self.again = PrimaryButton(
            look, "现在再连", name="sync.retry.now", icon="refresh-cw", show_keys=False
        )
        self.package = Button(look, "离线交换包", name="sync.package.open", icon="package")
        self.set_actions((self.package,), self.again)
        self.conflict = ConflictPart(look)
        self.receipt = ReceiptPart(look)
        for shown in (self.conflict, self.conflict.foot, self.receipt, self.receipt.foot):
            shown.setParent(self)
            shown.hide()
        self._connect()

    def _connect(self) -> None:
        self.bar.chosen.connect(lambda _key: self.renew())
        self.left_out.asked.connect(self._show_left_out)
        self.table.acted.connect(self.act)
        self.again.clicked.connect(self.retry)
        self.package.clicked.connect(lambda: self.context.navigate("exchange"))
        self.choosing = Choosing(self, self.conflict)
        self.settled = SettledConflicts(self)
        self.receipt.case_asked.connect(self._open_case)
        self.receipt.again_asked.connect(self._again)
        self.receipt.aside_asked.connect(self._put_aside)
        self.receipt.values_asked.connect(self.settled.open)
        self.drawer.closed.connect(self._drawer_closed)
        self.drawer.opened.connect(self._make_room)
        # Ctrl+Enter belongs to the drawer while it is open.
        self.drawer.opened.connect(lambda: self.again.hold_keys(True))
        self.drawer.closed.connect(lambda: self.again.hold_keys(False))
        self.drawer.closed.connect(self._make_room)
        self.add_shortcut("Left", "换一格", lambda: self.bar.step(-1))
        self.add_shortcut("Right", "换一格", lambda: self.bar.step(1))
        if self.context.sync is not None:
            self.context.sync.state.connect(self._state_told)

    # -- reading -------------------------------------------------------------------------------------

    def open(self, params: Mapping[str, Any]) -> None:
        """Show all, or one counter by ``filter``; with ``case_id`` the first conflict of a case.

        With ``draft`` as well, the one of the case for which a third value was begun.
        """
        self._back_to = None
        self._wanted_case, self._wanted_draft = str(params.get("case_id") or ""), bool(params.get("draft"))
        wanted = str(params.get("filter", ""))
        urgent = self.picture is not None and self.picture.counts.needs_you
        if not wanted and urgent and self.bar.value not in ("", "needs_you"):
            # What wants the person is not to be hidden by what was looked at last.
            self.bar.choose("")
        elif wanted and wanted != self.bar.value:
            self.bar.choose(wanted)
        else:
            self.renew()
        self._top_due, self._focus_due = not self._here, not (self._here and self.drawer.is_open)
        self._here = True

    def cover(self) -> None:
        """The two values stand masked again; what was written anew is kept."""
        if self.conflict.plain:
            self.conflict.cover_again()
        self.settled.cover()

    def leave(self) -> None:
        """Cover what shows, give up reads."""
        self._back_to, self._here = self.choosing.place(), False
        self.receipt.leave(self.office.desk.person.person_id)
        self.drawer.close_drawer(at_once=True)
        self.drop_all()

    def come_back(self) -> None:
        """After the lock the person is where they were, in the drawer too."""
        super().come_back()
        self._here = True
        back, self._back_to = self._back_to, None
        self.choosing.come_back(back)
        if (told := self.receipt.left_by(self.office.desk.person.person_id)) is not None:
            self._tell(told)

    def refresh(self, changes: ChangeSet) -> None:
        """Something came or went."""
        self.renew()

    def renew(self) -> None:
        """Read the page anew; what shows stays until it comes."""
        which = self.bar.value
        if self.picture is None:
            self.stack.setCurrentWidget(self.waiting)
            self.waiting.begin("正在看送到没有…")
        self.fetch("看同步中心", lambda office: read_picture(office, which), self._show)

    def _state_told(self, _state: object) -> None:
        if self.isVisible():
            self.renew()

    def _show(self, picture: Picture) -> None:
        self.waiting.finish()
        if self._now_wants(picture):
            self._top_due = True
        self.picture = picture
        held, at = self.table.held(), self.table.currentIndex().row()
        counts = picture.counts
        for key, number in (
            ("needs_you", counts.needs_you),
            ("waiting", counts.waiting),
            ("delivered", counts.delivered_today),
            ("received", counts.received_today),
        ):
            self.bar.counters[key].set_number(number)
        self.left_out.show_number(0 if self.bar.value in ("", "needs_you") else counts.needs_you)
        self.set_title("同步中心", picture.headline)
        self.footer.setText(picture.footer)
        self.table.rows.show_rows(picture.rows, picture.today)
        if picture.rows and (self._top_due or not self.table.select_id(held)):
            same = not self._top_due and self.bar.value == self._shown_filter
            if same and at > 0:
                # Its row is done with: the person goes on with the next one.
                self.table.select_number(at)
            else:
                # Who comes here begins with what wants them most, and Enter opens that.
                self.table.selectRow(0)
                self.table.scrollToTop()
        self._top_due, self._shown_filter = False, self.bar.value
        self.empty.set_texts(self._empty_words(picture))
        self.stack.setCurrentWidget(self.table if picture.rows else self.empty)
        self.notice.show_for(picture)
        for button, what in ((self.again, "连"), (self.package, "装包")):
            button.set_unavailable("" if picture.enrolment.complete else f"登记以后才能{what}")
        if self._focus_due and self.isVisible():
            self._focus_due = False
            (self.table if picture.rows else self.again).setFocus(Qt.FocusReason.OtherFocusReason)

        self._renew_receipt(picture)
        self.choosing.renew()
        wanted, self._wanted_case = self._wanted_case, ""
        found = (row for row in picture.rows if row.kind == "conflict" and row.case_id == wanted)
        if wanted and self._wanted_draft:
            self.choosing.go_on(wanted)
        elif wanted and (first := next(found, None)) is not None:
            self.act(first.row_id)

    def _now_wants(self, picture: Picture) -> bool:
        """Whether the first that wants the person has come, such as with the line: it stands at the top.

        A row that is being read in the drawer stays in hand.
        """
        before = self.picture
        nothing = before is not None and not before.counts.needs_you
        return nothing and bool(picture.counts.needs_you) and not self.drawer.is_open

    def _show_left_out(self) -> None:
        """Go to what wants the person; Enter opens the first of it."""
        self._focus_due = self._top_due = True
        self.bar.choose("needs_you")

    def _empty_words(self, picture: Picture) -> str:
        none = {
            "needs_you": "没有要您处理的。",
            "waiting": "没有等着发的。",
            "delivered": "今天还没有发出去的。",
            "received": "今天还没有收到什么。",
        }
        return none.get(self.bar.value, picture.headline)

    # -- acting --------------------------------------------------------------------------------------

    def retry(self) -> None:
        """现在再连: everything that waits may go at once."""
        sync = self.context.sync

        def done(_value: object) -> None:
            if sync is not None:
                sync.retry_now()

        self.save(
            "现在再连", lambda office: office.sync_centre.retry_now(), done, said="正在再连，结果写在这里。"
        )

    def act(self, row_id: str) -> None:
        """What the row's button says."""
        found = next((r for r in self.table.rows.rows if r.row_id == row_id), None)
        if found is None:
            return
        self.table.select_id(row_id)
        if found.kind == "conflict":
            self.open_conflict(row_id.partition(":")[2])
        elif found.kind == "received":
            if found.case_id:
                self._open_case(found.case_id)
        elif found.action in ("再试", "现在传"):
            self._again(row_id)
        else:
            self._tell(found)

    def _tell(self, found: SyncRow) -> None:
        def told(lines: tuple[tuple[Line, ...], tuple[ConflictView, ...]]) -> None:
            self.receipt.show_row(found, *lines)
            self.drawer.open_with(found.what, self.receipt, self.receipt.foot, self.receipt.first)

        self.choosing.close()
        self._look(found.row_id)
        self.fetch("看这一项", lambda office: read_row(office, found), told)

    def _look(self, row_id: str) -> None:
        self.table.rows.look_at(row_id)

    def _renew_receipt(self, picture: Picture) -> None:
        """What the open drawer tells of a row moves on with it: it was sent, it was taken or refused."""
        shown = self.receipt.row
        if shown is None or not self.receipt.isVisible():
            return
        now = next((row for row in picture.rows if row.row_id == shown.row_id), shown)
        if now != shown:
            self.fetch(
                "看这一项", lambda office: read_row(office, now), lambda x: self.receipt.show_row(now, *x)
            )

    def _open_case(self, case_id: str) -> None:
        shown = self.receipt.row if self.receipt.isVisible() else None
        self.context.navigate(shown.page if shown is not None else "case", case_id)

    def _again(self, row_id: str) -> None:
        sync = self.context.sync

        def done(_value: object) -> None:
            self.drawer.close_drawer()
            if sync is not None:
                sync.retry_now()

        self.save(
            "再试一次",
            lambda office: office.sync_centre.retry_now(row_id),
            done,
            said="已排上，马上再发。",
            of=row_id,
        )

    def _put_aside(self, row_id: str) -> None:
        def done(_value: object) -> None:
            self.drawer.close_drawer()

        words = "已收起。写的内容和平台的理由都留着。"
        self.save(
            "收起这一项", lambda office: office.sync_centre.put_aside(row_id), done, said=words, of=row_id
        )

    def sign_in(self) -> None:
        """The platform's password, then the exchange goes on."""
        platform_acts.sign_in(self)

    def enrol(self) -> None:
        """登记本机, what was put off at the first run."""
        if self.picture is not None:
            platform_acts.enrol(self, self.picture.wish)

    # -- two values ----------------------------------------------------------------------------------

    def open_conflict(self, conflict_id: str, *, onward: bool = False) -> None:
        """The drawer with one conflict, masked where it is personal; ``onward`` after another was settled."""
        row_id = f"conflict:{conflict_id}"
        self._look(row_id)
        self.table.take_in_hand(row_id)
        self.choosing.open(conflict_id, onward=onward)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a low window the rows come first: numbers behind their names, and what the notice says once."""
        super().resizeEvent(event)
        low = self.height() < self.look.metrics.px(LOW_PAGE)
        self.bar.set_low(low)
        self.foot.setVisible(not low)

    def set_narrow(self, narrow: bool) -> None:
        """The drawer stays open and in its place, at whatever size the letters are."""
        super().set_narrow(narrow)
        # Once the drawer has its own width at this size.
        QTimer.singleShot(0, self, self._make_room)

    def _make_room(self) -> None:
        """The table stands beside the drawer where there is room for both: the row in hand stays in sight."""
        choosing = self.drawer.is_open and bool(self.choosing.current)
        beside = self.drawer.is_open and not self.narrow
        self.table.shorten(on=self.drawer.is_open)
        if self.narrow:
            # One screen, one solid button, and every line for what is to be compared.
            self.bottom_bar.setVisible(not choosing)
            self.drawer.set_insets(0, 0 if choosing else self.bottom_bar.sizeHint().height())
        self._beside.setContentsMargins(0, 0, self.drawer.width() - PAGE_PADDING + 16 if beside else 0, 0)

    def _drawer_closed(self) -> None:
        self.choosing.close()
        self._look("")
