"""What a scanned code of ours stands for: `v_<area code>`, `p_<place id>`, `s_<id of a person>`. Pure.

The three are printed on posters: in a village, at a door, on somebody's desk.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Literal

# The ids of the directory, at most 64 characters as a whole: what WeChat lets a code carry.
_SCENE = re.compile(r"([vps])_([A-Za-z0-9][A-Za-z0-9_-]{0,61})")
GREETING = "/greet"


@dataclass(frozen=True)
class Scene:
    """An area, a place or a person, by code or id."""

    kind: Literal["area", "place", "person"]
    id: str

    @property
    def payload(self) -> str:
        """What the engine is told: as if a button for it had been tapped."""
        if self.kind == "area":
            return GREETING + json.dumps({"area": self.id})
        intent = "ask_hours" if self.kind == "place" else "find_provider"
        return f"/{intent}" + json.dumps({"provider_id": self.id})


def scene_meant(text: str) -> Scene | None:
    """Return what a code's parameter stands for, None when it is none of ours."""
    found = _SCENE.fullmatch(text)
    kinds: dict[str, Literal["area", "place", "person"]] = {"v": "area", "p": "place", "s": "person"}
    return Scene(kinds[found[1]], found[2]) if found else None
