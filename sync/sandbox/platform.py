"""The platform's core: synchronous, without a server. The shell and the tests hand it requests."""

from __future__ import annotations

import base64
import json
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from sync.contract import commands as c
from sync.contract import handed_down as h
from sync.contract import wire as w
from sync.contract.codes import WireError
from sync.contract.model import CONTRACT_VERSION, MAX_VERSION, MIN_VERSION, PREFIX, Model
from sync.contract.routes import ROUTES, Route
from sync.sandbox import catalogues, feedout, numbers
from sync.sandbox.accounts import NO_CASES, Accounts, Caller
from sync.sandbox.court import Court
from sync.sandbox.http import Request, Response, parse, refusal, reply, tagged, whole_number
from sync.sandbox.ledger import Ledger
from sync.sandbox.packages import Packages
from sync.sandbox.source import Source
from sync.sandbox.store import Store, get_meta, put_meta
from sync.sandbox.submissions import Submissions
from sync.sandbox.uploads import Files

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Call:
    """A matched request: who asks, what the path names, and the body read."""

    request: Request
    args: dict[str, str]
    caller: Caller | None
    body: Any

    @property
    def who(self) -> Caller:
        """The signed-in caller."""
        if self.caller is None:
            raise WireError("unauthenticated")
        return self.caller


def _compile(route: Route) -> tuple[re.Pattern[str], Route]:
    pattern = re.sub(r"{(\w+)}", r"(?P<\1>[A-Za-z0-9._:-]{1,80})", PREFIX + route.path)
    return re.compile(pattern), route


class Platform:
    """The reference platform of contract v1."""

    def __init__(self, url: str, folder: Path, source: Source) -> None:
        self.source = source
        self.folder = folder
        self.store = Store(url)
        self.key = self._keys()
        self.accounts = Accounts(self.store, source)
        self.ledger = Ledger(self.store, source, self.key)
        self.files = Files(self.store, source, folder)
        self.submissions = Submissions(self.store, source, self.key, self.files)
        self.packages = Packages(self.key, source, self.ledger, self.files, self.submissions)
        self.court = Court(self.store, source, self.files, self.submissions)
        self.catalogues = catalogues.load()
        self._routes = [_compile(route) for route in ROUTES]
        self._handlers = self._table()
        with self.store.read() as conn:
            self.epoch = get_meta(conn, "epoch")

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()

    def _keys(self) -> Ed25519PrivateKey:
        """The platform's keys, made at the first start and kept in its store."""
        with self.store.write(self.source.now()) as tx:
            text = get_meta(tx.conn, "sign_private")
            if not text:
                text = base64.b64encode(self.source.random_bytes(32)).decode()
                seal = X25519PrivateKey.from_private_bytes(self.source.random_bytes(32))
                put_meta(tx.conn, "sign_private", text)
                put_meta(tx.conn, "seal_private", _b64(_raw_private(seal)))
                put_meta(tx.conn, "seal_public", _b64(_raw_public(seal)))
                put_meta(tx.conn, "epoch", self.source.new_id())
                put_meta(tx.conn, "epoch_no", "1")
                put_meta(tx.conn, "head", "0")
            key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(text))
            put_meta(tx.conn, "sign_public", _b64(_raw_public(key)))
        return key

    def _table(self) -> dict[str, Callable[[Call], Response]]:
        a, s, f = self.accounts, self.submissions, self.files
        return {
            "sign_in": lambda q: reply(a.sign_in(q.body), 201),
            "refresh": lambda q: reply(a.refresh(q.body)),
            "sign_out": self._sign_out,
            "enrol": lambda q: reply(a.enrol(q.body), 201),
            "revoke": self._revoke,
            "hello": self._hello,
            "snapshot": lambda q: feedout.snapshot(self.store, q.request, self.epoch, q.who),
            "changes": lambda q: feedout.changes(self.store, q.request, self.epoch, q.who),
            "commands": lambda q: reply(self.ledger.take(q.who, q.body)),
            "command": lambda q: reply(self.ledger.answer(q.who, q.args["command_id"])),
            "upload_options": lambda _: f.options(),
            "upload_create": lambda q: f.create(q.request, q.who),
            "upload_head": lambda q: f.head(q.who, q.args["upload_id"]),
            "upload_patch": lambda q: f.patch(q.request, q.who, q.args["upload_id"]),
            "upload_complete": lambda q: reply(f.complete(q.who, q.body, q.args["upload_id"])),
            "file": lambda q: f.read(q.request, q.who, q.args["sha256"]),
            "manifest": self._manifest,
            "lodge": lambda q: reply(s.lodge(q.who, q.args["submission_id"], q.body)),
            "supplement": lambda q: reply(s.supplement(q.who, q.args["submission_id"], q.body)),
            "withdraw": lambda q: reply(s.withdraw(q.who, q.args["submission_id"], q.body)),
            "submission": lambda q: reply(s.get(q.who, q.args["submission_id"])),
            "package": lambda q: reply(self.packages.take(q.who, q.args["package_id"], q.body)),
            "package_receipt": lambda q: self.packages.receipt(q.who, q.args["package_id"]),
            "number_block": lambda q: reply(numbers.lease(self.store, self.source, q.who, q.body), 201),
            "number_block_return": lambda q: reply(
                numbers.give_back(self.store, self.source, q.who, q.args["block_id"], q.body)
            ),
            "catalogues": self._catalogues,
            "catalogue": self._catalogue,
        }

    def handle(self, request: Request) -> Response:
        """Answer one request. Refusals become error bodies; a bug is logged and becomes 500."""
        try:
            response = self._answer(request)
        except WireError as error:
            response = refusal(error)
        except Exception:
            log.exception("request failed: %s %s", request.method, request.path)
            response = refusal(WireError("internal"))
        return tagged(request, response)

    def _answer(self, request: Request) -> Response:
        known: list[str] = []
        for pattern, route in self._routes:
            match = pattern.fullmatch(request.path)
            if match is None:
                continue
            if route.method != request.method:
                known.append(route.method)
                continue
            if route.name != "hello":
                _spoken(request.headers.get(CONTRACT_VERSION.lower(), str(MIN_VERSION)))
            caller = (
                self.accounts.caller(request.headers.get("authorization", "")) if route.signed_in else None
            )
            if route.on_cases and caller is not None and caller.role in NO_CASES:
                raise WireError("forbidden_role")
            if route.name == "commands" and len(request.body) > c.MAX_BYTES:
                raise WireError("too_large")
            if route.name == "commands" and request.body.count(b'"signature"') > c.MAX_COMMANDS:
                _few_enough(request.body)
            body: Model | None = None if route.body is None else parse(route.body, request.body)
            return self._handlers[route.name](Call(request, match.groupdict(), caller, body))
        if not known:
            raise WireError("not_found")
        response = refusal(WireError("method_not_allowed"))
        response.headers["allow"] = ", ".join(known)
        return response

    def _sign_out(self, call: Call) -> Response:
        self.accounts.sign_out(call.who)
        return reply(w.Done())

    def _revoke(self, call: Call) -> Response:
        self.accounts.revoke(call.who, call.args["device_id"])
        return reply(w.Done())

    def _hello(self, call: Call) -> Response:
        self.court.ask_again()
        with_lanes = call.request.query.get("lanes") != "none"
        return reply(feedout.hello(self.store, self.source, call.who, with_lanes))

    def _manifest(self, call: Call) -> Response:
        number = call.args["manifest_no"]
        if not number.isdigit() or not 1 <= int(number) <= 1000:
            raise WireError("bad_request", field="manifest_no")
        answer, new = self.submissions.manifest(call.who, call.args["submission_id"], int(number), call.body)
        return reply(answer, 201 if new else 200)

    def _catalogues(self, call: Call) -> Response:
        tags = {name: entry.etag for name, entry in self.catalogues.items()}
        return reply(h.CatalogueList(catalogues={**tags, catalogues.ROSTER: self._roster(call).etag}))

    def _roster(self, call: Call) -> catalogues.Entry:
        with self.store.read() as conn:
            return catalogues.roster(conn, call.who.institution)

    def _catalogue(self, call: Call) -> Response:
        name = call.args["name"]
        entry = self._roster(call) if name == catalogues.ROSTER else self.catalogues.get(name)
        if entry is None:
            raise WireError("not_found")
        if call.request.headers.get("if-none-match") == entry.etag:
            return reply(None, 304, {"etag": entry.etag})
        return reply(entry.catalogue, 200, {"etag": entry.etag})

    def reread(self) -> None:
        """Read again what is remembered of the store, after it was replaced under us."""
        self.accounts.forget()
        with self.store.read() as conn:
            self.epoch = get_meta(conn, "epoch")
            self.store.head = int(get_meta(conn, "head", "0"))
        for tell in self.store.on_commit:
            tell(self.store.head)

    def setting(self, key: str, default: str = "") -> str:
        """A value of the platform's own settings."""
        with self.store.read() as conn:
            return get_meta(conn, key, default)

    def set_setting(self, key: str, value: Any) -> None:
        """Keep a value of the platform's own settings."""
        with self.store.write(self.source.now()) as tx:
            put_meta(tx.conn, key, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _spoken(version: str) -> None:
    """Raise ``upgrade_required`` for a contract version that is not spoken here, telling which are."""
    if not whole_number(version):
        raise WireError("bad_request", field=CONTRACT_VERSION)
    if not MIN_VERSION <= int(version) <= MAX_VERSION:
        newer = "平台还不支持这个版本的程序，已记录的内容都在本机，等平台升级后再发。"
        message = newer if int(version) > MAX_VERSION else ""
        raise WireError("upgrade_required", message, details={"min": MIN_VERSION, "max": MAX_VERSION})


def _few_enough(body: bytes) -> None:
    """Raise ``too_large`` for more commands than a request may bring: the client then halves its batch."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return
    commands = data.get("commands") if isinstance(data, dict) else None
    if isinstance(commands, list) and len(commands) > c.MAX_COMMANDS:
        raise WireError("too_large")


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _raw_public(key: Ed25519PrivateKey | X25519PrivateKey) -> bytes:
    public = key.public_key()
    return public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def _raw_private(key: X25519PrivateKey) -> bytes:
    raw = serialization.PrivateFormat.Raw
    return key.private_bytes(serialization.Encoding.Raw, raw, serialization.NoEncryption())
