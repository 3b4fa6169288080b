"""What goes into a turn and what comes out of it, whatever the channel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

# The engine's own answer to a citizen rarely passes 300 characters; 1,000 lets a dictated story through whole
# while a pasted novel is refused before it costs the model a second.
MAX_TEXT = 1000

Kind = Literal["text", "payload", "follow", "unsupported", "place", "photo", "voice", "scan"]


@dataclass(frozen=True)
class Place:
    """A spot that a citizen sent: degrees (WGS-84 or GCJ-02, as the channel gives them) and the address shown with it."""

    latitude: float
    longitude: float
    label: str


@dataclass(frozen=True)
class Media:
    """A file that stays with the channel until it is fetched: the channel's own id of it, and its format if told."""

    id: str
    kind: Literal["image", "voice", "video", "file"]
    format: str = ""


@dataclass(frozen=True)
class Inbound:
    """One message of a citizen.

    `kind`: "text" as typed or dictated; "payload" a tapped button (`/intent{"entity": "value"}`); "follow" the account
    was followed or the page opened; "place" a location was sent (`place`); "photo" a picture and "voice" speech nobody
    has written down yet (`media`); "scan" a QR code of ours was scanned by a follower (`scene`, which a "follow" through
    one has too); "unsupported" anything that cannot be read, with the medium's own name of it in `body`.
    `at` carries its time zone.
    """

    channel: str
    user: str
    message_id: str
    kind: Kind
    body: str
    at: datetime
    place: Place | None = None
    media: Media | None = None
    scene: str = ""


@dataclass(frozen=True)
class Button:
    """Something to tap. `payload` is what comes back."""

    title: str
    payload: str


@dataclass(frozen=True)
class Field:
    """One row of a card. `href` makes the value tappable (`tel:`, `https:`, or a page of ours by its path: `/law/…`)."""

    label: str
    value: str
    href: str | None = None


@dataclass(frozen=True)
class Card:
    """A provider, a place or a hotline. `badge` is 示例 on demo data; `note` says how fresh it is."""

    title: str
    fields: tuple[Field, ...] = ()
    badge: str | None = None
    subtitle: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class Reply:
    """One bubble of an answer."""

    text: str = ""
    buttons: tuple[Button, ...] = ()
    card: Card | None = None


def reply_from_json(data: dict[str, Any]) -> Reply:
    """Read a reply off the wire; the shape is `to_json`'s."""
    card = data.get("card")
    return Reply(
        text=data.get("text") or "",
        buttons=tuple(Button(b["title"], b["payload"]) for b in data.get("buttons") or ()),
        card=card_from_json(card) if card else None,
    )


def card_from_json(data: dict[str, Any]) -> Card:
    """Read a card off the wire."""
    fields = tuple(Field(f["label"], f["value"], f.get("href")) for f in data.get("fields") or ())
    return Card(data["title"], fields, data.get("badge"), data.get("subtitle"), data.get("note"))


def card_to_json(card: Card) -> dict[str, Any]:
    """`{"title", "badge"?, "subtitle"?, "fields": [{"label", "value", "href"?}], "note"?}`."""
    out: dict[str, Any] = {"title": card.title}
    for name in ("badge", "subtitle", "note"):
        if value := getattr(card, name):
            out[name] = value
    out["fields"] = [{"label": f.label, "value": f.value, **({"href": f.href} if f.href else {})} for f in card.fields]
    return out


def reply_to_json(reply: Reply) -> dict[str, Any]:
    """`{"text", "buttons": [{"title", "payload"}], "card"?: card_to_json}`, as POST /api/chat answers."""
    out: dict[str, Any] = {
        "text": reply.text,
        "buttons": [{"title": b.title, "payload": b.payload} for b in reply.buttons],
    }
    if reply.card:
        out["card"] = card_to_json(reply.card)
    return out
