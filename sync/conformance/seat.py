"""One registered device of the kit with its person's key, and what it can do on the wire."""

from __future__ import annotations

import base64
import datetime as dt
import secrets
import threading
import uuid
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from sync.conformance.verdict import Failed, equal, must
from sync.conformance.wire import Answer, Wire
from sync.contract.canonical import GENESIS, canonical, digest, hash_of
from sync.contract.commands import RESTED_ON, SCHEMA_VERSION
from sync.contract.wire import Enrolment

NAME = "合规检查用设备"


@dataclass(frozen=True)
class Login:
    """A person the caller lent to the kit."""

    user: str
    password: str


def b64(data: bytes) -> str:
    """Standard base64."""
    return base64.b64encode(data).decode()


@dataclass
class Keys:
    """A person's key pairs on a device."""

    sign: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    seal: X25519PrivateKey = field(default_factory=X25519PrivateKey.generate)

    def public(self) -> dict[str, str]:
        """Both public keys as enrolment wants them."""
        sign, seal = self.sign.public_key(), self.seal.public_key()
        return {"sign_public": b64(sign.public_bytes_raw()), "seal_public": b64(seal.public_bytes_raw())}


class Seat:
    """A device, its person, the lanes written so far, and a signed-in connection."""

    def __init__(self, wire: Wire, login: Login, device_id: str = "") -> None:
        self.wire = wire
        self.login = login
        self.device_id = device_id or str(uuid.uuid4())
        self.keys = Keys()
        self.dev_seq = 0
        self.lanes: dict[tuple[str, str], tuple[int, str]] = {}
        self.person_id = ""
        self.refresh_token = ""
        self.platform_key = b""
        self.decided: dict[str, str] = {}
        """By case the last decision that took effect: the next rests on it. Of all devices of a check."""

    # -- registering and signing in ------------------------------------------------------------------

    scope = ""
    """What it asks to be sent; see ``Enrol.scope``."""

    def enrol_body(self, *others: tuple[Login, Keys]) -> dict[str, Any]:
        """The body of ``POST /devices`` for this person and perhaps others."""
        people: list[dict[str, str]] = [{"login": self.login.user, **self.keys.public()}]
        people += [{"login": who.user, "password": who.password, **keys.public()} for who, keys in others]
        who = {"user": self.login.user, "password": self.login.password}
        asked = {"scope": self.scope} if self.scope else {}
        return {"device_id": self.device_id, "device_name": NAME, **who, "people": people, **asked}

    def enrol(self, *others: tuple[Login, Keys]) -> Enrolment:
        """Register the device (again). Raises :class:`Failed`."""
        answer = self.wire.ask("POST", "/devices", data=self.enrol_body(*others), signed_in=False)
        answer.must_be(201)
        try:
            told = Enrolment.model_validate_json(answer.body)
        except ValueError as error:
            raise Failed(f"POST /devices 的回复不合约定：{str(error)[:200]}") from error
        self.person_id = told.person_id
        self.platform_key = base64.b64decode(told.platform_sign_public)
        return told

    def sign_in(self) -> dict[str, Any]:
        """New tokens; returns the reply. Raises :class:`Failed`."""
        told = self.wire.ask("POST", "/session", data=self.sign_in_body(), signed_in=False).object(201)
        self.take(told)
        return told

    def sign_in_body(self) -> dict[str, str]:
        """The body of ``POST /session``."""
        return {"device_id": self.device_id, "user": self.login.user, "password": self.login.password}

    def take(self, told: dict[str, Any]) -> None:
        """Use the tokens of a reply from now on."""
        self.wire.token = str(told.get("access_token", ""))
        self.refresh_token = str(told.get("refresh_token", ""))

    def refresh(self, token: str = "") -> Answer:
        """``POST /session/refresh``; the answer as it is."""
        body = {"refresh_token": token or self.refresh_token}
        return self.wire.ask("POST", "/session/refresh", data=body, signed_in=False)

    def leave(self) -> None:
        """Revoke the device, so that the run leaves nobody signed in."""
        self.wire.ask("DELETE", f"/devices/{self.device_id}", counted=False)
        self.wire.close()

    # -- commands ------------------------------------------------------------------------------------

    def write(self, case_id: str, payload: dict[str, Any], *, base: dict[str, Any] | None = None,
              version: int = 0, keys: Keys | None = None, advance: bool = True, **changed: Any
              ) -> dict[str, Any]:  # fmt: skip
        """A signed command at the tail of its lane; ``changed`` overrides fields of the envelope.

        ``advance=False`` leaves the lane's tail where it is.
        """
        if base is not None and "state" in base:
            base = {"decided_by": self.decided.get(case_id, ""), **base}
        author = str(changed.get("author", self.person_id))
        last, head = self.lanes.get((author, case_id), (0, GENESIS))
        self.dev_seq += 1
        now = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        command = {
            "command_id": str(uuid.uuid4()), "device_id": self.device_id, "dev_seq": self.dev_seq,
            "author": self.person_id, "case_id": case_id, "lane_seq": last + 1, "prev_hash": head,
            "base_version": version, "base_values": base or {}, "schema_version": SCHEMA_VERSION,
            "written_at": now, "payload": payload, "payload_sha256": hash_of(payload), **changed,
        }  # fmt: skip
        raw = canonical(command)
        if advance:
            self.lanes[author, case_id] = (command["lane_seq"], digest(raw))
        return {"command": command, "signature": b64((keys or self.keys).sign.sign(raw))}

    def deliver(self, *signed: dict[str, Any], wire: Wire | None = None) -> list[dict[str, Any]]:
        """Deliver commands; one answer each, in the order sent. Raises :class:`Failed`."""
        told = (wire or self.wire).ask("POST", "/commands", data={"commands": list(signed)}).object(200)
        answers = told.get("answers")
        if not isinstance(answers, list) or len(answers) != len(signed):
            raise Failed(
                f"发了 {len(signed)} 条，回了 {len(answers) if isinstance(answers, list) else '别的'}"
            )
        ids = [item["command"]["command_id"] for item in signed]
        equal([answer.get("command_id") for answer in answers], ids, "回复的次序")
        for item, answer in zip(signed, answers, strict=True):
            command = item["command"]
            payload = command.get("payload")
            kind = payload.get("kind") if isinstance(payload, dict) else None
            if kind in RESTED_ON and answer.get("status") in ("applied", "merged"):
                self.decided[command["case_id"]] = command["command_id"]
        return answers

    def one(self, signed: dict[str, Any]) -> dict[str, Any]:
        """Deliver one command; its answer."""
        return self.deliver(signed)[0]

    def do(self, case_id: str, payload: dict[str, Any], **more: Any) -> dict[str, Any]:
        """Write and deliver one command that must be applied or merged; its answer."""
        answer = self.one(self.write(case_id, payload, **more))
        must(answer["status"] in ("applied", "merged"), f"{payload['kind']} 没有收下：{answer}")
        return answer

    def proven(self, receipt: Any) -> dict[str, Any]:
        """The receipt, its signature checked with the platform's key. Raises :class:`Failed`."""
        if not isinstance(receipt, dict):
            raise Failed("没有回执")
        unsigned = {name: value for name, value in receipt.items() if name != "signature"}
        try:
            key = Ed25519PublicKey.from_public_bytes(self.platform_key)
            key.verify(base64.b64decode(str(receipt.get("signature", ""))), canonical(unsigned))
        except (InvalidSignature, ValueError, TypeError):
            raise Failed(f"回执的签名核对不上：{receipt.get('receipt_no')}") from None
        return receipt

    # -- reading -------------------------------------------------------------------------------------

    def hello(self) -> dict[str, Any]:
        """``GET /hello``."""
        return self.wire.ask("GET", "/hello").object(200)

    def head(self) -> int:
        """The feed's last sequence."""
        return int(self.hello()["head"])

    def page(self, after: int, limit: int = 200, **more: Any) -> dict[str, Any] | None:
        """One page of the feed after a sequence; ``None`` for 304."""
        answer = self.wire.ask("GET", "/changes", params={"after": after, "limit": limit, **more})
        if answer.status == 304:
            return None
        page = answer.object(200)
        must(page.get("from") == after + 1, f"要 {after} 之后的，页却从 {page.get('from')} 开始")
        must(isinstance(page.get("to"), int) and page["to"] > after, f"页写的范围不对：到 {page.get('to')}")
        return page

    def since(self, after: int, limit: int = 200, most: int = 60) -> list[dict[str, Any]]:
        """All changes after a sequence, in order."""
        found: list[dict[str, Any]] = []
        for _ in range(most):
            page = self.page(after, limit)
            if page is None:
                return found
            found += page["items"]
            after = page["to"]
        raise Failed(f"读了 {most} 页还没有到头")

    def of_case(self, after: int, case_id: str) -> dict[tuple[str, str], dict[str, Any]]:
        """The last change of each document of a case since ``after``."""
        changes = (change for change in self.since(after) if change["case_id"] == case_id)
        return {(change["entity"], change["id"]): change for change in changes}

    # -- files ---------------------------------------------------------------------------------------

    def announce(self, data: bytes, **changed: str) -> Answer:
        """``POST /uploads`` for these bytes; ``changed`` overrides size and sha256."""
        sha256 = changed.get("sha256", digest(data))
        headers = {"Tus-Resumable": "1.0.0", "Upload-Length": changed.get("size", str(len(data)))}
        headers["Upload-Metadata"] = f"sha256 {b64(sha256.encode())}"
        return self.wire.ask("POST", "/uploads", headers=headers)

    def place(self, made: Answer) -> str:
        """The path of a new upload below ``/v1``. Raises :class:`Failed`."""
        made.must_be(201)
        location = made.headers.get("Location", "")
        must("/v1/uploads/" in location, f"新上传没有给出位置：{location!r}")
        return "/uploads/" + location.partition("/v1/uploads/")[2]

    def push(self, path: str, data: bytes, offset: int, wire: Wire | None = None, **more: str) -> Answer:
        """``PATCH`` bytes at an offset."""
        headers = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}
        headers |= {"Upload-Offset": str(offset), **{k.replace("_", "-"): v for k, v in more.items()}}
        return (wire or self.wire).ask("PATCH", path, raw=data, headers=headers)

    def finish(self, path: str, data: bytes) -> Answer:
        """``POST …/complete``."""
        return self.wire.ask("POST", f"{path}/complete", data={"sha256": digest(data), "size": len(data)})

    def offset(self, path: str, wire: Wire | None = None) -> int:
        """The offset that ``HEAD`` tells. Raises :class:`Failed`."""
        answer = (wire or self.wire).ask("HEAD", path).must_be(200, 204)
        text = answer.headers.get("Upload-Offset", "")
        must(text.isdigit(), f"HEAD 没有给出 Upload-Offset：{text!r}")
        return int(text)

    def upload(self, data: bytes) -> str:
        """Send a whole file; its hash."""
        path = self.place(self.announce(data))
        reached = self.offset(path)
        if reached < len(data):
            self.push(path, data[reached:], reached).must_be(204)
        self.finish(path, data).must_be(200)
        return digest(data)


def some_bytes(size: int) -> bytes:
    """Bytes that no file has yet."""
    return secrets.token_bytes(size)


def together(*works: Any) -> list[Any]:
    """Run callables at the same moment, each in a thread; their results in order.

    An exception of one is raised here after all have ended.
    """
    gate = threading.Barrier(len(works))
    results: list[Any] = [None] * len(works)

    def run(number: int, work: Any) -> None:
        gate.wait(30)
        try:
            results[number] = work()
        except Exception as error:  # noqa: BLE001 - raised again below, in the caller's thread
            results[number] = error

    threads = [threading.Thread(target=run, args=(n, work), daemon=True) for n, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    for result in results:
        if isinstance(result, Exception):
            raise result
    return results
