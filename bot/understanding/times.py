"""Chinese time words in running text. Python 3.10.

A grammar of our own reads what citizens say about appointments and opening hours: [day][part of day][clock]. jionlp,
the library that reads Chinese time in general, gives wrong or no answers for much of that (明早, 月底, 12.5 14:00,
这个周末, 两点半 at night, holidays that are over), so it is asked for what it does well: the lunar calendar.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Literal

# China has had one time zone without daylight saving since 1991; the engine needs no zone database for it.
SHANGHAI = timezone(timedelta(hours=8))
Grain = Literal["minute", "part", "day", "range"]
DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "日": 7, "天": 7, "末": 6}
NUM = r"(?:\d{1,2}|[零〇一二两三四五六七八九十]{1,3})"
DAY_WORDS = {
    "大前天": -3, "前天": -2, "前日": -2, "昨天": -1, "昨日": -1, "昨晚": -1, "昨夜": -1, "前晚": -2, "今天": 0, "今日": 0, "今早": 0, "今晚": 0, "今暝": 0, "今晨": 0,
    "明天": 1, "明日": 1, "明起": 1, "明早": 1, "明晚": 1, "听日": 1, "听早": 1, "大后天": 3, "大后日": 3, "后天": 2, "后日": 2,
}  # fmt: skip
YEARS = {"前年": -2, "去年": -1, "今年": 0, "明年": 1, "后年": 2}
WEEKS = {"上上": -2, "上": -1, "下": 1, "下下": 2, "这": 0, "本": 0}
# Hours of the parts of a day, half open; offices ask for "the morning" and mean their own.
PARTS = {
    "凌晨": (0, 6), "半夜": (0, 5), "清晨": (6, 9), "早上": (6, 12), "早晨": (6, 12), "上午": (8, 12), "上昼": (8, 12),
    "中午": (11, 14), "正午": (12, 13), "下午": (12, 18), "下昼": (12, 18), "傍晚": (17, 19), "眠起": (6, 12), "暝": (18, 24), "夜": (18, 24), "晚上": (18, 24),
    "夜里": (18, 24), "晚间": (18, 24), "早": (6, 12), "起": (6, 12), "晚": (18, 24), "晨": (6, 9),
}  # fmt: skip
SOLAR_HOLIDAYS = {
    "元旦": (1, 1, 1),
    "劳动节": (5, 1, 1),
    "五一": (5, 1, 5),
    "国庆节": (10, 1, 7),
    "国庆": (10, 1, 7),
    "十一": (10, 1, 7),
}
LUNAR_HOLIDAYS = {
    "春节": (1, 1, 7),
    "过年": (1, 1, 7),
    "年初": (1, 1, 1),
    "元宵": (1, 15, 1),
    "端午": (5, 5, 1),
    "中秋": (8, 15, 1),
}

_PART = "(?:" + "|".join(sorted((p for p in PARTS if len(p) > 1), key=len, reverse=True)) + ")"
_WEEK = (
    r"(?:(?P<which>上上|下下|上|下|这|本)(?:个|一)?)?(?:周|星期|礼拜|(?<![礼崇])拜)(?P<weekday>[一二三四五六日天末])"
)
_WHOLE_WEEK = r"(?P<week>上上|下下|上|下|这|本)(?:个|一)?(?:周|星期|礼拜)(?![一二三四五六日天末])"
_DATE = (
    r"(?P<word>大前天|前天|前日|前晚|昨天|昨日|昨晚|昨夜|大后天|大后日|后天(?!性)|后日|今天|今日|今早|今晚|今晨|今暝|明天|明日|明早|明晚|明起(?=[\\s，,]|\\d|$)|听日|听早)"
    rf"|{_WEEK}|{_WHOLE_WEEK}|(?P<weekend>周末)"
    rf"|(?P<year>前年|去年|今年|明年|后年)(?:的)?(?:(?P<year_month>{NUM})月份?(?:(?P<year_day>{NUM})[号日])?)?"
    r"|(?P<iso>\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?)"
    rf"|(?:(?P<next>下下个月|下个?月|这个月|本月|上个?月)|(?P<month>{NUM})月份?)(?:(?P<mday>{NUM})[号日]?|(?P<edge>底|初|中旬|月底|月初))?"
    r"|(?P<bare_edge>月底|月初)"
    r"|(?P<slash>(?<![\d./])(?:1[0-2]|0?[1-9])[./-](?:3[01]|[12]\d|0?[1-9])(?![\d./%万元块个米度级折]))"
    rf"|(?P<only_day>(?<![\d第])(?:[12]\d|3[01]|[1-9])号(?!楼|线|店|房|院|机|码|令|文|公|厂|路|铺|门|车|仓|球|柜))"
    r"|(?P<lunar>(?:年|大年|正月)初[一二三四五六七八九十]|除夕|年三十|初[一二三四五六七八九十])"
    r"|(?P<holiday>元旦|劳动节|五一|国庆节|国庆|十一(?=假|放|长假|黄金|期间|上班|那)|春节|过年|元宵|端午|清明|中秋)(?:节|假期|期间|放假|那几天|那天|当天)?"
)
_CLOCK = (
    rf"(?:(?<![差有])(?P<hour>{NUM})[点點时](?!(?:意见|建议|都|儿|钱|事|多|左右不|不|就|要求|原因|理由|问题|疑问|没|小)|[候间])(?:钟|鐘|整)?(?:(?P<half>半)|(?P<quarter>[一三])刻|(?P<minute>{NUM})分?)?"
    r"|(?<![\d:：.])(?P<h24>[01]?\d|2[0-3])[:：](?P<m24>[0-5]\d)(?![\d:：]))"
)
_AHEAD = rf"(?P<amount>半|{NUM})个?(?P<unit>小时|钟头|分钟|天|日|周|星期|礼拜|个月)(?:之|以)?后"
_NOW = r"(?P<now>现在|現在|此刻|这会儿|目前|马上|立刻)"
EXPRESSION = re.compile(
    rf"(?:{_AHEAD})|(?:{_NOW})"
    rf"|(?:(?P<date>{_DATE})(?:的|\s|，|,|那天)*)?(?P<part>{_PART})?的?\s*(?:{_CLOCK}(?:(?:到|至|-|—|~|–)(?P<until>{NUM})[点點:：](?P<until_half>半)?)?)?"
)
# 现在 is a moment only where somebody asks whether a place is open; elsewhere it means "by now".
ASKS_NOW = re.compile(r"开|上班|下班|关门|营业|有人|放假|休息|在不在|在吗|去得|能去|可以去|过去|办得")
# Nothing is looked for in a text without one of these: most messages have no time in them.
GATE = re.compile(r"[夕三点點时号日天早晚午夜周週昨今明后月旬初末节庆旦秋阳过年五一期拜:：/.\-昼后在立马]")


@dataclass(frozen=True)
class TimeSpan:
    """A time as said: offsets into the text, the words, an ISO 8601 instant or half-open interval, how fine it is."""

    start: int
    end: int
    text: str
    value: str
    grain: Grain


def find_times(text: str, now: datetime) -> list[TimeSpan]:
    """Return the times said in a text, in order, as seen from `now` (aware). Upcoming dates are meant."""
    if not GATE.search(text):
        return []
    now = now.astimezone(SHANGHAI)
    spans = []
    asks_now = bool(ASKS_NOW.search(text))
    for match in EXPRESSION.finditer(text):
        if match["now"] and not asks_now:
            continue
        if match.group().strip() and (found := _read(match, now)):
            start, end, grain = found
            value = _iso(start) if grain == "minute" and end is None else f"{_iso(start)}/{_iso(end or start)}"
            said = match.group().rstrip(" ，,的")
            spans.append(TimeSpan(match.start(), match.start() + len(said), said, value, grain))
    return spans


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes")


def _read(match: re.Match[str], now: datetime) -> tuple[datetime, datetime | None, Grain] | None:
    if match["now"]:
        return now, None, "minute"
    if match["amount"]:
        return _ahead(match, now)
    days = _dates(match, now) if match["date"] else None
    if match["date"] and days is None:
        return None
    part = _part(match)
    if match["hour"] or match["h24"]:
        return _clock(match, days, part, now)
    if days is None:
        return _span(now.date(), PARTS[part]) if part else None
    first, last = days
    if part and first == last:
        return _span(first, PARTS[part])
    return _midnight(first), _midnight(last + timedelta(1)), "day" if first == last else "range"


def _part(match: re.Match[str]) -> str:
    """Return the part of the day said, also inside 明早 and 今晚."""
    word = match["word"] or ""
    return match["part"] or (word[-1] if word and word[-1] in ("早", "晚", "晨", "暝", "夜", "起") else "")


def _span(day: date, hours: tuple[int, int]) -> tuple[datetime, datetime, Grain]:
    start = _midnight(day)
    return start + timedelta(hours=hours[0]), start + timedelta(hours=hours[1]), "part"


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


def _number(said: str) -> int:
    if said.isdigit():
        return int(said)
    tens, ten, ones = said.rpartition("十")
    if ten:
        return (DIGITS.get(tens, 1) if tens else 1) * 10 + (DIGITS.get(ones, 0) if ones else 0)
    return int("".join(str(DIGITS[c]) for c in said)) if said else 0


def _ahead(match: re.Match[str], now: datetime) -> tuple[datetime, datetime | None, Grain]:
    unit = match["unit"]
    amount = 0.5 if match["amount"] == "半" else _number(match["amount"])
    if unit in ("小时", "钟头", "分钟"):
        step = timedelta(minutes=amount) if unit == "分钟" else timedelta(hours=amount)
        return now + step, None, "minute"
    days = {"天": 1, "日": 1, "个月": 30}.get(unit, 7) * amount
    day = now.date() + timedelta(days=days)
    return _midnight(day), _midnight(day + timedelta(1)), "day"


def _clock(
    match: re.Match[str], days: tuple[date, date] | None, part: str, now: datetime
) -> tuple[datetime, datetime | None, Grain] | None:
    hour = _number(match["hour"] or match["h24"])
    minute = 30 if match["half"] else _number(match["quarter"]) * 15 if match["quarter"] else 0
    minute = _number(match["minute"] or match["m24"] or "") or minute
    if hour > 24 or minute > 59:
        return None
    hour = _hour_of_day(hour, part, bool(match["h24"]))
    at = _midnight(days[0] if days else now.date()) + timedelta(hours=hour, minutes=minute)
    if days is None and not part and at <= now:
        at += timedelta(1)  # A bare time is the next such moment.
    if match["until"]:
        until = _hour_of_day(_number(match["until"]), part, False)
        end = at.replace(hour=0, minute=0) + timedelta(hours=until, minutes=30 if match["until_half"] else 0)
        return at, end if end > at else end + timedelta(hours=12), "part"
    return at, None, "minute"


def _hour_of_day(hour: int, part: str, written: bool) -> int:
    """Return the hour on the 24-hour clock. Without a part of the day, 1 to 6 is the afternoon, when offices work."""
    if part in ("下午", "下昼", "晚上", "晚", "傍晚", "夜里", "晚间", "暝", "夜") or (part == "中午" and hour < 4):
        return hour + 12 if hour < 12 else hour
    if not part and not written and 1 <= hour <= 6:
        return hour + 12
    return hour


def _dates(match: re.Match[str], now: datetime) -> tuple[date, date] | None:
    """Return the first and last day of what was said."""
    today = now.date()
    try:
        if match["word"]:
            day = today + timedelta(DAY_WORDS[match["word"]])
            return day, day
        if match["year"]:
            return _year(match, today)
        if match["week"]:
            monday = today - timedelta(today.weekday()) + timedelta(weeks=WEEKS[match["week"]])
            return monday, monday + timedelta(6)
        if match["weekday"] or match["weekend"]:
            return _week(match, today)
        if match["iso"]:
            year, month, mday = (int(n) for n in re.findall(r"\d+", match["iso"]))
            return date(year, month, mday), date(year, month, mday)
        if match["slash"]:
            month, mday = (int(n) for n in re.findall(r"\d+", match["slash"]))
            return _coming(today, month, mday)
        if match["only_day"]:
            return _this_or_next_month(today, int(match["only_day"][:-1]))
        if match["bare_edge"]:
            return _edge(today.replace(day=1), match["bare_edge"][-1])
        if match["month"] or match["next"]:
            return _month(match, today)
        return _lunar(match["lunar"], today) if match["lunar"] else _holiday(match["holiday"], today)
    except (ValueError, OverflowError):
        return None


def _week(match: re.Match[str], today: date) -> tuple[date, date]:
    which, said = match["which"], match["weekday"] or "末"
    monday = today - timedelta(today.weekday())
    monday += timedelta(weeks=WEEKS.get(which or "", 0))
    if said == "末":
        return monday + timedelta(5), monday + timedelta(6)
    day = monday + timedelta(DIGITS[said] - 1)
    if not which and day < today:
        day += timedelta(7)  # A bare weekday is the coming one.
    return day, day


def _year(match: re.Match[str], today: date) -> tuple[date, date]:
    year = today.year + YEARS[match["year"]]
    if not match["year_month"]:
        return date(year, 1, 1), date(year, 12, 31)
    first = date(year, _number(match["year_month"]), 1)
    if match["year_day"]:
        first = first.replace(day=_number(match["year_day"]))
        return first, first
    return first, _add_month(first, 1) - timedelta(1)


def _coming(today: date, month: int, mday: int) -> tuple[date, date]:
    day = date(today.year, month, mday)
    if day < today:
        day = date(today.year + 1, month, mday)
    return day, day


def _this_or_next_month(today: date, mday: int) -> tuple[date, date]:
    first = today.replace(day=1) if mday >= today.day else _add_month(today, 1)
    return first.replace(day=mday), first.replace(day=mday)


def _add_month(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def _edge(first: date, said: str) -> tuple[date, date]:
    following = _add_month(first, 1)
    if said == "底":
        return following - timedelta(5), following - timedelta(1)
    return (first, first + timedelta(4)) if said == "初" else (first + timedelta(10), first + timedelta(19))


def _month(match: re.Match[str], today: date) -> tuple[date, date] | None:
    if match["next"]:
        steps = 2 if match["next"].startswith("下下") else {"下": 1, "上": -1}.get(match["next"][0], 0)
        first = _add_month(today, steps)
    else:
        month = _number(match["month"])
        if not 1 <= month <= 12:
            return None
        first = date(today.year + (month < today.month), month, 1)
    if match["mday"]:
        day = first.replace(day=_number(match["mday"]))
        if match["month"] and day < today:
            day = day.replace(year=day.year + 1)
        return day, day
    if match["edge"]:
        return _edge(first, match["edge"].replace("月", "")[0])
    return first, _add_month(first, 1) - timedelta(1)


def _holiday(said: str, today: date) -> tuple[date, date]:
    for year in (today.year, today.year + 1):
        if said in SOLAR_HOLIDAYS:
            month, mday, days = SOLAR_HOLIDAYS[said]
            first = date(year, month, mday)
        elif said == "清明":
            first, days = date(year, 4, 4 if year % 4 in (0, 1) else 5), 1  # the solar term, good from 2009 to 2100
        else:
            month, mday, days = LUNAR_HOLIDAYS[said]
            first = lunar_date(year, month, mday)
        if first + timedelta(days - 1) >= today:
            break
    return first, first + timedelta(days - 1)


def _lunar(said: str, today: date) -> tuple[date, date] | None:
    offset = -1 if said in ("除夕", "年三十") else _number(said.split("初")[1]) - 1
    if said.startswith("初"):
        # "初五" alone is a day of the new year only when that is near; otherwise it may be any lunar month's.
        near = lunar_date(today.year, 1, 1), lunar_date(today.year + 1, 1, 1)
        if all(abs((first - today).days) > 45 for first in near):
            return None
    for year in (today.year, today.year + 1):
        day = lunar_date(year, 1, 1) + timedelta(offset)
        if day >= today:
            return day, day
    return None


@lru_cache(maxsize=256)
def lunar_date(year: int, month: int, day: int) -> date:
    """Return the solar date of a lunar one, by jionlp's calendar; imported here since it takes a second."""
    import jionlp

    found = jionlp.lunar2solar(year, month, day, False)
    return date(found.year, found.month, found.day)


def warm_up() -> None:
    """Load what the first lunar date would otherwise wait for."""
    lunar_date(2026, 1, 1)
