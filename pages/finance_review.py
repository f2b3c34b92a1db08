"""Finance review: where the year lands and why, what the plan earns, what it costs and ties up."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from pages.frame import levers
from pages.frame.filters import product_groups
from pages.frame.page import Page, chart, message, open_page, ranked_table, table_behind
from pages.frame.record import record
from pages.frame.scenario_menu import lever_words
from pages.frame.strip import escaped
from sop_engine.charts import finance_bridge, finance_landing, finance_review
from sop_engine.charts.finance_landing import MARGIN, REVENUE
from sop_engine.charts.numbers import month, months, short
from sop_engine.finance_review.baselines import Position, budget_position, plan_position, prior_year_position
from sop_engine.finance_review.bridge import margin_bridge
from sop_engine.finance_review.statement import SUBTOTALS, Statement, income_statement
from sop_engine.plan import Plan
from sop_engine.pre_sop.gaps import budget_gaps
from sop_engine.scenario import LeverKind

PRIOR_YEAR, BASELINE_PLAN = "Prior year", "This cycle's baseline"
CUTS = {
    "total": "Months",
    "family": "Families",
    "category": "Categories",
    "channel": "Channels",
    "region": "Regions",
}
TABS = (
    "Revenue",
    "Gross margin",
    "Bridge",
    "Income statement",
    "Supply choices",
    "Inventory and cash",
    "Channels",
)


def review() -> None:
    """The questions of the review beside its levers, the message, the families off budget, and the record."""
    page = open_page("Finance review", "finance")
    side, main = st.columns([1, 3], gap="medium")
    with main:
        if not page.view.money:
            st.caption("Finance is counted in money only: the choice of units changes nothing on this page.")
        tabs = st.tabs(TABS, on_change="rerun", key="finance_tabs")
        landings = (partial(landing, measure=REVENUE), partial(landing, measure=MARGIN))
        bodies = (*landings, bridge, statement, choices, stock_and_cash, channels)
        for tab, body in zip(tabs, bodies, strict=True):
            if tab.open:
                with tab:
                    body(page)
    with side:
        lever_panel(page)
    message(*sentences(page))
    st.subheader("Families off budget", anchor=False)
    exceptions(page)
    record(page)


def sentences(page: Page) -> tuple[str, ...]:
    """What nobody has stated, and what the channels earn."""
    channel = finance_review.channel_words(
        finance_review.channel_table(page.plan, page.view), page.plan.inputs.money.base_currency
    )
    missing = [
        f"{len(labels)} without {what}" for what, labels in page.plan.finance.not_known.items() if labels
    ]
    parts = [
        f"{scope_words(page)}, {span_words(page)}: {channel}." if channel else "",
        f"Counted as 0 or left out, because nobody has stated it: {', '.join(missing)} (whole company)."
        if missing
        else "",
    ]
    return tuple(part for part in parts if part)


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
    return f"1 % is {short(cost / 100)} of standard cost"


def freight_words(page: Page) -> str:
    freight = page.baseline.finance.choice_costs["freight"][page.view.periods].sum()
    return f"1 % is {short(freight / 100)} of freight"


def exposure_words(page: Page, currency: str) -> str:
    """How much revenue is earned in the currency, or in all foreign ones."""
    of_market = page.plan.inputs.markets.currency
    exposed = of_market == currency if currency else of_market != page.plan.inputs.money.base_currency
    revenue = page.baseline.finance.revenue[:, exposed][:, :, page.view.periods].sum()
    return f"{short(revenue)} of revenue is in {currency or 'foreign currency'}"


def landing(page: Page, measure: str) -> None:
    """The fiscal year by month against budget and prior year."""
    table = finance_landing.landing_table(page.plan, page.view, measure)
    base = finance_landing.landing_table(page.baseline, page.view, measure)
    figure = finance_landing.landing(table, base, page.plan, measure, page.view.words, page.style)
    key = f"finance_landing_{measure.replace(' ', '_')}"
    chart(figure, key, finance_landing.landing_words(table, page.plan, measure), lambda: table)


def bridge(page: Page) -> None:
    """Gross margin from a chosen baseline to the working plan."""
    chosen = st.selectbox(
        "From", bridge_starts(page), key="bridge_start", label_visibility="collapsed", width=260
    )
    start, end, periods = positions(page, chosen)
    if not periods.size:
        st.info(
            f"{chosen} says nothing of these months. Choose other months in the filter bar, or another start."
        )
        return
    steps = margin_bridge(start, end)
    if not page.view.whole:
        steps = finance_bridge.narrowed(steps, start, end, page.view.products, page.view.markets)
    labels = page.plan.inputs.calendar.plan_labels
    scope = (
        f"{page.view.words or 'whole company'}, {month(labels[periods[0]])} to {month(labels[periods[-1]])}"
    )
    currency = page.plan.inputs.money.base_currency
    figure = finance_bridge.bridge_figure(steps, "gross margin", currency, scope, page.style)
    words = finance_bridge.bridge_words(steps, "gross margin", currency)
    chart(figure, "finance_bridge", words, lambda: finance_bridge.bridge_table(steps))


def bridge_starts(page: Page) -> list[str]:
    """Budget versions, the prior year, and the baseline where the working scenario differs from it."""
    moved = [BASELINE_PLAN] if page.plan is not page.baseline else []
    return [*moved, *sorted(page.plan.inputs.money.budgets), PRIOR_YEAR]


def positions(page: Page, start: str) -> tuple[Position, Position, np.ndarray]:
    """The start, the working plan, and the months of the filter of which the start says something."""
    inputs, periods = page.plan.inputs, page.view.periods
    if start == BASELINE_PLAN:
        return plan_position("baseline", page.baseline.finance, periods), working(page.plan, periods), periods
    if start == PRIOR_YEAR:
        periods = periods[periods < inputs.calendar.season]
        return prior_year_position(inputs, periods), working(page.plan, periods), periods
    stated = ~np.isnan(inputs.money.budgets[start].gross_margin).all(axis=(0, 1))
    periods = periods[stated[periods]]
    return budget_position(inputs, start, periods), working(page.plan, periods), periods


def working(plan: Plan, periods: np.ndarray) -> Position:
    return plan_position("plan", plan.finance, periods)


def statement(page: Page) -> None:
    """The income statement to operating profit, in columns of the reader's choice."""
    cut = st.segmented_control(
        "Columns",
        list(CUTS),
        default="total",
        required=True,
        format_func=CUTS.__getitem__,
        key="statement_cut",
        label_visibility="collapsed",
    )
    lines = income_statement(page.plan.inputs, page.plan.finance, cut)
    table = statement_table(lines, page.view.periods).round() + 0.0  # no minus before a zero
    st.caption(
        f"{lines.currency}, {span_words(page)}, whole company. Costs are negative. What is bought for all is "
        "shared by the standard cost of what is delivered."
    )
    bold = [("font-weight: bold" if name in SUBTOTALS else "") for name in table.index]
    styled = table.style.format("{:,.0f}").apply(lambda column: bold)
    st.dataframe(
        styled, key="statement_frame", height=min(640, 38 * (len(table) + 1)), alt="Income statement"
    )
    table_behind("income_statement", lines.frame)


def statement_table(lines: Statement, periods: np.ndarray) -> pd.DataFrame:
    """Lines down; the total, then months (cut "total") or groups by revenue; base currency."""
    values = lines.values[:, :, periods]
    if lines.cut == "total":
        columns = {month(lines.periods[period]): values[:, 0, at] for at, period in enumerate(periods)}
    else:
        totals = values.sum(axis=2)
        order = np.argsort(-totals[lines.lines.index("revenue")], kind="stable")
        columns = {lines.groups[at]: totals[:, at] for at in order}
    return pd.DataFrame(
        {"Total": values.sum(axis=(1, 2)), **columns}, index=pd.Index(lines.lines, name=lines.currency)
    )


def choices(page: Page) -> None:
    """What serving this demand costs beyond standard cost."""
    periods = page.view.periods
    table, base = (finance_review.choice_table(plan, periods) for plan in (page.plan, page.baseline))
    if table.empty and base.empty:
        st.info("No supply choice costs anything in these months, as far as its rates are loaded.")
        return
    figure = finance_review.choice_costs(table, base, page.plan, periods, page.style)
    chart(figure, "finance_choices", "Cost of the supply choices by month", lambda: table)


def stock_and_cash(page: Page) -> None:
    """Money tied up in stock, and money coming in."""
    figure = finance_review.stock_cash(page.plan, page.baseline, page.view.periods, page.style)
    frame = lambda: finance_review.stock_cash_table(page.plan, page.view.periods)  # noqa: E731
    chart(figure, "finance_cash", "Inventory value and cash effect by month", frame)


def channels(page: Page) -> None:
    """What each channel leaves at standard cost."""
    table = finance_review.channel_table(page.plan, page.view)
    figure = finance_review.channels(
        table, page.plan.inputs.money.base_currency, scope_words(page), page.style
    )
    chart(figure, "finance_channels", "Revenue and margin by channel", lambda: table)


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
    currency = page.plan.inputs.money.base_currency
    st.caption(
        f"Whole company: revenue of the plan less budget, {currency}, {span_words(page)}; largest gap first. "
        "Click a row for the words."
    )
    rows = [(gap.scope, "▼ below" if gap.money < 0 else "▲ above", gap.money, gap.units) for gap in gaps]
    table = pd.DataFrame(rows, columns=["family", "side", f"gap, {currency}", "gap, units"])
    row = ranked_table(table, "finance_gaps", select=True)
    if row is not None:
        st.markdown(escaped(lever_words(gaps[row].sentence)))


def scope_words(page: Page) -> str:
    """What the filter leaves, as the beginning of a sentence."""
    words = page.view.words or "whole company"
    return words[:1].upper() + words[1:]


def span_words(page: Page) -> str:
    """The months of the filter."""
    labels = page.plan.inputs.calendar.plan_labels
    return months([labels[period] for period in page.view.periods])


review()
