"""协议体检: what a draft agreement lacks before it is printed and signed.

Findings are of three levels: ``must`` (必须改: printing waits, unless a reason is written down),
``should`` (建议看) and ``ok`` (没问题). Each says what is the matter, what follows from it and where that
stands. The check does not replace legal review.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterable, Iterator

from app.clock import legal_day
from app.domain import clauses, filing, money, performance, signatories
from app.domain.agreement import NO_ORAL, dated_problem, paper_day
from app.domain.casefile import Agreement, Payment
from app.domain.deadlines import add_months
from app.domain.findings import Finding as Finding
from app.domain.findings import Level as Level
from app.domain.findings import Repair as Repair
from app.domain.findings import Subject
from app.domain.reducer import CaseFile
from app.domain.workdays import full_date, short_date

UNCLEAR = "《民诉法解释》（2022修正）第358条第5项"
F06 = "《人民调解法》第29条"


def examine(
    draft: Agreement, file: CaseFile, *, wants_confirmation: bool, unread: Collection[str] = ()
) -> tuple[Finding, ...]:
    """All findings of a draft, what must be changed first, what is fine last.

    ``unread`` names what was written and is not understood, so that the draft holds nothing for it:
    ``total``, ``payments.2.amount``, ``payments.2.due``.
    """
    ids = draft.party_ids or tuple(p.party_id for p in (*file.side("applicant"), *file.side("respondent")))
    parties = tuple(file.parties[i] for i in ids if i in file.parties)
    subject = Subject(draft, parties, wants_confirmation, file, frozenset(unread))
    found: list[Finding] = []
    for code, fine, check in _CHECKS:
        results = tuple(check(subject))
        # Without the total nothing is known of what is measured by it.
        proven = code not in _BY_TOTAL or draft.total_fen is not None or not draft.payments
        found += results or ([Finding(code, "ok", "", fine)] if fine and proven else [])
    order = {"must": 0, "should": 1, "ok": 2}
    return tuple(sorted(found, key=lambda f: order[f.level]))


def blocking(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """What must be changed, or given a reason for."""
    return tuple(f for f in findings if f.level == "must")


def counts(findings: Iterable[Finding]) -> dict[Level, int]:
    """Number of findings by level."""
    result: dict[Level, int] = {"must": 0, "should": 0, "ok": 0}
    for finding in findings:
        result[finding.level] += 1
    return result


def _written(d: Subject) -> Iterator[Finding]:
    basis = NO_ORAL.get(d.agreement.law_kind)
    if d.agreement.form == "oral" and basis:
        yield Finding("form", "must", "form", "这类纠纷要写协议书", "口头协议在这类纠纷里不算数。", basis)


def _texts(d: Subject) -> Iterator[Finding]:
    if not d.agreement.facts.strip():
        yield Finding("facts", "must", "facts", "纠纷事实、争议事项还空着", "协议书要写明主要事实。", F06)
    if not any(c.text.strip() for c in d.agreement.clauses):
        yield Finding("clauses", "must", "clauses", "协议内容还空着", "没有写明各方做什么。", F06)
    if not d.agreement.performance.strip():
        yield Finding(
            "performance", "should", "performance", "履行方式还空着", "写明怎么付、付到哪，到期好执行。", F06
        )


def _instalments(d: Subject) -> Iterator[Finding]:
    total, payments = d.agreement.total_fen, d.agreement.payments
    empty = [p for p in payments if p.amount_fen <= 0]
    added = sum(p.amount_fen for p in payments)
    if "total" in d.unread:
        repair = Repair("total_fen", str(added), f"总额改成 {money.text(added)}")
        yield Finding(
            "sum", "must", "total_fen", "总额没有看懂", "一共付多少说不清。", UNCLEAR,
            repair if payments and not empty else None,
        )  # fmt: skip
    for p in empty:
        what = "没有看懂" if f"payments.{p.no}.amount" in d.unread else "还空着"
        yield Finding("sum", "must", f"payments.{p.no}", f"第 {p.no} 期金额{what}", "不知道付多少。", UNCLEAR)
    # While an instalment is empty, its sum proves nothing about the total.
    if payments and total is not None and added != total and not empty:
        yield Finding(
            "sum", "must", "total_fen",
            f"分期相加 {money.text(added)}，总额写的是 {money.text(total)}",
            "数目对不上，内容不明确，法院可能驳回司法确认申请。", UNCLEAR,
            Repair("total_fen", str(added), f"总额改成 {money.text(added)}"),
        )  # fmt: skip


_JOINED_BEFORE = re.compile(r"元?整?[（(，,、\s]*(?:人民币)?(?:大写)?[：:为是]?\s*(?:人民币)?")
_JOINED_AFTER = re.compile(r"[（(，,、\s]*(?:小写)?[：:为是]?\s*(?:人民币|RMB)?\s*")


def _capitals(d: Subject) -> Iterator[Finding]:
    """Each amount in capitals against the figures it stands with, before it or behind it."""
    for clause in d.agreement.clauses:
        figures = money.figures_in(clause.text)
        for match in money.CAPITAL_AMOUNT.finditer(clause.text):
            partner = _partner(clause.text, figures, match)
            if partner is None:
                yield from _alone(d, clause.no, match[0], [f.fen for f in figures])
            elif not money.same_capitals(match[0], partner.fen):
                right = money.capitals(partner.fen)
                yield Finding(
                    "capitals", "must", f"clauses.{clause.no}",
                    f"大写“{match[0]}”和 {money.text(partner.fen)}不一致",
                    "大小写不一致，到底付多少说不清。", UNCLEAR,
                    Repair(f"clauses.{clause.no}", right, f"改成{right}", match[0]),
                )  # fmt: skip


def _partner(text: str, figures: tuple[money.Figure, ...], match: re.Match[str]) -> money.Figure | None:
    """The figures that say the same amount: 5,800 元（大写：…） or …（5,800 元）; ``None`` without any."""
    before = [f for f in figures if f.end <= match.start()]
    if before and _JOINED_BEFORE.fullmatch(text[before[-1].end : match.start()]):
        return before[-1]
    behind = [f for f in figures if f.start >= match.end()]
    if behind and _JOINED_AFTER.fullmatch(text[match.end() : behind[0].start]):
        return behind[0]
    return None


def _alone(d: Subject, number: int, words: str, amounts: list[int]) -> Iterator[Finding]:
    """An amount in capitals away from any figures: it should be one of the clause's amounts or their sum."""
    known = {*amounts, sum(amounts), d.agreement.total_fen, *(p.amount_fen for p in d.agreement.payments)}
    if amounts and money.capitals_value(words) not in known:
        yield Finding(
            "capitals", "should", f"clauses.{number}", f"大写“{words}”在这一条里没有对得上的数字",
            "看看大写和小写说的是不是同一笔钱。", UNCLEAR,
        )  # fmt: skip


def _stated(d: Subject) -> Iterator[Finding]:
    total = d.agreement.total_fen
    if total is None or not d.agreement.payments:
        return
    stated = {a for c in d.agreement.clauses for a in money.said_in(c.text)}
    if total not in stated:
        yield Finding(
            "stated", "should", "clauses", f"协议内容里没有写总额 {money.text(total)}",
            "付款计划和条文要对得上。", UNCLEAR,
        )  # fmt: skip


def _paper(d: Subject) -> Iterator[Finding]:
    """协议日期: not after the day it is written down; one before acceptance is worth a second look."""
    day, today = paper_day(d.agreement), legal_day(d.agreement.finalised_at)
    if problem := dated_problem(day, today):
        yield Finding(
            "paper_date", "must", "dated_on", problem, "纸面日期写到以后，法院核实时说不清。", F06,
            Repair("dated_on", today.isoformat(), f"改成今天 {short_date(today)}"),
        )  # fmt: skip
        return
    accepted = d.file.head.accepted_at
    if accepted is not None and day < legal_day(accepted):
        yield Finding(
            "paper_date", "should", "dated_on",
            f"协议日期 {short_date(day, today)}早于受理的 {short_date(legal_day(accepted), today)}",
            "先在现场签好、后登记受理的没有问题；不是的话看看日期。", F06,
        )  # fmt: skip


def _dates(d: Subject) -> Iterator[Finding]:
    start = paper_day(d.agreement)
    for p in d.agreement.payments:
        if p.due_on is None and not p.on_signing:
            day = add_months(start, 1)
            which = f"{_which(d, p)} {money.text(p.amount_fen)}" if p.amount_fen > 0 else f"第 {p.no} 期"
            unread = f"payments.{p.no}.due" in d.unread
            yield Finding(
                "date", "must", f"payments.{p.no}",
                f"{which}哪天付没有看懂" if unread else f"{which}没有写明哪天付",
                "说不清日期。内容不明确，法院可能驳回司法确认申请，到期也难申请执行。", UNCLEAR,
                Repair(
                    f"payments.{p.no}", day.isoformat(), f"{short_date(day, start)}（含当天）前", day=day
                ),
            )  # fmt: skip
        elif p.due_on is not None and p.due_on < start:
            yield Finding(
                "date", "must", f"payments.{p.no}",
                f"第 {p.no} 期的日子 {short_date(p.due_on, start)}已经过去",
                "履行日早于签协议的日子，看看年份。", UNCLEAR,
            )  # fmt: skip

    for clause in d.agreement.clauses if not d.agreement.payments else ():
        if clauses.pays_some_day(clause.text):
            yield Finding(
                "date", "should", f"clauses.{clause.no}", f"第 {clause.no} 条写了付钱，没有写明哪天付",
                "在这一条写明日子，或者写进付款计划。内容不明确，法院可能驳回司法确认申请。", UNCLEAR,
            )  # fmt: skip


def _which(d: Subject, payment: Payment) -> str:
    last = payment.no == max(p.no for p in d.agreement.payments)
    return "余款" if last and len(d.agreement.payments) > 1 else f"第 {payment.no} 期"


def _payers(d: Subject) -> Iterator[Finding]:
    known = {p.party_id for p in d.parties}
    for p in d.agreement.payments:
        if p.payer_party_id not in known or p.payee_party_id not in known:
            words = "没有写清谁付给谁"
        elif p.payer_party_id == p.payee_party_id:
            words = "付款人和收款人是同一方"
        else:
            continue
        yield Finding(
            "payer",
            "must",
            f"payments.{p.no}",
            f"第 {p.no} 期{words}",
            "说不清向谁要，到期难申请执行。",
            UNCLEAR,
        )


_ABOUT = {
    "time": ("说不清日期", "内容不明确，法院可能驳回司法确认申请，到期也难申请执行。"),
    "amount": ("说不清数目", "内容不明确，法院可能驳回司法确认申请。"),
    "span": ("没有期限", "多长时间说不清，以后容易再起争议。"),
}
_DATED = re.compile(r"\d+月\d+日[^，。；]*")


def _vague(d: Subject) -> Iterator[Finding]:
    start = paper_day(d.agreement)
    for where, text in _fields(d.agreement):
        for word in filing.words()["vague"]:
            places = [m.start() for m in re.finditer(re.escape(word["word"]), text)]
            if word["about"] == "time":
                places = [at for at in places if not _dated(text, at)]
            if not places:
                continue
            what, consequence = _ABOUT[word["about"]]
            yield Finding(
                "vague", "should" if word["about"] == "span" else "must", where,
                f"“{word['word']}”{what}", consequence, UNCLEAR, _repair(word, where, start),
            )  # fmt: skip


_OPEN_DAY = re.compile(r"((?:\d{1,2}月|每月|当月|次月)\d{1,2}日)[之以]?前(?![述款期面后]|[^，。；]{0,8}含)")


def _that_day(d: Subject) -> Iterator[Finding]:
    """12月10日前 without 含当天: the payments' own lines always say it (民法典 2020, 1259)."""
    for where, text in _fields(d.agreement):
        for match in {m[0]: m for m in _OPEN_DAY.finditer(text)}.values():
            clear = f"{match[1]}（含当天）前"
            yield Finding(
                "that_day", "should", where, f"“{match[0]}”没有说含不含当天",
                "当天算不算在内说不清，以后容易再起争议。", "《民法典》第1259条",
                Repair(where, clear, "加上“含当天”", match[0]),
            )  # fmt: skip


def _dated(text: str, position: int) -> bool:
    """Whether a date stands before the word in the same phrase: 于12月10日前及时付清 says when."""
    return any(m.start() <= position < m.end() for m in _DATED.finditer(text))


def _repair(word: dict[str, str], where: str, start: dt.date) -> Repair | None:
    if word["about"] == "time":
        day = add_months(start, 1)
        label = f"改成{short_date(day, start)}（含当天）前"
        return Repair(where, f"于{full_date(day)}（含当天）前", label, word["word"], day)
    if word["about"] == "span":
        return Repair(where, "一年内", "改成一年内", word["word"])
    return None


def _fields(agreement: Agreement) -> Iterator[tuple[str, str]]:
    for clause in agreement.clauses:
        yield f"clauses.{clause.no}", clause.text
    yield "performance", agreement.performance


def _contents(d: Subject) -> Iterator[Finding]:
    for obstacle in filing.eligibility(d.file.head, d.agreement):
        if obstacle.level == "look" and not d.wants_confirmation:
            continue
        level: Level = "must" if obstacle.level == "must" and d.wants_confirmation else "should"
        where = next(
            (w for w, text in _fields(d.agreement) if any(x in text for x in obstacle.words)), "clauses"
        )
        yield Finding(
            "contents",
            level,
            where,
            obstacle.sentence,
            "这部分不能申请司法确认，可以另走别的办法。",
            obstacle.basis,
        )


def _copies(d: Subject) -> Iterator[Finding]:
    need = len(d.parties) + 1 + d.wants_confirmation
    if d.agreement.copies >= need:
        return
    more = need - d.agreement.copies
    why = f"要做司法确认，再多打 {more} 份" if d.wants_confirmation else f"份数不够，再多打 {more} 份"
    yield Finding(
        "copies", "should", "copies", why, "各方一份，调解组织一份，做司法确认的法院一份。", F06,
        Repair("copies", str(need), f"改成{'零一二三四五六七八九十'[need] if need <= 10 else need}份"),
    )  # fmt: skip


def _number(d: Subject) -> Iterator[Finding]:
    if not (d.agreement.number or d.file.head.number):
        yield Finding("number", "should", "number", "还没有编号", "受理后会给编号，先写也行。", "")


def _blanks(d: Subject) -> Iterator[Finding]:
    for clause in d.agreement.clauses:
        if clauses.BLANK in clause.text:
            yield Finding(
                "blank", "must", f"clauses.{clause.no}", "还有空没有填",
                "〔〕里要写上双方商定的内容，不然执行不了。", UNCLEAR,
            )  # fmt: skip


_BY_TOTAL = frozenset({"sum", "stated"})
_CHECKS: tuple[tuple[str, str, Callable[[Subject], Iterable[Finding]]], ...] = (
    ("parties", "双方都写了", signatories.parties),
    ("left_out", "", signatories.left_out),
    ("paper_date", "", _paper),
    ("date", "每一笔都写明哪天付", _dates),
    ("agent", "签字的人有权签", signatories.agents),
    ("sum", "分期相加等于总额", _instalments),
    ("capitals", "金额大小写一致", _capitals),
    ("payer", "谁付给谁写清了", _payers),
    ("vague", "没有说不清的词", _vague),
    ("that_day", "", _that_day),
    ("blank", "", _blanks),
    ("contents", "不涉及确认身份关系、物权归属", _contents),
    ("identity", "双方身份、联系方式齐全", signatories.identity),
    ("form", "形式合适", _written),
    ("facts", "事实、内容、履行方式都写了", _texts),
    ("stated", "条文和付款计划对得上", _stated),
    ("copies", "份数够", _copies),
    ("number", "有编号", _number),
    ("performed", "", performance.already),
)
