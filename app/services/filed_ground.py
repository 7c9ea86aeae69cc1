"""An application at the court, and a ruling that confirms it, hold the agreement: the words for who wants to
change that."""

from __future__ import annotations

from app.clock import legal_day
from app.domain import commands as cmd
from app.domain.casefile import Submission
from app.domain.errors import StateError
from app.domain.filings_of import at_the_court, forgotten_end, ruled
from app.domain.reducer import CaseFile
from app.domain.states import filing_machine
from app.domain.workdays import short_date
from app.services.sync_words import FILINGS

FILED = "E-FILED-GROUND"
_STEPS = {
    "case.resume": "现在不能再谈",
    "agreement.finalise": "现在不能换一版协议",
    "signature.register": "现在不能改签署日期",
}
UNTOUCHED = "案件没有改动，写的都在。"
RULED = "双方另有约定的，在案件里记一笔；对裁定有意见的，由当事人向作出裁定的法院提出。"
PAPER = "法院要求补正纸面的，扫描补好的协议书，从“补充材料”交。"


def held(file: CaseFile, kind: str) -> str:
    """Why a command of this ``kind`` would change the agreement under an application, or under a ruling that
    confirms it, known here, and what to do, in sentences; empty where there is none."""
    if (confirmed := ruled(file)) is not None:
        return f"这份协议的{FILINGS[confirmed.kind]}已经有了确认的裁定，{_STEPS[kind]}，{UNTOUCHED}{RULED}"
    filing = at_the_court(file)
    if filing is None:
        return ""
    paper = PAPER if kind == "signature.register" else ""
    if said := over_at_court(file, filing):
        return f"{said}{_STEPS[kind]}，{UNTOUCHED}平台补回以后就能办，不用撤回。"
    return f"{_where(filing)}，{_STEPS[kind]}，{UNTOUCHED}{_way(filing)}{paper}"


def short(file: CaseFile) -> str:
    """The same beside a button; empty where there is none."""
    if ruled(file) is not None:
        return "这份协议已经有了确认的裁定"
    filing = at_the_court(file)
    if over_at_court(file, filing):
        return "法院已经办完这份协议的申请，等平台补回"
    return "" if filing is None else "法院正在办这份协议的申请，先到“司法确认”撤回，或等法院办完"


def over_at_court(file: CaseFile, filing: Submission | None) -> str:
    """That the court has had its last word on an application, which a restored platform has not back, in a
    sentence; empty where that is not so."""
    end = forgotten_end(file, filing)
    if end is None:
        return ""
    word = f"{short_date(legal_day(end.at))}“{filing_machine().labels[end.state]}”"
    return f"法院已经办完这份申请（{word}），平台从备份恢复过，还没有补回，会向法院问回来。"


def brief(file: CaseFile) -> str:
    """The same in a menu, of 再谈一次; empty where there is none."""
    if ruled(file) is not None:
        return "已有确认的裁定"
    return "" if at_the_court(file) is None else "先撤回司法确认申请"


def require_free(file: CaseFile, kind: str) -> None:
    """Raise :class:`StateError` with :func:`held`, for the commands that put an agreement out of force."""
    if kind in cmd.UNDOING_AGREEMENT and (why := held(file, kind)):
        raise StateError(why, code=FILED)


def _where(filing: Submission) -> str:
    name = f"这份协议的{FILINGS[filing.kind]}"
    if filing.state == "queued":
        return f"{name}已排上，要交给{filing.court_name or '法院'}"
    handed_in = next((event.at for event in filing.events if event.state == "lodged"), None)
    day = short_date(legal_day(handed_in)) if handed_in is not None else ""
    label = filing_machine().labels[filing.state]
    return f"{name}{day and f'于{day}'}交给了{filing.court_name or '法院'}（{label}）"


def _way(filing: Submission) -> str:
    if filing.state == "queued":
        return "要改，先到“司法确认”撤回申请，再办这一步。"
    return "要改，先到“司法确认”撤回申请，法院准许后再办这一步；不撤回的，等法院办完。"
