"""`chengfatong wechat menu push | check` and `wechat qr`."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from ruamel.yaml import YAML

from bot.areas.importer import read_areas
from bot.channels.wechat.client import Platform
from bot.channels.wechat.menu import FILE, Menu, differences, read_menu
from bot.conversation.scenes import Kind, Scene, scene_text
from bot.errors import ChengfatongError, SettingError
from bot.platform.settings import ROOT, Settings

# What an operator calls the three kinds, and where the ids of the last two stand.
KINDS: dict[str, Kind] = {"village": "village", "room": "place", "staff": "staff"}
FILES = {"place": "places.csv", "staff": "people.csv"}
DAY = 24 * 3600
ENDINGS = {"image/png": ".png", "image/jpeg": ".jpg", "image/jpg": ".jpg"}


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Platform]:
    """Open the platform for one command. It gets its own token, which WeChat makes the same for all who ask."""
    if not settings.wechat_api:
        raise SettingError("WECHAT_APP_ID and WECHAT_APP_SECRET must be set to call WeChat's platform.")
    platform = Platform.of(settings)
    try:
        yield platform
    finally:
        await platform.close()


def our_menu(settings: Settings) -> Menu:
    """Return the menu of data/wechat/menu.yml. Raises InvalidImport."""
    domain = YAML(typ="safe").load((ROOT / "domain.yml").read_text("utf-8"))
    return read_menu(FILE, settings.public_url, frozenset(map(str, domain["intents"])))


async def push_menu(settings: Settings) -> None:
    """Make the account's menu the file's, and look whether it is."""
    menu = our_menu(settings)
    async with opened(settings) as platform:
        await platform.create_menu(menu)
        left = differences(menu, await platform.menu())
    if left:
        raise ChengfatongError(f"the platform took the menu and shows another: {'; '.join(left)}")
    print(f"menu: {len(menu['button'])} buttons are on the platform; phones show them within five minutes")


async def check_menu(settings: Settings) -> int:
    """Check the file, then compare it with the account's menu. 1 when they differ."""
    menu = our_menu(settings)
    print(f"{FILE.name}: within WeChat's limits, and every payload is understood")
    async with opened(settings) as platform:
        left = differences(menu, await platform.menu())
    print(*(left or ["the platform's menu is the same"]), sep="\n")
    return 1 if left else 0


async def make_code(settings: Settings, kind: str, name: str, days: int | None, file: Path | None) -> None:
    """Make a QR code that says where it hangs, print what it says and write its picture."""
    scene = scene_of_name(settings, KINDS[kind], name)
    async with opened(settings) as platform:
        code = await platform.qr_code(scene_text(scene), None if days is None else days * DAY)
        picture = await platform.picture(code)
    path = file or Path(f"{scene_text(scene)}{ENDINGS.get(picture.content_type, '.jpg')}")
    path.write_bytes(picture.content)
    print(f"{scene_text(scene)}: {code.url}\npicture: {path}")


def scene_of_name(settings: Settings, kind: Kind, name: str) -> Scene:
    """Return the scene for a village's or town's name or code, or an id or a name of the directory's files."""
    found = _areas(settings, name) if kind == "village" else _listed(settings.data / FILES[kind], name)
    if len(found) == 1:
        return Scene(kind, next(iter(found)))
    if not found:
        raise ChengfatongError(f"{settings.data.name} has no {kind} {name!r}.")
    several = ", ".join(f"{code} ({shown})" for code, shown in found.items())
    raise ChengfatongError(f"{name!r} can be several, name one by its code: {several}")


def _areas(settings: Settings, name: str) -> dict[str, str]:
    areas = read_areas(settings.data / "areas.csv")
    codes = [name] if name in areas else areas.resolve(name)
    return {code: areas.full_name(code) for code in codes}


def _listed(path: Path, name: str) -> dict[str, str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = {row["id"]: row["name"] for row in csv.DictReader(file)}
    if name in rows:
        return {name: rows[name]}
    return {row: shown for row, shown in rows.items() if shown == name}
