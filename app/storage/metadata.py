"""What all tables of the local store are registered in."""

from __future__ import annotations

from sqlalchemy import MetaData

metadata = MetaData()
