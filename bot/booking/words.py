"""What the book's codes are called in Chinese, for the pages and the notices."""

from __future__ import annotations

from datetime import datetime

from bot.booking.model import Appointment, Wish
from bot.directory.hours import SHANGHAI
from bot.directory.hours_words import WEEKDAYS, say_time
from bot.directory.model import Listing
from bot.directory.words import TYPES

KINDS_SAID = {
    "mediation": "调解",
    "consultation": "问律师",
    "notary": "办公证",
    "legal_aid": "申请法律援助",
    "visit": "远程会见",
}
MODES_SAID = {"video": "视频", "phone": "电话", "on_site": "当面"}
# A remote visit goes by the office's own line: the citizen comes to the office, and the two see each other on its screen.
VISIT_SAID = "到现场，用那里的视频"
STATES_SAID = {
    "proposed": "正在留位",
    "pending": "等回复",
    "booked": "约好了",
    "arrived": "已经到了",
    "fulfilled": "办过了",
    "cancelled": "取消了",
    "noshow": "没有记到您来",
    "waitlist": "在排队",
}
# Why it ended, in the citizen's words; the citizen's own "取消了" says all.
REASONS_SAID = {
    "citizen": "您自己取消的。",
    "staff": "工作人员取消的，想知道原因可以转人工问。",
    "leave": "约的人那天有事，又没有别的空。",
    "other_side_declined": "对方这次不参加。",
    "other_side_silent": "对方一直没有回复，时间就放掉了。",
    "no_common_time": "两边没有对上时间。",
    "office_silent": "单位一直没有答复，时间就放掉了。",
    "hold_over": "没有及时确认，时间放掉了。",
    "untouched": "那天没有人记下来办了没有。要是您去过，跟我们说一声。",
}


def local(moment: int) -> datetime:
    """Return a moment as China's clocks show it."""
    return datetime.fromtimestamp(moment, SHANGHAI)


def say_when(moment: int) -> str:
    """Return "11月26日周四 9:45": right whenever it is read, which "明天" is not."""
    at = local(moment)
    return f"{at.month}月{at.day}日{WEEKDAYS[at.weekday()]} {say_time(at)}"


def say_who(listing: Listing | None) -> str:
    """Return 黄伟辉调解员, or a place's name; what is no longer in the directory is 工作人员."""
    if listing is None:
        return "工作人员"
    return f"{listing.name}{TYPES[listing.provider_type]}" if listing.is_person else listing.name


def say_mode(appointment: Appointment | Wish) -> str:
    """Return how the two sides meet, in a word or two."""
    return VISIT_SAID if appointment.kind == "visit" else MODES_SAID.get(appointment.mode, "")


def say_how(appointment: Appointment, place: Listing | None) -> str:
    """Return how to meet, as the end of "…,": 视频里见, 等电话, 到…去."""
    if appointment.mode == "video":
        return "在视频里见"
    if appointment.mode == "phone":
        return "在电话里谈，到时候请接电话"
    return f"到{place.name}当面谈" if place else "当面谈"
