"""两处写法不同: what it was, what stands here, what stands there; the person chooses or writes anew."""

from __future__ import annotations

import difflib
import html
from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from app.clock import from_text, shanghai
from app.services.resolving import ConflictView, Version
from app.services.reveal import FIELD_SECONDS, REASONS
from ui.labels import month_day
from ui.theme.look import Look
from ui.widgets.base import Divider, IconLabel, Text, announce, column, identify, row
from ui.widgets.buttons import Button, LinkButton, PrimaryButton
from ui.widgets.choices import RadioCard
from ui.widgets.fields import AutoSaveText, FormField, parse_money

FREE_TEXT = frozenset(
    {
        "title", "claims", "facts", "occurred_place", "next_session_place", "name", "occupation", "phone",
        "no_phone_reason", "email", "address", "service_address", "id_number", "legal_representative",
        "legal_representative_title", "contact_person", "amount_fen",
    }
)  # fmt: skip
"""Fields that can be written anew here; the others are chosen from lists and are changed in the case."""
SHORTEST_SAME = 2
"""Fewer equal signs than this between differences are part of them."""
KEEP = "没有选的那个也会留在修改历史里，随时可以换回来。"


def marked(text: str, other: str, ground: str, line: str) -> str:
    """``text`` as HTML; what ``other`` has not stands on a ground and is underlined."""
    parts = []
    matcher = difflib.SequenceMatcher(a=text, b=other, autojunk=False)
    for kind, start, end, _, _ in matcher.get_opcodes():
        piece = html.escape(text[start:end]).replace("\n", "<br>")
        if kind != "equal" or end - start < SHORTEST_SAME < len(text):
            style = f"background-color:{ground}; border-bottom:2px solid {line}; text-decoration:underline;"
            piece = f'<span style="{style}">{piece}</span>'
        parts.append(piece)
    return "".join(parts)


class VersionCard(RadioCard):
    """One value as a card, with who wrote it and when, and its digit."""

    def __init__(self, look: Look, number: int, title: str, *, name: str) -> None:
        self.value = QLabel()
        self.value.setTextFormat(Qt.TextFormat.RichText)
        self.value.setWordWrap(True)
        self.value.setProperty("tone", "text")
        self.value.hide()
        self.by = Text("", role="label", tone="textSecondary", wrap=True)
        self.by.hide()
        super().__init__(look, title, name=name)
        self._title_text = title
        inside = self.layout()
        if isinstance(inside, QVBoxLayout):
            for part in (self.value, self.by):
                inside.insertWidget(inside.count() - 1, part)
        for label in (self.value, self.by):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.digit = Text(str(number), role="caption", tone="textSecondary")
        self.digit.setParent(self)

    def show_version(self, version: Version, rich: str) -> None:
        """The value with its differences marked."""
        self.value.setText(rich)
        self.value.show()
        by = "，".join(part for part in (version.author, _when(version.at)) if part)
        self.by.setText(by)
        self.by.setVisible(bool(by))
        self.setAccessibleDescription(f"{version.text}，{by}")

    def resizeEvent(self, event: object) -> None:
        """The digit stands at the right."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        self.digit.adjustSize()
        self.digit.move(self.width() - self.digit.width() - 14, 10)


def _when(at: str) -> str:
    if not at:
        return ""
    local = shanghai(from_text(at))
    return f"{month_day(local.date())} {local:%H:%M}"


class ConflictPart(QFrame):
    """The drawer's content.

    ``revealed(reason)`` asks for plain values, ``taken(choice, value)`` settles, ``put_off()`` leaves it,
    ``covered()`` when the time of showing is over.
    """

    revealed = Signal(str)
    taken = Signal(str, object)
    put_off = Signal()
    covered = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        self.view: ConflictView | None = None
        self._reason, self._left = "", 0
        self._kept = ("", "", "")
        identify(self, "sync.conflict", "同一处有两个写法")
        self.setProperty("kind", "scrolled")
        self.about = Text("", role="label", tone="textSecondary", wrap=True)
        self._ask = self._reason_bar()
        self.shown = Text("", role="label", tone="dueSoon", wrap=True)
        self._shown_bar = QFrame()
        self._shown_bar.setProperty("kind", "infobar")
        self._shown_bar.setProperty("status", "dueSoon")
        seen = row(IconLabel(look, "eye", color="dueSoon.fg", edge=16), spacing=8)
        seen.addWidget(self.shown, 1)
        seen.setContentsMargins(12, 8, 12, 8)
        self._shown_bar.setLayout(seen)
        self.base = Text("", role="label", tone="textSecondary", wrap=True)
        self.mine = VersionCard(look, 1, "本机写的", name="sync.conflict.mine")
        self.theirs = VersionCard(look, 2, "平台上的", name="sync.conflict.theirs")
        self.own = VersionCard(look, 3, "都不对，我来写", name="sync.conflict.edited")
        self.text = AutoSaveText(look, "我来写", name="sync.conflict.text", placeholder="写上对的内容")
        self.text.setFixedHeight(look.metrics.px(84))
        self.field = FormField("对的写法", self.text)
        self.hint = Text("", role="label", tone="textSecondary", wrap=True)
        self.later = LinkButton(look, "先放着", name="sync.conflict.later")
        self.take = PrimaryButton(look, "用本机写的", name="sync.conflict.take", keys="", show_keys=False)
        history = row(IconLabel(look, "history", color="textSecondary", edge=16), spacing=8)
        history.addWidget(Text(KEEP, role="label", tone="textSecondary", wrap=True), 1)
        self._hint_line = QWidget()
        bulb = column(IconLabel(look, "lightbulb", color="textSecondary", edge=16), None, spacing=0)
        said = row(bulb, self.hint, spacing=8)
        said.setStretch(1, 1)
        self._hint_line.setLayout(said)
        parts: tuple[QWidget, ...] = (
            self.about, self._ask, self._shown_bar, self.base, self.mine, self.theirs, self.own, self.field,
            self._hint_line,
        )  # fmt: skip
        whole = column(*parts, None, history, Divider(), row(self.later, None, self.take), spacing=10)
        self.setLayout(whole)
        for card in self.cards.values():
            card.toggled.connect(self._chosen)
        self.text.textChanged.connect(self._touched)
        self.take.clicked.connect(self.settle)
        self.later.clicked.connect(self.put_off)
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(self._second)

    @property
    def cards(self) -> dict[str, RadioCard]:
        """The three choices."""
        return {"mine": self.mine, "theirs": self.theirs, "edited": self.own}

    @property
    def choice(self) -> str:
        """The chosen one; empty when none is."""
        return next((key for key, card in self.cards.items() if card.isChecked()), "")

    def _reason_bar(self) -> QFrame:
        bar = QFrame()
        bar.setProperty("kind", "infobar")
        bar.setProperty("status", "dueSoon")
        identify(bar, "sync.conflict.reasons", "为什么要看原文")
        words = "这一处是个人信息，要比对先选显示的理由："
        inside = column(Text(words, role="label", tone="dueSoon", wrap=True), spacing=6)
        for start in (0, 2):
            line = row()
            for number, (key, label) in list(enumerate(REASONS.items(), start=1))[start : start + 2]:
                button = Button(
                    self.look, f"{number}  {label}", name=f"sync.conflict.reason.{key}", compact=True
                )
                button.clicked.connect(self._asker(key))
                line.addWidget(button)
            line.addStretch(1)
            inside.addLayout(line)
        inside.setContentsMargins(12, 8, 12, 8)
        bar.setLayout(inside)
        return bar

    def _asker(self, key: str) -> Callable[[], None]:
        def ask() -> None:
            self._reason = key
            self.revealed.emit(key)

        return ask

    def show_view(self, view: ConflictView) -> None:
        """Show one conflict; the values are masked unless they were revealed."""
        held = self.choice if self.view is not None and self.view.conflict_id == view.conflict_id else ""
        if not held:
            self.text.load("")
        if self._kept[0] == view.conflict_id and not view.masked:
            _, written, held = self._kept
            self.text.load(written)
        self.view = view
        at, of = view.position
        self.about.setText(f"{view.case_title} · {view.what}　{at} / {of}")
        self._ask.setVisible(view.masked)
        self.base.setText(f"原来写的：{view.base.text}")
        ground = self.look.colors.resolve("dueSoon.bg")
        line = self.look.colors.resolve("dueSoon.fg")
        for card, one, other in ((self.mine, view.mine, view.theirs), (self.theirs, view.theirs, view.mine)):
            plain = html.escape(one.text).replace("\n", "<br>")
            card.show_version(one, plain if view.masked else marked(one.text, other.text, ground, line))
        self.own.setVisible(view.editable and view.field in FREE_TEXT)
        for name, choice in self.cards.items():
            choice.setEnabled(not view.masked and (name != "mine" or view.mine_possible))
        if not view.masked:
            wanted = held or ("mine" if view.mine_possible else "theirs")
            self.cards[wanted].setChecked(True)
        self._shown_bar.hide()
        self._timer.stop()
        if self._reason and not view.masked and self._left > 0:
            self._timer.start()
            self._write_left()
        self.hint.setText(self._hint(view))
        self._hint_line.setVisible(bool(self.hint.text()))
        self._chosen()
        self._focus()

    def begin_showing(self) -> None:
        """Plain values come next; they show for five minutes."""
        self._left = FIELD_SECONDS

    @property
    def plain(self) -> bool:
        """Whether personal values stand here plainly."""
        return self._left > 0 and self.view is not None and not self.view.masked

    def cover_again(self) -> None:
        """Cover the plain values before their time; what was written anew comes back with them."""
        view, written, choice = self.view, self.text.toPlainText(), self.choice
        self.cover()
        if view is not None:
            self._kept = (view.conflict_id, written, choice)
        announce(self, "已重新遮挡")
        self.covered.emit()

    def cover(self) -> None:
        """Forget what shows."""
        self._timer.stop()
        self._left, self._reason, self.view, self._kept = 0, "", None, ("", "", "")
        self.text.load("")
        for label in (self.mine.value, self.theirs.value, self.base):
            label.setText("")
        for card in (self.mine, self.theirs):
            card.setAccessibleDescription("")

    def settle(self) -> None:
        """Take the chosen value."""
        view = self.view
        if view is None or view.masked or not self.choice:
            return
        if self.choice != "edited":
            self.taken.emit(self.choice, None)
            return
        written = self.text.toPlainText().strip()
        value: object = parse_money(written) if view.field == "amount_fen" else written
        if not written or value is None:
            self.field.show_problem("金额没有看懂，写成 5800 这样。" if written else "写上对的内容再选。")
            self.field.take_focus()
            return
        self.taken.emit("edited", value)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Digits choose the reason, then the value; Enter takes."""
        view, digit = self.view, event.text()
        if view is not None and digit in ("1", "2", "3", "4") and not event.modifiers():
            if view.masked:
                self._asker(list(REASONS)[int(digit) - 1])()
            elif digit != "4":
                card = list(self.cards.values())[int(digit) - 1]
                if card.isEnabled() and card.isVisible():
                    card.setChecked(True)
                    (self.text if card is self.own else card).setFocus(Qt.FocusReason.TabFocusReason)
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.settle()
            return
        super().keyPressEvent(event)

    def _hint(self, view: ConflictView) -> str:
        if view.field == "service_address":
            return "送达地址写错，法院文书可能送不到。拿不准，先打电话问当事人。"
        if not view.editable:
            return "这是一项决定，不能拼着写；要改请在案件里重新办理。"
        return "" if view.mine_possible else "案件现在的状态不能再做本机写的这一步，可以先按平台上的继续。"

    def _focus(self) -> None:
        view = self.view
        if view is not None and view.masked:
            first: QWidget | None = self._ask.findChild(Button)
        else:
            first = self.cards.get(self.choice)
        if first is not None and self.isVisible():
            first.setFocus(Qt.FocusReason.TabFocusReason)

    def _chosen(self) -> None:
        words = {"mine": "用本机写的", "theirs": "用平台上的", "edited": "用我写的"}
        self.take.relabel(f"{words.get(self.choice, '用本机写的')}")
        masked = self.view is None or self.view.masked
        self.field.setVisible(self.choice == "edited" and not masked and self.own.isVisibleTo(self))
        self.take.set_unavailable("先选显示的理由" if masked else "" if self.choice else "先选一个")

    def _touched(self) -> None:
        self.field.show_problem("")

    def _write_left(self) -> None:
        reason = REASONS.get(self._reason, "")
        left = f"{self._left // 60}:{self._left % 60:02d}"
        self.shown.setText(f"为比对已显示原文，理由“{reason}”，{left} 后遮挡")
        self._shown_bar.show()

    def _second(self) -> None:
        self._left -= 1
        if self._left > 0:
            self._write_left()
            return
        self.cover_again()
