from __future__ import annotations

import subprocess
import sys

import pytest
from sqlalchemy import Connection

from app.domain.errors import DamagedFault
from app.storage import firstpaint
from app.storage.tables import appointments, meta, settings, tasks
from tests.helpers.stores import Profile, add_case


def _fill(conn: Connection) -> None:
    add_case(conn, "c1", title="三楼漏水赔墙面", parties="陈** / 吴*", label="received")
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


def test_one_snapshot_of_what_the_first_page_needs(home: Profile) -> None:
    home.store.write(_fill)
    found = firstpaint.read(
        home.paths.database,
        home.keys.db_key,
        person_id="p1",
        until="2026-11-28",
        day_start="2026-11-22T16:00:00.000Z",
        day_end="2026-11-23T16:00:00.000Z",
    )
    assert found is not None
    assert [task.task_id for task in found.tasks] == ["t2", "t1"]
    assert (found.tasks[0].title, found.tasks[0].parties) == ("三楼漏水赔墙面", "陈** / 吴*")
    assert found.counters == {"state:received": 1, "bucket:todo": 1}
    assert found.settings == {("institution", "name"): '"x"'}
    assert [a.appointment_id for a in found.appointments] == ["a1"]
    assert found.meta["device_id"] == "d1"
    assert (found.unsent, found.open_conflicts) == (0, 0)


def test_a_wrong_key_is_named(home: Profile) -> None:
    with pytest.raises(DamagedFault):
        firstpaint.read(home.paths.database, bytes(32), person_id="", until="", day_start="", day_end="")


def test_nothing_heavy_is_imported() -> None:
    script = (
        "import sys, app.storage.firstpaint, app.storage.keyslots, app.storage.lock, app.paths, app.logs\n"
        "heavy = {'sqlalchemy', 'alembic', 'pypinyin', 'PIL', 'requests', 'cryptography'}\n"
        "print(*sorted(heavy & set(sys.modules)), end='')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
