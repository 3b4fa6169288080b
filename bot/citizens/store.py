"""What is known of citizens, in Valkey. Every field is sealed; who it is, is a pseudonym.

`{district}:citizens:profile:<person>`           hash: name, phone, id_number, address, area, sealed
`{district}:citizens:consent:<person>`           hash: purpose → "<when>:<wording>", since when and to which sentence
`{district}:citizens:draft:<person>`             a form left half-way, JSON, sealed
`{district}:citizens:case:<person>:<id>`         hash: what an appointment needs, sealed
`{district}:citizens:cases:<person>`             set of one person's appointments with a case
`{district}:citizens:cases`                      sorted set "<person>:<id>" by when to look whether its time is over
`{district}:citizens:phone:<contact>`            set "<person>" or "<person>:<id>": whose profile or case has the phone
`{district}:citizens:named:<contact>`            set "<person>:<id>": whose case names the phone as the other side's

`contact` and `other_contact` stand beside the sealed phones, to take the two last apart again without a key.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from redis.asyncio import Redis

from bot.citizens.keyring import Keyring, place
from bot.citizens.model import RETENTION, contact_of
from bot.citizens.rotation import reseal
from bot.platform.store import atomically, key, store_errors

Command = tuple[str | int, ...]
# Which pseudonym stands beside which sealed phone, and the set that finds it.
CONTACTS = {"phone": ("contact", "phone"), "other_phone": ("other_contact", "named")}
# Cases looked at in one round of the worker.
ROUND = 200


class CitizenStore:
    """Keeps consent, profiles, drafts and cases. A write raises StoreUnavailable: then promise nothing."""

    def __init__(self, redis: Redis, district: str, keyring: Keyring) -> None:
        self._redis = redis
        self._district = district
        self._keyring = keyring

    def _key(self, *parts: str) -> str:
        return key(self._district, "citizens", *parts)

    async def keep_consent(self, person: str, purpose: str, at: int, wording: str) -> None:
        """Note what a citizen agreed to."""
        await self._write(person, [("HSET", self._key("consent", person), purpose, f"{at}:{wording}")])

    async def consents(self, person: str) -> dict[str, tuple[int, str]]:
        """Return purpose → (seconds since 1970, digest of the sentence)."""
        async with store_errors():
            kept: Any = await self._redis.hgetall(self._key("consent", person))
        split = {purpose: value.partition(":") for purpose, value in kept.items()}
        return {purpose: (int(at), wording) for purpose, (at, _, wording) in split.items()}

    async def drop_consent(self, person: str, purpose: str, fields: Iterable[str], draft: bool = True) -> None:
        """Forget a consent, the fields of the profile that rested on it, and the draft."""
        name, fields = self._key("profile", person), list(fields)
        commands: list[Command] = [("HDEL", self._key("consent", person), purpose)]
        if draft:
            commands.append(("DEL", self._key("draft", person)))
        if fields:
            commands.append(("HDEL", name, *fields))
        if "phone" in fields:
            commands += [("HDEL", name, "contact"), *await self._unlinked(name, person)]
        await atomically(self._redis, *commands, frees=True)

    async def keep_profile(self, person: str, fields: Mapping[str, str]) -> None:
        """Remember fields; those that are not named stay as they are."""
        name = self._key("profile", person)
        before = await self._unlinked(name, person) if "phone" in fields else []
        await self._write(person, [*before, *self._kept(name, person, fields)])

    async def profile(self, person: str) -> dict[str, str]:
        """Return what is remembered; {} for a stranger."""
        return await self._fields(self._key("profile", person))

    async def keep_draft(self, person: str, draft: Mapping[str, Any], at: int) -> None:
        """Keep a form left half-way, in the place of any other."""
        name = self._key("draft", person)
        sealed = self._keyring.seal(json.dumps({"at": at, "form": draft}, ensure_ascii=False), place(name))
        await self._write(person, [("SET", name, sealed, "EX", RETENTION["draft"].seconds)])

    async def draft(self, person: str) -> dict[str, Any] | None:
        """Return the form left half-way, `{"at": seconds since 1970, "form": …}`."""
        name = self._key("draft", person)
        async with store_errors():
            token: Any = await self._redis.get(name)
        text = self._keyring.opened(token, place(name)) if token else None
        return json.loads(text) if text else None

    async def drop_draft(self, person: str) -> None:
        """Forget the form."""
        await atomically(self._redis, ("DEL", self._key("draft", person)), frees=True)

    async def keep_case(self, person: str, appointment: str, fields: Mapping[str, str]) -> None:
        """Keep what an appointment needs; fields that are not named stay as they are."""
        name, member = self._key("case", person, appointment), f"{person}:{appointment}"
        before = await self._unlinked(name, member, [kind for kind in CONTACTS if kind in fields])
        commands: list[Command] = [
            ("SADD", self._key("cases", person), appointment),
            ("ZADD", self._key("cases"), "NX", 0, member),
        ]
        await self._write(person, [*before, *self._kept(name, member, fields), *commands])

    async def case(self, person: str, appointment: str) -> dict[str, str]:
        """Return what an appointment needs; {} for another's, or when its time is over."""
        return await self._fields(self._key("case", person, appointment))

    async def cases(self, person: str) -> list[str]:
        """Return the appointments of which a case is kept."""
        async with store_errors():
            kept: Any = await self._redis.smembers(self._key("cases", person))
        return sorted(kept)

    async def drop_case(self, person: str, appointment: str) -> None:
        """Erase one case."""
        await atomically(self._redis, *await self._without_case(person, appointment), frees=True)

    async def due_cases(self, now: float) -> list[tuple[str, str, bool]]:
        """Return (person, appointment, whether it was looked at before) of cases to look at, at most ROUND."""
        async with store_errors():
            found: Any = await self._redis.zrange(
                self._key("cases"), "-inf", f"{now:.0f}", byscore=True, offset=0, num=ROUND, withscores=True
            )
        return [(*member.split(":", 1), score > 0) for member, score in found]

    async def look_again(self, person: str, appointment: str, at: float) -> None:
        """Look at a case again at a moment."""
        async with store_errors():
            await self._redis.zadd(self._key("cases"), {f"{person}:{appointment}": round(at)}, xx=True)

    async def with_phone(self, phone: str) -> list[str]:
        """Return the people whose profile or case has a phone (E.164)."""
        return sorted({member.partition(":")[0] for member in await self._found("phone", phone)})

    async def naming(self, phone: str) -> list[tuple[str, str]]:
        """Return (person, appointment) of the cases that name a phone as the other side's."""
        found = await self._found("other_phone", phone)
        return sorted((person, appointment) for person, _, appointment in (m.partition(":") for m in found))

    async def _found(self, field: str, phone: str) -> list[str]:
        """Return who is linked to a phone and has it indeed: a link may outlive a profile, or lose a race."""
        (beside, kind), contact = CONTACTS[field], self._contact(phone)
        async with store_errors():
            members: list[Any] = list(await self._redis.smembers(self._key(kind, contact)))
            async with self._redis.pipeline(transaction=False) as pipe:
                for member in members:
                    pipe.hget(self._key("case" if ":" in member else "profile", member), beside)
                has = await pipe.execute()
        return [member for member, theirs in zip(members, has, strict=True) if theirs == contact]

    async def drop_other_side(self, person: str, appointment: str) -> None:
        """Erase who the other side of an appointment is."""
        name = self._key("case", person, appointment)
        links = await self._unlinked(name, f"{person}:{appointment}", ["other_phone"])
        await atomically(self._redis, ("HDEL", name, "other_name", "other_phone", "other_contact"), *links, frees=True)

    async def export_of(self, person: str) -> dict[str, Any]:
        """Return everything of a person, readable."""
        kept = {
            "profile": await self.profile(person),
            "consent": {purpose: at for purpose, (at, _) in (await self.consents(person)).items()},
            "draft": await self.draft(person) or {},
            "cases": {number: await self.case(person, number) for number in await self.cases(person)},
        }
        return {name: value for name, value in kept.items() if value}

    async def erase_of(self, person: str) -> int:
        """Erase everything of a person, and return how many cases, profiles, drafts and consents are gone."""
        cases = await self.cases(person)
        for appointment in cases:
            await self.drop_case(person, appointment)
        names = [self._key(kind, person) for kind in ("profile", "consent", "draft")]
        links = await self._unlinked(names[0], person)
        gone = (await atomically(self._redis, *(("DEL", name) for name in names), *links, frees=True))[: len(names)]
        return len(cases) + sum(map(int, gone))

    async def reseal(self) -> Counter[str]:
        """Put what older keys sealed under the current one."""
        kinds = ("profile", "draft", "case")
        return await reseal(self._redis, self._keyring, *(self._key(kind, "*") for kind in kinds))

    def _contact(self, phone: str) -> str:
        return contact_of(self._keyring.secret, phone)

    def _kept(self, name: str, member: str, fields: Mapping[str, str]) -> list[Command]:
        """Return the commands that keep fields, each sealed, and link the phones among them to whom they belong."""
        parts: list[str] = []
        links: list[Command] = []
        for field, value in fields.items():
            parts += [field, self._keyring.seal(value, place(name, field))]
            if field in CONTACTS:
                beside, kind = CONTACTS[field]
                parts += [beside, self._contact(value)]
                links += self._linked(self._key(kind, self._contact(value)), member)
        return [("HSET", name, *parts), *links] if parts else []

    def _linked(self, index: str, member: str) -> list[Command]:
        return [("SADD", index, member), ("EXPIRE", index, RETENTION["consent"].seconds)]

    async def _unlinked(self, name: str, member: str, fields: Iterable[str] = CONTACTS) -> list[Command]:
        """Return the commands that take a hash's phones out of the sets that find them."""
        pairs = [CONTACTS[field] for field in fields]
        async with store_errors():
            contacts: Any = await self._redis.hmget(name, [beside for beside, _ in pairs]) if pairs else []
        found = zip(pairs, contacts, strict=True)
        return [("SREM", self._key(kind, contact), member) for (_, kind), contact in found if contact]

    async def _without_case(self, person: str, appointment: str) -> list[Command]:
        name, member = self._key("case", person, appointment), f"{person}:{appointment}"
        return [
            ("DEL", name),
            ("SREM", self._key("cases", person), appointment),
            ("ZREM", self._key("cases"), member),
            *await self._unlinked(name, member),
        ]

    async def _fields(self, name: str) -> dict[str, str]:
        async with store_errors():
            kept: Any = await self._redis.hgetall(name)
        beside = {contact for contact, _ in CONTACTS.values()}
        opened = {f: self._keyring.opened(token, place(name, f)) for f, token in kept.items() if f not in beside}
        return {field: value for field, value in opened.items() if value is not None}

    async def _write(self, person: str, commands: list[Command]) -> None:
        """Write for a person who is here: what is remembered and agreed to stays for another period."""
        stays: list[Command] = [
            ("EXPIRE", self._key(kind, person), RETENTION[kind].seconds) for kind in ("profile", "consent")
        ]
        await atomically(self._redis, *commands, *stays)
