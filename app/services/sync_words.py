"""What the sync centre calls things: commands, fields and files in the words of the trade."""

from __future__ import annotations

from collections.abc import Collection

from app.clock import from_text, shanghai
from app.domain import casefile as cf
from app.domain import commands as cmd

SIDES = {"applicant": "申请人", "respondent": "被申请人", "third": "第三人"}
FIELDS = {
    "source": "来源",
    "received_at": "收到时间",
    "intake_no": "办件编号",
    "number": "案号",
    "platform_kind": "平台分类",
    "applied_at": "申请时间",
    "accepted_at": "受理时间",
    "decided_at": "决定时间",
    "refusal": "不予受理的理由",
    "handback_reason": "退回的理由",
    "suspensions": "暂停计时",
    "agreement_form": "协议形式",
    "closed_at": "结案时间",
    "archived_at": "归档时间",
    "side": "哪一方",
    "ordinal": "第几位",
    "title": "案件简称",
    "dispute_kind": "纠纷类型",
    "claims": "诉求",
    "facts": "经过",
    "occurred_on": "发生时间",
    "occurred_place": "发生地点",
    "township": "街镇",
    "district": "区",
    "amount_fen": "标的金额",
    "mediator_id": "承办调解员",
    "clerk_id": "登记员",
    "law_kind": "适用规定",
    "inviting_court": "委派法院",
    "next_session_at": "下次调解",
    "next_session_place": "下次调解",
    "appointment": "下次调解",
    "state": "案件状态",
    "agreement_id": "协议书",
    "signed": "签名盖章",
    "performed": "履行登记",
    "parties": "当事人",
    "conclusion": "调解结果",
    "decided_by": "前一步",
    "contact_waiver": "不征求意愿的理由",
    "name": "姓名或名称",
    "gender": "性别",
    "ethnicity": "民族",
    "birth_date": "出生日期",
    "id_kind": "证件种类",
    "id_number": "证件号",
    "occupation": "职业",
    "phone": "电话",
    "no_phone_reason": "没有电话的原因",
    "email": "电子邮箱",
    "address": "住址",
    "service_address": "送达地址",
    "legal_representative": "法定代表人",
    "legal_representative_title": "法定代表人职务",
    "contact_person": "联系人",
    "agent": "代理人",
    "kind": "个人或单位",
}
COMMANDS = {
    "contact.record": "联系记录 1 条",
    "contact.waive": "不征求意愿的说明",
    "case.accept": "受理决定",
    "case.refuse": "不予受理决定",
    "case.hand_back": "退回办件",
    "case.edit": "案件资料",
    "party.add": "当事人资料",
    "party.edit": "当事人资料",
    "session.record": "调解记录",
    "record.add": "记事 1 条",
    "suspension.mark": "暂停计时",
    "attachment.declare": "材料登记 1 件",
    "agreement.finalise": "协议书定稿",
    "signature.register": "签名登记",
    "case.conclude": "调解结果",
    "case.resume": "再谈一次",
    "case.close": "结案信息",
    "conflict.resolve": "选定的写法",
}
SOURCES = {"walk_in": "来访登记", "own_motion": "主动调解登记"}
FILINGS = {
    "judicial_confirmation": "司法确认申请",
    "arbitration_confirmation": "仲裁确认申请",
    "arbitration": "仲裁申请",
    "suit": "立案申请",
}
MOST_NAMED = 3
"""Of more fields at once the first two are named."""
_COUNTED = {"照片": "张", "录音": "段", "录像": "段"}
WANTED = {"lodge": "", "supplement": "补充材料", "withdraw": "撤回"}
FIRST_SUPPLEMENT = 2
"""Number of the list of files that answers the court's first request; the first list is the application's."""
RECEIVED = {
    "case": "案件资料",
    "party": "当事人资料",
    "record": "经过记录",
    "agreement": "协议书",
    "attachment": "材料",
    "submission": "确认进展",
}

GONE = "平台已收回或改派这件案件"
"""The same words wherever it is told of, so that who looks for them finds it."""
ID_TAKEN = (
    "另有一台电脑在用同一个设备编号，平台没有收下这台写的一部分。内容都在本机；重新登记后接着发，不会重复。"
)


def filing_name(kind: str, wanted: str, manifest_no: int) -> str:
    """What a step of a filing is called: the filing, and what is asked of it beyond being lodged."""
    name, word = FILINGS.get(kind, "申请"), WANTED.get(wanted, "")
    if wanted == "supplement" and manifest_no > FIRST_SUPPLEMENT:
        word = f"第 {manifest_no - 1} 次{word}"
    return f"{name}：{word}" if word else name


def command_name(command: cmd.Command, side: str = "") -> str:
    """What a command carries, without personal data, such as “联系记录 1 条”; fields by their names.

    ``side``: that of the party it is about, where that is known.
    """
    payload = command.payload
    if isinstance(payload, cmd.RegisterCase):
        return SOURCES.get(payload.case.source, "移送登记")
    if isinstance(payload, cmd.RecordSession) and isinstance(payload.record.body, cf.Session):
        return f"第 {payload.record.body.ordinal} 次调解记录"
    if isinstance(payload, cmd.AddRecord):
        body = payload.record.body
        if isinstance(body, cf.FollowUp):
            return "回访记录"
        return "履行记录" if isinstance(body, cf.Performance) else COMMANDS["record.add"]
    if isinstance(payload, cmd.MarkSuspension) and isinstance(payload.record.body, cf.SuspensionMark):
        return "暂停计时" if payload.record.body.what == "start" else "恢复计时"
    if isinstance(payload, cmd.FinaliseAgreement) and payload.agreement.form == "oral":
        return "口头协议登记"
    if isinstance(payload, (cmd.EditCase, cmd.EditParty)) and payload.fields:
        return SIDES.get(side, "") + _fields_named(payload.fields)
    if isinstance(payload, cmd.ResolveConflict) and payload.fields:
        return chosen(SIDES.get(side, "") + _fields_named(payload.fields))
    return COMMANDS.get(command.kind, "一项记录")


def chosen(what: str) -> str:
    """What a choice between two values is called, by what it was about."""
    return f"选定：{what}"


def _fields_named(fields: Collection[str]) -> str:
    found = dict.fromkeys(name for field, name in FIELDS.items() if field in fields)
    names = list(found) or ["一项内容"]
    return "、".join(names) if len(names) <= MOST_NAMED else f"{'、'.join(names[:2])}等"


def field_name(field: str, side: str = "") -> str:
    """The shown name of a field, with whose it is, such as “被申请人送达地址”."""
    return SIDES.get(side, "") + FIELDS.get(field, "一项内容")


def file_name(media_type: str, size: int) -> str:
    """What a file is, such as “照片 1 张，共 1.7 MB”."""
    return f"{counted(file_kind(media_type), 1)}，共 {size_text(size)}"


def file_kind(media_type: str) -> str:
    """What kind of file it is."""
    group = media_type.partition("/")[0]
    return {"image": "照片", "audio": "录音", "video": "录像"}.get(group, "文件")


def several(what: str, number: int) -> str:
    """Several like things, such as “联系记录 3 条”."""
    bare = kind_of(what)
    if bare != what:
        return f"{bare} {number} {what[-1]}"
    return what if number == 1 else f"{what} {number} 项"


def kind_of(what: str) -> str:
    """What something is without its number."""
    return what.removesuffix(" 1 条").removesuffix(" 1 件")


def counted(kind: str, number: int) -> str:
    """How many files of a kind, such as “照片 3 张”."""
    return f"{kind} {number} {_COUNTED.get(kind, '件')}"


def size_text(size: int) -> str:
    """A size for reading."""
    if size >= 1024**3:
        return f"{size / 1024**3:.{0 if size >= 10 * 1024**3 else 1}f} GB"
    if size >= 1024 * 1024:
        return f"{size / 1024 / 1024:.1f} MB"
    return f"{max(1, round(size / 1024))} KB"


def lost_tail(count: int) -> str:
    """What is said when the end of the store's log was gone at a start."""
    return (
        f"上次没有正常结束，案件库的日志少了一段，最后写的 {count} 项没有留住；之前的都在。"
        "已发给平台的会自动收回来；没有发的，请看一遍案件，重新登记。"
    )


def restored(kept: str) -> str:
    """What is said of a platform that was restored from a backup, by what is ``kept`` of it
    (``line_state.RESTORED``); empty for nothing."""
    if not kept:
        return ""
    at, _, again = kept.partition(" ")
    local = shanghai(from_text(at))
    sent = f"平台可能没有的 {again} 项已经重新发送，" if int(again) else ""
    return (
        f"{local.month}月{local.day}日 {local:%H:%M} 收发时知道的。{sent}文件和交给法院的申请都重新核对。"
        "本机的内容没有动；法院答复过、平台还没有补回的，记在案件的“司法确认”，要办的日子照样在“今日”。"
    )
