"""What the console calls things: plain Chinese for the staff."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from bot.directory.hours import SHANGHAI
from bot.directory.words import MATTERS as MATTERS
from bot.legal_aid.model import MATTERS as AID_MATTERS

KINDS = {
    "mediation": "调解",
    "consultation": "法律咨询",
    "notary": "公证",
    "legal_aid": "法律援助",
    "visit": "远程会见",
}
MODES = {"video": "视频", "phone": "电话", "on_site": "到现场", "": ""}
STATES = {
    "proposed": "正在约，还没确认",
    "pending": "等答复",
    "booked": "约好了",
    "arrived": "人到了",
    "fulfilled": "办完了",
    "cancelled": "取消了",
    "noshow": "没来",
    "waitlist": "排队中",
}
ACTS = {
    "approve": "同意",
    "refuse": "不同意",
    "arrive": "人到了",
    "fulfil": "办完了",
    "noshow": "没来",
    "cancel": "取消这次预约",
}
AID_STATES = {
    "submitted": "刚交上来",
    "papers_missing": "等他补材料",
    "under_review": "在审查",
    "granted": "同意了",
    "refused": "没同意",
    "withdrawn": "撤回了",
}
AID_OUTCOMES = {"likely_yes": "像是可以", "likely_no": "像是不行", "a_person_looks": "要人看"}
AID_ACTS = {
    "review": "材料齐了，开始审查",
    "grant": "同意给法律援助",
    "refuse": "不同意",
    "ask": "还差材料",
    "reopen": "重新审查",
    "withdraw": "撤回这份申请",
}
# What a button does, said before it is pressed.
AID_HINTS = {
    "refuse": "不同意要另外给他一份写明理由的书面通知，这里不写理由。",
    "ask": "一次说全。会通知他差哪些。",
    "reopen": "当事人提了异议，司法局要求再看的，按这里。",
    "withdraw": "他自己说不办了，或者一直没补材料的，按这里。",
}
DONE = {
    "aid_review": "已开始审查，会通知当事人。",
    "aid_grant": "已同意，会通知当事人。三日内要派人。",
    "aid_refuse": "已记下不同意，会通知当事人。书面通知请另外送。",
    "aid_ask": "已通知当事人补材料。",
    "aid_reopen": "已重新开始审查，会通知当事人。",
    "aid_withdraw": "已撤回，会通知当事人。",
    "approve": "已同意，会通知当事人。",
    "refuse": "已回绝，会通知当事人。",
    "arrive": "已记下：人到了。",
    "fulfil": "已记下：办完了。",
    "noshow": "已记下：没来。",
    "cancel": "已取消，会通知当事人，时间空出来了。",
    "seen": "已记下：有人在跟进。",
    "called": "已记下：告诉本人了。",
    "leave": "已销假，可以再约了。",
    "password": "密码改好了。",
}
REASONS = {
    "citizen": "当事人自己取消",
    "staff": "其他原因",
    "staff_not_ours": "这件事不归我们办",
    "staff_papers": "材料还没备齐",
    "staff_no_time": "这个时间办不了",
    "staff_duplicate": "重复预约",
    "staff_asked": "当事人打电话来取消",
    "leave": "经办人请假",
    "other_side_declined": "对方不同意",
    "other_side_silent": "对方没有答复",
    "no_common_time": "双方时间凑不到一起",
    "office_silent": "没有人答复",
    "hold_over": "没有确认，时间放开了",
    "untouched": "过了时间没人登记",
}
ROLES = {
    "clerk": "办事员",
    "practitioner": "经办人",
    "supervisor": "主管",
    "administrator": "系统管理员",
    "operator": "服务器",
}
LEAVE = {"holiday": "休假", "errand": "外出办事", "training": "培训", "other": "其他"}
CHANNELS = {"web": "网页", "wechat": "微信"}
FIELDS = {
    "name": "姓名",
    "phone": "电话",
    "id_number": "身份证号",
    "address": "地址",
    "area": "地方",
    "other_name": "对方姓名",
    "other_phone": "对方电话",
    "relation": "和对方的关系",
    "inmate": "要见的人",
    "institution": "在哪里",
    "item": "要办的事",
    "story": "事情经过",
}
DEEDS = {
    **ACTS,
    **{f"aid_{name}": f"法律援助：{said}" for name, said in AID_ACTS.items()},
    "aid_shown": "看法律援助申请",
    "contact_shown": "看联系方式",
    "photo_shown": "看照片",
    "leave_put": "请假",
    "leave_ended": "销假",
    "alert_seen": "跟进危险求助",
    "called": "打电话通知",
    "signed_in": "登录",
    "signed_out": "退出",
    "password_chosen": "改密码",
    "account_added": "开账号",
    "account_reset": "重设密码",
    "account_disabled": "停账号",
}
OUTCOMES = {"done": "完成"}
WEEKDAYS = "一二三四五六日"


def day_words(day: date) -> str:
    """Return a day as people say it: 11月25日 周三."""
    return f"{day.month}月{day.day}日 周{WEEKDAYS[day.weekday()]}"


def clock(moment: int) -> str:
    """Return the local time of a moment: 15:00."""
    return f"{datetime.fromtimestamp(moment, SHANGHAI):%H:%M}"


def moment_words(moment: int) -> str:
    """Return a moment as people say it: 11月25日 周三 15:00."""
    return f"{day_words(day_of(moment))} {clock(moment)}"


def span_words(start: int, end: int) -> str:
    """Return a time as people say it, the day said once when it is one: 11月25日 周三 15:00 到 16:00."""
    same = day_of(start) == day_of(end)
    return f"{moment_words(start)} 到 {clock(end) if same else moment_words(end)}"


def outcome_words(outcome: str) -> str:
    """Return what became of a deed."""
    return "没办成" if outcome.startswith("refused") else OUTCOMES.get(outcome, outcome)


def day_of(moment: int) -> date:
    """Return the local day of a moment."""
    return datetime.fromtimestamp(moment, SHANGHAI).date()


def day_before(day: date) -> date:
    """Return the day before."""
    return day - timedelta(1)


def day_after(day: date) -> date:
    """Return the day after."""
    return day + timedelta(1)


def iso_words(at: str) -> str:
    """Return an ISO 8601 instant as people say it."""
    return moment_words(int(datetime.fromisoformat(at).timestamp()))


def aid_matter(matter: str) -> str:
    """Return what an application is about."""
    return AID_MATTERS[matter].title if matter in AID_MATTERS else "其他"


def due_words(due: int, now: int) -> str:
    """Return by when to answer, and how that stands to today."""
    left = (day_of(due) - day_of(now)).days
    return f"{day_words(day_of(due))}前答复，" + (
        f"过了{-left}天" if left < 0 else f"还有{left}天" if left else "就是今天"
    )


def phone(number: str) -> str:
    """Return a number of E.164 as it is dialled here: 0754-…, 138…."""
    return number.removeprefix("+86") if number.startswith("+861") else number.replace("+86", "0", 1)
