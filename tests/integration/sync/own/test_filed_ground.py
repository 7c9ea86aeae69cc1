"""An application at the court holds the agreement it rests on, also where nobody here knows of it.

再谈一次, another version, another day of a signature: with the application known they are refused in words;
not known, the platform refuses them; and after a restore each computer brings its own, whoever comes first.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping

import msgspec
import pytest
from sqlalchemy import update

from app.domain import agreement as rules
from app.domain.errors import StateError
from app.domain.unsent import GROUND_MOVED
from app.domain.workdays import short_date
from app.services.agreeing import Agreeing, SignatureEntry
from app.services.agreement_list import AgreementList
from app.services.cases import Cases
from app.services.closing import Closing
from app.services.filing import Filing
from app.services.lost_work import KEPT
from app.services.office import Office as Services
from app.services.sync_centre import SyncCentre
from app.storage.tables import filings
from tests.helpers.clients import Office
from tests.helpers.filings import agreed_case, confirming, counts_are_the_rows, prepare_filing, signed
from tests.helpers.restored import a_day_later, at_the_platform, in_turn, lodge, states
from tests.helpers.sandbox import Sandbox
from ui.pages.agreement_editor_data import read

Act = Callable[[Office, str], object]


def effective_day(office: Office, case_id: str) -> str:
    """From which day the agreement holds, as people write it."""
    effect = rules.effectiveness_of(office.file(case_id))
    assert effect is not None
    assert effect.complete_on is not None
    return short_date(effect.complete_on, office.desk.today())


def talk_again(office: Office, case_id: str) -> object:
    """再谈一次."""
    return Closing(office.desk).resume(case_id)


def another_version(office: Office, case_id: str) -> object:
    """A next version is fixed."""
    agreeing = Agreeing(office.desk)
    draft = msgspec.structs.replace(agreeing.draft(case_id), performance="分两次付清。")
    return agreeing.finalise(draft, wants_confirmation=True, overrides=("照样",))


def another_day(office: Office, case_id: str, back: int = 1) -> object:
    """The mediator's signature bears an earlier day: the paper too, as the check demands."""
    day = office.desk.today() - dt.timedelta(days=back)
    return Agreeing(office.desk).register_signatures(case_id, (SignatureEntry("mediator", day),))


ACTS: dict[str, Act] = {
    "case.resume": talk_again, "agreement.finalise": another_version, "signature.register": another_day,
}  # fmt: skip


Filable = Mapping[str, str]
"""A case for each of the three, whose agreement is in force and whose pack is ready."""


@pytest.fixture
def filable(ready: Office, other: Office, sandbox: Sandbox) -> Filable:
    """On both computers, and in the platform's backup."""
    for _ in ACTS:
        sandbox.control("dispatch", kind="leak")
    ready.good_run()
    found = {}
    for kind in ACTS:
        found[kind] = agreed_case(ready, close=False, days_ago=5)
    for _ in range(2):
        ready.good_run()
    for case_id in found.values():
        prepare_filing(ready, case_id)
    for one in (ready, other):
        one.good_run()
    sandbox.control("backup")
    return found


def refused(office: Office, kind: str, case_id: str) -> str:
    """The words of the row that was not taken, whose command the platform rejected."""
    rows = SyncCentre(office.desk).rows("needs_you")
    (row,) = [row for row in rows if (row.kind, row.case_id) == ("command", case_id)]
    last = [one for one in office.outbox() if (one.kind, one.case_id) == (kind, case_id)][-1]
    assert (last.state, last.error_code) == ("rejected", "filed_meanwhile")
    assert (row.page, row.action) == ("confirmation", "看原因"), "nothing is lacking"
    counts_are_the_rows(office)
    return row.why


def quiet(*offices: Office) -> None:
    """Nobody is asked for anything, and nothing waits."""
    for office in offices:
        counts = SyncCentre(office.desk).counts()
        assert (counts.needs_you, counts.waiting) == (0, 0)


Ground = tuple[str, str, dict[str, dt.date]]


def ground(office: Office, filable: Filable) -> dict[str, Ground]:
    """What each application rests on, at the platform: state, agreement, and the days of the signatures."""
    found: dict[str, Ground] = {}
    for case_id in filable.values():
        file = office.shadow(case_id)
        signed = rules.signed(file, file.head.agreement_id)
        days = {rules.place_of(made): made.on for _, made in signed}
        found[case_id] = file.head.state, file.head.agreement_id, days
    return found


def act(office: Office, filable: Filable) -> None:
    """Each of the three, in its case."""
    for kind, one in ACTS.items():
        one(office, filable[kind])
    office.later(60)


def lodge_all(office: Office, filable: Filable) -> dict[str, str]:
    """All three applications at the court; their ids by case."""
    return {case_id: lodge(office, case_id) for case_id in filable.values()}


def let_go(sandbox: Sandbox, submission_ids: Iterable[str]) -> None:
    """The court permits the withdrawals."""
    for submission_id in submission_ids:
        sandbox.control(f"court/{submission_id}/permit-withdrawal")


def test_known_here_it_is_refused_before_anything_is_written(
    ready: Office, filable: Filable, sandbox: Sandbox
) -> None:
    case_id, still_here = list(filable.values())[:2]
    mine = lodge(ready, case_id)
    Filing(ready.desk).lodge(still_here)
    before, written = ground(ready, filable), len(ready.outbox())
    agreeing, today = Agreeing(ready.desk), ready.desk.today()
    for one, sent in ((case_id, True), (still_here, False)):
        agreeing.save_draft(msgspec.structs.replace(agreeing.draft(one), performance="分两次付清。"))
        for kind, verb in ACTS.items():
            with pytest.raises(StateError) as caught:
                verb(ready, one)
            told = caught.value.message
            assert "这份协议的司法确认申请" in told
            assert "撤回申请" in told
            assert ("法院已收到" in told, "法院准许后" in told) == (sent, sent), kind
        assert agreeing.draft(one).performance == "分两次付清。", "what was typed stays"
        assert "撤回" in read(Services(ready.desk), one, fresh=False).why_fixed
    # A place that had none moves no day, and the same day again is no other.
    agreeing.register_signatures(
        case_id, (SignatureEntry("recorder", today), SignatureEntry("mediator", today))
    )
    assert len(ready.outbox()) == written + 2
    assert ground(ready, filable) == before
    # Taken back here, or let go by the court, it holds nothing any more.
    for one in (case_id, still_here):
        Filing(ready.desk).withdraw(one)
    ready.good_run()
    with pytest.raises(StateError):
        talk_again(ready, case_id)
    let_go(sandbox, [mine])
    ready.good_run()
    for one in (case_id, still_here):
        another_day(ready, one)
        talk_again(ready, one)
    ready.later(60)
    in_turn(ready)
    quiet(ready)
    assert [ready.shadow(one).head.state for one in (case_id, still_here)] == ["mediating"] * 2


def test_not_known_the_platform_refuses_it(
    ready: Office, other: Office, filable: Filable, sandbox: Sandbox
) -> None:
    """Also after a restore, whoever comes first: the court's register has the application."""
    act(other, filable)
    applications = lodge_all(ready, filable)
    before = ground(ready, filable)
    other.good_run()
    said = {kind: refused(other, kind, case_id) for kind, case_id in filable.items()}
    for why in said.values():
        assert "法院正在办这份协议的司法确认申请" in why
        assert "撤回申请" in why
        assert "知道了，收起" in why
    for first, second in ((other, ready), (ready, other)):
        sandbox.control("restore")
        in_turn(first, second)
        assert ground(ready, filable) == ground(other, filable) == before
        for kind, case_id in filable.items():
            assert refused(other, kind, case_id).startswith("法院正在办这份协议的司法确认申请")
        for one in applications.values():
            assert states(at_the_platform(ready, one)) == ["lodged"]
        quiet(ready)


def test_a_ruling_that_confirms_it_holds_it_too(
    ready: Office, other: Office, filable: Filable, sandbox: Sandbox
) -> None:
    """Written by one who knew neither of them; and where they are known nothing is written at all."""
    act(other, filable)
    applications = lodge_all(ready, filable)
    for one in applications.values():
        sandbox.control(f"court/{one}/accept")
        sandbox.control(f"court/{one}/confirm")
    before = ground(ready, filable)
    other.good_run()
    for kind, case_id in filable.items():
        why = refused(other, kind, case_id)
        assert "已经有了确认的裁定" in why
        assert "记一笔" in why
    in_turn(ready, other)
    assert ground(ready, filable) == ground(other, filable) == before
    for kind, verb in ACTS.items():
        with pytest.raises(StateError, match="已经有了确认的裁定"):
            verb(ready, filable[kind])
        assert (
            read(Services(ready.desk), filable[kind], fresh=False).why_fixed == "这份协议已经有了确认的裁定"
        )
    # The platform forgets both; the court's register does not.
    sandbox.control("restore")
    other.good_run()
    for kind, case_id in filable.items():
        assert "已经有了确认的裁定" in refused(other, kind, case_id)
    in_turn(ready, other)
    assert ground(other, filable) == before


def test_what_came_before_the_application_stands(ready: Office, other: Office, filable: Filable) -> None:
    """Sent first it is taken: the application goes once its person has read of it, or is told that its
    agreement stands no more."""
    mine = {kind: Filing(ready.desk).lodge(case_id).value for kind, case_id in filable.items()}
    days = [effective_day(other, filable["signature.register"])]
    act(other, filable)
    signed(other, filable["signature.register"], days_ago=1)
    in_turn(other, ready)
    quiet(other)
    assert {one.state for one in other.outbox()} == {"delivered"}
    stopped = f"filing:{mine['signature.register']}"
    centre = SyncCentre(ready.desk)
    (row,) = [one for one in centre.rows("needs_you") if one.row_id == stopped]
    days.append(effective_day(other, filable["signature.register"]))
    assert row.why.startswith(f"您提交申请时还没有看到{other.desk.person.name}"), row.why
    assert (row.page, row.action) == ("confirmation", "去核对"), "nothing is lacking"
    assert f"由{days[0]}变成{days[1]}" in row.why, row.why
    assert f"调解员签名、调解组织印章由{days[0]}改成{days[1]}" in row.why, row.why
    assert "停下" in [line.label for line in centre.explain(stopped)], "the platform has answered nothing"
    assert not ready.shadow(filable["signature.register"]).submissions, "nothing goes out unseen"
    view = Filing(ready.desk).prepare(filable["signature.register"])
    assert (view.job, view.job_code, view.job_error) == ("failed", GROUND_MOVED, row.why)
    counts_are_the_rows(ready)
    # It is not called on its way anywhere: the period runs, and it waits for its author.
    task = confirming(ready.desk, view.file.head.case_id)
    assert (task.verb, task.action, task.waiting_for) == ("核对司法确认申请", "去核对", "")
    assert "停下了，签名盖章改过，等您核对" in task.reason
    (line,) = [one for one in AgreementList(ready.desk).overview().acting if one.case_id == task.case_id]
    assert (line.group, line.state, line.due_on) == ("stuck", "等您核对", task.due_on)
    centre.retry_now(stopped)
    task = confirming(ready.desk, line.case_id)
    assert (task.verb, task.waiting_for) == ("发出司法确认申请", "send"), "said so, it goes by itself"
    in_turn(ready)
    went = {kind: states(at_the_platform(ready, one)) for kind, one in mine.items()}
    assert went == {"case.resume": [], "agreement.finalise": [], "signature.register": ["lodged"]}


def test_in_doubt_it_rests_on_what_was_seen_when_it_was_handed_over(
    ready: Office, other: Office, filable: Filable
) -> None:
    """The line broke at the lodging, and a day is moved before it is asked about: it does not go on that."""
    case_id = filable["signature.register"]
    mine = Filing(ready.desk).lodge(case_id).value
    doubt = update(filings).where(filings.c.submission_id == mine).values(job="unknown")
    ready.desk.store.write(lambda conn: conn.execute(doubt) and None)
    another_day(other, case_id)
    signed(other, case_id, days_ago=1)
    in_turn(other, ready)
    assert states(at_the_platform(ready, mine)) == []
    view = Filing(ready.desk).prepare(case_id)
    assert (view.job, view.job_code) == ("failed", GROUND_MOVED)
    stopped = f"filing:{mine}"
    (row,) = [one for one in SyncCentre(ready.desk).rows("needs_you") if one.row_id == stopped]
    assert row.asks
    with pytest.raises(StateError, match="没有改动"):
        SyncCentre(ready.desk).put_aside(stopped)
    SyncCentre(ready.desk).retry_now(stopped)
    in_turn(ready)
    assert states(at_the_platform(ready, mine)) == ["lodged"]


def test_a_day_put_right_before_the_application_comes_back_after_it(
    ready: Office, other: Office, filable: Filable, sandbox: Sandbox
) -> None:
    """The application stood on it when it went: coming again later, it moves nothing under it."""
    case_id = filable["signature.register"]
    another_day(other, case_id)
    other.later(60)
    in_turn(other, ready)
    mine = lodge(ready, case_id)
    in_turn(ready, other)
    before = ground(ready, filable)
    sandbox.control("restore")
    in_turn(ready, other)
    assert states(at_the_platform(ready, mine)) == ["lodged"]
    assert ground(ready, filable) == ground(other, filable) == before
    quiet(ready, other)


@pytest.mark.parametrize("how", ["the court tells it again", "the platform asks the court"])
def test_written_after_the_withdrawal_it_waits_for_it(
    ready: Office, other: Office, filable: Filable, sandbox: Sandbox, how: str
) -> None:
    """The platform has the application again, and not yet its end: nothing is refused for good."""
    applications = lodge_all(ready, filable)
    sandbox.control("backup")
    for case_id in filable.values():
        Filing(ready.desk).withdraw(case_id)
    ready.good_run()
    let_go(sandbox, applications.values())
    in_turn(ready, other)
    act(other, filable)
    in_turn(other, ready)
    before = ground(other, filable)
    sandbox.control("restore")
    in_turn(other, ready)
    waiting = [row.why for row in SyncCentre(other.desk).rows("waiting") if row.kind == "command"]
    assert waiting == [f"等平台向法院问回这份申请的结果。{KEPT}"] * len(filable)
    assert SyncCentre(other.desk).counts().needs_you == 0
    if how == "the court tells it again":
        let_go(sandbox, applications.values())
    else:
        a_day_later(ready, other)
    other.later(4000)
    in_turn(other, ready)
    assert ground(ready, filable) == ground(other, filable) == before
    quiet(ready, other)


def test_whose_lost_entry_of_a_signature_an_application_waits_for_is_told(
    ready: Office, other: Office, sandbox: Sandbox
) -> None:
    case_id = agreed_case(ready, close=False, days_ago=5)
    in_turn(ready, other)
    prepare_filing(ready, case_id)
    in_turn(ready, other)
    sandbox.control("backup")
    another_day(other, case_id, 2)
    in_turn(other, ready)
    mine = Filing(ready.desk).lodge(case_id).value
    sandbox.control("restore")
    in_turn(ready)
    who = other.desk.person.name
    said = f"没有提交，在等{who}的电脑补回签名盖章登记"
    tasks = {task.kind: task for task in Cases(ready.desk).open(case_id).plan.tasks}
    assert said in tasks["confirm"].reason
    assert not tasks["confirm"].waiting, "somebody is to be rung up"
    (row,) = (row for row in SyncCentre(ready.desk).rows("waiting") if row.kind == "filing")
    assert (row.why.startswith(f"在等{who}的电脑"), row.page) == (True, "confirmation")
    counts_are_the_rows(ready)
    in_turn(other, ready)
    assert "lodged" in states(at_the_platform(ready, mine))
    assert "confirm" not in {task.kind for task in Cases(ready.desk).open(case_id).plan.tasks}
