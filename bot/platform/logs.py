"""Structured logs: one JSON line an event. No message text and no phone number ever goes in.

Of an error only its kind and the line of ours where it came up are told: its words may quote what a citizen wrote.
"""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
import sys
import traceback
from pathlib import Path
from typing import Any

from bot.platform.settings import ROOT

# Users are told apart within one run of the program and cannot be followed beyond it.
_SALT = secrets.token_bytes(16)
# The only fields that a line may carry; anything else is dropped, so that a slip does not leak.
FIELDS = frozenset({"channel", "user", "ms", "outcome", "status", "path", "reason", "error", "action", "method"})


def pseudonym(user: str) -> str:
    """Return a name for a user that means nothing outside this run's log."""
    return hashlib.blake2b(user.encode("utf-8", "replace"), key=_SALT, digest_size=6).hexdigest()


def place_of(error: BaseException | None) -> str:
    """Return "file:line" of the last line of ours that an error went through, "" for none."""
    frames = traceback.extract_tb(error.__traceback__) if error else []
    names = [(Path(frame.filename), frame.lineno) for frame in frames]
    ours = [(file.relative_to(ROOT), line) for file, line in names if file.is_relative_to(ROOT)]
    return next((f"{file}:{line}" for file, line in reversed(ours) if file.parts[0] in ("bot", "actions")), "")


class JsonFormatter(logging.Formatter):
    """Formats a record as one JSON line with the allowed fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "part": record.name,
            "event": record.msg if isinstance(record.msg, str) else type(record.msg).__name__,
        }
        line |= {name: value for name, value in record.__dict__.items() if name in FIELDS}
        if record.exc_info and record.exc_info[0]:
            line |= {"error": record.exc_info[0].__name__, "place": place_of(record.exc_info[1])}
        return json.dumps(line, ensure_ascii=False, default=str)


def configure() -> None:
    """Send every log of this process to stderr as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
