"""带回来: reading a receipt, handing in for another computer, and the packages there were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from app.clock import from_text, shanghai
from app.services.package_records import PackageRecord
from ui.labels import Label, month_day
from ui.models.paged import CELL, Cell
from ui.theme.look import Look
from ui.widgets.base import IconLabel, Text, column, identify, row
from ui.widgets.buttons import Button
from ui.widgets.cards import Card
from ui.widgets.fields import FormField, LineEdit
from ui.widgets.fixed_table import FixedTable
from ui.widgets.states import EmptyState, InfoBar
from ui.widgets.table import CellDelegate

Index = QModelIndex | QPersistentModelIndex
ROW = 44
"""Height of a row in logical pixels."""
CODE_LETTERS = 8
"""Letters of a 校验码 without its line."""
COLUMNS = (("包", 92), ("项", 52), ("谁装的", 96), ("装的日子", 112), ("结果", 140))
CARRY = "别的电脑装好的包可以在这里交给平台。本机看不到里面的内容，也不留底；回执写回移动盘，带回去读。"
NO_WINDOW = (
    "平台没有这个窗口时：打印纸面材料交，联网后照常自动发。司法确认的申请要带纸面去法院的，"
    "先点“这个包作废”，再到案件里撤回申请，免得交两次。"
)
PURPOSE = "输好就在上面选中那个包：再打单、作废，都对选中的那个包。"
"""What the field for a code is for."""
UNMATCHED = "没有对得上的包，看看有没有抄错"


def result_of(record: PackageRecord, spared: Mapping[str, bool]) -> Label:
    """What became of a package, in a few words. ``spared``: packages that need not be carried any more, and
    whether all of each was delivered by the line."""
    if record.package_id in spared:
        if spared[record.package_id]:
            return Label("都联网送出了", "circle-check", "ok")
        return Label("不用再交", "file-text", "neutral")
    match record.state:
        case "packing":
            return Label("没有装完", "circle-alert", "dueToday")
        case "packed":
            return Label("等回执", "clock", "waiting")
        case "given_up":
            return Label("作废了", "ban", "neutral")
        case "carrying":
            return Label("还没交完", "clock", "dueToday")
        case "carried":
            return Label("替交了", "circle-check", "ok")
    # What the receipt said stays true; what is still to be done about it stands in the sync centre.
    if record.mend or record.waiting:
        rest = f"，{record.mend} 要您处理" if record.mend else f"，{record.waiting} 没轮到"
        return Label(f"{record.delivered} 到{rest}", "file-text", "neutral")
    return Label("都送到了", "circle-check", "ok")


def told(record: PackageRecord) -> str:
    """What a receipt said, in one sentence."""
    parts = [f"送达 {record.delivered}"]
    if record.against:
        parts.append(f"其中收回过的 {record.against} 项法院也收到了，请尽快和法院说清")
    if record.mend:
        parts.append(f"要您处理 {record.mend}，已列在同步中心")
    if record.waiting:
        parts.append(f"平台暂时没收 {record.waiting}，照旧等待发送")
    return f"{record.delivered + record.mend + record.waiting} 项：" + "；".join(parts)


class EarlierModel(QAbstractTableModel):
    """The packages there were."""

    def __init__(self) -> None:
        super().__init__()
        self.records: Sequence[PackageRecord] = ()
        self.names: dict[str, str] = {}
        self.spared: Mapping[str, bool] = {}

    def show_records(
        self, records: Sequence[PackageRecord], names: dict[str, str], spared: Mapping[str, bool]
    ) -> None:
        """Replace all rows."""
        self.beginResetModel()
        self.records, self.names, self.spared = records, names, spared
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Rows."""
        return 0 if parent.isValid() else len(self.records)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def cell(self, record: PackageRecord, column_: int) -> Cell:
        """One cell."""
        foreign = record.state in ("carrying", "carried")
        if column_ == 0:
            return Cell(record.label)
        if column_ == 1:
            return Cell("—" if foreign else str(record.items))
        if column_ == 2:
            return Cell("别的电脑" if foreign else self.names.get(record.person_id, "其他人员"))
        if column_ == 3:
            return Cell(month_day(shanghai(from_text(record.packed_at)).date()))
        label = result_of(record, self.spared)
        return Cell(label.text, label.status, label.icon)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The cell, its words, and for screen readers 列名：值."""
        if not index.isValid():
            return None
        cell = self.cell(self.records[index.row()], index.column())
        if role == CELL:
            return cell
        if role == Qt.ItemDataRole.DisplayRole:
            return cell.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{COLUMNS[index.column()][0]}：{cell.text}"
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Column titles."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section][0]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None


class EarlierTable(FixedTable):
    """``acted(package_id)`` by Enter: its 交接单 once more."""

    acted = Signal(str)

    def __init__(self, look: Look) -> None:
        records = EarlierModel()
        widths = [wide for _, wide in COLUMNS]
        last = len(widths) - 1
        super().__init__(
            look, records, widths, stretched=(last,), row_height=ROW, name="exchange.earlier.table"
        )
        self.records = records
        identify(self, "exchange.earlier.table", "以前的包", "上下键选择，Enter 再打一张交接单")
        self.setItemDelegate(CellDelegate(look, self))

    def restyle(self) -> None:
        """Room for four of them at the present size."""
        super().restyle()
        self.setMinimumHeight(self.look.metrics.px(36 + 4 * ROW))

    @property
    def current(self) -> PackageRecord | None:
        """The current package."""
        number = self.currentIndex().row()
        return self.records.records[number] if 0 <= number < len(self.records.records) else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter acts on the row."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers() and self.current:
            self.acted.emit(self.current.package_id)
        else:
            super().keyPressEvent(event)


class BackCard(Card):
    """带回来: the receipt read last, and the choice of a file; below it handing in for others."""

    def __init__(self, look: Look) -> None:
        self.choose = Button(
            look, "选文件", name="exchange.receipt.choose", icon="folder-open", keys="Ctrl+O"
        )
        super().__init__("带回来", "平台给的回执包", self.choose)
        self.good = InfoBar(look, "ok", " ", " ", name="exchange.receipt.good", icon="shield-check")
        self.bad = InfoBar(look, "overdue", " ", " ", name="exchange.receipt.bad", icon="octagon-alert")
        self.none = Text(
            "还没有读过回执包。拿到回执以后插上移动盘，选盘上的回执文件。",
            role="label",
            tone="textSecondary",
            wrap=True,
        )
        self.read = Text("", role="label", tone="textSecondary", wrap=True)
        self.look_at = Button(look, "看这些项", name="exchange.receipt.look")
        self._line = QWidget()
        line = row(self.read, self.look_at, spacing=12)
        line.setStretch(0, 1)
        self._line.setLayout(line)
        for part in (self.bad, self.good, self.none, self._line):
            self.add(part)
        self.bad.hide()
        self.carry = Button(look, "替别的电脑交包", name="exchange.carry.choose", icon="upload")
        note = Text(CARRY, role="label", tone="textSecondary", wrap=True)
        foot = QWidget()
        words = row(note, self.carry, spacing=12)
        words.setStretch(0, 1)
        foot.setLayout(words)
        self.set_footer(foot)

    def show_last(self, record: PackageRecord | None) -> None:
        """The receipt that was read last."""
        self.none.setVisible(record is None)
        self.good.setVisible(record is not None)
        self._line.setVisible(record is not None)
        if record is None:
            return
        self.good.set_texts(f"回执包 {record.label}　签名对，是给本机构的", told(record))
        day = month_day(shanghai(from_text(record.read_at)).date())
        self.read.setText(f"{day}读的，再读也不会重复")
        self.look_at.relabel("看要您处理的" if record.mend else "看这些项")

    def refuse(self, title: str, text: str) -> None:
        """Why a file was not read or not handed in."""
        self.bad.set_texts(title, text)
        self.bad.show()


class EarlierCard(Card):
    """以前的包, and the check of a 交接单's code."""

    def __init__(self, look: Look) -> None:
        self.print = Button(look, "再打交接单", name="exchange.earlier.print", icon="printer")
        super().__init__("以前的包", " ", self.print, flush=True)
        self.table = EarlierTable(look)
        self.empty = EmptyState(look, "还没有装过包。", name="exchange.earlier.empty", icon="package")
        self.code = LineEdit("手里这张交接单的校验码", name="exchange.code.edit", placeholder="如 9F4C-71B2")
        self.found = Text(PURPOSE, role="label", tone="textSecondary", wrap=True)
        self._wanted = ""
        field = FormField("手里这张交接单的校验码", self.code)
        below = QWidget()
        self.void = Button(look, "这个包作废", name="exchange.earlier.void", icon="ban")
        line = row(field, self.found, self.void, spacing=12)
        line.setStretch(1, 1)
        for part in (self.found, self.void):
            line.setAlignment(part, Qt.AlignmentFlag.AlignBottom)
        inside = column(line)
        inside.setContentsMargins(16, 12, 16, 12)
        below.setLayout(inside)
        self.below = below
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.empty, 1)
        self.body.addWidget(below)
        foot = QWidget()
        words = row(IconLabel(look, "info", color="textSecondary", edge=18), spacing=10)
        words.addWidget(Text(NO_WINDOW, role="label", tone="textSecondary", wrap=True), 1)
        foot.setLayout(words)
        self.set_footer(foot)
        self.code.textChanged.connect(self._typed)
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self._allow())

    def show_records(
        self, records: Sequence[PackageRecord], names: dict[str, str], spared: Mapping[str, bool]
    ) -> None:
        """All packages, the latest first; those ``spared`` need not be carried any more."""
        held, changed = self.table.current, list(records) != list(self.table.records.records)
        self.table.records.show_records(records, names, spared)
        if self.header is not None:
            own = [one for one in records if one.state in ("packed", "read")]
            open_ = sum(one.state == "packed" and one.package_id not in spared for one in own)
            words = f"{open_} 个还没有回执" if open_ else "没有要等回执的"
            self.header.set_texts("以前的包", f"{len(records)} 个，{words}" if records else "")
        for part in (self.table, self.below):
            part.setVisible(bool(records))
        self.empty.setVisible(not records)
        ids = [one.package_id for one in records]
        wanted = self._wanted if self._wanted in ids else held.package_id if held else ""
        if records:
            self.table.selectRow(ids.index(wanted) if wanted in ids else 0)
        if wanted == self._wanted:
            self._wanted = ""
        self._allow()
        if changed:
            # What was said of a code was said of the list before.
            self._tell(self._match())

    def mark(self, package_id: str) -> None:
        """Have the mark on this package with the next reading: it was packed just now, so that its sheet and
        its 作废 are what the keys are about."""
        self._wanted = package_id

    def _allow(self) -> None:
        record = self.table.current
        good = record is not None and record.state in ("packed", "read")
        self.print.set_unavailable("" if good else "先选一个本机装好的包")
        open_ = record is not None and record.state in ("packing", "packed")
        self.void.set_unavailable("" if open_ else "先选一个还没有回执的包")

    def _typed(self) -> None:
        """Whether the code on the paper in hand is one of these packages': then the mark goes to that one,
        and the keys beside are about it."""
        match = self._match()
        if match is None and len(self._plain()) >= CODE_LETTERS:
            self.found.set_tone("overdue")
            self.found.setText(UNMATCHED)
            return
        if match is not None:
            self.table.selectRow(list(self.table.records.records).index(match))
        self._tell(match)

    def _tell(self, match: PackageRecord | None) -> None:
        self.found.set_tone("ok" if match else "textSecondary")
        if match is None:
            self.found.setText(PURPOSE)
            return
        items = "替别的电脑交的" if match.state in ("carrying", "carried") else f"{match.items} 项"
        self.found.setText(f"对得上 {match.label}，{items}")

    def _match(self) -> PackageRecord | None:
        plain = self._plain()
        records = self.table.records.records if len(plain) >= CODE_LETTERS else ()
        return next((one for one in records if one.code.replace("-", "") == plain), None)

    def _plain(self) -> str:
        return "".join(letter for letter in self.code.text().upper() if letter.isalnum())
