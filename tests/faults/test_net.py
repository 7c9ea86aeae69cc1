"""NET: what a network does to a request."""

from __future__ import annotations

import pytest

from tests.harness.steps import Act, Exchange, Pass, Play


def told(play: Play, code: str, words: str) -> None:
    """What the sync centre says while the fault lasts: the cause, and that everything is kept."""
    standing = play.world.computers[0].office.sync_centre.standing()
    assert standing.error_code == code
    assert words in standing.error
    assert "内容都在本机" in standing.error
    assert standing.next_attempt_at is not None


@pytest.mark.parametrize(
    ("fate", "words"),
    [
        pytest.param("no_name", "找不到平台的地址", marks=pytest.mark.fault("NET.dns_fail")),
        pytest.param("refused", "没有连上平台", marks=pytest.mark.fault("NET.refuse")),
        pytest.param("connect_timeout", "没有连上平台", marks=pytest.mark.fault("NET.connect_timeout")),
    ],
)
def test_nothing_arrives(play: Play, fate: str, words: str) -> None:
    play.take(Act(0, "note"))
    play.take(Pass(11))
    play.take(Exchange(0, (fate,)))
    told(play, "E-UNREACHABLE", words)
    play.rest()
