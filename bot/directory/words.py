"""What the directory's codes are called in Chinese. Runs on both Pythons."""

from __future__ import annotations

from bot.directory.model import PEOPLE, Query

TYPES = {
    "lawyer": "律师",
    "law_firm": "律师事务所",
    "mediator": "调解员",
    "mediation_committee": "调解委员会",
    "notary": "公证员",
    "notary_office": "公证处",
    "legal_aid_center": "法律援助中心",
    "village_adviser": "村法律顾问",
    "forensic_institute": "司法鉴定机构",
    "arbitration": "仲裁机构",
    "service_center": "公共法律服务中心（站、室）",
    "justice_office": "司法所",
}
LANGUAGES = {"zh-cmn": "普通话", "zh-teochew": "潮汕话", "zh-yue": "粤语", "zh-hakka": "客家话", "sign": "手语"}
GENDERS = {"female": "女", "male": "男"}
MATTERS = {
    "labour": "劳动工资",
    "family": "婚姻家庭",
    "inheritance": "遗产继承",
    "housing": "房子租房",
    "debt": "借钱合同",
    "traffic": "交通事故",
    "consumer": "买东西退款",
    "neighbour": "邻里",
    "criminal": "刑事",
    "ip_business": "商标版权和公司",
    "administrative": "跟政府部门",
    "injury": "人身损害",
    "land": "土地宅基地",
    "social_security": "社保低保",
}


def unit(provider_type: str) -> str:
    """Return the measure word: 位 for people, 家 for places."""
    return "位" if provider_type in PEOPLE or not provider_type else "家"


# What people call somebody tells the kind of provider: 陈律师, 吴调解员.
TITLES = {
    "律师": "lawyer",
    "调解员": "mediator",
    "公证员": "notary",
    "法律顾问": "village_adviser",
    "顾问": "village_adviser",
}


# An organisation that the directory may hold; 鹏程物流 in "鹏程物流撞了我, 找个律师" is the other side.
_ORGANIZATIONS = ("律师事务所", "律所", "公证处", "鉴定所", "鉴定中心", "调解委员会", "工作室")


def type_of_title(name: str) -> str:
    """Return the kind of provider that a name's title tells, or ""."""
    return next((kind for title, kind in TITLES.items() if name.endswith(title)), "")


def looked_for(person: str, organization: str, provider_type: str) -> str:
    """Return the name that a look-up is about, or "": not the writer's own, nor the other side's.

    A person counts when a title says that they work here, or when no kind of provider is asked for.
    """
    if person and (type_of_title(person) or not provider_type):
        return person
    return organization if organization.endswith(_ORGANIZATIONS) else ""


def describe(query: Query) -> str:
    """Say what is looked for: 会讲潮汕话的女调解员."""
    language = f"会讲{LANGUAGES[query.language]}的" if query.language in LANGUAGES else ""
    if query.language == "sign":
        language = "会手语的"
    matter = f"懂{MATTERS[query.matter]}的" if query.matter in MATTERS else ""
    return language + matter + GENDERS.get(query.gender, "") + TYPES.get(query.provider_type, "法律服务人员")


def wishes(names: tuple[str, ...], query: Query) -> str:
    """Say the wishes that nobody could meet: 会讲粤语、女."""
    said = {
        "language": f"会讲{LANGUAGES.get(query.language, '')}",
        "gender": GENDERS.get(query.gender, ""),
        "matter": f"懂{MATTERS.get(query.matter, '')}",
    }
    return "、".join(said[name] for name in names if name in said)
