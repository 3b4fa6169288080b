"""The account's menu."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from bot.channels.wechat.menu import BELOW_BYTES, FILE, TOP_BYTES, differences, read_menu
from bot.errors import InvalidImport

BASE = "https://falv.example.cn"
INTENTS = frozenset({"ask_law", "find_provider"})
DOMAIN = YAML(typ="safe").load((FILE.parents[2] / "domain.yml").read_text("utf-8"))


def read(tmp_path: Path, tree: Any) -> dict[str, Any]:
    file = tmp_path / "menu.yml"
    file.write_text(json.dumps(tree, ensure_ascii=False), "utf-8")
    return read_menu(file, BASE, INTENTS)


def refusal(tmp_path: Path, tree: Any) -> str:
    with pytest.raises(InvalidImport) as raised:
        read(tmp_path, tree)
    return raised.value.problems[0]


def test_citizen_reaches_all_six_things_and_their_own_page_by_tapping() -> None:
    menu = read_menu(FILE, BASE, frozenset(DOMAIN["intents"]))
    below = [each for top in menu["button"] for each in top["sub_button"]]
    six = {each["payload"] for each in DOMAIN["responses"]["utter_greet"][0]["buttons"]}
    assert len(six) == 6
    assert six <= {each.get("key") for each in below}
    assert f"{BASE}/wechat/oauth/start?to=/me" in {each.get("url") for each in below}
    assert all(len(each["name"].encode()) <= BELOW_BYTES for each in below)
    assert all(len(top["name"].encode()) <= TOP_BYTES for top in menu["button"])


LAW = {"name": "问法律", "payload": "/ask_law"}


@pytest.mark.parametrize(
    ("tree", "words"),
    [
        ([], "1 to 3"),
        ({"name": "问法律"}, "1 to 3"),
        ([LAW] * 4, "1 to 3"),
        (["问法律"], "has no name"),
        ([{"payload": "/ask_law"}], "has no name"),
        ([{**LAW, "name": "问一问法律"}], "shows 4"),
        ([{"name": "问", "buttons": [{**LAW, "name": "问一问法律和法规呀"}]}], "shows 8"),
        ([{"name": "问", "buttons": [LAW] * 6}], "1 to 5"),
        ([{"name": "问", "buttons": []}], "1 to 5"),
        ([{**LAW, "buttons": [LAW]}], "1 to 5"),
        ([{"name": "问"}], "one payload or one page"),
        ([{**LAW, "page": "/me"}], "one payload or one page"),
        ([{"name": "问", "url": "https://a.cn"}], "one payload or one page"),
        ([{**LAW, "payload": "ask_law"}], "no payload that"),
        ([{**LAW, "payload": '/ask_law{"matter": 1}'}], "no payload that"),
        ([{**LAW, "payload": "/ask_lawyer"}], "nobody understands"),
        ([{**LAW, "payload": "/ask_law" + json.dumps({"matter": "x" * 128})}], "over 128 bytes"),
        ([{"name": "问", "page": "https://a.cn"}], "no path"),
        ([{"name": "问", "page": "//a.cn"}], "no path"),
        ([{"name": "问", "page": "/a b"}], "no path"),
        ([{"name": "问", "page": "/a\n"}], "no path"),
        ([{"name": "问", "page": "/我的"}], "no path"),
        ([{**LAW, "name": "问\n法"}], "no phone shows"),
        ([{**LAW, "name": "问\u202e法"}], "no phone shows"),
        ([{"name": "问", "page": "/" + "x" * 1024}], "no path"),
    ],
)
def test_operator_is_told_what_wechat_would_not_take(tmp_path: Path, tree: Any, words: str) -> None:
    assert words in refusal(tmp_path, tree)


def test_operator_is_told_when_the_file_is_no_yaml(tmp_path: Path) -> None:
    (tmp_path / "menu.yml").write_text("- name: [", "utf-8")
    with pytest.raises(InvalidImport) as raised:
        read_menu(tmp_path / "menu.yml", BASE, INTENTS)
    assert "\n" not in raised.value.problems[0]


def test_menu_is_equal_when_the_platform_only_adds_empty_fields(tmp_path: Path) -> None:
    ours = read(tmp_path, [{"name": "问", "buttons": [LAW, {"name": "我的预约", "page": "/me"}]}, LAW])
    theirs = {
        "button": [
            {
                "name": "问",
                "sub_button": [
                    {"type": "click", "name": "问法律", "key": "/ask_law", "sub_button": []},
                    {"type": "view", "name": "我的预约", "url": f"{BASE}/wechat/oauth/start?to=/me", "sub_button": []},
                ],
            },
            {"type": "click", "name": "问法律", "key": "/ask_law", "sub_button": []},
        ]
    }
    assert differences(ours, theirs) == []


def test_operator_sees_what_is_otherwise_on_the_platform(tmp_path: Path) -> None:
    ours = read(tmp_path, [LAW, {"name": "找人", "payload": "/find_provider"}])
    assert differences(ours, None) == ["not there: 问法律 click /ask_law", "not there: 找人 click /find_provider"]
    assert differences(ours, {"button": ours["button"][::-1]}) == ["the order is another"]
    other = {"button": [ours["button"][0], {"type": "click", "name": "找人", "key": "/other"}]}
    assert differences(ours, other) == ["not there: 找人 click /find_provider", "only there: 找人 click /other"]


@pytest.mark.parametrize(
    "change",
    [{"type": "scancode_push"}, {"type": "miniprogram", "appid": "wx1", "pagepath": "p"}, {"appid": "wx2"}],
)
def test_operator_sees_that_a_button_of_the_same_address_does_something_else(
    tmp_path: Path, change: dict[str, str]
) -> None:
    ours = read(tmp_path, [LAW])
    assert len(differences(ours, {"button": [{**ours["button"][0], **change}]})) == 2
