"""经过: what two people wrote for one thing and which was taken, one entry a choice, masked."""

from __future__ import annotations

from app.domain.phrases import sentence, within
from app.services.act_words import Difference
from app.services.conflict_views import ConflictView
from ui.pages.sync_settled import CHOSEN

CONVERGED = "两处写法已经一样"
LONGEST = 60
"""Signs of a value that the axis shows; the rest is behind the entry."""


def detail(view: ConflictView) -> str:
    """Who took which, and what was not taken."""
    if view.same:
        return f"两处写的已经一样，不用再选：{sentence(_short(view.mine.text))}"
    who = f"{view.chosen.author}选了" if view.chosen is not None and view.chosen.author else "选了"
    taken = CHOSEN.get(view.choice, "")
    if view.act is not None:
        told = "；".join(_differing(one) for one in view.act.differences)
        return f"{who}{taken}。{sentence(told)}"
    values = {"本机写的": view.mine, "平台上的": view.theirs}
    rest = "；".join(f"{name}{_by(one.author)}：{_short(one.text)}" for name, one in values.items())
    own = f"：{_short(view.chosen.text)}" if view.choice == "edited" and view.chosen is not None else ""
    return f"{who}{taken}{sentence(own) or '。'}{sentence(rest)}{_since(view)}"


def _differing(one: Difference) -> str:
    if one.missed:
        return f"{_short(one.mine)}：{_short(one.theirs)}"
    return f"{one.name} 本机{_short(one.mine)}、平台{_short(one.theirs)}"


def _since(view: ConflictView) -> str:
    """That the value was changed again after the choice, such as by 换成平台上的."""
    chosen = {"mine": view.mine, "theirs": view.theirs}.get(view.choice, view.chosen)
    if not view.now or chosen is None or view.now == chosen.text:
        return ""
    return f"后来又改过，现在写的是：{sentence(_short(view.now))}"


def _by(author: str) -> str:
    return f"（{author}）" if author else ""


def _short(text: str) -> str:
    line = within(text)
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"
