"""收发与流量: the card of the settings page about networks that are paid by volume."""

from __future__ import annotations

from PySide6.QtCore import Signal

from app.services.settings import Personal
from ui.pages.settings_cards import line
from ui.theme.look import Look
from ui.widgets.base import Text
from ui.widgets.cards import Card
from ui.widgets.choices import ComboBox, Segmented

SIZES = (1, 5, 20, 100)
"""MB offered."""


class LineCard(Card):
    """收发与流量: what a network paid by volume may cost."""

    changed = Signal(str, object)

    def __init__(self, look: Look) -> None:
        super().__init__("收发与流量")
        self._quiet = False
        kinds = (("auto", "自动"), ("free", "不计流量"), ("metered", "按流量计费"))
        self.kind = Segmented(look, "这里的网络", kinds, name="settings.line", tick=True)
        self.most = ComboBox(
            look,
            "计流量时最大传多大的文件",
            [(str(n), f"{n} MB") for n in SIZES],
            name="settings.metered.size",
        )
        note = Text(
            "计流量时，文字照发，大文件等接上不计流量的网络再传；单个可以在同步中心“现在传”。",
            role="label", tone="textSecondary", wrap=True,
        )  # fmt: skip
        self.add(line(look, "网络", self.kind))
        self.add(line(look, "计流量时", Text("传到", role="label", tone="textSecondary"), self.most))
        self.add(note)
        self.kind.chosen.connect(self._chosen)
        self.most.currentIndexChanged.connect(self._sized)

    def show_personal(self, personal: Personal) -> None:
        """What is chosen."""
        self._quiet = True
        self.kind.choose(personal.line)
        if self.most.findData(str(personal.metered_mb)) < 0:
            self.most.addItem(f"{personal.metered_mb} MB", str(personal.metered_mb))
        self.most.choose(str(personal.metered_mb))
        self._quiet = False

    def _chosen(self, key: str) -> None:
        if not self._quiet:
            self.changed.emit("line", key)

    def _sized(self, _index: int) -> None:
        if not self._quiet:
            self.changed.emit("metered_mb", int(self.most.value))
