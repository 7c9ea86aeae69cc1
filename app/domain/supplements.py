"""补正: what the court asked for, put into the material list where it has to be answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from app.domain.casefile import Submission, SubmissionEvent
from app.domain.filing import Material, MaterialItem
from app.domain.filings_of import asked_by, last_question
from app.domain.reducer import CaseFile

SOURCE = "法院的补正通知"


def with_asked(
    items: Iterable[MaterialItem],
    file: CaseFile,
    submission: Submission | None,
    chosen: Mapping[str, tuple[str, ...]],
) -> tuple[MaterialItem, ...]:
    """``items`` with what the court asked for: marked, on top, until something was added since; what a
    supplement was handed over without goes on being named, as long as the court has not said its word on it.

    A thing the list does not know has a line of its own, which stays in the pack for later rounds.
    """
    found = {item.material.code: item for item in items}
    given = submission is not None and submission.state == "supplemented"
    without = last_question(submission) if given else None
    for code, words, event, open_ in _asked(submission, tuple(found.values())):
        item = found.get(code) or _own_line(code, words, file, chosen.get(code, ()))
        known = [file.attachments[i] for i in item.attachment_ids if i in file.attachments]
        answered = any(a.added_at > event.at for a in known)
        asked, left_out = open_ and not answered, event is without and not answered
        found[code] = replace(item, asked=words if asked else "", left_out=words if left_out else "")
    return tuple(sorted(found.values(), key=lambda item: not (item.asked or item.left_out)))


def unanswered(items: Iterable[MaterialItem]) -> tuple[str, ...]:
    """In the court's words, what nothing was added for since it was asked."""
    return tuple(item.asked for item in items if item.asked)


def _asked(
    submission: Submission | None, items: tuple[MaterialItem, ...]
) -> Iterator[tuple[str, str, SubmissionEvent, bool]]:
    """Code of the line, the court's words, when it asked, and whether that is the open question."""
    if submission is None:
        return
    last = asked_by(submission)
    for number, event in enumerate(submission.events):
        for place, words in enumerate(event.asked):
            code = next((i.material.code for i in items if _means(words, i.material)), "")
            yield code or f"asked-{number}-{place}", words, event, event is last


def _means(words: str, material: Material) -> bool:
    names = (material.name, *material.titles)
    return any(name in words for name in names) or words in material.name


def _own_line(code: str, words: str, file: CaseFile, chosen: tuple[str, ...]) -> MaterialItem:
    material = Material(code=code, name=words, legal=False, note="法院要求补的", source=SOURCE)
    added = [a for a in file.attachments.values() if a.material == code or a.attachment_id in chosen]
    added.sort(key=lambda a: (a.added_at, a.attachment_id))
    if added:
        ids = tuple(a.attachment_id for a in added)
        return MaterialItem(material, "ready", f"共 {len(ids)} 件", ids)
    return MaterialItem(material, "later", "法院要求补的，还没有加")
