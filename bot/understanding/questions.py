"""Several questions in one message: where one ends and the next begins, and which is answered first. Pure.

"你好我想问下欠薪怎么办顺便你们几点下班" asks two things. A story and the request that follows from it ("我被开除了，想约个
律师") ask one, so only a question mark or a word that adds something opens a new question.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

# A citizen reads three answers; fifty questions in one message are answered by the three most urgent.
MOST = 3
# Looking at more pieces than this would cost more time than a turn has.
MOST_PIECES = 12
# Each piece must be understood this well on its own; a half-understood one is part of the others' story.
SURE = 0.6
# Two characters say nothing on their own.
SHORTEST = 3
_ADDS = (
    r"顺便|順便|顺带|另外|另问|还有就是|还有一[个件]|还有我?想问|还想问|还要问|再问|再就是|再有就是|对了|其次|第二个问题|"
    r"还有(?=你们|您们|公证|司法所|调解|律师|法援|那个)|然后(?=你们|您们)|最后(?=问|请)"
)
_EDGE = re.compile(rf"(?<=[？?])|(?={_ADDS})|\n+")
# What waiting costs most comes first.
URGENCY = (
    "report_danger",
    "ask_law",
    "where_to_go",
    "apply_legal_aid",
    "calculate",
    "book_mediation",
    "book_consultation",
    "book_visit",
    "book_notary",
    "change_booking",
    "cancel_booking",
    "check_status",
    "ask_legal_aid",
    "ask_mediation",
    "ask_notary",
    "find_provider",
    "ask_location",
    "ask_hours",
    "learn_law",
    "manage_my_data",
    "give_feedback",
    "talk_to_human",
)
Parse = dict[str, Any]


def split(text: str) -> list[str]:
    """Return the questions of a message in their order; the whole message when it asks one thing."""
    pieces = [piece.strip(" ，,。.；;、") for piece in _EDGE.split(text)]
    pieces = [piece for piece in pieces if len(piece) >= SHORTEST]
    return pieces[:MOST_PIECES] if len(pieces) > 1 else [text]


def chosen(parses: Sequence[Parse]) -> list[Parse]:
    """Return the parses to answer, the most urgent first; fewer than two mean that the message asks one thing."""
    kept: dict[str, Parse] = {}
    for parse in parses:
        intent = parse.get("intent") or {}
        if intent.get("name") in URGENCY and float(intent.get("confidence") or 0) >= SURE:
            kept.setdefault(intent["name"], parse)
    return sorted(kept.values(), key=lambda parse: URGENCY.index(parse["intent"]["name"]))[:MOST]
