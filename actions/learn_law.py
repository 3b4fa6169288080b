"""Learning the law: an article's text, a short course on a matter, one question a day."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from rasa_sdk import Action

from actions.ask_law import ActionAskLaw
from actions.booking_talk import Speaker
from actions.browse import show_course, show_matters
from actions.bubbles import say
from actions.meant import meant_for_booking
from actions.parts import Parts
from actions.turn import Turn
from bot.knowledge import law_days, lessons, telling_law
from bot.knowledge.answers import decide
from bot.knowledge.citation import Citation, named_law, read_citation
from bot.knowledge.law_days import LawDay
from bot.knowledge.refusals import refused
from bot.knowledge.telling import payload

Events = list[dict[str, Any]]
QUIZ = re.compile(r"一题|出[几两道]*题|答题|做题|题库|题目|测试|测验|考考|抢答|竞赛题|选择题|小测|问答|quiz", re.I)
TODAY = {"title": "今天一题", "payload": '/learn_law{"quiz": "today"}'}


class ActionLearnLaw(Action):  # type: ignore[misc]
    """Shows what the corpus and the editors' entries hold; says what there is not."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "action_learn_law"

    async def run(self, dispatcher: Any, tracker: Any, domain: dict[str, Any]) -> Events:
        """Show what is asked for, or what there is."""
        turn = Turn(tracker)
        speak = Speaker(self._parts, turn, dispatcher)
        if not (turn.tapped or turn.in_booking) and (booking := await meant_for_booking(speak)) is not None:
            return booking
        rule = "" if turn.tapped else refused(turn.text)
        if rule and rule != "verdict":
            dispatcher.utter_message(response=f"utter_refuse_{rule}")
            return []
        if "quiz" in turn.said or QUIZ.search(turn.text):
            self._quiz(dispatcher, turn)
        elif cited := _cited(turn):
            self._article(dispatcher, turn, cited)
        elif not turn.tapped and (law_day := law_days.named(turn.text)):
            self._law_day(dispatcher, turn, law_day)
        elif not turn.tapped and decide(turn.entries, self._parts.library.entries).answer:
            events: Events = await ActionAskLaw(self._parts).run(dispatcher, tracker, domain)
            return events
        else:
            self._offer(dispatcher, turn)
        return []

    def _quiz(self, dispatcher: Any, turn: Turn) -> None:
        today, choice = turn.now.date(), str(turn.said.get("choice") or "")
        question = lessons.question_of(_day(turn, today), self._parts.library.entries)
        replies = telling_law.graded(question, int(choice)) if choice in ("1", "2", "3") else None
        say(dispatcher, replies or [telling_law.asked_today(question)])

    def _article(self, dispatcher: Any, turn: Turn, cited: Citation) -> None:
        library = self._parts.library
        say(dispatcher, telling_law.article(library.corpus(turn.now.date()), cited, library.citing(cited)))

    def _law_day(self, dispatcher: Any, turn: Turn, law_day: LawDay) -> None:
        """Say when a day of the law is, and show the article that names it."""
        dispatcher.utter_message(text=law_days.said(law_day, turn.now.date()) + "。")
        if cited := read_citation(law_day.named_in):
            self._article(dispatcher, turn, cited)

    def _offer(self, dispatcher: Any, turn: Turn) -> None:
        """Show a whole law, a matter's course, or all that there is."""
        corpus = self._parts.library.corpus(turn.now.date())
        law = corpus.named(named_law(turn.text))
        if law:
            say(dispatcher, [telling_law.law_reply(corpus, law)])
        elif matter := str(turn.said.get("matter") or ""):
            show_course(dispatcher, self._parts, "learn_law", matter, str(turn.said.get("offset") or ""))
        else:
            show_matters(dispatcher, "utter_learn_law", "learn_law", TODAY, _law_day_button(turn.now.date()))


def _law_day_button(today: date) -> dict[str, str]:
    law_day = law_days.coming(today)
    return {"title": law_days.said(law_day, today), "payload": payload("learn_law", law_article=law_day.named_in)}


def _cited(turn: Turn) -> Citation | None:
    """Return the article that is asked for: as typed, or as the engine's patterns or a button say."""
    said = turn.said.get("law_article")
    if isinstance(said, dict):
        said = f"《{said.get('law')}》第{said.get('article')}条"
    return read_citation(turn.text) or read_citation(str(said or ""))


def _day(turn: Turn, today: date) -> date:
    """Return the day of the question that a button answers; it may be tapped after midnight."""
    try:
        return min(today, date.fromisoformat(str(turn.said.get("quiz") or "")))
    except ValueError:
        return today
