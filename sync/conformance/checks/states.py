"""The case state machine of ``states.json``: in each state exactly the moves of the table."""

from __future__ import annotations

import importlib.resources
import json
from collections import deque
from collections.abc import Callable
from typing import Any

from sync.conformance import papers
from sync.conformance.bench import Bench
from sync.conformance.registry import CHECKS, Check
from sync.conformance.seat import Seat
from sync.conformance.verdict import Failed, equal

TABLE: dict[str, Any] = json.loads(
    importlib.resources.files("resources").joinpath("contract/states.json").read_text("utf-8")
)
_Payload = Callable[[str, Seat, str], dict[str, Any]]
PAYLOADS: dict[str, _Payload] = {
    "contact.record": lambda case_id, seat, by: papers.contact(case_id, seat.person_id, by or "willing"),
    "contact.waive": lambda case_id, seat, _: papers.waive(case_id, seat.person_id),
    "case.accept": lambda case_id, seat, _: papers.accept(case_id, seat.person_id),
    "case.refuse": lambda case_id, seat, _: papers.refuse(case_id, seat.person_id),
    "case.hand_back": lambda case_id, seat, _: papers.hand_back(case_id, seat.person_id),
    "session.record": lambda case_id, seat, _: papers.session(case_id, seat.person_id),
    "agreement.finalise": lambda case_id, _seat, _by: papers.agreement(case_id, papers.new_id()),
    "case.conclude": lambda case_id, seat, by: papers.conclude(case_id, seat.person_id, by or "failed"),
    "case.resume": lambda case_id, seat, _: papers.resume(case_id, seat.person_id),
    "case.close": lambda case_id, seat, _: papers.close(case_id, seat.person_id, "failed"),
}
RECORDS = frozenset({"contact.record", "session.record"})
"""Append-only: taken in every state, moving it only where the table says so."""


def target(state: str, command: str, by: str = "") -> str | None:
    """The state after a command, or ``None`` where the table has no such move."""
    for move in TABLE["case"]["moves"]:
        if move["command"] == command and state in move["from"]:
            to = move["to"]
            if isinstance(to, str):
                return to
            found = to.get(by or {"contact.record": "willing", "case.conclude": "failed"}[command])
            return None if found is None else str(found)
    return None


def _ways() -> dict[str, list[tuple[str, str]]]:
    """For each state the shortest way from a new case, as commands with their choice."""
    ways: dict[str, list[tuple[str, str]]] = {"received": []}
    queue = deque(["received"])
    while queue:
        state = queue.popleft()
        for move in TABLE["case"]["moves"]:
            if state not in move["from"] or move["command"] not in PAYLOADS:
                continue
            to = move["to"]
            choices = {"": to} if isinstance(to, str) else {k: v for k, v in to.items() if k != "by"}
            for by, reached in choices.items():
                if reached not in ways:
                    ways[reached] = [*ways[state], (move["command"], by)]
                    queue.append(reached)
    return ways


def _reach(bench: Bench, seat: Seat, way: list[tuple[str, str]]) -> str:
    after, case_id = seat.head(), bench.case(seat)
    for command, by in way:
        seat.do(case_id, PAYLOADS[command](case_id, seat, by), base=_rests_on(seat, after, case_id))
    return case_id


def _rests_on(seat: Seat, after: int, case_id: str) -> dict[str, Any]:
    """What any step on this case rests on, as it stands now; nothing is signed or performed here."""
    head = seat.of_case(after, case_id)["case", case_id]["body"]
    seen: dict[str, Any] = {"signed": [], "performed": []} if head["agreement_id"] else {}
    seen["parties"] = []
    seen["appointment"] = {name: head[name] for name in ("next_session_at", "next_session_place")}
    return {
        name: head[name] for name in ("state", "agreement_id", "conclusion", "decided_by", "suspensions")
    } | seen


def _state(seat: Seat, after: int, case_id: str) -> str:
    return str(seat.of_case(after, case_id)["case", case_id]["body"]["state"])


def _work(state: str, way: list[tuple[str, str]]) -> Callable[[Bench], None]:
    def work(bench: Bench) -> None:
        seat = bench.seat()
        for command, payload in PAYLOADS.items():
            after = seat.head()
            case_id = _reach(bench, seat, way)
            if (reached := _state(seat, after, case_id)) != state:
                raise Failed(f"照表走到的是“{reached}”，不是“{state}”")
            base = _rests_on(seat, after, case_id)
            answer = seat.one(seat.write(case_id, payload(case_id, seat, ""), base=base))
            wanted = target(state, command)
            if wanted is None and command not in RECORDS:
                told = (answer["status"], answer["code"], answer["consumed"])
                equal(told, ("rejected", "state", True), f"“{state}”时 {command}")
            else:
                equal(answer["status"], "applied", f"“{state}”时 {command} 的结果")
            equal(_state(seat, after, case_id), wanted or state, f"“{state}”时 {command} 之后")

    return work


def register() -> None:
    """One check for each state that a client can reach."""
    names = TABLE["case"]["states"]
    for state, way in _ways().items():
        zh = f"“{names[state]}”的案件只走状态表里有的步子"
        en = f"A case that is {state} moves as the table says and not otherwise"
        check_id = f"states.{state}"
        CHECKS[check_id] = Check(check_id, "§1 states.json", zh, en, _work(state, way))


register()
