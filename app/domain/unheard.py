"""What may have come after the decision that it would have changed, and asks for a look.

Colleagues write off line, and what they wrote stands in the case when it comes. A no that comes after 受理
and a session that came to 谈成 under 没有谈成 change nothing by themselves; whoever has the case is to hear.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app.clock import legal_day
from app.domain.casefile import Contact, Session
from app.domain.reducer import CaseFile
from app.domain.workdays import short_date


@dataclass(frozen=True)
class Unheard:
    """A thing to do: its words, as a task has them."""

    verb: str
    action: str
    reason: str
    short: str


def after_acceptance(file: CaseFile, today: dt.date) -> Unheard | None:
    """A respondent's no in a case that is being mediated, while nobody has talked since.

    Mediation is voluntary (人民调解法 2010, 3).
    """
    respondents = {party.party_id for party in file.side("respondent")}
    answers = {
        body.party_id: (record, body)
        for record, body in file.of_type(Contact)
        if body.party_id in respondents and body.result != "unreached"
    }
    said = max((record.at for record, body in answers.values() if body.result == "unwilling"), default=None)
    if said is None or any(session.at > said for session, _ in file.of_type(Session)):
        return None
    day = short_date(legal_day(said), today)
    return Unheard(
        "问清对方还愿不愿意调解", "看这次联系",
        f"{day}记下对方不愿意，案件已受理；还是不愿意的，登记没有谈成", "对方不愿意",
    )  # fmt: skip


def after_failure(file: CaseFile, today: dt.date) -> Unheard | None:
    """The last session came to an agreement, and the case is registered as failed."""
    held = file.of_type(Session)
    ended = file.head.conclusion
    if not held or held[-1][1].result != "agreed" or ended is None or ended.outcome == "withdrawn":
        return None
    day = short_date(legal_day(held[-1][1].started_at), today)
    return Unheard(
        "核对到底谈成没有", "看记录",
        f"{day}的调解记录写着谈成，案件登记的是没有谈成；真谈成的点“再谈一次”", "记录写着谈成",
    )  # fmt: skip
