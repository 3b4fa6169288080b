"""What a message means to the booking dialogue, in one shape. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Meaning = Literal[
    "facts",  # something is known now
    "side",  # a question on the side: its own rule answers it
    "leave",  # no more of this for now
    "drop",  # no more of this at all
    "declined",  # no consent
    "confirmed",  # the summary is right
    "go_on",  # with the draft that was left half-way
    "start_anew",  # without it
    "more",  # other people
    "later",  # other times
    "switch",  # another purpose, in facts["purpose"]
    "reopen",  # ask facts["field"] anew
    "unclear",  # no answer
]


@dataclass(frozen=True)
class Reading:
    """What a message means. `facts` are to be put into the draft; `problem` says why an answer is none.

    `problem` is a sentence for the citizen, or the name of a response.
    """

    meaning: Meaning
    facts: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""


UNCLEAR = Reading("unclear")
