"""The papers of a case: preview, PDF and Word, from the form definitions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from app.domain import casefile as cf
from app.domain import filings_of
from app.domain.counting import Deadline
from app.domain.errors import FieldError
from app.domain.plan import mediation_deadline
from app.domain.reducer import CaseFile
from app.services import casework
from app.services.attachments import Attachments, FileEntry
from app.services.casework import Casework
from app.services.changes import Written
from app.services.desk import Desk
from app.services.filing import chosen_court
from app.storage import casestore


@dataclass(frozen=True)
class Paper:
    """A rendered paper. ``missing`` names blank fields; printing is allowed all the same."""

    form_id: str
    title: str
    content: bytes
    media_type: str
    missing: tuple[FieldError, ...]
    check_code: str


_DECIDED = frozenset({"F01", "F02"})
_ENDED = frozenset({"failed", "withdrawn", "terminated", "closed", "archived"})


def is_draft(form_id: str, file: CaseFile, agreement_id: str = "") -> bool:
    """Whether the paper's text can still change with the case; what is fixed or past is no draft.

    An agreement other than the one that holds (``agreement_id``) is none to be signed: it stays one. A paper
    without a moment of its own (权利义务告知书, 送达地址确认书) is fixed once the case is closed.
    """
    head = file.case
    if head is None:
        return True
    told = head.conclusion
    fixed = {
        "P04": head.accepted_at is not None,
        "P05": head.refusal is not None and head.state == "refused",
        "F05": bool(file.of_type(cf.Session)),
        "P12": any(session.undisputed for _, session in file.of_type(cf.Session)),
        **dict.fromkeys(
            ("F06", "F07"), head.agreement_id in file.agreements and agreement_id in ("", head.agreement_id)
        ),
        "P13": told is not None and told.outcome != "agreed" and head.state in _ENDED,
        "P15": filings_of.latest(file) is not None,
        "P16": filings_of.latest(file) is not None,
        "F08": bool(file.of_type(cf.FollowUp)),
        **dict.fromkeys(_DECIDED, head.decided_at is not None or head.accepted_at is not None),
    }
    return not fixed.get(form_id, head.state in ("refused", "closed", "archived"))


class Papers:
    """Render papers. Rendering is work for the read lane, never for the GUI thread."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def preview(
        self, case_id: str, form_id: str, *, masked: bool = True, extra: Mapping[str, Any] | None = None
    ) -> Paper:
        """The page as it will look, masked for the screen unless asked otherwise (:func:`is_draft`).

        Raises ``NotPermittedError``: a masked page takes the right to see cases, a plain one to print.
        """
        file = self._desk.store.read(lambda conn: casestore.load(conn, case_id))
        draft = is_draft(form_id, file, str((extra or {}).get("agreement_id", "")))
        return self._render(file, form_id, "pdf", masked=masked, draft=draft, extra=extra or {})

    def preview_of(
        self,
        file: CaseFile,
        form_id: str,
        *,
        masked: bool = True,
        draft: bool = True,
        extra: Mapping[str, Any] | None = None,
    ) -> Paper:
        """The same for a case file that differs from the stored one, such as one with a draft agreement.

        ``draft=False`` for a text that is fixed: it is shown as it is printed.
        """
        return self._render(file, form_id, "pdf", masked=masked, draft=draft, extra=extra or {})

    def produce(
        self,
        case_id: str,
        form_id: str,
        *,
        fmt: str = "pdf",
        draft: bool = False,
        extra: Mapping[str, Any] | None = None,
    ) -> Paper:
        """The full paper for printing or for editing in Word; leaves a trace, because it shows all names.

        Raises ``NotPermittedError``.
        """
        self._desk.require("document.print")
        file = self._desk.store.read(lambda conn: casestore.load(conn, case_id))

        def work(case: Casework) -> None:
            case.note("paper.produce", case_id, form_id, {"format": fmt})

        casework.write(self._desk, work)
        return self._render(file, form_id, fmt, masked=False, draft=draft, extra=extra or {})

    def file_paper(
        self,
        case_id: str,
        form_id: str,
        *,
        material: str = "",
        provided_by: str = "",
        extra: Mapping[str, Any] | None = None,
    ) -> Written[cf.Attachment]:
        """Produce a paper and keep it among the case's files, ready for the material pack.

        What is kept is a file that nobody has signed or sealed: an original is the scan of the signed paper.
        ``provided_by`` names the party a paper of one party is for.
        """
        paper = self.produce(case_id, form_id, extra=extra)
        entry = FileEntry(
            role="paper", title=paper.title, original="electronic", material=material, provided_by=provided_by
        )
        name = f"{paper.title}.pdf"
        return Attachments(self._desk).add_bytes(case_id, paper.content, name, paper.media_type, entry)

    def _render(
        self,
        file: CaseFile,
        form_id: str,
        fmt: str,
        *,
        masked: bool,
        draft: bool,
        extra: Mapping[str, Any],
    ) -> Paper:
        from app.documents import forms, render, values

        self._desk.require("case.view" if masked else "document.print")
        form = forms.form(form_id)
        known: dict[str, Any] = {
            **self._court_of(file),
            "term": self._term_of(file),
            "amounts_shown": self._handles(file),
            **extra,
        }
        context = self.context(masked=masked, draft=draft, extra=known)
        filled = values.values_for(form_id, file, context)
        make = render.render_pdf if fmt == "pdf" else render.render_word
        content = make(form, filled, context)
        word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
        return Paper(
            form_id=form_id,
            title=form.title,
            content=content,
            media_type="application/pdf" if fmt == "pdf" else word,
            missing=tuple(values.missing(form, filled)),
            check_code=render.check_code(filled),
        )

    def _handles(self, file: CaseFile) -> bool:
        """Whether the case is in this person's hands.

        协议标的 is among what 办法 第二十三条 keeps from data sharing, and on everybody else's screen it is a
        range. Who handles the case sees its contents (界面设计 10) and checks the sums of a paper, be it the
        agreement or the application that repeats it, before it is printed and signed.
        """
        head, me = file.case, self._desk.person.person_id
        return head is not None and me in (head.mediator_id, head.clerk_id)

    def _court_of(self, file: CaseFile) -> Mapping[str, Any]:
        """The court an application of the case is for: where it was lodged, else the one chosen so far."""
        if file.case is None:
            return {}
        filed = filings_of.latest(file)
        if filed is not None:
            return {"filing": filed}
        court = chosen_court(self._desk, file)
        return {"court_name": court.name} if court is not None else {}

    def _term_of(self, file: CaseFile) -> Deadline | None:
        """调解期限 as it was told at acceptance: what was suspended since does not change that paper."""
        if file.case is None:
            return None
        desk, head = self._desk, file.case
        as_told = replace(file, case=msgspec.structs.replace(head, suspensions=()))
        return mediation_deadline(as_told, desk.rules_for(head), desk.calendar, desk.today())

    def context(self, *, masked: bool, draft: bool, extra: Mapping[str, Any]) -> Any:
        """What a paper knows besides the case: institution, names, time of printing, practice mark."""
        from app.documents.context import PaperContext

        desk = self._desk
        printed_at: dt.datetime = desk.clock.now()
        return PaperContext(
            institution_name=desk.institution.name,
            uscc=desk.institution.uscc,
            address=desk.institution.address,
            phone=desk.institution.phone,
            district=desk.institution.district,
            people={p.person_id: p.name for p in desk.people.values()},
            printed_at=printed_at,
            practice=desk.practice,
            draft=draft,
            masked=masked,
            **extra,
        )
