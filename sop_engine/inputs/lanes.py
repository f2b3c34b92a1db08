"""Lanes from sites to markets: the first of each market, and those that serve where it cannot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sop_engine.inputs.masters import Axis, Markets
from sop_engine.inputs.tables import Tables


@dataclass(frozen=True, eq=False)
class OtherLanes:
    """The lanes of markets beside their first one, by market and then by rank. Arrays are (lanes,).

    market, site: positions; cost: money per unit; days: in transit
    rank: 1 for a market's second lane, 2 for its third and so on
    """

    market: np.ndarray
    site: np.ndarray
    cost: np.ndarray
    days: np.ndarray
    rank: np.ndarray

    def __len__(self) -> int:
        return len(self.market)


def read_lanes(tables: Tables, sites: Axis, markets: Markets) -> dict[str, Any]:
    """The network's lane_site, lane_cost, lane_days and other_lanes. A market's lanes are ranked by priority,
    1 where none is given, then by cost; without any lane its site is -1.
    """
    frame = tables["service_lane"]
    ranked = frame.assign(priority=frame["priority"].fillna(1.0))
    ranked = ranked.sort_values(["priority", "unit_cost", "site"])
    ranked = ranked.assign(rank=ranked.groupby("market").cumcount())
    best = ranked[ranked["rank"] == 0].set_index("market").reindex(list(markets.labels))
    others = ranked[ranked["rank"] > 0].sort_values(["market", "rank"])
    return {
        "lane_site": np.array([sites.positions.get(label, -1) for label in best["site"]], dtype=int),
        "lane_cost": _known(best["unit_cost"]),
        "lane_days": _known(best["transit_days"]),
        "other_lanes": OtherLanes(
            market=markets.index(others["market"]),
            site=sites.index(others["site"]),
            cost=_known(others["unit_cost"]),
            days=_known(others["transit_days"]),
            rank=others["rank"].to_numpy(dtype=int),
        ),
    }


def _known(column: pd.Series) -> np.ndarray:
    """The numbers of a column, 0 where none is given."""
    return column.fillna(0.0).to_numpy(dtype=float)
