"""What 经过 says of an entry that the platform has not taken in, or has lost."""

from __future__ import annotations

from dataclasses import replace

from app.domain.casefile import SubmissionEvent, SuspensionMark
from app.services.cases import CaseView
from app.services.kept_answers import KeptAnswers
from ui.widgets.timeline import Entry

NOT_TAKEN = "平台没有收下，不算数，到同步中心看原因。"
UNDECIDED = "两份协议还没有选定用哪一份，选定以前不算数。"
NOT_HOLDING = "没有采用"
LOST = "平台从备份恢复过，这一步还没有补回，"


def kept_here(entry: Entry, event: SubmissionEvent, kept: KeptAnswers) -> Entry:
    """A court's answer that a restored platform tells no more says so, and where its papers are."""
    if not event.documents:
        where = "在本机记着。"
    elif any(paper.sha256 in kept.away for paper in event.documents):
        where = "文书还没有取到本机，平台有了会自动取来。"
    else:
        where = "文书还在本机，以它为准；要打印到“司法确认”页。"
    return replace(entry, aside="平台没有补回", detail=f"{LOST}{where}{entry.detail}")


def marked(entry: Entry, view: CaseView) -> Entry:
    """What the platform did not accept says so, as it has no effect; or what it waits for."""
    if entry.key in view.undecided:
        return replace(entry, aside="等选定", icon="circle-alert", detail=f"{UNDECIDED}{entry.detail}")
    if entry.key in view.refused:
        return replace(entry, aside="没有送达", icon="circle-alert", detail=f"{NOT_TAKEN}{entry.detail}")
    if _set_aside(entry.key, view):
        return replace(entry, rest=f"{entry.rest}　{NOT_HOLDING}")
    return entry


def _set_aside(record_id: str, view: CaseView) -> bool:
    """Whether another end of a pause was chosen in the place of this one."""
    record = view.file.records.get(record_id)
    match record.body if record is not None else None:
        case SuspensionMark(what="end", day=day, start_record_id=start):
            return day not in {span.last_day for span in view.head.suspensions if span.record_id == start}
    return False


def unmarked(detail: str) -> str:
    """The words of an entry without what :func:`marked` put before them."""
    return detail.removeprefix(NOT_TAKEN).removeprefix(UNDECIDED)
