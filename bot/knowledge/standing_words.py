"""How a law stands today, in words that a citizen understands; where its text can be read. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from urllib.parse import quote

from bot.knowledge.citation import Citation
from bot.knowledge.corpus import Corpus, Law
from bot.knowledge.law_names import REPUBLIC, short_name

# The Civil Code ended these; its Article 1260 says so, and the corpus no longer has their text.
CODE = f"{REPUBLIC}民法典"
ENDED_BY_CODE = ("婚姻法", "继承法", "民法通则", "收养法", "担保法", "合同法", "物权法", "侵权责任法", "民法总则")
_NUMBER = re.compile(r"([1-9][0-9]{0,3})(?:-([1-9]))?")


def law_address(law: str) -> str:
    """Return the page of a law: /law/劳动合同法, percent-encoded."""
    return f"/law/{quote(short_name(law))}"


def article_address(citation: Citation) -> str:
    """Return the page of an article: /law/刑法/133-1, percent-encoded."""
    return f"{law_address(citation.law)}/{number_in_address(citation)}"


def number_in_address(citation: Citation) -> str:
    """Return 38, or 133-1 for 第一百三十三条之一."""
    return f"{citation.article}-{citation.suffix}" if citation.suffix else str(citation.article)


def read_number(said: str) -> tuple[int, int] | None:
    """Read what `number_in_address` wrote; None for anything else."""
    found = _NUMBER.fullmatch(said)
    return (int(found[1]), int(found[2] or 0)) if found else None


def said(day: date) -> str:
    """Return 2020年5月28日."""
    return f"{day.year}年{day.month}月{day.day}日"


def standing_said(law: Law, versions: Sequence[Law] = ()) -> str:
    """Say which text this is and whether it counts today; `versions` are all of the law, to tell of one that begins later."""
    text = f"{said(law.version)}通过的文本"
    told = {
        "in_force": f"现在有效。{text}。",
        "amended": f"现在有效。{text}，这之后还修正过，改过的条文以最新文本为准。",
        "future": f"还没生效，{said(law.effective)}才开始施行。{text}。",
        "superseded": f"这是旧文本，已经被新的代替。{text}。",
        "repealed": f"已经废止，现在不能用。{text}。",
    }[law.standing]
    coming = [other for other in versions if other.standing == "future" and other.id != law.id]
    return told + "".join(f"修订后的文本{said(other.effective)}起施行。" for other in coming)


def why_absent(corpus: Corpus, citation: Citation) -> str:
    """Say why there is no such article to show."""
    name = short_name(citation.law)
    if name in ENDED_BY_CODE and corpus.law(citation.law) is None:
        return f"《{name}》已经废止，2021年1月1日起由《民法典》代替（《民法典》第1260条）。"
    law = corpus.law(citation.law)
    if law is None:
        return f"我这里没有《{name}》的文本。我只收法律，行政法规、司法解释和地方规定不在里面。"
    numbers = [article.number for article in corpus.articles(law) if article.number]
    return f"《{name}》没有{citation.number}，我这里的文本最后一条是{numbers[-1]}。"
