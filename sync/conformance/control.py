"""What only the server's side can do: court moves, restore, suspension, time. An adapter per server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import requests

from sync.conformance.verdict import Failed, Unreachable


class Control(Protocol):
    """Presses what the platform's own people press. A real platform's team writes its adapter."""

    def court(self, submission_id: str, move: str) -> None:
        """The court moves a filing: ``ask_supplement``, ``accept``, ``confirm``, ``not_accept`` …"""
        ...

    def dispatch(self) -> str:
        """An applicant files and the platform dispatches the case here; its id."""
        ...

    def take_back(self, case_id: str) -> None:
        """The platform takes a case back (a tombstone in the feed)."""
        ...

    def reassign(self, case_id: str, login: str) -> None:
        """The platform gives a case to another mediator."""
        ...

    def standing(self, status: str) -> None:
        """``suspended``, ``closed`` or ``active``."""
        ...

    def backup(self) -> None:
        """Keep a backup to restore."""
        ...

    def restore(self) -> None:
        """Go back to the backup kept last: a new epoch begins."""
        ...

    def days(self, count: int) -> None:
        """Move the server's clock by days."""
        ...


class SandboxControl:
    """The reference platform's switches under ``/sandbox/``."""

    def __init__(self, url: str, token: str, opener: Callable[[], requests.Session]) -> None:
        self.url = url.rstrip("/")
        self._headers = {"X-Sandbox-Token": token}
        self._session = opener()

    def close(self) -> None:
        """Let go of the connection."""
        self._session.close()

    def _press(self, path: str, **data: Any) -> Any:
        url = f"{self.url}/sandbox/{path}"
        try:
            answer = self._session.post(url, json=data, headers=self._headers, timeout=60)
        except (requests.RequestException, OSError) as error:
            raise Unreachable(f"控制口 {path} 没有得到应答") from error
        if answer.status_code != 200:
            raise Failed(f"控制口 {path} 应答 {answer.status_code}：{answer.text[:200]}")
        return answer.json()

    def court(self, submission_id: str, move: str) -> None:
        self._press(f"court/{submission_id}/{move.replace('_', '-')}")

    def dispatch(self) -> str:
        return str(self._press("dispatch")["case_id"])

    def take_back(self, case_id: str) -> None:
        self._press("tombstone", case_id=case_id)

    def reassign(self, case_id: str, login: str) -> None:
        self._press("reassign", case_id=case_id, login=login)

    def standing(self, status: str) -> None:
        self._press({"suspended": "suspend", "closed": "close", "active": "resume"}[status])

    def backup(self) -> None:
        self._press("backup", name="conformance")

    def restore(self) -> None:
        self._press("restore", name="conformance")

    def days(self, count: int) -> None:
        self._press("clock", days=count)
