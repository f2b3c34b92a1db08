"""Independent and dependent demand of items, when it must be there, and which products cause it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_engine.charts import style as look
from sop_engine.charts.style import FigureDict, Style
from sop_engine.charts.view import View
from sop_engine.demand_review.explosion import (
    dependent_demand,
    offset_demand,
    pegging,
)
from sop_engine.demand_review.lead_time import item_days
from sop_engine.plan import Plan


def components(plan: Plan, view: View) -> pd.DataFrame:
    """One row per item with dependent demand, the most money first; units over the view's months.

    Items of the view; where none of them goes into anything, what the view's products cause. cost of it: at
    standard cost, NaN where no cost is known; past due: units of all its demand that had to be there before
    the plan; lead days: of its longest chain.
    """
    inputs, products = plan.inputs, plan.inputs.products
    caused = dependent_demand(inputs, independent(plan, view))
    wanted = view.products & (caused.sum(axis=1) > 0)
    causes = np.ones(len(products), dtype=bool)
    if not wanted.any():
        causes = view.products
        caused = dependent_demand(inputs, independent(plan, view, causes))
        wanted = caused.sum(axis=1) > 0
    own = independent(plan, view)
    needed, _ = offset_demand(inputs, independent(plan, view, causes))
    table = pd.DataFrame(
        {
            "item": products.labels,
            "name": products.name,
            "family": products.family,
            "independent": own[:, view.periods].sum(axis=1),
            "dependent": caused[:, view.periods].sum(axis=1),
            "cost of it": (caused * plan.finance.unit_cost)[:, view.periods].sum(axis=1),
            "past due": needed[:, 0],
            "lead days": item_days(inputs),
        }
    )[wanted]
    return table.sort_values(
        ["cost of it", "dependent", "item"], ascending=[False, False, True], ignore_index=True
    )


def independent(plan: Plan, view: View, products: np.ndarray | None = None) -> np.ndarray:
    """(products, periods) unconstrained units of the view's markets; 0 outside `products` where given."""
    units = plan.demand.unconstrained[:, view.markets].sum(axis=1)
    return units if products is None else units * products[:, None]


def item_months(plan: Plan, view: View, item: str) -> pd.DataFrame:
    """By month of the view: independent and dependent units in the month of the demand, and the dependent
    ones by the month in which they must be there; its first row, "past due", holds those due before the plan.
    """
    inputs, row = plan.inputs, plan.inputs.products.positions[item]
    units = independent(plan, view)
    needed, ordered = offset_demand(inputs, units)
    dependent = dependent_demand(inputs, units)
    labels = [inputs.calendar.plan_labels[period] for period in view.periods]
    ahead = np.concatenate([[0], 1 + view.periods])
    return pd.DataFrame(
        {
            "period": ["past due", *labels],
            "independent": [0.0, *units[row, view.periods]],
            "dependent": [0.0, *dependent[row, view.periods]],
            "dependent, when it must be there": needed[row, ahead],
            "to be ordered": ordered[row, ahead],
        }
    )


def item_figure(plan: Plan, view: View, style: Style, item: str, title: str, height: int = 340) -> FigureDict:
    """Independent and dependent demand as separate bars, and a line for when the dependent is needed."""
    table = item_months(plan, view, item).iloc[1:]
    days = look.plan_days(plan.inputs.calendar, view.periods)
    late = table["dependent, when it must be there"].to_numpy()
    total = (table["independent"] + table["dependent"]).to_numpy()
    top = max(float(total.max()), float(late.max()), 1.0) * 1.12
    last = table.iloc[-1]
    ends = [
        ("Independent", last["independent"] / 2, style.plan),
        ("Dependent", last["independent"] + last["dependent"] / 2, style.actual),
    ]
    shown = [end for end, column in zip(ends, ("independent", "dependent")) if table[column].any()]
    shown.append(("When needed", float(late[-1]), style.scenario))
    steps = {"color": style.scenario, "width": 2.5, "shape": "hvh"}
    shapes, labels = look.zones(plan.inputs.calendar, style)
    return {
        "data": [
            look.bars("Independent", days, table["independent"].to_numpy(), style.plan),
            look.bars("Dependent", days, table["dependent"].to_numpy(), style.actual, opacity=0.6),
            look.line("Dependent, when it must be there", days, late, style.scenario, line=steps),
        ],
        "layout": look.layout(
            style,
            title,
            "units a month; bars in the month of the demand, the line when the dependent must be there",
            height,
            xaxis=look.months_axis(style, plan.inputs.calendar, days),
            yaxis={"range": [0, top], "tickformat": "~s"},
            barmode="stack",
            shapes=shapes,
            annotations=[*labels, *look.end_labels(shown, days[-1], top)],
            margin={"r": 120},
        ),
    }


def pegging_table(plan: Plan, view: View, item: str) -> pd.DataFrame:
    """One row per product that causes dependent demand of an item over the view's months, largest first;
    the units add up to it.
    """
    products = plan.inputs.products
    pegged = pegging(plan.inputs, independent(plan, view), products.positions[item])
    units = pegged[:, view.periods].sum(axis=1)
    table = pd.DataFrame(
        {
            "caused by": products.labels,
            "name": products.name,
            "units": units,
            "of it %": 100 * units / units.sum() if units.sum() > 0 else np.nan,
        }
    )[units > 0]
    return table.sort_values(["units", "caused by"], ascending=[False, True], ignore_index=True)


def pegging_families(plan: Plan, view: View, item: str) -> pd.DataFrame:
    """`pegging_table` by family."""
    table, products = pegging_table(plan, view, item), plan.inputs.products
    table = table.assign(family=products.family[products.index(table["caused by"])])
    sums = table.groupby("family", as_index=False)[["units", "of it %"]].sum()
    return sums.sort_values(["units", "family"], ascending=[False, True], ignore_index=True)
