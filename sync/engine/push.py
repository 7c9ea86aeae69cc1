"""Commands out: the outbox's own bytes in batches, each answered for itself."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from app.services.port_values import Answer, Outgoing
from sync.engine import faults
from sync.engine.receipts import REFUSED_RETRY, understood
from sync.engine.work import Settling, Work

BATCHES = 200
"""Batches in one run at most; a longer queue goes on in the next."""


def push(work: Work) -> None:
    """Find out about the unknown ones, then send what is ready, oldest first in each lane."""
    ask_unknown(work)
    # Refused for an earlier device id: it would be again.
    work.changed(work.port.outgoing.reissue())
    limit = work.limits.commands
    for _ in range(BATCHES):
        work.go_on()
        # The limit holds for the whole body; the envelope around each command takes some of it.
        batch = work.port.outgoing.begin_batch(limit, work.limits.command_bytes * 8 // 10)
        if batch:
            limit = send(work, batch, limit)
            continue
        # What was refused for an earlier device id of this computer goes out under the present one.
        anew = work.port.outgoing.reissue()
        work.changed(anew)
        if not anew:
            return


def ask_unknown(work: Work) -> None:
    """Ask what became of each command of which no answer came. Nothing is assumed."""
    key = work.port.platform_key
    while True:
        unknown = work.port.outgoing.unknown()
        digests = work.port.outgoing.digests(unknown)
        settled = 0
        for command_id in unknown:
            work.go_on()
            try:
                raw = work.client.get(f"/commands/{command_id}")
            except faults.RefusedFault as refusal:
                if refusal.http != 404:
                    raise
                work.port.outgoing.forgotten(command_id)
                settled += 1
                continue
            attempts = work.port.outgoing.attempts(command_id)
            answer = understood(work, raw, digests[command_id], attempts, key)
            if answer is not None and answer.command_id == command_id:
                settle(work, [answer])
                settled += 1
        if not settled:
            return


def body_of(batch: Sequence[Outgoing]) -> bytes:
    """The request's body: each command spliced in as the very bytes that were hashed and signed."""
    items = (
        b'{"command":' + one.raw + b',"signature":"' + base64.b64encode(one.signature) + b'"}'
        for one in batch
    )
    return b'{"commands":[' + b",".join(items) + b"]}"


def send(work: Work, batch: Sequence[Outgoing], limit: int) -> int:
    """Send one batch and write down each answer; returns how many to send at once from now on."""
    ids = [one.command_id for one in batch]
    try:
        reply = work.client.call("POST", "/commands", body=body_of(batch)).json()
    except faults.TooLargeFault as fault:
        return _too_large(work, batch, fault)
    except faults.SyncFault as fault:
        if fault.maybe_done:
            work.port.outgoing.in_doubt(ids)
        else:
            work.port.outgoing.not_sent(ids)
        raise
    _take(work, batch, reply)
    return limit


def _too_large(work: Work, batch: Sequence[Outgoing], fault: faults.TooLargeFault) -> int:
    work.port.outgoing.not_sent([one.command_id for one in batch])
    if len(batch) > 1:
        return len(batch) // 2
    alone = batch[0]
    retry_at = work.later(alone.attempts + 1, REFUSED_RETRY)
    if fault.gateway:
        # Whatever stands in between can only put off: the platform has not refused anything.
        settle(work, [Answer(alone.command_id, "deferred", reason=fault.message, retry_at=retry_at)])
        return 1
    answer = Answer(
        command_id=alone.command_id,
        status="rejected",
        code="too_large",
        reason="这一条内容太多，平台收不下。内容在本机，请分成几条再写。",
        consumed=False,
        retry_at=retry_at,
    )
    settle(work, [answer])
    return 1


def _take(work: Work, batch: Sequence[Outgoing], reply: object) -> None:
    """Settle what was answered; what was not, or not credibly, is in doubt."""
    ids = {one.command_id: one for one in batch}
    key = work.port.platform_key
    good: dict[str, Answer] = {}
    try:
        raw_answers = reply.get("answers") if isinstance(reply, dict) else None
        if not isinstance(raw_answers, list):
            raise faults.NotOurPlatformFault(detail="command answers")
        for raw in raw_answers:
            one = ids.get(str(raw.get("command_id", ""))) if isinstance(raw, dict) else None
            if one is not None:
                answer = understood(work, raw, one.digest, one.attempts + 1, key)
                if answer is not None:
                    good[one.command_id] = answer
    finally:
        work.port.outgoing.in_doubt([command_id for command_id in ids if command_id not in good])
        settle(work, list(good.values()))


def settle(work: Settling, answers: Sequence[Answer]) -> None:
    """Write answers down and count the deliveries."""
    work.changed(work.port.outgoing.settle(answers))
    work.sent += sum(answer.status in ("applied", "merged") for answer in answers)
