"""Applications for legal aid: handed in once, changed by whom it may, told of, copied and erased."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from redis.asyncio import Redis

from bot.citizens import service as citizens
from bot.citizens.keyring import Keyring
from bot.citizens.model import DAY
from bot.citizens.store import CitizenStore
from bot.errors import ApplicationAbsent, ApplicationRefused, ConsentMissing, StaleApplication
from bot.legal_aid import service
from bot.legal_aid.application import OPEN, TRANSITIONS, Application, Ask, By, State, brought
from bot.legal_aid.personal import PersonalApplications
from bot.legal_aid.store import ApplicationStore
from bot.legal_aid.words import WORDS, status_line, worded
from bot.notices import service as notices
from bot.notices.service import deliver_once
from bot.notices.store import NoticeStore
from tests.store.booking_world import open_desk

DISTRICT = "440515"
NOW = 1_790_000_000
ANN, BEN = "a" * 32, "b" * 32
FIELDS = {"name": "陈小明", "phone": "+8615400000001", "story": "欠三个月工钱"}
STATES: tuple[State, ...] = (
    "draft",
    "submitted",
    "papers_missing",
    "under_review",
    "granted",
    "refused",
    "withdrawn",
)


@pytest.fixture
def store(redis: Redis) -> ApplicationStore:
    return ApplicationStore(redis, DISTRICT)


@pytest.fixture
async def people(redis: Redis, keyring: Keyring) -> CitizenStore:
    store = CitizenStore(redis, DISTRICT, keyring)
    await citizens.agree(store, ANN, "legal_aid", NOW)
    return store


def ask(by: By, who: str, request: str, now: int = NOW) -> Ask:
    return Ask(by, who, now, request)


async def handed_in(store: ApplicationStore, people: CitizenStore, request: str = "r1") -> Application:
    return await service.hand_in(store, people, "wages", "likely_yes", FIELDS, ask("citizen", ANN, request))


async def everything(redis: Redis) -> dict[str, bytes]:
    return {name: await redis.dump(name) for name in sorted(await redis.keys("*"))}


async def in_state(store: ApplicationStore, state: State, request: str = "") -> Application:
    """Return an application of Ann's that the tests put into a state."""
    draft = await service.begin(store, "wages", "likely_yes", ask("citizen", ANN, f"begin {state} {request}"))
    if state == "draft":
        return draft
    await store.change(
        draft, brought(draft, state, NOW), ask("system", "", f"put {state} {request}"), frozenset({"draft"})
    )
    found = await store.application(draft.id)
    assert found is not None
    return found


async def test_citizen_who_taps_five_times_hands_in_one_application(
    store: ApplicationStore, people: CitizenStore
) -> None:
    done = await asyncio.gather(*(handed_in(store, people) for _ in range(5)))
    assert len({application.id for application in done}) == 1
    assert [found.state for found in await service.mine(store, ANN)] == ["submitted"]
    assert len(await service.open_applications(store)) == 1
    assert await citizens.case(people, ANN, done[0].id) == FIELDS


async def test_citizen_cannot_hand_in_without_consent_and_staff_see_nothing_of_it(
    store: ApplicationStore, people: CitizenStore
) -> None:
    with pytest.raises(ConsentMissing):
        await service.hand_in(store, people, "wages", "likely_yes", FIELDS, ask("citizen", BEN, "r1"))
    assert await service.open_applications(store) == ()
    assert await service.mine(store, BEN) == ()


@pytest.mark.parametrize("by", ["citizen", "staff", "system"])
@pytest.mark.parametrize("before", STATES)
async def test_nobody_can_change_an_application_but_as_the_table_says(
    store: ApplicationStore, redis: Redis, before: State, by: By
) -> None:
    old = await in_state(store, before)
    allowed = {t.after for t in TRANSITIONS if t.before == before and by in t.by}
    for after in STATES:
        if after in allowed or after == "draft":
            continue
        kept = await everything(redis)
        papers = ("identity",) if after == "papers_missing" else ()
        with pytest.raises(ApplicationRefused):
            await service.advance(store, old.id, after, ask(by, ANN, f"{before} {after} {by}"), papers)
        assert await everything(redis) == kept


@pytest.mark.parametrize("row", [t for t in TRANSITIONS if t.before], ids=lambda t: f"{t.before}-{t.after}")
async def test_whoever_may_can_change_an_application(
    store: ApplicationStore, row: tuple[State, State, frozenset[By]]
) -> None:
    before, after, roles = row
    for by in sorted(roles):
        old = await in_state(store, before, by)
        papers = ("identity", "case") if after == "papers_missing" else ()
        new = await service.advance(store, old.id, after, ask(by, ANN, f"{old.id} {by}"), papers)
        assert (new.state, new.papers) == (after, papers)
        listed = old.id in {found.id for found in await service.open_applications(store)}
        assert listed == (after in OPEN)
        await store.forget(new)


async def test_another_citizen_cannot_see_or_take_back_an_application(
    store: ApplicationStore, people: CitizenStore
) -> None:
    application = await handed_in(store, people)
    refused: list[Callable[[], Awaitable[Application]]] = [
        lambda: service.one(store, application.id, BEN),
        lambda: service.withdraw(store, application.id, ask("citizen", BEN, "r2")),
        lambda: service.withdraw(store, "FY-2222-2222", ask("citizen", BEN, "r3")),
    ]
    for attempt in refused:
        with pytest.raises(ApplicationAbsent):
            await attempt()
    assert (await service.one(store, application.id, ANN)).state == "submitted"


async def test_citizen_is_told_what_the_staff_did_but_not_what_they_did_themselves(
    store: ApplicationStore, people: CitizenStore, redis: Redis
) -> None:
    application = await handed_in(store, people)
    clerk = "示例员"
    told: list[str] = []
    for number, (state, papers) in enumerate(
        [("papers_missing", ("identity", "hardship")), ("under_review", ()), ("refused", ())]
    ):
        new = await service.advance(store, application.id, state, ask("staff", clerk, f"s{number}"), papers)
        reply = worded(f"aid_{state}", new)
        assert reply is not None
        told.append(reply.text)
    entries = await redis.xrange(f"{{{DISTRICT}}}:notices")
    assert [(f["person"], f["what"], f["appointment"]) for _, f in entries] == [
        (ANN, "aid_papers_missing", application.id),
        (ANN, "aid_under_review", application.id),
        (ANN, "aid_refused", application.id),
    ]
    assert "身份证" in told[0]
    assert "书面" in told[2]
    assert worded("aid_granted", new) is None
    assert {f"aid_{state}" for state in STATES} >= WORDS.keys()


async def test_citizen_reads_in_the_chat_what_the_staff_decided_and_nobody_else_does(
    store: ApplicationStore, people: CitizenStore, redis: Redis
) -> None:
    application = await handed_in(store, people)
    clerk = [("papers_missing", ("identity",)), ("under_review", ()), ("granted", ())]
    desk, outbox = await open_desk(redis), NoticeStore(redis, DISTRICT)
    for number, (state, papers) in enumerate(clerk):
        await service.advance(store, application.id, state, ask("staff", "示例员", f"s{number}"), papers)
        assert await deliver_once(outbox, desk, NOW + number, store) == 1
    texts = [told.reply.text for told in await notices.told(outbox, ANN, 0)]
    assert ["身份证" in text or "同意了" in text for text in texts] == [True, False, True]
    assert all(application.id in text for text in texts)
    assert await notices.told(outbox, BEN, 0) == []


async def test_citizen_who_erased_is_told_nothing_more(
    store: ApplicationStore, people: CitizenStore, redis: Redis
) -> None:
    application = await handed_in(store, people)
    await service.advance(store, application.id, "under_review", ask("staff", "示例员", "s1"))
    await PersonalApplications(store, lambda: NOW).erase_of(ANN)
    desk, outbox = await open_desk(redis), NoticeStore(redis, DISTRICT)
    assert await deliver_once(outbox, desk, NOW, store) == 1
    assert await notices.told(outbox, ANN, 0) == []


async def test_staff_see_by_when_an_application_must_be_decided(store: ApplicationStore, people: CitizenStore) -> None:
    await handed_in(store, people)
    (waiting,) = await service.open_applications(store)
    assert waiting.due == NOW + 7 * DAY


async def test_clerk_cannot_ask_for_papers_without_saying_which(store: ApplicationStore, people: CitizenStore) -> None:
    application = await handed_in(store, people)
    for papers in ((), ("anything",)):
        with pytest.raises(ValueError, match="papers"):
            await service.advance(store, application.id, "papers_missing", ask("staff", "示例员", "s1"), papers)


async def test_request_with_another_body_is_refused(store: ApplicationStore, people: CitizenStore) -> None:
    application = await handed_in(store, people)
    await service.advance(store, application.id, "under_review", ask("staff", "示例员", "s1"))
    with pytest.raises(ApplicationRefused, match="key_reused"):
        await service.advance(store, application.id, "granted", ask("staff", "示例员", "s1"))


async def test_clerk_who_read_an_old_state_changes_nothing(store: ApplicationStore, people: CitizenStore) -> None:
    old = await handed_in(store, people)
    await service.advance(store, old.id, "under_review", ask("staff", "示例员", "s1"))
    with pytest.raises(StaleApplication):
        await store.change(old, brought(old, "withdrawn", NOW), ask("staff", "示例员", "s2"), frozenset({"submitted"}))


async def test_citizen_who_erases_leaves_no_name_and_no_open_application(
    store: ApplicationStore, people: CitizenStore, redis: Redis
) -> None:
    await handed_in(store, people)
    personal = PersonalApplications(store, lambda: NOW)
    copy = await personal.export_of(ANN)
    assert copy["applications"][0]["state"] == "submitted"
    assert await personal.erase_of(ANN) == 1
    await citizens.erase({"citizens": people}, ANN)
    assert await personal.export_of(ANN) == {}
    assert await personal.erase_of(ANN) == 0
    assert await service.open_applications(store) == ()
    notices = await redis.xrange(f"{{{DISTRICT}}}:notices")
    assert notices == []
    assert not [name for name, kept in (await everything(redis)).items() if ANN in name or ANN.encode() in kept]


async def test_draft_that_is_left_goes_after_a_week_and_an_open_application_stays(
    store: ApplicationStore, people: CitizenStore
) -> None:
    draft = await service.begin(store, "wages", "likely_yes", ask("citizen", ANN, "r9"))
    application = await handed_in(store, people)
    assert await service.forget(store, NOW + 6 * DAY) == 0
    assert await service.forget(store, NOW + 8 * DAY) == 1
    assert await store.application(draft.id) is None
    assert await service.forget(store, NOW + 1000 * DAY) == 0
    assert await store.application(application.id) is not None
    assert await service.end_of(store, application.id, NOW + DAY) == NOW + DAY
    assert await service.end_of(store, draft.id, NOW) is None


async def test_citizen_is_promised_a_day_and_after_an_objection_none_that_has_passed(
    store: ApplicationStore, people: CitizenStore
) -> None:
    application = await handed_in(store, people)
    new = await service.advance(store, application.id, "under_review", ask("staff", "示例员", "s1"))
    assert "前给答复" in worded("aid_under_review", new).text  # type: ignore[union-attr]
    await service.advance(store, application.id, "refused", ask("staff", "示例员", "s2"))
    late = NOW + 20 * DAY
    again = await service.advance(store, application.id, "under_review", ask("staff", "示例员", "s3", late))
    assert "前给答复" not in worded("aid_under_review", again).text  # type: ignore[union-attr]
    assert "前给答复" not in status_line(again)
