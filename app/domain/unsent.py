"""Whether what was asked of a court is on its way, held up by somebody, or stopped until a person looks.

One answer for 今日, 协议与确认, the case, its 司法确认 page and 同步中心.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

COLLEAGUES_CHOICE, COLLEAGUES_FILES = "colleagues_choice", "colleagues_files"
COLLEAGUES_SIGNATURES = "colleagues_signatures"
"""Codes of what waits: for a colleague to choose between two values, for files that lie elsewhere, for
entries of signatures that only another computer can bring back to a restored platform."""
FOR_COLLEAGUES = (COLLEAGUES_CHOICE, COLLEAGUES_FILES, COLLEAGUES_SIGNATURES)
OWN_CHOICE = "own_choice"
"""Code of what waits for such a choice on this computer."""
MAYBE_DONE = "maybe_done"
"""Code of one that went and whose reply was lost, while a restored platform asks the court for it."""
GROUND_MOVED = "ground_moved"
"""Code of one that stopped because others signed or put right a day after it was handed over."""
HEALED = "healed_unread"
"""Code of one that stopped as a backup took a damaged database's place, and what became of it since that
backup cannot be read."""

Stand = Literal["going", "doubt", "packed", "back", "colleague", "choice", "look", "unread", "refused"]
"""``going``: it goes by itself. ``doubt``: it went and no receipt came; it is asked for by itself.
``packed``: it lies in an exchange package whose receipt has not come. ``back``: its court got it, and a
restored platform gets it again. ``colleague``, ``choice``: it waits for somebody there, or here. ``look``,
``unread``, ``refused``: nothing of it is sent any more before a person has looked; of ``unread`` it is not
known whether it has gone."""
TAGS = {
    "going": "等待提交", "doubt": "等核对", "packed": "在交换包里", "back": "在补回",
    "colleague": "等同事", "choice": "等您选定", "look": "等您核对", "unread": "等您核对",
    "refused": "没有送达",
}  # fmt: skip
"""In a few words."""
_STOPPED: Mapping[str, Stand] = {GROUND_MOVED: "look", HEALED: "unread"}
_SAID = {
    "going": "在本机等着发出", "doubt": "发出去了，还没有回执，连上后先核对",
    "packed": "装进了离线交换包，还没有回执",
    "back": "法院收到过，平台恢复后正在补回", "choice": "没有提交，等您选定一处两边写法",
    "look": "停下了，签名盖章改过，等您核对", "unread": "停下了，案件库从备份找回过，等您核对",
    "refused": "没有送达，材料都在本机",
}  # fmt: skip


@dataclass(frozen=True)
class Unsent:
    """Where it stands. ``why`` is what the sync centre says of it, empty while it goes by itself; the first
    sentence names the colleague it waits for."""

    stand: Stand = "going"
    why: str = ""
    wanted: str = "lodge"
    """The step: lodge, supplement or withdraw."""
    since: dt.datetime | None = field(default=None, compare=False)
    """When it was handed over here (UTC): no part of where it stands."""

    @property
    def going(self) -> bool:
        """Whether nobody has to do anything for it to go."""
        return self.stand in ("going", "doubt", "packed", "back")

    @property
    def tag(self) -> str:
        """In a few words: 等同事."""
        return TAGS[self.stand]

    @property
    def said(self) -> str:
        """What is said of it behind 申请: 没有提交，在等何静选定一处写法."""
        return _SAID.get(self.stand) or f"没有提交，{self.why.partition('。')[0]}"


def unsent_of(
    job: str, code: str, why: str, *, received: bool, wanted: str = "lodge", packed: bool = False
) -> Unsent:
    """Of a step of a filing that is not settled: where its ``job`` stands, and what was written of that.

    ``received``: it has its receipt; ``packed``: it lies in an exchange package whose receipt is to come.
    """
    if job == "failed":
        return Unsent(_STOPPED.get(code, "refused"), why, wanted)
    if received or wanted == "withdraw":
        # A wish to withdraw rests on an application that its court has.
        return Unsent("back", wanted=wanted)
    if packed and code != MAYBE_DONE and (job == "unknown" or (job == "waiting" and not code)):
        return Unsent("packed", wanted=wanted)
    if job == "unknown" or code == MAYBE_DONE:
        return Unsent("doubt", wanted=wanted)
    if code in FOR_COLLEAGUES:
        return Unsent("colleague", why, wanted)
    return Unsent("choice", why, wanted) if code == OWN_CHOICE else Unsent(wanted=wanted)
