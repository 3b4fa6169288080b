"""Ways to a booking that several conversations begin with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.booking.desk import Desk
from bot.bootstrap import desk_of
from bot.platform.keyfile import with_keys
from bot.platform.processes import store_url
from bot.platform.settings import load
from bot.platform.store import connect
from tests.conversation.person import Person

PHONE, OTHER_PHONE = "13800138000", "13900139000"


def to_the_summary(
    person: Person, opening: str = "想约莲下的调解员视频调解邻居漏水的事", other_phone: str = "不知道"
) -> str:
    """Talk up to the summary of a mediation."""
    person.says(opening)
    person.taps("选")
    person.takes_time()
    person.says("同意", "林秀英", PHONE, "隔壁老陈")
    return person.says(other_phone)


def booked_consultation(person: Person, phone: str = PHONE) -> str:
    """Book a lawyer by phone and return the reference."""
    person.says("我想约律师")
    if "律师，还是" in person.read():
        person.says("律师")
    person.says("电话")
    person.taps("选")
    person.takes_time()
    person.says("同意", "陈大文", phone, "不说", "确认")
    return person.reference()


@asynccontextmanager
async def open_desk(var: Path) -> AsyncIterator[Desk]:
    """Open the running program's desk from outside, as its worker and the other side's page do."""
    settings = with_keys(load({"CHENGFATONG_VAR": str(var)}))
    redis = connect(store_url(settings))
    try:
        yield desk_of(settings, redis)
    finally:
        await redis.aclose()
