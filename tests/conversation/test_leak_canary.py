"""What a citizen says to the whole program lies in none of its files in the clear: not in the store's, not in a log."""

from __future__ import annotations

import json
import stat
import urllib.request
import uuid
from pathlib import Path

from tests.store.scanner import disguises

STORY = "金丝雀丢了三只蓝脚环"
PHONE = "15400091827"


def test_nobody_can_read_in_any_file_what_a_citizen_said(live: str, live_var: Path) -> None:
    sender = f"canary-{uuid.uuid4().hex}"

    def says(text: str) -> str:
        body = json.dumps({"sender": sender, "text": text, "message_id": uuid.uuid4().hex}).encode()
        request = urllib.request.Request(f"{live}/api/chat", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.read().decode()

    murmurs = ("呃那个{}的{}呗嗯嗯", "{}{}", "哎{}哦{}咯", "{}，{}，就这样呗")
    # Not understood, or understood and not answered yet: kept for the staff.
    replies = [says(murmur.format(STORY, PHONE)) for murmur in murmurs]
    assert any("没听" in reply or "记下来给工作人员看" in reply for reply in replies), replies
    assert "110" in says(f"救命，他拿刀要杀我，{STORY}")  # an alert
    says("转人工")
    assert "LY-" in says(f"{STORY}，请打{PHONE}给我")  # a message for the staff
    files = {path: path.read_bytes() for path in live_var.rglob("*") if path.is_file() and "models" not in path.parts}
    forms = {form for word in (sender, STORY, PHONE) for form in disguises(word)}
    assert [(path.name, form) for path, content in files.items() for form in forms if form in content] == []
    store = b"".join(content for path, content in files.items() if path.suffix == ".aof")
    # The words did arrive: in every tray that they were meant for, sealed.
    assert all(f"inbox:tray:{tray}".encode() in store for tray in ("unanswered", "alert", "message"))
    assert store.count(b"\r\nk1.") >= 10
    assert stat.S_IMODE((live_var / "keys").stat().st_mode) == 0o600
