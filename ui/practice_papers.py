"""What an invented case that lies with the court already must have: the papers no application goes without.

The practice platform invents cases; papers are the work of a mediation body, so they are made here, through
the services a mediator uses, on the day they would have been made.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

from app.clock import FixedClock

if TYPE_CHECKING:
    from app.domain.casefile import Submission
    from app.domain.filing import Material
    from app.services.desk import Desk

AHEAD = dt.timedelta(hours=1)
"""How long before it was lodged an application was signed."""


def complete_packs(desk: Desk) -> int:
    """Write and sign what is missing by law in the packs of lodged applications; how many papers.

    Run again it does nothing: a pack that went to a court through this program has them all.
    """
    from app.services.agreement_list import AgreementList
    from app.services.filing import Filing

    made = 0
    for case_id in AgreementList(desk).lodged():
        view = Filing(desk).prepare(case_id)
        lodged = _lodged_at(view.submission)
        if lodged is None:
            continue
        then = replace(desk, clock=FixedClock(lodged - AHEAD))
        for item in view.materials:
            if item.blocks and item.material.form:
                _sign(then, case_id, item.material)
                made += 1
    return made


def _lodged_at(submission: Submission | None) -> dt.datetime | None:
    events = submission.events if submission is not None else ()
    return next((event.at for event in events if event.state == "lodged"), None)


def _sign(desk: Desk, case_id: str, material: Material) -> None:
    """Print the paper, and take in its signed or sealed scan."""
    from app.services.attachments import Attachments, FileEntry
    from app.services.papers import Papers

    paper = Papers(desk).produce(case_id, material.form, extra={"for_court": True})
    entry = FileEntry(role="scan", title=paper.title, original="original", material=material.code)
    Attachments(desk).add_bytes(case_id, paper.content, f"{paper.title}.pdf", paper.media_type, entry)
