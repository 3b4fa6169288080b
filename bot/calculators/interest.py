"""Interest on private loans: what was agreed against the cap, and what is owed after the due day. Simple interest."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

from bot.calculators.model import Result, Rule, Step, cents, checked_money, money, percent
from bot.calculators.spans import Length
from bot.errors import InvalidField

LENDING = "最高人民法院关于审理民间借贷案件适用法律若干问题的规定"
LENDING_DATED = "2020-12-29"
CAP_TIMES = 4
DAYS_A_YEAR, MONTHS_A_YEAR = 365, 12
# From this day the cap is a multiple of the LPR; interest of earlier days follows the rules of their time (article 31).
CAP_BEGAN = date(2020, 8, 20)
# A rate above 1000 % a year is a slip: a percentage that was read as a share, or the other way round.
MOST_RATE = Decimal(10)
# The LPR has been published since August 2019 and never came near a fifth.
MOST_LPR = Decimal("0.2")


def lending(article: str) -> Rule:
    """Return an article of the Supreme Court's provisions on private lending."""
    return Rule(LENDING, article, LENDING_DATED)


def simple(principal: Decimal, rate: Decimal, length: Length) -> Decimal:
    """Return simple interest in yuan at a yearly rate: months by twelfths, days by 365ths of a year."""
    years = Fraction(length.months, MONTHS_A_YEAR) + Fraction(length.days, DAYS_A_YEAR)
    return cents(Fraction(principal) * Fraction(rate) * years)


def loan_interest(
    principal: Decimal, rate: Decimal | None, length: Length, lpr: Decimal | None, formed: date | None = None
) -> Result[Decimal]:
    """Return the interest in yuan that a court can support for a loan's term.

    `rate` a year as agreed (None: nothing agreed); `lpr` the one-year rate of the month in which the loan was made (None:
    not known: then nothing is cut and the result says so); `formed` the day the loan was made. Raises InvalidField.
    """
    checked_money(principal)
    if rate is None:
        step = Step("没有约定利息，或者亲友之间没说清楚利息的，借款期间算没有利息。", Rule("民法典", "第680条"))
        late = Step("到期不还的，从到期后可以按当时的一年期LPR要利息。", lending("第28条"))
        return Result(Decimal(0), "元", (step, late))
    steps, said = [Step(f"约定的利率折成一年是{percent(_checked(rate))}。", lending("第25条"))], _taken(length)
    used = _capped(rate, lpr, formed, steps, said)
    due = simple(principal, used, length)
    how = f"{money(principal)}按一年{percent(used)}算{length}，利息{money(due)}。"
    steps.append(Step(how, lending("第25条")))
    steps.append(Step("放款时先扣掉的利息不算本金，按实际到手的钱算。", Rule("民法典", "第670条")))
    return Result(due, "元", tuple(steps), tuple(said))


def overdue_interest(
    principal: Decimal,
    length: Length,
    rate: Decimal | None = None,
    overdue_rate: Decimal | None = None,
    lpr: Decimal | None = None,
    lpr_now: Decimal | None = None,
) -> Result[Decimal]:
    """Return interest in yuan after the due day; `length` counts from it.

    The agreed overdue rate goes first, then the loan's own rate, both under the cap by `lpr`; with neither, `lpr_now`, the
    one-year LPR of the time of default. Raises InvalidField when that is missing too.
    """
    checked_money(principal)
    said = _taken(length)
    agreed = overdue_rate if overdue_rate is not None else rate
    if agreed is None:
        if lpr_now is None:
            raise InvalidField("没有约定利息的，要知道到期那个月的一年期LPR才能算。")
        used = _checked_lpr(lpr_now)
        steps = [Step(f"什么利息都没约定的，到期后按当时的一年期LPR算：{percent(used)}。", lending("第28条"))]
    else:
        name = "约定的逾期利率" if overdue_rate is not None else "没约定逾期利率，按借款时的利率"
        steps = [Step(f"{name}，一年{percent(_checked(agreed))}。", lending("第28条"))]
        used = _capped(agreed, lpr, None, steps, said, "第28条")
        steps.append(Step("另外约定了违约金、手续费的，加起来也不能超过四倍。", lending("第29条")))
    due = simple(principal, used, length)
    steps.append(Step(f"{money(principal)}按一年{percent(used)}算{length}，逾期利息{money(due)}。", lending("第28条")))
    return Result(due, "元", tuple(steps), tuple(said))


def _capped(
    rate: Decimal,
    lpr: Decimal | None,
    formed: date | None,
    steps: list[Step],
    said: list[str],
    article: str = "第25条",
) -> Decimal:
    """Return the rate that counts, and add the step that cuts it, or why nothing could be cut."""
    if formed is not None and formed < CAP_BEGAN:
        said.append("2020年8月20日以前借的，那天以前的利息按当时的规定算，上限要另外看，这里没有比。")
        return rate
    if lpr is None:
        said.append("没有比上限：超过借钱那个月一年期LPR四倍的部分，法院不支持。")
        return rate
    cap = _checked_lpr(lpr) * CAP_TIMES
    over = rate > cap
    what = "超过的部分法院不支持，按上限算" if over else "没有超过"
    steps.append(
        Step(f"上限是借钱那个月一年期LPR的四倍：{percent(lpr)}乘4，是{percent(cap)}。{what}。", lending(article))
    )
    return cap if over else rate


def _taken(length: Length) -> list[str]:
    days = "一年按365天算，" if length.days else ""
    return [f"{days}利息不再生利息；中间还过的钱没有扣。"]


def _checked(rate: Decimal) -> Decimal:
    if not 0 < rate <= MOST_RATE:
        raise InvalidField("这个利率我看不明白，请写成一年百分之几，或者月息几分。")
    return rate


def _checked_lpr(lpr: Decimal) -> Decimal:
    if not 0 < lpr < MOST_LPR:
        raise InvalidField("一年期LPR是百分之几的小数，比如写3.85%。")
    return lpr
