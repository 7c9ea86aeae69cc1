"""A line whose faults are aimed: not the n-th request of an exchange, but the first that fits."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import requests

from sync.sandbox.http import Request, Response
from tests.harness.line import Line, as_request
from tests.harness.world import Computer, World

Instead = Callable[[Request], Response]
"""Another's answer; the platform never sees the request."""
Before = Callable[[], object]
"""What happens somewhere while a request is on its way."""
After = Callable[[Response], Response]
"""What the network makes of the platform's answer."""


@dataclass
class Aim:
    """What befalls the next ``count`` requests of a method whose path contains ``part``, after ``skip``."""

    method: str
    part: str
    fate: str = ""
    before: Before | None = None
    instead: Instead | None = None
    after: After | None = None
    count: int = 1
    skip: int = 0

    def meets(self, asked: Request) -> bool:
        """Whether this is one of them; uses one up."""
        if not self.count or asked.method != self.method or self.part not in asked.path:
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.count -= 1
        return True


class AimedLine(Line):
    """A computer's line to the platform with a list of aims. ``asked`` are the requests, oldest first."""

    def __init__(self, world: World) -> None:
        super().__init__(lambda: world.platform, world.bag)
        self.aims: list[Aim] = []
        self.asked: list[str] = []
        self._aim: Aim | None = None

    def send(self, request: requests.PreparedRequest, *_: object, **__: object) -> requests.Response:
        """As the line does, with the fate of the first aim that fits."""
        asked = as_request(request)
        self.asked.append(f"{asked.method} {asked.path}")
        self._aim = next((aim for aim in self.aims if aim.meets(asked)), None)
        self.fates = deque([self._aim.fate] if self._aim and self._aim.fate else [])
        if self._aim is not None and self._aim.before is not None:
            self._aim.before()
        return super().send(request)

    def _instead(self, fate: str, asked: Request) -> Response | None:
        if self._aim is not None and self._aim.instead is not None:
            return self._aim.instead(asked)
        return super()._instead(fate, asked)

    def _answer(self, fate: str, asked: Request) -> Response:
        answer = super()._answer(fate, asked)
        return self._aim.after(answer) if self._aim is not None and self._aim.after is not None else answer

    def count(self, what: str) -> int:
        """How many requests were ``METHOD path``."""
        return self.asked.count(what)

    def spent(self) -> bool:
        """Whether every aim met what it was meant for."""
        return not any(aim.count for aim in self.aims)


def aimed(world: World, pc: Computer, *aims: Aim) -> AimedLine:
    """Put a computer on such a line."""
    line = AimedLine(world)
    line.aims = list(aims)
    pc.line = line
    return line
