"""Everything that the product makes durable, done once: the acts of one long journey, in order.

Each act says whether it is there already, from what is durable alone, so that a process that takes up what a
killed one left neither repeats nor leaves out anything. An act without that may be done again at any time.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, replace

import msgspec
from PIL import Image
from sqlalchemy import select

from app.clock import shanghai
from app.domain import casefile as cf
from app.domain.errors import NotPermittedError
from app.services import casework, enrolment, profile
from app.services.attachments import FileEntry
from app.services.closing import SERVED, ClosingEntry, FailureEntry
from app.services.deciding import ContactEntry, RefusalEntry
from app.services.exporting import Exporting
from app.services.intake import IntakeEntry
from app.services.office import Office
from app.storage import tables as local
from app.storage.casequery import CaseQuery
from sync.sandbox import tables as t
from sync.sandbox.seeding import PASSWORD
from tests.harness.acts import new_party
from tests.helpers import journey as steps
from tests.helpers.desks import QUICK
from tests.kill9.place import LOGIN, PASSPHRASE, Place
from ui import connection

Do = Callable[[Place], object]
Done = Callable[[Place], bool]
KINDS = ("leak", "parking", "property_unreachable", "unwilling", "wages", "group", "leak", "parking")
PDF = b"%PDF-1.4\n"
REFUSAL = RefusalEntry("N2", "其他机关已受理", "派出所已经受理。", ("《人民调解法》",), ("向人民法院起诉",))
REASONS = (
    "漏水的楼板",
    "邻居的说法",
    "要撤销的一句",
    "断网时写的",
    "装进包的一句",
    "停用后写的",
    "恢复前写的",
)


@dataclass(frozen=True)
class Act:
    """``done`` is ``None`` where doing it again does no harm. ``whole`` is false while the files here are
    spoilt on purpose, so that nobody looks at them between."""

    name: str
    do: Do
    done: Done | None = None
    login: str = LOGIN
    whole: bool = True


ACTS: list[Act] = []


def act(name: str, do: Do, done: Done | None = None, *, login: str = LOGIN, whole: bool = True) -> None:
    """Add an act to the journey."""
    ACTS.append(Act(name, do, done, login, whole))


# -- the first day -------------------------------------------------------------------------------------


def create(p: Place) -> None:
    """A new profile, made once: the folder may hold what a killed process left of one."""
    p.hold()
    person = profile.NewPerson("周敏芳", LOGIN)
    desk, _ = profile.create_profile(p.paths, person, PASSPHRASE, practice=True, cost=QUICK)
    p.keep(desk)


def dispatch(number: int) -> tuple[Do, Done]:
    """The ``number``-th case comes to the platform."""
    kind = KINDS[number - 1]
    return lambda p: p.control("dispatch", kind=kind), lambda p: len(p.cases()) >= number


def enrol(p: Place) -> None:
    """登记本机."""
    p.keep(connection.enrol(p.paths, p.desk, url=p.url, user=LOGIN, password=PASSWORD, name="测试机"))


act("reset", lambda p: p.control("reset"))
for _number in range(1, len(KINDS) + 1):
    act(f"dispatch {_number}", *dispatch(_number))
act("create", create, lambda p: p.exists())
act("wish", lambda p: enrolment.put_wish(p.desk, enrolment.Wish("http://127.0.0.1:9", LOGIN, "测试机")))
act("enrol", enrol, lambda p: profile.enrolment_of(p.desk).complete)
act("moved", lambda p: enrolment.practice_moved(p.desk, p.url))
act("first sync", Place.sync)
act("daybreak", lambda p: p.office.daybreak.renew())

# -- in the office -------------------------------------------------------------------------------------


def on(letter: str, do: Callable[[Office, str], object]) -> Do:
    """An act on one case."""
    return lambda p: do(p.office, p.case(letter))


def there(letter: str, done: Callable[[Office, str], bool]) -> Done:
    """Whether it is there on that case."""
    return lambda p: done(p.office, p.case(letter))


def said(text: str) -> Do:
    """A note on case A."""
    return on("A", lambda o, c: o.handling.add_note(c, text))


def notes(o: Office, c: str) -> list[str]:
    """The notes of a case."""
    return [body.text for _, body in o.cases.open(c).file.of_type(cf.Note)]


def noted(text: str) -> Done:
    """Whether that note is there, which it must be once only."""
    return there("A", lambda o, c: notes(o, c).count(text) == 1)


def contacted(o: Office, c: str) -> None:
    """The respondent was reached and is willing."""
    who = steps.party(o, c, "respondent").party_id
    o.deciding.record_contact(c, ContactEntry(who, "phone", "willing", o.desk.clock.now()))


def ask_court(p: Place) -> str:
    """The submission that the court has of case A."""
    rows = p.platform(select(t.submissions.c.submission_id).where(t.submissions.c.lodged == 1))
    assert len(rows) == 1, f"the court has {len(rows)} applications"
    return str(rows[0].submission_id)


def court_state(p: Place) -> str:
    """How the application of case A stands at the court."""
    query = select(t.docs.c.body).where(t.docs.c.entity == "submission")
    rows = p.platform(query)
    return str(json.loads(rows[0].body)["state"]) if rows else ""


def person(o: Office, c: str) -> cf.Party:
    """The respondent."""
    return steps.party(o, c, "respondent")


def attach(letter: str, title: str, size: int, kind: str = "evidence") -> tuple[Do, Done]:
    """A file of so many bytes that is like no other."""
    data = PDF + title.encode() + hashlib.shake_128(title.encode()).digest(size)

    def do(o: Office, c: str) -> None:
        entry = FileEntry(role=kind, title=title)  # type: ignore[arg-type]
        o.attachments.add_bytes(c, data, "材料.pdf", "application/pdf", entry)

    return on(letter, do), there(letter, lambda o, c: title in steps.titles(o, c))


def state_is_not(letter: str, *states: str) -> Done:
    """Whether a case has left these states."""
    return there(letter, lambda o, c: steps.state(o, c) not in states)


WAITING = ("received", "contacting", "deciding")


def has_draft(kind: str, letter: str) -> Done:
    """Whether something is being typed."""
    return there(letter, lambda o, c: o.drafts.get(kind, c) is not None)


def to_undo(p: Place) -> None:
    """A note that can be undone for a while yet."""
    desk = replace(p.desk, undo_window=dt.timedelta(hours=2))
    Office(desk).handling.add_note(p.case("A"), REASONS[2])


def last_command(p: Place) -> str:
    """The command written last."""
    rows = p.read(select(local.outbox.c.command_id).order_by(local.outbox.c.ordinal.desc()).limit(1))
    return str(rows[0].command_id)


def withdrawn(p: Place) -> bool:
    """Whether a command was taken back."""
    return bool(p.read(select(local.withdrawn_commands.c.command_id)))


def walk_in(p: Place) -> None:
    """来访登记."""
    entry = IntakeEntry(
        source="walk_in",
        dispute_kind="neighbour",
        title="栖霞路走廊堆物",
        claims="清走走廊里的杂物",
        facts="走廊堆物，行走不便。",
        parties=(new_party("applicant", 1), new_party("respondent", 2)),
        no_id_reasons=(("applicant", "证件不在身边"), ("respondent", "证件不在身边")),
        agreed_by_all=True,
    )
    p.office.intake.register(entry)


def walked_in(p: Place) -> bool:
    """Whether the registered case is here."""
    return bool(p.read(select(local.cases.c.case_id).where(local.cases.c.title == "栖霞路走廊堆物")))


def appointments(p: Place) -> list[str]:
    """The person's own appointments."""
    return [row.title for row in p.read(select(local.appointments.c.title))]


def tomorrow(p: Place, hour: int) -> dt.datetime:
    """An hour of tomorrow in Shanghai."""
    return shanghai(p.desk.clock.now()).replace(hour=hour, minute=0) + dt.timedelta(days=1)


def remove_appointment(p: Place) -> None:
    """The first appointment is off."""
    rows = p.read(select(local.appointments).where(local.appointments.c.title == "去社区"))
    p.office.agenda.remove(rows[0].appointment_id)


def photo() -> bytes:
    """A small picture with much behind it, so that it goes over the line in more than one piece."""
    out = io.BytesIO()
    Image.new("RGB", (40, 30), (90, 120, 60)).save(out, "JPEG")
    return out.getvalue() + hashlib.shake_128(b"photo").digest(1_300_000)


def waived(o: Office, c: str) -> bool:
    """Whether it stands that nobody had to be asked."""
    return any(body.what == "contact_waived" for _, body in o.cases.open(c).file.of_type(cf.Decision))


def denied(p: Place) -> None:
    """Somebody who may not see personal data asks for it: that leaves its trace."""
    who = person(p.office, p.case("A")).party_id
    desk = replace(p.desk, person=replace(p.desk.person, role="statistician"))
    with contextlib.suppress(NotPermittedError):
        Office(desk).reveal.field(p.case("A"), who, "phone", "contact")


act("reveal", on("A", steps.reveal), lambda p: p.audited("reveal.field") >= 1)
act("reveal case", on("A", lambda o, c: o.reveal.case(c, "contact")), lambda p: p.audited("reveal.case") >= 1)
act("contact", on("A", contacted), there("A", lambda o, c: steps.count(o, c, cf.Contact) == 1))
act("accept", on("A", lambda o, c: o.deciding.accept(c)), state_is_not("A", *WAITING))
act("note", said(REASONS[0]), noted(REASONS[0]))
act("plan session",
    lambda p: p.office.handling.plan_session(p.case("A"), tomorrow(p, 10), "第二调解室"),
    there("A", lambda o, c: o.cases.open(c).head.next_session_at is not None))  # fmt: skip
act("session", on("A", steps.session), there("A", lambda o, c: steps.count(o, c, cf.Session) == 1))
act(
    "photo",
    on(
        "A",
        lambda o, c: o.attachments.add_bytes(
            c, photo(), "吊顶.jpg", "image/jpeg", FileEntry(role="photo", title="吊顶照片", original="photo")
        ),
    ),
    there("A", lambda o, c: "吊顶照片" in steps.titles(o, c)),
)
act("reveal photo",
    on("A", lambda o, c: o.reveal.attachment(c, o.attachments.of_case(c)[0].sha256, "contact")),
    lambda p: p.audited("reveal.attachment") >= 1)  # fmt: skip
act("caucus", on("A", lambda o, c: o.caucus.write(c, REASONS[1])),
    there("A", lambda o, c: len(o.caucus.list(c)) == 1))  # fmt: skip
act("caucus more", on("A", lambda o, c: o.caucus.rewrite(o.caucus.list(c)[0].note_id, REASONS[1] * 2)))
act("typing", on("A", lambda o, c: o.drafts.save("note", c, {"text": "写到一半"})))
act("given up", on("A", lambda o, c: o.drafts.discard("note", c)))
act("draft", on("A", lambda o, c: o.agreeing.save_draft(steps.drafted(o, c))), has_draft("agreement", "A"))
act("finalise", on("A", steps.finalise), there("A", lambda o, c: bool(o.cases.open(c).head.agreement_id)))
act("sign", on("A", steps.sign), there("A", lambda o, c: steps.count(o, c, cf.Signature) == 4))
act("close", on("A", lambda o, c: o.closing.close(c, ClosingEntry("in_person"))), state_is_not("A", "agreed"))
act("edit", on("B", lambda o, c: o.parties.edit(c, person(o, c).party_id, {"phone": "13700000355"})),
    there("B", lambda o, c: person(o, c).phone == "13700000355"))  # fmt: skip
act("add party",
    on("B", lambda o, c: o.parties.add(c, msgspec.structs.replace(new_party("respondent", 1), case_id=c))),
    there("B", lambda o, c: len(o.cases.open(c).file.side("respondent")) >= 2))  # fmt: skip
act("rename", on("B", lambda o, c: o.handling.rename(c, "小区车位")),
    there("B", lambda o, c: o.cases.open(c).head.title == "小区车位"))  # fmt: skip
act("contact B", on("B", contacted), there("B", lambda o, c: steps.count(o, c, cf.Contact) == 1))
act("accept B", on("B", lambda o, c: o.deciding.accept(c)), state_is_not("B", *WAITING))
act("suspend", on("B", lambda o, c: o.handling.suspend(c, "送鉴定", o.desk.today())),
    there("B", lambda o, c: len(o.cases.open(c).head.suspensions) == 1))  # fmt: skip
act("resume clock", on("B", lambda o, c: o.handling.resume_clock(c, o.desk.today())),
    there("B", lambda o, c: o.cases.open(c).head.suspensions[0].last_day is not None))  # fmt: skip
act("fail", on("B", lambda o, c: o.closing.conclude(
        c, FailureEntry("failed", "双方意见差距大，无法达成一致", remedies=("向人民法院起诉",)))),
    state_is_not("B", "accepted", "mediating"))  # fmt: skip
act(
    "served",
    on("B", lambda o, c: o.closing.register_served(c)),
    there("B", lambda o, c: SERVED in notes(o, c)),
)
act(
    "resume",
    on("B", lambda o, c: o.closing.resume(c)),
    there("B", lambda o, c: any("再谈一次" in n for n in notes(o, c))),
)
act(
    "hand back",
    on("C", lambda o, c: o.deciding.hand_back(c, "不属于本机构受理范围")),
    state_is_not("C", *WAITING),
)
act(
    "propose",
    on("D", lambda o, c: o.deciding.propose_refusal(c, REFUSAL)),
    lambda p: p.audited("refusal.propose") >= 1,
)
act(
    "withdraw proposal",
    on("D", lambda o, c: o.deciding.withdraw_proposal(c)),
    has_draft("refusal", "D"),
)
act("contact D", on("D", contacted), there("D", lambda o, c: steps.count(o, c, cf.Contact) == 1))
act("refuse", on("D", lambda o, c: o.deciding.refuse(c, REFUSAL)), state_is_not("D", *WAITING))
act("waive", on("E", lambda o, c: o.deciding.waive_contact(c, "双方一起到场")), there("E", waived))
act("walk in", walk_in, walked_in)
act("note to undo", to_undo, lambda p: withdrawn(p) or noted(REASONS[2])(p))
act("undo", lambda p: casework.undo(p.desk, last_command(p)), withdrawn)
act(
    "appointment",
    lambda p: p.office.agenda.add(tomorrow(p, 9), "去社区"),
    lambda p: "去社区" in appointments(p),
)
act("remove appointment", remove_appointment, lambda p: "去社区" not in appointments(p))
act(
    "today",
    lambda p: p.office.today.add_appointment(tomorrow(p, 11), "接待"),
    lambda p: "接待" in appointments(p),
)
act("export", lambda p: Exporting(p.desk).cases(CaseQuery()), lambda p: p.audited("case.export") >= 1)
act("denied", denied, lambda p: p.audited("reveal.denied") >= 1)
act("personal", lambda p: p.office.settings.change_personal(scale=125))
act("backup policy", lambda p: p.office.backups.change_policy(days=6))
act("retry", lambda p: p.office.sync_centre.retry_now())
act("second sync", Place.sync)
