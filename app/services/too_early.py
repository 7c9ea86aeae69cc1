"""期限届满 as the ground of an ending: whether it holds on a computer as its case stands now."""

from __future__ import annotations

from app.domain import commands as cmd
from app.domain import exits
from app.domain.plan import mediation_deadline
from app.domain.reducer import CaseFile
from app.services.desk import Desk

_ANEW = (
    "这一步现在不能照样再办，写的内容留着：按“看全文”能看，选定以后在案件的“经过”里也能看。"
    "仍要终止的，用平台上的，再到案件里“没谈成，看出口路线”，换一条终止原因，或写明为什么现在就终止。"
)


def why(desk: Desk, file: CaseFile, ground: str) -> str:
    """Why 调解期限 cannot be the ground yet, in a sentence; empty when it can, or for other grounds."""
    today = desk.today()
    term = mediation_deadline(file, desk.rules_for(file.head), desk.calendar, today)
    return exits.before_its_term(ground.strip(), term, today)


def why_not_again(desk: Desk, file: CaseFile, command: cmd.Command | None) -> str:
    """Why an ending written here, with no other reason beside, cannot be taken once more, and what to do."""
    payload = command.payload if command is not None else None
    if file.case is None or not isinstance(payload, cmd.ConcludeCase):
        return ""
    ground = payload.conclusion.ground
    told = getattr(payload.record.body, "text", "")
    early = why(desk, file, ground) if told == ground else ""
    return f"{early}{_ANEW}" if early else ""
