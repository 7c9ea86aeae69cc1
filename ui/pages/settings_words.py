"""What the settings page calls rules and their values."""

from __future__ import annotations

from app.domain.rules import ChoiceRule, FlagRule, NumberRule, PeriodRule
from app.services.field_words import LAW_NAMES
from app.services.settings import Rule

NAMES = {
    "contact_days": "联系被申请人，几天内",
    "contact_start": "联系期限从哪天起算",
    "contact_counts_start_day": "开始当日算不算",
    "contact_done_by": "联系算不算数",
    "first_contact_days": "首次联系（服务目标）",
    "decision_days": "决定受理的期限",
    "confirmation_days": "司法确认申请",
    "confirmation_reminder_days": "司法确认提前提醒",
    "signature_days": "补齐签名盖章",
    "follow_up_days": "第一次回访",
    "reply_days": "等答复，几天后再问",
    "answer_days": "法院有了答复，几天内提醒告诉当事人",
    "watched_days": "没有按约履行的，跟进几天",
    "court_review_days": "法院审查",
    "late_extension_days": "耽误期限后申请顺延",
    "enforcement_years": "申请执行",
    "refusal_approval": "不予受理要负责人批准",
    "oral_confirmation": "口头协议申请司法确认",
    "small_cell_threshold": "统计抑制",
}
CHOICES = {
    "contact_start": (("received", "机构收到办件"), ("applied", "申请人提交")),
    "contact_done_by": (("reached", "联系到本人才算"), ("attempt", "联系过一次就算")),
}
UNITS = {"workdays": "个工作日", "days": "天", "years": "年", "cases": "件"}
FLAGS = {
    "contact_counts_start_day": ("开始当日计入", "开始当日不计入"),
    "refusal_approval": ("要批准", "不用批准"),
    "oral_confirmation": ("可以申请", "不申请"),
}


def rule_name(name: str) -> str:
    """The shown name of a rule."""
    field, _, key = name.partition(".")
    return f"调解期限，{LAW_NAMES.get(key, key)}" if key else NAMES.get(field, field)


def rule_value(name: str, rule: Rule) -> str:
    """What a rule says now."""
    if isinstance(rule, NumberRule):
        return "没有设定" if rule.value is None else f"{rule.value} {UNITS[rule.unit]}"
    if isinstance(rule, FlagRule):
        on, off = FLAGS.get(name, ("是", "否"))
        return on if rule.value else off
    if isinstance(rule, ChoiceRule):
        return dict(CHOICES.get(name, ())).get(rule.value, rule.value)
    return period_value(rule)


def period_value(rule: PeriodRule) -> str:
    """A mediation period in words."""
    start = "受理起" if rule.starts == "accepted" else "收到申请起"
    pause = "，暂停不计" if rule.suspends else ""
    return f"{start} {rule.amount} {UNITS[rule.unit]}{pause}"
