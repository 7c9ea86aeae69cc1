"""The tab 证据材料: the files of a case with small pictures from the vault."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage, QPixmap
from PySide6.QtWidgets import QLabel, QWidget

from app.domain import casefile as cf
from ui.dialogs.viewer import size_text
from ui.pages.case_data import CaseData, when_words
from ui.pages.case_files import from_mime, origin_words
from ui.theme.look import Look
from ui.widgets.base import Divider, IconLabel, Text, clear, column, row
from ui.widgets.buttons import Button
from ui.widgets.cards import Card
from ui.widgets.picture import read_picture
from ui.widgets.progress_line import ProgressLine
from ui.widgets.states import EmptyState

THUMB = QSize(220, 140)
LARGEST_THUMB = 20 * 1024 * 1024


class Thumb(QLabel):
    """A small picture from the vault, or the kind's icon."""

    def __init__(self, look: Look, one: cf.Attachment) -> None:
        super().__init__()
        self.sha256 = one.sha256
        edge = (look.metrics.px(88), look.metrics.px(60))
        self.setFixedSize(*edge)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        icon = (
            "eye-off"
            if one.role == "identity"
            else ("image" if one.media_type.startswith("image/") else "file-text")
        )
        self.setPixmap(look.pixmap(icon, "textTertiary", look.metrics.px(26)))

    def show_image(self, image: QImage) -> None:
        """Show the picture, cut to the frame."""
        whole = QPixmap.fromImage(image)
        size = self.size()
        fitted = whole.scaled(
            size, Qt.AspectRatioMode.KeepAspectRatioByExpanding, Qt.TransformationMode.SmoothTransformation
        )
        self.setPixmap(fitted.copy(0, 0, size.width(), size.height()))


def read_thumbs(office: Any, found: Sequence[cf.Attachment]) -> dict[str, QImage]:
    """Small pictures of the case's photographs, on the read lane; what is missing is left out."""
    from app.domain.errors import JiefenError

    made: dict[str, QImage] = {}
    for one in found:
        if one.media_type.startswith("image/") and one.role != "identity" and one.size <= LARGEST_THUMB:
            try:
                image = read_picture(office.attachments.read(one.sha256))
            except JiefenError:
                made[one.sha256] = QImage()
                continue
            made[one.sha256] = image.scaled(
                THUMB * 2, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
            )
    return made


class EvidenceTab(QWidget):
    """``opened(index)`` looks at one; ``choose_asked``, ``paste_asked``, ``dropped(files)`` add."""

    opened = Signal(int)
    choose_asked = Signal()
    paste_asked = Signal()
    dropped = Signal(object)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        self.setAcceptDrops(True)
        self.choose_button = Button(look, "加材料", name="case.evidence.choose", icon="plus", compact=True)
        self.paste_button = Button(look, "粘贴", name="case.evidence.paste", icon="copy", compact=True)
        self.choose_button.clicked.connect(self.choose_asked)
        self.paste_button.clicked.connect(self.paste_asked)
        self.card = Card(
            "证据材料", "也可以把文件拖到这里，或按 Ctrl V", self.paste_button, self.choose_button, flush=True
        )
        self.progress = ProgressLine(look, name="case.evidence.progress")
        self._rows = column(spacing=0)
        self.empty = EmptyState(
            look, "还没有材料。", name="case.evidence.empty", icon="paperclip",
            hint="拍好的照片、报价单、鉴定意见都可以加，存在本机是加密的。",
        )  # fmt: skip
        self.card.add(self.progress)
        self.card.add(self._rows)
        self.card.add(self.empty)
        self.setLayout(column(self.card, None, spacing=0))
        self.thumbs: list[Thumb] = []
        self.attachments: tuple[cf.Attachment, ...] = ()
        self._case = ""

    def show_case(self, data: CaseData, *, may_add: bool) -> bool:
        """Show the files; true when the pictures are to be read anew."""
        found = tuple(
            sorted(data.view.file.attachments.values(), key=lambda a: (a.added_at, a.attachment_id))
        )
        self.setAcceptDrops(may_add)
        self.choose_button.setVisible(may_add)
        self.paste_button.setVisible(may_add)
        if found == self.attachments and self._case == data.case_id:
            return False
        self.attachments, self._case = found, data.case_id
        clear(self._rows)
        self.thumbs = []
        for number, one in enumerate(found):
            if number:
                self._rows.addWidget(Divider())
            self._add(data, one, number)
        self.empty.setVisible(not found)
        return True

    def show_thumbs(self, images: dict[str, QImage]) -> None:
        """Put the small pictures in."""
        for thumb in self.thumbs:
            image = images.get(thumb.sha256)
            if image is not None and not image.isNull():
                thumb.show_image(image)

    def _add(self, data: CaseData, one: cf.Attachment, number: int) -> None:
        thumb = Thumb(self.look, one)
        self.thumbs.append(thumb)
        pages = f"　{one.pages} 页" if one.pages else ""
        origin = origin_words(one, data)
        about = f"{origin}{pages}　{size_text(one.size)}　{when_words(one.added_at)}"
        words = column(
            Text(one.title or "材料", role="bodyStrong", wrap=True),
            Text(about, role="label", tone="textSecondary", wrap=True),
            spacing=0,
        )
        cloud = "cloud-check" if one.stored else "cloud-upload"
        sent = row(
            IconLabel(self.look, cloud, color="textSecondary", edge=16),
            Text("已送达" if one.stored else "等待发送", role="label", tone="textSecondary"), spacing=4,
        )  # fmt: skip
        look = Button(
            self.look, "看", name=f"case.evidence.{number}.open", icon="eye", about=one.title, compact=True
        )
        look.clicked.connect(self._opener(number))
        line = row(thumb, words, sent, look, spacing=12)
        line.setStretch(1, 1)
        line.setContentsMargins(16, 10, 12, 10)
        self._rows.addLayout(line)

    def _opener(self, number: int) -> Callable[[], None]:
        return lambda: self.opened.emit(number)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files and pictures are welcome."""
        if event.mimeData().hasUrls() or event.mimeData().hasImage():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take what was dropped."""
        found = from_mime(event.mimeData())
        if found:
            event.acceptProposedAction()
            self.dropped.emit(found)
