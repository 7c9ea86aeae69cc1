"""The log file: rotating, in the profile, with personal data struck out before anything is written.

Nothing is printed: a windowed build has no standard output. Redaction works on the finished line,
tracebacks included, so nothing slips past it through an exception's text.
"""

from __future__ import annotations

import logging
import logging.handlers
import re
import threading
from collections.abc import Iterable
from pathlib import Path

FILE_NAME = "jiefen.log"
_MAX_BYTES = 2 * 1024 * 1024
_KEPT = 5
_FORMAT = "%(asctime)s %(levelname)s %(name)s [%(threadName)s] %(message)s"
_SHORTEST_NAME = 2

_WIDE = {0xFEE0 + code: code for code in range(0x21, 0x7F)}
"""Full-width forms of ASCII: a number typed in them is a number."""
_MOST_NAMES = 5000
"""Names kept to strike out: those of the cases used last."""
_LETTER = "0-9A-HJ-NPQRTUWXY"
"""What a 统一社会信用代码 is made of."""
_HAN = "\u4e00-\u9fff"

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "[邮箱]"),
    (re.compile(r"(?<![0-9A-Za-z])[1-9](?:[ -]?\d){16}[ -]?[0-9Xx](?![0-9A-Za-z])"), "[证件号]"),
    (
        re.compile(rf"(?<![0-9A-Za-z])[{_LETTER}]{{2}} ?\d{{6}} ?[{_LETTER}]{{10}}(?![0-9A-Za-z])"),
        "[信用代码]",
    ),
    (re.compile(r"(?<![0-9A-Za-z])[A-Z]{1,2}(?: ?\d){7,10}(?![0-9A-Za-z])"), "[证件号]"),
    (
        re.compile(rf"[{_HAN}]{{2,12}}(?:路|街|道|弄|巷|村|苑|里|小区)\d+(?:弄|号|幢|栋|室)[{_HAN}\d-]*"),
        "[地址]",
    ),
    (re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)"), "[电话]"),
    (re.compile(r"(?<![\dA-Za-z.-])\(?0\d{2,3}\)?[- ]?\d{4}[- ]?\d{3,4}(?!\d)"), "[电话]"),
    (re.compile(r"(?i)\b(bearer|token|passphrase|password|authorization)(\W{1,4})[^\s,;'\"]+"), r"\1\2[略]"),
    (re.compile(r"(?i)\b[0-9a-f]{64,}\b"), "[十六进制]"),
)  # fmt: skip


class Redactor:
    """Strikes out numbers by their form, and the names it has been told, the latest few thousand."""

    def __init__(self) -> None:
        self._names: dict[str, None] = {}
        self._pattern: re.Pattern[str] | None = None
        self._lock = threading.Lock()

    def add_names(self, names: Iterable[str]) -> None:
        """Names (of people, parties) to strike out from now on. Cheap: called for each case in hand."""
        with self._lock:
            for name in names:
                if len(name) >= _SHORTEST_NAME:
                    if self._names.pop(name, 0) == 0:
                        self._pattern = None
                    self._names[name] = None
            while len(self._names) > _MOST_NAMES:
                del self._names[next(iter(self._names))]

    def forget_names(self) -> None:
        """Drop all names, when the profile is locked or closed."""
        with self._lock:
            self._names, self._pattern = {}, None

    def redact(self, text: str) -> str:
        """``text`` without personal data."""
        text = text.translate(_WIDE)
        names = self._of_names()
        if names is not None:
            text = names.sub("[姓名]", text)
        for pattern, instead in _PATTERNS:
            text = pattern.sub(instead, text)
        return text

    def _of_names(self) -> re.Pattern[str] | None:
        """All names as one pattern, made when something is logged: names come far more often."""
        with self._lock:
            if self._pattern is None and self._names:
                longest_first = sorted((n.translate(_WIDE) for n in self._names), key=len, reverse=True)
                self._pattern = re.compile("|".join(map(re.escape, longest_first)))
            return self._pattern


class RedactingFormatter(logging.Formatter):
    """Formats a record, traceback and all, then strikes out personal data."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__(_FORMAT)
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        return self._redactor.redact(super().format(record))


def start(folder: Path, redactor: Redactor, *, level: int = logging.INFO) -> logging.Handler:
    """Log into ``folder`` from now on; hand the result to :func:`stop`. Raises ``StorageFault``."""
    from app.storage.faults import from_os_error

    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handler = logging.handlers.RotatingFileHandler(
            folder / FILE_NAME, maxBytes=_MAX_BYTES, backupCount=_KEPT, encoding="utf-8", delay=True
        )
    except OSError as error:
        raise from_os_error(error, "日志文件夹") from error
    handler.setFormatter(RedactingFormatter(redactor))
    handler.setLevel(level)
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(min(root.level or level, level))
    return handler


def stop(handler: logging.Handler) -> None:
    """Flush and close what :func:`start` opened."""
    logging.getLogger().removeHandler(handler)
    handler.close()
