"""两处写法不同 as people read it, in words: open ones to choose from, settled ones to look up.

Both values stay in the table for good, and with a decision both decisions: the one written here in the
command, the other in the platform's picture or, once that has moved on, in the raw inbox.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from sqlalchemy import Connection, select

from app.domain import casefile as cf
from app.domain import commands as cmd
from app.domain import performance
from app.domain.agreement import STANDING, effectiveness_of, places_signed
from app.domain.plan import HANDLING
from app.domain.reducer import CaseFile, field_values, get
from app.domain.states import case_machine
from app.services import act_compared, act_grounds, backlog, field_words, sync_words, too_early
from app.services.act_words import ActView
from app.services.cases import PROTECTED
from app.services.conflict_rows import command_of, gone_words, moved_by, once, same, told
from app.services.desk import Desk
from app.services.disputes import LEGAL, descriptive, from_json, together, wrote_here
from app.services.field_words import Known
from app.services.signed_along import registered_here
from app.storage import casestore
from app.storage.tables import cases, conflicts, outbox

NOT_YET = "平台上写的全文还没有收到，连上以后再看。"
UNDOES = (
    "这份协议已登记履行：{}。双方要照着履行（《人民调解法》第31条），都同意再谈，才选本机写的：协议就先不算数，"
    "新的协议要写清已经付的怎么算。"
)
TAKEN_BACK = (
    "平台已收回或改派这件案件，选哪个都不会再发过去。两个写法都在这里，抄下要用的，再选平台上的，收起这一处。"
)


@dataclass(frozen=True)
class Version:
    """One of the values: its shown text, who wrote it and when (ISO, UTC; empty when not known)."""

    text: str
    author: str
    at: str


@dataclass(frozen=True)
class ConflictView:
    """Everything the drawer shows. Protected fields are masked unless they were revealed."""

    conflict_id: str
    case_id: str
    case_title: str
    field: str
    what: str
    base: Version
    mine: Version
    theirs: Version
    masked: bool
    """Whether the texts are masked; comparing them wants a reveal with a reason."""
    editable: bool
    """Whether a third value may be written here. Decisions are taken anew on their own page instead."""
    mine_possible: bool
    """Whether the case as it stands still allows what was decided here."""
    why_not_mine: str
    """Why it does not, and what becomes of what was written here; empty when it does."""
    act: ActView | None
    """For a decision: both of them, and where they differ."""
    note: str
    """What cannot be shown yet; empty when all can."""
    at_stake: str
    """What a choice does to what is signed of an agreement written here, or performed of the one that stands;
    empty where nothing is."""
    decision: bool
    """Whether it is part of a decision, which no choice changes back."""
    settled: bool
    taken_back: bool
    """Whether the platform took the case back or gave it away: no choice reaches it any more."""
    same: bool
    """Whether it was settled by itself, because both values had become the same: nobody chose."""
    choice: str
    chosen: Version | None
    """Once it is settled: the value taken, by whom and when."""
    now: str
    """What stands in the field at present; empty for a decision."""
    may_take: tuple[str, ...]
    """Once it is settled: which of ``mine`` and ``theirs`` can be put in the place of what stands now."""
    position: tuple[int, int]
    """Which of how many open ones, from 1."""
    stamp: str
    """What this is a picture of, masked or not: a choice made on it holds while the stamp is the same."""


def open_ids(conn: Connection) -> tuple[str, ...]:
    """Open conflicts in the order of the list: those of one case together, the newest first; one decision is
    one, whatever it moved."""
    found = select(conflicts.c.conflict_id).where(backlog.ASKED).order_by(*backlog.IN_TURN)
    return tuple(conn.execute(found).scalars())


@dataclass(frozen=True)
class Disputed:
    """What of a case still has two values, by name; ``legal``: what holds up lodging."""

    names: tuple[str, ...]
    legal: tuple[str, ...]


def disputed_in(conn: Connection, file: CaseFile, case_id: str) -> Disputed:
    """The open conflicts of a case."""
    open_ones = select(conflicts, LEGAL).where(conflicts.c.case_id == case_id, backlog.ASKED)
    rows = conn.execute(open_ones.order_by(conflicts.c.conflict_id)).all()
    found: dict[str, bool] = {}
    for row in rows:
        party = file.parties.get(row.doc_id)
        name = named(conn, row, party.side if party else "")
        found[name] = found.get(name, False) or bool(row.legal)
    return Disputed(tuple(found), tuple(name for name, legal in found.items() if legal))


def named(conn: Connection, row: Any, side: str) -> str:
    """What two values stand for: a field, with the party's ``side``, or what was decided here."""
    command = command_of(conn, row.command_id) if not descriptive(row) else None
    if command is not None and command.kind in cmd.COMPARE_AND_SET:
        return sync_words.command_name(command)
    return sync_words.field_name(row.field, side)


def may_redo(file: CaseFile, command: cmd.Command | None) -> bool:
    """Whether the case as it stands allows the decision written here once more.

    An agreement that has begun to bind (signed, or made by word of mouth) is not replaced by a choice between
    two texts: 人民调解法 31 has the parties keep it. Another one is a new version, on its own page.
    """
    if command is None or file.case is None:
        return False
    if isinstance(command.payload, cmd.MarkSuspension):
        return _may_mark(file.case, cast(cf.SuspensionMark, command.payload.record.body))
    if not case_machine().allows(file.case.state, command.kind):
        return False
    if isinstance(command.payload, cmd.CloseCase) and file.case.state == "agreed":
        effect = effectiveness_of(file)
        return effect is not None and effect.is_effective
    if not isinstance(command.payload, cmd.FinaliseAgreement):
        return True
    return not binding(file) and (not file.head.agreement_id or file.head.agreement_id in file.agreements)


def _may_mark(head: cf.Case, mark: cf.SuspensionMark) -> bool:
    """One span runs at a time; the last day of one that is there may be chosen."""
    if mark.what == "start":
        return head.state in HANDLING and all(span.last_day is not None for span in head.suspensions)
    return any(span.record_id == mark.start_record_id for span in head.suspensions)


def binding(file: CaseFile) -> str:
    """Why the agreement that holds is more than a text; empty while nobody is bound by it."""
    holds = file.case is not None and file.head.state in STANDING
    held = file.agreements.get(file.head.agreement_id) if holds else None
    if held is None:
        return ""
    if held.form == "oral":
        return "平台上的是口头协议，登记时已经生效。"
    signed = len(places_signed(file, held.agreement_id))
    if not signed:
        return ""
    done = performance.in_words(file, performance.entries(file, held.agreement_id))
    return f"平台上的这一份已登记 {signed} 处签名盖章{f'，履行登记：{done}' if done else ''}。"


def settled_by(conn: Connection, command_id: str) -> tuple[str, ...]:
    """The conflicts that a choice settled; those of one decision stand or fall together and count once."""
    found = conn.execute(select(conflicts).where(conflicts.c.settled_by == command_id))
    return tuple(row.conflict_id for row in once(found))


def settled_in(conn: Connection, desk: Desk, case_id: str) -> tuple[ConflictView, ...]:
    """The settled conflicts of a case, masked, oldest first."""
    rows = conn.execute(
        select(conflicts)
        .where(conflicts.c.case_id == case_id, conflicts.c.settled_at != "")
        .order_by(conflicts.c.settled_at, conflicts.c.conflict_id)
    ).all()
    if not rows:
        return ()
    reader = Reader(conn, desk, case_id)
    return tuple(reader.view(row, plain=False) for row in once(rows))


def made_here(conn: Connection, case_id: str) -> frozenset[str]:
    """Ids of the choices in a case that were made on this computer."""
    mine = select(outbox.c.command_id).where(outbox.c.case_id == case_id, outbox.c.kind == "conflict.resolve")
    return frozenset(conn.execute(mine).scalars())


def _of_one(row: Any, fields: Mapping[str, Any]) -> Any:
    names = together(row.field)
    return fields[row.field] if len(names) == 1 else {name: fields[name] for name in names}


def _worded(row: Any, value: Any, known: Known, *, written: bool) -> str:
    if row.field in cmd.APPOINTMENT:
        none = field_words.CALLED_OFF if written else field_words.EMPTY
        return field_words.appointment(value, known, none)
    return field_words.worded(row.field, value, known)


def why(conn: Connection, desk: Desk, row: Any) -> str:
    """Why there are two: the reason of a row in 同步中心, as what stands against ours moved last."""
    if gone := gone_words(conn, row.case_id):
        return gone
    mine = "您" if row.mine_author == desk.person.person_id else desk.name_of(row.mine_author)
    if from_json(row.theirs) == from_json(row.base):
        return "本机和平台写的不同"
    if row.theirs_author == row.mine_author:
        here = wrote_here(conn, row)
        return f"{mine}后来在本机又改过" if here else "在另一台电脑上也改过"
    if row.theirs_author in desk.people:
        theirs = desk.name_of(row.theirs_author)
        # Of one decision, met by what its author had not seen: nobody took another.
        beside = not descriptive(row) and not act_compared.decided(conn, row)
        return f"{mine}办这一步时没有看到{theirs}写的" if beside else f"{mine}和{theirs}都改过"
    return "本机和平台写的不同"


class Reader:
    """Puts the conflicts of one case into words."""

    def __init__(self, conn: Connection, desk: Desk, case_id: str) -> None:
        self._conn, self._desk = conn, desk
        self._file = casestore.load(conn, case_id)
        titled = conn.execute(select(cases.c.title).where(cases.c.case_id == case_id))
        self._title = titled.scalar_one_or_none() or ""
        self._open = open_ids(conn)

    def stamped(self, row: Any, *, plain: bool) -> ConflictView:
        """As :meth:`view`, with the stamp by which a choice knows what was chosen from."""
        whole = self.view(row, plain=True)
        seen = (
            whole.base.text, whole.mine.text, whole.theirs.text, whole.act, whole.note, whole.mine_possible,
            whole.why_not_mine, whole.at_stake, whole.settled,
        )  # fmt: skip
        stamp = hashlib.sha256(repr(seen).encode()).hexdigest()
        return replace(whole if plain else self.view(row, plain=False), stamp=stamp)

    def view(self, row: Any, *, plain: bool) -> ConflictView:
        """One conflict; with ``plain`` nothing in it is masked."""
        command = command_of(self._conn, row.command_id)
        known, party = self._known(command), self._file.parties.get(row.doc_id)
        covered = not plain and row.entity == "party" and row.field in (*PROTECTED, "agent")

        def version(value: Any, author: str, at: str, *, written: bool = True) -> Version:
            plainly = "" if covered else _worded(row, value, known, written=written)
            text = field_words.hidden(row.field, value, party) if covered else plainly
            return Version(text, self._desk.name_of(author) if author else "", at)

        author, at = self._whose(row, command, known)
        act, note, veiled = self._act(row, command, known, plain=plain)
        now = self._now(row)
        gone = not row.settled_at and backlog.taken_back(self._conn, row.case_id)
        early = too_early.why_not_again(self._desk, self._file, command)
        possible = not gone and not early and (descriptive(row) or may_redo(self._file, command))
        return ConflictView(
            conflict_id=row.conflict_id,
            case_id=row.case_id,
            case_title=self._title,
            field=row.field,
            what=named(self._conn, row, party.side if party else ""),
            base=version(self._value(row, "base"), "", "", written=False),
            mine=version(self._value(row, "mine"), row.mine_author, row.mine_at),
            theirs=version(self._value(row, "theirs"), author, at),
            masked=covered or veiled,
            editable=descriptive(row) and row.field not in cmd.APPOINTMENT and not gone,
            mine_possible=possible,
            why_not_mine=TAKEN_BACK
            if gone
            else ""
            if possible
            else early or self._why_not(row, command, known),
            act=act,
            note=note,
            at_stake=self._at_stake(row, command) if act is not None else "",
            decision=not descriptive(row),
            settled=bool(row.settled_at),
            taken_back=gone,
            same=bool(row.settled_at) and same(self._conn, row),
            choice=row.choice,
            chosen=self._chosen(row, version),
            now=version(now, "", "", written=bool(row.settled_at)).text if descriptive(row) else "",
            may_take=tuple(
                side
                for side in ("mine", "theirs")
                if row.settled_at and descriptive(row) and self._value(row, side) != now
            ),
            position=self._position(row.conflict_id),
            stamp="",
        )

    def _doc(self, row: Any) -> cf.Doc | None:
        return get(self._file, row.entity, row.doc_id) if row.entity in ("case", "party") else None

    def _now(self, row: Any) -> Any:
        doc, names = self._doc(row), together(row.field)
        return _of_one(row, field_values(doc, names) if doc is not None else dict.fromkeys(names))

    def _value(self, row: Any, side: str) -> Any:
        """What ``side`` has: a field's value; of an appointment hour and room by field."""
        return _of_one(row, told(self._conn, row, side, self._doc(row)))

    def _position(self, conflict_id: str) -> tuple[int, int]:
        ids = self._open
        return (ids.index(conflict_id) + 1 if conflict_id in ids else 0, len(ids))

    def _known(self, command: cmd.Command | None) -> Known:
        agreements = dict(self._file.agreements)
        if command is not None and isinstance(command.payload, cmd.FinaliseAgreement):
            agreements[command.payload.agreement.agreement_id] = command.payload.agreement
        return Known(self._desk.today(), self._desk.name_of, agreements)

    def _chosen(self, row: Any, version: Any) -> Version | None:
        """What was taken; the platform itself may have taken ours after a restore."""
        if not row.settled_at:
            return None
        settling = command_of(self._conn, row.settled_by)
        value = self._value(row, "theirs" if row.choice == "theirs" else "mine")
        if row.choice == "edited" and settling is not None:
            # Written anew in a choice, or over by the same computer before anybody was asked.
            anew = settling.payload
            fields: dict[str, Any] = dict.fromkeys(together(row.field))
            if isinstance(anew, (cmd.ResolveConflict, cmd.EditCase, cmd.EditParty)):
                fields |= anew.fields
            value = _of_one(row, fields)
        author = settling.author if settling is not None else row.settled_by
        author = "" if same(self._conn, row) else author
        return version(value, author, row.settled_at)  # type: ignore[no-any-return]

    def _whose(self, row: Any, command: cmd.Command | None, known: Known) -> tuple[str, str]:
        """Who wrote what stands there, and when: an entry tells it itself, before it was taken in."""
        moved = moved_by(self._conn, row)
        if descriptive(row) or command is None or act_compared.decided(self._conn, row):
            return moved.theirs_author, moved.theirs_at
        since = [one for one in act_grounds.unseen(self._conn, row, known) if one.at]
        last = max(since, key=lambda one: one.at, default=None)
        return (last.author, last.at) if last is not None else (moved.theirs_author, moved.theirs_at)

    def _act(
        self, row: Any, command: cmd.Command | None, known: Known, *, plain: bool
    ) -> tuple[ActView | None, str, bool]:
        """Both decisions, what cannot be shown yet, and whether something in them is masked."""
        if descriptive(row) or command is None or command.kind not in cmd.COMPARE_AND_SET:
            return None, "", False
        pair = act_compared.Pair(self._conn, self._desk, self._file, row, command)
        signed = self._signed(row, command)
        made = [pair.view(known, signed, plain=open_) for open_ in dict.fromkeys((plain, True))]
        return made[0], "" if pair.arrived else NOT_YET, made[0] != made[-1]

    def _at_stake(self, row: Any, command: cmd.Command | None) -> str:
        may = may_redo(self._file, command)
        if command is not None and isinstance(command.payload, cmd.ResumeCase) and may:
            head = self._file.case
            done = performance.entries(self._file, head.agreement_id) if head and head.agreement_id else ()
            return UNDOES.format(performance.in_words(self._file, done)) if done else ""
        signed = len(self._signed(row, command))
        if not signed:
            return ""
        kept = "选本机写的，签名盖章跟着一起重新发；" if may else ""
        return f"本机写的这一份已登记 {signed} 处签名盖章。{kept}选平台上的，它就不用了。"

    def _signed(self, row: Any, command: cmd.Command | None) -> tuple[cf.Signature, ...]:
        """What was registered here as signed on the text written here, up to the choice."""
        if command is None or not isinstance(command.payload, cmd.FinaliseAgreement):
            return ()
        agreement_id = command.payload.agreement.agreement_id
        return registered_here(self._conn, row.case_id, agreement_id, row.settled_at)

    def _why_not(self, row: Any, command: cmd.Command | None, known: Known) -> str:
        labels = case_machine().labels
        state = labels.get(self._file.head.state, "") if self._file.case is not None else ""
        if command is None:
            return "本机写的内容已经按规定清除，只能用平台上的。"
        whole = "这里按“看全文”能看，" if command.kind in cmd.COMPARE_AND_SET else ""
        kept = f"写的内容留着：{whole}选定以后在案件的“经过”里也能看。"
        if isinstance(command.payload, cmd.FinaliseAgreement) and (bound := binding(self._file)):
            here = act_grounds.unseen(self._conn, row, known)
            if act_grounds.NOT_READ_YET in {one.theirs for one in here}:
                bound = f"平台上的这一份登记了履行，{act_grounds.NOT_READ_YET}。"
            return f"{bound}不能在这里换掉。{kept}双方要改，用平台上的，再到案件里起草新的一版。"
        if isinstance(command.payload, cmd.CloseCase) and state == labels["agreed"]:
            return f"平台上的协议已是另一版，还没有签齐，不能按它结案。{kept}签齐以后到案件里结案。"
        if isinstance(command.payload, cmd.MarkSuspension) and self._file.head.state in HANDLING:
            return f"平台上这件案件已经在暂停计时，一件案件同时只有一段。{kept}"
        if self._file.case is not None and case_machine().allows(self._file.head.state, command.kind):
            return f"平台上的那一份还没有收到，收到以后再选。{kept}"
        return f"案件现在是“{state}”，本机写的这一步不能再做。{kept}要用里面的话，到案件里记一笔。"
