"""The material pack of 司法确认: one row a material, what is missing on top, each with its buttons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QVBoxLayout, QWidget

from app.domain import masking
from app.domain.filing import MaterialItem
from app.domain.reducer import CaseFile
from ui.labels import Label
from ui.pages.confirmation_pack import PackWords, pack_words
from ui.theme.look import Look
from ui.widgets.base import UNBOUND, Divider, IconLabel, Text, clear, column, identify, row
from ui.widgets.buttons import Button, LinkButton
from ui.widgets.cards import Card
from ui.widgets.gutter import GutterArea
from ui.widgets.tags import StatusTag

ENDED_NOTE = "法院已经办完，这里是交上去的材料，不再改动。"
NOTE = "只有法定必有的缺了才不能提交，其余先交后补，法院会给补交期限。司法确认不收费。"
LEFT_OUT = Label("没有补", "circle-alert", "dueSoon")
NOT_GIVEN = Label("没有交", "minus", "neutral")
TAG_WIDTH, NAME_WIDTH = 104, 168
LEAST_DETAIL = 110
"""Logical width under which an explanation is no longer read beside what it explains."""


def label_of(item: MaterialItem) -> Label:
    """The state of a material as a tag."""
    if item.asked:
        return Label("法院要补", "gavel", "dueToday")
    if item.left_out:
        return LEFT_OUT
    if item.awaits:
        return Label(item.awaits, "clock", "dueSoon")
    return {
        "ready": Label("已备好", "circle-check", "ok"),
        "missing": Label("还缺", "circle-alert", "dueSoon"),
        "later": Label("可后补", "history", "info"),
        "not_needed": Label("不需要", "minus", "neutral"),
    }[item.status]


class MaterialRow(QFrame):
    """One material. ``asked(verb, party)``: print, scan, look, waive or need."""

    asked = Signal(str, str)

    def __init__(
        self, look: Look, item: MaterialItem, file: CaseFile, *, editable: bool, ended: bool = False
    ) -> None:
        """``ended``: the court is done with it, so that nothing is missing any more."""
        super().__init__()
        self.look, self.item = look, item
        lacking = ended and item.status in ("missing", "later")
        self._marked = not ended and bool(item.status == "missing" or item.asked)
        code = item.material.code
        self.buttons: dict[str, Button] = {}
        identify(self, f"confirmation.material.{code}")
        self.setProperty("kind", "materialrow")
        label = NOT_GIVEN if lacking else label_of(item)
        tag = StatusTag(look, label.status, label.text, icon=label.icon, boxed=False)
        name = Text(item.material.name, role="bodyStrong" if self._marked else "body", wrap=True)
        stands = f"法院要求：{item.asked}" if item.asked else "" if lacking else item.detail
        if item.left_out:
            stands = f"法院要求：{item.left_out}；补交的时候没有加"
        said = "；".join(part for part in (stands, item.elsewhere) if part)
        detail = Text(said, role="label", tone="textSecondary", wrap=True)
        detail.setToolTip(f"依据：{item.material.source}")
        self._cells = (tag, name)
        self._detail, self._stacked = detail, False
        self._named = column(name, spacing=2)
        self._inside = row(tag, self._named, detail, spacing=8)
        self._inside.setStretch(2, 1)
        self._inside.setContentsMargins(14, 3, 12, 3)
        for button in self._buttons(file, editable=editable):
            self._inside.addWidget(button)
        self.setLayout(self._inside)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.setAccessibleName("，".join(part for part in (item.material.name, label.text, said) if part))
        look.follow(self, self.restyle)

    def restyle(self) -> None:
        """Columns and the ground of what is missing."""
        metrics = self.look.metrics
        tag, name = self._cells
        tag.setFixedWidth(metrics.px(TAG_WIDTH))
        if not self._stacked:
            name.setFixedWidth(metrics.px(NAME_WIDTH))
        self.setMinimumHeight(metrics.px(42))
        ground = self.look.colors.resolve("dueSoon.bg")
        sheet = f'QFrame[kind="materialrow"] {{ background: {ground}; border: 0; }}' if self._marked else ""
        if sheet != self.styleSheet():
            self.setStyleSheet(sheet)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where little is left beside name and buttons, the explanation stands under the name."""
        super().resizeEvent(event)
        metrics = self.look.metrics
        taken = metrics.px(TAG_WIDTH + NAME_WIDTH + LEAST_DETAIL)
        taken += sum(button.sizeHint().width() + 8 for button in self.buttons.values())
        self._stack(on=self.width() < taken)

    def _stack(self, *, on: bool) -> None:
        if on == self._stacked:
            return
        self._stacked = on
        _tag, name = self._cells
        (self._inside if on else self._named).removeWidget(self._detail)
        if on:
            name.setMinimumWidth(0)
            name.setMaximumWidth(UNBOUND)
            self._named.addWidget(self._detail)
        else:
            name.setFixedWidth(self.look.metrics.px(NAME_WIDTH))
            self._inside.insertWidget(2, self._detail, 1)
        self._inside.setStretch(1, int(on))

    def _buttons(self, file: CaseFile, *, editable: bool) -> Sequence[Button]:
        item, material = self.item, self.item.material
        if editable and item.status == "not_needed":
            self._add("need", LinkButton(self.look, "其实需要", name=self._name("need"), about=material.name))
        elif editable and item.status != "ready":
            if material.form:
                self._print_button(file)
            self._add("scan", self._scan_button(material.name, alone=not material.form))
            if not (material.legal and material.when == "always"):
                link = LinkButton(self.look, "不需要", name=self._name("waive"), about=material.name)
                self._add("waive", link)
        elif editable:
            self._add("scan", LinkButton(self.look, "再加", name=self._name("scan"), about=material.name))
        if item.attachment_ids or item.paper_ids:
            self._add("look", LinkButton(self.look, "看", name=self._name("look"), about=material.name))
        return tuple(self.buttons.values())

    def _scan_button(self, about: str, *, alone: bool) -> Button:
        """加扫描件: a button where it is the row's only step, words where the print comes first."""
        name = self._name("scan")
        if alone:
            return Button(self.look, "加扫描件", name=name, about=about, icon="scan", compact=True)
        return LinkButton(self.look, "加扫描件", name=name, about=about)

    def _print_button(self, file: CaseFile) -> None:
        party_id, words = "", "打印去签"
        if self.item.material.sealed:
            words = "打印去盖章"
        elif not self.item.material.signed:
            words = "打印"
        if self.item.material.each_party and self.item.lacking_party_ids:
            party_id = self.item.lacking_party_ids[0]
            words = f"打印{masking.party_name(file.parties[party_id])}的"
        button = Button(
            self.look,
            words,
            name=self._name("print"),
            about=self.item.material.name,
            icon="printer",
            compact=True,
        )
        self._add("print", button, party_id)

    def _name(self, verb: str) -> str:
        return f"confirmation.{verb}.{self.item.material.code}"

    def _add(self, verb: str, button: Button, party: str = "") -> None:
        self.buttons[verb] = button
        button.clicked.connect(lambda: self.asked.emit(verb, party))


class MaterialsCard(Card):
    """The whole pack. ``asked(verb, code, party)``; ``scan_asked()`` from the card's header."""

    asked = Signal(str, str, str)

    def __init__(self, look: Look) -> None:
        self.scan_button = Button(
            look, "加扫描件", name="confirmation.scan.open", icon="scan", about="材料包", compact=True
        )
        super().__init__("材料包", " ", self.scan_button, flush=True)
        self.look = look
        identify(self, "confirmation.materials", "材料包")
        self.rows: dict[str, MaterialRow] = {}
        self._shown: dict[str, Any] = {}
        self._editable = False
        titles = [Text(t, role="label", tone="textSecondary") for t in ("情况", "材料", "说明")]
        heads = row(*titles, None)
        self._heads = titles[:2]
        heads.setContentsMargins(14, 6, 12, 6)
        strip = QFrame()
        strip.setProperty("kind", "heads")
        strip.setLayout(heads)
        self.add(strip)
        self.add(Divider())
        holder = QWidget()
        holder.setProperty("kind", "scrolled")
        self._list = QVBoxLayout(holder)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(0)
        self.add(holder)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setStretch(2, 1)
        foot = QWidget()
        self.note = Text(NOTE, role="label", wrap=True)
        words = row(IconLabel(look, "info", color="textSecondary", edge=18), self.note)
        words.setStretch(1, 1)
        foot.setLayout(words)
        self.set_footer(foot)
        look.follow(self, self.restyle)

    def restyle(self) -> None:
        """Heads over their columns."""
        for head, width in zip(self._heads, (TAG_WIDTH, NAME_WIDTH), strict=True):
            head.setFixedWidth(self.look.metrics.px(width))

    def show_items(
        self, items: Sequence[MaterialItem], file: CaseFile, *, editable: bool, ended: bool = False
    ) -> PackWords:
        """Show the pack: only rows that differ are built anew, and each stays where it was.

        What was missing is on top when the pack comes to the front (:meth:`forget_order`) or opens and closes
        for changes; a row that is worked on does not move away under the hand.
        """
        if editable != self._editable:
            self.forget_order()
        self._editable = editable
        if ended:
            items = sorted(items, key=lambda item: item.status != "ready")
        items = self._as_before(items)
        shown = {i.material.code: (i, file.parties, editable, ended) for i in items}
        if list(shown) != list(self._shown):
            clear(self._list)
            self.rows, self._shown = {}, {}
        for item in items:
            code = item.material.code
            if self._shown.get(code) == shown[code]:
                continue
            line = MaterialRow(self.look, item, file, editable=editable, ended=ended)
            line.asked.connect(self._slot(code))
            self._place(code, line)
        if not self._shown:
            self._list.addStretch(1)
        self._shown = shown
        words = pack_words(items)
        if self.header is not None:
            self.header.note.setText(f"交了 {words.ready} 项" if ended else words.sentence)
        self.note.setText(ENDED_NOTE if ended else NOTE)
        self.scan_button.setVisible(editable)
        return words

    def forget_order(self) -> None:
        """Put the rows in the order of their need the next time they are shown."""
        self._shown = {}

    def focus_next(self) -> bool:
        """Give the focus to the first thing to do: what the court asks for, then what is missing."""
        waiting = [one for one in self.rows.values() if one.item.asked]
        waiting += [one for one in self.rows.values() if one.item.blocks]
        line = next((one for one in waiting if one.buttons), None)
        if line is None:
            return False
        # A new row shows only in the next turn, and what does not show is no place for the keyboard.
        line.show()
        next(iter(line.buttons.values())).setFocus(Qt.FocusReason.TabFocusReason)
        area = self._area()
        if area is not None:
            area.keep_in_sight(line)
        return True

    def _as_before(self, items: Sequence[MaterialItem]) -> Sequence[MaterialItem]:
        known = {item.material.code: item for item in items}
        if set(known) != set(self._shown):
            return items
        return tuple(known[code] for code in self._shown)

    def _place(self, code: str, line: MaterialRow) -> None:
        before = self.rows.get(code)
        self.rows[code] = line
        if before is None:
            self._list.addWidget(line)
            self._list.addWidget(Divider())
            return
        area = self._area()
        at = area.verticalScrollBar().value() if area is not None else 0
        self._list.replaceWidget(before, line)
        line.show()
        # Qt would give the focus of a hidden row to the next control, and scroll there.
        _hand_over(before, line)
        before.hide()
        before.deleteLater()
        if area is not None:
            area.verticalScrollBar().setValue(at)

    def _area(self) -> GutterArea | None:
        """What scrolls the card with its page."""
        step = self.parentWidget()
        while step is not None and not isinstance(step, GutterArea):
            step = step.parentWidget()
        return step

    def _slot(self, code: str) -> object:
        return lambda verb, party: self.asked.emit(verb, code, party)


def _hand_over(before: MaterialRow, after: MaterialRow) -> None:
    focused = before.window().focusWidget()
    if focused is None or not before.isAncestorOf(focused) or not after.buttons:
        return
    same = (b for b in after.buttons.values() if b.objectName() == focused.objectName())
    next(same, next(iter(after.buttons.values()))).setFocus()
