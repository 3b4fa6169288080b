"""Numbers as citizens write them: 35000, 3.5万, 三万五, 三千九百八, 幺三七. Pure, standard library."""

from __future__ import annotations

import re
from decimal import Decimal

DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2, "幺": 1, "么": 1}
UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_PLAIN = re.compile(r"\d+(?:\.\d+)?")


def number(said: str) -> Decimal | None:
    """Return a number in digits or Chinese: 三千五百 → 3500, 三千五 → 3500, 千二 → 1200; None when it is none."""
    plain = re.sub(r"[,，]", "", said)
    if _PLAIN.fullmatch(plain):
        return Decimal(plain)
    total = section = digit = unit = 0
    for char in plain:
        if char in DIGITS:
            digit = DIGITS[char]
            unit = 0 if char in "零〇" else unit
        elif char in UNITS:
            unit = UNITS[char]
            if unit >= 10_000:
                total, section, digit = (total + section + digit or 1) * unit, 0, 0
            else:
                section, digit = section + (digit or 1) * unit, 0
        else:
            return None
    # 三千五 is 3500 and 三万五 35000: a last digit counts in tenths of the unit before it.
    return Decimal(total + section + digit * (unit // 10 if unit >= 100 else 1))


def spelled(digits: str) -> str:
    """Return a row of spoken digits as figures: 一三五 → 135, 幺三七 → 137."""
    return "".join(char if char.isdigit() and char.isascii() else str(DIGITS[char]) for char in digits)
