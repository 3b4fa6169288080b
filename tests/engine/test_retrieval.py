"""What the words of a question tell about the entries."""

from __future__ import annotations

from bot.understanding.retrieval import Said, Written

LEAK = Written("leak", "neighbour", ("楼上漏水怎么办", "天花板渗水"), "谁家漏的谁家修。", ("先关总阀。",))
WAGES = Written("wages", "labour", ("老板拖欠工资", "厂里不发工资"), "工资该按月发。", ("打12333投诉。",))
SAID = Said([LEAK, WAGES])


def test_the_entry_that_says_the_question_s_words_is_nearest() -> None:
    scores, _ = SAID.of("天花板漏水了")
    assert scores[0] > scores[1]


def test_an_answer_s_words_count_as_its_variants_do() -> None:
    scores, missing = SAID.of("总阀")
    assert scores[0] > scores[1] == 0
    assert missing[0] == 0 < missing[1]


def test_a_subject_that_no_entry_names_is_missing_from_all() -> None:
    _, missing = SAID.of("比特币漏水")
    _, known = SAID.of("漏水")
    assert missing.min() > known.max() > known.min() == 0


def test_a_variant_is_asked_as_if_it_had_never_been_written() -> None:
    unwritten = Said([Written("leak", "neighbour", LEAK.questions[:1], LEAK.conclusion, LEAK.steps), WAGES])
    asked, missing = SAID.of("天花板渗水", own=0)
    assert asked[0] == 0 == unwritten.of("天花板渗水")[0][0]
    assert missing[0] > 0
