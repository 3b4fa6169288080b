"""What is known of a citizen, what for and how long; how it is read and how much of it is shown. Runs on both Pythons."""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, NamedTuple, Protocol, runtime_checkable

from bot.errors import InvalidField

DAY = 86_400


class Period(NamedTuple):
    """How long something is kept, in days, and why so long.

    `by` says who ends it: "worker", which looks for what is too old, or "expiry", a deadline on the key itself that the
    store keeps even when no worker runs.
    """

    what: str
    days: int
    why: str
    by: Literal["worker", "expiry"]

    @property
    def seconds(self) -> int:
        """The period in seconds."""
        return self.days * DAY


# Every period of the program; docs/privacy.md says the same. Personal data is kept no longer than its purpose needs
# (PIPL Art. 19). A room that keeps something else of a citizen adds its row here and applies it.
RETENTION = {
    "message": Period("messages left for the staff", 180, "to answer, and to settle a complaint about it", "worker"),
    "photo": Period("photos for the staff", 30, "to look at them and write down what matters", "expiry"),
    "feedback": Period("praise and complaints", 180, "to look into them and answer", "worker"),
    "unanswered": Period("questions that nobody could answer", 180, "to learn from at the next training", "worker"),
    "alert": Period("danger messages", 180, "to look after the person, and for the police to ask", "worker"),
    "case": Period(
        "names, phones, ID numbers and stories of an appointment, after its end",
        180,
        "to follow up, and to answer a complaint about it",
        "worker",
    ),
    "appointment": Period(
        "appointments, under a pseudonym, after their end", 180, "to look back, and to settle a complaint", "worker"
    ),
    "application": Period(
        "applications for legal aid, under a pseudonym, after their end",
        180,
        "to look back, and to settle a complaint",
        "worker",
    ),
    "relied": Period(
        "which answers somebody was given, under a pseudonym",
        400,
        "to know whom it concerns when the law behind one changes",
        "worker",
    ),
    "profile": Period(
        "name, phone, ID number and area, after they were last used", 180, "not to ask for them again", "expiry"
    ),
    "consent": Period(
        "what a citizen agreed to, after it was last used", 365, "to show it as long as anything rests on it", "expiry"
    ),
    "draft": Period("a form left half-way", 7, "to go on with it", "expiry"),
    "conversation": Period("the last turns of a chat, after its last message", 30, "to go on with it", "expiry"),
    "notice": Period("reminders and other notices", 30, "to be read by who comes back within a month", "expiry"),
    "reach": Period(
        "a WeChat address and what may be sent to it, after the last sign of life",
        90,
        "to remind of appointments, which are made at most a month ahead",
        "expiry",
    ),
    "outcome": Period(
        "what was sent, by which way, and what became of it",
        90,
        "to settle a complaint about a missing notice",
        "expiry",
    ),
    "safe_contact": Period(
        "how a citizen asked to be contacted, after it was last heeded",
        365,
        "to keep to it as long as anything may be sent",
        "expiry",
    ),
    "session": Period("an open page, with what was typed into its form", 1, "to go on with it", "expiry"),
    "wechat": Period(
        "a WeChat message until it is answered, and what of the answer was not seen yet", 1, "to finish it", "expiry"
    ),
    "screen": Period(
        "the buttons on a citizen's screen, and which photo was sent, unseen; the last answer, a minute",
        1,
        "to tap them",
        "expiry",
    ),
}


@dataclass(frozen=True)
class Purpose:
    """What a citizen agrees to: the sentence shown, the fields it covers, the row of RETENTION it promises."""

    name: str
    sentence: str
    fields: frozenset[str]
    keep: str

    @property
    def days(self) -> int:
        """How long what was given is kept once the matter is over."""
        return RETENTION[self.keep].days

    @property
    def wording(self) -> str:
        """A short digest of the sentence: another sentence must be agreed to anew (PIPL Art. 14)."""
        return hashlib.sha256(self.sentence.encode()).hexdigest()[:12]


CONTACT = frozenset({"name", "phone", "address", "area"})
MATTER = frozenset({"other_name", "other_phone", "story", "relation", "institution", "item"})
_KEEP = RETENTION["case"].days
# What a purpose does not need cannot be kept under it (PIPL Art. 6). An ID number is treated as sensitive: asked for in
# a sentence of its own that says why it is needed (Art. 28 to 30).
PURPOSES = {
    purpose.name: purpose
    for purpose in (
        Purpose(
            "booking",
            f"约时间要记下您的姓名、电话和事情的大概，只有安排和经办的人能看，办完{_KEEP}天后自动删掉，随时可以查看或删除。",
            CONTACT | MATTER,
            "case",
        ),
        Purpose(
            "visit",
            "远程会见要核对身份，所以除了姓名、电话和要见的人，还要记下您的身份证号。"
            f"它只用来核对身份，只有经办的人能看，会见完{_KEEP}天后自动删掉，随时可以查看或删除。",
            CONTACT | MATTER | {"id_number", "inmate"},
            "case",
        ),
        Purpose(
            "legal_aid",
            f"申请法律援助要记下您的姓名、电话和事情的大概，只有经办的人能看，办完{_KEEP}天后自动删掉，随时可以查看或删除。",
            CONTACT | MATTER,
            "case",
        ),
        Purpose(
            "message",
            f"您的留言和联系方式会交给值班的工作人员，{RETENTION['message'].days}天后自动删掉，随时可以查看或删除。",
            CONTACT | {"story"},
            "message",
        ),
        Purpose(
            "safe_contact",
            "怎样联系才方便，会加密存着，只给要通知您的人照着做，"
            f"{RETENTION['safe_contact'].days}天没用到就自动删掉，随时可以查看或删除。",
            frozenset(),
            "safe_contact",
        ),
        Purpose(
            "photo",
            f"照片会加密存好，只给值班的工作人员看，{RETENTION['photo'].days}天后自动删掉，随时可以查看或删除。",
            frozenset({"photo"}),
            "photo",
        ),
    )
}


class PersonalData(Protocol):
    """What a store offers so that a citizen gets a copy (PIPL Art. 45) and erasure (Art. 47)."""

    async def export_of(self, person: str) -> dict[str, Any]:
        """Return all that is kept under a pseudonym, readable; {} for nothing."""

    async def erase_of(self, person: str) -> int:
        """Erase it for good, and return how many things are gone. Erasing again finds nothing and is no error."""


@runtime_checkable
class Sealed(Protocol):
    """A store with sealed data."""

    async def reseal(self) -> Counter[str]:
        """Put what older keys sealed under the current one, and count "resealed" and "unreadable".

        It can be cut off and called again, and others may write meanwhile.
        """


def person_of(secret: bytes, user: str) -> str:
    """Return the pseudonym of a citizen on a channel ("web:ab12…"): 32 hex digits, the same everywhere in the store.

    A keyed hash, since bare hashes of phone numbers and account ids are soon tried out.
    """
    return _keyed(secret, f"user:{user}")


def contact_of(secret: bytes, phone_e164: str) -> str:
    """Return the pseudonym of a phone: it finds a person, or the other side of a mediation, without the number."""
    return _keyed(secret, f"phone:{phone_e164}")


def _keyed(secret: bytes, text: str) -> str:
    return hmac.new(secret, text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:32]


# A name has two to six characters, or is written with a dot (阿依古丽·买买提) or in Latin letters.
NAME = re.compile(r"[\u3400-\u9fff\U00020000-\U0003134f]{2,6}|[\u3400-\u9fff]{1,12}(?:·[\u3400-\u9fff]{1,12}){1,4}")
LATIN_NAME = re.compile(r"[A-Za-z][A-Za-z'.-]*(?: [A-Za-z][A-Za-z'.-]*){0,5}")
NAME_LEAD = re.compile(r"^(?:我的?(?:名字|姓名)?(?:叫做?|是)|(?:名字|姓名)(?:叫|是)?)[:\s]*")
# Pronouns and question words, which no name has: a question is not taken for a name.
NO_NAME = frozenset("吗呢吧啊哦的我你您他她们谁哪怎这什")
LONGEST_NAME = 40
MOBILE = re.compile(r"1[3-9][0-9]{9}")
# Two digits for the largest cities (10, 20 to 29), three elsewhere; no local number begins with 0 or 1.
LANDLINE = re.compile(r"(10|2[0-9])[2-9][0-9]{7}|([3-9][0-9]{2})[2-9][0-9]{6,7}")
ID_NUMBER = re.compile(r"[1-9][0-9]{16}[0-9X]")
# GB 11643-1999: the last character is a check over the others (ISO 7064, MOD 11-2).
ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECKS = "10X98765432"


def name_of(text: str) -> str:
    """Return a person's name as written. Raises InvalidField."""
    name = NAME_LEAD.sub("", unicodedata.normalize("NFKC", text).strip().strip("。,.!")).strip()
    name = re.sub(r"[•・‧∙]", "·", name)
    chinese = NAME.fullmatch(name) and not NO_NAME & set(name)
    if len(name) > LONGEST_NAME or not (chinese or LATIN_NAME.fullmatch(name)):
        raise InvalidField("这不像一个姓名，请写身份证上的姓名。")
    return name


def phone_of(text: str) -> str:
    """Return a mainland mobile or landline number in E.164 ("+86138…", "+86754…"). Raises InvalidField."""
    plain = re.sub(r"(?<=[0-9+])[\s()./·-]+(?=[0-9])|[()]", "", unicodedata.normalize("NFKC", text))
    found = re.findall(r"\+?[0-9]+", plain)
    if len(found) != 1:
        raise InvalidField("请写一个电话号码，手机或者带区号的座机都行。")
    abroad = re.sub(r"^(?:\+86|0086|86(?=1[3-9][0-9]{9}$))", "", found[0])
    number = abroad.removeprefix("0")
    if MOBILE.fullmatch(number) or (LANDLINE.fullmatch(number) and found[0][0] in "0+"):
        return f"+86{number}"
    raise InvalidField(_why_no_phone(abroad))


def _why_no_phone(number: str) -> str:
    if number.startswith(("+", "00")):
        return "我只能记内地的号码，请写一个手机号，或者带区号的座机。"
    if number.startswith("1"):
        return "手机号要11位，这个对不上，请再看一眼。"
    if len(number) in (7, 8):
        return "座机请带上区号，像0754-后面接号码。"
    return "这个号码对不上，请写11位手机号，或者带区号的座机。"


def id_number_of(text: str) -> str:
    """Return an 18-character ID number, the X large. Raises InvalidField."""
    plain = re.sub(r"[\s-]+", "", unicodedata.normalize("NFKC", text)).upper()
    found = re.findall(r"[0-9][0-9X]{5,}", plain)
    if len(found) == 1 and re.fullmatch(r"[0-9]{15}", found[0]):
        raise InvalidField("这是15位的旧号码，请写现在的18位身份证号。")
    if len(found) != 1 or not ID_NUMBER.fullmatch(found[0]):
        raise InvalidField("身份证号要18位，最后一位可能是X，请再看一眼。")
    number: str = found[0]
    if not _is_date(number[6:14]) or id_check(number) != number[17]:
        raise InvalidField("这个身份证号对不上，可能有一位写错了，请再看一眼。")
    return number


def id_check(number: str) -> str:
    """Return the check character that belongs to an ID number's first 17 digits."""
    return ID_CHECKS[sum(int(digit) * weight for digit, weight in zip(number[:17], ID_WEIGHTS, strict=True)) % 11]


def _is_date(digits: str) -> bool:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).year >= 1900
    except ValueError:
        return False


def mask_name(name: str) -> str:
    """Show the first character only: "陈**"."""
    return name[:1] + "*" * min(len(name[1:]), 2)


def mask_phone(phone_e164: str) -> str:
    """Show a mobile's first three and last four digits ("138****5678"), a landline's area code and last two."""
    number = phone_e164.removeprefix("+86")
    if MOBILE.fullmatch(number):
        return f"{number[:3]}****{number[-4:]}"
    if parts := LANDLINE.fullmatch(number):
        return f"0{parts[1] or parts[2]}-****{number[-2:]}"
    return "****"


def mask_id(number: str) -> str:
    """Show the last four characters only: with them a card can be compared, and no birthday or home be read."""
    return "*" * 14 + number[-4:] if len(number) == 18 else "*" * 18


def masked(fields: Mapping[str, str]) -> dict[str, str]:
    """Return a person's fields as lists show them: names, phones and ID numbers masked, free words left out."""
    masks = {"name": mask_name, "phone": mask_phone, "id_number": mask_id}
    masks |= {"other_name": mask_name, "other_phone": mask_phone, "inmate": mask_name}
    return {name: masks[name](value) for name, value in fields.items() if name in masks}
