"""The journey, third part: what others do meanwhile, a platform that goes back, and packages on a stick."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
from pathlib import Path
from threading import Event
from typing import Any

from sqlalchemy import insert, select, update

from app.domain import casefile as cf
from app.storage import tables as local
from sync.engine.exchange import hand_in, read_receipt
from sync.engine.faults import RefusedFault, SignInNeededFault
from sync.sandbox import tables as t
from sync.sandbox.seeding import PASSWORD
from tests.helpers import journey as steps
from tests.kill9.journey import Done, act, attach, noted, on, person, said, there
from tests.kill9.journey_court import ACTS as ACTS
from tests.kill9.place import HEAD, Place
from ui import connection

# -- what others do meanwhile --------------------------------------------------------------------------


def feed_says(letter: str, field: str, value: str) -> Done:
    """Whether the platform's own document of a case's respondent has the value."""

    def done(p: Place) -> bool:
        query = select(t.docs.c.body).where(t.docs.c.entity == "party", t.docs.c.case_id == p.case(letter))
        return any(json.loads(row.body)[field] == value for row in p.platform(query))

    return done


THEIRS, MINE = "云浦区柳荫路3弄2号", "云浦区梧桐里街道棠溪路6号"


def disputed(p: Place) -> list[str]:
    """The open conflicts."""
    return list(p.office.resolving.open_ids())


def edit_waits(p: Place) -> bool:
    """Whether an edit waits to be sent."""
    mine = (local.outbox.c.kind == "party.edit") & (local.outbox.c.state == "waiting")
    return bool(p.read(select(local.outbox.c.command_id).where(mine)))


def settled(p: Place) -> bool:
    """Whether the conflict was settled."""
    return bool(p.read(select(local.conflicts).where(local.conflicts.c.settled_at != "")))


def put_aside(p: Place) -> None:
    """What the platform refused is put aside."""
    for row in p.office.sync_centre.rows("needs_you"):
        if row.kind == "command":
            p.office.sync_centre.put_aside(row.row_id)


act("theirs", lambda p: p.control("edit-same-field", case_id=p.case("B"), value=THEIRS),
    feed_says("B", "service_address", THEIRS))  # fmt: skip
act("mine", on("B", lambda o, c: o.parties.edit(c, person(o, c).party_id, {"service_address": MINE})),
    lambda p: edit_waits(p) or bool(disputed(p)))  # fmt: skip
act("differ", Place.sync)
act("look at both", lambda p: p.office.resolving.conflict(disputed(p)[0], reveal_reason="contact"))
act("resolve", lambda p: p.office.resolving.resolve(disputed(p)[0], "mine"), settled)
act("send mine", Place.sync)
act("notice", lambda p: p.control("ask-material", case_id=p.case("B")), lambda p: p.happened("material") == 1)
act(
    "reassign",
    lambda p: p.control("reassign", case_id=p.case("F"), login=HEAD),
    lambda p: p.happened("reassigned") == 1,
)
act("unsent", on("G", lambda o, c: o.handling.add_note(c, "收回前写的")),
    there("G", lambda o, c: steps.count(o, c, cf.Note) == 1))  # fmt: skip
act(
    "taken away",
    lambda p: p.control("tombstone", case_id=p.case("G")),
    lambda p: p.happened("withdrawn") == 1,
)
act("hear of it", Place.sync)
act("put aside", put_aside)
act("see it gone", Place.sync)
act("suspended", lambda p: p.control("suspend"))
act("hear that it stands still", Place.sync)
act("active", lambda p: p.control("resume"))
act("signed out", lambda p: p.control("network/expired"))
act("sign in", lambda p: connection.sign_in(p.desk, PASSWORD))


def leave_session(p: Place) -> None:
    """退出 at the platform; where the line was cut the person is signed out all the same."""
    with p.client() as client, contextlib.suppress(RefusedFault, SignInNeededFault):
        client.sign_out()


for _time in ("", " again"):
    act(f"sign out{_time}", leave_session)
    act(f"sign in after signing out{_time}", lambda p: connection.sign_in(p.desk, PASSWORD))
act("access over", lambda p: p.control("network/access-expired"))
act("refreshed", Place.sync)


def give_back(p: Place) -> None:
    """What is left of a run of numbers is void."""
    block = p.platform(select(t.number_blocks).order_by(t.number_blocks.c.first))[0]
    with p.client() as client:
        client.post(f"/number-blocks/{block.block_id}/return", {"returned_from": block.last})


def spoilt_upload(p: Place) -> None:
    """Something on the way changed the bytes: the platform keeps nothing of them."""
    good, bad = b"good bytes", b"bad bytes."
    sha256 = hashlib.sha256(good).hexdigest()
    with p.client() as client:
        told = {
            "Upload-Length": str(len(good)),
            "Upload-Metadata": f"sha256 {b64(sha256)}",
            "Tus-Resumable": "1.0.0",
        }
        place = client.call("POST", "/uploads", headers=told).headers["location"].removeprefix("/v1")
        piece = {
            "Upload-Offset": "0",
            "Content-Type": "application/offset+octet-stream",
            "Tus-Resumable": "1.0.0",
        }
        client.call("PATCH", place, body=bad, headers=piece)
        body = json.dumps({"sha256": sha256, "size": len(good)}).encode()
        with contextlib.suppress(RefusedFault):
            client.call("POST", f"{place}/complete", body=body)


def b64(text: str) -> str:
    """As tus writes a value of its metadata."""
    return base64.b64encode(text.encode()).decode()


act("give numbers back", give_back)
act("spoilt upload", spoilt_upload)


def novelty(p: Place) -> None:
    """The platform, a later version, tells of something that this program cannot read."""
    row = p.platform(select(t.feed).order_by(t.feed.c.seq.desc()).limit(1))[0]
    body = json.dumps({"case_id": row.case_id, "room": 3})
    new = {
        **row._mapping,
        "seq": row.seq + 1,
        "entity": "hearing",
        "doc_id": "hearing-1",
        "version": 1,
        "body": body,
    }
    new |= {"cause": None, "op": "put"}
    head = update(t.meta).where(t.meta.c.key == "head").values(value=str(row.seq + 1))
    p.at_platform(insert(t.feed).values(new), head)


def told_news(p: Place) -> bool:
    """Whether it was told."""
    return bool(p.platform(select(t.feed.c.seq).where(t.feed.c.entity == "hearing")))


act("something new", novelty, told_news)
act("cannot be read", Place.sync)

# -- the platform goes back ----------------------------------------------------------------------------


def before(p: Place) -> dict[str, Any]:
    """What is remembered of the platform from before it went back."""
    path = p.folder / "before-restore.json"
    return dict(json.loads(path.read_text("utf-8"))) if path.exists() else {"epoch": "", "keys": []}


def remember(p: Place) -> None:
    """What the platform has that its backup may not have, and the epoch."""
    keys = {(row.entity, row.doc_id) for row in p.platform(select(t.docs.c.entity, t.docs.c.doc_id))}
    keys |= {(entity, doc_id) for entity, doc_id in before(p)["keys"]}
    told = {"epoch": epoch(p), "keys": sorted(keys)}
    (p.folder / "before-restore.json").write_text(json.dumps(told), "utf-8")


def epoch(p: Place) -> str:
    """The platform's epoch."""
    return str(p.platform(select(t.meta.c.value).where(t.meta.c.key == "epoch"))[0].value)


def went_back(p: Place) -> bool:
    """Whether the platform was restored since."""
    return epoch(p) != before(p)["epoch"]


act("platform backup", lambda p: p.control("backup", name="latest"))
act("after the backup", said("平台备份以后写的"), noted("平台备份以后写的"))
act("a file after it", *attach("A", "备份后的材料", 3000))
act("fifth sync", Place.sync)
for _time in ("", " again", " once more"):
    act(f"remember{_time}", remember)
    act(f"platform restore{_time}", lambda p: p.control("restore", name="latest"), went_back)
    act(f"new epoch{_time}", Place.sync)

# -- without a network ---------------------------------------------------------------------------------


def packages(p: Place, ending: str) -> list[Path]:
    """What lies on the stick, the newest last."""
    return sorted(p.stick.glob(f"*.{ending}"), key=lambda path: path.stat().st_mtime_ns)


def carry(p: Place) -> None:
    """Hand the package in, as another computer would."""
    with p.client() as client:
        hand_in(p.office.sync_port, client, packages(p, "jfp")[-1], Event())


act("offline note", said("装进包的一句"), noted("装进包的一句"))
act("offline file", *attach("A", "装进包的材料", 4000))
act(
    "pack",
    lambda p: p.office.packages.pack(p.stick),
    lambda p: any(r.state == "packed" for r in p.office.packages.known()),
)
act("carry", carry, lambda p: bool(packages(p, "jfr")))
act("receipt", lambda p: read_receipt(p.office.sync_port, p.desk.clock, packages(p, "jfr")[-1]),
    lambda p: any(r.state == "read" for r in p.office.packages.known()))  # fmt: skip
act("sixth sync", Place.sync)
