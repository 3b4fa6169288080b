"""Whole turns through HTTP: the real gateway, engine, actions and store."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
import uuid
from pathlib import Path
from typing import Any

import pytest


class Citizen:
    """Somebody with the chat page open."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.sender = uuid.uuid4().hex

    def says(self, text: str) -> list[dict[str, Any]]:
        return self._post({"text": text})

    def taps(self, payload: str) -> list[dict[str, Any]]:
        return self._post({"payload": payload})

    def _post(self, body: dict[str, str]) -> list[dict[str, Any]]:
        data = json.dumps({"sender": self.sender, **body}).encode()
        request = urllib.request.Request(f"{self.base}/api/chat", data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)["messages"]


def words(messages: list[dict[str, Any]]) -> str:
    """Everything that the citizen reads."""
    cards = [json.dumps(m.get("card") or {}, ensure_ascii=False) for m in messages]
    buttons = [b["title"] for m in messages for b in m["buttons"]]
    return "\n".join([*(m["text"] for m in messages), *cards, *buttons])


@pytest.fixture
def citizen(live: str) -> Citizen:
    return Citizen(live)


def test_citizen_finds_a_mediator_who_speaks_teochew(citizen: Citizen) -> None:
    messages = citizen.says("莲下镇有会讲潮汕话的调解员吗")
    cards = [m["card"] for m in messages if "card" in m]
    assert "莲下镇" in messages[0]["text"]
    assert len(cards) == 3, "nobody named a trouble, so none may narrow the list"
    for card in cards:
        assert card["badge"] == "示例"
        fields = {f["label"]: f for f in card["fields"]}
        assert "潮汕话" in fields["语言"]["value"]
        assert "href" not in fields["电话"]


def test_citizen_refines_the_last_look_up(citizen: Citizen) -> None:
    citizen.says("莲下镇有会讲潮汕话的调解员吗")
    assert "莲上镇" in words(citizen.says("莲上呢"))


def test_citizen_picks_from_the_list_by_saying_which_one(citizen: Citizen) -> None:
    shown = [m["card"]["title"] for m in citizen.says("莲下镇有会讲潮汕话的调解员吗") if "card" in m]
    details = citizen.says("第二个")
    assert [m["card"]["title"] for m in details if "card" in m] == [shown[1]]


def test_citizen_of_a_village_hears_that_countywide_lawyers_serve_it(citizen: Citizen) -> None:
    citizen.says("有没有会讲潮汕话的律师")
    assert "程洋岗村" in citizen.says("程洋冈的呢")[0]["text"]


@pytest.mark.parametrize("day", ["明天呢", "元旦呢", "那周六"])
def test_citizen_asks_for_another_day_with_a_bare_word(citizen: Citizen, day: str) -> None:
    citizen.says("莲下司法所今天上班吗")
    assert "莲下镇司法所" in citizen.says(day)[0]["text"]


def test_citizen_sees_details_and_hours_by_tapping_alone(citizen: Citizen) -> None:
    menu = citizen.taps("/greet")
    assert [b["title"] for b in menu[0]["buttons"]] == [
        "问法律",
        "约调解",
        "找律师/调解员",
        "法律援助",
        "办公证",
        "上班时间",
    ]
    for button in menu[0]["buttons"]:
        answer = Citizen(citizen.base).taps(button["payload"])
        assert answer
        assert "没听" not in words(answer)


def test_citizen_asks_where_the_legal_aid_centre_is(citizen: Citizen) -> None:
    text = words(citizen.says("法律援助中心在哪"))
    assert "澄海区法律援助中心" in text
    assert "地址" in text
    assert "核对" in text


def test_citizen_is_told_what_is_certain_about_a_holiday_and_nothing_more(citizen: Citizen) -> None:
    text = words(citizen.says("2026年10月1日司法所上班吗"))
    assert "国庆" in text
    assert "不上班" in text


def test_citizen_leaves_a_message_for_the_staff_and_gets_a_reference(citizen: Citizen) -> None:
    assert "12348" in words(citizen.says("转人工"))
    assert "LY-" in words(citizen.says("我家漏水的事想请人回电话"))
    assert "LY-" not in words(citizen.says("你好"))


def test_citizen_who_asks_for_a_person_twice_is_asked_for_the_message_again(citizen: Citizen) -> None:
    citizen.says("转人工")
    assert "LY-" not in words(citizen.says("人工"))
    assert "LY-" in words(citizen.says("厂里欠我钱"))


def test_citizen_gets_both_questions_answered_the_urgent_one_first(citizen: Citizen) -> None:
    messages = citizen.says("你好我想问下老板欠薪怎么办顺便公证处几点下班")
    said = [words([message]) for message in messages]
    wages = next(number for number, text in enumerate(said) if "工资" in text)
    hours = next(number for number, text in enumerate(said) if "公证处" in text)
    assert wages < hours


def test_citizen_in_danger_without_a_word_for_it_gets_the_number(citizen: Citizen) -> None:
    assert "110" in words(citizen.says("药瓶就在我手边,孩子以后麻烦你们照看了"))


def test_citizen_changes_her_mind_about_leaving_a_message(citizen: Citizen) -> None:
    citizen.says("转人工")
    assert "LY-" not in words(citizen.taps("/stop"))


def test_citizen_in_danger_gets_the_number_first(citizen: Citizen) -> None:
    messages = citizen.says("他正在打我")
    assert "110" in messages[0]["text"].splitlines()[0]
    assert messages[0]["card"]["fields"][0]["href"] == "tel:110"


def test_citizen_who_is_not_understood_twice_is_offered_a_person_first(citizen: Citizen) -> None:
    assert "没听" in words(citizen.says("？？？"))
    second = citizen.says("……！")
    assert second[0]["buttons"][0]["title"] == "转人工"


@pytest.mark.parametrize(
    "intent",
    ["ask_law", "ask_legal_aid", "apply_legal_aid", "ask_notary", "book_notary", "ask_mediation", "book_mediation", "book_consultation",
     "book_visit", "calculate", "check_status", "change_booking", "cancel_booking", "learn_law", "manage_my_data", "where_to_go", "help",
     "bot_challenge", "give_feedback", "out_of_scope", "thank", "goodbye", "affirm", "deny", "stop", "inform"],
)  # fmt: skip
def test_every_intent_is_answered(citizen: Citizen, intent: str) -> None:
    text = words(citizen.taps(f"/{intent}"))
    assert text.strip()
    assert "出了点问题" not in text


def test_citizen_asks_for_an_ambiguous_village_and_is_asked_back(citizen: Citizen) -> None:
    messages = citizen.says("南社村的调解委员会电话")
    titles = [b["title"] for m in messages for b in m["buttons"]]
    assert titles == ["溪南镇南社村", "东里镇南社村"]
    tapped = [b["payload"] for m in messages for b in m["buttons"]][1]
    assert "南社村人民调解委员会" in words(citizen.taps(tapped))


@pytest.mark.parametrize(
    "text", ["", "字" * 10_000, "😀😀😀", "'; DROP TABLE x;--", "<script>alert(1)</script>", "\x00\x01\x02"]
)
def test_odd_message_is_answered(citizen: Citizen, text: str) -> None:
    assert words(citizen.says(text)).strip()


def test_citizens_copy_holds_the_chat_and_erasure_takes_it(citizen: Citizen, live_var: Path) -> None:
    citizen.says("公证处在哪条街上呀")

    def chengfatong(step: str) -> str:
        command = [sys.executable, "-m", "bot.cli", "citizens", step, f"web:{citizen.sender}"]
        env = {**os.environ, "CHENGFATONG_VAR": str(live_var)}
        return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout

    assert "公证处在哪条街上呀" in chengfatong("export")
    chengfatong("erase")
    assert "公证处" not in chengfatong("export")
