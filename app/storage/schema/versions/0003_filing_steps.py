"""Steps of a filing that are over stay, each with its receipt.

``filings`` holds one row a filing: what is asked of the court now. What was asked before it, such as the
lodging before a supplement, was written over. Written out in full and importing nothing of the product, so
that it means the same for ever.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Integer, LargeBinary, Text

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table; what was written over before cannot be had any more."""
    op.create_table(
        "filing_steps",
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
    )
    op.create_index("ix_filing_steps_settled", "filing_steps", ["settled_at"])
    op.create_index("ix_filing_steps_submission", "filing_steps", ["submission_id"])


def downgrade() -> None:
    """An older version does not open a newer file, so there is no way back."""
    raise RuntimeError("a schema is not taken back")
