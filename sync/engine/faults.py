"""What can go wrong on the wire, each with its sentence: what happened, what was kept, what comes next.

PlatformFault (app.domain.errors)
├── UnreachableFault       nobody answered, or the line was cut; ``reached`` tells whether it may have arrived
├── NotOurPlatformFault    somebody else answered (hotspot page, proxy page, foreign JSON): nothing changes
├── LineNotTrustedFault    the encrypted line is not the platform's (certificate)
├── ProxyLoginFault        the network's proxy wants a sign-in
├── BusyFault              429, 503 and other 5xx: later
├── SignInNeededFault      the sign-in is over: the queue stays, a person signs in
├── UpgradeNeededFault     this program is too old for the platform: recording goes on
├── DeviceStoppedFault     revoked, unknown or cloned device: no more syncing until enrolled anew
├── TooLargeFault          413: send less at once
├── EpochChangedFault      410: the platform was restored from a backup
└── RefusedFault           any other 4xx: the item's own state
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.domain.errors import SIGN_IN, PlatformFault

KEPT = "内容都在本机。"


class SyncFault(PlatformFault):
    """Base of these. ``retry``: try again by itself; ``retry_after``: seconds the platform asked for."""

    retry = True
    maybe_done = False
    """Whether the request may have taken effect although no good answer came."""
    default_code = "E-PLATFORM"
    default_message = f"平台没有应答。{KEPT}稍后自动再试。"

    def __init__(
        self, message: str = "", *, code: str = "", detail: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(message or self.default_message, code=code or self.default_code, detail=detail)
        self.retry_after = retry_after


class UnreachableFault(SyncFault):
    """No connection, no name, no answer in time, or the line was cut."""

    default_code = "E-UNREACHABLE"

    def __init__(self, message: str = "", *, maybe_done: bool, detail: str = "") -> None:
        super().__init__(message, detail=detail)
        self.maybe_done = maybe_done


class NotOurPlatformFault(SyncFault):
    """The answer did not come from the platform."""

    maybe_done = True
    default_code = "E-NOT-PLATFORM"
    default_message = (
        f"回答的不是平台，可能是上网登录页或代理网页。没有收下任何内容，{KEPT}先打开浏览器登录网络，再试。"
    )


class LineNotTrustedFault(SyncFault):
    """TLS could not be established with the platform's own certificate."""

    default_code = "E-TLS"
    default_message = (
        f"平台的证书核对不上，没有连接，也没有发出内容。{KEPT}先看电脑的日期对不对，仍不行请找网络管理员。"
    )


class ProxyLoginFault(SyncFault):
    """407."""

    default_code = "E-PROXY"
    default_message = f"单位的代理服务器要先登录，没有连上平台。{KEPT}请找网络管理员开通，之后自动再试。"


class BusyFault(SyncFault):
    """The platform cannot take the request now."""

    maybe_done = True
    default_code = "E-BUSY"
    default_message = f"平台正忙或在维护。{KEPT}稍后自动再试。"


class SignInNeededFault(SyncFault):
    """A person has to sign in again."""

    retry = False
    maybe_done = True
    default_code = SIGN_IN
    default_message = "登录已过期，要用平台口令重新登录。队列里的内容都还在，登录后接着发。"


class UpgradeNeededFault(SyncFault):
    """426, or no contract version in common."""

    retry = False
    default_code = "E-UPGRADE"
    default_message = f"程序版本过旧，平台暂不接收。{KEPT}可以照常记录，升级后自动发送。"


class DeviceStoppedFault(SyncFault):
    """This computer may not sync any more."""

    retry = False
    maybe_done = True
    default_code = "E-DEVICE"
    default_message = f"平台不再接收这台电脑的内容。{KEPT}请联系机构负责人，重新登记本机。"


class TooLargeFault(SyncFault):
    """413. ``gateway``: it came from something in between, which can have less sent at once and no more."""

    default_code = "E-TOO-LARGE"
    default_message = f"一次发送的内容太多。{KEPT}会分成小份再发。"

    def __init__(self, message: str = "", *, detail: str = "", gateway: bool = False) -> None:
        super().__init__(message, detail=detail)
        self.gateway = gateway


class EpochChangedFault(SyncFault):
    """410. ``epoch`` is the new one where the platform told it."""

    default_code = "E-EPOCH"
    default_message = f"平台恢复过数据。{KEPT}正在核对并补发。"


class RefusedFault(SyncFault):
    """A refusal with a reason, to be kept with the item it concerns."""

    retry = False

    def __init__(
        self,
        http: int,
        wire_code: str,
        message: str,
        *,
        field: str = "",
        details: Mapping[str, Any] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, code=f"E-{http}", detail=wire_code, retry_after=retry_after)
        self.http = http
        self.wire_code = wire_code
        self.field = field
        self.details = dict(details or {})


DEVICE_CODES = frozenset({"device_revoked", "device_unknown", "device_cloned"})
"""Refusals that stop the whole device, not one item."""
