"""What an application waits for on a colleague's computer: said with whose it is."""

from __future__ import annotations

from sqlalchemy import Connection, delete

from app.services import held_filings
from app.services.attachments import Attachments, FileEntry
from app.storage.tables import uploads
from tests.helpers.desks import Workplace

PDF = b"%PDF-1.4\n%%EOF\n"


def test_files_that_only_another_computer_has_are_named_with_whose_they_are(place: Workplace) -> None:
    entry = FileEntry(role="scan", title="协议书", material="agreement")
    Attachments(place.desk).add_bytes("case-1", PDF, "协议书.pdf", "application/pdf", entry)
    hashes = (place.desk.store.read(lambda conn: conn.execute(uploads.select()).one()).sha256,)

    def why(conn: Connection) -> str:
        return held_filings.for_files(conn, place.desk, "case-1", hashes)

    assert place.desk.store.read(why) == "", "its own computer sends it"
    place.desk.store.write(lambda conn: conn.execute(delete(uploads)))
    assert place.desk.store.read(why) == (
        "在等周敏芳的电脑传 1 份材料。材料还没有传到平台，申请没有提交，期限照算。"
        "请周敏芳把那台电脑打开连上，传完后自动提交；那台电脑坏了、不用了的，在“司法确认”里点"
        "“不等这些材料”，在本机把这些材料重新加上，再提交。"
    )
    assert place.desk.store.read(held_filings.look) is None


def test_who_has_to_choose_is_named_where_it_is_known(place: Workplace) -> None:
    assert "请周敏芳在自己的电脑上选" in held_filings.for_a_choice(place.desk, ["p-zhou"])
    assert "请写这一处的人在自己的电脑上选" in held_filings.for_a_choice(place.desk, ["p-nobody"])
