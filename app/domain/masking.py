"""遮挡: what is shown of personal data where the original is not asked for.

Masking happens where data are fetched, not on the screen. The eight kinds of the platform's rules
(平台运行管理办法（试行） 第二十三条) are all covered. No national standard fixes the form; these follow
GB/T 35273-2020 (去标识化展示) and the house's own examples. Masked text keeps only what is shown: from
it nothing else can be had back.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from app.domain import money
from app.domain.casefile import Agent, Party, Present
from app.domain.workdays import resource

STAR = "*"


@functools.cache
def _table() -> Any:
    return resource("legal/surnames.json")


@functools.cache
def compound_surnames() -> frozenset[str]:
    """复姓."""
    return frozenset(_table()["compound"])


def surname(name: str) -> str:
    """The surname a Chinese name begins with; one character unless a 复姓."""
    name = name.strip()
    return name[:2] if len(name) > 2 and name[:2] in compound_surnames() else name[:1]


def person(name: str) -> str:
    """陈明华 → 陈**, 吴刚 → 吴*, 欧阳修 → 欧**. A foreign name keeps its first letter."""
    name = name.strip()
    if not name:
        return ""
    length = 1 if len(name) <= 2 else 2
    return name[0] + STAR * length


def organisation(name: str) -> str:
    """某物业公司, by the trade in the name; never a part of the name itself."""
    name = name.strip()
    if not name:
        return ""
    for word, shown in _table()["organisation"]:
        if word in name:
            return str(shown)
    return str(_table()["organisation_default"])


def id_number(number: str) -> str:
    """310***********0426: first three and last four; short numbers keep one and one."""
    number = number.strip()
    if len(number) >= 15:
        return number[:3] + STAR * (len(number) - 7) + number[-4:]
    return _ends(number, 1, 1)


def uscc(code: str) -> str:
    """统一社会信用代码: first two and last four."""
    return _ends(code.strip(), 2, 4)


def passport(number: str) -> str:
    """Passport and travel permits: first and last three."""
    return _ends(number.strip(), 1, 3)


def phone(number: str) -> str:
    """138****6612; a landline keeps its area code and last two: 021-****26."""
    text = re.sub(r"\s", "", number)
    if not text:
        return ""
    digits = re.sub(r"\D", "", text)
    if digits.startswith("86") and len(digits) == 13:
        digits = digits[2:]
    if re.fullmatch(r"1\d{10}", digits):
        return f"{digits[:3]}****{digits[-4:]}"
    return landline(text)


def landline(number: str) -> str:
    """021-****26; the extension goes."""
    text = re.split(r"转|[xX]|ext", re.sub(r"\s", "", number))[0]
    if not text:
        return ""
    match = re.match(r"^\(?(010|02\d|0[3-9]\d{2})\)?[-－]?(\d{7,8})", text)
    if match:
        return f"{match[1]}-****{match[2][-2:]}"
    digits = re.sub(r"\D", "", text)
    return f"****{digits[-2:]}" if len(digits) >= 7 else "****"


def email(address: str) -> str:
    """a***@example.com."""
    name, at, domain = address.strip().partition("@")
    return f"{name[:1]}***@{domain}" if at and name else ("***" if address.strip() else "")


_NOT_A_STREET = r"[^路弄号巷道街\d]"
_TOWNSHIP = re.compile(
    rf"^(?:{_NOT_A_STREET}{{2,9}}?(?:省|自治区|市))?(?:{_NOT_A_STREET}{{1,7}}?(?:区|县|市))?"
    r"[^路弄号巷道街区县市\d]{1,7}?(?:路?街道|镇|乡)"
)


def address(text: str, township: str = "") -> str:
    """An address down to its 街道 or 镇; what lies below is starred. Unknown forms show nothing."""
    text = text.strip()
    if not text:
        return ""
    if township.strip():
        return f"{township.strip()}****"
    match = _TOWNSHIP.match(text)
    return f"{match[0]}****" if match and len(match[0]) < len(text) else "****"


def bank_card(number: str) -> str:
    """Last four."""
    digits = re.sub(r"\D", "", number)
    return f"****{digits[-4:]}" if len(digits) > 8 else ("****" if number.strip() else "")


_RANGES = (
    (1_000_00, "1 千元以下"),
    (5_000_00, "1 千元至 5 千元"),
    (10_000_00, "5 千元至 1 万元"),
    (50_000_00, "1 万元至 5 万元"),
    (100_000_00, "5 万元至 10 万元"),
    (500_000_00, "10 万元至 50 万元"),
    (1_000_000_00, "50 万元至 100 万元"),
)


def amount(fen: int | None) -> str:
    """The range an amount lies in; a bound belongs to the range above it. ``fen`` in 分."""
    if fen is None:
        return ""
    return next((words for limit, words in _RANGES if fen < limit), "100 万元以上")


_RANGE_WORDS = re.compile("|".join(sorted((w for _, w in _RANGES), key=len, reverse=True)) + "|100 万元以上")
_AS_CAPITALS = str.maketrans("〇一二两三四五六七八九十百千", "零壹贰贰叁肆伍陆柒捌玖拾佰仟")
_SAID_AGAIN = re.compile(rf"[（(]\s*大写[:：]?\s*{money.CAPITAL_AMOUNT.pattern}\s*[)）]")
_BEFORE_AMOUNT = re.compile(r"(?:人民币)?\s*$")


def amounts(text: str) -> str:
    """``text`` with every amount of money as its range, in figures, capitals or words alike (标的：区间).

    The same amount said again in capitals behind it goes. Ranges that stand there already are left alone.
    """
    text = "".join(_pieces(text, [(m.start(), m.end(), "") for m in _SAID_AGAIN.finditer(text)]))
    known = [match.span() for match in _RANGE_WORDS.finditer(text)]
    found = [(figure.start, figure.end, figure.fen) for figure in money.figures_in(text)]
    for match in money.CAPITAL_AMOUNT.finditer(text.translate(_AS_CAPITALS)):
        fen = money.capitals_value(match[0])
        if fen is not None:
            found.append((*match.span(), fen))
    cuts = []
    for start, end, fen in sorted(found):
        if not any(first <= end - 1 < last for first, last in known):
            lead = _BEFORE_AMOUNT.search(text[:start])
            tail = int(text[end : end + 1] in ("整", "正"))
            cuts.append((lead.start() if lead else start, end + tail, amount(fen)))
    return "".join(_pieces(text, cuts))


def _pieces(text: str, cuts: Sequence[tuple[int, int, str]]) -> Iterator[str]:
    """``text`` with each span replaced by its words."""
    done = 0
    for start, end, words in cuts:
        if start >= done:
            yield text[done:start]
            yield words
            done = end
    yield text[done:]


def date(value: dt.date | str) -> str:
    """Year and month."""
    if isinstance(value, dt.date):
        return f"{value.year}年{value.month}月"
    match = re.search(r"(\d{4})\s*[-年/.]\s*(\d{1,2})", value)
    if match:
        return f"{match[1]}年{int(match[2])}月"
    year = re.search(r"(?:19|20)\d{2}", value)
    return f"{year[0]}年" if year else ("****" if value.strip() else "")


def free_text(text: str) -> str:
    """Free text shows only that it is there."""
    return "****" if text.strip() else ""


def identity(kind: str, number: str) -> str:
    """An ID number by its kind (``Party.id_kind``)."""
    if kind == "uscc":
        return uscc(number)
    if kind in ("passport", "hm_pass", "tw_pass"):
        return passport(number)
    return id_number(number)


def _ends(text: str, first: int, last: int) -> str:
    if not text:
        return ""
    hidden = len(text) - first - last
    if hidden < 2:
        return STAR * len(text)
    return text[:first] + STAR * hidden + text[-last:]


MASKS: dict[str, Callable[[str], str]] = {
    "name": person,
    "organisation": organisation,
    "id": id_number,
    "uscc": uscc,
    "passport": passport,
    "phone": phone,
    "landline": landline,
    "email": email,
    "address": address,
    "bank_card": bank_card,
    "date": date,
    "text": free_text,
}


def mask(kind: str, value: str) -> str:
    """``value`` masked by a kind named in :data:`MASKS`; an unknown kind is hidden whole."""
    return MASKS.get(kind, free_text)(value)


def party_name(party: Party) -> str:
    """A party's name as lists show it."""
    return organisation(party.name) if party.kind == "organisation" else person(party.name)


def present_name(who: Present, parties: Iterable[Party]) -> str:
    """Somebody present at a session: colleagues in full, an organisation by its trade, others as people."""
    if who.role in ("mediator", "recorder"):
        return who.label
    firm = any(p.kind == "organisation" and p.name.strip() == who.label.strip() for p in parties)
    return organisation(who.label) if firm else person(who.label)


PARTY_FIELDS = (
    "name", "id_number", "phone", "email", "address", "service_address", "legal_representative",
    "contact_person", "birth_date",
)  # fmt: skip
"""Fields of a party that are shown only with a reason."""


def party_field(party: Party, field: str) -> str:
    """One field of a party, masked; fields that are not personal data come as they are."""
    value = getattr(party, field)
    if value is None or value == "":
        return ""
    masks: dict[str, Callable[[], str]] = {
        "name": lambda: party_name(party),
        "id_number": lambda: identity(party.id_kind, party.id_number),
        "phone": lambda: phone(party.phone),
        "email": lambda: email(party.email),
        "address": lambda: address(party.address, party.township),
        "service_address": lambda: address(party.service_address),
        "legal_representative": lambda: person(party.legal_representative),
        "contact_person": lambda: person(party.contact_person),
        "birth_date": lambda: date(party.birth_date or ""),
    }
    return masks[field]() if field in masks else str(value)


def agent_name(agent: Agent) -> str:
    """An agent's name, masked."""
    return person(agent.name)


def names(parties: Iterable[Party]) -> Iterator[str]:
    """Names of parties and those who act for them, as they may stand in a text."""
    for party in parties:
        held = (party.name, party.legal_representative, party.contact_person)
        yield from (name for name in held if name)
        if party.agent is not None and party.agent.name:
            yield party.agent.name


def personal_words(parties: Iterable[Party]) -> Iterator[str]:
    """Names and addresses of parties, as they may stand in a log."""
    listed = tuple(parties)
    yield from names(listed)
    for party in listed:
        yield from (place for place in (party.address, party.service_address) if place)


def shown_title(title: str, parties: Iterable[Party]) -> str:
    """A title somebody typed, or a file's name, as lists show it: names and numbers masked."""
    return redact(title, tuple(names(parties)))


AGENT_FIELDS = ("name", "id_number", "phone")
"""Fields of an agent that are shown only with a reason."""


def agent_field(agent: Agent, field: str) -> str:
    """One field of an agent, masked; fields that are not personal data come as they are."""
    match field:
        case "name":
            return agent_name(agent)
        case "id_number":
            return identity(agent.id_kind, agent.id_number)
        case "phone":
            return phone(agent.phone)
    return str(getattr(agent, field))


def side_words(parties: Sequence[Party]) -> str:
    """One side in a few words: 陈**; 马**、高* for two; 马** 等 7 人 for more."""
    names = [party_name(p) for p in parties]
    if len(names) <= 2:
        return "、".join(names)
    people = all(p.kind == "person" for p in parties)
    return f"{names[0]} 等 {len(names)} {'人' if people else '方'}"


def parties_line(applicants: Sequence[Party], respondents: Sequence[Party]) -> str:
    """陈** 与 吴*."""
    return " 与 ".join(side for side in (side_words(applicants), side_words(respondents)) if side)


def parties_list(applicants: Sequence[Party], respondents: Sequence[Party]) -> str:
    """陈** / 吴*, as in the list of cases."""
    return " / ".join(side for side in (side_words(applicants), side_words(respondents)) if side)


def parties_arrow(applicants: Sequence[Party], respondents: Sequence[Party]) -> str:
    """李** → 某物业公司, as in the inbox: who asks whom."""
    return " → ".join(side for side in (side_words(applicants), side_words(respondents)) if side)


def _spaced(hide: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: hide(re.sub(r"[ -]", "", text))


_IN_TEXT = (
    (re.compile(r"(?<![\dA-Za-z])[1-9](?:[ -]?\d){16}[ -]?[\dXx](?![\dA-Za-z])"), _spaced(id_number)),
    (re.compile(r"(?<!\d)1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)"), phone),
    (re.compile(r"(?<![\dA-Za-z-])\(?0\d{2,3}\)?[-－ ]?\d{4}[ -]?\d{3,4}(?!\d)"), landline),
    (re.compile(r"(?<![0-9A-Za-z])[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}(?![0-9A-Za-z])"), uscc),
    (re.compile(r"(?<![0-9A-Za-z])[A-Z]{1,2}\d{7,10}(?![0-9A-Za-z])"), passport),
    (re.compile(r"(?<!\d)\d{15,19}(?!\d)"), bank_card),
    (re.compile(r"[A-Za-z0-9_.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"), email),
)


_WIDE = {ord(c): chr(ord(c) - 0xFEE0) for c in map(chr, (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B)))}
"""Full-width digits and capital letters."""


def redact(text: str, names: Sequence[str] = ()) -> str:
    """Free text with known names, and every ID, telephone, card number and e-mail address, masked."""
    text = text.translate(_WIDE)
    for pattern, hide in _IN_TEXT:
        text = pattern.sub(lambda m, hide=hide: hide(m[0]), text)  # type: ignore[misc]
    for name in sorted({n for n in names if len(n) > 1}, key=len, reverse=True):
        text = text.replace(name, person(name) if len(name) <= 4 else organisation(name))
    return text
