"""While dates are typed off the paper, others may be registered, or another text fixed: said above them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal

from app.domain import agreement as rules
from app.domain.reducer import CaseFile
from app.domain.workdays import short_date
from app.services.agreement_seen import name_of
from app.services.desk import Desk
from ui.pages.effective_places import PlaceRow
from ui.theme.look import Look
from ui.widgets.base import announce
from ui.widgets.buttons import Button
from ui.widgets.states import InfoBar


class OtherDaysBar(InfoBar):
    """Shows itself while something is registered that was not there when the dates were typed.

    ``dropped`` when the person takes what is registered; ``acted`` when they go on with their own.
    """

    dropped = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(
            look, "dueToday", "登记了别的日期", " ", name="effective.other", icon="pen-line",
            action="改成我填的",
        )  # fmt: skip
        self.drop_button = Button(look, "不用我填的", name="effective.other.drop", compact=True)
        self.drop_button.clicked.connect(self.dropped)
        self.add_act(self.drop_button)
        self.hide()

    def show_for(self, rows: Sequence[PlaceRow], file: CaseFile, desk: Desk, *, other_text: bool) -> None:
        """Say what came since; ``other_text``: they were typed off the paper of another version."""
        agreement = file.agreements[file.head.agreement_id]
        if other_text:
            title = f"协议换成了第 {agreement.version_no} 版"
            text = "您填的日期是照前一版的纸面写的，都还在，没有登记。看看签的是哪一版，再决定。"
        else:
            made = rules.signed(file, agreement.agreement_id)
            by = {rules.filled(body): record.author for record, body in made}
            title = "登记了别的日期，请照纸面核对"
            text = "；".join(_compared(row, by, desk) for row in rows if row.unseen())
            text += "。您填的都还在，没有改动案件。"
        self.set_texts(title, text)
        shown = other_text or any(row.unseen() for row in rows)
        if shown and self.isHidden():
            announce(self, f"{title}。{text}")
        self.setVisible(shown)


def _compared(row: PlaceRow, by: dict[tuple[str, str], str], desk: Desk) -> str:
    """甲方 许** 签名：何静登记的是11月25日，您填的是11月23日."""
    signer, now, mine = row.place.signer, row.place.on, row.date.value()
    name = name_of(desk, by.get((signer.signer, signer.party_id), ""))
    own = short_date(mine) if mine is not None else "还没写完"
    return f"{row.words}：{name}登记的是{short_date(now) if now else ''}，您填的是{own}"
