"""From the documents of a case to the values of one paper. Pure; both renditions print the result."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.clock import shanghai
from app.documents import people, texts
from app.documents.context import PaperContext
from app.documents.forms import Field, Form, form
from app.documents.people import Person
from app.documents.scope import Scope
from app.documents.sources import SOURCES
from app.domain import masking
from app.domain.agreement import party_letter
from app.domain.casefile import Party
from app.domain.errors import FieldError, InternalError
from app.domain.reducer import CaseFile

_PLACE = re.compile(r"\{([a-z_]+\.[a-z_]+)\}")
_NUMBERED = re.compile(r"^(?:[（(]?(?:\d{1,2}|[一二三四五六七八九十]{1,3})[)）、．.](?!\d))\s*")
"""A number typed before an item; the list prints its own."""
BLANK = "＿＿＿＿＿＿"


@dataclass(frozen=True)
class Tick:
    """One box and its words."""

    ticked: bool
    text: str


@dataclass(frozen=True)
class Block:
    """One field as printed. Only the parts of its ``kind`` are filled."""

    key: str
    kind: str
    label: str = ""
    text: str = ""
    paras: tuple[str, ...] = ()
    people: tuple[Person, ...] = ()
    ticks: tuple[Tick, ...] = ()
    columns: tuple[tuple[str, int], ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    blank: int = 0
    """Empty lines to leave when there is nothing to print."""
    half: bool = False
    flush: bool = False

    @property
    def empty(self) -> bool:
        """Whether nothing was known for this field."""
        ticked = any(t.ticked for t in self.ticks)
        return not (self.text or self.paras or self.people or self.rows or ticked)


@dataclass(frozen=True)
class SignPlace:
    """Words, a line and (if asked) a box for a fingerprint; never a drawn signature."""

    label: str
    fingerprint: bool


@dataclass(frozen=True)
class PaperValues:
    """Everything that one paper says, in print order."""

    form_id: str
    version: int
    title: str
    heading: str
    number: str
    number_label: str
    beside_number: str
    blocks: tuple[Block, ...]
    signs: tuple[SignPlace, ...]
    addressee: str
    enclosures: tuple[str, ...]
    seal: str
    dated: bool
    receipt: tuple[str, ...]
    remark: str
    copies: int
    """How many to print (份数)."""
    printed: str
    """Print time on Shanghai's clock, 2026-11-23 14:05."""
    watermark: str

    def block(self, key: str) -> Block:
        """The block of a field; ``LookupError`` when the paper leaves that field out."""
        for one in self.blocks:
            if one.key == key:
                return one
        raise LookupError(key)


def values_for(form_id: str, file: CaseFile, context: PaperContext) -> PaperValues:
    """The values of form ``form_id`` for one case.

    Raises ``NotFoundError`` for an unknown form or party, ``InternalError`` for a definition that
    names an unknown source.
    """
    definition = form(form_id)
    scope = Scope(file, context)
    number = context.number or (_line(definition.number, scope) if definition.number else "")
    return PaperValues(
        form_id=definition.id,
        version=definition.version,
        title=_filled(definition.title, scope),
        heading=_filled(definition.heading, scope),
        number=number,
        number_label=definition.number_label,
        beside_number=_filled(definition.beside_number, scope),
        blocks=tuple(_block(f, scope) for f in definition.fields if _printed(f, scope)),
        signs=_signs(definition, scope),
        addressee=_filled(definition.addressee, scope),
        enclosures=tuple(_filled(e, scope) for e in definition.enclosures),
        seal=_filled(definition.seal, scope),
        dated=definition.dated,
        receipt=definition.receipt,
        remark=_filled(definition.remark, scope),
        copies=_copies(definition, scope),
        printed=shanghai(context.printed_at).strftime("%Y-%m-%d %H:%M"),
        watermark=_watermark(context),
    )


def missing(definition: Form, values: PaperValues) -> tuple[FieldError, ...]:
    """What the form asks for and the paper does not say; each names its field. Printing stays possible."""
    found: list[FieldError] = []
    present = {b.key: b for b in values.blocks}
    for field in definition.fields:
        block = present.get(field.key)
        if block is None:
            continue
        name = field.label.rstrip("：:") or field.key
        if field.required and block.empty:
            found.append(
                FieldError(field.key, f"{name}还空着，先打也行，签字前请补上。", code="E-PAPER-EMPTY")
            )
        for index, person in enumerate(block.people):
            for label, text in (item for row in person.rows for item in row):
                if label in field.need and not text:
                    found.append(
                        FieldError(
                            f"{field.key}[{index}].{label}",
                            f"{person.caption}的{label}还空着，先打也行，签字前请补上。",
                            code="E-PAPER-EMPTY",
                        )
                    )
    return tuple(found)


def _watermark(context: PaperContext) -> str:
    marks = ["练习"] if context.practice else []
    if context.draft:
        marks.append("草稿 未签")
    return "　".join(marks)


def _copies(definition: Form, scope: Scope) -> int:
    rule = definition.copies
    parties = len(scope.agreed_parties) if rule.per_party else 0
    return max(1, parties + rule.plus + (rule.court if scope.context.for_court else 0))


def _value(name: str, scope: Scope) -> object:
    try:
        source = SOURCES[name]
    except KeyError:
        raise InternalError(
            "文书式样里有一处来源本程序不认识。请联系管理员恢复随程序安装的式样。",
            code="E-FORM",
            detail=f"source {name}",
        ) from None
    return source(scope)


def _line(name: str, scope: Scope) -> str:
    value = _value(name, scope)
    if isinstance(value, str):
        return _hidden(value, name, scope)
    return "；".join(str(v) for v in value) if isinstance(value, tuple) else ""


# These name people of the institution or the institution itself: not personal data of the case.
_OPEN = ("institution.", "staff.", "court.", "paper.")


def _hidden(text: str, name: str, scope: Scope) -> str:
    return texts.clean(text) if name.startswith(_OPEN) else scope.hide(text)


def _filled(template: str, scope: Scope) -> str:
    """Printed text with its placeholders filled; an unknown value leaves a line for handwriting."""
    return _PLACE.sub(lambda m: _line(m[1], scope) or BLANK, template)


def _printed(field: Field, scope: Scope) -> bool:
    if field.when and not _value(field.when, scope):
        return False
    return not (field.unless and _value(field.unless, scope))


def _strings(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return texts.paragraphs(value)
    if isinstance(value, Sequence):
        return tuple(t for t in (texts.clean(str(v)) for v in value) if t)
    return ()


def _masked(text: str, field: Field, scope: Scope) -> str:
    """``text`` as the field's masking kind shows it on a masked paper."""
    if field.mask == "none" or not scope.context.masked:
        return texts.clean(text)
    if field.mask == "day":
        return masking.date(text)
    if field.mask in ("place", "claims"):
        return masking.address(text) if field.mask == "place" else masking.free_text(text)
    return scope.hide(text)


def _block(field: Field, scope: Scope) -> Block:
    base = Block(
        key=field.key,
        kind=field.type,
        label=field.label,
        blank=field.blank,
        half=field.half,
        flush=field.flush,
    )
    if field.type == "fixed":
        return _with(base, paras=tuple(_filled(t, scope) for t in field.text))
    value: object = scope.context.entries.get(field.key)
    if value is None:
        value = _value(field.source, scope) if field.source else ""
    if field.type == "people":
        return _with(base, people=_people(value, field, scope))
    if field.type == "choice":
        chosen = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, tuple) else ()
        return _with(base, ticks=tuple(Tick(o.value in chosen, o.text) for o in field.options))
    if field.type in ("table", "talk"):
        rows = value if isinstance(value, tuple) else ()
        columns = tuple((c.title, c.width) for c in field.columns)
        cells = tuple(tuple(_masked(str(cell), field, scope) for cell in row) for row in rows)
        return _with(base, columns=columns, rows=cells)
    strings = tuple(_masked(t, field, scope) for t in _strings(value))
    if field.type == "line":
        return _with(base, text="；".join(strings))
    if field.type == "list":
        strings = tuple(_NUMBERED.sub("", t) for t in strings)
        return _with(base, rows=tuple((texts.count(i), t) for i, t in enumerate(strings, 1)))
    return _with(base, paras=strings)


def _with(block: Block, **parts: object) -> Block:
    return replace(block, **parts)  # type: ignore[arg-type]


def _people(value: object, field: Field, scope: Scope) -> tuple[Person, ...]:
    if not isinstance(value, tuple):
        return ()
    pairs: list[tuple[str, Party]] = [p for p in value if isinstance(p, tuple) and isinstance(p[1], Party)]
    counts = {caption: sum(1 for c, _ in pairs if c == caption) for caption, _ in pairs}
    seen: dict[str, int] = {}
    found: list[Person] = []
    for caption, party in pairs:
        seen[caption] = seen.get(caption, 0) + 1
        # Several on one side are told apart by number, except 甲方, 乙方, which already differ.
        shown = f"{caption}{texts.count(seen[caption])}" if counts[caption] > 1 else caption
        person = people.person(party, shown, field.style, scope.as_of, scope.context.masked)
        found.append(
            Person(
                caption=person.caption,
                rows=tuple(tuple((lab, texts.clean(t)) for lab, t in row) for row in person.rows),
            )
        )
    return tuple(found)


def _signs(definition: Form, scope: Scope) -> tuple[SignPlace, ...]:
    found: list[SignPlace] = []
    for signer in definition.signers:
        captions: Sequence[str] = ("",)
        if signer.who == "parties":
            captions = [party_letter(i) for i in range(len(scope.agreed_parties))] or [""]
        elif signer.who == "sides":
            captions = scope.captions() or ("当事人",)
        elif signer.who in ("applicants", "respondents"):
            side = scope.file.side("applicant" if signer.who == "applicants" else "respondent")
            captions = [texts.count(i) if len(side) > 1 else "" for i in range(1, len(side) + 1)] or [""]
        for caption in captions:
            label = signer.label.replace("{caption}", caption)
            found.append(SignPlace(label=_filled(label, scope), fingerprint=signer.fingerprint))
    return tuple(found)
