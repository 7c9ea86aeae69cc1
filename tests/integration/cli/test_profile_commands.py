"""list, show, doctor, backup, restore and verify-audit on a real profile."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.clock import FixedClock
from app.paths import ProfilePaths
from app.services import colleagues, profile
from app.services.attachments import FileEntry
from app.services.enrolment import EnrolmentFacts
from app.services.office import Office
from app.services.profile import NewPerson
from app.storage.lock import ProfileLock
from tests.helpers.commands import CommandLine, run
from tests.helpers.desks import INSTITUTION, MONDAY, PEOPLE, QUICK, Workplace, incoming

ROOT = Path(__file__).resolve().parents[3]
PASSPHRASE = "梧桐树下的春天又长又暖和"
SECOND = "第二位同事的口令也很长很长"
PRIVATE = ("陈秀英", "吴刚", "13800006612", "13900000275", "11010519491231002X", "棠溪路88弄")
"""Personal data of the invented parties; must appear nowhere in the clear."""


def _facts(person_id: str) -> EnrolmentFacts:
    return EnrolmentFacts(
        url="http://127.0.0.1:1/v1", person_id=person_id, institution=INSTITUTION, people=PEOPLE, epoch="e",
        scope="institution", platform_sign_public=b"s" * 32, platform_seal_public=b"b" * 32,
    )  # fmt: skip


@pytest.fixture
def paths(tmp_path: Path) -> ProfilePaths:
    return ProfilePaths(tmp_path / "profile")


@pytest.fixture
def cli(paths: ProfilePaths, tmp_path: Path) -> Iterator[CommandLine]:
    """A profile with two people and two cases, closed, and the command line on it."""
    clock = FixedClock(MONDAY)
    desk, _ = profile.create_profile(paths, NewPerson("何静", "he"), PASSPHRASE, clock=clock, cost=QUICK)
    desk = profile.finish_enrolment(paths, desk, _facts("p-he"))
    place = Workplace(desk, paths.root, clock)
    incoming(place, "case-1")
    incoming(place, "case-2", title="小区停车费涨价")
    Office(desk).deciding.waive_contact("case-1", "双方一起来的，都愿意调解")
    Office(desk).deciding.accept("case-1")
    profile.close(desk)
    file = tmp_path / "passphrase"
    file.write_text(PASSPHRASE + "\n", "utf-8")
    return CommandLine(paths.root, file)


def test_list_is_an_array_of_masked_cases(cli: CommandLine) -> None:
    listed = cli("list")
    assert listed.code == 0
    assert {case["case_id"] for case in listed.data} == {"case-1", "case-2"}
    for word in PRIVATE:
        assert word not in listed.out
    assert all("*" in case["parties"] for case in listed.data)
    assert [c["case_id"] for c in cli("list", "--state", "accepted").data] == ["case-1"]
    assert [c["case_id"] for c in cli("list", "--search", "停车").data] == ["case-2"]
    assert len(cli("list", "--limit", "1").data) == 1
    assert cli("list", "--search", "查无此事").data == []
    assert cli("list", "--state", "nowhere").code == 1
    words = cli("list", as_json=False)
    assert "2 件" in words.out


def test_show_by_number_or_id_masks_and_leaves_free_text_out(cli: CommandLine) -> None:
    shown = cli("show", "case-1")
    assert shown.code == 0
    assert shown.data["state"] == "accepted"
    assert shown.data["sync"] == "queued"
    assert [r["kind"] for r in shown.data["records"]] == ["decision", "decision"]
    for word in (*PRIVATE, "卫生间漏水", "双方一起来的"):
        assert word not in shown.out
    assert cli("show", shown.data["number"]).data["case_id"] == "case-1"
    assert cli("show", "查无此案").error["code"] == "E-NO-CASE"
    assert "小区停车费涨价" in cli("show", "case-2", as_json=False).out


def test_show_by_the_end_of_a_number_where_it_means_one(cli: CommandLine, paths: ProfilePaths) -> None:
    desk = profile.unlock(paths, PASSPHRASE)
    place = Workplace(desk, paths.root, FixedClock(MONDAY))
    numbers = {"case-3": "（2026）云梧民调字第0318号", "case-4": "（2025）云梧民调字第0007号",
               "case-5": "（2026）云梧民调字第0007号"}  # fmt: skip
    for case_id, number in numbers.items():
        incoming(place, case_id, number=number, state="accepted", accepted_at=MONDAY)
    profile.close(desk)
    for text in ("0318", "318"):
        assert cli("show", text).data["case_id"] == "case-3"
    both = cli("show", "0007")
    assert (both.code, both.error["code"]) == (1, "E-WHICH-CASE")
    assert all(numbers[case] in both.error["message"] for case in ("case-4", "case-5"))
    assert cli("show", "18").error["code"] == "E-NO-CASE", "part of a running number is not its end"


def test_a_number_that_two_cases_bear_shows_neither_of_them(cli: CommandLine, paths: ProfilePaths) -> None:
    desk = profile.unlock(paths, PASSPHRASE)
    place, number = Workplace(desk, paths.root, FixedClock(MONDAY)), "（2026）云梧民调字第0319号"
    for case_id in ("case-3", "case-4"):
        incoming(place, case_id, number=number, state="accepted", accepted_at=MONDAY, title=f"简称{case_id}")
    profile.close(desk)
    for text in (number, "0319"):
        twice = cli("show", text)
        assert (twice.code, twice.error["code"]) == (1, "E-WHICH-CASE")
        assert f"编号“{number}”有 2 件案件在用" in twice.error["message"]
        assert all(f"简称{one}（标识 {one}）" in twice.error["message"] for one in ("case-3", "case-4"))
    assert cli("show", "case-4").data["case_id"] == "case-4"


@pytest.mark.parametrize("name", ["keys.json", "profile.json"])
def test_a_profile_of_a_newer_version_is_not_opened(cli: CommandLine, paths: ProfilePaths, name: str) -> None:
    file = paths.root / name
    file.write_text(json.dumps({**json.loads(file.read_text("utf-8")), "format": 99}), "utf-8")
    before = file.read_bytes()
    for command in ("list", "doctor", "verify-audit"):
        refused = cli(command)
        assert (refused.code, refused.error["code"]) == (2, "E-NEWER"), command
    assert file.read_bytes() == before


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_a_reader_that_left_is_no_fault(cli: CommandLine, more: tuple[str, ...]) -> None:
    """``jiefen list | head -1``: nothing on stderr, and the command's own exit code."""
    reading, writing = os.pipe()
    os.close(reading)
    command = (sys.executable, "-m", "ui", "list", "--profile", str(cli.folder),
               "--passphrase-file", str(cli.passphrase_file), *more)  # fmt: skip
    try:
        done = subprocess.run(
            command, cwd=ROOT, stdout=writing, stderr=subprocess.PIPE, timeout=60, check=False
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_database_that_is_gone_ends_as_other_damage_does(cli: CommandLine, paths: ProfilePaths) -> None:
    paths.database.unlink()
    for command in ("list", "verify-audit", "doctor"):
        assert cli(command).code == 2
    assert cli("list").error["code"] == "E-NO-DATABASE"


def test_a_backup_is_restored_by_login_too(cli: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "copy.jfbackup"
    assert cli("backup", str(file)).code == 0
    there = CommandLine(tmp_path / "empty", cli.passphrase_file)
    strange = there("restore", str(file), "--user", "nobody")
    assert (strange.code, strange.error["code"]) == (1, "E-NO-PERSON")
    assert "什么也没有改动。备份里有：何静" in strange.error["message"]
    assert not ProfilePaths(there.folder).exists
    done = there("restore", str(file), "--user", "he")
    assert (done.code, done.data["cases"]) == (0, 2)
    assert len(there("list", "--user", "he").data) == 2


def test_wrong_passphrase(cli: CommandLine, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("不是这一句口令呀真的不是", "utf-8")
    result = run("list", "--profile", cli.folder, "--passphrase-file", wrong, "--json")
    assert (result.code, result.error["code"], result.out) == (1, "E-PASSPHRASE", "")


def test_several_people_are_told_apart(cli: CommandLine, paths: ProfilePaths) -> None:
    desk = profile.unlock(paths, PASSPHRASE, clock=FixedClock(MONDAY), cost=QUICK)
    answer = _facts("p-shen")
    colleagues.add_colleague(paths, desk, "shen", SECOND, lambda _keys: answer, QUICK).desk.keys.clear()
    profile.close(desk)
    unclear = cli("list")
    assert (unclear.code, unclear.error["code"]) == (1, "E-WHICH-PERSON")
    assert cli("list", "--user", "何静").code == 0
    assert cli("list", "--user", "nobody").error["code"] == "E-NO-PERSON"
    other = CommandLine(cli.folder, cli.passphrase_file.with_name("second"))
    other.passphrase_file.write_text(SECOND, "utf-8")
    assert len(other("list", "--user", "shen").data) == 2
    assert other("list", "--user", "何静").error["code"] == "E-PASSPHRASE"


def test_a_statistician_lists_and_shows_nothing(cli: CommandLine, tmp_path: Path) -> None:
    apart = ProfilePaths(tmp_path / "apart")
    person = NewPerson("童立", "tong")
    desk, _ = profile.create_profile(apart, person, PASSPHRASE, clock=FixedClock(MONDAY), cost=QUICK)
    profile.close(profile.finish_enrolment(apart, desk, _facts("p-tong")))
    counting = CommandLine(apart.root, cli.passphrase_file)
    for words in (("list",), ("list", "--search", "陈秀英"), ("show", "case-1")):
        refused = counting(*words)
        assert (refused.code, refused.error["code"]) == (1, "E-ROLE"), words


def test_a_window_that_holds_the_profile_comes_first(cli: CommandLine, paths: ProfilePaths) -> None:
    with ProfileLock(paths.lock) as lock:
        lock.acquire(kind="window")
        for words in (["list"], ["doctor"], ["verify-audit"], ["show", "case-1"]):
            result = cli(*words)
            assert (result.code, result.error["code"]) == (2, "E-IN-USE")
    assert cli("list").code == 0


def test_doctor_finds_and_heals_a_damaged_database(cli: CommandLine, paths: ProfilePaths) -> None:
    healthy = cli("doctor")
    assert (healthy.code, healthy.data["ok"]) == (0, True)
    areas = {"database", "vault", "audit", "outbox", "inbox", "backup"}
    assert {f["area"] for f in healthy.data["findings"]} == areas
    paths.backups.mkdir(exist_ok=True)
    assert cli("backup", str(paths.backups / "jiefen-20261123T020000Z.jfbackup")).code == 0
    size = paths.database.stat().st_size
    with paths.database.open("r+b") as stream:
        stream.seek(size // 2)
        stream.write(os.urandom(4096))
    sick = cli("doctor")
    assert (sick.code, sick.data["ok"]) == (2, False)
    assert sick.data["findings"][0]["area"] == "database"
    assert "--heal" in cli("doctor", as_json=False).out
    healed = cli("doctor", "--heal")
    assert (healed.code, healed.data["ok"]) == (0, True)
    assert "找回" in healed.data["healed"][0]
    assert list(paths.damaged.rglob("store.db")), "the damaged copy is kept"
    assert len(cli("list").data) == 2


def test_backup_and_restore(cli: CommandLine, paths: ProfilePaths, tmp_path: Path) -> None:
    file = tmp_path / "usb" / "copy.jfbackup"
    made = cli("backup", str(file))
    assert (made.code, made.data["ok"]) == (0, True)
    assert cli("backup", str(file)).code == 1, "an existing file is not overwritten"
    elsewhere = CommandLine(tmp_path / "elsewhere", cli.passphrase_file)
    done = elsewhere("restore", str(file))
    assert (done.code, done.data["cases"], done.data["previous"]) == (0, 2, "")
    assert elsewhere("list").data == cli("list").data
    again = cli("restore", str(file))
    assert again.code == 0
    assert ProfilePaths(Path(again.data["previous"])).exists
    assert cli("verify-audit").data["ok"]
    broken = tmp_path / "broken.jfbackup"
    broken.write_bytes(file.read_bytes()[:-2000])
    refused = cli("restore", str(broken))
    assert refused.code == 1
    assert len(cli("list").data) == 2


def test_verify_audit_names_the_first_bad_entry(cli: CommandLine, paths: ProfilePaths) -> None:
    good = cli("verify-audit")
    assert (good.code, good.data["ok"]) == (0, True)
    assert good.data["signed_heads"] >= 1
    desk = profile.unlock(paths, PASSPHRASE, clock=FixedClock(MONDAY + dt.timedelta(hours=1)), cost=QUICK)
    desk.store.write(
        lambda conn: conn.exec_driver_sql("UPDATE audit SET action = 'nothing' WHERE seq = 2") and None
    )
    desk.store.close()
    bad = cli("verify-audit")
    assert (bad.code, bad.data["ok"], bad.data["first_bad"]) == (2, False, 2)
    assert cli("doctor").code == 2


def test_nothing_personal_lies_in_the_clear(cli: CommandLine, paths: ProfilePaths) -> None:
    cli("show", "case-1")
    cli("list", "--search", "陈秀英")
    for file in (p for p in paths.root.rglob("*") if p.is_file()):
        content = file.read_bytes()
        for word in PRIVATE:
            assert word.encode() not in content, f"{word} in {file.name}"
    assert json.loads((paths.root / "profile.json").read_text("utf-8"))["people"][0]["name"] == "何静"


def test_as_a_program_with_the_passphrase_on_standard_input(cli: CommandLine) -> None:
    def program(typed: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "ui", "list", "--profile", str(cli.folder), "--json"]
        env = {**os.environ, "PYTHONUTF8": "1"}
        return subprocess.run(
            command, input=typed, capture_output=True, text=True, encoding="utf-8", env=env, cwd=ROOT
        )

    done = program(PASSPHRASE + "\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(json.loads(done.stdout)) == 2
    wrong = program("不是这一句口令呀真的不是\n")
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert json.loads(wrong.stderr)["error"]["code"] == "E-PASSPHRASE"
    assert program("").returncode == 1


def test_the_end_of_the_trail_cut_off_with_its_heads_shows(cli: CommandLine, paths: ProfilePaths) -> None:
    good = cli("verify-audit").data
    assert (good["ok"], good["witnessed"]) == (True, True)
    _tamper(paths, "DELETE FROM audit WHERE seq > 1", "DELETE FROM audit_heads WHERE seq > 1")
    bad = cli("verify-audit")
    assert (bad.code, bad.data["ok"], bad.data["first_bad"]) == (2, False, 2)
    assert "少了末尾一段" in bad.data["problem"]
    # Opening and closing again must not write the short chain down as the good one.
    assert cli("verify-audit").code == 2
    assert any(not f["ok"] and f["area"] == "audit" for f in cli("doctor").data["findings"])


def test_a_trail_taken_out_whole_shows_by_its_commands(cli: CommandLine, paths: ProfilePaths) -> None:
    paths.audit_head.unlink()
    _tamper(paths, "DELETE FROM audit", "DELETE FROM audit_heads")
    bad = cli("verify-audit")
    assert bad.code == 2
    assert "没有留痕" in bad.data["problem"]


def test_a_witness_that_was_changed_shows(cli: CommandLine, paths: ProfilePaths) -> None:
    held = json.loads(paths.audit_head.read_text("utf-8"))
    paths.audit_head.write_text(json.dumps({**held, "seq": 1}), "utf-8")
    assert "被改过" in cli("verify-audit").data["problem"]
    paths.audit_head.write_text("{", "utf-8")
    assert "损坏" in cli("verify-audit").data["problem"]


def test_a_bug_is_in_the_log_and_one_line_on_stderr(
    cli: CommandLine,
    paths: ProfilePaths,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(*_: object) -> None:
        raise LookupError("陈秀英 13800006612")

    monkeypatch.setattr("ui.cli.case_commands.case_data", broken)
    result = cli("show", "case-1")
    assert (result.code, result.out) == (4, "")
    assert len(result.err.strip().splitlines()) == 1
    assert result.error["detail"].startswith("LookupError test_profile_commands.py:")
    log = (paths.logs / "jiefen.log").read_text("utf-8")
    assert "LookupError" in log
    assert "Traceback" in log
    for word in ("陈秀英", "13800006612"):
        assert word not in log + result.err


def test_a_spoilt_card_keeps_nobody_out(
    cli: CommandLine, paths: ProfilePaths, caplog: pytest.LogCaptureFixture
) -> None:
    card = paths.root / "profile.json"
    whole = json.loads(card.read_text("utf-8"))
    card.write_text(card.read_text("utf-8")[:20], "utf-8")
    assert len(cli("list").data) == 2
    assert json.loads(card.read_text("utf-8"))["people"] == whole["people"]


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_year_that_cannot_be_meant_is_said(cli: CommandLine, day: str) -> None:
    for kind in ("contact", "mediation", "confirmation", "enforcement"):
        result = run("deadline", kind, day)
        assert result.code == 1
        assert "年份" in result.err


def test_doctor_heals_from_the_folder_chosen_for_backups(
    cli: CommandLine, paths: ProfilePaths, tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    desk = profile.unlock(paths, PASSPHRASE, clock=FixedClock(MONDAY), cost=QUICK)
    office = Office(desk)
    entry = FileEntry(role="evidence", title="报价单")
    office.attachments.add_bytes("case-1", b"%PDF-1.4 quote", "a.pdf", "application/pdf", entry)
    office.backups.change_policy(folder=str(disk))
    office.backups.make()
    (blob,) = desk.vault.blobs()
    profile.close(desk)
    assert not list(paths.backups.iterdir())
    blob.unlink()
    found = cli("doctor").data["findings"]
    assert next(f for f in found if f["area"] == "backup")["ok"]
    healed = cli("doctor", "--heal")
    assert (healed.code, healed.data["ok"]) == (0, True)
    assert blob.exists()
    broken = bytearray(paths.database.read_bytes())
    broken[50] ^= 1
    paths.database.write_bytes(broken)
    assert cli("doctor", "--heal").code == 0
    assert len(cli("list").data) == 2


def _tamper(paths: ProfilePaths, *statements: str) -> None:
    clock = FixedClock(MONDAY)
    desk = profile.unlock(paths, PASSPHRASE, clock=clock, cost=QUICK)
    try:
        for statement in statements:
            desk.store.write(lambda conn, s=statement: conn.exec_driver_sql(s) and None)
    finally:
        desk.store.close()
