"""What may have come after the decision that it would have changed, and asks for a look.

Colleagues write off line, and what they wrote stands in the case when it comes. A no that comes after 受理
and a session that came to 谈成 under 没有谈成 change nothing by themselves; whoever has the case is to hear.
So does a session that stays appointed where none is held any more.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from app.clock import legal_day
from app.domain.agreement import omitted
from app.domain.casefile import Case, Contact, FollowUp, Notice, Session
from app.domain.filings_of import handed_in, latest
from app.domain.phrases import within
from app.domain.reducer import CaseFile
from app.domain.tasks import Page, TaskKind
from app.domain.workdays import moment, short_date

MET_NO_MORE = frozenset({"agreed", "failed", "withdrawn", "terminated", "refused", "handed_back", "closed"})
"""States in which no session is held; an archived case can only be read."""
MATERIAL_ASKED = "material_asked"
"""Code of the platform's notice that it wants material."""
ASKED_FOR_DAYS = 15
"""So long it stands among what is to be done: it may be handed in where no computer sees it."""


@dataclass(frozen=True)
class Unheard:
    """A thing to do: its words, as a task has them."""

    verb: str
    action: str
    reason: str
    short: str
    key: str = ""
    """Tells it from another of the same case."""
    due_on: dt.date | None = None
    page: Page = "case"
    kind: TaskKind = "unheard"


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


def appointed(head: Case, today: dt.date) -> dt.datetime | None:
    """The session (下次调解) that still stands where none is held any more; gone once its day is over."""
    at = head.next_session_at
    stands = at is not None and head.state in MET_NO_MORE and legal_day(at) >= today
    return at if stands else None


def standing(file: CaseFile, today: dt.date) -> Iterator[Unheard]:
    """What asks for a look in whatever state a case is."""
    for found in (still_appointed(file, today), unnamed(file), material_asked(file, today)):
        if found is not None:
            yield found


def unnamed(file: CaseFile) -> Unheard | None:
    """Somebody became a party after the text was fixed, and does not stand on it: an agreement binds those
    who sign it (民法典 2020, 465). Told until a ruling is asked for, or the parties have kept it."""
    text, state = file.agreements.get(file.head.agreement_id), file.head.state
    if state not in ("agreed", "closed") or text is None or text.omitted_ids is None:
        return None
    late = set(omitted(file, text.party_ids)) - set(text.omitted_ids)
    if not late or handed_in(latest(file)) or file.of_type(FollowUp):
        return None
    onward = "点“再谈一次”，另写一版，各方重新签" if state == "agreed" else "和这位当事人另签一份"
    return Unheard(
        "核对协议里的当事人", "看协议",
        f"协议定稿后又登记了 {len(late)} 位当事人，协议里没有写；要写进去的{onward}；"
        "不用写的照旧，提交法院或回访后不再提醒",
        "协议没写全", "unnamed", page="agreement",
    )  # fmt: skip


def material_asked(file: CaseFile, today: dt.date) -> Unheard | None:
    """The platform asked for material, and no file has come into the case since; for some days."""
    notices = [record for record, body in file.of_type(Notice) if body.code == MATERIAL_ASKED]
    if not notices or file.head.state in MET_NO_MORE:
        return None
    at = notices[-1].at
    # A word of the field, written before anybody there could know of it, is no answer to it.
    given = any(one.added_at > at for one in file.attachments.values())
    if given or today > legal_day(at) + dt.timedelta(days=ASKED_FOR_DAYS):
        return None
    return Unheard(
        "看平台要补什么材料", "看经过",
        f"{short_date(legal_day(at), today)}平台要求，加了材料不再提醒", "平台要补材料", "material",
        kind="material",
    )  # fmt: skip


def still_appointed(file: CaseFile, today: dt.date) -> Unheard | None:
    """The parties were asked to come. To sign what was agreed they may; else somebody has to tell them."""
    at = appointed(file.head, today)
    if at is None:
        return None
    when = "，".join(filter(None, (moment(at, today), within(file.head.next_session_place))))
    day = legal_day(at)
    if file.head.state == "agreed":
        return Unheard(
            "核对约好的见面", "看约定",
            f"协议已定稿，还约着 {when}；来签字的照旧，不用来的通知当事人，再点“更多”里的“不约了”",
            "还约着见面", "appointed", day,
        )  # fmt: skip
    return Unheard(
        "通知当事人不用来了", "看约定",
        f"还约着 {when}；通知后在案件的“更多”里点“不约了”",
        "还约着调解", "appointed", day,
    )  # fmt: skip
