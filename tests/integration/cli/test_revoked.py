"""The command line on a computer that its institution took out of use."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from app.domain import casefile as cf
from app.domain.errors import FieldError
from app.paths import ProfilePaths
from app.services import profile, revoked
from app.services.desk import Desk
from app.services.office import Office
from sync.engine.faults import SignInNeededFault
from tests.helpers.commands import CommandLine
from tests.helpers.sandbox import Sandbox
from tests.integration.cli.conftest import PASSPHRASE
from tests.integration.cli.test_platform_commands import enroll
from ui import connection


def opened(cli: CommandLine) -> Desk:
    return replace(profile.unlock(ProfilePaths(cli.folder), PASSPHRASE), undo_window=dt.timedelta())


def locked(cli: CommandLine, platform: Sandbox) -> tuple[str, str]:
    """Enrolled, with a note that was not sent, and told that it was revoked; device id and the case."""
    device_id = enroll(cli, platform).data["device_id"]
    case_id = platform.control("dispatch", kind="leak")["case_id"]
    assert cli("sync").code == 0
    desk = opened(cli)
    Office(desk).handling.add_note(case_id, "停用前写的")
    profile.close(desk)
    platform.control(f"device/{device_id}/revoke")
    result = cli("sync")
    assert (result.code, result.error["code"]) == (1, "E-DEVICE-REVOKED"), "a person has to put it right"
    return device_id, case_id


def notes(cli: CommandLine, case_id: str) -> list[str]:
    desk = opened(cli)
    file = Office(desk).cases.open(case_id).file
    profile.close(desk)
    return [body.text for _, body in file.of_type(cf.Note) if body.text.startswith("停用")]


def test_it_shows_nothing_but_keeps_and_backs_up(cli: CommandLine, platform: Sandbox, tmp_path: Path) -> None:
    _, case_id = locked(cli, platform)
    platform.control("network/offline")
    for words in (("list",), ("show", case_id)):
        refused = cli(*words)
        assert (refused.code, refused.error["code"], refused.out) == (1, "E-DEVICE-REVOKED", "")
        assert "其中 1 项还没有发出" in refused.error["message"]
        assert "联系机构负责人" in refused.error["message"]
    assert cli("doctor").code == 0
    assert cli("verify-audit").data["ok"]
    assert cli("backup", str(tmp_path / "kept.jfbackup")).data["ok"]
    assert cli("sync").error["code"] == "E-UNREACHABLE"
    assert cli("list").error["code"] == "E-DEVICE-REVOKED", "offline it stays locked"
    assert enroll(cli, platform, "--again").code == 2
    assert cli("list").error["code"] == "E-DEVICE-REVOKED", "nobody answered: nothing opens"


def test_sync_asks_again_and_goes_on_when_it_is_taken_again(cli: CommandLine, platform: Sandbox) -> None:
    device_id, case_id = locked(cli, platform)
    assert cli("sync").code == 1
    platform.control(f"device/{device_id}/reinstate")
    done = cli("sync")
    assert (done.code, done.data["sent"]) == (0, 1), done.err
    assert notes(cli, case_id) == ["停用前写的"]


@pytest.mark.parametrize("reinstated", [True, False])
def test_with_the_platforms_password_it_goes_on_as_it_is_or_under_a_new_id(
    cli: CommandLine, platform: Sandbox, reinstated: bool
) -> None:
    device_id, case_id = locked(cli, platform)
    platform.control("network/expired")
    if reinstated:
        platform.control(f"device/{device_id}/reinstate")
    paths = ProfilePaths(cli.folder)
    desk = profile.unlock(paths, PASSPHRASE, although_revoked=True)
    with pytest.raises(SignInNeededFault):
        connection.ask_standing(paths, desk)
    with pytest.raises(FieldError):
        connection.take_up_again(paths, desk, "nonsense")
    assert revoked.standing(paths, desk) is not None
    taken = connection.take_up_again(paths, desk, platform.user("mediator")["password"])
    assert (taken.device_id == device_id) == reinstated
    profile.close(taken)
    while cli("sync").code == 3:
        pass
    assert notes(cli, case_id) == ["停用前写的"]


def test_enroll_again_gives_it_a_new_id_and_sends_what_waited_once(
    cli: CommandLine, platform: Sandbox
) -> None:
    device_id, case_id = locked(cli, platform)
    wrong = enroll(cli, platform, "--again", password="nonsense")
    assert (wrong.code, wrong.error["code"]) == (1, "E-CREDENTIALS")
    assert cli("list").error["code"] == "E-DEVICE-REVOKED"
    anew = enroll(cli, platform, "--again")
    assert anew.code == 0, anew.err
    assert anew.data["device_id"] != device_id
    while cli("sync").code == 3:
        pass
    assert notes(cli, case_id) == ["停用前写的"]
    assert cli("sync").data["sent"] == 0
