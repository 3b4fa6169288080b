"""Names of people and of organisations, by what stands around them.

There is no Chinese name model to be had, so a name is believed only where people put one: after 我叫 or 姓名, before a title
or a phone number, before what every shop and factory ends with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import jieba

from bot.understanding.patterns import Span

SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章苏潘葛奚范彭郎鲁韦马苗方俞任袁柳酆鲍史唐费廉岑"
    "薛雷贺倪汤滕殷罗毕郝邬傅皮卞齐伍余元顾孟黄穆萧肖尹姚邵湛汪祁毛狄贝臧戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季贾路娄江童颜郭梅盛林刁"
    "钟徐邱骆高夏蔡田樊胡凌霍虞万支柯管卢莫房裘缪丁宣邓郁洪包左石崔吉龚程邢裴陆荣翁荀甄曲封储靳焦巴牧隗侯宓蓬郗班仰仲宁仇甘厉戎祖武"
    "符刘景詹束龙叶幸司韶郜黎蓟薄蒲邰赖卓蔺屠蒙池乔闻莘翟谭劳逄姬申扶冉宰郦雍桑桂濮牛寿边扈燕冀浦尚温庄晏柴瞿阎慕茹习艾鱼容向古易慎戈"
    "廖庾终居衡步都耿匡寇广禄阙东欧殳沃蔚越夔隆师巩厍聂晁勾敖融冷訾辛阚简饶曾沙养鞠须丰巢关蒯红游竺权逯盖益桓佘於涂辜粘肖岳麦区"
)
# Surnames that are everyday words too: alone before a title they mean the word (和调解员, 关律师 stays a name).
_ALSO_WORDS = frozenset("查那相应经后都向区须东广元支易容居步游边司师越包项管连通能全乐常安")
_NAME = rf"[{SURNAMES}][一-鿿]{{1,2}}"
_TITLE = (
    "大?律师|法律顾问|顾问|调解员|公证员|鉴定人|人民调解员|主任|所长|站长|科长|局长|书记|村长|法官|警官|检察官|老师|医生|经理|师傅|先生|女士|"
    "小姐|太太|阿姨|大姐|大哥|姐|哥|叔|伯|婶|姨|总|工"
)
_NOT_AFTER_TITLE = "(?!事务所|函|证|费|楼|行|咨询|会|姐|哥|们|里|所|资格|团|协会)"
_TITLED = re.compile(rf"(?=(?P<name>[{SURNAMES}](?:[一-鿿]{{0,2}}?))(?P<title>{_TITLE}){_NOT_AFTER_TITLE})")
_KIN = "弟弟?|哥哥?|姐姐?|妹妹?|儿子|女儿|老公|丈夫|老婆|妻子|爸爸?|妈妈?|父亲|母亲|舅舅|叔叔|伯父|姑姑|表[哥弟姐妹]|堂[哥弟姐妹]|侄[子女儿]?|孙子|孙女|爷爷|奶奶|外公|外婆|阿公|阿嫲|前夫|前妻|邻居|房东|对方|被告|老板|工友|当事人"
_END = r"(?=$|[^一-鿿]|的|是|在|被|去世|住|今年|和|跟|电话|手机|身份|律师|欠|打|就|呢|吧|行|可以|好|吗|来|，)"
_INTRODUCED = re.compile(
    rf"(?:姓名是?|名字是|名字叫|名叫|全名|我叫|叫做|叫|我是|本人|应该是|是叫|写成|改成|换成|换|申请人|联系人|(?:我的?)?(?:{_KIN})(?:是|叫)?|联系|找一下|查一下|帮我找|帮我查|想找|我找|找|约|查)"
    rf"[:： ]?(?P<name>{_NAME}){_END}"
)
# A name at the head of a message, or alone between marks, beside a phone, a sex or an age.
_LISTED = re.compile(
    rf"(?:^|[\s,，。;；、/])(?P<name>{_NAME})(?=\s*[,，、\s/]\s*(?:\+?\d|男|女|电话|手机|身份证|申请|住|[一-鿿]{{2,8}}[镇村街]))"
)
_KIN_OF = re.compile(rf"(?:^|[\s,，。])(?P<name>{_NAME})(?=是我)")
_MASKED = re.compile(rf"(?P<name>[{SURNAMES}](?:某{{1,2}}|[*×xX]{{1,2}})[一-鿿]?)(?![一-鿿])")
# Words that begin like a name and are none.
_NO_NAME_END = "了吗呢的么吧啊来去到过要想有不没人家处所院厂店镇村市区省县里上下前后中时天日月年号们个位些说问看打给让帮办开用在是被把对向从和与或也都就才又再很太最更"

# 澄海区宏泰玩具 is as long as a name gets before what it is; more is a sentence.
LONGEST_STEM = 8
_SUFFIX = (
    "律师事务所|律所|公证处|司法鉴定所|司法鉴定中心|鉴定所|鉴定中心|人民调解委员会|调解工作室|股份有限公司|有限责任公司|有限公司|集团|公司|"
    "玩具厂|塑料厂|电子厂|服装厂|毛织厂|印刷厂|工艺厂|工艺厂|食品厂|五金厂|制衣厂|厂|超市|医院|诊所|门诊部|幼儿园|小学|中学|学校|培训中心|培训班|健身房|健身|"
    "美容院|物流|快递|酒楼|酒店|饭店|餐厅|大排档|奶茶店|专卖店|商行|商店|小店|工作室|合作社|银行|保险|房产中介|中介|地产|花园|小区"
)
# Whom everybody names without saying what it is.
_KNOWN = re.compile(
    "美团(?:众包|外卖|优选)?|饿了么|淘宝|天猫|京东|拼多多|抖音|快手|小红书|闲鱼|滴滴|货拉拉|支付宝|顺丰|中通|圆通|申通|韵达|极兔|菜鸟驿站|"
    "平安(?:保险)?|人保|太平洋保险|中国人寿|泰康|农商行|农行|工行|建行|中行|邮储|招行|信用社|碧桂园|恒大|万科|保利|肯德基|麦当劳|瑞幸|蜜雪冰城|沃尔玛|永辉"
)
_SUFFIXED = re.compile(rf"(?:{_SUFFIX})(?!{_SUFFIX})")
# Words that stand before a kind of place and name none.
_GENERIC_WORDS = """
玩具 塑料 电子 服装 毛织 印刷 工艺 食品 五金 制衣 皮革 化工 机械 家具 物业 房产 装修 建筑 口腔
人民 中医 妇幼 中心 公立 私立 民办 镇 村 区 县 市 街道 卫生 我们 我 你们 他们 那个 这个 哪个
那家 这家 哪家 一家 一个 一间 那间 这间 有 没有 什么 附近 最近 隔壁 楼下 对面 老家 外地 本地 原来
以前 现在 一些 几家 别的 其他 同一 劳务 派遣 保险 贷款 网贷 小额 快递 外卖 物流 旅游 搬家 家政
代理 代账 开发 房地产 大 小 老 新 好 黑 整个 自己 自家 大型 正规 信托 担保 投资 理财 科技 贸易
在 去 到 找 约 问 想 要 告 叫 被 跟 和 与 给 把 从 向 为 对 是 的 了 就 都 也 还 又 不
没 说 讲 投诉 联系 预约 进 进了 开 办 买 做 干 上 下 收到 打 打给 听说 帮 帮我 请 请问 欠 离
个 家 间 所 各 每 全 该 本 此 及 或 或者 因为 所以 但是 而且 拿 用 让 使 由 等 等等 后 前
里 中 外 内 旁边 门口 附近的 律师 公证 鉴定 调解 司法 法律 服务 援助 仲裁 民营 国有 商业 农村
有没有 哪里有 哪里 哪儿 有哪些 哪些 几家 多少 随便 推荐 介绍 便宜 出名 靠谱 可靠 当地 全区 市里 区里 镇上 村里 县里 城里 路边 街上
怎么办 怎么 怎样 如何 顺便 另外 老板 房东 对方 邻居 不 能 会 可以 哪 几点 什么时候 地址 电话 知道 知 问下 问一下 查 查一下 看 看看 关于 想约 想找 那天 当天 元旦 国庆 春节 今天 明天 社会 工伤 医疗 养老 失业 生育
"""
_GENERIC = frozenset(_GENERIC_WORDS.split())


def find(text: str) -> Iterator[Span]:
    """Yield person_name and organization_name; none lies inside another."""
    organizations = list(_organizations(text))
    yield from organizations
    taken = [(span.start, span.end) for span in organizations]
    for span in _people(text):
        if not any(start < span.end and span.start < end for start, end in taken):
            taken.append((span.start, span.end))
            yield span


def _people(text: str) -> Iterator[Span]:
    for match in _TITLED.finditer(text):
        if _is_titled(text, match):
            said = match["name"] + match["title"]
            yield Span("person_name", said, match.start(), match.start() + len(said))
    for pattern, sure in ((_INTRODUCED, False), (_LISTED, True), (_KIN_OF, False), (_MASKED, True)):
        for match in pattern.finditer(text):
            name = match["name"]
            if not _is_word(name) or (sure and name not in jieba.dt.FREQ):
                yield Span("person_name", name, match.start("name"), match.end("name"))


def _is_titled(text: str, match: re.Match[str]) -> bool:
    """Whether a surname before a title begins a name, rather than ending a word (温柔的和调解员)."""
    given = match["name"][1:]
    if any(char in _NO_NAME_END for char in given) or (not given and match["name"] in _ALSO_WORDS):
        return False
    if given and (_is_word(match["name"]) or match["title"] in ("总", "工", "师傅")):
        return False
    before = text[max(0, match.start() - 3) : match.start()]
    # The surname must not be the end of a longer word: 有没有律师, 公证处主任.
    return not any(
        before[-n:] + match["name"][0] in jieba.dt.FREQ and jieba.dt.FREQ[before[-n:] + match["name"][0]] > 0
        for n in (1, 2, 3)
        if len(before) >= n
    )


def _is_word(name: str) -> bool:
    """Whether what looks like a name is, or begins with, an everyday word (江西人, 方便, 高兴)."""
    frequency = jieba.dt.FREQ
    return (
        name[-1] in _NO_NAME_END
        or frequency.get(name, 0) > 50
        or (len(name) == 3 and frequency.get(name[:2], 0) > 300)
        or frequency.get(name[1:], 0) > 3000
    )


def _organizations(text: str) -> Iterator[Span]:
    for match in _KNOWN.finditer(text):
        yield Span("organization_name", match.group(), match.start(), match.end())
    end = 0
    for match in _SUFFIXED.finditer(text):
        stem = _stem(text[end : match.start()])
        if stem and not stem.isdigit() and not _only_generic(stem) and not _KNOWN.search(stem):
            start = match.start() - len(stem)
            yield Span("organization_name", text[start : match.end()], start, match.end())
        end = match.end()


def _stem(before: str) -> str:
    """Return the words right before a kind of place that can belong to its name: 我在星童 → 星童."""
    tail = re.split(r"[^一-鿿A-Za-z0-9]", before)[-1][-12:]
    stem = ""
    for word in reversed(list(jieba.cut(tail))):
        generic = word in _GENERIC
        if (generic and (stem and not _only_generic(stem))) or word in (
            "的",
            "了",
            "在",
            "去",
            "到",
            "跟",
            "和",
            "被",
            "找",
            "约",
            "是",
            "我们",
            "我",
        ):
            break
        stem = word + stem
    return stem


def _only_generic(stem: str) -> bool:
    return not 2 <= len(stem) <= LONGEST_STEM or all(word in _GENERIC for word in jieba.cut(stem))
