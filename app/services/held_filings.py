"""An application that waits for something on a colleague's computer: whose, for what, and what to do.

It goes by itself once that is done there; but the period in which it must be lodged runs on, so whoever waits
is told, and can ring up the colleague.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, and_, select, update

from app.domain.unsent import COLLEAGUES_CHOICE, FOR_COLLEAGUES, OWN_CHOICE
from app.services import backlog
from app.services.desk import Desk
from app.services.line_state import Wait
from app.services.port_values import FilingJob
from app.storage import casestore
from app.storage.tables import cases, filings, uploads

WITHOUT = "不等这些材料"
"""The key on 司法确认 that has it go without a colleague's papers."""
AGREEMENT_LOST = "agreement_lost"
"""The platform's code of an application whose agreement it has not back, and waits for no more."""
NOT_BACK = (
    "平台从备份恢复以后，这份申请用的协议和材料没有补回，这一步没有交给法院。申请要是已经在法院，法院照常办，"
    "请和法院联系，材料带到法院窗口交。看完按“知道了，收起”。"
)
HELD = and_(backlog.FILING_QUEUED, filings.c.error_code.in_(FOR_COLLEAGUES))


def look(conn: Connection) -> Wait | None:
    """What waits now, of each application in which case and for what; ``None`` while nothing does."""
    query = (
        select(cases.c.title, filings.c.error_text)
        .join(cases, cases.c.case_id == filings.c.case_id)
        .where(HELD)
        .order_by(filings.c.written_at)
    )
    rows = conn.execute(query).all()
    words = "".join(f"“{row.title}”：{row.error_text}" for row in rows)
    return Wait(len(rows), f"{len(rows)} 份申请在等同事那边", words) if rows else None


def for_people(conn: Connection, desk: Desk, job: FilingJob, code: str, told: Collection[str]) -> str:
    """Why an application waits for colleagues, by ``code`` (``unsent``): the people ``told`` have to choose
    between two values, or whoever made the entries of signatures ``told`` has to bring them back."""
    if code == COLLEAGUES_CHOICE:
        return for_a_choice(desk, told)
    records = casestore.load(conn, job.case_id).records
    who = names(desk, {records[one].author for one in told if one in records}) or "登记的人"
    return (
        f"在等{who}的电脑补回签名盖章登记。平台从备份恢复过，这几处登记还没有回来，申请没有提交，材料都在，期限照算。"
        f"请{who}把那台电脑打开连上，补回后自动提交；那台电脑坏了、不用了的，先撤回申请，材料带到法院窗口交。"
    )


def for_a_choice(desk: Desk, people: Collection[str]) -> str:
    """Why an application waits where ``people`` have to choose between two values."""
    who = names(desk, people) or "写这一处的人"
    return (
        f"在等{who}选定一处两边写法。协议、结案、姓名或证件号有一处两边写法不同，还没有提交，材料都在，期限照算。"
        f"请{who}在自己的电脑上选，选定后自动提交；那台电脑坏了、不用了的，请机构负责人停用它。"
    )


def for_files(
    conn: Connection,
    desk: Desk,
    case_id: str,
    hashes: Collection[str],
    wanted: str = "lodge",
    *,
    again: bool = False,
) -> str:
    """Why an application, or the supplement to one, waits for files that no upload of this computer has;
    empty where each has one. ``again``: it was carried out, and a restored platform has forgotten it."""
    here = set(conn.execute(select(uploads.c.sha256).where(uploads.c.sha256.in_(hashes))).scalars())
    if not (lacking := set(hashes) - here):
        return ""
    files = casestore.load(conn, case_id).attachments.values()
    people = {one.added_by for one in files if one.sha256 in lacking}
    who = names(desk, people) or "同事"
    waits = f"在等{who}的电脑传 {len(lacking)} 份材料。"
    come = f"请{who}把那台电脑打开连上，传完后自动"
    if again:
        return f"{waits}法院收到过，平台恢复后要补回这份申请，法院照常办。{come}补回。"
    anew = f"那台电脑坏了、不用了的，在“司法确认”里点“{WITHOUT}”，在本机把这些材料重新加上，再"
    if wanted == "supplement":
        # The application is at the court: taking it back would be a withdrawal there, and answers nothing.
        kept = "补交的材料还没有交给法院，法院给的期限照算，申请还在法院，不用撤回。"
        return f"{waits}{kept}{come}补交；{anew}补交。"
    return f"{waits}材料还没有传到平台，申请没有提交，期限照算。{come}提交；{anew}提交。"


def agreement_lost(conn: Connection, job: FilingJob) -> bool:
    """Whether a step rests on an agreement that the case has no more, though its court got the application:
    a restored platform has forgotten both, and perhaps only a computer that is gone could bring them."""
    brought = job.again or job.wanted != "lodge"
    head = casestore.load(conn, job.case_id).head
    return brought and job.subject_id not in (job.case_id, head.agreement_id)


def chosen(conn: Connection, case_id: str) -> bool:
    """Nobody here has to choose any more before an application of the case goes; whether one waited."""
    mine = (filings.c.case_id == case_id, backlog.FILING_QUEUED, filings.c.error_code == OWN_CHOICE)
    return conn.execute(update(filings).where(*mine).values(error_code="", error_text="")).rowcount > 0


def names(desk: Desk, people: Collection[str]) -> str:
    """These people by name; empty where nobody of them is known here."""
    return "、".join(desk.name_of(one) for one in sorted(people) if one in desk.people)
