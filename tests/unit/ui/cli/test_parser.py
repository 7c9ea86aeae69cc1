"""The command line's words: what is understood, and how a slip is answered."""

from __future__ import annotations

import datetime as dt
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.domain.errors import DiskFullFault, FieldError, FieldErrors, UserError, WrongPassphraseError
from app.version import version
from ui.__main__ import main
from ui.cli import parser, secret
from ui.cli.output import BUG, ENVIRONMENT, USER, Output, describe, exit_code
from ui.cli.platform_commands import without_promise

COMMANDS = ("enroll", "sync", "list", "show", "doctor", "backup", "restore", "verify-audit", "deadline")


@pytest.mark.parametrize(
    "words",
    [
        ["sync", "--profile", "p", "--passphrase-file", "f", "--json"],
        ["list", "--profile", "p", "--state", "accepted", "--search", "漏水", "--user", "周敏芳"],
        ["show", "--profile", "p", "（2026）云梧民调字第0318号"],
        ["doctor", "--json"],
        ["backup", "--profile", "p", "x.jfbackup"],
        ["restore", "--profile", "p", "x.jfbackup"],
        ["verify-audit", "--passphrase-file", "-"],
        ["enroll", "--profile", "p", "--url", "u", "--user", "n", "--password-file", "a",
         "--passphrase-file", "b"],
        ["demo", "--fresh"],
        ["run", "--profile", "p"],
    ],
)  # fmt: skip
def test_every_command_is_understood(words: list[str]) -> None:
    args = parser.parse(words)
    assert args.command == words[0]
    if args.command not in parser.WINDOW_COMMANDS:
        assert args.json == ("--json" in words)


def test_dates_are_days() -> None:
    assert parser.parse(["deadline", "contact", "2026-11-23"]).date == dt.date(2026, 11, 23)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["fly"], "不能写"),
        (["deadline", "contact"], "还少"),
        (["deadline", "contact", "23.11.2026"], "2026-11-23 这样"),
        (["list", "--passphrase", "geheim"], "不认识的选项"),
        (["enroll"], "还少"),
        (["list", "--state"], "后面要写一个值"),
    ],
)
def test_a_slip_is_answered_in_chinese(words: list[str], sentence: str) -> None:
    with pytest.raises(parser.UsageError) as caught:
        parser.parse(words)
    assert sentence in caught.value.message
    assert "什么也没有做" in caught.value.message
    assert "geheim" not in caught.value.message + caught.value.detail


def test_secrets_are_never_arguments() -> None:
    """No option takes a passphrase or password itself."""
    for name in COMMANDS:
        found = parser.build()._subparsers._group_actions[0].choices[name]  # type: ignore[union-attr, index]
        options = {o for action in found._actions for o in action.option_strings}
        assert not options & {"--passphrase", "--password", "--code"}


def test_exit_codes() -> None:
    assert exit_code(WrongPassphraseError("口令不对，再试一次。")) == USER
    assert exit_code(DiskFullFault("磁盘满了。")) == ENVIRONMENT
    assert exit_code(FileNotFoundError(2, "x")) == ENVIRONMENT
    assert exit_code(ZeroDivisionError()) == BUG


def test_errors_as_data_name_fields_and_hide_folders() -> None:
    both = FieldErrors((FieldError("a", "甲。"), FieldError("b", "乙。")))
    assert describe(both, USER)["fields"] == {"a": "甲。", "b": "乙。"}
    lost = FileNotFoundError(2, "No such file", "/home/somebody/secret-folder/f.txt")
    assert describe(lost, ENVIRONMENT)["detail"] == "errno=2 f.txt"
    assert "ZeroDivisionError" in describe(ZeroDivisionError("陈秀英"), BUG)["detail"]
    assert "陈秀英" not in str(describe(ZeroDivisionError("陈秀英"), BUG))


def test_errors_go_to_stderr_with_their_code() -> None:
    out, err = io.StringIO(), io.StringIO()
    code = Output(as_json=True, stdout=out, stderr=err).error(UserError("没有做。", code="E-X"))
    assert (code, out.getvalue()) == (USER, "")
    assert json.loads(err.getvalue())["error"] == {
        "code": "E-X", "message": "没有做。", "detail": "", "exit": USER
    }  # fmt: skip


def test_a_windowed_build_has_no_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    output = Output()
    output.result({}, ["一行"])
    assert output.error(UserError("没有做。")) == USER


def test_secret_from_the_first_line_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes("﻿口令在第一行里面 \r\n第二行\n".encode())
    assert secret.read_secret(path, "口令") == "口令在第一行里面 "
    for content in (b"", b"\n", b"\xff\xfe\x00"):
        path.write_bytes(content)
        with pytest.raises(UserError, match="口令"):
            secret.read_secret(path, "口令")
    with pytest.raises(UserError):
        secret.read_secret(tmp_path / "missing", "口令")


def test_secret_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("从管道来的口令\n再来一行\n"))
    assert secret.read_secret(None, "口令") == "从管道来的口令"
    assert secret.read_secret(Path("-"), "口令") == "再来一行"


@pytest.mark.parametrize(
    ("kind", "day", "due", "weekday"),
    [
        ("contact", "2026-11-23", "2026-11-26", "星期四"),
        ("confirmation", "2026-11-20", "2026-12-21", "星期一"),
        ("mediation", "2026-11-02", "2026-12-14", "星期一"),
        ("enforcement", "2024-03-01", "2026-03-02", "星期一"),
    ],
)
def test_deadlines(kind: str, day: str, due: str, weekday: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deadline", kind, day, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["date"], found["weekday"], found["provisional"]) == (due, weekday, False)
    assert len(found["explanation"]) >= 2


def test_a_year_without_notice_is_provisional(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deadline", "contact", "2027-01-29", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["provisional"]
    assert any("2027 年放假安排未载入" in line for line in found["explanation"])
    assert main(["deadline", "contact", "2027-01-29"]) == 0
    assert "暂估" in capsys.readouterr().out


def test_unknown_law_kind_is_the_users_to_put_right(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deadline", "mediation", "2026-11-02", "--law-kind", "marine", "--json"]) == 1
    assert "people" in json.loads(capsys.readouterr().err)["error"]["message"]


def test_no_profile_is_said_and_nothing_is_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "nobody"
    assert main(["list", "--profile", str(folder), "--passphrase-file", str(tmp_path / "f")]) == 1
    assert "还没有档案" in capsys.readouterr().err
    assert not folder.exists()


def test_commands_never_import_qt() -> None:
    script = (
        "import sys, importlib\n"
        "from ui.__main__ import main\n"
        "from ui.cli import run\n"
        "for name in set(run._MODULES.values()): importlib.import_module(name)\n"
        "assert main(['deadline', 'contact', '2026-11-23']) == 0\n"
        "assert not [m for m in sys.modules if m.startswith('PySide6')], 'Qt was imported'\n"
    )
    env = {**os.environ, "PYTHONUTF8": "1"}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr


def test_the_deadline_command_is_light() -> None:
    """Neither the store's nor the network's libraries are loaded for arithmetic."""
    script = (
        "import sys\n"
        "from ui.__main__ import main\n"
        "main(['deadline', 'contact', '2026-11-23'])\n"
        "heavy = {'sqlalchemy', 'requests', 'pydantic', 'cryptography', 'fastapi'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    env = {**os.environ, "PYTHONUTF8": "1"}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parser.parse(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.strip() == f"解纷工作台 {version()}"


@pytest.mark.parametrize(
    ("words", "true"),
    [
        ("没有连上平台。内容都在本机，稍后自动再试。", "没有连上平台。内容都在本机。"),
        ("平台没有应答。内容都在本机。稍后自动再试。", "平台没有应答。内容都在本机。"),
        ("没有发出去，稍后自动再试。请找网络管理员。", "没有发出去。请找网络管理员。"),
        ("口令不对，再试一次。", "口令不对，再试一次。"),
    ],
)
def test_a_command_that_has_ended_promises_nothing(words: str, true: str) -> None:
    assert without_promise(words) == true
