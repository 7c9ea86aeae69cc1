"""口头协议 and 司法确认: every place says what the institution's rule (``oral_confirmation``) says."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from pypdf import PdfReader

from app.domain.errors import StateError
from app.domain.filing import ORAL_PAPER
from app.services.agreeing import Agreeing
from app.services.agreement_list import AgreementLine, AgreementList
from app.services.case_clock import deadlines_of
from app.services.cases import Cases, CaseView
from app.services.closing import Closing, ClosingEntry
from app.services.desk import Desk
from app.services.filing import NOT_FOR_ORAL, Filing
from app.services.palette import Palette
from app.services.papers import Papers
from tests.helpers.agreements import CASE, spoken
from tests.helpers.desks import make_workplace
from ui.pages.case_steps import next_step, paper_ids

LAST = dt.date(2026, 12, 23)


@pytest.fixture(params=[False, True], ids=["not for the court", "may apply"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """A closed case with an oral agreement, in both settings of the rule."""
    place = make_workplace(tmp_path)
    rule = msgspec.structs.replace(place.desk.rules.oral_confirmation, value=request.param)
    rules = msgspec.structs.replace(place.desk.rules, oral_confirmation=rule)
    place.desk = replace(place.desk, practice=True, rules=rules)
    spoken(place)
    yield place.desk
    place.close()


def close(desk: Desk) -> CaseView:
    Closing(desk).close(CASE, ClosingEntry("in_person"))
    return Cases(desk).open(CASE)


def line(desk: Desk) -> AgreementLine:
    (found,) = AgreementList(desk).overview().lines
    return found


def test_list_counts_case_and_its_papers_say_the_same(desk: Desk) -> None:
    may = desk.rules.oral_confirmation.value
    view = close(desk)
    overview = AgreementList(desk).overview()
    assert (line(desk).group, line(desk).due_on) == (("clock", LAST) if may else ("oral", None))
    assert overview.headline == ("1 份在 30 日内" if may else "没有等着签或要确认的协议")
    assert bool(overview.acting) is may
    assert ("confirm" in [task.kind for task in view.plan.tasks]) is may
    kinds = {due.kind: due.due_on for due, _ in deadlines_of(view.file, desk)}
    assert kinds.get("confirmation") == (LAST if may else None)
    step = next_step(view)
    assert step is not None
    assert step.text == ("准备司法确认" if may else "看协议")
    papers = set(paper_ids(view, desk.rules))
    assert papers & {"F06", "F07", "P15", "P16"} == ({"F07", "P15", "P16"} if may else {"F07"})
    (paper,) = Palette(desk).papers("提交司法确认")
    assert bool(paper.why_not) is not may


def test_the_application_and_its_pack_follow_the_rule(desk: Desk) -> None:
    filing = Filing(desk)
    if not desk.rules.oral_confirmation.value:
        with pytest.raises(StateError, match="先补成书面协议") as refused:
            filing.prepare(CASE)
        assert refused.value.code == NOT_FOR_ORAL
        close(desk)
        with pytest.raises(StateError, match="机构设定不申请司法确认") as told:
            filing.prepare(CASE)
        assert "补成书面" not in told.value.message, "a closed case's agreement is not written anew"
        return
    view = filing.prepare(CASE)
    assert view.clock.reminds is not None
    assert view.clock.reminds.due_on == LAST
    (paper,) = (item.material for item in view.materials if item.material.code == "agreement")
    assert (paper.name, paper.form) == (ORAL_PAPER, "F07")
    assert f"还缺：{ORAL_PAPER}" in view.blocked
    application = text_of(Papers(desk).produce(CASE, "P15").content)
    assert ORAL_PAPER in application
    assert "调解协议书" not in application


def test_its_paper_is_the_register_that_the_organisation_fills_in(desk: Desk) -> None:
    made = Papers(desk).produce(CASE, "F07").content
    words = text_of(made)
    assert "人民调解口头协议登记表" in words
    assert "此表由人民调解委员会填写" in words
    assert "5,800" in words
    assert "人民调解协议书" not in words
    assert "无需制作调解协议书" in words
    assert "自各方当事人达成协议之日起生效" in words
    assert "签名盖章或按指印" not in words
    assert "草稿" not in words


def test_written_down_it_is_no_oral_agreement_any_more(desk: Desk) -> None:
    assert Agreeing(desk).draft(CASE).form == "written"


def text_of(content: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).replace("\n", "")
