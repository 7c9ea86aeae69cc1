# ruff: noqa: E501
"""A realistic, invented case for the paper tests: water from upstairs, two parties, two sessions."""

from __future__ import annotations

import datetime as dt

from app.documents.context import PaperContext
from app.domain import casefile as cf
from app.domain.reducer import CaseFile

CASE = "01920000-0000-7000-8000-000000000001"


def at(text: str) -> dt.datetime:
    """An instant from Shanghai wall time."""
    return dt.datetime.fromisoformat(text + "+08:00").astimezone(dt.UTC)


ANNA = cf.Party(
    party_id="p1", case_id=CASE, side="applicant", ordinal=1, name="陈喆堃", gender="female", ethnicity="汉族",
    birth_date=dt.date(1974, 5, 2), id_kind="resident", id_number="11010519491231002X", occupation="职员",
    phone="13800006612", address="云浦区梧桐里街道长宁二路18弄6号301室", township="云浦区梧桐里街道",
    service_address="云浦区梧桐里街道长宁二路18弄6号301室", email="chen@example.com",
)  # fmt: skip
WU = cf.Party(
    party_id="p2", case_id=CASE, side="respondent", ordinal=1, name="吴垚", gender="male", ethnicity="汉族",
    birth_date=dt.date(1960, 1, 9), id_kind="resident", id_number="440524188001010014", occupation="退休",
    phone="13900000275", address="云浦区梧桐里街道长宁二路18弄6号401室", township="云浦区梧桐里街道",
    agent=cf.Agent(name="吴晓䶮", relation="女儿", phone="13700001188", authority="special"),
)  # fmt: skip
FIRM = cf.Party(
    party_id="p3", case_id=CASE, side="respondent", ordinal=2, kind="organisation", name="上海桐安物业管理有限公司",
    id_kind="uscc", id_number="91350100M000100Y43", phone="021-55512345", address="云浦区梧桐里街道长宁二路9号",
    legal_representative="何静", legal_representative_title="经理",
)  # fmt: skip

HEAD = cf.Case(
    case_id=CASE, source="platform", state="closed", title="三楼漏水赔墙面", dispute_kind="neighbour",
    received_at=at("2026-11-16T09:12"), intake_no="JF202611160087", number="（2026）云梧民调字第0318号",
    applied_at=at("2026-11-15T20:30"),
    claims="1. 吴垚修复卫生间防水层\n赔偿客厅、过道墙面修复费用5,800元",
    facts="吴垚住房卫生间地面防水层损坏，渗漏至陈喆堃客厅、过道墙面。双方对渗漏来源没有异议，对修复费用数额有争议。",
    occurred_on="2026年10月", occurred_place="云浦区梧桐里街道长宁二路18弄6号", township="云浦区梧桐里街道",
    amount_fen=580000, mediator_id="m1", clerk_id="r1", accepted_at=at("2026-11-18T10:00"),
    decided_at=at("2026-11-18T10:00"), agreement_id="a1", agreement_form="written",
    conclusion=cf.Conclusion(
        outcome="agreed", at=at("2026-11-23T15:40"), summary="双方达成协议，约定分两期支付。", method="面对面调解"
    ),
    closed_at=at("2026-11-25T11:00"),
)  # fmt: skip

AGREEMENT = cf.Agreement(
    agreement_id="a1", case_id=CASE, version_no=1, number="（2026）云梧民调字第0318号",
    facts="乙方住房卫生间地面防水层损坏，渗漏至甲方客厅、过道墙面。2026年11月16日鉴定意见确认渗漏来源，双方对此无异议，对修复费用数额有争议。",
    clauses=(
        cf.Clause(no=1, text="乙方赔偿甲方墙面修复费用人民币5,800元（大写：伍仟捌佰元整）。"),
        cf.Clause(no=2, text="乙方于2026年12月10日（含当天）前修好卫生间地面防水层。"),
        cf.Clause(no=3, text="双方就本次渗漏造成的墙面损失再无其他争议。"),
    ),
    payments=(
        cf.Payment(no=1, payer_party_id="p2", payee_party_id="p1", amount_fen=300000, on_signing=True, method="现金"),
        cf.Payment(no=2, payer_party_id="p2", payee_party_id="p1", amount_fen=280000, due_on=dt.date(2026, 12, 10),
                   method="银行转账", account_tail="6612"),
    ),
    total_fen=580000, performance="收款后甲方出具收条。", copies=3, party_ids=("p1", "p2"), mediator_id="m1",
    recorder_id="r1", finalised_at=at("2026-11-23T15:48"),
)  # fmt: skip

SESSION = cf.Session(
    ordinal=2, started_at=at("2026-11-23T14:00"), ended_at=at("2026-11-23T15:40"), place="梧桐里街道调解室一号",
    present=(
        cf.Present(label="陈喆堃", role="applicant", party_id="p1"),
        cf.Present(label="吴垚", role="respondent", party_id="p2"),
        cf.Present(label="周敏芳", role="mediator"),
        cf.Present(label="楼组长马阿姨", role="invited"),
    ),
    segments=(
        cf.Segment(speaker=2, at=at("2026-11-23T14:01"), text="现在告知各方权利义务，各方是否听清楚？", step=1),
        cf.Segment(speaker=0, at=at("2026-11-23T14:02"), text="听清楚了。墙面从十月起发霉，我请人看过，要五千八百元。"),
        cf.Segment(speaker=1, at=at("2026-11-23T14:05"), text="漏水是我家卫生间的，我认，一次付不出，想分两次。"),
        cf.Segment(speaker=2, at=at("2026-11-23T15:20"), text="建议签字当天付三千元，余款十二月十日（含当天）前付清。", step=4),
    ),
    rights_told_at=at("2026-11-23T14:01"),
    undisputed=("渗漏来自401室卫生间地面防水层。", "受损部位为301室客厅、过道墙面。"),
    result="agreed", result_note="各方达成一致，另签协议书。",
)  # fmt: skip


def record(number: int, when: str, body: cf.RecordBody) -> cf.Record:
    """One entry of the timeline."""
    return cf.Record(record_id=f"r{number}", case_id=CASE, at=at(when), author="m1", body=body)


RECORDS = (
    record(1, "2026-11-20T14:00", cf.Session(
        ordinal=1, started_at=at("2026-11-20T14:00"), ended_at=at("2026-11-20T15:10"), place="梧桐里街道调解室一号",
        present=SESSION.present, segments=SESSION.segments[:1], undisputed=("渗漏来自401室卫生间地面防水层。",),
        result="next_time", next_at=at("2026-11-23T14:00"), next_place="梧桐里街道调解室一号")),
    record(2, "2026-11-23T15:40", SESSION),
    record(3, "2026-11-24T10:00", cf.Signature(agreement_id="a1", signer="party", party_id="p1", on=dt.date(2026, 11, 23))),
    record(4, "2026-11-24T10:00", cf.Signature(agreement_id="a1", signer="party", party_id="p2", on=dt.date(2026, 11, 24))),
    record(5, "2026-12-12T10:30", cf.FollowUp(performed="full", satisfaction="good", text="两期款项都已收到，防水层已修好，未再渗漏。")),
    record(6, "2026-11-23T16:00", cf.Performance(agreement_id="a1", payment_no=1, on=dt.date(2026, 11, 23), amount_fen=300000)),
)  # fmt: skip


def case_file(**changes: object) -> CaseFile:
    """The whole case; keyword arguments replace fields of its header."""
    import msgspec

    return CaseFile(
        case=msgspec.structs.replace(HEAD, **changes),
        parties={p.party_id: p for p in (ANNA, WU)},
        records={r.record_id: r for r in RECORDS},
        agreements={"a1": AGREEMENT},
    )


REFUSED = case_file(
    state="refused", agreement_id="", conclusion=None,
    refusal=cf.Refusal(
        ground_code="N1", ground="一方已就同一纠纷向人民法院起诉，法院已经受理。",
        facts="云浦区人民法院已于2026年11月10日立案，案号（2026）沪0199民初1234号。",
        basis=("人民调解工作若干规定（2002）第二十二条",),
        next_routes=("可以在诉讼中请求法院先行调解。", "撤诉后可以再次向本机构申请。"),
        notice_no="（2026）云梧不受字第0007号",
    ),
)  # fmt: skip
FAILED = case_file(
    state="failed", agreement_id="",
    conclusion=cf.Conclusion(
        outcome="failed", at=at("2026-11-23T15:40"), ground="双方分歧较大，难以达成一致。", focus="墙面修复费用的数额。",
        remedies=("可以自行协商，或者向其他调解组织申请调解。", "可以向房屋所在地的云浦区人民法院起诉。"),
    ),
)  # fmt: skip


def files() -> dict[str, CaseFile]:
    """The fitting case for each form that needs another than the agreed one."""
    return {"P05": REFUSED, "P13": FAILED}


def context(**changes: object) -> PaperContext:
    """The surroundings of a print; keyword arguments replace fields."""
    import dataclasses

    base = PaperContext(
        institution_name="云浦区梧桐里街道人民调解委员会",
        institution_type="乡镇（街道）人民调解委员会",
        uscc="91350100M000100Y43",
        address="云浦区梧桐里街道桐荫路66号",
        phone="021-55500001",
        district="云浦区",
        people={"m1": "周敏芳", "r1": "何静"},
        court_name="云浦区人民法院",
        printed_at=at("2026-11-25T11:20"),
        for_court=True,
    )
    return dataclasses.replace(base, **changes)  # type: ignore[arg-type]
