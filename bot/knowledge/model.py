"""The right door: which body or hotline handles a trouble. Runs on both Pythons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Door:
    """One body or hotline. `matters` and `words` say when it is the right one; `rank` orders doors that both fit."""

    name: str
    number: str
    handles: str
    matters: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    provider_type: str = ""
    rank: int = 50


# More than three doors is no answer any more.
MAX_DOORS = 3


def right_doors(doors: Iterable[Door], text: str, matter: str = "") -> list[Door]:
    """Return at most MAX_DOORS doors for what a citizen said, the best first; a word said beats a matter guessed.

    When nothing fits, the doors without any condition (the general hotlines) are the answer.
    """
    doors = list(doors)
    scored = [(_fit(door, text, matter), door) for door in doors]
    fitting = sorted((-fit, door.rank, door.name, door) for fit, door in scored if fit)
    found = [entry[-1] for entry in fitting]
    general = [door for door in sorted(doors, key=lambda d: d.rank) if not door.matters and not door.words]
    return (found + [door for door in general if door not in found])[:MAX_DOORS]


def _fit(door: Door, text: str, matter: str) -> int:
    words = sum(len(word) for word in door.words if word in text)
    return 10 * words + (5 if matter and matter in door.matters else 0)
