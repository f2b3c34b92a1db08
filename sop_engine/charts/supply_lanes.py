"""What lanes other than a market's first deliver, where a market has several."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_engine.charts.numbers import short
from sop_engine.charts.view import View
from sop_engine.money import freight_factor
from sop_engine.plan import Plan

TRACE = 0.5  # of a unit: less is not told


def lanes_table(plan: Plan, view: View) -> pd.DataFrame:
    """A line per other lane that delivers in the view, the most first: market, the site of its first lane,
    the site that serves instead, units, their share of the market's deliveries, and what their freight is
    above the first lane's; empty where no lane but the first serves.
    """
    network, supply, labels = plan.inputs.network, plan.supply, plan.inputs.network.sites.labels
    lanes, seen = network.other_lanes, (view.products, view.periods)
    units = supply.by_other_lane[:, seen[0]][:, :, seen[1]].sum(axis=1)
    whole = supply.delivered[seen[0]][:, :, seen[1]].sum(axis=(0, 2))[lanes.market]
    dearer = (lanes.cost - network.lane_cost[lanes.market])[:, None]
    paid = (units * dearer * freight_factor(plan.inputs, plan.levers)[seen[1]]).sum(axis=1)
    total = units.sum(axis=1)
    rows = np.flatnonzero((total >= TRACE) & view.markets[lanes.market])
    money = f"{plan.inputs.money.base_currency} of freight above the first lane's".strip()
    table = pd.DataFrame(
        {
            "market": [plan.inputs.markets.labels[market] for market in lanes.market[rows]],
            "first lane": [labels[site] for site in network.lane_site[lanes.market[rows]]],
            "served by": [labels[site] for site in lanes.site[rows]],
            "units": total[rows],
            "of the market's deliveries, %": 100 * total[rows] / whole[rows],
            money: paid[rows],
        }
    )
    return table.sort_values("units", ascending=False, kind="stable", ignore_index=True)


def sentence(table: pd.DataFrame) -> str:
    """What the largest line says, and how much of all there is."""
    first = table.iloc[0]
    most = f"{first['served by']} serves {short(first['units'])} units of {first['market']}"
    rest = f"; all lanes beside the first {short(table['units'].sum())}" if len(table) > 1 else ""
    return f"{most} in place of {first['first lane']}{rest}."
