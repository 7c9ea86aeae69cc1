"""Making the checks, one after the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator

import requests

from sync.conformance.bench import Bench, Loan
from sync.conformance.control import Control
from sync.conformance.registry import Check
from sync.conformance.report import Outcome, Result
from sync.conformance.verdict import Failed, NotChecked, Unreachable
from sync.conformance.wire import Meter

Opener = Callable[[], requests.Session]


def make(
    checks: Iterable[Check], loan: Loan, opener: Opener, meter: Meter, control: Control | None
) -> Iterator[Result]:
    """Make ``checks`` and yield each result. Raises :class:`BudgetSpent` when the requests are used up."""
    for entry in checks:
        yield _one(entry, Bench(loan, opener, meter, control), meter)


def _one(entry: Check, bench: Bench, meter: Meter) -> Result:
    begun, sent = time.monotonic(), meter.sent
    outcome: Outcome = "passed"
    evidence = ""
    try:
        entry.work(bench)
    except Failed as failure:
        outcome, evidence = "failed", str(failure)
    except Unreachable as failure:
        outcome, evidence = "failed", str(failure)
    except NotChecked as need:
        outcome, evidence = "not_checked", str(need)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as surprise:
        # The server's JSON has another shape than the contract's: what was reached for is the evidence.
        outcome, evidence = "failed", f"回复的形状不合约定：{type(surprise).__name__} {surprise}"[:300]
    finally:
        bench.clear()
    return Result(entry, outcome, evidence, time.monotonic() - begun, meter.sent - sent)
