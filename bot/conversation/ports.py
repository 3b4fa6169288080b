"""What the conversation needs of a channel to see a photo or hear a voice. Given at bootstrap; without them, both stay shut."""

from __future__ import annotations

from typing import Protocol

from bot.conversation.model import Media


class Download(Protocol):
    """A file of a citizen, fetched."""

    @property
    def content(self) -> bytes:
        """The file."""


class Downloads(Protocol):
    """Fetches files that lie with a channel."""

    async def media(self, media_id: str) -> Download:
        """Return a file by the channel's id. Raises WeChatError when it is gone, refused or not to be reached."""


class Recogniser(Protocol):
    """Turns speech into text. None is built in: speech is personal, and goes nowhere unless an operator turns that on."""

    async def words(self, speech: Media) -> str:
        """Return what was said, "" when it cannot be made out. Raises OSError when the recogniser does not answer."""
