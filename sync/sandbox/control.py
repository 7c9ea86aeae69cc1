"""Control of the sandbox under ``/sandbox/``: what the practice panel and the tests press."""

from __future__ import annotations

import datetime as dt
import hmac
import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from sync.contract.codes import WireError
from sync.sandbox import backups
from sync.sandbox import tables as t
from sync.sandbox.actors import MATERIAL, Actors, dispatch_kinds
from sync.sandbox.calendar import shift
from sync.sandbox.faults import MODES, Faults
from sync.sandbox.http import Request, Response, raw_reply, refusal, tagged
from sync.sandbox.platform import Platform
from sync.sandbox.seeding import PASSWORD
from sync.sandbox.source import SHANGHAI
from sync.sandbox.store import stamp

PREFIX = "/sandbox/"
NETWORK = "network_mode"
"""Setting that remembers what the network did, for the next start to tell."""
TOKEN_HEADER = "x-sandbox-token"  # noqa: S105 - the header's name


class Control:
    """Guarded by the token printed at start; never subject to faults."""

    def __init__(self, platform: Platform, faults: Faults, token: str, reset: Callable[[], None]) -> None:
        self.platform = platform
        self.faults = faults
        self.token = token
        self._reset = reset
        self.actors = Actors(platform)

    def handle(self, request: Request) -> Response:
        """Answer a control request."""
        if not hmac.compare_digest(request.headers.get(TOKEN_HEADER, "").encode(), self.token.encode()):
            return refusal(WireError("unauthenticated"))
        try:
            response = raw_reply(self._act(request))
        except WireError as error:
            response = refusal(error)
        return tagged(request, response)

    def _act(self, request: Request) -> Any:
        parts = request.path.removeprefix(PREFIX).strip("/").split("/")
        if request.method == "GET":
            return self._look(parts[0])
        if request.method != "POST":
            raise WireError("not_found")
        try:
            data = json.loads(request.body or b"{}")
        except ValueError as error:
            raise WireError("bad_request") from error
        if not isinstance(data, dict):
            raise WireError("bad_request")
        return self._do(parts, data)

    def _look(self, what: str) -> Any:
        if what == "state":
            return self.state()
        if what == "log":
            return {"happenings": self.log()}
        if what == "overview":
            return {"cases": self.actors.overview()}
        if what == "kinds":
            wanted = ("code", "name", "hint")
            return {"kinds": [{key: kind[key] for key in wanted} for kind in dispatch_kinds()]}
        raise WireError("not_found")

    def _do(self, parts: list[str], data: dict[str, Any]) -> Any:
        a = self.actors
        case_id = str(data.get("case_id", ""))
        match parts:
            case ["dispatch"]:
                return a.dispatch(str(data.get("kind", "")))
            case ["ask-material"]:
                return a.ask_material(case_id, str(data.get("material", MATERIAL)))
            case ["edit-same-field"]:
                field, party_id = str(data.get("field", "service_address")), str(data.get("party_id", ""))
                return a.edit_same_field(case_id, field, data.get("value"), party_id)
            case ["tombstone"]:
                return a.withdraw_case(case_id, str(data.get("reason", "派件有误，平台收回")))
            case ["reassign"]:
                return a.reassign(case_id, str(data.get("login", "")))
            case ["staff"]:
                words = {key: str(data.get(key, "")) for key in ("login", "name", "role")}
                return a.staff(**words, active=bool(data.get("active", True)), password=PASSWORD)
            case ["suspend"]:
                basis = "《多元化解矛盾纠纷服务“一件事”平台运行管理办法（试行）》"
                return a.stand("suspended", str(data.get("reason", "机构申请暂停接收")), basis)
            case ["resume"]:
                return a.stand("active")
            case ["close"]:
                return a.stand("closed", str(data.get("reason", "机构已关闭")))
            case ["device", device_id, "revoke" | "reinstate" as what]:
                accounts = self.platform.accounts
                accounts.reinstate(device_id) if what == "reinstate" else accounts.stop(device_id)
                return {"device_id": device_id}
            case ["court", submission_id, move]:
                asked = [str(item) for item in data.get("asked", [])] or None
                seen = str(data.get("seen", ""))
                return self.platform.court.move(submission_id, move.replace("-", "_"), asked, seen=seen)
            case ["network", mode]:
                return self._network(mode.replace("-", "_"), data)
            case ["clock"]:
                return self._clock(data)
            case ["backup"]:
                return {"backup": backups.make(self.platform, str(data.get("name", backups.LATEST)))}
            case ["restore"]:
                return {"epoch": backups.restore(self.platform, str(data.get("name", backups.LATEST)))}
            case ["reset"]:
                self._reset()
                return self.state()
        raise WireError("not_found")

    def state(self) -> dict[str, Any]:
        """Where the sandbox stands."""
        now = self.platform.source.now()
        return {
            "epoch": self.platform.epoch,
            "head": self.platform.store.head,
            "network": self.faults.mode,
            "network_label": MODES[self.faults.mode],
            "now": stamp(now),
            "today": now.astimezone(SHANGHAI).date().isoformat(),
            "offset_seconds": int(self.platform.source.clock.offset.total_seconds()),
            "standing": json.loads(self.platform.setting("standing", '{"status":"active"}')),
            "modes": MODES,
        }

    def log(self) -> list[dict[str, str]]:
        """The last happenings, the latest first."""
        latest = (t.happenings.c.at.desc(), t.happenings.c.happening_id.desc())
        query = select(t.happenings).order_by(*latest).limit(200)
        with self.platform.store.read() as conn:
            rows = conn.execute(query).all()
        return [{"at": r.at, "kind": r.kind, "text": r.text, "detail": r.detail} for r in rows]

    def _network(self, mode: str, data: dict[str, Any]) -> dict[str, Any]:
        try:
            count, delay = int(data.get("count", 0)), float(data.get("delay", 2.0))
        except (TypeError, ValueError) as error:
            raise WireError("bad_request", field="count") from error
        self.faults.set(mode, count, delay, str(data.get("only", "")))
        if mode in ("expired", "access_expired"):
            self.platform.accounts.expire_all(access_only=mode == "access_expired")
            self.faults.set("normal")
        self._note_network(MODES[mode])
        return self.state()

    def begin(self) -> None:
        """Each start begins with a whole network; one that was cut at the last end is told in the log."""
        if self.platform.setting(NETWORK, "normal") != "normal":
            self._note_network(MODES["normal"], "练习重新打开，网络接上了")

    def _note_network(self, text: str, detail: str = "") -> None:
        self.platform.set_setting(NETWORK, self.faults.mode)
        with self.platform.store.write(self.platform.source.now()) as tx:
            tx.happened("network", text, detail)

    def _clock(self, data: dict[str, Any]) -> dict[str, Any]:
        """Move the clock: ``offset_seconds`` sets, ``date`` goes to, ``days`` and ``workdays`` add."""
        source = self.platform.source
        today = source.today()
        goal = today
        try:
            if "offset_seconds" in data:
                source.clock.offset = dt.timedelta(seconds=int(data["offset_seconds"]))
            if "date" in data:
                goal = dt.date.fromisoformat(str(data["date"]))
            goal += dt.timedelta(days=int(data.get("days", 0)))
            goal = shift(goal, int(data.get("workdays", 0)))
        except (TypeError, ValueError, OverflowError) as error:
            raise WireError("bad_request", field="clock") from error
        source.clock.offset += goal - today
        self.platform.set_setting("clock_offset", str(source.clock.offset.total_seconds()))
        with self.platform.store.write(source.now()) as tx:
            tx.happened("clock", f"练习里的日期到了{source.today().month}月{source.today().day}日")
        return self.state()
