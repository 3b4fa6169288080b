"""What a citizen asks for about how to be contacted: read from words and buttons, and answered. Pure.

The engine has no intent for it: whoever needs it must not depend on a classifier, and the words are few. They lead to a
question only, so that a wrong guess costs a tap.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Literal

from bot.citizens.model import PURPOSES
from bot.conversation.model import Button, Reply
from bot.reach.model import NOBODY_ASKED, Safe

Wish = Literal["neutral", "quiet", "day", "morning", "afternoon", "evening", "off", "no"]
PAYLOAD = "/safe_contact"
HOURS = {"day": (9, 17), "morning": (9, 12), "afternoon": (14, 18), "evening": (18, 21)}
# Longer than this it is a story, of which the engine understands more.
LONGEST = 60

_NOT = r"(?:不要|不用|不想|不能|不许|不可以|别|莫|勿|免得|千万别)"
# Others' calls and messages: a complaint about them is no wish of ours to heed.
_OTHERS = re.compile(r"催收|银行|贷款|平台|推销|骚扰|公司|债主|老板|怎么(?:让|叫|办|才)|起诉|法院|天天|一直|老是")
_RULES: tuple[tuple[Wish, re.Pattern[str]], ...] = (
    (
        "off",
        re.compile(r"(?:恢复|照常|正常|可以)(?:地|的)?(?:发|给我发)?(?:提醒|通知|联系)(?:我)?(?:了|吧|就行)?$|取消安全联系"),
    ),
    (
        "neutral",
        re.compile(
            rf"{_NOT}(?:再)?(?:在)?(?:提醒|消息|短信|通知|信息)?(?:里面|里|上|中)?(?:都)?(?:提到?|写明?|说明?|说出|讲|带|露)(?:出来)?(?:是)?"
            r"(?:什么事|啥事|哪件事|什么内容|内容|具体内容|事情|案子|案情|律师|调解|离婚|和谁|跟谁|谁|名字|对方)"
            r"|(?:提醒|消息|短信|通知)(?:里面|里|上|的内容)?(?:写|说)?(?:含糊|隐晦|模糊|中性|看不出)"
            rf"|{_NOT}(?:让|给|被)(?:别人|人家|家里人|家人|他|她|我?老公|我?丈夫|我?老婆|我?男朋友|我?对象|我?爸|我?妈|我?婆婆)"
            r"(?:们)?(?:看到|看见|看出来?|知道|发现)(?:了)?(?:提醒|消息|短信|通知|内容|是什么事|我在问|我找你|我来问|我问)"
        ),
    ),
    ("morning", re.compile(r"(?:只能|只可以|请|就|最好)(?:在)?(?:上午|早上|早晨)(?:的时候|时间)?(?:再)?(?:联系|打给|打电话给?|找|发|通知|提醒)")),
    ("afternoon", re.compile(r"(?:只能|只可以|请|就|最好)(?:在)?下午(?:的时候|时间)?(?:再)?(?:联系|打给|打电话给?|找|发|通知|提醒)")),
    ("evening", re.compile(r"(?:只能|只可以|请|就|最好)(?:在)?(?:晚上|夜里)(?:的时候|时间)?(?:再)?(?:联系|打给|打电话给?|找|发|通知|提醒)")),
    (
        "day",
        re.compile(
            r"(?:只能|只可以|请|就|最好)(?:在)?(?:白天|上班时间|工作时间|上班的时候)(?:的时候)?(?:再)?(?:联系|打给|打电话给?|找|发|通知|提醒)"
            rf"|(?:晚上|夜里|下班后|他在家)(?:的时候|时)?(?:千万)?{_NOT}(?:再)?(?:联系|打给|打电话给?|找|发消息给?|发|通知|提醒)"
        ),
    ),
    (
        "quiet",
        re.compile(
            rf"{_NOT}(?:再)?(?:给我|跟我|往我|对我)?(?:的)?(?:手机|电话)?(?:上)?(?:推送|发送|发|推|来)(?:任何|什么|那些)?(?:的)?"
            r"(?:提醒|消息|短信|通知|微信|信息)(?!里|上写|的内容)"
            rf"|{_NOT}(?:再)?(?:把)?(?:提醒|消息|短信|通知)(?:都)?(?:发|推|送)(?:到|给|来)?我"
            rf"|{_NOT}(?:再)?(?:主动)?(?:联系|找|提醒|通知)我(?:了|吧|好吗|，|。|$)"
        ),
    ),
)  # fmt: skip

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


def wish_of(text: str) -> Wish | None:
    """Return what a typed message asks for, or None."""
    if len(text) > LONGEST:
        return None
    plain = re.sub(r"\s+", "", text)
    for wish, rule in _RULES:
        if rule.search(plain) and not (wish in ("quiet", *HOURS) and _OTHERS.search(plain)):
            return wish
    return None


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
    """Return what is asked before a wish is kept: what it means, what is kept of it."""
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
