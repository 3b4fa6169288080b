"""What is kept of a citizen: told, shown, erased, the consent withdrawn."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk import Action
from rasa_sdk.events import SlotSet

from actions.booking_talk import Speaker, button
from actions.parts import Parts
from actions.turn import Turn
from bot.booking import dialogue
from bot.citizens import service as citizens
from bot.citizens.model import PURPOSES, masked
from bot.errors import StoreUnavailable
from bot.inbox import service as inbox

Events = list[dict[str, Any]]
_ERASE = re.compile(r"(?<![不别])删|清除|清空|抹|忘掉|注销")
_WITHDRAW = re.compile(r"撤回|撤销|不同意|收回")
_SHOW = re.compile(r"看|查|导出|下载|有(?:哪些|什么)|存了|记了|记着|知道我")
_LABELS = {"name": "姓名", "phone": "电话", "area": "在哪个镇", "id_number": "身份证"}


class ActionMyData(Action):  # type: ignore[misc]
    """Answers 你们存了我什么, 删掉我的数据."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "action_my_data"

    async def run(self, dispatcher: Any, tracker: Any, domain: dict[str, Any]) -> Events:
        """Do what is asked, or say what is kept and what can be done."""
        speak = Speaker(self._parts, Turn(tracker), dispatcher)
        return await WHAT.get(_asked(speak.turn), tell)(speak)


def _asked(turn: Turn) -> str:
    name, _, value = turn.heard().option.partition(":")
    if name == "data":
        return value
    text = turn.heard().text
    for what, words in (("erase", _ERASE), ("withdraw", _WITHDRAW), ("show", _SHOW)):
        if words.search(text):
            return what
    return ""


def _buttons() -> list[dict[str, str]]:
    titles = {"show": "看我的数据", "erase": "删掉", "withdraw": "撤回同意"}
    return [button(title, "data", value, "manage_my_data") for value, title in titles.items()]


async def tell(speak: Speaker) -> Events:
    """Say what is kept and for how long."""
    speak.say("utter_my_data", buttons=_buttons())
    return []


async def show(speak: Speaker) -> Events:
    """Show what is kept: in short, names and numbers masked; the whole on the citizen's own page."""
    kept = await citizens.export(speak.parts.personal, speak.talk.person)
    own = kept.get("citizens", {})
    profile = own.get("profile", {})
    rows = {**masked(profile), **({"area": speak.parts.areas.name(profile["area"])} if profile.get("area") else {})}
    lines = [f"{_LABELS[name]}：{value}" for name, value in rows.items() if name in _LABELS]
    counted = {
        "预约": len(kept.get("booking", {}).get("appointments", [])),
        "法律援助申请": len(kept.get("legal_aid", {}).get("applications", [])),
        "没办完的": 1 if own.get("draft") else 0,
        "留言": len(kept.get("inbox", {}).get("items", [])) if isinstance(kept.get("inbox"), dict) else 0,
    }
    lines += [f"{what}：{number}件" for what, number in counted.items() if number]
    agreed = [PURPOSES[name].sentence for name in own.get("consent", {}) if name in PURPOSES]
    if not lines and not agreed:
        speak.say("utter_my_data_none")
        return []
    speak.say("utter_my_data_kept", lines="\n".join(lines) or "只有最近的对话")
    if speak.parts.links:
        speak.say("utter_my_data_page", link=speak.parts.links.me_link(speak.talk.person, speak.talk.now))
    return []


async def ask_erase(speak: Speaker) -> Events:
    """Ask once, and say what it costs."""
    coming = await dialogue.meant(speak.talk, {})
    response = "utter_ask_erase_bookings" if coming else "utter_ask_erase"
    buttons = [button("确认删掉", "data", "erase-yes", "manage_my_data"), {"title": "不删了", "payload": "/deny"}]
    speak.say(response, number=len(coming), buttons=buttons)
    return [SlotSet("pending", {"what": "erase", "after": speak.turn.id})]


async def erase(speak: Speaker) -> Events:
    """Cancel what is to come and erase everything."""
    try:
        await citizens.erase(speak.parts.personal, speak.talk.person)
    except StoreUnavailable:
        speak.say("utter_erase_failed")
        return []
    speak.say("utter_erased")
    gone = ("draft", "booked", "pending", "shown", "directory_query", "topic", "told", "message_for_staff")
    return [SlotSet(name, None) for name in gone]


async def withdraw(speak: Speaker) -> Events:
    """Withdraw every consent; what was remembered for it goes with it."""
    try:
        # How to be contacted ends by its own words alone: nobody under threat is written to in the clear by this.
        for purpose in PURPOSES.keys() - {"safe_contact"}:
            await citizens.withdraw(speak.parts.citizens, speak.talk.person, purpose)
        await inbox.drop_photos(speak.parts.inbox, speak.talk.person)
    except StoreUnavailable:
        speak.say("utter_erase_failed")
        return []
    coming = await dialogue.meant(speak.talk, {})
    speak.say("utter_withdrawn_bookings" if coming else "utter_withdrawn", number=len(coming))
    return [SlotSet("draft", None)]


WHAT = {"show": show, "erase": ask_erase, "erase-yes": erase, "withdraw": withdraw}
