"""The preview before printing: the PDF itself, then 打印 or 存成 PDF (打印一律先预览)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QDialog, QStackedWidget, QWidget

from app.services.changes import Written
from app.services.fetching import FilesAwayError
from ui.background.lanes import Job
from ui.background.operations import Operations
from ui.dialogs import printing
from ui.dialogs.awaiting import Awaiting
from ui.dialogs.base import Dialog
from ui.failures.texts import explain
from ui.theme.look import Look
from ui.widgets.base import Text, identify, row
from ui.widgets.buttons import Button, LinkButton, PrimaryButton
from ui.widgets.paper import PaperPreview
from ui.widgets.states import EmptyState, SkeletonRows

Make = Callable[[], bytes]
"""Renders the paper; runs on the read lane."""
Partly = Callable[[tuple[str, ...]], bytes]
"""Renders the paper without the files of these hashes; runs on the read lane."""
Final = Callable[[], Written[bytes]]
"""Writes the paper that leaves the house and gives its PDF; runs on the write lane."""


PARTLY = "先排在本机的"


class PaperDialog(Dialog):
    """Shows one paper. ``note`` says what is on it: 已遮挡, 草稿. The bytes are forgotten on closing.

    With ``awaiting`` a paper made of files of the case has those fetched that are not here, and is rendered
    when they came; with ``partly`` it can be had without them meanwhile. With ``final`` what is shown is only
    a draft: the paper itself is written, once, when it is printed or kept, and takes the draft's place.
    """

    def __init__(
        self,
        look: Look,
        operations: Operations,
        make: Make,
        parent: QWidget | None = None,
        *,
        title: str,
        note: str = "",
        file_name: str = "",
        name: str = "paper",
        awaiting: Callable[[QDialog], Awaiting] | None = None,
        final: Final | None = None,
        partly: Partly | None = None,
    ) -> None:
        super().__init__(parent)
        self._partly, self._note = partly, note
        self._final, self._writing = final, False
        self._awaiting = awaiting(self) if awaiting is not None else None
        self._asked: tuple[str, ...] = ()
        self.look, self._operations, self._make = look, operations, make
        self._paper_title, self._file_name = title, file_name or f"{title}.pdf"
        self._job: Job | None = None
        self.content = b""
        """The PDF; empty until it is rendered."""
        self.setWindowTitle(title)
        self.resize(look.metrics.px(720), look.metrics.px(760))
        identify(self, f"{name}.dialog", title, note)
        self.pages = Text("", role="label", tone="textSecondary")
        self.done_note = Text("", role="label", tone="ok", wrap=True)
        self.preview = PaperPreview(look, f"预览，{title}", name=f"{name}.preview")
        self.waiting = SkeletonRows(look, name=f"{name}.waiting")
        self.problem = EmptyState(look, " ", name=f"{name}.problem", icon="circle-alert", action="再试一次")
        self.stack = QStackedWidget()
        for part in (self.waiting, self.preview, self.problem):
            self.stack.addWidget(part)
        self.close_button = Button(look, "关上", name=f"{name}.close")
        self.save_button = Button(look, "存成 PDF", name=f"{name}.save", icon="download")
        self.print_button = PrimaryButton(look, "打印", name=f"{name}.print", icon="printer", keys="Ctrl+P")
        self.undo_button = LinkButton(look, "撤销", name=f"{name}.undo")
        self.undo_button.hide()
        self.part_button = Button(look, PARTLY, name=f"{name}.partly", icon="file-text")
        self.part_button.hide()
        self.note = Text(note, role="label", tone="textSecondary")
        head = row(Text(title, role="section"), self.note, None, self.pages, spacing=12)
        foot = row(
            self.done_note,
            self.undo_button,
            None,
            self.part_button,
            self.close_button,
            self.save_button,
            self.print_button,
            spacing=12,
        )
        self.arrange_around(head, self.stack, foot)
        self.close_button.clicked.connect(self.reject)
        self.save_button.clicked.connect(self.save)
        self.print_button.clicked.connect(self.print)
        self.preview.page_changed.connect(self._page_changed)
        self.problem.acted.connect(self._again)
        self.part_button.clicked.connect(self.render_partly)
        if self._awaiting is not None:
            self._awaiting.told.connect(self._awaited)
            self._awaiting.came.connect(self.render_again)
            self._awaiting.ended.connect(lambda words: self._tell(words, ""))
        self.waiting.cancelled.connect(self.reject)
        self._allow(found=False)

    def offer_undo(self, words: str, undo: Callable[[], None], seconds: float) -> None:
        """For so long, a way back from what this paper came of: closes the dialog, then runs ``undo``."""

        def back() -> None:
            self.reject()
            undo()

        self.undo_button.setText(words)
        self.undo_button.clicked.connect(back)
        self.undo_button.show()
        QTimer.singleShot(int(seconds * 1000), self.undo_button, self.undo_button.hide)

    def start(self) -> None:
        """Open, and render the paper."""
        self.open()
        self.render_again()

    def render_again(self) -> None:
        """Render the paper (again)."""
        self.note.setText(self._note)
        self._render(self._make)

    def _render(self, make: Make) -> None:
        self.stack.setCurrentWidget(self.waiting)
        self.waiting.begin(f"正在排“{self._paper_title}”…")
        self._job = self._operations.read(
            f"排{self._paper_title}", lambda _job: make(), self._show, self._failed
        )

    def render_partly(self) -> None:
        """先排在本机的: without what is not here; that still comes, and the index names it."""
        partly, without = self._partly, self._asked
        if partly is None or not without:
            return
        if self._awaiting is not None:
            self._awaiting.forget()
        self.note.setText(f"缺 {len(without)} 份不在本机的，目录里写明了")
        self._render(lambda: partly(without))

    def _again(self) -> None:
        """再试一次, or 不等了 while files are on their way."""
        if self._awaiting is not None and self._awaiting.waits:
            self._awaiting.give_up()
            self._tell("没有再等，也没有取。材料的登记都在。", "")
            return
        self._asked = ()
        self.render_again()

    def print(self) -> None:
        """Ask for the printer; without one, keep the paper as a file."""
        if not printing.has_printer():
            self.done_note.setText("本机没有装打印机，可以先存成 PDF。")
            self.save()
            return
        printing.print_pdf(self._operations, self, self._hand_out, self._paper_title, self._printed)

    def save(self) -> None:
        """Ask where, then keep the paper there."""
        printing.save_pdf(self._operations, self, self._hand_out, self._file_name, self._saved)

    def _hand_out(self, then: printing.Then) -> None:
        """The PDF that leaves the house, to ``then``; a draft's paper is written now, and only once."""
        final = self._final
        if final is None:
            then(self.content)
            return
        if self._writing:
            return
        self._writing = True

        def written(paper: Written[bytes]) -> None:
            self._final, self._writing = None, False
            if self.isVisible():
                self._show(paper.value)
                self.note.setText("写全名，留有记录")
            then(paper.value)

        def failed(error: BaseException) -> bool:
            self._writing = False
            words = explain(error)
            self.done_note.setText(f"{words.text}{words.next_step}")
            return words.kind != "bug"

        self._operations.write(f"写{self._paper_title}", lambda _job: final(), written, failed)

    def done(self, result: int) -> None:
        """Forget the paper."""
        if self._job is not None:
            self._job.cancel()
        if self._awaiting is not None:
            self._awaiting.forget()
        self.waiting.finish()
        self.content = b""
        self.preview.clear_pdf()
        super().done(result)

    def _show(self, content: bytes) -> None:
        self.waiting.finish()
        self.content = content
        if not self.preview.show_pdf(content):
            self._tell("这份文书显示不出来，填写的内容都在。", "")
            return
        self.stack.setCurrentWidget(self.preview)
        self._allow(found=True)
        self.print_button.setFocus()

    def _failed(self, error: BaseException) -> bool:
        self.waiting.finish()
        if self._awaiting is not None and isinstance(error, FilesAwayError) and error.hashes != self._asked:
            self._asked = error.hashes
            self._awaiting.ask(error.hashes)
            return True
        words = explain(error)
        self._tell(words.text, words.next_step)
        return words.kind != "bug"

    def _awaited(self, words: str) -> None:
        self._tell(words, "取来以后会自己排好。", action="不等了")

    def _tell(self, text: str, hint: str, action: str = "再试一次") -> None:
        self.problem.set_texts(text, hint)
        self.problem.button.relabel(action)
        self.stack.setCurrentWidget(self.problem)
        self._allow(found=False)

    def _allow(self, *, found: bool) -> None:
        for button in (self.save_button, self.print_button):
            button.set_unavailable("" if found else "文书还没有排好")
        self.part_button.setVisible(not found and self._partly is not None and bool(self._asked))

    def _printed(self, pages: int) -> None:
        self.done_note.setText(f"{pages} 页已交给打印机。")

    def _saved(self, path: Path) -> None:
        self.done_note.setText(f"已存成“{path.name}”。")

    def _page_changed(self, number: int, count: int) -> None:
        self.pages.setText(f"第 {number}／{count} 页" if count else "")
