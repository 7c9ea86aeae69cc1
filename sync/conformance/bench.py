"""What a check works with: seats of the lent people, cases of its own, the control hook."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests

from sync.conformance import papers
from sync.conformance.control import Control
from sync.conformance.seat import Login, Seat
from sync.conformance.verdict import Failed, NotChecked, Unreachable
from sync.conformance.wire import Meter, Wire


@dataclass(frozen=True)
class Loan:
    """What the caller lends: the address and people of a test system."""

    url: str
    first: Login
    """Handles cases (调解员 or 登记员)."""
    second: Login
    """Of the same institution, in another role; best its head (负责人)."""
    statistician: Login | None = None
    neighbour: Login | None = None
    """Handles cases at another institution."""


class Bench:
    """One check's surroundings; its devices are revoked at the end."""

    def __init__(
        self, loan: Loan, opener: Callable[[], requests.Session], meter: Meter, control: Control | None
    ) -> None:
        self.loan = loan
        self.meter = meter
        self._opener = opener
        self._control = control
        self._seats: list[Seat] = []
        self._decided: dict[str, str] = {}

    def wire(self) -> Wire:
        """A connection without sign-in."""
        return Wire(self.loan.url, self._opener, self.meter)

    def seat(self, login: Login | None = None, device_id: str = "") -> Seat:
        """A new registered device, signed in; of the first person unless another is named."""
        seat = Seat(self.wire(), login or self.loan.first, device_id)
        seat.decided = self._decided
        self._seats.append(seat)
        seat.enrol()
        seat.sign_in()
        return seat

    def bare(self, login: Login | None = None) -> Seat:
        """A device not registered yet."""
        seat = Seat(self.wire(), login or self.loan.first)
        seat.decided = self._decided
        self._seats.append(seat)
        return seat

    def second(self) -> Seat:
        """A device of the second person."""
        return self.seat(self.loan.second)

    def neighbour(self) -> Seat:
        """A device at another institution. Raises :class:`NotChecked`."""
        if self.loan.neighbour is None:
            raise NotChecked("另一家机构的用户（neighbour）")
        return self.seat(self.loan.neighbour)

    def statistician(self) -> Seat:
        """A device of a statistician. Raises :class:`NotChecked`."""
        if self.loan.statistician is None:
            raise NotChecked("统计员用户（statistician）")
        return self.seat(self.loan.statistician)

    @property
    def control(self) -> Control:
        """The control hook. Raises :class:`NotChecked`."""
        if self._control is None:
            raise NotChecked("平台一侧的控制口（--control-token）")
        return self._control

    def case(self, seat: Seat, **header: Any) -> str:
        """A new registered case with an applicant and a respondent; its id."""
        case_id = str(uuid.uuid4())
        seat.do(case_id, papers.register(case_id, **header))
        return case_id

    def agreed(self, seat: Seat) -> tuple[str, str]:
        """A new accepted case with a finalised agreement; both ids."""
        case_id, agreement_id = self.case(seat, state="accepted"), str(uuid.uuid4())
        seat.do(case_id, papers.agreement(case_id, agreement_id), base=papers.rests_on("accepted"))
        return case_id, agreement_id

    def clear(self) -> None:
        """Revoke the devices of this check. What a broken server answers then is no matter any more."""
        for seat in self._seats:
            try:
                seat.leave()
            except (Unreachable, Failed):
                seat.wire.close()
        self._seats.clear()
