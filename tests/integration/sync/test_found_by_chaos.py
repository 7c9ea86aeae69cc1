"""What the harness found, each as the short sequence that shows it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from app.services.held_filings import AGREEMENT_LOST, NOT_BACK
from app.storage.tables import filings, outbox
from sync.engine.filing_words import LODGED_ELSEWHERE, NOT_LODGED_AGAIN, WAIT_BEHIND
from sync.sandbox import tables as t
from sync.sandbox.accounts import home_id
from tests.harness.acts import cases_here, open_cases
from tests.harness.claims import platform_rows
from tests.harness.draw import ASKED, ELSEWHERE_ASKED
from tests.harness.play import Play
from tests.harness.steps import Act, Elsewhere, Everybody, Exchange, Lose, Pass, Skew, Step
from tests.harness.world import a_world, make_template

TEN_YEARS = 3650 * 86400


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template(tmp_path_factory.mktemp("world") / "template")


@pytest.fixture
def play(template: Path, tmp_path: Path) -> Iterator[Play]:
    with a_world(template, tmp_path / "world") as world:
        yield Play(world)


def outcomes(play: Play, *steps: Step) -> list[str]:
    """What became of each step; afterwards all comes to rest, and every invariant must hold."""
    for step in steps:
        play.take(step)
    came = [line.rpartition(" -> ")[2] for line in play.trace]
    play.rest()
    return came


def test_an_undo_takes_no_file_out_of_an_application_on_its_way(play: Play) -> None:
    assert outcomes(play, Act(0, "lodge"), Act(0, "undo"), Pass(60), Exchange(0)) == [
        "done", "E-FILED", "done", "whole",
    ]  # fmt: skip
    assert len(play.world.court) == 1


def test_an_application_on_a_case_taken_back_does_not_wait_for_ever(play: Play) -> None:
    outcomes(play, Act(0, "lodge"), Elsewhere("withdraw"), Pass(60), Exchange(0))
    assert not play.world.court


def test_of_two_agreements_the_one_not_taken_leaves_no_application_behind(play: Play) -> None:
    outcomes(play, Act(0, "lodge"), Act(1, "lodge"), Pass(60), Exchange(0), Exchange(1))
    assert len(play.world.court) == 1


def test_a_case_taken_back_between_a_restore_and_the_next_contact_goes_everywhere(play: Play) -> None:
    outcomes(play, Elsewhere("restore"), Elsewhere("withdraw"))
    assert [len(cases_here(pc)) for pc in play.world.computers] == [1, 1, 1]


@pytest.mark.parametrize("skew", [TEN_YEARS, -TEN_YEARS])
def test_words_written_on_a_wrong_clock_go_out_once_it_is_right(play: Play, skew: int) -> None:
    outcomes(play, Skew(0, skew), Act(0, "note"), Act(0, "address", value=1), Exchange(0))


def test_the_court_has_one_application_although_the_platform_forgot_the_first(play: Play) -> None:
    outcomes(
        play, Act(0, "agree"), Pass(11), Everybody(), Everybody(), Elsewhere("backup"), Act(0, "lodge"),
        Pass(11), Exchange(0), Elsewhere("restore"), Act(1, "lodge"), Pass(11), Exchange(1),
    )  # fmt: skip
    assert len({one[-1] for one in play.world.court}) == 1


def test_a_file_whose_reply_was_lost_is_stored_again_by_a_platform_that_forgot_it(play: Play) -> None:
    outcomes(
        play, Act(2, "attach", value=1), Exchange(2, ("",) * 5 + ("lose_reply",), wait=11),
        Elsewhere("restore"),
    )  # fmt: skip


def test_a_decision_chosen_whole_holds_up_no_application_any_more(play: Play) -> None:
    outcomes(play, Act(1, "lodge", value=2), Act(0, "lodge", value=1), Exchange(1, platform_end=3, wait=11))
    assert len(play.world.court) == 1


def test_an_agreement_that_a_restore_let_come_second_leaves_no_application_waiting(play: Play) -> None:
    outcomes(
        play, Act(0, "lodge", value=3), Act(2, "lodge", value=1), Exchange(0, beside=(2, 0), wait=320),
        Elsewhere("restore", value=5),
    )  # fmt: skip


def test_a_decision_given_again_after_its_refusal_shows_as_the_ledger_has_it(play: Play) -> None:
    outcomes(
        play, Act(1, "lodge", value=1), Elsewhere("withdraw", which=2, value=6),
        Exchange(2, beside=(1, 2), wait=320), Act(1, "agree", value=2),
    )  # fmt: skip


@pytest.mark.parametrize(("end", "again"), [(17, 7), (11, 3)])
def test_a_decision_given_again_by_an_act_that_is_cut_shows_as_the_ledger_has_it(
    play: Play, end: int, again: int
) -> None:
    outcomes(
        play, Act(0, "agree", which=2, value=2), Elsewhere("withdraw", value=1),
        Exchange(0, end=end, wait=320), Act(0, "lodge", value=1, end=again),
    )  # fmt: skip


def test_what_a_restore_lets_wait_again_is_shown_as_waiting(play: Play) -> None:
    outcomes(
        play, Act(2, "supplement", which=2, value=3), Exchange(2, beside=(1, 8), wait=320),
        Elsewhere("restore", value=4), Exchange(2, end=3),
    )  # fmt: skip


def test_a_file_asked_for_again_after_a_restore_is_not_called_delivered_beside_new_words(play: Play) -> None:
    outcomes(
        play, Act(1, "supplement", value=2, end=24), Exchange(1, beside=(2, 4), wait=11),
        Act(1, "phone", value=3), Elsewhere("restore", value=1),
        Exchange(1, ("", "", "", "foreign_json"), end=10),
    )  # fmt: skip


def test_a_restore_met_by_a_computer_and_a_platform_that_end_shows_what_waits(play: Play) -> None:
    outcomes(
        play, Act(0, "supplement", value=3), Skew(0, TEN_YEARS), Exchange(0), Elsewhere("restore", value=3),
        Exchange(0, ("", "", "refused"), end=3, platform_end=5, wait=11),
    )  # fmt: skip


def test_a_case_that_a_restored_platform_has_again_is_not_taken_back_any_more(play: Play) -> None:
    outcomes(
        play, Act(1, "phone", value=2), Elsewhere("withdraw", which=2, value=5),
        Exchange(1, ("", "", "", "", "", "untrusted")), Elsewhere("restore", value=5),
    )  # fmt: skip
    assert [len(cases_here(pc)) for pc in play.world.computers] == [2, 2, 2]


def test_words_on_a_case_that_the_platform_forgot_wait_until_it_has_the_case_again(play: Play) -> None:
    world, pc = play.world, play.world.computers[2]
    play.take(Elsewhere("dispatch", value=6))
    play.take(Exchange(2, wait=11))
    (case_id,) = set(open_cases(world)) - set(cases_here(world.computers[0]))
    forgotten = platform_rows(world, select(t.docs).where(t.docs.c.case_id == case_id))
    outcomes(play, Elsewhere("restore", value=3), Act(2, "address", which=2, value=1))
    (row,) = pc.office.sync_centre.rows("waiting")
    assert row.case_id == case_id
    assert "等平台补回这件案件，请联系平台" in row.why
    with world.platform.store.write(world.clock.now()) as tx:
        for doc in sorted(forgotten, key=lambda doc: doc.entity != "case"):
            home = home_id(tx.conn) if doc.entity == "case" else ""
            tx.put(doc.entity, doc.doc_id, case_id, json.loads(doc.body), by="platform", institution=home)
    play.rest()
    assert not world.lost_cases()
    assert not pc.office.sync_centre.rows("waiting")
    assert case_id in cases_here(world.computers[0])


def test_an_application_on_a_case_that_the_platform_lost_says_what_it_waits_for(play: Play) -> None:
    outcomes(
        play, Elsewhere("dispatch", value=3), Exchange(0, wait=320), Act(0, "lodge", which=2, value=2),
        Exchange(0, wait=320), Elsewhere("restore"), Exchange(0, wait=320),
    )  # fmt: skip
    filing = play.world.computers[0].office.sync_centre.rows("waiting")[-1]
    assert (filing.kind, "案件补回后自动提交" in filing.why) == ("filing", True)


def test_a_file_written_on_a_case_that_the_platform_lost_stays_where_it_was_written(play: Play) -> None:
    outcomes(
        play, Elsewhere("dispatch", which=2, value=1), Exchange(1, ("", "", "refused")),
        Act(1, "supplement", which=2), Elsewhere("restore", value=4),
    )  # fmt: skip
    rows = play.world.computers[1].office.sync_centre.rows("waiting")
    assert [row.kind for row in rows] == ["command", "upload"]


@pytest.mark.parametrize("requests", [10, 18, 20])
def test_an_application_whose_case_was_taken_back_last_does_not_keep_it_for_ever(
    play: Play, requests: int
) -> None:
    """However far it had come: with files to send, with all of them sent, with its list at the platform."""
    case_id = cases_here(play.world.computers[0])[0]
    cut = ("",) * requests + ("cut_request",) + ("refused",) * 5
    play.take(Act(0, "lodge"))
    play.take(Exchange(0, cut, wait=11))
    outcomes(play, Elsewhere("withdraw", which=open_cases(play.world).index(case_id)))
    assert [case_id in cases_here(pc) for pc in play.world.computers] == [False] * 3
    assert not play.world.court


def test_a_decision_that_a_restored_platform_disputes_in_less_tells_what_stands_there(play: Play) -> None:
    outcomes(
        play, Act(0, "lodge", end=3), Everybody(), Act(2, "lodge", value=3), Act(0, "lodge", value=3),
        Exchange(0, wait=320), Exchange(2, fates=("", "", "", "", "", "e503"), wait=11),
        Elsewhere("restore", which=1), Exchange(2, fates=("",), wait=11),
    )  # fmt: skip


def test_a_decision_disputed_by_its_state_is_disputed_by_its_text_after_another_restore(play: Play) -> None:
    outcomes(
        play, Act(2, "agree"), Exchange(2, beside=(1, 3), wait=11), Elsewhere("restore", which=1, value=3),
        Act(1, "agree", value=3), Act(2, "agree", value=2), Exchange(1, wait=11),
        Elsewhere("restore", value=2), Exchange(2),
        Exchange(1, fates=("", "", "", "", "", "captive_302"), wait=11),
    )  # fmt: skip


@pytest.mark.parametrize("followed", ["supplement", "take_back"])
def test_an_application_is_lodged_again_whatever_followed_it(play: Play, followed: str) -> None:
    """Only its last step was asked for again, which a platform that had forgotten the lodging refused."""
    for step in ASKED:
        play.take(step)
    outcomes(play, Act(0, followed), Exchange(0, wait=11), Elsewhere("restore"))
    (there,) = platform_rows(play.world, select(t.submissions).where(t.submissions.c.lodged == 1))
    receipts = json.loads(there.receipts)
    # The supplement is in the list with which it was lodged anew; that it was brought the court tells again.
    assert list(receipts) == ["lodge", "withdraw" if followed == "take_back" else "supplement-2"]
    (doc,) = platform_rows(play.world, select(t.docs).where(t.docs.c.entity == "submission"))
    assert json.loads(doc.body)["manifest_no"] == (1 if followed == "take_back" else 2)
    assert {one[-1] for one in play.world.court} == {there.submission_id}


def test_what_stands_against_a_value_moves_on_with_the_feed_even_when_the_program_ends(play: Play) -> None:
    """Ended between the last page and the look at the conflicts, it showed a value that was gone."""
    came = outcomes(
        play, Act(1, "address", value=1), Exchange(1, wait=320), Act(0, "address"), Act(1, "address", end=1),
        Everybody(), Exchange(0, end=3),
    )  # fmt: skip
    assert came[-1] == "ended"


def test_what_came_late_after_a_restore_is_heard_of_again(play: Play) -> None:
    """A message from before it, taken in anew before its sender comes: what was disputed there holds now."""
    outcomes(
        play, Act(2, "lodge", which=2), Exchange(2, wait=320), Elsewhere("restore", value=1),
        Act(1, "lodge", value=3), Exchange(2, fates=("", "held", "held", "held", "", "", "", ""), wait=11),
        Exchange(1, fates=("spoilt",) * 40, wait=320), Exchange(2), Elsewhere("restore", value=2),
    )  # fmt: skip


def test_what_follows_an_application_that_is_over_elsewhere_does_not_wait_for_ever(play: Play) -> None:
    """The court had done with it, as only the computer that lodged it had heard, which brings that back."""
    outcomes(
        play, Act(0, "agree"), Pass(11), Everybody(), Everybody(), Act(0, "lodge"), Exchange(0, wait=11),
        Elsewhere("court", value=1), Everybody(), Act(0, "supplement"), Exchange(0, wait=11),
        Elsewhere("court", value=5), Exchange(0), Act(1, "take_back"), Elsewhere("restore", which=2),
    )  # fmt: skip


def test_it_goes_by_itself_once_the_application_is_lodged_anew(play: Play) -> None:
    """Told that it waits for another computer, nobody has to ask for it a second time."""
    for step in (
        Act(0, "agree"), Pass(11), Everybody(), Everybody(), Act(0, "lodge"), Exchange(0, wait=11),
        Everybody(), Act(1, "take_back"), Elsewhere("restore", which=2), Exchange(1, wait=11),
    ):  # fmt: skip
        play.take(step)
    other = play.world.computers[1]

    def stands() -> tuple[str, str]:
        (row,) = other.read(select(filings.c.job, filings.c.error_text))
        return row.job, row.error_text

    assert stands() == ("waiting", LODGED_ELSEWHERE)
    play.take(Exchange(1, wait=320))
    assert stands() == ("failed", NOT_LODGED_AGAIN)
    outcomes(play, Exchange(0, wait=11), Exchange(1, wait=11), Exchange(1, wait=11))
    assert stands()[0] == "done"
    (there,) = platform_rows(play.world, select(t.submissions).where(t.submissions.c.lodged == 1))
    assert list(json.loads(there.receipts)) == ["lodge", "withdraw"]


def test_an_application_whose_agreement_was_forgotten_and_replaced_tells_so(play: Play) -> None:
    """Its agreement, another computer's, met one that had come first: it waited for it for ever."""
    outcomes(
        play, Elsewhere("restore", which=2, value=4), Act(2, "agree", value=2), Exchange(1, wait=320),
        Exchange(2), Exchange(0, beside=(1, 5), wait=320), Elsewhere("restore", which=2, value=4),
        Act(1, "lodge"), Exchange(1), Act(1, "lodge", value=2),
    )  # fmt: skip


def test_what_the_court_let_go_is_brought_back_with_its_end_to_a_restored_platform(play: Play) -> None:
    """The computer that did not hear of it before the restore hears of it, and its own step is over too."""
    steps = (
        Act(0, "lodge"), Exchange(0, wait=11), Elsewhere("court", value=1), Everybody(),
        Act(1, "take_back"), Exchange(1), Act(1, "supplement"), Elsewhere("restore"), Everybody(),
        Act(1, "take_back"), Elsewhere("court", value=5), Exchange(0), Elsewhere("restore"),
    )  # fmt: skip
    outcomes(play, *steps)
    (row,) = play.world.computers[1].read(select(filings))
    assert (row.job, row.error_code, row.state) == ("done", "", "withdrawn")


def test_an_application_on_a_forgotten_case_says_what_it_waits_behind(play: Play) -> None:
    """Its files cannot go before the case is back: 等材料传完 alone promised too much."""
    outcomes(
        play, Elsewhere("backup"), Elsewhere("dispatch"), Exchange(0, wait=11), Act(0, "lodge", 2),
        Elsewhere("restore"),
    )  # fmt: skip
    (row,) = play.world.computers[0].read(select(filings))
    assert (row.job, row.error_text) == ("waiting", WAIT_BEHIND)


def test_no_list_of_another_is_handed_in_as_ours(play: Play) -> None:
    """A colleague had put a list for the application that a restored platform forgot: it was handed in, and
    this computer's supplement, which is in no list, called delivered."""
    agreed = (Act(0, "agree"), Pass(11), Everybody(), Everybody())
    asked = (Act(0, "lodge"), Exchange(0, wait=11), Elsewhere("court", value=1), Everybody())
    both = (Act(1, "supplement", value=1), Act(0, "supplement", value=2), Elsewhere("restore"))
    outcomes(play, *agreed, *asked, *both, Exchange(1, wait=11), Exchange(0, wait=11))
    first, second = (pc.read(select(filings))[0] for pc in play.world.computers[:2])
    assert (first.job, second.error_code) == ("done", "supplemented_first")


def test_what_follows_an_acceptance_that_was_asked_about_waits_for_none_to_come(play: Play) -> None:
    """A restored platform held the session back for an acceptance that it had answered: nothing on the case
    went for a fortnight."""
    outcomes(
        play, Elsewhere("restore"), Exchange(0), Exchange(1), Act(2, "hand_back"), Exchange(2, wait=11),
        Act(0, "lodge", which=2, value=2), Exchange(0, wait=320),
    )  # fmt: skip
    rows = {row.kind: row for row in play.world.computers[0].read(select(outbox))}
    assert rows["session.record"].state == "delivered"


def test_a_supplement_given_up_at_a_restored_platform_has_its_application_asked_for(play: Play) -> None:
    """What it rests on counted as delivered, and the platform had nothing of it."""
    outcomes(play, *ELSEWHERE_ASKED, Elsewhere("restore"), Lose(1))
    (row,) = play.world.computers[0].read(select(filings))
    assert (row.wanted, row.job) == ("lodge", "done")


def test_a_supplement_of_what_went_with_a_burnt_computer_ends(play: Play) -> None:
    """The papers, the agreement and the application were its own, and a backup has none of them."""
    outcomes(play, *ASKED, Act(1, "supplement", value=1), Elsewhere("restore"), Lose(0))
    (row,) = play.world.computers[1].read(select(filings))
    assert (row.job, row.error_code, row.error_text) == ("settled", AGREEMENT_LOST, NOT_BACK)
