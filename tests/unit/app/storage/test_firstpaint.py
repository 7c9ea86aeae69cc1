from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping

import pytest
from sqlalchemy import Connection

from app.domain.errors import DamagedFault
from app.storage import firstpaint
from app.storage.firstpaint import PersonLine, Question
from app.storage.tables import appointments, drafts, meta, people, settings, tasks
from tests.helpers.stores import Profile, add_case


def _fill(conn: Connection) -> None:
    add_case(
        conn,
        "c1",
        title="三楼漏水赔墙面",
        parties="陈** / 吴*",
        label="received",
        next_due="2026-12-30",
        mediator_id="p1",
    )
    conn.execute(people.insert().values(person_id="p1", name="一号", role="mediator"))
    for owner in ("p1", "p2"):
        conn.execute(
            drafts.insert().values(person_id=owner, kind="note", subject="c1", body=b"{}", saved_at="")
        )
    for key, due, waiting in (
        ("t1", "2026-11-24", 0),
        ("t2", "2026-11-23", 0),
        ("t3", "2026-12-30", 0),
        ("t4", "", 1),
    ):
        conn.execute(
            tasks.insert().values(
                task_id=key, case_id="c1", kind="contact", due_on=due, waiting=waiting, body=b"{}"
            )
        )
    conn.execute(settings.insert().values(scope="institution", key="name", value='"x"', changed_at=""))
    conn.execute(settings.insert().values(scope="p2", key="theme", value='"dark"', changed_at=""))
    conn.execute(meta.insert().values(key="device_id", value="d1"))
    for key, person in (("a1", "p1"), ("a2", "p2")):
        conn.execute(
            appointments.insert().values(
                appointment_id=key, person_id=person, starts_at="2026-11-23T06:00:00.000Z", title="开调"
            )
        )


def _ask(meta: Mapping[str, str], people: Mapping[str, PersonLine]) -> Question:
    assert meta["device_id"] == "d1"
    assert people["p1"].name == "一号"
    return Question(
        "p1", ("p1",), "2026-11-28", "2026-10-31T16:00:00.000Z", "2026-11-22T16:00:00.000Z",
        "2026-11-23T16:00:00.000Z", "2026-11-23",
    )  # fmt: skip


def test_one_snapshot_of_what_the_first_page_needs(home: Profile) -> None:
    home.store.write(_fill)
    found = firstpaint.read(home.paths.database, home.keys.db_key, _ask)
    assert found is not None
    assert [task.task_id for task in found.tasks] == ["t2", "t1", "t4"]
    assert (found.tasks[0].title, found.tasks[0].parties) == ("三楼漏水赔墙面", "陈** / 吴*")
    assert found.settings == {"name": '"x"'}
    assert [a.appointment_id for a in found.appointments] == ["a1"]
    assert [(d.kind, d.title) for d in found.drafts] == [("note", "三楼漏水赔墙面")]
    assert found.counts == (1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    assert found.next_due == "2026-12-30"


def test_a_wrong_key_is_named(home: Profile) -> None:
    with pytest.raises(DamagedFault):
        firstpaint.read(home.paths.database, bytes(32), _ask)


def test_an_older_schema_is_left_to_the_upgrade(home: Profile) -> None:
    home.store.write(_fill)
    home.store.write(lambda conn: conn.exec_driver_sql("DELETE FROM alembic_version") and None)
    assert firstpaint.read(home.paths.database, home.keys.db_key, _ask) is None


def test_nothing_heavy_is_imported() -> None:
    script = (
        "import sys, app.services.firstboard, app.storage.firstpaint, app.storage.keyslots\n"
        "import app.storage.lock, app.paths, app.logs\n"
        "heavy = {'sqlalchemy', 'alembic', 'pypinyin', 'PIL', 'requests', 'cryptography'}\n"
        "print(*sorted(heavy & set(sys.modules)), end='')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
