"""Everything that can go wrong, in one tree.

ChengfatongError
├── SettingError            a setting is missing or malformed; stops the start
├── StoreUnavailable        Valkey does not answer
│   └── Unconfirmed         a write was sent, and may or may not be kept
├── EngineUnavailable       Rasa does not answer
├── InvalidImport           a directory file was refused; nothing of it was applied
├── BackupRefused           a backup was not made or not put back; nothing was changed
├── BookingRefused          an appointment was not made or changed; nothing was written
│   ├── SlotTaken           somebody else has the time; carries others
│   ├── SlotClosed          nobody can book that time; carries others
│   ├── QuotaReached        the citizen has the day's limit of this kind
│   ├── ConflictOfInterest  the practitioner must not serve this person
│   ├── TransitionRefused   the appointment's state, or the role, does not allow it
│   ├── HoldOver            the time was held too long ago
│   ├── AppointmentAbsent   there is none, or it is somebody else's
│   ├── StaleAppointment    it was changed since it was read
│   ├── ReferenceTaken      another appointment has that reference
│   ├── LeaveRefused        a leave ends before it begins, or is longer than a year
│   └── RequestReused       an idempotency key came with another body
├── LogOvertaken            another entry came into a log before ours; nothing was written
├── ApplicationRefused      an application for legal aid was not made or changed; nothing was written
│   ├── ApplicationAbsent   there is none, or it is somebody else's
│   └── StaleApplication    it was changed since it was read
├── LinkRefused             a link of ours was not opened
│   ├── LinkInvalid         it was edited, or is no link of ours
│   ├── LinkExpired         its time is over
│   └── LinkUsed            it was opened in another browser before
├── ConsentMissing          personal data came for which the citizen has agreed to no purpose; nothing was kept
├── InvalidField            a name, phone or ID number cannot be right; the message is for the citizen
├── PhotoRefused            a file is no photo that can be shown; nothing was kept
├── CannotOpen              sealed data was changed, or belongs elsewhere
│   └── UnknownKey          it was sealed with a key that CHENGFATONG_KEYS does not hold
├── SignInRefused           name and password open nothing; why is not told
├── WeChatError             WeChat did not do what it was asked; carries its code and reason
│   ├── CitizenUnreachable  this person, this way: not now, and trying again does not help
│   ├── NotPermitted        the account may not do this; somebody must change its settings
│   ├── PlatformBusy        not done; later it will be
│   ├── PlatformDown        no answer, or none of its own: whether it was done is unknown
│   └── ContentRefused      what was to be sent is too long or malformed
├── TooManyTries            wait before the next try; carries the seconds
├── AccountRefused          a staff account was not made or changed; the message is one line for whoever asked
└── BadRequest              a caller's mistake; `status` and `kind` say which
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.booking.model import Slot


class ChengfatongError(Exception):
    """Root of the tree."""


class SettingError(ChengfatongError):
    """A setting is missing or malformed. The message is one line that names it."""


class StoreUnavailable(ChengfatongError):
    """The store does not answer, refuses to write, or is full."""


class Unconfirmed(StoreUnavailable):
    """A write was sent and not confirmed: promise nothing. The same command with the same idempotency key finds out."""


class EngineUnavailable(ChengfatongError):
    """The engine does not answer in time."""


class InvalidImport(ChengfatongError):
    """A directory import was refused whole.

    `problems` holds one `file:line:column: reason` line for each bad cell.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__(f"{len(problems)} problem(s), nothing was applied")
        self.problems = problems


class BackupRefused(ChengfatongError):
    """A backup was not made, or a backup's file was not put back. Nothing was changed; the message is one line."""


class BookingRefused(ChengfatongError):
    """An appointment was not made or changed, and nothing was written. The message says which check failed."""


class SlotTaken(BookingRefused):
    """The time is somebody's. The message names the role that is taken; `alternatives` are the nearest free times."""

    alternatives: tuple[Slot, ...] = ()


class SlotClosed(BookingRefused):
    """The time cannot be booked at all: closed, on leave, too soon, too far. `alternatives` as in SlotTaken."""

    alternatives: tuple[Slot, ...] = ()


class QuotaReached(BookingRefused):
    """The citizen already has as many appointments of this kind on that day as one may have."""


class ConflictOfInterest(BookingRefused):
    """The practitioner must not serve this citizen or this respondent."""


class TransitionRefused(BookingRefused):
    """The state that the appointment is in, or the role that asks, does not allow the change."""


class HoldOver(BookingRefused):
    """The time was held for the citizen until a moment that has passed."""


class AppointmentAbsent(BookingRefused):
    """There is no such appointment, or it is somebody else's: both look the same."""


class StaleAppointment(BookingRefused):
    """The appointment was changed since it was read."""


class ReferenceTaken(BookingRefused):
    """Another appointment has the reference that was drawn for a new one: draw another."""


class LeaveRefused(BookingRefused):
    """A leave ends before it begins, is over, or is longer than anybody plans for."""


class RequestReused(BookingRefused):
    """The idempotency key was used before, for another command."""


class LogOvertaken(ChengfatongError):
    """Another entry came into a log first, so that nothing was written. Whoever made the entry makes it anew."""


class ApplicationRefused(ChengfatongError):
    """An application for legal aid was not made or changed, and nothing was written. The message says which check failed."""


class ApplicationAbsent(ApplicationRefused):
    """There is no such application, or it is somebody else's: both look the same."""


class StaleApplication(ApplicationRefused):
    """The application was changed since it was read, or another has its reference."""


class LinkRefused(ChengfatongError):
    """A link of ours was not opened; whoever holds it is told how to get a new one, and not which check failed."""


class LinkInvalid(LinkRefused):
    """The link was edited, is for another purpose, or is no link of ours."""


class LinkExpired(LinkRefused):
    """The link was good until a moment that has passed."""


class LinkUsed(LinkRefused):
    """The link was opened before, in another browser."""


class ConsentMissing(ChengfatongError):
    """The citizen has agreed to no purpose that needs this field. The message names the field, never its content."""


class InvalidField(ChengfatongError):
    """What a citizen gave cannot be right. `reason` is the sentence to answer with; it never repeats what was given."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PhotoRefused(ChengfatongError):
    """A file is no photo that can be shown: another type, broken, too large. The message is a code for the log."""


class CannotOpen(ChengfatongError):
    """Sealed data does not open: it was changed, or copied from another place."""


class UnknownKey(CannotOpen):
    """Sealed data names a key that CHENGFATONG_KEYS does not hold. The message says which."""


class SignInRefused(ChengfatongError):
    """A name and a password open nothing: no such account, another password, disabled, or a first password too old."""


class TooManyTries(ChengfatongError):
    """Too many tries by this account or this address; `seconds` until there is room again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many tries, wait {seconds} s")
        self.seconds = seconds


class AccountRefused(ChengfatongError):
    """A staff account was not made or changed. The message says why, to whoever asked."""


class WeChatError(ChengfatongError):
    """WeChat answered with an error, or not at all. `code` is its errcode, 0 where it gave none."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code = code
        self.reason = reason


class CitizenUnreachable(WeChatError):
    """This person cannot be reached this way (out of the time allowed, not following, no permission): do not retry."""


class NotPermitted(WeChatError):
    """The account has no right to this, or its settings are wrong."""


class PlatformBusy(WeChatError):
    """Nothing was done, and the same call may be made later."""


class PlatformDown(WeChatError):
    """No answer, a page instead of one, or a server error: whether it was done is unknown."""


class ContentRefused(WeChatError):
    """What was to be sent is too long or malformed."""


class BadRequest(ChengfatongError):
    """A caller's mistake, answered as an RFC 9457 problem document.

    `kind` becomes the stable end of the document's `type`; `status` is the HTTP status (4xx).
    """

    def __init__(self, status: int, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.detail = detail
