"""What of the case's agreement a person saw when they wrote another, and what was made of it since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from app.clock import shanghai
from app.domain import commands as cmd
from app.domain import performance
from app.domain.agreement import places_signed, signed
from app.domain.casefile import Agreement, FollowUp
from app.domain.errors import StateError
from app.domain.reducer import CaseFile
from app.domain.workdays import short_date
from app.services.desk import Desk
from app.storage.tables import inbox, outbox

SEEN = "seen"
"""In a kept draft, beside the agreement's own fields: what it rests on."""
MET = "E-AGREEMENT-MET"
KEPT = "您写的都还在，案件没有改动。"
BOUND = "签过字的协议双方要照着履行（《人民调解法》第31条），双方都同意改，才换成您写的。"
SPOKEN = "口头协议登记时已经生效，双方要照着履行（《人民调解法》第31条），双方都同意改，才换成您写的。"
CHOOSE = "先看那一份；要用您写的，按“照我写的接着来”，它接在后面作第 {next} 版，重新签名。"


class Seen(msgspec.Struct, frozen=True):
    """The agreement that held, and the places signed on it, as the wire names them."""

    agreement_id: str = ""
    signed: tuple[str, ...] = ()
    performed: tuple[str, ...] = ()
    """The entries of what was performed under it, by record."""


@dataclass(frozen=True)
class Met:
    """A text that was fixed, signed or performed since: in words, and what has been seen by who read them."""

    title: str
    text: str
    seen: Seen

    def refusal(self) -> StateError:
        """The same for who wants to fix a text that does not know of it."""
        return StateError(f"{self.title}。{self.text}", code=MET)


def standing(file: CaseFile) -> Seen:
    """What holds now."""
    held = file.head.agreement_id
    return Seen(held, places_signed(file, held), performance.entries(file, held)) if held else Seen()


def kept_seen(body: dict[str, Any], file: CaseFile) -> Seen:
    """What a kept draft rests on.

    One of an older program does not say it: its number tells whether it follows the version that holds.
    """
    if SEEN in body:
        return msgspec.convert(body[SEEN], Seen)
    held = file.agreements.get(file.head.agreement_id)
    follows = held is None or body.get("version_no") == held.version_no + 1
    return standing(file) if follows else Seen()


def met(conn: Connection, desk: Desk, file: CaseFile, seen: Seen) -> Met | None:
    """What holds now and was not seen; nothing where all was, or where no agreement holds any more."""
    now, held = standing(file), file.agreements.get(file.head.agreement_id)
    another = now.agreement_id != seen.agreement_id
    signed_since = set(now.signed) - set(seen.signed)
    if held is None or not (another or signed_since or set(now.performed) - set(seen.performed)):
        return None
    made = signed(file, held.agreement_id)
    count = f"已登记 {len(now.signed)} 处签名盖章" if made else "还没有登记签名盖章"
    if another:
        title = fixed_words(conn, desk, file, held)
        title += "" if held.form == "oral" else f"，{count}"
    elif signed_since:
        last = max((record for record, _ in made), key=lambda record: record.at)
        title = f"{name_of(desk, last.author)}登记了第 {held.version_no} 版协议的签名盖章，{count}"
    else:
        last = max((file.records[one] for one in now.performed), key=lambda record: record.at)
        done = "回访过" if isinstance(last.body, FollowUp) else "登记了"
        title = f"{name_of(desk, last.author)}{done}第 {held.version_no} 版协议的履行"
    if now.performed:
        title += f"，{performance.in_words(file, now.performed)}"
    bound = SPOKEN if held.form == "oral" else BOUND if made else ""
    return Met(title, f"{KEPT}{bound}{CHOOSE.format(next=held.version_no + 1)}", now)


def fixed_words(conn: Connection, desk: Desk, file: CaseFile, held: Agreement) -> str:
    """何静11月23日 10:42 定稿了第 2 版协议: who fixed a text, and when."""
    local = shanghai(held.finalised_at)
    who = name_of(desk, _fixed_by(conn, file, held.agreement_id))
    return f"{who}{short_date(local.date())} {local:%H:%M} 定稿了第 {held.version_no} 版协议"


def name_of(desk: Desk, person_id: str) -> str:
    """Who did something, to whom it is told: 您, a colleague's name, 同事 where it is not known."""
    if not person_id:
        return "同事"
    return "您" if person_id == desk.person.person_id else desk.name_of(person_id)


def _fixed_by(conn: Connection, file: CaseFile, agreement_id: str) -> str:
    """Who fixed a text: known of what was written here, or as far as the platform told it."""
    query = select(outbox.c.bytes).where(
        outbox.c.case_id == file.head.case_id,
        outbox.c.kind == "agreement.finalise",
        outbox.c.bytes.is_not(None),
    )
    for command in map(cmd.decode, conn.execute(query).scalars()):
        made = command.payload
        if isinstance(made, cmd.FinaliseAgreement) and made.agreement.agreement_id == agreement_id:
            return command.author
    told = conn.execute(
        select(inbox.c.changed_by)
        .where(inbox.c.entity == "agreement", inbox.c.doc_id == agreement_id, inbox.c.changed_by != "")
        .order_by(inbox.c.received_at.desc())
    ).scalars()
    return told.first() or ""
