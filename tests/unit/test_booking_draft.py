"""What a booking dialogue knows, and what it asks next."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.booking.draft import (
    ANY,
    FIELDS,
    REMEMBERED,
    RESTS_ON,
    Draft,
    asking,
    left_at,
    missing,
    reopened,
    request_key,
    resumed,
    take,
    wish_of,
)
from bot.booking.model import KINDS, Slot

SLOT = {"start": 1_800_000_000, "end": 1_800_003_600, "practitioner": "med-1", "room": ""}
OTHER = {**SLOT, "start": 1_800_010_800, "end": 1_800_014_400}
VALUES: dict[str, Any] = {
    "matter": "neighbour",
    "mode": "video",
    "area": "440515102",
    "provider_type": "lawyer",
    "practitioner": "med-1",
    "slot": SLOT,
    "consent": True,
    "contact": False,
    "name": "林秀英",
    "phone": "+8613800138000",
    "other_name": "",
    "other_phone": "",
    "item": "遗嘱",
    "relation": "儿子",
    "inmate": "林小明",
    "institution": "看守所",
    "id_number": "11010519491231002X",
    "appointment": "YY-AAAA-BBBB",
}


def told(purpose: str, *names: str) -> Draft:
    return take(Draft("d1", purpose), {name: VALUES[name] for name in names})


@pytest.mark.parametrize("purpose", FIELDS)
def test_citizen_is_asked_each_thing_once_and_then_for_a_yes(purpose: str) -> None:
    draft, asked = Draft("d1", purpose), []
    while (name := missing(draft)) != "confirm":
        asked.append(name)
        draft = take(draft, {name: VALUES[name]})
        assert len(asked) < 20, "the dialogue must end"
    assert len(asked) == len(set(asked))
    assert set(asked) <= set(FIELDS[purpose])


@given(st.data(), st.sampled_from(sorted(FIELDS)))
def test_citizen_may_tell_things_in_any_order(data: st.DataObject, purpose: str) -> None:
    names = [name for name in FIELDS[purpose] if name in VALUES]
    chosen = data.draw(st.lists(st.sampled_from(names), unique=True))
    shuffled = data.draw(st.permutations(chosen))
    one_by_one = Draft("d1", purpose)
    for name in shuffled:
        one_by_one = take(one_by_one, {name: VALUES[name]})
    assert dict(one_by_one.facts) == dict(told(purpose, *chosen).facts)


@given(st.data(), st.sampled_from(sorted(FIELDS)))
def test_citizen_is_not_asked_what_is_known(data: st.DataObject, purpose: str) -> None:
    names = [name for name in FIELDS[purpose] if name in VALUES]
    known = data.draw(st.sets(st.sampled_from(names)))
    assert missing(told(purpose, *known)) not in known


@given(st.lists(st.tuples(st.sampled_from(sorted(VALUES)), st.sampled_from(["first", "second", "none"])), max_size=30))
def test_dialogue_ends_whatever_was_corrected_on_the_way(steps: list[tuple[str, str]]) -> None:
    draft = Draft("d1", "mediation")
    for name, which in steps:
        value = {"first": VALUES[name], "second": OTHER if name == "slot" else "another", "none": None}[which]
        draft = take(draft, {name: value})
    for _ in range(20):
        if (name := missing(draft)) == "confirm":
            break
        draft = take(draft, {name: VALUES[name]})
    assert missing(draft) == "confirm"


@pytest.mark.parametrize(("changed", "gone"), [(name, other) for name, others in RESTS_ON.items() for other in others])
def test_citizen_who_corrects_something_is_asked_what_rested_on_it(changed: str, gone: str) -> None:
    before = {changed: [1, 2] if changed == "when" else "before", gone: VALUES.get(gone, [1, 2])}
    draft = take(Draft("d1", "mediation", before), {changed: [3, 4] if changed == "when" else "after"})
    assert gone not in draft.facts or gone == "when"


def test_citizen_who_changes_the_person_keeps_the_time_as_a_wish() -> None:
    draft = take(told("mediation", "matter", "practitioner", "slot"), {"practitioner": "med-2"})
    assert "slot" not in draft.facts
    assert draft.facts["when"] == [SLOT["start"], SLOT["start"]]


def test_citizen_who_names_a_person_is_not_asked_the_town() -> None:
    assert missing(told("consultation", "mode", "practitioner")) == "slot"
    assert missing(told("mediation", "matter", "mode", "practitioner")) == "slot"


def test_citizen_who_wants_a_lawyer_is_not_asked_the_town_but_one_who_wants_the_village_adviser_is() -> None:
    assert missing(told("consultation", "provider_type", "mode")) == "practitioner"
    adviser = take(Draft("d1", "consultation"), {"provider_type": "village_adviser", "mode": "phone"})
    assert missing(adviser) == "area"


def test_story_answers_what_it_is_about() -> None:
    assert missing(take(Draft("d1", "mediation"), {"story": "楼上漏水"})) == "mode"


def test_remembered_name_is_offered_and_not_asked() -> None:
    draft = take(told("notary", "item", "slot", "consent"), {"remembered": True})
    assert missing(draft) == "contact"
    assert missing(take(draft, {"contact": True, "name": REMEMBERED, "phone": REMEMBERED})) == "confirm"
    assert missing(take(draft, {"contact": False})) == "name"


def test_citizen_is_asked_for_consent_before_any_name() -> None:
    for purpose, names in FIELDS.items():
        if "name" in names:
            personal = [names.index(n) for n in ("name", "phone", "id_number", "inmate", "relation") if n in names]
            assert names.index("consent") < min(personal), purpose


def test_citizen_changes_one_thing_at_the_summary() -> None:
    whole = told("notary", "item", "slot", "consent", "name", "phone")
    assert missing(whole) == "confirm"
    assert missing(take(whole, {"edit": True})) == "edit"
    assert missing(reopened(take(whole, {"edit": True}), "phone")) == "phone"
    assert missing(take(take(whole, {"edit": True}), {"name": "王大明"})) == "confirm"


def test_citizen_goes_on_with_the_earlier_draft_and_what_was_said_since_counts() -> None:
    earlier = told("mediation", "matter", "mode", "area")
    new = take(Draft("d2", "mediation", earlier=earlier.to_json()), {"mode": "phone"})
    assert missing(new) == "resume"
    going_on = resumed(new)
    assert going_on.id == "d1", "the same request, whatever was asked in between"
    assert going_on.facts["mode"] == "phone"
    assert missing(going_on) == "practitioner"


def test_facts_of_another_kind_do_not_leak_into_the_earlier_draft() -> None:
    new = take(Draft("d2", "notary", earlier=told("mediation", "matter").to_json()), {"item": "遗嘱"})
    assert "item" not in resumed(new).facts


def test_failures_are_counted_at_one_field_only() -> None:
    draft = asking(Draft("d1", "mediation"), "matter")
    draft = left_at(left_at(draft, "matter", failed=True), "matter", failed=True)
    assert draft.failures == 2
    assert asking(draft, "mode").failures == 0
    assert left_at(draft, "matter", failed=False).failures == 0


def test_five_taps_are_one_request_and_another_time_is_another() -> None:
    draft, slot = told("mediation", "matter"), Slot(**SLOT)
    keys = {request_key(draft, wish_of(draft, "me"), slot) for _ in range(5)}
    assert len(keys) == 1
    assert request_key(draft, wish_of(draft, "me"), Slot(**OTHER)) not in keys
    assert request_key(Draft("d2", "mediation"), wish_of(draft, "me"), slot) not in keys


def test_anybody_and_anywhere_restrict_nothing() -> None:
    wish = wish_of(take(Draft("d1", "mediation"), {"area": ANY, "practitioner": ANY, "matter": "other"}), "me")
    assert (wish.area, wish.practitioner, wish.matter) == ("", "", "")


@pytest.mark.parametrize("purpose", FIELDS)
def test_draft_comes_back_from_json_as_it_was(purpose: str) -> None:
    draft = told(purpose, *(name for name in FIELDS[purpose] if name in VALUES))
    draft = asking(Draft(**{**draft.__dict__, "offered": (Slot(**SLOT),), "shown": (("med-1", "林"),)}), "slot")
    import json

    assert Draft.from_json(json.loads(json.dumps(draft.to_json()))) == draft


def test_every_kind_of_service_can_be_booked() -> None:
    assert set(KINDS) <= set(FIELDS)
