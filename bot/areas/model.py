"""The area table of one county and how a spoken name finds its area. Runs on both Pythons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Area:
    """One county (6 digits), town (9) or village (12), by its statistical code. `parent` is the code one level up."""

    code: str
    name: str
    parent: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def level(self) -> Literal["county", "town", "village"]:
        """The level, told by the code's length."""
        return {6: "county", 9: "town"}.get(len(self.code), "village")  # type: ignore[return-value]
