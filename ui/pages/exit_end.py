"""终止调解: what is asked before mediation is ended, then the end and the notice."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING

import msgspec

from app.domain import casefile as cf
from app.domain import exits
from app.domain.reducer import CaseFile
from app.services.closing import FailureEntry
from ui.dialogs.confirm import Confirmation
from ui.dialogs.reason import ReasonDialog, ReasonRequest, ask_reason

if TYPE_CHECKING:
    from ui.pages.exit import ExitPage


ACT = "终止调解"


def to_be_told(file: CaseFile, ground: exits.Ground | None, focus: str, at: dt.datetime) -> CaseFile:
    """The case as the notice of an ending at ``at`` has it; without a ground yet nothing is said of one.

    What had ended it before it was taken up again is over.
    """
    told = None
    if ground is not None:
        told = cf.Conclusion(outcome=ground.outcome, at=at, ground=ground.name, focus=focus)
    return dataclasses.replace(file, case=msgspec.structs.replace(file.head, conclusion=told))


class ExitEnd:
    """One ending for ``ground``: its doubt, its confirmation, the write."""

    def __init__(self, page: ExitPage, ground: exits.Ground) -> None:
        self._page, self._ground = page, ground

    def begin(self) -> None:
        """Ask for a reason where the ground does not hold yet, else for the confirmation."""
        page, loaded = self._page, self._page.loaded
        if loaded is None or page.on_its_way(ACT):
            return
        early = page.office.closing.early(loaded.file, self._ground.name)
        if early:
            self._ask_why(early)
        else:
            self._confirm("")

    def _ask_why(self, early: str) -> None:
        page = self._page
        asked = ReasonRequest(
            title="调解期限还没有届满",
            question=f"{early}可以先不终止，换一条终止原因；仍按届满终止的，写明理由。",
            action="写好，去终止",
            needed="写一句为什么现在就按届满终止，或按“先不写”换一条原因。",
            follow="理由写进事情经过，发给平台。",
            start=page.early_reason,
        )

        def given(dialog: ReasonDialog, _choice: str, text: str) -> None:
            dialog.accept()
            self._confirm(text)

        dialog = ask_reason(page.look, page, asked, given, name="exit.early")
        dialog.typed.connect(self._typed)

    def _typed(self, text: str) -> None:
        self._page.early_reason = text
        self._page.keeper.touch()

    def _confirm(self, reason: str) -> None:
        page, name = self._page, self._ground.name
        before = "期限还没有届满，理由写进事情经过。" if reason else ""
        asked = Confirmation(
            title="终止调解",
            effects=(
                f"将以“{name}”终止调解，并告知双方 {len(page.chosen())} 条救济途径。{before}",
                "结果会发给平台。",
            ),
            lasting="发出后还可以“再谈一次”，恢复调解。",
            action="终止调解",
            icon="signpost",
        )
        page.confirmed(ACT, page.with_outlook(asked), lambda: self._conclude(reason), dialog="exit.conclude")

    def _conclude(self, reason: str) -> None:
        page, case_id, seen = self._page, self._page.case_id, self._page.seen
        entry = FailureEntry(
            self._ground.outcome, self._ground.name, page.focus_edit.text().strip(), page.remedies(), reason
        )

        def done(_written: object) -> None:
            page.keeper.forget()
            page.problem.hide()
            page.print_notice()

        page.save(
            ACT, lambda office: office.closing.conclude(case_id, entry, seen), done,
            said="已终止调解，接着打印告知书。", refused=page.refused,
        )  # fmt: skip
