"""Errors of disk and database, turned into the product's own with Chinese messages."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from pathlib import Path

from app.domain.errors import Cancelled, DamagedFault, DiskFullFault, StorageFault

_FULL_ERRNOS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_HELD_ERRNOS = {errno.EACCES, errno.EPERM, errno.EBUSY, errno.ETXTBSY}
"""Another program holds the file (on Windows this is how it shows), or it may not be written."""
_NEARLY_FULL = 4 * 1024 * 1024
DATABASE = "database"
"""``subject`` of a :class:`DamagedFault` about the case database."""


def disk_full(detail: str = "") -> DiskFullFault:
    """No room left on the disk."""
    return DiskFullFault(
        "磁盘满了，这一步没有存进去。之前存好的都在。请腾出一些空间（例如清空回收站、移走大文件），再试一次。",
        code="E-DISK-FULL",
        detail=detail,
    )


def from_os_error(error: OSError, what: str) -> StorageFault:
    """The fault behind an ``OSError`` met while handling ``what`` (a Chinese noun, no personal data)."""
    detail = f"errno={error.errno} {errno.errorcode.get(error.errno or 0, '')}"
    if error.errno in _FULL_ERRNOS:
        return disk_full(detail)
    if error.errno in _HELD_ERRNOS:
        return StorageFault(
            f"{what}正被另一个程序占用，或不允许写入。已存好的内容没有改动。"
            "请关掉正在拷贝或查杀它的程序，再试一次。",
            code="E-DISK-HELD",
            detail=detail,
        )
    return StorageFault(
        f"{what}读写不成。已存好的内容没有改动。请检查磁盘是否接好、是否只读，再试一次。",
        code="E-DISK",
        detail=detail,
    )


def damaged_database(detail: str) -> DamagedFault:
    """Pages of the database fail their check."""
    return DamagedFault(
        "案件库有一部分损坏，读不出来。原文件没有改动。请在“设置—备份”里从最近一次备份找回，"
        "找回时会留下损坏的那一份。",
        subject=DATABASE,
        detail=detail,
    )


def wrong_key(detail: str) -> DamagedFault:
    """The key does not open the file, or its first page is damaged: the two cannot be told apart."""
    fault = DamagedFault(
        "案件库打不开：钥匙和文件对不上，或文件开头损坏。原文件没有改动。"
        "如果换过或拷过文件，请放回原来的那一份；否则请从最近一次备份找回。",
        subject=DATABASE,
        detail=detail,
    )
    fault.code = "E-KEY"
    return fault


def from_database_error(error: BaseException, path: Path) -> Exception | None:
    """What ``error`` (from the driver, or SQLAlchemy around it) means, or ``None`` for a bug of ours."""
    cause = getattr(error, "orig", None) or error
    text = str(cause)
    primary = getattr(cause, "sqlite_errorcode", None)
    code = (primary or 0) & 0xFF
    detail = f"{type(cause).__name__} {primary}: {text}"
    if "interrupted" in text or code == sqlite3.SQLITE_INTERRUPT:
        return Cancelled()
    if "disk is full" in text or code == sqlite3.SQLITE_FULL:
        return disk_full(detail)
    if "not a database" in text or code == sqlite3.SQLITE_NOTADB:
        return wrong_key(detail)
    if "malformed" in text or code == sqlite3.SQLITE_CORRUPT:
        return damaged_database(detail)
    if "disk I/O error" in text or code == sqlite3.SQLITE_IOERR:
        return _io_error(path, detail)
    if "locked" in text or code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return StorageFault(
            "案件库正被另一个程序占用，这一步没有存进去，之前存好的都在。请关掉正在拷贝或查杀它的程序，再试一次。",
            code="E-DB-BUSY",
            detail=detail,
        )
    if (
        "unable to open" in text
        or "readonly" in text
        or code
        in {
            sqlite3.SQLITE_CANTOPEN,
            sqlite3.SQLITE_READONLY,
            sqlite3.SQLITE_PERM,
        }
    ):
        return StorageFault(
            "案件库打不开或不能写入。已存好的内容没有改动。请检查文件夹是否还在、是否允许写入，再试一次。",
            code="E-DB-OPEN",
            detail=detail,
        )
    return None


def _io_error(path: Path, detail: str) -> StorageFault:
    try:
        free = shutil.disk_usage(path.parent).free
    except OSError as error:
        return from_os_error(error, "案件库所在的磁盘")
    if free < _NEARLY_FULL:
        return disk_full(detail)
    return StorageFault(
        "案件库读写不成，这一步没有存进去，之前存好的都在。请检查磁盘，再试一次。",
        code="E-DB-IO",
        detail=detail,
    )
