"""Rasa component: jieba with the district's own words."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import jieba
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.jieba_tokenizer import JiebaTokenizer

from bot.areas.importer import read_areas
from bot.areas.model import AreaTable
from bot.platform.settings import ROOT
from bot.understanding import lexicon

# Above any ordinary word's, so that 莲下镇 and 调委会 stay whole.
FREQUENCY = 20000


def district_areas() -> AreaTable:
    """Return the areas of CHENGFATONG_DISTRICT."""
    district = os.environ.get("CHENGFATONG_DISTRICT") or "440515"
    return read_areas(ROOT / "data" / "directory" / district / "areas.csv")


def district_words(areas: AreaTable) -> Iterator[str]:
    """Yield the words that jieba would cut otherwise: areas, kinds of providers, languages, Teochew words."""
    for area in areas:  # type: ignore[attr-defined]
        yield from area.spoken
    for words in (*lexicon.PROVIDER_TYPES.values(), *lexicon.LANGUAGES.values()):
        yield from words
    yield from lexicon.TEOCHEW


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=True)
class DistrictTokenizer(JiebaTokenizer):
    """JiebaTokenizer whose user dictionary is the district's."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> DistrictTokenizer:
        """Create the component and teach jieba the words."""
        jieba.setLogLevel("ERROR")
        for word in district_words(district_areas()):
            jieba.add_word(word, FREQUENCY)
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> DistrictTokenizer:
        """Load as it was created: the words are the district's, not the model's."""
        return cls.create(config, model_storage, resource, execution_context)
