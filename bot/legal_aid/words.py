"""How an application is told of: in the chat, on the citizen's page, in notices. No matter of the case, no name."""

from __future__ import annotations

from datetime import datetime

from bot.conversation.model import Button, Reply
from bot.directory.hours import SHANGHAI
from bot.legal_aid.application import PAPERS, TOLD, Application, State

HUMAN = Button("转人工", "/talk_to_human")
MINE = Button("看进度", "/check_status")
STATES_SAID: dict[State, str] = {
    "draft": "还没交上来",
    "submitted": "交上来了，等工作人员看",
    "papers_missing": "还差材料",
    "under_review": "正在审查",
    "granted": "同意给您办",
    "refused": "没有同意",
    "withdrawn": "已经撤回",
}
# Sentences with {papers} and {due}.
WORDS = {
    "aid_papers_missing": "您的法律援助申请还差材料：{papers}。补齐了带到法律援助中心就行，一直不补会当作您不申请了。",
    "aid_under_review": "您的法律援助申请开始审查了{due}。",
    "aid_granted": "您的法律援助申请同意了。三日内会给您派人，到时候会跟您联系。",
    "aid_refused": "您的法律援助申请没有同意，会给您一份写明理由的书面通知。不服的话，可以找管它的司法局，五日内会审查。",
    "aid_withdrawn": "您的法律援助申请撤回了。以后需要，随时可以再申请。",
}


def worded(what: str, application: Application) -> Reply | None:
    """Return what to tell, or None when it is no longer true: the application has moved on."""
    if TOLD.get(application.state) != what:
        return None
    papers = "、".join(PAPERS[name] for name in application.papers)
    text = WORDS[what].format(papers=papers, due=_promise(application))
    return Reply(f"{text}\n编号 {application.id}", (MINE, HUMAN))


def status_line(application: Application) -> str:
    """Return one line for a list: reference and state, with the day by which it is decided."""
    return f"{application.id} 法律援助申请：{STATES_SAID[application.state]}{_promise(application)}"


def _promise(application: Application) -> str:
    return f"，{say_day(application.promised)}前给答复" if application.promised else ""


def say_day(moment: int) -> str:
    """Return "12月2日"."""
    at = datetime.fromtimestamp(moment, SHANGHAI)
    return f"{at.month}月{at.day}日"
