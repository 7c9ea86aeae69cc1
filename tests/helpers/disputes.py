"""Two values for one field, and two decisions on one case, as an exchange with the platform leaves them."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import insert, update

from app.domain import casefile as cf
from app.domain import commands as cmd
from app.services import casework
from app.services.disputes import to_json
from app.storage import casestore
from app.storage.tables import cases, conflicts, outbox
from tests.helpers.desks import Workplace


def conflict(
    place: Workplace, number: int, field: str, mine: Any, theirs: Any, entity: str = "party", **more: Any
) -> None:
    """A conflict on a field of case-1 or of its respondent; ``more`` replaces columns of its row."""
    doc = "case-1-respondent" if entity == "party" else "case-1"
    row = {
        "conflict_id": f"c{number}", "case_id": "case-1", "entity": entity, "doc_id": doc, "field": field,
        "command_id": f"k{number}", "base": to_json(""), "mine": to_json(mine), "theirs": to_json(theirs),
        "mine_author": "p-zhou", "theirs_author": "p-shen", "mine_at": "2026-11-20T08:20:00.000Z",
        "theirs_at": "2026-11-23T00:55:00.000Z", **more,
    }  # fmt: skip
    place.desk.store.write(lambda conn: conn.execute(insert(conflicts).values(row)) and None)


def ending(place: Workplace, ground: str, focus: str) -> cf.Conclusion:
    """调解不成, as the services write it."""
    return cf.Conclusion(
        outcome="failed", at=place.clock.now(), ground=ground, focus=focus, remedies=("可以向法院起诉。",),
        remedies_told_at=place.clock.now(),
    )  # fmt: skip


def two_endings(place: Workplace, number: int, mine: cf.Conclusion, theirs: cf.Conclusion) -> None:
    """Mediation of case-1, which is being mediated, was ended here and elsewhere; the platform has theirs."""
    payload = cmd.ConcludeCase(
        record=cf.Record(
            record_id=f"r{number}", case_id="case-1", at=mine.at, author="p-zhou",
            body=cf.Concluded(outcome="failed", text=mine.ground),
        ),
        conclusion=mine, outcome="failed",
    )  # fmt: skip
    command = casework.write(
        place.desk, lambda case: case.issue("case-1", payload, immediate=True).command_id
    ).value

    def settle(conn: Any) -> None:
        head = casestore.shadow(conn, "case-1").head
        told = msgspec.structs.replace(head, state="failed", conclusion=theirs)
        conn.execute(update(cases).where(cases.c.case_id == "case-1").values(shadow=cf.encode(told)))
        done = {"state": "conflict", "settled_at": "2026-11-23T01:00:00.000Z"}
        conn.execute(update(outbox).where(outbox.c.command_id == command).values(done))
        casework.rebuild(conn, place.desk, "case-1")

    conflict(
        place, number, "state", "failed", "failed", "case", command_id=command, base=to_json("mediating"),
    )  # fmt: skip
    place.desk.store.write(settle)
