"""Files of a case that are not on this computer, or not whole any more: asked for, followed, given up.

Files of open cases up to 20 MB come by themselves; everything else when somebody opens, packs or prints it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, delete, select, update

from app.domain.casefile import Attachment
from app.domain.errors import DamagedFault, JiefenError, NotFoundError
from app.services import feedwork, kept_answers
from app.services.cases import titled
from app.services.changes import ChangeSet, Written
from app.services.desk import Desk
from app.storage import casestore
from app.storage.tables import downloads, files, uploads

State = Literal["here", "wanted", "failed", "lost", "not_sent"]
NOT_FETCHED = "E-NOT-FETCHED"


@dataclass(frozen=True)
class Standing:
    """How far a file is on its way here.

    ``lost``: it is gone or damaged here and the platform has none; ``not_sent``: the computer that added it
    has not sent it to the platform yet. ``text`` says why it ``failed``, ``title`` what it is called.
    ``spoilt``: it was here once and what lies here is gone or damaged, so that a backup may hold it.
    """

    sha256: str
    title: str
    state: State
    text: str = ""
    spoilt: bool = False


class FilesAwayError(NotFoundError):
    """Files that are needed are not here, or not whole; ``hashes`` can be asked for."""

    def __init__(self, missing: Sequence[tuple[str, str]]) -> None:
        self.hashes = tuple(sha256 for sha256, _ in missing)
        names = "、".join(f"“{title}”" for _, title in missing)
        super().__init__(
            f"有 {len(missing)} 份文件不在本机：{names}。登记信息都在，从平台取来以后再做。", code=NOT_FETCHED
        )


def is_away(error: BaseException) -> bool:
    """Whether an error means that a file should be fetched: it is not here, or what is here is no good."""
    if isinstance(error, DamagedFault):
        return error.subject.startswith("attachment:")
    return isinstance(error, JiefenError) and error.code == NOT_FETCHED


@dataclass(frozen=True)
class _Known:
    """A file as the case's documents name it. ``there``: the platform has announced that it holds it."""

    case_id: str
    sha256: str
    size: int
    name: str
    title: str
    media_type: str
    there: bool


class Fetching:
    """Have files of a case fetched from the platform."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def ask(self, case_id: str, hashes: Iterable[str]) -> Written[tuple[Standing, ...]]:
        """Somebody needs these files: those that are not here, or do not match their hash, are wanted.

        They go before what comes by itself. Reads whole what lies here: run it off the GUI thread.
        """
        self._desk.require("case.view")
        wanted = tuple(dict.fromkeys(hashes))
        states = {sha256: self._state_here(sha256) for sha256 in wanted}

        def work(conn: Connection) -> tuple[Standing, ...]:
            known = _known(conn, case_id)
            for sha256, state in states.items():
                conn.execute(update(files).where(files.c.sha256 == sha256).values(state=state))
                one = known.get(sha256)
                if state != "present" and one is not None and one.there:
                    feedwork.want(conn, case_id, sha256, one.size, one.name, one.media_type, asked=True)
            return tuple(_standing(conn, known, sha256) for sha256 in wanted)

        changes = ChangeSet.of("attachments", case_ids=frozenset({case_id}))
        return Written(value=self._desk.store.write(work), changes=changes)

    def standing(self, case_id: str, hashes: Iterable[str]) -> tuple[Standing, ...]:
        """How far each of these files is."""
        self._desk.require("case.view")
        wanted = tuple(dict.fromkeys(hashes))

        def work(conn: Connection) -> tuple[Standing, ...]:
            known = _known(conn, case_id)
            return tuple(_standing(conn, known, sha256) for sha256 in wanted)

        return self._desk.store.read(work)

    def give_up(self, case_id: str, hashes: Iterable[str]) -> ChangeSet:
        """Nobody waits for these files any more; what has not come yet is not fetched."""
        unsettled = downloads.c.state.in_(("wanted", "failed"))
        statement = delete(downloads).where(downloads.c.sha256.in_(tuple(hashes)), unsettled)
        self._desk.store.write(lambda conn: conn.execute(statement) and None)
        return ChangeSet.of("attachments", case_ids=frozenset({case_id}))

    def _state_here(self, sha256: str) -> str:
        row = self._desk.store.read(functools.partial(_row, sha256=sha256))
        if row is None:
            return "missing"
        try:
            self._desk.vault.verify(row)
        except DamagedFault as fault:
            return "missing" if fault.detail == "missing" else "damaged"
        return "present"


def _row(conn: Connection, *, sha256: str) -> Any:
    return conn.execute(select(files).where(files.c.sha256 == sha256)).one_or_none()


def _known(conn: Connection, case_id: str) -> dict[str, _Known]:
    file = casestore.load(conn, case_id)
    found = {a.sha256: _of_attachment(a) for a in titled(file).values()}
    told = [event for submission in file.submissions.values() for event in submission.events]
    told += [event for kept in kept_answers.of_case(conn, file) for event in kept.events]
    for d in (document for event in told for document in event.documents):
        title = d.name.rsplit(".", 1)[0]
        found[d.sha256] = _Known(case_id, d.sha256, d.size, d.name, title, d.media_type, there=True)
    return found


def _of_attachment(a: Attachment) -> _Known:
    return _Known(a.case_id, a.sha256, a.size, a.name, a.title or "附件", a.media_type, there=a.stored)


def _standing(conn: Connection, known: dict[str, _Known], sha256: str) -> Standing:
    one = known.get(sha256)
    title = one.title if one is not None else "附件"
    row = _row(conn, sha256=sha256)
    if row is not None and row.state == "present":
        return Standing(sha256, title, "here")
    job = conn.execute(select(downloads).where(downloads.c.sha256 == sha256)).one_or_none()
    if job is not None and job.state in ("wanted", "failed"):
        return Standing(sha256, title, job.state, job.error_text, spoilt=row is not None)
    ours = conn.execute(select(uploads.c.attachment_id).where(uploads.c.sha256 == sha256).limit(1)).first()
    return Standing(sha256, title, "lost" if ours or row is not None else "not_sent")
