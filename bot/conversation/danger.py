"""Danger now: recognised by rules before any model runs, answered with the number to call. Both Pythons.

Tuned to miss nothing that is going on: a false alarm costs a citizen one needless phone number, a miss may cost a life.
Each pattern carries its reason. Questions about the past or about the law ("去年他打了我能离婚吗") are let through to the
engine by CALM, but never when a word of NOW stands beside them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from bot.conversation.model import Card, Field, Reply

Kind = Literal["violence", "self_harm", "medical", "fire", "confined"]


@dataclass(frozen=True)
class Pattern:
    """A pattern over squeezed text, what it means and why it is here. `always` ignores CALM."""

    kind: Kind
    regex: str
    reason: str
    always: bool = False


HIT = "(?:打|拍|揍|踢|砍|掐|捅|殴|扇|咬|勒|抽|刣|杀)"
WHO = "(?:我|阮|我妈|我媽|我妈妈|我爸|我女儿|我女兒|我儿子|我兒子|我姐|我妹|我老婆|我媳妇|我姿娘|孩子|小孩|奴仔|老人|人|她|他妈|她妈|阿妈|阿嬷|邻居|隔壁|厝边)"
PATTERNS = (
    Pattern(
        "self_harm",
        r"(?:不想|唔想|无想|不愿|毋想|没法|無法|没办法)再?(?:活|活下去|活着|撑下去)(?!得|法)",
        "says that life is over",
        True,
    ),
    Pattern(
        "self_harm",
        r"想(?:去)?死(?!你|我了|他|个|在)|想(?:要)?(?:自杀|自殺|轻生|輕生|自尽|了断|结束生命|結束生命|跳楼|跳樓|跳河|跳海|上吊|割腕)",
        "names the wish",
        True,
    ),
    Pattern(
        "self_harm",
        r"(?:我|阮|准备|現在|现在|马上|就|要|去)(?:去|要|就|想|准备|打算)*(?:跳楼|跳樓|跳河|跳海|跳桥|上吊|割腕|自杀|自殺|喝农药|喝農藥|吃安眠药|吞药|烧炭)",
        "names the means",
        True,
    ),
    Pattern(
        "self_harm",
        r"(?:活着|活著|活)(?:真的|实在|实在是|也)?(?:没|沒|无|無|冇)(?:有)?(?:意思|意义|盼头|什么意思|劲)",
        "life has no sense any more",
        True,
    ),
    Pattern(
        "self_harm",
        r"(?:死了算了|死了一了百了|一了百了|不如死|死掉算|去死算|同归于尽|一起死|带着孩子(?:一起)?(?:走|死))",
        "death as the way out",
        True,
    ),
    Pattern(
        "self_harm",
        r"(?:遗书|遺書)(?:都|已经|我)?(?:写|寫)好|写好了?遗书|安眠药.{0,6}(?:吞|吃)了|农药.{0,4}(?:喝|饮)(?:了|下)|(?:喝|饮|吞)了?.{0,3}(?:农药|農藥|百草枯|安眠药)",
        "it is under way",
        True,
    ),
    Pattern(
        "violence",
        rf"(?:正在|还在|還在|又在|在那|现在|現在|刚刚|刚才|一直){HIT}(?:人|我|她|他|孩子|小孩|老人|阮|起来|架)?(?!电话|電話|官司|工|欠条|扰|算|听|听|车|印|字|卡|的|疫苗|针)",
        "going on",
        False,
    ),
    Pattern(
        "violence",
        rf"(?:他|她|老公|丈夫|男人|男朋友|儿子|爸|他们|有人|对方|老板|邻居|婆婆|家公|老爸|前夫|酒鬼|翁|尪){HIT}(?:紧|着|緊)?(?:阮|我|我妈|孩子|小孩|奴仔)(?:了|啊|呀|啦|救|快|现在|怎么办|咋办|$)",
        "he hits me, now or this minute",
        False,
    ),
    Pattern(
        "violence",
        rf"{HIT}(?:紧|緊|着|著){WHO}|(?:给|被|互|乞){{0,1}}(?:伊|他|老公|人){HIT}到(?:流血|爬唔起|站不起来|出血)|{HIT}到(?:我)?(?:流血|满脸是血|头破血流|昏)",
        "going on, Teochew and Cantonese too",
        False,
    ),
    Pattern(
        "violence",
        rf"(?:又|马上要|就要|扬言要|说要|要)(?:来)?{HIT}(?:死)?(?:我|阮|我们|我全家|人)(?!电话|官司|工)",
        "a threat to hit or kill",
        False,
    ),
    Pattern(
        "violence",
        r"(?:要|想|说|威胁)(?:要|把我|要把我|把我们)*(?:杀|弄死|砍死|打死|捅死|烧死|掐死|做掉|杀掉)(?:我|我们|我全家|人|他|她|你们)?",
        "a threat to life",
        False,
    ),
    Pattern(
        "violence",
        r"(?:拿|提|举|持|握|带)着?(?:一把)?(?:菜|水果|西瓜|大|长|砍)?(?:刀|斧|棍|铁棍|枪|锄头|汽油)(?!.{0,4}(?:去年|以前))",
        "a weapon in the hand",
        False,
    ),
    Pattern(
        "violence",
        r"掐(?:着|住|紧)?(?:我|阮|她|他|孩子|小孩)(?:的)?(?:脖子)?|勒(?:着|住|我)(?:的)?脖子",
        "strangling",
        False,
    ),
    Pattern(
        "violence", rf"(?:{WHO}|他|老公|丈夫|人)(?:正)?在{HIT}(?:{WHO}|他|她)", "somebody is hitting somebody", False
    ),
    Pattern(
        "self_harm",
        r"从.{0,6}(?:跳下去|跳落去)|一死了之|(?:撑|坚持|熬)不(?:下去|住)了(?!.{0,4}(?:生意|厂|店|公司))",
        "the wish, in other words",
        True,
    ),
    Pattern(
        "violence",
        r"救命|救救我|快来救|谁来救|快救|(?:帮我|快|赶紧|马上|赶快)(?:叫|喊)?(?:报警|报警察|叫警察|打110)|快来人",
        "calls for help",
        True,
    ),
    Pattern(
        "violence",
        r"(?:砸|踹|撞|踢|撬)(?:着|紧|我家|我的|我|阮|的)*(?:门|門|厝门)(?!.{0,6}(?:赔|索赔|去年|上个月|昨天|前天))",
        "breaking in",
        False,
    ),
    Pattern(
        "violence",
        r"(?:追|堵|围|跟踪|尾随)(?:着|住|紧)(?:我|阮|我们)(?!.{0,4}(?:要债|要钱的电话))|(?:有人|他)在?(?:跟踪|尾随)我",
        "followed or surrounded",
        False,
    ),
    Pattern(
        "violence",
        r"(?:强奸|強姦|强暴|非礼|性侵)(?:我|了我)|(?:我|刚|刚刚|被人)被?(?:强奸|強姦|强暴|性侵)",
        "sexual violence",
        True,
    ),
    Pattern(
        "violence",
        r"(?:好|很|真的)?(?:害怕|怕)(?:他|她|老公)?(?:打死|杀|砍|弄死)(?:我)?|会(?:被)?(?:他)?打死(?:的|我)?",
        "fears for her life",
        False,
    ),
    Pattern(
        "violence",
        r"家暴(?:现场|现在|正在)|(?:正在|现在|又在|又)家暴|又(?:喝|饮)(?:醉|多)?酒?.{0,4}(?:打|发疯|动手)",
        "violence at home, now",
        False,
    ),
    Pattern("violence", r"(?:又|现在|正在|刚刚|刚才|在)(?:对我|跟我|开始)?动手(?:了|打)", "has begun to hit", False),
    Pattern(
        "confined",
        r"(?:把)?(?:我|阮|我们|孩子|小孩|我女儿|我儿子)(?:被)?(?:他|他们|人|老板)?(?:反)?(?:关|锁|困|绑|捆|绑架|扣)(?:在|着|起来|住)|不(?:让|给|准|许)(?:我|我们|阮)(?:走|出去|出门|离开|回家)|(?:被|遭)(?:绑架|非法拘禁|囚禁|传销)(?!.{0,6}(?:去年|以前|怎么判|判几年))",
        "held against their will",
        False,
    ),
    Pattern(
        "confined",
        r"(?:孩子|小孩|女儿|儿子|奴仔)(?:被|刚被|刚刚被)(?:人)?(?:抢走|抱走|拐走|带走了不见)",
        "a child taken",
        True,
    ),
    Pattern(
        "medical",
        r"(?:流了?(?:好多|很多|一地|一头|满脸)血|血流不止|大出血|昏过去|昏迷了|晕倒了|没(?:有)?呼吸|快不行了|喘不过气|休克|中毒了)(?!.{0,8}(?:赔|去年|上个月|鉴定|工伤))",
        "a life at risk",
        False,
    ),
    Pattern("medical", r"(?:快|赶紧|帮我)(?:叫|打)?(?:救护车|120)", "asks for an ambulance", True),
    Pattern(
        "fire",
        r"(?:着火了|起火了|失火了|火烧厝|煤气(?:泄漏|漏了)|要放火|要点火|放火烧)(?!.{0,8}(?:赔|谁负责|去年|上个月|责任))",
        "fire or gas",
        False,
    ),
)
# Somebody who asks about what was, or about the law, is not in it this minute.
CALM = re.compile(
    r"去年|前年|以前|之前|上个?月|上周|上星期|前几天|前两天|昨天|昨晚|前天|多年|几年前|小时候|年轻时|那时|当时|曾经|"
    r"怎么(?:赔|判|取证|起诉|索赔|处罚|算)|咋(?:赔|判)|判几年|犯法吗|犯罪吗|违法吗|算不算|能(?:不能)?(?:离婚|起诉|告|报警吗|索赔|要求)|可以(?:离婚|起诉|告|索赔)|"
    r"赔偿|索赔|取证|证据|法律规定|正当防卫|什么罪|保护令怎么|辞职|离职|辞工|押金|如果|假如|要是|万一|新闻|电视|电影|普法|小说|朋友圈|听说"
)
# These put it back into this minute, whatever else is said.
NOW = re.compile(r"现在|現在|正在|还在|還在|马上|此刻|刚刚|救|快来|快点|躲在|门外|打紧|今晚又|又来了")
# What sounds like it and is daily talk.
HARMLESS = re.compile(
    r"(?:气|笑|累|热|冷|饿|忙|烦|困|急|愁|吓|恨|爱|疼|羞|高兴|想)死(?:我|人|你|个人)*(?:了|啦)?|想死你|死(?:活|心|机|板|亡赔偿|者|因|亡证明|了心)|打(?:死也不|死不|死我也)|该死的|"
    r"不想活(?:得|成|在别人|这么累)|(?:被|让|给)?(?:蚊子|狗|猫)咬|砍价|杀价|刀具|菜刀(?:多少|买)|打(?:电话|電話|官司|工|欠条|收条|借条|印|听|扰|算|卡|车|针|疫苗|折|包|开|字|个比方|个电话|麻将|牌|球|游戏)"
)
_SQUEEZE = re.compile(r"[\s\W_]+")
_COMPILED = tuple((pattern, re.compile(pattern.regex)) for pattern in PATTERNS)


def danger_kind(text: str) -> Kind | None:
    """Return what kind of danger a message tells of, or None."""
    squeezed = HARMLESS.sub("", _SQUEEZE.sub("", text.lower()))
    calm = bool(CALM.search(squeezed)) and not NOW.search(squeezed)
    for pattern, regex in _COMPILED:
        if (pattern.always or not calm) and regex.search(squeezed):
            return pattern.kind
    return None


def is_danger(text: str) -> bool:
    """Whether a message tells of danger now."""
    return danger_kind(text) is not None


_FIRST: dict[Kind, tuple[str, tuple[tuple[str, str], ...], str]] = {
    "violence": (
        "先打110报警。有人受伤打120。",
        (("110", "报警"), ("120", "急救")),
        "能走就先离开，去邻居家或人多的地方；走不了就把门锁上，别和他争。安全了再告诉我，我帮您找人。",
    ),
    "self_harm": (
        "先打120，或者110，会有人马上来帮您。",
        (("120", "急救"), ("110", "报警")),
        "您现在一定很难受。请先找一个身边的人陪着您，别一个人待着，把药、刀这些放远一点。难的事可以一件一件来，我们帮您找人。",
    ),
    "medical": (
        "先打120叫救护车。",
        (("120", "急救"), ("110", "报警")),
        "照120说的做，让受伤的人躺好，别随便挪动，旁边留个人。",
    ),
    "fire": (
        "先打119。有人受伤打120。",
        (("119", "火警"), ("120", "急救")),
        "人先出来，别回去拿东西；闻到煤气别开灯、别打火，到外面再打电话。",
    ),
    "confined": (
        "先打110报警。",
        (("110", "报警"),),
        "不方便说话也先拨通，小声说地址；记住周围能看到的招牌。别激怒对方，先保证自己安全。",
    ),
}


def replies(text: str) -> tuple[Reply, ...]:
    """Return the answer: the number to call first, tappable, then one safe next step. No form, no menu."""
    first, numbers, then = _FIRST[danger_kind(text) or "violence"]
    fields = tuple(Field(what, number, f"tel:{number}") for number, what in numbers)
    return (Reply(text=first, card=Card(title="马上拨打", fields=fields)), Reply(text=then))
