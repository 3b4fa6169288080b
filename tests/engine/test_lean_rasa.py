"""What we changed of Rasa's own: what fills a response, what reaches a log."""

from __future__ import annotations

from typing import Any

import pytest
import structlog

from bot.understanding.features import Features
from bot.understanding.lean_rasa import fill_texts_alone

TOLD = "他打我，我躲在厕所"
CARD = '/find_provider{"provider_type":"lawyer"}'


def said(**response: Any) -> Any:
    from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator

    fill_texts_alone()
    talk = TemplatedNaturalLanguageGenerator({"utter_x": [response]})
    return talk.generate_from_slots("utter_x", {"told": TOLD}, "gateway", name="示例所")


def test_citizen_reads_the_values_in_a_text_and_gets_the_buttons_as_they_are(capsys: Any) -> None:
    answer = said(text="{name}开门，{nothing}", buttons=[{"title": "律师", "payload": CARD}], custom={"card": "{name}"})
    assert answer["text"] == "示例所开门，{nothing}"
    assert answer["buttons"][0]["payload"] == CARD
    assert answer["custom"] == {"card": "{name}"}
    assert "".join(capsys.readouterr()) == ""


def test_log_of_rasa_names_the_event_and_nothing_that_a_citizen_said(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        raise KeyError(TOLD)
    except KeyError:
        structlog.get_logger().exception("interpolator.interpolate.text", response=TOLD, values={"told": TOLD})
    structlog.get_logger().error(f"cannot read {TOLD}")
    out = "".join(capsys.readouterr())
    assert "error interpolator.interpolate.text KeyError" in out
    assert TOLD not in out


@pytest.mark.parametrize("text", ["老板拖了我两个月工钱没结", "取消", "𠮷", "hello 110 110", ""])
def test_one_message_is_read_as_many_are(text: str) -> None:
    lines = ["老板拖了我工钱没结", "老板两个月没结工钱", "取消预约", "取消", "打110", "hello 110", "hello"]
    features = Features().fit([*lines, *lines])
    alone, together = features.row(text), features.transform([text])
    assert abs(alone - together).max() < 1e-6
    assert alone.shape == together.shape
    assert alone.nnz == together.nnz
