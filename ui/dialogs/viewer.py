"""Looking at attachments and papers: PDF, pictures, plain text; from memory, never from a file on disk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QDialog, QListWidget, QListWidgetItem, QPlainTextEdit, QStackedWidget, QWidget

from app.domain import masking
from app.domain.casefile import Attachment, Party, ResultDocument
from app.domain.errors import JiefenError
from app.services.fetching import is_away
from ui.background.lanes import Job
from ui.background.operations import Operations
from ui.dialogs.awaiting import Awaiting
from ui.dialogs.base import Dialog
from ui.dialogs.confirm import Confirmation, confirm
from ui.theme import tokens
from ui.theme.look import Look
from ui.widgets.base import IconLabel, Text, announce, column, identify, row
from ui.widgets.buttons import Button, IconButton
from ui.widgets.masked import REASONS
from ui.widgets.paper import PaperPreview
from ui.widgets.picture import PictureView, read_picture
from ui.widgets.states import SkeletonRows

SHOWN = {"application/pdf", "text/plain"}


@dataclass(frozen=True)
class ViewItem:
    """One thing to look at. ``covered`` items (identity cards) show only after a reason was chosen."""

    key: str
    title: str
    media_type: str
    note: str = ""
    covered: bool = False


@dataclass(frozen=True)
class Looked:
    """Content read and decoded off the GUI thread."""

    content: bytes
    picture: QImage | None


Read = Callable[[ViewItem], bytes]
"""Runs on the read lane; raises the product's errors."""
Trace = Callable[[ViewItem, str], object]
"""Runs on the write lane before a covered item is read; writes down who looked and why."""


def attachment_items(attachments: Sequence[Attachment], parties: Mapping[str, Party]) -> tuple[ViewItem, ...]:
    """The attachments of a case as items; identity papers are covered.

    Where several have one title, such as each party's 身份证明, it also says whose, masked.
    """
    titles = Counter(a.title for a in attachments)

    def title(one: Attachment) -> str:
        party = parties.get(one.provided_by)
        alike = titles[one.title] > 1 or one.role == "identity"
        whose = f"　{masking.party_name(party)}" if party is not None and alike else ""
        return f"{one.title or '附件'}{whose}"

    return tuple(
        ViewItem(
            key=a.sha256,
            title=title(a),
            media_type=a.media_type,
            note=size_text(a.size),
            covered=a.role == "identity",
        )
        for a in attachments
    )


def document_name(document: ResultDocument) -> str:
    """民事裁定书: a paper's name without its ending."""
    return document.name.rpartition(".")[0] or document.name


def document_items(documents: Iterable[ResultDocument]) -> tuple[ViewItem, ...]:
    """Papers that came back from a court as items."""
    return tuple(ViewItem(d.sha256, document_name(d), d.media_type, size_text(d.size)) for d in documents)


def size_text(size: int) -> str:
    """27.4 GB, 1.2 MB, 340 KB."""
    if size >= 1024**3:
        return f"{size / 1024**3:.1f} GB"
    if size >= 1024 * 1024:
        return f"{size / 1024 / 1024:.1f} MB"
    return f"{max(size // 1024, 1)} KB"


class ViewerDialog(Dialog):
    """Shows ``items`` one at a time; what was shown is forgotten when the dialog closes.

    With ``awaiting`` a file that is not here, or not whole, is fetched from the platform and then shown.
    """

    def __init__(
        self,
        look: Look,
        operations: Operations,
        read: Read,
        items: Sequence[ViewItem],
        parent: QWidget | None = None,
        *,
        title: str = "附件",
        trace: Trace | None = None,
        awaiting: Callable[[QDialog], Awaiting] | None = None,
        name: str = "viewer",
    ) -> None:
        super().__init__(parent)
        self.look, self.items = look, tuple(items)
        self._operations, self._read, self._trace = operations, read, trace
        self._awaiting = awaiting(self) if awaiting is not None else None
        self._asked = ""
        self._job: Job | None = None
        self._item: ViewItem | None = None
        self.content = b""
        """Bytes of what shows now; empty while nothing does."""
        self.setWindowTitle(title)
        self.resize(look.metrics.px(860), look.metrics.px(680))
        identify(self, f"{name}.dialog", title)
        self._build(name, title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

    def _build(self, name: str, title: str) -> None:
        look = self.look
        self.title = Text(title, role="section")
        self.note = Text("", role="label", tone="textSecondary")
        self.pages = Text("", role="label", tone="textSecondary")
        self.smaller = IconButton(look, "minus", "缩小", name=f"{name}.zoom.out")
        self.larger = IconButton(look, "plus", "放大", name=f"{name}.zoom.in")
        self.close_button = Button(look, "关上", name=f"{name}.close")
        self.extra = row(spacing=12)
        head = row(self.title, self.note, None, self.pages, self.smaller, self.larger, spacing=12)
        self.list = QListWidget()
        identify(self.list, f"{name}.list", f"{title}，一共 {len(self.items)} 个", "上下键换一个看")
        for item in self.items:
            entry = QListWidgetItem(item.title, self.list)
            entry.setSizeHint(QSize(0, look.metrics.px(tokens.size("rowHeight", "dense"))))
            entry.setToolTip(f"{item.title}　{item.note}")
        self.list.setFixedWidth(look.metrics.px(200))
        if len(self.items) < 2:
            self.list.hide()
        self.message = Text("", tone="textSecondary", wrap=True)
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._reasons = column(spacing=8)
        picture = IconLabel(look, "eye-off", color="textTertiary", edge=32)
        self.stop_button = Button(look, "不等了", name=f"{name}.await.cancel")
        self.stop_button.hide()
        self.heal_button = Button(look, "从备份找回", name=f"{name}.heal", icon="history")
        self.heal_button.hide()
        stop = row(None, self.stop_button, self.heal_button, None)
        words = column(None, row(None, picture, None), self.message, self._reasons, stop, None, spacing=12)
        words.setContentsMargins(40, 20, 40, 20)
        self._words = QWidget()
        self._words.setLayout(words)
        self._icon = picture
        self.paper = PaperPreview(look, title, name=f"{name}.paper")
        self.picture = PictureView(look, title, name=f"{name}.picture")
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        identify(self.text, f"{name}.text", title)
        self.waiting = SkeletonRows(look, name=f"{name}.waiting")
        self.stack = QStackedWidget()
        for page in (self._words, self.paper, self.picture, self.text, self.waiting):
            self.stack.addWidget(page)
        self._reason_buttons = [
            Button(look, f"{number}  {words}", name=f"{name}.reason.{key}", about="显示这份证件")
            for number, (key, words) in enumerate(REASONS, start=1)
        ]
        for (key, _), button in zip(REASONS, self._reason_buttons, strict=True):
            button.setShortcut(button.text()[0])
            button.setMinimumWidth(look.metrics.px(160))
            button.clicked.connect(self._reason_slot(key))
            self._reasons.addLayout(row(None, button, None))
        middle = row(self.list, self.stack, spacing=12)
        middle.setStretch(1, 1)
        self.arrange_around(head, middle, row(self.extra, None, self.close_button))
        self.close_button.clicked.connect(self.close)
        self.smaller.clicked.connect(self._smaller)
        self.larger.clicked.connect(self._larger)
        self.paper.page_changed.connect(self._page_changed)
        self.list.currentRowChanged.connect(self._chosen)
        self.waiting.cancelled.connect(self._not_waited)
        self.stop_button.clicked.connect(self._give_up)
        self.heal_button.clicked.connect(self.ask_heal)
        if self._awaiting is not None:
            self._awaiting.told.connect(self._awaited)
            self._awaiting.came.connect(self._came)
            self._awaiting.ended.connect(self._not_coming)

    def start(self, index: int = 0) -> None:
        """Open the dialog with the item at ``index``."""
        self.open()
        if self.items:
            self.list.setCurrentRow(index)
            (self.list if self.list.isVisible() else self.stack).setFocus()

    def show_item(self, item: ViewItem) -> None:
        """Show ``item``, or ask why where it is covered."""
        self._forget()
        self._item, self._asked = item, ""
        self.title.setText(item.title)
        self.note.setText(item.note)
        if not readable(item):
            self._say("这种文件在这里看不了，可以在案件里另存后打开。", icon="file")
        elif item.covered:
            self._say("这是证件，已经遮挡。选一个理由再看，会留下记录。", icon="eye-off", reasons=True)
        else:
            self._begin(item)

    def reveal(self, reason: str) -> None:
        """Show the covered item for ``reason``; the trace is written first."""
        item = self._item
        if item is None:
            return
        if self._trace is None:
            self._begin(item)
            return
        trace = self._trace
        self._operations.write("显示证件", lambda _job: trace(item, reason), lambda _value: self._begin(item))

    def done(self, result: int) -> None:
        """However it is closed, what was shown is forgotten."""
        self._forget()
        super().done(result)

    def _begin(self, item: ViewItem) -> None:
        self.stack.setCurrentWidget(self.waiting)
        self.waiting.begin(f"正在打开“{item.title}”…")
        read = self._read

        def work(_job: Job) -> Looked:
            content = read(item)
            return Looked(content, read_picture(content) if is_picture(item) else None)

        self._job = self._operations.read(
            "打开附件", work, lambda looked: self._show(item, looked), self._failed
        )

    def _show(self, item: ViewItem, looked: Looked) -> None:
        self.waiting.finish()
        if item is not self._item:
            return
        self.content = looked.content
        if looked.picture is not None:
            if looked.picture.isNull():
                self._say("这张图片打不开，文件可能坏了。登记信息还在，可以从备份找回。", icon="image")
                return
            self.picture.show_picture(looked.picture)
            self.stack.setCurrentWidget(self.picture)
        elif item.media_type == "application/pdf":
            if not self.paper.show_pdf(looked.content):
                self._say("这份 PDF 打不开，文件可能坏了。登记信息还在，可以从备份找回。", icon="file")
                return
            self.stack.setCurrentWidget(self.paper)
        else:
            self.text.setPlainText(looked.content.decode("utf-8", errors="replace"))
            self.stack.setCurrentWidget(self.text)
        zooms = looked.picture is not None
        self.smaller.setVisible(zooms)
        self.larger.setVisible(zooms)

    def _failed(self, error: BaseException) -> bool:
        self.waiting.finish()
        if not isinstance(error, JiefenError):
            return False
        if self._awaiting is not None and self._item is not None and is_away(error) and not self._asked:
            # Once for each time it is opened: a file that comes damaged again is told as it is.
            self._asked = self._item.key
            self._awaiting.ask((self._asked,))
            return True
        self._say(error.message, icon="circle-alert")
        return True

    def _awaited(self, words: str) -> None:
        may_heal = self._awaiting is not None and self._awaiting.may_heal
        words += "备份里要是有，现在就能找回。" if may_heal else ""
        self._say(words, icon="download")
        self.stop_button.show()
        self.heal_button.setVisible(may_heal)
        announce(self, words)

    def _came(self) -> None:
        if self._item is not None:
            self._begin(self._item)

    def _not_coming(self, words: str) -> None:
        may_heal = self._awaiting is not None and self._awaiting.may_heal
        self._say(words, icon="circle-alert")
        self.heal_button.setVisible(may_heal)

    def ask_heal(self) -> None:
        """从备份找回: say what will happen, then do it."""
        item = self._item
        if item is None or self._awaiting is None:
            return
        awaiting = self._awaiting
        asked = Confirmation(
            title=f"从备份找回“{item.title}”",
            effects=("将从最近一份有它的备份里取回这个文件，和登记的校验值核对过才用。",
                     "现在损坏的那一份留着，不删。"),
            lasting="案件里写的其他内容不变。",
            action="从备份找回",
            icon="history",
        )  # fmt: skip

        def heal() -> None:
            self._say(f"正在从备份找“{item.title}”…", icon="history")
            awaiting.heal(item.key)

        confirm(self.look, self, asked, heal, name="viewer.heal")

    def _give_up(self) -> None:
        if self._awaiting is not None:
            self._awaiting.give_up()
        self._say("没有再等，也没有取。登记信息在，再打开一次会再取。", icon="file")

    def _say(self, text: str, *, icon: str, reasons: bool = False) -> None:
        self._icon.set_icon(icon)
        self.message.setText(text)
        self.stop_button.hide()
        self.heal_button.hide()
        for button in self._reason_buttons:
            button.setVisible(reasons)
        self.pages.setText("")
        self.smaller.hide()
        self.larger.hide()
        self.stack.setCurrentWidget(self._words)
        if reasons:
            self._reason_buttons[0].setFocus()

    def _forget(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job = None
        if self._awaiting is not None:
            self._awaiting.forget()
        self.waiting.finish()
        self.content = b""
        self.paper.clear_pdf()
        self.picture.clear_picture()
        self.text.clear()
        self.pages.setText("")

    def _chosen(self, index: int) -> None:
        if index >= 0:
            self.show_item(self.items[index])

    def _reason_slot(self, key: str) -> Callable[[], None]:
        return lambda: self.reveal(key)

    def _smaller(self) -> None:
        self.picture.step(-1)

    def _larger(self) -> None:
        self.picture.step(1)

    def _page_changed(self, number: int, count: int) -> None:
        self.pages.setText(f"第 {number}／{count} 页" if count else "")

    def _not_waited(self) -> None:
        if self._job is not None:
            self._job.cancel()
        self._say("没有打开，文件没有动。可以再选一次。", icon="file")


def is_picture(item: ViewItem) -> bool:
    """Whether it is shown as a picture."""
    return item.media_type.startswith("image/")


def readable(item: ViewItem) -> bool:
    """Whether the viewer can show it."""
    return is_picture(item) or item.media_type in SHOWN
