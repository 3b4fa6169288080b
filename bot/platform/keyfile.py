"""`var/keys`: the keys that a machine makes for itself when nobody has set any. Written once, read by its owner only."""

from __future__ import annotations

import os
import secrets
from base64 import b64encode
from dataclasses import replace
from pathlib import Path

from bot.errors import SettingError
from bot.platform.settings import KEY_BYTES, Settings, load

NAMES = ("CHENGFATONG_KEYS", "CHENGFATONG_HASH_SECRET")
HEAD = "# Without this file nothing that citizens gave can be read. Back it up, and not beside the store."


def path(settings: Settings) -> Path:
    """Return where the keys are kept."""
    return settings.var / "keys"


def with_keys(settings: Settings) -> Settings:
    """Return the settings with the keys of `var/keys`, if nobody set others and the file is there."""
    if settings.keys or not path(settings).is_file():
        return settings
    try:
        kept = load({}, path(settings))
    except SettingError as error:
        raise SettingError(f"{path(settings)}: {error}") from error
    if not kept.keys:
        raise SettingError(f"{path(settings)} holds no CHENGFATONG_KEYS; put the file back from its backup.")
    return replace(settings, keys=kept.keys, hash_secret=kept.hash_secret)


def make_keys(settings: Settings) -> Settings:
    """Return the settings with keys; make `var/keys` first when there are none."""
    if not settings.keys and not path(settings).exists():
        _write(path(settings), [HEAD, f"{NAMES[0]}=k1:{_fresh()}", f"{NAMES[1]}={_fresh()}"])
    if not settings.keys:
        path(settings).chmod(0o600)
    return with_keys(settings)


def _fresh() -> str:
    return b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def _write(target: Path, lines: list[str]) -> None:
    """Write a file that is whole or not there, and readable by this user only from its first byte on."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f"{target.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(target)
