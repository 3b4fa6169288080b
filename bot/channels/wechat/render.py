"""Replies as one passive WeChat text: cards as lines, buttons as numbers to type, pages of ours as links. Pure.

A typed number picks the button: the conversation remembers what it offered last.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.conversation.model import Button, Card, Field, Reply

# Measured by others, not documented: beyond 2,048 bytes the citizen reads "service unavailable".
MAX_BYTES = 2048
MORE = "\n……（太长了，后面的没显示；打12348也能问）"
# WeChat's phones make a number in running text tappable by themselves.
LABELS_SHOWN = 6


def text_of(replies: Sequence[Reply], base: str) -> str:
    """Return the text, never empty, never over MAX_BYTES; the numbered choices survive a cut.

    `base` is the address that pages of ours have for a phone (CHENGFATONG_PUBLIC_URL).
    """
    parts = [part for reply in replies for part in (reply.text, _card(reply.card, base)) if part]
    choices = _choices([button for reply in replies for button in reply.buttons])
    body = "\n\n".join(parts) or "您说。"
    return cut(body, MAX_BYTES - len(choices.encode())) + choices


def cut(text: str, limit: int) -> str:
    """Return a text of at most `limit` bytes of UTF-8, cut between characters and, if it can be, between lines."""
    if len(text.encode()) <= limit:
        return text
    kept = text.encode()[: limit - len(MORE.encode())].decode("utf-8", "ignore")
    line = kept.rfind("\n")
    return (kept[:line] if line > len(kept) // 2 else kept) + MORE


def _card(card: Card | None, base: str) -> str:
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


def _choices(buttons: Sequence[Button]) -> str:
    if not buttons:
        return ""
    lines = [f"{number}. {button.title}" for number, button in enumerate(buttons, 1)]
    return cut("\n\n回复数字：\n" + "\n".join(lines), MAX_BYTES // 2)
