"""The platform's token: one for all processes, whoever dies and whatever is refused."""

from __future__ import annotations

import asyncio
import json
import time

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from bot.channels.wechat import token
from bot.channels.wechat.client import Platform
from bot.channels.wechat.vault import Vault
from bot.channels.wechat.wire import Wire
from bot.citizens.keyring import Keyring
from bot.errors import NotPermitted
from tests.store.wechat_calls import SEND, STABLE, TEXT, Open
from tests.wechat_platform import APP_ID, SECRET, FakePlatform, code, silence


class NoLease(Vault):
    """The control: whoever wants the lease has it."""

    async def lease(self) -> str:
        return "everybody's"


async def _all_send(fake: FakePlatform, opened: Open, kind: type[Vault]) -> int:
    fake.slow = 0.2
    processes = [opened(kind) for _ in range(4)]
    await asyncio.gather(*(each.send(f"o{number}", TEXT) for each in processes for number in range(8)))
    assert fake.count(SEND) == 32
    return fake.count(STABLE)


async def test_processes_can_share_one_token_when_all_need_it_at_once(fake: FakePlatform, opened: Open) -> None:
    assert await _all_send(fake, opened, Vault) == 1


async def test_control_counts_several_tokens_when_nobody_holds_a_lease(fake: FakePlatform, opened: Open) -> None:
    assert await _all_send(fake, opened, NoLease) == 4


async def test_processes_get_one_new_token_when_the_old_is_refused(fake: FakePlatform, opened: Open) -> None:
    processes = [opened() for _ in range(4)]
    await asyncio.gather(*(each.send("o1", TEXT) for each in processes))
    fake.good.clear()  # somebody has reset it
    fake.slow = 0.1
    await asyncio.gather(*(each.send("o1", TEXT) for each in processes for _ in range(5)))
    assert fake.count(STABLE) == 2


async def test_client_takes_the_token_of_another_process_when_its_own_is_refused(
    fake: FakePlatform, opened: Open
) -> None:
    first, second = opened(), opened()
    await first.send("o1", TEXT)
    await second.send("o1", TEXT)
    fake.good.clear()
    await second.send("o1", TEXT)
    await first.send("o1", TEXT)
    assert fake.count(STABLE) == 2


async def test_client_demands_another_token_once_when_it_gets_the_refused_one_again(
    fake: FakePlatform, opened: Open
) -> None:
    platform = opened()
    fake.next[SEND] = [code(40001)]
    await platform.send("o1", TEXT)
    assert [json.loads(b).get("force_refresh") for p, _, b in fake.asked if p == STABLE] == [None, None, True]
    fake.next[SEND] = [code(42001)]
    await platform.send("o1", TEXT)
    forced = [json.loads(b) for p, _, b in fake.asked if p == STABLE and b"force" in b]
    assert len(forced) == 1, "WeChat allows 20 a day"


@pytest.mark.parametrize("number", [40001, 40014, 42001])
async def test_client_gives_up_with_its_reason_when_two_tokens_are_refused(
    fake: FakePlatform, opened: Open, number: int
) -> None:
    fake.next[SEND] = [code(number), code(number)]
    with pytest.raises(NotPermitted) as raised:
        await opened().send("o1", TEXT)
    assert raised.value.code == number
    assert fake.count(SEND) == 2


async def test_token_is_renewed_before_its_end(
    fake: FakePlatform, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    shift = 0.0
    monkeypatch.setattr(time, "time", lambda real=time.time: real() + shift)
    platform = opened()
    await platform.send("o1", TEXT)
    shift = 7200 - token.RENEW_BEFORE - 60
    await platform.send("o1", TEXT)
    assert fake.count(STABLE) == 1
    shift += 120
    await platform.send("o1", TEXT)
    assert fake.count(STABLE) == 2


async def test_client_goes_on_with_a_token_that_is_good_when_no_new_one_comes(
    fake: FakePlatform, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    shift = 0.0
    monkeypatch.setattr(time, "time", lambda real=time.time: real() + shift)
    platform = opened()
    await platform.send("o1", TEXT)
    shift = 7200 - token.RENEW_BEFORE + 60
    fake.next[STABLE] = [silence]
    await platform.send("o1", TEXT)
    await opened().send("o1", TEXT)
    assert fake.count(STABLE) == 2, "those who come next do not wait for the same silence"


async def test_client_takes_over_when_whoever_refreshed_has_died(
    fake: FakePlatform, opened: Open, redis: Redis, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = Vault(redis, "440515", keyring, "token")
    lease = await vault.lease()
    assert lease
    sending = asyncio.create_task(opened().send("o1", TEXT))
    await asyncio.sleep(0.2)
    assert not sending.done()
    await redis.delete("{440515}:wechat:secret:token:lease")  # as its end does
    await sending
    await vault.release(lease)
    assert fake.count(STABLE) == 1


async def test_client_can_send_when_the_store_is_down(fake: FakePlatform, opened: Open, keyring: Keyring) -> None:
    nobody = Redis(port=1, socket_connect_timeout=0.1, retry=Retry(NoBackoff(), 0))
    platform = Platform(Wire(fake.base), APP_ID, SECRET, lambda name: Vault(nobody, "440515", keyring, name))
    await asyncio.gather(*(platform.send("o1", TEXT) for _ in range(5)))
    assert fake.count(STABLE) == 1
    await platform.close()


async def test_many_who_wait_ask_once_when_the_secret_is_wrong(fake: FakePlatform, opened: Open) -> None:
    fake.next[STABLE] = [code(40125, "invalid appsecret")] * 30
    results = await asyncio.gather(*(opened().send("o1", TEXT) for _ in range(20)), return_exceptions=True)
    assert all(isinstance(each, NotPermitted) and each.code == 40125 for each in results)
    assert fake.count(STABLE) <= 2
    assert fake.count(SEND) == 0


async def test_copy_of_the_store_shows_no_token(fake: FakePlatform, opened: Open, redis: Redis) -> None:
    platform = opened()
    await platform.send("o1", TEXT)
    await platform.ticket()
    kept = [await redis.get(name) async for name in redis.scan_iter("*secret*")]
    assert len(kept) == 2
    assert not any("xxxx" in each or "yyyy" in each or "s3cr3t" in each for each in kept)
