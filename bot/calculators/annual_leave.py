"""How many days of paid leave a year gives, and what is due for days that were not given."""

from __future__ import annotations

from decimal import Decimal

from bot.calculators.model import Result, Rule, Step, cents, checked_money, money, percent
from bot.calculators.severance import CONVERSION, DAYS_A_MONTH
from bot.calculators.spans import Length
from bot.errors import InvalidField

LEAVE, LEAVE_DATED = "职工带薪年休假条例", "2007-12-14"
METHOD, METHOD_DATED = "企业职工带薪年休假实施办法", "2008-07-17"
# From how many years of work in all on, how many days.
DAYS = ((20, 15), (10, 10), (1, 5))
# What a day not taken is worth in all, and how much of it the month's pay contains already.
IN_ALL, PAID = Decimal(3), Decimal(1)


def days_due(worked: Length) -> int:
    """Return the days of paid leave a year for a length of work in all, wherever it was."""
    return next((days for years, days in DAYS if worked.years >= years), 0)


def annual_leave(wage: Decimal, worked: Length, missed: int) -> Result[Decimal]:
    """Return in yuan what is still due for `missed` days of one year, beside the month's pay. Raises InvalidField."""
    checked_money(wage)
    due_days = days_due(worked)
    if not due_days:
        raise InvalidField("工作累计满一年才有带薪年休假，不满一年的还没有。")
    if not 1 <= missed <= due_days:
        raise InvalidField(f"按您的工龄一年有{due_days}天年休假，没休的天数要在1到{due_days}之间。一年一年分开算。")
    due = cents(wage * missed * (IN_ALL - PAID) / DAYS_A_MONTH)
    rule = Rule(LEAVE, "第5条", LEAVE_DATED)
    steps = (
        Step(f"累计工作{worked}，一年有{due_days}天年休假。", Rule(LEAVE, "第3条", LEAVE_DATED)),
        Step(f"一天工资：{money(wage)}除以21.75天，约{money(wage / DAYS_A_MONTH)}。", CONVERSION),
        Step(f"该休没休的，每天按{percent(IN_ALL)}付。", rule),
        Step(
            f"这里面已经包括平时发的那一份，还要补的是{percent(IN_ALL - PAID)}。", Rule(METHOD, "第10条", METHOD_DATED)
        ),
        Step(f"{missed}天，还要补{money(due)}。", rule),
    )
    said = (
        "各家单位的工龄加起来算。",
        "单位没安排您休，才这样算；是您自己不要休的，要另看。",
        "年中离职的，当年的天数要折算，这里没有折。",
    )
    return Result(due, "元", steps, said)
