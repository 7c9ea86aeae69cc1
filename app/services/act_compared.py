"""A decision written here beside what the platform has: as two decisions, or with what it had not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, cast

import msgspec
from sqlalchemy import Connection, select

from app.domain import casefile as cf
from app.domain import commands as cmd
from app.domain.agreement import STANDING
from app.domain.reducer import CaseFile, with_fields
from app.domain.states import case_machine
from app.services import act_grounds, act_words, sync_words
from app.services.act_words import ActView
from app.services.desk import Desk
from app.services.disputes import DECIDED_BY, OF_RECORDS, from_json, stands_in
from app.services.field_words import Known
from app.storage import casestore
from app.storage.tables import inbox

LATEST_FIRST = 50
"""How many changes of a header are looked through for the one that stood against ours."""
_DECISION = frozenset({"state", "agreement_id", "conclusion"})
"""What of a case another decision moves; what is signed, performed or talked under one does not."""


def decided(conn: Connection, row: Any) -> bool:
    """Whether the platform has another decision by now, rather than more under the same one."""
    fields = {one.field: from_json(one.theirs) for one in act_grounds.moved(conn, row)}
    if _DECISION & fields.keys():
        return True
    before = fields.get(DECIDED_BY)
    return before is not None and act_grounds.talked(conn, row.case_id, str(before)) is None


@dataclass(frozen=True)
class Pair:
    """The decision of a conflict's row, and what it met. ``file`` is the case as it shows here."""

    conn: Connection
    desk: Desk
    file: CaseFile
    row: Any
    command: cmd.Command

    @cached_property
    def decided(self) -> bool:
        """As :func:`decided`."""
        return decided(self.conn, self.row)

    @property
    def arrived(self) -> bool:
        """Whether all of what stands against ours has come here."""
        return self._platform[1]

    def view(self, known: Known, signed: Sequence[cf.Signature], *, plain: bool) -> ActView:
        """Both sides in words. ``signed``: what is registered on an agreement's paper written here."""
        command, (platform, arrived) = self.command, self._platform
        ours = act_words.written(command.payload, self.file, known, plain=plain, signed=signed)
        theirs = act_words.standing(platform, known, plain=plain) if arrived or not self.decided else ()
        states = (self._state_after, self._state_there)
        act = act_words.compared(
            sync_words.command_name(command), states, ours, theirs, alike=self._alike(platform)
        )
        grounds = act_grounds.unseen(self.conn, self.row, known)
        beside = act_grounds.differences(self.desk, self.row, command.kind, grounds, self.file, plain=plain)
        told = {one.name for one in beside}
        differ = tuple(one for one in act.differences if one.name not in told)
        # Each place by itself is to be read, and no difference of its own.
        mine = (*act.mine, *act_words.places(signed, self.file, plain=plain))
        here = {name for name, _ in act.theirs}
        whole = (*act.theirs, *((one.name, one.theirs) for one in beside if one.name not in here))
        return replace(act, mine=mine, theirs=whole, differences=(*differ, *beside))

    def _alike(self, platform: CaseFile) -> bool:
        """Whether the two are read line by line: two decisions, or a text beside the one that holds."""
        if self.decided:
            return self.arrived
        holds = platform.head.state in STANDING and platform.head.agreement_id in platform.agreements
        return holds and self.command.kind == "agreement.finalise"

    @property
    def _state_after(self) -> str:
        payload = msgspec.to_builtins(self.command.payload)
        before = str(self.command.base_values.get("state", ""))
        return case_machine().target(before, self.command.kind, payload) or ""

    @property
    def _state_there(self) -> str:
        platform, arrived = self._platform
        if arrived or not self.decided:
            return platform.head.state
        told = {one.field: from_json(one.theirs) for one in act_grounds.moved(self.conn, self.row)}
        return str(told.get("state", self.command.base_values.get("state", "")))

    @cached_property
    def _platform(self) -> tuple[CaseFile, bool]:
        """The platform's picture as it stood against ours, and whether all of it has come here.

        Where nothing else was decided it is what ours rested on, whatever was decided after the choice.
        """
        row, shadow = self.row, casestore.shadow(self.conn, self.row.case_id)
        if shadow.case is None:
            return self.file, False
        theirs = from_json(row.theirs)
        if not self.decided:
            base = self.command.base_values
            seen = {name: base[name] for name in _DECISION & base.keys()}
            head = cast(cf.Case, with_fields(shadow.case, seen))
            return replace(shadow, case=head), self._has_come(shadow, theirs)
        if row.settled_at:
            stood = None if row.field in OF_RECORDS else self._stood_then(theirs)
            return (shadow if stood is None else replace(shadow, case=stood)), True
        return shadow, self._has_come(shadow, theirs)

    def _has_come(self, shadow: CaseFile, theirs: Any) -> bool:
        if self.row.settled_at:
            return True
        if (of_records := OF_RECORDS.get(self.row.field)) is not None:
            return set(theirs or ()) <= set(of_records(shadow, shadow.head.agreement_id))
        base = from_json(self.row.base)
        return theirs == base or bool(stands_in(shadow.head, self.row.field) != base)

    def _stood_then(self, theirs: Any) -> cf.Case | None:
        row = self.row
        changes = self.conn.execute(
            select(inbox.c.body)
            .where(
                inbox.c.received_at >= row.mine_at, inbox.c.received_at <= row.settled_at,
                inbox.c.case_id == row.case_id, inbox.c.entity == "case", inbox.c.body.is_not(None),
                inbox.c.error == "",
            )
            .order_by(inbox.c.received_at.desc(), inbox.c.seq.desc())
            .limit(LATEST_FIRST)
        )  # fmt: skip
        for (body,) in changes:
            head = cf.decode("case", body)
            if isinstance(head, cf.Case) and stands_in(head, row.field) == theirs:
                return head
        return None
