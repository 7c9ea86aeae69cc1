"""The application beside the form: who asks for what, attachments, earlier attempts, the service target."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from ui import labels
from ui.pages.inbox_data import ContactLine, Detail, Target
from ui.theme.look import Look
from ui.widgets.base import Divider, IconLabel, Text, clear, column, identify, row
from ui.widgets.buttons import LinkButton
from ui.widgets.gutter import FittingArea
from ui.widgets.masked import Deliver, MaskedField

Show = Callable[[str, str, str, Deliver], None]
"""Asks for an original: party, field, reason, where to deliver it."""

WIDTH = 292


class ApplicationPanel(QFrame):
    """申请内容. ``files_asked`` opens the attachments, ``reasons_asked`` the refusal."""

    files_asked = Signal()
    reasons_asked = Signal()

    def __init__(self, look: Look, show: Show) -> None:
        super().__init__()
        self.look, self._reveal = look, show
        identify(self, "inbox.application")
        self.setProperty("kind", "sunkenpane")
        self.files = LinkButton(look, "附件", name="inbox.files.open", about="申请的附件")
        self.files.clicked.connect(self.files_asked)
        self.reasons = LinkButton(look, "看 12 种理由", name="inbox.reasons.open", about="不予受理")
        self.reasons.clicked.connect(self.reasons_asked)
        self.heading = Text("申请内容", role="bodyStrong")
        self._rows = column(spacing=10)
        self._contacts = column(spacing=10)
        self._target = column(spacing=0)
        advice = Text(
            "已在别处起诉、其他部门已受理的，不要受理。", role="caption", tone="textSecondary", wrap=True
        )
        inside = column(
            self.heading,
            self._rows,
            Divider(),
            Text("联系记录", role="bodyStrong"),
            self._contacts,
            Divider(),
            self._target,
            None,
            advice,
            row(self.reasons, None),
            spacing=12,
        )
        inside.setContentsMargins(18, 16, 18, 14)
        holder = QWidget()
        holder.setProperty("kind", "scrolled")
        holder.setLayout(inside)
        self._area = FittingArea()
        self._area.setWidget(holder)
        self.setLayout(row(self._area))
        look.follow(self, self.restyle)

    def sizeHint(self) -> QSize:
        """As wide as the design has it; wider where a line that cannot wrap needs it."""
        wide = max(self.look.metrics.px(WIDTH), self.minimumSizeHint().width())
        return QSize(wide, super().sizeHint().height())

    def restyle(self) -> None:
        """The ground a shade darker than the form's."""
        ground = self.look.colors["surfaceSunken"]
        self.setStyleSheet(f'QFrame[kind="sunkenpane"] {{ background: {ground}; border: 0; }}')

    def to_top(self) -> None:
        """Another application begins at its top."""
        self._area.verticalScrollBar().setValue(0)

    def show_detail(self, detail: Detail) -> None:
        """Show one application."""
        self.files.setParent(self)
        clear(self._rows)
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        head = detail.view.head
        number = 0
        for party in detail.side("applicant"):
            who = "　".join(p for p in (party.masked["name"], party.occupation) if p)
            self._pair(grid, number, "申请人", Text(who, role="label", wrap=True))
            if party.masked["phone"]:
                self._pair(grid, number + 1, "电话", self._phone(party.party_id, party.masked["phone"]))
            number += 2
        plain = (
            ("代理人", "、".join(p.agent for p in detail.side("applicant") if p.agent)),
            ("类型", detail.kind),
            ("发生地", labels.occurred(head)),
            ("诉求", head.claims),
            ("经过", head.facts),
            ("标的", detail.amount),
        )
        for name, text in plain:
            if text:
                self._pair(grid, number, name, Text(text, role="label", wrap=True))
                number += 1
        attachments = sorted(detail.view.file.attachments.values(), key=lambda a: a.added_at)
        self.files.setVisible(bool(attachments))
        if attachments:
            first = attachments[0].title or "附件"
            more = f"等 {len(attachments)} 个" if len(attachments) > 1 else ""
            self.files.relabel(f"{first}{more}")
            self._pair(grid, number, "附件", self.files)
        else:
            self._pair(grid, number, "附件", Text("没有附件", role="label", tone="textTertiary"))
        self._rows.addLayout(grid)
        self._show_contacts(detail.contacts)
        self._show_target(detail.target)

    def _pair(self, grid: QGridLayout, number: int, name: str, value: QWidget) -> None:
        label = Text(name, role="label", tone="textSecondary")
        single = isinstance(value, (MaskedField, LinkButton))
        middle, top = Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignTop
        grid.addWidget(label, number, 0, middle if single else top)
        grid.addWidget(value, number, 1)

    def _phone(self, party_id: str, masked: str) -> MaskedField:
        return MaskedField(
            self.look,
            "申请人电话",
            masked,
            name="inbox.applicant.phone",
            reveal=lambda reason, deliver: self._reveal(party_id, "phone", reason, deliver),
        )

    def _show_contacts(self, contacts: tuple[ContactLine, ...]) -> None:
        clear(self._contacts)
        if not contacts:
            self._contacts.addWidget(Text("还没有联系过。", role="label", tone="textTertiary"))
        for one in contacts:
            picture = IconLabel(self.look, one.icon, color="textSecondary", edge=16)
            result = Text(one.result, role="label", tone="textSecondary")
            words = column(row(Text(one.when, role="label"), None, result), spacing=0)
            if one.said:
                words.addWidget(Text(one.said, role="label", tone="textSecondary", wrap=True))
            line = row(column(picture, None, spacing=0), words, spacing=8)
            line.setStretch(1, 1)
            self._contacts.addLayout(line)

    def _show_target(self, target: Target | None) -> None:
        clear(self._target)
        if target is None:
            return
        icon = {"ok": "circle-check", "info": "clock"}.get(target.status, "info")
        picture = IconLabel(self.look, icon, color=f"{target.status}.fg", edge=16)
        words = column(
            Text(target.text, role="label", tone=target.status),
            Text(target.detail, role="label", tone="textSecondary", wrap=True),
            spacing=0,
        )
        line = row(column(picture, None, spacing=0), words, spacing=8)
        line.setStretch(1, 1)
        self._target.addLayout(line)
