"""The raw inbox keeps who made a change and when, as the platform tells it with each.

Where two values stand for one thing and the platform's moves on, the person who has to choose is told whose
the newer one is. Written out in full and importing nothing of the product, so that it means the same for
ever.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Text

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the columns; of what came before it is not known."""
    for name in ("changed_by", "changed_at"):
        op.add_column("inbox", Column(name, Text, nullable=False, server_default=""))


def downgrade() -> None:
    """An older version does not open a newer file, so there is no way back."""
    raise RuntimeError("a schema is not taken back")
