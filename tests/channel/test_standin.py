"""The stand-in for WeChat's platform: as strict as the platform, or nothing that is tried with it is proved."""

from __future__ import annotations

import asyncio
import time
from typing import Any
from xml.etree import ElementTree

import pytest
from aiohttp import web

from bot.channels.wechat import crypto
from tests.channel.standin_world import World, reply, world
from tests.standin import APOLOGY, Account, Fault
from tests.standin.cipher import Broken, seal, sign, unseal

__all__ = ["world"]
HOURS = 3600


def words(bubbles: Any) -> list[str]:
    return [bubble.words for bubble in bubbles]


# Sealing: two hands that never saw each other


@pytest.mark.parametrize("text", ["", "您好", "x" * 32, "]]>&<", "字" * 5000])
def test_each_side_opens_what_the_other_sealed(text: str) -> None:
    account = Account.drawn()
    assert crypto.decrypt(seal(text, account.key, account.app_id), account.aes_key, account.app_id) == text
    assert unseal(crypto.encrypt(text, account.aes_key, account.app_id), account.key, account.app_id) == text
    assert sign("b", "a", "c") == crypto.signature("c", "b", "a")


def test_platform_signs_and_opens_its_own_documented_example() -> None:
    account = Account("AAAAA", "wxba5fad812f8e6fb9", "", "A" * 43)
    sealed = "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ=="
    assert unseal(sealed, account.key, account.app_id) == '{"demo_resp":"good luck"}'
    assert sign(account.token, "1713424427", "415670741", sealed) == "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1"


@pytest.mark.parametrize("change", ["app", "cut", "flip"])
def test_broken_seal_is_not_opened(change: str) -> None:
    account = Account.drawn()
    sealed = seal("您好", account.key, "wxother" if change == "app" else account.app_id)
    if change == "cut":
        sealed = sealed[:-24]
    if change == "flip":
        sealed = ("B" if sealed[0] == "A" else "A") + sealed[1:-6] + "AAAA=="
    with pytest.raises(Broken):
        unseal(sealed, account.key, account.app_id)


# What a phone shows


@pytest.mark.parametrize("world", ["plain", "compatible", "safe"], indirect=True)
async def test_person_reads_the_passive_reply_in_each_mode(world: World) -> None:
    phone = world.standin.phone("oA")
    assert words(await phone.says("您好")) == ["收到您好"]
    assert world.script.heard[0].findtext("MsgId", "").isdigit()


async def wrong(change: str, push: ElementTree.Element) -> str:
    good = reply(push, "好")
    return {
        "json": '{"text": "好"}',
        "unswapped": good.replace(f"<ToUserName>{push.findtext('FromUserName')}", "<ToUserName>oOther"),
        "long": reply(push, "字" * 700),
        "empty": reply(push, " "),
        "kind": reply(push, "好", "hologram"),
        "cdata": good.replace("好", "]]>"),
        "time": good.replace("<CreateTime>1<", "<CreateTime>1.5<"),
    }[change]


@pytest.mark.parametrize("change", ["json", "unswapped", "long", "empty", "kind", "cdata", "time"])
async def test_person_reads_the_apology_and_the_reply_is_a_defect_when_it_is_wrong(world: World, change: str) -> None:
    async def answer(push: ElementTree.Element, _: int) -> str:
        return await wrong(change, push)

    world.script.answer = answer
    assert words(await world.standin.phone("oA").says("您好")) == [APOLOGY]
    assert world.standin.courier.defects.total() == 1


@pytest.mark.parametrize("change", ["nonce", "signature", "plain", "old"])
async def test_person_reads_the_apology_when_the_envelope_is_wrong(world: World, change: str) -> None:
    sealed = world.script.sealed

    def spoiled(body: str, nonce: str) -> str:
        made = sealed(body, "1" if change == "nonce" else nonce)
        if change == "signature":
            return made.replace("<MsgSignature>", "<MsgSignature>0")
        if change == "old":
            return made.replace(f"<TimeStamp>{int(time.time())}", "<TimeStamp>1600000000")
        return body if change == "plain" else made

    world.script.sealed = spoiled  # type: ignore[method-assign]
    assert words(await world.standin.phone("oA").says("您好")) == [APOLOGY]


# Retries


async def test_account_that_is_slow_is_asked_three_times_and_the_last_answer_counts(world: World) -> None:
    async def answer(push: ElementTree.Element, number: int) -> str:
        await asyncio.sleep(0.7 if number < 3 else 0)
        return reply(push, f"第{number}次")

    world.script.answer = answer
    assert words(await world.standin.phone("oA").says("您好")) == ["第3次"]
    assert len({push.findtext("MsgId") for push in world.script.heard}) == 1


async def test_person_reads_the_apology_after_three_silences(world: World) -> None:
    async def answer(_: ElementTree.Element, number: int) -> str:
        await asyncio.sleep(0.7)
        return "success"

    world.script.answer = answer
    assert words(await world.standin.phone("oA").says("您好")) == [APOLOGY]
    assert len(world.script.heard) == 3


async def test_refused_delivery_is_made_again(world: World) -> None:
    async def answer(push: ElementTree.Element, number: int) -> str:
        if number == 1:
            raise web.HTTPInternalServerError
        return reply(push, "好")

    world.script.answer = answer
    assert words(await world.standin.phone("oA").says("您好")) == ["好"]


async def test_answer_lost_on_the_way_makes_the_platform_ask_again(world: World) -> None:
    world.standin.weather.lost = lambda push: 1
    assert words(await world.standin.phone("oA").says("您好")) == ["收到您好"]
    assert len(world.script.heard) == 2


async def test_doubled_delivery_shows_one_answer_if_it_is_one_and_two_if_it_is_two(world: World) -> None:
    world.standin.weather.copies = lambda push: 2
    phone = world.standin.phone("oA")
    assert words(await phone.says("您好")) == ["收到您好"]

    async def answer(push: ElementTree.Element, number: int) -> str:
        return reply(push, f"第{number}次")

    world.script.answer = answer
    assert len(await phone.says("您好")) == 2


async def test_later_message_overtakes_when_the_network_holds_the_first(world: World) -> None:
    world.standin.weather.delay = lambda push: 0.2 if push.fields["Content"] == "一" else 0.0
    seen = await world.standin.phone("oA").says_quickly("一", "二")
    assert words(seen) == ["收到二", "收到一"]


# Quotas


async def test_account_may_send_five_messages_after_a_message_and_three_after_a_follow(world: World) -> None:
    phone = world.standin.phone("oA")
    assert await world.sends("oA", "text", content="早") == 45015
    await phone.follows()
    assert [await world.sends("oA", "text", content="早") for _ in range(4)] == [0, 0, 0, 45047]
    await phone.says("您好")
    assert [await world.sends("oA", "text", content="早") for _ in range(6)] == [0] * 5 + [45047]


async def test_account_may_send_nothing_when_the_time_is_over(world: World) -> None:
    phone = world.standin.phone("oA")
    await phone.says("您好")
    world.standin.clock.ahead = 48 * HOURS - 60  # type: ignore[attr-defined]
    assert await world.sends("oA", "text", content="早") == 0
    world.standin.clock.ahead = 48 * HOURS + 60  # type: ignore[attr-defined]
    assert await world.sends("oA", "text", content="早") == 45015


async def test_quota_is_renewed_and_never_adds_up(world: World) -> None:
    phone = world.standin.phone("oA")
    await phone.says("您好")
    await phone.follows()
    assert [await world.sends("oA", "text", content="早") for _ in range(6)] == [0] * 5 + [45047]


async def test_account_reaches_nobody_who_left_or_never_came(world: World) -> None:
    phone = world.standin.phone("oA")
    await phone.says("您好")
    await phone.unfollows()
    assert await world.sends("oA", "text", content="早") == 43004
    assert await world.sends("oNobody", "text", content="早") == 40003


@pytest.mark.parametrize(
    ("kind", "inner", "code"),
    [
        ("text", {"content": "字" * 683}, 45002), ("text", {"content": ""}, 44004), ("poem", {"content": "诗"}, 40008),
        ("image", {"media_id": "none"}, 40007), ("news", {"articles": [{"title": "a", "url": "http://a"}] * 2}, 45008),
        ("msgmenu", {"head_content": "请选", "list": []}, 47001), ("text", {"content": "您好"}, 0),
        ("news", {"articles": [{"title": "案例", "url": "http://127.0.0.1/law"}]}, 0),
        ("msgmenu", {"head_content": "请选", "list": [{"id": "1", "content": "约调解"}], "tail_content": ""}, 0),
    ],
)  # fmt: skip
async def test_account_is_told_what_is_wrong_with_a_message(
    world: World, kind: str, inner: dict[str, Any], code: int
) -> None:
    await world.standin.phone("oA").says("您好")
    assert await world.sends("oA", kind, **inner) == code


async def test_escaped_characters_are_refused(world: World) -> None:
    await world.standin.phone("oA").says("您好")
    body = {"touser": "oA", "msgtype": "text", "text": {"content": "您好"}}
    assert (await world.call("/cgi-bin/message/custom/send", body))["errcode"] == 40033


async def test_tapped_choice_comes_with_its_id_and_counts_as_a_menu_click(world: World) -> None:
    phone = world.standin.phone("oA")
    await phone.follows()
    assert await world.sends("oA", "msgmenu", head_content="请选", list=[{"id": "m1", "content": "约调解"}]) == 0
    assert words(await phone.taps("约调")) == ["收到约调解"]
    assert world.script.heard[-1].findtext("bizmsgmenuid") == "m1"
    assert [await world.sends("oA", "text", content="早") for _ in range(4)] == [0, 0, 0, 45047]


async def test_menu_link_in_a_text_can_be_tapped(world: World) -> None:
    async def answer(push: ElementTree.Element, number: int) -> str:
        link = '<a href="weixin://bizmsgmenu?msgmenucontent=%E7%BA%A6%E8%B0%83%E8%A7%A3&amp;msgmenuid=7">约</a>'
        return reply(push, f"请选 {link}" if number == 1 else "好")

    world.script.answer = answer
    phone = world.standin.phone("oA")
    await phone.says("您好")
    await phone.taps("约调解")
    assert world.script.heard[-1].findtext("Content") == "约调解"
    assert world.script.heard[-1].findtext("bizmsgmenuid") == "7"


# Tokens


async def token(world: World, **more: Any) -> dict[str, Any]:
    account = world.standin.account
    asked = {"grant_type": "client_credential", "appid": account.app_id, "secret": account.secret}
    return await world.call("/cgi-bin/stable_token", asked | more)


async def test_stable_token_stays_until_its_last_five_minutes_and_both_work_then(world: World) -> None:
    clock, first = world.standin.clock, await token(world)
    assert (await token(world))["access_token"] == first["access_token"]
    clock.ahead = 7200 - 200  # type: ignore[attr-defined]
    second = await token(world)
    assert second["access_token"] != first["access_token"]
    assert second["expires_in"] >= 300
    for given in (first, second):
        world.token = given["access_token"]
        assert "ip_list" in await world.call("/cgi-bin/getcallbackip")
    clock.ahead = 7200 + 1  # type: ignore[attr-defined]
    world.token = first["access_token"]
    assert (await world.call("/cgi-bin/getcallbackip"))["errcode"] == 42001


async def test_forced_refresh_ends_the_old_token_and_is_rationed(world: World) -> None:
    first = await token(world)
    await token(world, force_refresh=True)
    world.token = first["access_token"]
    assert (await world.call("/cgi-bin/getcallbackip"))["errcode"] == 40001
    assert (await token(world, force_refresh=True))["errcode"] == 45011


async def test_ordinary_token_ends_the_one_before_after_five_minutes(world: World) -> None:
    account = world.standin.account
    asked = {"grant_type": "client_credential", "appid": account.app_id, "secret": account.secret}
    first = await world.call("/cgi-bin/token", **asked)
    await world.call("/cgi-bin/token", **asked)
    world.token = first["access_token"]
    assert "ip_list" in await world.call("/cgi-bin/getcallbackip")
    world.standin.clock.ahead = 301  # type: ignore[attr-defined]
    assert (await world.call("/cgi-bin/getcallbackip"))["errcode"] == 42001


@pytest.mark.parametrize(
    ("change", "code"), [({"appid": "wx0"}, 40013), ({"secret": "0"}, 40125), ({"grant_type": "x"}, 40002)]
)
async def test_stranger_gets_no_token(world: World, change: dict[str, str], code: int) -> None:
    assert (await token(world, **change))["errcode"] == code


# Notices


NOTICE = {"touser": "oA", "template_id": "T1", "data": {"thing1": {"value": "明天的调解"}}}


async def test_subscription_message_costs_a_permission_and_its_result_comes_as_an_event(world: World) -> None:
    phone = world.standin.phone("oA")
    assert (await world.call("/cgi-bin/message/subscribe/bizsend", NOTICE))["errcode"] == 40033
    world.standin.templates = {"T1": "提醒"}
    notice = {**NOTICE, "data": {"character_string1": {"value": "YY-1"}}}
    assert (await world.call("/cgi-bin/message/subscribe/bizsend", notice))["errcode"] == 43101
    await phone.grants("T1")
    assert (await world.call("/cgi-bin/message/subscribe/bizsend", notice))["errcode"] == 0
    assert (await world.call("/cgi-bin/message/subscribe/bizsend", notice))["errcode"] == 43101
    await asyncio.sleep(0.1)
    events = [push.findtext("Event") for push in world.script.heard]
    assert events == ["subscribe_msg_popup_event", "subscribe_msg_sent_event"]
    assert world.script.heard[1].findtext("SubscribeMsgSentEvent/List/ErrorStatus") == "success"
    assert words(phone.screen) == ["提醒\nYY-1"]


async def test_template_message_reaches_followers_only_and_reports_its_end(world: World) -> None:
    phone = world.standin.phone("oA")
    notice = {**NOTICE, "data": {"k": {"value": "YY-1"}}}
    sent = await world.call("/cgi-bin/message/template/send", notice)
    await asyncio.sleep(0.1)
    assert world.script.heard[0].findtext("MsgID") == str(sent["msgid"])
    await phone.unfollows()
    assert (await world.call("/cgi-bin/message/template/send", notice))["errcode"] == 43004


# The rest of an account


async def test_menu_is_checked_kept_and_tapped(world: World) -> None:
    assert (await world.call("/cgi-bin/menu/get"))["errcode"] == 46003
    subs = [{"type": "click", "name": "book", "key": "BOOK"}, {"type": "view", "name": "page", "url": "http://a"}]
    menu = {"button": [{"name": "services", "sub_button": subs}]}
    assert (await world.call("/cgi-bin/menu/create", menu))["errcode"] == 0
    assert (await world.call("/cgi-bin/menu/get"))["menu"] == menu
    assert words(await world.standin.phone("oA").taps_menu("book")) == ["收到CLICK"]
    assert (await world.call("/cgi-bin/menu/create", {"button": [{"name": "x" * 17}]}))["errcode"] == 40018
    assert (await world.call("/cgi-bin/menu/delete"))["errcode"] == 0


async def test_page_learns_once_who_opened_it_and_sees_a_snapshot(world: World) -> None:
    account = world.standin.account
    asked = {"appid": account.app_id, "secret": account.secret, "grant_type": "authorization_code"}
    code = world.standin.code_for("oA", snapshot=True)
    opened = await world.call("/sns/oauth2/access_token", code=code, **asked)
    assert (opened["openid"], opened["is_snapshotuser"]) == ("oA", 1)
    assert (await world.call("/sns/oauth2/access_token", code=code, **asked))["errcode"] == 40163
    assert (await world.call("/sns/oauth2/access_token", code="none", **asked))["errcode"] == 40029


async def test_code_with_a_scene_tells_the_scene_to_followers_and_strangers(world: World) -> None:
    scene = {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": "room:1"}}}
    ticket = (await world.call("/cgi-bin/qrcode/create", scene))["ticket"]
    phone = world.standin.phone("oA")
    await phone.scans("room:1")
    await phone.unfollows()
    await phone.scans("room:1")
    said = [(push.findtext("Event"), push.findtext("EventKey")) for push in world.script.heard]
    assert said == [("SCAN", "room:1"), ("unsubscribe", ""), ("subscribe", "qrscene_room:1")]
    assert world.script.heard[0].findtext("Ticket") == ticket


async def test_sent_photo_can_be_fetched(world: World) -> None:
    await world.standin.phone("oA").sends_photo(b"picture")
    media = world.script.heard[0].findtext("MediaId", "")
    query = {"access_token": world.standin.mint.stable(time.time())[0], "media_id": media}
    async with world.session.get(world.standin.base + "/cgi-bin/media/get", params=query) as response:
        assert await response.read() == b"picture"


async def test_fault_spoils_as_many_calls_as_it_was_asked_to(world: World) -> None:
    world.standin.faults.add(Fault("getcallbackip", times=2, code=-1))
    codes = [(await world.call("/cgi-bin/getcallbackip")).get("errcode") for _ in range(3)]
    assert codes == [-1, -1, None]


async def test_typing_sign_needs_a_fresh_word_and_ends_with_a_message(world: World) -> None:
    typing = {"touser": "oA", "command": "Typing"}
    phone = world.standin.phone("oA")
    assert (await world.call("/cgi-bin/message/custom/typing", typing))["errcode"] == 45080
    await phone.says("hi")
    codes = [(await world.call("/cgi-bin/message/custom/typing", typing))["errcode"] for _ in range(2)]
    assert codes == [0, 45081]
    await world.sends("oA", "text", content="好")
    assert (await world.call("/cgi-bin/message/custom/typing", typing))["errcode"] == 0
