"""The ladder of risks and opportunities: from the budget to the range in which the fiscal year may end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from pages.finance.words import not_filtered, unknown
from pages.frame import session
from pages.frame.page import Page, chart, message, ranked_table
from pages.frame.strip import escaped
from sop_engine.charts import finance_ladder as charts
from sop_engine.charts.numbers import months, signed
from sop_engine.executive_sop.window import Window, span_of
from sop_engine.finance_review.baselines import BUDGET, Baseline, Position, baselines, estimate_position
from sop_engine.finance_review.ladder import MEASURES, Ladder, ladder, top_side_lines
from sop_engine.finance_review.register import register
from sop_engine.records.risks import risk_items

TARGET = "target"


@dataclass(frozen=True, eq=False)
class Year:
    """The fiscal year that the ladder stands in.

    periods: of it that the budget speaks of, all of them without a budget; negative ones have elapsed
    budget, target: what it is held against, None where there is none that speaks of every month to go
    words: the year and its months; left_out: budgets that do not speak of every month to go
    """

    periods: np.ndarray
    budget: Baseline | None
    target: Baseline | None
    words: str
    left_out: tuple[str, ...]

    @property
    def to_go(self) -> np.ndarray:
        return self.periods[self.periods >= 0]


def show(page: Page) -> None:
    """The ladder of a measure, its figures, and the items it is made of."""
    measure = st.segmented_control(
        "Measure",
        MEASURES,
        default=MEASURES[0],
        required=True,
        format_func=lambda name: name.replace("_", " ").capitalize(),
        key="ladder_measure",
        label_visibility="collapsed",
    )
    not_filtered(page, "the ladder")
    year = fiscal_year(page)
    rows = out_of_plan(page, year)
    idle = rows[measure] == 0
    lines = top_side_lines(session.requests(), measure, page.plan.inputs.calendar, year.periods)
    found = climbed(page, year, measure, rows[~idle], float(lines["amount"].sum()))
    names = [one.label if one else name for one, name in ((year.budget, "Budget"), (year.target, "Target"))]
    currency = page.plan.inputs.money.base_currency
    if np.isnan(found.estimate):
        unknown(measure.replace("_", " "), "load price and unit_cost for a ladder.")
    else:
        figure = charts.ladder_figure(found, currency, *names, f"whole company, {year.words}", page.style)
        table = charts.ladder_table(found, *names)
        chart(figure, "finance_ladder", charts.ladder_words(found, currency, names[0]), lambda: table)
    st.caption(escaped(_counted_words(found, year, rows.loc[idle, "title"])))
    _items(rows[~idle], measure, currency, quiet=idle.any())
    _top_side(lines, currency)


def fiscal_year(page: Page) -> Year:
    """The running fiscal year, without elapsed months of which the budget says nothing."""
    inputs = page.plan.inputs
    calendar, span = inputs.calendar, span_of(inputs.calendar, Window.FISCAL_YEAR)
    year = np.concatenate([np.flatnonzero(span.past) - calendar.now, span.planned])
    found = baselines(inputs, page.plan.finance, page.baseline.finance).values()
    budgets = [one for one in found if one.kind == BUDGET]
    whole = [one for one in budgets if np.isin(span.planned, one.periods).all()]
    budget = next((one for one in whole if one.label != TARGET), None)
    target = next((one for one in whole if one.label == TARGET), None)
    stated = year if budget is None else year[np.isin(year, budget.periods)]
    ends = months([calendar.labels[calendar.now + period] for period in stated])
    words = f"fiscal year {calendar.fiscal_years[calendar.now]}, {ends}"
    return Year(stated, budget, target, words, tuple(one.label for one in budgets if one not in whole))


def out_of_plan(page: Page, year: Year) -> pd.DataFrame:
    """What is out of the plan and may touch the rest of the year, as the register has it."""
    plan, items = page.plan, risk_items(session.warehouse())
    return register(plan.inputs, plan.scenario, plan.portfolio, plan.demand, plan.finance, items, year.to_go)


def climbed(page: Page, year: Year, measure: str, rows: pd.DataFrame, top_side: float) -> Ladder:
    """The ladder of one measure; a target that says nothing of some of its months is none."""
    estimate = estimate_position("Latest estimate", page.plan.inputs, page.plan.finance, year.periods)
    whole = year.target is not None and np.isin(year.periods, year.target.periods).all()
    return ladder(
        measure,
        _amount(estimate, measure),
        rows,
        budget=_amount(year.budget.position(year.periods), measure) if year.budget else np.nan,
        target=_amount(year.target.position(year.periods), measure) if whole else np.nan,
        top_side=top_side,
    )


def _amount(position: Position, measure: str) -> float:
    """Money of the company, NaN where nothing at all is stated."""
    cells = getattr(position, measure)
    return np.nan if np.isnan(cells).all() else float(np.nansum(cells))


def _counted_words(found: Ladder, year: Year, idle: pd.Series) -> str:
    """What the ladder counts; idle: titles of what changes nothing in its months."""
    unknown, silent = len(found.unknown), ", ".join(year.left_out)
    parts = [
        f"{found.items} independent item{'' if found.items == 1 else 's'} out of the plan; what is in the "
        "plan is in the estimate, whole. Expected is probability x effect; P10 and P90 are computed from "
        "every combination of what may happen, not drawn.",
        f"{unknown} without an amount in this measure are left out." if unknown else "",
        f"Without effect in these months: {', '.join(idle)}." if len(idle) else "",
        f"Left out, not stated for every month to go: {silent}." if silent else "",
    ]
    return " ".join(filter(None, parts))


def _items(rows: pd.DataFrame, measure: str, currency: str, quiet: bool) -> None:
    """The items that count, then those made up to show the feature; quiet: says nothing where none counts."""
    counts, sample = rows["counts"].astype(bool), rows["sample"].astype(bool)
    if counts.any():
        table = charts.item_table(rows[counts], measure, currency)
        ranked_table(table, "ladder_items", ids=("what",))
    elif not quiet:
        st.caption(
            "Nothing counts as a risk or an opportunity yet: the product review records what may come, and a "
            "launch left out of the plan stands here by itself."
        )
    if sample.any():
        st.caption("Made up to show the feature; counted in nothing:")
        ranked_table(charts.item_table(rows[sample], measure, currency), "ladder_sample", ids=("what",))


def _top_side(lines: pd.DataFrame, currency: str) -> None:
    """Top-side lines by name, where there are any."""
    if not lines.empty:
        names = "; ".join(f"{line.title} {signed(line.amount)} {currency}" for line in lines.itertuples())
        message(f"Top-side, owned by nobody, in no sum and in no volume: {names}.")
