"""One number through the reviews: what is asked for is what supply answers and finance values."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_engine.finance_review.statement import income_statement
from sop_engine.plan import Plan
from sop_engine.pre_sop.consistency import VOLUMES, Check, cell, worst

STATISTICAL, LIFECYCLES, ORDERS = (
    "Statistical baseline",
    "Phase-outs",
    ("Orders above forecast", "Demand fence"),
)
_PRODUCT = (LIFECYCLES, "Launches", "Cannibalisation")
RESIDUALS = ("demand residual", "supply residual", "units residual", "money residual")


def volume_checks(plan: Plan) -> tuple[Check, ...]:
    """What ties a review's volumes to those of the review before it."""
    return nothing_outside_lifecycles(plan), launches_ramp_up(plan), supply_reaches_finance(plan)


def nothing_outside_lifecycles(plan: Plan) -> Check:
    """The baseline of a product is asked for only while the portfolio sells the product."""
    steps = plan.demand.steps
    kept = steps[STATISTICAL] + steps[LIFECYCLES]
    outside = np.where(plan.portfolio.active[:, None, :], 0.0, np.abs(kept))
    statement = "baseline outside a product's life = 0"
    return worst(VOLUMES, "Portfolio ties", statement, outside, steps[STATISTICAL], "units", cell(plan))


def launches_ramp_up(plan: Plan) -> Check:
    """Each launch of the portfolio asks for its like-product's baseline x scale x ramp, written out."""
    expected = np.zeros_like(plan.demand.steps["Launches"])
    for launch in plan.portfolio.launches:
        like = plan.inputs.demand.baseline.units[launch.like]
        for period in range(max(launch.launch, 0), expected.shape[2]):
            reached = min(1.0, (period - launch.launch + 1) / max(launch.ramp, 1))
            expected[launch.product, :, period] += like[:, period] * launch.scale * reached
    off = np.abs(plan.demand.steps["Launches"] - expected)
    statement = "launches = like-product's baseline x scale x ramp, from the launch on"
    return worst(VOLUMES, "Launches tie", statement, off, expected, "units", cell(plan))


def supply_reaches_finance(plan: Plan) -> Check:
    """What supply delivers, on time and late, is what finance values."""
    off = np.abs(plan.supply.on_time + plan.supply.late - plan.finance.delivered)
    statement = "on time + late = units valued by finance"
    return worst(
        VOLUMES, "Supply ties to finance", statement, off, plan.finance.delivered, "units", cell(plan)
    )


def through_the_reviews(plan: Plan) -> pd.DataFrame:
    """One row per family that is asked for, largest first, and "All families"; units and money of all plan
    periods, those beyond the reported ones too, so that nothing is still open that comes later.

    Each review ends in a residual: asked for less its steps; asked for less what supply answers; delivered
    less what finance values; delivered at price less the revenue of the statement.
    """
    supply, finance, demand = plan.supply, plan.finance, plan.demand
    judged = [name for name in demand.steps if name not in (STATISTICAL, *_PRODUCT, *ORDERS)]
    cells = {
        "statistical baseline": demand.steps[STATISTICAL],
        "lifecycles and launches": _sum(demand.steps[name] for name in _PRODUCT if name in demand.steps),
        "judgement and levers": _sum(demand.steps[name] for name in judged),
        "orders": _sum(demand.steps[name] for name in ORDERS if name in demand.steps),
        "asked for": demand.unconstrained,
        "on time": supply.on_time,
        "late": supply.late,
        "lost": supply.lost,
        "waiting at the end": supply.backlog[:, :, -1:],
        "delivered": finance.delivered,
        "at price": finance.delivered * np.nan_to_num(finance.price),
    }
    families = np.array(plan.inputs.products.family, dtype=str)
    by_product = pd.DataFrame({name: values.sum(axis=(1, 2)) for name, values in cells.items()})
    table = by_product.groupby(families).sum()
    statement = income_statement(plan.inputs, finance, "family")
    table["revenue"] = pd.Series(statement.line("revenue").sum(axis=1), index=statement.groups)
    table = table[(table["asked for"].abs() + table["delivered"]) > 0]
    table = table.sort_values("asked for", ascending=False, kind="stable")
    table = pd.concat([table, table.sum().to_frame("All families").T])
    return _with_residuals(table).rename_axis("family").reset_index()


def _with_residuals(table: pd.DataFrame) -> pd.DataFrame:
    demand = table[["statistical baseline", "lifecycles and launches", "judgement and levers", "orders"]]
    supply = table[["on time", "late", "lost", "waiting at the end"]]
    found = table.assign(
        **{
            "demand residual": table["asked for"] - demand.sum(axis=1),
            "supply residual": table["asked for"] - supply.sum(axis=1),
            "units residual": table["on time"] + table["late"] - table["delivered"],
            "money residual": table["at price"] - table["revenue"],
        }
    )
    order = [*demand, "asked for", "demand residual", *supply, "supply residual"]
    return found[[*order, "delivered", "units residual", "at price", "revenue", "money residual"]]


def _sum(parts: object) -> np.ndarray:
    return np.sum(list(parts), axis=0)
