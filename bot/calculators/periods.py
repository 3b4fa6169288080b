"""The periods that citizens must not miss: how long, from when, by which law, counted how."""

from __future__ import annotations

from dataclasses import dataclass

from bot.calculators.model import Rule


@dataclass(frozen=True)
class Counting:
    """How a law counts: `start` says that the first day is not counted, `ending` what a last day off does.

    `ending` None: the text has no rule that puts the last day off, so nobody should rely on one.
    `posting`: what was posted on the last day is in time. `kept`: whom a day off helps nothing, in a citizen's words; the
    counted day then stands. `working`: only days on which offices work are counted.
    """

    start: Rule
    ending: Rule | None = None
    posting: Rule | None = None
    kept: str = ""
    working: bool = False


@dataclass(frozen=True)
class Period:
    """One period. `what` is what must be done in it, `begins` the day from which it runs; exactly one length is given.

    `more` are further sentences, each with its rule: exceptions that change the answer. `late` is what may still help
    when the day has passed.
    """

    what: str
    begins: str
    rule: Rule
    counting: Counting
    years: int = 0
    months: int = 0
    days: int = 0
    more: tuple[tuple[str, Rule], ...] = ()
    late: str = "尽快打12348（免费）或者找律师，看还有没有办法。"

    @property
    def length(self) -> str:
        """The length in words: 3年, 6个月, 15天."""
        if self.counting.working:
            return f"{self.days}个工作日"
        return f"{self.years}年" if self.years else f"{self.months}个月" if self.months else f"{self.days}天"


def civil(article: str) -> Rule:
    """Return an article of the Civil Code."""
    return Rule("民法典", article)


def procedure(article: str) -> Rule:
    """Return an article of the Civil Procedure Law."""
    return Rule("民事诉讼法", article)


INJURY = "工伤保险条例"
INJURY_DATED = "2010-12-20"
CIVIL = Counting(civil("第201条"), civil("第203条"))
COURT = Counting(procedure("第85条"), procedure("第85条"), procedure("第85条"))
# The law on review and the law on suits against authorities send their counting to civil procedure.
REVIEW = Counting(Rule("行政复议法", "第88条"), Rule("行政复议法", "第88条"))
SUIT = Counting(Rule("行政诉讼法", "第101条"), Rule("行政诉讼法", "第101条"), Rule("行政诉讼法", "第101条"))
# Article 105 puts the last day off, but never for somebody who is held: the day that is told must hold for both.
CRIMINAL = Counting(*(Rule("刑事诉讼法", "第105条"),) * 3, kept="人关着的，碰上休息日也不能往后推，所以按不推算")
WORKING = Counting(civil("第201条"), working=True)
# The regulation on work injuries does not say how to count: the first day by the Code's general rule, and no day later.
INJURIES = Counting(civil("第201条"))
ARBITRATION = "劳动争议调解仲裁法"
RESTARTS = "先别放弃：中间催讨过、投诉过、对方答应过的，可能重新算，请律师看看。"
DELAYED = "有不得已的原因才耽误的，原因没了以后十天内可以申请顺延，由法院定（《民事诉讼法》第86条）。"
REVIEW_DELAYED = "有不得已的原因才耽误的，原因没了以后接着算（《行政复议法》第20条）。"
RENEWED = ("催讨过、对方答应还、起诉或者申请仲裁的，从那时起重新算三年。", civil("第195条"))

PERIODS = {
    "arbitration": Period(
        "申请劳动仲裁",
        "知道自己权利被侵害那天",
        Rule(ARBITRATION, "第27条"),
        CIVIL,
        years=1,
        more=(
            (
                "讨工资的，还在职就不受这一年限制；离职的从离职那天起算一年。",
                Rule(ARBITRATION, "第27条"),
            ),
            ("向单位讨要过、去劳动部门投诉过的，从那时起重新算。", Rule(ARBITRATION, "第27条")),
        ),
        late=RESTARTS,
    ),
    "arbitration_suit": Period(
        "不服仲裁裁决去法院起诉", "收到裁决书那天", Rule(ARBITRATION, "第50条"), COURT, days=15, late=DELAYED
    ),
    "review": Period(
        "申请行政复议",
        "知道这个行政决定那天",
        Rule("行政复议法", "第20条"),
        REVIEW,
        days=60,
        more=(("决定书没告诉您可以复议的，从知道可以复议那天起算，最长一年。", Rule("行政复议法", "第20条")),),
        late=REVIEW_DELAYED,
    ),
    "review_suit": Period("不服复议决定去法院起诉", "收到复议决定书那天", Rule("行政诉讼法", "第45条"), SUIT, days=15),
    "administrative_suit": Period(
        "直接去法院告行政机关",
        "知道这个行政决定那天",
        Rule("行政诉讼法", "第46条"),
        SUIT,
        months=6,
        more=(("从作出决定那天起，不动产的超过二十年、别的超过五年，法院不受理。", Rule("行政诉讼法", "第46条")),),
    ),
    "appeal_judgment": Period("上诉", "收到判决书那天", procedure("第171条"), COURT, days=15, late=DELAYED),
    "appeal_ruling": Period("上诉", "收到裁定书那天", procedure("第171条"), COURT, days=10, late=DELAYED),
    "administrative_appeal": Period("上诉", "收到判决书那天", Rule("行政诉讼法", "第85条"), SUIT, days=15),
    "criminal_judgment": Period("上诉", "接到判决书那天", Rule("刑事诉讼法", "第230条"), CRIMINAL, days=10),
    "criminal_ruling": Period("上诉", "接到裁定书那天", Rule("刑事诉讼法", "第230条"), CRIMINAL, days=5),
    "payment_order": Period(
        "对支付令提出书面异议",
        "收到支付令那天",
        procedure("第227条"),
        COURT,
        days=15,
        more=(("不提异议又不还的，对方可以直接申请强制执行。", procedure("第227条")),),
        late=DELAYED,
    ),
    "protection_review": Period(
        "对人身安全保护令申请复议",
        "裁定生效那天",
        Rule("反家庭暴力法", "第31条"),
        COURT,
        days=5,
        more=(("只能申请一次；复议的时候，保护令照样有效。", Rule("反家庭暴力法", "第31条")),),
    ),
    "hearing": Period(
        "要求听证",
        "行政机关告诉您可以听证那天",
        Rule("行政处罚法", "第64条"),
        WORKING,
        days=5,
        more=(("五日说的是工作日，不算法定节假日。", Rule("行政处罚法", "第85条")),),
        late="来不及听证的，处罚决定下来以后还可以申请行政复议或者起诉。打12348（免费）问。",
    ),
    "accident_review": Period(
        "对交通事故认定申请复核",
        "收到事故认定书那天",
        Rule("道路交通事故处理程序规定", "第71条", "2018-02-02"),
        WORKING,
        days=3,
        late="过了这三天，打官司时还可以对责任认定提出不同看法，请律师看看。",
    ),
    "retrial": Period("申请再审", "判决生效那天", procedure("第216条"), COURT, months=6),
    "confirmation": Period(
        "双方一起申请司法确认",
        "调解协议生效那天",
        Rule("人民调解法", "第33条"),
        COURT,
        days=30,
    ),
    "enforcement": Period(
        "申请强制执行",
        "判决规定对方履行的最后一天",
        procedure("第250条"),
        COURT,
        years=2,
        more=(("判决没写哪天履行的，从生效那天起算；中间有中断的重新算。", procedure("第250条")),),
        late=RESTARTS,
    ),
    "limitation": Period(
        "去法院起诉",
        "知道权利受损、该找谁那天；欠钱的是该还那天",
        civil("第188条"),
        CIVIL,
        years=3,
        more=(
            RENEWED,
            ("从权利受损那天起，最长二十年。", civil("第188条")),
            ("抚养费、赡养费、扶养费不受这个限制。", civil("第196条")),
        ),
        late=RESTARTS,
    ),
    "limitation_longest": Period("去法院起诉", "权利受损那天", civil("第188条"), CIVIL, years=20),
    "work_injury_employer": Period(
        "单位申请工伤认定", "受伤或者确诊职业病那天", Rule(INJURY, "第17条", INJURY_DATED), INJURIES, days=30
    ),
    "work_injury": Period(
        "职工、家属自己申请工伤认定",
        "受伤或者确诊职业病那天",
        Rule(INJURY, "第17条", INJURY_DATED),
        INJURIES,
        years=1,
        more=(("单位应当在三十天内先申请；它不申请，您自己申请。", Rule(INJURY, "第17条", INJURY_DATED)),),
    ),
    "legacy": Period(
        "受遗赠的人表示接受",
        "知道受遗赠那天",
        civil("第1124条"),
        CIVIL,
        days=60,
        more=(("到期不表示，就当放弃。法定继承人相反：不表示，当作接受。", civil("第1124条")),),
    ),
}
