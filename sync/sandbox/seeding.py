"""Filling the platform: the demo institution's cases, none, or many for measuring."""

from __future__ import annotations

import datetime as dt
import importlib.resources
import json
from typing import Any

from sync.contract import wire as w
from sync.contract.canonical import canonical
from sync.sandbox import backups
from sync.sandbox import tables as t
from sync.sandbox.accounts import Caller, home_id, password_hash
from sync.sandbox.calendar import is_workday, shift
from sync.sandbox.court import Court
from sync.sandbox.documents import checked
from sync.sandbox.fillers import fillers
from sync.sandbox.numbers import borne
from sync.sandbox.papers import Paper, picture, render
from sync.sandbox.people import PeopleMaker
from sync.sandbox.platform import Platform
from sync.sandbox.source import SHANGHAI, Source, StillClock
from sync.sandbox.store import Tx, put_meta, stamp
from sync.sandbox.stories import MEDIATOR, Story, instant_of
from sync.sandbox.submissions import Submissions

PASSWORD = "wutong-88"  # noqa: S105 - everyone's password in practice, printed at start
DONE = ("refused", "handed_back", "closed", "archived")
MANY_STATES = ("mediating", "closed", "accepted", "closed", "contacting", "failed", "closed", "archived")
LATER = ("lodge", "court")
"""Steps that need the filing's own machinery, done after the documents are there."""


def _resource(name: str) -> Any:
    return json.loads(importlib.resources.files("resources").joinpath(f"demo/{name}.json").read_text("utf-8"))


def ready(platform: Platform, seed: str, begin: dt.time | None = None) -> None:
    """Seed a new platform; one that was seeded before keeps everything and its clock's offset.

    ``begin`` is the hour in Shanghai at which the first day begins; without it, the present one.
    """
    if platform.setting("seed"):
        seconds = float(platform.setting("clock_offset", "0"))
        platform.source.clock.offset = dt.timedelta(seconds=seconds)
        return
    if platform.accounts.roster():
        # A first start that was cut short: what it left is not whole, and nobody has worked with it.
        reset(platform, seed, begin)
        return
    _fill(platform, seed, begin)


def reset(platform: Platform, seed: str, begin: dt.time | None = None) -> None:
    """从头来: everything but the platform's own keys goes, and a new epoch begins."""
    platform.source.clock.offset = dt.timedelta()
    with platform.store.write(platform.source.now()) as tx:
        for table in reversed(t.metadata.sorted_tables):
            if table is not t.meta:
                tx.conn.execute(table.delete())
        kept = ("sign_private", "sign_public", "seal_private", "seal_public")
        tx.conn.execute(t.meta.delete().where(t.meta.c.key.not_in(kept)))
        put_meta(tx.conn, "epoch", platform.source.new_id())
        put_meta(tx.conn, "epoch_no", "1")
        tx.head = 0
        put_meta(tx.conn, "head", "0")
    platform.reread()
    _fill(platform, seed, begin)


def _begin_on_a_workday(platform: Platform) -> None:
    """On a day of rest the practice begins at the next working day: no contact falls due on the others,
    and the first duty to be practised does."""
    source = platform.source
    today = source.today()
    if is_workday(today):
        return
    begin = shift(today, 1)
    source.clock.offset += begin - today
    platform.set_setting("clock_offset", str(source.clock.offset.total_seconds()))
    with platform.store.write(source.now()) as tx:
        tx.happened("clock", f"今天休息，练习从下一个工作日{begin.month}月{begin.day}日开始")


def _begin_at(platform: Platform, hour: dt.time) -> None:
    source = platform.source
    now = source.now().astimezone(SHANGHAI)
    # In whole seconds, as the clock's offset is told.
    source.clock.offset += now.replace(hour=hour.hour, minute=hour.minute) - now
    platform.set_setting("clock_offset", str(source.clock.offset.total_seconds()))


def _fill(platform: Platform, seed: str, begin: dt.time | None) -> None:
    if seed not in ("demo", "empty") and not seed.isdigit():
        raise ValueError(f"unknown seed: {seed}")
    data = _resource("institution")
    if begin is not None:
        _begin_at(platform, begin)
    if seed == "demo":
        _begin_on_a_workday(platform)
    with platform.store.write(platform.source.now()) as tx:
        _institutions(platform, tx, data)
        if seed == "demo":
            filings = _demo(platform, tx)
        elif seed.isdigit():
            _many(platform, tx, int(seed))
    if seed == "demo":
        for spec, case_id, agreement_id, items in filings:
            _file(platform, data, spec, case_id, agreement_id, items)
    platform.reread()
    if seed in ("demo", "empty"):
        backups.make(platform)
    # Last: only a platform that is whole counts as seeded.
    platform.set_setting("seed", seed)


def _institutions(platform: Platform, tx: Tx, data: dict[str, Any]) -> None:
    """The institution that practises here, and a neighbour that shares nothing with it but the platform."""
    home, neighbour = data["institution"], data["neighbour"]
    put_meta(tx.conn, "institution", json.dumps(home, ensure_ascii=False))
    year = platform.source.today().year
    put_meta(tx.conn, f"numbers:case:{year}", str(data["first_number"] - 1))
    _people(platform, tx, home["institution_id"], data["people"])
    there = neighbour["institution"]["institution_id"]
    put_meta(tx.conn, f"institution:{there}", json.dumps(neighbour["institution"], ensure_ascii=False))
    put_meta(tx.conn, f"standing:{there}", '{"status":"active"}')
    _people(platform, tx, there, neighbour["people"])


def _people(platform: Platform, tx: Tx, institution: str, people: list[dict[str, str]]) -> None:
    for person in people:
        salt = platform.source.random_bytes(16)
        row = {key: person[key] for key in ("person_id", "login", "name", "role", "title")}
        row["institution_id"] = institution
        tx.conn.execute(t.users.insert(), {**row, "salt": salt, "password": password_hash(PASSWORD, salt)})


class Bulk:
    """Documents on their way into the feed and the store, in one go."""

    def __init__(self, tx: Tx) -> None:
        self.tx = tx
        self.home = home_id(tx.conn)
        self._rows: list[dict[str, Any]] = []
        self._order: list[dict[str, Any]] = []
        self._borne: dict[str, str] = {}
        self._holders: dict[str, str] = {}

    def add(self, entity: str, doc_id: str, case_id: str, body: dict[str, Any], by: str = "platform") -> None:
        """One new document."""
        self.tx.head += 1
        row = {
            "entity": entity,
            "doc_id": doc_id,
            "case_id": case_id,
            "version": 1,
            "seq": self.tx.head,
            "at": stamp(self.tx.now),
            "by": by,
            "cause": None,
            "body": canonical(body).decode(),
            "touched": "{}",
            "op": "put",
            "institution_id": self.home,
            "was": None,
            "again": 0,
        }
        if entity == "case":
            self._holders[case_id] = str(body.get("mediator_id", ""))
        row["mediator_id"] = self._holders[case_id]
        self._rows.append(row)
        if entity == "case":
            done = int(body["state"] in DONE)
            placed = {"case_id": case_id, "institution_id": self.home, "done": done}
            self._order.append({**placed, "mediator_id": row["mediator_id"]})
            self._borne |= dict.fromkeys(borne(body), case_id)
        if len(self._rows) >= 5000:
            self.write()

    def write(self) -> None:
        """Write what has gathered."""
        if self._order:
            self.tx.conn.execute(t.case_order.insert(), self._order)
        if self._rows:
            self.tx.conn.execute(t.docs.insert(), self._only(t.docs))
            self.tx.conn.execute(t.feed.insert(), self._only(t.feed))
        self._rows, self._order = [], []

    def finish(self) -> None:
        """Write what is left, and which case bears which number."""
        self.write()
        held = [{"number": number, "case_id": case_id} for number, case_id in self._borne.items()]
        if held:
            self.tx.conn.execute(t.numbers.insert(), held)

    def _only(self, table: Any) -> list[dict[str, Any]]:
        names = [column.name for column in table.columns]
        return [{name: row[name] for name in names} for row in self._rows]


def _demo(platform: Platform, tx: Tx) -> list[tuple[dict[str, Any], str, str, list[dict[str, Any]]]]:
    """Write the demo cases; returns the filings that follow."""
    data = _resource("cases")
    today = platform.source.today()
    maker = PeopleMaker(1)
    bulk = Bulk(tx)
    home = bulk.home
    filings = []

    def demo_file(name: str) -> tuple[str, int, str]:
        if name.endswith(".jpg"):
            body, media_type = picture(name), "image/jpeg"
        else:
            title = name.rsplit(".", 1)[0].rpartition("·")[2]
            paper = Paper("练习材料", title, "", ("本材料为练习用，人和事都是编的。",), ("云浦区梧桐里街道",))
            body, media_type = render(paper), "application/pdf"
        return platform.files.add(tx, home, body, media_type), len(body), media_type

    for spec in [*data["cases"], *fillers(data["titles"])]:
        steps = spec["steps"]
        if any(step[1] in LATER for step in steps):
            first = min(step[0] for step in steps if step[1] == "lodge")
            steps = [s for s in steps if s[1] not in LATER]
            steps += [[first, "file", "协议书扫描件.pdf", "scan", "agreement"]]
            for side, word in (("applicant", "申请人"), ("respondent", "被申请人")):
                steps += [[first, "file", f"{word}身份证明.pdf", "identity", "identity", side]]
        story = Story({**spec, "steps": steps}, today, maker, platform.source.new_id, demo_file, tx.now)
        documents = story.tell()
        for entity, doc_id, body in documents:
            bulk.add(entity, doc_id, story.case_id, checked(entity, body), MEDIATOR)
        if steps is not spec["steps"]:
            items = [_item(body) for entity, _, body in documents if entity == "attachment"]
            filings.append((spec, story.case_id, story.case["agreement_id"], items))
    bulk.finish()
    put_meta(tx.conn, "intake_serial", "500")
    put_meta(tx.conn, f"numbers:refusal:{today.year}", str(maker.serial()))
    return filings


def _item(attachment: dict[str, Any]) -> dict[str, Any]:
    material = attachment["material"] or "other"
    return {**{key: attachment[key] for key in ("sha256", "size", "name")}, "material": material}


def _file(
    platform: Platform,
    data: dict[str, Any],
    spec: dict[str, Any],
    case_id: str,
    agreement_id: str,
    items: list[dict[str, Any]],
) -> None:
    """Lodge and move a demo filing through the platform's own code, at the times of the story."""
    submission_id = platform.source.new_id()
    caller = Caller(MEDIATOR, "mediator", "demo", "", "", data["institution"]["institution_id"])
    court = data["court"]
    for time, verb, argument in (step for step in spec["steps"] if step[1] in LATER):
        at = Source(StillClock(instant_of(time, platform.source.today())), platform.source.random_bytes)
        submissions = Submissions(platform.store, at, platform.key, platform.files)
        if verb == "court":
            Court(platform.store, at, platform.files, submissions).move(submission_id, argument)
            continue
        manifest = w.ManifestIn.model_validate(
            {
                "case_id": case_id,
                "kind": argument,
                "subject_id": agreement_id,
                "round": 1,
                "court_code": court["code"],
                "court_name": court["name"],
                "items": items,
            }
        )
        submissions.manifest(caller, submission_id, 1, manifest)
        submissions.lodge(caller, submission_id, w.LodgeIn(manifest_no=1))


def _many(platform: Platform, tx: Tx, count: int) -> None:
    """``count`` generated cases with two parties and one record each, for measuring."""
    kinds = [kind["code"] for kind in json.loads(_legal("dispute_kinds"))["kinds"]]
    maker = PeopleMaker(2)
    bulk = Bulk(tx)
    now = platform.source.now()
    template = _template(maker)
    for number in range(count):
        case_id = platform.source.new_id()
        received = now - dt.timedelta(hours=5 * number % 20_000, minutes=number % 60)
        state = MANY_STATES[number % len(MANY_STATES)]
        case = {
            **template["case"],
            "case_id": case_id,
            "state": state,
            "dispute_kind": kinds[number % len(kinds)],
            "title": f"{maker.name()[0]}家楼道纠纷{number}",
            "received_at": stamp(received),
            "number": f"（{received.astimezone(SHANGHAI).year}）云梧民调字第{number + 1:05d}号",
        }
        if state not in ("contacting",):
            case["accepted_at"] = case["decided_at"] = stamp(received + dt.timedelta(hours=1))
        bulk.add("case", case_id, case_id, case)
        for ordinal, side in enumerate(("applicant", "respondent")):
            party_id = platform.source.new_id()
            party = {**template["party"], "party_id": party_id, "case_id": case_id, "side": side}
            party |= {"name": maker.name(), "phone": f"1380000{number % 10000:04d}", "ordinal": ordinal}
            bulk.add("party", party_id, case_id, party)
        record_id = platform.source.new_id()
        record = {**template["record"], "record_id": record_id, "case_id": case_id, "at": stamp(received)}
        bulk.add("record", record_id, case_id, record)
    bulk.finish()


def _legal(name: str) -> str:
    return importlib.resources.files("resources").joinpath(f"legal/{name}.json").read_text("utf-8")


def _template(maker: PeopleMaker) -> dict[str, dict[str, Any]]:
    at = "2026-01-05T01:00:00Z"
    case = {
        "case_id": "x",
        "source": "walk_in",
        "state": "accepted",
        "title": "x",
        "dispute_kind": "other",
        "received_at": at,
        "claims": "赔偿损失",
        "facts": "双方因楼道使用发生争执。",
        "mediator_id": MEDIATOR,
        "township": "梧桐里街道",
        "district": "云浦区",
        "amount_fen": 120000,
    }
    party = {**maker.person(), "party_id": "x", "case_id": "x", "side": "applicant", "ordinal": 0}
    record = {"record_id": "x", "case_id": "x", "at": at, "author": MEDIATOR}
    record["body"] = {"type": "note", "text": "来访登记。"}  # type: ignore[assignment]
    return {
        "case": checked("case", case),
        "party": checked("party", party),
        "record": checked("record", record),
    }
