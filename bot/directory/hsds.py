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
_HOURS = {"dtstart": "dtstart", "valid_from": "valid_from", "valid_to": "valid_to", "description": "description"}


def to_hsds(tables: Tables) -> dict[str, list[Record]]:
    """Return HSDS collections: organizations, services, locations, service_at_locations, contacts."""
    hours: dict[str, list[Record]] = {}
    for row in tables.rows.get("hours", []):
        hours.setdefault(row["schedule"], []).append(_schedule(row))
    places, people = tables.rows.get("places", []), tables.rows.get("people", [])
    return {
        "organizations": [_organization(row) for row in tables.rows.get("organizations", [])],
        "services": [_service(row, hours) for row in (*places, *people)],
        "locations": [_location(row) for row in places],
        "service_at_locations": [_joined(row) for row in places],
        "contacts": [_contact(row) for row in people],
    }


def to_tables(document: Record) -> Tables:
    """Read what `to_hsds` wrote. Raises KeyError, TypeError or ValueError on anything else."""
    locations = {record["id"]: record for record in document["locations"]}
    contacts = {record["x_service_id"]: record for record in document["contacts"]}
    at = {record["service_id"]: record for record in document["service_at_locations"]}
    rows: dict[str, list[Row]] = {table: [] for table in COLUMNS}
    rows["organizations"] = [_organization_row(record) for record in document["organizations"]]
    seen: set[str] = set()
    for service in document["services"]:
        row = _service_row(service)
        if row["provider_type"] in PEOPLE:
            rows["people"].append(_clean({**row, **_contact_row(contacts[service["id"]])}))
        else:
            joined = at[service["id"]]
            rows["places"].append(
                _clean({**row, "id": joined["id"], **_location_row(locations[joined["location_id"]])})
            )
        for schedule in service["schedules"]:
            if schedule["id"] not in seen:
                seen.add(schedule["id"])
                rows["hours"].append(_clean(_hours_row(schedule)))
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
        "alternate_name": row.get("aliases", ""),
        "description": row.get("description", ""),
        "status": "active",
        "fees_description": row.get("fee", ""),
        "assured_date": row.get("last_confirmed", ""),
        "phones": [{"id": f"{row['id']}-phone-{n}", "number": p} for n, p in enumerate(parts(row.get("phone", "")), 1)],
        "languages": [{"id": f"{row['id']}-{code}", "code": code} for code in parts(row.get("languages", ""))],
        "service_areas": [{"id": f"{row['id']}-{code}", "extent": code} for code in parts(row.get("areas", ""))],
        "attributes": [
            _attribute(row, "provider_type", row["provider_type"]),
            *(_attribute(row, "matter", code) for code in parts(row.get("matters", ""))),
        ],
        "schedules": hours.get(row.get("schedule", ""), []),
        "x_schedule": row.get("schedule", ""),
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
        "provider_type": next(term["code"] for term in terms if term["taxonomy"] == "provider_type"),
        "name": service["name"],
        "aliases": service.get("alternate_name", ""),
        "description": service.get("description", ""),
        "fee": service.get("fees_description", ""),
        "last_confirmed": service.get("assured_date", ""),
        "phone": ";".join(phone["number"] for phone in service["phones"]),
        "languages": ";".join(language["code"] for language in service["languages"]),
        "areas": ";".join(area["extent"] for area in service["service_areas"]),
        "matters": ";".join(term["code"] for term in terms if term["taxonomy"] == "matter"),
        "schedule": service.get("x_schedule", ""),
        "demo": _yes(service),
    }


def _location(row: Row) -> Record:
    return {
        "id": f"{row['id']}-location",
        "location_type": "physical",
        "name": row["name"],
        "addresses": [{"address_1": row.get("address", ""), "country": "CN", "address_type": "physical"}],
        "x_area_code": row.get("location_area", ""),
        "x_demo": _demo(row),
    }


def _location_row(record: Record) -> Row:
    return {"address": record["addresses"][0]["address_1"], "location_area": record.get("x_area_code", "")}


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


def _schedule(row: Row) -> Record:
    identity = "|".join(row.get(column.name, "") for column in COLUMNS["hours"])
    return {
        "id": identity,
        "rrule": row.get("rrule", ""),
        "opens_at": row.get("opens_at", ""),
        "closes_at": row.get("closes_at", ""),
        "timezone": "+08:00",
        **{hsds_name: row.get(name, "") for name, hsds_name in _HOURS.items()},
        "x_schedule": row["schedule"],
        "x_exdates": row.get("exdates", ""),
        "x_closed": row.get("closed", ""),
        "x_on_holidays": row.get("on_holidays", ""),
    }


def _hours_row(record: Record) -> Row:
    return {
        "schedule": record["x_schedule"],
        "opens_at": record["opens_at"],
        "closes_at": record["closes_at"],
        "rrule": record["rrule"],
        **{name: record[hsds_name] for name, hsds_name in _HOURS.items()},
        "exdates": record["x_exdates"],
        "closed": record["x_closed"],
        "on_holidays": record["x_on_holidays"],
    }


def _demo(row: Row) -> bool:
    return row.get("demo") == "yes"


def _yes(record: Record) -> str:
    return "yes" if record.get("x_demo") else ""
