"""A real window in a process of its own, to be killed: ``python -m tests.helpers.window_worker FOLDER STEP``.

It works up to STEP by hand, prints ``at STEP`` and goes on serving the window until it is killed.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from PySide6.QtWidgets import QApplication

from app.domain import casefile as cf
from tests.helpers.window import Pilot, breathe
from ui.theme.translation import load_chinese

INBOX_CASE, SESSION_CASE = "小区停车费涨价", "三楼漏水赔墙面"
WORDS = "漏水是从卫生间墙角渗下来的，"
HALF = "还没有写完"


def contacted(pilot: Pilot) -> None:
    """After a contact was recorded."""
    pilot.window.shell.go("inbox", {"case_id": pilot.case_id(INBOX_CASE)})
    pilot.click("inbox.result.willing")
    pilot.write("愿意坐下来谈", "inbox.said")
    pilot.click("inbox.contact.next")
    pilot.until(lambda: pilot.page == "decide", "the decision")


def typing(pilot: Pilot) -> None:
    """In the middle of the mediation record, after the first words were kept."""
    case_id = pilot.case_id(SESSION_CASE)
    pilot.window.shell.go("session", {"case_id": case_id})
    pilot.click("session.speak.0")
    pilot.write(WORDS)
    pilot.until(lambda: WORDS in str(pilot.office.drafts.get("session", case_id)), "the draft")
    pilot.write(HALF)


def sending(pilot: Pilot) -> None:
    """While a contact is on its way and the platform's answer has not come."""
    pilot.control.network("stall", only="/commands")
    contacted(pilot)
    pilot.until(lambda: pilot.office.sync_centre.counts().waiting > 0, "it waits")
    pilot.until(lambda: in_flight(pilot), "it is on its way", 30)


def in_flight(pilot: Pilot) -> bool:
    """Whether a command was given to the network and has no receipt."""
    from sqlalchemy import func, select

    from app.storage.tables import outbox

    query = select(func.count()).select_from(outbox).where(outbox.c.state.in_(("in_flight", "unknown")))
    return pilot.office.desk.store.read(lambda conn: int(conn.execute(query).scalar_one())) > 0


def contacts(pilot: Pilot) -> list[cf.Contact]:
    """The contacts of the inbox case."""
    file = pilot.office.cases.open(pilot.case_id(INBOX_CASE)).file
    return [body for _, body in file.of_type(cf.Contact)]


STEPS = {"contacted": contacted, "typing": typing, "sending": sending}


def main() -> None:
    """Serve until killed."""
    app = QApplication(["jiefen"])
    load_chinese(app)
    pilot = Pilot(app, Path(sys.argv[1]))
    pilot.begin(build=False)
    STEPS[sys.argv[2]](pilot)
    print(f"at {sys.argv[2]}", flush=True)
    while True:
        breathe()


if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    main()
