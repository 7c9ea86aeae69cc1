"""What the caller sees: a table in Chinese, or JSON."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from typing import Literal

from sync.conformance.registry import Check

Outcome = Literal["passed", "failed", "not_checked"]
WORDS: dict[str, str] = {"passed": "合格", "failed": "不合格", "not_checked": "没有检查"}


@dataclass(frozen=True)
class Result:
    """One check's end. ``seconds`` of wall time; ``evidence`` in Chinese, empty where it passed."""

    check: Check
    outcome: Outcome
    evidence: str
    seconds: float
    requests: int


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(ch) in "WF" else 1 for ch in text)


def _cell(text: str, width: int) -> str:
    return text + " " * max(0, width - _width(text))


def line(result: Result) -> str:
    """One result as a line, its evidence beneath."""
    entry = result.check
    text = f"{_cell(WORDS[result.outcome], 9)}{_cell(entry.check_id, 26)}{entry.zh}"
    if result.evidence:
        lead = "需要：" if result.outcome == "not_checked" else f"{entry.clause}："
        text += f"\n{' ' * 9}{lead}{result.evidence}"
    return text


def summary(results: list[Result], sent: int, seconds: float) -> str:
    """The last line."""
    counts = {word: sum(r.outcome == word for r in results) for word in WORDS}
    told = "，".join(f"{WORDS[word]} {count}" for word, count in counts.items())
    return f"共 {len(results)} 项：{told}。发了 {sent} 次请求，用了 {seconds:.0f} 秒。"


def as_json(url: str, results: list[Result], sent: int, seconds: float) -> str:
    """Everything for a program."""
    rows = [
        {
            "id": r.check.check_id, "clause": r.check.clause, "zh": r.check.zh, "en": r.check.en,
            "outcome": r.outcome, "evidence": r.evidence, "seconds": round(r.seconds, 3),
            "requests": r.requests,
        }
        for r in results
    ]  # fmt: skip
    whole = {"url": url, "contract": 1, "requests": sent, "seconds": round(seconds, 1), "checks": rows}
    return json.dumps(whole, ensure_ascii=False, indent=1)


def listing(checks: list[Check]) -> str:
    """All checks with their clauses, in both languages."""
    return "\n".join(f"{_cell(c.check_id, 26)}{_cell(c.clause, 28)}{c.zh}\n{' ' * 54}{c.en}" for c in checks)
