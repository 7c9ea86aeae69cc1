"""What a step may be, drawn from a number: what is interesting is drawn more often."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from tests.harness.acts import ACTS, PLATFORM_ACTS
from tests.harness.line import FATES, OUTAGES
from tests.harness.steps import (
    SKEWS,
    Act,
    Arrive,
    Elsewhere,
    Everybody,
    Exchange,
    Lose,
    Pass,
    Restart,
    SignIn,
    Skew,
    Step,
)
from tests.harness.written import Sequence

WAITS = (11, 11, 1, 320, 60, 4000, 90_000)
"""Seconds: past the undo window and within it, past long and short back-offs, past the hour, past the day."""
ACT_WEIGHTS = {"agree": 3, "lodge": 6, "supplement": 4, "address": 6, "phone": 3, "resolve": 5, "undo": 2,
               "pack": 3, "carry": 4, "read_back": 4}  # fmt: skip
PLATFORM_WEIGHTS = {"court": 8, "colleague": 4, "dispatch": 2, "restore": 2}
CASES = (0, 0, 0, 0, 1, 2)
"""Most happens on one case: that is where people meet."""
AGREED: tuple[Step, ...] = (Act(0, "agree"), Pass(11), Everybody(), Everybody())
ASKED: tuple[Step, ...] = (
    *AGREED, Act(0, "lodge"), Exchange(0, wait=11), Elsewhere("court", 0, 1), Everybody(),
)  # fmt: skip
"""As :data:`AGREED`; its court has the application, and asked for more."""
ANSWERED: tuple[Step, ...] = (*ASKED, Act(0, "supplement"), Exchange(0, wait=11))
"""As :data:`ASKED`, and has got it."""
DISPUTED: tuple[Step, ...] = (
    Act(0, "address", 0, 0), Exchange(0, wait=11), Act(1, "particulars", 0, 1), Exchange(1, wait=11),
)  # fmt: skip
"""Two have written the same field; of what one wrote with it, the other field stands."""
MEDIATING: tuple[Step, ...] = (
    Act(0, "contact", 0, 0), Act(0, "accept"), Pass(11), Everybody(), Everybody(),
)  # fmt: skip
"""A case is being mediated, and every computer has it so."""
TWO_TEXTS: tuple[Step, ...] = (
    *MEDIATING, Act(0, "fix_text"), Exchange(0, wait=11), Act(1, "fix_text", 0, 1), Exchange(1, wait=11),
)  # fmt: skip
"""Two have fixed an agreement each: the later one has to choose."""
LODGED: tuple[Step, ...] = (Act(0, "lodge"), Exchange(0, wait=11))


def _let_go(number: int) -> tuple[Step, ...]:
    """The application of this number, from 0, is withdrawn, and the court permits it."""
    return (Act(0, "take_back"), Exchange(0, wait=11), Elsewhere("court", number, 5), Everybody())


BACKUP = Elsewhere("backup")
ROUNDS: tuple[Step, ...] = (*AGREED, *LODGED, BACKUP, *_let_go(0), *LODGED)
"""The court let the first application go, which a backup does not know yet, and has the second."""
ROUND_OVER: tuple[Step, ...] = (*AGREED, BACKUP, *LODGED, *_let_go(0))
"""The court let the only application go, and a backup knows nothing of it."""
ROUNDS_OVER: tuple[Step, ...] = (*AGREED, *LODGED, *_let_go(0), BACKUP, *LODGED, *_let_go(1))
"""Two rounds are over; a backup knows the first."""
SUPPLIED_OVER: tuple[Step, ...] = (
    *AGREED, BACKUP, *LODGED, Elsewhere("court", 0, 1), Everybody(), Act(1, "supplement"),
    Exchange(1, wait=11), Everybody(), Elsewhere("court", 0, 2), Everybody(),
)  # fmt: skip
"""A colleague supplied what the court asked for, the court has ruled, and a backup knows nothing of it."""
WORDS_ONLY: tuple[Step, ...] = (
    Act(1, "attach", 0, 1), Exchange(1, fates=("", "", "", *("refused",) * 6), wait=11), Exchange(0, wait=11),
)  # fmt: skip
"""A colleague's paper is known everywhere, and its bytes are nowhere but there."""
PACKED: tuple[Step, ...] = (*ASKED, Act(0, "supplement"), Pass(11), Act(0, "pack"))
"""What the court asked for lies on the stick."""
PACKED_FIRST: tuple[Step, ...] = (*AGREED, Act(0, "lodge"), Pass(11), Act(0, "pack"))
"""The application does."""
ELSEWHERE: tuple[Step, ...] = (*AGREED, BACKUP, *WORDS_ONLY, *LODGED)
"""An application waits for such a paper."""
ELSEWHERE_ASKED: tuple[Step, ...] = (*ASKED, *WORDS_ONLY, Act(0, "supplement"), Exchange(0, wait=11))
"""A supplement does."""
BEGINNINGS = {
    "agreed": AGREED, "asked": ASKED, "answered": ANSWERED, "disputed": DISPUTED, "rounds": ROUNDS,
    "mediating": MEDIATING, "two_texts": TWO_TEXTS, "round_over": ROUND_OVER, "rounds_over": ROUNDS_OVER,
    "packed": PACKED, "packed_first": PACKED_FIRST,
    "supplied_over": SUPPLIED_OVER, "elsewhere": ELSEWHERE, "elsewhere_asked": ELSEWHERE_ASKED,
}  # fmt: skip
FOLLOWED = "acts=supplement,take_back,lodge,note platform=restore,restore,court fates=lose_reply,refused"
"""What follows an application, and a platform that forgets: seldom drawn one after the other by chance."""
CHOOSING = (
    "acts=resolve,resolve,particulars,address,undo platform=colleague,restore,backup "
    "fates=lose_reply,refused disputed"
)
"""What somebody chooses between two values."""
MEETING = (
    "acts=appoint,session,suspend,suspend,fail,resolve platform=restore,backup "
    "fates=lose_reply,refused mediating"
)
"""Two people appoint a session, stop the clock of one case, and end it."""
DECIDING = "acts=accept,hand_back,fail,resume,agree,fix_text,close,resolve,resolve platform=backup,restore"
"""Two people decide the same case, and choose between the two."""
SIGNING = (
    "acts=sign,sign,sign,perform,perform,fix_text,resume platform=restore,backup "
    "fates=lose_reply,refused agreed"
)
"""Two people register, and put right, when one agreement was signed and performed."""
WAITING = (
    "acts=supplement,take_back,recall,recall,lodge platform=restore,backup,court fates=lose_reply,refused"
)
"""What an application asks for lies here, and is taken back again."""
BY_STICK = (
    "acts=carry,carry,carry,read_back,read_back,give_up,recall,take_back,supplement,lodge,pack "
    "platform=restore,backup,court fates=lose_reply offline"
)
"""It lies on a stick, which is carried, gets lost, comes back with a receipt or without."""
SECOND_ROUND = "acts=lodge,lodge,take_back,note platform=restore,restore,court fates=lose_reply,refused"
"""What comes after a first application that the court let go."""
LATER_ROUNDS = ("rounds", "rounds", "round_over", "rounds_over", "supplied_over")
BURNT = "platform=restore,restore,backup fates=lose_reply,refused loses"
"""A computer burns on the day on which the platform has to be restored."""
BURNING = (
    f"acts=accept,session,fail,note,hand_back {BURNT} mediating",
    f"acts=fix_text,sign,note,lodge {BURNT} mediating",
    f"acts=lodge,take_back,resume,note {BURNT} agreed",
    f"acts=resume,lodge,sign,fix_text {BURNT} rounds",
    f"acts=lodge,go_without,attach,take_back {BURNT} elsewhere",
    f"acts=supplement,go_without,attach,take_back {BURNT} elsewhere_asked",
    f"acts=add_party,particulars,address,note,contact {BURNT}",
)
FOLLOWED_SHARE, CHOOSING_SHARE, ROUND_SHARE, BURNT_SHARE = 0.08, 0.14, 0.03, 0.03
BURNS = 0.05
"""Share of the steps at which a computer burns, where that is what a sequence is about."""
NO_LINE = 0.85
"""Share of the exchanges that do not come about where computers seldom have a line."""
LARGEST = 2**32 - 1
COMPUTERS = (3, 3, 3, 4, 5)
"""How many computers a world has, the usual number first."""


@dataclass(frozen=True)
class Mood:
    """What a sequence is about. Few things drawn often meet; many drawn seldom pass each other by."""

    people: tuple[int, ...]
    acts: tuple[str, ...]
    platform: tuple[str, ...]
    fates: tuple[str, ...]
    deadly: bool
    """Whether half of what is done ends a process."""
    loses: bool = False
    """Whether computers burn."""
    offline: bool = False
    """Whether computers seldom have a line, and what goes, goes by the stick."""
    begin: str = ""
    """One of :data:`BEGINNINGS`; empty for one that begins with the template as it is."""


def _names(acts: Mapping[str, object], weights: dict[str, int]) -> list[str]:
    return [name for name in acts for _ in range(weights.get(name, 1))]


_ACTS = _names(ACTS, ACT_WEIGHTS)
_PLATFORM_ACTS = _names(PLATFORM_ACTS, PLATFORM_WEIGHTS)


@lru_cache(maxsize=1000)
def mood(key: int, computers: int) -> Mood:
    """The mood that a sequence's key stands for; every fourth is about everything."""
    followed = random.Random(f"followed {key}")
    roll = followed.random()
    if roll < FOLLOWED_SHARE:
        begin = followed.choice(("asked", "answered", "packed", "packed_first"))
        about = followed.choice((FOLLOWED, WAITING)) if begin in ("asked", "answered") else BY_STICK
        return aimed(f"{about} {begin}")
    if roll < FOLLOWED_SHARE + CHOOSING_SHARE:
        return aimed(
            followed.choice(
                (
                    CHOOSING,
                    CHOOSING,
                    MEETING,
                    MEETING,
                    SIGNING,
                    f"{DECIDING} mediating",
                    f"{DECIDING} two_texts",
                )
            )
        )
    if roll < FOLLOWED_SHARE + CHOOSING_SHARE + ROUND_SHARE:
        return aimed(f"{SECOND_ROUND} {followed.choice(LATER_ROUNDS)}")
    if roll < FOLLOWED_SHARE + CHOOSING_SHARE + ROUND_SHARE + BURNT_SHARE:
        return aimed(followed.choice(BURNING))
    chance = random.Random(f"mood {key}")
    everybody = tuple(range(computers))
    deadly = chance.random() < 0.25
    if chance.random() < 0.25:
        return Mood(everybody, tuple(_ACTS), tuple(_PLATFORM_ACTS), FATES, deadly)
    return Mood(
        tuple(sorted(chance.sample(everybody, 2))),
        tuple(chance.choices(_ACTS, k=4)),
        tuple(chance.choices(_PLATFORM_ACTS, k=2)),
        tuple(chance.choices(FATES, k=3)),
        deadly,
    )


def aimed(text: str) -> Mood:
    """The mood that words such as ``acts=note,lodge platform=restore fates=lose_reply deadly loses`` ask for.

    What is not named is calm: nobody at the platform does more than make backups, and the line is good.
    Raises ``ValueError`` for a word that is none of these.
    """
    told = {"people": "0,1", "acts": "note", "platform": "backup", "fates": ""}
    words = text.split()
    for word in words:
        name, _, values = word.partition("=")
        if name not in ("deadly", "loses", "offline", *BEGINNINGS, *told):
            raise ValueError(f"no such aim: {word}")
        told[name] = values
    people = tuple(int(one) for one in told["people"].split(","))
    acts, platform, fates = (tuple(told[name].split(",")) for name in ("acts", "platform", "fates"))
    begin = next((name for name in BEGINNINGS if name in words), "")
    return Mood(people, acts, platform, fates, "deadly" in words, "loses" in words, "offline" in words, begin)


def step(key: int, number: int, computers: int, about: Mood | None = None) -> Step:
    """The step that ``number`` stands for, in a sequence with this ``key`` and so many computers.

    Small numbers and repetitions are dear to whoever draws; the key makes them differ between sequences.
    """
    chance = random.Random(f"{key} {number}")
    about = about or mood(key, computers)
    if about.loses and chance.random() < BURNS:
        return Lose(chance.choice(about.people))
    roll, bound = chance.random(), 0.0
    for share, made in _SHARES:
        bound += share
        if roll < bound:
            seldom = about.offline and made is _exchange and chance.random() < NO_LINE
            return _act(chance, about) if seldom else made(chance, about)
    return _rare(chance, about)


def sequence(seed: int, length: int, aim: str = "") -> Sequence:
    """A sequence of at most ``length`` steps, drawn without Hypothesis: to go through many at little cost.

    ``aim`` may say what it is to be about, as :func:`aimed` reads it.
    """
    chance = random.Random(f"sequence {seed}")
    key, computers = chance.randint(0, LARGEST), chance.choice(COMPUTERS)
    many = chance.randint(1, length)
    about = aimed(aim) if aim else mood(key, computers)
    drawn = [step(key, chance.randint(0, LARGEST), computers, about) for _ in range(many)]
    return Sequence(computers, (*beginning(about), *drawn))


def beginning(about: Mood) -> tuple[Step, ...]:
    """The steps with which a sequence of this mood begins."""
    return BEGINNINGS.get(about.begin, ())


def _act(chance: random.Random, about: Mood) -> Step:
    end = _end(chance, 0.5 if about.deadly else 0.06)
    pc = chance.choice(about.people)
    return Act(pc, chance.choice(about.acts), chance.choice(CASES), chance.randrange(4), end)


def _exchange(chance: random.Random, about: Mood) -> Step:
    pc, wait = chance.choice(about.people), chance.choice((0, 0, 11, 11, 320))
    kind = chance.random()
    if kind < 0.05:
        return Exchange(pc, (chance.choice(OUTAGES),) * 40, wait=wait)
    if kind < 0.15:
        other = chance.choice([one for one in about.people if one != pc])
        return Exchange(pc, beside=(other, chance.randrange(9)), wait=wait)
    fates: tuple[str, ...] = ()
    if kind < 0.55:
        fates = _one_late(chance, about) if chance.random() < 0.5 else _many(chance, about)
    ends = _end(chance, 0.4 if about.deadly else 0.1), _end(chance, 0.2 if about.deadly else 0.08)
    return Exchange(pc, fates, *ends, wait=wait)


def _many(chance: random.Random, about: Mood) -> tuple[str, ...]:
    many = 1 + chance.randrange(chance.choice((4, 10, 30)))
    return tuple(chance.choice(about.fates) if chance.random() < 0.35 else "" for _ in range(many))


def _one_late(chance: random.Random, about: Mood) -> tuple[str, ...]:
    """All goes well for a while: a line bad from the start seldom lets a run get as far as filing."""
    return (*("" for _ in range(chance.randrange(chance.choice((6, 40))))), chance.choice(about.fates))


def _end(chance: random.Random, share: float) -> int | None:
    """The point at which a process ends, most often one of the first: a quiet exchange has no more."""
    return chance.randrange(chance.choice((4, 8, 25))) if chance.random() < share else None


def _elsewhere(chance: random.Random, about: Mood) -> Step:
    return Elsewhere(chance.choice(about.platform), chance.choice(CASES), chance.randrange(7))


def _pass(chance: random.Random, _about: Mood) -> Step:
    return Pass(chance.choice(WAITS))


def _rare(chance: random.Random, about: Mood) -> Step:
    pc = chance.choice(about.people)
    return chance.choice(
        (
            Skew(pc, chance.choice(SKEWS)),
            Everybody(),
            Everybody(),
            Restart(pc),
            Restart(-1),
            SignIn(pc),
            Arrive(1 + chance.randrange(3), chance.random() < 0.5),
        )
    )


_SHARES: tuple[tuple[float, Callable[[random.Random, Mood], Step]], ...] = (
    (0.42, _act), (0.34, _exchange), (0.12, _elsewhere), (0.05, _pass),
)  # fmt: skip
