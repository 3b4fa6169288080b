"""The area table of one county and how a spoken name finds its area. Runs on both Pythons."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

# What a village or town is officially called at the end, and what people leave out or put in its place.
SUFFIXES = ("村委会", "居委会", "街道", "社区", "镇", "村", "区")
SPOKEN = {"村委会": ("村", ""), "居委会": ("社区", "居委", ""), "街道": ("",), "镇": ("",), "区": ("",)}


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
        if len(self.code) == 6:
            return "county"
        return "town" if len(self.code) == 9 else "village"

    @property
    def short(self) -> str:
        """The name without what an office puts at its end: 莲下镇 → 莲下, 程洋冈村委会 → 程洋冈."""
        for suffix in SUFFIXES:
            if self.name.endswith(suffix) and len(self.name) > len(suffix) + 1:
                return self.name[: -len(suffix)]
        return self.name

    @property
    def spoken(self) -> tuple[str, ...]:
        """Every way to say the area, the official name first."""
        suffix = next((s for s in SPOKEN if self.name.endswith(s)), "")
        stem = self.name.removesuffix(suffix)
        names = [self.name, *(stem + other for other in SPOKEN.get(suffix, ())), *self.aliases]
        return tuple(dict.fromkeys(name for name in names if len(name) > 1))

    @property
    def written(self) -> tuple[str, ...]:
        """The ways to write it that say what it is: 程洋冈村, not 程洋冈, which may be a shop's name."""
        return tuple(name for name in self.spoken if name.endswith((*SUFFIXES, "居委")))


class AreaTable:
    """The areas of one county."""

    def __init__(self, areas: Iterable[Area]) -> None:
        self._by_code = {area.code: area for area in areas}
        self._by_name: dict[str, list[str]] = {}
        for area in self._by_code.values():
            for name in area.spoken:
                self._by_name.setdefault(name, []).append(area.code)

    def __contains__(self, code: str) -> bool:
        return code in self._by_code

    def __iter__(self) -> Iterator[Area]:
        return iter(self._by_code.values())

    @property
    def county(self) -> Area:
        """The one area without a parent."""
        return next(area for area in self._by_code.values() if not area.parent)

    def name(self, code: str) -> str:
        """Return the name as people say it: 莲下镇, 程洋冈村; the code itself when it is unknown."""
        area = self._by_code.get(code)
        if area is None:
            return code
        return (
            area.short + "村"
            if area.name.endswith("村委会")
            else area.short + "社区"
            if area.name.endswith("居委会")
            else area.name
        )

    def full_name(self, code: str) -> str:
        """Return the name with its town: 莲下镇程洋冈村."""
        area = self._by_code.get(code)
        in_town = area is not None and area.level == "village"
        return (self.name(area.parent) if area and in_town else "") + self.name(code)

    def ancestors(self, code: str) -> list[str]:
        """Return the code and those above it, the nearest first; empty when the code is unknown."""
        chain = []
        while code in self._by_code:
            chain.append(code)
            code = self._by_code[code].parent
        return chain

    def children(self, code: str) -> list[str]:
        """Return the codes one level down."""
        return [area.code for area in self._by_code.values() if area.parent == code]

    def resolve(self, name: str, within: Iterable[str] = ()) -> list[str]:
        """Return the codes that a name can mean: none, one, or several when villages share it.

        `within` are codes named in the same breath: 莲下 with 南社 leaves the 南社 of 莲下. A town wins over a village
        of the same short name, since people mean the town unless they say 村.
        """
        codes = self._by_name.get(name, [])
        inside = [code for code in codes if set(self.ancestors(code)[1:]) & set(within)]
        if inside:
            return inside
        widest = min((len(code) for code in codes), default=0)
        return [code for code in codes if len(code) == widest]

    def named_in(self, address: str) -> str:
        """Return the code of the village or town that an address names in full (莲下镇程洋冈村), "" for none.

        Only an address in this county counts: other counties have a 东里镇 too. An address without any county is believed.
        """
        county = self.county
        if county.short not in address and re.search(r"[\u4e00-\u9fff][市区县]", address):
            return ""
        towns = [code for code in self.children(county.code) if self._by_code[code].name in address]
        inside = [village for town in towns or self.children(county.code) for village in self.children(town)]
        villages = [code for code in inside if any(name in address for name in self._by_code[code].written)]
        # A longer name holds a shorter one: 程洋冈村 is no 洋冈村.
        longest = max((len(self.name(code)) for code in villages), default=0)
        villages = [code for code in villages if len(self.name(code)) == longest]
        if len(villages) == 1:
            return villages[0]
        return towns[0] if len(towns) == 1 else ""
