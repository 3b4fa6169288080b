"""By which way a notice goes, what it costs, until when it is of use, and what a citizen under threat asked for."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from bot.booking.timers import TOLD
from bot.directory.hours import SHANGHAI
from bot.errors import InvalidImport
from bot.legal_aid.words import WORDS as AID
from bot.notices.words import WORDS
from bot.reach.importer import read_templates
from bot.reach.model import CALL, QUOTAS, TOPICS, Means, Route, Safe, Standing, Template, Window, opened, route
from bot.reach.ports import Said
from bot.reach.records import CALL_LEAD, Job, deadline, wait
from bot.reach.words import NEUTRAL, template_data
from tests.store.reach_world import CHANGE, FIELDS, MEANS, PLAIN, REMINDER

NOW = int(datetime(2026, 11, 25, 10, tzinfo=SHANGHAI).timestamp())
OPEN = {"message": Window(1, NOW + 60)}
SHARED = Means({"reminder": Template("one", FIELDS), "change": Template("one", FIELDS)})


def standing(**known: object) -> Standing:
    return Standing(**{"wechat": True, "followed": True, **known})  # type: ignore[arg-type]


def test_every_notice_of_the_program_has_a_topic() -> None:
    assert set(TOPICS) == set(WORDS) | set(AID)
    assert set(TOLD.values()) <= set(TOPICS)


def test_quotas_are_those_of_the_platform() -> None:
    hours = {trigger: (quota.messages, quota.seconds) for trigger, quota in QUOTAS.items()}
    assert hours == {"message": (5, 172_800), "menu": (3, 60), "subscribe": (3, 60), "scan": (3, 60)}
    for trigger, quota in QUOTAS.items():
        assert NOW < opened(trigger, NOW).until < NOW + quota.seconds, "never later than the platform's own"


@pytest.mark.parametrize(
    ("known", "what", "way"),
    [
        ({"windows": OPEN, "permissions": {REMINDER: 1}}, "reminder_day", Route("service")),
        ({"windows": {"message": Window(0, NOW + 60)}, "permissions": {REMINDER: 1}}, "reminder_day", Route("subscription", REMINDER)),
        ({"windows": {"message": Window(5, NOW)}, "permissions": {REMINDER: 1}}, "reminder_day", Route("subscription", REMINDER)),
        ({"permissions": {CHANGE: 3}}, "reminder_day", Route("template", PLAIN)),
        ({"permissions": {CHANGE: 1}}, "moved", Route("subscription", CHANGE)),
        ({"followed": False}, "reminder_day", CALL),
        ({}, "moved", CALL),
        ({"wechat": False}, "reminder_day", Route("page")),
        ({"windows": OPEN, "safe": Safe(quiet=True)}, "reminder_day", CALL),
    ],
)  # fmt: skip
def test_citizen_is_told_by_the_surest_way_left(known: dict[str, object], what: str, way: Route) -> None:
    assert route(standing(**known), what, NOW, MEANS) == way


def test_last_permission_is_kept_for_the_reminder_while_one_is_ahead() -> None:
    one, two = standing(permissions={"one": 1}), standing(permissions={"one": 2})
    assert route(one, "moved", NOW, SHARED) == CALL
    assert route(one, "reminder_quarter", NOW, SHARED) == CALL
    assert route(two, "moved", NOW, SHARED) == Route("subscription", "one")
    assert route(one, "reminder_day", NOW, SHARED) == Route("subscription", "one")
    assert route(one, "moved", NOW, SHARED, reminder_ahead=False) == Route("subscription", "one")


def test_way_that_was_refused_is_not_taken_again() -> None:
    rich = standing(windows=OPEN, permissions={REMINDER: 1})
    tried: frozenset[str] = frozenset()
    taken = []
    while (chosen := route(rich, "reminder_day", NOW, MEANS, tried)) != CALL:
        taken.append(chosen.way)
        tried |= {chosen.name}
    assert taken == ["service", "subscription", "template"]


def test_account_without_the_right_sends_no_service_message() -> None:
    assert route(standing(windows=OPEN), "moved", NOW, Means(service=False)) == CALL


def test_sms_comes_after_everything_of_wechats() -> None:
    assert route(standing(), "moved", NOW, Means(sms=True)) == Route("sms")
    assert route(standing(windows=OPEN), "moved", NOW, Means(sms=True)) == Route("service")


@pytest.mark.parametrize(
    ("clock", "next_clock"), [("07:59", "08:00"), ("08:00", "08:00"), ("17:59", "17:59"), ("18:00", "08:00"), ("23:30", "08:00")]
)  # fmt: skip
def test_citizen_who_asked_for_hours_is_told_within_them(clock: str, next_clock: str) -> None:
    at = datetime.fromisoformat(f"2026-11-25T{clock}:00+08:00").timestamp()
    moment = Safe(hours=(8, 18)).next_moment(at)
    assert f"{datetime.fromtimestamp(moment, SHANGHAI):%H:%M}" == next_clock
    assert 0 <= moment - at < 86_400


def test_notice_leaves_the_staff_time_to_call() -> None:
    start = NOW + 86_400
    assert deadline("reminder_day", start, NOW) == (start - CALL_LEAD, start)
    late, by = deadline("reminder_quarter", start, start - 900)
    assert start - 900 < late < by == start
    soon, by = deadline("moved", NOW + 1800, NOW)
    assert NOW < soon < by == NOW + 1800
    assert deadline("declined", NOW - 60, NOW) == (NOW, NOW)
    assert NOW < deadline("aid_granted", 0, NOW)[0] < deadline("aid_granted", 0, NOW)[1]


def test_busy_platform_is_left_alone_longer_each_time() -> None:
    waits = [wait(tries) for tries in range(1, 8)]
    assert waits == sorted(waits)
    assert waits[0] == 30
    assert waits[-1] == 900


def test_job_is_read_as_it_was_kept() -> None:
    job = Job("1-0", "p", "moved", "R", 5, "busy", "service", "subscription:x", 2, frozenset({"a", "b:c"}), "-1", 9, 7)
    assert Job.from_fields(job.to_fields()) == job
    assert job.permission == "x"


def test_templates_fields_are_as_long_as_the_platform_takes() -> None:
    said = Said(NEUTRAL, NOW)
    data = template_data({"thing1": "what", "phrase9": "note", "time2": "when"}, "moved", "R" * 40, Said(NEUTRAL), NOW)
    assert len(data["phrase9"]) <= 5
    assert data["time2"] == "2026年11月25日 10:00"
    told = template_data(FIELDS, "moved", "26-ABCD-EFGH", Said(NEUTRAL.__class__("明天见"), NOW + 3600), NOW)
    assert told["character_string3"] == "26-ABCD-EFGH"
    assert told["time2"] == "2026年11月25日 11:00"
    assert "26-ABCD" not in "".join(template_data(FIELDS, "moved", "26-ABCD-EFGH", said, NOW).values())
    assert "预约" not in "".join(template_data(FIELDS, "reminder_day", "26-ABCD-EFGH", said, NOW).values())


def test_operator_lists_templates_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "wechat_templates.csv"
    assert read_templates(path, service=True) == Means()
    path.write_text("topic,way,template,fields\nreminder,subscription,abc_1,thing1=what time2=when\n", "utf-8")
    means = read_templates(path, service=False)
    assert means == Means({"reminder": Template("abc_1", {"thing1": "what", "time2": "when"})}, service=False)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("party,subscription,a,thing1=what", "2:1: topic 'party' is none of"),
        ("reminder,letter,a,thing1=what", "2:2: way 'letter' is none of"),
        ("reminder,template,a b,thing1=what", "2:3: template 'a b' is not"),
        ("reminder,template,a,thing1=name", "2:4: fields 'thing1=name' is not"),
        ("reminder,template,a,", "2:4: fields '' is not"),
        ("reminder,template,a,thing1=what\nreminder,template,b,thing1=what", "3:1: reminder by template stands"),
    ],
)
def test_operator_is_told_which_cell_is_wrong(tmp_path: Path, row: str, said: str) -> None:
    path = tmp_path / "wechat_templates.csv"
    path.write_text(f"topic,way,template,fields\n{row}\n", "utf-8")
    with pytest.raises(InvalidImport) as refused:
        read_templates(path, service=True)
    assert refused.value.problems[0].startswith(f"wechat_templates.csv:{said}")
