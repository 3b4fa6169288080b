"""A phone in somebody's hand: what they do, and what they see."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tests.standin.bubbles import Bubble
from tests.standin.courier import Exchange
from tests.standin.people import Person
from tests.standin.pushes import Push

if TYPE_CHECKING:
    from tests.standin.platform import Standin

# An answer that takes longer than three deliveries is none.
PATIENCE = 20.0
# What belongs to one answer comes in a row; a pause of this many seconds ends it.
PAUSE = 0.4


class Phone:
    """One person's phone. Every doing returns the bubbles that came after it."""

    def __init__(self, standin: Standin, person: Person) -> None:
        self._standin = standin
        self._person = person
        self.openid = person.openid

    @property
    def screen(self) -> list[Bubble]:
        """Everything on the screen, in order."""
        return self._person.screen

    @property
    def following(self) -> bool:
        """Whether the account is followed."""
        return self._person.following

    async def says(self, text: str) -> list[Bubble]:
        """Type a message."""
        return await self._does(text, "text", {"Content": text})

    async def says_quickly(self, *texts: str) -> list[Bubble]:
        """Type messages one after the other without waiting for an answer."""
        since = len(self.screen)
        pushes = [self._message(text, "text", {"Content": text}) for text in texts]
        await asyncio.gather(*(self._standin.carry(push) for push in pushes))
        return await self._seen(since, len(texts))

    async def taps(self, label: str) -> list[Bubble]:
        """Tap the last choice on the screen whose label begins so."""
        found = [choice for bubble in self.screen for choice in bubble.choices if choice.label.startswith(label)]
        if not found:
            raise LookupError(f"nothing to tap begins with {label!r} in:\n{self.read()}")
        fields = {"Content": found[-1].label, "bizmsgmenuid": found[-1].id}
        return await self._does(found[-1].label, "text", fields, "menu")

    async def taps_menu(self, name: str) -> list[Bubble]:
        """Tap an entry of the account's menu, by its name."""
        button = self._standin.button(name)
        if button["type"] == "view":
            await self._event("VIEW", {"EventKey": button["url"]})
            return []
        if button["type"] == "location_select":
            raise LookupError("a location_select entry opens the map: use sends_location")
        return await self._does("", "event", {"Event": "CLICK", "EventKey": button["key"]}, "menu")

    async def sends_location(self, latitude: float, longitude: float, label: str = "") -> list[Bubble]:
        """Send a place."""
        fields = {"Location_X": latitude, "Location_Y": longitude, "Scale": 16, "Label": label}
        return await self._does(f"[位置] {label or f'{latitude}, {longitude}'}", "location", fields)

    async def sends_photo(self, content: bytes = b"\xff\xd8\xff\xd9") -> list[Bubble]:
        """Send a picture."""
        media = self._standin.media.keep(content, "image/jpeg")
        fields = {"PicUrl": f"{self._standin.base}/pictures/{media}", "MediaId": media}
        return await self._does("[图片]", "image", fields)

    async def speaks(self, heard: str = "", content: bytes = b"#!AMR\n") -> list[Bubble]:
        """Send a voice message; `heard` is what WeChat's recognition makes of it ("" when it is off)."""
        media = self._standin.media.keep(content, "audio/amr")
        recognition = {"Recognition": heard} if heard else {}
        return await self._does("[语音]", "voice", {"MediaId": media, "Format": "amr", **recognition})

    async def scans(self, scene: str) -> list[Bubble]:
        """Scan a code of the account's; somebody who does not follow yet follows by it."""
        if not self.following:
            return await self.follows(scene)
        ticket = self._standin.ticket_of(scene)
        return await self._does("", "event", {"Event": "SCAN", "EventKey": scene, "Ticket": ticket}, "scan")

    async def follows(self, scene: str = "") -> list[Bubble]:
        """Follow the account, perhaps by a code with a scene."""
        self._person.following = True
        fields: dict[str, Any] = {"Event": "subscribe", "EventKey": f"qrscene_{scene}" if scene else ""}
        if scene:
            fields["Ticket"] = self._standin.ticket_of(scene)
        return await self._does("", "event", fields, "subscribe")

    async def unfollows(self) -> None:
        """Leave the account: nothing that it sends arrives any more, and what was on the screen is gone."""
        self._person.following = False
        self._person.allowances.close()
        self._person.permissions.clear()
        self._person.screen.clear()
        self._person.stir()
        await self._event("unsubscribe", {"EventKey": ""})

    async def grants(self, template: str, accepted: bool = True) -> None:
        """Answer the question whether one message of a template may come."""
        if accepted:
            self._person.permissions[template] += 1
        status = "accept" if accepted else "reject"
        entry = {"TemplateId": template, "SubscribeStatusString": status, "PopupScene": 0}
        await self._event("subscribe_msg_popup_event", {"SubscribeMsgPopupEvent": {"List": entry}})

    def read(self) -> str:
        """Return the words of all bubbles."""
        return "\n".join(bubble.words for bubble in self.screen)

    def heard(self, since: int = 0) -> Sequence[Bubble]:
        """Return what was not sent from this phone, from a place of the screen on."""
        return [bubble for bubble in self.screen[since:] if bubble.who != "me"]

    def _message(self, shown: str, kind: str, fields: dict[str, Any], trigger: str = "message") -> Push:
        """Put a message on the screen and return its push."""
        now = self._standin.clock()
        self._person.heard(trigger, now)
        if shown:
            self._person.shows(Bubble("me", shown))
        message_id = "" if kind == "event" else self._standin.message_id()
        return Push(self.openid, kind, int(now), fields, message_id)

    async def _does(self, shown: str, kind: str, fields: dict[str, Any], trigger: str = "message") -> list[Bubble]:
        since = len(self.screen)
        await self._standin.carry(self._message(shown, kind, fields, trigger))
        return await self._seen(since)

    async def _event(self, name: str, fields: dict[str, Any]) -> Exchange:
        push = Push(self.openid, "event", int(self._standin.clock()), {"Event": name, **fields}, heeded=False)
        return await self._standin.carry(push)

    async def _seen(self, since: int, number: int = 1) -> list[Bubble]:
        """Wait for an answer and for what follows it; return what came."""
        await self._person.until(lambda: len(self.heard(since)) >= number, PATIENCE)
        while await self._more():
            continue
        return list(self.heard(since))

    async def _more(self) -> bool:
        """Whether something else comes within a pause."""
        seen = len(self.screen)
        return await self._person.until(lambda: len(self.screen) > seen, PAUSE)
