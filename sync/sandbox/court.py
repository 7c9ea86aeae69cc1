"""The scripted court and arbitration institution: they move filings and send real papers back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sync.contract.codes import WireError
from sync.contract.entities import Submission
from sync.sandbox import answers, received
from sync.sandbox.calendar import shift
from sync.sandbox.documents import checked
from sync.sandbox.machines import is_active, label, moves_from, target
from sync.sandbox.papers import Paper, chinese_date, render
from sync.sandbox.source import SHANGHAI, Source
from sync.sandbox.store import Doc, Store, Tx, get_meta, put_meta, stamp
from sync.sandbox.submissions import Submissions
from sync.sandbox.uploads import Files

ADVANCE = {"lodged": "accept", "supplemented": "accept", "accepted": "confirm"}
"""What “推进一步” does in each state."""
SUPPLEMENT_DAYS = 5
"""Working days the scripted court gives for a supplement."""
TITLES = {
    "accept": "受理通知书",
    "ask_supplement": "补正材料通知书",
    "confirm": "民事裁定书",
    "dismiss": "民事裁定书",
    "not_accept": "不予受理通知书",
    "permit_withdrawal": "民事裁定书",
    "deem_withdrawn": "民事裁定书",
    "terminate": "民事裁定书",
    "revoke": "民事裁定书",
    "change": "民事裁定书",
}
ARBITRATION_TITLES = {**TITLES, "confirm": "仲裁调解书"}
NOTES = {
    "accept": "已受理，案号{number}",
    "ask_supplement": "要求补充材料",
    "confirm": "裁定调解协议有效",
    "dismiss": "裁定驳回申请",
    "not_accept": "不予受理",
    "permit_withdrawal": "准许撤回申请",
    "deem_withdrawn": "按撤回申请处理",
    "terminate": "终结特别程序",
    "revoke": "异议成立，原裁定已撤销",
    "change": "异议部分成立，原裁定已改变",
}
ARBITRATION_NOTES = {**NOTES, "confirm": "已依调解协议作出仲裁调解书", "dismiss": "不支持仲裁确认申请"}
BODIES = {
    "accept": ("你们{date}提交的申请收悉。经审查，申请符合法律规定，本院决定受理。",
               "审查期间请保持电话畅通，本院可能通知双方共同到场核实。"),
    "ask_supplement": ("经审查，申请材料还需要补充下列内容：{asked}。", "请于{answer_by}（含当天）前补交。"),
    "confirm": ("本院经审查认为，申请人达成的调解协议符合司法确认调解协议的法定条件。",
                "依照《中华人民共和国民事诉讼法》第二百零六条规定，裁定如下：",
                "申请人达成的调解协议有效。当事人应当按照调解协议的约定自觉履行义务。"
                "一方当事人拒绝履行或者未全部履行的，对方当事人可以向人民法院申请执行。",
                "本裁定书自即日起发生法律效力。"),
    "dismiss": ("本院经审查认为，调解协议内容不明确，不符合司法确认的法定条件。",
                "依照《中华人民共和国民事诉讼法》第二百零六条规定，裁定驳回申请人的申请。",
                "当事人可以通过调解方式变更原调解协议或者达成新的调解协议，也可以向人民法院起诉。"),
    "not_accept": ("经审查，申请不属于本院管辖，依照有关司法解释的规定，本院不予受理。",),
    "permit_withdrawal": ("申请人在裁定作出前申请撤回，本院予以准许。",),
    "deem_withdrawn": ("申请人没有正当理由未在期限内补充材料，本院按撤回申请处理。",),
    "terminate": ("审查中发现须终结特别程序的情形，裁定终结特别程序。",),
    "revoke": ("利害关系人提出异议，经审查异议成立，裁定撤销原裁定。",
               "当事人可以通过调解方式变更原调解协议或者达成新的调解协议，也可以向人民法院起诉。"),
    "change": ("利害关系人提出异议，经审查异议部分成立，裁定改变原裁定。",
               "调解协议中不涉及该利害关系人权益的部分继续有效，其余部分不予确认。"),
}  # fmt: skip


class Court:
    """Courts and arbitration institutions, as far as a filing meets them."""

    def __init__(self, store: Store, source: Source, files: Files, submissions: Submissions) -> None:
        self.store = store
        self.source = source
        self.files = files
        self.submissions = submissions

    def move(
        self, submission_id: str, move: str, asked: list[str] | None = None, *, seen: str = ""
    ) -> dict[str, Any]:
        """Make one move, or ``advance`` one step. Raises ``state`` where the table has no such move.

        ``seen``: the state in which whoever chose the move saw the filing; nothing is done in another one.
        """
        with self.store.write(self.source.now()) as tx:
            _, doc = self.submissions.found(tx, submission_id)
            if seen not in ("", doc.body["state"]):
                now = label("filing", doc.body["state"])
                raise WireError("state", f"申请已经变成“{now}”，没有推进。看一眼再选下一步。")
            if move == "advance":
                move = natural(doc.body)
            return self.step(tx, doc, move, asked or ["申请人身份证明正反面复印件"])

    def step(self, tx: Tx, doc: Doc, move: str, asked: list[str]) -> dict[str, Any]:
        """Move a filing within a transaction, on what the court was brought since its last answer. What it
        answered before and a restored platform has not asked for yet is told with it, and first, unless it is
        done with the application by that and has second thoughts."""
        lacking = answers.lacking(tx, doc.doc_id)
        told_anew = bool(lacking) and self._is_told_anew(tx, doc, lacking[0], move, asked)
        goes_on = bool(lacking) and not told_anew and is_active(lacking[-1][1].state)
        for number, answer in lacking if goes_on else ():
            self._bring_back(tx, doc, answer, number)
            answers.told_again(tx, doc.doc_id, number)
            doc = tx.get("submission", doc.doc_id) or doc
        body = self.submissions.receive_again(tx, doc, answers.told(tx, doc.doc_id) + 1)
        state = target("filing", body["state"], f"court.{move}")
        if state is None:
            now = label("filing", body["state"])
            raise WireError("state", f"申请现在是“{now}”，法院不能走这一步。")
        court = not body["kind"].startswith("arbitration")
        if not body["court_number"] and move != "ask_supplement":
            known = answers.number_of(tx, body["submission_id"])
            body["court_number"] = known or self._number(tx, court)
        answer_by = shift(tx.now.astimezone(SHANGHAI).date(), SUPPLEMENT_DAYS)
        paper = self._paper(tx, body, move, asked, answer_by)
        pdf = render(paper)
        sha256 = self.files.add(tx, doc.institution, pdf, "application/pdf")
        note = (NOTES if court else ARBITRATION_NOTES)[move].format(number=body["court_number"])
        document = {"sha256": sha256, "size": len(pdf), "name": f"{paper.title}.pdf"}
        event: dict[str, Any] = {
            "at": stamp(tx.now),
            "state": state,
            "note": note,
            "documents": [{**document, "media_type": "application/pdf"}],
        }
        if move == "ask_supplement":
            event |= {"asked": asked, "answer_by": answer_by.isoformat()}
        body |= {"state": state, "events": [*body["events"], event]}
        whole = Submission.model_validate(body).model_dump(mode="json")
        notice = self._notice(whole, paper, note, move, stamp(tx.now))
        given = whole["events"][-1]
        answer = answers.Answer(move, state, whole["court_number"], given, notice, pdf)
        answers.keep(tx, whole["submission_id"], answer)
        self._tell(tx, whole, answer)
        return whole

    def _is_told_anew(
        self, tx: Tx, doc: Doc, lacks: tuple[int, answers.Answer], move: str, asked: list[str]
    ) -> bool:
        """Whether a court tells once more what a restored platform ``lacks``; one that asks for other things,
        or again after it was answered, asks anew."""
        number, answer = lacks
        if answer.move != move or move != "ask_supplement":
            return answer.move == move
        row, _ = self.submissions.found(tx, doc.doc_id)
        answered = any(one.after >= number for one in received.lacking(tx.conn, row))
        return answer.event["asked"] == asked and not answered

    def ask_again(self) -> None:
        """Have back what courts answered and a restored platform forgot; nothing before that is due."""
        now = self.source.now()
        with self.store.read() as conn:
            if not answers.due(conn, now):
                return
        with self.store.write(now) as tx:
            answers.tell(tx, self._bring_back, self.submissions.receive_again)

    def _bring_back(self, tx: Tx, doc: Doc, answer: answers.Answer, number: int) -> None:
        """After what it was brought before this answer, where that has not come again by itself."""
        body = self.submissions.receive_again(tx, doc, number)
        self.files.add(tx, doc.institution, answer.paper, "application/pdf")
        self._tell(tx, answers.attached(body, answer), answer)

    def _number(self, tx: Tx, court: bool) -> str:
        serial = int(get_meta(tx.conn, "court_serial", "106")) + 1
        put_meta(tx.conn, "court_serial", str(serial))
        year = tx.now.astimezone(SHANGHAI).year
        return f"（{year}）沪0199诉前调确{serial}号" if court else f"（{year}）沪浦仲案字第{serial}号"

    def _paper(self, tx: Tx, body: dict[str, Any], move: str, asked: list[str], answer_by: dt.date) -> Paper:
        court = not body["kind"].startswith("arbitration")
        day = tx.now.astimezone(SHANGHAI).date()
        lodged = next((e["at"] for e in body["events"] if e["state"] == "lodged"), stamp(tx.now))
        words = {
            "date": chinese_date(dt.datetime.fromisoformat(lodged).astimezone(SHANGHAI).date()),
            "asked": "；".join(asked),
            "answer_by": f"{answer_by.month}月{answer_by.day}日",
        }
        names = [doc.body["name"] for doc in tx.of_case(body["case_id"], "party")]
        lines = (f"申请人：{'、'.join(names)}", *(line.format(**words) for line in BODIES[move]))
        issuer = body["court_name"] or ("云浦区人民法院" if court else "云浦仲裁委员会")
        if not court:
            lines = tuple(line.replace("本院", "本会").replace("裁定", "决定") for line in lines)
        title = (TITLES if court else ARBITRATION_TITLES)[move]
        signed = (("审判员　顾言" if court else "仲裁员　顾言"), chinese_date(day))
        return Paper(issuer, title, body["court_number"], lines, signed)

    def _notice(self, body: dict[str, Any], paper: Paper, note: str, move: str, at: str) -> dict[str, Any]:
        text = f"{paper.issuer}：{note}"
        record = {
            "record_id": self.source.new_id(), "case_id": body["case_id"], "at": at, "author": "platform",
            "body": {"type": "notice", "text": text, "code": f"filing.{move}"}, "supersedes": "",
        }  # fmt: skip
        return checked("record", record)

    def _tell(self, tx: Tx, body: dict[str, Any], answer: answers.Answer) -> None:
        """Write an answer into the application and the case."""
        self.submissions.write(tx, body, "platform")
        answers.note(tx, body, answer)


def natural(body: Mapping[str, Any]) -> str:
    """The move that follows of itself; empty while the court waits for somebody, or has ruled."""
    move = ADVANCE.get(body["state"], "")
    accepted = any(event["state"] == "accepted" for event in body["events"])
    return "confirm" if move == "accept" and accepted else move


def choices(body: Mapping[str, Any]) -> list[dict[str, str]]:
    """What a court may do next with a filing, for the practice panel: the natural move first."""
    moves = [command.removeprefix("court.") for command in moves_from(body["state"])]
    following = natural(body)
    if following == "confirm":
        moves = [move for move in moves if move != "accept"]
    moves.sort(key=lambda move: move != following)
    return [{"move": move, "label": NOTES[move].removesuffix("，案号{number}")} for move in moves]
