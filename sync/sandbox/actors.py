"""Scripted applicants, colleagues and the platform's own staff, for practice and for tests."""

from __future__ import annotations

import importlib.resources
import json
from typing import Any, get_args

from sqlalchemy import select

from sync.contract.codes import WireError
from sync.contract.commands import EDITABLE_CASE_FIELDS, EDITABLE_PARTY_FIELDS
from sync.contract.wire import Role
from sync.sandbox import tables as t
from sync.sandbox.accounts import home_id, password_hash
from sync.sandbox.court import choices, natural
from sync.sandbox.documents import checked
from sync.sandbox.machines import is_active, label
from sync.sandbox.people import PeopleMaker
from sync.sandbox.platform import Platform
from sync.sandbox.source import SHANGHAI
from sync.sandbox.store import Doc, Tx, get_meta, put_meta, stamp
from sync.sandbox.wording import field_name

MATERIAL = "缴费凭证原件照片"


def dispatch_kinds() -> list[dict[str, Any]]:
    """Kinds of 办件 that can be dispatched."""
    text = importlib.resources.files("resources").joinpath("demo/dispatch.json").read_text("utf-8")
    kinds: list[dict[str, Any]] = json.loads(text)["kinds"]
    return kinds


class Actors:
    """What other people do at the platform."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.source = platform.source

    def dispatch(self, kind: str = "") -> dict[str, str]:
        """An applicant files and the platform dispatches the 办件 here. Raises ``state`` while suspended."""
        kinds = dispatch_kinds()
        spec = next((k for k in kinds if k["code"] == (kind or kinds[0]["code"])), None)
        if spec is None:
            raise WireError("bad_request", field="kind")
        with self.platform.store.write(self.source.now()) as tx:
            if json.loads(get_meta(tx.conn, "standing", '{"status":"active"}'))["status"] != "active":
                raise WireError("state", "机构在暂停接收，平台不派新办件。")
            serial = int(get_meta(tx.conn, "intake_serial", "500")) + 1
            put_meta(tx.conn, "intake_serial", str(serial))
            day = tx.now.astimezone(SHANGHAI).date()
            case_id = self.source.new_id()
            intake_no = f"YJS{day:%Y%m%d}-{serial:05d}"
            case = {key: spec[key] for key in ("title", "dispute_kind", "claims", "facts", "amount_fen")}
            case |= {
                "case_id": case_id, "source": "platform", "state": "received", "received_at": stamp(tx.now),
                "applied_at": stamp(tx.now), "intake_no": intake_no, "township": "梧桐里街道",
                "district": "云浦区", "platform_kind": spec["platform_kind"],
                "law_kind": spec.get("law_kind", "people"),
            }  # fmt: skip
            tx.put(
                "case", case_id, case_id, checked("case", case), by="platform", institution=home_id(tx.conn)
            )
            maker = PeopleMaker(serial)
            for ordinal, party in enumerate(_parties(spec, maker)):
                body = {**party, "party_id": self.source.new_id(), "case_id": case_id, "ordinal": ordinal}
                tx.put("party", body["party_id"], case_id, checked("party", body), by="platform")
            tx.happened("dispatch", f"派来“{spec['title']}”", f"{day.month}月{day.day}日收到")
        return {"case_id": case_id, "intake_no": intake_no, "title": spec["title"]}

    def _pick(self, tx: Tx, case_id: str) -> Doc:
        """The named case, else the institution's open one changed last."""
        if not case_id:
            row = tx.conn.execute(
                select(t.docs.c.doc_id)
                .join(t.case_order, t.case_order.c.case_id == t.docs.c.doc_id)
                .where(
                    t.docs.c.entity == "case",
                    t.case_order.c.done == 0,
                    t.docs.c.institution_id == home_id(tx.conn),
                )
                .order_by(t.docs.c.seq.desc())
                .limit(1)
            ).first()
            case_id = row.doc_id if row else ""
        doc = tx.get("case", case_id)
        if doc is None:
            raise WireError("not_found")
        return doc

    def ask_material(self, case_id: str = "", material: str = MATERIAL) -> dict[str, str]:
        """The platform asks for material: by the court where a filing is under way, else by a notice."""
        with self.platform.store.write(self.source.now()) as tx:
            case = self._pick(tx, case_id)
            for filing in tx.of_case(case.doc_id, "submission"):
                if is_active(filing.body["state"]) and filing.body["state"] != "supplement_asked":
                    self.platform.court.step(tx, filing, "ask_supplement", [material])
                    return {"case_id": case.doc_id, "submission_id": filing.doc_id}
            self.notice(tx, case.doc_id, f"平台要求补材料：{material}", "material_asked")
            tx.happened("material", f"要求“{case.body['title']}”补材料", material)
        return {"case_id": case.doc_id}

    def notice(self, tx: Tx, case_id: str, text: str, code: str) -> None:
        """A 通知 in the case's timeline."""
        record_id = self.source.new_id()
        record = {
            "record_id": record_id, "case_id": case_id, "at": stamp(tx.now), "author": "platform",
            "body": {"type": "notice", "text": text, "code": code},
        }  # fmt: skip
        tx.put("record", record_id, case_id, checked("record", record), by="platform")

    def edit_same_field(
        self, case_id: str = "", field: str = "service_address", value: Any = None, party_id: str = ""
    ) -> dict[str, Any]:
        """A colleague changes a field at another computer; party fields at the named party, else at the first
        respondent."""
        if field not in EDITABLE_PARTY_FIELDS | EDITABLE_CASE_FIELDS:
            raise WireError("bad_request", field="field")
        with self.platform.store.write(self.source.now()) as tx:
            case = self._pick(tx, case_id)
            doc = case
            if field in EDITABLE_PARTY_FIELDS:
                parties = tx.of_case(case.doc_id, "party")
                doc = next((p for p in parties if p.body["side"] == "respondent"), parties[0])
                doc = next((p for p in parties if p.doc_id == party_id), doc)
            new = value if value is not None else _another(doc, field, tx.head)
            body = checked(doc.entity, {**doc.body, field: new})
            colleague = tx.conn.execute(
                select(t.users).where(t.users.c.role == "clerk", t.users.c.institution_id == case.institution)
            ).first()
            by = colleague.person_id if colleague else "platform"
            tx.put(doc.entity, doc.doc_id, case.doc_id, body, by=by, fields={field: new})
            tx.happened("edit", f"同事改了“{case.body['title']}”的{field_name(field)}")
        return {"case_id": case.doc_id, "entity": doc.entity, "id": doc.doc_id, "field": field, "value": new}

    def withdraw_case(self, case_id: str, reason: str) -> dict[str, str]:
        """The platform takes a case back: dispatched by mistake, or reassigned to another institution.

        Raises ``state`` while a court has an application of it.
        """
        with self.platform.store.write(self.source.now()) as tx:
            case = self._pick(tx, case_id)
            filings = tx.of_case(case.doc_id, "submission")
            if any(is_active(filing.body["state"]) for filing in filings):
                raise WireError("state", "法院手里还有这件案件的申请，不能收回。")
            tx.withdraw(case.doc_id)
            put_meta(tx.conn, f"withdrawn:{case.doc_id}", reason)
            tx.happened("withdrawn", f"收回“{case.body['title']}”", reason)
        return {"case_id": case.doc_id}

    def reassign(self, case_id: str, login: str) -> dict[str, str]:
        """The platform gives a case to another mediator of the institution (改派)."""
        with self.platform.store.write(self.source.now()) as tx:
            case = self._pick(tx, case_id)
            user = tx.conn.execute(
                select(t.users).where(
                    t.users.c.login == login,
                    t.users.c.active == 1,
                    t.users.c.institution_id == case.institution,
                )
            ).one_or_none()
            if user is None:
                raise WireError("bad_request", field="login")
            changed = {"mediator_id": user.person_id}
            body = checked("case", {**case.body, **changed})
            tx.put("case", case.doc_id, case.doc_id, body, by="platform", fields=changed)
            self.notice(tx, case.doc_id, f"平台改派：承办人改为{user.name}", "reassigned")
            tx.happened("reassigned", f"“{case.body['title']}”改派给{user.name}")
        return {"case_id": case.doc_id, "mediator_id": user.person_id}

    def staff(
        self, login: str, name: str = "", role: str = "", *, active: bool = True, password: str = ""
    ) -> dict[str, str]:
        """Someone comes to the institution, leaves, or gets another role.

        Somebody who left signs in nowhere any more. Raises ``bad_request`` for a name or role missing.
        """
        if role not in ("", *get_args(Role)):
            raise WireError("bad_request", field="role")
        with self.platform.store.write(self.source.now()) as tx:
            mine = t.users.c.login == login
            known = tx.conn.execute(select(t.users).where(mine)).one_or_none()
            if known is None:
                if not (name and role and active):
                    raise WireError("bad_request", field="login")
                person_id, salt = f"p-{self.source.new_id()}", self.source.random_bytes(16)
                row = {"person_id": person_id, "login": login, "name": name, "role": role, "salt": salt}
                row |= {"institution_id": home_id(tx.conn), "password": password_hash(password, salt)}
                tx.conn.execute(t.users.insert(), row)
            else:
                person_id = known.person_id
                told = {"name": name or known.name, "role": role or known.role, "active": int(active)}
                tx.conn.execute(t.users.update().where(mine).values(**told))
                if not active:
                    tx.conn.execute(t.sessions.delete().where(t.sessions.c.person_id == person_id))
            tx.happened("staff", f"名册改了：{name or login}", role if active else "已离开")
        self.platform.accounts.forget()
        return {"person_id": person_id}

    def stand(self, status: str, reason: str = "", basis: str = "") -> dict[str, str]:
        """暂停接收、恢复、关闭 of the institution."""
        with self.platform.store.write(self.source.now()) as tx:
            standing = {"status": status, "reason": reason, "basis": basis, "since": stamp(tx.now)}
            put_meta(tx.conn, "standing", json.dumps(standing, ensure_ascii=False))
            words = {"active": "恢复接收办件", "suspended": "暂停接收办件", "closed": "机构已关闭"}
            tx.happened("standing", words[status], reason)
        return standing

    def overview(self) -> list[dict[str, Any]]:
        """Cases with their filings and what a court could do next, the latest first."""
        with self.platform.store.read() as conn:
            rows = conn.execute(
                select(t.docs)
                .where(t.docs.c.entity.in_(("case", "submission")), t.docs.c.institution_id == home_id(conn))
                .order_by(t.docs.c.seq.desc())
            ).all()
        docs = [Doc(row) for row in rows]
        filings: dict[str, list[dict[str, Any]]] = {}
        for doc in docs:
            if doc.entity == "submission":
                filings.setdefault(doc.case_id, []).append(_filing(doc))
        cases = [doc for doc in docs if doc.entity == "case"]
        cases.sort(key=lambda doc: doc.doc_id not in filings)
        return [
            {
                "case_id": doc.doc_id,
                "title": doc.body["title"],
                "state": doc.body["state"],
                "label": label("case", doc.body["state"]),
                "intake_no": doc.body["intake_no"],
                "number": doc.body["number"],
                "submissions": filings.get(doc.doc_id, []),
            }
            for doc in cases[:200]
        ]


def _filing(doc: Doc) -> dict[str, Any]:
    body = doc.body
    return {
        "submission_id": doc.doc_id,
        "kind": body["kind"],
        "state": body["state"],
        "label": label("filing", body["state"]),
        "court_name": body["court_name"],
        "court_number": body["court_number"],
        "round": body["round"],
        "moves": choices(body),
        "natural": natural(body),
    }


def _another(doc: Doc, field: str, head: int) -> Any:
    """What a colleague writes into a field: something of its kind that does not stand there."""
    old = doc.body.get(field)
    match field:
        case "amount_fen":
            return int(old or 0) + 100_00
        case "phone":
            return f"139{head % 90_000_000 + 10_000_000:08d}"
        case "email":
            return f"tongshi{head % 90 + 10}@example.com"
        case "address" | "service_address":
            return f"云浦区梧桐里街道同事改的{field_name(field)}{head % 90 + 10}号"
        case _:
            return f"{str(old or field_name(field))[:40]}（同事改的第 {head % 90 + 10} 稿）"


def _parties(spec: dict[str, Any], maker: PeopleMaker) -> list[dict[str, Any]]:
    made = []
    for entry in spec["parties"]:
        for _ in range(entry.get("count", 1)):
            side = entry["side"]
            extra = {k: v for k, v in entry.items() if k not in ("side", "count", "organisation")}
            if "organisation" in entry:
                made.append({**maker.organisation(entry["organisation"]), "side": side, **extra})
            else:
                made.append({**maker.person(), "side": side, **extra})
    return made
