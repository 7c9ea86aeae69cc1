"""One party of 来访登记: the applicant apart from who it is, the respondent with that folded away."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.pages.case_side import SideMark
from ui.pages.party_fields import PartyFields, Today
from ui.theme.look import Look
from ui.widgets.base import Text, column, row
from ui.widgets.buttons import LinkButton


class PartyPart(PartyFields):
    """申请人 or 被申请人."""

    def __init__(self, look: Look, side: str, today: Today) -> None:
        self.has_id = side == "applicant"
        word, title = ("申", "申请人") if self.has_id else ("被", "被申请人")
        name = f"intake.{side}"
        super().__init__(look, side, side, title, name=name, today=today)  # type: ignore[arg-type]
        self.who = Text("", tone="textSecondary")
        self.identity = QWidget()
        """Who it is: stands apart for the applicant, folded away for the respondent."""
        mark = SideMark(look, word, edge=28)
        if self.has_id:
            self.identity.setLayout(self._identity_alone())
            head = row(mark, Text(title, role="bodyStrong"), self.who, None, self.past_button, spacing=10)
            reach = self._line("phone_mode", ("phone", "no_phone_reason"), "occupation")
            self._lines = column(head, reach, self.known_line)
        else:
            self.more = LinkButton(look, "再填证件、住址", name=f"{name}.more", icon="chevron-down")
            self.more.clicked.connect(lambda: self.unfold(unfolded=not self.identity.isVisibleTo(self)))
            self.identity.setLayout(
                column(
                    self._line("id_mode", "id_kind", ("id_number", "no_id")),
                    self._line("occupation", "address"),
                )
            )
            links = (self.past_button, self.more, self.kind)
            head = row(mark, Text(title, role="bodyStrong"), None, *links, spacing=10)
            first = self._line("name", "phone_mode", ("phone", "no_phone_reason"))
            self._lines = column(head, first, self.identity, self.known_line)
            self.unfold(unfolded=False)
        self.setLayout(self._lines)
        self.name.textEdited.connect(lambda _text: self._adapted())
        self._adapt()

    def add_below(self, widget: QWidget) -> None:
        """One more line at the end of this part."""
        self._lines.addWidget(widget)

    def _fields(self) -> None:
        super()._fields()
        if self.has_id:
            # As they stand: who it is comes first, and what lacks is gone to in this order.
            for key in ("phone_mode", "phone", "no_phone_reason", "occupation"):
                self.fields[key] = self.fields.pop(key)

    def _identity_alone(self) -> QVBoxLayout:
        return column(
            self.fields["name"],
            self._line("id_mode", "id_kind"),
            self.fields["id_number"],
            self.fields["no_id"],
            self.fields["address"],
            None,
            spacing=12,
        )

    def unfold(self, *, unfolded: bool) -> None:
        """Show or fold away the respondent's document and address."""
        if not self.has_id:
            self.identity.setVisible(unfolded)
            icon = "chevron-up" if unfolded else "chevron-down"
            self.more.relabel("收起证件、住址" if unfolded else "再填证件、住址", icon)

    def _adapted(self) -> None:
        """The covered name beside the applicant's telephone: the form is in two halves."""
        name = self.name.plain()
        self.who.setText(self._mask_name(name) if name else "")
