"""enroll and sync against a real practice platform, and the practice profile that fills itself."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
from sqlalchemy import func, select

from app.domain import casefile as cf
from app.domain.errors import UserError
from app.paths import ProfilePaths
from app.services import enrolment, lockscreen, profile
from app.services.agreement_list import AgreementList
from app.services.office import Office
from app.storage.tables import cases
from tests.helpers.commands import CommandLine, Result, run
from tests.helpers.desks import QUICK
from tests.helpers.sandbox import Sandbox
from tests.integration.cli.conftest import PASSPHRASE
from ui import practice, practice_profile

SECOND = "何静的口令也很长很长很长"


def enroll(cli: CommandLine, platform: Sandbox, *more: str, password: str = "") -> Result:
    user = platform.user("mediator")
    file = cli.passphrase_file.with_name("password")
    file.write_text(password or user["password"], "utf-8")
    words = ("--url", platform.url, "--password-file", str(file), "--user", user["name"], *more)
    return cli("enroll", *words)


def test_enroll_sync_list(cli: CommandLine, platform: Sandbox, tmp_path: Path) -> None:
    code_file = tmp_path / "recovery"
    made = enroll(cli, platform, "--recovery-file", str(code_file))
    assert made.code == 0, made.err
    assert made.data["person"] == "周敏芳"
    assert "recovery_code" not in made.data
    first = cli("sync")
    assert first.code == 0, first.err
    assert set(first.data) == {"sent", "received", "waiting", "conflicts", "unknown", "failed", "parked"}
    assert first.data["received"] > 12
    assert len(cli("list").data) == 12
    assert cli("sync").data["received"] == 0
    assert cli("doctor").code == 0
    again = enroll(cli, platform)
    assert (again.code, again.error["code"]) == (1, "E-ENROLLED")
    code = code_file.read_text("utf-8").strip()
    desk, _ = profile.recover(ProfilePaths(cli.folder), code, PASSPHRASE)
    profile.close(desk)


def test_an_offline_run_keeps_everything_and_ends_with_2(cli: CommandLine, platform: Sandbox) -> None:
    assert enroll(cli, platform).code == 0
    assert cli("sync").code == 0
    platform.control("network/offline")
    cut = cli("sync")
    assert cut.code == 2
    assert cut.data["error"]["code"] == "E-UNREACHABLE"
    assert "内容都在本机" in cut.error["message"]
    platform.control("network/captive_200")
    assert cli("sync").error["code"] == "E-NOT-PLATFORM"
    platform.control("network/normal")
    assert cli("sync").code == 0
    assert len(cli("list").data) == 12


def test_what_waits_is_said_by_exit_code_3(cli: CommandLine, platform: Sandbox) -> None:
    assert enroll(cli, platform).code == 0
    assert cli("sync").code == 0
    case = platform.control("dispatch", kind="leak")["case_id"]
    assert cli("sync").code == 0
    paths = ProfilePaths(cli.folder)
    desk = profile.unlock(paths, PASSPHRASE)
    Office(desk).deciding.waive_contact(case, "双方一起来的")
    profile.close(desk)
    result = cli("sync")
    assert (result.code, result.data["waiting"]) == (3, 1), "the undo window has not ended"


def test_an_expired_sign_in_is_renewed_with_the_password_file(cli: CommandLine, platform: Sandbox) -> None:
    assert enroll(cli, platform).code == 0
    platform.control("network/expired")
    assert cli("sync").error["code"] == "E-SIGN-IN"
    wrong = cli("sync", "--password-file", secret(cli, "wrong-password", "nonsense"))
    assert (wrong.code, wrong.error["code"]) == (1, "E-401"), "the person's, not the surroundings'"
    file = cli.passphrase_file.with_name("password")
    assert cli("sync", "--password-file", str(file)).code == 0


def test_a_wrong_platform_password_leaves_a_profile_to_be_finished(
    cli: CommandLine, platform: Sandbox
) -> None:
    wrong = enroll(cli, platform, password="nonsense")
    assert (wrong.code, wrong.error["code"]) == (1, "E-CREDENTIALS")
    assert "再运行同一条命令，会接着登记" in wrong.error["message"]
    pending = cli("sync")
    assert (pending.code, pending.error["code"]) == (1, "E-NOT-ENROLLED")
    done = enroll(cli, platform)
    assert done.code == 0
    assert len(done.data["recovery_code"].replace(" ", "")) == 32


@pytest.mark.parametrize("url", ["http://platform.example.cn", "platform", "ftp://127.0.0.1"])
def test_a_bad_address_makes_nothing(cli: CommandLine, url: str) -> None:
    words = ("--url", url, "--password-file", str(cli.passphrase_file), "--user", "zhouminfang")
    assert (cli("enroll", *words).code, cli.folder.exists()) == (1, False)


def test_again_gives_the_computer_a_new_device_id(cli: CommandLine, platform: Sandbox) -> None:
    first = enroll(cli, platform)
    second = enroll(cli, platform, "--again")
    assert second.code == 0, second.err
    assert first.data["device_id"] != second.data["device_id"]
    assert cli("sync").code == 0


def secret(cli: CommandLine, name: str, text: str) -> str:
    file = cli.passphrase_file.with_name(name)
    file.write_text(text + "\n", "utf-8")
    return str(file)


def add_head(cli: CommandLine, platform: Sandbox, *more: str, user: str = "hejing", by: str = "") -> Result:
    """何静 is added to 周敏芳's profile."""
    colleague = CommandLine(cli.folder, Path(secret(cli, "second", SECOND)))
    words = ["--url", platform.url, "--user", user, "--by", by or "zhouminfang"]
    words += ["--password-file", secret(cli, "their-password", platform.user("head")["password"])]
    return colleague("enroll", *words, "--by-passphrase-file", str(cli.passphrase_file), *more)


def test_a_colleague_is_added_and_works_with_a_passphrase_of_her_own(
    cli: CommandLine, platform: Sandbox, tmp_path: Path
) -> None:
    assert enroll(cli, platform).code == 0
    code_file = tmp_path / "her-recovery"
    added = add_head(cli, platform, "--recovery-file", str(code_file))
    assert added.code == 0, added.err
    assert (added.data["person"], added.data["role"]) == ("何静", "head")
    hers = CommandLine(cli.folder, cli.passphrase_file.with_name("second"))
    assert cli("sync").error["code"] == "E-WHICH-PERSON"
    assert hers("sync", "--user", "hejing").code == 0
    assert len(hers("list", "--user", "何静").data) == 12
    assert cli("sync", "--user", "zhouminfang").data["received"] == 0, "one store, one cursor"
    assert hers("list", "--user", "zhouminfang").error["code"] == "E-PASSPHRASE"
    assert cli("doctor", "--user", "zhouminfang").code == 0
    desk, _ = profile.recover(ProfilePaths(cli.folder), code_file.read_text("utf-8").strip(), SECOND)
    assert desk.person.name == "何静"
    profile.close(desk)


def test_what_the_head_writes_is_delivered_in_her_name(cli: CommandLine, platform: Sandbox) -> None:
    assert enroll(cli, platform).code == 0
    assert add_head(cli, platform).code == 0
    case = platform.control("dispatch", kind="leak")["case_id"]
    assert cli("sync", "--user", "zhouminfang").code == 0
    for user, passphrase in (("hejing", SECOND), ("zhouminfang", PASSPHRASE)):
        desk = profile.unlock(ProfilePaths(cli.folder), passphrase, user)
        Office(replace(desk, undo_window=dt.timedelta())).handling.add_note(case, f"{user}记的")
        profile.close(desk)
    sent = cli("sync", "--user", "zhouminfang")
    assert (sent.code, sent.data["sent"]) == (0, 2), "any signed-in person carries what another signed"
    hers = profile.unlock(ProfilePaths(cli.folder), SECOND, "hejing")
    notes = [
        r for r, body in Office(hers).cases.open(case).file.of_type(cf.Note) if body.text.endswith("记的")
    ]
    assert {record.author for record in notes} == {"p-he", "p-zhou"}
    profile.close(hers)


def test_adding_says_what_is_missing_or_wrong(cli: CommandLine, platform: Sandbox) -> None:
    assert add_head(cli, platform).error["code"] == "E-USAGE", "no profile yet"
    assert not cli.folder.exists()
    assert enroll(cli, platform).code == 0
    words = (
        "--url",
        platform.url,
        "--user",
        "hejing",
        "--password-file",
        secret(cli, "password", "wutong-88"),
    )
    plain = cli("enroll", *words)
    assert (plain.code, plain.error["code"]) == (1, "E-NO-PERSON")
    assert "--by" in plain.error["message"]
    assert cli("enroll", *words, "--again").error["code"] == "E-NO-PERSON"
    assert add_head(cli, platform, by="nobody").error["code"] == "E-NO-PERSON"
    assert add_head(cli, platform, user="nobody").error["code"] == "E-CREDENTIALS"
    assert add_head(cli, platform, user="luxiaowen").error["code"] == "E-APART"
    assert add_head(cli, platform, user="zhouminfang").error["code"] == "E-EXISTS"
    assert add_head(cli, platform, "--again").error["code"] == "E-USAGE"
    elsewhere = add_head(cli, platform, "--url", "https://elsewhere.example.cn")
    assert (elsewhere.code, elsewhere.error["code"]) == (1, "E-URL")
    people = json.loads((cli.folder / "keys.json").read_text("utf-8"))["people"]
    assert len(people) == 1
    assert add_head(cli, platform).code == 0
    assert add_head(cli, platform).error["code"] == "E-EXISTS"


def test_again_names_whose_computer_it_is_and_colleagues_follow(cli: CommandLine, platform: Sandbox) -> None:
    assert enroll(cli, platform).code == 0
    assert add_head(cli, platform).code == 0
    hers = CommandLine(cli.folder, cli.passphrase_file.with_name("second"))
    wrong = enroll(hers, platform, "--again")
    assert (wrong.code, wrong.error["code"]) == (1, "E-PASSPHRASE"), "周敏芳's login wants her passphrase"
    renewed = enroll(cli, platform, "--again")
    assert renewed.code == 0, renewed.err
    assert renewed.data["person"] == "周敏芳"
    assert cli("sync", "--user", "zhouminfang").code == 0
    assert hers("sync", "--user", "hejing").error["code"] == "E-SIGN-IN", "her keys are not known there yet"
    password = secret(cli, "their-password", platform.user("head")["password"])
    assert hers("sync", "--user", "hejing", "--password-file", password).code == 0
    assert enroll(cli, platform, "--again").code == 0
    words = ("--url", platform.url, "--user", "hejing", "--password-file", password)
    again = hers("enroll", *words)
    assert again.code == 0, again.err
    assert again.data["device_id"] != renewed.data["device_id"]
    assert hers("sync", "--user", "hejing").code == 0
    assert hers("enroll", *words).error["code"] == "E-ENROLLED"


def test_a_statistician_syncs_without_a_case(cli: CommandLine, platform: Sandbox) -> None:
    counting = platform.user("statistician")
    words = ("--url", platform.url, "--user", counting["name"])
    assert cli("enroll", *words, "--password-file", secret(cli, "password", counting["password"])).code == 0
    run_ = cli("sync")
    assert (run_.code, run_.data["received"]) == (0, 0), run_.err
    desk = profile.unlock(ProfilePaths(cli.folder), PASSPHRASE)
    assert (
        desk.store.read(lambda conn: conn.execute(select(func.count()).select_from(cases)).scalar_one()) == 0
    )
    profile.close(desk)
    assert cli("list").error["code"] == "E-ROLE"


def test_nothing_answers(cli: CommandLine, platform: Sandbox) -> None:
    platform.stop()
    result = enroll(cli, platform)
    assert result.code == 2
    words = result.error["message"]
    assert "自动再试" not in words, "the command has ended: nothing is tried later"
    assert f"档案已建好，留在 {cli.folder}，口令就是这次给的那一个。" in words
    assert words.endswith("办好以后再运行同一条命令，会接着登记，不另建档案。")


def assert_packs_are_whole(office: Office) -> None:
    """What lies with the court has what the law names, signed before; the platform holds it."""
    lodged = AgreementList(office.desk).lodged()
    assert len(lodged) == 4
    for case_id in lodged:
        view = office.filing.prepare(case_id)
        items = {item.material.code: item for item in view.materials}
        assert [item.material.name for item in view.materials if item.blocks] == []
        begun = view.submission.events[0].at
        for code, title in (("application", "司法确认申请书"), ("certificate", "调解组织主持调解证明")):
            (paper,) = (view.file.attachments[i] for i in items[code].attachment_ids)
            assert (paper.role, paper.title, paper.stored) == ("scan", title, True)
            assert paper.added_at < begun
            text = pypdfium2.PdfDocument(office.attachments.read(paper.sha256))[0].get_textpage()
            assert "练习" in text.get_text_range()


def test_practice_fills_itself_and_is_found_again(tmp_path: Path) -> None:
    paths = ProfilePaths(tmp_path / "practice")
    running = practice.start(paths)
    try:
        desk = practice_profile.ensure_practice_profile(running, QUICK)
        assert (desk.person.name, desk.practice) == ("周敏芳", True)
        board = Office(desk).today.board()
        assert board.today
        assert_packs_are_whole(Office(desk))
        count = Office(desk).cases.count(Office(desk).cases.query())
        running.control.move_clock(days=3)
        practice.follow_clock(running, desk)
        moved = desk.today()
        profile.close(desk)
    finally:
        running.close()
    running = practice.start(paths)
    try:
        desk = practice_profile.ensure_practice_profile(running, QUICK)
        assert desk.today() == moved, "the practice date stays"
        assert Office(desk).cases.count(Office(desk).cases.query()) == count
        assert desk.store.read(enrolment.load).url == running.control.ready.url
        dispatched = running.control.dispatch("parking")
        assert running.control.log()[0]["kind"] == "dispatch"
        assert dispatched["case_id"] in {c["case_id"] for c in running.control.overview()}
        with pytest.raises(UserError):
            running.control.network("no_such_weather")
        profile.close(desk)
    finally:
        running.close()
    assert lockscreen.card_of(paths).practice
    practice.clear(paths)
    assert not paths.exists
    assert not practice.platform_folder(paths).exists()


def test_practice_never_clears_a_real_profile(tmp_path: Path) -> None:
    paths = ProfilePaths(tmp_path / "profile")
    desk, _ = profile.create_profile(paths, profile.NewPerson("周敏芳"), PASSPHRASE, cost=QUICK)
    profile.close(desk)
    with pytest.raises(UserError, match="正式档案"):
        practice.clear(paths)
    assert paths.exists


def test_the_practice_platform_ends_with_its_parent(tmp_path: Path) -> None:
    process = practice.SandboxProcess(tmp_path / "data", "empty")
    process.start()
    child = process._process
    assert child is not None
    assert child.stdin is not None
    child.stdin.close()
    assert child.wait(20) == 0
    process.stop()


def test_the_bundled_entry_runs_the_sandbox_too(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run("sandbox", "--help")
    assert ended.value.code == 0


def test_card_is_plain_json_without_cases(cli: CommandLine, platform: Sandbox) -> None:
    assert enroll(cli, platform).code == 0
    card = json.loads((cli.folder / "profile.json").read_text("utf-8"))
    assert set(card) == {"format", "practice", "people", "theme", "scale", "backup_folder", "revoked"}
    assert card["revoked"] is None
    assert card["people"][0]["name"] == "周敏芳"
