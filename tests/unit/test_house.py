"""Laws of the whole house, as small tests."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
MODELS = sorted((ROOT / "bot").glob("*/model.py"))
SOURCES = sorted(p for top in ("bot", "actions") for p in (ROOT / top).rglob("*.py"))
# Words of offices, not of people; a citizen should never read them.
OFFICIALESE = ("根据相关", "相关规定", "成功提交", "敬请", "予以", "贵单位", "特此", "依据有关")


def _imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    found = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return found | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


def _yaml(name: str) -> dict:
    return YAML(typ="safe").load((ROOT / name).read_text("utf-8"))


@pytest.mark.parametrize("path", MODELS, ids=lambda p: p.parent.name)
def test_model_imports_only_the_standard_library_and_other_models(path: Path) -> None:
    for name in _imports(path):
        top = name.split(".")[0]
        assert top in sys.stdlib_module_names or re.fullmatch(r"bot\.\w+\.model|bot\.errors", name), f"{path}: {name}"


def test_room_never_reaches_into_another_rooms_store() -> None:
    # bootstrap.py, the actions' parts, the servers and the worker put parts together; a service takes its own room's store.
    allowed = {"bootstrap.py", "parts.py", "server.py", "worker.py", "commands.py", "cli.py", "doctor.py"}
    for path in SOURCES:
        room = path.relative_to(ROOT).parts[1]
        for name in _imports(path):
            owner = re.fullmatch(r"bot\.(\w+)\.store", name)
            if owner and owner[1] not in (room, "platform"):
                assert path.name in allowed, f"{path} imports {name}"


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    for path in SOURCES:
        assert len(path.read_text("utf-8").splitlines()) <= 400, path


def test_every_intent_has_data_and_a_rule() -> None:
    domain = _yaml("domain.yml")
    data = "\n".join(p.read_text("utf-8") for p in (ROOT / "data" / "nlu").rglob("*.yml"))
    rules = "\n".join(p.read_text("utf-8") for p in (ROOT / "data" / "rules").rglob("*.yml"))
    for intent in domain["intents"]:
        assert re.search(rf"- intent: {intent}\s*$", data, re.M), f"{intent} has no training data"
        assert re.search(rf"- intent: {intent}\s*$", rules, re.M), f"{intent} has no rule"


def test_every_action_of_the_domain_is_served() -> None:
    from actions.server import ACTIONS

    names = {next(iter(a)) if isinstance(a, dict) else a for a in _yaml("domain.yml")["actions"]}
    assert names == {action(None).name() for action in ACTIONS}


def test_citizen_reads_no_officialese() -> None:
    for name, variants in _yaml("domain.yml")["responses"].items():
        for variant in variants:
            assert not any(word in variant["text"] for word in OFFICIALESE), name
            assert variant["text"].count("您") <= 5, name


def test_every_response_that_an_action_says_exists() -> None:
    responses = set(_yaml("domain.yml")["responses"])
    said = set()
    for path in (ROOT / "actions").glob("*.py"):
        said |= set(re.findall(r'"(utter_\w+)"', path.read_text("utf-8")))
    assert said - responses == set()


def test_map_names_every_folder_that_exists() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    rooms = {f"bot/{p.parent.name}" for p in (ROOT / "bot").glob("*/__init__.py")}
    tops = {
        p.name for p in ROOT.iterdir() if p.is_dir() and not p.name.startswith(".") and p.name not in ("var", "data")
    }
    for name in rooms | tops - {"bot"}:
        assert f"`{name}" in text, name
