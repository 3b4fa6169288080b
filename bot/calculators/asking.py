"""One question of a calculator, and how an answer is read. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.calculators import hear
from bot.calculators.inheritance import MOST_RELATIVES
from bot.calculators.model import checked_money
from bot.calculators.told import pack
from bot.errors import InvalidField
from bot.understanding.numbers import number

Facts = Mapping[str, str]
Options = tuple[tuple[str, str], ...]
UNKNOWN: Options = (("不知道", "unknown"),)
# A count alone: 一个儿子留下两个 could mean either number.
_ONE_COUNT = re.compile(r"(?:\d{1,2}|十?[零一二两三四五六七八九]|十)个?")
# Counts first, and each at its own place: whoever types 2 means two, whether as a count or as the second of the list.
NUMBERS: Options = (("1个", "1"), ("2个", "2"), ("3个", "3"), ("没有", "0"))
ALIVE: Options = (("1位", "1"), ("2位", "2"), ("都不在", "0"))


@dataclass(frozen=True)
class Input:
    """One input. `read` turns an answer into the fact, or None when it is no answer; `needed` says whether to ask."""

    name: str
    question: str
    read: Callable[[str, date], str | None]
    options: Options = ()
    needed: Callable[[Facts], bool] = lambda facts: True


def read_amount(text: str, today: date) -> str | None:
    """Return the fact in an answer that should be an amount of yuan."""
    found = hear.asked_amount(text)
    return None if found is None else str(checked_money(found))


def read_length(text: str, today: date) -> str | None:
    """Return the fact in an answer that should be a length of time."""
    found = hear.length(text)
    return pack(found) if found else None


def read_day(text: str, today: date) -> str | None:
    """Return the fact in an answer that should be a day gone by."""
    found = hear.day(text, today)
    return found.isoformat() if found else None


def read_rate(text: str, today: date) -> str | None:
    """Return the fact in an answer that should be a yearly rate."""
    found = hear.rates(text)
    if found:
        return str(found[0]) if len(found) == 1 else None
    return "four" if hear.says_four_times(text) else "none" if hear.says_no_interest(text) else None


def read_lpr(text: str, today: date) -> str | None:
    """Return the fact in an answer that should be a percentage as a share."""
    found = re.search(r"\d+(?:\.\d+)?", text)
    return str(Decimal(found.group()) / 100) if found else None


def read_count(text: str, today: date) -> str | None:
    """Return the fact in an answer that should be a number."""
    found = re.search(r"\d{1,4}|[零一二两三四五六七八九十百]{1,5}", text)
    if not found:
        return "0" if re.search(r"没有|冇|都不在|无", text) else None
    value = number(found.group())
    return None if value is None else str(int(value))


def read_people(text: str, today: date) -> str | None:
    """Return the fact in an answer that should be a number of relatives."""
    found = read_count(text, today)
    if found and int(found) > MOST_RELATIVES:
        raise InvalidField("人数我看不明白，请写一个数，比如2。")
    return found


def read_yes(text: str, today: date) -> str | None:
    """Return the fact in an answer that should be yes or no."""
    said = re.match(
        r"(?:他|她|人|都|早就|已经|老伴)*(?:(?P<no>没|不|去世|走了|离|无|冇|否)|(?P<yes>有|还?在|是|对))", text.strip()
    )
    return None if said is None else "no" if said["no"] else "yes"


def read_never(text: str, today: date) -> str | None:
    """Return the fact in an answer that should be nothing: only what is offered is an answer."""
    return None


def when(name: str, *values: str) -> Callable[[Facts], bool]:
    """Return the condition that a fact has one of some values."""
    return lambda facts: facts.get(name) in values


def read_lines(text: str, today: date) -> str | None:
    """Return how many children each of several relatives left: "2，1" is two of one, one of another; "0" for none."""
    if re.fullmatch(r"\s*(?:都?没有?|冇|无)[的了啊]?\s*", text):
        return "0"
    parts = [part for part in re.split(r"[，,、;；和跟\s]+", text.strip("。 ")) if part]
    counts = [read_people(part, today) if _ONE_COUNT.fullmatch(part) else None for part in parts]
    return ",".join(found for found in counts if found) if counts and all(counts) else None
