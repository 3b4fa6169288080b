"""An appointment as a calendar file (RFC 5545, published as RFC 5546 has it). Pure.

A calendar shows its entries to whoever looks at the phone: no matter and no other party is in it.
"""

from __future__ import annotations

from datetime import timedelta

from icalendar import Alarm, Calendar, Event, vCalAddress

from bot.booking.model import ENDED, Appointment
from bot.booking.timers import REMINDERS
from bot.booking.words import local, say_mode
from bot.directory.model import Listing

STATUS = {"booked": "CONFIRMED", "arrived": "CONFIRMED", "fulfilled": "CONFIRMED", "cancelled": "CANCELLED"}


def calendar_file(appointment: Appointment, who: str, place: Listing | None, publisher: str, now: int) -> bytes:
    """Return the file's bytes: one event, with a reminder for each of REMINDERS while it is still to come.

    `publisher` is our address (RFC 5546 wants an organizer); a later revision of the same appointment replaces the
    earlier in the citizen's calendar.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//chengfatong//booking//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(_event(appointment, who, place, publisher, now))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _event(appointment: Appointment, who: str, place: Listing | None, publisher: str, now: int) -> Event:
    event = Event()
    event.add("uid", f"{appointment.id}@chengfatong")
    event.add("sequence", appointment.revision)
    event.add("dtstamp", local(now))
    event.add("dtstart", local(appointment.start))
    event.add("dtend", local(appointment.end))
    event.add("summary", f"约好的时间（{say_mode(appointment)}）")
    event.add(
        "description", "\n".join(part for part in (who, f"编号 {appointment.id}", "来不了请提前改时间。") if part)
    )
    event.add("status", STATUS.get(appointment.state, "TENTATIVE"))
    event.add("organizer", vCalAddress(publisher))
    if appointment.mode == "on_site" and place:
        event.add("location", "，".join(part for part in (place.name, place.address) if part))
    if appointment.state not in ENDED:
        for before in REMINDERS.values():
            event.add_component(_alarm(before))
    return event


def _alarm(seconds: int) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", "约好的时间快到了")
    alarm.add("trigger", -timedelta(seconds=seconds))
    return alarm
