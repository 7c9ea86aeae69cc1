"""What a person saw of a case when they asked for a decision on it: what was moved since is told first."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app.clock import legal_day
from app.domain import casefile as cf
from app.domain import performance
from app.domain.errors import StateError
from app.domain.phrases import within
from app.domain.reducer import CaseFile
from app.domain.states import case_machine
from app.domain.workdays import moment
from app.services import agreement_seen

MOVED = "E-CASE-MOVED"
BEFORE_ACCEPTED = frozenset({"received", "contacting", "deciding"})


@dataclass(frozen=True)
class CaseSeen:
    """What a decision rests on, as a page showed it."""

    state: str
    decided_by: str
    """The last decision, contact or session: the same state may be there again by others."""
    sessions: int
    suspensions: tuple[cf.Suspension, ...]
    agreement: agreement_seen.Seen
    appointment: tuple[dt.datetime | None, str] = (None, "")
    """Instant and place of the next session (下次调解)."""


def seen_of(file: CaseFile) -> CaseSeen:
    """What stands now."""
    head, sessions = file.head, len(file.of_type(cf.Session))
    return CaseSeen(
        state=head.state,
        decided_by=head.decided_by,
        sessions=sessions,
        suspensions=head.suspensions,
        agreement=agreement_seen.standing(file),
        appointment=(head.next_session_at, head.next_session_place),
    )


def require_seen(file: CaseFile, seen: CaseSeen | None) -> None:
    """Raise :class:`StateError`, in words, where the case is not as ``seen`` any more.

    ``None``: decided on what stands.
    """
    now = seen_of(file)
    if seen is None or now == seen:
        return
    held = file.agreements.get(file.head.agreement_id)
    if now.state != seen.state:
        became = f"现在是“{case_machine().labels[now.state]}”"
    elif held is not None and now.agreement.agreement_id != seen.agreement.agreement_id:
        became = f"协议是第 {held.version_no} 版"
    elif now.agreement.performed != seen.agreement.performed:
        became = f"协议登记了履行：{performance.in_words(file, now.agreement.performed)}"
    elif now.agreement != seen.agreement:
        became = f"协议登记了 {len(now.agreement.signed)} 处签名盖章"
    elif now.appointment != seen.appointment:
        became = _appointed(*now.appointment)
    elif now.state in BEFORE_ACCEPTED:
        became = "又登记了联系情况"
    elif now.sessions != seen.sessions:
        became = "又记了一次调解"
    elif now.suspensions != seen.suspensions:
        became = "暂停计时改过"
    else:
        became = "别人又办过一步，在“经过”里看得到"
    raise StateError(
        f"这件案件刚有变化，{became}。您填的都还在，没有改动案件。看一看，还要照您的办，就再按一次。",
        code=MOVED,
    )


def _appointed(at: dt.datetime | None, place: str) -> str:
    if at is None:
        return "下次调解取消了"
    return f"约了下次调解：{'，'.join(filter(None, (moment(at, legal_day(at)), within(place))))}"
