"""A log's entry that another room writes in the same step as what the entry tells of.

The log numbers its entries and chains them (bot/console/audit.py), so the entry is made for one place: after the entry that was
the last one when it was read. When another has come in between, the step refuses with BEHIND and writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

BEHIND = "behind"


@dataclass(frozen=True)
class Along:
    """An entry that goes along. `log` is the stream's key, `after` the id of its last entry ("0-0" for none)."""

    log: str
    after: str
    id: str
    fields: Mapping[str, str] = field(default_factory=dict)

    def command(self) -> dict[str, object]:
        """Return what a step's script is told; its last key is the log."""
        return {"after": self.after, "id": self.id, "fields": [part for pair in self.fields.items() for part in pair]}
