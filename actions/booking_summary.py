"""The cards of a booking: the summary before it, the confirmation after it."""

from __future__ import annotations

from typing import Any

from actions.booking_talk import NOUNS, WHAT, Speaker, button
from bot.booking import desk as book
from bot.booking import dialogue
from bot.booking.draft import Draft
from bot.booking.model import DAY, KINDS, Appointment, Slot
from bot.booking.words import MODES_SAID, STATES_SAID, say_when, say_who
from bot.citizens.model import MOBILE, mask_id
from bot.conversation.model import Card, Field, card_to_json
from bot.directory.model import Listing
from bot.directory.words import MATTERS
from bot.reach import service as reach_service
from bot.reach.asking import promise
from bot.reach.model import NOBODY_ASKED


async def summary_card(speak: Speaker, draft: Draft) -> dict[str, Any]:
    """Return all that is about to be booked, as a Rasa json_message."""
    slot = Slot(**draft.facts["slot"])
    planned = provisional(draft, slot)
    who = await dialogue.chosen(speak.talk, draft)
    place = await book.place_of(speak.parts.desk, planned) if planned.mode == "on_site" else None
    contact = await dialogue.person_fields(speak.talk, draft)
    facts = draft.facts
    rows = [
        ("时间", speak.say_time(slot.start)),
        ("找谁", say_who(who) if who and who.is_person else ""),
        ("怎么见", MODES_SAID[planned.mode] if len(KINDS[draft.purpose].modes) > 1 else ""),
        ("地点", where(place, who)),
        ("事情", str(facts.get("story") or MATTERS.get(str(facts.get("matter")), ""))),
        ("办什么", str(facts.get("item", ""))),
        ("要见的人", f"{facts.get('inmate', '')}（{facts.get('relation', '')}）" if facts.get("inmate") else ""),
        ("在哪里", str(facts.get("institution", ""))),
        ("您的姓名", contact["name"]),
        ("您的电话", say_phone(contact["phone"])),
        ("身份证", mask_id(str(facts["id_number"])) if facts.get("id_number") else ""),
        ("对方", str(facts.get("other_name", ""))),
        ("对方电话", say_phone(str(facts.get("other_phone", "")))),
    ]
    badge = "示例" if who and who.demo else None
    title = f"{WHAT[draft.purpose]}，请看一下对不对"
    return {"card": card_to_json(Card(title, tuple(Field(label, value) for label, value in rows if value), badge))}


def say_phone(phone_e164: str) -> str:
    """Return a number as it is dialled here."""
    number = phone_e164.removeprefix("+86")
    return number if not number or MOBILE.fullmatch(number) else f"0{number}"


def provisional(draft: Draft, slot: Slot) -> Appointment:
    """Return the appointment that the draft would become."""
    kind = KINDS[draft.purpose]
    return Appointment(
        "",
        kind.name,
        "proposed",
        slot.practitioner,
        "",
        slot.start,
        slot.end,
        slot.end + kind.buffer,
        slot.room,
        mode=str(draft.facts.get("mode") or kind.modes[0]),
    )


def where(place: Listing | None, who: Listing | None) -> str:
    """Return the name and address of the place to go to."""
    place = place or (who if who and not who.is_person else None)
    return f"{place.name}，{place.address}" if place else ""


async def appointment_card(speak: Speaker, booked: Appointment) -> dict[str, Any]:
    """Return an appointment as it is now: when, with whom, where or how, what to bring, its reference."""
    who = await book.listing_of(speak.parts.desk, booked)
    place = await book.place_of(speak.parts.desk, booked) if booked.mode == "on_site" else None
    live = booked.state in dialogue.LIVE and booked.start > speak.talk.now
    rows = [
        Field("时间", say_when(booked.start)),
        Field("找谁", say_who(who) if who is None or who.is_person else ""),
        Field("怎么见", MODES_SAID[booked.mode] if len(KINDS[booked.kind].modes) > 1 else ""),
        Field("地点", where(place, who) if booked.mode == "on_site" else ""),
        Field("带上", "身份证" if live and booked.mode == "on_site" else ""),
        Field("编号", booked.id),
    ]
    if speak.parts.links and live:
        link = speak.parts.links.me_link(speak.talk.person, speak.talk.now)
        rows.append(Field("我的预约", "打开看看，可以存到日历（半小时内有效）", link))
    card = Card(
        f"{NOUNS[booked.kind]} · {STATES_SAID[booked.state]}",
        tuple(row for row in rows if row.value),
        "示例" if who and who.demo else None,
        note=await _reminders(speak, booked) if live else None,
    )
    return {"card": card_to_json(card)}


async def _reminders(speak: Speaker, booked: Appointment) -> str:
    """Say when there will be a reminder, or how it will be kept safe."""
    reach = speak.parts.reach
    safe = await reach_service.safe_of(reach, speak.talk.person) if reach else NOBODY_ASKED
    if safe.asked:
        return promise(safe)
    both = booked.start - speak.talk.now > DAY
    return "前一天和开始前15分钟，我会在这里提醒您。" if both else "开始前15分钟，我会在这里提醒您。"


async def say_booked(speak: Speaker, booked: Appointment, other_phone: bool) -> None:
    """Say that it is booked, what happens next, and show it."""
    who = await book.listing_of(speak.parts.desk, booked)
    words = {"when": speak.say_time(booked.start), "who": say_who(who), "reference": booked.id}
    speak.say(f"utter_booked_{booked.kind}", **words)
    if booked.mode in ("video", "phone"):
        speak.say(f"utter_how_{booked.mode}", who=say_who(who))
    if booked.kind == "mediation":
        if booked.respondent and speak.parts.links:
            speak.say("utter_invite", link=speak.parts.links.invite_link(booked))
        elif not other_phone:
            speak.say("utter_invite_by_staff")
    await show(speak, booked)


async def show(speak: Speaker, booked: Appointment) -> None:
    """Show an appointment's card with what can be done with it."""
    buttons = []
    if booked.state in dialogue.LIVE and booked.start > speak.talk.now:
        buttons = [
            button("改时间", "appointment", booked.id, "change_booking"),
            button("取消预约", "appointment", booked.id, "cancel_booking"),
        ]
    speak.dispatcher.utter_message(json_message=await appointment_card(speak, booked), buttons=buttons)
