"""What is neither typed nor tapped: speech, a spot on the map, a photo, a scanned code."""

from __future__ import annotations

import contextlib
import logging
from dataclasses import dataclass, replace

from bot.areas.model import AreaTable
from bot.conversation.model import Inbound, Reply
from bot.conversation.nearby import area_payload, near_replies
from bot.conversation.photos import NO, YES, Photos
from bot.conversation.ports import Recogniser
from bot.conversation.scenes import GREETING, scene_of
from bot.directory import service as directory
from bot.directory.service import DirectoryStore
from bot.errors import ChengfatongError, StoreUnavailable

# Three cards fill a phone's screen.
SHOWN = 3
HELLO = Reply("您好，我是澄法通，公共法律服务的机器助手。有事直接说一句就行。")
NOT_HEARD = Reply("语音我听不了，请打字告诉我；嫌打字慢，点开键盘上的话筒，说的话会变成字。")
log = logging.getLogger("gateway")


@dataclass(frozen=True)
class Sensed:
    """What to say at once, and what the engine is still to be asked, None for nothing."""

    replies: tuple[Reply, ...] = ()
    then: Inbound | None = None


@dataclass(frozen=True)
class Senses:
    """Reads what is no text, each kind in its own way. `recogniser` is None where nobody turns speech into text."""

    directory: DirectoryStore
    areas: AreaTable
    photos: Photos
    recogniser: Recogniser | None = None

    async def heard(self, inbound: Inbound) -> Inbound:
        """Return spoken words as typed ones, so that every rule holds for them; what cannot be made out stays a voice."""
        if inbound.kind != "voice" or self.recogniser is None or inbound.media is None:
            return inbound
        words = ""
        try:
            words = await self.recogniser.words(inbound.media)
        except (ChengfatongError, OSError, TimeoutError) as error:
            log.warning("speech was not recognised", extra={"reason": type(error).__name__})
        return replace(inbound, kind="text", body=words) if words.strip() else inbound

    async def sensed(self, inbound: Inbound) -> Sensed:
        """Return what a message is answered with and what the engine gets of it: the message itself when it is words."""
        if inbound.kind == "place":
            return await self._place(inbound)
        if inbound.kind == "photo":
            return Sensed((await self.photos.ask(inbound),))
        if inbound.kind == "payload" and inbound.body in (YES, NO):
            return Sensed(tuple(await self.photos.answered(inbound)))
        if inbound.kind in ("follow", "scan"):
            return await self._scene(inbound)
        return Sensed(then=inbound)

    async def _place(self, inbound: Inbound) -> Sensed:
        spot = inbound.place
        if spot is None:
            return Sensed(tuple(near_replies((), self.areas, "")))
        area = self.areas.named_in(spot.label)
        try:
            at = (spot.latitude, spot.longitude)
            points = await directory.points_near(self.directory, self.areas, at, area, SHOWN)
        except StoreUnavailable:
            points = []
        then = _payload(inbound, area_payload(area)) if area else None
        return Sensed(tuple(near_replies(points, self.areas, area)), then)

    async def _scene(self, inbound: Inbound) -> Sensed:
        """Return the greeting, or what a code of ours stands for; one that leads nowhere greets."""
        scene = scene_of(inbound.scene)
        if scene is None or not await self._known(scene.kind == "village", scene.id):
            return Sensed(then=_payload(inbound, GREETING))
        # A newcomer is told who speaks here, also at a door's code.
        new = inbound.kind == "follow" and scene.kind != "village"
        return Sensed((HELLO,) if new else (), _payload(inbound, scene.payload))

    async def _known(self, area: bool, name: str) -> bool:
        if area:
            return name in self.areas
        with contextlib.suppress(StoreUnavailable):
            return await directory.details(self.directory, name) is not None
        return False


def _payload(inbound: Inbound, payload: str) -> Inbound:
    """Return the message as a tapped button; neither the spot nor the photo goes further."""
    return Inbound(inbound.channel, inbound.user, inbound.message_id, "payload", payload, inbound.at)
