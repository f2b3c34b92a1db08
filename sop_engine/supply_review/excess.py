"""Stock against what it is for: excess and obsolete, the band between least and most stock, what is missing
below the target, and the parts of a safety stock.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from sop_engine.demand_review.consensus import DemandPlan
from sop_engine.demand_review.explosion import dependent_demand
from sop_engine.inputs import Inputs
from sop_engine.scenario import BASELINE, LeverKind, Scenario, acting_periods
from sop_engine.supply_review.inventory import (
    HIGHEST_LEVEL,
    forward_demand,
    node_error_sd,
    safety_stock,
)
from sop_engine.supply_review.load import asked_of
from sop_engine.supply_review.need import explode
from sop_engine.supply_review.supply import SupplyPlan


@dataclass(frozen=True, eq=False)
class Excess:
    """Units of all sites at the end of each period, (products, periods); a unit is in one of the two only.

    excess: above the demand of the periods that follow; obsolete: of products without any demand to come
    """

    excess: np.ndarray
    obsolete: np.ndarray


@dataclass(frozen=True)
class SafetyStock:
    """The parts of a stock target, of one product at one site in one period.

    level: share of replenishment cycles without a stock-out, NaN where the policy has none
    error_sd: units, of the forecast of one period; lead, review: periods; stated: units, NaN where none are
    cover: units that the minimum cover asks for; target: units of the plan, the largest of what is asked
    demand: units a period that are asked of the place, mean of the plan
    """

    level: float
    error_sd: float
    lead: float
    review: float
    stated: float
    cover: float
    target: float
    demand: float

    @property
    def z(self) -> float:
        """Standard deviations that the level asks for, 0 at least."""
        return float(max(ndtri(min(self.level, HIGHEST_LEVEL)), 0.0))

    @property
    def units(self) -> float:
        """z x error_sd x sqrt(lead + review), NaN without a level."""
        parts = np.array(self.level), np.array(self.error_sd), np.array(self.lead)
        return float(safety_stock(*parts, self.review))

    def with_lead_spread(self, lead_sd: float) -> float:
        """Units that keep the promise where lead times spread too; lead_sd: periods.

        z x sqrt((lead + review) x error_sd^2 + demand^2 x lead_sd^2)   (independent, both normal)
        """
        return float(np.hypot(self.units, self.z * self.demand * lead_sd))


def whole_demand(inputs: Inputs, unconstrained: np.ndarray) -> np.ndarray:
    """(products, periods) units that customers ask for and bills need for them, gross of stock.

    unconstrained: (products, markets, periods)
    """
    independent = unconstrained.sum(axis=1)
    return independent + dependent_demand(inputs, independent)


def excess_of(stock: np.ndarray, demand: np.ndarray, ahead: int, season: int) -> Excess:
    """excess = max(0, stock - demand of the next `ahead` periods); obsolete = stock, where no demand comes.

    stock, demand: (products, periods) units. Demand after the last period goes on at the mean of its last
    `season`; to come is what the plan's own periods still hold, and in the last one what they held in it.

    >>> found = excess_of(np.array([[9.0, 9.0, 9.0], [5.0, 5.0, 5.0]]),
    ...                   np.array([[1.0, 2.0, 3.0], [4.0, 0.0, 0.0]]), 1, 12)
    >>> found.excess[0], found.obsolete[1]
    (array([7., 6., 7.]), array([5., 5., 5.]))
    """
    to_come = np.cumsum(demand[:, ::-1], axis=1)[:, ::-1]
    following = np.concatenate([to_come[:, 1:], demand[:, -1:]], axis=1)
    held = np.maximum(stock, 0.0)
    over = np.maximum(held - forward_demand(demand, np.full(len(demand), float(ahead)), season), 0.0)
    return Excess(np.where(following > 0, over, 0.0), np.where(following > 0, 0.0, held))


def most_stock(inputs: Inputs, scenario: Scenario, demand: DemandPlan, supply: SupplyPlan) -> np.ndarray:
    """(products, sites, periods) units that the maximum cover allows, NaN where the policy has none.

    The cover counts what customers and other places ask of a place, gross of stock; never below the target.
    """
    structure, request = asked_of(inputs, scenario, demand)
    nodes, network = structure.nodes, inputs.network
    gross, _ = explode(structure, inputs.calendar, request.demand, request.lead_days)
    cover = network.max_cover[nodes.product, nodes.site]
    units = forward_demand(gross, np.nan_to_num(cover), inputs.calendar.season)
    most = np.full((len(inputs.products), len(network.sites), inputs.calendar.periods), np.nan)
    most[nodes.product, nodes.site] = np.where(np.isnan(cover)[:, None], np.nan, units)
    return np.maximum(most, supply.target)


def short_of_target(stock: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Units below the target, place by place: what lies elsewhere does not fill a gap here.

    >>> short_of_target(np.array([3.0, 9.0]), np.array([5.0, 5.0]))
    array([2., 0.])
    """
    return np.maximum(target - stock, 0.0)


def safety_parts(
    inputs: Inputs,
    scenario: Scenario,
    demands: tuple[DemandPlan, DemandPlan],
    supply: SupplyPlan,
    place: tuple[int, int],
    period: int,
) -> SafetyStock | None:
    """How the stock target of a place, (product, site), comes about; None where nothing can lie there.

    demands: the plan's own, and that of what was settled before the cycle, by which the forecast error of a
    product is shared among its sites
    """
    structure, request = asked_of(inputs, scenario, demands[0])
    node = int(structure.nodes.at[place])
    if node < 0:
        return None
    bucket, network = float(np.mean(inputs.calendar.plan_days)), inputs.network
    gross, _ = explode(structure, inputs.calendar, request.demand, request.lead_days)
    cover = np.nan_to_num(network.min_cover[place])
    edge = structure.preferred[structure.edge_to[structure.preferred] == node]
    return SafetyStock(
        level=_level(inputs, scenario, place, period),
        error_sd=_error_sd(inputs, demands[1], place),
        lead=float(request.lead_days[edge, period].sum()) / bucket,
        review=inputs.settings["review_days"] / bucket,
        stated=float(network.safety_stock[place][period]),
        cover=float(forward_demand(gross[[node]], np.array([cover]), inputs.calendar.season)[0, period]),
        target=float(supply.target[place][period]),
        demand=float(gross[node].mean()),
    )


def _error_sd(inputs: Inputs, settled_demand: DemandPlan, place: tuple[int, int]) -> float:
    """sd of the error at a place, 0 where the settled plan keeps nothing there."""
    structure, request = asked_of(inputs, BASELINE, settled_demand)
    node = structure.nodes.at[place]
    return float(node_error_sd(inputs, structure, request.demand)[node]) if node >= 0 else 0.0


def _level(inputs: Inputs, scenario: Scenario, place: tuple[int, int], period: int) -> float:
    """Service level of the policy, or of the last lever that acts on it; NaN where the policy has none."""
    level = float(inputs.network.service_level[place])
    for lever in scenario.of(LeverKind.SERVICE_LEVEL):
        acts = acting_periods(lever, inputs.calendar)[period]
        if acts and inputs.products.group(lever.target)[place[0]] and not np.isnan(level):
            level = lever.value / 100
    return level
