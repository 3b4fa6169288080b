"""Facts that a question already tells, for whichever calculator: the one amount, the one wage, the first word of a table. Pure."""

from __future__ import annotations

import re

from bot.calculators import hear
from bot.calculators.spans import Length
from bot.understanding.numbers import number

Facts = dict[str, str]
# Pay by the day or hour, or hours of one day, are not what the calculators take.
BY_DAY = re.compile(r"日薪|时薪|日工资|时工资|工钱一天|一天工钱|一天\d|[一每]天加班|[一每]晚|每夜|晚班")
_WAGE = re.compile(
    r"(?:月薪|月均|平均|均薪|工资|底薪|基数|月入|一个月|每月|月工钱?)[^\d一二两三四五六七八九千万，,。]{0,3}"
    r"(?P<n>\d{3,6}(?:\.\d+)?(?!\s?[年月天万wWkK])|[一二两三四五六七八九][千万][一二三四五六七八九零百]*)"
)
# A large number beside the amount that was read may be another amount.
_NUMERAL = re.compile(
    r"(?<![\d.年])(?:\d{3,}(?:\.\d+)?|[一二两三四五六七八九十]+[百千万][一二两三四五六七八九十百千万零]*)(?!\s?[年月日天号个.条%％/\dwWkK一二两三四五六七八九十零百千万亿多元块分])"
)
# Nobody earns less in a month; a smaller number counts something else.
LEAST_WAGE = 500


def only_amount(text: str) -> str:
    """Return the one amount that a text names; "" when there are several, since which is meant must be asked."""
    found = hear.amounts(text)
    others = {number(match.group()) for match in _NUMERAL.finditer(text)}
    return str(found[0]) if len(set(found)) == 1 and others <= set(found) else ""


def wage(text: str) -> str:
    """Return the one monthly wage that a text names, or ""."""
    if BY_DAY.search(text):
        return ""
    found = {number(match["n"]) for match in _WAGE.finditer(text)} | set(hear.amounts(text))
    found = {value for value in found if value is not None and value >= LEAST_WAGE}
    return str(found.pop()) if len(found) == 1 else ""


def first(table: tuple[tuple[str, str], ...], text: str) -> str:
    """Return the name of the first pattern that a text holds, "" for none."""
    return next((name for name, pattern in table if re.search(pattern, text)), "")


def pack(length: Length) -> str:
    """Return a length as a fact: months+days."""
    return f"{length.months}+{length.days}"


def unpack(fact: str) -> Length:
    """Return the length that a fact holds."""
    months, days = fact.split("+")
    return Length(int(months), int(days))
