"""Make a calculation whose inputs are all there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from bot.calculators.annual_leave import annual_leave
from bot.calculators.consumer import consumer
from bot.calculators.court_fee import court_fee
from bot.calculators.deadlines import deadline
from bot.calculators.deposit import deposit
from bot.calculators.inheritance import Family, shares
from bot.calculators.interest import CAP_TIMES, loan_interest, overdue_interest
from bot.calculators.model import Plan, Range, Result, Rule, Step
from bot.calculators.severance import Employment, no_contract, overtime, severance
from bot.calculators.support import support
from bot.calculators.told import unpack
from bot.calculators.work_injury import lump_sum
from bot.directory.holidays import HolidayCalendar
from bot.errors import InvalidField

Facts = Mapping[str, str]
RELATIVES = ("children", "parents", "siblings", "grandparents")


def calculate(plan: Plan, calendar: HolidayCalendar) -> Result[Any]:
    """Return the result of a plan of which nothing is missing. Raises InvalidField with a citizen's sentence."""
    return CALCULATORS[plan.calculator](plan.facts, calendar)


def _money(facts: Facts, name: str) -> Decimal | None:
    said = facts.get(name, "none")
    return None if said in ("none", "unknown") else Decimal(said)


def _court_fee(facts: Facts, _: HolidayCalendar) -> Result[Range]:
    if facts["case"] == "labour_arbitration":
        free = Step("劳动仲裁不收费。", Rule("劳动争议调解仲裁法", "第53条"))
        return Result(Range(Decimal(0), Decimal(0)), "元", (free,))
    return court_fee(facts["case"], _money(facts, "amount"), facts.get("halved") == "yes")


def _severance(facts: Facts, _: HolidayCalendar) -> Result[Decimal]:
    wage, what = Decimal(facts["wage"]), facts["what"]
    if what == "overtime":
        return overtime(wage, Decimal(facts["hours"]), facts["day"])
    if what == "no_contract":
        return no_contract(wage, unpack(facts["length"]))
    return severance(wage, Employment(unpack(facts["length"])), what, _money(facts, "average"))


def _deadline(facts: Facts, calendar: HolidayCalendar) -> Result[date]:
    return deadline(facts["what"], date.fromisoformat(facts["begin"]), calendar)


def _interest(facts: Facts, _: HolidayCalendar) -> Result[Decimal]:
    principal, length = Decimal(facts["principal"]), unpack(facts["length"])
    lpr, said = _money(facts, "lpr"), facts["rate"]
    if said == "four" and lpr is None:
        raise InvalidField("按四倍LPR算，要先知道借钱那个月的一年期LPR是百分之几。查到了再告诉我。")
    rate = lpr * CAP_TIMES if said == "four" and lpr else _money(facts, "rate")
    if facts.get("late") == "yes":
        return overdue_interest(principal, length, rate, lpr=lpr, lpr_now=lpr)
    return loan_interest(principal, rate, length, lpr)


def _inheritance(facts: Facts, _: HolidayCalendar) -> Result[Any]:
    children, parents, siblings, grandparents = (int(facts.get(name, "0")) for name in RELATIVES)
    lines, more = (_lines(facts.get(name, "0")) for name in ("gone_children", "gone_siblings"))
    family = Family(facts["spouse"] == "yes", children, parents, lines, siblings, grandparents, more)
    return shares(family, facts.get("common") == "yes", _money(facts, "total"))


def _lines(fact: str) -> tuple[int, ...]:
    return tuple(int(count) for count in fact.split(",") if int(count))


def _consumer(facts: Facts, _: HolidayCalendar) -> Result[Decimal]:
    return consumer(facts["what"], Decimal(facts["price"]), _money(facts, "loss"))


def _support(facts: Facts, _: HolidayCalendar) -> Result[Range]:
    return support(Decimal(facts["income"]), int(facts["children"]))


def _injury(facts: Facts, _: HolidayCalendar) -> Result[Decimal]:
    return lump_sum(Decimal(facts["wage"]), int(facts["grade"]))


def _deposit(facts: Facts, _: HolidayCalendar) -> Result[Decimal]:
    if facts["deposit"] == "no":
        raise InvalidField("只有约定是定金的才双倍还。写订金、押金的，能退多少要看怎么约的，约个律师看看吧。")
    return deposit(Decimal(facts["paid"]), Decimal(facts["total"]), facts["broken"])


def _leave(facts: Facts, _: HolidayCalendar) -> Result[Decimal]:
    return annual_leave(Decimal(facts["wage"]), unpack(facts["worked"]), int(facts["missed"]))


CALCULATORS: dict[str, Callable[[Facts, HolidayCalendar], Result[Any]]] = {
    "court_fee": _court_fee,
    "severance": _severance,
    "deadline": _deadline,
    "interest": _interest,
    "inheritance": _inheritance,
    "consumer": _consumer,
    "support": _support,
    "injury": _injury,
    "deposit": _deposit,
    "leave": _leave,
}
