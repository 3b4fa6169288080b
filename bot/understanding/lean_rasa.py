"""What Rasa does for others and we pay for at every start or turn, switched off. Each with its measured cost.

- TensorFlow: Rasa imports it at module level for DIET and TED, which our pipeline does not have: 15 s of a 25 s start
  and 0.3 GB. `without_tensorflow` puts placeholders in its place before Rasa is imported.
- The JSON schema of the action server's answer: 100 ms for a list of cards. The answer comes from our own action server,
  over loopback with a token, and rasa-sdk has built it.
- The YAML schema of the training data, checked three times at a training: 40 s for 20,000 lines. Our own tests hold the
  files to more than the schema does, and a broken file is still refused when it is read.
- Filling in a response: every payload and card was searched for slots, and a payload's braces, taken for one, had a traceback
  painted into the log, with all that the citizen had said in it: 6 % of the engine's time. Only texts have slots.
- Rules about a message's very words, looked for in all rules before those about its meaning: 5 %. No rule of ours is of that
  kind, and a test holds them to it.
- Python's garbage collector: every few hundred messages it walked through the dictionaries and the model, a million
  objects that live as long as the engine: 70 to 100 ms. `settle` keeps it to what comes after them.
- Dask: see graph_runner.py.
"""

from __future__ import annotations

import gc
import importlib.abc
import importlib.machinery
import re
import sys
from functools import lru_cache
from types import ModuleType
from typing import Any, ClassVar

# Where a response's text has a value.
PLACE = re.compile(r"\{(\w+)\}")
ABSENT = ("tensorflow", "tensorflow_text", "tensorflow_hub", "tensorflow_addons", "keras", "jax")


class _Meta(type):
    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Placeholder


class _Placeholder(metaclass=_Meta):
    """Stands for any class, function or decorator that is named at import and never used."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        # Used as a decorator: leave what it decorates alone.
        return args[0] if cls is _Placeholder and len(args) == 1 and callable(args[0]) else super().__new__(cls)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        return None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return args[0] if len(args) == 1 and callable(args[0]) else self

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Placeholder


class _Module(ModuleType):
    __version__ = "2.12.0"
    __path__: ClassVar[list[str]] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Placeholder


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name: str, path: Any = None, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if name.split(".")[0] in ABSENT:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        return None


def without_tensorflow() -> None:
    """Let Rasa be imported without TensorFlow; call before the first import of Rasa."""
    if "tensorflow" not in sys.modules and not any(isinstance(f, _Finder) for f in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


def trust_our_actions() -> None:
    """Take the action server's answer as it comes."""
    from rasa.core.actions.action import RemoteAction

    RemoteAction._validate_action_result = lambda self, result: True  # type: ignore[assignment]


def fill_texts_alone() -> None:
    """Put values into a response's text, and leave its buttons and card as they are."""
    from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator

    def filled(_: Any, response: dict[str, Any], slots: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        values = {**(slots or {}), **more}
        if text := response.get("text"):
            response["text"] = PLACE.sub(lambda named: str(values.get(named[1], named[0])), text)
        return response

    TemplatedNaturalLanguageGenerator._fill_response = filled  # type: ignore[assignment]


def rules_of_meaning_alone() -> None:
    """Look for a rule by what a message means, not by its words first."""
    from rasa.core.policies.rule_policy import RulePolicy

    by_meaning = RulePolicy._find_action_from_rules

    def found(policy: Any, tracker: Any, domain: Any, use_text_for_last_user_input: bool) -> Any:
        if use_text_for_last_user_input:
            return None, None, False
        return by_meaning(policy, tracker, domain, use_text_for_last_user_input=False)

    RulePolicy._find_action_from_rules = found  # type: ignore[method-assign]


def trust_our_lines() -> None:
    """Read the training files without Rasa's schema check, each of them once."""
    import rasa.shared.nlu.training_data.loading as loading
    from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader

    RasaYAMLReader.validate = lambda self, string: None  # type: ignore[method-assign]
    loading._load = lru_cache(maxsize=None)(loading._load)  # type: ignore[assignment]


def settle() -> None:
    """Exempt what is loaded by now from garbage collection; call when the model stands and nothing was asked yet."""
    gc.collect()
    gc.freeze()
