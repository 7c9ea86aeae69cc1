"""One write is one transaction: documents, signed command, audit, search row, list row."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import func, select

from app.domain import casefile as cf
from app.domain import commands as cmd
from app.domain.errors import FieldErrors, NotPermittedError, StateError
from app.services import casework
from app.services.cases import Cases
from app.services.deciding import ContactEntry, Deciding, RefusalEntry
from app.services.desk import Desk
from app.services.drafts import Drafts
from app.storage import audit, casestore, outline
from app.storage.tables import outbox as outbox_table
from app.storage.tables import tasks, withdrawn_commands
from tests.helpers.desks import MONDAY, Workplace


def contact(result: str = "willing", **more: object) -> ContactEntry:
    values = {"party_id": "case-1-respondent", "channel": "phone", "result": result, "at": MONDAY, **more}
    return ContactEntry(**values)  # type: ignore[arg-type]


def outbox_rows(desk: Desk) -> list[object]:
    return desk.store.read(
        lambda c: list(c.execute(select(outbox_table).order_by(outbox_table.c.ordinal)).all())
    )


def test_a_contact_is_written_whole(place: Workplace) -> None:
    desk = place.desk
    written = Deciding(desk).record_contact("case-1", contact(said="愿意坐下来谈"))
    assert written.value == "deciding"
    assert written.changes.case_ids == {"case-1"}
    rows = outbox_rows(desk)
    assert [r.kind for r in rows] == ["contact.record"]  # type: ignore[attr-defined]
    command = cmd.decode(rows[0].bytes)  # type: ignore[attr-defined]
    assert (command.lane_seq, command.prev_hash, command.author) == (1, cmd.GENESIS, "p-zhou")
    assert desk.keys.suite.verify(desk.keys.sign_public, rows[0].signature, rows[0].bytes)  # type: ignore[attr-defined]
    report = desk.store.read(audit.verify)
    assert report.ok
    view = Cases(desk).open("case-1")
    assert view.head.state == "deciding"
    assert [r.body.said for r in view.file.timeline() if isinstance(r.body, cf.Contact)] == ["愿意坐下来谈"]
    kinds = desk.store.read(lambda c: set(c.execute(select(tasks.c.kind)).scalars()))
    assert kinds == {"decide"}


def test_undo_takes_everything_back_and_frees_the_number(place: Workplace) -> None:
    desk = place.desk
    written = Deciding(desk).record_contact("case-1", contact())
    assert written.undo_id
    casework.undo(desk, written.undo_id)
    assert Cases(desk).open("case-1").head.state == "received"
    assert outbox_rows(desk) == []
    kept = desk.store.read(lambda c: c.execute(select(func.count()).select_from(withdrawn_commands)).scalar())
    assert kept == 1
    again = Deciding(desk).record_contact("case-1", contact("unreached"))
    command = cmd.decode(outbox_rows(desk)[0].bytes)  # type: ignore[attr-defined]
    assert (command.lane_seq, command.dev_seq, command.prev_hash) == (1, 2, cmd.GENESIS)
    assert again.value == "contacting"


def test_undo_is_refused_once_something_follows(place: Workplace) -> None:
    desk = place.desk
    first = Deciding(desk).record_contact("case-1", contact("unreached"))
    Deciding(desk).record_contact("case-1", contact())
    with pytest.raises(StateError, match="不能撤销"):
        casework.undo(desk, str(first.undo_id))
    assert len(outbox_rows(desk)) == 2


def test_nothing_goes_out_within_the_undo_window(place: Workplace) -> None:
    desk = place.desk
    Deciding(desk).record_contact("case-1", contact())
    ready = lambda: desk.store.read(  # noqa: E731
        lambda c: [
            cmd.kind_of(cmd.decode(row.raw).payload)
            for row in outline.ready_batch(c, place.clock.now(), 100, 10**6)
        ]
    )
    assert ready() == []
    place.clock.advance(dt.timedelta(seconds=11))
    assert ready() == ["contact.record"]


def test_accepting_gives_a_number_and_a_chained_lane(place: Workplace) -> None:
    desk = place.desk
    deciding = Deciding(desk)
    deciding.record_contact("case-1", contact())
    number = deciding.accept("case-1").value
    head = Cases(desk).open("case-1").head
    assert (head.state, head.number, head.accepted_at) == ("accepted", number, MONDAY)
    first, second = (cmd.decode(r.bytes) for r in outbox_rows(desk))  # type: ignore[attr-defined]
    assert second.prev_hash == cmd.command_hash(cmd.canonical(first))
    assert second.base_values["state"] == "deciding"


def test_accepting_before_the_contact_is_refused_and_changes_nothing(place: Workplace) -> None:
    with pytest.raises(StateError, match="新办件"):
        Deciding(place.desk).accept("case-1")
    assert outbox_rows(place.desk) == []
    assert place.desk.store.read(lambda c: casestore.load(c, "case-1")).head.number == ""


@pytest.mark.parametrize("missing", ["ground_code", "facts", "basis", "next_routes"])
def test_a_refusal_needs_all_four_parts(place: Workplace, missing: str) -> None:
    whole = {
        "ground_code": "N2",
        "ground": "其他机关已受理",
        "facts": "11月19日已投诉并受理。",
        "basis": ("人民调解工作若干规定第22条",),
        "next_routes": ("向人民法院起诉",),
    }
    entry = RefusalEntry(**{**whole, missing: () if missing in ("basis", "next_routes") else ""})  # type: ignore[arg-type]
    with pytest.raises(FieldErrors, match="还差"):
        Deciding(place.desk).refuse("case-1", entry)
    assert outbox_rows(place.desk) == []


def test_a_statistician_may_not_write(place: Workplace) -> None:
    with pytest.raises(NotPermittedError):
        Deciding(place.as_person("p-tong")).record_contact("case-1", contact())
    assert outbox_rows(place.desk) == []


def test_a_contact_removes_its_draft_in_the_same_step(place: Workplace) -> None:
    drafts = Drafts(place.desk)
    drafts.save("contact", "case-1", {"said": "写到一半"})
    Deciding(place.desk).record_contact("case-1", contact())
    assert drafts.get("contact", "case-1") is None


def test_lists_are_masked_and_found_by_name(place: Workplace) -> None:
    cases = Cases(place.desk)
    rows = cases.page(cases.query(text="陈秀英"), 0, 10)
    assert [r.parties for r in rows] == ["陈** / 吴*"]
    assert "陈秀英" not in repr(rows)
    assert cases.count(cases.query(text="陈")) == 1
    assert cases.count(cases.query(text="slls")) == 1
    assert cases.count(cases.query(text="张")) == 0
