"""The directory's records in Open Referral HSDS 3 terms, and what a look-up asks and finds.

Source of names: Human Services Data Specification 3.0, https://docs.openreferral.org/.
A person (lawyer, mediator, adviser) is an HSDS contact of an organization, offering one service; a `Listing` is the
flat view of one organization's place or of one person that look-ups work on.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

PROVIDER_TYPES = (
    "lawyer",
    "law_firm",
    "mediator",
    "mediation_committee",
    "notary",
    "notary_office",
    "legal_aid_center",
    "village_adviser",
    "forensic_institute",
    "arbitration",
    "service_center",
    "justice_office",
)
PEOPLE = frozenset({"lawyer", "mediator", "notary", "village_adviser"})
# Where somebody in trouble walks in: the windows that an office keeps open for everybody.
SERVICE_POINTS = frozenset({"service_center", "justice_office", "legal_aid_center", "notary_office"})
MATTERS = (
    "labour",
    "family",
    "inheritance",
    "housing",
    "debt",
    "traffic",
    "consumer",
    "neighbour",
    "criminal",
    "ip_business",
    "administrative",
    "injury",
    "land",
    "social_security",
    "other",
)
LANGUAGES = ("zh-cmn", "zh-teochew", "zh-yue", "zh-hakka", "sign")
GENDERS = ("female", "male")


@dataclass(frozen=True)
class Phone:
    """HSDS phone. `number` as dialled or as shown for demo data, which cannot be dialled."""

    number: str
    description: str = ""


@dataclass(frozen=True)
class Schedule:
    """HSDS schedule: when one place is open, or closed, as an iCalendar rule (RFC 5545) at local time Asia/Shanghai.

    `rrule` holds the part after "RRULE:" ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"), empty for a single day (`dtstart`).
    `opens_at` and `closes_at` are "HH:MM"; several openings a day (a lunch break) are several schedules.
    `valid_from`/`valid_to` ("YYYY-MM-DD", inclusive, empty = no bound) carry seasons. `exdates` are dates left out.
    `closed` makes it a closure that wins over every opening (one-off closures: `dtstart` alone).
    `on_holidays`: "closed" (as public offices are; they work on make-up days as on the weekday they stand in for),
    "open" (the rule alone counts), "only" (open on public holidays alone).
    """

    opens_at: str = ""
    closes_at: str = ""
    rrule: str = ""
    dtstart: str = ""
    exdates: tuple[str, ...] = ()
    valid_from: str = ""
    valid_to: str = ""
    closed: bool = False
    on_holidays: Literal["closed", "open", "only"] = "closed"
    description: str = ""


@dataclass(frozen=True)
class Listing:
    """One thing that a citizen can find: a place of an organization, or a person.

    `id` is the HSDS id of the service_at_location (places) or contact (people). `areas` are the codes it serves
    (village, town or county; a county code serves all of it); `location_area` is where it stands.
    `latitude` and `longitude` are degrees as a Chinese map shows them (GCJ-02), None when nobody looked them up.
    `last_confirmed` is the date ("YYYY-MM-DD") on which somebody last checked the facts. `demo` marks made-up data.
    """

    id: str
    provider_type: str
    name: str
    organization_id: str
    organization_name: str
    areas: tuple[str, ...]
    location_area: str = ""
    aliases: tuple[str, ...] = ()
    title: str = ""
    gender: str = ""
    languages: tuple[str, ...] = ()
    matters: tuple[str, ...] = ()
    address: str = ""
    latitude: float | None = None
    longitude: float | None = None
    phones: tuple[Phone, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    fee: str = ""
    description: str = ""
    last_confirmed: str = ""
    demo: bool = False

    @property
    def is_person(self) -> bool:
        """Whether it is somebody rather than somewhere."""
        return self.provider_type in PEOPLE


@dataclass(frozen=True)
class Query:
    """What a citizen looks for; an empty field does not restrict. `name` is as said: typos, pinyin, initials."""

    provider_type: str = ""
    area: str = ""
    matter: str = ""
    language: str = ""
    gender: str = ""
    name: str = ""

    def refined(self, said: dict[str, str]) -> Query:
        """Return the query with what was just said put over what was said before.

        A new provider type starts afresh but for the area: somebody who asked for a Teochew-speaking mediator and now
        asks for the notary office still lives in the same village.
        """
        known = {name: value for name, value in said.items() if name in self.__dataclass_fields__ and value}
        fresh = bool(self.provider_type) and known.get("provider_type", self.provider_type) != self.provider_type
        base = Query(area=self.area) if fresh else self
        return replace(base, **known)


# How far a look-up had to widen before it found somebody.
Reach = Literal["village", "town", "county"]


@dataclass(frozen=True)
class Found:
    """The answer to a Query: the page of listings, how many there are in all, and what was given up to find them.

    `asked_area` and `area` differ when nothing served the asked area and the search went one level up. `dropped` names
    the wishes ("language", "gender", "matter") that nobody could meet; listings then meet the others.
    """

    listings: tuple[Listing, ...]
    total: int
    asked_area: str = ""
    area: str = ""
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True)
class Near:
    """A place and how far it is, in metres as a bird flies; None when nobody knows where exactly it stands."""

    listing: Listing
    metres: float | None


def listing_from_json(data: dict[str, Any]) -> Listing:
    """Read a listing as `dataclasses.asdict` writes it."""
    return Listing(
        **{
            **data,
            "areas": tuple(data["areas"]),
            "aliases": tuple(data.get("aliases", ())),
            "languages": tuple(data.get("languages", ())),
            "matters": tuple(data.get("matters", ())),
            "phones": tuple(Phone(**p) for p in data.get("phones", ())),
            "schedules": tuple(
                Schedule(**{**s, "exdates": tuple(s.get("exdates", ()))}) for s in data.get("schedules", ())
            ),
        }
    )


@dataclass(frozen=True)
class Tables:
    """A whole directory as HSDS 3 tabular data: table name → rows (HSDS column → value), ids unique in each table.

    The one form between import, export, the store and the HSDS API.
    """

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
