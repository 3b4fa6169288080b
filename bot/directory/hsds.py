"""The clerk's tables as Open Referral HSDS 3 records, and back. Pure.

A place becomes a location, a service and the service_at_location that joins them (which keeps the place's id); a person
becomes a contact with a service of their own. What HSDS has no field for stands under names that begin with "x_".
Source of names: Human Services Data Specification 3.0.
"""

from __future__ import annotations

from typing import Any

from bot.directory.model import PEOPLE, Tables
from bot.directory.tables import COLUMNS, Row, parts

Record = dict[str, Any]
# HSDS name of a service's field → the clerk's column.
_SERVICE = {
    "alternate_name": "aliases",
    "description": "description",
    "fees_description": "fee",
    "assured_date": "last_confirmed",
    "x_schedule": "schedule",
}
# HSDS asks for WGS-84; ours are as read off a Chinese map (bot/directory/distance.py).
_SPOT = ("latitude", "longitude")
_HOURS = ("dtstart", "valid_from", "valid_to", "description")
_EXTRA_HOURS = ("schedule", "rrule", "exdates", "closed", "on_holidays")
_RULE_PARTS = ("freq", "interval", "byday", "bymonthday", "byweekno", "byyearday", "wkst", "count", "until")
# HSDS asks for a UTC offset with each time, and as a number.
OFFSET, OFFSET_HOURS = "+08:00", 8


def to_hsds(tables: Tables) -> dict[str, list[Record]]:
    """Return HSDS collections: organizations, services, locations, service_at_locations, contacts, schedules."""
    hours: dict[str, list[Record]] = {}
    schedules: list[Record] = []
    for row in tables.rows.get("hours", []):
        alike = hours.setdefault(row["schedule"], [])
        schedules.append(_schedule(row, len(alike) + 1))
        alike.append(schedules[-1])
    places, people = tables.rows.get("places", []), tables.rows.get("people", [])
    return {
        "organizations": [_organization(row) for row in tables.rows.get("organizations", [])],
        "services": [_service(row, hours) for row in (*places, *people)],
        "locations": [_location(row) for row in places],
        "service_at_locations": [_joined(row) for row in places],
        "contacts": [_contact(row) for row in people],
        # Again as a whole: a schedule that nobody keeps yet must not be lost.
        "schedules": schedules,
    }


def to_tables(document: Record) -> Tables:
    """Read what `to_hsds` wrote. Raises KeyError, TypeError or ValueError on anything else."""
    locations = {record["id"]: record for record in document["locations"]}
    contacts = {record["x_service_id"]: record for record in document["contacts"]}
    at = {record["service_id"]: record for record in document["service_at_locations"]}
    rows: dict[str, list[Row]] = {table: [] for table in COLUMNS}
    rows["organizations"] = [_organization_row(record) for record in document["organizations"]]
    for service in document["services"]:
        row = _service_row(service)
        if row["provider_type"] in PEOPLE:
            rows["people"].append(_clean({**row, **_contact_row(contacts[service["id"]])}))
        else:
            joined = at[service["id"]]
            rows["places"].append(
                _clean({**row, "id": joined["id"], **_location_row(locations[joined["location_id"]])})
            )
    rows["hours"] = [_clean(_hours_row(schedule)) for schedule in document["schedules"]]
    return Tables(rows)


def _clean(row: Row) -> Row:
    return {name: value for name, value in row.items() if value}


def _organization(row: Row) -> Record:
    return {"id": row["id"], "name": row["name"], "description": row.get("description", ""), "x_demo": _demo(row)}


def _organization_row(record: Record) -> Row:
    return _clean({n: record.get(n, "") for n in ("id", "name", "description")} | {"demo": _yes(record)})


def _service(row: Row, hours: dict[str, list[Record]]) -> Record:
    return {
        "id": f"{row['id']}-service",
        "organization_id": row["organization_id"],
        "name": row["name"],
        "status": "active",
        **{hsds_name: row[name] for hsds_name, name in _SERVICE.items() if name in row},
        "phones": [{"id": f"{row['id']}-phone-{n}", "number": p} for n, p in enumerate(parts(row.get("phone", "")), 1)],
        "languages": [{"id": f"{row['id']}-{code}", "code": code} for code in parts(row.get("languages", ""))],
        "service_areas": [{"id": f"{row['id']}-{code}", "extent": code} for code in parts(row.get("areas", ""))],
        "attributes": [
            _attribute(row, "provider_type", row["provider_type"]),
            *(_attribute(row, "matter", code) for code in parts(row.get("matters", ""))),
        ],
        "schedules": hours.get(row.get("schedule", ""), []),
        "x_demo": _demo(row),
    }


def _attribute(row: Row, taxonomy: str, code: str) -> Record:
    return {
        "id": f"{row['id']}-{taxonomy}-{code}",
        "taxonomy_term": {"id": f"{taxonomy}-{code}", "code": code, "name": code, "taxonomy": taxonomy},
    }


def _service_row(service: Record) -> Row:
    terms = [attribute["taxonomy_term"] for attribute in service["attributes"]]
    return {
        "organization_id": service["organization_id"],
        "provider_type": next((term["code"] for term in terms if term["taxonomy"] == "provider_type"), ""),
        "name": service["name"],
        **{name: service.get(hsds_name, "") for hsds_name, name in _SERVICE.items()},
        "phone": ";".join(phone["number"] for phone in service["phones"]),
        "languages": ";".join(language["code"] for language in service["languages"]),
        "areas": ";".join(area["extent"] for area in service["service_areas"]),
        "matters": ";".join(term["code"] for term in terms if term["taxonomy"] == "matter"),
        "demo": _yes(service),
    }


def _location(row: Row) -> Record:
    return {
        "id": f"{row['id']}-location",
        "location_type": "physical",
        "name": row["name"],
        "addresses": [{"address_1": row.get("address", ""), "country": "CN", "address_type": "physical"}],
        **{name: float(row[name]) for name in _SPOT if name in row},
        "x_area_code": row.get("location_area", ""),
        "x_demo": _demo(row),
    }


def _location_row(record: Record) -> Row:
    spot = {name: f"{record[name]:.9f}".rstrip("0").rstrip(".") for name in _SPOT if name in record}
    return {"address": record["addresses"][0]["address_1"], "location_area": record.get("x_area_code", ""), **spot}


def _joined(row: Row) -> Record:
    return {"id": row["id"], "service_id": f"{row['id']}-service", "location_id": f"{row['id']}-location"}


def _contact(row: Row) -> Record:
    return {
        "id": row["id"],
        "organization_id": row["organization_id"],
        "name": row["name"],
        "title": row.get("title", ""),
        "x_gender": row.get("gender", ""),
        "x_service_id": f"{row['id']}-service",
        "x_demo": _demo(row),
    }


def _contact_row(record: Record) -> Row:
    return {"id": record["id"], "title": record.get("title", ""), "gender": record.get("x_gender", "")}


def _schedule(row: Row, number: int) -> Record:
    rule = dict(part.lower().split("=", 1) for part in row.get("rrule", "").split(";") if "=" in part)
    return {
        "id": f"{row['schedule']}-{number}",
        "timezone": OFFSET_HOURS,
        **{name: row[name] + OFFSET for name in ("opens_at", "closes_at") if name in row},
        **{name: row[name] for name in _HOURS if name in row},
        **{name: _rule_value(rule[name]) for name in _RULE_PARTS if name in rule},
        **{f"x_{name}": row[name] for name in _EXTRA_HOURS if name in row},
    }


def _rule_value(said: str) -> str | int:
    return int(said) if said.isdigit() and len(said) < 8 else said.upper()


def _hours_row(record: Record) -> Row:
    times = {name: record.get(name, "").removesuffix(OFFSET) for name in ("opens_at", "closes_at")}
    return {
        **times,
        **{name: record.get(name, "") for name in _HOURS},
        **{name: record.get(f"x_{name}", "") for name in _EXTRA_HOURS},
    }


def _demo(row: Row) -> bool:
    return row.get("demo") == "yes"


def _yes(record: Record) -> str:
    return "yes" if record.get("x_demo") else ""
