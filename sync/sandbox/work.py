"""One command at work on its case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import bindparam, select

from sync.contract.codes import WireError
from sync.contract.commands import RESTED_ON, Command, Current
from sync.sandbox import tables as t
from sync.sandbox.machines import target
from sync.sandbox.store import Doc, Tx, stamp
from sync.sandbox.wording import field_name

_NOT_TAKEN = select(t.ledger.c.bytes).where(
    t.ledger.c.case_id == bindparam("of_case"), t.ledger.c.status.in_(("rejected", "conflict"))
)
"""What of a case was not taken, or waits for a choice."""


@dataclass
class Result:
    """What a command came to."""

    status: Literal["applied", "merged", "conflict"] = "applied"
    current: dict[str, Current] = field(default_factory=dict)
    applied_fields: list[str] = field(default_factory=list)


class Work:
    """One command on its case."""

    def __init__(self, tx: Tx, command: Command, institution: str, *, awaits: bool = False) -> None:
        self.tx = tx
        self.awaits = awaits
        self.comes_back = False
        """Whether an application that a restored platform has not back rests on it."""
        self.command = command
        self.institution = institution
        self.payload: Any = command.payload
        self.data: dict[str, Any] = command.payload.model_dump(mode="json")
        self.kind: str = self.data["kind"]
        self.case = tx.get("case", command.case_id)

    @property
    def head(self) -> Doc:
        """The case's header; asked for only after it was found."""
        if self.case is None:
            raise WireError("case_unknown")
        return self.case

    def listed(self, name: str) -> list[str]:
        """What of a kind the author saw, by the names or ids in ``base_values``; empty where it is not said.

        Raises :class:`WireError` where it is no list of them.
        """
        seen = self.command.base_values.get(name, [])
        if not isinstance(seen, list) or not all(isinstance(one, str) for one in seen):
            raise WireError("field", f"“{field_name(name)}”要写成一列。", field=f"base_values.{name}")
        return seen

    def put(
        self, entity: str, doc_id: str, body: Mapping[str, Any], fields: Mapping[str, Any] | None = None
    ) -> None:
        """Write a document of this case in the command's name."""
        self.tx.put(
            entity,
            doc_id,
            self.command.case_id,
            body,
            by=self.command.author,
            cause=self.command.command_id,
            fields=fields,
            institution=self.institution,
            written_at=stamp(self.command.written_at),
        )

    def move(self, changes: Mapping[str, Any] | None = None) -> None:
        """Change the header, and its state where the table has a move for this command."""
        changed = dict(changes or {})
        state = self.target()
        if state is not None:
            changed["state"] = state
        if self.kind in RESTED_ON:
            changed["decided_by"] = self.command.command_id
        if changed and any(self.head.body.get(k) != v for k, v in changed.items()):
            self.put("case", self.command.case_id, {**self.head.body, **changed}, changed)

    def target(self) -> str | None:
        """The state to which the command moves the case, ``None`` where the table has no such move. What an
        application at the court rests on moves it from where it was decided, whatever was noted since."""
        state = target("case", self.head.body["state"], self.kind, self.data)
        before = str(self.command.base_values.get("state", "")) if self.comes_back else ""
        return state or (target("case", before, self.kind, self.data) if before else None)

    def record(self) -> None:
        """Append the command's record, if it brings one. Met again unchanged, it is not written twice."""
        body = self.data.get("record")
        if body is not None and self.tx.get("record", body["record_id"]) is None:
            self.put("record", body["record_id"], body)

    def missing(self, wanted: str, text: str, field: str) -> WireError:
        """Of something that the command builds on and that is not here: ``wanted``, its id.

        On a platform that was restored another computer may still bring it back, for a while, unless what
        brings it came already and was not taken.
        """
        if self.to_come(wanted):
            return WireError("behind_lost", field=field)
        return WireError("unknown_entity", text, field=field)

    def to_come(self, wanted: str) -> bool:
        """Whether a restored platform may still be brought what ``wanted`` is the id of."""
        if not self.awaits:
            return False
        rows = self.tx.conn.execute(_NOT_TAKEN, {"of_case": self.command.case_id})
        return not any(wanted.encode() in row.bytes for row in rows)
