"""What 经过 says of an entry that the platform has not taken in."""

from __future__ import annotations

from dataclasses import replace

from app.services.cases import CaseView
from ui.widgets.timeline import Entry

NOT_TAKEN = "平台没有收下，不算数，到同步中心看原因。"
UNDECIDED = "两份协议还没有选定用哪一份，选定以前不算数。"


def marked(entry: Entry, view: CaseView) -> Entry:
    """What the platform did not accept says so, as it has no effect; or what it waits for."""
    if entry.key in view.undecided:
        return replace(entry, aside="等选定", icon="circle-alert", detail=f"{UNDECIDED}{entry.detail}")
    if entry.key in view.refused:
        return replace(entry, aside="没有送达", icon="circle-alert", detail=f"{NOT_TAKEN}{entry.detail}")
    return entry


def unmarked(detail: str) -> str:
    """The words of an entry without what :func:`marked` put before them."""
    return detail.removeprefix(NOT_TAKEN).removeprefix(UNDECIDED)
