"""Rasa component: every entity of the language contract.

spaCy's entity ruler over a blank Chinese pipeline finds areas and the words of the lexicon; patterns find the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import spacy
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from spacy.language import Language

from bot.areas.model import AreaTable
from bot.understanding import lexicon, names, patterns
from bot.understanding.classifier import MATTER
from bot.understanding.normaliser import PLAIN, RAW
from bot.understanding.times import SHANGHAI, find_times
from bot.understanding.tokenizer import district_areas

# Below this the matter is a guess that would send a citizen to the wrong specialist.
SURE_OF_MATTER = 0.35
# Intents whose message is about a trouble, so that the learnt matter means something.
WITH_MATTER = frozenset(
    [
        "ask_law",
        "ask_legal_aid",
        "apply_legal_aid",
        "ask_notary",
        "book_notary",
        "ask_mediation",
        "book_mediation",
        "book_consultation",
        "calculate",
        "where_to_go",
        "learn_law",
        "book_visit",
    ]
)
WORDS = {
    "provider_type": lexicon.PROVIDER_TYPES,
    "language": lexicon.LANGUAGES,
    "matter": lexicon.MATTERS,
}

WISHES = {
    name: [(code, re.compile(pattern)) for code, pattern in table.items()]
    for name, table in (("mode", lexicon.MODES), ("gender", lexicon.GENDERS))
}
NAMES = ("person_name", "organization_name")
WHOLE = (*NAMES, "law_article")


def build_ruler(areas: AreaTable) -> Language:
    """Return the blank Chinese pipeline with an entity ruler for areas and the lexicon's words."""
    nlp = spacy.blank("zh")
    ruler = nlp.add_pipe("entity_ruler", config={"phrase_matcher_attr": "ORTH"})
    names = {name for area in areas for name in area.spoken}  # type: ignore[attr-defined]
    found = [{"label": "area", "pattern": name, "id": name} for name in sorted(names)]
    for label in WORDS:
        for code, words in WORDS[label].items():
            found += [{"label": label, "pattern": word, "id": code} for word in words]
    ruler.add_patterns(found)  # type: ignore[attr-defined]
    return nlp


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class EntityExtractor(GraphComponent):
    """Writes `entities`."""

    def __init__(self) -> None:
        self._areas = district_areas()
        self._nlp = build_ruler(self._areas)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> EntityExtractor:
        """Create the component."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Extract; a tapped payload carries its own."""
        for message in messages:
            if message.get(PLAIN) is None:
                continue
            text = message.get(TEXT)
            entities = list(self.extract(text, _now(message)))
            for entity in entities:
                if entity["entity"] in NAMES:  # A name stays as it was written: 聯泰, not 联泰.
                    entity["value"] = message.get(RAW)[entity["start"] : entity["end"]]
            if not any(e["entity"] == MATTER for e in entities) and (learnt := _learnt_matter(message)):
                entities.append(learnt)
            message.set(ENTITIES, entities, add_to_output=True)
        return messages

    def extract(self, text: str, now: datetime) -> Iterator[dict[str, Any]]:
        """Yield the entities of a text as Rasa writes them."""
        spans = [*names.find(text), *patterns.find(text)]
        for span in spans:
            yield _entity(span.entity, span.value, span.start, span.end)
        # Inside a name or a law's title no other word counts: 陈律师 is a person, 劳动合同法38条 no trouble.
        whole = [(s.start, s.end) for s in spans if s.entity in WHOLE]
        matters: set[Any] = set()
        for found in (*self._ruled(text), *_wishes(text)):
            inside = any(start <= found["start"] and found["end"] <= end for start, end in whole)
            if not inside and not (found["entity"] == MATTER and found["value"] in matters):
                yield found
                matters |= {found["value"]} if found["entity"] == MATTER else set()
        for time in find_times(text, now):
            if not any(s.start < time.end and time.start < s.end for s in spans):
                yield _entity("time", time.value, time.start, time.end)

    def _ruled(self, text: str) -> Iterator[dict[str, Any]]:
        spans = list(self._nlp(text).ents)
        towns = [c for s in spans if s.label_ == "area" for c in self._areas.resolve(s.ent_id_) if len(c) == 9]
        named = {c for s in spans if s.label_ == "area" for c in self._areas.resolve(s.ent_id_, towns)}
        for span in spans:
            if span.label_ != "area":
                yield _entity(span.label_, span.ent_id_, span.start_char, span.end_char)
                continue
            codes = self._areas.resolve(span.ent_id_, towns)
            # 莲下镇程洋冈: the village says it all.
            if any(other != code and other.startswith(code) for code in codes for other in named):
                continue
            entity = _entity("area", codes[0], span.start_char, span.end_char)
            yield {**entity, "candidates": codes} if len(codes) > 1 else entity


def _wishes(text: str) -> Iterator[dict[str, Any]]:
    """Yield how and with whom one wants to meet, each kind of wish at its first mention."""
    for name, patterns_of in WISHES.items():
        for code, pattern in patterns_of:
            if match := pattern.search(text):
                yield _entity(name, code, match.start(), match.end())


def _entity(name: str, value: Any, start: int, end: int) -> dict[str, Any]:
    return {"entity": name, "value": value, "start": start, "end": end, "extractor": "EntityExtractor"}


def _learnt_matter(message: Message) -> dict[str, Any] | None:
    learnt = message.get(MATTER) or {}
    intent = (message.get("intent") or {}).get("name")
    if intent not in WITH_MATTER or learnt.get("confidence", 0) < SURE_OF_MATTER:
        return None
    return {"entity": MATTER, "value": learnt["value"], "confidence": learnt["confidence"], "extractor": "matter"}


def _now(message: Message) -> datetime:
    at = (message.get("metadata") or {}).get("at")
    return datetime.fromisoformat(at) if at else datetime.now(SHANGHAI)
