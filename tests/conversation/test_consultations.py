"""Whole consultations through HTTP: an answer, a choice, a follow-up, a fact asked back, an honest nothing, a refusal."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.knowledge.importer import read_entries
from tests.conversation.person import Person

ENTRIES = {entry.id: entry for entry in read_entries(Path(__file__).resolve().parents[2] / "data" / "knowledge")}


def reads(person: Person, entry: str) -> bool:
    """Whether the entry's answer is on the screen, with the law that it rests on."""
    said = person.read()
    return ENTRIES[entry].conclusion in said and str(ENTRIES[entry].citations[0]) in said


# Questions that no entry has word for word, at once or after one tap on what was meant.
@pytest.mark.parametrize(
    ("question", "entry"),
    [
        ("试用期被辞退有没有钱赔", "labour-probation"),
        ("公司不签合同干了半年能要双倍工资吗", "labour-double-pay"),
        ("怀孕了老板要开除我", "labour-pregnant"),
        ("离婚冷静期是几天", "family-divorce-agreement"),
        ("孩子两岁不到离婚跟谁", "family-custody"),
        ("老公打我怎么申请保护令", "family-protection-order"),
        ("彩礼能要回来吗", "family-bride-price-divorce"),
        ("老人没留遗嘱房子怎么分", "inheritance-father-house"),
        ("手写的遗嘱算不算数", "inheritance-handwritten-will"),
        ("出嫁的女儿能分家里的房子吗", "inheritance-daughter"),
        ("父亲欠的债儿子要还吗", "inheritance-debts"),
        ("房东不退押金", "housing-deposit"),
        ("房东提前赶我走怎么办", "housing-evicted"),
        ("楼上漏水到我家", "neighbour-leak"),
        ("邻居半夜吵", "neighbour-night-noise"),
        ("借钱没打借条怎么要", "debt-no-note"),
        ("担保人要还钱吗", "debt-guarantor"),
        ("欠钱的把财产转移了", "debt-hides-assets"),
        ("怎么申请强制执行", "debt-enforcement"),
        ("网上买的东西能七天退吗", "consumer-seven-days"),
        ("买到假货怎么赔", "consumer-fake-goods"),
        ("电动车被撞谁的责任", "traffic-ebike"),
        ("交警认定书不服怎么办", "traffic-finding-review"),
        ("被狗咬了谁赔", "injury-dog-bite"),
        ("孩子在学校摔伤学校赔吗", "injury-school"),
        ("宅基地能卖给城里人吗", "land-homestead-sold"),
        ("老公被拘留了怎么办", "criminal-detained"),
        ("被诈骗了钱能追回来吗", "criminal-fraud-victim"),
        ("银行卡借给别人被冻结", "criminal-card-lent"),
        ("罚款不服怎么复议", "administrative-review"),
        ("调解协议有没有用", "other-mediation-agreement"),
    ],
)
def test_citizen_gets_the_answer_with_its_law(person: Person, question: str, entry: str) -> None:
    person.says(question)
    if not reads(person, entry):
        assert "您问的是不是" in person.read()
        offered = [b for m in person.screen for b in m["buttons"] if entry in b["payload"]]
        assert offered, person.read()
        person.sends(offered[0]["payload"])
    assert reads(person, entry), person.read()
    assert "律师尚未复核" in person.read()


def test_citizen_opens_the_rest_and_is_asked_what_changes_the_answer(person: Person) -> None:
    person.says("老板拖欠三个月工资不给怎么办")
    entry = ENTRIES["labour-unpaid-wages"]
    assert entry.conditions
    assert entry.conditions[0].ask in person.read()
    reply, holds = entry.conditions[0].answers[0]
    assert holds in person.taps(reply)
    person.says("老板拖欠三个月工资不给怎么办")
    assert entry.papers[0] in person.taps("展开")


def test_citizen_says_whether_an_answer_helped(person: Person) -> None:
    person.says("老板拖欠三个月工资不给怎么办")
    assert "谢谢" in person.taps("有用")


def test_citizen_who_means_none_of_them_is_led_to_a_person(person: Person) -> None:
    # One of these is not clear enough for an answer, and not too dark for a choice.
    for question in (
        "邻居的树长到我家来了",
        "网上买的玩具坏了找谁",
        "我厝边漏水滴到我家",
        "房东要涨价",
        "弟弟占着老厝",
        "被人骂了",
        "下水道堵了谁出钱",
        "被人说坏话",
        "押金的事",
        "狗的事情",
    ):
        person.says(question)
        if "都不是" in person.titles():
            break
    said = person.taps("都不是")
    assert "12348" in said
    assert "转人工" in person.titles()


@pytest.mark.parametrize("question", ["民法典第1043条说什么", "《民法典》第一千零四十三条", "民法典1043"])
def test_citizen_reads_an_article_on_request(person: Person, question: str) -> None:
    assert "家庭应当树立优良家风" in person.says(question)


def test_citizen_is_told_that_an_article_does_not_exist(person: Person) -> None:
    assert "没有第一千五百条" in person.says("民法典第一千五百条说什么")


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("我能赢吗", "谁也保证不了"),
        ("怎么把房子转走让法院执行不到", "不能帮"),
    ],
)
def test_citizen_is_refused_plainly_and_offered_a_person(person: Person, question: str, told: str) -> None:
    assert told in person.says(question)
    assert "转人工" in person.titles()


def test_citizen_in_danger_gets_the_number_before_any_law(person: Person) -> None:
    said = person.says("他又喝醉了正在打我，这种能离婚吗")
    assert said.splitlines()[0].find("110") >= 0
    assert "民法典" not in said


def test_citizen_books_mediation_out_of_an_answer(person: Person) -> None:
    person.says("楼上漏水到我家")
    person.taps("约调解")
    assert {"视频", "电话", "当面"} <= set(person.titles()) or "哪个镇" in person.read()


def test_worker_asks_further_without_naming_the_subject_again(person: Person) -> None:
    person.says("公司不签合同干了半年能要双倍工资吗")
    if not reads(person, "labour-double-pay"):
        person.taps(ENTRIES["labour-double-pay"].questions[0])
    said = person.says("要带什么去")
    assert all(paper in said for paper in ENTRIES["labour-double-pay"].papers)
    assert "12333" in person.says("那找谁呢") or "仲裁" in person.read()


def test_follow_up_with_a_subject_of_its_own_is_not_given_the_answer_before(person: Person) -> None:
    before = ENTRIES["labour-double-pay"].conclusion
    person.says("公司不签合同干了半年能要双倍工资吗")
    if not reads(person, "labour-double-pay"):
        person.taps(ENTRIES["labour-double-pay"].questions[0])
    assert before not in person.says("那仲裁要多久")


def test_dismissed_worker_is_reckoned_with_what_was_told(person: Person) -> None:
    person.says("厂里把我辞退了，干了三年，没给补偿")
    said = person.says("那能赔多少")
    assert "要算哪一样" not in said
    assert "工资" in said


def test_citizen_who_wants_a_complaint_written_is_told_how_and_who_helps(person: Person) -> None:
    said = person.says("帮我写个起诉状")
    assert "口头" in said
    assert "《民事诉讼法》第123条" in said


def test_question_about_a_place_is_not_taken_for_one_about_the_answer(person: Person) -> None:
    person.says("房东不退押金")
    assert "公共法律服务中心" in person.says("服务中心几点上班")
