"""One answer that an editor wrote and a reviewer signed. Pure, standard library; runs on both Pythons."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.knowledge.citation import Citation, names_its_law, read_citation


@dataclass(frozen=True)
class Authority:
    """A rule outside the statute corpus: a regulation, a judicial interpretation, a local rule. `dated` is ISO 8601.

    What it says today cannot be checked here, so it is always shown with 以现行文本为准.
    """

    name: str
    article: str
    dated: str

    def __str__(self) -> str:
        return f"《{self.name}》{self.article}（{self.dated}文本，以现行文本为准）"


@dataclass(frozen=True)
class Deadline:
    """A period that runs: what must be done within it, and from when it counts."""

    what: str
    within: str
    counted_from: str


@dataclass(frozen=True)
class Condition:
    """A fact that changes the answer: the question to ask back, and what holds for each reply."""

    ask: str
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Entry:
    """What the assistant says on one question.

    `questions` are the question in citizens' words; `conclusion` one or two plain sentences; `go_to` names provider types
    of the directory or numbers of hotlines; `next` intents that help further. `reviewed` is ISO 8601.
    """

    id: str
    matter: str
    questions: tuple[str, ...]
    conclusion: str
    steps: tuple[str, ...]
    papers: tuple[str, ...]
    deadlines: tuple[Deadline, ...]
    go_to: tuple[str, ...]
    citations: tuple[Citation, ...]
    authorities: tuple[Authority, ...]
    conditions: tuple[Condition, ...]
    next: tuple[str, ...]
    reviewed: str
    reviewer: str
    problems: tuple[str, ...] = field(default=(), compare=False)

    @property
    def said(self) -> tuple[str, ...]:
        """Every sentence that a citizen may read."""
        asked = tuple(part for c in self.conditions for part in (c.ask, *(answer for _, answer in c.answers)))
        timed = tuple(f"{d.what}：{d.within}，从{d.counted_from}起算" for d in self.deadlines)
        return (self.conclusion, *self.steps, *self.papers, *timed, *asked)


KNOWN = frozenset(
    {"id", "questions", "conclusion", "steps", "papers", "deadlines", "go_to", "citations", "authorities", "conditions",
     "next", "reviewed", "reviewer"}
)  # fmt: skip


def entry_from(data: dict[str, Any], matter: str) -> Entry:
    """Read an entry; what cannot be read is told in its `problems`, so that an editor sees all of them at once."""
    problems = [f"unknown field {name}" for name in data if name not in KNOWN]
    citations = []
    for said in data.get("citations") or ():
        found = read_citation(str(said))
        if found is None or not names_its_law(str(said)):
            problems.append(f"cannot read the citation {said!r}")
        else:
            citations.append(found)
    return Entry(
        id=str(data.get("id") or ""),
        matter=matter,
        questions=_texts(data.get("questions")),
        conclusion=str(data.get("conclusion") or "").strip(),
        steps=_texts(data.get("steps")),
        papers=_texts(data.get("papers")),
        deadlines=tuple(
            Deadline(str(d["what"]), str(d["within"]), str(d["from"])) for d in data.get("deadlines") or ()
        ),
        go_to=_texts(data.get("go_to")),
        citations=tuple(citations),
        authorities=tuple(
            Authority(str(a["name"]), str(a["article"]), str(a["dated"])) for a in data.get("authorities") or ()
        ),
        conditions=tuple(
            Condition(str(c["ask"]), tuple((str(k), str(v)) for k, v in c["answers"].items()))
            for c in data.get("conditions") or ()
        ),
        next=_texts(data.get("next")),
        reviewed=str(data.get("reviewed") or ""),
        reviewer=str(data.get("reviewer") or ""),
        problems=tuple(problems),
    )


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(str(item).strip() for item in value or ())
