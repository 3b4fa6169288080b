"""What belongs to the account: its menu, media, codes with a scene, pages that know who opens them."""

from __future__ import annotations

import secrets
import struct
import zlib
from typing import TYPE_CHECKING, Any

from aiohttp import web
from yarl import URL

from tests.standin.api_bodies import part, read_object
from tests.standin.codes import answer
from tests.standin.tokens import Refused

if TYPE_CHECKING:
    from tests.standin.platform import Standin

MOST_TOP, MOST_SUB = 3, 5
# Bytes: four and eight Chinese characters and a little; keys and addresses.
TOP_NAME, SUB_NAME, KEY, ADDRESS = 16, 60, 128, 1024
WITH_KEY = (
    "click",
    "scancode_push",
    "scancode_waitmsg",
    "pic_sysphoto",
    "pic_photo_or_album",
    "pic_weixin",
    "location_select",
)


async def create_menu(standin: Standin, request: web.Request) -> dict[str, Any]:
    """Answer cgi-bin/menu/create."""
    body = await read_object(request)
    buttons = body.get("button")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= MOST_TOP:
        raise Refused(40016)
    for button in buttons:
        _check(button, TOP_NAME)
    standin.menu = body
    for person in standin.people.values():
        person.stir()
    return answer(0)


def _check(button: dict[str, Any], name_bytes: int) -> None:
    if not 0 < len(str(button.get("name", "")).encode()) <= name_bytes:
        raise Refused(40018)
    if subs := button.get("sub_button"):
        if name_bytes == SUB_NAME or len(subs) > MOST_SUB:
            raise Refused(40023)
        for sub in subs:
            _check(sub, SUB_NAME)
    elif button.get("type") == "view":
        if not 0 < len(str(button.get("url", "")).encode()) <= ADDRESS:
            raise Refused(40020)
    elif button.get("type") in WITH_KEY:
        if not 0 < len(str(button.get("key", "")).encode()) <= KEY:
            raise Refused(40019)
    else:
        raise Refused(40017)


async def get_menu(standin: Standin, _: web.Request) -> dict[str, Any]:
    """Answer cgi-bin/menu/get."""
    if standin.menu is None:
        raise Refused(46003)
    return {"menu": standin.menu}


async def delete_menu(standin: Standin, _: web.Request) -> dict[str, Any]:
    """Answer cgi-bin/menu/delete."""
    standin.menu = None
    return answer(0)


async def get_media(standin: Standin, request: web.Request) -> web.Response:
    """Answer cgi-bin/media/get: the content itself, or an error as JSON."""
    content, content_type = standin.media.get(request.query.get("media_id", ""))
    disposition = {"Content-disposition": f'attachment; filename="media.{content_type.split("/")[1]}"'}
    return web.Response(body=content, content_type=content_type, headers=disposition)


async def upload_media(standin: Standin, request: web.Request) -> dict[str, Any]:
    """Answer cgi-bin/media/upload."""
    field = (await request.post()).get("media")
    if not isinstance(field, web.FileField):
        raise Refused(44004)
    media_id = standin.media.keep(field.file.read(), field.content_type)
    return {"type": request.query.get("type", ""), "media_id": media_id, "created_at": int(standin.clock())}


async def picture(standin: Standin, request: web.Request) -> web.Response:
    """Show a picture by the address that came with it."""
    content, content_type = standin.media.get(request.match_info["id"])
    return web.Response(body=content, content_type=content_type)


async def get_ticket(_: Standin, request: web.Request) -> dict[str, Any]:
    """Answer cgi-bin/ticket/getticket."""
    if request.query.get("type") != "jsapi":
        raise Refused(47003)
    return {**answer(0), "ticket": secrets.token_urlsafe(64), "expires_in": 7200}


async def create_code(standin: Standin, request: web.Request) -> dict[str, Any]:
    """Answer cgi-bin/qrcode/create."""
    body = await read_object(request)
    scene = part(part(body, "action_info"), "scene")
    name = str(scene.get("scene_str") or scene.get("scene_id") or "")
    kinds = ("QR_SCENE", "QR_STR_SCENE", "QR_LIMIT_SCENE", "QR_LIMIT_STR_SCENE")
    if body.get("action_name") not in kinds or not 0 < len(name) <= 64:
        raise Refused(47003)
    ticket = standin.ticket_of(name)
    passing = {} if "LIMIT" in body["action_name"] else {"expire_seconds": int(body.get("expire_seconds", 60))}
    return {"ticket": ticket, "url": f"http://weixin.qq.com/q/{ticket[:20]}", **passing}


async def show_code(standin: Standin, request: web.Request) -> web.Response:
    """Answer cgi-bin/showqrcode with a picture; it is grey, for no camera looks at it."""
    if request.query.get("ticket") not in standin.scenes:
        raise web.HTTPNotFound
    return web.Response(body=_grey(), content_type="image/png")


def _grey() -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\x80")) + chunk(b"IEND", b"")


async def callback_addresses(*_: Any) -> dict[str, Any]:
    """Answer cgi-bin/getcallbackip."""
    return {"ip_list": ["127.0.0.1"]}


async def open_code(standin: Standin, request: web.Request) -> dict[str, Any]:
    """Answer sns/oauth2/access_token: who opened a page. A code is good for one use."""
    asked = request.query
    if asked.get("appid") != standin.account.app_id:
        raise Refused(40013)
    if asked.get("secret") != standin.account.secret:
        raise Refused(40125)
    code = asked.get("code", "")
    if code in standin.used_codes:
        raise Refused(40163)
    if code not in standin.codes or asked.get("grant_type") != "authorization_code":
        raise Refused(40029)
    openid, snapshot = standin.codes.pop(code)
    standin.used_codes.add(code)
    return {
        "access_token": secrets.token_urlsafe(64), "expires_in": 7200, "refresh_token": secrets.token_urlsafe(64),
        "openid": openid, "scope": "snsapi_base", **({"is_snapshotuser": 1} if snapshot else {}),
    }  # fmt: skip


async def authorise(standin: Standin, request: web.Request) -> web.Response:
    """Send the phone that opens a page back to it with a code. The cookie is of the page of phones: whose phone it is."""
    openid = request.query.get("phone") or request.cookies.get("standin_phone", "")
    if openid not in standin.people or request.query.get("appid") != standin.account.app_id:
        raise web.HTTPBadRequest(text="no such phone or account")
    back = URL(request.query.get("redirect_uri", ""))
    if back.scheme not in ("http", "https"):
        raise web.HTTPBadRequest(text="no page to go back to")
    query = {"code": standin.code_for(openid), "state": request.query.get("state", "")}
    raise web.HTTPFound(back.update_query(query))
