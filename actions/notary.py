"""Notary: what a matter needs and who must come, and the way to an appointment with the matter filled in."""

from __future__ import annotations

import json
from typing import Any

from rasa_sdk import Action

from actions.further import say_further
from actions.parts import Parts
from actions.turn import Turn
from bot.conversation.model import Card, Field, card_to_json
from bot.knowledge.citation import read_citation
from bot.notary.model import Fact, Matter, by_id, find

Events = list[dict[str, Any]]
HUMAN = {"title": "转人工", "payload": "/talk_to_human"}
# What people ask most; the others are found by saying them.
COMMON = ("will", "inheritance", "house-proxy", "gift", "kinship", "birth", "no-record", "education")
# What a citizen wants to know of every matter, by the article that says it.
LABELS = {"公证法30": "多久", "公证法46": "价钱", "公证法34": "减免"}


class _NotaryAction(Action):  # type: ignore[misc]
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def _meant(self, turn: Turn) -> Matter | None:
        option = str(turn.said.get("option") or "") if turn.tapped else ""
        if option.startswith("notary:"):
            return by_id(option.removeprefix("notary:"), self._parts.notary)
        return find(option.removeprefix("item:") if turn.tapped else turn.text, self._parts.notary)


class ActionAskNotary(_NotaryAction):
    """Says what the matter that was named needs; without one, asks which it is."""

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "action_ask_notary"

    async def run(self, dispatcher: Any, tracker: Any, domain: dict[str, Any]) -> Events:
        """Name the list, and offer an appointment with the matter filled in."""
        turn = Turn(tracker)
        if matter := self._meant(turn):
            dispatcher.utter_message(response="utter_notary_matter", title=matter.title, coming=cited(matter.coming))
            card = {"card": card_to_json(matter_card(matter))}
            dispatcher.utter_message(json_message=card, buttons=[book_button(matter), HUMAN])
            return []
        if say_further(self._parts, turn, dispatcher):
            return []
        matters = [found for number in COMMON if (found := by_id(number, self._parts.notary))]
        buttons = [{"title": matter.title, "payload": _ask(matter)} for matter in matters]
        dispatcher.utter_message(response="utter_notary", buttons=[*buttons, HUMAN])
        return []


def matter_card(matter: Matter) -> Card:
    """Return what to bring and to know, each with its article."""
    papers = Field("要带的", "\n".join(f"□ {paper}" for paper in matter.papers))
    know = tuple(Field("要知道", cited(fact)) for fact in matter.know)
    common = tuple(Field(LABELS.get(fact.cite, "要知道"), cited(fact)) for fact in matter.common)
    online = Field("网上办", "能不能网上办我没核实，先问公证处。")
    return Card(
        f"{matter.title}公证", (papers, *know, *common, online), note=f"{matter.reviewed} 核对，以公证处一次说清的为准"
    )


def cited(fact: Fact) -> str:
    """Return a sentence with the article that it rests on."""
    authority = f"，{fact.authority}" if fact.authority else ""
    return f"{fact.says}（{read_citation(fact.cite)}{authority}）"


def book_button(matter: Matter) -> dict[str, str]:
    """Return the button that makes an appointment for a matter."""
    option = json.dumps({"option": f"item:{matter.title}"}, ensure_ascii=False)
    return {"title": "约公证", "payload": f"/book_notary{option}"}


def _ask(matter: Matter) -> str:
    return f"/ask_notary{json.dumps({'option': f'notary:{matter.id}'})}"
