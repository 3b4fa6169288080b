"""What an employer owes at the end of work, for want of a written contract, and for overtime."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from bot.calculators.model import Result, Rule, Step, cents, checked_money, money, percent, plain
from bot.calculators.spans import Length, add_months, length_between
from bot.errors import InvalidField

CONTRACT, LABOUR = "劳动合同法", "劳动法"
REGULATION = "劳动合同法实施条例"
REGULATION_DATED = "2008-09-18"
# The notice that fixes how a month's pay becomes a day's and an hour's; it replaced the one of 2008 and kept 21.75.
CONVERSION = Rule("人力资源社会保障部关于职工全年月平均工作时间和工资折算问题的通知", "第二部分", "2025-01-01")
DAYS_A_MONTH = Decimal("21.75")
HOURS_A_DAY = Decimal(8)
# When the Labour Contract Law began; earlier years follow the rules of their time (article 97).
LAW_BEGAN = date(2008, 1, 1)
CAP_TIMES, CAP_MONTHS = 3, Decimal(12)
MOST_DOUBLE_MONTHS = 11
OVERTIME = {
    "workday": ("平时加班", Decimal("1.5")),
    "restday": ("休息日加班又没补休", Decimal(2)),
    "holiday": ("法定节假日加班", Decimal(3)),
}
# Nobody works more hours than that in a year; the sum of a longer time can be asked year by year.
MOST_HOURS = Decimal(24 * 366)


@dataclass(frozen=True)
class Employment:
    """How long somebody worked there, and the first day where it is known."""

    length: Length
    first: date | None = None

    @staticmethod
    def between(first: date, last: date) -> Employment:
        """Return an employment from its first to its last day, both counted."""
        return Employment(length_between(first, last), first)

    def since(self, day: date) -> Employment | None:
        """Return the part from a day on; None when all of it lies before."""
        if self.first is None or self.first >= day:
            return self
        last = add_months(self.first, self.length.months) + timedelta(self.length.days - 1)
        return Employment.between(day, last) if last >= day else None


def months_due(worked: Length) -> Decimal:
    """Return for how many months' pay a length of work counts: half a year or more is a year, less is half a month."""
    over = (worked.months % 12, worked.days)
    return Decimal(worked.years) + (Decimal(1) if over[0] >= 6 else Decimal("0.5") if any(over) else Decimal(0))


def severance(
    wage: Decimal,
    work: Employment,
    kind: str = "ended",
    average: Decimal | None = None,
    last_wage: Decimal | None = None,
) -> Result[Decimal]:
    """Return in yuan what is due: `kind` "ended" (N), "notice" (N and a month's pay) or "unlawful" (2N).

    `wage` is the average of the last twelve months, before deductions; `average` the local average monthly wage of the
    year before (None: not known, then no cap is applied and the result says so); `last_wage` that of the last month.
    """
    checked_money(wage)
    since = work if kind == "unlawful" else work.since(LAW_BEGAN)
    if since is None:
        raise InvalidField("2008年以前就结束的工作要按当时的规定算，请打12348问。")
    base, count, steps, said = _base(wage, since, average)
    due = base * count
    steps.append(Step(f"{money(base)}乘{plain(count)}个月，是{money(due)}。", Rule(CONTRACT, "第47条")))
    if since is not work:
        said.append("2008年以前的那段要按当时的规定另算，这里没有算进去。")
    if kind == "notice":
        due += _notice(wage, last_wage, due, steps, said)
    elif kind == "unlawful":
        due *= 2
        steps.append(Step(f"单位违法辞退，按两倍赔：{money(due)}。", Rule(CONTRACT, "第87条")))
        steps.append(Step("拿了两倍的赔偿金，就不再另给补偿。", Rule(REGULATION, "第25条", REGULATION_DATED)))
    return Result(cents(due), "元", tuple(steps), tuple(said))


def _base(wage: Decimal, work: Employment, average: Decimal | None) -> tuple[Decimal, Decimal, list[Step], list[str]]:
    """Return the monthly base, the months, the steps to them and what was taken for granted."""
    rule = Rule(CONTRACT, "第47条")
    count = months_due(work.length)
    steps = [Step(f"工作满{work.length}，按{plain(count)}个月算（半年以上算一年，不到半年算半个月）。", rule)]
    said = [
        "月工资按离职前十二个月的平均应得工资，奖金、津贴都算在内。",
        "做不满十二个月的，按实际做的月数平均。",
        "月平均工资比当地最低工资还低的，按最低工资算。",
    ]
    if average is None:
        said.append("没有算封顶：月工资超过本市上年度职工月平均工资三倍的，按三倍算，最多十二个月。")
        return wage, count, steps, said
    limit = checked_money(average) * CAP_TIMES
    if wage <= limit:
        steps.append(Step(f"月工资没超过当地平均工资的三倍（{money(limit)}），不封顶。", rule))
        return wage, count, steps, said
    count = min(count, CAP_MONTHS)
    steps.append(
        Step(f"月工资超过当地平均工资的三倍，按{money(limit)}算，最多十二个月，这里是{plain(count)}个月。", rule)
    )
    return limit, count, steps, said


def _notice(wage: Decimal, last_wage: Decimal | None, due: Decimal, steps: list[Step], said: list[str]) -> Decimal:
    extra = checked_money(last_wage) if last_wage is not None else wage
    if last_wage is None:
        said.append("代替提前通知的那个月工资，按上一个月的算；这里先按平均工资。")
    steps.append(
        Step(
            "没有提前三十天书面通知的，多付一个月工资，按上一个月的工资。", Rule(REGULATION, "第20条", REGULATION_DATED)
        )
    )
    steps.append(Step(f"加上{money(extra)}，一共{money(due + extra)}。", Rule(CONTRACT, "第40条")))
    return extra


def no_contract(wage: Decimal, without: Length) -> Result[Decimal]:
    """Return the second month's pay in yuan for work without a written contract; `without` counts from the first day.

    Only whole months beyond the first count, at most eleven: after a year an open-ended contract is taken to exist.
    """
    checked_money(wage)
    count = max(0, min(without.months - 1, MOST_DOUBLE_MONTHS))
    due = wage * count
    steps = (
        Step("第一个月是让单位补签的，不算；从满一个月的第二天起，每月付两倍工资。", Rule(CONTRACT, "第82条")),
        Step("最多算到满一年的前一天，也就是十一个月。", Rule(REGULATION, "第7条", REGULATION_DATED)),
        Step(
            f"没签合同{without}，能要{count}个月。工资本身已经发了一倍，再要一倍：{money(wage)}乘{count}，是{money(due)}。",
            Rule(CONTRACT, "第82条"),
        ),
        Step("要在一年内申请仲裁；拖久了，前面几个月的可能要不回来。", Rule("劳动争议调解仲裁法", "第27条")),
    )
    said = ["没把不足一个月的零头算进去。"] if without.days and without.months <= MOST_DOUBLE_MONTHS else []
    return Result(cents(due), "元", steps, (*said, "每个月的工资都按您说的这个数。"))


def overtime(wage: Decimal, hours: Decimal, kind: str) -> Result[Decimal]:
    """Return overtime pay in yuan for hours of a `kind` of OVERTIME. The hourly pay is not rounded before the end."""
    checked_money(wage)
    if not 0 < hours <= MOST_HOURS:
        raise InvalidField("加班的小时数我看不明白，请写一个数，比如30。")
    name, times = OVERTIME[kind]
    hourly = wage / (DAYS_A_MONTH * HOURS_A_DAY)
    due = cents(wage * hours * times / (DAYS_A_MONTH * HOURS_A_DAY))
    steps = (
        Step(f"一小时工资：{money(wage)}除以21.75天、再除以8小时，约{money(hourly)}。", CONVERSION),
        Step(f"{name}至少付{percent(times)}：{plain(hours)}小时，是{money(due)}。", Rule(LABOUR, "第44条")),
        Step("平时加班每个月最多36小时；单位超了，干了的照样要付。", Rule(LABOUR, "第41条")),
    )
    said = ["按标准工时（每天8小时）算；综合计时、计件的算法不一样。"]
    if kind == "holiday":
        said.append("这是加班那份钱，平时的月工资照发。")
    return Result(due, "元", steps, tuple(said))
