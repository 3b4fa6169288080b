"""Where the platform's three servers are: the API, the pictures of codes, the page that asks who opens ours. Pure.

WeChat has them on different hosts. A forwarder or a stand-in (WECHAT_API_BASE) is one host for all.
"""

from __future__ import annotations

from urllib.parse import urlsplit

OFFICIAL = ".weixin.qq.com"
PICTURES = "https://mp.weixin.qq.com"
VISITORS = "https://open.weixin.qq.com"


def pictures_base(api_base: str) -> str:
    """Return where the pictures of QR codes are."""
    return PICTURES if _official(api_base) else api_base


def visitors_base(api_base: str) -> str:
    """Return where a phone is asked who opens a page."""
    return VISITORS if _official(api_base) else api_base


def _official(api_base: str) -> bool:
    return (urlsplit(api_base).hostname or "").endswith(OFFICIAL)
