"""What the court told stays here when the platform is restored to before it.

The platform's document of an application is written over by the older one, and with it went the events and
the papers that this computer had. Written out in full and importing nothing of the product, so that it means
the same for ever.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, LargeBinary, Text

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the table; what was written over before is not known."""
    op.create_table(
        "kept_answers",
        Column("submission_id", Text, primary_key=True),
        Column("case_id", Text, nullable=False),
        Column("events", LargeBinary, nullable=False),
    )
    op.create_index("ix_kept_answers_case", "kept_answers", ["case_id"])


def downgrade() -> None:
    """An older version does not open a newer file, so there is no way back."""
    raise RuntimeError("a schema is not taken back")
