"""A unique name, phone, ID number, account and story go through every store: nothing of them lies in the clear, and after
erasure nothing of them lies there at all. The same scanner catches a store that does not seal."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

import pytest
from redis.asyncio import Redis

from bot.booking.model import Appointment, Ask
from bot.booking.service import confirm
from bot.booking.store import Act, BookingStore
from bot.bootstrap import alert_to, personal_data
from bot.channels.sessions import Sessions
from bot.channels.store import SessionStore
from bot.channels.wechat.deliveries import Deliveries
from bot.citizens import service
from bot.citizens.keyring import Keyring
from bot.citizens.model import contact_of, person_of
from bot.citizens.store import CitizenStore
from bot.conversation.model import Button, Inbound, Reply
from bot.conversation.store import ConversationStore
from bot.directory.hours import SHANGHAI
from bot.inbox import service as inbox
from bot.inbox.model import PHOTO, TRAYS, Item
from bot.inbox.pictures import Picture
from bot.inbox.store import InboxStore
from bot.knowledge.store import KnowledgeStore
from bot.legal_aid import service as legal_aid
from bot.legal_aid.application import Ask as ApplicationAsk
from bot.legal_aid.store import ApplicationStore
from bot.notices.store import NoticeStore
from bot.platform.worker import run_once, tasks
from bot.reach.model import Safe
from bot.reach.records import Job
from bot.reach.service import ask_safe, heard
from bot.reach.store import ReachStore
from bot.understanding.store import TrackerLines
from tests.keys import SECRET, key_of
from tests.store.scanner import disguises, rewrite, rewritten, traces

DISTRICT = "990001"
AT = datetime(2026, 11, 23, 10, tzinfo=SHANGHAI)
NAME, PHONE, ID_NUMBER = "阚翡翠", "+8615400091827", "440515199001017758"
SENDER, STORY = "canary-7f3e9d", "金丝雀丢了三只蓝脚环"
OTHER_NAME, OTHER_PHONE = "蔺翡翠", "+8615400073645"
USER = f"web:{SENDER}"
CANARIES = (NAME, PHONE.removeprefix("+86"), ID_NUMBER, SENDER, STORY, OTHER_NAME, OTHER_PHONE.removeprefix("+86"))
PERSON = person_of(SECRET, USER)
PROFILE = {"name": NAME, "phone": PHONE, "id_number": ID_NUMBER, "address": USER, "area": "440515102"}
CASE = {**PROFILE, "other_name": OTHER_NAME, "other_phone": OTHER_PHONE, "story": STORY, "inmate": OTHER_NAME}


class Recording(Keyring):
    """A keyring that remembers the tokens that it made."""

    def __init__(self) -> None:
        super().__init__({"k1": key_of("k1")}, SECRET)
        self.made: list[str] = []

    def seal(self, plain: str, context: str) -> str:
        self.made.append(super().seal(plain, context))
        return self.made[-1]


async def everything(
    redis: Redis, keyring: Keyring, user: str, story: str = STORY, reference: str = "YY-ABCD-EFGH"
) -> None:
    """Put a citizen's words through every store that there is."""
    person, sender = person_of(SECRET, user), user.removeprefix("web:")
    citizens, trays = CitizenStore(redis, DISTRICT, keyring), InboxStore(redis, DISTRICT, keyring)
    for purpose in ("booking", "visit", "legal_aid"):
        await service.agree(citizens, person, purpose, 1)
    await service.remember(citizens, person, {**PROFILE, "address": user})
    await service.save_draft(citizens, person, {**CASE, "story": story}, 1)
    await service.keep_case(citizens, person, reference, {**CASE, "story": story})
    aid = ApplicationAsk("citizen", person, 1, f"aid {user}")
    told = {**CASE, "story": story}
    await legal_aid.hand_in(ApplicationStore(redis, DISTRICT), citizens, "wages", "likely_yes", told, aid)
    for tray in TRAYS:
        await inbox.leave(trays, Item(tray, user, f"{NAME} {PHONE} {story}", AT.isoformat()))
    inbound = Inbound("web", sender, "m1", "text", f"我叫{NAME}，{story}", AT)
    await alert_to(trays)(inbound)
    notes = ConversationStore(redis, DISTRICT, keyring)
    offered = (Button(f"用{PHONE}", f'/book{{"name": "{NAME}", "story": "{story}"}}'),)
    await notes.keep(inbound, offered, [Reply(f"{NAME}，{story}，记下了")])
    await notes.hold_photo(inbound, f"media of {sender}")
    await trays.append(
        Item("message", user, "", AT.isoformat(), PHOTO), Picture(f"{NAME} {story}".encode(), "image/png")
    )
    lines = TrackerLines(redis, DISTRICT, keyring)
    turn = [
        {"event": "user", "text": f"{NAME} {ID_NUMBER} {story}"},
        {"event": "slot", "name": "phone", "value": PHONE},
    ]
    await redis.rpush(lines.key(user), lines.seal(lines.key(user), turn))
    await booked(BookingStore(redis, DISTRICT), person, reference)
    await KnowledgeStore(redis, DISTRICT).rely("labour-unpaid-wages", person, 1)
    await pushed(redis, keyring, user, story)
    reach = ReachStore(redis, DISTRICT, keyring)
    await heard(reach, user, "message", 1)
    await ask_safe(reach, person, Safe(neutral=True))
    await noticed(redis, reach, person, reference)
    sessions = Sessions(SessionStore(redis, DISTRICT, keyring))
    await sessions.keep(await sessions.open(f"person {person}", 1), json.dumps({**CASE, "story": story}), 1)


async def pushed(redis: Redis, keyring: Keyring, user: str, story: str) -> None:
    """Let one message be answered, and one wait, with something still to be said and a menu on the screen."""
    deliveries = Deliveries(redis, DISTRICT, keyring, "this process")
    line, said = deliveries.line_of(user), f"{NAME} {PHONE} {story}"
    await deliveries.arrive(line, deliveries.digest_of(f"{user} 1"), {}, 1)
    await deliveries.lead(line)
    await deliveries.commit(line, deliveries.digest_of(f"{user} 1"), {"message": said, "openid": user}, None, None, 1)
    await deliveries.arrive(line, deliveries.digest_of(f"{user} 2"), {"fields": {"Content": said}}, 1)
    await deliveries.keep_rest(line, {"openid": user, "parts": said})
    await deliveries.keep_menu(line, "a1b2c3", [f'/book{{"name": "{NAME}", "story": "{story}"}}'])


async def noticed(redis: Redis, reach: ReachStore, person: str, reference: str) -> None:
    """Tell a person something about the appointment, and put it on its way to their phone."""
    outbox = NoticeStore(redis, DISTRICT)
    told = {"person": person, "what": "moved", "appointment": reference, "at": 2}
    await redis.xadd(f"{{{DISTRICT}}}:notices", told)  # type: ignore[arg-type]
    for notice in await outbox.waiting():
        effects = reach.enqueue(Job(notice.id, person, "moved", reference, 2))
        await outbox.finish(notice, Reply(f"时间改了。编号 {reference}"), 2, effects)


async def booked(book: BookingStore, person: str, reference: str) -> None:
    """Let a person have an appointment in the book, which knows them and the other side by pseudonyms alone."""
    sides = (contact_of(SECRET, PHONE), contact_of(SECRET, OTHER_PHONE))
    held = Appointment(reference, "mediation", "proposed", reference, person, 10**10, 10**10 + 60, 10**10 + 60)
    asked = replace(held, applicant=sides[0], respondent=sides[1], hold_until=9)
    await book.claim(asked, Act("claimed", Ask("citizen", person, 1, f"{person}:claim"), body={"id": reference}))
    await confirm(book, reference, Ask("citizen", person, 2, f"{person}:confirm"))


@pytest.fixture(autouse=True)
async def _clean(redis: Redis) -> None:
    """Leave nothing of the tests before in the append-only files."""
    await rewrite(redis)


@pytest.fixture
def mine() -> Recording:
    return Recording()


async def test_nobody_can_read_a_citizens_words_in_the_store_or_its_files(redis: Redis, mine: Recording) -> None:
    await everything(redis, mine, USER)
    assert await traces(redis, CANARIES) == set()
    await rewrite(redis)
    assert await traces(redis, CANARIES) == set()
    # The scanner does find what is there: every token, in memory and in the files.
    found = await traces(redis, mine.made)
    assert {token for token in mine.made if any(token in line for line in found)} == set(mine.made)
    assert any(".aof" in line for line in found)


async def test_nothing_of_a_citizen_can_be_found_after_erasure_and_others_keep_theirs(
    redis: Redis, mine: Recording
) -> None:
    theirs = Recording()
    await everything(redis, mine, USER)
    await everything(redis, theirs, "web:somebody-else", reference="YY-MNPQ-RSTU")
    rooms = personal_data(redis, DISTRICT, mine)
    copy = json.dumps(await service.export(rooms, PERSON), ensure_ascii=False)
    assert all(word in copy for word in CANARIES), "the copy tells all that is kept"
    erased = await service.erase(rooms, PERSON)
    assert all(erased.values())
    assert set(erased) == set(rooms)
    await rewrite(redis)
    gone = [*mine.made, PERSON, *CANARIES]
    assert await traces(redis, gone) == set()
    assert await service.export(rooms, PERSON) == {}
    left = await traces(redis, [*theirs.made, contact_of(SECRET, PHONE)])
    assert len({line.split(": ")[1] for line in left}) == len(theirs.made) + 1
    assert await service.people_with_phone(CitizenStore(redis, DISTRICT, mine), PHONE) == [
        person_of(SECRET, "web:somebody-else")
    ]


async def test_erased_words_leave_the_files_within_a_day_without_an_operator(redis: Redis, mine: Recording) -> None:
    await everything(redis, mine, USER)
    await service.erase(personal_data(redis, DISTRICT, mine), PERSON)
    assert await traces(redis, mine.made), "the files keep what was written until they are written anew"
    await run_once(redis, DISTRICT, tasks(redis, DISTRICT, mine), 1)
    await rewritten(redis)
    assert await traces(redis, mine.made) == set()
    assert 0 < await redis.ttl(f"{{{DISTRICT}}}:worker:rewritten") <= 86_400


class Careless(Keyring):
    """A keyring that does not seal."""

    def seal(self, plain: str, context: str) -> str:
        return f"k1.{plain}"


async def test_scanner_can_catch_a_store_that_does_not_seal(redis: Redis) -> None:
    story = "金丝雀对照五十五号"
    await everything(redis, Careless({"k1": key_of("k1")}, SECRET), "web:canary-control", story)
    found = await traces(redis, [story])
    for room in ("citizens:case", "citizens:draft", "inbox:item", "offers", "answer", "tracker", ".incr.aof"):
        assert any(room in line for line in found), room
    await rewrite(redis)
    assert any(".base." in line for line in await traces(redis, [story]))


@pytest.mark.parametrize("kept", sorted(disguises("canary-control-56")), ids=lambda form: form.decode()[:12])
async def test_scanner_can_catch_escaped_encoded_and_hashed_words(redis: Redis, kept: bytes) -> None:
    await redis.hset("control", "field", f"before {kept.decode()} after")
    assert any(line.startswith("control: ") for line in await traces(redis, ["canary-control-56"]))


async def test_scanner_can_catch_what_a_stream_keeps_after_deletion(redis: Redis) -> None:
    """Why the trays are no streams: a deleted entry stays in its block until its neighbours are gone as well."""
    first = await redis.xadd("control", {"text": "canary-control-57"})
    await redis.xadd("control", {"text": "neighbour"})
    await redis.xdel("control", first)
    assert any(line.startswith("control: ") for line in await traces(redis, ["canary-control-57"]))
