"""Assumptions as people read them: the light of each in words, their register, what leans on each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sop_engine.assumptions.assumption import MEASURES, Assumption
from sop_engine.assumptions.checked import BROKEN, HOLDS, NOT_LOADED, WAITING, WORDS_ONLY, Checked
from sop_engine.charts.numbers import UNKNOWN, change_pct, month, months, short
from sop_engine.inputs.calendar import Calendar
from sop_engine.plan import Plan

SIGNS = {BROKEN: "✗", NOT_LOADED: "?", HOLDS: "✓", WAITING: "…", WORDS_ONLY: "–"}
TALLY = (
    (BROKEN, "broken", "broken"),
    (HOLDS, "holds", "hold"),
    (WAITING, "waits for actuals", "wait for actuals"),
    (WORDS_ONLY, "in words only", "in words only"),
    (NOT_LOADED, "of what is not in the data", "of what is not in the data"),
)
NAMED = 3  # families of a sentence


def light(found: Checked) -> str:
    """Sign and word; "✗ broken"."""
    return f"{SIGNS[found.status]} {found.status}"


def count_words(checked: Sequence[Checked]) -> str:
    """How many are broken, "" where none is: "1 assumption broken". Those of the sample count only where no
    other is broken, and are named so: "1 assumption broken (sample)".
    """
    real = broken_words([found for found in checked if not found.assumption.sample])
    made_up = broken_words(checked)
    return real or (f"{made_up} (sample)" if made_up else "")


def broken_words(checked: Sequence[Checked]) -> str:
    """How many of these are broken, "" where none is: "1 assumption broken"."""
    broken = _count(checked, BROKEN)
    return f"{broken} assumption{'' if broken == 1 else 's'} broken" if broken else ""


def tally_words(checked: Sequence[Checked]) -> str:
    """How many stand where, and of how many the plan says otherwise.

    "5 assumptions: 1 broken, 2 hold, 1 waits for actuals, 1 in words only."
    """
    total = len(checked)
    counts = ", ".join(
        f"{count} {one if count == 1 else more}"
        for status, one, more in TALLY
        if (count := _count(checked, status))
    )
    departs = sum(found.departs for found in checked)
    more = f" The plan itself says otherwise of {departs}." if departs else ""
    return f"{total} assumption{'' if total == 1 else 's'}: {counts}.{more}"


def amount(assumption: Assumption, value: float) -> str:
    """A value in its measure's digits: whole units and money, prices and rates to the cent or finer."""
    if np.isnan(value):
        return UNKNOWN
    if assumption.measure in ("demand_units", "revenue"):
        return f"{value:,.0f}"
    if assumption.measure == "on_time_pct":
        return f"{value:.1f}"
    return f"{value:,.4f}" if assumption.measure == "exchange_rate" or value < 1 else f"{value:,.2f}"


def scope_words(assumption: Assumption) -> str:
    """What it speaks of, without its months."""
    named = [assumption.product or assumption.family, assumption.market, assumption.currency]
    return ", ".join(filter(None, named)) or "whole company"


def span_words(found: Checked, calendar: Calendar) -> str:
    """The months it speaks of, as far as data and plan reach."""
    return months([calendar.labels[at] for at in found.span]) if found.span else UNKNOWN


def broken_sentence(found: Checked, plan: Plan) -> str:
    """What came against what was expected, and the families and money that lean on it."""
    return f"{actual_sentence(found, plan)} {leaning_sentence(found, plan)}"


def actual_sentence(found: Checked, plan: Plan) -> str:
    """What came against what was expected; why nothing did where it waits for actuals."""
    if np.isnan(found.actual):
        return found.why
    one, calendar = found.assumption, plan.inputs.calendar
    currency = plan.inputs.money.base_currency
    past = [at for at in found.span if at < calendar.now]
    came = (
        f"{MEASURES[one.measure].words} of {scope_words(one)} was {amount(one, found.actual)} "
        f"{one.unit(currency)} in {months([calendar.labels[at] for at in past])}, "
        f"{change_pct(found.actual, one.expected)} against {amount(one, one.expected)} expected "
        f"(±{one.tolerance_pct:g} %)."
    )
    return f"{came[0].upper()}{came[1:]}"


def leaning_sentence(found: Checked, plan: Plan) -> str:
    """The families and the money of the plan that lean on it."""
    if not found.leaning:
        return "Nothing that the plan delivers leans on it."
    currency = plan.inputs.money.base_currency
    names = [family.family for family in found.leaning]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    money = f"{short(found.revenue)} {currency} of revenue and {short(found.gross_margin)} of gross margin"
    when = months([plan.inputs.calendar.plan_labels[at] for at in found.ahead])
    return f"On it lean {', '.join(names[:NAMED])}{more}: {money}, {when}."


def departure_words(found: Checked, plan: Plan) -> str:
    """What the plan says of the months to come, "" where it says nothing."""
    if np.isnan(found.planned):
        return ""
    one = found.assumption
    verb = "The plan says otherwise" if found.departs else "The plan agrees"
    return (
        f"{verb}: {amount(one, found.planned)} {one.unit(plan.inputs.money.base_currency)}, "
        f"{change_pct(found.planned, one.expected)}."
    )


def register_table(checked: Sequence[Checked], plan: Plan) -> pd.DataFrame:
    """A row for each, in the given order; actual and plan are averages of the months of its span."""
    calendar, currency = plan.inputs.calendar, plan.inputs.money.base_currency
    return pd.DataFrame(
        [
            (
                one.assumption_id,
                light(found),
                one.text + " (sample)" * one.sample,
                amount(one, one.expected),
                f"{one.tolerance_pct:g}" if one.measure else UNKNOWN,
                amount(one, found.actual),
                one.difference_pct(found.actual),
                amount(one, found.planned),
                one.difference_pct(found.planned),
                f"{MEASURES[one.measure].words}, {one.unit(currency)}" if one.measure else "",
                scope_words(one) if one.measure else "",
                span_words(found, calendar),
                one.owner,
                age_words(one, calendar),
            )
            for found in checked
            for one in (found.assumption,)
        ],
        columns=[
            "assumption",
            "stands",
            "text",
            "expected",
            "± %",
            "actual",
            "actual off %",
            "plan",
            "plan off %",
            "measure",
            "of",
            "months",
            "owner",
            "made in",
        ],
    )


def age_words(one: Assumption, calendar: Calendar) -> str:
    """The cycle it was made in and how many cycles ago that is."""
    known = one.cycle in calendar.labels
    age = calendar.now - calendar.labels.index(one.cycle) if known else 0
    return month(one.cycle) + (f", {age} cycle{'' if age == 1 else 's'} ago" if age > 0 else "")


def leaning_table(found: Checked) -> pd.DataFrame:
    """family, units, revenue, gross margin of the plan's months that lean on it."""
    return pd.DataFrame(found.leaning, columns=["family", "units", "revenue", "gross margin"])


def _count(checked: Sequence[Checked], status: str) -> int:
    return sum(found.status == status for found in checked)
