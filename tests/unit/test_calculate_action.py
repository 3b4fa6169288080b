"""Reckoning in the chat, with a stand-in for Rasa's tracker and dispatcher; the wording is the domain's own."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ruamel.yaml import YAML

from actions.calculate import MOST_FAILURES, ActionAskCalculated, ActionCalculate, ValidateCalculateForm
from bot.conversation.payloads import tapped
from bot.directory.holidays import ChineseCalendar

RESPONSES = YAML(typ="safe").load((Path(__file__).resolve().parents[2] / "domain.yml").read_text("utf-8"))["responses"]
AT = "2026-11-25T10:00:00+08:00"


class Chat:
    """A conversation with the three actions alone: what the form would do, without the engine."""

    def __init__(self) -> None:
        parts: Any = SimpleNamespace(calendar=ChineseCalendar())
        self.begin, self.take, self.ask = (
            ActionCalculate(parts),
            ValidateCalculateForm(parts),
            ActionAskCalculated(parts),
        )
        self.slots: dict[str, Any] = {}
        self.turns = 0
        self.asking = False
        self.loop: dict[str, str] = {}
        self.said: list[str] = []
        self.buttons: list[dict[str, str]] = []

    def utter_message(self, response: str, buttons: Any = (), **words: Any) -> None:
        """Stand in for rasa-sdk's dispatcher."""
        variant = RESPONSES[response][0]
        self.said.append(variant["text"].format(**words))
        self.buttons = list(buttons) or list(variant.get("buttons", ()))

    async def _run(self, action: Any, message: dict[str, Any]) -> list[dict[str, Any]]:
        user = {"event": "user", "message_id": str(self.turns)}
        tracker = SimpleNamespace(
            latest_message=message, slots=self.slots, events=[user], sender_id="web:1", active_loop=self.loop
        )
        events: list[dict[str, Any]] = await action.run(self, tracker, {})
        self.slots |= {event["name"]: event["value"] for event in events if event["event"] == "slot"}
        return events

    async def says(self, text: str, intent: str = "inform", sure: float = 0.9, **entities: str) -> str:
        """Return everything that is said to a message; "(side)" when the form leaves it to another rule."""
        self.turns, self.said, self.buttons = self.turns + 1, [], []
        message = {
            "text": text,
            "intent": {"name": intent, "confidence": sure},
            "intent_ranking": [{"name": intent, "confidence": sure}],
            "entities": [{"entity": name, "value": value} for name, value in entities.items()],
            "metadata": {"at": AT},
        }
        if self.asking:
            events = await self._run(self.take, message)
            if not events:
                return "(side)"
            self.asking = not self.slots.get("calculated")
        else:
            events = await self._run(self.begin, message)
            self.asking = any(event.get("name") == "calculate_form" for event in events)
            if self.asking:  # Rasa validates once more when the form begins.
                await self._run(self.take, message)
        if self.asking:
            await self._run(self.ask, message)
        return "\n".join(self.said)

    async def taps(self, title: str) -> str:
        """Tap a button that is on the screen."""
        import json

        payload = tapped(next(button["payload"] for button in self.buttons if button["title"] == title))
        name, _, entities = payload[1:].partition("{")
        return await self.says(payload, name, 1.0, **json.loads("{" + entities if entities else "{}"))


@pytest.fixture
def chat() -> Chat:
    return Chat()


async def test_citizen_who_says_everything_gets_the_result_at_once(chat: Chat) -> None:
    said = await chat.says("标的三万五，诉讼费多少", "calculate")
    assert said.startswith("财产案件受理费：675元。\n1. ")
    assert "《诉讼费用交纳办法》（2006年12月19日）第13条" in said
    assert "以现行文本为准" in said
    assert not chat.asking


async def test_citizen_who_only_taps_reaches_a_result(chat: Chat) -> None:
    await chat.says("/calculate", "calculate", 1.0)
    assert await chat.taps("打官司的费用") == "是哪一种案子？"
    assert "一共值多少" in await chat.taps("离婚")
    assert "50元到300元" in await chat.taps("不分财产")


async def test_citizen_is_asked_one_thing_at_a_time(chat: Chat) -> None:
    assert "做了多久" in await chat.says("N+1算一下，月薪5800", "calculate")
    assert "2.9万元" in await chat.says("三年半")
    assert not chat.asking


async def test_message_that_began_the_sum_is_not_taken_for_its_first_answer(chat: Chat) -> None:
    said = await chat.says("判决书昨天收到，上诉到几号", "calculate")
    assert said == "您要办哪一件？上诉的看文书上的名字。"


async def test_citizen_who_does_not_know_the_lpr_still_gets_a_sum_and_is_told(chat: Chat) -> None:
    await chat.says("借出2万，年利率30%，14个月，利息多少", "calculate")
    said = await chat.taps("不知道")
    assert "7000元" in said  # 20000×30%×14÷12
    assert "没有比上限" in said


async def test_side_question_is_left_to_its_own_rule_and_the_sum_goes_on(chat: Chat) -> None:
    await chat.says("N+1算一下，月薪5800", "calculate")
    assert await chat.says("你们今天几点下班", "ask_hours") == "(side)"
    assert "2.9万元" in await chat.says("三年半")


async def test_short_answer_with_a_number_counts_whatever_it_is_taken_for(chat: Chat) -> None:
    await chat.says("我给了两万定金，卖家反悔，定金能退多少", "calculate")
    await chat.taps("是定金")
    assert "3.6万元" in await chat.says("合同总价八万", "ask_law", 0.97)
    await chat.says("N+1算一下，月薪5800", "calculate")
    assert await chat.says("三年半能赔几个月", "ask_law", 0.97) == "(side)"


async def test_citizen_can_stop_and_begin_another_sum_in_the_middle(chat: Chat) -> None:
    await chat.says("N+1算一下，月薪5800", "calculate")
    assert "675元" in await chat.says("先算诉讼费，标的三万五", "calculate")
    await chat.says("N+1算一下，月薪5800", "calculate")
    assert "先不算了" in await chat.taps("先不算了")
    assert chat.slots["calculation"] is None


async def test_citizen_who_cannot_be_understood_is_led_to_a_person(chat: Chat) -> None:
    await chat.says("N+1算一下，月薪5800", "calculate")
    for _ in range(MOST_FAILURES - 1):
        assert "没看明白" in await chat.says("蛤", "nlu_fallback", 0.2)
    assert "转人工" in await chat.says("蛤", "nlu_fallback", 0.2)
    assert not chat.asking


async def test_amount_that_cannot_be_is_answered_with_the_reason_and_asked_again(chat: Chat) -> None:
    await chat.says("离婚官司诉讼费", "calculate")
    said = await chat.says("0元")
    assert "大于0" in said
    assert "一共值多少" in said


async def test_sum_in_the_middle_of_a_booking_is_said_when_nothing_is_missing_and_else_put_off(chat: Chat) -> None:
    chat.loop = {"name": "booking_form"}
    assert "675元" in await chat.says("标的三万五，诉讼费多少", "calculate")
    assert "先把预约办好" in await chat.says("N+1算一下，月薪5800", "calculate")
    assert not chat.asking


async def test_sum_that_no_rule_covers_is_refused_honestly(chat: Chat) -> None:
    said = await chat.says("律师费按标的三十万要多少", "calculate")
    assert "没有把握" in said
    assert "12348" in said


async def test_button_of_an_earlier_question_changes_nothing(chat: Chat) -> None:
    await chat.says("算诉讼费", "calculate")
    old = list(chat.buttons)
    await chat.taps("离婚")
    chat.buttons = old
    assert "一共值多少" in await chat.taps("劳动仲裁")
    assert chat.slots["calculation"]["facts"] == {"case": "divorce"}


async def test_answer_after_the_conversation_was_erased_ends_the_form(chat: Chat) -> None:
    await chat.says("算诉讼费", "calculate")
    chat.slots["calculation"] = None
    await chat.says("离婚")
    assert chat.slots["calculated"] == "gone"
