"""暂停计时 written offline on a case that a colleague ends meanwhile is answered in words."""

from __future__ import annotations

from app.services import office as services
from app.services.closing import Closing, FailureEntry
from app.services.handling import Handling
from app.services.sync_centre import SyncCentre
from tests.helpers.clients import Office
from tests.helpers.decisions import never_suspended
from ui.pages.case_timeline import course


def end(office: Office, case_id: str) -> None:
    """调解不成."""
    entry = FailureEntry(outcome="failed", ground="双方分歧太大", remedies=("可以向法院起诉。",))
    Closing(office.desk).conclude(case_id, entry)


def test_a_suspension_of_what_is_over_comes_back_in_words(ready: Office, other: Office) -> None:
    case_id = never_suspended(ready)
    Handling(ready.desk).suspend(case_id, "送鉴定", ready.desk.today())
    end(other, case_id)
    other.good_run()
    ready.run()
    centre = SyncCentre(ready.desk)
    (row,) = centre.rows("needs_you")
    assert (row.status, row.what, row.action) == ("failed", "暂停计时", "去补")
    assert row.why.startswith("案件现在是“调解不成”，没有期限可以暂停，这次暂停没有收下。写的还在本机：")
    assert "到案件里记一笔" in row.why
    assert not ready.shadow(case_id).head.suspensions
    view = services.Office(ready.desk).cases.open(case_id)
    (told,) = (one for one in course(view, ready.desk).entries if one.key in view.refused)
    assert (told.aside, told.title) == ("没有送达", "送鉴定")
    assert told.detail.startswith("平台没有收下，不算数")
    centre.put_aside(row.row_id)
    Handling(ready.desk).add_note(case_id, "11月20日送过鉴定，当天案件已结束。")
    ready.good_run()
    other.good_run()
    assert centre.counts().needs_you == 0
    for office in (ready, other):
        assert not office.file(case_id).head.suspensions
    assert ready.everything() == other.everything()


def test_the_end_of_a_span_is_taken_after_the_end_of_the_case_too(ready: Office, other: Office) -> None:
    case_id = never_suspended(ready)
    began = ready.desk.today()
    Handling(ready.desk).suspend(case_id, "送鉴定", began)
    ready.good_run()
    other.good_run()
    Handling(ready.desk).resume_clock(case_id, began)
    end(other, case_id)
    other.good_run()
    ready.good_run()
    other.good_run()
    assert SyncCentre(ready.desk).counts().needs_you == 0
    for office in (ready, other):
        (span,) = office.file(case_id).head.suspensions
        assert span.last_day == began
