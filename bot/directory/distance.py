"""How far two spots are apart, and how that is said. Pure.

Degrees are compared as they come: WeChat sends GCJ-02, the shifted grid that every map made in China shows, and a clerk who
reads a spot off such a map writes the same grid into the directory. WGS-84, as GPS and foreign maps have it, lies some
hundred metres beside it: a directory must not mix the two.
"""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt

# The earth's mean radius in metres; IUGG, R1.
EARTH = 6_371_008.8
# Somebody on foot thinks in hundreds of metres; below one, the place is here.
STEP = 100
# From here on tenths of a kilometre mean nothing.
WHOLE_KILOMETRES = 10_000


def metres(latitude: float, longitude: float, to_latitude: float, to_longitude: float) -> float:
    """Return the way over the ground as a bird flies, in metres (haversine)."""
    north, other = radians(latitude), radians(to_latitude)
    up = sin((other - north) / 2) ** 2
    across = sin(radians(to_longitude - longitude) / 2) ** 2
    return 2 * EARTH * asin(min(1.0, sqrt(up + cos(north) * cos(other) * across)))


def say_distance(length: float) -> str:
    """Return "不到100米", "约300米", "约1.2公里", "约23公里"."""
    if length < STEP:
        return f"不到{STEP}米"
    hundreds = round(length / STEP) * STEP
    if hundreds < 1000:
        return f"约{hundreds}米"
    if hundreds < WHOLE_KILOMETRES:
        return f"约{hundreds / 1000:g}公里"
    return f"约{round(length / 1000)}公里"
