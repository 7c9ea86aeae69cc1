"""The tables of the local store. Text instants are ISO 8601 UTC; legal days are ISO dates.

``cases`` is a projection for lists: columns to sort and filter by, the header's JSON in ``body`` and
the platform's last picture of it in ``shadow``: NULL while the platform has none, empty where it is ``body``
byte for byte, as most are. ``case_docs`` holds the other documents in the same way. The migrations under
``schema/versions`` make the same tables; a guard test compares the two. Those of applications to a
court stand in ``filing_tables``.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, Text, UniqueConstraint
from sqlalchemy.sql import literal_column

from app.storage.filing_tables import filing_steps as filing_steps
from app.storage.filing_tables import filings as filings
from app.storage.filing_tables import kept_answers as kept_answers
from app.storage.metadata import metadata as metadata

meta = Table("meta", metadata, Column("key", Text, primary_key=True), Column("value", Text, nullable=False))

people = Table(
    "people",
    metadata,
    Column("person_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("login", Text, nullable=False, server_default=""),
    Column("sign_public", LargeBinary),
    Column("seal_public", LargeBinary),
    Column("active", Integer, nullable=False, server_default="1"),
)

cases = Table(
    "cases",
    metadata,
    Column("rid", Integer, primary_key=True),
    Column("case_id", Text, nullable=False, unique=True),
    Column("version", Integer, nullable=False, server_default="0"),
    Column("state", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("bucket", Text, nullable=False),
    Column("is_open", Integer, nullable=False),
    Column("source", Text, nullable=False),
    Column("dispute_kind", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("intake_no", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("mediator_id", Text, nullable=False),
    Column("parties", Text, nullable=False),
    Column("township", Text, nullable=False),
    Column("next_kind", Text, nullable=False),
    Column("next_text", Text, nullable=False),
    Column("next_due", Text, nullable=False),
    Column("received_at", Text, nullable=False),
    Column("accepted_at", Text, nullable=False),
    Column("closed_at", Text, nullable=False),
    Column("updated_at", Text, nullable=False),
    Column("sync", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("shadow", LargeBinary),
)
"""``label`` is the shown status (状态列: state, or paused / signing derived from it), ``bucket`` where the
case stands in the inbox (todo, waiting, case, refused), ``next_due`` sorts the next step (`9999` when
none), ``parties`` is already masked."""

IS_OPEN = cases.c.is_open == literal_column("1")
"""The condition of the indexes on open cases. A literal: of a parameter SQLite does not know, when it plans a
query, that it is 1, and would not use them."""
IS_CLOSED = cases.c.closed_at > literal_column("''")

_SORTED_BY = (
    "label", "source", "dispute_kind", "number", "title", "parties", "next_due", "received_at", "accepted_at",
    "updated_at", "sync",
)  # fmt: skip
for _column in _SORTED_BY:
    Index(f"ix_cases_{_column}", cases.c[_column], cases.c.rid)
for _column in (*_SORTED_BY, "state"):
    Index(f"ix_cases_open_{_column}", cases.c[_column], cases.c.rid, sqlite_where=IS_OPEN)
Index("ix_cases_open_mediator", cases.c.mediator_id, cases.c.state, cases.c.label, sqlite_where=IS_OPEN)
Index("ix_cases_closed_mediator", cases.c.mediator_id, cases.c.closed_at, sqlite_where=IS_CLOSED)
for _column in ("bucket", "state", "source", "dispute_kind", "mediator_id"):
    Index(f"ix_cases_{_column}_due", cases.c[_column], cases.c.next_due, cases.c.rid)

case_docs = Table(
    "case_docs",
    metadata,
    Column("entity", Text, primary_key=True),
    Column("doc_id", Text, primary_key=True),
    Column("case_id", Text, nullable=False),
    Column("version", Integer, nullable=False, server_default="0"),
    Column("body", LargeBinary),
    Column("shadow", LargeBinary),
    Index("ix_case_docs_case", "case_id", "entity"),
)
"""``body`` NULL: the document exists only in the platform's picture and was undone or tombstoned here."""

tasks = Table(
    "tasks",
    metadata,
    Column("task_id", Text, primary_key=True),
    Column("case_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("due_on", Text, nullable=False),
    Column("due_at", Text, nullable=False, server_default=""),
    Column("waiting", Integer, nullable=False, server_default="0"),
    Column("hard", Integer, nullable=False, server_default="1"),
    Column("person_id", Text, nullable=False, server_default=""),
    Column("body", LargeBinary, nullable=False),
    Index("ix_tasks_due", "waiting", "due_on", "due_at"),
    Index("ix_tasks_case", "case_id"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("ordinal", Integer, primary_key=True),
    Column("command_id", Text, nullable=False, unique=True),
    Column("case_id", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("device_id", Text, nullable=False),
    Column("dev_seq", Integer, nullable=False),
    Column("lane_seq", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("bytes", LargeBinary),
    Column("signature", LargeBinary, nullable=False),
    Column("hash", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("written_at", Text, nullable=False),
    Column("not_before", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_attempt_at", Text, nullable=False, server_default=""),
    Column("error_code", Text, nullable=False, server_default=""),
    Column("error_text", Text, nullable=False, server_default=""),
    Column("error_field", Text, nullable=False, server_default=""),
    Column("settled_at", Text, nullable=False, server_default=""),
    Column("feed_seq", Integer, nullable=False, server_default="0"),
    Column("receipt", LargeBinary),
    UniqueConstraint("device_id", "author", "case_id", "lane_seq", name="uq_outbox_lane"),
    Index("ix_outbox_state", "state", "ordinal"),
    Index("ix_outbox_case", "case_id", "ordinal"),
    Index("ix_outbox_settled", "settled_at"),
)
"""The command ledger of this device, append-only. States: waiting, in_flight, unknown, delivered,
rejected, conflict. A withdrawn command (undone before sending) moves to ``withdrawn_commands``."""

withdrawn_commands = Table(
    "withdrawn_commands",
    metadata,
    Column("command_id", Text, primary_key=True),
    Column("case_id", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("bytes", LargeBinary),
    Column("withdrawn_at", Text, nullable=False),
)

lanes = Table(
    "lanes",
    metadata,
    Column("device_id", Text, primary_key=True),
    Column("author", Text, primary_key=True),
    Column("case_id", Text, primary_key=True),
    Column("last_seq", Integer, nullable=False),
    Column("last_hash", Text, nullable=False),
)

inbox = Table(
    "inbox",
    metadata,
    Column("epoch", Text, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("entity", Text, nullable=False),
    Column("doc_id", Text, nullable=False),
    Column("case_id", Text, nullable=False),
    Column("op", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("body", LargeBinary),
    Column("received_at", Text, nullable=False),
    Column("error", Text, nullable=False, server_default=""),
    Column("cause", Text, nullable=False, server_default=""),
    Column("changed_by", Text, nullable=False, server_default=""),
    Column("changed_at", Text, nullable=False, server_default=""),
    Index("ix_inbox_received", "received_at"),
    Index("ix_inbox_error", "error"),
)
"""Raw inbox: each change exactly as received; ``error`` set when it was parked, ``cause`` the command
that made the change, empty for the platform's own; ``changed_by`` the person (id) and ``changed_at`` the
platform's instant, as far as it tells them."""

conflicts = Table(
    "conflicts",
    metadata,
    Column("conflict_id", Text, primary_key=True),
    Column("command_id", Text, nullable=False),
    Column("case_id", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column("doc_id", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("base", Text),
    Column("mine", Text),
    Column("theirs", Text),
    Column("mine_author", Text, nullable=False),
    Column("mine_at", Text, nullable=False),
    Column("theirs_author", Text, nullable=False),
    Column("theirs_at", Text, nullable=False),
    Column("choice", Text, nullable=False, server_default=""),
    Column("settled_by", Text, nullable=False, server_default=""),
    Column("settled_at", Text, nullable=False, server_default=""),
    Index("ix_conflicts_open", "settled_at", "case_id"),
)
"""``base``, ``mine`` and ``theirs`` are JSON; both values are kept for ever."""

uploads = Table(
    "uploads",
    metadata,
    Column("attachment_id", Text, primary_key=True),
    Column("case_id", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("url", Text, nullable=False, server_default=""),
    Column("sent", Integer, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_attempt_at", Text, nullable=False, server_default=""),
    Column("error_code", Text, nullable=False, server_default=""),
    Column("error_text", Text, nullable=False, server_default=""),
    Column("added_at", Text, nullable=False),
    Column("settled_at", Text, nullable=False, server_default=""),
    Index("ix_uploads_state", "state"),
)
"""States: waiting, sending, stored, failed."""

downloads = Table(
    "downloads",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("case_id", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_attempt_at", Text, nullable=False, server_default=""),
    Column("error_text", Text, nullable=False, server_default=""),
    Index("ix_downloads_state", "state"),
)
"""States: wanted, stored, failed."""

files = Table(
    "files",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("blob", Text, nullable=False, unique=True),
    Column("size", Integer, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("added_at", Text, nullable=False),
    Column("thumb", Text, nullable=False, server_default=""),
    Column("thumb_key", LargeBinary),
)
"""Blobs in the vault. ``state``: present, missing, damaged."""

sealed_notes = Table(
    "sealed_notes",
    metadata,
    Column("note_id", Text, primary_key=True),
    Column("case_id", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("written_at", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index("ix_sealed_notes_case", "case_id", "author"),
)
"""单独谈: sealed to the author's own key; never leaves this computer."""

drafts = Table(
    "drafts",
    metadata,
    Column("person_id", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("saved_at", Text, nullable=False),
)

settings = Table(
    "settings",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
    Column("changed_at", Text, nullable=False),
)
"""``scope``: ``institution`` or a person id. Values are JSON."""

number_blocks = Table(
    "number_blocks",
    metadata,
    Column("block_id", Text, primary_key=True),
    Column("series", Text, nullable=False),
    Column("year", Integer, nullable=False),
    Column("first", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    Column("next", Integer, nullable=False),
    Index("ix_number_blocks_series", "series", "year", "first"),
)

catalogues = Table(
    "catalogues",
    metadata,
    Column("name", Text, primary_key=True),
    Column("etag", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("fetched_at", Text, nullable=False),
)

appointments = Table(
    "appointments",
    metadata,
    Column("appointment_id", Text, primary_key=True),
    Column("person_id", Text, nullable=False),
    Column("case_id", Text, nullable=False, server_default=""),
    Column("starts_at", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("place", Text, nullable=False, server_default=""),
    Index("ix_appointments_day", "starts_at"),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("at", Text, nullable=False),
    Column("person_id", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("case_id", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("prev_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index("ix_audit_case", "case_id", "seq"),
)
"""Who did what, chained by hash. Holds no personal data: ids, field names, reasons from a list."""

audit_heads = Table(
    "audit_heads",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("person_id", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("signature", LargeBinary, nullable=False),
)

counters = Table(
    "counters",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Integer, nullable=False),
)
"""Numbers of cases by ``state:<state>`` and ``bucket:<bucket>``, kept by triggers on ``cases``."""

sync_log = Table(
    "sync_log",
    metadata,
    Column("entry_id", Integer, primary_key=True),
    Column("at", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("text", Text, nullable=False),
)
