"""A citation: which law, which article, as citizens and editors write it. Pure, standard library; runs on both Pythons."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.knowledge.law_names import LAWS, full_name, short_name
from bot.knowledge.numerals import chinese, read

_NUMBER = r"[0-9]{1,4}|[零〇一二两三四五六七八九十百千]{1,9}"
_ARTICLE = re.compile(
    rf"第?\s?(?P<article>{_NUMBER})\s?条?(?:之(?P<suffix>[一二三四五六七八九十]))?"
    rf"(?:第?(?P<paragraph>{_NUMBER})款)?(?:第?[（(]?(?P<item>{_NUMBER})[)）]?项)?"
)
_LAW = re.compile(
    r"《(?P<book>[^》]{2,60})》|(?P<name>" + "|".join(sorted(map(re.escape, LAWS), key=len, reverse=True)) + ")"
)
# A law that has no short name here, written out as editors do.
_OTHER = re.compile(r"(?P<name>[一-鿿]{2,20}?(?:法典|法|条例|办法))(?=第?\s?[0-9零一二三四五六七八九十百千])")


@dataclass(frozen=True)
class Citation:
    """An article of a law. `law` is its full name (中华人民共和国民法典).

    `suffix` is 1 in 第一百三十三条之一; `paragraph` (款) and `item` (项) are 0 when the whole article is meant.
    """

    law: str
    article: int
    suffix: int = 0
    paragraph: int = 0
    item: int = 0

    @property
    def number(self) -> str:
        """The article's number as the statute writes it: 第一百三十三条之一."""
        return article_number(self.article, self.suffix)

    def __str__(self) -> str:
        parts = [f"《{short_name(self.law)}》第{self.article}条", f"之{chinese(self.suffix)}" if self.suffix else ""]
        parts.append(f"第{self.paragraph}款" if self.paragraph else "")
        parts.append(f"第（{chinese(self.item)}）项" if self.item else "")
        return "".join(parts)


def article_number(article: int, suffix: int = 0) -> str:
    """Return 第一千零四十三条, or 第一百三十三条之一 with a suffix."""
    return f"第{chinese(article)}条" + (f"之{chinese(suffix)}" if suffix else "")


def read_citation(text: str) -> Citation | None:
    """Return the first article cited: 民法典1043, 《劳动合同法》第三十八条第一款, 刑法133条之一. None when no law is named."""
    law = _LAW.search(text) or _OTHER.match(text)
    found = _ARTICLE.search(text, law.end()) if law else None
    if law is None or found is None:
        return None
    number = read(found["article"])
    if number is None:
        return None
    return Citation(
        full_name(law.groupdict().get("book") or law["name"]),
        number,
        read(found["suffix"] or "") or 0,
        read(found["paragraph"] or "") or 0,
        read(found["item"] or "") or 0,
    )


def names_its_law(text: str) -> bool:
    """Whether a citation begins with the law that is read from it: 某某调解仲裁法2 must not be read as 调解仲裁法2."""
    found = _LAW.search(text)
    return found is None or found.start() == 0


def named_law(text: str) -> str:
    """Return the full name of the law that a text names, "" when it names none that has a short name here."""
    found = _LAW.search(text)
    return full_name(found["book"] or found["name"]) if found else ""


def article_of(law: str, number: str) -> Citation | None:
    """Return an article by its law's full name and its number as the statute writes it; None for what is no article."""
    found = _ARTICLE.fullmatch(number)
    article = read(found["article"]) if found else None
    return Citation(law, article, read(found["suffix"] or "") or 0) if found and article else None
