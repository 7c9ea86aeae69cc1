"""The scan of the signed agreement, on the page itself: dates are read off it while they are filled in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QStackedWidget

from app.domain import casefile as cf
from app.domain.errors import JiefenError
from app.services.fetching import is_away
from ui.dialogs.awaiting import Awaiting
from ui.theme.look import Look
from ui.widgets.base import Text
from ui.widgets.buttons import Button
from ui.widgets.cards import Card
from ui.widgets.paper import PaperPreview
from ui.widgets.picture import PictureView, read_picture

if TYPE_CHECKING:
    from app.services.office import Office
    from ui.pages.working import WorkingPage

NO_SCAN = "还没有扫描件，也可以先照纸面填。扫描件只存在本机和平台，加密保存。"
UNREADABLE = "这份扫描件打不开，文件可能坏了。登记信息还在，可以从备份找回。"
VIEW_HEIGHT = 380


class ScanCard(Card):
    """扫描件. It shows nothing until it is asked to, and again nothing once the page is left.

    ``add_asked()`` when the person wants to add one.
    """

    add_asked = Signal()

    def __init__(self, page: WorkingPage) -> None:
        look: Look = page.look
        self.look_button = Button(look, "看扫描件", name="effective.scan.look", icon="eye", compact=True)
        self.next_button = Button(look, "下一份", name="effective.scan.next", about="扫描件", compact=True)
        self.add_button = Button(look, "加协议书扫描件", name="effective.scan.add", icon="scan", compact=True)
        super().__init__("扫描件", "", self.next_button, self.look_button, self.add_button)
        self.look, self._page = look, page
        self._scans: tuple[cf.Attachment, ...] = ()
        self._case_id, self._at = "", 0
        self._awaiting: Awaiting | None = None
        self.note = Text("", tone="textSecondary", wrap=True)
        self.paper = PaperPreview(look, "协议书扫描件", name="effective.scan.paper")
        self.picture = PictureView(look, "协议书扫描件", name="effective.scan.picture")
        self.view = QStackedWidget()
        self.view.addWidget(self.paper)
        self.view.addWidget(self.picture)
        self.view.hide()
        self.add(self.note)
        self.add(self.view)
        self.body.setStretch(1, 1)
        self.next_button.hide()
        self.look_button.clicked.connect(self.toggle)
        self.next_button.clicked.connect(self._next)
        self.add_button.clicked.connect(self.add_asked)
        look.follow(self, self._fit)

    @property
    def shows(self) -> bool:
        """Whether a scan is in sight."""
        return self.view.isVisibleTo(self)

    def show_scans(self, case_id: str, scans: Sequence[cf.Attachment]) -> None:
        """The scans there are; what is in sight stays when it is still among them."""
        kept = self._scans[self._at].sha256 if self.shows and self._scans else ""
        self._case_id, self._scans = case_id, tuple(scans)
        self.note.setText(f"已加 {len(scans)} 份，可以一边看一边填日期。" if scans else NO_SCAN)
        self.look_button.set_unavailable("" if scans else "还没有扫描件")
        if kept and kept not in [s.sha256 for s in scans]:
            self.put_away()

    def toggle(self) -> None:
        """看扫描件, 收起扫描件."""
        if self.look_button.unavailable:
            return
        if self.shows:
            self.put_away()
        else:
            self._at = len(self._scans) - 1
            self._open()

    def put_away(self) -> None:
        """Forget what shows: the paper carries names and numbers in full."""
        self._page.drop("看扫描件")
        self._drop_awaiting()
        self.paper.clear_pdf()
        self.picture.clear_picture()
        self.view.hide()
        self.next_button.hide()
        self.look_button.relabel("看扫描件", "eye")

    def _next(self) -> None:
        self._at = (self._at + 1) % len(self._scans)
        self._open()

    def _open(self) -> None:
        self._drop_awaiting()
        self._read()

    def _read(self) -> None:
        scan = self._scans[self._at]

        def work(office: Office) -> tuple[bytes, QImage | None]:
            content = office.attachments.read(scan.sha256)
            return content, read_picture(content) if scan.media_type.startswith("image/") else None

        self._page.fetch("看扫描件", work, self._show, self._failed)

    def _show(self, found: tuple[bytes, QImage | None]) -> None:
        content, image = found
        good = self.paper.show_pdf(content) if image is None else not image.isNull()
        if not good:
            self.put_away()
            self.note.setText(UNREADABLE)
            return
        if image is not None:
            self.picture.show_picture(image)
        self.view.setCurrentWidget(self.paper if image is None else self.picture)
        self.view.show()
        many = len(self._scans)
        self.note.setText(f"第 {self._at + 1}／{many} 份" if many > 1 else "一边看一边填日期。")
        self.next_button.setVisible(many > 1)
        self.look_button.relabel("收起扫描件", "eye-off")

    def _failed(self, error: BaseException) -> bool:
        if not isinstance(error, JiefenError):
            return False
        if is_away(error) and self._awaiting is None:
            waiting = self._awaiting = Awaiting(self._page.context, self._case_id, self)
            waiting.told.connect(self.note.setText)
            waiting.ended.connect(self.note.setText)
            waiting.came.connect(self._read)
            waiting.ask((self._scans[self._at].sha256,))
            return True
        self.note.setText(error.message)
        return True

    def _drop_awaiting(self) -> None:
        if self._awaiting is not None:
            self._awaiting.forget()
            self._awaiting.deleteLater()
            self._awaiting = None

    def _fit(self) -> None:
        self.view.setMinimumHeight(self.look.metrics.px(VIEW_HEIGHT))
