"""Applications at a platform that was restored to before them."""

from __future__ import annotations

from typing import Any

from app.services.filing import Filing
from tests.helpers.clients import Office


def lodge(office: Office, case_id: str) -> str:
    """Lodged; the id of the application."""
    submission_id = Filing(office.desk).lodge(case_id).value
    office.good_run()
    return submission_id


def restore(office: Office) -> None:
    """The platform forgets what came after the backup, and the office hears of it."""
    office.sandbox.control("restore")
    for _ in range(2):
        office.good_run()
        office.later(60)


def a_day_later(*offices: Office) -> None:
    """A day passes, here and there: the platform has asked the courts what it forgot."""
    offices[0].sandbox.control("clock", days=1)
    for office in offices:
        office.later(86_400)


def at_the_platform(office: Office, submission_id: str) -> Any:
    """The application as the platform has it, with its last receipt."""
    client = office.client()
    try:
        return client.get(f"/submissions/{submission_id}")
    finally:
        client.close()


def states(told: Any) -> list[str]:
    """How an application went, by the platform."""
    return [event["state"] for event in told["submission"]["events"]]


def in_turn(*offices: Office) -> None:
    """Everybody has exchanged twice, and knows of the others."""
    for office in (*offices, *offices):
        office.good_run()
        office.later(60)
