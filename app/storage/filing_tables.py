"""The tables of what goes to the courts and comes from them, see :mod:`app.storage.tables`."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from app.storage.metadata import metadata

filings = Table(
    "filings",
    metadata,
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
    Index("ix_filings_job", "job"),
    Index("ix_filings_case", "case_id"),
)
"""Filings begun on this device. ``wanted`` is what the person asked for (lodge, supplement, withdraw)
and ``job`` where that stands: '' idle, waiting, in_flight, unknown, done, failed, or settled without
having been carried out (a colleague's came first, or a person put a refusal aside)."""

filing_steps = Table(
    "filing_steps",
    metadata,
    Column("step_id", Text, primary_key=True),
    Column("submission_id", Text, nullable=False),
    Column("case_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("round", Integer, nullable=False),
    Column("court_code", Text, nullable=False),
    Column("court_name", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("device_id", Text, nullable=False),
    Column("manifest_no", Integer, nullable=False),
    Column("manifest", LargeBinary),
    Column("wanted", Text, nullable=False),
    Column("job", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("error_code", Text, nullable=False),
    Column("error_text", Text, nullable=False),
    Column("written_at", Text, nullable=False),
    Column("settled_at", Text, nullable=False),
    Column("receipt", LargeBinary),
    Index("ix_filing_steps_settled", "settled_at"),
    Index("ix_filing_steps_submission", "submission_id"),
)
"""What was asked of the court before what ``filings`` says now, append-only. ``job``: done, with its receipt,
or settled without having been carried out. ``manifest``: the list it went with, for a platform that was
restored to before it."""

kept_answers = Table(
    "kept_answers",
    metadata,
    Column("submission_id", Text, primary_key=True),
    Column("case_id", Text, nullable=False),
    Column("events", LargeBinary, nullable=False),
    Index("ix_kept_answers_case", "case_id"),
)
"""What the court told of an application, and a platform that was restored from a backup tells no more: events
with their papers, as JSON, the oldest first. A row goes when the platform tells all of it again."""
