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
