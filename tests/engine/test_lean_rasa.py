"""What we changed of Rasa's own: what fills a response, what reaches a log."""

from __future__ import annotations

from typing import Any

import pytest
import structlog
from ruamel.yaml import YAML

from bot.platform.settings import ROOT
from bot.understanding.action_endpoint import KeepAliveEndpoint, lean
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


def test_action_learns_what_was_asked_and_done_and_not_again_what_the_assistant_said() -> None:
    said = [
        {"event": "slot", "name": "told", "value": {"entry": "x"}},
        {"event": "user", "text": TOLD},
        {"event": "action", "name": "action_ask_law"},
        {"event": "bot", "text": "长长的回答", "data": {"buttons": [CARD]}},
        {"event": "user", "text": "然后呢"},
        {"event": "slot", "name": "message", "value": "然后呢"},
    ]
    call = {"next_action": "a", "tracker": {"slots": {"told": {"entry": "x"}}, "events": said}}
    sent = lean(call)["tracker"]
    assert [event["event"] for event in sent["events"]] == ["user", "action", "bot", "user", "slot"]
    assert "长长的回答" not in str(sent)
    assert sent["slots"] == {"told": {"entry": "x"}}
    assert len(said) == 6


def test_domain_goes_only_with_the_call_that_needs_it(agent: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from rasa.core.actions.action import RemoteAction
    from rasa.core.utils import AvailableEndpoints
    from rasa.shared.core.trackers import DialogueStateTracker

    for name in ("CHENGFATONG_ACTIONS_URL", "CHENGFATONG_TOKEN", "CHENGFATONG_REDIS_URL", "CHENGFATONG_DISTRICT"):
        monkeypatch.setenv(name, "x")
    endpoint = KeepAliveEndpoint.like(AvailableEndpoints.read_endpoints(str(ROOT / "endpoints.yml")).action)
    tracker = DialogueStateTracker("x", agent.domain.slots)
    calls = {
        name: RemoteAction(name, endpoint)._action_call_format(tracker, agent.domain)
        for name in agent.domain.user_actions
        if name.startswith(("action_", "validate_"))
    }
    assert [name for name, call in calls.items() if "domain" in call] == ["validate_leave_message_form"]


def test_rules_speak_of_meanings_and_never_of_words() -> None:
    steps = [
        step
        for file in (ROOT / "data" / "rules").glob("*.yml")
        for rule in YAML(typ="safe").load(file)["rules"]
        for step in rule["steps"]
    ]
    assert len(steps) > 50
    assert not [step for step in steps if "user" in step]


@pytest.mark.parametrize("text", ["老板拖了我两个月工钱没结", "取消", "𠮷", "hello 110 110", ""])
def test_one_message_is_read_as_many_are(text: str) -> None:
    lines = ["老板拖了我工钱没结", "老板两个月没结工钱", "取消预约", "取消", "打110", "hello 110", "hello"]
    features = Features().fit([*lines, *lines])
    alone, together = features.row(text), features.transform([text])
    assert abs(alone - together).max() < 1e-6
    assert alone.shape == together.shape
    assert alone.nnz == together.nnz
