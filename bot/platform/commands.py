"""`chengfatong directory import | export | check`, `backup` and `restore`."""

from __future__ import annotations

import json
import time
from datetime import datetime
from pathlib import Path

from bot.areas.importer import read_areas
from bot.directory import hsds, service
from bot.directory.importer import content_hash, read
from bot.directory.store import DirectoryStore
from bot.errors import SettingError
from bot.platform import backup
from bot.platform.embedded import opened
from bot.platform.settings import Settings
from bot.platform.store import connect


def check(settings: Settings, paths: list[Path]) -> None:
    """Read the files and apply nothing; raises InvalidImport."""
    tables, notes = read(paths, read_areas(settings.data / "areas.csv"))
    print(*notes, f"good: {sum(len(rows) for rows in tables.rows.values())} rows", sep="\n")


async def import_files(settings: Settings, paths: list[Path], if_changed: bool) -> None:
    """Replace the directory by these files, whole or not at all."""
    areas = read_areas(settings.data / "areas.csv")
    tables, notes = read(paths, areas)
    redis = connect(_url(settings))
    try:
        store = DirectoryStore(redis, settings.district)
        if if_changed and await service.imported_hash(store) == content_hash(tables):
            return
        number = await service.replace(store, tables, areas)
        print(*notes, f"directory: {number} entries imported", sep="\n", flush=True)
    finally:
        await redis.aclose()


async def export(settings: Settings) -> None:
    """Print the directory as HSDS JSON."""
    redis = connect(_url(settings))
    try:
        tables = await service.export_tables(DirectoryStore(redis, settings.district))
    finally:
        await redis.aclose()
    print(json.dumps(hsds.to_hsds(tables), ensure_ascii=False, indent=1))


async def back_up(settings: Settings, path: Path) -> None:
    """Write the district's data to a file."""
    began, now = time.monotonic(), datetime.now().astimezone()
    async with opened(settings) as url:
        kept = await backup.back_up(url, settings.district, path, now)
    seconds = time.monotonic() - began
    print(
        f"backup: {kept.keys} keys of district {settings.district} in {path} ({kept.size / 1e6:.1f} MB, {seconds:.1f} s)"
    )


async def restore(settings: Settings, path: Path, over: bool) -> None:
    """Put a backup back."""
    began = time.monotonic()
    backup.require_own(path, settings.district)
    async with opened(settings) as url:
        done = await backup.restore(url, settings.district, path, over)
    seconds = time.monotonic() - began
    print(
        f"restore: {done.keys} keys as of {done.header.created_at}, 0 differing from the file, "
        f"{done.ran_out} had run out since ({seconds:.1f} s)"
    )


def _url(settings: Settings) -> str:
    if not settings.redis_url:
        raise SettingError("CHENGFATONG_REDIS_URL must name the store to use.")
    return settings.redis_url
