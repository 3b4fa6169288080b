"""What our QR codes say: which village, place or person a code hangs at. Pure.

A scene is a letter and an id: `v_440515106203` a village or town by its code, `p_sc-county` a place, `s_med-001-1` one of
the staff, by their ids of the directory. WeChat takes 1 to 64 characters.
Source: developers.weixin.qq.com, "generating QR codes with parameters" (scene_str).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["village", "place", "staff"]
GREETING = "/greet"
LETTERS: dict[Kind, str] = {"village": "v", "place": "p", "staff": "s"}
_KINDS = {letter: kind for kind, letter in LETTERS.items()}
# 64 with the letter and the line. An area's code is a county's, a town's or a village's.
_SCENE = re.compile(r"(v)_((?:[0-9]{3}){2,4})|([ps])_([A-Za-z0-9][A-Za-z0-9._-]{0,61})")


@dataclass(frozen=True)
class Scene:
    """Where a code hangs. `id` is an area's code, or an id of the directory; whether it exists, the rooms know."""

    kind: Kind
    id: str

    @property
    def payload(self) -> str:
        """What the engine is told: as if a button for it had been tapped."""
        if self.kind == "village":
            return GREETING + json.dumps({"area": self.id})
        intent = "ask_hours" if self.kind == "place" else "find_provider"
        return f"/{intent}" + json.dumps({"provider_id": self.id})


def scene_of(text: str) -> Scene | None:
    """Return what a code of ours says; None for another's, and for what somebody made up."""
    match = _SCENE.fullmatch(text)
    if match is None:
        return None
    return Scene(_KINDS[match[1] or match[3]], match[2] or match[4])


def scene_text(scene: Scene) -> str:
    """Return the text that goes into a code. Raises ValueError for an id that does not fit into one."""
    text = f"{LETTERS[scene.kind]}_{scene.id}"
    if scene_of(text) != scene:
        raise ValueError(f"{scene.id!r} does not fit into a QR code")
    return text
