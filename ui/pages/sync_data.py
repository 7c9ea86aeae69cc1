"""What the sync centre reads, on the read lane: the whole page of one moment, and what lies behind a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.services.sync_mends import ADD
from app.services.sync_rows import Line
from ui.pages.sync_content import content_of, file_of

if TYPE_CHECKING:
    from app.services.conflict_views import ConflictView
    from app.services.enrolment import Enrolment, Wish
    from app.services.office import Office
    from app.services.sync_centre import Counts, Standing
    from app.services.sync_rows import SyncRow

MEND = (
    "这一项不算数，写的还在本机。要改的，按“去案件里补”，照平台说的另写一次，会另发一份；"
    "不用再管的，按“知道了，收起”，写的和理由都留着。"
)
"""What is to be done about what the platform did not take, by the buttons below it."""


@dataclass(frozen=True)
class Picture:
    """Everything the page shows, of one moment."""

    counts: Counts
    standing: Standing
    headline: str
    footer: str
    rows: tuple[SyncRow, ...]
    today: str
    enrolment: Enrolment
    wish: Wish


def read_picture(office: Office, which: str) -> Picture:
    """Read it all. Runs on the read lane."""
    from app.services import enrolment, profile

    centre = office.sync_centre
    return Picture(
        counts=centre.counts(),
        standing=centre.standing(),
        headline=centre.headline(),
        footer=centre.footer(),
        rows=centre.rows(which or "all"),  # type: ignore[arg-type]
        today=office.desk.today().isoformat(),
        enrolment=profile.enrolment_of(office.desk),
        wish=office.desk.store.read(enrolment.load_wish),
    )


def read_row(office: Office, row: SyncRow) -> tuple[tuple[Line, ...], tuple[ConflictView, ...]]:
    """What lies behind a row; of a choice also the values it chose between."""
    subject = row.row_id.partition(":")[2]
    told = office.sync_centre.explain(row.row_id)
    if row.kind == "upload":
        return (*file_of(office, row.case_id, subject), *told), ()
    if row.kind != "command":
        return told, ()
    # Where nothing is to be added in the case, the reason says what to do.
    adds = row.status == "failed" and row.page == "case" and row.action == ADD
    how = (Line("怎么办", MEND),) if adds else ()
    return (*how, *content_of(office, subject), *told), office.resolving.settled_by(subject)
