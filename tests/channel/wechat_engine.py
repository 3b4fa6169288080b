"""An engine with short, long and tappable answers."""

from __future__ import annotations

import asyncio
from typing import Any

from bot.conversation.engine import Understood
from bot.conversation.model import Button, Reply
from tests.channel.conftest import ScriptedEngine


class LongEngine(ScriptedEngine):
    """Answers "长" with several messages, "选" with buttons, and everything else as it was asked."""

    async def ask(self, inbound: Any) -> Understood:
        if inbound.body == "长":
            self.asked.append(inbound)
            await asyncio.sleep(self.delay)
            return Understood((Reply("".join(f"第{n}句是这样说的。" for n in range(260))),), "greet", 0.9)
        if inbound.body == "选":
            self.asked.append(inbound)
            return Understood(
                (Reply("要哪个", (Button("约调解", "/book_mediation"), Button("转人工", "/talk_to_human"))),)
            )
        if inbound.body == "另选":
            self.asked.append(inbound)
            return Understood((Reply("要哪个", (Button("查地址", "/find_provider"),)),))
        return await super().ask(inbound)
