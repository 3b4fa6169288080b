"""What a citizen can come for: the intents, and the words that name each purpose. Pure."""

from __future__ import annotations

import re

from bot.booking.model import KINDS

# intent → what is to be booked, moved or cancelled.
PURPOSES = {
    "book_mediation": "mediation",
    "book_consultation": "consultation",
    "book_notary": "notary",
    "apply_legal_aid": "legal_aid",
    "book_visit": "visit",
    "change_booking": "move",
    "cancel_booking": "cancel",
}
INTENTS = {purpose: intent for intent, purpose in PURPOSES.items()}
# A message of another purpose must also name it before the dialogue leaves what it is about: classifiers slip.
_KEPT = r"约好的|约了的|已经约|[改换取]消?预约|预约[改换取]消?|上次约|之前约|yy-?[a-z2-9]{4}-?[a-z2-9]{4}"
NAMES_PURPOSE = {
    "mediation": re.compile(r"调解|说和|公亲"),
    "consultation": re.compile(r"律师|顾问|咨询"),
    "notary": re.compile(r"公证"),
    "legal_aid": re.compile(r"法律援助|法援"),
    "visit": re.compile(r"会见|探视|探监|看守所|监狱|戒毒|拘留所|矫正|坐牢|服刑|在押|关着|关在|里面"),
    "move": re.compile(_KEPT, re.I),
    "cancel": re.compile(_KEPT, re.I),
}
SERVES = {name: kind.name for kind in KINDS.values() if not kind.by_place for name in kind.served_by}
