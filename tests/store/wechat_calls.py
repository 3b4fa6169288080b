"""Clients of a fake platform, each as another process would have it: what they share is the store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.channels.wechat import client, wire
from bot.channels.wechat.client import Platform
from bot.channels.wechat.vault import Vault
from bot.channels.wechat.wire import Wire
from bot.citizens.keyring import Keyring
from tests.wechat_platform import APP_ID, SECRET, FakePlatform, platform_server

SEND, STABLE = "/cgi-bin/message/custom/send", "/cgi-bin/stable_token"


TEXT = {"msgtype": "text", "text": {"content": "您好：周三15:00，调解员会在莲下镇司法所等您。"}}


Open = Callable[..., Platform]


@pytest.fixture
async def fake() -> AsyncIterator[FakePlatform]:
    async with platform_server() as running:
        yield running


@pytest.fixture
async def opened(
    fake: FakePlatform, redis: Redis, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Open]:
    """Return what opens a client as another process would: all share the store and nothing else."""
    monkeypatch.setattr(client, "BUSY_WAITS", (0.02, 0.04))
    monkeypatch.setattr(wire, "TIMEOUT", wire.ClientTimeout(total=0.5))
    every: list[Platform] = []

    def open_one(kind: type[Vault] | None = Vault, base: str = "", **more: Any) -> Platform:
        vaults = (lambda name: kind(redis, "440515", keyring, name)) if kind else None
        every.append(Platform(Wire(base or fake.base, **more), APP_ID, SECRET, vaults))
        return every[-1]

    yield open_one
    for each in every:
        await each.close()
