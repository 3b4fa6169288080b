"""What a typed message asks for about how to be contacted. Pure.

The engine has no intent for it: whoever needs it must not depend on a classifier, and the words are few. They lead to a
question only, so that a wrong guess costs a tap.

Some words are a wish wherever they stand ("消息里别写是什么事"). Others are one only where the message says nothing but them,
and why: in "他说不要给我打电话" somebody else asks, "别让他知道我有存款" is a matter of law, and what comes with
"嘘，别打电话来" may be a danger that the engine sees and a rule does not.
"""

from __future__ import annotations

import re
from typing import Literal

Wish = Literal["neutral", "quiet", "day", "morning", "afternoon", "evening", "which", "off", "no"]
# Longer than this it is a story, of which the engine understands more.
LONGEST = 60

_NOT = r"(?:不要|不用|不想|不希望|不能|不许|不准|不可以|唔好|唔想|千万别|免得|别|莫|勿)(?:再)?"
_WHO = (
    r"(?:我?(?:的)?(?:老公|丈夫|前夫|男朋友|男友|男人|老婆|妻子|媳妇|女朋友|对象|爸爸?|妈妈?|爸妈|父亲|母亲|父母|公公|婆婆|公婆|"
    r"家公|家婆|婆家|岳父|岳母|丈母娘|儿子|女儿|孩子|哥哥?|弟弟?|姐姐?|妹妹?|家里人?|家人|屋企人)"
    r"|[他她佢伊](?:们|哋)?(?:家里人?|家人|家|爸|妈)?|别人|人家?|外人|旁人|其他人|任何人)(?:们)?"
)
_SEE = r"(?:看到|看见|见到|睇到|看出来?|知道|晓得|发现|听到|听见)(?:了)?"
_LET = rf"{_NOT}[让给被叫俾畀]{_WHO}{_SEE}"
_TELL = rf"{_NOT}(?:告诉{_WHO}|[跟和同对]{_WHO}(?:说|讲|提)(?:起)?)"
_US = r"(?:提醒|消息|短信|通知|内容|聊天记录|是什么事|我(?:在|来)?(?:过|问|找|联系|咨询)(?:过)?(?:你们)?)"
_MINE = r"我(?:的)?(?:手机|电话)?(?:上)?"
# "打我" alone is a blow.
_CALL = (
    rf"(?:[给往俾畀]{_MINE}(?:打(?:个)?(?:电话)?|[来回](?:个)?电话)|[打来回](?:个)?电话(?:[给到俾畀]{_MINE}|过来|来)"
    r"|打[给俾畀]我|打(?:到)?我(?:的)?(?:手机|电话)|打过来)"
)
_REACH = rf"(?:{_CALL}|(?:联系|联络|找)我)"
_TIMES: dict[Wish, str] = {
    "morning": "上午|早上|早晨",
    "afternoon": "下午",
    "evening": "晚上|夜里",
    "day": "白天|上班时间|工作时间|上班的时候",
}
_AWAY = r"(?:晚上|夜里|下班后|他在家|他在)(?:的时候|时)?(?:千万)?"
# Others' calls and messages: a complaint about them is no wish of ours to heed.
_OTHERS = re.compile(r"催收|银行|贷款|平台|推销|骚扰|公司|债主|老板|怎么(?:让|叫|办|才)|起诉|法院|天天|一直|老是")

_ANYWHERE: dict[Wish, str] = {
    "off": r"(?:恢复|照常|正常|可以)(?:地|的)?(?:发|给我发)?(?:提醒|通知|联系)(?:我)?(?:了|吧|就行)?$|取消安全联系",
    "neutral": (
        rf"{_NOT}(?:在)?(?:提醒|消息|短信|通知|信息)?(?:里面|里|上|中)?(?:都)?(?:提到?|写明?|说明?|说出|讲|带|露)(?:出来)?(?:是)?"
        r"(?:什么事|啥事|哪件事|什么内容|内容|具体内容|事情|案子|案情|律师|调解|离婚|和谁|跟谁|谁|名字|对方)"
        r"|(?:提醒|消息|短信|通知)(?:里面|里|上|的内容)?(?:写|说)?(?:含糊|隐晦|模糊|中性|看不出)"
        rf"|{_LET}{_US}"
    ),
    **{
        wish: rf"(?:只能|只可以|请|就|最好)(?:在)?(?:{time})(?:的时候|时间)?(?:再)?(?:联系|打给|打电话给?|找|发|通知|提醒)"
        for wish, time in _TIMES.items()
    },
    "quiet": (
        rf"{_NOT}(?:给我|跟我|往我|对我)?(?:的)?(?:手机|电话)?(?:上)?(?:推送|发送|发|推|来)(?:任何|什么|那些)?(?:的)?"
        r"(?:提醒|消息|短信|通知|微信|信息)(?!里|上写|的内容)"
        rf"|{_NOT}(?:把)?(?:提醒|消息|短信|通知)(?:都)?(?:发|推|送)(?:到|给|来)?我"
        rf"|{_NOT}(?:主动)?(?:联系|找|提醒|通知)我(?:了|吧|好吗|，|。|$)"
    ),
}
_ANYWHERE["day"] += rf"|{_AWAY}{_NOT}(?:联系|打给|打电话给?|找|发消息给?|发|通知|提醒)"

# How a clause begins that asks us for something, and how it ends; and a clause that says why.
_PLEASE = (
    r"(?:请|麻烦|拜托|求求?|您|你们?|工作人员|我|以后|今后|现在|最近|千万|一定|暂时|最好|先|就|也|都|那|但是?|可是|"
    r"能不能|可不可以|可以|能否|希望|记得){0,6}"
)
_ENDS = r"(?:了|啦|吧|哦|喔|呀|啊|嘛|好吗|好不好|可以吗|行吗|谢谢|拜托)*"
_WHY = re.compile(
    rf"(?:因为)?(?:白天|晚上|夜里)?(?:我)?(?:怕|会|免得)?[被让]?(?:{_WHO})?(?:就|都|也|正|刚好|经常|天天|老是?|总是?)?(?:会|要)?"
    rf"(?:在|在家|在旁边|在身边|{_SEE}|生气|不高兴|[翻看查]我?(?:的)?手机|不方便(?:接)?)(?:的)?|谢谢(?:您|你们?)?|您好|你好|好的?|"
)
_CHANNEL = "(?:打?电话|发?短信|发?邮件)"
_CLAUSE: dict[Wish, str] = {
    "neutral": rf"(?:{_LET}|{_TELL}|{_WHO}(?:不能|不可以){_SEE}){_US}?",
    **{wish: rf"(?:在)?(?:{time})(?:的时候|时间)?(?:再|才)?{_REACH}" for wish, time in _TIMES.items()},
    "quiet": (
        rf"{_NOT}(?:您|你们?)?(?:再|主动|随便|总是?|老是?|一直)?{_REACH}"
        rf"|(?:微信|公众号|手机)(?:上|里)?{_PLEASE}{_NOT}(?:给我)?(?:推送|发|推|送)(?:消息|提醒|通知|信息|东西)?"
    ),
    "which": rf"只(?:能|可以|许)?(?:用|通过)?(?:{_CHANNEL}(?:联系|联络|找|通知|提醒|给)我|给我{_CHANNEL})",
}
_CLAUSE["day"] += rf"|{_AWAY}{_PLEASE}{_NOT}{_REACH}"

_RULES = [
    (wish, re.compile(_ANYWHERE.get(wish, "(?!)")), re.compile(f"{_PLEASE}(?:{_CLAUSE.get(wish, '(?!)')}){_ENDS}"))
    for wish in {**_ANYWHERE, **_CLAUSE}
]


def wish_of(text: str) -> Wish | None:
    """Return what a typed message asks for, or None."""
    if len(text) > LONGEST:
        return None
    plain = re.sub(r"\s+", "", text)
    clauses = re.split(r"[\s，。！？；、,.!?;~～…]+", text)
    for wish, anywhere, clause in _RULES:
        aloof = wish in ("off", "neutral")
        if anywhere.search(plain) and (aloof or not _OTHERS.search(plain)):
            return wish
        asked = [clause.fullmatch(each) is not None for each in clauses]
        if any(asked) and all(known or _WHY.fullmatch(each) for known, each in zip(asked, clauses, strict=True)):
            return wish
    return None
