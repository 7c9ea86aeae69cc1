"""Form definitions (文书式样): what a paper is made of, read from ``resources/forms/*.json``.

A definition is data: title, fields in print order, where each value comes from, who signs, how many
copies. The same definition feeds the PDF and the Word rendition, so a new form is a new JSON file.
Sources of the forms: 司发通〔2010〕239号 (F01 to F13) and local practice (P01 onwards); see
``confidence`` and ``to_verify`` (待核) of each.
"""

from __future__ import annotations

import functools
import importlib.resources
from collections.abc import Mapping
from importlib.resources.abc import Traversable
from typing import Literal

import msgspec

from app.domain.errors import InternalError, NotFoundError

FieldType = Literal["line", "text", "list", "people", "choice", "fixed", "table", "talk", "heading"]
Mask = Literal["free", "none", "amount", "day", "place", "claims"]
SignerRole = Literal[
    "parties", "sides", "applicants", "respondents", "party", "invited", "mediator", "recorder", "blank"
]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base: an unknown key in a definition is an error, not silently ignored."""


class Option(_Part, frozen=True, kw_only=True):
    """One box to tick."""

    value: str
    text: str


class Column(_Part, frozen=True, kw_only=True):
    """One column of a table; ``width`` is its share of the line."""

    title: str
    width: int = 1


class Field(_Part, frozen=True, kw_only=True):
    """One field of a form (文书字段)."""

    key: str
    label: str = ""
    type: FieldType
    required: bool = False
    source: str = msgspec.field(name="from", default="")
    """Name of the value in ``app.documents.sources``; empty: written by hand or given as an entry."""
    mask: Mask = "free"
    """How the value is hidden on a masked preview. ``free``: known names, numbers and places in it."""
    style: str = ""
    """For ``people``: which of a person's particulars are printed, see ``app.documents.people``."""
    need: tuple[str, ...] = ()
    """For ``people``: particulars that may not be empty, by their printed label."""
    options: tuple[Option, ...] = ()
    columns: tuple[Column, ...] = ()
    text: tuple[str, ...] = ()
    """For ``fixed`` (印定文字): paragraphs; ``{source.name}`` stands for a value."""
    when: str = ""
    """Printed only when this source has a value."""
    unless: str = ""
    """Left out when this source has a value."""
    blank: int = 2
    """Lines left for handwriting when there is no value."""
    flush: bool = False
    """Printed without indent, such as the name a notice is addressed to."""
    half: bool = False
    """In a register: takes half of the width."""


class Signer(_Part, frozen=True, kw_only=True):
    """Someone who signs, with the words printed before the line.

    ``{caption}`` is 甲方 and so on for ``parties``, 申请人 and so on for ``sides``.
    """

    who: SignerRole
    label: str
    fingerprint: bool = False


class Copies(_Part, frozen=True, kw_only=True):
    """How many copies to print: one a party (if so), plus some, plus some more for the court."""

    per_party: bool = False
    plus: int = 1
    court: int = 0


class Form(_Part, frozen=True, kw_only=True):
    """One form definition."""

    id: str
    version: int
    title: str
    source: str
    confidence: Literal["A", "B", "C", "D"]
    """How well the wording is attested, as in the design's 可信度."""
    to_verify: bool = False
    """待核: the institution should check the wording before relying on it."""
    layout: Literal["letter", "register"]
    size: Literal["large", "small"] = "small"
    """Body type: 三号 (16 pt) or 小四 (12 pt)."""
    heading: str = ""
    """Line above the title, such as ``{institution.name}``."""
    number: str = ""
    """Source of the number shown under the title and at the foot."""
    number_label: str = "编号"
    beside_number: str = ""
    """Words on the left of the number's line, with placeholders, such as the date of an agreement."""
    addressee: str = ""
    """``此致`` line before the signatures, with placeholders."""
    enclosures: tuple[str, ...] = ()
    """附 lines after the addressee."""
    fields: tuple[Field, ...] = ()
    signers: tuple[Signer, ...] = ()
    seal: str = ""
    """Words at the place of the seal, with placeholders; nothing is ever drawn there."""
    dated: bool = True
    """Whether a line 年 月 日 for handwriting closes the paper."""
    receipt: tuple[str, ...] = ()
    """签收 lines below the seal: labels with a blank each."""
    remark: str = ""
    copies: Copies = Copies()
    word: bool = True
    foot: bool = True

    def field(self, key: str) -> Field:
        """The field with this key."""
        for one in self.fields:
            if one.key == key:
                return one
        raise NotFoundError(f"文书 {self.id} 里没有“{key}”这一栏。")


def read_form(text: str | bytes, name: str = "") -> Form:
    """The form behind a JSON text. Raises ``InternalError`` naming the file and the place of the fault."""
    try:
        form = msgspec.json.decode(text, type=Form)
    except msgspec.DecodeError as error:
        raise InternalError(
            "有一份文书式样读不懂，其他文书不受影响。请联系管理员恢复随程序安装的式样。",
            code="E-FORM",
            detail=f"{name}: {error}",
        ) from error
    for problem in _problems(form):
        raise InternalError(
            "有一份文书式样前后不一致，其他文书不受影响。请联系管理员恢复随程序安装的式样。",
            code="E-FORM",
            detail=f"{name or form.id}: {problem}",
        )
    return form


def _problems(form: Form) -> list[str]:
    found: list[str] = []
    seen: set[str] = set()
    for one in form.fields:
        if one.key in seen:
            found.append(f"field {one.key} stands twice")
        seen.add(one.key)
        if one.type == "choice" and not one.options:
            found.append(f"field {one.key}: a choice without options")
        if one.type == "table" and not one.columns:
            found.append(f"field {one.key}: a table without columns")
        if one.type == "fixed" and not one.text:
            found.append(f"field {one.key}: fixed text without words")
        if one.type == "people" and not one.style:
            found.append(f"field {one.key}: people without a style")
        if one.type not in ("fixed", "heading") and not one.label and not one.source:
            found.append(f"field {one.key}: neither label nor source")
    return found


def _folder() -> Traversable:
    return importlib.resources.files("resources").joinpath("forms")


@functools.cache
def form(form_id: str) -> Form:
    """The form ``form_id``, such as ``F06``; a fault in another form's file does not matter.

    Raises ``NotFoundError`` when there is none, ``InternalError`` when its definition is bad.
    """
    entry = _folder().joinpath(f"{form_id}.json")
    if not form_id.isalnum() or not entry.is_file():
        raise NotFoundError(f"没有编号为 {form_id} 的文书式样。", code="E-FORM-UNKNOWN")
    found = read_form(entry.read_bytes(), entry.name)
    if found.id != form_id:
        raise InternalError(
            "有一份文书式样的文件名和编号不一致。请联系管理员恢复随程序安装的式样。",
            code="E-FORM",
            detail=f"{entry.name} holds {found.id}",
        )
    return found


@functools.cache
def all_forms() -> Mapping[str, Form]:
    """Every form of ``resources/forms`` by id, in order of id."""
    names = sorted(e.name.removesuffix(".json") for e in _folder().iterdir() if e.name.endswith(".json"))
    return {name: form(name) for name in names}
