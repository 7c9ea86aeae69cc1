"""One computer registers the signatures of an agreement, another replaces it: nobody's work goes unsaid.

人民调解法 31: what the parties have signed binds them. Neither order of arrival may set it aside in silence.
"""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from app.domain import agreement as rules
from app.domain import commands as cmd
from app.domain.errors import StateError
from app.services.agreeing import Agreeing, SignatureEntry
from app.services.closing import Closing, ClosingEntry
from app.services.resolving import Resolving
from app.services.sync_centre import SyncCentre
from tests.helpers.clients import Office
from tests.helpers.decisions import agreement, finalise, first_view, sign_all


def waiting_for_signatures(ready: Office, other: Office, *, days_ago: int = 0) -> str:
    """A case 待签署, known on both computers, its paper of some days ago."""
    case_id = ready.case_ids("accepted", "mediating")[0]
    made = agreement(ready, case_id, "agreement-two", 500_00)
    dated = ready.desk.today() - dt.timedelta(days=days_ago) if days_ago else None
    finalise(ready, case_id, msgspec.structs.replace(made, dated_on=dated))
    ready.good_run()
    other.good_run()
    return case_id


def replace(office: Office, case_id: str) -> None:
    """再谈一次, then another version."""
    Closing(office.desk).resume(case_id)
    finalise(office, case_id, agreement(office, case_id, "agreement-three", 300_00))


def refused(office: Office) -> list[cmd.Command]:
    return [cmd.decode(row.bytes) for row in office.outbox() if row.state == "rejected"]


def test_what_was_signed_meanwhile_is_not_replaced_unseen(ready: Office, other: Office) -> None:
    case_id = waiting_for_signatures(ready, other)
    sign_all(ready, case_id, "agreement-two")
    replace(other, case_id)
    ready.good_run()
    other.good_run()
    ready.good_run()
    for office in (ready, other):
        head = office.shadow(case_id).head
        assert (head.state, head.agreement_id) == ("agreed", "agreement-two")
    assert rules.effectiveness_of(ready.file(case_id)).is_effective
    resolving, view = Resolving(other.desk), first_view(other)
    told = {one.name: (one.mine, one.theirs) for one in view.act.differences}
    assert told.keys() == {"案件状态", "签名盖章"}, "the agreement itself is the same on both"
    mine, theirs = told["签名盖章"]
    assert mine.startswith(f"您再谈时还没有收到{ready.desk.person.name} ")
    assert (mine.endswith(" 登记的签名盖章"), theirs) == (True, "已登记 4 处")
    states = {row.kind: row.state for row in other.outbox() if row.case_id == case_id}
    assert (states["case.resume"], states["agreement.finalise"]) == ("conflict", "conflict")
    for _ in range(2):
        resolving.resolve(resolving.open_ids()[0], "theirs")
    assert resolving.open_ids() == ()
    other.good_run()
    assert other.shadow(case_id).head.agreement_id == "agreement-two"


def test_who_has_read_that_it_is_signed_may_talk_again(ready: Office, other: Office) -> None:
    case_id = waiting_for_signatures(ready, other)
    sign_all(ready, case_id, "agreement-two")
    Closing(other.desk).resume(case_id)
    ready.good_run()
    other.good_run()
    view = first_view(other)
    assert view.mine_possible
    assert "平台上的" not in view.note
    Resolving(other.desk).resolve(view.conflict_id, "mine")
    other.good_run()
    assert other.shadow(case_id).head.state == "mediating"
    assert Resolving(other.desk).open_ids() == ()


def test_a_new_version_alone_conflicts_with_signatures_too(ready: Office, other: Office) -> None:
    case_id = waiting_for_signatures(ready, other)
    sign_all(ready, case_id, "agreement-two")
    finalise(other, case_id, agreement(other, case_id, "agreement-three", 300_00))
    ready.good_run()
    other.good_run()
    view = first_view(other)
    assert other.shadow(case_id).head.agreement_id == "agreement-two"
    assert "已登记 4 处签名盖章" in view.why_not_mine


def test_signatures_of_a_replaced_text_are_refused_in_words(ready: Office, other: Office) -> None:
    case_id = waiting_for_signatures(ready, other)
    sign_all(ready, case_id, "agreement-two")
    replace(other, case_id)
    other.good_run()
    ready.good_run()
    lost = refused(ready)
    assert [one.kind for one in lost] == ["signature.register"] * 4
    rows = SyncCentre(ready.desk).rows("needs_you")
    assert len(rows) == 4
    assert all("没有收下" in row.why and "再定稿一次" in row.why for row in rows)
    here = ready.file(case_id).records
    assert all(one.payload.record.record_id in here for one in lost), "what was registered stays readable"
    assert ready.shadow(case_id).head.agreement_id == "agreement-three"


def test_signatures_while_the_parties_talk_again_are_refused(ready: Office, other: Office) -> None:
    case_id = waiting_for_signatures(ready, other)
    sign_all(ready, case_id, "agreement-two")
    Closing(other.desk).resume(case_id)
    other.good_run()
    ready.good_run()
    assert len(refused(ready)) == 4
    assert "调解中" in SyncCentre(ready.desk).rows("needs_you")[0].why
    with pytest.raises(StateError, match="先定稿"):
        sign_all(ready, case_id, "agreement-two")


def test_closing_on_a_replaced_text_is_a_conflict(ready: Office, other: Office) -> None:
    case_id = waiting_for_signatures(ready, other)
    sign_all(ready, case_id, "agreement-two")
    Closing(ready.desk).close(case_id, ClosingEntry("in_person"))
    finalise(other, case_id, agreement(other, case_id, "agreement-three", 300_00))
    other.good_run()
    ready.good_run()
    assert ready.shadow(case_id).head.state == "agreed"
    view = first_view(ready)
    assert not view.mine_possible
    assert "还没有签齐" in view.why_not_mine


def first_day(office: Office, case_id: str) -> dt.date:
    """The day of the paper."""
    file = office.file(case_id)
    return rules.paper_day(file.agreements[file.head.agreement_id])


def register(office: Office, case_id: str, later: int) -> None:
    """The mediator signed so many days after the day of the paper."""
    day = first_day(office, case_id) + dt.timedelta(days=later)
    Agreeing(office.desk).register_signatures(case_id, (SignatureEntry("mediator", day),))


def signed_on(office: Office, case_id: str) -> int:
    """How many days after the day of the paper the mediator signed, as it counts here."""
    file = office.file(case_id)
    (*_, (_record, last)) = rules.signed(file, file.head.agreement_id)
    return (last.on - first_day(office, case_id)).days


@pytest.mark.parametrize("known", [True, False])
def test_the_day_of_a_signature_is_not_moved_unseen(ready: Office, other: Office, *, known: bool) -> None:
    """The clocks do not decide it, and who registered another day is told, and can put it right."""
    case_id = waiting_for_signatures(ready, other, days_ago=9)
    if known:
        register(ready, case_id, 6)
        ready.good_run()
        other.good_run()
    register(other, case_id, 2)
    ready.later(3600)
    register(ready, case_id, 4)
    other.good_run()
    ready.good_run()
    assert (signed_on(ready, case_id), signed_on(other, case_id)) == (2, 2)
    assert [one.kind for one in refused(ready)] == ["signature.register"]
    (row,) = SyncCentre(ready.desk).rows("needs_you")
    assert "调解员签名这一处" in row.why
    assert "登记生效日" in row.why
    assert row.page == "effective", "the button leads to the page of the days"
    register(ready, case_id, 4)
    ready.good_run()
    other.good_run()
    assert (signed_on(ready, case_id), signed_on(other, case_id)) == (4, 4)
    assert SyncCentre(ready.desk).counts().needs_you == 0
    assert ready.everything() == other.everything()


def test_a_day_put_right_counts_whatever_the_clocks_say(ready: Office, other: Office) -> None:
    """Both registered the same; one of them puts it right with a clock that is behind."""
    case_id = waiting_for_signatures(ready, other, days_ago=9)
    register(other, case_id, 6)
    ready.later(7200)
    register(ready, case_id, 6)
    ready.good_run()
    other.later(60)
    register(other, case_id, 3)
    other.good_run()
    ready.good_run()
    assert refused(other) == []
    assert (signed_on(ready, case_id), signed_on(other, case_id)) == (3, 3)
    assert ready.everything() == other.everything()


def sign_for(office: Office, case_id: str, signer: str) -> None:
    """The first party's place, today: signed by the party itself, or by its agent."""
    party_id = office.file(case_id).side("applicant")[0].party_id
    entry = SignatureEntry(signer, office.desk.today(), party_id)  # type: ignore[arg-type]
    Agreeing(office.desk).register_signatures(case_id, (entry,))


def test_who_signed_is_not_moved_unseen(ready: Office, other: Office) -> None:
    """本人签 and 代理人签 on one day: what the paper needs hangs on it, so the later to come is told."""
    case_id = waiting_for_signatures(ready, other)
    sign_for(ready, case_id, "party")
    other.later(600)
    sign_for(other, case_id, "agent")
    ready.good_run()
    other.good_run()
    ready.good_run()
    (row,) = SyncCentre(other.desk).rows("needs_you")
    assert "本人签，您登记的是" in row.why
    assert "代理人签，没有收下" in row.why
    for office in (ready, other):
        file = office.file(case_id)
        assert [one.signer for _, one in rules.signed(file, "agreement-two")] == ["party"]
    # Seen, it is put right in the place of what stands.
    sign_for(other, case_id, "agent")
    other.good_run()
    ready.good_run()
    file = ready.file(case_id)
    assert rules.effectiveness_of(file).places[0].by == "agent"
    assert SyncCentre(other.desk).counts().needs_you == 0
