"""Servers that are wrong in one way each: the reference platform with one behaviour spoilt on the wire."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync.contract.canonical import canonical
from sync.contract.codes import WireError
from sync.contract.commands import CHOSEN
from sync.contract.package import PackageOpening
from sync.sandbox import catalogues, feedout
from sync.sandbox import tables as t
from sync.sandbox.accounts import Caller
from sync.sandbox.http import Request, Response, refusal, tagged
from sync.sandbox.platform import Call, Platform

Before = Callable[[Request], Request]
After = Callable[[Request, Response], Response]
JSON_REPLY = "application/vnd.jiefen+json"


@dataclass(frozen=True)
class Wrong:
    """One wrong server and the check that must catch it."""

    name: str
    caught_by: str
    after: After | None = None
    before: Before | None = None
    inside: Callable[[Platform], None] | None = None
    """Spoils what stands behind the wire, once, before the first request."""
    each: Callable[[Platform, Request], None] | None = None
    """Spoils what stands behind the wire, before each request."""


class WrongServer:
    """What the in-process adapter speaks to in the platform's place."""

    def __init__(self, platform: Platform, wrong: Wrong) -> None:
        self.platform = platform
        self.accounts = platform.accounts
        self.wrong = wrong
        if wrong.inside is not None:
            wrong.inside(platform)

    def handle(self, request: Request) -> Response:
        """The platform's answer, spoilt."""
        if self.wrong.each is not None:
            self.wrong.each(self.platform, request)
        asked = request if self.wrong.before is None else self.wrong.before(request)
        answer = self.platform.handle(asked)
        return answer if self.wrong.after is None else self.wrong.after(request, answer)


def body_of(response: Response, change: Callable[[dict[str, Any]], Any]) -> Response:
    """The reply with its JSON object changed in place, or replaced by what ``change`` returns."""
    data = json.loads(response.body)
    data = change(data) or data
    return replace(response, body=json.dumps(data, ensure_ascii=False).encode())


def on(method: str, part: str, change: Callable[[dict[str, Any]], Any], *statuses: int) -> After:
    """Change the JSON of replies to ``method`` on paths containing ``part``."""

    def after(request: Request, response: Response) -> Response:
        fits = request.method == method and part in request.path
        return body_of(response, change) if fits and response.status in (statuses or (200, 201)) else response

    return after


def turned(method: str, part: str, status: int, into: int, data: dict[str, Any] | None = None) -> After:
    """Answer another status where the platform answers ``status``."""

    def after(request: Request, response: Response) -> Response:
        if request.method != method or part not in request.path or response.status != status:
            return response
        body = response.body if data is None else json.dumps(data).encode()
        return replace(response, status=into, body=body)

    return after


def without(header: str, method: str = "", part: str = "") -> Before:
    """A server that overlooks a request header."""

    def before(request: Request) -> Request:
        if (method and request.method != method) or part not in request.path:
            return request
        return replace(request, headers={k: v for k, v in request.headers.items() if k != header})

    return before


def answers(change: Callable[[dict[str, Any]], Any]) -> After:
    """Change each answer to a command."""

    def all_of_them(data: dict[str, Any]) -> None:
        for answer in data["answers"]:
            change(answer)

    return on("POST", "/commands", all_of_them)


def relabelled(request: Request, response: Response) -> Response:
    """Refusals come as plain JSON."""
    if response.status < 400:
        return response
    return replace(response, headers={**response.headers, "content-type": "application/json"})


def silent(request: Request, response: Response) -> Response:
    """Refusals do not echo the request's id."""
    if response.status < 400:
        return response
    return replace(response, headers={k: v for k, v in response.headers.items() if k != "x-request-id"})


def english(request: Request, response: Response) -> Response:
    """Refusals are in English."""
    if response.status < 400 or not response.body:
        return response
    return body_of(response, lambda data: data.update(message="Something went wrong."))


def unsigned(answer: dict[str, Any]) -> None:
    """Receipts without a signature."""
    if answer.get("receipt"):
        answer["receipt"]["signature"] = ""


def forged() -> Callable[[dict[str, Any]], None]:
    """Receipts signed with another key."""
    key = Ed25519PrivateKey.generate()

    def sign(answer: dict[str, Any]) -> None:
        receipt = answer.get("receipt")
        if receipt:
            blank = {name: value for name, value in receipt.items() if name != "signature"}
            receipt["signature"] = base64.b64encode(key.sign(canonical(blank))).decode()

    return sign


def forgetting(platform: Platform, request: Request) -> None:
    """The ledger is emptied before each delivery; the lanes stay."""
    if request.path.endswith("/commands"):
        with platform.store.write(platform.source.now()) as tx:
            tx.conn.execute(t.ledger.delete())


def keyless(platform: Platform) -> None:
    """No natural key: every submission may be lodged, and the court keeps no register of them."""
    platform.submissions._entitled = lambda tx, row: None  # type: ignore[method-assign]
    platform.submissions._hand_over = lambda tx, row: None  # type: ignore[method-assign]
    with platform.store.engine.connect() as conn, conn.begin():
        for name in ("uq_submissions_key", "uq_submissions_active"):
            conn.execute(sa.text(f"DROP INDEX {name}"))


def unheld(platform: Platform, request: Request) -> None:
    """Whatever the court is at holds up nobody: before each delivery all of it counts as over."""
    if request.path.endswith("/commands"):
        with platform.store.write(platform.source.now()) as tx:
            tx.conn.execute(t.submissions.update().values(active=0))
            tx.conn.execute(t.court_register.update().values(over=1))


def credulous(platform: Platform) -> None:
    """Signatures and authors are not looked at."""
    platform.ledger._entitled = lambda *given: None  # type: ignore[method-assign]


def holed(data: dict[str, Any]) -> None:
    """Pages leave out their last change and still claim the whole range."""
    if len(data["items"]) > 1:
        data["items"].pop()


def untold(data: dict[str, Any]) -> None:
    """Other computers never hear of a choice between two values."""
    told = (((item.get("body") or {}).get("body") or {}).get("code") for item in data["items"])
    data["items"] = [item for item, code in zip(data["items"], told, strict=True) if code != CHOSEN]


def authorless(data: dict[str, Any]) -> None:
    """Who made a change is not told."""
    for item in data["items"]:
        item["by"] = None


def never_idle(request: Request, response: Response) -> Response:
    """An empty page instead of 304."""
    if not request.path.endswith("/changes") or response.status != 304:
        return response
    after = int(request.query.get("after", "0"))
    page = {"epoch": "x", "from": after + 1, "to": after, "head": after, "more": False, "items": []}
    return replace(response, status=200, body=json.dumps(page).encode())


def any_epoch(request: Request) -> Request:
    """The epoch of a cursor is overlooked."""
    return replace(request, query={k: v for k, v in request.query.items() if k != "epoch"})


def eager(answer: dict[str, Any]) -> None:
    """What waits is said to be applied."""
    if answer["status"] == "deferred":
        answer.update(status="applied", http=200, consumed=True)


def overwriting(answer: dict[str, Any]) -> None:
    """A conflict is said to be applied."""
    if answer["status"] == "conflict":
        answer.update(status="applied", http=200, current={})


def signed_over(answer: dict[str, Any]) -> None:
    """Talking again, or another version, over signatures not seen is said to be applied."""
    if "signed" in answer["current"]:
        answer.update(status="applied", http=200, current={})


def performed_over(answer: dict[str, Any]) -> None:
    """A step over what was performed and not seen is said to be applied."""
    if "performed" in answer["current"]:
        answer.update(status="applied", current={})


def signs_anything(answer: dict[str, Any]) -> None:
    """A signature on a text that no longer stands is said to be taken."""
    if answer["field"] == "record.body.agreement_id":
        answer.update(status="applied", http=200, code="")


def suspends_anything(answer: dict[str, Any]) -> None:
    """A suspension of what is over is said to be taken."""
    if answer["field"] == "record.body.what":
        answer.update(status="applied", http=200, code="")


def ends_anything(answer: dict[str, Any]) -> None:
    """An ending that had not seen the clock stopped, or a session appointed, is said to be taken."""
    if list(answer["current"]) in (["suspensions"], ["appointment"]):
        answer.update(status="applied", current={})


def lenient(answer: dict[str, Any]) -> None:
    """A step the state does not allow is said to be applied."""
    if answer["code"] == "state":
        answer.update(status="applied", http=200, code="", consumed=True)


def mute(answer: dict[str, Any]) -> None:
    """A rejection without a reason."""
    answer["reason"] = ""


def anywhere(platform: Platform) -> None:
    """Bytes are put wherever the server stands, whatever offset was given."""

    def patch(call: Call) -> Response:
        upload_id = call.args["upload_id"]
        reached = platform.files.head(call.who, upload_id).headers["upload-offset"]
        headers = {**call.request.headers, "upload-offset": reached}
        return platform.files.patch(replace(call.request, headers=headers), call.who, upload_id)

    platform._handlers["upload_patch"] = patch


def from_one(data: dict[str, Any]) -> None:
    """Each device is leased the same numbers."""
    data["first"], data["last"] = 1, data["last"] - data["first"] + 1


def not_done(request: Request) -> Request:
    """Revoking a device is answered and not done."""
    return replace(request, path="/v1/hello", method="GET") if request.method == "DELETE" else request


def fresh_receipts() -> After:
    """Each lodging gets a receipt of its own."""
    count = iter(range(10**6))

    def number(data: dict[str, Any]) -> None:
        data["receipt"]["receipt_no"] = f"ABCD-{next(count):04d}"

    return on("POST", "/lodge", number)


def breaking(request: Request, response: Response) -> Response:
    """NUL in a request is too much for it."""
    if b"\\u0000" in request.body or b"\x00" in request.body:
        return tagged(request, refusal(WireError("internal")))
    return response


def shortened(data: dict[str, Any]) -> None:
    """Fields it does not know are dropped from documents."""
    for item in data["items"]:
        if item["body"]:
            item["body"].pop("from_a_newer_side", None)


def unscoped(platform: Platform) -> None:
    """One feed for everybody, whoever reads it."""

    def changes(call: Call) -> Response:
        everybody = replace(call.who, institution="inst-wutongli")
        return feedout.changes(platform.store, call.request, platform.epoch, everybody)

    platform._handlers["changes"] = changes


def spoilt_receipt(request: Request, response: Response) -> Response:
    """Receipts of packages with one byte changed."""
    if not request.path.endswith("/receipt") or response.status != 200:
        return response
    middle = len(response.body) // 2
    changed = response.body[:middle] + bytes([response.body[middle] ^ 1]) + response.body[middle + 1 :]
    return replace(response, body=changed)


def packages_forgotten(platform: Platform, request: Request) -> None:
    """It does not remember which packages it took."""
    if request.method == "PUT" and "/packages/" in request.path:
        with platform.store.write(platform.source.now()) as tx:
            tx.conn.execute(t.packages.delete())


def any_packer(platform: Platform) -> None:
    """Who packed and signed a package is not looked at."""

    def packer(opening: PackageOpening, signature: bytes, digest: bytes, institution: str) -> Caller:
        return Caller(opening.person_id, "mediator", opening.device_id, "", "", opening.institution_id)

    platform.packages._packer = packer  # type: ignore[method-assign]


def lists_unread(platform: Platform) -> None:
    """The lists of what it may have forgotten are not looked at."""
    platform.packages._forgotten = lambda packer, submission_id: False  # type: ignore[method-assign]


def unended(data: dict[str, Any]) -> None:
    """Cases that leave a device's scope are not ended there."""
    data["items"] = [item for item in data["items"] if not item.get("left_scope")]


def bare(data: dict[str, Any]) -> None:
    """Of a case that changed its version the header only is told."""
    newer = {c["case_id"] for c in data["items"] if c["entity"] == "case" and c["version"] > 1}
    data["items"] = [c for c in data["items"] if c["entity"] == "case" or c["case_id"] not in newer]


def one_roster(platform: Platform) -> None:
    """Everybody gets the first institution's people."""
    platform._roster = lambda call: _roster_of(platform)  # type: ignore[method-assign]


def _roster_of(platform: Platform) -> catalogues.Entry:
    with platform.store.read() as conn:
        return catalogues.roster(conn, "inst-wutongli")


def sent_again(platform: Platform, request: Request) -> None:
    """A file that is there is asked for again."""
    if request.method == "HEAD":
        with platform.store.write(platform.source.now()) as tx:
            tx.conn.execute(t.uploads.update().values(offset=0))


DONE = {"sha256": "0" * 64, "size": 1, "stored": True}
WRONG = (
    Wrong("wrong content type", "reply.content_type", relabelled),
    Wrong("no request id", "reply.request_id", silent),
    Wrong("English refusals", "reply.error_shape", english),
    Wrong("drops unknown fields", "reply.unknown_fields", on("GET", "/changes", shortened)),
    Wrong("reused token is just unknown", "session.reuse",
          on("POST", "/session/refresh", lambda d: d.update(code="unauthenticated"), 401)),
    Wrong("revoking does nothing", "device.revoked", before=not_done),
    Wrong("ledger forgets", "cmd.duplicate", each=forgetting),
    Wrong("receipts unsigned", "cmd.applied", answers(unsigned)),
    Wrong("receipts of another key", "cmd.receipt_own", answers(forged())),
    Wrong("answers in another order", "cmd.batch_order",
          on("POST", "/commands", lambda d: d["answers"].reverse())),
    Wrong("gaps applied", "cmd.gap", answers(eager)),
    Wrong("signatures unread", "cmd.signature", inside=credulous),
    Wrong("rejections without reason", "cmd.rejected", answers(mute)),
    Wrong("last writer wins", "merge.conflict", answers(overwriting)),
    Wrong("signatures replaced unseen", "merge.signed_unseen", answers(signed_over)),
    Wrong("performance set aside unseen", "merge.performed_unseen", answers(performed_over)),
    Wrong("no word for a replaced text's signature", "merge.signed_replaced", answers(signs_anything)),
    Wrong("no word for a late suspension", "merge.suspended_late", answers(suspends_anything)),
    Wrong("ended over a stopped clock", "merge.ended_unseen", answers(ends_anything)),
    Wrong("returned over an appointment", "merge.returned_unseen", answers(ends_anything)),
    Wrong("choices untold", "merge.resolve", on("GET", "/changes", untold)),
    Wrong("any step in any state", "states.accepted", answers(lenient)),
    Wrong("a hole in the feed", "feed.ranges", on("GET", "/changes", holed)),
    Wrong("nobody wrote anything", "feed.documents", on("GET", "/changes", authorless)),
    Wrong("never 304", "feed.idle", never_idle),
    Wrong("epoch unread", "feed.epoch", before=any_epoch),
    Wrong("one feed for all institutions", "scope.feed", inside=unscoped),
    Wrong("offsets unread", "tus.offset", inside=anywhere),
    Wrong("checksums unread", "tus.checksum", before=without("upload-checksum")),
    Wrong("stored without hashing", "tus.wrong_bytes", turned("POST", "/complete", 422, 200, DONE)),
    Wrong("known files sent again", "tus.known", each=sent_again),
    Wrong("ranges unread", "file.range", before=without("range")),
    Wrong("manifests may change", "manifest.fixed", turned("PUT", "/manifests/", 409, 200)),
    Wrong("no natural key", "lodge.both", inside=keyless),
    Wrong("replaced agreements lodged", "lodge.replaced", turned("POST", "/lodge", 422, 200)),
    Wrong("the court holds no agreement", "lodge.holds", each=unheld),
    Wrong("lodged on any signatures", "lodge.signed_unseen", turned("POST", "/lodge", 409, 200, {})),
    Wrong("a receipt for each lodging", "lodge.again", fresh_receipts()),
    Wrong("the same numbers for all", "number.disjoint", on("POST", "/number-blocks", from_one)),
    Wrong("tags unread", "catalogue.etag", before=without("if-none-match")),
    Wrong("two names hold up nothing", "lodge.name_conflict",
          on("POST", "/lodge", lambda d: d.update(code="round"), 409)),
    Wrong("receipts of packages spoilt", "package.hand_in", spoilt_receipt),
    Wrong("a package taken anew each time", "package.again", each=packages_forgotten),
    Wrong("any file under a package's id", "package.id_reused", each=packages_forgotten),
    Wrong("signatures of packages unread", "package.signature", inside=any_packer),
    Wrong("broken packages said to be taken", "package.tampered", turned("PUT", "/packages/", 422, 200, {})),
    Wrong("packages of whoever it may be", "package.foreign", inside=any_packer),
    Wrong("what was forgotten comes in no package", "package.forgotten", inside=lists_unread),
    Wrong("packages of stopped computers", "package.revoked", inside=any_packer),
    Wrong("what goes into other hands just stays away", "scope.people", on("GET", "/changes", unended)),
    Wrong("what comes back comes without its documents", "scope.people", on("GET", "/changes", bare)),
    Wrong("one roster for all institutions", "scope.roster_later", inside=one_roster),
    Wrong("the roster's tag never changes", "scope.roster_later",
          on("GET", "/hello", lambda d: d.update(roster='"1"'))),
    Wrong("breaks on NUL", "hostile.texts", breaking),
)  # fmt: skip
