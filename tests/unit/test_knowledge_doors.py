"""The right door: sixty troubles as citizens say them, each through the action to the door that handles it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher

from actions.where_to_go import ActionWhereToGo
from bot.knowledge.importer import read_doors
from bot.knowledge.model import MAX_DOORS, right_doors

DOORS = read_doors(Path(__file__).resolve().parents[2] / "data" / "knowledge" / "doors.csv")
MEDIATION, PETITION, REVIEW = "人民调解委员会", "信访", "行政复议"
# What is said, and the first door's number, or its name where it has none or shares one.
SITUATIONS = (
    ("老板欠我三个月工资，该找谁", "12333"),
    ("工钱一直拖，打哪个电话", "12333"),
    ("单位不给我交社保找哪里", "12333"),
    ("加班费不给，哪个部门管", "12333"),
    ("上班手被机器压伤，老板不管，找谁", "12333"),
    ("被公司无故辞退去哪里讲理", "劳动争议仲裁"),
    ("没签合同想要双倍工资去哪申请", "劳动争议仲裁"),
    ("想请厂里的工会出面，打什么电话", "12351"),
    ("人社局不予认定工伤，我不服去哪", REVIEW),
    ("刚刚转账给骗子了找谁", "110"),
    ("有个电话说我涉案，要转到安全账户，是不是骗局，问谁", "96110"),
    ("门口有人打架找谁", "110"),
    ("前男友天天跟踪我，找谁", "110"),
    ("网上有人造谣我，哪里管", "110"),
    ("网贷催收天天骚扰我家人", "110"),
    ("家暴之后想找人问问怎么办", "12338"),
    ("婆婆天天骂我，有没有妇女能打的电话", "12338"),
    ("我们两个都愿意离，协议离婚去哪里办", "婚姻登记处"),
    ("结婚证丢了去哪里补领结婚证", "婚姻登记处"),
    ("楼上漏水谁都不管，该找谁", MEDIATION),
    ("邻居占了我家的地界找谁评理", MEDIATION),
    ("厝边半夜唱歌吵死了", MEDIATION),
    ("儿子不养我，老人该找谁", MEDIATION),
    ("房东不退押金去哪里说", MEDIATION),
    ("隔壁的狗咬了我，找谁", MEDIATION),
    ("兄弟分家谈不拢，找谁", MEDIATION),
    ("医院把人治坏了，找哪里谈", MEDIATION),
    ("网购买到假货去哪里投诉", "12315"),
    ("健身房跑路，健身卡不退", "12315"),
    ("在饭店吃坏肚子，哪里管", "12315"),
    ("店家不给退款去哪里投诉", "12315"),
    ("他借钱不还，我想打官司去哪", "12368"),
    ("判决下来他就是老赖不给钱", "12368"),
    ("我的案子什么时候开庭，打什么电话", "12368"),
    ("法院判决不服想上诉找哪里", "12368"),
    ("货款要不回来想起诉", "12368"),
    ("派出所不立案怎么办", "12309"),
    ("判决生效了还是冤枉，想申诉", "12309"),
    ("想申请国家赔偿去哪问", "12309"),
    ("举报村官贪污", "12388"),
    ("镇里的干部吃拿卡要找谁", "12388"),
    ("村里有黑社会和保护伞去哪举报", "12337"),
    ("法官收了人家的烟，我找哪个", "12337"),
    ("警察打人我去哪里投诉", "12389"),
    ("派出所乱罚款，投诉民警", "12389"),
    ("孩子在学校被霸凌找谁", "12355"),
    ("刚才被车撞了", "122"),
    ("没钱请律师怎么办", "法律援助中心"),
    ("老人要立遗嘱公证去哪里", "公证处"),
    ("出国要亲属关系公证", "公证处"),
    ("社区矫正去哪里报到", "司法所"),
    ("玩具外观被人抄了找谁", "知识产权快速维权中心"),
    ("商标被别人冒用去哪里维权", "知识产权快速维权中心"),
    ("同行之间的货，想请协会出面", "行业协会、商会"),
    ("工地半夜施工太吵", "城市管理、环境投诉"),
    ("隔壁厂的污水排到河里", "城市管理、环境投诉"),
    ("邻居搞违建挡我家光", "城市管理、环境投诉"),
    ("物业乱收费哪里管", "城市管理、环境投诉"),
    ("低保去哪里申请", "政府办事和民生"),
    ("公司被人冒名登记了法人", "政府办事和民生"),
    ("村务不公开，村账看不到", "政府办事和民生"),
    ("律师乱收费去哪里投诉", "律师、公证、调解的投诉"),
    ("对镇政府的罚款不服", REVIEW),
    ("征地补偿太低，不服去哪", REVIEW),
    ("交警的罚单我不服", REVIEW),
    ("信访局的事打哪个电话", PETITION),
    ("12389是管什么的", "12389"),
    ("12337能打电话吗", "12337"),
)  # fmt: skip
# A petition is meant for a quarrel with somebody: led to a door that can settle it.
MISDIRECTED = (
    ("我要去上访告邻居", MEDIATION),
    ("借钱不还，我要去上访", "12368"),
    ("工资拿不到，去信访有没有用", "12333"),
    ("老板把我辞退了我要去上访", "劳动争议仲裁"),
    ("商家不退款我去信访", "12315"),
)


async def asked(text: str, matter: str = "") -> CollectingDispatcher:
    said = {"text": text, "intent": {"name": "where_to_go", "confidence": 0.9}, "entities": [], "metadata": {}}
    if matter:
        said["entities"] = [{"entity": "matter", "value": matter}]
    tracker = SimpleNamespace(latest_message=said, slots={}, events=[], sender_id="web:sender-0001")
    dispatcher = CollectingDispatcher()
    await ActionWhereToGo(SimpleNamespace(doors=DOORS)).run(dispatcher, tracker, {})
    return dispatcher


def first(dispatcher: CollectingDispatcher) -> tuple[str, str]:
    """Return the first card's title and number."""
    card: dict[str, Any] = dispatcher.messages[1]["custom"]["card"]
    numbers = [field["value"] for field in card["fields"] if field["label"] == "电话"]
    return card["title"], numbers[0] if numbers else ""


@pytest.mark.parametrize(("said", "door"), SITUATIONS)
async def test_citizen_is_led_to_the_door_that_handles_it(said: str, door: str) -> None:
    dispatcher = await asked(said)
    assert door in first(dispatcher)
    assert dispatcher.messages[0]["response"] == "utter_doors"
    assert dispatcher.messages[0]["first"] == first(dispatcher)[0]


@pytest.mark.parametrize(("said", "door"), MISDIRECTED)
async def test_citizen_who_would_petition_about_somebody_is_led_kindly_to_who_can_settle_it(
    said: str, door: str
) -> None:
    dispatcher = await asked(said)
    assert dispatcher.messages[0]["response"] == "utter_doors_no_petition"
    assert door in first(dispatcher)
    cards = [message["custom"]["card"]["title"] for message in dispatcher.messages[1:]]
    assert PETITION not in cards


@pytest.mark.parametrize("said", ["征地补偿太低，我要去信访", "对镇政府有意见想信访", "举报村官贪污，去信访行吗"])
async def test_citizen_with_a_complaint_about_an_authority_is_not_told_that_it_is_a_quarrel(said: str) -> None:
    assert (await asked(said)).messages[0]["response"] == "utter_doors"


async def test_citizen_learns_what_to_say_there_and_can_go_on_here() -> None:
    dispatcher = await asked("楼上漏水谁都不管，该找谁")
    for message in dispatcher.messages[1:]:
        labels = [field["label"] for field in message["custom"]["card"]["fields"]]
        assert {"管什么", "怎么说"} <= set(labels)
    assert {"title": "约调解", "payload": "/book_mediation"} in dispatcher.messages[-1]["buttons"]
    assert "转人工" in [button["title"] for button in dispatcher.messages[-1]["buttons"]]


async def test_matter_that_was_only_guessed_gives_way_to_a_word_that_was_said() -> None:
    assert "12333" in first(await asked("工资拖了半年该打什么电话", "consumer"))
    assert "12315" in first(await asked("这种事找谁", "consumer"))


def test_citizen_gets_the_general_hotlines_when_nothing_fits() -> None:
    assert [d.number for d in right_doors(DOORS, "", "")] == ["12348", "12345"]


def test_citizen_who_asks_about_two_numbers_gets_both_in_that_order() -> None:
    assert [d.number for d in right_doors(DOORS, "12345和12348有什么区别", "")] == ["12345", "12348"]


def test_number_that_did_not_help_is_not_offered_again_before_the_right_door() -> None:
    assert right_doors(DOORS, "打了12345说不归他管，楼上漏水该找谁")[0].name == MEDIATION


def test_citizen_is_never_given_more_doors_than_can_be_read() -> None:
    assert len(right_doors(DOORS, "被骗了工资判决离婚退款孩子邻居", "labour")) == MAX_DOORS


def test_door_that_names_no_confirmed_number_says_so_or_can_be_found_here() -> None:
    findable = {"arbitration", "mediation_committee", "legal_aid_center", "notary_office", "justice_office"}
    for door in DOORS:
        assert door.number or door.provider_type in findable or "12345" in door.say or "协会" in door.name
