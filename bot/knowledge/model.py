"""The right door: which body or hotline handles a trouble. Runs on both Pythons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Door:
    """One body or hotline. `matters` and `words` say when it is the right one; `rank` orders doors that both fit.

    `civil`: for quarrels between people, which no petition settles. `say` is what to say there.
    """

    name: str
    number: str
    handles: str
    matters: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    provider_type: str = ""
    rank: int = 50
    civil: bool = False
    say: str = ""

    @property
    def general(self) -> bool:
        """Whether it takes anything."""
        return not self.matters and not self.words


# Whoever says this of a quarrel with somebody would go to an office that can only send it on.
_PETITION = ("信访", "上访")
# More than three doors is no answer any more.
MAX_DOORS = 3


def right_doors(doors: Iterable[Door], text: str, matter: str = "") -> list[Door]:
    """Return at most MAX_DOORS doors for what a citizen said, the best first; a word said beats a matter guessed.

    When nothing fits, the doors without any condition (the general hotlines) are the answer.
    """
    doors = list(doors)
    if misdirected(doors, text):
        doors = [door for door in doors if not _petition(door)]
    scored = [(_fit(door, text, matter), door) for door in doors]
    fitting = sorted((-fit, door.rank, door.name, door) for fit, door in scored if fit)
    found = [entry[-1] for entry in fitting]
    if not any(_said(door, text) for door in doors):
        # 12345和12348有什么区别 asks about the numbers; 打了12345没人管，邻居漏水 does not.
        named = _named(doors, text)
        found = named + [door for door in found if door not in named]
    general = sorted((door for door in doors if door.general), key=lambda door: door.rank)
    return (found + [door for door in general if door not in found])[:MAX_DOORS]


def misdirected(doors: Iterable[Door], text: str) -> bool:
    """Whether somebody means to petition about what is best told to a door for quarrels between people."""
    if not any(word in text for word in _PETITION):
        return False
    fitting = [(_said(door, text), -door.rank, door) for door in doors if not _petition(door) and _said(door, text)]
    return bool(fitting) and max(fitting, key=lambda found: found[:2])[2].civil


def _petition(door: Door) -> bool:
    return any(word in door.words for word in _PETITION)


def _said(door: Door, text: str) -> int:
    """Return how many characters of a text point to a door."""
    return sum(len(word) for word in door.words if word in text)


def _named(doors: Iterable[Door], text: str) -> list[Door]:
    """Return the doors whose number a text names, one for each number, in the text's order."""
    first = {door.number: door for door in reversed(list(doors)) if door.number and door.number in text}
    return sorted(first.values(), key=lambda door: text.index(door.number))


def _fit(door: Door, text: str, matter: str) -> int:
    return 10 * _said(door, text) + (5 if matter and matter in door.matters else 0)


def by_number(doors: Iterable[Door]) -> dict[str, Door]:
    """Return the doors by their number; of several with one number the first, which is the number's own."""
    return {door.number: door for door in reversed(tuple(doors))}
