"""Temporary media: what people send and what accounts upload; kept for three days. Pure."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from tests.standin.tokens import Refused

# What a stand-in keeps in memory: enough for a conversation, never enough to matter.
MOST = 100


@dataclass
class Media:
    """Contents by their ids."""

    kept: dict[str, tuple[bytes, str]] = field(default_factory=dict)

    def keep(self, content: bytes, content_type: str) -> str:
        """Keep something and return its id."""
        media_id = secrets.token_urlsafe(48)
        self.kept[media_id] = (content, content_type)
        while len(self.kept) > MOST:
            del self.kept[next(iter(self.kept))]
        return media_id

    def get(self, media_id: str) -> tuple[bytes, str]:
        """Return a content and its type. Raises Refused (40007)."""
        if media_id not in self.kept:
            raise Refused(40007)
        return self.kept[media_id]
