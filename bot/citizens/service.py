"""What can be asked and told about a citizen: one function a use case.

`person` is the pseudonym that `model.person_of` gives. Every write raises StoreUnavailable: then promise nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.citizens.model import DAY, PURPOSES, RETENTION, PersonalData
from bot.citizens.store import CitizenStore as CitizenStore  # for those who hold one to call this service
from bot.errors import ConsentMissing

# An appointment may be moved to an earlier day: its case is looked at this often, so that it stays a day too long at most.
LOOK_AGAIN = DAY
EndOf = Callable[[str], Awaitable[int | None]]


async def agree(store: CitizenStore, person: str, purpose: str, at: int) -> None:
    """Note that a citizen agreed to a purpose's sentence, at a moment in seconds since 1970."""
    await store.keep_consent(person, purpose, at, PURPOSES[purpose].wording)


async def agreed(store: CitizenStore, person: str, purpose: str) -> bool:
    """Whether a citizen agreed to a purpose, in the words that it has today."""
    return purpose in await _agreed_to(store, person)


async def _agreed_to(store: CitizenStore, person: str) -> set[str]:
    kept = await store.consents(person)
    return {name for name, (_, wording) in kept.items() if name in PURPOSES and PURPOSES[name].wording == wording}


async def withdraw(store: CitizenStore, person: str, purpose: str) -> None:
    """Forget a consent, and what was remembered for nothing but that purpose. Appointments are cancelled on their own."""
    left = await _agreed_to(store, person) - {purpose}
    needed = frozenset().union(*(PURPOSES[name].fields for name in left))
    # A purpose without fields has nothing in a form left half-way.
    draft = bool(PURPOSES[purpose].fields)
    await store.drop_consent(person, purpose, PURPOSES[purpose].fields - needed, draft)


async def remember(store: CitizenStore, person: str, fields: Mapping[str, str]) -> None:
    """Remember fields of a citizen for the next time. Raises ConsentMissing."""
    await store.keep_profile(person, await _consented(store, person, fields))


async def profile(store: CitizenStore, person: str) -> dict[str, str]:
    """Return what is remembered of a citizen; {} for a stranger."""
    return await store.profile(person)


async def save_draft(store: CitizenStore, person: str, draft: Mapping[str, Any], now: int) -> None:
    """Keep a form that is not finished, so that the citizen can go on with it."""
    await store.keep_draft(person, draft, now)


async def draft(store: CitizenStore, person: str) -> dict[str, Any] | None:
    """Return the form that was left half-way, None when there is none or its time is over."""
    kept = await store.draft(person)
    return kept["form"] if kept else None


async def drop_draft(store: CitizenStore, person: str) -> None:
    """Forget the form."""
    await store.drop_draft(person)


async def keep_case(store: CitizenStore, person: str, appointment_id: str, fields: Mapping[str, str]) -> None:
    """Keep what an appointment needs to know. Raises ConsentMissing."""
    await store.keep_case(person, appointment_id, await _consented(store, person, fields))


async def case(store: CitizenStore, person: str, appointment_id: str) -> dict[str, str]:
    """Return what is kept for an appointment; {} for another person's."""
    return await store.case(person, appointment_id)


async def _consented(store: CitizenStore, person: str, fields: Mapping[str, str]) -> dict[str, str]:
    """Return the fields that say something, if each of them is covered by a purpose that was agreed to."""
    given = {name: value for name, value in fields.items() if value}
    covered = frozenset().union(*(PURPOSES[name].fields for name in await _agreed_to(store, person)))
    if uncovered := sorted(given.keys() - covered):
        raise ConsentMissing(", ".join(uncovered))
    return given


async def people_with_phone(store: CitizenStore, phone: str) -> list[str]:
    """Return the people with a phone (E.164), in their profile or in one of their appointments."""
    return await store.with_phone(phone)


async def forget_cases(store: CitizenStore, end_of: EndOf, now: float) -> int:
    """Drop the cases whose appointment ended too long ago or is gone, and return how many.

    `end_of` gives an appointment's end, None when there is no such appointment. A case that is seen for the first time
    gets a day, since it may be kept a moment before its appointment is.
    """
    dropped = 0
    for person, appointment, known in await store.due_cases(now):
        end = await end_of(appointment) if known else now
        if end is None or end + RETENTION["case"].seconds <= now:
            await store.drop_case(person, appointment)
            dropped += 1
        else:
            await store.look_again(person, appointment, min(end + RETENTION["case"].seconds, now + LOOK_AGAIN))
    return dropped


async def export(rooms: Mapping[str, PersonalData], person: str) -> dict[str, Any]:
    """Return a copy of all that is kept of a citizen, by room; {} when nothing is."""
    kept = {name: await room.export_of(person) for name, room in rooms.items()}
    return {name: found for name, found in kept.items() if found}


async def erase(rooms: Mapping[str, PersonalData], person: str) -> dict[str, int]:
    """Erase all that is kept of a citizen, and return how many things of each room are gone.

    When the store fails in the middle, call it again: the citizens' own room comes last, so that a phone still finds
    the person until everything else is gone.
    """
    ordered = sorted(rooms.items(), key=lambda pair: pair[0] == "citizens")
    return {name: await room.erase_of(person) for name, room in ordered}


async def export_other_side(store: CitizenStore, phone: str) -> list[dict[str, str]]:
    """Return what others' appointments tell of the person with a phone, as the other side of a matter."""
    cases = [await store.case(person, appointment) for person, appointment in await store.naming(phone)]
    return [{name: kept[name] for name in ("other_name", "other_phone") if name in kept} for kept in cases]


async def erase_other_side(store: CitizenStore, phone: str) -> int:
    """Erase that, and return in how many appointments."""
    found = await store.naming(phone)
    for person, appointment in found:
        await store.drop_other_side(person, appointment)
    return len(found)
