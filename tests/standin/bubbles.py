"""What stands on a phone's screen. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

# What a phone shows when an account does not answer properly (passive reply, documented).
APOLOGY = "该公众号暂时无法提供服务，请稍后再试"
_LINK = re.compile(r"""<a\s+[^>]*?href=(["'])(.*?)\1[^>]*>(.*?)</a>""", re.S)


@dataclass(frozen=True)
class Choice:
    """Something to tap that sends its label, with an id that the account gave it."""

    label: str
    id: str


@dataclass(frozen=True)
class Bubble:
    """One bubble.

    `who`: me, account, notice (a template or subscription message) or phone (what WeChat itself says). `way`: how it came:
    passive, service, template, subscription; "" for what the person sent. `text` may hold `<a href>` links, as WeChat's
    does. `url` is where a tap on a card leads. `answers` is the identity of the push that a passive reply answers.
    """

    who: str
    text: str
    way: str = ""
    choices: tuple[Choice, ...] = ()
    url: str = ""
    image: str = ""
    answers: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return what the page of phones shows."""
        choices = [{"label": choice.label, "id": choice.id} for choice in self.choices]
        return {"who": self.who, "way": self.way, "text": self.text, "url": self.url, "choices": choices}

    @property
    def words(self) -> str:
        """The text without its markup, and everything that can be tapped."""
        return "\n".join([_LINK.sub(r"\3", self.text), *(choice.label for choice in self.choices)])

    @property
    def links(self) -> tuple[str, ...]:
        """The addresses that the text leads to."""
        found = (match[2] for match in _LINK.finditer(self.text))
        return tuple(link for link in found if not link.startswith("weixin:"))


def choices_in(text: str) -> tuple[Choice, ...]:
    """Return the menu links of a text.

    `<a href="weixin://bizmsgmenu?msgmenucontent=约调解&msgmenuid=1">约调解</a>`: a tap sends the content with the id.
    """
    found = []
    for match in _LINK.finditer(text):
        address = urlsplit(match[2].replace("&amp;", "&"))
        if (address.scheme, address.netloc) == ("weixin", "bizmsgmenu"):
            asked = parse_qs(address.query)
            found.append(Choice(asked.get("msgmenucontent", [match[3]])[0], asked.get("msgmenuid", [""])[0]))
    return tuple(found)


def text_bubble(text: str, way: str, answers: str = "") -> Bubble:
    """Return a text of the account's."""
    return Bubble("account", text, way, choices_in(text), answers=answers)


def menu_bubble(menu: dict[str, Any]) -> Bubble:
    """Return a `msgmenu` message."""
    choices = tuple(Choice(item["content"], str(item["id"])) for item in menu["list"])
    text = "\n".join(part for part in (menu.get("head_content", ""), menu.get("tail_content", "")) if part)
    return Bubble("account", text, "service", choices)


def card_bubble(article: dict[str, str], way: str, answers: str = "") -> Bubble:
    """Return a card with a picture and a text (news)."""
    text = "\n".join(part for part in (article.get("title", ""), article.get("description", "")) if part)
    return Bubble("account", text, way, (), article.get("url", ""), article.get("picurl", ""), answers)
