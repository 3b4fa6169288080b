"""Replies as WeChat messages: texts, a menu to tap or numbers to type, a card as news or as lines. Pure.

A message has the form of a customer-service message without `touser`; a passive reply is made from the same.
Source: developers.weixin.qq.com, "customer service messages" (text, news, msgmenu), "passive reply" (news: one article).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.channels.wechat.messages import clean
from bot.channels.wechat.split import MAX_BYTES, pieces
from bot.conversation.model import Button, Card, Field, Reply

Message = Mapping[str, Any]
# How many rows of a card are shown, with links that can be tapped.
LABELS_SHOWN = 6
SAY = "您说。"
PICK = "点下面的，或者直接说："
# Tapped, this sends the word for the citizen. Not documented by WeChat, and seen to work on its phones; where it does not,
# the word can be typed.
CONTINUE = '<a href="weixin://bizmsgmenu?msgmenucontent=继续&msgmenuid=continue">继续</a>'
MORE = f"\n\n（还有没看完的，点{CONTINUE}或者发“继续”）"
BUSY = f"这个我要多想一会儿。过几秒点{CONTINUE}或者发“继续”，就能看到回答。急的话打12348。"
SORRY = "对不起，我这边出了点问题，这句没答上来，请再发一次。急的话直接打12348。"
# What every text leaves free, so that MORE fits behind it.
TEXT_BYTES = MAX_BYTES - len(MORE.encode())
# An article of news shows about this much below its title.
DESCRIPTION_BYTES = 360


@dataclass(frozen=True)
class Part:
    """One message of an answer; `plain` is the text to say instead where the message cannot go (a menu in a passive reply)."""

    message: Message
    plain: str = ""

    @property
    def passive(self) -> Message:
        """The message as a passive reply takes it."""
        return text_message(self.plain) if self.plain else self.message


def text_message(content: str) -> Message:
    """Return a text message."""
    return {"msgtype": "text", "text": {"content": content}}


def with_more(message: Message) -> Message:
    """Return a text that says, once, that there is more to see; news and menus cannot say it."""
    if message["msgtype"] != "text" or message["text"]["content"].endswith(MORE):
        return message
    return text_message(message["text"]["content"] + MORE)


def parts_of(replies: Sequence[Reply], base: str, menu: str = "") -> list[Part]:
    """Return an answer's messages, never none, none over WeChat's limits.

    `base` is the address that pages of ours have for a phone (CHENGFATONG_PUBLIC_URL). With a `menu`, the name of the menu
    to be, messages can be sent beside the passive reply: buttons become a menu and cards with a page become news.
    Without, everything is text with numbers to type, save a card that is the whole answer.
    """
    buttons = [button for reply in replies for button in reply.buttons]
    if menu:
        shown = [part for bodies in _runs(replies, base) for part in bodies]
        return [*(shown or [Part(text_message(SAY))]), *([_menu(buttons, menu)] if buttons else [])]
    if not buttons and (alone := _alone(replies, base)):
        return [alone]
    texts = [text for reply in replies for text in (reply.text, card_text(reply.card, base)) if text]
    return _texts(clean("\n\n".join(texts)).strip() or SAY, numbered(buttons))


def _runs(replies: Sequence[Reply], base: str) -> list[list[Part]]:
    """Return texts and news in the order of the replies; texts that follow each other are one."""
    runs: list[list[Part]] = []
    texts: list[str] = []
    for reply in replies:
        news = _news(reply.card, base)
        texts += [text for text in (reply.text, "" if news else card_text(reply.card, base)) if text]
        if news:
            runs += [_texts("\n\n".join(texts), ""), [news]]
            texts = []
    return [*runs, _texts("\n\n".join(texts), "")]


def _texts(body: str, choices: str) -> list[Part]:
    """Return a text in pieces; the choices stand whole under the last one, or by themselves."""
    found = pieces(clean(body), TEXT_BYTES)
    if choices and found and len((found[-1] + "\n\n" + choices).encode("utf-8", "replace")) <= TEXT_BYTES:
        found[-1] += "\n\n" + choices
    elif choices:
        found += pieces(choices, TEXT_BYTES)
    return [Part(text_message(piece)) for piece in found]


def numbered(buttons: Sequence[Button]) -> str:
    """Return choices to pick by their numbers, "" for none."""
    lines = [f"{number}. {button.title}" for number, button in enumerate(buttons, 1)]
    return clean("回复数字：\n" + "\n".join(lines)) if lines else ""


def _menu(buttons: Sequence[Button], menu: str) -> Part:
    entries = [{"id": f"{menu}.{number}", "content": clean(button.title)} for number, button in enumerate(buttons)]
    message = {"msgtype": "msgmenu", "msgmenu": {"head_content": PICK, "list": entries, "tail_content": ""}}
    return Part(message, pieces(numbered(buttons), TEXT_BYTES)[0])


def _alone(replies: Sequence[Reply], base: str) -> Part | None:
    cards = [reply.card for reply in replies if reply.card]
    if len(cards) != 1 or any(reply.text for reply in replies):
        return None
    return _news(cards[0], base)


def _news(card: Card | None, base: str) -> Part | None:
    """Return a card as news: it must have just one page to open, and no number to call, which news cannot show."""
    hrefs = [field.href for field in card.fields if field.href] if card else []
    if card is None or len(hrefs) != 1 or not hrefs[0].startswith("/"):
        return None
    rows = [card.subtitle or "", *(f"{field.label}：{field.value}" for field in card.fields if not field.href)]
    told = "\n".join(row for row in [*rows, card.note or ""] if row)
    article = {
        "title": clean(_title(card)),
        "description": (pieces(clean(told), DESCRIPTION_BYTES) or [""])[0],
        "url": base + hrefs[0],
        "picurl": "",
    }
    return Part({"msgtype": "news", "news": {"articles": [article]}})


def _title(card: Card) -> str:
    return f"{card.title}（{card.badge}）" if card.badge else card.title


def card_text(card: Card | None, base: str) -> str:
    """Return a card as lines of text, "" for none."""
    if card is None:
        return ""
    badge = f"（{card.badge}）" if card.badge else ""
    lines = [f"【{card.title}】{badge}", card.subtitle or ""]
    lines += [_row(field, base) for field in card.fields[:LABELS_SHOWN]]
    lines.append(_rest(card.fields[LABELS_SHOWN:]))
    return "\n".join(line for line in [*lines, card.note or ""] if line)


def _row(field: Field, base: str) -> str:
    """Return a row; where a page of ours stands behind it, the label is the link, and 看原文 says nothing more."""
    if field.href and field.href.startswith("/"):
        return f'<a href="{base}{field.href}">{field.label}</a>'
    return f"{field.label}：{field.value}"


def _rest(fields: Sequence[Field]) -> str:
    """Return the articles of law that get no line of their own: an answer hides nothing that it rests on."""
    if not any(field.href and field.href.startswith("/") for field in fields):
        return ""
    return "还有" + "、".join(field.label if field.href else f"{field.label}（{field.value}）" for field in fields)
