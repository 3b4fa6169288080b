"""Somebody's browser on the pages: keeps its own cookies, follows links and sends forms, and has no script."""

from __future__ import annotations

import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request


class Visitor:
    """A browser. `text` is the page that it shows, `status` how that was answered, `path` where it stands."""

    def __init__(self, base: str) -> None:
        self.base = base
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._browser = urllib.request.build_opener(cookies)
        self.text, self.status, self.path = "", 0, ""

    def opens(self, address: str) -> str:
        """Open an address; return what is read."""
        return self._keep(urllib.request.Request(urllib.parse.urljoin(self.base, address)))

    def sends(self, address: str, **fields: str) -> str:
        """Send a form of the page, with what stands hidden in it; return what is read."""
        form = self.text.split(f'action="{address}"')[-1].split("</form>")[0]
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
        body = urllib.parse.urlencode({**hidden, **fields}, doseq=True).encode()
        return self._keep(urllib.request.Request(urllib.parse.urljoin(self.base, address), body))

    def _keep(self, request: urllib.request.Request) -> str:
        try:
            with self._browser.open(request, timeout=15) as answer:
                self.status, self.text, address = answer.status, answer.read().decode(), answer.url
        except urllib.error.HTTPError as refused:
            self.status, self.text, address = refused.code, refused.read().decode(), request.full_url
        self.path = urllib.parse.urlsplit(address).path
        return self.text
