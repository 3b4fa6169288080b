"""How each field of a booking is asked: one function a field, each says one thing and offers what can be tapped."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from actions.booking_changes import change_buttons, change_words, say_unfit
from actions.booking_summary import summary_card
from actions.booking_talk import HUMAN, NOUNS, STOP, WHAT, Button, Speaker, button
from actions.cards import listing_card
from bot.booking import dialogue
from bot.booking.draft import ANY, Draft, editable, take
from bot.booking.model import KINDS, Candidate, Slot
from bot.booking.said import OTHER
from bot.booking.words import MODES_SAID, say_who
from bot.citizens import service as citizens
from bot.citizens.model import PURPOSES, mask_name, mask_phone
from bot.directory import service as directory
from bot.directory.model import Listing
from bot.directory.words import GENDERS, LANGUAGES, MATTERS, TYPES

Ask = Callable[[Speaker, Draft], Awaitable[Draft]]
# The troubles that people bring to a mediator most; the others can be said.
COMMON = ("neighbour", "family", "debt", "housing", "labour", "inheritance", "land", "injury")
RELATIONS = ("父母", "夫妻", "子女", "兄弟姐妹", "其他亲属")
ITEMS = ("遗嘱", "继承", "委托", "声明", "赠与", "出国用的")
FIELD_NAMES = {
    "matter": "事情",
    "mode": "方式",
    "area": "在哪个镇",
    "provider_type": "找律师还是村顾问",
    "practitioner": "换个人",
    "slot": "时间",
    "name": "姓名",
    "phone": "电话",
    "other_name": "对方姓名",
    "other_phone": "对方电话",
    "item": "公证事项",
    "relation": "关系",
    "inmate": "要见的人",
    "institution": "在哪里",
    "id_number": "身份证号",
}
WHO = {"mediation": "调解员", "consultation": "律师和村法律顾问", "notary": "公证员"}


async def matter(speak: Speaker, draft: Draft) -> Draft:
    """Ask what the trouble is."""
    buttons = [button(MATTERS[code], "matter", code) for code in COMMON]
    speak.ask(draft, "matter", [*buttons, button("别的事", "matter", "other")])
    return draft


async def mode(speak: Speaker, draft: Draft) -> Draft:
    """Ask how to meet."""
    modes = KINDS[draft.purpose].modes
    speak.ask(draft, "mode", [button(MODES_SAID[way], "mode", way) for way in modes])
    return draft


async def area(speak: Speaker, draft: Draft) -> Draft:
    """Ask the town; or which of several villages of the same name is meant."""
    areas = speak.parts.areas
    if several := draft.facts.get("areas"):
        buttons = [button(areas.full_name(code), "area", code) for code in several]
        speak.ask(draft, "area", buttons, "which_village", village=areas.name(several[0]))
        return draft
    towns = [button(areas.name(code), "area", code) for code in areas.children(areas.county.code)]
    speak.ask(draft, "area", [*towns, button("都可以", "area", ANY)])
    return draft


async def provider_type(speak: Speaker, draft: Draft) -> Draft:
    """Ask for a lawyer or the village's adviser."""
    types = KINDS["consultation"].served_by
    buttons = [button(TYPES[kind], "provider_type", kind) for kind in types]
    speak.ask(draft, "provider_type", [*buttons, button("都可以", "provider_type", ANY)], "adviser")
    return draft


async def practitioner(speak: Speaker, draft: Draft) -> Draft:
    """Show who can be chosen, each with a free time."""
    if unknown := draft.facts.get("unknown_who"):
        speak.say("utter_no_such_person", name=unknown)
        draft = take(draft, {"unknown_who": None})
    if suggested := await _suggested(speak, draft):
        return suggested
    shown, more = await dialogue.people(speak.talk, draft)
    if not shown and draft.page:
        shown, more = await dialogue.people(speak.talk, replace(draft, page=0))
    if not shown:
        speak.say("utter_nobody", buttons=[HUMAN, STOP])
        return draft
    if draft.page and speak.parts.links:
        known = {name: str(draft.facts.get(name, "")) for name in ("area", "matter", "language", "gender")}
        link = speak.parts.links.book_link(speak.talk.person, speak.talk.now, {"kind": draft.purpose, **known})
        speak.say("utter_people_page", link=link)
    _say_unmet(speak, draft, shown)
    speak.ask(draft, "practitioner", who=_whom(speak, draft))
    buttons = [button(f"选{found.listing.name}", "practitioner", found.listing.id) for found in shown]
    buttons += [button("谁都行", "practitioner", ANY)]
    buttons += [button("再看几位", "practitioner", "more")] if more else []
    for number, found in enumerate(shown):
        last = number == len(shown) - 1
        speak.dispatcher.utter_message(
            json_message=listing_card(found.listing, free=_free(speak, found)), buttons=buttons if last else []
        )
    return replace(draft, shown=tuple((found.listing.id, found.listing.name) for found in shown))


async def _suggested(speak: Speaker, draft: Draft) -> Draft | None:
    """Offer whom the citizen has just looked at."""
    number = draft.facts.get("suggested")
    listing = await directory.details(speak.parts.directory, str(number)) if number else None
    if listing is None or listing.provider_type not in KINDS[draft.purpose].served_by:
        return None
    buttons = [
        button(f"选{listing.name}", "practitioner", listing.id),
        button("看看别人", "practitioner", "again"),
        button("谁都行", "practitioner", ANY),
    ]
    speak.say("utter_ask_suggested", who=say_who(listing), buttons=buttons)
    return replace(draft, shown=((listing.id, listing.name),))


def _say_unmet(speak: Speaker, draft: Draft, shown: list[Candidate]) -> None:
    """Say which wish nobody meets."""
    gender, language = draft.facts.get("gender"), draft.facts.get("language")
    if gender and all(found.listing.gender != gender for found in shown):
        speak.say("utter_wish_unmet", wish=f"{GENDERS[gender]}的")
    if language and all(language not in found.listing.languages for found in shown):
        speak.say("utter_wish_unmet", wish=f"会{LANGUAGES[language]}的")


def _whom(speak: Speaker, draft: Draft) -> str:
    code = draft.facts.get("area", ANY)
    where = f"{speak.parts.areas.name(code)}附近" if code != ANY else ""
    kind = draft.facts.get("provider_type", ANY)
    return f"{where}能帮您的{TYPES[kind] if kind != ANY else WHO[draft.purpose]}"


def _free(speak: Speaker, found: Candidate) -> str:
    return speak.say_time(found.next_free.start) if found.next_free else "最近约满了"


async def slot(speak: Speaker, draft: Draft) -> Draft:
    """Offer three times, and say why the wished one is not among them."""
    draft = say_unfit(speak, draft)
    found = await dialogue.times(speak.talk, draft)
    if found.why and draft.facts.get("told") != draft.facts.get("when"):
        await _say_why(speak, draft, found)
        draft = take(draft, {"told": draft.facts.get("when")})
    offered = found.offer.slots
    if found.offer.unknown_from and len(offered) < 3:
        day = found.offer.unknown_from
        speak.say("utter_days_unknown", day=f"{day.year}年{day.month}月{day.day}日")
    if not offered:
        await _say_full(speak, draft)
        return replace(draft, offered=())
    names = await _names(speak, offered)
    alone = next(iter(names.values())) if len(names) == 1 else None
    who, names = await dialogue.chosen(speak.talk, draft) or alone, {} if alone else names
    buttons = [button(_title(speak, free, names), "slot", slot_value(free)) for free in offered]
    others = [button("换一天", "slot", "later"), *await change_buttons(speak, draft)]
    speak.ask(draft, "slot", [*buttons, *others], who=say_who(who) if who else "")
    return replace(draft, offered=offered)


async def _say_why(speak: Speaker, draft: Draft, found: dialogue.Offered) -> None:
    when = draft.facts.get("when") or [0, 0]
    who = await dialogue.chosen(speak.talk, draft)
    kind = KINDS[str(draft.facts.get("kind") or draft.purpose)]
    speak.say(
        f"utter_when_{found.why}",
        wished=speak.say_time(when[0]) if when[0] == when[1] else "那个时间",
        who=say_who(who) if who else "工作人员",
        holiday=found.holiday,
        **speak.notice(kind),
    )


async def _say_full(speak: Speaker, draft: Draft) -> None:
    if draft.purpose == "move":
        alone = draft.facts.get("practitioner") == OTHER
        back = [button("不换人，改时间", "practitioner", "again")] if alone else await change_buttons(speak, draft)
        speak.say("utter_no_other_person" if alone else "utter_no_times", buttons=[*back, HUMAN, STOP])
        return
    others = [button("换一位", "practitioner", "again"), button("谁都行", "practitioner", ANY)]
    with_people = draft.purpose in ("mediation", "consultation")
    speak.say("utter_no_times", buttons=[*(others if with_people else []), HUMAN, STOP])


async def _names(speak: Speaker, offered: tuple[Slot, ...]) -> dict[str, Listing]:
    found = [await directory.details(speak.parts.directory, number) for number in {s.practitioner for s in offered}]
    return {listing.id: listing for listing in found if listing}


def _title(speak: Speaker, free: Slot, names: dict[str, Listing]) -> str:
    name = names[free.practitioner].name if free.practitioner in names else ""
    return f"{speak.say_time(free.start)} {name}".strip()


def slot_value(free: Slot) -> str:
    """Return a time as a button carries it."""
    return f"{free.start}|{free.end}|{free.practitioner}|{free.room}"


async def consent(speak: Speaker, draft: Draft) -> Draft:
    """Ask whether what the booking needs may be kept, in the words of the purpose."""
    sentence = PURPOSES[dialogue.consent_of(draft)].sentence
    buttons = [button("同意", "consent", "yes"), button("不同意", "consent", "no")]
    speak.ask(draft, "consent", buttons, sentence=sentence)
    return draft


async def contact(speak: Speaker, draft: Draft) -> Draft:
    """Offer the name and phone of last time."""
    profile = await citizens.profile(speak.parts.citizens, speak.talk.person)
    words = {"person": mask_name(profile.get("name", "")), "phone": mask_phone(profile.get("phone", ""))}
    speak.ask(draft, "contact", [button("就用这个", "contact", "yes"), button("换一个", "contact", "no")], **words)
    return draft


def _plain(name: str, *buttons: Button) -> Ask:
    async def ask(speak: Speaker, draft: Draft) -> Draft:
        speak.ask(draft, name, list(buttons))
        return draft

    return ask


async def other_name(speak: Speaker, draft: Draft) -> Draft:
    """Ask who the other side is, and say why."""
    called = "other_name" if draft.purpose == "mediation" else "other_side"
    speak.ask(draft, "other_name", [button("不说", "other_name", "")], called)
    return draft


async def appointment(speak: Speaker, draft: Draft) -> Draft:
    """Ask which appointment is meant."""
    found = await dialogue.meant(speak.talk, {**draft.facts, "appointment": None})
    buttons = [button(title_of(speak, old.kind, old.start), "appointment", old.id) for old in found]
    speak.ask(draft, "appointment", buttons)
    return draft


def title_of(speak: Speaker, kind: str, start: int) -> str:
    """Return what an appointment is called on a button: 明天15:00调解."""
    return f"{speak.say_time(start)}{NOUNS[kind]}"


async def confirm(speak: Speaker, draft: Draft) -> Draft:
    """Show all that is known and ask whether it is right."""
    yes = button("确认", "confirm", draft.id, "affirm")
    if draft.purpose in ("move", "cancel"):
        draft = say_unfit(speak, draft)
        words = await change_words(speak, draft)
        no = button("换个时间", "slot", "later") if draft.purpose == "move" else {"title": "不取消", "payload": "/stop"}
        called = "change" if {"mode", "practitioner"} & draft.facts.keys() else draft.purpose
        speak.ask(draft, "confirm", [yes, no], f"{called}_confirm", **words)
        return draft
    speak.ask(draft, "confirm")
    card = await summary_card(speak, draft)
    speak.dispatcher.utter_message(
        json_message=card, buttons=[yes, button("改一下", "edit", ""), {"title": "不办了", "payload": "/stop"}]
    )
    return draft


async def edit(speak: Speaker, draft: Draft) -> Draft:
    """Ask what to change."""
    buttons = [button(FIELD_NAMES[name], "edit", name) for name in editable(draft)]
    speak.ask(draft, "edit", [*buttons, button("不改了", "edit", "none")])
    return draft


async def resume(speak: Speaker, draft: Draft) -> Draft:
    """Offer to go on with what was left half-way."""
    earlier = Draft.from_json(draft.earlier or {})
    buttons = [
        button("接着办", "resume", "yes"),
        button("重新来", "resume", "no"),
        button("不办了", "resume", "drop"),
    ]
    speak.ask(draft, "resume", buttons, earlier=WHAT[earlier.purpose])
    return draft


ASKS: dict[str, Ask] = {
    "matter": matter,
    "mode": mode,
    "area": area,
    "provider_type": provider_type,
    "practitioner": practitioner,
    "slot": slot,
    "consent": consent,
    "contact": contact,
    "name": _plain("name"),
    "phone": _plain("phone"),
    "other_name": other_name,
    "other_phone": _plain("other_phone", button("不知道", "other_phone", "")),
    "item": _plain("item", *(button(name, "item", name) for name in ITEMS)),
    "relation": _plain("relation", *(button(name, "relation", name) for name in RELATIONS)),
    "inmate": _plain("inmate"),
    "institution": _plain("institution"),
    "id_number": _plain("id_number"),
    "appointment": appointment,
    "confirm": confirm,
    "edit": edit,
    "resume": resume,
}
