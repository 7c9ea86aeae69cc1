"""``jiefen enroll`` and ``jiefen sync``."""

from __future__ import annotations

import argparse
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.clock import SystemClock
from app.domain.errors import JiefenError, UserError
from app.paths import ProfilePaths
from app.services import enrolment, lockscreen, profile, revoked
from app.services.clock_words import clock_sentence
from app.services.desk import Desk
from app.services.enrolment import check_target
from app.services.profile import NewPerson
from app.services.sync_centre import SyncCentre
from ui import connection
from ui.cli import session
from ui.cli.output import DONE, REMAINS, Output, describe, exit_code
from ui.cli.secret import read_secret

if TYPE_CHECKING:
    from sync.engine.run import SyncResult

_PASSWORD = "平台密码"  # noqa: S105 - what is asked for


def run(args: argparse.Namespace, output: Output) -> int:
    """Run ``enroll`` or ``sync``."""
    return enroll(args, output) if args.command == "enroll" else sync(args, output)


def enroll(args: argparse.Namespace, output: Output) -> int:
    """Make the profile and register it; a run that was cut short is taken up where it stopped.

    On a registered profile: ``--by`` adds ``--user`` as another person of it, ``--again`` gives it a new
    device id (after it was restored from an old backup, or copied to another computer). Without either, a
    person of the profile is registered under the device id that a colleague had renewed.
    """
    if not args.user:
        raise UserError("请用 --user 写上平台的用户名。什么也没有做。", code="E-USAGE")
    check_target(args.url, practice=False)
    if args.recovery_file is not None and args.recovery_file.exists():
        raise UserError("恢复码要写进一个新文件，这个文件已经有了。什么也没有做。", code="E-EXISTS")
    paths = session.paths_of(args)
    adding = _adding(args, paths)
    password = read_secret(args.password_file, _PASSWORD)
    passphrase = read_secret(args.passphrase_file, f"{args.user} 的新口令" if adding else session.ASKED)
    with session.held(paths):
        if adding:
            _add(args, output, paths, password, passphrase)
            return DONE
        desk, code = _desk(paths, args, passphrase)
        try:
            # Who is registered may be named by their name as well; the platform knows the login.
            login = desk.person.login if desk.person.role else args.user
            if args.again and profile.enrolment_of(desk).complete:
                desk = connection.enrol_again(paths, desk, password, args.device_name, args.url)
            else:
                desk = connection.enrol(
                    paths, desk, url=args.url, user=login, password=password, name=args.device_name,
                    scope="people" if args.own_cases else "",
                )  # fmt: skip
            code = code or profile.new_recovery_code(paths, desk)
            _tell(args, output, paths, desk, code)
        except JiefenError as error:
            error.message = _what_stays(error.message, desk, paths)
            raise
        finally:
            profile.close(desk)
    return DONE


def without_promise(words: str) -> str:
    """What went wrong, without the promise to try again: a command that has ended does nothing later."""
    return re.sub(r"[，；]?稍后自动再试。", "。", words).replace("。。", "。")


def _what_stays(words: str, desk: Desk, paths: ProfilePaths) -> str:
    """What went wrong when registering, and what is there now to go on with."""
    said = without_promise(words)
    if profile.enrolment_of(desk).complete:
        return f"{said}档案没有丢，办好以后再运行同一条命令。"
    return (
        f"{said}档案已建好，留在 {paths.root}，口令就是这次给的那一个。"
        "办好以后再运行同一条命令，会接着登记，不另建档案。"
    )


def _adding(args: argparse.Namespace, paths: ProfilePaths) -> bool:
    """Whether ``--user`` is to become another person of a registered profile. Raises :class:`UserError`."""
    if not paths.exists:
        if args.by:
            raise UserError("这里还没有档案，不能往里加人。请先登记第一位，不写 --by。", code="E-USAGE")
        return False
    people = lockscreen.people_of(paths, SystemClock())
    names = "、".join(person.name for person in people)
    here = any(person.answers_to(args.user) for person in people)
    if args.by and here:
        raise UserError(f"“{args.user}”已经可以在本机登录，不用再加。什么也没有做。", code="E-EXISTS")
    if args.by:
        if args.again:
            raise UserError("--again 换设备编号，--by 加一位同事，请分两次做。什么也没有做。", code="E-USAGE")
        return True
    if not here and any(person.person_id for person in people):
        raise UserError(
            f"本机没有“{args.user}”的登录，可以登录的有：{names}。什么也没有做。"
            f"要在这份档案里加一位，请加 --by 写上其中一位，用 --by-passphrase-file 给出这一位的口令。",
            code="E-NO-PERSON",
        )
    return False


def _add(
    args: argparse.Namespace, output: Output, paths: ProfilePaths, password: str, passphrase: str
) -> None:
    """Another person of the profile; the one named by ``--by`` opens it."""
    opened = read_secret(args.by_passphrase_file, f"{args.by} 的口令")
    desk = profile.unlock(paths, opened, args.by)
    try:
        try:
            joined = connection.add_colleague(
                paths, desk, url=args.url, user=args.user, password=password, passphrase=passphrase
            )
        except JiefenError as error:
            error.message = f"{without_promise(error.message)}没有加人；办好以后再运行同一条命令。"
            raise
        joined.desk.keys.clear()
        _tell(args, output, paths, joined.desk, joined.recovery_code)
    finally:
        profile.close(desk)


def _desk(paths: ProfilePaths, args: argparse.Namespace, passphrase: str) -> tuple[Desk, str]:
    """The desk to register, and its recovery code when the profile was made just now."""
    if not paths.exists:
        return profile.create_profile(paths, NewPerson(args.user, args.user), passphrase)
    people = lockscreen.people_of(paths, SystemClock())
    # A first registration that was cut short may have been begun under a name that was mistyped.
    named = any(person.answers_to(args.user) for person in people)
    desk = profile.unlock(paths, passphrase, args.user if named else "", although_revoked=args.again)
    try:
        if not named:
            enrolment.check_login(desk, args.user)
        if not args.again:
            _check_unregistered(desk)
    except BaseException:
        profile.close(desk)
        raise
    return desk, ""


def _check_unregistered(desk: Desk) -> None:
    if profile.enrolment_of(desk).complete and profile.registered_here(desk):
        raise UserError(
            "这份档案已经登记过，没有改动。要给它换一个设备编号重新登记，请加 --again。", code="E-ENROLLED"
        )


def _tell(args: argparse.Namespace, output: Output, paths: ProfilePaths, desk: Desk, code: str) -> None:
    value: dict[str, Any] = {
        "profile": str(paths.root),
        "device_id": desk.device_id,
        "person": desk.person.name,
        "role": desk.person.role,
        "institution": desk.institution.name,
    }
    lines = [f"已登记：{desk.institution.name}，{desk.person.name}。"]
    if args.recovery_file is None:
        value["recovery_code"] = code
        lines += [f"恢复码：{code}", "请抄下或打印，和电脑分开收好。忘了口令时只有它能打开档案。"]
    else:
        _write_code(args.recovery_file, code)
        value["recovery_file"] = str(args.recovery_file)
        lines.append("恢复码已写进文件，请打印后收好，再删掉这个文件。")
    output.result(value, lines)


def _write_code(path: Path, code: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(code + "\n")


def sync(args: argparse.Namespace, output: Output) -> int:
    """One complete run. Ends with 3 when something still waits or wants a person, 2 when it was cut short.

    On a computer that was revoked it asks whether the platform takes it again; 1 while it does not.
    """
    with session.opened(args, although_revoked=True) as desk:
        if not profile.enrolment_of(desk).complete:
            raise UserError("这份档案还没有登记到平台。请先运行 jiefen enroll。", code="E-NOT-ENROLLED")
        password = "" if args.password_file is None else read_secret(args.password_file, _PASSWORD)
        result = connection.sync_once(desk, password=password)
        if result.error is None:
            revoked.lift(session.paths_of(args), desk)
        skew = clock_line(SyncCentre(desk).standing().clock_skew_seconds)
    value = counts(result)
    if result.error is None:
        output.result(value, [*lines_of(result), *skew])
        return REMAINS if remains(result) else DONE
    code = exit_code(result.error)
    output.result({**value, "error": describe(result.error, code)}, lines_of(result))
    output.error(result.error)
    return code


def counts(result: SyncResult) -> dict[str, Any]:
    """The keys of the JSON form."""
    return {
        "sent": result.sent,
        "received": result.received,
        "waiting": result.waiting,
        "conflicts": result.conflicts,
        "unknown": result.unknown,
        "failed": result.failed,
        "parked": result.parked,
    }


def remains(result: SyncResult) -> bool:
    """Whether work is left: for later runs, or for a person."""
    return bool(result.waiting or result.conflicts or result.unknown or result.failed or result.parked)


def clock_line(seconds: int) -> list[str]:
    """What to say about this computer's clock; nothing while it is right."""
    return [clock_sentence(seconds)] if seconds else []


def lines_of(result: SyncResult) -> list[str]:
    """A run in words."""
    lines = [f"送达 {result.sent} 条，收到 {result.received} 条。"]
    if result.waiting:
        lines.append(f"还有 {result.waiting} 条在本机等着，下次再发。")
    if result.unknown:
        lines.append(f"其中 {result.unknown} 条不知道平台收到没有，下次先问清楚。")
    if result.conflicts:
        lines.append(f"{result.conflicts} 处两边写法不同，请打开窗口选一种。")
    if result.failed:
        lines.append(f"{result.failed} 条平台没有收下，请打开同步中心看原因。")
    if result.parked:
        lines.append(f"平台发来的 {result.parked} 条，这一版程序读不懂，原样存着。请升级程序，之后自动再读。")
    return lines
