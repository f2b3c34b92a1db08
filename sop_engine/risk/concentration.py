"""What the plan leans on too much: few markets, one supplier for an item, one resource for a product."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sop_engine.demand_review.explosion import made_with
from sop_engine.inputs import Inputs
from sop_engine.inputs.network import BUY, MAKE, SUBCONTRACT, TRANSFER
from sop_engine.plan import Plan

MARKET, CHANNEL, SUPPLIER, RESOURCE = "market", "channel", "single source", "no alternate"


@dataclass(frozen=True)
class Concentration:
    """What is lost where one customer, supplier or resource drops out for good.

    name: of the market, channel, supplier or resource; items: how many products have no other way
    units, revenue, margin: of the plan's deliveries that need it, base currency, NaN = not known; margin is
    revenue less standard cost; share_pct: of all revenue, of all units where no price is known
    """

    kind: str
    name: str
    items: int
    units: float
    revenue: float
    margin: float
    share_pct: float


def concentrations(plan: Plan, periods: np.ndarray) -> tuple[Concentration, ...]:
    """Everything the deliveries of these plan periods lean on alone, the largest share first.

    A market or channel counts with what it buys. A supplier counts with all that is made with an item that
    nobody else delivers or makes; a resource with all that is made with an item which is made nowhere else,
    nor bought. Parts overlap, so shares do not add up.
    """
    found = [*_customers(plan, periods), *_sole(plan, periods)]
    return tuple(sorted(found, key=lambda one: (-np.nan_to_num(one.share_pct), one.kind, one.name)))


def _customers(plan: Plan, periods: np.ndarray) -> Iterator[Concentration]:
    markets = plan.inputs.markets
    everything = np.ones(len(plan.inputs.products), dtype=bool)
    for at, name in enumerate(markets.name):
        yield _counted(plan, periods, MARKET, str(name), everything, np.arange(len(markets)) == at)
    for channel in sorted(set(markets.channel) - {""}):
        yield _counted(plan, periods, CHANNEL, str(channel), everything, markets.channel == channel)


def _sole(plan: Plan, periods: np.ndarray) -> Iterator[Concentration]:
    """Suppliers and resources without which an item cannot be had."""
    inputs, network = plan.inputs, plan.inputs.network
    everywhere = np.ones(len(inputs.markets), dtype=bool)
    for kind, axis, alone in (
        (SUPPLIER, network.sites, sole_suppliers(inputs)),
        (RESOURCE, network.resources, sole_resources(inputs)),
    ):
        for at in np.unique(alone[alone >= 0]):
            needing = made_with(inputs, (alone == at).any(axis=0))
            found = _counted(plan, periods, kind, str(axis.name[at]), needing, everywhere)
            if found.units > 0:
                yield found


def sole_suppliers(inputs: Inputs) -> np.ndarray:
    """(1, products) position of the only site that a product can be had from, -1 where there are several, or
    none, or it can be made."""
    edges, count = inputs.network.edges, len(inputs.products)
    bought = np.isin(edges.mode, (BUY, SUBCONTRACT))
    made = np.bincount(edges.product[edges.mode == MAKE], minlength=count) > 0
    alone = np.full((1, count), -1)
    for product in np.unique(edges.product[bought]):
        sources = np.unique(edges.source[bought & (edges.product == product)])
        if len(sources) == 1 and not made[product]:
            alone[0, product] = sources[0]
    return alone


def sole_resources(inputs: Inputs) -> np.ndarray:
    """(resources, products) position of a resource that every way of making a product uses, -1 elsewhere; a
    product that can be bought has none."""
    edges, resources = inputs.network.edges, len(inputs.network.resources)
    alone = np.full((resources, len(inputs.products)), -1)
    uses = np.zeros((resources, len(edges.mode)), dtype=bool)
    uses[edges.hours_resource, edges.hours_edge] = True
    ways = edges.mode != TRANSFER
    for product in np.unique(edges.product[edges.mode == MAKE]):
        own = ways & (edges.product == product)
        always = np.flatnonzero(uses[:, own].all(axis=1))
        alone[always, product] = always
    return alone


def _counted(
    plan: Plan, periods: np.ndarray, kind: str, name: str, products: np.ndarray, markets: np.ndarray
) -> Concentration:
    finance, cells = plan.finance, np.ix_(products, markets, periods)
    units, revenue = float(finance.delivered[cells].sum()), float(finance.revenue[cells].sum())
    whole = finance.delivered if np.isnan(revenue) else finance.revenue
    total, own = float(whole[:, :, periods].sum()), units if np.isnan(revenue) else revenue
    margin = revenue - float(finance.standard_cost[cells].sum())
    share = 100 * own / total if total > 0 else np.nan
    sold = int((finance.delivered[cells].sum(axis=(1, 2)) > 0).sum())
    return Concentration(kind, name, sold, units, revenue, margin, share)
