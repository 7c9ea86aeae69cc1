"""协议体检 of those who are to sign: all there, known by number and address, their agents entitled."""

from __future__ import annotations

from collections.abc import Iterator

from app.domain.findings import Finding, Repair, Subject
from app.domain.masking import agent_name, party_name


def parties(d: Subject) -> Iterator[Finding]:
    """An agreement has two sides."""
    if len(d.parties) < 2:
        yield Finding(
            "parties", "must", "party_ids", "协议至少要有两方", "只有一方，协议不成立。", "《民法典》第134条"
        )


def left_out(d: Subject) -> Iterator[Finding]:
    """Whoever became a party of the case after the draft was begun does not stand on it by itself."""
    there = {one.party_id for one in d.parties}
    for party in (*d.file.side("applicant"), *d.file.side("respondent")):
        if party.party_id not in there and d.parties:
            name = party_name(party)
            yield Finding(
                "left_out", "should", f"parties.{party.party_id}", f"{name}是本案当事人，协议里没有写",
                f"协议只约束在上面签字的人，对{name}不生效。", "《民法典》第465条",
                Repair("party_ids", party.party_id, "写进协议"),
            )  # fmt: skip


def identity(d: Subject) -> Iterator[Finding]:
    """Who is to be told apart and reached."""
    for party in d.parties:
        lacking = [
            words
            for words, there in (
                ("证件号", party.id_number),
                ("联系方式", party.phone or party.no_phone_reason),
                ("住址", party.address),
                ("法定代表人", party.kind == "person" or party.legal_representative),
            )
            if not there
        ]
        if lacking:
            yield Finding(
                "identity", "must" if "证件号" in lacking else "should", f"parties.{party.party_id}",
                f"{d.letter(party.party_id)}缺{'、'.join(lacking)}",
                "法院要核对双方身份、住所、联系方式，缺了会要求补。", "《民诉法解释》（2022修正）第354条",
            )  # fmt: skip


def agents(d: Subject) -> Iterator[Finding]:
    """Who signs for somebody shows the authority."""
    for party in d.parties:
        agent = party.agent
        if agent is None or (agent.authority == "special" and agent.evidence_attachment_id):
            continue
        who = agent.relation or agent_name(agent)
        name = party_name(party)
        what = "还缺授权" if agent.authority == "ordinary" else "还缺授权委托书"
        yield Finding(
            "agent", "must", f"parties.{party.party_id}", f"{who}代签，{what}",
            f"代签协议要有{name}的授权；没有授权、{name}又不追认的，对他不生效。",
            "《民法典》第165条、第171条",
        )  # fmt: skip
