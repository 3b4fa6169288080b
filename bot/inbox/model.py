"""One thing that waits for the staff. Runs on both Pythons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

# Letters and digits that are not mistaken for one another when read out over the phone.
REFERENCE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

Tray = Literal["message", "feedback", "unanswered", "alert"]
TRAYS: tuple[Tray, ...] = get_args(Tray)


@dataclass(frozen=True)
class Item:
    """A citizen's words in one of the staff's trays. `user` is channel and sender ("web:ab12…"), `at` ISO 8601.

    `note` carries what helps to answer and is not personal: the meaning that the machine guessed, the matter.
    """

    tray: Tray
    user: str
    text: str
    at: str
    note: str = ""


# The note of an item that has a photo; the photo itself lies beside it, for a shorter time.
PHOTO = "photo"


def number_of(reference: str) -> int | None:
    """Return the running number behind a code, None when it is none of ours."""
    digits = reference.upper().removeprefix("LY-")
    if len(digits) != 5 or any(digit not in REFERENCE_ALPHABET for digit in digits):
        return None
    number = 0
    for digit in digits:
        number = number * len(REFERENCE_ALPHABET) + REFERENCE_ALPHABET.index(digit)
    return number


def reference(number: int) -> str:
    """Return the code that a citizen can quote, for the number that the store gave: 1 → "LY-22223"."""
    digits = ""
    for _ in range(5):
        number, rest = divmod(number, len(REFERENCE_ALPHABET))
        digits = REFERENCE_ALPHABET[rest] + digits
    return f"LY-{digits}"
