"""Parties of a case: adding one, and changing descriptive fields one by one (domain 4.1)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from app.domain import casefile as cf
from app.domain import commands as cmd
from app.domain import identity, masking, reducer
from app.domain.errors import FieldError, FieldErrors, NotFoundError, StateError
from app.services import casework
from app.services.casework import Casework
from app.services.changes import Written
from app.services.desk import Desk
from app.services.field_words import agent_lines

_STARS = re.compile("[＊﹡∗]")
DERIVED = frozenset({"birth_date", "gender"})
"""Fields that follow from an identity number where its kind holds them."""


class AnotherAgentError(FieldError):
    """Another agent than the person saw stands by now; ``now`` is told covered, and so seen."""

    def __init__(self, now: cf.Agent | None) -> None:
        lines = "" if now is None else agent_lines(now, masking.agent_field).replace("\n", "；")
        became = f"现在登记的是 {lines}" if lines else "现在没有代理人"
        super().__init__(
            "agent.name",
            f"代理人和您打开这张表时看到的不一样了：{became}。您写的还在，案件没有改动。"
            "要换成您写的，再按一次“存好”；不换，按“先不写”。",
            code="E-AGENT-MOVED",
        )
        self.now = now


class Parties:
    """Add and describe the parties of a case."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def edit(
        self, case_id: str, party_id: str, changes: Mapping[str, Any], seen: Mapping[str, Any] | None = None
    ) -> Written[None]:
        """Replace the named fields only; a field that was not touched is never sent.

        ``seen`` holds the values the person saw in those fields, where they showed in plain; they travel as
        the base of the merge. Raises :class:`FieldErrors` naming each field that is not right.
        """
        self._desk.require("party.edit")

        return casework.write(
            self._desk, lambda case: self._edit(case, case_id, party_id, changes, seen or {})
        )

    def _edit(
        self, case: Casework, case_id: str, party_id: str, changes: Mapping[str, Any], seen: Mapping[str, Any]
    ) -> None:
        party = _party(case, case_id, party_id)
        fields = _plain(_complete(party, changes))
        unknown = set(fields) - cmd.EDITABLE_PARTY_FIELDS
        if unknown:
            raise FieldError(min(unknown), "这一项不能在这里改。")
        raise_problems(_still_masked(party, fields))
        new = reducer.with_fields(party, fields)
        if not isinstance(new, cf.Party):
            raise TypeError("a party stays a party")
        raise_problems(_touched(problems(new, self._desk.today()), fields))
        base = {**reducer.field_values(party, frozenset(fields)), **_plain(seen)}
        moved = {k: v for k, v in fields.items() if v != reducer.field_values(party, frozenset({k}))[k]}
        if moved:
            case.issue(
                case_id,
                cmd.EditParty(party_id=party_id, fields=moved),
                base={k: base[k] for k in moved},
                audit_detail={"fields": len(moved)},
            )

    def add(self, case_id: str, party: cf.Party) -> Written[str]:
        """One more party; ``party_id`` and ``ordinal`` are given here. Returns the id.

        Raises :class:`FieldErrors` like :meth:`edit`.
        """
        self._desk.require("party.add")
        raise_problems(problems(party, self._desk.today()))

        def work(case: Casework) -> str:
            require_open(case, case_id)
            held = len(case.file(case_id).side(party.side))
            made = msgspec.structs.replace(
                completed(party), party_id=self._desk.make_id(), case_id=case_id, ordinal=held + 1
            )
            case.issue(case_id, cmd.AddParty(party=made))
            return made.party_id

        return casework.write(self._desk, work)

    def set_agent(
        self,
        case_id: str,
        party_id: str,
        agent: cf.Agent | None,
        seen: cf.Agent | msgspec.UnsetType | None = msgspec.UNSET,
    ) -> Written[None]:
        """Name an agent (代理人), or take the name away with ``None``.

        ``seen`` is the agent the person decided on, ``None`` where there was none; without it, the one that
        stands. Raises :class:`FieldErrors`, and :class:`AnotherAgentError` where another stands by now.
        """
        self._desk.require("party.edit")
        if agent is not None:
            raise_problems(agent_problems(agent, self._desk.today()))
        value = None if agent is None else msgspec.to_builtins(agent)

        def work(case: Casework) -> None:
            now = _party(case, case_id, party_id).agent
            if seen is not msgspec.UNSET and now not in (seen, agent):
                raise AnotherAgentError(now)
            self._edit(case, case_id, party_id, {"agent": value}, {})

        return casework.write(self._desk, work)


def _party(case: Casework, case_id: str, party_id: str) -> cf.Party:
    """A party of a case that may be written to."""
    require_open(case, case_id)
    party = case.file(case_id).parties.get(party_id)
    if party is None:
        raise NotFoundError("这位当事人不在这件案件里。", code="E-NO-PARTY")
    return party


def require_open(case: Casework, case_id: str) -> None:
    """Raise :class:`StateError` for an archived case, which can only be read."""
    if case.file(case_id).head.state == "archived":
        raise StateError("已归档，只能看。要改请负责人开卷。", code="E-ARCHIVED")


def problems(party: cf.Party, today: dt.date) -> tuple[FieldError, ...]:
    """What is not right with a party's particulars, each with its field."""
    found = []
    if not party.name.strip():
        words = "写单位的全称。" if party.kind == "organisation" else "写当事人的姓名。"
        found.append(FieldError("name", words))
    if party.id_number.strip() and (hint := identity.check(party.id_kind, party.id_number, today)):
        found.append(FieldError("id_number", hint))
    if party.phone.strip():
        if hint := identity.phone(party.phone):
            found.append(FieldError("phone", hint))
    elif not party.no_phone_reason.strip():
        found.append(FieldError("phone", "写电话；没有电话就写明原因。"))
    if party.email and "@" not in party.email:
        found.append(FieldError("email", "邮箱里没有 @，看一看。"))
    return tuple(found)


def agent_problems(agent: cf.Agent, today: dt.date) -> tuple[FieldError, ...]:
    """What is not right with an agent's particulars; fields are named ``agent.…``."""
    found = []
    if not agent.name.strip():
        found.append(FieldError("agent.name", "写代理人的姓名。"))
    if agent.id_number and (hint := identity.check(agent.id_kind, agent.id_number, today)):
        found.append(FieldError("agent.id_number", hint))
    if agent.phone and (hint := identity.phone(agent.phone)):
        found.append(FieldError("agent.phone", hint))
    return tuple(found)


def raise_problems(found: tuple[FieldError, ...]) -> None:
    """Raise :class:`FieldErrors` when there are any."""
    if found:
        raise FieldErrors(found)


def completed(party: cf.Party) -> cf.Party:
    """``party`` with numbers cleaned, and birth date and gender filled in from the identity number."""
    number = identity.clean(party.id_number)
    birth = identity.birth_date(party.id_kind, number) if number else None
    return msgspec.structs.replace(
        party,
        name=party.name.strip(),
        id_number=number,
        birth_date=party.birth_date or birth,
        gender=party.gender or (identity.gender(party.id_kind, number) if number else ""),
    )


def _complete(party: cf.Party, changes: Mapping[str, Any]) -> dict[str, Any]:
    fields = dict(changes)
    if "id_number" not in fields:
        return fields
    number = fields["id_number"] = identity.clean(str(fields["id_number"]))
    kind = str(fields.get("id_kind", party.id_kind))
    if number and (birth := identity.birth_date(kind, number)) and "birth_date" not in fields:
        fields["birth_date"] = birth
    if number and (gender := identity.gender(kind, number)) and "gender" not in fields:
        fields["gender"] = gender
    return fields


def _touched(found: tuple[FieldError, ...], fields: Mapping[str, Any]) -> tuple[FieldError, ...]:
    """Only what concerns the fields being changed: old gaps do not stop another correction."""
    names = set(fields)
    if "no_phone_reason" in names:
        names.add("phone")
    if "id_kind" in names:
        names.add("id_number")
    return tuple(e for e in found if e.field in names)


def _still_masked(party: cf.Party, fields: Mapping[str, Any]) -> tuple[FieldError, ...]:
    """Values that are only the masked form of what stands there: they never overwrite it."""
    found = [
        name
        for name in fields
        if name in masking.PARTY_FIELDS
        and fields[name]
        and fields[name] != getattr(party, name)
        and _same_mask(fields[name], masking.party_field(party, name))
    ]
    agent = fields.get("agent")
    if isinstance(agent, Mapping) and party.agent is not None:
        found += [
            f"agent.{name}"
            for name in masking.AGENT_FIELDS
            if agent.get(name)
            and agent[name] != getattr(party.agent, name)
            and _same_mask(agent[name], masking.agent_field(party.agent, name))
        ]
    return tuple(FieldError(name, "这一项还遮着，没有改。要改请写整项。") for name in found)


def _same_mask(value: Any, masked: str) -> bool:
    """Whether ``value`` is ``masked``; a star of another width is one too."""
    return isinstance(value, str) and _STARS.sub("*", value).strip() == masked


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: msgspec.to_builtins(value) for name, value in values.items()}
