"""What the platform says when a field does not fit: Chinese, with the field's own name."""

from __future__ import annotations

from pydantic import ValidationError

NAMES = {
    "title": "案件简称", "dispute_kind": "纠纷类型", "claims": "诉求", "facts": "事实经过",
    "amount_fen": "金额",
    "name": "姓名或名称", "phone": "电话", "email": "电子邮箱", "address": "住址",
    "service_address": "送达地址",
    "id_number": "证件号码", "birth_date": "出生日期", "gender": "性别", "reason": "理由", "number": "案号",
    "mediator_id": "调解员", "accepted_at": "受理时间", "closed_at": "结案时间", "method": "化解方式",
    "received_at": "收到时间", "said": "对方说的话", "text": "内容", "place": "地点", "due_on": "履行日期",
    "sha256": "文件校验值", "fields": "修改内容", "next_session_at": "下次调解时间", "conclusion": "结案信息",
    "record": "经过记录", "payments": "分期款项", "clauses": "协议条款", "parties": "当事人",
    "agent": "代理人", "dated_on": "协议日期", "perform_by": "最迟履行日",
    "remedies": "救济途径", "ground": "理由", "basis": "依据", "next_routes": "其他途径", "on": "签署日期",
    "occurred_on": "发生时间", "court_code": "法院", "items": "材料清单", "password": "密码",
    "user": "用户名", "state": "案件状态", "agreement_id": "用的协议", "decided_by": "前一步",
    "signed": "签名盖章", "performed": "履行登记", "filings_over": "办完的申请", "suspensions": "暂停计时",
    "appointment": "下次调解",
    "clerk_id": "登记员", "contact_person": "联系人", "district": "区", "ethnicity": "民族",
    "id_kind": "证件种类", "inviting_court": "委派法院", "kind": "个人或单位", "law_kind": "适用规定",
    "legal_representative": "法定代表人", "legal_representative_title": "法定代表人职务",
    "next_session_place": "调解地点", "no_phone_reason": "没有电话的原因", "occupation": "职业",
    "occurred_place": "发生地点", "township": "街镇",
}  # fmt: skip

_REASONS = {
    "missing": "没有填写",
    "string_too_long": "太长了",
    "string_too_short": "没有填写",
    "string_pattern_mismatch": "格式不对",
    "literal_error": "不在可选的范围里",
    "int_type": "要填整数",
    "int_parsing": "要填整数",
    "greater_than_equal": "太小了",
    "less_than_equal": "太大了",
    "date_from_datetime_parsing": "日期写法不对",
    "date_parsing": "日期写法不对",
    "datetime_parsing": "时间写法不对",
    "datetime_from_date_parsing": "时间写法不对",
    "timezone_aware": "时间缺少时区",
    "too_short": "至少要有一项",
    "too_long": "项数太多",
    "string_type": "要填文字",
}


def field_name(field: str) -> str:
    """The Chinese name of a field, for people."""
    return NAMES.get(field, field)


def explain(error: ValidationError) -> tuple[str, str]:
    """Dotted path of the first field that does not fit, and a sentence about it."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    path = [str(part) for part in first["loc"]]
    named = next((part for part in reversed(path) if part in NAMES), path[-1] if path else "")
    reason = _REASONS.get(first["type"], "填写不符合要求")
    sentence = (
        f"“{field_name(named)}”{reason}，请改好再发。" if named else "平台没有看懂这次请求，数据没有变动。"
    )
    return ".".join(path), sentence
