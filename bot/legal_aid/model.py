"""Who can probably get legal aid: a table of matters and a few rules, each with the article that it rests on. Pure.

The answer is a first look and decides nothing. What the law leaves to a figure that nobody has confirmed here, or to
somebody's judgement, comes out as "a person has to look", never as a guess. 法律援助法 is the Legal Aid Law of 2021.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Outcome = Literal["likely_no", "a_person_looks", "likely_yes"]
# From the worst to the best.
OUTCOMES: tuple[Outcome, ...] = ("likely_no", "a_person_looks", "likely_yes")
# Whose right it is: one who suffered and asks for something, one who is accused or sued, or a company. "for_…" is a
# relative who asks for one of them.
Role = Literal["wronged", "accused", "for_wronged", "for_accused", "company"]
ROLES: tuple[Role, ...] = ("wronged", "accused", "for_wronged", "for_accused", "company")
# What the household has: less than the province's line, savings eaten up by illness, an accident or school fees, enough
# to pay a lawyer, valuables, or the citizen cannot say.
Income = Literal["below", "drained", "enough", "valuables", "unsure"]
INCOMES: tuple[Income, ...] = ("below", "drained", "enough", "valuables", "unsure")
# Where the case is handled, or where the thing happened.
Place = Literal["here", "elsewhere", "unsure"]
PLACES: tuple[Place, ...] = ("here", "elsewhere", "unsure")
Rule = Literal["hardship", "no_limit", "criminal", "retrial", "unlisted"]
# The line stands in article 3; which article names the valuables is not confirmed.
RULES = "广东省申请法律援助经济困难公民认定办法（粤府令268号，以现行文本为准）"
LINE = "广东省申请法律援助经济困难公民认定办法第3条（粤府令268号，以现行文本为准）"


@dataclass(frozen=True)
class Reason:
    """One sentence and the article it rests on, as `bot.knowledge.citation` reads it.

    `authority` is a rule beside it that the statute corpus does not hold, `label` what the sentence is about.
    """

    says: str
    article: str
    authority: str = ""
    label: str = ""


@dataclass(frozen=True)
class Matter:
    """One kind of trouble. `article` is where the law names it, `papers` what usually shows what happened."""

    title: str
    rule: Rule
    article: str
    papers: tuple[str, ...] = ()


MATTERS = {
    "wages": Matter("讨工资、认定劳动关系", "hardship", "法律援助法第31条第（五）项", ("劳动合同、工牌或工资记录",)),
    "work_injury": Matter("工伤赔偿", "hardship", "法律援助法第31条第（七）项", ("病历和工伤认定的材料",)),
    "injury": Matter(
        "车祸、看病、吃坏东西受了伤", "hardship", "法律援助法第31条第（七）项", ("病历、发票和事故认定的材料",)
    ),
    "support": Matter(
        "要赡养费、抚养费", "hardship", "法律援助法第31条第（四）项", ("户口簿、出生证等能证明亲属关系的材料",)
    ),
    "violence": Matter(
        "被家暴、虐待、遗弃",
        "no_limit",
        "法律援助法第32条第（四）项",
        ("报警回执、病历、照片或聊天记录，有什么带什么",),
    ),
    "criminal": Matter("刑事案件", "criminal", "法律援助法第24条", ("拘留、逮捕或起诉的通知，有哪张带哪张",)),
    "benefits": Matter("社保待遇、低保救助", "hardship", "法律援助法第31条第（二）项", ("社保或民政部门给的答复",)),
    "pension": Matter("要抚恤金", "hardship", "法律援助法第31条第（三）项", ("死亡或伤残的证明",)),
    "state": Matter("要国家赔偿", "hardship", "法律援助法第31条第（一）项", ("有关机关给的决定或答复",)),
    "cleared": Matter("再审改判无罪，要国家赔偿", "no_limit", "法律援助法第32条第（三）项", ("改判无罪的判决书",)),
    "capacity": Matter("认定家人没有行为能力", "hardship", "法律援助法第31条第（六）项", ("诊断或残疾的证明",)),
    "pollution": Matter("环境污染受损害", "hardship", "法律援助法第31条第（八）项", ("照片和损失的凭据",)),
    "bravery": Matter("见义勇为后主张权益", "no_limit", "法律援助法第32条第（二）项", ("见义勇为的证明",)),
    "martyr": Matter("维护英雄烈士的名誉", "no_limit", "法律援助法第32条第（一）项", ("烈士和亲属关系的证明",)),
    "retrial": Matter("申诉、再审", "retrial", "法律援助法第33条", ("原来的判决书", "再审决定书、裁定书或者抗诉书")),
    "other": Matter("别的事", "unlisted", "法律援助法第31条第（九）项", ("能说明事情经过的材料",)),
}


@dataclass(frozen=True)
class Exempt:
    """Who need not show what they have (article 42), or for whom the police or the court must ask for a lawyer (25).

    `only` are the matters that it counts for; () for all.
    """

    title: str
    article: str
    says: str
    paper: str
    only: tuple[str, ...] = ()


EXEMPT = {
    "relief": Exempt(
        "低保、特困、优抚或在领救助",
        "法律援助法第42条第（二）项",
        "领社会救助、司法救助的人和优抚对象，有材料证明，就不查家里有没有钱。",
        "低保证、特困证、优抚证或救助的证明",
    ),
    "no_income": Exempt(
        "老人、残疾人、未成年，没有固定收入",
        "法律援助法第42条第（一）项",
        "没有固定生活来源的未成年人、老年人、残疾人，有材料证明，就不查家里有没有钱。",
        "户口簿、身份证或残疾人证，加上没有固定收入的证明",
    ),
    "migrant": Exempt(
        "进城打工",
        "法律援助法第42条第（三）项",
        "进城打工的人讨工钱、要工伤赔偿，有材料证明，就不查家里有没有钱。",
        "户口簿，加上打工的证明",
        ("wages", "work_injury"),
    ),
}
NOTIFIED = {
    "minor": Exempt(
        "还没满18岁",
        "法律援助法第25条第一款第（一）项",
        "未成年的嫌疑人、被告人没请律师，办案机关就要通知法律援助机构派律师，不看家里有没有钱。",
        "户口簿或出生证",
    ),
    "senses": Exempt(
        "看不见、听不见或不会说话",
        "法律援助法第25条第一款第（二）项",
        "视力、听力、言语残疾的嫌疑人、被告人没请律师，办案机关就要通知派律师，不看家里有没有钱。",
        "残疾人证或医院的证明",
    ),
    "unsound": Exempt(
        "精神或智力有障碍的成年人",
        "法律援助法第25条第一款第（三）项",
        "不能完全辨认自己行为的成年人没请律师，办案机关就要通知派律师，不看家里有没有钱。",
        "医院的诊断或鉴定",
    ),
    "grave": Exempt(
        "可能判无期或死刑",
        "法律援助法第25条第一款第（四）项",
        "可能判无期徒刑、死刑的人没请律师，办案机关就要通知派律师，不看家里有没有钱。",
        "起诉书或办案机关的通知",
    ),
}
BY_LAW = {**EXEMPT, **NOTIFIED}


@dataclass(frozen=True)
class Standard:
    """The district's hardship line: yuan a month for each of the household, None while nobody has confirmed it."""

    line: int | None = None
    confirmed: str = ""


@dataclass(frozen=True)
class Facts:
    """What a citizen answered. `matter` is a key of MATTERS, `exempt` are keys of EXEMPT and NOTIFIED."""

    matter: str
    role: Role
    exempt: frozenset[str]
    income: Income
    place: Place = "here"


@dataclass(frozen=True)
class Result:
    """What a first look finds. `reasons` carry the outcome; the others are what to know next, each with its article."""

    outcome: Outcome
    reasons: tuple[Reason, ...]
    papers: tuple[str, ...] = ()
    where: tuple[Reason, ...] = ()
    notes: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class _Finding:
    """The best that one rule lets an outcome be, and why."""

    best: Outcome
    reason: Reason


def look(facts: Facts, standard: Standard) -> Result:
    """Return a first look at whether somebody can get legal aid."""
    if facts.role == "company":
        says = "法律援助是给个人的，主要帮经济困难的公民，公司、单位一般申请不了。"
        return _result(facts, (_Finding("likely_no", Reason(says, "法律援助法第2条")),), means=False)
    if (found := _owed(facts)) is not None:
        return _result(facts, (found,), means=False)
    means = _means(facts, standard)
    if facts.matter == "criminal" and accused(facts) and means.best == "likely_no":
        # Whoever is accused may have had another reason than money not to have a lawyer.
        means = replace(means, best="a_person_looks")
    return _result(facts, (_ground(facts), means), means=not exemptions(facts))


def accused(facts: Facts) -> bool:
    """Whether the one whom it is about is accused or sued."""
    return facts.role in ("accused", "for_accused")


def exemptions(facts: Facts) -> tuple[str, ...]:
    """Return the exemptions from showing what one has (article 42) that count for the matter."""
    return tuple(
        name for name in EXEMPT if name in facts.exempt and facts.matter in (EXEMPT[name].only or (facts.matter,))
    )


def notified(facts: Facts) -> tuple[str, ...]:
    """Return why the police, the prosecution or the court must ask for a lawyer (article 25)."""
    counts = facts.matter == "criminal" and accused(facts)
    return tuple(name for name in NOTIFIED if counts and name in facts.exempt)


def _owed(facts: Facts) -> _Finding | None:
    """Return what is owed whatever one has: articles 25 and 32."""
    if duties := notified(facts):
        duty = NOTIFIED[duties[0]]
        return _Finding("likely_yes", Reason(duty.says, duty.article))
    matter = MATTERS[facts.matter]
    if matter.rule == "no_limit" and not accused(facts):
        says = f"“{matter.title}”申请法律援助，不看家里有没有钱。"
        return _Finding("likely_yes", Reason(says, matter.article))
    return None


def _ground(facts: Facts) -> _Finding:
    """Return whether the law lets one apply for this at all."""
    matter = MATTERS[facts.matter]
    match matter.rule:
        case "criminal" if accused(facts):
            says = "没请律师的嫌疑人、被告人，因为没钱或者别的原因，本人和近亲属都可以申请。"
            return _Finding("likely_yes", Reason(says, matter.article))
        case "criminal":
            says = "刑事案件的受害人和近亲属，没钱请律师的，可以申请。"
            return _Finding("likely_yes", Reason(says, "法律援助法第29条"))
        case "retrial":
            says = "要等法院决定再审或者检察院抗诉了，没钱请律师的才可以申请。到没到这一步，要看材料。"
            return _Finding("a_person_looks", Reason(says, matter.article))
        case "unlisted":
            says = "国家的法律没有点名这类事，别的法规另有规定的也行。省里另列了哪些，要工作人员查。"
            return _Finding("a_person_looks", Reason(says, matter.article))
        case "no_limit":
            says = "不看家里有没有钱，只对受害、要求赔的这一方。您这一方要工作人员看。"
            return _Finding("a_person_looks", Reason(says, matter.article))
        case _ if accused(facts):
            says = "这类事写在法律援助的范围里，可您是被要求的一方，能不能办要工作人员看。"
            return _Finding("a_person_looks", Reason(says, matter.article))
        case _:
            return _Finding("likely_yes", Reason(f"“{matter.title}”在法律援助的范围里。", matter.article))


def _means(facts: Facts, standard: Standard) -> _Finding:
    """Return whether what the household has lets one have it."""
    if named := exemptions(facts):
        exempt = EXEMPT[named[0]]
        return _Finding("likely_yes", Reason(exempt.says, exempt.article))
    match facts.income:
        case "enough":
            says = "这类事要家里经济困难、请不起律师才给办。家里情况变差了，随时可以再来问。"
            return _Finding("likely_no", Reason(says, _hardship_article(facts)))
        case "valuables":
            says = "广东的办法里，家里有两套以上城镇房产这类值钱的财产，一般不算经济困难。"
            return _Finding("likely_no", Reason(says, "法律援助法第34条", RULES))
        case "below" if standard.line is not None:
            says = f"家里平均每人每月不到{standard.line}元，又没有值钱的财产，够得上省里的困难线。"
            return _Finding("likely_yes", Reason(says, "法律援助法第34条", LINE))
        case "drained":
            says = "生病、意外或者供人读书把钱花空了，也可能算经济困难，要工作人员对着单据看。"
            return _Finding("a_person_looks", Reason(says, "法律援助法第34条", LINE))
        case _:
            says = "多困难才算，由省里定线，跟本市上一年的收入挂钩。今年的数还没核实，要工作人员对一下。"
            if standard.line is not None:
                says = f"线是家里平均每人每月{standard.line}元，够不够要工作人员跟您一起算。"
            return _Finding("a_person_looks", Reason(says, "法律援助法第34条", LINE))


def _hardship_article(facts: Facts) -> str:
    """Return the article that asks for hardship."""
    if facts.matter == "criminal":
        return "法律援助法第24条" if accused(facts) else "法律援助法第29条"
    return "法律援助法第33条" if facts.matter == "retrial" else "法律援助法第31条"


def _result(facts: Facts, findings: tuple[_Finding, ...], means: bool) -> Result:
    outcome = min((found.best for found in findings), key=OUTCOMES.index)
    return Result(
        outcome=outcome,
        reasons=tuple(found.reason for found in findings),
        papers=_papers(facts, means),
        where=_where(facts),
        notes=_notes(facts),
    )


def _papers(facts: Facts, means: bool) -> tuple[str, ...]:
    """Return what to bring; `means` whether what the household has must be shown."""
    shown = tuple(BY_LAW[name].paper for name in (*notified(facts), *exemptions(facts)))
    relative = ("您自己的身份证，和他的亲属关系证明",) if facts.role.startswith("for_") else ()
    hardship = ("说明家里收入和花费的材料；一时开不出来，可以写诚信承诺",) if means else ()
    return ("身份证", *relative, *MATTERS[facts.matter].papers, *shown, *hardship)


def _where(facts: Facts) -> tuple[Reason, ...]:
    """Return where to apply."""
    says = {
        "here": "案子在澄海办，或者没打官司、事情出在澄海，就到区法律援助中心申请。",
        "elsewhere": "要到办案的那个地方申请；没打官司的，到处理这件事的机关那里，或者事情发生地。",
        "unsure": "打官司看办案机关在哪里；没打官司看谁在处理、事情出在哪里。说不准先打12348问。",
    }
    found = [Reason(says[facts.place], "法律援助法第38条")]
    if facts.matter == "criminal" and accused(facts):
        kept = "人关着的，把申请交给看守所或办案机关，24小时内要转到法律援助机构。"
        found.append(Reason(kept, "法律援助法第39条第一款"))
        found.append(Reason("人关着的，近亲属也可以替他申请。", "法律援助法第40条第二款"))
    elif facts.role.startswith("for_"):
        child = "孩子，或者不能自己拿主意的人，由法定代理人替他申请。其他家人最好请本人自己来。"
        found.append(Reason(child, "法律援助法第40条第一款"))
    return tuple(found)


def _notes(facts: Facts) -> tuple[Reason, ...]:
    """Return how long it takes, what is urgent, and what can be done against a no."""
    duty = Reason("没请律师的人，可以要求见值班律师，问法律不收钱。", "法律援助法第37条", label="马上要问")
    days = "收到申请七日内给答复，同意了三日内派人。材料不齐，会一次说清楚要补什么。"
    urgent = "离起诉、仲裁的期限不到七天，或者急着要保全，一开口就说，可以先帮您办、后补手续。"
    against = "不给办的要写明理由。不服可以找管它的司法局，五日内审查，还不服可以复议或起诉。"
    common = (
        Reason(days, "法律援助法第43条", label="多久"),
        Reason(urgent, "法律援助法第44条", label="很急的话"),
        Reason(against, "法律援助法第49条", label="不同意的话"),
    )
    return (duty, *common) if facts.matter == "criminal" and accused(facts) else common
