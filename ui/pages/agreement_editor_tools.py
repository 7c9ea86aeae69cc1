"""What is put into the agreement's text by a button: a usual clause, a day, the facts out of the records."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from app.domain import casefile as cf
from app.domain import clauses
from app.domain.deadlines import add_months
from app.domain.findings import Repair
from app.domain.reducer import CaseFile
from app.domain.workdays import full_date
from ui.widgets.base import identify
from ui.widgets.buttons import FlatButton

if TYPE_CHECKING:
    from ui.pages.agreement_editor import AgreementEditorPage


class WritingTools:
    """常用条款, 插日期, 从记录带入 on the page's sheet."""

    def __init__(self, page: AgreementEditorPage) -> None:
        look, self._page = page.look, page
        self.phrases = FlatButton(look, "常用条款", name="agreement_editor.phrases.open", icon="quote")
        self.date = FlatButton(look, "插日期", name="agreement_editor.date.insert", icon="calendar-days")
        self.records = FlatButton(
            look, "从记录带入", name="agreement_editor.records.take", icon="list-checks"
        )
        self.phrases.clicked.connect(self.phrase_menu)
        self.date.clicked.connect(self.insert_date)
        self.records.clicked.connect(self.take_records)

    def phrase_menu(self) -> None:
        """常用条款: one more clause from the usual ones."""
        page = self._page
        menu = QMenu(page)
        identify(menu, "agreement_editor.phrases.menu", "常用条款")
        for clause in clauses.library():
            action = menu.addAction(clause.label)
            action.setData(clause.text)
            action.setToolTip(clause.source)
        menu.setToolTipsVisible(True)
        menu.triggered.connect(lambda action: page.sheet.add_clause(text=str(action.data())))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.phrases.mapToGlobal(self.phrases.rect().bottomLeft()))

    def insert_date(self) -> None:
        """Write a day a month from now at the cursor; the figures are then changed by hand."""
        page = self._page
        focused, sheet = page.window().focusWidget(), page.sheet
        edit = next((e for e in sheet.editors().values() if e is focused), sheet.clauses[-1])
        edit.textCursor().insertText(f"{full_date(add_months(page.office.desk.today(), 1))}（含当天）前")
        edit.setFocus()

    def take_party(self, repair: Repair) -> bool:
        """写进协议: a party that the draft leaves out; whether the repair is that. The party may have come to
        the case since the page was opened."""
        page = self._page
        if repair.field != "party_ids":
            return False

        def read(file: CaseFile) -> None:
            if page.loaded is not None:
                page.loaded = replace(page.loaded, file=file)
                page.sheet.take_party(repair.value, file)

        case_id = page.case_id
        page.fetch("写进协议", lambda office: office.cases.open(case_id).file, read)
        return True

    def take_records(self) -> None:
        """从记录带入: undisputed facts of the sessions that are not in the text yet."""
        page = self._page
        loaded = page.loaded
        if loaded is None:
            return
        facts = page.sheet.facts.toPlainText()
        found = [
            s for _, session in loaded.file.of_type(cf.Session) for s in session.undisputed if s not in facts
        ]
        if not found:
            page.said.emit("记录里没有新的无争议事实。")
            return
        lines = [facts.rstrip(), *(f"双方对以下事实没有争议：{sentence}" for sentence in found)]
        page.sheet.facts.setPlainText("\n".join(line for line in lines if line))
