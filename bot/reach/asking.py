"""What a citizen is asked and told about how to be contacted, and what the buttons mean. Pure."""

from __future__ import annotations

import json
from dataclasses import replace

from bot.citizens.model import PURPOSES
from bot.conversation.model import Button, Reply
from bot.reach.model import NOBODY_ASKED, Safe
from bot.reach.wishes import Wish

PAYLOAD = "/safe_contact"
HOURS = {"day": (9, 17), "morning": (9, 12), "afternoon": (14, 18), "evening": (18, 21)}

OFFER = Reply(
    "以后发给您的消息，可以不写是什么事，也可以不往手机上发，或者只在方便的时间发。需要的话点一下，不需要就不用管。",
    (
        Button("消息别写是什么事", f'{PAYLOAD}{{"wish": "neutral"}}'),
        Button("别往手机上发", f'{PAYLOAD}{{"wish": "quiet"}}'),
        Button("只在白天联系我", f'{PAYLOAD}{{"wish": "day"}}'),
    ),
)
_ASKED = {
    "neutral": "好，以后提醒里只写“有一条消息，方便的时候回来看看”，不写什么事、什么时间、和谁。看到了发“我的预约”就有详情。",
    "quiet": "好，以后不往手机上发提醒，也不主动打电话。想知道有什么安排，发“我的预约”就能看到。",
    "hours": "好，以后只在{first}点到{last}点之间发提醒、打电话。赶不上的，工作人员也只会在这个时间里打。",
}
_KEPT = "记好了，从现在起就这样。想改回来，说“恢复提醒”。"
_OFF = Reply("好，以后照常提醒您。")
_NO = Reply("好，那就照常。")


def tapped(payload: str) -> tuple[Wish, bool] | None:
    """Return what a button of ours asks for, and whether it is the yes to that; None for another's payload."""
    if not payload.startswith(PAYLOAD):
        return None
    try:
        given = json.loads(payload.removeprefix(PAYLOAD) or "{}")
    except ValueError:
        return None
    wish = given.get("wish") if isinstance(given, dict) else None
    known = ("neutral", "quiet", *HOURS, "off", "no")
    return (wish, given.get("sure") == "yes") if wish in known else None


def with_wish(safe: Safe, wish: Wish) -> Safe:
    """Return what somebody has asked for, with one more wish; later hours take the place of earlier ones."""
    if wish == "off":
        return NOBODY_ASKED
    if wish in HOURS:
        return replace(safe, hours=HOURS[wish])
    return replace(safe, neutral=safe.neutral or wish == "neutral", quiet=safe.quiet or wish == "quiet")


def question(wish: Wish) -> Reply:
    """Return what is asked before a wish is kept: what it means, what is kept of it; or which of what we can keep to."""
    if wish == "which":
        return OFFER
    first, last = HOURS.get(wish, (0, 0))
    said = _ASKED["hours" if wish in HOURS else wish].format(first=first, last=last)
    yes = Button("好，就这样", f'{PAYLOAD}{{"wish": "{wish}", "sure": "yes"}}')
    no = Button("先不用", f'{PAYLOAD}{{"wish": "no"}}')
    return Reply(f"{said}\n{PURPOSES['safe_contact'].sentence}这样可以吗？", (yes, no))


def promise(safe: Safe) -> str:
    """Return what somebody who asked for safe contact is told of reminders to come."""
    if safe.quiet:
        return "按您说的，不往手机上发提醒，记得自己回来看。"
    hours = f"只在{safe.hours[0]}点到{safe.hours[1]}点之间" if safe.hours else ""
    text = "只说有一条消息，不写是什么事" if safe.neutral else ""
    return f"提醒按您说的发：{'，'.join(part for part in (hours, text) if part)}。"


def kept(wish: Wish) -> Reply:
    """Return what is said once it is kept."""
    if wish == "off":
        return _OFF
    return _NO if wish == "no" else Reply(_KEPT)
