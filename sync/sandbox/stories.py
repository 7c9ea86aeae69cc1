"""Turning the written stories of demo cases into documents dated relative to the clock's today.

A time is ``w-3 09:12`` (three working days before today) or ``d-30 16:00`` (thirty calendar days before),
always Shanghai's time. A step is ``[time, verb, …]``; each verb is a method of :class:`Story`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

from sync.sandbox.calendar import shift
from sync.sandbox.machines import target
from sync.sandbox.people import PeopleMaker
from sync.sandbox.source import SHANGHAI
from sync.sandbox.store import stamp

MEDIATOR, CLERK = "p-zhou", "p-shen"
FileMaker = Callable[[str], tuple[str, int, str]]
"""Name of a demo file -> hash, size, media type."""


AHEAD = frozenset({"next"})
"""Steps that name a time to come."""


def day_of(text: str, today: dt.date) -> dt.date:
    """The day that ``w-3``, ``d+10`` or ``w0`` means."""
    match = re.fullmatch(r"([wd])([+-]?\d+)", text)
    if match is None:
        raise ValueError(f"not a relative day: {text}")
    offset = int(match[2])
    return shift(today, offset) if match[1] == "w" else today + dt.timedelta(days=offset)


def instant_of(text: str, today: dt.date) -> dt.datetime:
    """The instant that ``w-3 09:12`` means."""
    day, _, clock = text.partition(" ")
    time = dt.time.fromisoformat(clock or "09:00")
    return dt.datetime.combine(day_of(day, today), time, SHANGHAI)


class Story:
    """One case told step by step; ``docs`` are its documents at the end."""

    def __init__(
        self,
        spec: dict[str, Any],
        today: dt.date,
        maker: PeopleMaker,
        new_id: Callable[[], str],
        files: FileMaker,
        now: dt.datetime,
    ) -> None:
        self.spec, self.today, self.maker = spec, today, maker
        self._now = now
        self.new_id, self.files = new_id, files
        self.docs: list[tuple[str, str, dict[str, Any]]] = []
        self.agreement: dict[str, Any] | None = None
        self.case = self._head()
        self.case_id: str = self.case["case_id"]
        self.sides: dict[str, list[str]] = {}
        for side in ("applicant", "respondent"):
            self._parties(side)

    def _happened(self, text: str) -> dt.datetime:
        """The instant of something past: seen early in the morning, what today brought came just now."""
        return min(instant_of(text, self.today), self._now)

    def _head(self) -> dict[str, Any]:
        spec = self.spec
        received = self._happened(spec["received"])
        platform = spec["source"] == "platform"
        number = f"YJS{received:%Y%m%d}-{spec.get('serial', 100):05d}" if platform else ""
        return {
            "case_id": self.new_id(),
            "source": spec["source"],
            "state": "received",
            "title": spec["title"],
            "dispute_kind": spec["kind"],
            "received_at": stamp(received),
            "applied_at": stamp(received),
            "intake_no": number,
            "claims": spec["claims"],
            "facts": spec["facts"],
            "township": "梧桐里街道",
            "district": "云浦区",
            "amount_fen": spec.get("amount"),
            "mediator_id": MEDIATOR,
            "clerk_id": CLERK,
            "law_kind": spec.get("law", "people"),
            "suspensions": [],
            "occurred_place": "云浦区梧桐里街道",
        }

    def _parties(self, side: str) -> None:
        self.sides[side] = []
        for ordinal, entry in enumerate(self.spec[side]):
            if "organisation" in entry:
                made = self.maker.organisation(entry["organisation"], entry.get("phone", ""))
            else:
                made = self.maker.person(entry.get("name", ""), entry.get("phone", ""))
            made |= {k: entry[k] for k in ("occupation", "gender") if k in entry}
            party_id = self.new_id()
            base = {"party_id": party_id, "case_id": self.case_id, "side": side, "ordinal": ordinal}
            self.docs.append(("party", party_id, {**made, **base}))
            self.sides[side].append(party_id)

    def tell(self) -> list[tuple[str, str, dict[str, Any]]]:
        """All documents, the header first."""
        for time, verb, *rest in sorted(self.spec["steps"], key=lambda s: instant_of(s[0], self.today)):
            at = instant_of(time, self.today) if verb in AHEAD else self._happened(time)
            getattr(self, f"do_{verb}")(at, *rest)
        return [("case", self.case_id, self.case), *self.docs]

    def _move(self, command: str, **payload: Any) -> None:
        state = target("case", self.case["state"], command, payload)
        self.case["state"] = state or self.case["state"]

    def _record(self, at: dt.datetime, body: dict[str, Any], author: str = MEDIATOR) -> str:
        record_id = self.new_id()
        record = {
            "record_id": record_id,
            "case_id": self.case_id,
            "at": stamp(at),
            "author": author,
            "body": body,
        }
        self.docs.append(("record", record_id, record))
        return record_id

    def do_file(
        self, at: dt.datetime, name: str, role: str, material: str = "", side: str = "applicant"
    ) -> None:
        sha256, size, media_type = self.files(f"{self.spec['title']}·{name}")
        attachment_id = self.new_id()
        body = {
            "attachment_id": attachment_id,
            "case_id": self.case_id,
            "sha256": sha256,
            "size": size,
            "name": name,
            "media_type": media_type,
            "role": role,
            "title": name.rsplit(".", 1)[0],
            "stored": True,
            "provided_by": self.sides[side][0],
            "original": "photo" if name.endswith("jpg") else "copy",
            "pages": 1,
            "added_at": stamp(at),
            "added_by": CLERK,
            "material": material,
        }
        self.docs.append(("attachment", attachment_id, body))

    def do_contact(self, at: dt.datetime, result: str, said: str, reply_by: str = "") -> None:
        body: dict[str, Any] = {
            "type": "contact",
            "party_id": self.sides["respondent"][0],
            "channel": "phone",
        }
        body |= {"result": result, "said": said}
        if reply_by:
            body["reply_by"] = day_of(reply_by, self.today).isoformat()
        self._record(at, body)
        self._move("contact.record", result=result)

    def do_accept(self, at: dt.datetime) -> None:
        if self.case["state"] in ("received", "contacting"):
            self.case["contact_waiver"] = "双方一同来访，当面表示愿意调解"
            self._move("contact.waive")
        self._move("case.accept")
        number = f"（{at.year}）云梧民调字第{self.spec.get('number', 100):04d}号"
        self.case |= {"accepted_at": stamp(at), "decided_at": stamp(at), "number": number}
        self._record(at, {"type": "decision", "what": "accepted", "text": number})

    def do_session(self, at: dt.datetime, result: str, note: str) -> None:
        held = sum(1 for _, _, d in self.docs if d.get("body", {}).get("type") == "session")
        names = {key: doc["name"] for kind, key, doc in self.docs if kind == "party"}
        present = [
            {"label": names[ids[0]], "role": side, "party_id": ids[0]} for side, ids in self.sides.items()
        ]
        present.append({"label": "周敏芳", "role": "mediator"})
        texts = [
            (2, 1, "先告知双方的权利和义务，调解不收费，双方自愿。"),
            (0, 2, self.case["facts"]),
            (2, 5, note),
        ]
        segments = [
            {"speaker": who, "at": stamp(at + dt.timedelta(minutes=5 * n)), "text": text, "step": step}
            for n, (who, step, text) in enumerate(texts)
        ]
        body = {
            "type": "session",
            "ordinal": held + 1,
            "started_at": stamp(at),
            "place": "第二调解室",
            "ended_at": stamp(at + dt.timedelta(minutes=52)),
            "present": present,
            "segments": segments,
            "rights_told_at": stamp(at),
            "result": result,
            "result_note": note,
        }
        self._record(at, body)
        self._move("session.record")

    def do_note(self, at: dt.datetime, text: str) -> None:
        self._record(at, {"type": "note", "text": text}, CLERK)

    def do_notice(self, at: dt.datetime, text: str) -> None:
        self._record(at, {"type": "notice", "text": text, "code": "material_asked"}, "platform")

    def do_next(self, at: dt.datetime, place: str) -> None:
        self.case |= {"next_session_at": stamp(at), "next_session_place": place}

    def do_suspend(self, at: dt.datetime, reason: str) -> None:
        day = at.date().isoformat()
        record_id = self._record(at, {"type": "suspension", "what": "start", "reason": reason, "day": day})
        self.case["suspensions"].append({"record_id": record_id, "reason": reason, "first_day": day})

    def do_resume(self, at: dt.datetime, reason: str, last_day: str = "") -> None:
        span = self.case["suspensions"][-1]
        day = day_of(last_day, self.today) if last_day else at.date()
        span["last_day"] = day.isoformat()
        body = {"type": "suspension", "what": "end", "reason": reason, "day": day.isoformat()}
        self._record(at, {**body, "start_record_id": span["record_id"]})

    def do_agree(self, at: dt.datetime, terms: dict[str, Any]) -> None:
        payments = [
            {
                "no": n,
                "payer_party_id": self.sides[payer][0],
                "payee_party_id": self.sides[payee][0],
                "amount_fen": fen,
                "due_on": day_of(due, self.today).isoformat(),
                "method": "转账",
            }
            for n, (payer, payee, fen, due) in enumerate(terms.get("payments", []), 1)
        ]
        total = sum(p["amount_fen"] for p in payments)
        how = f"分{len(payments)}期共" if len(payments) > 1 else "一次"
        texts = [
            f"乙方{how}付给甲方人民币{total // 100:,}元。"
            if payments
            else "乙方自达成协议之日起停止并改正。",
            "双方就本次纠纷再无其他争议。",
        ]
        agreement_id = self.new_id()
        self.agreement = {
            "agreement_id": agreement_id,
            "case_id": self.case_id,
            "version_no": 1,
            "facts": self.case["facts"],
            "form": terms.get("form", "written"),
            "law_kind": self.case["law_kind"],
            "payments": payments,
            "number": self.case["number"].replace("民调字", "民调协字"),
            "total_fen": total if payments else None,
            "clauses": [{"no": n, "text": text} for n, text in enumerate(texts, 1)],
            "mediator_id": MEDIATOR,
            "party_ids": [*self.sides["applicant"], *self.sides["respondent"]],
            "finalised_at": stamp(at),
            "dated_on": at.date().isoformat(),
            "performance": "收款后甲方出具收条。" if payments else "由乙方自行履行。",
            "copies": 3,
        }
        self.docs.append(("agreement", agreement_id, self.agreement))
        self.case |= {"agreement_id": agreement_id, "agreement_form": self.agreement["form"]}
        self._move("agreement.finalise")

    def do_sign(self, at: dt.datetime, who: str) -> None:
        parties = [("party", p) for p in (self.agreement or {})["party_ids"]]
        wanted = {"parties": parties, "mediator": [("mediator", "")], "seal": [("seal", "")]}
        wanted["all"] = [*parties, ("mediator", ""), ("seal", "")]
        for signer, party_id in wanted[who]:
            body = {"type": "signature", "agreement_id": self.case["agreement_id"], "signer": signer}
            method = "seal" if signer == "seal" else "sign_fingerprint" if signer == "party" else "sign"
            self._record(at, {**body, "party_id": party_id, "on": at.date().isoformat(), "method": method})

    def _conclusion(self, at: dt.datetime, outcome: str, **more: Any) -> dict[str, Any]:
        return {"outcome": outcome, "at": stamp(at), **more}

    def do_conclude(self, at: dt.datetime, outcome: str, ground: str) -> None:
        remedies = ["可以向有管辖权的人民法院起诉。", "有仲裁协议的，可以向约定的仲裁机构申请仲裁。"]
        self.case["conclusion"] = self._conclusion(
            at,
            outcome,
            ground=ground,
            focus=self.case["claims"],
            remedies=remedies,
            remedies_told_at=stamp(at),
        )
        self._record(at, {"type": "concluded", "outcome": outcome, "text": ground})
        self._move("case.conclude", outcome=outcome)

    def do_close(self, at: dt.datetime, method: str) -> None:
        old = self.case.get("conclusion") or self._conclusion(at, "agreed")
        self.case |= {"conclusion": {**old, "method": method}, "closed_at": stamp(at)}
        self._record(at, {"type": "closed", "text": method})
        self._move("case.close")

    def do_archive(self, at: dt.datetime) -> None:
        self.case["archived_at"] = stamp(at)
        self._move("case.archive")

    def do_refuse(self, at: dt.datetime, ground_code: str) -> None:
        self.case["refusal"] = {
            "ground_code": ground_code,
            "ground": "被申请人明确拒绝",
            "facts": "电话联系时对方明确表示不接受调解。",
            "basis": ["《人民调解法》第17条"],
            "next_routes": ["向有管辖权的人民法院起诉"],
            "approved_by": "p-he",
            "notice_no": f"云梧调不受字〔{at.year}〕第 {self.maker.serial()} 号",
        }
        self.case["decided_at"] = stamp(at)
        self._record(at, {"type": "decision", "what": "refused", "text": self.case["refusal"]["ground"]})
        self._move("case.refuse")

    def do_hand_back(self, at: dt.datetime, reason: str) -> None:
        self.case |= {"decided_at": stamp(at), "handback_reason": reason}
        self._record(at, {"type": "decision", "what": "handed_back", "text": reason})
        self._move("case.hand_back")

    def do_perform(self, at: dt.datetime, payment_no: int, fen: int, state: str = "performed") -> None:
        body = {"type": "performance", "agreement_id": self.case["agreement_id"], "payment_no": payment_no}
        self._record(at, {**body, "on": at.date().isoformat(), "amount_fen": fen, "state": state})

    def do_follow_up(self, at: dt.datetime, performed: str) -> None:
        body = {"type": "follow_up", "performed": performed, "satisfaction": "good"}
        self._record(at, {**body, "text": "电话回访，双方都说已经了结。"})
