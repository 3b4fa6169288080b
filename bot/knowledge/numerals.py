"""The whole numbers that number laws: 一千零四十三 and 1043. Pure, standard library; runs on both Pythons."""

from __future__ import annotations

import re

_DIGITS = "零一二三四五六七八九"
_VALUES = {digit: value for value, digit in enumerate(_DIGITS)} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
MOST = 9999


def chinese(number: int) -> str:
    """Return a number from 1 to MOST as statutes write it: 1043 → 一千零四十三, 12 → 十二."""
    if not 1 <= number <= MOST:
        raise ValueError(f"{number} is not from 1 to {MOST}")
    words, skipped = "", False
    for power, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // power % 10
        if digit:
            words += ("零" if skipped else "") + _DIGITS[digit] + unit
        skipped = not digit and bool(words)
    return words.removeprefix("一") if words.startswith("一十") else words


def read(said: str) -> int | None:
    """Return the number that was written in either way, also digit by digit (一〇四三); None when it is none."""
    plain = said.strip()
    if re.fullmatch(r"[0-9]{1,4}", plain):
        return int(plain) or None
    if not plain or any(char not in _VALUES and char not in _UNITS for char in plain):
        return None
    if not any(char in _UNITS for char in plain):
        return int("".join(str(_VALUES[char]) for char in plain)) or None if len(plain) <= 4 else None
    total, digit = 0, 0
    for char in plain:
        if char in _UNITS:
            total, digit = total + (digit or 1) * _UNITS[char], 0
        else:
            digit = _VALUES[char]
    return (total + digit) or None
