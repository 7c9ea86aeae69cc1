"""What an exchange package holds, in lines: like things of one case together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from app.domain import commands as cmd
from app.services import sync_words
from app.services.package_records import step_id
from app.services.port_values import FilingJob
from app.storage.tables import case_docs, cases
from app.storage.tables import outbox as table

_AT_ONCE = 200


@dataclass(frozen=True)
class PackLine:
    """One line of what can be packed: like things of one case together. ``size`` in bytes."""

    kind: str
    """command, upload or filing."""
    command: str
    """Name of the command, such as ``contact.record``; the media type's group for a file."""
    what: str
    case_title: str
    count: int
    size: int

    @property
    def text(self) -> str:
        """What it is and how many, such as “联系记录 2 条”."""
        several = sync_words.counted if self.kind == "upload" else sync_words.several
        return several(self.what, self.count)


@dataclass(frozen=True)
class Plan:
    """What a package made now takes along: rows of the outbox, rows of uploads (each file once), steps."""

    commands: tuple[Any, ...]
    files: tuple[Any, ...]
    filings: tuple[FilingJob, ...]

    @property
    def items(self) -> int:
        """How many things."""
        return len(self.commands) + len(self.files) + len(self.filings)

    @property
    def size(self) -> int:
        """Bytes in all."""
        return sum(int(row.size) for row in (*self.commands, *self.files))

    def ids(self) -> Iterator[str]:
        """By what a package names each thing."""
        yield from (row.command_id for row in self.commands)
        yield from (row.attachment_id for row in self.files)
        yield from (step_id(job) for job in self.filings)


def of(conn: Connection, plan: Plan) -> Iterator[PackLine]:
    """Like things of one case together, in the order in which the first of them was written."""
    grouped: dict[tuple[str, str, str, str], list[int]] = {}
    for key, size in (*_of_commands(conn, plan), *_of_files(conn, plan)):
        grouped.setdefault(key, []).append(size)
    for job in plan.filings:
        what = sync_words.filing_name(job.kind, job.wanted, job.manifest_no)
        grouped.setdefault(("filing", job.wanted, what, job.case_id), []).append(0)
    wanted = {key[3] for key in grouped}
    rows = conn.execute(select(cases.c.case_id, cases.c.title).where(cases.c.case_id.in_(wanted)))
    titles = {row.case_id: row.title for row in rows}
    for (kind, command, what, case_id), sizes in grouped.items():
        yield PackLine(kind, command, what, titles.get(case_id, ""), len(sizes), sum(sizes))


def summed(lines: Iterable[PackLine]) -> tuple[tuple[str, int, int], ...]:
    """Lines of all cases together."""
    kinds: dict[str, list[int]] = {}
    for line in lines:
        held = kinds.setdefault(sync_words.kind_of(line.what), [0, 0])
        held[0] += line.count
        held[1] += line.size
    return tuple((what, count, size) for what, (count, size) in kinds.items())


def _of_commands(conn: Connection, plan: Plan) -> Iterator[tuple[tuple[str, str, str, str], int]]:
    for start in range(0, len(plan.commands), _AT_ONCE):
        part = [row.ordinal for row in plan.commands[start : start + _AT_ONCE]]
        query = select(table.c.bytes, table.c.case_id).where(table.c.ordinal.in_(part))
        for row in conn.execute(query.order_by(table.c.ordinal)):
            command = cmd.decode(row.bytes)
            yield ("command", command.kind, sync_words.command_name(command), row.case_id), len(row.bytes)


def _of_files(conn: Connection, plan: Plan) -> Iterator[tuple[tuple[str, str, str, str], int]]:
    for row in plan.files:
        body = conn.execute(
            select(case_docs.c.body).where(
                case_docs.c.entity == "attachment", case_docs.c.doc_id == row.attachment_id
            )
        ).scalar_one_or_none()
        media_type = str(msgspec.json.decode(body).get("media_type", "")) if body else ""
        group = media_type.partition("/")[0]
        yield ("upload", group, sync_words.file_kind(media_type), row.case_id), row.size
