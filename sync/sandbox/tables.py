"""The platform's tables. The same on SQLite and PostgreSQL; JSON is kept as text."""

from __future__ import annotations

import json

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    inspect,
    select,
    text,
)

metadata = MetaData()

meta = Table("meta", metadata, Column("key", Text, primary_key=True), Column("value", Text, nullable=False))

users = Table(
    "users",
    metadata,
    Column("person_id", Text, primary_key=True),
    Column("login", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("institution_id", Text, nullable=False, server_default=""),
    Column("title", Text, nullable=False, server_default=""),
    Column("active", Integer, nullable=False, server_default="1"),
    Column("salt", LargeBinary, nullable=False),
    Column("password", LargeBinary, nullable=False),
)

devices = Table(
    "devices",
    metadata,
    Column("device_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("institution_id", Text, nullable=False, server_default=""),
    Column("enrolled_at", Text, nullable=False),
    Column("revoked_at", Text, nullable=False, server_default=""),
)

device_people = Table(
    "device_people",
    metadata,
    Column("device_id", Text, primary_key=True),
    Column("person_id", Text, primary_key=True),
    Column("sign_public", LargeBinary, nullable=False),
    Column("seal_public", LargeBinary, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("family", Text, nullable=False, index=True),
    Column("device_id", Text, nullable=False, index=True),
    Column("person_id", Text, nullable=False),
    Column("expires_at", Text, nullable=False),
    Column("used", Integer, nullable=False, server_default="0"),
)
"""SHA-256 of tokens; ``kind``: access or refresh; ``used``: see ``accounts.FRESH``."""

docs = Table(
    "docs",
    metadata,
    Column("entity", Text, primary_key=True),
    Column("doc_id", Text, primary_key=True),
    Column("case_id", Text, nullable=False, index=True),
    Column("institution_id", Text, nullable=False, server_default=""),
    Column("version", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("at", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("cause", Text),
    Column("body", Text, nullable=False),
    Column("touched", Text, nullable=False, server_default="{}"),
    Column("mediator_id", Text, nullable=False, server_default=""),
)
"""Documents as they stand. ``touched``: field -> [who, when] of merged edits; ``mediator_id``: in whose hands
the case is, at each of its documents."""

case_order = Table(
    "case_order",
    metadata,
    Column("ordinal", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("case_id", Text, nullable=False, unique=True),
    Column("institution_id", Text, nullable=False, server_default=""),
    Column("done", Integer, nullable=False),
    Column("mediator_id", Text, nullable=False, server_default=""),
    Index("ix_case_order", "institution_id", "done", "ordinal"),
)
"""Order of the snapshot: open cases first."""

feed = Table(
    "feed",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column("doc_id", Text, nullable=False),
    Column("case_id", Text, nullable=False),
    Column("institution_id", Text, nullable=False, server_default=""),
    Column("version", Integer, nullable=False),
    Column("op", Text, nullable=False),
    Column("body", Text),
    Column("cause", Text),
    Column("mediator_id", Text, nullable=False, server_default=""),
    Column("was", Text),
    Column("again", Integer, nullable=False, server_default="0"),
    Index("ix_feed_institution", "institution_id", "seq"),
)
"""``mediator_id``: in whose hands the case was with this change; ``was``: in whose before, where it changed
hands with it; ``again``: told once more as it stood, for devices into whose scope the case came."""

ledger = Table(
    "ledger",
    metadata,
    Column("command_id", Text, primary_key=True),
    Column("device_id", Text, nullable=False),
    Column("dev_seq", BigInteger, nullable=False),
    Column("author", Text, nullable=False),
    Column("case_id", Text, nullable=False, index=True),
    Column("lane_seq", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("bytes", LargeBinary, nullable=False),
    Column("signature", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("settled_by", Text, nullable=False, server_default=""),
    UniqueConstraint("device_id", "dev_seq", name="uq_ledger_dev_seq"),
    UniqueConstraint("device_id", "author", "case_id", "lane_seq", name="uq_ledger_lane"),
)
"""Every command that reached a terminal answer, for ever; written with its effect."""

lanes = Table(
    "lanes",
    metadata,
    Column("device_id", Text, primary_key=True),
    Column("author", Text, primary_key=True),
    Column("case_id", Text, primary_key=True),
    Column("lane_seq", BigInteger, nullable=False),
    Column("dev_seq", BigInteger, nullable=False),
    Column("chain_head", Text, nullable=False),
    Column("kept", BigInteger, nullable=True),
)
"""``kept``: up to which number the lane was in the backup of the last restore; none for a later one."""

files = Table(
    "files",
    metadata,
    Column("institution_id", Text, primary_key=True, server_default=""),
    Column("sha256", Text, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("stored_at", Text, nullable=False),
)

uploads = Table(
    "uploads",
    metadata,
    Column("upload_id", Text, primary_key=True),
    Column("sha256", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("device_id", Text, nullable=False),
    Column("institution_id", Text, nullable=False, server_default=""),
    Column("done", Integer, nullable=False, server_default="0"),
    Column("made_at", Text, nullable=False),
)

submissions = Table(
    "submissions",
    metadata,
    Column("submission_id", Text, primary_key=True),
    Column("case_id", Text, nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("round", Integer, nullable=False),
    Column("lodged", Integer, nullable=False, server_default="0"),
    Column("active", Integer, nullable=False, server_default="0"),
    Column("person_id", Text, nullable=False),
    Column("receipts", Text, nullable=False, server_default="{}"),
    Index(
        "uq_submissions_key", "case_id", "kind", "subject_id", "round", unique=True,
        sqlite_where=text("lodged = 1"), postgresql_where=text("lodged = 1"),
    ),
    Index(
        "uq_submissions_active", "case_id", "kind", "subject_id", unique=True,
        sqlite_where=text("active = 1"), postgresql_where=text("active = 1"),
    ),
)  # fmt: skip
"""Once lodged a natural key is taken for ever; at most one round is active. The state is in ``docs``."""

court_register = Table(
    "court_register",
    metadata,
    Column("case_id", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("subject_id", Text, primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("submission_id", Text, nullable=False),
    Column("over", Integer, nullable=False, server_default="0"),
    Column("stood", Text, nullable=False, server_default="[]"),
    Column("ruled", Integer, nullable=False, server_default="0"),
    Column("taken", Text, nullable=False, server_default="[]"),
)
"""What courts and arbitration institutions hold, by natural key: theirs, so a restore of the platform
leaves it as it is. ``over``: let go, not admitted or ruled on; ``ruled``: a ruling that confirms it stands;
``stood``: the signatures on the agreement, by their records, when it was handed in; ``taken``: what
the platform had taken by then of what it may rest on, by command."""

court_answers = Table(
    "court_answers",
    metadata,
    Column("submission_id", Text, primary_key=True),
    Column("answer_no", Integer, primary_key=True),
    Column("move", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("court_number", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("notice", Text, nullable=False),
    Column("paper", LargeBinary, nullable=False),
    Column("untold", Integer, nullable=False, server_default="0"),
)
"""What they answered, in its order and with its papers: theirs, too. ``untold``: the platform was restored to
before it, and has not been told it again."""

court_received = Table(
    "court_received",
    metadata,
    Column("submission_id", Text, primary_key=True),
    Column("step", Text, primary_key=True),
    Column("received_no", Integer, nullable=False),
    Column("after", Integer, nullable=False),
    Column("person_id", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("manifest_no", Integer, nullable=False, server_default="0"),
    Column("manifest", Text, nullable=False, server_default=""),
    Column("untold", Integer, nullable=False, server_default="0"),
)
"""What they were brought after an application: theirs, too, one row a step in the order of ``received_no``;
``after``: the number of their last answer told before it."""

manifests = Table(
    "manifests",
    metadata,
    Column("submission_id", Text, primary_key=True),
    Column("manifest_no", Integer, primary_key=True),
    Column("sha256", Text, nullable=False),
    Column("body", Text, nullable=False),
)

number_blocks = Table(
    "number_blocks",
    metadata,
    Column("block_id", Text, primary_key=True),
    Column("series", Text, nullable=False),
    Column("year", Integer, nullable=False),
    Column("first", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    Column("returned_from", Integer),
    Column("device_id", Text, nullable=False),
    Column("institution_id", Text, nullable=False, server_default=""),
    UniqueConstraint("institution_id", "series", "year", "first", name="uq_number_blocks_run"),
)

numbers = Table(
    "numbers",
    metadata,
    Column("number", Text, primary_key=True),
    Column("case_id", Text, nullable=False),
)
"""Case numbers and numbers of notices in use, each by one case."""

packages = Table(
    "packages",
    metadata,
    Column("package_id", Text, primary_key=True),
    Column("sha256", Text, nullable=False),
    Column("device_id", Text, nullable=False),
    Column("institution_id", Text, nullable=False, server_default=""),
    Column("carried_by", Text, nullable=False),
    Column("epoch", Text, nullable=False),
    Column("taken_at", Text, nullable=False),
    Column("receipt", LargeBinary, nullable=False),
)
"""Exchange packages taken in whole, each with its receipt; nothing of the package itself is kept."""

happenings = Table(
    "happenings",
    metadata,
    Column("happening_id", Integer, primary_key=True, autoincrement=True),
    Column("at", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("detail", Text, nullable=False, server_default=""),
)
"""What happened, for the practice panel."""

RESTORED = (
    docs,
    case_order,
    feed,
    ledger,
    lanes,
    files,
    submissions,
    manifests,
    numbers,
    packages,
)
"""What a backup brings back. Sign-in, devices and leased numbers live elsewhere and stay."""

CONFIRMING = ("confirmed", "changed")
"""States of a submission with a ruling that confirms the agreement: 有效, and 改变 after an objection."""

LATER = (
    ("docs", "mediator_id", "TEXT NOT NULL DEFAULT ''"),
    ("case_order", "mediator_id", "TEXT NOT NULL DEFAULT ''"),
    ("feed", "mediator_id", "TEXT NOT NULL DEFAULT ''"),
    ("feed", "was", "TEXT"),
    ("feed", "again", "INTEGER NOT NULL DEFAULT 0"),
    ("lanes", "kept", "BIGINT"),
    ("court_register", "over", "INTEGER NOT NULL DEFAULT 0"),
    ("court_register", "stood", "TEXT NOT NULL DEFAULT '[]'"),
    ("court_register", "ruled", "INTEGER NOT NULL DEFAULT 0"),
    ("court_register", "taken", "TEXT NOT NULL DEFAULT '[]'"),
)
"""Columns that an earlier version of the platform did not have."""

SHAPE = " ".join(str(column) for table in metadata.sorted_tables for column in table.c)
"""Every table and column: a database that bears this mark lacks none and is not looked through again."""

SCOPED = tuple(table for table in metadata.sorted_tables if "institution_id" in table.c)
"""Tables whose rows belong to one institution."""


def complete(conn: Connection) -> None:
    """Add to a database of an earlier version what it lacks: then all of it was the one institution's."""
    there = inspect(conn)
    for table in SCOPED:
        if "institution_id" not in {column["name"] for column in there.get_columns(table.name)}:
            conn.execute(text(f"ALTER TABLE {table.name} ADD COLUMN institution_id TEXT NOT NULL DEFAULT ''"))
    lacking = [one for one in LATER if one[1] not in {column["name"] for column in there.get_columns(one[0])}]
    for of, name, kind in lacking:
        conn.execute(text(f"ALTER TABLE {of} ADD COLUMN {name} {kind}"))
    if lacking:
        assign(conn)
    if any(one[:2] == ("court_register", "over") for one in lacking):
        end(conn)
    if any(one[:2] == ("court_register", "ruled") for one in lacking):
        rule(conn)
    adopt(conn)


def assign(conn: Connection) -> None:
    """Say of rows written by an earlier version in whose hands their cases are."""
    for row in conn.execute(select(docs.c.doc_id, docs.c.body).where(docs.c.entity == "case")).all():
        holder = str(json.loads(row.body).get("mediator_id", ""))
        for table in (docs, feed, case_order) if holder else ():
            mine = table.update().where(table.c.case_id == row.doc_id, table.c.mediator_id == "")
            conn.execute(mine.values(mediator_id=holder))


def end(conn: Connection) -> None:
    """Say of the court's register of an earlier version what is over: whatever the platform has not open."""
    active = select(submissions.c.submission_id).where(submissions.c.active == 1)
    conn.execute(court_register.update().where(court_register.c.submission_id.not_in(active)).values(over=1))


def rule(conn: Connection) -> None:
    """Say of the court's register of an earlier version what is confirmed, as far as the platform knows."""
    found = conn.execute(select(docs.c.doc_id, docs.c.body).where(docs.c.entity == "submission")).all()
    held = [row.doc_id for row in found if json.loads(row.body)["state"] in CONFIRMING]
    conn.execute(court_register.update().where(court_register.c.submission_id.in_(held)).values(ruled=1))


def adopt(conn: Connection) -> None:
    """Give rows without an institution to the first one."""
    profile = conn.execute(select(meta.c.value).where(meta.c.key == "institution")).scalar_one_or_none()
    if profile is not None:
        first = str(json.loads(profile)["institution_id"])
        for table in SCOPED:
            nobodys = table.update().where(table.c.institution_id == "")
            conn.execute(nobodys.values(institution_id=first))
