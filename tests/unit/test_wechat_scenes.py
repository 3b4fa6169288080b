"""What QR codes say."""

from __future__ import annotations

import pytest

from bot.conversation.scenes import Scene, scene_of, scene_text


@pytest.mark.parametrize(
    ("text", "scene"),
    [
        ("v_440515106203", Scene("village", "440515106203")),
        ("v_440515106", Scene("village", "440515106")),
        ("p_sc-county", Scene("place", "sc-county")),
        ("s_med-001-1", Scene("staff", "med-001-1")),
    ],
)
def test_code_can_say_where_it_hangs(text: str, scene: Scene) -> None:
    assert scene_of(text) == scene
    assert scene_text(scene) == text


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "v_",
            "v_4405151062",
            "v_44051510620x",
            "v_440515106203\n",
            "ｖ_440515106203",
            "v_４４０５１５１０６２０３",
        ),
        *("p_", "p_a b", "p_-a", "p_" + "a" * 63, "x_1", "123", "last_trade_no_40013"),
    ],
)
def test_code_of_another_says_nothing_to_us(text: str) -> None:
    assert scene_of(text) is None


def test_code_is_not_made_when_its_id_does_not_fit() -> None:
    for scene in (Scene("place", "a" * 63), Scene("village", "莲下"), Scene("staff", "../x")):
        with pytest.raises(ValueError, match="does not fit"):
            scene_text(scene)
