"""What happens to an appointment by itself, and who is told of a change. Pure.

A timer is a name and the moment at which it is due. Timers are set anew with every change of an appointment, in the same
step; whatever state it is in, one of them ends it.
"""

from __future__ import annotations

from bot.booking.model import DAY, HOUR, KINDS, MINUTE, Appointment, Role, State, settled
from bot.citizens.model import RETENTION as PERIODS

# In time to ask for leave from work, and in time to open the link.
REMINDERS = {"day": DAY, "quarter": 15 * MINUTE}
# A neighbour who means to answer does so within days; each nudge goes to the citizen, who passes it on.
CHASES = {"chase_1": DAY, "chase_2": 2 * DAY}
# Three days' silence is an answer. Nobody should set out for a mediation that may not be: four hours are the least warning.
SILENCE, LAST_WORD = 3 * DAY, 4 * HOUR
# The clerk of the afternoon notes who came until the evening; what is not noted by then will not be.
UNTOUCHED = 12 * HOUR
# How long an appointment is kept after its end.
RETENTION = PERIODS["appointment"].days * DAY
# Said later than this, a reminder or a nudge is a riddle: the system was down, and it is dropped.
STALE = {"day": 2 * HOUR, "chase_1": 12 * HOUR, "chase_2": 12 * HOUR}
# "leave" is set by put_leave on what it hit, and stays until that is moved or ended.
TIMERS = ("hold", *REMINDERS, *CHASES, "silent", "close", "leave")
# What the citizen is told when a timer that changes nothing is due.
TOLD = {"day": "reminder_day", "quarter": "reminder_quarter", "chase_1": "chase_1", "chase_2": "chase_2"}


def timers(appointment: Appointment, now: int) -> dict[str, int]:
    """Return an appointment's timers as a change made now sets them: name → when it is due."""
    match appointment.state:
        case "proposed":
            return {"hold": appointment.hold_until}
        case "pending":
            return _waiting(appointment, now)
        case "waitlist":
            return {"silent": now + KINDS[appointment.kind].latest}
        case "booked":
            reminders = {name: appointment.start - before for name, before in REMINDERS.items()}
            ahead = {name: due for name, due in reminders.items() if due > now}
            return {**ahead, "close": appointment.end + UNTOUCHED}
        case "arrived":
            return {"close": appointment.end + UNTOUCHED}
        case _:
            return {}


def _waiting(appointment: Appointment, now: int) -> dict[str, int]:
    """Return the timers of a request: the other side's answer is waited for, the applicant's, or the office's."""
    last = appointment.start - LAST_WORD
    if not appointment.respondent:
        return {"silent": last}
    silent = min(now + SILENCE, last)
    chases = {} if appointment.proposals else {name: now + after for name, after in CHASES.items()}
    return {**{name: due for name, due in chases.items() if due < silent}, "silent": silent}


def rung(old: Appointment, timer: str) -> Appointment | None:
    """Return an appointment as a timer leaves it: itself when the timer only tells, None when it does not apply."""
    ends: dict[tuple[str, State], tuple[State, str]] = {
        ("hold", "proposed"): ("cancelled", "hold_over"),
        ("silent", "pending"): ("cancelled", _silence(old)),
        ("silent", "waitlist"): ("cancelled", "no_common_time"),
        ("close", "booked"): ("noshow", "untouched"),
        ("close", "arrived"): ("fulfilled", ""),
    }
    if (timer, old.state) in ends:
        return settled(old, *ends[timer, old.state])
    tells = (timer in REMINDERS and old.state == "booked") or (timer in CHASES and old.state == "pending")
    return old if tells else None


def _silence(old: Appointment) -> str:
    if old.proposals:
        return "no_common_time"
    return "other_side_silent" if old.respondent else "office_silent"


def too_late(old: Appointment, timer: str, due: int, now: int) -> bool:
    """Whether a timer that only tells is due so long that it must not be told as if fresh."""
    if timer == "quarter":
        return old.start <= now
    return timer in STALE and now - due > STALE[timer]


def notice(old: Appointment, new: Appointment, by: Role, leave: bool = False) -> str:
    """Return what the citizen is told of a change, "" for nothing; who acted is not told."""
    if by == "citizen" or old.state == "proposed":
        return ""
    if new.state == "cancelled":
        return _ending(old, new, by)
    if (new.start, new.practitioner, new.room) != (old.start, old.practitioner, old.room):
        return "leave_moved" if leave else "moved"
    if (old.state, new.state) == ("pending", "booked"):
        return "accepted" if by == "respondent" else "approved"
    return "proposed" if by == "respondent" and new.proposals else ""


def _ending(old: Appointment, new: Appointment, by: Role) -> str:
    if new.reason == "leave":
        return "leave_cancelled"
    if by == "respondent":
        return "declined"
    if by == "system":
        return "silent"
    return "refused" if old.state == "pending" else "cancelled"
