"""Dialogs of the settings: another passphrase, a new recovery code, another rule, earlier versions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.domain.errors import FieldError, WrongPassphraseError
from app.domain.rules import ChoiceRule, FlagRule, NumberRule
from app.services.settings import Rule, RuleView
from ui.background.operations import Operations
from ui.dialogs.base import Dialog
from ui.dialogs.kept_sheet import NewCodePart
from ui.pages.settings_words import CHOICES, FLAGS, UNITS, rule_name, rule_value
from ui.theme import tokens
from ui.theme.look import Look
from ui.widgets.base import Divider, Text, announce, column, identify, row
from ui.widgets.buttons import Button, PrimaryButton
from ui.widgets.choices import CheckBox, ComboBox
from ui.widgets.fields import FormField, LineEdit
from ui.widgets.passphrase import PassphrasePair, SecretEdit

if TYPE_CHECKING:
    from app.paths import ProfilePaths
    from app.services.desk import Desk


class PlainDialog(Dialog):
    """Title, content, 先不改 and one solid button with what it still lacks beside it."""

    def __init__(
        self, look: Look, title: str, action: str, *, name: str, parent: QWidget | None, wide: bool = False
    ) -> None:
        super().__init__(parent)
        self.look = look
        self.setModal(True)
        self.setWindowTitle(title)
        self.setMinimumWidth(look.metrics.px(tokens.size("dialogWidth", "medium") + (80 if wide else 0)))
        identify(self, f"{name}.dialog", title)
        self.lines = column(spacing=10)
        self.lacking = Text("", role="label", tone="textSecondary", wrap=True)
        self.back_button = Button(look, "先不改", name=f"{name}.back", about=title)
        self.primary = PrimaryButton(look, action, name=f"{name}.act", show_keys=False)
        foot = row(spacing=12)
        foot.addWidget(self.lacking, 1)
        foot.addWidget(self.back_button)
        foot.addWidget(self.primary)
        self.arrange(Text(title, role="section"), self.lines, foot)
        self.back_button.clicked.connect(self.reject)

    def lack(self, words: str) -> None:
        """What is missing; empty lets the button work."""
        self.lacking.setText(words)
        self.primary.set_unavailable(words)


class PassphraseDialog(PlainDialog):
    """换口令. ``changed`` when it was done."""

    changed = Signal()

    def __init__(
        self, look: Look, operations: Operations, paths: ProfilePaths, desk: Desk, parent: QWidget | None
    ) -> None:
        super().__init__(look, "换口令", "换成新口令", name="settings.passphrase", parent=parent)
        self._operations, self._paths, self._desk = operations, paths, desk
        self.old = SecretEdit(look, "现在的口令", name="settings.passphrase.old")
        self.field = FormField("现在的口令", self.old)
        self.pair = PassphrasePair(look, name="settings.passphrase.new", first_label="新口令")
        self.lines.addWidget(self.field)
        self.lines.addWidget(self.pair)
        self._busy = False
        self.old.textChanged.connect(self._tell)
        self.old.returnPressed.connect(self.pair.first.setFocus)
        self.pair.changed.connect(self._tell)
        self.pair.confirmed.connect(self.go_on)
        self.primary.clicked.connect(self.go_on)
        self._tell()

    def go_on(self) -> None:
        """Change it on the write lane."""
        if self.primary.unavailable:
            return
        paths, desk, old, new = self._paths, self._desk, self.old.text(), self.pair.text

        def work(_job: object) -> None:
            from app.services import profile

            profile.change_passphrase(paths, desk, old, new)

        self._busy = True
        self._tell()
        self._operations.write("换口令", work, self._done, self._failed)

    def _done(self, _value: object) -> None:
        self._busy = False
        self.old.clear()
        self.pair.clear_both()
        self.accept()
        self.changed.emit()

    def _failed(self, error: BaseException) -> bool:
        self._busy = False
        self._tell()
        if isinstance(error, WrongPassphraseError):
            self.field.show_problem(error.message)
            self.field.take_focus()
            return True
        if isinstance(error, FieldError):
            self.pair.show_problem(error.message)
            return True
        return False

    def _tell(self) -> None:
        if self._busy:
            self.lack("正在换口令")
        else:
            self.lack(self.pair.missing() if self.old.text() else "先写现在的口令")


class NewCodeDialog(PlainDialog):
    """重打恢复码: the old sheet is void; this one has to be kept before the dialog closes."""

    def __init__(self, look: Look, operations: Operations, parent: QWidget | None) -> None:
        super().__init__(look, "新的恢复码", "收好了", name="settings.recovery", parent=parent, wide=True)
        self.part = NewCodePart(look, operations, name="settings.recovery.new")
        self.lines.addWidget(self.part)
        self.back_button.hide()
        self.part.keeper.changed.connect(self._tell)
        self.primary.clicked.connect(self.finish)
        self._tell()

    def finish(self) -> None:
        """The sheet is kept."""
        if not self.part.keeper.missing():
            self.part.forget()
            self.accept()

    def reject(self) -> None:
        """Not before the sheet is kept: the one before is void already."""
        self.lacking.set_tone("overdue")

    def _tell(self) -> None:
        self.lack(self.part.keeper.missing())


class RuleDialog(PlainDialog):
    """One rule: its value, its source, whether it was checked. ``given(rule)`` after the effect was shown.

    ``count(rule, then)`` counts the open cases concerned and calls ``then`` with the number.
    """

    given = Signal(object)

    def __init__(
        self,
        look: Look,
        view: RuleView,
        count: Callable[[Rule, Callable[[int], None]], None],
        parent: QWidget | None,
    ) -> None:
        super().__init__(look, rule_name(view.name), "看看影响几件", name="settings.rule", parent=parent)
        self._view, self._count = view, count
        self._counted: Rule | None = None
        rule = view.rule
        self.lines.addWidget(Text(f"现在是：{rule_value(view.name, rule)}", tone="textSecondary", wrap=True))
        self.number = LineEdit("改成多少", name="settings.rule.number", placeholder="空着就是没有设定")
        self.flag = CheckBox(look, FLAGS.get(view.name, ("是", "否"))[0], name="settings.rule.flag")
        self.choice = ComboBox(look, "改成", CHOICES.get(view.name, ()), name="settings.rule.choice")
        units = [(key, UNITS[key]) for key in ("workdays", "days")]
        self.unit = ComboBox(look, "单位", units, name="settings.rule.unit")
        self.source = LineEdit("依据", name="settings.rule.source", text=rule.source)
        self.verified = CheckBox(look, "已经核对过原文", name="settings.rule.verified")
        self.verified.setChecked(rule.verified)
        self._value_field = self._place(rule)
        self.fields = {"value": self._value_field, "source": FormField("依据", self.source)}
        self.lines.addWidget(self.fields["source"])
        self.lines.addWidget(self.verified)
        self.effect = Text("", tone="dueSoon", wrap=True)
        self.effect.hide()
        self.lines.addWidget(self.effect)
        for signal in (
            self.number.textChanged,
            self.source.textChanged,
            self.flag.toggled,
            self.verified.toggled,
            self.choice.currentIndexChanged,
            self.unit.currentIndexChanged,
        ):
            signal.connect(self._touched)
        self.primary.clicked.connect(self.go_on)

    def _place(self, rule: Rule) -> FormField:
        if isinstance(rule, FlagRule):
            self.flag.setChecked(rule.value)
            field = FormField("改成", self.flag)
        elif isinstance(rule, ChoiceRule):
            self.choice.choose(rule.value)
            field = FormField("改成", self.choice)
        else:
            value = rule.value if isinstance(rule, NumberRule) else rule.amount
            self.number.setText("" if value is None else str(value))
            field = FormField("改成多少", self.number)
        self.lines.addWidget(field)
        if not isinstance(rule, (FlagRule, ChoiceRule)) and rule.unit in ("workdays", "days"):
            self.unit.choose(rule.unit)
            self.lines.addWidget(FormField("单位", self.unit))
        for left in (self.number, self.flag, self.choice, self.unit):
            if left.parentWidget() is None:
                left.setParent(self)
                left.hide()
        return field

    def rule(self) -> Rule:
        """The rule as it stands in the form. Raises :class:`FieldError` for a number that is none."""
        old = self._view.rule
        more: dict[str, Any] = {"source": self.source.text().strip(), "verified": self.verified.isChecked()}
        if isinstance(old, FlagRule):
            more["value"] = self.flag.isChecked()
        elif isinstance(old, ChoiceRule):
            more["value"] = self.choice.value
        else:
            text = self.number.text().strip()
            if text and not text.isdecimal():
                raise FieldError("value", "这里写一个数，例如 5。")
            if not text and not isinstance(old, NumberRule):
                raise FieldError("value", "这一条要有一个数。")
            more["value" if isinstance(old, NumberRule) else "amount"] = int(text) if text else None
            if old.unit in ("workdays", "days"):
                more["unit"] = self.unit.value
        return msgspec.structs.replace(old, **more)

    def go_on(self) -> None:
        """First count, then give."""
        try:
            rule = self.rule()
            from app.services.settings import check_rule

            check_rule(rule)
        except FieldError as error:
            wrong = self.fields.get(error.field, self._value_field)
            wrong.show_problem(error.message)
            wrong.take_focus()
            return
        if self._counted == rule:
            self.given.emit(rule)
            return
        self._count(rule, lambda number: self._told(rule, number))

    def _told(self, rule: Rule, number: int) -> None:
        self._counted = rule
        kept = (
            f"在办的 {number} 件按新规则日期会不同，它们留原算式，不跟着变。"
            if number
            else "在办的案件日期都不变。"
        )
        self.effect.setText(f"只管以后收到的案件。{kept}")
        self.effect.show()
        self.primary.relabel("就这样改")
        announce(self.effect, self.effect.text())

    def _touched(self) -> None:
        self._counted = None
        self.effect.hide()
        self.primary.relabel("看看影响几件")
        for field in self.fields.values():
            field.show_problem("")


class TextDialog(Dialog):
    """Things to read, in sections: earlier versions, licences, how to restore."""

    def __init__(
        self,
        look: Look,
        title: str,
        sections: Sequence[tuple[str, str]],
        *,
        name: str,
        parent: QWidget | None,
    ) -> None:
        super().__init__(parent)
        self.setModal(True)
        self.setWindowTitle(title)
        self.setMaximumHeight(look.metrics.px(560))
        self.resize(look.metrics.px(620), 0)
        identify(self, f"{name}.dialog", title)
        lines = column(spacing=8)
        for head, words in sections:
            lines.addWidget(Text(head, role="bodyStrong", wrap=True))
            lines.addWidget(Text(words, role="label", tone="textSecondary", wrap=True, selectable=True))
            lines.addWidget(Divider())
        lines.addStretch(1)
        close = Button(look, "关上", name=f"{name}.close", about=title)
        close.clicked.connect(self.accept)
        self.arrange(Text(title, role="section"), lines, row(None, close))
