"""The first look's result: the outcome, why, and a card with what to bring, where, how long."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import SlotSet

from actions.legal_aid_talk import HUMAN, Talk, button
from bot.conversation.model import Card, Field, card_to_json
from bot.knowledge.citation import read_citation
from bot.legal_aid.draft import Draft
from bot.legal_aid.model import Reason, Result


async def say_result(talk: Talk, draft: Draft) -> list[dict[str, Any]]:
    """Say the result; what to tap next begins the application or says where to go."""
    result = talk.look(draft)
    reasons = "\n".join(f"· {cited(reason)}" for reason in result.reasons)
    talk.say(f"utter_aid_{result.outcome}", reasons=reasons)
    # Everybody has the right to apply, whatever a machine thinks of it.
    apply = button("还是想申请" if result.outcome == "likely_no" else "交申请", "way", "apply")
    buttons = [apply, button("约个时间去", "way", "book"), HUMAN, button("重新看", "way", "again")]
    talk.dispatcher.utter_message(json_message={"card": card_to_json(result_card(result))}, buttons=buttons)
    return [SlotSet("aid", "looked"), SlotSet("aid_draft", draft.to_json())]


def result_card(result: Result) -> Card:
    """Return what to know next."""
    where = Field("去哪里", "\n".join(cited(reason) for reason in result.where))
    notes = tuple(Field(reason.label, cited(reason)) for reason in result.notes)
    papers = Field("要带的", "\n".join(f"□ {paper}" for paper in result.papers))
    # Whoever will hardly get it need not gather papers, but should know what to do against a no.
    fields = (notes[-1],) if result.outcome == "likely_no" else (papers, where, *notes)
    return Card("法律援助：接下来", fields, note="材料最后以窗口一次说清的为准")


def cited(reason: Reason) -> str:
    """Return a sentence with the article that it rests on."""
    citation = read_citation(reason.article)
    authority = f"，{reason.authority}" if reason.authority else ""
    return f"{reason.says}（{citation}{authority}）"
