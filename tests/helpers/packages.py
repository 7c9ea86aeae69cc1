"""A stick that goes from one computer to another: packing, handing in, reading the receipt."""

from __future__ import annotations

import random
from pathlib import Path
from threading import Event

from app.services.exchange_package import ExchangePackages
from app.services.package_records import PackageRecord
from app.storage.container import Progress
from sync.engine.exchange import HandedIn, hand_in, read_receipt
from tests.helpers.clients import Office


def pack(office: Office, stick: Path, progress: Progress | None = None) -> Path:
    """Pack what waits; the package's place."""
    stick.mkdir(exist_ok=True)
    record = ExchangePackages(office.desk).pack(stick, progress).value
    place = stick / record.file_name
    assert [path.name for path in stick.iterdir() if path.suffix == ".part"] == []
    assert place.stat().st_size == record.size
    return place


def carry(office: Office, package: Path) -> HandedIn:
    """Hand a package in at a computer with network."""
    client = office.client()
    try:
        return hand_in(office.port, client, package, Event()).value
    finally:
        client.close()


def read(office: Office, receipt: Path) -> PackageRecord:
    """Read the receipt back at home."""
    return read_receipt(office.port, office.clock, receipt, jitter=random.Random(7).uniform).value


def round_trip(home: Office, town: Office, stick: Path) -> PackageRecord:
    """All three."""
    return read(home, carry(town, pack(home, stick)).receipt)
