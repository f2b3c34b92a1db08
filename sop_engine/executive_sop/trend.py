"""The scorecard over time: each figure by month, past and planned, with its target, budget and status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sop_engine.executive_sop.effects import Scope, monthly
from sop_engine.executive_sop.scorecard import (
    Scorecard,
    budget_of,
    forward_cover_days,
    required_load_pct,
    scorecard,
)
from sop_engine.executive_sop.targets import Target, Track, target_of, track
from sop_engine.executive_sop.window import Window
from sop_engine.finance_review.valuation import actual_cost, actual_revenue
from sop_engine.inputs import Inputs
from sop_engine.inputs.performance import PastSupply
from sop_engine.money import worth
from sop_engine.plan import Plan
from sop_engine.replays import Replays

PAST_SHOWN = 12  # actual months before the plan
FULL_LOAD, MOST_BIAS = 100.0, 5.0  # %, what load and bias are held against
ROWS = (
    ("fill_rate_pct", "Fill rate", "%"),
    ("revenue", "Revenue", "money"),
    ("gross_margin", "Gross margin", "money"),
    ("gross_margin_pct", "Gross margin, % of revenue", "%"),
    ("inventory_value", "Inventory at the end", "money"),
    ("inventory_days", "Inventory, days of cover", "days"),
    ("cash_effect", "Cash effect", "money"),
    ("required_load_peak_pct", "Required load, worst centre", "%"),
    ("forecast_bias_pct", "Forecast bias", "%"),
)


@dataclass(frozen=True, eq=False)
class Trend:
    """labels: of past and planned periods; values: (labels,) NaN = not known; now: index of the first that is
    planned"""

    labels: tuple[str, ...]
    values: np.ndarray
    now: int


@dataclass(frozen=True, eq=False)
class ScoreRow:
    """One figure of the fiscal year. value, budget: in `unit` ("money", "%", "days"), NaN = not known

    target: that holds in this year, None where none was set; reference: what the status is held against,
    named by `against` ("target", "budget", "its hours", "5 %", "" where there is nothing)
    """

    key: str
    label: str
    unit: str
    value: float
    budget: float
    target: Target | None
    reference: float
    against: str
    status: Track
    trend: Trend


def score_rows(
    plan: Plan,
    targets: Sequence[Target] = (),
    past: PastSupply | None = None,
    replays: Replays | None = None,
) -> tuple[ScoreRow, ...]:
    """The figures of the running fiscal year, each with its months; a figure that is known nowhere is left
    out."""
    calendar = plan.inputs.calendar
    card = scorecard(plan, Window.FISCAL_YEAR)
    year, budget = int(calendar.fiscal_years[calendar.now]), budget_of(card)
    series = monthly_figures(plan, past, replays)
    found = []
    for key, label, unit in ROWS:
        value = _bias(plan.inputs, replays) if key == "forecast_bias_pct" else getattr(card, key)
        if np.isnan(value) and np.isnan(series[key]).all():
            continue
        target = target_of(targets, key, year, calendar)
        planned = _budget(budget, key)
        reference, against = _reference(key, target, planned)
        found.append(
            ScoreRow(
                key,
                label,
                unit,
                value,
                planned,
                target,
                reference,
                against,
                track(key, value, reference),
                _shown(plan, series[key]),
            )
        )
    return tuple(found)


def monthly_figures(
    plan: Plan, past: PastSupply | None = None, replays: Replays | None = None
) -> dict[str, np.ndarray]:
    """{key of ROWS: (past and reported buckets,)}; NaN = not known.

    The past's margin is at the standard cost that was valid then; its fill rate needs delivery_history and
    counts units, its stock needs inventory_history; load, cover and cash are known of the plan only.
    """
    inputs, finance = plan.inputs, plan.finance
    revenue = _joined(plan, actual_revenue(inputs), finance.revenue)
    margin = _after(plan, _sum(actual_revenue(inputs) - actual_cost(inputs)), finance.gross_margin)
    load = required_load_pct(plan)[inputs.network.sites.kind[inputs.network.resources.site] != "supplier"]
    known = ~np.isnan(load).all(axis=0) if load.size else np.zeros(inputs.calendar.periods, dtype=bool)
    peak = np.where(known, np.max(np.nan_to_num(load, nan=-np.inf), axis=0, initial=-np.inf), np.nan)
    stock = finance.inventory_value.sum(axis=0)
    return {
        "fill_rate_pct": _after(plan, _delivered_past(plan, past), _fill_rate(plan)),
        "revenue": revenue,
        "gross_margin": margin,
        "gross_margin_pct": _pct(margin, revenue),
        "inventory_value": _after(plan, _stock_past(plan, past), stock),
        "inventory_days": _after(plan, _unknown(plan), _cover(plan, stock)),
        "cash_effect": _after(plan, _unknown(plan), finance.cash_effect),
        "required_load_peak_pct": _after(plan, _unknown(plan), peak),
        "forecast_bias_pct": _after(
            plan, _bias_past(inputs, replays), np.full(inputs.calendar.periods, np.nan)
        ),
    }


def year_value(plan: Plan, key: str, year: int) -> tuple[float, int, int]:
    """A figure of a whole fiscal year, the buckets of it that are past or planned, and how many it has; NaN
    unless all of it is. Stock is that of its last period; a fill rate is the average of its months."""
    calendar = plan.inputs.calendar
    reach = calendar.now + calendar.horizon
    mask = calendar.fiscal_years[:reach] == year
    count = int(mask.sum())
    if count < calendar.season or key == "forecast_bias_pct":
        return np.nan, count, calendar.season
    series = monthly_figures(plan)
    values = series[key][mask]
    if key == "gross_margin_pct":
        return float(100 * series["gross_margin"][mask].sum() / series["revenue"][mask].sum()), count, count
    if key in ("inventory_value", "inventory_days"):
        return float(values[-1]), count, count
    if key.endswith("_pct"):
        return float(np.nanmean(values)) if np.isfinite(values).any() else np.nan, count, count
    return float(values.sum()), count, count


def _reference(key: str, target: Target | None, budget: float) -> tuple[float, str]:
    if target is not None:
        return target.value, "sample target" if target.sample else "target"
    if key == "required_load_peak_pct":
        return FULL_LOAD, "its hours"
    if key == "forecast_bias_pct":
        return MOST_BIAS, "5 %"
    return (np.nan, "") if np.isnan(budget) else (budget, "budget")


def _budget(budget: Scorecard, key: str) -> float:
    """What the budget says of a figure; NaN where it says nothing."""
    if key == "gross_margin_pct":
        return float(100 * budget.gross_margin / budget.revenue) if budget.revenue else np.nan
    return float(getattr(budget, key)) if key in ("revenue", "gross_margin") else np.nan


def _shown(plan: Plan, values: np.ndarray) -> Trend:
    calendar = plan.inputs.calendar
    first = max(calendar.now - PAST_SHOWN, 0)
    return Trend(
        calendar.labels[first : calendar.now + calendar.horizon], values[first:], calendar.now - first
    )


def _joined(plan: Plan, past: np.ndarray, planned: np.ndarray) -> np.ndarray:
    return _after(plan, _sum(past), _sum(planned))


def _after(plan: Plan, past: np.ndarray, planned: np.ndarray) -> np.ndarray:
    """(past and reported buckets,)."""
    return np.concatenate([past, planned[: plan.inputs.calendar.horizon]])


def _sum(cells: np.ndarray) -> np.ndarray:
    """(buckets,) over products and markets."""
    return cells.sum(axis=(0, 1))


def _unknown(plan: Plan) -> np.ndarray:
    return np.full(plan.inputs.calendar.now, np.nan)


def _pct(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return 100 * np.divide(part, whole, out=np.full(len(part), np.nan), where=whole != 0)


def _fill_rate(plan: Plan) -> np.ndarray:
    """(periods,) demand served on time, weighed by net price, in %."""
    price = np.nan_to_num(plan.finance.price)
    return _pct(_sum(plan.supply.on_time * price), _sum(plan.demand.unconstrained * price))


def _delivered_past(plan: Plan, past: PastSupply | None) -> np.ndarray:
    """(past buckets,) units that left on time, in %."""
    if past is None or past.deliveries.empty:
        return _unknown(plan)
    return monthly(plan, "on_time_pct", Scope(), past)[: plan.inputs.calendar.now]


def _stock_past(plan: Plan, past: PastSupply | None) -> np.ndarray:
    """(past buckets,) stock on file at the standard cost of its bucket; NaN where none is."""
    found = _unknown(plan)
    if past is None or past.inventory.empty:
        return found
    products, rows = plan.inputs.products, past.inventory
    rows = rows[rows["product"].isin(products.labels)]
    at, bucket = products.index(rows["product"]), rows["bucket"].to_numpy(dtype=int)
    cost = plan.inputs.money.past_cost[at, bucket]
    value = worth(rows["units"].to_numpy(dtype=float), cost)
    for each in np.unique(bucket):
        found[each] = value[bucket == each].sum()
    return found


def _cover(plan: Plan, stock: np.ndarray) -> np.ndarray:
    """(periods,) days that the stock at each period's end lasts."""
    usage, days = _sum(plan.finance.standard_cost), plan.inputs.calendar.plan_days
    return np.array(
        [forward_cover_days(float(value), usage[at + 1 :], days[at + 1 :]) for at, value in enumerate(stock)]
    )


def _bias(inputs: Inputs, replays: Replays | None) -> float:
    """100 x sum(F - A) / sum A of the replayed baselines, one period ahead, over all their cycles."""
    if replays is None or not len(replays.made):
        return np.nan
    actual = _sum(np.nan_to_num(inputs.demand.history))[replays.made]
    return float(100 * (_one_ahead(replays) - actual).sum() / actual.sum()) if actual.sum() else np.nan


def _bias_past(inputs: Inputs, replays: Replays | None) -> np.ndarray:
    """(past buckets,) 100 x (F - A) / A of each bucket."""
    found = np.full(inputs.calendar.now, np.nan)
    if replays is not None and len(replays.made):
        actual = _sum(np.nan_to_num(inputs.demand.history))[replays.made]
        found[replays.made] = _pct(_one_ahead(replays) - actual, actual)
    return found


def _one_ahead(replays: Replays) -> np.ndarray:
    """(cycles,) units of the first period after each cycle began."""
    return replays.units[:, :, :, 0].sum(axis=(1, 2))
