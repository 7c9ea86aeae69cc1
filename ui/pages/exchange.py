"""离线交换包: what waits, carried out on a stick; the receipt brought back; the packages there were."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QBoxLayout, QWidget

from app.domain.errors import JiefenError, UserError
from app.services.changes import ChangeSet, Written
from ui.context import Context
from ui.dialogs.confirm import Confirmation
from ui.dialogs.files import open_file, open_folder
from ui.failures.texts import explain
from ui.pages.exchange_in import BackCard, EarlierCard
from ui.pages.exchange_out import OutCard, nothing
from ui.pages.working import WorkingPage
from ui.sticks import Stick, plugged_in
from ui.widgets.base import column
from ui.widgets.buttons import Button

if TYPE_CHECKING:
    from app.services.exchange_package import Offer
    from app.services.office import Office
    from app.services.package_records import PackageRecord
    from app.services.sync_centre import Standing
    from ui.background.lanes import Job

PACKING, READING, VOID = "装离线交换包", "读离线交换包", "作废离线交换包"
HELD_MS = 3000
"""After which the page looks again whether what was just written can be packed."""
NOT_HANDED_IN = ("E-GIVEN-UP", "E-PACKAGE-OFFLINE", "E-UNREGISTERED")
"""Codes of a package that was not handed in, rather than not read."""
NOT_NOW = {
    "online": "现在没有网络，包要拿到能上网的电脑交",
    "sign_in": "平台登录已过期，先到同步中心重新登录",
    "mended": "收发停了，先到同步中心看怎么办",
}
"""Why this computer hands in no package for others, by the outlook of the line."""


@dataclass(frozen=True)
class Picture:
    """Everything the page shows, of one moment."""

    offer: Offer
    records: tuple[PackageRecord, ...]
    standing: Standing
    names: dict[str, str]
    spared: Mapping[str, bool]
    """Packages that nobody need carry any more, and whether all of each was delivered."""
    sticks: tuple[Stick, ...]


def read_picture(office: Office) -> Picture:
    """Read it all. Runs on the read lane."""
    return Picture(
        offer=office.packages.offer(),
        records=office.packages.known(),
        standing=office.sync_centre.standing(),
        spared=office.packages.spared(),
        names={key: person.name for key, person in office.desk.people.items()},
        sticks=plugged_in(),
    )


class ExchangePage(WorkingPage):
    """带出去 at the left, 带回来 and the earlier packages at the right."""

    kinds = frozenset({"outbox", "conflicts", "attachments", "submissions", "packages"})
    help_text = (
        "没有网络时，把等待发送的装进移动盘，拿到能上网的电脑交。交完把盘上的回执带回来读。"
        "没有读回执以前都算等待发送；同一项只算一次，联网先发出去也不会重复。"
        "Ctrl+Enter 装包，Ctrl+O 读回执包或替别的电脑交包。"
    )

    def __init__(self, context: Context) -> None:
        super().__init__(context, "exchange", nav="sync", title="离线交换包")
        look = context.look
        self.picture: Picture | None = None
        self._job: Job | None = None
        self.out = OutCard(look)
        self.back_card = BackCard(look)
        self.earlier = EarlierCard(look)
        right = QWidget()
        beside = column(self.back_card, self.earlier, spacing=14)
        beside.setStretch(1, 1)
        right.setLayout(beside)
        inside = QWidget()
        self._columns = QBoxLayout(QBoxLayout.Direction.LeftToRight, inside)
        self._columns.setContentsMargins(0, 0, 0, 0)
        self._columns.setSpacing(16)
        self._columns.addWidget(self.out, 1)
        self._columns.addWidget(right, 1)
        self._right = right
        self.set_content(inside, scrolled=True)
        self.home = Button(look, "回同步中心", name="exchange.home.open", icon="arrow-left")
        self.again = Button(look, "现在再连", name="exchange.retry.now", icon="refresh-cw")
        self.set_actions((self.home, self.again))
        self._connect()

    def _connect(self) -> None:
        self.out.primary.clicked.connect(self.pack)
        self.out.place.sought.connect(self.seek)
        self.out.progress.cancelled.connect(self.cancel)
        self.back_card.choose.clicked.connect(self.choose)
        self.back_card.carry.clicked.connect(self.choose)
        self.back_card.look_at.clicked.connect(self._look_at)
        self.earlier.print.clicked.connect(self._print_again)
        self.earlier.table.acted.connect(self.print_sheet)
        self.earlier.void.clicked.connect(self.ask_void)
        self.home.clicked.connect(lambda: self.context.navigate("sync"))
        self.again.clicked.connect(self._retry)
        self.context.operations.progress.connect(self._moved)
        self._held_again = QTimer(self)
        self._held_again.setSingleShot(True)
        self._held_again.setInterval(HELD_MS)
        self._held_again.timeout.connect(self._renew_soon)
        if self.context.sync is not None:
            self.context.sync.state.connect(self._state_told)

    # -- frame ---------------------------------------------------------------------------------------

    def set_narrow(self, narrow: bool) -> None:
        """In a narrow window the halves stand below each other, the primary button at the foot."""
        if narrow == self.narrow:
            return
        super().set_narrow(narrow)
        way = QBoxLayout.Direction
        self._columns.setDirection(way.TopToBottom if narrow else way.LeftToRight)
        self.set_actions((self.home, self.again), self.out.primary if narrow else None)
        if not narrow:
            self.out.foot.addWidget(self.out.primary)
            self.out.primary.show()

    def focus_areas(self) -> Sequence[QWidget]:
        """Out, back, earlier."""
        return [self.out, self.back_card, self.earlier]

    def open(self, params: Mapping[str, Any]) -> None:
        """Look at what waits and which sticks there are."""
        self.back_card.bad.hide()
        self.renew()
        self.out.primary.setFocus(Qt.FocusReason.OtherFocusReason)

    def _renew_soon(self) -> None:
        """What can still be undone can be packed in some seconds: the page says so by itself."""
        if self.isVisible():
            self.renew()

    def leave(self) -> None:
        """Packing goes on; what was only read is given up."""
        self.drop_all()

    def refresh(self, changes: ChangeSet) -> None:
        """Something came or went."""
        self.renew()

    def _state_told(self, _state: object) -> None:
        if self.isVisible():
            self.renew()

    # -- reading -------------------------------------------------------------------------------------

    def renew(self) -> None:
        """Read the page anew; what shows stays until it comes."""
        self.fetch("看离线交换包", read_picture, self._show)

    def seek(self) -> None:
        """再找一次: the sticks that are there now."""
        self.renew()

    def _show(self, picture: Picture) -> None:
        self.picture = picture
        self.set_title("离线交换包", self._answer(picture))
        self.out.show_offer(picture.offer)
        self.out.place.show_sticks(picture.sticks, picture.offer.size)
        self.earlier.show_records(picture.records, picture.names, picture.spared)
        read = [one for one in picture.records if one.state == "read"]
        self.back_card.show_last(max(read, key=lambda one: one.read_at, default=None))
        self.back_card.carry.set_unavailable(NOT_NOW.get(self.context.outlook, ""))
        self._allow()
        if picture.offer.held:
            self._held_again.start()

    def _answer(self, picture: Picture) -> str:
        from app.services.sync_centre import clock_text

        offer, standing = picture.offer, picture.standing
        if not offer.items:
            return nothing(offer) if not offer.held else f"{offer.held} 项刚写好，还能撤销，过几秒就能装。"
        if standing.online and self.context.online:
            return f"现在连着平台，{offer.items} 项会自动发，一般不用装包。"
        since = f"从 {clock_text(standing.last_success_at)} 起没有连上。" if standing.last_success_at else ""
        return f"{since}{offer.items} 项可以装进移动盘，拿到能上网的窗口交。"

    def _allow(self) -> None:
        """One thing at a time on the stick."""
        busy = "正在装包或读文件" if self._job is not None else ""
        for button in (self.back_card.choose, self.back_card.carry):
            button.set_unavailable(busy)
        if busy:
            self.out.primary.set_unavailable(busy)
        elif self.picture is not None:
            self.back_card.carry.set_unavailable(NOT_NOW.get(self.context.outlook, ""))

    def _retry(self) -> None:
        if self.context.sync is not None:
            self.context.sync.retry_now()
        self.said.emit("正在再连，结果写在这里。")

    # -- packing -------------------------------------------------------------------------------------

    def pack(self) -> None:
        """装好，打印交接单: onto the chosen stick, or into a folder that is asked for first."""
        place = self.out.place.place
        if place is not None:
            self.pack_into(place)
            return
        dialog = open_folder(self.window(), "放到哪个文件夹", name="exchange.folder.choose")
        dialog.accepted.connect(lambda: self.pack_into(Path(dialog.selectedFiles()[0])))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def pack_into(self, folder: Path) -> None:
        """Pack what waits into ``folder``; then the 交接单."""
        packages = self.office.packages
        on_a_stick = folder == self.out.place.place
        onward = "可以拔移动盘了。" if on_a_stick else f"在“{folder.name}”里，记得拷到移动盘带去。"

        def work(job: Job) -> Written[PackageRecord]:
            return packages.pack(folder, job.passed)

        def done(written: Written[PackageRecord]) -> None:
            self.earlier.mark(written.value.package_id)
            self._over()
            self.said.emit(f"已装好“{written.value.file_name}”，读回来核对过。{onward}")
            self.print_sheet(written.value.package_id)

        self._begin(PACKING, "正在装，先不要拔移动盘。" if on_a_stick else "正在装。", "不装了", work, done)

    def print_sheet(self, package_id: str) -> None:
        """The 交接单: first the preview."""
        from ui.dialogs.paper import PaperDialog

        packages = self.office.packages
        PaperDialog(
            self.look,
            self.context.operations,
            lambda: packages.sheet(package_id),
            self.window(),
            title="交接单",
            note="没有个人信息",
            file_name="离线交换包交接单.pdf",
            name="exchange.sheet",
        ).start()

    def ask_void(self) -> None:
        """这个包作废: only for one that was not handed in and never will be."""
        record = self.earlier.table.current
        if record is None or self.earlier.void.unavailable:
            return
        asked = Confirmation(
            title=f"离线交换包 {record.label} 作废",
            effects=(
                "只有确定这个包没有交、以后也不会交，才作废；已经交了的，请读回它的回执。",
                "里面的内容都在本机，照旧等待发送，也可以收回、再装一包。",
            ),
            lasting="作废以后，要是有人又拿那个包去交，平台照样收下。盘上的包请删掉。",
            action="这个包作废",
            icon="ban",
        )
        package_id = record.package_id

        def void() -> None:
            self.save(
                VOID, lambda office: office.packages.give_up(package_id),
                said=f"{record.label} 作废了，内容都在本机。", undo=False, refused=self._say,
            )  # fmt: skip

        self.confirmed(VOID, asked, void, dialog="exchange.void")

    def _say(self, error: UserError) -> bool:
        self.said.emit(error.message)
        return True

    def _print_again(self) -> None:
        record = self.earlier.table.current
        if record is not None:
            self.print_sheet(record.package_id)

    # -- a file from the stick -----------------------------------------------------------------------

    def choose(self) -> None:
        """选文件: a receipt to read, or another computer's package to hand in."""
        kinds = "离线交换包和回执 (*.jfr *.jfp)"
        dialog = open_file(self.window(), "选移动盘上的文件", kinds, name="exchange.file.choose")
        if self.out.place.sticks:
            dialog.setDirectory(str(self.out.place.sticks[0].path))
        dialog.accepted.connect(lambda: self.take_file(Path(dialog.selectedFiles()[0])))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def take_file(self, path: Path) -> None:
        """Read a receipt, or hand a package in: the file itself says which it is."""
        desk = self.office.desk
        self.back_card.bad.hide()

        def work(job: Job) -> Written[Any]:
            from ui import stick_work

            return stick_work.take(desk, path, job.passed)

        def done(written: Written[Any]) -> None:
            from ui import stick_work

            self._over()
            self.said.emit(stick_work.words(written.value))

        on_a_stick = any(path.is_relative_to(one.path) for one in self.out.place.sticks)
        stay = "，先不要拔移动盘。" if on_a_stick else "。"
        self._begin(READING, f"正在看“{path.name}”{stay}", "不等了", work, done)

    def _look_at(self) -> None:
        read = [one for one in (self.picture.records if self.picture else ()) if one.state == "read"]
        last = max(read, key=lambda one: one.read_at, default=None)
        self.context.navigate("sync", filter="needs_you" if last and last.mend else "delivered")

    # -- one thing at a time -------------------------------------------------------------------------

    def _begin(
        self,
        name: str,
        text: str,
        stop: str,
        work: Callable[[Job], Any],
        done: Callable[[Any], None],
    ) -> None:
        if self._job is not None:
            return
        self.out.progress.button.relabel(stop)
        self.out.progress.begin(text)
        self._job = self.context.operations.network(name, work, done, self._failed(name))
        self._allow()

    def _failed(self, name: str) -> Callable[[BaseException], bool]:
        def failed(error: BaseException) -> bool:
            self._over()
            words = explain(error)
            if not isinstance(error, JiefenError) or words.kind == "bug":
                return False
            # What is said of files and sticks names the next step itself; the general one misleads there.
            whole = isinstance(error, UserError) or error.code.startswith("E-STICK")
            said = words.text if whole else words.text + words.next_step
            if name == READING:
                refused = "没有交" if error.code in NOT_HANDED_IN else "没有读"
                title = refused if isinstance(error, UserError) else "没有办成"
                self.back_card.refuse(title, said)
            else:
                self.out.progress.tell(said)
            return True

        return failed

    def cancel(self) -> None:
        """不装了: nothing is left on the stick, everything waits as before."""
        if self._job is not None:
            self._job.cancel()
            self._over()
            self.said.emit("已停下。内容都在本机，照旧等待发送。")

    def _over(self) -> None:
        self._job = None
        self.out.progress.finish()
        self._allow()
        self.renew()

    def _moved(self, name: str, part: float, _text: str) -> None:
        if self._job is not None and name in (PACKING, READING):
            self.out.progress.advance(part)
