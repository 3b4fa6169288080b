"""The WeChat bench's checker: what it must catch is planted, one fault at a time, in a run that is right without it."""

from __future__ import annotations

from collections import Counter

import pytest

from bench.wechat_check import PUT_OFF, SORRY, Sent, Verdict, judge, quantile, slope, windows
from tests.standin import APOLOGY, Bubble

ME = Bubble("me", "您好")


def reply(identity: str, text: str = "好") -> Bubble:
    return Bubble("account", text, "passive", answers=identity)


def service(text: str) -> Bubble:
    return Bubble("account", text, "service")


def verdict(*screen: Bubble, taken: dict[str, Counter[str]] | None = None) -> Verdict:
    messages = [Sent("10", "o", "您好"), Sent("20", "o", "您好")]
    windows(screen, messages)
    return judge(messages, taken or {"10": Counter(["您好"]), "20": Counter(["您好"])})


def test_run_is_good_when_each_message_has_its_answer() -> None:
    found = verdict(ME, reply("10"), ME, reply("20"), service("还有"))
    assert (found.good, found.answered_once, found.unseen) == (True, 2, 0)


def test_message_answered_by_service_alone_is_answered() -> None:
    assert verdict(ME, service("好"), ME, reply("20")).good


def test_late_passive_reply_counts_for_the_message_that_it_answers() -> None:
    assert verdict(ME, ME, reply("20"), reply("10")).good


@pytest.mark.parametrize("instead", [(), (Bubble("phone", APOLOGY),), (reply("10"), Bubble("phone", APOLOGY))])
def test_silence_and_apology_are_lost_messages(instead: tuple[Bubble, ...]) -> None:
    found = verdict(ME, *instead, ME, reply("20"))
    assert (found.good, found.lost, found.answered_once) == (False, 1, 1)


@pytest.mark.parametrize("more", [reply("10", "不好"), service("好")])
def test_second_reply_and_the_same_words_again_are_doubled(more: Bubble) -> None:
    found = verdict(ME, reply("10"), more, ME, reply("20"))
    assert (found.good, found.doubled_on_screen) == (False, 1)


def test_message_that_the_engine_took_twice_is_doubled_whatever_was_seen() -> None:
    taken = {"10": Counter({"您好": 2}), "20": Counter({"几点上班": 1, "地址在哪": 1})}
    found = verdict(ME, reply("10"), ME, reply("20"), taken=taken)
    assert (found.good, found.taken_twice, found.answered_once) == (False, 1, 1)


@pytest.mark.parametrize("words", [*SORRY, PUT_OFF])
def test_answer_that_is_none_is_counted(words: str) -> None:
    found = verdict(ME, reply("10", f"对不起，{words}。"), ME, reply("20"))
    assert (found.sorry + found.put_off, found.answered_once, found.good) == (1, 1, False)


def test_growth_is_told_from_warming_up_and_from_noise() -> None:
    warm = [(float(second), 600.0 if second >= 20 else 500.0) for second in range(60)]
    grows = [(float(second), 600.0 + second / 60) for second in range(60)]
    assert slope(warm) == 0
    assert slope(grows) == pytest.approx(1)
    assert quantile([0.1, 0.2, 0.3, 0.4], 0.5) == 300
