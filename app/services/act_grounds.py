"""What a decision written here rested on and colleagues moved unseen, as differences beside its own."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from app.clock import to_text
from app.domain import casefile as cf
from app.domain import commands as cmd
from app.domain import masking, performance
from app.domain.agreement import place_of, signed
from app.domain.reducer import CaseFile
from app.domain.workdays import moment
from app.services import field_words, sync_words
from app.services.act_words import NONE, Difference
from app.services.agreement_seen import name_of
from app.services.conflict_rows import command_of, question_of
from app.services.desk import Desk
from app.services.disputes import DECIDED_BY, from_json
from app.services.field_words import Known
from app.services.sync_words import SIDES
from app.storage import casestore
from app.storage.tables import conflicts, inbox

RESULTS = {"agreed": "谈成了", "not_agreed": "没谈成", "next_time": "另定时间"}
NOT_READ_YET = "全文还没有收到"
STEPS = {
    "case.accept": "受理", "case.refuse": "决定不予受理", "case.hand_back": "退回办件",
    "agreement.finalise": "定稿", "case.conclude": "登记调解结果", "case.resume": "再谈",
    "case.close": "结案",
}  # fmt: skip
"""When something had not come yet, by the kind of what was done here."""


@dataclass(frozen=True)
class Ground:
    """One thing that a decision rested on and that is another by now.

    ``author`` and ``at`` (ISO, UTC, by the author's clock where that is known) say whose it is; empty where
    nobody told.
    """

    name: str
    what: str
    """What had not come, as a sentence names it; empty where both are to be read beside each other."""
    mine: str
    theirs: str
    author: str
    at: str


def moved(conn: Connection, row: Any) -> tuple[Any, ...]:
    """The rows of the question of ``row`` in which another value stands than its author saw."""
    query = select(conflicts).where(question_of(row), conflicts.c.base != conflicts.c.theirs)
    return tuple(conn.execute(query.order_by(conflicts.c.conflict_id)))


def unseen(conn: Connection, row: Any, known: Known) -> tuple[Ground, ...]:
    """The pauses of the clock, the appointment, what was signed, performed or talked that the author of the
    decision of ``row`` had not seen."""
    return tuple(ground for one in moved(conn, row) for ground in _grounds(conn, one, known))


def differences(
    desk: Desk, row: Any, kind: str, grounds: Collection[Ground], file: CaseFile, *, plain: bool
) -> tuple[Difference, ...]:
    """``grounds`` beside a decision of ``kind``: where the author had seen none, it is said whose it is.

    ``file`` names the parties; their names are masked unless ``plain``.
    """
    you, names = name_of(desk, row.mine_author), tuple(masking.names(file.parties.values()))

    def shown(text: str) -> str:
        return text if plain else masking.redact(text, names)

    def mine(ground: Ground) -> str:
        if not ground.what:
            return shown(ground.mine)
        who = name_of(desk, ground.author)
        when = f" {moment(ground.at, desk.today())} " if ground.at else ""
        before = f"，看到的是{shown(ground.mine)}" if ground.mine else ""
        return f"{you}{STEPS.get(kind, '办这一步')}时还没有收到{who}{when}{ground.what}{before}"

    return tuple(Difference(one.name, mine(one), shown(one.theirs), bool(one.what)) for one in grounds)


def _grounds(conn: Connection, row: Any, known: Known) -> Iterator[Ground]:
    if row.field in (cmd.SUSPENSIONS, cmd.APPOINTED):
        yield _of_the_clock(row, known)
    elif row.field in (cmd.PERFORMED, cmd.SIGNED):
        yield _of_records(conn, row)
    elif row.field == cmd.PARTIES:
        yield _of_the_parties(conn, row)
    elif row.field == DECIDED_BY and (record := talked(conn, row.case_id, str(from_json(row.theirs)))):
        body = record.body
        if isinstance(body, cf.Session):
            name = f"第 {body.ordinal} 次调解记录"
            text = "，".join(filter(None, (RESULTS[body.result], body.result_note)))
            yield Ground(name, f"记的第 {body.ordinal} 次调解", "", text, record.author, row.theirs_at)
        elif isinstance(body, cf.Contact):
            text = "，".join(filter(None, (field_words.CONTACTED[body.result], body.said)))
            yield Ground("联系记录", "记的联系", "", text, record.author, row.theirs_at)


def _of_the_clock(row: Any, known: Known) -> Ground:
    appointed = row.field == cmd.APPOINTED

    def words(value: Any) -> str:
        if appointed:
            return field_words.appointment(value or {}, known, "")
        return field_words.FIELDS[row.field](value, known) if value else ""

    seen, theirs = words(from_json(row.base)), words(from_json(row.theirs))
    if not appointed:
        what = "" if seen else "登记的暂停计时"
    elif theirs:
        what = "改约的下次调解" if seen else "约的下次调解"
    else:
        what = "取消下次调解的登记"
    stands = theirs or (field_words.CALLED_OFF if appointed else NONE)
    return Ground(sync_words.FIELDS[row.field], what, seen, stands, row.theirs_author, row.theirs_at)


def _of_the_parties(conn: Connection, row: Any) -> Ground:
    """Who is a party since, and is not named in the text."""
    here = casestore.shadow(conn, row.case_id).parties
    since = set(from_json(row.theirs) or ()) - set(from_json(row.base) or ())
    told = "、".join(f"{SIDES[here[one].side]}{here[one].name}" for one in sorted(since & here.keys()))
    theirs = f"{told}，协议里没有写到" if told else NOT_READ_YET
    return Ground(sync_words.FIELDS[row.field], "加的当事人", "", theirs, row.theirs_author, row.theirs_at)


def _of_records(conn: Connection, row: Any) -> Ground:
    """What was entered under an agreement, with the words of what came since."""
    here, theirs = casestore.shadow(conn, row.case_id), set(from_json(row.theirs) or ())
    since = theirs - set(from_json(row.base) or ())
    if row.field == cmd.PERFORMED:
        made = [here.records[one] for one in since if one in here.records]
        called = made and all(isinstance(record.body, cf.FollowUp) for record in made)
        what, text = "记的回访" if called else "登记的履行", performance.in_words(here, since)
    else:
        what, text = "登记的签名盖章", f"已登记 {len(theirs)} 处"
        made = [record for record, body in _signed(conn, row, here) if place_of(body) in since]
    last = max(made, key=lambda record: record.at, default=None)
    author, at = (last.author, to_text(last.at)) if last is not None else (row.theirs_author, row.theirs_at)
    return Ground(sync_words.FIELDS[row.field], what, "", text or NOT_READ_YET, author, at)


def _signed(conn: Connection, row: Any, here: CaseFile) -> tuple[tuple[cf.Record, cf.Signature], ...]:
    command = command_of(conn, row.command_id)
    return signed(here, str(command.base_values.get("agreement_id"))) if command is not None else ()


def talked(conn: Connection, case_id: str, command_id: str) -> cf.Record | None:
    """The session or contact that a command brought, if it is one and has come here."""
    brought = select(inbox.c.body).where(
        inbox.c.case_id == case_id, inbox.c.cause == command_id, inbox.c.entity == "record",
        inbox.c.body.is_not(None), inbox.c.error == "",
    )  # fmt: skip
    for body in conn.execute(brought.limit(1)).scalars():
        record = cf.decode("record", body)
        if isinstance(record, cf.Record) and isinstance(record.body, cf.Session | cf.Contact):
            return record
    return None
