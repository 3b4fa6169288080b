"""Everything that can go wrong, in one tree.

ChengfatongError
├── SettingError            a setting is missing or malformed; stops the start
├── StoreUnavailable        Valkey does not answer
├── EngineUnavailable       Rasa does not answer
├── InvalidImport           a directory file was refused; nothing of it was applied
└── BadRequest              a caller's mistake; `status` and `kind` say which
"""

from __future__ import annotations


class ChengfatongError(Exception):
    """Root of the tree."""


class SettingError(ChengfatongError):
    """A setting is missing or malformed. The message is one line that names it."""


class StoreUnavailable(ChengfatongError):
    """The store does not answer, refuses to write, or is full."""


class EngineUnavailable(ChengfatongError):
    """The engine does not answer in time."""


class InvalidImport(ChengfatongError):
    """A directory import was refused whole.

    `problems` holds one `file:line:column: reason` line for each bad cell.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__(f"{len(problems)} problem(s), nothing was applied")
        self.problems = problems


class BadRequest(ChengfatongError):
    """A caller's mistake, answered as an RFC 9457 problem document.

    `kind` becomes the stable end of the document's `type`; `status` is the HTTP status (4xx).
    """

    def __init__(self, status: int, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.detail = detail
