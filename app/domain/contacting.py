"""联系被申请人 (办法 第九条): which record made the contact, by the institution's rule; the last answer."""

from __future__ import annotations

from app.domain.casefile import Contact, Record, Session
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


def unwilling_unheard(file: CaseFile) -> Record | None:
    """The respondent's no in a case that is being mediated, while nobody has talked since.

    A colleague's may come after the acceptance, written down before it or after: mediation is voluntary
    (人民调解法 2010, 3), so whoever has the case is to hear of it.
    """
    said = last_word(file)
    if said is None or said[1].result != "unwilling":
        return None
    talked = any(session.at > said[0].at for session, _ in file.of_type(Session))
    return None if talked else said[0]
