"""Files on their way into a case: chosen, dragged or pasted; described, encrypted, with progress."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QWidget

from app.domain import casefile as cf
from app.domain import filekinds, short_title
from app.domain.filekinds import Source
from app.services.attachments import FileEntry
from ui.background.lanes import Job
from ui.dialogs.files import open_files
from ui.dialogs.form import FormDialog
from ui.pages.case_data import SIDES, CaseData
from ui.theme.look import Look
from ui.widgets.choices import ComboBox
from ui.widgets.fields import FormField, LineEdit
from ui.widgets.progress_line import ProgressLine

if TYPE_CHECKING:
    from ui.pages.working import WorkingPage

ORIGINALS = (
    ("copy", "复印件"),
    ("original", "原件"),
    ("photo", "照片"),
    ("recording", "录音录像"),
    ("electronic", "电子件"),
)
ORIGINAL_WORDS = dict(ORIGINALS)
UNSIGNED = "机构打印的文书，还没有签名盖章"
"""What is said of a paper the product made; the scan of the signed one is a file of its own."""
FILTER = f"图片、PDF、Word、录音 ({' '.join(f'*{suffix}' for suffix in filekinds.BY_SUFFIX)})"


@dataclass(frozen=True)
class Incoming:
    """A file on its way in: from the disk, or pasted."""

    name: str
    path: Path | None = None
    content: bytes = b""

    @property
    def media_type(self) -> str:
        """By the name's ending."""
        return filekinds.media_type_of(self.name)


class _Watched:
    """A stream that tells how far it was read, and stops when the work was given up."""

    def __init__(self, stream: Source, size: int, job: Job, name: str) -> None:
        self._stream, self._size, self._job, self._name = stream, max(size, 1), job, name
        self._done = 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        self._job.check()
        found = self._stream.read(size)
        self._done += len(found)
        self._job.report(min(self._done / self._size, 1.0), self._name)
        return found


def from_mime(mime: QMimeData) -> tuple[Incoming, ...]:
    """Files or a picture in what was dragged or pasted."""
    paths = [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
    found = [Incoming(p.name, p) for p in paths if p.is_file()]
    if found or not mime.hasImage():
        return tuple(found)
    image = mime.imageData()
    if not isinstance(image, QImage) or image.isNull():
        return ()
    held = QByteArray()
    buffer = QBuffer(held)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return (Incoming("粘贴的图片.png", content=bytes(held.data())),)


def origin_words(one: cf.Attachment, data: CaseData) -> str:
    """Who gave a file, masked, and whether it is an original."""
    if one.role == "paper":
        return UNSIGNED
    party = next((p for p in data.parties if p.party_id == one.provided_by), None)
    who = f"{party.masked['name']} 提供" if party else "调委会收集"
    return f"{who}，{ORIGINAL_WORDS[one.original]}"


class FileForm(FormDialog):
    """What the files are, who gave them, original or copy."""

    def __init__(self, look: Look, parent: QWidget, data: CaseData, files: Sequence[Incoming]) -> None:
        one = len(files) == 1
        self._parties = tuple(data.view.file.parties.values())
        named = short_title.of_file(Path(files[0].name).stem, self._parties) if one else ""
        self.title = LineEdit("叫什么", name="evidence.title", text=named)
        people = [("", "调委会")]
        people += [(p.party_id, f"{SIDES[p.side][1]} {p.masked['name']}") for p in data.parties]
        self.provider = ComboBox(look, "谁提供的", people, name="evidence.provider")
        self.original = ComboBox(look, "原件还是复印件", ORIGINALS, name="evidence.original")
        if all(f.media_type.startswith("image/") for f in files):
            self.original.choose("photo")
        elif any(f.media_type.startswith(("audio/", "video/")) for f in files):
            self.original.choose("recording")
        fields: dict[str, FormField | QWidget] = {}
        if one:
            fields["title"] = FormField("叫什么", self.title, check=self._titled)
        fields["provided_by"] = FormField("谁提供的", self.provider)
        fields["original"] = FormField("原件还是复印件", self.original)
        super().__init__(
            look, parent, f"加 {len(files)} 份材料", fields, action="加进案件", name="evidence",
            text="文件加密存在本机，联网后发给平台。", back="先不加",
        )  # fmt: skip

    def entry(self, *, photo: bool) -> FileEntry:
        """The description."""
        return FileEntry(
            role="photo" if photo else "evidence",
            title=self.title.text().strip(),
            provided_by=self.provider.value,
            original=self.original.value,
        )

    def _titled(self) -> str:
        if not self.title.text().strip():
            return "写一个名字，如 客厅墙面照片。"
        return short_title.file_problem(self.title.text(), self._parties) or ""


class FileAdder:
    """Takes files into a case for a page: asks what they are, then stores them with progress and 不加了."""

    def __init__(self, page: WorkingPage, bar: ProgressLine) -> None:
        self._page, self._bar = page, bar
        self._job: Job | None = None
        page.context.operations.progress.connect(self._moved)
        bar.cancelled.connect(self._cancel)

    def choose(self, data: CaseData) -> QFileDialog:
        """Ask for files."""
        dialog = open_files(self._page.window(), "选材料", FILTER, name="evidence.choose")
        dialog.accepted.connect(
            lambda: self.take(data, tuple(Incoming(Path(p).name, Path(p)) for p in dialog.selectedFiles()))
        )
        dialog.open()
        return dialog

    def paste(self, data: CaseData) -> None:
        """Take what the clipboard holds."""
        found = from_mime(QGuiApplication.clipboard().mimeData())
        if found:
            self.take(data, found)
        else:
            self._page.said.emit("剪贴板里没有图片或文件。先复制一张，再按 Ctrl V。")

    def take(self, data: CaseData, files: Sequence[Incoming]) -> FileForm | None:
        """Ask what they are, then store them."""
        if not files or self._job is not None:
            return None
        form = FileForm(self._page.look, self._page, data, files)
        form.keep(self._page, "evidence", data.case_id, files[0].name if len(files) == 1 else "")
        form.given.connect(lambda: self._start(form, data.case_id, files))
        form.open()
        return form

    def _start(self, form: FileForm, case_id: str, files: Sequence[Incoming]) -> None:
        entries = [form.entry(photo=f.media_type.startswith("image/")) for f in files]
        form_draft = form.draft.drop if form.draft is not None else None
        form.accept()
        office = self._page.office

        def work(job: Job) -> Any:
            written = None
            for one, entry in zip(files, entries, strict=True):
                written = self._store(office, case_id, one, entry, job)
            return written

        self._bar.begin(f"正在存 {len(files)} 份材料…")

        def kept(_written: Any) -> None:
            # Not before: what the disk or the rules do not take can be described again without typing.
            if form_draft is not None:
                self._page.save("存草稿", form_draft, again=True)
            self._kept()

        self._job = self._page.context.operations.files("加材料", work, kept, self._failed)

    def _store(self, office: Any, case_id: str, one: Incoming, entry: FileEntry, job: Job) -> Any:
        import io

        from app.services.steady import Steady

        if one.path is None:
            stream, size = io.BytesIO(one.content), len(one.content)
            watched = _Watched(stream, size, job, one.name)
            return office.attachments.add(case_id, watched, one.name, one.media_type, entry)
        with one.path.open("rb") as opened:
            watched = _Watched(Steady(opened), one.path.stat().st_size, job, one.name)
            return office.attachments.add(case_id, watched, one.name, one.media_type, entry)

    def _moved(self, name: str, part: float, text: str) -> None:
        if name == "加材料" and self._job is not None:
            self._bar.advance(part, f"正在存“{text}”")

    def _kept(self) -> None:
        self._job = None
        self._bar.finish()
        self._page.said.emit("材料已加密存在本机，联网后发给平台。")

    def _failed(self, error: BaseException) -> bool:
        from app.domain.errors import UserError

        self._job = None
        self._bar.finish()
        if isinstance(error, UserError):
            self._bar.tell(error.message)
            return True
        return False

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job = None
            self._bar.finish()
            self._page.said.emit("没有再加。已经存好的还在。")
