"""A sample of a paper, large enough to be read: its small letters stand in 13 px and more (界面设计 1.7)."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from ui.dialogs.base import Dialog
from ui.theme.look import Look
from ui.widgets.base import Text, identify, row
from ui.widgets.buttons import Button
from ui.widgets.paper import PaperPreview


class LargePaper(Dialog):
    """Shows what ``source`` shows; nothing is made anew, so nothing is revealed or written by it."""

    def __init__(self, look: Look, title: str, source: PaperPreview, parent: QWidget) -> None:
        super().__init__(parent.window())
        self.setWindowTitle(title)
        self.setModal(True)
        identify(self, "paper.large.dialog", title)
        self.preview = PaperPreview(look, title, name="paper.large.preview")
        self.close_button = Button(look, "关上", name="paper.large.close")
        self.close_button.clicked.connect(self.reject)
        head = row(Text(title, role="section"), None, self.close_button, spacing=12)
        self.arrange_around(head, self.preview)
        self.resize(look.metrics.px(820), look.metrics.px(760))
        self.preview.show_pdf(source.content)

    def done(self, result: int) -> None:
        """Forget the paper."""
        self.preview.clear_pdf()
        super().done(result)


def offer_large(look: Look, title: str, source: PaperPreview) -> None:
    """Have a click on ``source``, or Enter, open it large when it shows a paper."""

    def enlarge() -> None:
        if source.pages:
            dialog = LargePaper(look, title, source, source)
            dialog.finished.connect(dialog.deleteLater)
            dialog.open()
            dialog.preview.setFocus()

    source.offer_large()
    source.enlarge_asked.connect(enlarge)
