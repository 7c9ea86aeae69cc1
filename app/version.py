"""Which version of the product this is."""

from __future__ import annotations

import importlib.metadata


def version() -> str:
    """The product's version; 开发版 where it runs from its sources."""
    try:
        return importlib.metadata.version("jiefen")
    except importlib.metadata.PackageNotFoundError:
        return "开发版"
