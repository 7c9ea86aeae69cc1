"""Invented cases that fill the practice institution beside the told stories."""

from __future__ import annotations

from typing import Any


def fillers(titles: dict[str, list[str]]) -> list[dict[str, Any]]:
    """Plainer cases, two of each dispute class, in the states that the told stories leave thin."""
    made = []
    pairs = [(kind, title) for kind, names in titles.items() for title in names]
    for number, (kind, title) in enumerate(pairs):
        shape = number % 9
        start = {0: 16, 1: 70, 2: 110, 3: 3, 4: 60, 5: 20, 6: 15, 7: 12, 8: 50}[shape] + number % 4
        source = "platform" if shape in (5, 6) else ("walk_in", "own_motion", "police", "court")[number % 4]
        made.append(
            {
                "title": title,
                "kind": kind,
                "source": source,
                "received": f"w-{start} 09:30",
                "serial": 10 + number,
                "number": 150 + number,
                "amount": 20000 * (number + 1),
                "claims": f"就“{title}”给个说法，赔偿损失",
                "applicant": [{}],
                "respondent": [{}],
                "facts": f"双方因{title}发生争执，社区劝过一次，没有谈成。",
                "steps": _steps(shape, start, number),
            }
        )
    return made


def _steps(shape: int, start: int, number: int) -> list[list[Any]]:
    def day(after: int, clock: str = "10:00") -> str:
        return f"w{after - start:+d} {clock}"

    fen = 20000 * (number + 1)
    begun: list[list[Any]] = [[day(1), "contact", "willing", "愿意谈"], [day(2), "accept"]]
    talked: list[list[Any]] = [*begun, [day(6, "14:00"), "session", "next_time", "各自回去想想"]]
    # One case each quarter of these has run past its 30 working days, so that the demo shows it.
    late: list[list[Any]] = [
        [f"w-{start + 18} 09:40", "contact", "willing", "愿意谈"],
        [f"w-{start + 17} 10:00", "accept"],
    ]
    due = f"w+{6 + number % 9}" if shape == 7 else f"w-{max(start - 15, 1)}"
    terms = {"payments": [["respondent", "applicant", fen, due]]}
    agreed: list[list[Any]] = [
        *begun,
        [day(8, "14:00"), "session", "agreed", "谈成"],
        [day(8, "15:00"), "agree", terms],
        [day(8, "15:20"), "sign", "all"],
    ]
    paid: list[list[Any]] = [[day(14), "perform", 1, fen], [day(18), "follow_up", "full"]]
    closed: list[list[Any]] = [*agreed, [day(10), "close", "本机构组织调解"], *paid]
    failed: list[list[Any]] = [
        *talked,
        [day(12), "conclude", "failed", "分歧较大难以达成"],
        [day(13), "close", "告知其他途径"],
    ]
    withdrawn = [
        *talked,
        [day(9), "conclude", "withdrawn", "申请人撤回"],
        [day(10), "close", "当事人自行和解"],
    ]
    unwilling: list[list[Any]] = [[day(1), "contact", "unwilling", "不接受调解"], [day(2), "refuse", "N3"]]
    shapes: dict[int, list[list[Any]]] = {
        0: late if number == 9 else [*talked, [f"w+{2 + number % 5} 09:30", "next", "第一调解室"]],
        1: closed,
        2: [*closed, [day(30), "archive"]],
        3: begun,
        4: failed,
        5: unwilling,
        6: [[day(2), "hand_back", "不在本街道范围"]],
        7: agreed,
        8: withdrawn,
    }
    return shapes[shape]
