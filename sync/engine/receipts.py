"""Answers of the platform to commands, checked: no receipt, no delivery."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import msgspec

from app.clock import to_text
from app.services.port_values import Answer, Settled, Theirs
from app.storage.crypto import DEFAULT_SUITE
from sync.contract.canonical import canonical
from sync.contract.commands import CommandAnswer, Current
from sync.engine import faults
from sync.engine.reading import UNREADABLE
from sync.engine.work import Settling

REFUSED_RETRY = 300.0
"""Seconds until a command refused for a cause outside itself is offered again."""


def genuine(receipt: Any, platform_key: bytes, command_id: str, digest: str) -> bool:
    """Whether a receipt is signed by the platform and names this command with this hash."""
    if not isinstance(receipt, dict):
        return False
    body = {name: value for name, value in receipt.items() if name != "signature"}
    if (body.get("command_id"), body.get("command_hash")) != (command_id, digest):
        return False
    return _signed(body, receipt.get("signature"), platform_key)


def genuine_filing(receipt: Any, platform_key: bytes, submission_id: str) -> bool:
    """Whether a receipt of a filing is signed by the platform and names this submission."""
    if not isinstance(receipt, dict):
        return False
    body = {name: value for name, value in receipt.items() if name != "signature"}
    if str(body.get("command_id", "")).partition(":")[0] != submission_id:
        return False
    return _signed(body, receipt.get("signature"), platform_key)


def _signed(body: dict[str, Any], signature: Any, platform_key: bytes) -> bool:
    try:
        given = base64.b64decode(str(signature), altchars=b"-_" if set("-_") & set(str(signature)) else None)
        return DEFAULT_SUITE.verify(platform_key, given, canonical(body))
    except (binascii.Error, ValueError, TypeError):
        return False


def understood(work: Settling, raw: Any, digest: str, attempts: int, key: bytes) -> Answer | None:
    """One answer of the platform in the store's words.

    ``None`` when it claims an effect without a genuine receipt: then nothing is known.
    Raises :class:`NotOurPlatformFault` when it is not an answer at all.
    """
    try:
        answer = CommandAnswer.model_validate(raw)
        return _understood(work, raw, answer, digest, attempts, key)
    except UNREADABLE as error:
        raise faults.NotOurPlatformFault(detail="command answer") from error


def _understood(
    work: Settling, raw: Any, answer: CommandAnswer, digest: str, attempts: int, key: bytes
) -> Answer | None:
    status = (answer.first_status or "applied") if answer.status == "duplicate" else answer.status
    if status in ("applied", "merged"):
        receipt = raw.get("receipt")
        if not genuine(receipt, key, answer.command_id, digest):
            work.port.state.log("push", "receipt", "一张回执核对不上，没有算作已送达，会再核对。")
            return None
        return Answer(
            command_id=answer.command_id,
            status="merged" if status == "merged" else "applied",
            feed_seq=answer.seq or int(receipt["seq"]),
            receipt=msgspec.json.encode(receipt, order="sorted"),
        )
    retry_at = ""
    if status == "deferred":
        retry_at = work.later(attempts, float(answer.retry_after))
    elif not answer.consumed:
        retry_at = work.later(attempts, REFUSED_RETRY)
    settled: Settled = status if status in ("conflict", "rejected", "deferred") else "deferred"
    return Answer(
        command_id=answer.command_id,
        status=settled,
        code=answer.code,
        field=answer.field,
        reason=answer.reason,
        feed_seq=answer.seq,
        current={
            name: Theirs(value=now.value, by=now.by, at=_when(now)) for name, now in answer.current.items()
        },
        consumed=answer.consumed,
        retry_at=retry_at,
    )


def _when(now: Current) -> str:
    """The time to show beside one's own: both are when somebody wrote, not when a line was there to send."""
    moment = now.written_at or now.at
    return to_text(moment) if moment else ""
