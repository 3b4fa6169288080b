"""What a notice says. Anybody may look over the citizen's shoulder: no matter of the case, no other party's name."""

from __future__ import annotations

from dataclasses import dataclass

from bot.booking.model import ENDED, Appointment
from bot.booking.words import say_how, say_when, say_who
from bot.conversation.model import Button, Reply
from bot.directory.model import Listing

MINE = Button("我的预约", "/check_status")
MOVE = Button("改时间", "/change_booking")
CANCEL = Button("取消预约", "/cancel_booking")
LAWYER = Button("找律师", '/find_provider{"provider_type": "lawyer"}')
HUMAN = Button("转人工", "/talk_to_human")


@dataclass(frozen=True)
class Facts:
    """What a notice is about, as it is now."""

    appointment: Appointment
    listing: Listing | None = None
    place: Listing | None = None


@dataclass(frozen=True)
class Wording:
    """A sentence with {when}, {who}, {how} and {reference}, and what to tap. `live`: pointless once it has ended."""

    text: str
    buttons: tuple[Button, ...]
    live: bool = True


WORDS = {
    "reminder_day": Wording("快到时间了：{when}，{who}{how}。来不了的话，提前改个时间就好。", (MINE, MOVE, CANCEL)),
    "reminder_quarter": Wording("马上到时间了：{when}，{who}{how}。", (MINE,)),
    "chase_1": Wording("您约的{when}，对方还没有回复。可以把邀请链接再发一次，或者打个电话说一声。", (MINE, MOVE)),
    "chase_2": Wording(
        "您约的{when}，对方还是没有回复。再提醒一次吧；一直没有回复的话，这个时间会先放掉。", (MINE, MOVE, CANCEL)
    ),
    "accepted": Wording("对方答应来了。{when}，{who}{how}。", (MINE,)),
    "approved": Wording("约好了。{when}，{who}{how}。", (MINE,)),
    "proposed": Wording("{when}对方来不了，提了别的时间。点“我的预约”挑一个您也方便的。", (MINE,)),
    "moved": Wording("时间改了：现在是{when}，{who}{how}。不方便的话可以再改。", (MINE, MOVE)),
    "leave_moved": Wording("{who}原来那天有事，帮您改到了{when}，{how}。不方便的话可以再改。", (MINE, MOVE)),
    "cancelled": Wording(
        "您约的{when}被工作人员取消了，抱歉。想知道原因或者重新约，可以转人工。", (HUMAN, MINE), False
    ),
    "leave_cancelled": Wording(
        "您约的{when}，{who}有事来不了，近期又没有别的空，只好取消，抱歉。可以另外约一位。", (MINE, HUMAN), False
    ),
    "declined": Wording(
        "您约的{when}，对方说这次不参加，这个时间就不占着了。还有别的办法，可以先找律师问问。", (LAWYER, HUMAN), False
    ),
    "refused": Wording("您约的{when}没能安排上，抱歉。想知道原因或者重新约，可以转人工。", (HUMAN, MINE), False),
    "silent": Wording("您约的{when}一直没等到回复，这个时间先放掉了。可以重新约，也可以转人工。", (HUMAN, MINE), False),
}
# What is said of the start before it; after it, the words would be a riddle.
BEFORE_START = frozenset(
    {
        "reminder_day",
        "reminder_quarter",
        "chase_1",
        "chase_2",
        "accepted",
        "approved",
        "proposed",
        "moved",
        "leave_moved",
    }
)


def worded(what: str, facts: Facts, now: float) -> Reply | None:
    """Return what to tell, or None when it is no longer true: the appointment has ended, moved on, or begun."""
    wording, appointment = WORDS[what], facts.appointment
    if wording.live == (appointment.state in ENDED):
        return None
    if what in BEFORE_START and appointment.start <= now:
        return None
    if what == "proposed" and not appointment.proposals:
        return None
    said = wording.text.format(
        when=say_when(appointment.start),
        who=say_who(facts.listing),
        how=say_how(appointment, facts.place),
    )
    return Reply(f"{said}\n编号 {appointment.id}", wording.buttons)
