"""The console's pages: templates, their words, and the headers of every answer."""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader

from bot.console import words
from bot.console.model import Account
from bot.reach import told_words

HERE = Path(__file__).parent
# Nothing of a citizen stays in a shared machine's cache or in the list that "back" goes through.
HEADERS = {"Cache-Control": "no-store"}
FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}


class Pages:
    """Renders templates. Everything that a template names is escaped."""

    def __init__(self, district: str) -> None:
        self.style = (HERE / "static" / "console.css").read_bytes()
        self.version = hashlib.sha256(self.style).hexdigest()[:12]
        self._templates = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True)
        self._templates.globals |= {
            "district": district,
            "version": self.version,
            "words": words,
            "reach_words": told_words,
            # Each form has a key of its own, so that pressing twice does one thing.
            "fresh_request": lambda: secrets.token_hex(16),
        }

    def page(self, page: str, status: int = 200, /, **shown: Any) -> web.Response:
        """Return a page."""
        text = self._templates.get_template(f"{page}.html").render(**shown)
        return web.Response(text=text, status=status, content_type="text/html", headers=HEADERS)

    def told(self, status: int, sentence: str, account: Account | None = None) -> web.Response:
        """Return a page with one sentence."""
        return self.page("told", status, sentence=sentence, account=account)

    def absent(self, account: Account | None = None) -> web.Response:
        """Return the one answer to what is not there and to what is not theirs."""
        return self.told(404, "没有这一页，或者这不归您看。", account)

    def stylesheet(self) -> web.Response:
        """Return the style; its address changes with its content."""
        return web.Response(body=self.style, content_type="text/css", charset="utf-8", headers=FOREVER)
