"""Finance review: where the year lands and why, what the plan earns, what it costs and ties up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from pages.finance.words import found_baselines, scope_words, span_words
from pages.frame import levers
from pages.frame.asking import ask_for_gap
from pages.frame.filters import product_groups
from pages.frame.page import Page, message, open_page, ranked_table, stage_status
from pages.frame.record import record
from pages.frame.scenario_menu import lever_words
from pages.frame.strip import escaped
from pages.sections import tabs
from sop_engine.charts import finance_baselines, finance_review
from sop_engine.charts.numbers import months, short, signed
from sop_engine.executive_sop.window import Window
from sop_engine.finance_review.baselines import ESTIMATE
from sop_engine.inputs.money import elapsed_buckets
from sop_engine.plan import Plan
from sop_engine.pre_sop.gaps import Gap, budget_gaps, landing_gaps, not_delivered, stated_of
from sop_engine.scenario import LeverKind

NAMED = 3  # of what nobody has stated


def review() -> None:
    """The questions of the review beside its levers, the message, the families off budget, and the record."""
    page = open_page("Finance review", "finance")
    side, main = st.columns([1, 3], gap="medium")
    with main:
        if not page.view.money:
            st.caption("Finance is counted in money only: the choice of units changes nothing on this page.")
        tabs(page, "finance_review", "finance_tabs")
    with side:
        lever_panel(page)
    message(*sentences(page))
    st.subheader("Families off budget", anchor=False)
    exceptions(page)
    record(page)


def sentences(page: Page) -> tuple[str, ...]:
    """The gap to budget, exactly; what the channels earn; and what nobody has stated."""
    channel = finance_review.channel_words(
        finance_review.channel_table(page.plan, page.view), page.plan.inputs.money.base_currency
    )
    missing = [
        f"{len(labels)} without {what} ({', '.join(labels[:NAMED])}{', ...' * (len(labels) > NAMED)})"
        for what, labels in page.plan.finance.not_known.items()
        if labels
    ]
    parts = [
        gap_words(page),
        f"{scope_words(page)}, {span_words(page)}: {channel}." if channel else "",
        f"Counted as 0 or left out, because nobody has stated it: {', '.join(missing)} (whole company)."
        if missing
        else "",
    ]
    return tuple(part for part in parts if part)


def gap_words(page: Page) -> str:
    """Where the fiscal year lands against the budget that plans are held against; "" where there is none."""
    budget = page.plan.finance.budget
    if budget is None:
        return ""
    found, calendar = found_baselines(page), page.plan.inputs.calendar
    if budget.version not in found:
        return ""
    estimate = next(each for each in found.values() if each.kind == ESTIMATE)
    year = finance_baselines.span_periods(calendar, Window.FISCAL_YEAR)
    span = f"{scope_words(page)}: fiscal year {calendar.fiscal_years[calendar.now]}"
    currency = page.plan.inputs.money.base_currency
    return finance_baselines.gap_sentence(estimate, found[budget.version], page.view, year, span, currency)


def lever_panel(page: Page) -> None:
    """Unit cost, freight and exchange rates, over months."""
    inputs = page.plan.inputs
    first, last = levers.months(inputs, "finance")
    group = levers.target("Product group", product_groups(inputs), "All products")
    levers.slider(LeverKind.UNIT_COST, levers.Scope(group, "", first, last), inputs, note=cost_words(page))
    levers.slider(LeverKind.FREIGHT, levers.Scope("", "", first, last), inputs, note=freight_words(page))
    foreign = sorted(set(inputs.markets.currency) - {inputs.money.base_currency})
    if foreign:
        currency = levers.target("Currency", foreign, "All foreign currencies")
        note = exposure_words(page, currency)
        levers.slider(LeverKind.EXCHANGE_RATE, levers.Scope(currency, "", first, last), inputs, note=note)
    levers.panel_foot("finance")


def cost_words(page: Page) -> str:
    cost = page.baseline.finance.standard_cost[:, :, page.view.periods].sum()
    return "no unit cost is loaded" if np.isnan(cost) else f"1 % is {short(cost / 100)} of standard cost"


def freight_words(page: Page) -> str:
    freight = page.baseline.finance.choice_costs["freight"][page.view.periods].sum()
    return f"1 % is {short(freight / 100)} of freight" if freight > 0 else "no freight is paid"


def exposure_words(page: Page, currency: str) -> str:
    """How much revenue is earned in the currency, or in all foreign ones."""
    of_market = page.plan.inputs.markets.currency
    exposed = of_market == currency if currency else of_market != page.plan.inputs.money.base_currency
    revenue = page.baseline.finance.revenue[:, exposed][:, :, page.view.periods].sum()
    return f"{short(revenue)} of revenue is in {currency or 'foreign currency'}"


def exceptions(page: Page) -> None:
    """Families by their gap to budget, largest first."""
    if page.plan.finance.budget is None:
        st.info(
            "No budget is loaded, so nothing is off it. Load budget: version, family, period, revenue, "
            "gross margin."
        )
        return
    gaps = sorted(budget_gaps(page.plan, page.view.periods), key=lambda gap: -abs(gap.money))
    if not gaps:
        st.caption("Every family is on budget.")
        return
    st.caption(escaped(off_budget_words(page)))
    row = ranked_table(gap_table(page.plan, gaps), "finance_gaps", select=True)
    if row is not None:
        st.markdown(escaped(lever_words(gaps[row].sentence)))
        if stage_status("finance", page.plan.inputs.cycle):
            ask_for_gap(page, gaps[row])


def off_budget_words(page: Page) -> str:
    """What the families' gaps count, over which months, and how the demand review's differ."""
    plan, currency = page.plan, page.plan.inputs.money.base_currency
    periods = stated_of(plan, page.view.periods)
    labels = [plan.inputs.calendar.plan_labels[period] for period in periods]
    silent = len(page.view.periods) - len(periods)
    parts = [
        f"Whole company: revenue of the plan less budget, {currency}, {months(labels)}",
        f" (the budget says nothing of the other {silent} months of the filter)" if silent else "",
        "; largest gap first. Click a row for the words.",
    ]
    more = not_delivered(plan, periods)
    if abs(more) >= 0.5:
        parts.append(
            " The plan counts what is delivered, the demand review unconstrained demand: over all families "
            f"and these months that is {signed(more)} {currency} against the revenue of the plan."
        )
    return "".join(parts)


def gap_table(plan: Plan, gaps: Sequence[Gap]) -> pd.DataFrame:
    """A row per family: its gap to budget, the part of it in frozen months, and where months of the fiscal
    year have passed, the gap of the year with its actuals."""
    currency, year = plan.inputs.money.base_currency, landing_gaps(plan)
    table = pd.DataFrame(
        {
            "family": [gap.scope for gap in gaps],
            "side": ["▼ below" if gap.money < 0 else "▲ above" for gap in gaps],
            f"gap, {currency}": [gap.money for gap in gaps],
            "gap, units": [gap.units for gap in gaps],
            f"in it frozen, {currency}": [gap.frozen for gap in gaps],
            f"fiscal year with actuals, {currency}": [year.get(gap.scope, np.nan) for gap in gaps],
        }
    )
    unsaid = [table.columns[4]] * (not table[table.columns[4]].any())
    unsaid += [table.columns[5]] * (not elapsed_buckets(plan.inputs.calendar))
    return table.drop(columns=unsaid)


review()
