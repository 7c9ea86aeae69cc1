"""Who may do what. Operations carry the names of the commands they write, or ``area.verb``.

Which cases somebody sees is no operation here: the platform decides by the device's feed (全机构或本人案件,
sync.md 1) what comes to this computer at all, and who may see cases sees those that came. Hiding some of
them from a person who holds the key of the whole store would be a curtain, not a lock.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.domain.errors import InternalError, NotPermittedError

LABELS: Mapping[str, str] = {
    "mediator": "调解员",
    "clerk": "登记员",
    "head": "负责人",
    "statistician": "统计员",
}

_EVERYONE_ON_CASES = frozenset({"mediator", "clerk", "head"})
_HANDLING = frozenset({"mediator", "head"})
_HEAD = frozenset({"head"})
_ALL = frozenset(LABELS)

OPERATIONS: Mapping[str, tuple[str, frozenset[str]]] = {
    # operation: (what it is called on screen, roles that may)
    "case.view": ("看案件", _EVERYONE_ON_CASES),
    "case.register": ("登记案件", _EVERYONE_ON_CASES),
    "case.edit": ("改案件资料", _EVERYONE_ON_CASES),
    "case.assign": ("指定承办人", _HEAD | {"clerk"}),
    "case.hand_over": ("交接自己的案件", _HANDLING),
    "case.hand_over_all": ("交接别人的案件", _HEAD),
    "contact.record": ("记录联系", _EVERYONE_ON_CASES),
    "contact.waive": ("写明不需要征求意愿", _EVERYONE_ON_CASES),
    "case.accept": ("决定受理", _HANDLING),
    "case.refuse": ("写不予受理", _HANDLING),
    "case.approve_refusal": ("批准不予受理", _HEAD),
    "case.hand_back": ("退回平台", _HANDLING),
    "party.add": ("加当事人", _EVERYONE_ON_CASES),
    "party.edit": ("改当事人资料", _EVERYONE_ON_CASES),
    "reveal": ("显示个人信息", _EVERYONE_ON_CASES),
    "session.record": ("记录调解", _HANDLING),
    "session.plan": ("约定调解时间", _EVERYONE_ON_CASES),
    "record.add": ("记一笔", _EVERYONE_ON_CASES),
    "suspension.mark": ("暂停或恢复计时", _HANDLING),
    "attachment.declare": ("加材料", _EVERYONE_ON_CASES),
    "agreement.draft": ("起草协议", _HANDLING),
    "agreement.finalise": ("定稿协议", _HANDLING),
    "signature.register": ("登记签名盖章", _EVERYONE_ON_CASES),
    "case.conclude": ("登记调解结果", _HANDLING),
    "case.resume": ("再谈一次", _HANDLING),
    "case.close": ("结案", _HANDLING),
    "case.archive": ("归档", _HEAD),
    "case.reopen": ("开卷", _HEAD),
    "performance.record": ("登记履行", _EVERYONE_ON_CASES),
    "follow_up.record": ("登记回访", _EVERYONE_ON_CASES),
    "filing.prepare": ("准备司法确认", _EVERYONE_ON_CASES),
    "filing.lodge": ("提交司法确认", _HANDLING),
    "filing.supplement": ("补交材料", _EVERYONE_ON_CASES),
    "filing.withdraw": ("撤回司法确认", _HANDLING),
    "conflict.resolve": ("选用哪一处写法", _EVERYONE_ON_CASES),
    "caucus.write": ("写单独谈", _HANDLING),
    "search": ("按个人信息查找", _EVERYONE_ON_CASES),
    "document.print": ("打印文书", _EVERYONE_ON_CASES),
    "sync.run": ("收取和发送", _EVERYONE_ON_CASES),
    "statistics.view": ("看统计", _HEAD | {"statistician", "mediator"}),
    "statistics.export": ("导出统计", _HEAD | {"statistician"}),
    "institution.view": ("看机构资料", _ALL),
    "institution.draft_change": ("起草变更申请", _HEAD),
    "rules.change": ("改机构规则", _HEAD),
    "people.manage": ("管理人员", _HEAD),
    "audit.view_own": ("看谁看过本人案件", _EVERYONE_ON_CASES),
    "audit.view_all": ("看谁看过全机构案件", _HEAD),
    "backup.make": ("备份", _EVERYONE_ON_CASES),
    "settings.own": ("改自己的设置", _ALL),
}


def may(role: str, operation: str) -> bool:
    """Whether ``role`` may do ``operation``. Raises :class:`InternalError` for an unknown operation."""
    if operation not in OPERATIONS:
        raise InternalError("程序里有一处没有写权限，没有做这一步。", code="E-ROLE", detail=operation)
    return role in OPERATIONS[operation][1]


def require(role: str, operation: str) -> None:
    """Raise :class:`NotPermittedError`, in words, when ``role`` may not do ``operation``."""
    if may(role, operation):
        return
    name, allowed = OPERATIONS[operation]
    who = "、".join(label for key, label in LABELS.items() if key in allowed)
    raise NotPermittedError(f"“{name}”由{who}来做。已写的内容都在，可以请{who}接着办。", code="E-ROLE")


def permitted(role: str) -> frozenset[str]:
    """All operations ``role`` may do."""
    return frozenset(name for name, (_, roles) in OPERATIONS.items() if role in roles)
