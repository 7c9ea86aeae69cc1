"""``jiefen doctor``, ``backup``, ``restore``, ``verify-audit``: looking after a profile."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from app.clock import SystemClock
from app.paths import ProfilePaths
from app.services import backups, lockscreen
from app.services.backups import Backups
from app.storage import doctor, witness
from app.storage.engine import Store
from app.storage.unlocked import UnlockedKeys
from app.storage.vault import Vault
from ui.cli import session
from ui.cli.output import DONE, ENVIRONMENT, Output
from ui.cli.secret import read_secret

_AREAS = {
    "database": "案件库",
    "vault": "附件",
    "audit": "留痕",
    "outbox": "待发内容",
    "inbox": "收件",
    "backup": "备份",
}


def run(args: argparse.Namespace, output: Output) -> int:
    """Run one of the four."""
    match args.command:
        case "doctor":
            return examine(args, output)
        case "backup":
            return make_backup(args, output)
        case "restore":
            return restore(args, output)
    return verify_audit(args, output)


def examine(args: argparse.Namespace, output: Output) -> int:
    """What was found and what to do; with ``--heal`` damaged parts are first put right from backups.

    Ends with 2 when something is damaged. A missing backup is said, but is no damage.
    """
    with session.keys_of(args) as (paths, keys):
        clock = SystemClock()
        places = backups.places(paths)
        findings = doctor.examine(paths, keys, clock, places=places)
        healed: list[str] = []
        if args.heal and damaged(findings):
            healed = heal(paths, keys, clock, findings)
            findings = doctor.examine(paths, keys, clock, places=places)
    bad = damaged(findings)
    lines = [*healed]
    for finding in findings:
        lines.append(f"{_AREAS[finding.area]}：{finding.text}")
        if finding.advice:
            lines.append(f"  {finding.advice}")
    if any(f.healable for f in bad) and not args.heal:
        lines.append("加上 --heal 再运行一次，会从备份找回；损坏的那一份会留着。")
    value = {"ok": not bad, "findings": [asdict(f) for f in findings], "healed": healed}
    output.result(value, lines)
    return ENVIRONMENT if bad else DONE


def damaged(findings: tuple[doctor.Finding, ...]) -> list[doctor.Finding]:
    """The findings that are damage."""
    return [f for f in findings if not f.ok and f.area != "backup"]


def heal(
    paths: ProfilePaths, keys: UnlockedKeys, clock: SystemClock, findings: tuple[doctor.Finding, ...]
) -> list[str]:
    """Put back what backups hold; says what was done."""
    said = []
    if any(f.area == "database" and not f.ok for f in findings):
        used = backups.heal_with(paths, keys, lockscreen.choose(paths, clock, keys.person_id), clock)
        said.append(
            f"案件库已从备份 {used.path.name} 找回，损坏的那一份在 damaged 文件夹里。{used.salvaged.words}"
            if used
            else "没有找到好的备份，案件库没有动。"
        )
        if used is None:
            return said
    store = Store.open(paths.database, keys.db_key, clock, backups=paths.backups)
    try:
        vault = Vault(paths.vault, keys.vault_key, keys.name_key)
        done, left = doctor.heal_files(store, vault, backups.places(paths))
    finally:
        store.close()
    if done or left:
        said.append(f"附件找回 {done} 个，还有 {left} 个没有找回。")
    return said


def make_backup(args: argparse.Namespace, output: Output) -> int:
    """Write an encrypted backup to a new file and check it."""
    with session.opened(args, although_revoked=True) as desk:
        report = Backups(desk).make(args.file.expanduser().absolute()).value
    value = {
        "file": str(report.path),
        "created_at": report.created_at,
        "size": report.size,
        "attachments": report.files,
        "ok": report.ok,
        "problems": list(report.problems),
    }
    lines = [f"已备份到 {report.path.name}，{report.size:,} 字节，附件 {report.files} 个。"]
    output.result(value, [*lines, *(report.problems or ["已核对，可以用来找回。"])])
    return DONE if report.ok else ENVIRONMENT


def restore(args: argparse.Namespace, output: Output) -> int:
    """Put a backup in the profile's place; what stood there is kept whole under another name."""
    paths = session.paths_of(args)
    passphrase = read_secret(args.passphrase_file, session.ASKED)
    done = backups.restore(args.file.expanduser().absolute(), paths, passphrase, args.user or "")
    previous = str(done.previous) if done.previous else ""
    lines = [f"已找回，共 {done.cases} 件案件。"]
    if previous:
        lines.append(f"原来的档案整份留在 {previous}，确认无误后可以删掉。")
    output.result({"profile": str(done.paths.root), "cases": done.cases, "previous": previous}, lines)
    return DONE


def verify_audit(args: argparse.Namespace, output: Output) -> int:
    """Check the audit chain from its first entry to its last."""
    paths = session.paths_of(args)
    with session.opened(args, although_revoked=True) as desk:
        report = desk.store.read(lambda conn: witness.verify(paths, conn))
    lines = [f"{report.count} 条留痕首尾相接，核对无误。" if report.ok else report.problem]
    if report.ok:
        end = (
            "末尾和上次关闭时记在库外的一样。" if report.witnessed else "库外还没有记下末尾，这次关闭后会记。"
        )
        lines += [end, "有口令的人把库和库外的记录一起重做，本机查不出来，要和平台的回执核对。"]
    value = {
        "ok": report.ok,
        "count": report.count,
        "first_bad": report.first_bad_seq,
        "first_bad_at": report.first_bad_at,
        "head": report.head_hash,
        "signed_heads": report.heads_checked,
        "problem": report.problem,
        "witnessed": report.witnessed,
    }
    output.result(value, lines)
    return DONE if report.ok else ENVIRONMENT
