"""The first schema: every table of the local store, the case counters and the search index.

Written out in full and importing nothing of the product, so that it means the same for ever.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Integer, LargeBinary, Text, UniqueConstraint

revision = "0001"
down_revision = None

_SORTED_BY = (
    "state", "label", "source", "dispute_kind", "number", "title", "mediator_id", "parties", "next_due",
    "received_at", "accepted_at", "closed_at", "updated_at", "sync", "intake_no",
)  # fmt: skip

_FILTERED_BY = ("state", "source", "dispute_kind", "mediator_id")
_COUNT_UP = (
    "INSERT INTO counters (name, value) VALUES ('{group}:' || NEW.{group}, 1) "
    "ON CONFLICT (name) DO UPDATE SET value = value + 1;"
)
_COUNT_DOWN = "UPDATE counters SET value = value - 1 WHERE name = '{group}:' || OLD.{group};"


def upgrade() -> None:
    """Create everything."""
    _base()
    _cases()
    _cases_more()
    _ledger()
    _ledger_more()
    _files()
    _filings()
    _audit()
    _counting("state")
    _counting("bucket")
    _search()


def downgrade() -> None:
    """There is nothing before the first schema."""
    raise RuntimeError("the first schema cannot be taken back")


def _counting(group: str) -> None:
    """Triggers that keep the numbers of cases by ``group`` (a column of ``cases``)."""
    up, down = _COUNT_UP.format(group=group), _COUNT_DOWN.format(group=group)
    op.execute(f"CREATE TRIGGER count_{group}_insert AFTER INSERT ON cases BEGIN {up} END")
    op.execute(f"CREATE TRIGGER count_{group}_delete AFTER DELETE ON cases BEGIN {down} END")
    op.execute(
        f"CREATE TRIGGER count_{group}_update AFTER UPDATE OF {group} ON cases "
        f"WHEN OLD.{group} <> NEW.{group} BEGIN {down} {up} END"
    )


def _search() -> None:
    """Text arrives cut into tokens already: letters and digits with spaces between."""
    op.execute(
        "CREATE VIRTUAL TABLE search_index USING fts5(tokens, content='', contentless_delete=1, "
        'detail=none, tokenize="unicode61 remove_diacritics 0")'
    )


def _base() -> None:
    """People, settings and other tables of the profile."""
    op.create_table("meta", Column("key", Text, primary_key=True), Column("value", Text, nullable=False))
    op.create_table(
        "people",
        Column("person_id", Text, primary_key=True),
        Column("name", Text, nullable=False),
        Column("role", Text, nullable=False),
        Column("login", Text, nullable=False, server_default=""),
        Column("sign_public", LargeBinary),
        Column("seal_public", LargeBinary),
        Column("active", Integer, nullable=False, server_default="1"),
    )
    op.create_table(
        "drafts",
        Column("person_id", Text, primary_key=True),
        Column("kind", Text, primary_key=True),
        Column("subject", Text, primary_key=True),
        Column("body", LargeBinary, nullable=False),
        Column("saved_at", Text, nullable=False),
    )
    op.create_table(
        "settings",
        Column("scope", Text, primary_key=True),
        Column("key", Text, primary_key=True),
        Column("value", Text, nullable=False),
        Column("changed_at", Text, nullable=False),
    )
    op.create_table(
        "number_blocks",
        Column("block_id", Text, primary_key=True),
        Column("series", Text, nullable=False),
        Column("year", Integer, nullable=False),
        Column("first", Integer, nullable=False),
        Column("last", Integer, nullable=False),
        Column("next", Integer, nullable=False),
    )
    op.create_index("ix_number_blocks_series", "number_blocks", ["series", "year", "first"])
    op.create_table(
        "catalogues",
        Column("name", Text, primary_key=True),
        Column("etag", Text, nullable=False),
        Column("version", Text, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("fetched_at", Text, nullable=False),
    )
    op.create_table(
        "appointments",
        Column("appointment_id", Text, primary_key=True),
        Column("person_id", Text, nullable=False),
        Column("case_id", Text, nullable=False, server_default=""),
        Column("starts_at", Text, nullable=False),
        Column("title", Text, nullable=False),
        Column("place", Text, nullable=False, server_default=""),
    )
    op.create_index("ix_appointments_day", "appointments", ["starts_at"])


def _cases() -> None:
    """The list of cases and its indexes."""
    op.create_table(
        "cases",
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
    for column in _SORTED_BY:
        op.create_index(f"ix_cases_{column}", "cases", [column, "rid"])
        op.create_index(f"ix_cases_open_{column}", "cases", ["is_open", column, "rid"])
    for column in ("bucket", *_FILTERED_BY):
        op.create_index(f"ix_cases_{column}_due", "cases", [column, "next_due", "rid"])


def _cases_more() -> None:
    """Documents, tasks, sealed notes and counters of cases."""
    op.create_table(
        "case_docs",
        Column("entity", Text, primary_key=True),
        Column("doc_id", Text, primary_key=True),
        Column("case_id", Text, nullable=False),
        Column("version", Integer, nullable=False, server_default="0"),
        Column("body", LargeBinary),
        Column("shadow", LargeBinary),
    )
    op.create_index("ix_case_docs_case", "case_docs", ["case_id", "entity"])
    op.create_table(
        "tasks",
        Column("task_id", Text, primary_key=True),
        Column("case_id", Text, nullable=False),
        Column("kind", Text, nullable=False),
        Column("due_on", Text, nullable=False),
        Column("due_at", Text, nullable=False, server_default=""),
        Column("waiting", Integer, nullable=False, server_default="0"),
        Column("hard", Integer, nullable=False, server_default="1"),
        Column("person_id", Text, nullable=False, server_default=""),
        Column("body", LargeBinary, nullable=False),
    )
    op.create_index("ix_tasks_case", "tasks", ["case_id"])
    op.create_index("ix_tasks_due", "tasks", ["waiting", "due_on", "due_at"])
    op.create_table(
        "sealed_notes",
        Column("note_id", Text, primary_key=True),
        Column("case_id", Text, nullable=False),
        Column("author", Text, nullable=False),
        Column("written_at", Text, nullable=False),
        Column("sealed", LargeBinary, nullable=False),
    )
    op.create_index("ix_sealed_notes_case", "sealed_notes", ["case_id", "author"])
    op.create_table(
        "counters",
        Column("name", Text, primary_key=True),
        Column("value", Integer, nullable=False),
    )


def _ledger() -> None:
    """The command ledger."""
    op.create_table(
        "outbox",
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
    )
    op.create_index("ix_outbox_case", "outbox", ["case_id", "ordinal"])
    op.create_index("ix_outbox_settled", "outbox", ["settled_at"])
    op.create_index("ix_outbox_state", "outbox", ["state", "ordinal"])


def _ledger_more() -> None:
    """Lanes, inbox, conflicts."""
    op.create_table(
        "withdrawn_commands",
        Column("command_id", Text, primary_key=True),
        Column("case_id", Text, nullable=False),
        Column("author", Text, nullable=False),
        Column("kind", Text, nullable=False),
        Column("bytes", LargeBinary),
        Column("withdrawn_at", Text, nullable=False),
    )
    op.create_table(
        "lanes",
        Column("device_id", Text, primary_key=True),
        Column("author", Text, primary_key=True),
        Column("case_id", Text, primary_key=True),
        Column("last_seq", Integer, nullable=False),
        Column("last_hash", Text, nullable=False),
    )
    op.create_table(
        "inbox",
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
    )
    op.create_table(
        "conflicts",
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
    )
    op.create_index("ix_inbox_error", "inbox", ["error"])
    op.create_index("ix_inbox_received", "inbox", ["received_at"])
    op.create_index("ix_conflicts_open", "conflicts", ["settled_at", "case_id"])
    op.create_table(
        "sync_log",
        Column("entry_id", Integer, primary_key=True),
        Column("at", Text, nullable=False),
        Column("stage", Text, nullable=False),
        Column("outcome", Text, nullable=False),
        Column("text", Text, nullable=False),
    )


def _files() -> None:
    """Files and their way to and from the platform."""
    op.create_table(
        "uploads",
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
    )
    op.create_index("ix_uploads_state", "uploads", ["state"])
    op.create_table(
        "downloads",
        Column("sha256", Text, primary_key=True),
        Column("case_id", Text, nullable=False),
        Column("size", Integer, nullable=False),
        Column("name", Text, nullable=False),
        Column("media_type", Text, nullable=False),
        Column("state", Text, nullable=False),
        Column("attempts", Integer, nullable=False, server_default="0"),
        Column("next_attempt_at", Text, nullable=False, server_default=""),
        Column("error_text", Text, nullable=False, server_default=""),
    )
    op.create_index("ix_downloads_state", "downloads", ["state"])
    op.create_table(
        "files",
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


def _filings() -> None:
    """Filings begun on this device."""
    op.create_table(
        "filings",
        Column("submission_id", Text, primary_key=True),
        Column("case_id", Text, nullable=False),
        Column("kind", Text, nullable=False),
        Column("subject_id", Text, nullable=False),
        Column("round", Integer, nullable=False),
        Column("court_code", Text, nullable=False, server_default=""),
        Column("court_name", Text, nullable=False, server_default=""),
        Column("author", Text, nullable=False),
        Column("device_id", Text, nullable=False),
        Column("manifest_no", Integer, nullable=False, server_default="0"),
        Column("manifest", LargeBinary),
        Column("wanted", Text, nullable=False, server_default=""),
        Column("state", Text, nullable=False),
        Column("job", Text, nullable=False, server_default=""),
        Column("attempts", Integer, nullable=False, server_default="0"),
        Column("next_attempt_at", Text, nullable=False, server_default=""),
        Column("error_code", Text, nullable=False, server_default=""),
        Column("error_text", Text, nullable=False, server_default=""),
        Column("written_at", Text, nullable=False),
        Column("settled_at", Text, nullable=False, server_default=""),
        Column("receipt", LargeBinary),
        Column("body", LargeBinary, nullable=False),
        UniqueConstraint("case_id", "kind", "subject_id", "round", name="uq_filings_key"),
    )
    op.create_index("ix_filings_case", "filings", ["case_id"])
    op.create_index("ix_filings_job", "filings", ["job"])


def _audit() -> None:
    """The audit chain."""
    op.create_table(
        "audit",
        Column("seq", Integer, primary_key=True),
        Column("at", Text, nullable=False),
        Column("person_id", Text, nullable=False),
        Column("action", Text, nullable=False),
        Column("case_id", Text, nullable=False),
        Column("subject", Text, nullable=False),
        Column("detail", Text, nullable=False),
        Column("prev_hash", Text, nullable=False),
        Column("hash", Text, nullable=False),
    )
    op.create_index("ix_audit_case", "audit", ["case_id", "seq"])
    op.create_table(
        "audit_heads",
        Column("seq", Integer, primary_key=True),
        Column("person_id", Text, nullable=False),
        Column("at", Text, nullable=False),
        Column("signature", LargeBinary, nullable=False),
    )
