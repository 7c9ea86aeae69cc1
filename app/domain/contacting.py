"""联系被申请人 (办法 第九条): which record made the contact, by the institution's rule; the last answer."""

from __future__ import annotations

from app.domain.casefile import Contact, Record
from app.domain.reducer import CaseFile
from app.domain.rules import InstitutionRules


def made_by(file: CaseFile, rules: InstitutionRules) -> tuple[Record, Contact] | None:
    """The first record that counts as the contact; ``None`` while there is none.

    What counts is the institution's choice (``contact_done_by``): only that somebody was reached, or an
    attempt as well; the regulation does not say.
    """
    attempt = rules.contact_done_by.value == "attempt"
    found = file.of_type(Contact)
    return next(((record, body) for record, body in found if attempt or body.result != "unreached"), None)


def last_word(file: CaseFile) -> tuple[Record, Contact] | None:
    """The newest record in which somebody answered; an attempt in vain after it takes nothing back."""
    found = file.of_type(Contact)
    return next(((record, body) for record, body in reversed(found) if body.result != "unreached"), None)
