"""How the staff are told of reachability: plain Chinese for the console."""

from __future__ import annotations

from bot.reach.model import Safe, Standing
from bot.reach.records import Job

WHAT = {
    "reminder_day": "提醒：明天的预约",
    "reminder_quarter": "提醒：马上要开始",
    "accepted": "对方答应来了",
    "approved": "约好了",
    "chase_1": "对方还没有回复",
    "chase_2": "对方还没有回复，第二次",
    "proposed": "对方提了别的时间",
    "moved": "改了时间",
    "leave_moved": "经办人请假，改了时间",
    "cancelled": "取消了",
    "leave_cancelled": "经办人请假，取消了",
    "declined": "对方不参加",
    "refused": "没能安排上",
    "silent": "没等到回复，时间放掉了",
    "aid_papers_missing": "法律援助：还差材料",
    "aid_under_review": "法律援助：开始审查",
    "aid_granted": "法律援助：同意了",
    "aid_refused": "法律援助：没有同意",
    "aid_withdrawn": "法律援助：撤回了",
    "unfollowed": "取消关注了，后面的预约通知不到",
}
WHY = {
    "unconfirmed": "发过一次，不知道收到没有",
    "unfollowed": "没有关注公众号",
    "no_way": "微信现在不让发",
    "no_address": "微信地址打不开",
    "quiet": "本人要求不往手机上发",
    "hours": "等到方便的时间就晚了",
    "unread": "网页上还没看到",
    "late": "微信一直没发出去",
    "down": "微信一直没有回应",
    "error": "系统没能写出这条通知",
}
WAYS = {
    "service": "微信消息",
    "subscription": "微信订阅通知",
    "template": "微信模板消息",
    "sms": "短信",
    "page": "网页",
}
STATES = {
    "waiting": "等着发",
    "sending": "正在发",
    "busy": "微信忙，过会儿再发",
    "unknown": "不知道收到没有",
    "accepted": "已发出",
    "delivered": "已收到",
    "page": "放在网页上，还没看到",
    "call": "要打电话",
    "called": "打过电话了",
    "dropped": "不用发了",
}


def why(job: Job) -> str:
    """Return why a notice is for a call; an unknown code is the platform's own."""
    return WHY.get(job.reason, f"微信没让发（{job.reason}）")


def state(job: Job) -> str:
    """Return what became of a notice, and by which way."""
    way = WAYS.get(job.way.partition(":")[0], "")
    said = STATES[job.state]
    return f"{way}{said}" if way and job.state in ("accepted", "delivered", "unknown") else said


def safe_words(safe: Safe) -> str:
    """Return what somebody who calls must heed, "" for nothing."""
    parts = []
    if safe.quiet:
        parts.append("本人要求不要往手机上打电话、发消息，等本人来问再告诉")
    if safe.hours:
        parts.append(f"只在{safe.hours[0]}点到{safe.hours[1]}点打，别的时间不要打")
    if safe.neutral:
        parts.append("接电话的不是本人，就不要说是哪里、什么事")
    return "；".join(parts)


def by_words(standing: Standing, now: float) -> tuple[str, int]:
    """Return by which way a citizen can be told now, and until when (0: no end is known)."""
    if not standing.wechat:
        return "只在网页上，或者打电话", 0
    if standing.safe.quiet:
        return "不往手机上发", 0
    if left := standing.left(now):
        return f"微信消息（还能发{left}条）", standing.until(now)
    if any(standing.permissions.values()):
        return f"微信订阅通知（还能发{sum(standing.permissions.values())}条）", 0
    return ("要打电话：关注着公众号，但这两天没说过话" if standing.followed else "要打电话：没有关注公众号"), 0
