"""What a launch brings in its first year: its own units in money, and what the plan would gain from it net of
what it takes from other products.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sop_engine.demand_review.consensus import DemandPlan, launch_units
from sop_engine.demand_review.launches import LaunchEffect, launch_effects, launch_gain
from sop_engine.finance_review.valuation import FinancePlan
from sop_engine.inputs import Inputs
from sop_engine.inputs.lifecycle import Launch
from sop_engine.money import worth
from sop_engine.product_review.portfolio import Portfolio
from sop_engine.scenario import Scenario


@dataclass(frozen=True)
class LaunchValue:
    """units; revenue, gross_margin: base currency at the plan's net price and standard cost, NaN where no
    price or cost is known.
    """

    units: float
    revenue: float
    gross_margin: float

    def less(self, other: LaunchValue) -> LaunchValue:
        return LaunchValue(
            self.units - other.units,
            self.revenue - other.revenue,
            self.gross_margin - other.gross_margin,
        )


def first_year(inputs: Inputs, launch: Launch) -> np.ndarray:
    """Plan indices of the launch's first year that the plan reports; none where it comes after the plan."""
    calendar = inputs.calendar
    return np.arange(
        min(launch.launch, calendar.horizon), min(launch.launch + calendar.season, calendar.horizon)
    )


def own_value(inputs: Inputs, finance: FinancePlan, launch: Launch, periods: np.ndarray) -> LaunchValue:
    """What the launch's own units bring in these periods, before what it takes from others."""
    units = launch_units(inputs, (launch,))[launch.product]
    return value_of(finance, LaunchEffect(launch, units, {}), periods)


def value_of(finance: FinancePlan, effect: LaunchEffect, periods: np.ndarray) -> LaunchValue:
    """An effect in these periods, net of what it takes.

    margin = sum over cells of units x (price - unit cost), what is taken counted against it
    """
    changes = [(effect.launch.product, effect.units), *((at, -taken) for at, taken in effect.taken.items())]
    units = sum(float(cells[:, periods].sum()) for _, cells in changes)
    revenue = sum(_worth(cells, finance.price[at], periods) for at, cells in changes)
    cost = sum(_worth(cells, finance.unit_cost[at][None, :], periods) for at, cells in changes)
    return LaunchValue(units, revenue, revenue - cost)


def net_effect(
    inputs: Inputs, scenario: Scenario, portfolio: Portfolio, demand: DemandPlan, launch: Launch
) -> LaunchEffect:
    """What a launch that is in sells and takes; what the consensus would gain from one that is out."""
    if launch.in_plan:
        effects = launch_effects(inputs, portfolio.launches, demand.before("Cannibalisation"))
        return next(effect for effect in effects if effect.launch == launch)
    return launch_gain(inputs, scenario, portfolio, demand.consensus, launch)


def slip_cost(inputs: Inputs, finance: FinancePlan, launch: Launch) -> LaunchValue:
    """What the launch's own units bring less, within the plan's reported periods, for one period of slip."""
    reported = np.arange(inputs.calendar.horizon)
    later = replace(launch, launch=launch.launch + 1)
    return own_value(inputs, finance, launch, reported).less(own_value(inputs, finance, later, reported))


def _worth(units: np.ndarray, price: np.ndarray, periods: np.ndarray) -> float:
    """(markets, periods) units at a price of the same shape; 0 where there are no units."""
    return float(worth(units, price)[:, periods].sum()) if units.any() else 0.0
