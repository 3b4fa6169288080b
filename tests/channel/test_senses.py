"""A spoken word, a spot on the map, a photo, a scanned code: what a citizen gets, and what is left of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.areas.importer import read_areas
from bot.bootstrap import Parts, bootstrap
from bot.citizens import service as citizens
from bot.citizens.model import RETENTION, person_of
from bot.conversation.model import Inbound, Kind, Media, Place, Reply
from bot.directory import service as directory
from bot.directory.hours import SHANGHAI
from bot.directory.importer import read
from bot.errors import ChengfatongError
from bot.inbox import service as inbox
from bot.inbox.store import InboxStore
from bot.platform.settings import load
from tests.channel.conftest import ScriptedEngine
from tests.keys import ENV, SECRET, keyring_with
from tests.photos import PHOTO

AT = datetime(2026, 11, 23, 10, tzinfo=SHANGHAI)
USER = "o-citizen-1"
PERSON = person_of(SECRET, f"wechat:{USER}")


@dataclass
class Fetched:
    content: bytes


@dataclass
class Shelf:
    """Files at the channel, and which of them were fetched."""

    files: dict[str, bytes] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)

    async def media(self, media_id: str) -> Fetched:
        self.fetched.append(media_id)
        if media_id not in self.files:
            raise ChengfatongError("40007")
        return Fetched(self.files[media_id])


class Ear:
    """Hears what it was told to hear."""

    def __init__(self, words: str) -> None:
        self._words = words

    async def words(self, speech: Media) -> str:
        if self._words == "down":
            raise OSError
        return self._words


@dataclass
class Chat:
    """Somebody in WeChat, and the parts behind."""

    parts: Parts
    number: Iterator[int]

    async def sends(self, kind: Kind, body: str = "", **more: Any) -> list[Reply]:
        inbound = Inbound("wechat", USER, f"m{next(self.number)}", kind, body, AT, **more)
        return await self.parts.conversation.reply_to(inbound)

    async def photo(self, name: str = "p1") -> list[Reply]:
        return await self.sends("photo", "image", media=Media(name, "image"))


def chat_with(redis: Redis, engine: ScriptedEngine, **ports: Any) -> Chat:
    settings = load({"CHENGFATONG_REDIS_URL": "redis://127.0.0.1:1", **ENV})
    return Chat(bootstrap(settings, redis=redis, engine=engine, **ports), iter(range(1000)))


@pytest.fixture
def shelf() -> Shelf:
    return Shelf({"p1": PHOTO, "p2": PHOTO, "bad": b"GIF89a"})


@pytest.fixture
async def chat(redis: Redis, engine: ScriptedEngine, shelf: Shelf) -> Chat:
    opened = chat_with(redis, engine, downloads=shelf)
    settings = opened.parts.settings
    tables, _ = read([settings.data], read_areas(settings.data / "areas.csv"))
    await directory.replace(opened.parts.directory, tables, opened.parts.areas)
    return opened


@pytest.fixture
def trays(redis: Redis) -> InboxStore:
    return InboxStore(redis, "440515", keyring_with("k1"))


def said(replies: list[Reply]) -> str:
    return "\n".join(reply.text for reply in replies)


# --- speech


async def test_citizen_who_speaks_is_kindly_asked_to_type_where_nobody_listens(
    chat: Chat, engine: ScriptedEngine
) -> None:
    replies = await chat.sends("voice", "voice", media=Media("v1", "voice", "amr"))
    assert "打字" in said(replies)
    assert "话筒" in said(replies)
    assert engine.asked == []


async def test_citizens_spoken_words_go_the_way_of_typed_ones(redis: Redis, engine: ScriptedEngine) -> None:
    listening = chat_with(redis, engine, recogniser=Ear("楼上漏水怎么办。"))
    await listening.sends("voice", "voice", media=Media("v1", "voice", "amr"))
    assert (engine.asked[-1].kind, engine.asked[-1].body) == ("text", "楼上漏水怎么办。")


async def test_citizens_spoken_cry_for_help_does_not_wait_for_the_engine(redis: Redis, engine: ScriptedEngine) -> None:
    replies = await chat_with(redis, engine, recogniser=Ear("他现在拿刀要杀我。")).sends(
        "voice", "voice", media=Media("v1", "voice")
    )
    assert "110" in replies[0].text
    assert engine.asked == []


@pytest.mark.parametrize("words", ["", "  ", "down"])
async def test_citizen_who_cannot_be_made_out_is_asked_to_type(
    redis: Redis, engine: ScriptedEngine, words: str
) -> None:
    listening = chat_with(redis, engine, recogniser=Ear(words))
    assert "打字" in said(await listening.sends("voice", "voice", media=Media("v1", "voice")))


async def test_citizen_picks_a_button_by_speaking_its_title(chat: Chat, engine: ScriptedEngine) -> None:
    await chat.sends("text", "你好")
    await chat.sends("text", "转人工。")  # WeChat's recognition ends everything with a full stop.
    assert engine.asked[-1].body == "/talk_to_human"


# --- a spot on the map


async def test_citizen_in_a_village_gets_its_windows_and_the_chat_knows_the_village(
    chat: Chat, engine: ScriptedEngine
) -> None:
    label = "广东省汕头市澄海区莲下镇程洋岗村"
    replies = await chat.sends("place", label, place=Place(23.5, 116.78, label))
    assert "莲下镇程洋岗村" in replies[0].text
    cards = [reply.card.title for reply in replies if reply.card]
    assert "程洋岗" in cards[0]
    code = chat.parts.areas.named_in(label)
    assert engine.asked[-1].body == f'/inform{{"area": "{code}", "option": "area:{code}"}}'


async def test_citizen_in_town_reads_how_far_the_nearest_window_is(chat: Chat, engine: ScriptedEngine) -> None:
    replies = await chat.sends("place", "", place=Place(23.479, 116.7583, ""))
    cards = [reply.card for reply in replies if reply.card]
    assert cards[0].fields[0].value == "约900米"
    assert [card.badge for card in cards] == ["示例"] * 3
    # The address named no town: it is asked, and nothing is guessed from the spot.
    assert "哪个镇" in replies[-1].text
    assert len(replies[-1].buttons) == len(chat.parts.areas.children("440515"))
    assert engine.asked == []


async def test_citizen_far_away_is_asked_for_the_town(chat: Chat, engine: ScriptedEngine) -> None:
    replies = await chat.sends("place", "北京市东城区", place=Place(39.9, 116.4, "北京市东城区"))
    assert len(replies) == 1
    assert "附近没有" in replies[0].text
    assert replies[0].buttons


async def test_citizens_spot_is_not_kept_anywhere(chat: Chat, redis: Redis, engine: ScriptedEngine) -> None:
    label = "广东省汕头市澄海区莲下镇美食街77号"
    await chat.sends("place", label, place=Place(23.51234, 116.77234, label))
    assert engine.asked[-1].place is None
    assert "美食街" not in str(engine.asked[-1])
    assert "23.51" not in str(engine.asked[-1])
    kept = [name for name in await redis.keys("*") if "directory" not in name and await redis.type(name) == "string"]
    plain = "".join([keyring_with("k1").opened(await redis.get(name), f"{name}#") or "" for name in kept])
    assert "莲下镇" in plain
    assert "23.51" not in plain
    assert "美食街" not in plain


# --- a photo


async def test_citizens_photo_is_not_fetched_before_a_yes(chat: Chat, shelf: Shelf, trays: InboxStore) -> None:
    replies = await chat.photo()
    assert "同意吗" in said(replies)
    assert f"{RETENTION['photo'].days}天" in said(replies)
    assert shelf.fetched == []
    assert await inbox.waiting(trays, "message", 9) == []


@pytest.mark.parametrize("word", ["同意", "1", "好的。", "可以"])
async def test_citizens_photo_reaches_the_staff_after_a_yes_and_holds_only_the_picture(
    chat: Chat, shelf: Shelf, trays: InboxStore, word: str
) -> None:
    await chat.photo()
    answer = said(await chat.sends("text", word))
    (item,) = await inbox.waiting(trays, "message", 9)
    assert item["reference"] in answer
    assert item["user"] == f"wechat:{USER}"
    kept = await inbox.photo(trays, item["reference"])
    assert kept is not None
    assert b"GPS" in PHOTO
    assert b"GPS" not in kept.content
    assert await citizens.agreed(chat.parts.citizens, PERSON, "photo")


@pytest.mark.parametrize("word", ["不用了", "2", "不要。", "算了"])
async def test_citizen_who_says_no_leaves_no_photo(chat: Chat, shelf: Shelf, trays: InboxStore, word: str) -> None:
    await chat.photo()
    assert "没有存" in said(await chat.sends("text", word))
    assert "取不到" in said(await chat.sends("payload", '/affirm{"option": "photo:yes"}'))
    assert shelf.fetched == []
    assert await inbox.waiting(trays, "message", 9) == []


async def test_citizen_who_talks_of_something_else_has_agreed_to_nothing(
    chat: Chat, shelf: Shelf, engine: ScriptedEngine
) -> None:
    await chat.photo()
    await chat.sends("text", "好的，那我想约律师")
    assert engine.asked[-1].body == "好的，那我想约律师"
    await chat.sends("text", "好的")  # Another question stands on the screen by now.
    assert engine.asked[-1].body == "好的"
    assert shelf.fetched == []


async def test_citizen_is_asked_once_for_several_photos(chat: Chat, shelf: Shelf, trays: InboxStore) -> None:
    await chat.photo("p1")
    assert "这2张" in said(await chat.photo("p2"))
    await chat.sends("text", "同意")
    assert len(await inbox.waiting(trays, "message", 9)) == 2
    assert "取不到" in said(await chat.sends("payload", '/affirm{"option": "photo:yes"}'))
    assert len(await inbox.waiting(trays, "message", 9)) == 2


@pytest.mark.parametrize(("name", "told"), [("bad", "JPG"), ("gone", "取不到")])
async def test_citizen_is_told_when_a_photo_cannot_be_kept_and_the_others_are(
    chat: Chat, trays: InboxStore, name: str, told: str
) -> None:
    await chat.photo("p1")
    await chat.photo(name)
    answer = said(await chat.sends("text", "同意"))
    assert told in answer
    assert "LY-" in answer
    assert len(await inbox.waiting(trays, "message", 9)) == 1


async def test_citizen_is_told_where_no_photo_can_be_passed_on(redis: Redis, engine: ScriptedEngine) -> None:
    assert "没法替您转交" in said(await chat_with(redis, engine).photo())


async def test_citizen_gets_a_copy_of_the_photo_and_has_it_erased(chat: Chat, redis: Redis) -> None:
    await chat.photo()
    waiting = await citizens.export(chat.parts.personal, PERSON)
    assert waiting["conversation"]["photos_waiting"] == 1
    await chat.sends("text", "同意")
    await chat.photo("p2")
    copy = await citizens.export(chat.parts.personal, PERSON)
    assert copy["inbox"]["items"][0]["photo"].startswith("data:image/jpeg;base64,")
    await citizens.erase(chat.parts.personal, PERSON)
    assert [name for name in await redis.keys("*") if "photo" in name] == []


async def test_citizen_who_no_longer_agrees_has_no_photo_left_and_the_staff_see_that_there_was_one(
    chat: Chat, trays: InboxStore
) -> None:
    await chat.photo()
    await chat.sends("text", "同意")
    assert await inbox.drop_photos(trays, PERSON) == 1
    assert await inbox.drop_photos(trays, PERSON) == 0
    (item,) = await inbox.waiting(trays, "message", 9)
    assert await inbox.photo(trays, item["reference"]) is None


async def test_photo_is_gone_when_its_time_is_over(chat: Chat, redis: Redis, trays: InboxStore) -> None:
    await chat.photo()
    await chat.sends("text", "同意")
    (name,) = [name for name in await redis.keys("*") if ":inbox:photo:" in name]
    assert 0 < await redis.ttl(name) <= RETENTION["photo"].seconds
    reference = (await inbox.waiting(trays, "message", 9))[0]["reference"]
    await redis.delete(name)
    assert await inbox.photo(trays, reference) is None


# --- a scanned code


@pytest.mark.parametrize("kind", ["follow", "scan"])
@pytest.mark.parametrize(
    ("scene", "payload"),
    [
        ("v_440515102", '/greet{"area": "440515102"}'),
        ("v_440515102216", '/greet{"area": "440515102216"}'),
        ("p_sc-county", '/ask_hours{"provider_id": "sc-county"}'),
        ("s_med-001-1", '/find_provider{"provider_id": "med-001-1"}'),
        ("v_999999", "/greet"),
        ("p_nowhere", "/greet"),
        ("s_nobody", "/greet"),
        ('v_440515102"}', "/greet"),
        ("campaign-2026", "/greet"),
        ("", "/greet"),
    ],
)
async def test_citizen_who_scans_a_code_gets_what_it_stands_for(
    chat: Chat, engine: ScriptedEngine, kind: Kind, scene: str, payload: str
) -> None:
    replies = await chat.sends(kind, "", scene=scene)
    assert (engine.asked[-1].kind, engine.asked[-1].body) == ("payload", payload)
    at_a_door = kind == "follow" and not payload.startswith("/greet")
    assert ("您好" in said(replies)) == at_a_door
