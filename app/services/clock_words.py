"""What is said of a computer's clock that differs from the platform's. Light: the first paint uses it."""

from __future__ import annotations

CLOCK_SKEW = "sync.clock_skew_seconds"
"""In ``meta``: how far the clock is ahead of the platform's when that is worth saying; else empty."""

_MINUTE, _HOUR, _DAY, _YEAR = 60, 3600, 86400, 365.25 * 86400


def clock_off(seconds: int) -> str:
    """How far a clock is off, such as “快约 10 年”. ``seconds`` is positive when it is ahead."""
    far = abs(seconds)
    for unit, name, least in ((_YEAR, "年", 0.9), (_DAY, "天", 1.5), (_HOUR, "小时", 0.9)):
        if far >= unit * least:
            return f"{'快' if seconds > 0 else '慢'}约 {round(far / unit)} {name}"
    return f"{'快' if seconds > 0 else '慢'}约 {max(1, round(far / _MINUTE))} 分钟"


def clock_sentence(seconds: int) -> str:
    """What happened, what goes on all the same, what to do."""
    return (
        f"这台电脑的钟比平台{clock_off(seconds)}。内容照常收发，先后次序不受影响；"
        "但今天几号、期限还剩几天、写下的时间都按本机的钟算，会不准。"
        "请在系统设置里对准日期、时间和时区，下次收发后这条提醒自己消失。"
    )
