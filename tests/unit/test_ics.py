"""The calendar file, read back as a calendar reads it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from icalendar import Calendar

from bot.booking.ics import calendar_file
from bot.booking.model import Appointment
from bot.directory.hours import SHANGHAI
from bot.directory.model import Listing

START = int(datetime(2026, 11, 26, 9, 45, tzinfo=SHANGHAI).timestamp())
BOOKED = Appointment(
    "YY-ABCD-EFGH", "mediation", "booked", "m1", "c1", START, START + 3600, START + 4500,
    respondent="r1", applicant="a1", mode="on_site", matter="family", revision=3,
)  # fmt: skip
PLACE = Listing(
    "jo", "justice_office", "莲下镇司法所", "o", "莲下镇司法所", ("440515102",), address="莲下镇（示例地址）"
)


def event(appointment: Appointment, place: Listing | None = PLACE) -> tuple[Calendar, Calendar]:
    calendar = Calendar.from_ical(calendar_file(appointment, "黄伟辉", place, "https://falv.example.cn", START - 99999))
    return calendar, calendar.walk("VEVENT")[0]


def test_citizens_calendar_shows_the_right_hour_whatever_zone_the_phone_is_in() -> None:
    calendar, found = event(BOOKED)
    assert calendar["METHOD"] == "PUBLISH"
    assert found["DTSTART"].params["TZID"] == "Asia/Shanghai"
    assert found.start == datetime(2026, 11, 26, 9, 45, tzinfo=SHANGHAI)
    assert found.end - found.start == timedelta(hours=1)
    assert calendar.walk("VTIMEZONE")[0]["TZID"] == "Asia/Shanghai"


def test_moved_appointment_replaces_the_earlier_entry() -> None:
    first, later = event(BOOKED)[1], event(replace(BOOKED, revision=4, start=START + 7200))[1]
    assert first["UID"] == later["UID"]
    assert later["SEQUENCE"] > first["SEQUENCE"]


def test_calendar_reminds_twice_and_not_of_what_is_cancelled() -> None:
    alarms = [alarm.TRIGGER for alarm in event(BOOKED)[1].walk("VALARM")]
    assert sorted(alarms) == [timedelta(days=-1), timedelta(minutes=-15)]
    cancelled = event(replace(BOOKED, state="cancelled"))[1]
    assert (str(cancelled["STATUS"]), cancelled.walk("VALARM")) == ("CANCELLED", [])
    assert str(event(replace(BOOKED, state="pending"))[1]["STATUS"]) == "TENTATIVE"


def test_whoever_looks_at_the_phone_cannot_read_what_it_is_about() -> None:
    text = calendar_file(BOOKED, "黄伟辉", PLACE, "https://falv.example.cn", START).decode()
    for hidden in ("调解", "婚姻", "family", "mediation", "r1", "a1"):
        assert hidden not in text


def test_citizen_sees_where_to_go_only_when_there_is_somewhere_to_go() -> None:
    assert "莲下镇司法所" in event(BOOKED)[1]["LOCATION"]
    assert "LOCATION" not in event(replace(BOOKED, mode="video"))[1]
    assert "LOCATION" not in event(BOOKED, None)[1]
