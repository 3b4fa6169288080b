"""A model of the appointment book that a reader can check by eye: every appointment in one dict, each rule one plain loop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from bot.booking.model import (
    ENDED,
    KINDS,
    TAKES_TIME,
    Appointment,
    Interval,
    Role,
    Slot,
    conflicts,
    learnt,
    local_day,
    moved,
    nameless,
    settled,
    sources,
)
from bot.booking.timers import TOLD, notice, rung, timers, too_late
from bot.errors import (
    AppointmentAbsent,
    ConflictOfInterest,
    HoldOver,
    QuotaReached,
    SlotClosed,
    SlotTaken,
    TransitionRefused,
)


class PureBook:
    """What the book must hold after each step."""

    def __init__(self) -> None:
        self.kept: dict[str, Appointment] = {}
        self.lapsed: set[str] = set()
        self.leaves: dict[str, tuple[str, Interval]] = {}
        self.timers: dict[tuple[str, str], int] = {}
        self.conflicts: set[tuple[str, str]] = set()
        self.told: list[tuple[str, str]] = []

    # --- looking

    def live(self, now: int, but: str = "") -> list[Appointment]:
        return [a for a in self.kept.values() if a.id != but and a.state in TAKES_TIME and not 0 < a.hold_until <= now]

    def away(self, appointment: Appointment) -> bool:
        mine, span = (appointment.practitioner, appointment.room), Interval(appointment.start, appointment.until)
        return any(actor in mine and span.overlaps(gone) for actor, gone in self.leaves.values())

    def hit(self, actor: str, gone: Interval, now: int) -> list[Appointment]:
        """Return what a leave must move or end."""
        mine = [a for a in self.live(now) if actor in (a.practitioner, a.room)]
        inside = [a for a in mine if Interval(a.start, a.until).overlaps(gone)]
        stands = [a for a in inside if a.start > now and a.state in ("proposed", "pending", "booked")]
        return sorted(stands, key=lambda a: a.start)

    # --- changing

    def place(self, new: Appointment, now: int) -> None:
        """Take a time, or refuse; in the order in which the book checks."""
        others = self.live(now, but=new.id)
        for other in others:
            shared = other.practitioner == new.practitioner or (new.room and other.room == new.room)
            if shared and Interval(new.start, new.until).overlaps(Interval(other.start, other.until)):
                raise SlotTaken
            if other.citizen == new.citizen and Interval(new.start, new.end).overlaps(Interval(other.start, other.end)):
                raise SlotTaken
        if self.away(new):
            raise SlotTaken
        same = [o for o in others if (o.citizen, o.kind) == (new.citizen, new.kind)]
        if sum(o.start in range(*local_day(new.start)) for o in same) >= KINDS[new.kind].daily_limit:
            raise QuotaReached
        if any((new.practitioner, m) in self.conflicts for m in conflicts(new.kind, new.applicant, new.respondent)):
            raise ConflictOfInterest
        self.keep(new, now)

    def keep(self, new: Appointment, now: int, by: Role = "citizen", leave: bool = False) -> None:
        """Note a change and all that follows from it."""
        old = self.kept.get(new.id)
        what = notice(old, new, by, leave) if old else ""
        self.told += [(new.citizen, what)] if what else []
        if old and (old.state, new.state) == ("proposed", "cancelled"):
            self.lapsed.add(new.id)
            new = nameless(new)
        self.kept[new.id] = new
        self.conflicts |= {(new.practitioner, member) for member in learnt(new)}
        self.timers = {timer: due for timer, due in self.timers.items() if timer[0] != new.id}
        self.timers |= {(new.id, name): due for name, due in timers(new, now).items()}

    def bring(self, number: str, state: Any, by: Role, now: int, reason: str = "") -> None:
        old = self.kept[number]
        if old.state not in sources(KINDS[old.kind], state, by):
            raise TransitionRefused
        if state in TAKES_TIME and 0 < old.hold_until <= now:
            raise HoldOver
        self.keep(settled(old, state, reason), now, by)

    def move(self, new: Appointment, now: int) -> None:
        old = self.kept[new.id]
        if old.state not in ("proposed", "pending", "booked"):
            raise TransitionRefused
        if 0 < old.hold_until <= now:
            raise HoldOver
        self.place(new, now)

    # --- the other side

    def answer(self, number: str, who: str, state: Any, now: int, reason: str = "") -> None:
        old = self.kept[number]
        if not who or old.respondent != who:
            raise AppointmentAbsent
        if state == "booked" and old.start <= now:
            raise TransitionRefused
        self.bring(number, state, "respondent", now, reason)

    def propose(self, number: str, slots: tuple[Slot, ...], now: int) -> None:
        old = self.kept[number]
        if not old.respondent:
            raise AppointmentAbsent
        if old.state != "pending" or old.start <= now:
            raise TransitionRefused
        self.keep(replace(settled(old, "pending"), proposals=slots), now, "respondent")

    def take(self, number: str, slot: Slot, now: int) -> None:
        old = self.kept[number]
        if slot.start < now:
            raise SlotClosed
        self.place(replace(moved(old, slot, KINDS[old.kind], now), state="booked"), now)

    def take_none(self, number: str, now: int) -> None:
        old = self.kept[number]
        if old.state != "pending" or not old.proposals or old.start <= now:
            raise TransitionRefused
        self.keep(settled(old, "pending"), now)

    # --- time

    def ring(self, now: int) -> int:
        """Ring what is due, the longest due first. Return how many rang."""
        due = sorted((at, f"{number}:{name}", number, name) for (number, name), at in self.timers.items() if at <= now)
        return sum(self._ring(number, name, at, now) for at, _, number, name in due)

    def _ring(self, number: str, name: str, at: int, now: int) -> bool:
        if self.timers.get((number, name)) != at:
            return False
        old = self.kept[number]
        new = rung(old, name)
        assert new is not None
        if new is not old:
            self.keep(new, now, "system")
            return True
        del self.timers[number, name]
        self.told += [] if too_late(old, name, at, now) else [(old.citizen, TOLD[name])]
        return True

    def unended(self) -> Iterator[Appointment]:
        return (a for a in self.kept.values() if a.state not in ENDED)
