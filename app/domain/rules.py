"""机构设定: every number and choice that institutions may differ on, each with its source.

The defaults ship in ``resources/legal/rules.json``. ``verified`` is false where the source has not been
checked against an official text (待核); the settings page shows that mark beside the rule. A changed
rule is a new version of the whole set and applies to deadlines counted from then on.
"""

from __future__ import annotations

import functools
from typing import Any, Literal

import msgspec

from app.domain.casefile import Doc
from app.domain.workdays import resource

Unit = Literal["workdays", "days"]


class NumberRule(Doc, frozen=True, kw_only=True):
    """A number, mostly of days; ``value`` is ``None`` when the institution has set none."""

    value: int | None
    unit: Literal["workdays", "days", "years", "cases"] = "workdays"
    source: str
    verified: bool


class FlagRule(Doc, frozen=True, kw_only=True):
    """A yes or no."""

    value: bool
    source: str
    verified: bool


class ChoiceRule(Doc, frozen=True, kw_only=True):
    """One of a few named choices."""

    value: str
    source: str
    verified: bool


class PeriodRule(Doc, frozen=True, kw_only=True):
    """A mediation period (调解期限)."""

    amount: int
    unit: Unit
    starts: Literal["accepted", "received"]
    """accepted: 受理之日; received: 收到申请之日 (劳动争议调解仲裁法 14)."""
    suspends: bool
    """Whether an appraisal or an agreed pause does not count."""
    source: str
    verified: bool


WATCHED = NumberRule(value=30, unit="days", source="本机构设定", verified=False)
ANSWER = NumberRule(value=15, unit="days", source="本机构设定", verified=False)
"""For sets of rules that were changed before there were such rules."""


class InstitutionRules(Doc, frozen=True, kw_only=True):
    """All configurable rules of one institution, one version."""

    version: str
    contact_days: NumberRule
    """联系被申请人 (平台运行管理办法（试行） 第九条)."""
    contact_start: ChoiceRule
    """received: 机构收到办件; applied: 申请人提交."""
    contact_counts_start_day: FlagRule
    contact_done_by: ChoiceRule
    """attempt: 联系过一次; reached: 联系上了."""
    first_contact_days: NumberRule
    """服务目标: shown apart from the hard deadline."""
    decision_days: NumberRule
    """是否受理的决定期限; the 办法 sets none, so it is off until the institution sets one."""
    mediation: dict[str, PeriodRule]
    """By law kind, or by institution kind where that is set."""
    confirmation_days: NumberRule
    confirmation_reminder_days: NumberRule
    signature_days: NumberRule
    """补齐签名盖章: working days after the first signature."""
    follow_up_days: NumberRule
    """第一次回访: working days after the performance period has ended."""
    reply_days: NumberRule
    """等答复: working days after which an answer without a promised day is asked for again."""
    court_review_days: NumberRule
    late_extension_days: NumberRule
    enforcement_years: NumberRule
    refusal_approval: FlagRule
    """不予受理要负责人批准. 平台运行管理办法（试行） 第九条 asks for the decision, its reason and the
    notice to the applicant, not for an approval: off until the institution switches it on."""
    oral_confirmation: FlagRule
    """口头协议能否申请司法确认."""
    small_cell_threshold: NumberRule
    answer_days: NumberRule = ANSWER
    """告知法院答复: so long a court's answer stands at least among what is to be done, while nobody noted
    that the parties were told."""
    watched_days: NumberRule = WATCHED
    """跟进履行: so long an agreement that is not kept, or regretted, stands among what is to be done."""

    @property
    def refusal_needs_head(self) -> bool:
        """Whether a refusal goes to the platform only after the head's approval."""
        return self.refusal_approval.value

    def mediation_period(self, law_kind: str, institution_kind: str = "") -> PeriodRule:
        """The period for a case: the institution kind's own, else the law kind's, else ``people``."""
        return (
            self.mediation.get(institution_kind) or self.mediation.get(law_kind) or self.mediation["people"]
        )

    def unverified(self) -> tuple[str, ...]:
        """Names of the rules that still want checking (待核)."""
        names = []
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if isinstance(value, dict):
                names += [f"{name}.{key}" for key, period in value.items() if not period.verified]
            elif not isinstance(value, str) and not value.verified:
                names.append(name)
        return tuple(names)


def from_data(data: Any) -> InstitutionRules:
    """Rules from their JSON form. Raises ``msgspec.ValidationError`` when it does not fit."""
    return msgspec.convert(data, InstitutionRules)


@functools.cache
def default_rules() -> InstitutionRules:
    """The rules that ship with the product."""
    return from_data(resource("legal/rules.json"))
