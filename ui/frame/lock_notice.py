"""What the lock screen says where the institution took this computer out of use (停用)."""

from __future__ import annotations

from PySide6.QtCore import Signal

from ui.theme.look import Look
from ui.widgets.base import IconLabel, Text, column, identify, row
from ui.widgets.buttons import LinkButton
from ui.widgets.cards import Card


class LockNotice(Card):
    """Hidden until :meth:`tell`. ``register_asked()``: 重新登记本机."""

    register_asked = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.setProperty("alarm", True)
        identify(self, "lock.revoked.notice", "这台电脑已被停用")
        self._happened = Text("", role="bodyStrong", wrap=True)
        self._kept = Text("", role="label", wrap=True)
        self._following = Text("", role="label", tone="textSecondary", wrap=True)
        self.register = LinkButton(look, "重新登记本机", name="lock.revoked.register")
        self.register.clicked.connect(self.register_asked)
        words = column(self._happened, self._kept, self._following, row(self.register, None), spacing=6)
        line = row(IconLabel(look, "lock", color="overdue.fg", edge=24), words, spacing=14)
        line.setStretch(1, 1)
        self.add(line)
        self.hide()

    def tell(self, words: tuple[str, str, str] | None) -> None:
        """What happened, what was kept, what comes next; ``None`` takes the notice away."""
        self.setVisible(words is not None)
        for part, text in zip(
            (self._happened, self._kept, self._following), words or ("", "", ""), strict=True
        ):
            part.setText(text)

    @property
    def text(self) -> str:
        """All that it says."""
        return "".join(part.text() for part in (self._happened, self._kept, self._following))
