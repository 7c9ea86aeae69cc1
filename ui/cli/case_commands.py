"""``jiefen list`` and ``jiefen show``: cases as lists show them, personal data masked."""

from __future__ import annotations

import argparse
from typing import Any

from app.clock import shanghai, to_text
from app.domain import casefile as cf
from app.domain.errors import FieldError
from app.domain.plan import LABELS
from app.domain.states import case_machine, filing_machine
from app.domain.tasks import next_words
from app.services.cases import CaseRow, CaseView
from app.services.office import Office
from ui.cli import session
from ui.cli.output import DONE, Output

_PAGE = 1000
_KINDS = {
    "contact": "联系",
    "session": "调解记录",
    "note": "记一笔",
    "decision": "决定",
    "suspension": "计时",
    "signature": "签名盖章",
    "concluded": "调解结果",
    "closed": "结案",
    "performance": "履行",
    "follow_up": "回访",
    "notice": "平台通知",
}


def run(args: argparse.Namespace, output: Output) -> int:
    """Run ``list`` or ``show``."""
    with session.opened(args) as desk:
        office = Office(desk)
        desk.require("case.view")
        if args.command == "list":
            return list_cases(office, args, output)
        return show_case(office, args.case, output)


def list_cases(office: Office, args: argparse.Namespace, output: Output) -> int:
    """All matching cases, the most urgent first. JSON: an array."""
    rows = matching(office, args.state or "", args.search or "", args.limit)
    lines = [f"{len(rows)} 件"]
    desk = office.desk
    for row in rows:
        name = row.number or row.intake_no or row.case_id
        step = next_words(row.next_kind, row.next_text, row.next_due, desk.today(), desk.calendar).text
        lines.append(f"{name}  {LABELS[row.label]}  {row.title}  {row.parties}  {step}".rstrip())
    output.result([row_data(row) for row in rows], lines)
    return DONE


def matching(office: Office, state: str, search: str, limit: int) -> list[CaseRow]:
    """The rows of a list. Raises :class:`FieldError` for a state that does not exist."""
    known = case_machine().labels
    if state and state not in known:
        raise FieldError("state", f"没有“{state}”这个状态，可以写：{'、'.join(known)}。", code="E-FIELD")
    if search:
        office.desk.require("search")
    query = office.cases.query(states=(state,) if state else (), text=search)
    rows: list[CaseRow] = []
    while page := office.cases.page(query, len(rows), min(_PAGE, limit - len(rows)) if limit else _PAGE):
        rows += page
        if limit and len(rows) >= limit:
            break
    return rows


def row_data(row: CaseRow) -> dict[str, Any]:
    """A list row as JSON."""
    return {
        "case_id": row.case_id,
        "number": row.number,
        "intake_no": row.intake_no,
        "title": row.title,
        "state": row.state,
        "state_text": case_machine().labels[row.state],
        "label": row.label,
        "label_text": LABELS[row.label],
        "dispute_kind": row.dispute_kind,
        "source": row.source,
        "parties": row.parties,
        "next": row.next_text,
        "next_due": "" if row.next_due.startswith("9999") else row.next_due,
        "received_at": row.received_at,
        "updated_at": row.updated_at,
        "sync": row.sync,
    }


def show_case(office: Office, text: str, output: Output) -> int:
    """One case: header, masked parties, what happened when, files, filings, what comes next."""
    view = office.cases.open(office.cases.find(text))
    output.result(case_data(view), case_lines(view))
    return DONE


def case_data(view: CaseView) -> dict[str, Any]:
    """A case as JSON. Free text (claims, facts, what was said) is left out: it cannot be masked."""
    head = view.head
    return {
        "case_id": head.case_id,
        "number": head.number,
        "intake_no": head.intake_no,
        "title": head.title,
        "state": head.state,
        "state_text": case_machine().labels[head.state],
        "dispute_kind": head.dispute_kind,
        "source": head.source,
        "township": head.township,
        "received_at": to_text(head.received_at),
        "accepted_at": to_text(head.accepted_at) if head.accepted_at else "",
        "closed_at": to_text(head.closed_at) if head.closed_at else "",
        "sync": view.sync,
        "version": view.version,
        "next": view.plan.next_text,
        "next_due": view.plan.next_due or "",
        "parties": [
            {"side": p.side, "kind": p.kind, "name": p.masked["name"], "phone": p.masked["phone"]}
            for p in view.parties
        ],
        "records": [record_data(record) for record in in_order(view)],
        "attachments": [
            {"title": a.title, "size": a.size, "sha256": a.sha256, "stored": a.stored}
            for a in view.file.attachments.values()
        ],
        "submissions": [
            {"submission_id": s.submission_id, "kind": s.kind, "state": s.state, "court": s.court_name}
            for s in view.file.submissions.values()
        ],
    }


def in_order(view: CaseView) -> list[cf.Record]:
    """The timeline, oldest first."""
    return sorted(view.file.records.values(), key=lambda r: (r.at, r.record_id))


def record_data(record: cf.Record) -> dict[str, str]:
    """One entry of the timeline: when and of which kind, without what was said."""
    return {"at": to_text(record.at), "kind": kind_of(record), "record_id": record.record_id}


def kind_of(record: cf.Record) -> str:
    """Name of a record's kind, such as ``contact``."""
    return str(record.body.__struct_config__.tag)


def case_lines(view: CaseView) -> list[str]:
    """A case for people."""
    head = view.head
    lines = [
        f"{head.title}（{case_machine().labels[head.state]}）",
        f"编号：{'、'.join(n for n in (head.number, head.intake_no) if n) or '还没有'}",
        *(f"{'申请人' if p.side == 'applicant' else '对方'}：{p.masked['name']}" for p in view.parties),
    ]
    if view.plan.next_text:
        lines.append(f"下一步：{view.plan.next_text}")
    lines += [f"{shanghai(r.at):%Y-%m-%d %H:%M}  {_KINDS[kind_of(r)]}" for r in in_order(view)]
    lines += [
        f"{s.court_name or '司法确认'}：{filing_machine().labels.get(s.state, s.state)}"
        for s in view.file.submissions.values()
    ]
    return lines
