"""Small case files of invented people, for tests of the rules."""

from __future__ import annotations

import datetime as dt
from typing import Any

from app.clock import SHANGHAI
from app.domain import casefile as cf
from app.domain.reducer import CaseFile


def at(text: str) -> dt.datetime:
    """The instant of a Shanghai time such as ``2026-11-18 09:12`` (or a day, at 09:00)."""
    value = dt.datetime.fromisoformat(text if " " in text else f"{text} 09:00")
    return value.replace(tzinfo=SHANGHAI).astimezone(dt.UTC)


def person(key: str, name: str, side: cf.Side, **more: Any) -> cf.Party:
    """A complete natural person, unless ``more`` says otherwise."""
    base: dict[str, Any] = {
        "gender": "female",
        "id_kind": "resident",
        "id_number": "11010519491231002X",
        "phone": "13812346612",
        "address": "云浦区梧桐里街道平凉路12弄3号",
        "township": "梧桐里街道",
        "district": "云浦区",
    }
    return cf.Party(party_id=key, case_id="c1", side=side, ordinal=1, name=name, **{**base, **more})


def firm(key: str, name: str, side: cf.Side, **more: Any) -> cf.Party:
    """A complete organisation."""
    base: dict[str, Any] = {
        "kind": "organisation",
        "id_kind": "uscc",
        "id_number": "91350100M000100Y43",
        "phone": "021-55551226",
        "address": "临川区青石街道南苑路8号",
        "district": "临川区",
        "legal_representative": "何建",
    }
    return cf.Party(party_id=key, case_id="c1", side=side, ordinal=1, name=name, **{**base, **more})


def agreement(**more: Any) -> cf.Agreement:
    """A sound agreement about 5,800 元 in two payments."""
    base: dict[str, Any] = {
        "agreement_id": "g1",
        "case_id": "c1",
        "version_no": 1,
        "number": "（2026）云梧民调字第0318号",
        "facts": "乙方住房卫生间渗漏至甲方客厅墙面，双方对修复费用有争议。",
        "clauses": (
            cf.Clause(no=1, text="乙方赔偿甲方墙面修复费用人民币 5,800 元（大写：伍仟捌佰元整）。"),
            cf.Clause(
                no=2,
                text="乙方于签署本协议当日支付 3,000 元，余款 2,800 元于2026年12月10日（含当天）前付清。",
            ),
        ),
        "payments": (
            cf.Payment(no=1, payer_party_id="p2", payee_party_id="p1", amount_fen=300000, on_signing=True),
            cf.Payment(
                no=2,
                payer_party_id="p2",
                payee_party_id="p1",
                amount_fen=280000,
                due_on=dt.date(2026, 12, 10),
            ),
        ),
        "total_fen": 580000,
        "performance": "银行转账至甲方账户，收款后甲方出具收条。",
        "copies": 3,
        "party_ids": ("p1", "p2"),
        "mediator_id": "m1",
        "finalised_at": at("2026-11-20 15:00"),
    }
    return cf.Agreement(**{**base, **more})


def record(key: str, body: cf.RecordBody, when: str, **more: Any) -> cf.Record:
    """A record by the mediator."""
    return cf.Record(record_id=key, case_id="c1", at=at(when), author="m1", body=body, **more)


def signature(signer: cf.SignerKind, on: dt.date, party_id: str = "", **more: Any) -> cf.Signature:
    """A signature on the agreement of :func:`agreement`."""
    return cf.Signature(
        agreement_id=more.pop("agreement_id", "g1"), signer=signer, party_id=party_id, on=on, **more
    )


def case_file(
    *records: cf.Record,
    parties: tuple[cf.Party, ...] = (),
    agreements: tuple[cf.Agreement, ...] = (),
    submissions: tuple[cf.Submission, ...] = (),
    **case: Any,
) -> CaseFile:
    """A neighbours' case, received on 18 November 2026, with two parties unless told otherwise."""
    base: dict[str, Any] = {
        "case_id": "c1",
        "source": "platform",
        "state": "received",
        "title": "三楼漏水赔墙面",
        "dispute_kind": "neighbour",
        "received_at": at("2026-11-18 09:12"),
        "district": "云浦区",
        "mediator_id": "m1",
    }
    if not parties:
        parties = (person("p1", "陈明华", "applicant"), person("p2", "吴刚", "respondent", gender="male"))
    return CaseFile(
        case=cf.Case(**{**base, **case}),
        parties={p.party_id: p for p in parties},
        records={r.record_id: r for r in records},
        agreements={a.agreement_id: a for a in agreements},
        submissions={s.submission_id: s for s in submissions},
    )
