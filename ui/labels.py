"""Chinese names, icons and status of states; dates, money and counts as they are written (界面设计 6)."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.casefile import Case, SubmissionEvent
from app.domain.deadlines import Remaining
from app.domain.filings_of import OBJECTED, WITHDRAWAL_ASKED
from app.domain.states import machines
from ui.theme import tokens

WEEKDAYS = ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日")


@dataclass(frozen=True)
class Label:
    """Words, icon and status colour, always together."""

    text: str
    icon: str
    status: str


_CASE_ICONS = {
    "received": ("inbox", "info"),
    "contacting": ("phone", "info"),
    "deciding": ("scale", "dueSoon"),
    "accepted": ("folder-open", "info"),
    "mediating": ("messages-square", "info"),
    "agreed": ("pen-line", "dueSoon"),
    "failed": ("signpost", "neutral"),
    "withdrawn": ("undo-2", "neutral"),
    "terminated": ("ban", "neutral"),
    "refused": ("ban", "neutral"),
    "handed_back": ("undo-2", "neutral"),
    "closed": ("circle-check", "ok"),
    "archived": ("archive", "neutral"),
}
_PLAIN = ("circle", "neutral")


@functools.cache
def case_states() -> Mapping[str, Label]:
    """All states of a case."""
    names = machines()["case"].labels
    return {state: Label(text, *_CASE_ICONS.get(state, _PLAIN)) for state, text in names.items()}


def case_state(state: str) -> Label:
    """A case's state; one that a newer platform invented shows as its own word."""
    return case_states().get(state, Label(state, *_PLAIN))


def filing_step(event: SubmissionEvent) -> Label:
    """One step of a filing: what was asked of the court is no state, and says itself."""
    if event.code == WITHDRAWAL_ASKED:
        return Label("申请撤回", "undo-2", "waiting")
    return filing_state(event.state)


def filing_state(state: str) -> Label:
    """A filing's state (司法确认 and its like)."""
    machine = machines()["filing"]
    text = machine.labels.get(state, state)
    if state == "confirmed":
        return Label(text, "circle-check", "ok")
    if state in OBJECTED:
        return Label(text, "triangle-alert", "overdue")
    if state in machine.active:
        asked = state == "supplement_asked"
        return Label(text, "file-pen-line" if asked else "landmark", "dueToday" if asked else "waiting")
    return Label(text, "landmark", "neutral")


_BESIDE = {
    "received": Label("已收到", "download", "info"),
    "settled": Label("不用再发", "circle-check", "neutral"),
    "doubt": Label("等核对", "cloud-upload", "waiting"),
    "undecided": Label("等选定", "git-compare-arrows", "waiting"),
    "parked": Label("读不懂", "circle-question-mark", "dueToday"),
    "held": Label("平台已收回", "undo-2", "dueToday"),
}
"""Beside the way to the platform: what needs no sending, and what came and could not be taken in."""


def sync_state(state: str) -> Label:
    """How far a thing got on its way to the platform: localOnly, queued, sending, delivered, failed, ..."""
    if state in _BESIDE:
        return _BESIDE[state]
    spec = tokens.raw()["syncState"][state]
    return Label(spec["text"], spec["icon"], spec["status"])


def case_tag(name: str) -> Label:
    """The two tags that are not states: ``performing`` (履行中), ``confirming`` (等确认结果), ``paused``."""
    spec = tokens.raw()["caseState"][name]
    return Label(spec["text"], spec["icon"], spec["status"])


APPROVING = Label("等负责人批准", "user-check", "waiting")
"""A refusal was sent to the head, without whose word it is not decided."""
STANDING = ("paused", "signing", "performing", "confirming")
"""What a plan can say in place of the state."""


def standing(label: str) -> Label:
    """Where a case stands, by the label of its plan: list, case and quick look say the same."""
    if label == "approving":
        return APPROVING
    return case_tag(label) if label in STANDING else case_state(label)


def occurred(head: Case) -> str:
    """发生地: as it was written; of a 办件 the platform names the township at least.

    The township of a case registered here is the institution's own, whose it is, not where it happened.
    """
    return head.occurred_place or (head.township if head.source == "platform" else "")


def standing_of(state: str) -> Label:
    """As :func:`standing`, where only the state is known: what was accepted is being mediated."""
    return case_state("mediating" if state == "accepted" else state)


def deadline(remaining: int, *, working_days: bool = True) -> Label:
    """A deadline by the days that remain: past, today, near, later."""
    unit = "个工作日" if working_days else "天"
    if remaining < 0:
        return Label(f"已超期 {-remaining} {unit if working_days else '天'}", "octagon-alert", "overdue")
    if remaining == 0:
        return Label("今天到期", "alarm-clock", "dueToday")
    status = "dueSoon" if remaining <= 3 else "neutral"
    return Label(f"还剩 {remaining} {unit}", "clock" if status == "dueSoon" else "calendar-days", status)


_TIME_LEFT = {
    "overdue": ("octagon-alert", "overdue"),
    "dueToday": ("alarm-clock", "dueToday"),
    "dueSoon": ("clock", "dueSoon"),
    "ok": ("circle-check", "ok"),
}


def time_left(left: Remaining) -> Label:
    """How a deadline stands, on its card: 时间够 while it is far, then what is left."""
    return Label("时间够" if left.status == "ok" else left.text, *_TIME_LEFT[left.status])


def weekday(day: dt.date) -> str:
    """星期一 to 星期日."""
    return WEEKDAYS[day.weekday()]


def until_text(day: dt.date, today: dt.date) -> str:
    """11月23日（星期一，含当天）: a last day, which counts (民法典 2020, 1259)."""
    return f"{day_text(day, today)[:-1]}，含当天）"


def day_text(day: dt.date, today: dt.date | None = None) -> str:
    """11月23日（星期一）; with the year when it is another than ``today``'s."""
    year = f"{day.year}年" if today is not None and day.year != today.year else ""
    return f"{year}{day.month}月{day.day}日（{weekday(day)}）"


def short_day(day: dt.date) -> str:
    """11-23, for lists."""
    return f"{day.month:02d}-{day.day:02d}"


def month_day(day: dt.date) -> str:
    """11月23日."""
    return f"{day.month}月{day.day}日"


def clock(moment: dt.datetime) -> str:
    """10:41, of an instant already on Shanghai's clock."""
    return moment.strftime("%H:%M")


def money(fen: int) -> str:
    """5,800 元, or 5,800.50 元."""
    yuan, rest = divmod(fen, 100)
    return f"{yuan:,}.{rest:02d} 元" if rest else f"{yuan:,} 元"
