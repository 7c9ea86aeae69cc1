"""Papers and files of a case from its page: preview, print, PDF, Word, and the viewer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QFileDialog

from app.services.papers import is_draft
from ui.dialogs.awaiting import Awaiting
from ui.dialogs.files import save_file
from ui.dialogs.paper import PaperDialog
from ui.dialogs.printing import write_file
from ui.dialogs.viewer import ViewerDialog, ViewItem
from ui.pages.case_marks import NOT_HOLDING
from ui.pages.sync_settled import SettledConflicts

if TYPE_CHECKING:
    from ui.pages.case_data import CaseData
    from ui.pages.working import WorkingPage


class CasePapers:
    """Opens papers and files of one case for a page."""

    def __init__(self, page: WorkingPage) -> None:
        self._page = page
        self.settled = SettledConflicts(page)

    def look(
        self, data: CaseData, form_id: str, title: str, extra: Mapping[str, Any] | None = None
    ) -> PaperDialog:
        """预览: covered, and marked as a draft while its text can still change."""
        office, case_id = self._page.office, data.case_id
        made = str((extra or {}).get("agreement_id", ""))
        note = "已遮挡，草稿" if is_draft(form_id, data.view.file, made) else "已遮挡"
        dialog = PaperDialog(
            self._page.look, self._page.context.operations,
            lambda: office.papers.preview(case_id, form_id, extra=extra).content,
            self._page.window(), title=title, note=note, name="case.paper",
        )  # fmt: skip
        dialog.start()
        return dialog

    def print(
        self, case_id: str, form_id: str, title: str, extra: Mapping[str, Any] | None = None
    ) -> PaperDialog:
        """打印: the full paper, previewed first; making it leaves a trace."""
        office = self._page.office
        dialog = PaperDialog(
            self._page.look, self._page.context.operations,
            lambda: office.papers.produce(case_id, form_id, extra=extra).content,
            self._page.window(), title=title, note="写全名，打印留有记录", name="case.paper",
        )  # fmt: skip
        dialog.start()
        return dialog

    def save(self, case_id: str, form_id: str, title: str, fmt: str) -> QFileDialog:
        """存 PDF or 存 Word, where the person says."""
        page, office = self._page, self._page.office
        ending, words = ("pdf", "PDF (*.pdf)") if fmt == "pdf" else ("docx", "Word (*.docx)")
        dialog = save_file(
            page.window(), f"存{title}", f"{title}.{ending}", words, name=f"case.papers.save.{fmt}"
        )

        def work(path: Path) -> Path:
            return write_file(path, office.papers.produce(case_id, form_id, fmt=fmt).content)

        def start() -> None:
            path = Path(dialog.selectedFiles()[0])
            page.context.operations.read(
                f"存{title}",
                lambda _job: work(path),
                lambda kept: page.said.emit(f"已存成“{kept.name}”，里面是全名。"),
            )

        dialog.accepted.connect(start)
        dialog.open()
        return dialog

    def view(self, case_id: str, items: Sequence[ViewItem], index: int = 0) -> ViewerDialog:
        """Look at files; identity papers ask why first."""
        office = self._page.office

        def read(item: ViewItem) -> bytes:
            return office.attachments.read(item.key)

        def trace(item: ViewItem, reason: str) -> object:
            office.reveal.attachment(case_id, item.key, reason)
            return None

        viewer = ViewerDialog(
            self._page.look, self._page.context.operations, read, items, self._page.window(),
            title="材料", trace=trace, name="case.viewer",
            awaiting=lambda dialog: Awaiting(self._page.context, case_id, dialog),
        )  # fmt: skip
        viewer.start(index)
        return viewer

    def entry(self, data: CaseData, key: str) -> None:
        """What lies behind an entry of the course."""
        opening = data.course.openings.get(key)
        if opening is None:
            return
        if opening.conflict_id:
            self.settled.open(opening.conflict_id)
            return
        if opening.files:
            self.view(data.case_id, opening.files)
            return
        extra = {"record_id": opening.record_id, "agreement_id": opening.agreement_id}
        title = dict(data.papers).get(opening.form_id, "文书")
        if opening.agreement_id not in ("", data.head.agreement_id):
            title = f"{title}（{NOT_HOLDING}）"
        self.look(data, opening.form_id, title, {k: v for k, v in extra.items() if v})

    def act(self, data: CaseData, form_id: str, act: str) -> None:
        """What a button of the tab 文书 asks: look, print, pdf, word."""
        title = dict(data.papers).get(form_id, "文书")
        if act == "look":
            self.look(data, form_id, title)
        elif act == "print":
            self.print(data.case_id, form_id, title)
        else:
            self.save(data.case_id, form_id, title, act)
