"""Every setting of the program, read once from the environment (and .env) and checked."""

from __future__ import annotations

import binascii
import os
import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.errors import SettingError

ROOT = Path(__file__).resolve().parents[2]
# AES-256, and as much for the hash that makes pseudonyms.
KEY_BYTES = 32


@dataclass(frozen=True)
class Settings:
    """What an operator can set; docs/settings.md explains each.

    `engine_url`, `actions_url`, `actions_host` (where the actions listen) and `token` are set by the supervisor, or by
    docker/compose.yml. `public_url` is what citizens' browsers reach the gateway at, without a slash at the end.
    """

    host: str
    port: int
    public_url: str
    var: Path
    redis_url: str | None
    district: str
    engine_url: str
    actions_url: str
    actions_host: str
    token: str
    wechat_token: str = field(repr=False)
    wechat_app_id: str
    wechat_app_secret: str = field(repr=False)
    wechat_encoding_aes_key: str = field(repr=False)
    wechat_encoding_aes_key_previous: str = field(repr=False)
    wechat_mode: str
    wechat_strategy: str
    wechat_api_base: str
    wechat_proxy: str = field(repr=False)
    keys: str = field(repr=False)
    hash_secret: str = field(repr=False)

    @property
    def data(self) -> Path:
        """The district's own folder of CSV files."""
        return ROOT / "data" / "directory" / self.district

    @property
    def wechat_api(self) -> bool:
        """Whether WeChat's platform can be called."""
        return bool(self.wechat_app_id and self.wechat_app_secret)

    @property
    def wechat(self) -> bool:
        """Whether the WeChat webhook is configured."""
        return bool(self.wechat_token)


def load(environ: Mapping[str, str] | None = None, dotenv: Path | None = None) -> Settings:
    """Read the settings; the environment wins over .env.

    Raises SettingError with one line that names the first setting that is wrong.
    """
    env = {**_read_dotenv(dotenv or ROOT / ".env"), **(os.environ if environ is None else environ)}
    port = env.get("CHENGFATONG_PORT", "8080")
    _require(port.isdigit() and 0 < int(port) < 65536, "CHENGFATONG_PORT", "a port between 1 and 65535", port)
    district = env.get("CHENGFATONG_DISTRICT", "440515")
    _require(bool(re.fullmatch(r"\d{6}", district)), "CHENGFATONG_DISTRICT", "a six-digit area code", district)
    redis_url = env.get("CHENGFATONG_REDIS_URL") or None
    _require(
        redis_url is None or bool(re.match(r"(rediss?|unix)://", redis_url)),
        "CHENGFATONG_REDIS_URL",
        "a redis://, rediss:// or unix:// address",
        redis_url or "",
    )
    host = env.get("CHENGFATONG_HOST", "127.0.0.1")
    settings = Settings(
        host=host,
        port=int(port),
        public_url=_public_url(env.get("CHENGFATONG_PUBLIC_URL", ""), host, int(port)),
        var=(ROOT / env.get("CHENGFATONG_VAR", "var")).resolve(),
        redis_url=redis_url,
        district=district,
        engine_url=env.get("CHENGFATONG_ENGINE_URL", "http://127.0.0.1:5005"),
        actions_url=env.get("CHENGFATONG_ACTIONS_URL", "http://127.0.0.1:5055"),
        actions_host=env.get("CHENGFATONG_ACTIONS_HOST", "127.0.0.1"),
        token=env.get("CHENGFATONG_TOKEN", ""),
        wechat_token=env.get("WECHAT_TOKEN", ""),
        wechat_app_id=env.get("WECHAT_APP_ID", ""),
        wechat_app_secret=env.get("WECHAT_APP_SECRET", ""),
        wechat_encoding_aes_key=env.get("WECHAT_ENCODING_AES_KEY", ""),
        wechat_encoding_aes_key_previous=env.get("WECHAT_ENCODING_AES_KEY_PREVIOUS", ""),
        wechat_mode=env.get("WECHAT_MODE", "safe" if env.get("WECHAT_ENCODING_AES_KEY") else "plain"),
        wechat_strategy=env.get("WECHAT_STRATEGY", "passive"),
        wechat_api_base=env.get("WECHAT_API_BASE", "https://api.weixin.qq.com").rstrip("/"),
        wechat_proxy=env.get("WECHAT_PROXY", ""),
        keys=env.get("CHENGFATONG_KEYS", ""),
        hash_secret=env.get("CHENGFATONG_HASH_SECRET", ""),
    )
    _check_wechat(settings)
    _check_wechat_account(settings)
    _check_keys(settings)
    return settings


def _check_keys(settings: Settings) -> None:
    if settings.keys:
        read_keys(settings.keys)
        _require(bool(settings.hash_secret), "CHENGFATONG_HASH_SECRET", "set when CHENGFATONG_KEYS is", "")
    if settings.hash_secret:
        read_hash_secret(settings.hash_secret)
        _require(bool(settings.keys), "CHENGFATONG_KEYS", "set when CHENGFATONG_HASH_SECRET is", "")


def read_keys(text: str) -> dict[str, bytes]:
    """Return key id → key of `k2:<base64>,k1:<base64>`, the current one first. Raises SettingError."""
    keys: dict[str, bytes] = {}
    for entry in text.split(","):
        name, _, value = entry.strip().partition(":")
        key = _key(value)
        if key is None or name in keys or not re.fullmatch(r"[A-Za-z0-9]{1,16}", name):
            wanted = f"id:base64 of {KEY_BYTES} bytes, several separated by commas, no id twice"
            raise SettingError(f"CHENGFATONG_KEYS must be {wanted}.")
        keys[name] = key
    return keys


def read_hash_secret(text: str) -> bytes:
    """Return the secret's bytes. Raises SettingError."""
    secret = _key(text)
    if secret is None:
        raise SettingError(f"CHENGFATONG_HASH_SECRET must be base64 of {KEY_BYTES} bytes.")
    return secret


def _key(text: str) -> bytes | None:
    try:
        key = b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) == KEY_BYTES else None


def _public_url(given: str, host: str, port: int) -> str:
    """Return the address that links to our pages begin with; by default the one that `make run` prints."""
    reached = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
    shown = f"[{reached}]" if ":" in reached else reached
    url = given.rstrip("/") or f"http://{shown}:{port}"
    good = re.fullmatch(r"https?://(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?", url)
    _require(bool(good), "CHENGFATONG_PUBLIC_URL", "an address like https://falv.example.cn, without a path", given)
    return url


def _check_wechat(settings: Settings) -> None:
    mode, strategy = settings.wechat_mode, settings.wechat_strategy
    _require(mode in ("plain", "compatible", "safe"), "WECHAT_MODE", "plain, compatible or safe", mode)
    _require(strategy in ("service", "passive"), "WECHAT_STRATEGY", "service or passive", strategy)
    for name, key in (
        ("WECHAT_ENCODING_AES_KEY", settings.wechat_encoding_aes_key),
        ("WECHAT_ENCODING_AES_KEY_PREVIOUS", settings.wechat_encoding_aes_key_previous),
    ):
        _require(not key or bool(re.fullmatch(r"[A-Za-z0-9+/]{43}", key)), name, "43 letters and digits", "(hidden)")
    if settings.wechat and mode != "plain":
        _require(bool(settings.wechat_encoding_aes_key), "WECHAT_ENCODING_AES_KEY", f"set when WECHAT_MODE={mode}", "")
        _require(bool(settings.wechat_app_id), "WECHAT_APP_ID", f"set when WECHAT_MODE={mode}", "")


def _check_wechat_account(settings: Settings) -> None:
    """Check what calling the platform needs. What may hold a password is not shown."""
    app_id, secret, base = settings.wechat_app_id, settings.wechat_app_secret, settings.wechat_api_base
    _require(bool(re.fullmatch(r"[A-Za-z0-9_-]{0,64}", app_id)), "WECHAT_APP_ID", "letters and digits", app_id)
    _require(bool(re.fullmatch(r"[!-~]{0,128}", secret)), "WECHAT_APP_SECRET", "letters and digits", "(hidden)")
    _require(bool(app_id or not secret), "WECHAT_APP_ID", "set when WECHAT_APP_SECRET is", "")
    address = r"https?://(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?"
    wanted = "an address like https://api.weixin.qq.com"
    _require(bool(re.fullmatch(address + r"(/[A-Za-z0-9._~-]+)*", base)), "WECHAT_API_BASE", wanted, base)
    proxy = re.sub(r"(?<=://)[!-~]*@", "", settings.wechat_proxy)
    wanted = "an address like http://10.0.0.2:3128, with user:password@ before the host if need be"
    _require(not proxy or bool(re.fullmatch(address, proxy.rstrip("/"))), "WECHAT_PROXY", wanted, "(hidden)")


def _require(good: bool, name: str, wanted: str, got: str) -> None:
    if not good:
        raise SettingError(f"{name} must be {wanted}, not {got!r}.")


def _read_dotenv(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    pairs = (line.split("=", 1) for line in path.read_text("utf-8").splitlines() if re.match(r"\s*[A-Z]\w*\s*=", line))
    return {name.strip(): value.strip().strip("\"'") for name, value in pairs}
