"""The legal aid dialogue, action by action, over a real store and without the engine."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher
from redis.asyncio import Redis
from ruamel.yaml import YAML

from actions.booking_form import ActionBeginBooking
from actions.legal_aid import ActionAskAid, ActionAskLegalAid, ActionBeginLegalAid, ValidateLegalAidForm
from actions.my_bookings import ActionMyBookings
from actions.notary import ActionAskNotary
from actions.parts import Parts
from bot.citizens import service as citizens
from bot.citizens.keyring import Keyring
from bot.citizens.model import person_of
from bot.citizens.store import CitizenStore
from bot.errors import Unconfirmed
from bot.inbox.store import InboxStore
from bot.knowledge.library import library
from bot.knowledge.store import KnowledgeStore
from bot.legal_aid import service
from bot.legal_aid.model import Standard
from bot.legal_aid.store import ApplicationStore
from bot.notary.importer import read_matters
from tests.store.booking_world import AREAS, CALENDAR, open_desk

ROOT = Path(__file__).resolve().parents[2]
DISTRICT = "440515"
USER = "web:abc12345"
NAME, PHONE = "陈小明", "15400000001"
RESPONSES = YAML(typ="safe").load(ROOT / "domain.yml")["responses"]


@dataclass
class Tracker:
    """As much of Rasa's tracker as the actions read."""

    sender_id: str = USER
    slots: dict[str, Any] = field(default_factory=dict)
    latest_message: dict[str, Any] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    active_loop: dict[str, Any] = field(default_factory=dict)


class Citizen:
    """Somebody in the chat; does with the form what Rasa's rules do."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.tracker = Tracker()
        self.heard = 0

    async def taps(self, payload: str) -> str:
        intent, _, entities = payload.removeprefix("/").partition("{")
        given = json.loads("{" + entities) if entities else {}
        found = [{"entity": name, "value": value} for name, value in given.items()]
        return await self._turn(payload, intent, 1.0, found)

    async def says(self, text: str, intent: str = "inform", confidence: float = 0.4) -> str:
        return await self._turn(text, intent, confidence, [])

    async def _turn(self, text: str, intent: str, confidence: float, entities: list[dict[str, Any]]) -> str:
        self.heard += 1
        message = {
            "text": text,
            "intent": {"name": intent, "confidence": confidence},
            "entities": entities,
            "message_id": str(self.heard),
            "metadata": {"at": "2026-11-23T10:00:00+08:00"},
        }
        self.tracker.latest_message = message
        self.tracker.events.append({"event": "user", **message})
        self.said = CollectingDispatcher()
        self.side = False
        if self.tracker.active_loop:
            await self._form()
        else:
            starts = {
                "ask_legal_aid": ActionAskLegalAid,
                "ask_notary": ActionAskNotary,
                "book_notary": ActionBeginBooking,
                "check_status": ActionMyBookings,
            }
            await self._run(starts.get(intent, ActionBeginLegalAid))
        return self.words

    async def _run(self, action: Any) -> None:
        events = await action(self.parts).run(self.said, self.tracker, {})
        self.tracker.events.append({"event": "action", "name": action(self.parts).name()})
        self.tracker.slots |= {event["name"]: event["value"] for event in events if event["event"] == "slot"}
        if [event["name"] for event in events if event["event"] == "followup"] == ["legal_aid_form"]:
            self.tracker.active_loop = {"name": "legal_aid_form"}
            await self._form()
        self.side = action is ValidateLegalAidForm and not events

    async def _form(self) -> None:
        await self._run(ValidateLegalAidForm)
        if self.tracker.slots.get("aid"):
            self.tracker.active_loop = {}
            self.tracker.events.append({"event": "action", "name": "legal_aid_form"})
        elif not self.side:
            await self._run(ActionAskAid)

    @property
    def words(self) -> str:
        """Everything that was said, worded as domain.yml words it."""
        return "\n".join(_worded(message) for message in self.said.messages)

    @property
    def buttons(self) -> dict[str, str]:
        return {b["title"]: b["payload"] for message in self.said.messages for b in message["buttons"]}

    async def picks(self, *titles: str) -> str:
        for title in titles:
            said = await self.taps(self.buttons[title])
        return said


def _worded(message: dict[str, Any]) -> str:
    response = message.get("response")
    words = {name: value for name, value in message.items() if isinstance(value, str)}
    text = RESPONSES[response][0]["text"].format(**words) if response else message.get("text") or ""
    return text + json.dumps(message.get("custom") or {}, ensure_ascii=False)


@pytest.fixture
async def parts(redis: Redis, keyring: Keyring) -> Parts:
    desk = await open_desk(redis)
    return Parts(
        directory=desk.directory,
        inbox=InboxStore(redis, DISTRICT, keyring),
        areas=AREAS,
        calendar=CALENDAR,
        doors=(),
        keyring=keyring,
        citizens=CitizenStore(redis, DISTRICT, keyring),
        personal={},
        applications=ApplicationStore(redis, DISTRICT),
        standard=Standard(),
        notary=read_matters(ROOT / "data" / "notary" / "matters.yml"),
        desk=desk,
        library=library(),
        answers=KnowledgeStore(redis, DISTRICT),
        reading=None,
    )


@pytest.fixture
def citizen(parts: Parts) -> Citizen:
    return Citizen(parts)


async def looked(citizen: Citizen) -> str:
    await citizen.taps("/apply_legal_aid")
    return await citizen.picks("讨工资、认定劳动关系", "我，吃亏、要讨说法的", "进城打工", "在澄海")


async def test_worker_taps_through_the_look_and_reads_why(citizen: Citizen) -> None:
    said = await looked(citizen)
    assert "很可能能办" in said
    assert "《法律援助法》第42条第（三）项" in said
    assert "《法律援助法》第38条" in said
    assert "□ 身份证" in said
    assert "交申请" in citizen.buttons


async def test_worker_hands_in_once_however_often_the_button_is_tapped(citizen: Citizen, parts: Parts) -> None:
    await looked(citizen)
    await citizen.picks("交申请", "同意")
    await citizen.says(NAME)
    await citizen.says(PHONE)
    summary = await citizen.says("老板三个月没发工资", "ask_law", 0.95)
    assert "陈**" in summary
    assert NAME not in summary
    confirm = citizen.buttons["交上去"]
    done = await citizen.taps(confirm)
    again = await citizen.taps(confirm)
    (application,) = await service.open_applications(parts.applications)
    assert application.id in done
    assert application.id in again
    assert (application.matter, application.outcome) == ("wages", "likely_yes")
    person = person_of(parts.keyring.secret, USER)
    case = await citizens.case(parts.citizens, person, application.id)
    assert (case["name"], case["phone"]) == (NAME, f"+86{PHONE}")
    assert "老板三个月没发工资" in case["story"]
    assert "进城打工" not in case["story"], "why somebody is exempt is sensitive and not kept"


async def test_name_and_phone_never_lie_in_the_conversation(citizen: Citizen) -> None:
    await looked(citizen)
    await citizen.picks("交申请", "同意")
    await citizen.says(NAME)
    await citizen.says(PHONE)
    kept = json.dumps(citizen.tracker.slots, ensure_ascii=False)
    assert NAME not in kept
    assert PHONE not in kept


async def test_citizen_who_does_not_agree_is_asked_for_nothing(citizen: Citizen, parts: Parts) -> None:
    await looked(citizen)
    assert "12348" in await citizen.picks("交申请", "不同意")
    assert citizen.tracker.active_loop == {}
    assert await service.open_applications(parts.applications) == ()


async def test_citizen_can_correct_the_phone_before_handing_in(citizen: Citizen, parts: Parts) -> None:
    await looked(citizen)
    await citizen.picks("交申请", "同意")
    for said in (NAME, "15400000002", "老板没发工资"):
        await citizen.says(said)
    await citizen.picks("改一下")
    for said in (NAME, PHONE, "老板没发工资"):
        await citizen.says(said)
    await citizen.picks("交上去")
    (application,) = await service.open_applications(parts.applications)
    case = await citizens.case(parts.citizens, application.citizen, application.id)
    assert case["phone"] == f"+86{PHONE}"


async def test_citizen_who_comes_again_is_not_asked_for_name_and_phone(citizen: Citizen) -> None:
    await looked(citizen)
    await citizen.picks("交申请", "同意")
    for said in (NAME, PHONE, "老板没发工资"):
        await citizen.says(said)
    await citizen.picks("交上去")
    await looked(citizen)
    assert "一句话说说" in await citizen.picks("交申请")


async def test_citizen_can_type_the_answers(citizen: Citizen) -> None:
    await citizen.says("想申请法律援助，厂里欠我工资", "apply_legal_aid", 0.9)
    await citizen.says("我自己的")
    await citizen.says("我是外地来打工的")
    assert "很可能能办" in await citizen.says("就在澄海")
    assert "可以吗" in await citizen.says("那我要申请", "apply_legal_aid", 0.9)


async def test_citizen_with_a_private_quarrel_is_sent_to_a_person(citizen: Citizen) -> None:
    await citizen.taps("/apply_legal_aid")
    said = await citizen.picks("别的事", "我，吃亏、要讨说法的", "都不是", "很紧，请不起律师", "在澄海")
    assert "工作人员看" in said
    assert "没核实" in said


async def test_citizen_who_can_pay_may_still_apply(citizen: Citizen) -> None:
    await citizen.taps("/apply_legal_aid")
    said = await citizen.picks("要赡养费、抚养费", "我，吃亏、要讨说法的", "都不是", "不困难，请得起律师", "在澄海")
    assert "很可能不给办" in said
    assert "《法律援助法》第49条" in said
    assert "可以吗" in await citizen.picks("还是想申请")


async def test_citizen_asks_something_else_in_the_middle_and_the_form_waits(citizen: Citizen) -> None:
    await citizen.taps("/apply_legal_aid")
    await citizen.says("公证处几点上班", "ask_hours", 0.9)
    assert citizen.side
    assert citizen.tracker.active_loop
    await citizen.says("老板欠工资")
    assert "我，吃亏、要讨说法的" in citizen.buttons


async def test_citizen_who_is_not_understood_is_offered_a_person_and_then_let_go(citizen: Citizen) -> None:
    await citizen.taps("/apply_legal_aid")
    said = [await citizen.says("嗯啊这个那个") for _ in range(4)]
    assert "没对上" in said[0]
    assert "找个人" in said[2]
    assert citizen.tracker.active_loop == {}


async def test_citizen_can_leave(citizen: Citizen) -> None:
    await citizen.taps("/apply_legal_aid")
    assert "先不看了" in await citizen.says("算了", "stop", 0.9)
    assert citizen.tracker.active_loop == {}


async def test_store_that_is_down_promises_nothing(citizen: Citizen, parts: Parts, redis: Redis) -> None:
    await looked(citizen)
    await citizen.picks("交申请", "同意")
    for said in (NAME, PHONE, "老板没发工资"):
        await citizen.says(said)
    await redis.set("{440515}:legal_aid:events", "broken")
    assert "没能存下来" in await citizen.picks("交上去")
    assert await service.open_applications(parts.applications) == ()
    await redis.delete("{440515}:legal_aid:events")
    assert "交上去了" in await citizen.picks("交上去")


async def test_citizen_who_taps_again_when_nobody_knows_hands_in_no_second_time(
    citizen: Citizen, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    await looked(citizen)
    await citizen.picks("交申请", "同意")
    for said in (NAME, PHONE, "老板没发工资"):
        await citizen.says(said)
    real = service.hand_in

    async def lost(*args: Any) -> None:
        await real(*args)
        raise Unconfirmed("the answer was lost")

    monkeypatch.setattr(service, "hand_in", lost)
    assert "还不确定" in await citizen.picks("交上去")
    monkeypatch.setattr(service, "hand_in", real)
    (application,) = await service.open_applications(parts.applications)
    assert application.id in await citizen.picks("交上去")
    assert len(await service.open_applications(parts.applications)) == 1


async def test_citizen_is_told_when_nothing_can_be_read_from_the_store(
    citizen: Citizen, parts: Parts, redis: Redis
) -> None:
    await looked(citizen)
    await redis.set(f"{{440515}}:citizens:consent:{person_of(parts.keyring.secret, USER)}", "broken")
    assert "没能存下来" in await citizen.picks("交申请")


async def test_citizen_who_only_asks_reads_free_for_whom_and_how_long(citizen: Citizen) -> None:
    said = await citizen.taps("/ask_legal_aid")
    assert "免费" in said
    assert "七日" in said
    assert {"看看我够不够条件", "约个时间去"} <= citizen.buttons.keys()
    await citizen.picks("约个时间去")
    assert citizen.tracker.slots["draft"]["purpose"] == "legal_aid"


@pytest.mark.parametrize("text", ["约法律援助中心周三下午", "预约法援，后天上午"])
async def test_citizen_who_names_an_appointment_is_not_questioned_first(citizen: Citizen, text: str) -> None:
    await citizen.says(text, "apply_legal_aid", 0.9)
    assert citizen.tracker.slots["draft"]["purpose"] == "legal_aid"
    assert "aid_draft" not in citizen.tracker.slots


async def test_citizen_sees_how_the_application_stands_and_nobody_else_does(citizen: Citizen, parts: Parts) -> None:
    await looked(citizen)
    await citizen.picks("交申请", "同意")
    for said in (NAME, PHONE, "老板没发工资"):
        await citizen.says(said)
    await citizen.picks("交上去")
    (application,) = await service.open_applications(parts.applications)
    assert f"{application.id} 法律援助申请：交上来了" in await citizen.says("我的申请怎么样了", "check_status", 0.9)
    assert application.id in await citizen.says(f"{application.id}到哪一步了", "check_status", 0.9)
    other = Citizen(parts)
    other.tracker.sender_id = "web:somebody-else"
    assert "交上来了" not in await other.says(f"{application.id}到哪一步了", "check_status", 0.9)


async def test_citizen_who_names_a_notarial_matter_reads_its_list_and_can_book_it(citizen: Citizen) -> None:
    said = await citizen.says("立遗嘱要带什么", "ask_notary", 0.9)
    assert "本人亲自来" in said
    assert "□ 身份证" in said
    assert "《公证法》第30条" in said
    assert json.loads(citizen.buttons["约公证"].removeprefix("/book_notary")) == {"option": "item:遗嘱"}
    citizen.tracker.active_loop = {}
    await citizen.picks("约公证")
    assert citizen.tracker.slots["draft"]["facts"]["item"] == "遗嘱"


async def test_citizen_who_names_no_notarial_matter_can_tap_one(citizen: Citizen) -> None:
    await citizen.taps("/ask_notary")
    assert "亲自来" in await citizen.picks("卖房委托")
