"""The policies that the supply plan follows in plain words; ceilings exceeded and orders rounded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from sop_engine.charts.numbers import full, month, percent, short
from sop_engine.charts.supply_stability import anchor_words, moved_pct, moved_table, span
from sop_engine.charts.view import View
from sop_engine.inputs import Inputs
from sop_engine.inputs.masters import Markets
from sop_engine.plan import Plan
from sop_engine.scenario import LeverKind
from sop_engine.supply_review.ceilings import Overrun
from sop_engine.supply_review.lots import RoundedOrder
from sop_engine.supply_review.stability import anchored_cells

NAMES = 6  # names of a list that are written out


def policy_table(plan: Plan) -> pd.DataFrame:
    """Every policy in force: what it is about, what it says and the setting or table column that says so."""
    rows = [
        ("Who is served first", _priority(plan), "setting fair_share; market.priority"),
        ("Demand not met on time", _unmet(plan.inputs), "market.unmet"),
        *_fences(plan.inputs),
        ("Anchor", anchor_words(plan.inputs), "setting anchor_periods; publish a plan in an earlier cycle"),
        ("Stability weight", _weight(plan.inputs), "setting stability_weight_pct"),
        ("Overtime", _overtime(plan), "resource.overtime_limit_pct, overtime_cost_per_hour; lever Overtime"),
        (
            "Safety stock",
            _safety(plan),
            "inventory_policy.service_level_pct, safety_stock_units, min_cover_periods; lever Service level",
        ),
        (
            "Most stock",
            _most(plan.inputs),
            "site.storage_units; product.shelf_life_periods; setting max_cover_in_plan",
        ),
        ("Order sizes", _lots(plan.inputs), "sourcing.minimum_quantity, multiple_quantity"),
    ]
    return pd.DataFrame(rows, columns=["policy", "in force", "change it in"])


def _priority(plan: Plan) -> str:
    markets = plan.inputs.markets
    own = "; an open order with a priority of its own keeps it"
    if plan.inputs.settings["fair_share"]:
        return f"Fair share: all markets share a shortage alike, whatever their priority{own}"
    ranks = np.unique(markets.priority)
    if len(ranks) == 1:
        return f"Priority: all {len(markets)} markets have rank {ranks[0]:g} and share a shortage alike{own}"
    each = [f"{rank:g} is {_places(markets, markets.priority == rank)}" for rank in ranks]
    return f"Priority: {'; '.join(each)}; equal ranks share alike{own}"


def _unmet(inputs: Inputs) -> str:
    markets = inputs.markets
    if markets.backlog.all() or not markets.backlog.any():
        return f"{'Waits (backlog)' if markets.backlog.any() else 'Is lost'} in all {len(markets)} markets"
    waits, lost = (_places(markets, mask) for mask in (markets.backlog, ~markets.backlog))
    return f"Waits (backlog) in {waits}; is lost in {lost}"


def _fences(inputs: Inputs) -> list[tuple[str, str, str]]:
    calendar = inputs.calendar
    frozen, slushy = calendar.frozen, calendar.frozen + calendar.slushy
    first = span(inputs, 0, frozen)
    then = span(inputs, frozen, slushy)
    return [
        ("Frozen periods", f"{first}: no lever acts" if first else "None", "setting frozen_periods"),
        (
            "Slushy periods",
            f"{then}: levers act; shaded as a warning" if then else "None",
            "setting slushy_periods",
        ),
    ]


def _weight(inputs: Inputs) -> str:
    weight = inputs.settings["stability_weight_pct"]
    if not weight:
        return "0: leaving the plan published last costs nothing"
    return f"{weight:g} % of a unit's value for each unit by which production leaves the anchor"


def _overtime(plan: Plan) -> str:
    resources = plan.inputs.network.resources
    limit = 100 * np.nan_to_num(resources.overtime_limit)
    some = limit > 0
    moved = _moved_by(plan, LeverKind.OVERTIME)
    if not some.any():
        return f"None on the {len(limit)} resources{moved}"
    rest = f", none on the other {(~some).sum()}" if not some.all() else ""
    return (
        f"Up to {_range(limit[some])} of regular hours on {some.sum()} of {len(limit)} resources, at their "
        f"overtime rate{rest}{moved}"
    )


def _safety(plan: Plan) -> str:
    """How many places with a target rest on what; stated units come before a service level."""
    network = plan.inputs.network
    places = (plan.supply.target > 0).any(axis=2)
    stated = places & ~np.isnan(network.safety_stock).all(axis=2)
    level = places & ~stated & ~np.isnan(network.service_level)
    cover = places & ~np.isnan(network.min_cover)
    if not places.any():
        return "None: no place has a target"
    parts = []
    if level.any():
        reached = _range(100 * network.service_level[level])
        parts.append(f"service level {reached} per cycle from the forecast error at {full(level.sum())}")
    if stated.any():
        parts.append(f"stated units at {full(stated.sum())}")
    if cover.any():
        parts.append(f"least cover {_range(network.min_cover[cover], 'periods')} at {full(cover.sum())}")
    moved = _moved_by(plan, LeverKind.SERVICE_LEVEL)
    return f"Of {full(places.sum())} products at sites with a target: {'; '.join(parts)}{moved}"


def _most(inputs: Inputs) -> str:
    storage = int((~np.isnan(inputs.network.sites.storage)).sum())
    life = int((~np.isnan(inputs.products.shelf_life_periods)).sum())
    cover = "planned against" if inputs.settings["max_cover_in_plan"] else "shown, not planned against"
    most = f"stock above the most cover of a policy is {cover}"
    if not storage + life:
        return f"No storage limit and no shelf life is loaded; {most}"
    kept = "kept unless nothing else can be"
    return f"Storage of {storage} sites and shelf life of {life} products, {kept}; {most}"


def _lots(inputs: Inputs) -> str:
    count = int(ruled(inputs).sum())
    if not count:
        return "No minimum or multiple is loaded"
    return (
        f"Minimum or multiple on {count} of {len(inputs.network.edges.labels)} ways to get a product; "
        "the plan is continuous and names what would be rounded"
    )


def ruled(inputs: Inputs) -> np.ndarray:
    """(edges,) bool: those with an order minimum or multiple."""
    edges = inputs.network.edges
    return (np.nan_to_num(edges.minimum) > 0) | (np.nan_to_num(edges.multiple) > 0)


def overruns_of(plan: Plan, view: View) -> tuple[Overrun, ...]:
    """Ceilings exceeded at month ends of the view, by its products; storage is of all products."""
    periods = set(view.periods.tolist())
    return tuple(
        one
        for one in plan.supply.overruns
        if one.period in periods and (one.product < 0 or view.products[one.product])
    )


def overrun_table(plan: Plan, overruns: Iterable[Overrun]) -> pd.DataFrame:
    """when, kind, units above the ceiling and the whole of it in words; the most units first."""
    labels = plan.inputs.calendar.plan_labels
    rows = [(month(labels[one.period]), one.kind, one.units, one.sentence) for one in overruns]
    table = pd.DataFrame(rows, columns=["when", "ceiling", "units above it", "what"])
    return table.sort_values("units above it", ascending=False, kind="stable", ignore_index=True)


def overrun_sentence(inputs: Inputs, overruns: Sequence[Overrun]) -> str:
    """How many ceilings are exceeded, or that none is, or that none is loaded."""
    if overruns:
        return f"Stock is above its storage or shelf life {_count(len(overruns), 'time')} at month ends"
    storage, life = inputs.network.sites.storage, inputs.products.shelf_life_periods
    if np.isnan(storage).all() and np.isnan(life).all():
        return "No storage limit and no shelf life is loaded, so no ceiling is exceeded"
    return "No ceiling of storage or shelf life is exceeded"


def rounded_table(plan: Plan, view: View, orders: Sequence[RoundedOrder]) -> pd.DataFrame:
    """One row for each way whose orders are rounded in the view, by the money that it puts into stock.

    Extra stock is a level: its mean and highest of the month ends, at the unit cost of the month; money is
    NaN where that is not known. Means add up over the rows.
    """
    edges, inputs, periods = plan.inputs.network.edges, plan.inputs, view.periods
    rows = []
    for edge in dict.fromkeys(one.edge for one in orders if view.products[edges.product[one.edge]]):
        mine = [one for one in orders if one.edge == edge]
        extra = _levels(mine, inputs.calendar.periods)
        worth = (extra * inputs.money.unit_cost[edges.product[edge]])[periods]
        count = sum(one.period in periods for one in mine)
        if not count and not extra[periods].any():
            continue
        rule = edges.minimum[edge], edges.multiple[edge]
        extra = extra[periods]
        rows.append((edges.labels[edge], *rule, count, extra.mean(), worth.mean(), extra.max(), worth.max()))
    currency = inputs.money.base_currency or "money"
    means = ["extra units, mean", f"extra {currency}, mean"]
    highest = ["extra units, highest", f"extra {currency}, highest"]
    table = pd.DataFrame(rows, columns=["way", "minimum", "multiple", "orders rounded", *means, *highest])
    return table.sort_values([means[1], "way"], ascending=[False, True], ignore_index=True)


def _levels(orders: Sequence[RoundedOrder], periods: int) -> np.ndarray:
    """(periods,) extra units of one way: what an order left stays until the next one that is rounded."""
    level = np.full(periods, np.nan)
    level[[one.period for one in orders]] = [one.extra for one in orders]
    return pd.Series(level).ffill().fillna(0.0).to_numpy()


def rounded_sentence(plan: Plan, table: pd.DataFrame) -> str:
    """How many orders are rounded and what that puts into stock, or why none is."""
    if not ruled(plan.inputs).any():
        return "No order minimum or multiple is loaded, so no order is rounded"
    if table.empty:
        return "Every order meets its minimum and multiple"
    currency = plan.inputs.money.base_currency or "money"
    worth = table[f"extra {currency}, mean"]
    unknown = f"; {_count(int(worth.isna().sum()), 'way')} without a unit cost" if worth.isna().any() else ""
    return (
        f"Minimums and multiples round {_count(int(table['orders rounded'].sum()), 'order')} and put "
        f"{short(float(worth.sum()))} {currency} more into stock, mean of the month ends{unknown}"
    )


def summary(plan: Plan, overruns: Sequence[Overrun], rounded: pd.DataFrame) -> str:
    """Who comes first, what production stays near and how much of that moves, ceilings and rounding."""
    inputs = plan.inputs
    fair = inputs.settings["fair_share"] or len(np.unique(inputs.markets.priority)) == 1
    first = "Markets share a shortage alike" if fair else "Markets are served by their priority"
    cells = anchored_cells(inputs)
    if inputs.anchor is not None and cells.any():
        moved = moved_pct(moved_table(plan, inputs.anchor.flow, cells))
        steady = f"production moves {percent(moved)} from {inputs.anchor.name}"
    else:
        steady = "production stays near no published plan"
    return f"{first}; {steady}. {overrun_sentence(inputs, overruns)}. {rounded_sentence(plan, rounded)}."


def _moved_by(plan: Plan, kind: LeverKind) -> str:
    moved = any(lever.kind == kind for lever in plan.scenario.levers)
    return "; the working scenario moves it" if moved else ""


def _range(numbers: np.ndarray, unit: str = "%") -> str:
    low, high = float(numbers.min()), float(numbers.max())
    return f"{low:g} {unit}" if low == high else f"{low:g} to {high:g} {unit}"


def _places(markets: Markets, mask: np.ndarray) -> str:
    """Markets of a mask: their channel where it is all of one channel, else the first of their names."""
    channels = np.unique(markets.channel[mask])
    if len(channels) == 1 and (markets.channel == channels[0]).sum() == mask.sum() > 1:
        return f"{channels[0]} (all {mask.sum()} markets)"
    names = [markets.labels[at] for at in np.flatnonzero(mask)]
    more = f" and {len(names) - NAMES} more" if len(names) > NAMES else ""
    return ", ".join(names[:NAMES]) + more


def _count(number: int, noun: str) -> str:
    return f"{full(number)} {noun}{'' if number == 1 else 's'}"
