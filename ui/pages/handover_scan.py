"""收存签好的交接册: the scan of the book that both signed goes with each case of the last hand-over."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from app.services.changes import Written
from ui.pages.agreement_parts import choose_file
from ui.pages.working import when_sent

if TYPE_CHECKING:
    from ui.pages.handover import HandoverPage


def ask_scan(page: HandoverPage) -> None:
    """Have the person choose the scan, then keep it."""
    choose_file(page, "选双方签好的交接册", lambda path: keep(page, path), name="handover.scan.choose")


def keep(page: HandoverPage, path: Path) -> None:
    """Keep the file with each case of the last book."""

    def kept(written: Written[int]) -> None:
        words = f"签好的交接册已存进 {written.value} 件案件的材料里，联网就发。"
        page.said.emit(when_sent(words, page.context.outlook))

    page.save(
        "收存交接册",
        lambda office: office.handover.keep_signed(path),
        kept,
        undo=False,
        refused=page.say_kept_not,
    )
