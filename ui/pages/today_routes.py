"""Where the buttons of 今日 lead: a task or a draft, and the page that carries it out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.services.dayboard import TaskRow, Unfinished

Route = tuple[str, Mapping[str, Any]]
_BY_KIND: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "decide": ("decide", {}),
    "approval": ("decide", {}),
    "session": ("session", {}),
    "mediation_end": ("case", {"tab": "deadlines"}),
    "close": ("case", {"ask": "close"}),
    "sign": ("effective", {}),
    "performance": ("followup", {"tab": "performance"}),
    "follow_up": ("followup", {"tab": "follow_up"}),
    "unkept": ("followup", {"tab": "unkept"}),
}
_BY_PAGE: Mapping[str, str] = {
    "inbox": "inbox",
    "agreement": "agreement_editor",
    "filing": "confirmation",
    "exit": "exit",
}
_DRAFTS: Mapping[str, tuple[str, str]] = {
    "contact": ("记录联系", "inbox"),
    "waive": ("不需要征求意愿", "inbox"),
    "hand_back": ("退回平台", "inbox"),
    "refusal": ("不予受理", "decide"),
    "refusal_approval": ("批准不予受理", "decide"),
    "refusal_back": ("不予受理要改什么", "decide"),
    "session": ("调解记录", "session"),
    "agreement": ("协议书", "agreement_editor"),
    "signatures": ("登记生效日", "effective"),
    "note": ("记一笔", "case"),
    "conclude": ("登记调解结果", "case"),
    "close": ("结案", "case"),
    "filing": ("司法确认", "confirmation"),
    "exit": ("出口路线", "exit"),
    "rename": ("改简称", "case"),
    "plan": ("约下次调解", "case"),
    "suspend": ("暂停计时", "case"),
    "call": ("联系当事人", "case"),
    "party": ("当事人资料", "case"),
    "agent": ("代理人", "case"),
    "perform": ("登记履行", "case"),
    "follow_up": ("登记回访", "case"),
    "evidence": ("加材料", "case"),
    "waive_material": ("不需要这份材料的理由", "confirmation"),
    "reason": ("申请司法确认的理由", "confirmation"),
    "override": ("协议没改的理由", "agreement_editor"),
    "appointment": ("加一项日程", "today"),
    "person": ("加一位在场的人", "session"),
    "intake": ("来访登记", "intake"),
    "oral": ("口头协议登记", "oral"),
    "followup": ("回访", "followup"),
    "conflict": ("两处不同，我来写", "sync"),
}
_MORE: Mapping[str, Mapping[str, Any]] = {
    "conflict": {"draft": True},
    "evidence": {"tab": "evidence"},
    "refusal_back": {"ask": "back"},
}
"""What the page is told besides the case: which of its things is gone on with."""

_FORMS = frozenset(
    {
        "close", "rename", "plan", "suspend", "call", "party", "agent", "perform", "follow_up",
        "waive", "hand_back", "waive_material", "reason", "override", "person",
    }
)  # fmt: skip
"""Dialogs that their page opens again; behind an @ in a draft's kind stands what of the case it is of."""


def of_task(row: TaskRow) -> Route:
    """The page for a task."""
    known = _BY_KIND.get(row.kind)
    page, more = known if known is not None else (_BY_PAGE.get(row.page, "case"), {})
    return page, {"case_id": row.case_id, **more}


def of_draft(draft: Unfinished) -> Route:
    """The page where a draft is gone on with."""
    form = draft.kind.partition("@")[0]
    page = _DRAFTS.get(form, ("", "case"))[1]
    more = {"ask": draft.kind} if form in _FORMS else _MORE.get(form, {})
    return page, {"case_id": draft.subject, **more}


def draft_words(draft: Unfinished) -> str:
    """What a draft is called."""
    return _DRAFTS.get(draft.kind.partition("@")[0], ("没写完的内容", ""))[0]
