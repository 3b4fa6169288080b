"""The client of WeChat's platform against a fake one, with the token in a real Valkey."""

from __future__ import annotations

import asyncio
import json
import logging
import traceback
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.channels.wechat import client, wire
from bot.channels.wechat.client import Platform
from bot.errors import CitizenUnreachable, ContentRefused, NotPermitted, PlatformBusy, PlatformDown, WeChatError
from tests.store.wechat_calls import SEND, STABLE, TEXT, Open
from tests.wechat_platform import SECRET, FakePlatform, code, gives, said, silence

NAME = "shared/data/wechat/outbound_samples.json"
SAMPLES = next((each / NAME for each in Path(__file__).resolve().parents[3:5] if (each / NAME).is_file()), None)


async def test_citizen_reads_chinese_and_no_escapes(fake: FakePlatform, opened: Open) -> None:
    await opened().send("o1", {"msgtype": "text", "text": {"content": '您好👋 "引号" \\u60a8\n\ud83d 第二行'}})
    raw = fake.asked[-1][2].decode()
    assert "您好👋" in raw
    assert json.loads(raw)["text"]["content"] == '您好👋 "引号" \\u60a8\n? 第二行'
    assert json.loads(raw)["touser"] == "o1"


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        *((each, CitizenUnreachable) for each in (40003, 43004, 43019, 43101, 45015, 45047, 48002, 50005)),
        *((each, NotPermitted) for each in (48001, 40013, 40164, 41001)),
        *((each, ContentRefused) for each in (45002, 40033, 44004, 47003, 99999)),
    ],
)
async def test_caller_learns_what_kind_of_refusal_it_is(
    fake: FakePlatform, opened: Open, number: int, kind: type[WeChatError]
) -> None:
    fake.next[SEND] = [code(number, "said so")]
    with pytest.raises(kind) as raised:
        await opened().send("o1", TEXT)
    assert (type(raised.value), raised.value.code, raised.value.reason) == (kind, number, "said so")
    assert fake.count(SEND) == 1, "trying again does not help"


@pytest.mark.parametrize("number", [-1, 45011])
async def test_client_tries_again_a_little_later_when_the_platform_is_busy(
    fake: FakePlatform, opened: Open, number: int
) -> None:
    fake.next[SEND] = [code(number), code(number)]
    await opened().send("o1", TEXT)
    assert fake.count(SEND) == 3


async def test_client_leaves_the_platform_alone_when_the_days_quota_is_spent(fake: FakePlatform, opened: Open) -> None:
    fake.next[SEND] = [code(45009)]
    with pytest.raises(PlatformBusy):
        await opened().send("o1", TEXT)
    assert fake.count(SEND) == 1


async def test_client_gives_up_when_the_platform_stays_busy(fake: FakePlatform, opened: Open) -> None:
    fake.next[SEND] = [code(-1, "system error")] * 10
    with pytest.raises(PlatformBusy):
        await opened().send("o1", TEXT)
    assert fake.count(SEND) == 3


BAD_ANSWERS = {
    "html": gives(lambda: web.Response(text="<html>维护中</html>", content_type="text/html")),
    "nothing": gives(lambda: web.Response(text="")),
    "a list": gives(lambda: said([])),
    "a code that is no number": gives(lambda: said({"errcode": "abc"})),
    "deep": gives(lambda: web.Response(text="[" * 100_000)),
    "502": gives(lambda: said({"errcode": 0}, status=502)),
    "another place": gives(lambda: web.Response(status=302, headers={"Location": "/elsewhere"})),
    "endless": gives(lambda: web.Response(body=b" " * (wire.MAX_ANSWER + 1))),
    "no UTF-8": gives(lambda: web.Response(body=b"\xff\xfe{}")),
    "silence": silence,
}


@pytest.mark.parametrize("name", BAD_ANSWERS)
async def test_caller_knows_that_nobody_knows_when_the_answer_is_none(
    fake: FakePlatform, opened: Open, name: str
) -> None:
    fake.next[SEND] = [BAD_ANSWERS[name]]
    with pytest.raises(PlatformDown):
        await opened().send("o1", TEXT)
    assert fake.count(SEND) == 1, "it may have been sent: a second try could double it"
    assert fake.count("/elsewhere") == 0


@pytest.mark.parametrize("answer", [{}, {"errcode": None}, {"msgid": 1}])
async def test_caller_knows_that_nobody_knows_when_the_answer_does_not_say_that_it_was_done(
    fake: FakePlatform, opened: Open, answer: dict[str, Any]
) -> None:
    platform = opened()
    for path, asked in (
        (SEND, platform.send("o1", TEXT)),
        ("/cgi-bin/message/template/send", platform.template("o1", "t", {})),
        ("/cgi-bin/message/subscribe/bizsend", platform.subscription_notice("o1", "t", {})),
        ("/cgi-bin/menu/create", platform.create_menu({"button": []})),
    ):
        fake.next[path] = [gives(lambda: said(answer))]
        with pytest.raises(PlatformDown):
            await asked
        assert fake.count(path) == 1


@pytest.mark.parametrize(
    "menu", [[], "x", {"button": {"a": 1}}, {"button": ["x"]}, {"button": [{"name": "a", "sub_button": {"list": []}}]}]
)
async def test_operator_is_told_that_a_menu_of_another_form_is_no_answer(
    fake: FakePlatform, opened: Open, menu: Any
) -> None:
    fake.next["/cgi-bin/menu/get"] = [gives(lambda: said({"menu": menu}))]
    with pytest.raises(PlatformDown):
        await opened().menu()


@pytest.mark.parametrize("expires", ["7200", 7200.0, 7200])
async def test_token_is_good_however_its_seconds_are_written(fake: FakePlatform, opened: Open, expires: Any) -> None:
    fake.expires = expires
    await opened().send("o1", TEXT)
    assert fake.count(STABLE) == 1


@pytest.mark.parametrize("expires", ["soon", None, True, 0, -1, "nan", []])
async def test_token_without_a_time_is_none(fake: FakePlatform, opened: Open, expires: Any) -> None:
    fake.expires = expires
    with pytest.raises(PlatformBusy):
        await opened().send("o1", TEXT)


@pytest.mark.parametrize("name", BAD_ANSWERS)
async def test_caller_knows_that_nothing_was_sent_when_there_was_no_token(
    fake: FakePlatform, opened: Open, name: str
) -> None:
    fake.next[STABLE] = [BAD_ANSWERS[name]]
    with pytest.raises(PlatformBusy):
        await opened().send("o1", TEXT)
    assert fake.count(SEND) == 0


async def test_caller_knows_that_nothing_was_sent_when_nobody_listens(opened: Open) -> None:
    with pytest.raises(PlatformBusy):
        await opened(base="http://127.0.0.1:1").send("o1", TEXT)


async def test_client_goes_through_the_proxy_of_the_settings(fake: FakePlatform, opened: Open) -> None:
    platform = opened(base="http://api.weixin.example", proxy=fake.base)
    await platform.send("o1", TEXT)
    assert fake.count(SEND) == 1


async def test_nobody_reads_token_or_secret_in_logs_and_errors(
    fake: FakePlatform, opened: Open, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    shown = []
    leaky = code(40003, f"no such person access_token={'token-1-' + 'x' * 100} secret={SECRET} {'o' * 28}")
    for act in (leaky, silence, code(48001), BAD_ANSWERS["html"]):
        fake.next[SEND] = [act]
        fake.next["/sns/oauth2/access_token"] = [act]
        platform = opened()
        for asked in (platform.send("o1", TEXT), platform.user_of("c0de")):
            with pytest.raises(WeChatError) as raised:
                await asked
            shown += [
                repr(raised.value),
                *traceback.format_exception(raised.value),
                repr(platform),
                repr(platform._wire),
            ]
            assert raised.value.__context__ is None, "the client's own errors know the address"
    told = "\n".join([*shown, *(str(vars(record)) for record in caplog.records if record.name != "aiohttp.access")])
    assert "xxxx" not in told
    assert SECRET not in told
    assert "o" * 28 not in told


async def test_notice_takes_its_fields_and_gives_its_id(fake: FakePlatform, opened: Open) -> None:
    platform = opened()
    data = {"thing1": "预约提醒", "time2": "2026年11月26日 09:45"}
    assert await platform.template("o1", "tpl", data, "https://t.example/me") == "200228332"
    assert fake.body() == {
        "touser": "o1", "template_id": "tpl", "url": "https://t.example/me",
        "data": {"thing1": {"value": "预约提醒"}, "time2": {"value": "2026年11月26日 09:45"}},
    }  # fmt: skip
    await platform.subscription_notice("o1", "tpl", data)
    assert fake.asked[-1][0] == "/cgi-bin/message/subscribe/bizsend"
    assert "page" not in fake.body()


async def test_citizen_sees_that_an_answer_is_being_written(fake: FakePlatform, opened: Open) -> None:
    platform = opened()
    await platform.typing("o1", True)
    await platform.typing("o1", False)
    assert [fake.body(-2)["command"], fake.body()["command"]] == ["Typing", "CancelTyping"]
    fake.next["/cgi-bin/message/custom/typing"] = [code(45080), code(45081), code(48001)]
    await platform.typing("o1", True)
    await platform.typing("o1", True)
    with pytest.raises(NotPermitted):
        await platform.typing("o1", True)


async def test_staff_can_get_a_voice_message_and_no_error_in_its_place(
    fake: FakePlatform, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    media = "/cgi-bin/media/get"
    platform = opened()
    fake.next[media] = [gives(lambda: web.Response(body=b"#!AMR\n123", content_type="audio/amr"))]
    assert await platform.media("m1") == wire.Download(b"#!AMR\n123", "audio/amr")
    assert fake.asked[-1][1]["media_id"] == "m1"
    fake.next[media] = [code(40007, "invalid media_id")]
    with pytest.raises(ContentRefused):
        await platform.media("m1")
    for content_type in ("text/html", "image/jpeg", "application/octet-stream"):
        error = b'{"errcode":40007,"errmsg":"invalid media_id"}'
        fake.next[media] = [gives(lambda t=content_type, e=error: web.Response(body=e, content_type=t))]
        with pytest.raises(ContentRefused):
            await platform.media("m1")
    monkeypatch.setattr(wire, "MAX_MEDIA", 1000)
    for content_type, content in (("text/html", b"<html>"), ("image/png", b""), ("image/png", b"1" * 1001)):
        fake.next[media] = [gives(lambda t=content_type, c=content: web.Response(body=c, content_type=t))]
        with pytest.raises(PlatformDown):
            await platform.media("m1")


async def test_operator_gets_codes_for_good_and_for_a_time(fake: FakePlatform, opened: Open) -> None:
    platform = opened()
    made = await platform.qr_code("v_440515106203", None)
    assert made.url == "http://weixin.qq.com/q/kZgfwMTm72"
    assert fake.body() == {
        "action_name": "QR_LIMIT_STR_SCENE",
        "action_info": {"scene": {"scene_str": "v_440515106203"}},
    }
    await platform.qr_code("v_440515106203", 99_999_999)
    assert (fake.body()["action_name"], fake.body()["expire_seconds"]) == ("QR_STR_SCENE", 2_592_000)
    assert (await platform.picture(made)).content.startswith(b"\x89PNG")
    assert fake.asked[-1][1] == {"ticket": made.ticket}


async def test_page_gets_one_ticket_for_all_processes(fake: FakePlatform, opened: Open) -> None:
    tickets = await asyncio.gather(*(opened().ticket() for _ in range(5)))
    assert len(set(tickets)) == 1
    assert fake.count("/cgi-bin/ticket/getticket") == 1


async def test_page_learns_who_opened_it_and_who_only_previews(fake: FakePlatform, opened: Open) -> None:
    path = "/sns/oauth2/access_token"
    fake.next[path] = [gives(lambda: said({"openid": "o1", "access_token": "t"}))]
    assert await opened().user_of("c0de") == client.OAuthUser("o1", False)
    fake.next[path] = [gives(lambda: said({"openid": "o1", "is_snapshotuser": 1}))]
    assert await opened().user_of("c0de") == client.OAuthUser("o1", True)
    fake.next[path] = [gives(lambda: said({"unionid": "u"}))]
    with pytest.raises(PlatformDown):
        await opened().user_of("c0de")


@pytest.mark.skipif(SAMPLES is None, reason="the published samples do not lie beside the clone")
async def test_published_samples_go_out_and_come_back_as_they_are(fake: FakePlatform, opened: Open) -> None:
    assert SAMPLES is not None
    samples = json.loads(SAMPLES.read_text("utf-8"))
    platform = opened()
    counts = {"customer_service_json": 0, "api_response_json": 0}
    for sample in samples:
        if sample["kind"] == "customer_service_json":
            message = {name: value for name, value in sample["payload"].items() if name != "touser"}
            await platform.send(sample["payload"]["touser"], message)
            assert fake.body() == sample["payload"], sample["name"]
        elif sample["kind"] == "api_response_json":
            fake.next[SEND] = [gives(lambda body=sample["body"]: web.Response(text=body))] * 2
            await _answers_as_documented(platform, sample["payload"])
            fake.next[SEND] = []
        else:
            continue
        counts[sample["kind"]] += 1
    assert all(counts.values())


async def _answers_as_documented(platform: Platform, payload: dict[str, Any]) -> None:
    if not payload["errcode"]:
        await platform.send("o1", TEXT)
        return
    with pytest.raises(WeChatError) as raised:
        await platform.send("o1", TEXT)
    assert (raised.value.code, raised.value.reason) == (payload["errcode"], payload["errmsg"])
