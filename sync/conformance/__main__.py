"""``python -m sync.conformance --url URL --people FILE``: check a server against the contract.

Exit codes: 0 nothing failed, 1 something failed, 2 the checks could not be made.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import requests

from sync.conformance import checks, report
from sync.conformance.bench import Loan
from sync.conformance.control import SandboxControl
from sync.conformance.registry import Check, chosen
from sync.conformance.run import make
from sync.conformance.seat import Login, Seat
from sync.conformance.verdict import BudgetSpent, Failed, Unreachable
from sync.conformance.wire import Meter, Wire

PASSED, FAILED, IMPOSSIBLE = 0, 1, 2
MOST = 8000
PEOPLE = """{"first": {"user": "…", "password": "…"}, "second": {…}, "statistician": {…}, "neighbour": {…}}"""


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m sync.conformance", description="按约定检查一个平台")
    parser.add_argument("--url", help="平台的地址，不带 /v1")
    parser.add_argument("--people", type=Path, help=f"借用的人，JSON 文件：{PEOPLE}".replace("%", "%%"))
    parser.add_argument("--control-token", default="", help="参考平台控制口的口令；没有就不检查法院动作等")
    parser.add_argument("--ca-file", default="", help="测试系统自己的证书机构")
    parser.add_argument("--only", default="", help="只做这些，逗号分开，可以写前缀：cmd,tus.empty")
    parser.add_argument("--list", action="store_true", help="列出所有检查")
    parser.add_argument("--json", action="store_true", help="结果写成 JSON")
    parser.add_argument("--max-requests", type=int, default=MOST, help=f"最多发多少次请求（{MOST}）")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Make the checks and report."""
    options = arguments(argv)
    picked = chosen([word for word in options.only.split(",") if word])
    if not picked:
        return _say(f"没有叫“{options.only}”的检查，--list 列出所有检查。")
    if options.list:
        print(report.listing(picked))
        return PASSED
    if not options.url or options.people is None:
        return _say("要写 --url 和 --people。--help 说明怎么写。")
    try:
        loan = people(options.url, json.loads(options.people.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        return _say(f"借用的人没有读懂：{error}。文件写成 {PEOPLE}")
    return _run(options, loan, picked)


def people(url: str, data: dict[str, Any]) -> Loan:
    """The people lent, read from the file. Raises ``KeyError`` where one of the two needed is missing."""
    logins = {role: Login(str(who["user"]), str(who["password"])) for role, who in data.items()}
    return Loan(url, logins["first"], logins["second"], logins.get("statistician"), logins.get("neighbour"))


def _run(options: argparse.Namespace, loan: Loan, picked: list[Check]) -> int:
    def opener() -> requests.Session:
        session = requests.Session()
        session.trust_env = False
        session.verify = options.ca_file or True
        return session

    _tell(loan, picked, options.max_requests)
    meter = Meter(options.max_requests)
    control = SandboxControl(loan.url, options.control_token, opener) if options.control_token else None
    begun = time.monotonic()
    results: list[report.Result] = []
    try:
        _reachable(loan, opener, meter)
        for result in make(picked, loan, opener, meter, control):
            results.append(result)
            if not options.json:
                print(report.line(result), flush=True)
    except (Failed, Unreachable, BudgetSpent) as reason:
        _say(f"没有做完：{reason}。")
        return IMPOSSIBLE
    finally:
        if control is not None:
            control.close()
    took = time.monotonic() - begun
    if options.json:
        print(report.as_json(loan.url, results, meter.sent, took))
    else:
        print(report.summary(results, meter.sent, took))
    return FAILED if any(result.outcome == "failed" for result in results) else PASSED


def _tell(loan: Loan, picked: list[Check], most: int) -> None:
    """Say before beginning what will be written."""
    print(
        f"将在 {loan.url} 做 {len(picked)} 项检查，最多 {most} 次请求。\n"
        f"会写入：编的案件（标题带“合规检查”）、编的当事人、随机内容的小文件、给法院的练习申请；"
        f"每项登记一到几台设备，做完就停用；会租用一些编号。\n"
        f"借用的人：{loan.first.user}、{loan.second.user}。只用在测试系统上。",
        file=sys.stderr,
        flush=True,
    )


def _reachable(loan: Loan, opener: Any, meter: Meter) -> None:
    """Enrol and sign in once. Raises where the address or the people are wrong."""
    for login in (loan.first, loan.second, loan.statistician, loan.neighbour):
        if login is None:
            continue
        seat = Seat(Wire(loan.url, opener, meter), login)
        seat.enrol()
        seat.sign_in()
        seat.leave()


def _say(text: str) -> int:
    print(text, file=sys.stderr)
    return IMPOSSIBLE


if __name__ == "__main__":
    assert checks.__all__
    sys.exit(main())
