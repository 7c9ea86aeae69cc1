"""Filings: manifests, lodging once under the natural key, supplements, withdrawal."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from sync.contract import wire as w
from sync.contract.canonical import digest
from sync.contract.codes import WireError
from sync.contract.commands import Receipt
from sync.contract.entities import Submission
from sync.sandbox import answers, disputes, lists, received
from sync.sandbox import tables as t
from sync.sandbox.accounts import Caller
from sync.sandbox.filed import KIND_NAMES, require_filing_seen, rested_on, signatures_on
from sync.sandbox.ledger import make_receipt
from sync.sandbox.machines import is_active, label, target
from sync.sandbox.signed_since import require_signatures_seen
from sync.sandbox.signing import stands
from sync.sandbox.source import Source
from sync.sandbox.store import Doc, Store, Tx, stamp
from sync.sandbox.uploads import Files

KEY = ("case_id", "kind", "subject_id", "round")
"""The natural key of an application."""


class Submissions:
    """Submissions of the institution."""

    def __init__(self, store: Store, source: Source, key: Ed25519PrivateKey, files: Files) -> None:
        self.store = store
        self.source = source
        self.key = key
        self.files = files

    def manifest(
        self, caller: Caller, submission_id: str, manifest_no: int, body: w.ManifestIn
    ) -> tuple[w.ManifestReply, bool]:
        """``PUT …/manifests/{n}``; returns the reply and whether the manifest is new.

        One that was put and never handed in gives way: whoever put it may never come again.
        """
        data = body.model_dump(mode="json")
        raw = lists.hashed(data)
        text, sha256 = raw.decode(), digest(raw)
        with self.store.write(self.source.now()) as tx:
            row = self._row(tx, submission_id)
            if row is not None:
                self._refuse_unless_theirs(tx, caller, row.case_id)
            if row is None:
                if manifest_no != 1:
                    raise WireError("manifest_missing")
                self._open(tx, caller, submission_id, body)
            elif (row.case_id, row.kind, row.subject_id, row.round) != (
                body.case_id, body.kind, body.subject_id, body.round,
            ):  # fmt: skip
                raise WireError("manifest_immutable", "这份申请已经定给另一份协议，请另开一份。")
            old = lists.find(tx, submission_id, manifest_no)
            if old is not None and old.sha256 != sha256:
                self._give_way(tx, old, caller, body)
            if old is None and manifest_no > 1 and lists.find(tx, submission_id, manifest_no - 1) is None:
                raise WireError("manifest_missing")
            if old is None or old.sha256 != sha256:
                values = {"submission_id": submission_id, "manifest_no": manifest_no}
                tx.conn.execute(t.manifests.insert(), {**values, "sha256": sha256, "body": text})
            missing = lists.missing(tx, caller.institution, data["items"])
        answer = w.ManifestReply(
            submission_id=submission_id, manifest_no=manifest_no, manifest_sha256=sha256, missing=missing
        )
        return answer, old is None or old.sha256 != sha256

    def _give_way(self, tx: Tx, old: Any, caller: Caller, body: w.ManifestIn) -> None:
        """Drop a list for another under its number. Raises ``manifest_immutable`` once it was handed in."""
        doc = tx.get("submission", old.submission_id)
        if doc is None or (doc.body["state"] != "prepared" and old.manifest_no <= doc.body["manifest_no"]):
            raise lists.another(old)
        mine = (
            t.manifests.c.submission_id == old.submission_id, t.manifests.c.manifest_no == old.manifest_no
        )  # fmt: skip
        tx.conn.execute(t.manifests.delete().where(*mine))
        court = {"court_code": body.court_code, "court_name": body.court_name}
        if doc.body["state"] == "prepared" and any(doc.body[name] != court[name] for name in court):
            self.write(tx, {**doc.body, **court}, caller.person_id)

    def _refuse_unless_theirs(self, tx: Tx, caller: Caller, case_id: str) -> None:
        """An application that was prepared goes no further once its case was taken back."""
        case = tx.get("case", case_id)
        if case is None:
            raise WireError("case_unknown", field="case_id")
        if case.institution != caller.institution:
            raise WireError("not_found")

    def _open(self, tx: Tx, caller: Caller, submission_id: str, body: w.ManifestIn) -> None:
        case = tx.get("case", body.case_id)
        if case is None or case.institution != caller.institution:
            raise WireError("case_unknown", field="case_id")
        if answers.given(tx, submission_id, body.case_id):
            # Where it could not be handed in either, nobody is told that it is being prepared.
            answers.require_agreement(tx, body.case_id, body.subject_id)
        key = {"case_id": body.case_id, "kind": body.kind, "subject_id": body.subject_id, "round": body.round}
        row = {"submission_id": submission_id, **key, "person_id": caller.person_id}
        tx.conn.execute(t.submissions.insert(), row)
        doc = Submission(
            submission_id=submission_id,
            state="prepared",
            court_code=body.court_code,
            court_name=body.court_name,
            **key,
        )
        self.write(tx, doc.model_dump(mode="json"), caller.person_id)

    def _row(self, tx: Tx, submission_id: str) -> Any:
        query = select(t.submissions).where(t.submissions.c.submission_id == submission_id)
        return tx.conn.execute(query).one_or_none()

    def write(self, tx: Tx, body: dict[str, Any], by: str, fields: Mapping[str, Any] | None = None) -> int:
        """Put the submission's document, and its hold on the natural key; ``fields`` are ``by``'s own."""
        state = body["state"]
        active = int(is_active(state))
        lodged = {"lodged": 1} if state != "prepared" else {}
        tx.conn.execute(
            t.submissions.update()
            .where(t.submissions.c.submission_id == body["submission_id"])
            .values(active=active, **lodged)
        )
        if lodged:
            register = t.court_register.c.submission_id == body["submission_id"]
            stands = {"ruled": 1} if state in t.CONFIRMING else {"ruled": 0} if state == "revoked" else {}
            tx.conn.execute(t.court_register.update().where(register).values(over=1 - active, **stands))
        return tx.put("submission", body["submission_id"], body["case_id"], body, by=by, fields=fields)

    def found(self, tx: Tx, submission_id: str, caller: Caller | None = None) -> tuple[Any, Doc]:
        """Row and document, of the caller's institution where one is named. Raises ``not_found``."""
        row = self._row(tx, submission_id)
        doc = tx.get("submission", submission_id)
        if row is None or doc is None or (caller is not None and doc.institution != caller.institution):
            raise WireError("not_found")
        return row, doc

    def _list(self, tx: Tx, submission_id: str, body: w.LodgeIn) -> Any:
        """The list to be handed in, nothing where there is none. Raises where it is not the one meant."""
        manifest = lists.find(tx, submission_id, body.manifest_no)
        if manifest is not None and body.manifest_sha256 not in ("", manifest.sha256):
            raise lists.another(manifest)
        return manifest

    def _refuse_unless_whole(self, tx: Tx, caller: Caller, manifest: Any) -> None:
        if manifest is None:
            raise WireError("manifest_missing")
        missing = lists.missing(tx, caller.institution, json.loads(manifest.body)["items"])
        if missing:
            raise WireError("files_missing", details={"missing": missing})

    def lodge(self, caller: Caller, submission_id: str, body: w.LodgeIn) -> w.SubmissionReply:
        """``POST …/lodge``: repeated, it gives the first receipt again.

        One that the platform forgot in a restore, and with which the court is done, is handed to nobody any
        more: it comes with all that the court answered, whatever stands in its place by now.
        """
        with self.store.write(self.source.now()) as tx:
            row, doc = self.found(tx, submission_id, caller)
            receipts, manifest = json.loads(row.receipts), self._list(tx, submission_id, body)
            if "lodge" in receipts:
                return _reply(doc.body, receipts["lodge"])
            self._refuse_unless_whole(tx, caller, manifest)
            if not (given := answers.given(tx, submission_id, row.case_id)):
                self._entitled(tx, row)
                require_signatures_seen(tx, row, body.signed)
            self._hand_over(tx, row)
            step = f"{KIND_NAMES[row.kind]}已送达"
            first_at = received.first_at(tx.conn, submission_id)
            changed = self._stepped(tx, doc, "lodge", step, first_at, manifest_no=body.manifest_no)
            handed_in = changed["events"][-1]
            brought = received.lacking(tx.conn, row) if given else []
            if given:
                changed = answers.bring_all(tx, self.files, doc.institution, changed, given, brought)
            seq = self.write(tx, changed, caller.person_id)
            receipt = self._receipt(tx, row, "lodge", manifest.sha256, "lodged", seq, first_at)
            if not first_at:
                received.keep(tx, 0, caller.person_id, received.LODGED, handed_in, receipt)
            for one in brought:
                self._receipt_again(tx, row, one, seq)
            tx.happened("submission", step, f"回执 {receipt.receipt_no}")
            return _reply(changed, receipt.model_dump(mode="json"))

    def _entitled(self, tx: Tx, row: Any) -> None:
        """Natural key, rounds, open conflicts. The indexes stand behind this check.

        Rounds are counted as the court's own register has them: a platform that was restored forgets some,
        and neither those that are over, nor what was handed in under this number, nor one that the court is
        still at may be forgotten with it.
        """
        same = tx.conn.execute(
            select(t.submissions).where(
                t.submissions.c.case_id == row.case_id,
                t.submissions.c.kind == row.kind,
                t.submissions.c.subject_id == row.subject_id,
                t.submissions.c.lodged == 1,
            )
        ).all()
        details: dict[str, object] = {}
        for other in same:
            details = {"submission_id": other.submission_id, "by": other.person_id}
            if other.active:
                raise WireError("already_lodged", details=details)
            doc = tx.get("submission", other.submission_id)
            if doc is not None and doc.body["state"] in t.CONFIRMING:
                raise WireError("already_confirmed", details=details)
        self._refuse_beside_another(tx, row)
        held = self._rounds_held(tx, row)
        last = max([*held, *(other.round for other in same)], default=0)
        if row.round != last + 1 and held.get(row.round) != row.submission_id:
            first = next((other for other in same if other.round == row.round), None)
            holds = first.submission_id if first is not None else held.get(row.round)
            details = {"submission_id": holds, "by": first.person_id if first is not None else ""}
            told = {name: value for name, value in details.items() if value}
            raise WireError("round", field="round", details={**told, "expected": last + 1})
        answers.require_agreement(tx, row.case_id, row.subject_id)
        head = tx.get("case", row.case_id)
        if row.subject_id != row.case_id and head is not None and not stands(head.body, row.subject_id):
            raise WireError(
                "state",
                "这份协议在平台上已换成另一版，或者双方又在谈，没有提交。材料都还在您的电脑上，"
                "请先和办这件案件的同事核对。",
                field="subject_id",
            )
        if people := disputes.legal_open(tx, row.case_id):
            raise WireError("open_conflict", details={"by": people})

    def _refuse_beside_another(self, tx: Tx, row: Any) -> None:
        """Raise ``already_lodged`` where the court is at another of this case, ``already_confirmed`` where it
        has confirmed one, of which the platform has nothing: about this text or, after a restore, about
        another that it forgot, too."""
        register = t.court_register
        mine = (register.c.case_id == row.case_id, register.c.kind == row.kind)
        another = (
            register.c.submission_id != row.submission_id,
            (register.c.over == 0) | (register.c.ruled == 1),
        )
        at_it = tx.conn.execute(select(register).where(*mine, *another).order_by(register.c.ruled.desc()))
        if (found := at_it.first()) is not None:
            details = {"submission_id": found.submission_id, "round": found.round, "court_only": True}
            raise WireError("already_confirmed" if found.ruled else "already_lodged", details=details)

    def _hand_over(self, tx: Tx, row: Any) -> None:
        """Into the court's own register: it takes a natural key once, whatever the platform has forgotten."""
        held = self._rounds_held(tx, row).get(row.round)
        if held is None:
            key = {name: getattr(row, name) for name in KEY}
            stood = json.dumps(signatures_on(tx, row))
            taken = json.dumps(rested_on(tx, row.case_id))
            values = {**key, "submission_id": row.submission_id, "stood": stood, "taken": taken}
            tx.conn.execute(t.court_register.insert(), values)
        elif held != row.submission_id:
            raise WireError("already_lodged", details={"submission_id": held})

    def _rounds_held(self, tx: Tx, row: Any) -> dict[int, str]:
        """The rounds of this application in the court's own register, each with its submission."""
        register = t.court_register
        mine = (register.c[name] == getattr(row, name) for name in KEY[:-1])
        held = tx.conn.execute(select(register.c.round, register.c.submission_id).where(*mine))
        return {one.round: one.submission_id for one in held}

    def _stepped(
        self, tx: Tx, doc: Doc, move: str, note: str, at: str = "", **changes: Any
    ) -> dict[str, Any]:
        """``at`` (ISO, UTC): when it happened, where not now."""
        state = target("filing", doc.body["state"], move)
        if state is None:
            now = label("filing", doc.body["state"])
            raise WireError("state", f"申请现在是“{now}”，不能做这一步。")
        event = {"at": at or stamp(tx.now), "state": state, "note": note}
        body = {**doc.body, "state": state, "events": [*doc.body["events"], event], **changes}
        return Submission.model_validate(body).model_dump(mode="json")

    def _receipt_again(self, tx: Tx, row: Any, one: received.Received, seq: int) -> Receipt:
        return self._receipt(tx, row, one.step, one.sha256, one.status, seq, str(one.event["at"]))

    def _receipt(
        self, tx: Tx, row: Any, step: str, sha256: str, status: str, seq: int, first_at: str = ""
    ) -> Receipt:
        at = dt.datetime.fromisoformat(first_at) if first_at else None
        receipt = make_receipt(tx, self.key, f"{row.submission_id}:{step}", sha256, status, seq, at)
        mine = t.submissions.c.submission_id == row.submission_id
        before = json.loads(tx.conn.execute(select(t.submissions.c.receipts).where(mine)).scalar_one())
        receipts = {**before, step: receipt.model_dump(mode="json")}
        tx.conn.execute(t.submissions.update().where(mine).values(receipts=json.dumps(receipts)))
        return receipt

    def receive_again(self, tx: Tx, doc: Doc, before: int) -> dict[str, Any]:
        """An application with what the court was brought before its answer number ``before``, where a
        restored platform forgot it and whoever brought it has not come yet."""
        row, body = self._row(tx, doc.doc_id), dict(doc.body)
        for one in received.lacking(tx.conn, row):
            if one.after < before:
                received.listed(tx, self.files, doc.institution, doc.doc_id, one)
                body = received.attached(body, one)
                fields = {"manifest_no": one.manifest_no} if one.manifest_no else None
                seq = self.write(tx, body, one.person_id, fields)
                self._receipt_again(tx, row, one, seq)
        return body

    def _brought_first(self, caller: Caller, submission_id: str, step: str) -> None:
        """What a colleague brought the court, and a restored platform has not asked for yet, stands before
        what is brought now: nobody's list takes the number of one that the court has."""
        with self.store.write(self.source.now()) as tx:
            row, doc = self.found(tx, submission_id, caller)
            if step not in json.loads(row.receipts) and is_active(doc.body["state"]):
                self.receive_again(tx, doc, answers.told(tx, submission_id) + 1)

    def supplement(self, caller: Caller, submission_id: str, body: w.LodgeIn) -> w.SubmissionReply:
        """``POST …/supplement`` with the next manifest; repeated, it gives the first receipt again."""
        step = f"supplement-{body.manifest_no}"
        self._brought_first(caller, submission_id, step)
        with self.store.write(self.source.now()) as tx:
            row, doc = self.found(tx, submission_id, caller)
            receipts, manifest = json.loads(row.receipts), self._list(tx, submission_id, body)
            if step in receipts:
                return _reply(doc.body, receipts[step])
            if body.manifest_no != doc.body["manifest_no"] + 1:
                raise WireError("manifest_missing", field="manifest_no")
            self._refuse_unless_whole(tx, caller, manifest)
            note = body.note or "补充材料已送达"
            changed = self._stepped(tx, doc, "supplement", note, manifest_no=body.manifest_no)
            seq = self.write(tx, changed, caller.person_id, {"manifest_no": body.manifest_no})
            receipt = self._receipt(tx, row, step, manifest.sha256, "supplemented", seq)
            after = answers.told(tx, submission_id)
            received.keep(tx, after, caller.person_id, step, changed["events"][-1], receipt, manifest)
            tx.happened("submission", "补充材料已送达", f"回执 {receipt.receipt_no}")
            return _reply(changed, receipt.model_dump(mode="json"))

    def withdraw(self, caller: Caller, submission_id: str, body: w.WithdrawIn) -> w.SubmissionReply:
        """``POST …/withdraw``: the wish is kept with the submission; the court permits it or not."""
        self._brought_first(caller, submission_id, "withdraw")
        with self.store.write(self.source.now()) as tx:
            row, doc = self.found(tx, submission_id, caller)
            receipts = json.loads(row.receipts)
            if "withdraw" in receipts:
                return _reply(doc.body, receipts["withdraw"])
            if not is_active(doc.body["state"]):
                now = label("filing", doc.body["state"])
                raise WireError("state", f"申请现在是“{now}”，不能再撤回。")
            if (first := received.one(tx.conn, row, "withdraw")) is not None:
                # The court has it: it keeps its hour, whatever stood before it is still to come.
                changed = received.attached(doc.body, first)
                receipt = self._receipt_again(tx, row, first, self.write(tx, changed, caller.person_id))
                return _reply(changed, receipt.model_dump(mode="json"))
            require_filing_seen(tx, doc, body)
            event = {
                "at": stamp(tx.now), "state": doc.body["state"], "code": "withdrawal_asked",
                "note": f"申请撤回：{body.reason}",
            }  # fmt: skip
            whole = {**doc.body, "events": [*doc.body["events"], event]}
            changed = Submission.model_validate(whole).model_dump(mode="json")
            seq = self.write(tx, changed, caller.person_id)
            sha256 = digest(lists.hashed(body.model_dump(mode="json")))
            receipt = self._receipt(tx, row, "withdraw", sha256, "withdrawal_asked", seq)
            after = answers.told(tx, submission_id)
            received.keep(tx, after, caller.person_id, "withdraw", changed["events"][-1], receipt)
            tx.happened("submission", "撤回申请已送达", f"回执 {receipt.receipt_no}")
            return _reply(changed, receipt.model_dump(mode="json"))

    def get(self, caller: Caller, submission_id: str) -> w.SubmissionReply:
        """``GET /submissions/{id}``, with the last receipt."""
        with self.store.read() as conn:
            row = conn.execute(
                select(t.docs.c.body, t.docs.c.seq, t.submissions.c.receipts)
                .join(t.submissions, t.submissions.c.submission_id == t.docs.c.doc_id)
                .where(
                    t.docs.c.entity == "submission",
                    t.docs.c.doc_id == submission_id,
                    t.docs.c.institution_id == caller.institution,
                )
            ).one_or_none()
        if row is None:
            raise WireError("not_found")
        receipts = list(json.loads(row.receipts).values())
        return _reply(json.loads(row.body), receipts[-1] if receipts else None, row.seq)


def _reply(body: dict[str, Any], receipt: dict[str, Any] | None, seq: int = 0) -> w.SubmissionReply:
    return w.SubmissionReply.model_validate(
        {"submission": body, "receipt": receipt, "seq": seq or (receipt or {}).get("seq", 0)}
    )
