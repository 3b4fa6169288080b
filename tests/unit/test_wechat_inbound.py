"""What each kind of push means."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.channels.wechat.inbound import ALL_TAKEN_BACK, CLOCK_SECONDS, RETRIED_SECONDS, Outcome, Permission, read
from bot.channels.wechat.messages import parse
from bot.conversation.model import Media, Place
from bot.directory.hours import SHANGHAI
from tests.wechat import event, push, subscription, text

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=SHANGHAI)


def arrival(body: str):
    return read(parse(body), NOW)


@pytest.mark.parametrize(
    ("body", "kind", "said", "trigger"),
    [
        (text("你好"), "text", "你好", "message"),
        (text("约调解", bizmsgmenuid="a1b2c3.0"), "text", "约调解", "menu"),
        (push("voice", MediaId="m", Format="amr", Recognition="莲下的调解员"), "text", "莲下的调解员", "message"),
        (push("voice", MediaId="m", Format="amr", Recognition=" "), "voice", "voice", "message"),
        (push("voice"), "unsupported", "voice", "message"),
        (push("image", PicUrl="http://p", MediaId="m"), "photo", "image", "message"),
        (push("video", MediaId="m"), "unsupported", "video", "message"),
        (push("shortvideo", MediaId="m"), "unsupported", "shortvideo", "message"),
        (push("link", Url="u"), "unsupported", "link", "message"),
        (push("file", Title="t"), "unsupported", "file", "message"),
        (push("Text", Content="你好"), "text", "你好", "message"),
        (event("subscribe"), "follow", "", "subscribe"),
        (event("CLICK", "/book"), "payload", "/book", "menu"),
        (event("scancode_waitmsg", "/find"), "payload", "/find", "menu"),
        (event("SCAN", "village-12"), "scan", "", "scan"),
    ],
)
def test_message_goes_into_the_conversation(body: str, kind: str, said: str, trigger: str) -> None:
    found = arrival(body)
    assert found.said is not None
    assert (found.said.kind, found.said.body, found.trigger, found.known) == (kind, said, trigger, True)
    assert (found.said.channel, found.said.user) == ("wechat", "oUser1")
    assert found.said.message_id


@pytest.mark.parametrize(
    ("name", "trigger"),
    [
        ("unsubscribe", "unsubscribe"), ("VIEW", None), ("LOCATION", None), ("location_select", None),
        ("pic_sysphoto", None), ("MASSSENDJOBFINISH", None), ("kf_create_session", None), ("kf_close_session", None),
        ("kf_switch_session", None), ("CLICK", "menu"), ("scancode_push", "menu"),
        ("user_info_modified", None),
    ],
)  # fmt: skip
def test_event_that_nobody_said_is_not_answered(name: str, trigger: str | None) -> None:
    found = arrival(event(name, "not a payload"))
    assert (found.said, found.trigger, found.known) == (None, trigger, True)


@pytest.mark.parametrize(
    "body",
    [
        event("never_seen"),
        push("hologram", msg_id=""),
        push("hologram", user=""),
        push("device_text"),
        push("hardware"),
        push("transfer_customer_service"),
        push("device_event", Event="bind"),
        push(""),
        "<xml><a>1</a></xml>",
    ],
)
def test_push_that_nobody_knows_is_typed_as_such(body: str) -> None:
    found = arrival(body)
    assert (found.said, found.trigger, found.known) == (None, None, False)


@pytest.mark.parametrize("kind", ["miniprogrampage", "music", "hologram"])
def test_message_of_a_kind_that_nobody_knows_is_still_a_citizens(kind: str) -> None:
    found = arrival(push(kind))
    assert found.said is not None
    assert (found.said.kind, found.said.body, found.trigger, found.known) == ("unsupported", kind, "message", False)


@pytest.mark.parametrize(
    "words", ["【收到不支持的消息类型，暂无法显示】", "[收到不支持的消息类型,暂时无法显示]", " [Unsupported Message]"]
)
def test_wechats_own_words_for_a_sticker_are_not_the_citizens(words: str) -> None:
    found = arrival(text(words))
    assert found.said is not None
    assert (found.said.kind, found.trigger) == ("unsupported", "message")
    quoted = arrival(text(f"你们发的{words}是什么")).said
    assert quoted is not None
    assert quoted.kind == "text"


@pytest.mark.parametrize("name", ["user_authorization_revoke", "user_authorization_cancellation"])
def test_citizen_who_takes_back_what_wechat_may_tell_of_them_is_let_go(name: str) -> None:
    first, other = (arrival(event(name, user="oPlatform", OpenID=openid)) for openid in ("oA", "oB"))
    assert (first.user, first.trigger, first.said) == ("wechat:oA", "unsubscribe", None)
    assert first.identity != other.identity
    assert arrival(event(name, user="oPlatform")).trigger is None


def test_location_is_a_place_with_north_first() -> None:
    said = arrival(push("location", Location_X="23.13", Location_Y="116.76", Label="莲下镇")).said
    assert said is not None
    assert (said.kind, said.place) == ("place", Place(23.13, 116.76, "莲下镇"))


@pytest.mark.parametrize(("x", "y"), [("", ""), ("nan", "1"), ("inf", "1"), ("95", "1"), ("1", "200"), ("x", "1")])
def test_location_that_is_none_on_earth_is_unreadable(x: str, y: str) -> None:
    said = arrival(push("location", Location_X=x, Location_Y=y)).said
    assert said is not None
    assert (said.kind, said.place) == ("unsupported", None)


def test_voice_without_words_says_where_it_can_be_heard() -> None:
    said = arrival(push("voice", MediaId="m1", Format="speex")).said
    assert said is not None
    assert said.media == Media("m1", "voice", "speex")


@pytest.mark.parametrize(
    ("body", "scene"),
    [
        (event("subscribe", "qrscene_village-12"), "village-12"),
        (event("subscribe", "last_trade_no_1"), ""),
        (event("SCAN", "village-12"), "village-12"),
        (event("scan", "qrscene_7"), "7"),
    ],
)
def test_scanned_code_names_its_scene(body: str, scene: str) -> None:
    said = arrival(body).said
    assert said is not None
    assert said.scene == scene


SUBSCRIPTION = "<TemplateId>T1</TemplateId><SubscribeStatusString>{}</SubscribeStatusString>"


@pytest.mark.parametrize("json_like", [False, True])
@pytest.mark.parametrize(
    ("name", "wrapper", "status", "counts"),
    [
        ("subscribe_msg_popup_event", "SubscribeMsgPopupEvent", "accept", [1]),
        ("subscribe_msg_popup_event", "SubscribeMsgPopupEvent", "reject", []),
        ("subscribe_msg_change_event", "SubscribeMsgChangeEvent", "reject", [ALL_TAKEN_BACK]),
        ("subscribe_msg_change_event", "SubscribeMsgChangeEvent", "accept", []),
    ],
)
def test_permission_given_refused_or_taken_back_is_read(
    name: str, wrapper: str, status: str, counts: list[int], json_like: bool
) -> None:
    inner = f"<List>{SUBSCRIPTION.format(status)}</List>"
    body = event(name).replace("</xml>", (inner if json_like else f"<{wrapper}>{inner}</{wrapper}>") + "</xml>")
    assert arrival(body).permissions == tuple(Permission("T1", count) for count in counts)


def accepted(template: str) -> dict[str, str]:
    return {"TemplateId": template, "SubscribeStatusString": "accept"}


def told(number: str, status: str = "success", template: str = "T1") -> dict[str, str]:
    return {
        "TemplateId": template,
        "MsgID": number,
        "ErrorCode": "0" if status == "success" else "2",
        "ErrorStatus": status,
    }


def test_several_permissions_at_once_are_all_read() -> None:
    body = subscription("popup", accepted("T1"), accepted("T1"))
    assert arrival(body).permissions == (Permission("T1", 1), Permission("T1", 1))


def test_outcome_of_notices_is_read() -> None:
    failed = event("TEMPLATESENDJOBFINISH", MsgID="200163836", Status="failed:user block")
    assert arrival(failed).outcomes == (Outcome("200163836", False, "failed:user block"),)
    sent = subscription("sent", told("7"), told("8", "user refuse", "T2"))
    assert arrival(sent).outcomes == (Outcome("7", True, "success", "T1"), Outcome("8", False, "user refuse", "T2"))


@pytest.mark.parametrize(
    "body",
    [
        event("TEMPLATESENDJOBFINISH", Status="success"),
        subscription("sent", told("")),
        subscription("sent", told("7", template="")),
    ],
)
def test_outcome_of_nobody_knows_which_notice_is_none(body: str) -> None:
    assert arrival(body).outcomes == ()


@pytest.mark.parametrize(
    "body",
    [
        subscription("popup", accepted("T1"), user=""),
        subscription("sent", told("7"), user=""),
        event("TEMPLATESENDJOBFINISH", MsgID="7", Status="success", user=""),
    ],
)
def test_permission_and_outcome_of_nobody_are_not_kept(body: str) -> None:
    found = arrival(body)
    assert (found.permissions, found.outcomes, found.must_be_noted) == ((), (), False)


def test_message_sent_again_is_known_by_its_id_and_events_by_what_they_are() -> None:
    def name(body: str) -> str:
        return arrival(body).identity

    assert name(text("甲", "1")) == name(text("甲", "1"))
    assert len({name(text("甲", "1")), name(text("甲", "2")), name(text("甲", "1", user="oOther"))}) == 3
    jobs = [event("TEMPLATESENDJOBFINISH", MsgID=number) for number in ("1", "2")]
    events = [event("CLICK", "/a"), event("CLICK", "/b"), event("VIEW", "/a"), event("CLICK", "/a", at=1700000001)]
    assert len({name(body) for body in events + jobs}) == 6
    ids = {found.said.message_id for body in events if (found := arrival(body)).said}
    assert len(ids) == 3


@pytest.mark.parametrize(
    "bodies",
    [
        [subscription("sent", told(number)) for number in ("17", "18", "19")],
        [subscription("sent", told("17", status)) for status in ("success", "user refuse")],
        [subscription("popup", accepted(template)) for template in ("T1", "T2")],
        [subscription("popup", accepted("T1")), subscription("popup", accepted("T1"), accepted("T2"))],
    ],
)
def test_events_of_one_second_that_list_different_notices_are_different(bodies: list[str]) -> None:
    assert len({arrival(body).identity for body in bodies}) == len(bodies)
    assert arrival(bodies[0]).identity == arrival(bodies[0]).identity


@pytest.mark.parametrize(
    ("sent", "counts"),
    [(0, 0), (-20, -20), (-300, -RETRIED_SECONDS), (20, 0), (300, 0), (-CLOCK_SECONDS, 0), (CLOCK_SECONDS, 0)],
)
def test_push_counts_from_its_own_time_as_far_as_that_can_be(sent: int, counts: int) -> None:
    at = int(NOW.timestamp()) + sent
    found = arrival(push(at=at, Content="好"))
    assert found.said is not None
    assert found.at == found.said.at == NOW + timedelta(seconds=counts)
    assert arrival(event("unsubscribe", at=at)).at == found.at
