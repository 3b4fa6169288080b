"""The signature with which a page of ours may use WeChat's scripts. Pure.

Source: developers.weixin.qq.com, "JS-SDK", appendix 1: SHA-1 over jsapi_ticket, noncestr, timestamp and url, in the order
of their names; the url without its fragment, otherwise as the page's own address stands.
"""

from __future__ import annotations

import hashlib

from bot.errors import BadRequest

# Longer than any address of ours.
LONGEST_URL = 2000


def signature(ticket: str, nonce: str, timestamp: int, url: str) -> str:
    """Return the signature, lower-case hex."""
    signed = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={url}"
    return hashlib.sha1(signed.encode()).hexdigest()  # noqa: S324 - WeChat's protocol


def own_url(given: str, base: str) -> str:
    """Return a page's address as it is signed, if it is a page of ours. Raises BadRequest (422).

    `base` is CHENGFATONG_PUBLIC_URL. Whoever could have another's page signed could act as us there.
    """
    url = given.partition("#")[0]
    odd = any(not "!" <= character <= "~" or character == "\\" for character in url)
    if odd or len(url) > LONGEST_URL or not url.startswith(f"{base}/"):
        raise BadRequest(422, "url", "只给自己的网页签名。")
    return url
