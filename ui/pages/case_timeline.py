"""经过: the entries of a case's axis, worded on the read lane, newest first, without personal data."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.clock import from_text, legal_day, shanghai
from app.domain import casefile as cf
from app.domain import masking, performance, unheard
from app.domain.agreement import filled, paper_form
from app.domain.entries import CHOSEN as TOLD_CHOICE
from app.domain.filings_of import leaving_words
from app.domain.phrases import listed, sentence, within
from app.domain.plan import planned_session
from app.domain.workdays import short_date
from app.services.cases import CaseView
from app.services.conflict_views import ConflictView
from app.services.field_words import CONTACTED, OUTCOMES
from ui import labels
from ui.dialogs.viewer import ViewItem, attachment_items, document_items
from ui.pages import case_disputes, case_signatures
from ui.pages.case_marks import NOT_HOLDING, kept_here, marked
from ui.pages.case_steps import session_number
from ui.widgets.timeline import Entry

if TYPE_CHECKING:
    from app.services.desk import Desk

CHANNELS = {
    "phone": "电话", "sms": "短信", "visit": "当面", "post": "寄信", "third_party": "请人转告",
    "platform": "平台消息",
}  # fmt: skip
SESSION_RESULTS = {"agreed": "谈成了", "not_agreed": "没有谈成", "next_time": "另定时间"}
DECISIONS = {
    "accepted": ("受理", "folder-open"),
    "refused": ("不予受理", "ban"),
    "handed_back": ("退回平台", "undo-2"),
    "contact_waived": ("不需要征求意愿", "phone"),
}
CHOSEN = "两处不同，已选定"
PERFORMED = performance.SAID
FOLLOWED = performance.SAID_ON_CALL


@dataclass(frozen=True)
class Opening:
    """What opens behind an entry: files to look at, a paper, or a settled 两处写法不同."""

    files: tuple[ViewItem, ...] = ()
    form_id: str = ""
    record_id: str = ""
    agreement_id: str = ""
    conflict_id: str = ""


@dataclass(frozen=True)
class Course:
    """The whole axis. ``important`` are the keys shown under 只看重要的."""

    entries: tuple[Entry, ...]
    important: frozenset[str]
    openings: Mapping[str, Opening]


@dataclass(frozen=True)
class _Event:
    at: dt.datetime
    entry: Entry
    important: bool = True
    opening: Opening | None = None
    day: dt.date | None = None


def course(
    view: CaseView, desk: Desk, settled: Sequence[ConflictView] = (), chosen_here: Set[str] = frozenset()
) -> Course:
    """The axis of a case as it stands now.

    ``settled``: what two people wrote for one thing, masked. ``chosen_here``: ids of the choices it tells of;
    those of other computers come as the platform's notices.
    """
    now, today = desk.clock.now(), desk.today()
    events = sorted(
        (*_events(view, desk, chosen_here), *_disputes(view, settled)),
        key=lambda e: (e.at, e.entry.key),
        reverse=True,
    )
    entries = [
        replace(marked(e.entry, view), paused_below=_paused(view.head, events, i))
        for i, e in enumerate(events)
    ]
    important = frozenset(e.entry.key for e in events if e.important)
    openings = {e.entry.key: e.opening for e in events if e.opening is not None}
    ahead = _ahead(view, now, today)
    if ahead is not None:
        entries.insert(0, ahead)
        important |= {ahead.key}
    return Course(tuple(entries), important, openings)


def _paused(head: cf.Case, events: list[_Event], index: int) -> bool:
    """Whether the stretch below the entry lies within a suspension."""
    if index + 1 >= len(events):
        return False
    above = events[index].day or legal_day(events[index].at)
    below = events[index + 1].day or legal_day(events[index + 1].at)
    for span in head.suspensions:
        end = span.last_day or dt.date.max
        if below >= span.first_day and (above <= end or below < end) and below <= end:
            return True
    return False


def next_session(view: CaseView) -> dt.datetime | None:
    """When the parties meet next; nobody here meets them in a case that the platform took back."""
    return None if view.taken_back else planned_session(view.head)


def _ahead(view: CaseView, now: dt.datetime, today: dt.date) -> Entry | None:
    at = next_session(view)
    title = f"第 {session_number(view)} 次调解"
    if at is None and not view.taken_back:
        at = unheard.appointed(view.head, today)
        title = "约好的见面" if view.head.state == "agreed" else "约好的调解，不开了"
    if at is None:
        return None
    local = shanghai(at)
    left = at - now
    hours, minutes = divmod(int(left.total_seconds()) // 60, 60)
    if left <= dt.timedelta():
        aside = "时间到了"
    elif hours >= 24:
        # As people count: from today's date to that date, whatever the time of day.
        aside = f"还有 {(local.date() - today).days} 天"
    else:
        aside = f"还有 {hours} 小时 {minutes} 分" if hours else f"还有 {minutes} 分"
    place = view.head.next_session_place
    return Entry(
        key="next",
        day="今天" if local.date() == today else labels.short_day(local.date()),
        time=f"{local:%H:%M}",
        title=title,
        detail=sentence(place) or "地点还没有写。",
        icon="messages-square",
        aside=aside,
        future=True,
    )


def _entry(at: dt.datetime, key: str, title: str, icon: str, **more: object) -> Entry:
    local = shanghai(at)
    values = {"day": f"{local:%m-%d}", "time": f"{local:%H:%M}", **more}
    return Entry(key=key, title=title, icon=icon, **values)  # type: ignore[arg-type]


def _events(view: CaseView, desk: Desk, chosen_here: Set[str]) -> Iterator[_Event]:
    others = list(_but_files(view, desk, chosen_here))
    yield from others
    yield from _files(view, desk, sorted(event.at for event in others))


def _but_files(view: CaseView, desk: Desk, chosen_here: Set[str]) -> Iterator[_Event]:
    head = view.head
    words = "平台转来" if head.source == "platform" else "登记"
    told = f"办件编号 {head.intake_no}。" if head.intake_no else ""
    yield _Event(head.received_at, _entry(head.received_at, "received", words, "inbox", detail=told))
    gone = view.file.superseded() | chosen_here
    for record in view.file.records.values():
        if record.record_id in gone or isinstance(record.body, cf.Signature) or _step_itself(record, view):
            continue
        yield _record(record, view, desk)
    yield from _signatures(view, desk)
    yield from _agreements(view)
    yield from _filings(view)


def _step_itself(record: cf.Record, view: CaseView) -> bool:
    """Whether a notice of the platform says no more than a step of an application, which has its own line."""
    if not isinstance(record.body, cf.Notice):
        return False
    steps = [event for filing in view.file.submissions.values() for event in filing.events]
    steps += [event for one in view.kept for event in one.events]
    told = record.body.text
    # Later where a platform that was restored told the step again: the notice of the first time stays.
    return any(event.at >= record.at and event.note and told.endswith(event.note) for event in steps)


def _disputes(view: CaseView, settled: Sequence[ConflictView]) -> Iterator[_Event]:
    for one in settled:
        if one.chosen is None:
            continue
        at, told = from_text(one.chosen.at), _safe(view, case_disputes.detail(one))
        key = f"conflict:{one.conflict_id}"
        title = case_disputes.CONVERGED if one.same else CHOSEN
        entry = _entry(at, key, title, "history", rest=f"　{one.what}", detail=told)
        yield _Event(at, entry, one.act is not None, Opening(conflict_id=one.conflict_id))


def _safe(view: CaseView, text: str) -> str:
    names = [p.name for p in view.file.parties.values()]
    return masking.redact(text, names)


def _record(record: cf.Record, view: CaseView, desk: Desk) -> _Event:
    body, key, at = record.body, record.record_id, record.at
    match body:
        case cf.Contact():
            party = view.file.parties.get(body.party_id)
            who = masking.party_name(party) if party else "对方"
            said = sentence(f"：{_safe(view, body.said)}" if body.said else "。")
            rest = f"　{CONTACTED[body.result]}"
            entry = _entry(
                at, key, f"联系{who}", "phone", rest=rest, detail=f"{CHANNELS.get(body.channel, '')}{said}"
            )
            return _Event(at, entry, body.result != "unreached")
        case cf.Session():
            return _session(record, body, view)
        case cf.Decision():
            title, icon = DECISIONS[body.what]
            return _Event(at, _entry(at, key, title, icon, rest=f"　{body.text}" if body.text else ""))
        case cf.SuspensionMark():
            return _suspension(record, body)
        case cf.Concluded():
            title = OUTCOMES[body.outcome]
            return _Event(
                at, _entry(at, key, title, "signpost", detail=body.text), opening=Opening(form_id="P13")
            )
        case cf.Closed():
            entry = _entry(at, key, "结案", "circle-check", detail=_closed(record, body, view))
            return _Event(at, entry, opening=Opening(form_id="P20"))
        case _:
            return _later(record, view, desk)


def _closed(record: cf.Record, body: cf.Closed, view: CaseView) -> str:
    """化解方式, and for the closing that holds its summary."""
    told, last = view.head.conclusion, view.file.written(cf.Closed)[-1][0]
    if told is None or not told.summary or record.record_id != last.record_id:
        return body.text
    return f"{sentence(body.text)}{_safe(view, told.summary)}"


def _later(record: cf.Record, view: CaseView, desk: Desk) -> _Event:
    body, key, at = record.body, record.record_id, record.at
    match body:
        case cf.Performance():
            amount = f"{labels.money(body.amount_fen)}　" if body.amount_fen else ""
            title = f"第 {body.payment_no} 期" if body.payment_no else "履行"
            detail = f"{amount}{short_date(body.on)}。{_safe(view, body.note)}"
            return _Event(
                at, _entry(at, key, title, "handshake", rest=f"　{PERFORMED[body.state]}", detail=detail)
            )
        case cf.FollowUp():
            rest = f"　{FOLLOWED[body.performed]}"
            entry = _entry(at, key, "回访", "phone-call", rest=rest, detail=_safe(view, body.text))
            return _Event(at, entry, opening=Opening(form_id="F08", record_id=key))
        case cf.Notice() if body.code == TOLD_CHOICE:
            entry = _entry(at, key, CHOSEN, "history", detail=_safe(view, body.text))
            return _Event(at, entry, important=False)
        case cf.Notice():
            return _Event(at, _entry(at, key, "平台通知", "megaphone", detail=_safe(view, body.text)))
        case cf.Note():
            detail = f"{_safe(view, body.text)}（{desk.name_of(record.author)}）"
            return _Event(at, _entry(at, key, "记一笔", "pencil", detail=detail), important=False)
        case _:
            return _Event(at, _entry(at, key, "登记", "circle"), important=False)


def _session(record: cf.Record, body: cf.Session, view: CaseView) -> _Event:
    parts = [sentence(body.place)]
    if body.undisputed:
        parts.append(f"无争议事实 {len(body.undisputed)} 条。")
    parts.append(_safe(view, body.result_note))
    entry = _entry(
        body.started_at,
        record.record_id,
        f"第 {body.ordinal} 次调解",
        "messages-square",
        rest=f"　{SESSION_RESULTS[body.result]}",
        detail="".join(parts),
        chips=(("file-text", "调解记录"),),
    )
    return _Event(body.started_at, entry, opening=Opening(form_id="F05", record_id=record.record_id))


def _suspension(record: cf.Record, body: cf.SuspensionMark) -> _Event:
    day = labels.month_day(body.day)
    head, told = _two_parts(body.reason)
    if body.what == "start":
        title, rest, icon = head or "暂停", "，暂停计时", "circle-pause"
        last = f"{day}起不计入期限。"
    else:
        title = head if told else f"{head or '暂停'}结束"
        rest, icon = "，恢复计时", "play"
        last = f"不计入期限的最后一天是 {day}。"
    detail = f"{told}；{last}" if told else last
    entry = _entry(record.at, record.record_id, title, icon, rest=rest, detail=detail)
    return _Event(record.at, entry, day=body.day)


def _two_parts(reason: str) -> tuple[str, str]:
    """What is written before a colon (送鉴定：双方书面同意) and after it."""
    head, colon, told = reason.partition("：")
    return (head, within(told)) if colon else (within(reason), "")


def _signatures(view: CaseView, desk: Desk) -> Iterator[_Event]:
    groups: dict[tuple[str, dt.date, bool], list[tuple[cf.Record, cf.Signature]]] = {}
    for record, body in view.file.written(cf.Signature):
        alike = (body.agreement_id, legal_day(record.at), record.record_id in view.refused)
        groups.setdefault(alike, []).append((record, body))
    for found in groups.values():
        at = max(record.at for record, _ in found)
        entry = _entry(
            at,
            found[-1][0].record_id,
            "登记签名盖章",
            "pen-line",
            rest=f"　{len({filled(body) for _, body in found})} 处",
            detail=case_signatures.detail(found, view.file, desk),
        )
        yield _Event(at, entry)


def _agreements(view: CaseView) -> Iterator[_Event]:
    for made in view.file.agreements.values():
        at, oral = made.finalised_at, made.form == "oral"
        rest = f"　第 {made.version_no} 版" if made.version_no > 1 else ""
        title, chip = ("口头协议登记", "口头协议登记表") if oral else ("协议定稿", "调解协议书")
        if made.agreement_id != view.head.agreement_id:
            rest = f"{rest}　{NOT_HOLDING}{'' if oral else '，不要签这一份'}"
            chip = f"{NOT_HOLDING}的{'登记表' if oral else '协议书'}"
        entry = _entry(at, made.agreement_id, title, "handshake", rest=rest, chips=(("file-check", chip),))
        yield _Event(at, entry, opening=Opening(form_id=paper_form(made), agreement_id=made.agreement_id))


def _files(view: CaseView, desk: Desk, between: list[dt.datetime]) -> Iterator[_Event]:
    """Files of one person and day are one line, unless something else happened ``between`` them."""
    groups: dict[tuple[str, dt.date, int], list[cf.Attachment]] = {}
    for one in view.file.attachments.values():
        if one.role != "result":
            place = bisect_right(between, one.added_at)
            groups.setdefault((one.added_by, legal_day(one.added_at), place), []).append(one)
    for (who, _, _), found in groups.items():
        found.sort(key=lambda a: (a.added_at, a.attachment_id))
        chips = [(_file_icon(a), _safe(view, a.title or "材料")) for a in found[:3]]
        if len(found) > 3:
            chips.append(("paperclip", f"还有 {len(found) - 3} 份"))
        at = found[-1].added_at
        entry = _entry(
            at,
            f"files:{found[0].attachment_id}",
            "加材料",
            "paperclip",
            rest=f"　{len(found)} 份，{desk.name_of(who)}",
            chips=tuple(chips),
        )
        yield _Event(
            at, entry, important=False, opening=Opening(files=attachment_items(found, view.file.parties))
        )


def _file_icon(one: cf.Attachment) -> str:
    return "image" if one.media_type.startswith("image/") else "file-text"


def _filings(view: CaseView) -> Iterator[_Event]:
    kept = {one.submission.submission_id: one for one in view.kept}
    for key, filing in view.file.submissions.items():
        for number, event in enumerate(filing.events):
            yield _step(f"{key}:{number}", event, view)
        if (words := leaving_words(view.file, filing)) and (since := view.file.unsent[key].since) is not None:
            # No step of the application before the platform has taken it.
            entry = _entry(since, f"{key}:leaving", "司法确认", "undo-2", rest=f"　{words}")
            yield _Event(since, entry)
        if (beside := kept.get(key)) is not None:
            for number, event in enumerate(beside.events):
                step = _step(f"{key}:kept:{number}", event, view)
                yield replace(step, entry=kept_here(step.entry, event, beside))


def _step(key: str, event: cf.SubmissionEvent, view: CaseView) -> _Event:
    label, items = labels.filing_step(event), document_items(event.documents)
    asked = f"要补：{listed(event.asked)}。" if event.asked else ""
    by = f"{short_date(event.answer_by)}（含当天）前补交。" if event.answer_by else ""
    note = sentence(event.note) if asked or by else event.note
    entry = _entry(
        event.at,
        key,
        "司法确认",
        label.icon,
        rest=f"　{label.text}",
        detail=_safe(view, f"{note}{asked}{by}"),
        chips=tuple(("gavel", _safe(view, item.title)) for item in items),
    )
    return _Event(event.at, entry, opening=Opening(files=items) if items else None)
