"""The list row of a case: what lists, counters, 今日 and search know of it. Masked where it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.clock import to_text
from app.domain import masking
from app.domain.plan import plan
from app.domain.reducer import CaseFile
from app.storage.casequery import NO_DUE
from app.storage.casestore import Row

if TYPE_CHECKING:
    from app.services.desk import Desk


TAKEN_BACK = "平台已收回或改派"
"""What a list says of a case that is here only for what was not sent."""


def project(
    file: CaseFile,
    desk: Desk,
    sync: str,
    updated_at: str,
    *,
    approving: bool = False,
    taken_back: bool = False,
) -> Row:
    """The row of a case under the institution's rules on the legal day of ``desk``.

    ``approving``: a refusal of it waits for the head. ``taken_back``: the platform took it back, so that
    nothing is to be done in it any more.
    """
    import msgspec

    from app.storage import search_text

    head = file.head
    case_plan = plan(file, desk.rules_for(head), desk.calendar, desk.today(), approving=approving)
    columns = {
        "state": head.state,
        "label": case_plan.label,
        "bucket": case_plan.bucket,
        "is_open": int(case_plan.is_open),
        "source": head.source,
        "dispute_kind": head.dispute_kind,
        "number": head.number,
        "intake_no": head.intake_no,
        "title": head.title,
        "mediator_id": head.mediator_id,
        "parties": masking.parties_list(file.side("applicant"), file.side("respondent")),
        "township": head.township,
        "next_kind": "" if taken_back else case_plan.next_kind,
        "next_text": TAKEN_BACK if taken_back else case_plan.next_text,
        "next_due": NO_DUE if taken_back else case_plan.next_due or NO_DUE,
        "received_at": to_text(head.received_at),
        "accepted_at": to_text(head.accepted_at) if head.accepted_at else "",
        "closed_at": to_text(head.closed_at) if head.closed_at else "",
        "updated_at": updated_at,
        "sync": sync,
    }
    tasks = tuple(
        {
            "task_id": task.task_id,
            "case_id": head.case_id,
            "kind": task.kind,
            "due_on": task.due_on.isoformat() if task.due_on else NO_DUE,
            "due_at": to_text(task.due_at) if task.due_at else "",
            "waiting": int(task.waiting),
            "hard": int(task.hard),
            "person_id": head.mediator_id,
            "body": msgspec.json.encode(task),
        }
        for task in (() if taken_back else case_plan.tasks)
    )
    desk.hide(masking.personal_words(file.parties.values()))
    return Row(columns=columns, tasks=tasks, tokens=search_text.tokens_for(search_words(file)))


def search_words(file: CaseFile) -> tuple[str, ...]:
    """What a case is found by: title, numbers, and each party's name, address, telephone and ID."""
    head = file.head
    words: list[str] = [head.title, head.number, head.intake_no]
    for party in file.parties.values():
        words += [party.name, party.address, party.phone, party.id_number, party.legal_representative]
        if party.agent is not None:
            words += [party.agent.name, party.agent.phone]
    return tuple(word for word in words if word)
