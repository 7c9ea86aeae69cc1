"""An application that waits for something on a colleague's computer: whose, for what, and what to do.

It goes by itself once that is done there; but the period in which it must be lodged runs on, so whoever waits
is told, and can ring up the colleague.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, and_, select

from app.services.desk import Desk
from app.services.line_state import Wait
from app.storage import casestore
from app.storage.tables import cases, filings, uploads

CHOICE, FILES = "colleagues_choice", "colleagues_files"
"""Codes of filings that wait: for a choice between two values, for files that lie elsewhere."""
HELD = and_(filings.c.job == "waiting", filings.c.error_code.in_((CHOICE, FILES)))


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


def for_a_choice(desk: Desk, people: Collection[str]) -> str:
    """Why an application waits where ``people`` have to choose between two values."""
    who = _names(desk, people)
    return (
        "协议、结案、姓名或证件号有一处两边写法不同，还没有提交，材料都在，期限照算。"
        f"请{who or '写这一处的人'}在自己的电脑上选，选定后自动提交；"
        "那台电脑坏了、不用了的，请机构负责人停用它。"
    )


def for_files(conn: Connection, desk: Desk, case_id: str, hashes: Collection[str]) -> str:
    """Why an application waits for files that no upload of this computer has; empty where each has one."""
    here = set(conn.execute(select(uploads.c.sha256).where(uploads.c.sha256.in_(hashes))).scalars())
    if not (away := set(hashes) - here):
        return ""
    files = casestore.load(conn, case_id).attachments.values()
    people = {one.added_by for one in files if one.sha256 in away}
    who = _names(desk, people)
    return (
        f"还有 {len(away)} 份材料在{who or '同事'}的电脑上，没有传到平台，申请还没有提交，期限照算。"
        f"请{who or '加材料的人'}把那台电脑打开连上，传完后自动提交。"
    )


def _names(desk: Desk, people: Collection[str]) -> str:
    return "、".join(desk.name_of(one) for one in sorted(people) if one in desk.people)
