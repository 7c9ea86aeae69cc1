"""The command line as one table of commands, with Chinese help."""

from __future__ import annotations

import argparse
import datetime as dt
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from app.domain.errors import UserError
from ui.cli.output import Output

DEADLINES = {
    "contact": "联系被申请人（日期＝收到办件的日子）",
    "mediation": "调解期限（日期＝受理的日子）",
    "confirmation": "共同申请司法确认（日期＝协议生效的日子）",
    "enforcement": "申请执行（日期＝履行期满的日子）",
}
WINDOW_COMMANDS = frozenset({"demo", "run"})
"""Commands that open the window; all others never import Qt."""


class UsageError(UserError):
    """The command is not written as it should be; nothing was done."""


class Parser(argparse.ArgumentParser):
    """An argument parser that speaks Chinese and raises instead of ending the program."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("formatter_class", _Help)
        options["add_help"] = False
        # No abbreviations: --passphrase must not pass for --passphrase-file with a passphrase after it.
        options["allow_abbrev"] = False
        super().__init__(**options)
        self._positionals.title = "参数"
        self._optionals.title = "选项"
        self.add_argument("-h", "--help", action="help", help="显示这份说明")

    def error(self, message: str) -> NoReturn:
        raise UsageError(
            f"{_in_chinese(message)}什么也没有做。请看 {self.prog} --help 里的写法。",
            code="E-USAGE",
            detail="" if "unrecognized" in message else message,
        )


class _Version(argparse.Action):
    """Prints the version and ends with 0; read only when asked for, since every start builds the parser."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from app.version import version

        Output().line(f"解纷工作台 {version()}")
        parser.exit()


class _Help(argparse.HelpFormatter):
    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, "用法：" if prefix is None else prefix)


def _in_chinese(message: str) -> str:
    """What argparse complains about, in words; unknown complaints in general terms."""
    unknown = re.match(r"unrecognized arguments: (.+)", message)
    if unknown:
        # Values are not repeated: a secret may have been typed where it does not belong.
        options = [word for word in unknown[1].split() if word.startswith("-")]
        return f"有不认识的选项：{'、'.join(options)}。" if options else "多写了几个字。"
    patterns = (
        (r"the following arguments are required: (.+)", "还少：{}。"),
        (r"argument (\S+): expected one argument", "选项 {} 后面要写一个值。"),
        (r"argument ([^:]+): invalid choice: ([^ ]+)", "{} 不能写 {}。"),
        (r"argument ([^:]+): (.+)", "{} 写得不对：{}。"),
    )
    for pattern, words in patterns:
        found = re.match(pattern, message)
        if found:
            return words.format(*found.groups())
    return "命令没有看懂。"


def day(text: str) -> dt.date:
    """A date written as 2026-11-23."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError("日期写成 2026-11-23 这样") from error


def build() -> Parser:
    """The whole parser."""
    parser = Parser(prog="jiefen", description="解纷工作台：窗口和命令行。不写命令就打开窗口。")
    parser.add_argument("--version", action=_Version, nargs=0, help="显示版本")
    commands = parser.add_subparsers(dest="command", title="命令", metavar="命令", parser_class=Parser)
    _window_commands(commands)
    _platform_commands(commands)
    _case_commands(commands)
    _care_commands(commands)
    _deadline_command(commands)
    sandbox = commands.add_parser("sandbox", help="启动练习平台（选项见 jiefen sandbox --help）")
    sandbox.add_argument("rest", nargs=argparse.REMAINDER)
    return parser


def _window_commands(commands: Any) -> None:
    demo = commands.add_parser("demo", help="打开练习档案的窗口，练习平台随窗口启动")
    demo.add_argument("--fresh", action="store_true", help="清空练习档案，从头来")
    demo.add_argument("--profile", type=Path, metavar="DIR", help="练习档案文件夹；不写用默认的")
    run = commands.add_parser("run", help="打开窗口")
    run.add_argument("--profile", type=Path, metavar="DIR", help="档案文件夹；不写用默认的")


def _with_profile(command: Parser, *, unlocks: bool = True, user: bool = True) -> Parser:
    command.add_argument("--profile", type=Path, metavar="DIR", help="档案文件夹；不写用默认的")
    if unlocks:
        command.add_argument(
            "--passphrase-file",
            type=Path,
            metavar="F",
            help="口令文件，第一行是口令；- 是标准输入；不写就现在问",
        )
    if user:
        command.add_argument("--user", metavar="NAME", help="哪一位（姓名或登录名）；本机只有一位时不用写")
    return _with_json(command)


def _with_json(command: Parser) -> Parser:
    command.add_argument("--json", action="store_true", help="结果和错误都写成 JSON")
    return command


def _platform_commands(commands: Any) -> None:
    enroll = commands.add_parser("enroll", help="把这台电脑登记到平台，并建好档案")
    enroll.add_argument("--url", required=True, metavar="URL", help="平台地址")
    enroll.add_argument(
        "--password-file",
        type=Path,
        required=True,
        metavar="F",
        help="平台密码文件，第一行是密码；- 是标准输入",
    )
    enroll.add_argument("--device-name", default="", metavar="NAME", help="这台电脑在平台上的名字")
    enroll.add_argument(
        "--recovery-file", type=Path, metavar="F", help="恢复码写到这个新文件；不写就印在屏幕上"
    )
    enroll.add_argument(
        "--own-cases", action="store_true", help="只收本机登记的人承办的和还没有人承办的案件；不写收全机构的"
    )
    enroll.add_argument("--again", action="store_true", help="已登记的档案换一个设备编号，重新登记")
    _with_profile(enroll)
    enroll.add_argument(
        "--by", metavar="USER", help="在已登记的档案里加一位同事（--user）：写上已能登录的一位，由这一位打开"
    )
    enroll.add_argument(
        "--by-passphrase-file",
        type=Path,
        metavar="F",
        help="--by 那一位的口令文件；--passphrase-file 里是新同事自己的口令",
    )
    sync = _with_profile(commands.add_parser("sync", help="收发一次：发出等待的，收下新到的"))
    sync.add_argument("--password-file", type=Path, metavar="F", help="平台密码文件；登录过期时才要")


def _case_commands(commands: Any) -> None:
    listing = _with_profile(commands.add_parser("list", help="列出案件，个人信息遮挡"))
    listing.add_argument("--state", metavar="S", help="只列这个状态，如 received、accepted、closed")
    listing.add_argument("--search", metavar="TEXT", help="按简称、编号、姓名、拼音首字母找")
    listing.add_argument("--limit", type=int, default=0, metavar="N", help="最多几件；不写全列")
    show = _with_profile(commands.add_parser("show", help="看一件案件，个人信息遮挡"))
    show.add_argument(
        "case",
        metavar="CASE",
        help="案号、办件编号或案件标识；只写末尾几位（如 0318）也行，说得清是哪一件就行",
    )


def _care_commands(commands: Any) -> None:
    doctor = _with_profile(commands.add_parser("doctor", help="检查案件库、附件、留痕和待发内容"))
    doctor.add_argument("--heal", action="store_true", help="从备份找回损坏的部分，损坏的那一份留着")
    backup = _with_profile(commands.add_parser("backup", help="备份到一个文件（加密）"))
    backup.add_argument("file", type=Path, metavar="FILE", help="备份文件，不能已经存在")
    restore = _with_profile(commands.add_parser("restore", help="从备份找回到档案文件夹"))
    restore.add_argument("file", type=Path, metavar="FILE", help="备份文件")
    _with_profile(commands.add_parser("verify-audit", help="核对留痕是否首尾相接"))


def _deadline_command(commands: Any) -> None:
    deadline = commands.add_parser("deadline", help="算一个期限，列出算式")
    kinds = deadline.add_subparsers(dest="kind", required=True, metavar="期限", parser_class=Parser)
    for name, words in DEADLINES.items():
        kind = _with_json(kinds.add_parser(name, help=words))
        kind.add_argument("date", type=day, metavar="DATE", help="起算的日子，如 2026-11-23")
        if name == "mediation":
            kind.add_argument("--law-kind", default="people", metavar="K", help="调解类别，默认 people")


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Arguments of a command. Raises :class:`UsageError`; ``--help`` ends the program with 0."""
    return build().parse_args(list(argv))
