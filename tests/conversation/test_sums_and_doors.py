"""Sums, doors, the notary and legal aid through HTTP: what is typed as people say it, to the figure, the door, the papers."""

from __future__ import annotations

import re
import urllib.request
from http.cookiejar import CookieJar

import pytest

from tests.conversation.person import Person


@pytest.mark.parametrize(
    ("said", "figure", "law"),
    [
        ("买到假货花了380，退一赔三是多少钱", "1140元", "《消费者权益保护法》第55条"),
        ("工伤九级月薪五千能赔多少", "4.5万元", "《工伤保险条例》（2010年12月20日）第37条"),
        ("两个孩子抚养费怎么算，他工资一个月六千", "1200元到3000元", "第49条"),
        ("收到支付令，异议期限到哪天，2026年11月3号收到的", "2026年11月18日", "《民事诉讼法》第85条、第227条"),
    ],
)
def test_citizen_who_says_all_gets_the_figure_with_its_rule(person: Person, said: str, figure: str, law: str) -> None:
    text = person.says(said)
    assert figure in text
    assert law in text


def test_citizen_taps_to_a_deposit_and_types_the_sums_as_they_are_said(person: Person) -> None:
    person.sends("/calculate")
    person.taps("定金退多少", "是定金", "收定金的一方")
    text = person.says("两万", "合同总价八万")
    assert "收定金的一方要还：3.6万元。" in text  # 16,000 double, 4,000 once
    assert "《民法典》第586条" in text


def test_citizen_is_not_told_that_a_prepayment_doubles(person: Person) -> None:
    person.sends('/calculate{"option":"calculator:deposit"}')
    person.taps("不是", "收定金的一方")
    assert "订金" in person.says("三千", "两万")


def test_citizen_reckons_leave_and_can_go_on_to_another_sum(person: Person) -> None:
    person.sends('/calculate{"option":"calculator:leave"}')
    assert "还要补：2758.62元" in person.says("六千", "12年", "5天")
    person.taps("再算一个")
    assert "没休的年休假" in person.titles()


def test_family_counts_the_grandchildren_of_two_lines_apart(person: Person) -> None:
    person.sends('/calculate{"option":"calculator:inheritance"}')
    person.taps("没有")
    person.says("1")
    assert "换个写法" in person.says("一个儿子留下两个")
    person.says("2，1")
    text = person.taps("都不在")
    assert "子女：1/3。先去世子女的孩子2人，每人1/6。先去世子女的孩子：1/3。" in text


def test_family_that_types_how_many_is_not_taken_to_pick_from_the_list(person: Person) -> None:
    person.sends('/calculate{"option":"calculator:inheritance"}')
    person.taps("没有")
    person.says("2", "2")
    assert "子女2人，每人1/3。先去世子女的孩子2人，每人1/6。" in person.taps("都不在")


@pytest.mark.parametrize(
    ("said", "door"),
    [("该打12345还是12348", "12348"), ("法官收了人家的烟 我找哪个", "12337"), ("要告人先去哪", "12348")],
)
def test_citizen_is_told_which_door_and_what_to_say_there(person: Person, said: str, door: str) -> None:
    text = person.says(said)
    assert door in text
    assert "怎么说" in text


def test_citizen_who_would_petition_about_a_neighbour_is_led_to_mediation(person: Person) -> None:
    text = person.says("我要去上访告邻居，该去哪个部门")
    assert "人民调解委员会" in text
    assert "信访不能直接定" in text
    person.taps("约调解")
    assert "出了点问题" not in person.read()


@pytest.mark.parametrize(
    ("said", "paper", "who"),
    [
        ("办遗嘱公证要带什么", "写好的草稿", "本人"),
        ("无犯罪记录公证要什么材料", "派出所开的", "代办"),
        ("想跟侄子签遗赠扶养协议，公证要什么", "协议草稿", "本人"),
    ],
)
def test_citizen_reads_who_must_come_and_what_to_bring_and_books_with_the_matter_known(
    person: Person, said: str, paper: str, who: str
) -> None:
    text = person.says(said)
    assert paper in text
    assert who in text
    assert "《公证法》第26条" in text
    assert "十五个工作日" in text
    person.taps("约公证")
    assert "办什么公证" not in person.read(), "the matter is known already"


def test_worker_hands_an_application_in_and_takes_it_back_on_the_page(person: Person) -> None:
    person.sends("/apply_legal_aid")
    person.taps("讨工资", "我，吃亏", "进城打工", "在澄海")
    assert "很可能能办" in person.read()
    assert "《法律援助法》第42条" in person.read()
    person.taps("交申请", "同意")
    person.says("陈示例", "13612340099", "厂里欠我三个月工钱")
    text = person.taps("交上去")
    number = re.findall(r"FY-\w{4}-\w{4}", text)[0]
    assert "前给答复" in person.sends("/check_status")

    link = next(url for url in re.findall(r"https?://[^\s\"]+/me[^\s\"]*", "\n".join(person.heard)))
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    assert number in browser.open(link).read().decode()
    asked = browser.open(f"{person.base}/me/aid/{number}/withdraw").read().decode()
    fields = dict(re.findall(r'name="(token|key)" value="([^"]+)"', asked))
    body = "&".join(f"{name}={value}" for name, value in fields.items()).encode()
    assert "已经撤回" in browser.open(f"{person.base}/me/aid/{number}/withdraw", body).read().decode()
    assert "已经撤回" in person.sends("/check_status")


def test_nobody_reads_anothers_application(person: Person, other: Person) -> None:
    person.sends("/apply_legal_aid")
    person.taps("被家暴", "我，吃亏", "在澄海", "交申请", "同意")
    person.says("陈示例", "13612340098")
    number = re.findall(r"FY-\w{4}-\w{4}", person.taps("见面再说", "交上去"))[0]
    assert number not in other.sends("/check_status")
    assert f"没找到编号{number}" in other.says(f"查一下 {number} 的进度")
