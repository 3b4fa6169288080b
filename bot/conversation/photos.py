"""A photo on its way to the staff: held back until the citizen agrees, then fetched, kept, and quoted by a reference.

Before the yes nothing is fetched: only which photo it was is remembered, sealed, for a day.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable

from bot.citizens.model import PURPOSES
from bot.conversation.model import Button, Inbound, Reply
from bot.conversation.ports import Downloads
from bot.conversation.store import ConversationStore
from bot.errors import ChengfatongError, PhotoRefused, StoreUnavailable

YES, NO = '/affirm{"option": "photo:yes"}', '/deny{"option": "photo:no"}'
_CHOICE = (Button("同意", YES), Button("不用了", NO))
_YES = re.compile(r"(?:我?同意|好|好的|可以|行|嗯|是|要|交|给他们看)[的吧啊呀了哈。.!！]*")
_NO = re.compile(r"(?:不|不用|不要|不行|不同意|算了|别)[的吧啊呀了。.!！]*")
CANNOT = Reply("照片我看不懂，也没法替您转交。请把照片上要紧的字打给我，或者带着它去服务中心。")
DECLINED = Reply("好的，照片没有看，也没有存。有什么事打字说就行。")
GONE = Reply("照片已经取不到了，请再发一次。")
NO_PHOTO = Reply("有一张不能看，没有保存：只收JPG、PNG的照片，最大5MB。请换一张，或者用手机重新拍。")
NOT_KEPT = Reply("对不起，刚才没能把照片存下来，请过几分钟再发一次。急的话直接打12348。")
# As long as a citizen waits for an answer; photos are fetched side by side.
FETCH_SECONDS = 20
Keep = Callable[[Inbound, bytes], Awaitable[str]]
log = logging.getLogger("gateway")


class Photos:
    """What happens to photos. `keep` notes the consent, puts a photo before the staff and returns its reference.

    `downloads` is None where no channel can fetch any.
    """

    def __init__(self, notes: ConversationStore, downloads: Downloads | None, keep: Keep) -> None:
        self._notes = notes
        self._downloads = downloads
        self._keep = keep

    async def ask(self, inbound: Inbound) -> Reply:
        """Ask whether the staff may see a photo."""
        if self._downloads is None or inbound.media is None:
            return CANNOT
        try:
            waiting = await self._notes.hold_photo(inbound, inbound.media.id)
        except StoreUnavailable:
            return NOT_KEPT
        which = "照片" if waiting == 1 else f"这{waiting}张照片"
        return Reply(f"{which}我看不懂，但可以交给工作人员看。{PURPOSES['photo'].sentence}同意吗？", _CHOICE)

    async def answered(self, inbound: Inbound) -> list[Reply]:
        """Do what the citizen decided."""
        try:
            photos = await self._notes.take_photos(inbound)
        except StoreUnavailable:
            return [NOT_KEPT]
        if inbound.body == NO:
            return [DECLINED]
        if not photos or self._downloads is None:
            return [GONE]
        handed = await asyncio.gather(*(self._hand_over(inbound, self._downloads, photo) for photo in photos))
        kept = [reference for reference in handed if isinstance(reference, str)]
        told = [Reply(f"照片交给工作人员了，编号{'、'.join(kept)}。是什么事，也打字跟我说一句。")] if kept else []
        return told + list(dict.fromkeys(reply for reply in handed if isinstance(reply, Reply)))

    async def _hand_over(self, inbound: Inbound, downloads: Downloads, photo: str) -> str | Reply:
        """Return the reference, or why there is none."""
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                content = (await downloads.media(photo)).content
        except (ChengfatongError, OSError, TimeoutError) as error:
            log.warning("a photo could not be fetched", extra={"reason": type(error).__name__})
            return GONE
        try:
            return await self._keep(inbound, content)
        except PhotoRefused:
            return NO_PHOTO
        except StoreUnavailable:
            return NOT_KEPT


def meant(text: str, offered: tuple[Button, ...]) -> str | None:
    """Return YES or NO when a typed text answers the question about a photo that was asked last."""
    if YES not in {button.payload for button in offered}:
        return None
    plain = text.strip()
    return YES if _YES.fullmatch(plain) else NO if _NO.fullmatch(plain) else None
