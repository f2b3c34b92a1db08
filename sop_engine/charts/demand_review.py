"""Charts of the demand review: history with the plan against it, and the families that differ most."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_engine.charts import style as look
from sop_engine.charts.numbers import percent
from sop_engine.charts.style import FigureDict, Style
from sop_engine.charts.view import View
from sop_engine.plan import Plan
from sop_engine.pre_sop.gaps import stated_cells

HISTORY = 24  # past buckets shown: two seasons tell a trend from a season
CONSENSUS, BEFORE = "consensus", "consensus before the what-if"


def demand_series(plan: Plan, baseline: Plan, view: View) -> pd.DataFrame:
    """One row per bucket, the last HISTORY past ones and those of the view; in the view's unit, NaN where
    it does not apply.

    day, period, actual, prior year, statistical baseline, low 80, high 80, orders, budget, consensus before
    the what-if, consensus.
    """
    inputs = plan.inputs
    past = np.arange(max(0, inputs.calendar.now - HISTORY), inputs.calendar.now)
    index = np.concatenate([past, inputs.calendar.now + view.periods])
    low, high = band80(plan, view)
    ahead = {
        "prior year": _prior_year(plan, view),
        "statistical baseline": view.by_period(view.valued(inputs.demand.baseline.units, plan)),
        "low 80": low,
        "high 80": high,
        "orders": view.by_period(view.valued(plan.demand.orders, plan)),
        "budget": _budget(plan, view),
        BEFORE: view.by_period(view.valued(baseline.demand.unconstrained, baseline)),
        CONSENSUS: view.by_period(view.valued(plan.demand.unconstrained, plan)),
    }
    blank = np.full(len(past), np.nan)
    actual = np.concatenate([actuals(plan, view)[past], np.full(len(view.periods), np.nan)])
    return pd.DataFrame(
        {
            "day": [str(day) for day in inputs.calendar.starts[index]],
            "period": [inputs.calendar.labels[i] for i in index],
            "actual": actual,
            **{name: np.concatenate([blank, values]) for name, values in ahead.items()},
        }
    )


def actuals(plan: Plan, view: View) -> np.ndarray:
    """(past buckets,) what was sold, in the view's unit."""
    demand = plan.inputs.demand
    history = np.nan_to_num(demand.revenue_history if view.money else demand.history)
    return history[np.ix_(view.products, view.markets)].sum(axis=(0, 1))


def band80(plan: Plan, view: View) -> tuple[np.ndarray, np.ndarray]:
    """(periods of the view,) the 80 % range of the statistical baseline, in the view's unit at the plan's
    prices.

    Known for the company, one family and one product, each over all markets; NaN for any other cut.
    """
    inputs, baseline = plan.inputs, plan.inputs.demand.baseline
    nothing = np.full(len(view.periods), np.nan)
    if not view.markets.all():
        return nothing, nothing
    families = set(inputs.products.family[view.products & inputs.products.sellable])
    if view.products.all():
        rows = baseline.bands.get(("total", ""))
    elif int(view.products.sum()) == 1:
        product = int(np.flatnonzero(view.products)[0])
        rows = np.array([baseline.units[product].sum(axis=0), baseline.lo80[product], baseline.hi80[product]])
    else:
        rows = baseline.bands.get(("family", families.pop())) if len(families) == 1 else None
    if rows is None:
        return nothing, nothing
    units = view.by_period(baseline.units)
    worth = np.divide(
        view.by_period(view.valued(baseline.units, plan)), units, out=np.zeros(len(units)), where=units > 0
    )
    return rows[1][view.periods] * worth, rows[2][view.periods] * worth


def history_and_consensus(
    plan: Plan, baseline: Plan, view: View, style: Style, title: str, height: int = 340
) -> FigureDict:
    """Actuals, then the statistical baseline with its range, orders, budget, prior year and the consensus,
    by bucket.
    """
    rows = demand_series(plan, baseline, view)
    past, ahead = rows[rows["actual"].notna()], rows[rows["actual"].isna()]
    days = ahead["day"].tolist()
    moved = bool((ahead[CONSENSUS] - ahead[BEFORE]).abs().max() > 0.5)
    traces = [
        look.outline("Budget", days, ahead["budget"].to_numpy(), style),
        look.bars("Open orders", days, ahead["orders"].to_numpy(), style.actual, opacity=0.55),
        *look.band("80 % range", days, ahead["low 80"].to_numpy(), ahead["high 80"].to_numpy(), style),
        look.line("Prior year", days, ahead["prior year"].to_numpy(), style.prior, width=2),
        look.line(
            "Statistical baseline",
            days,
            ahead["statistical baseline"].to_numpy(),
            style.plan,
            dash="dash",
            width=2,
        ),
        look.line("Actual", past["day"], past["actual"].to_numpy(), style.actual),
        look.line("Consensus", days, ahead[BEFORE].to_numpy(), style.plan, width=3),
    ]
    names = {"Statistical baseline": ("statistical baseline", style.plan), "Consensus": (BEFORE, style.plan)}
    if moved:
        traces.append(look.line("What-if", days, ahead[CONSENSUS].to_numpy(), style.scenario, width=3))
        names["What-if"] = (CONSENSUS, style.scenario)
    ends = [(name, float(ahead[column].iloc[-1]), color) for name, (column, color) in names.items()]
    top = float(np.nanmax(rows.drop(columns=["day", "period"]).to_numpy(dtype=float)))
    shapes, labels = look.zones(plan.inputs.calendar, style)
    measure = f"{view.unit(plan)} a month{' at net price' if view.money else ''}"
    subtitle = f"{measure}, {view.words or 'whole company'}; {_key(plan, ahead)}"
    if ahead["low 80"].isna().all():
        subtitle += "; the 80 % range is known for the company or one family over all markets"
    return {
        "data": traces,
        "layout": look.layout(
            style,
            title,
            subtitle,
            height,
            xaxis=look.months_axis(style, plan.inputs.calendar, rows["day"].tolist()),
            yaxis={"range": [0, 1.08 * top], "tickformat": "~s"},
            shapes=shapes,
            annotations=[*labels, *look.end_labels(ends, days[-1], 1.08 * top)],
            barmode="overlay",
            margin={"r": 130},
        ),
    }


def _key(plan: Plan, ahead: pd.DataFrame) -> str:
    """What the unlabelled marks are, only those that are drawn, and how much of the past the range held."""
    held = plan.inputs.demand.baseline.coverage80
    known = "" if np.isnan(held) else f" (held {percent(100 * held)} of the past)"
    marks = {
        "orders": "solid: open orders",
        "budget": "outline: budget",
        "prior year": "grey: prior year",
        "low 80": f"shade: 80 % range{known}",
    }
    return ", ".join(words for name, words in marks.items() if ahead[name].fillna(0).any())


def family_changes(plan: Plan, baseline: Plan, view: View) -> pd.DataFrame:
    """One row per family of the view, the largest change of money first.

    consensus; vs statistical, vs statistical %; vs budget over the months that it states of the family, and
    vs prior year % over those that have one; what-if: against the plan with no lever moved. In the view's
    unit.
    """
    inputs = plan.inputs
    now = view.valued(plan.demand.unconstrained, plan)
    budget = _budget_cells(plan, view)
    prior = np.nan_to_num(_prior_cells(plan, view))
    cells = {
        "consensus": now,
        "statistical": view.valued(inputs.demand.baseline.units, plan),
        "prior": prior,
        "with prior": now * (prior.sum(axis=(0, 1)) > 0),  # months that have a year before
        "base": view.valued(baseline.demand.unconstrained, baseline),
        "vs budget": now - stated_cells(budget, inputs.products.family),
    }
    families = inputs.products.family
    rows = []
    for family in sorted(set(families[view.products & inputs.products.sellable])):
        cut = np.ix_(view.products & (families == family), view.markets, view.periods)
        row = {name: float(np.nansum(values[cut])) for name, values in cells.items()}
        row["vs budget"] = np.nan if np.isnan(budget[cut]).all() else row["vs budget"]
        rows.append({"family": family, **row})
    return _ranked(pd.DataFrame(rows, columns=["family", *cells]))


def _ranked(table: pd.DataFrame) -> pd.DataFrame:
    change = table["consensus"] - table["statistical"]
    result = table.assign(
        **{
            "vs statistical": change,
            "vs statistical %": 100 * change / table["statistical"].where(table["statistical"] > 0),
            "vs prior year %": 100 * (table["with prior"] / table["prior"].where(table["prior"] > 0) - 1),
            "what-if": table["consensus"] - table["base"],
        }
    )
    size = result[["vs statistical", "vs budget", "what-if"]].abs().max(axis=1)
    columns = [
        "family",
        "consensus",
        "vs statistical",
        "vs statistical %",
        "vs budget",
        "vs prior year %",
        "what-if",
    ]
    return result.assign(size=size).sort_values(
        ["size", "family"], ascending=[False, True], ignore_index=True
    )[columns]


def _prior_cells(plan: Plan, view: View) -> np.ndarray:
    money = plan.inputs.money
    return money.prior_revenue if view.money else money.prior_units


def _prior_year(plan: Plan, view: View) -> np.ndarray:
    """(periods of the view,); blank where there was nothing a year before."""
    prior = view.by_period(np.nan_to_num(_prior_cells(plan, view)))
    return np.where(prior > 0, prior, np.nan)


def _budget_cells(plan: Plan, view: View) -> np.ndarray:
    budget = plan.finance.budget
    if budget is None:
        return np.full(plan.demand.unconstrained.shape, np.nan)
    return budget.revenue if view.money else budget.units


def _budget(plan: Plan, view: View) -> np.ndarray:
    """(periods of the view,); blank where the budget says nothing."""
    cut = view.cut(_budget_cells(plan, view))
    return np.where(np.isnan(cut).all(axis=(0, 1)), np.nan, np.nansum(cut, axis=(0, 1)))
