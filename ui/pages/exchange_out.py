"""带出去: what is packed, where to, and the 交接单."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QSizePolicy, QVBoxLayout, QWidget

from app.services.exchange_package import Offer
from app.services.package_lines import PackLine
from app.services.sync_words import size_text
from ui.sticks import Stick
from ui.theme import icons
from ui.theme.look import Look
from ui.widgets.base import CARD_PADDING, Divider, IconLabel, Text, clear, column, identify, row
from ui.widgets.buttons import LinkButton, PrimaryButton
from ui.widgets.cards import Card
from ui.widgets.fitting import ElidedText
from ui.widgets.progress_line import ProgressLine
from ui.widgets.radio_cards import RadioCardGroup
from ui.widgets.states import EmptyState
from ui.widgets.tags import StatusTag

FOLDER = "folder"
SHOWN = 12
"""Lines shown; more are told in one line."""
NOTHING = "没有要带的。都送到了。"
WHERE = "平台已有答复，带去也一样，先到同步中心“要您处理”里办。"
LOCKED = "整包只有平台打得开，有签名，改一个字就作废；盘丢了也看不到内容。单独谈的记录从不装进去。"
PAPER = "打印包号、项数、校验码，交的时候核对。没拿到回执之前，本机都算“等待发送”。"
_ICONS = {
    "contact.record": "phone", "session.record": "messages-square", "attachment.declare": "paperclip",
    "agreement.finalise": "handshake", "signature.register": "pen-line", "image": "image", "audio": "mic",
    "case.register": "user-plus", "party.add": "users", "party.edit": "users", "case.close": "flag",
}  # fmt: skip


def nothing(offer: Offer) -> str:
    """That there is nothing to carry, and why that holds for what the platform has answered too."""
    answered = left_here(offer)
    return f"没有要带的。{answered}，{WHERE}" if answered else NOTHING


def left_here(offer: Offer) -> str:
    """What the platform has answered and a person sees to, as the sync centre calls and counts it."""
    counted = (("没有送达的", offer.failed, "项"), ("两处不同的", offer.disputed, "处"))
    return "、".join(f"{what} {number} {unit}" for what, number, unit in counted if number)


def packed_words(offer: Offer) -> str:
    """That some of it lies in a package on its way already; empty where none does."""
    inside = sum(count for _, count in offer.packed)
    if not inside:
        return ""
    labels = "、".join(record.label for record, _ in offer.packed)
    whole = inside == offer.items and len(offer.packed) == 1
    much = "这些都" if inside == offer.items else f"其中 {inside} 项"
    carry = "带那个包去就行；那个包找不到了再装一次" if whole else "那些包照样要带"
    return f"{much}已经在“以前的包” {labels} 里，等着交。{carry}，同一项只算一次。"


class Mark(QWidget):
    """The circle before a step: its number, or a tick once it is settled."""

    def __init__(self, look: Look, number: int) -> None:
        super().__init__()
        self.look, self.number, self.state = look, number, "todo"
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        look.follow(self, self.updateGeometry)

    def set_state(self, state: str) -> None:
        """done, now or todo."""
        self.state = state
        self.update()

    def sizeHint(self) -> QSize:
        """The circle."""
        edge = self.look.metrics.px(28)
        return QSize(edge, edge)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Circle, and number or tick in it."""
        fill, line, ink = {
            "done": ("ok.bg", "ok.border", "ok.fg"),
            "now": ("primary", "primary", "onPrimary"),
            "todo": ("surface", "borderControl", "textSecondary"),
        }[self.state]
        look = self.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        circle = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setPen(QPen(look.color(line), 1.5))
        painter.setBrush(look.color(fill))
        painter.drawEllipse(circle)
        if self.state == "done":
            inset = circle.width() * 0.24
            spot = circle.adjusted(inset, inset, -inset, -inset)
            icons.paint(painter, "check", look.color(ink).name(), spot)
        else:
            painter.setPen(look.color(ink))
            painter.setFont(look.font("bodyStrong"))
            painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, str(self.number))
        painter.end()


class StepPart(QFrame):
    """One step: mark, title, and what belongs to it beneath."""

    def __init__(self, look: Look, number: int, title: str) -> None:
        super().__init__()
        self.look, self.mark = look, Mark(look, number)
        self.title = Text(title, role="bodyStrong")
        self.body = QVBoxLayout()
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(8)
        inside = row(spacing=12)
        inside.addWidget(self.mark, 0, Qt.AlignmentFlag.AlignTop)
        words = column(self.title, self.body, spacing=8)
        words.setContentsMargins(0, 3, 0, 0)
        inside.addLayout(words, 1)
        inside.setContentsMargins(CARD_PADDING, 12, CARD_PADDING, 12)
        self.setLayout(inside)

    def set_state(self, state: str) -> None:
        """done, now or todo; the one at work now stands on a tint."""
        self.mark.set_state(state)
        spoken = {"done": "已完成", "now": "现在这一步", "todo": "还没到"}[state]
        self.mark.setAccessibleName(f"第 {self.mark.number} 步，{self.title.text()}，{spoken}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The tint under the step at work."""
        if self.mark.state == "now":
            painter = QPainter(self)
            painter.fillRect(self.rect(), self.look.color("primarySubtle"))
            painter.end()


class PackLines(QWidget):
    """What goes along, a line each."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        identify(self, "exchange.lines.list", "装哪些")
        self._lines = QVBoxLayout(self)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(6)

    def show_offer(self, offer: Offer) -> None:
        """Show what a package made now would hold, how much has to stay for now, and what is not for it."""
        lines, held, answered = offer.lines, offer.held, left_here(offer)
        clear(self._lines)
        for line in lines[:SHOWN]:
            self._lines.addWidget(self._line(line))
        if len(lines) > SHOWN:
            rest = sum(line.count for line in lines[SHOWN:])
            self._lines.addWidget(Text(f"还有 {rest} 项，一起装", role="label", tone="textSecondary"))
        if packed := packed_words(offer):
            self._lines.addWidget(Text(packed, role="label", tone="waiting", wrap=True))
        if held:
            words = f"另有 {held} 项先不装：还能撤销，或要等别的先送到。"
            self._lines.addWidget(Text(words, role="label", tone="textSecondary", wrap=True))
        if answered:
            words = f"{answered}不装：{WHERE}"
            self._lines.addWidget(Text(words, role="label", tone="textSecondary", wrap=True))

    def _line(self, line: PackLine) -> QWidget:
        name = {"upload": "paperclip", "filing": "landmark"}.get(line.kind, "file-text")
        picture = IconLabel(self.look, _ICONS.get(line.command, name), color="textSecondary", edge=18)
        words = ElidedText(f"{line.text}　{line.case_title}" if line.case_title else line.text)
        size = Text(size_text(line.size) if line.size else "—", role="label", tone="textSecondary")
        holder = QWidget()
        inside = row(picture, words, size, spacing=10)
        inside.setStretch(1, 1)
        holder.setLayout(inside)
        return holder


KILOBYTE = 1024


class PlaceChoice(QWidget):
    """放到哪: a stick, or a folder of this computer."""

    sought = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        self.sticks: tuple[Stick, ...] = ()
        self.none = Text("没有找到移动盘，插上以后再找一次。", role="label", tone="textSecondary", wrap=True)
        self.again = LinkButton(look, "再找一次", name="exchange.sticks.again")
        self.again.clicked.connect(self.sought)
        self._holder = QVBoxLayout()
        self._holder.setContentsMargins(0, 0, 0, 0)
        self.group: RadioCardGroup | None = None
        line = row(self.none, self.again, spacing=8)
        line.setStretch(0, 1)
        self.setLayout(column(self._holder, line, spacing=8))
        self._need = 0
        self._fill((), 0)

    def show_sticks(self, sticks: tuple[Stick, ...], need: int) -> None:
        """Offer these, for ``need`` bytes; what was chosen stays chosen while it is there."""
        # The first that has room is meant, unless the person says otherwise.
        sticks = tuple(sorted(sticks, key=lambda one: one.free < need))
        if (sticks, need) != (self.sticks, self._need) or self.group is None:
            self._fill(sticks, need)

    def _fill(self, sticks: tuple[Stick, ...], need: int) -> None:
        held = self.group.value if self.group is not None else ""
        self.sticks, self._need = sticks, need
        clear(self._holder)
        choices = [(str(one.path), f"移动盘　{one.name}", _about(one, need)) for one in sticks]
        choices.append((FOLDER, "这台电脑的文件夹", "以后自己拷"))
        self.group = RadioCardGroup(self.look, "放到哪", choices, name="exchange.place", columns=1)
        keys = [key for key, _, _ in choices]
        self.group.cards[held if held in keys and held != FOLDER else keys[0]].setChecked(True)
        self._holder.addWidget(self.group)
        self.none.setText("" if sticks else "没有找到移动盘，插上以后再找一次。")

    @property
    def place(self) -> Path | None:
        """Where to; nothing when a folder is still to be chosen."""
        value = self.group.value if self.group is not None else FOLDER
        return None if value == FOLDER else Path(value)


def _about(stick: Stick, need: int) -> str:
    if stick.free < need:
        left = f"只剩 {size_text(stick.free)}" if stick.free >= KILOBYTE else "已经满了"
        return f"装不下：{left}，要 {size_text(need)}"
    others = f"上面有 {stick.packages} 个交换包" if stick.packages else "上面没有别的交换包"
    return f"可用，还有 {size_text(stick.free)}；{others}"


class OutCard(Card):
    """The left half of the page."""

    def __init__(self, look: Look) -> None:
        self.step = StatusTag(look, "info", "第 1 步，共 3 步")
        super().__init__("带出去", " ", self.step, flush=True)
        self.lines = PackLines(look)
        self.place = PlaceChoice(look)
        self.progress = ProgressLine(look, name="exchange.progress", about="装包的进度")
        self.progress.button.relabel("不装了")
        self.what = StepPart(look, 1, "装哪些")
        self.what.body.addWidget(self.lines)
        self.where = StepPart(look, 2, "放到哪")
        locked = row(IconLabel(look, "lock", color="textSecondary", edge=18), spacing=10)
        locked.setAlignment(Qt.AlignmentFlag.AlignTop)
        note = Text(LOCKED, role="label", tone="textSecondary", wrap=True)
        locked.addWidget(note, 1)
        self.where.body.addWidget(self.place)
        self.where.body.addLayout(locked)
        self.paper = StepPart(look, 3, "一张交接单")
        self.paper.body.addWidget(Text(PAPER, role="label", tone="textSecondary", wrap=True))
        self.steps = QWidget()
        steps = column(self.what, Divider(), self.where, Divider(), self.paper, None, spacing=0)
        self.steps.setLayout(steps)
        self.empty = EmptyState(look, NOTHING, name="exchange.empty", icon="cloud-check")
        self.body.addWidget(self.steps, 1)
        self.body.addWidget(self.empty, 1)
        self.body.addWidget(self.progress)
        self.primary = PrimaryButton(
            look, "装好，打印交接单", name="exchange.pack.go", icon="package", keys="Ctrl+Return"
        )
        self.once = Text("先发出去的不会重复：同一项只算一次", role="label", tone="textSecondary", wrap=True)
        self.foot = row(self.once, self.primary, spacing=12)
        self.foot.setStretch(0, 1)
        holder = QWidget()
        holder.setLayout(self.foot)
        self.set_footer(holder)

    def show_offer(self, offer: Offer) -> None:
        """What can be packed now."""
        if self.header is not None:
            words = f"{offer.items} 项，共 {size_text(offer.size)}" if offer.items else "没有等着的"
            self.header.set_texts("带出去", words)
        self.steps.setVisible(bool(offer.items or offer.held))
        self.empty.setVisible(not (offer.items or offer.held))
        self.lines.show_offer(offer)
        self.empty.set_texts(nothing(offer))
        self.what.set_state("done" if offer.items else "now")
        self.where.set_state("now" if offer.items else "todo")
        self.paper.set_state("todo")
        self.step.set_status("info", "第 2 步，共 3 步" if offer.items else "第 1 步，共 3 步")
        self.step.setVisible(bool(offer.items))
        reason = "" if offer.items else ("还能撤销，过几秒再装" if offer.held else "没有要带的")
        self.primary.set_unavailable(reason)
        again = offer.items > 0 and sum(count for _, count in offer.packed) == offer.items
        self.primary.relabel("再装一包，打印交接单" if again else "装好，打印交接单")
