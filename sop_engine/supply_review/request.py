"""What a scenario asks of supply: demand, hours, limits, costs, lead times and stock targets, as arrays."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields

import numpy as np

from sop_engine.demand_review.consensus import DemandPlan
from sop_engine.errors import PlanError
from sop_engine.inputs import Inputs
from sop_engine.inputs.network import SUBCONTRACT, TRANSFER, Resources
from sop_engine.scenario import Lever, LeverKind, Scenario, acting_periods
from sop_engine.supply_review.ceilings import ceiling_units
from sop_engine.supply_review.inventory import stock_targets
from sop_engine.supply_review.need import Netting, explode, net_arrivals
from sop_engine.supply_review.structure import Structure, claimed, demand_at_nodes, in_line


@dataclass(frozen=True, eq=False)
class SupplyRequest:
    """Everything that the supply plan depends on besides the network itself.

    claimed: (claims, periods) units by due period; line: (queues, periods) by the period they should ship
    demand, target: (nodes, periods) units that all queues ask for, and of stock that the policy wants
    available, overtime_limit: (resources, periods) hours, NaN available = no limit is known
    limit: (edges, periods) units, inf = none; cost: money per unit; lead_days: by the period of the order
    ceiling: (ceilings, periods) units of stock that there may be at the end of the period
    move_cost: (periods,) money
    """

    claimed: np.ndarray
    line: np.ndarray
    demand: np.ndarray
    available: np.ndarray
    overtime_limit: np.ndarray
    limit: np.ndarray
    cost: np.ndarray
    lead_days: np.ndarray
    target: np.ndarray
    ceiling: np.ndarray
    move_cost: np.ndarray

    def digest(self) -> bytes:
        """A key under which equal requests are equal."""
        content = hashlib.blake2b(digest_size=16)
        for f in fields(self):
            content.update(np.ascontiguousarray(getattr(self, f.name)))
        return content.digest()

    def differs_in_costs_alone(self, other: SupplyRequest) -> bool:
        """Whether this asks for the same as another one, only at other costs."""
        return all(
            np.array_equal(getattr(self, f.name), getattr(other, f.name), equal_nan=True)
            for f in fields(self)
            if f.name not in ("cost", "move_cost")
        )


def supply_request(
    inputs: Inputs, scenario: Scenario, demand: DemandPlan, structure: Structure, error_sd: np.ndarray
) -> SupplyRequest:
    """The request of a scenario. error_sd: (nodes,) of the forecast error, for safety stock.

    Raises PlanError when a lever needs a figure that the resource table does not give.
    """
    units = claimed(inputs, structure.claims, demand)
    line = in_line(structure.claims, structure.queues, units)
    at_node = demand_at_nodes(structure, line)
    available, move_cost = _hours(inputs, scenario)
    lead = _lead_days(inputs, scenario)
    service = _service_level(inputs, scenario, structure)
    return SupplyRequest(
        claimed=units,
        line=line,
        demand=at_node,
        available=available,
        overtime_limit=_overtime_limit(inputs, scenario, available),
        limit=_limits(inputs, scenario),
        cost=_costs(inputs, scenario),
        lead_days=lead,
        target=stock_targets(inputs, structure, error_sd, at_node, lead, service),
        ceiling=ceiling_units(inputs, structure, at_node, lead),
        move_cost=move_cost,
    )


def unconstrained_need(
    inputs: Inputs, structure: Structure, request: SupplyRequest
) -> tuple[np.ndarray, np.ndarray]:
    """What would come in at each node, (nodes, periods), and start, (edges, periods), if nothing were short:
    net of stock and open orders.
    """
    at = structure.nodes.product, structure.nodes.site
    opening, receipts = (
        np.nan_to_num(given[at]) for given in (inputs.network.on_hand, inputs.network.receipts)
    )
    netting = Netting(opening, receipts, request.target)
    gross, starts = explode(structure, inputs.calendar, request.demand, request.lead_days, netting)
    return net_arrivals(gross, opening, receipts, request.target), starts


def _hours(inputs: Inputs, scenario: Scenario) -> tuple[np.ndarray, np.ndarray]:
    """(resources, periods) hours with the levers' capacity, and (periods,) money of named moves."""
    resources, weeks = inputs.network.resources, inputs.calendar.plan_days / 7.0
    hours, money = resources.available.copy(), np.zeros(inputs.calendar.periods)
    for lever in scenario.of(LeverKind.CAPACITY, LeverKind.SUPPLIER_LIMIT):
        rows = _resources_of(inputs, lever)
        hours[np.ix_(rows, acting_periods(lever, inputs.calendar))] *= 1 + lever.value / 100
    for lever in scenario.of(LeverKind.EXTRA_SHIFT, LeverKind.SATURDAYS):
        rows = _resources_of(inputs, lever)
        added, cost = _named_move(inputs, lever, rows, weeks)
        hours[rows] += added
        money += cost
    for lever in scenario.of(LeverKind.LINE_DOWN):
        rows, acts = _resources_of(inputs, lever), acting_periods(lever, inputs.calendar)
        hours[rows] *= 1 - _share_down(lever.value, weeks, acts)
    return hours, money


def _resources_of(inputs: Inputs, lever: Lever) -> np.ndarray:
    """Positions of the resources a lever names: by their own label or their supplier's.

    Without a target it means all suppliers', or all our own: those of them, for a shift, whose stations are
    known.
    """
    resources, sites = inputs.network.resources, inputs.network.sites
    supplied = sites.kind[resources.site] == "supplier"
    if lever.kind is LeverKind.SUPPLIER_LIMIT:
        return np.flatnonzero(resources.site == sites.index([lever.target])[0] if lever.target else supplied)
    if lever.target:
        return resources.index([lever.target])
    shift = lever.kind in (LeverKind.EXTRA_SHIFT, LeverKind.SATURDAYS)
    return np.flatnonzero(~supplied & ~(shift & np.isnan(resources.stations)))


def _named_move(
    inputs: Inputs, lever: Lever, rows: np.ndarray, weeks: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Hours (rows, periods) that an extra shift or Saturdays add, and their cost (periods,), idle or not."""
    resources, settings = inputs.network.resources, inputs.settings
    _demand_known(resources, rows, lever)
    shift = lever.kind is LeverKind.EXTRA_SHIFT
    name = "extra_shift" if shift else "saturday"
    acts = acting_periods(lever, inputs.calendar, int(settings[f"{name}_lead_periods"]))
    hours = lever.value * settings[f"{name}_hours_per_week"] * resources.stations[rows, None] * (weeks * acts)
    rate = resources.cost_per_hour if shift else resources.overtime_cost_per_hour
    money = np.nan_to_num(rate[rows]) @ hours
    if shift and acts.any():
        money[acts.argmax()] += lever.value * settings["extra_shift_one_off"] * len(rows)
    return hours, money


def _demand_known(resources: Resources, rows: np.ndarray, lever: Lever) -> None:
    unknown = [resources.labels[r] for r in rows if np.isnan(resources.stations[r])]
    if unknown:
        raise PlanError(
            f"{lever.in_words()}: how many stations {unknown[0]} has is not known. Fill resource.stations."
        )


def _share_down(down: float, weeks: np.ndarray, acts: np.ndarray) -> np.ndarray:
    """(periods,) share of hours lost when a line is down for the first `down` weeks of the acting periods."""
    open_weeks = np.where(acts, weeks, 0.0)
    lost = np.clip(down - (np.cumsum(open_weeks) - open_weeks), 0.0, open_weeks)
    return lost / weeks


def _overtime_limit(inputs: Inputs, scenario: Scenario, available: np.ndarray) -> np.ndarray:
    resources = inputs.network.resources
    share = np.repeat(np.nan_to_num(resources.overtime_limit)[:, None], inputs.calendar.periods, axis=1)
    for lever in scenario.of(LeverKind.OVERTIME):
        share[np.ix_(_resources_of(inputs, lever), acting_periods(lever, inputs.calendar))] = (
            lever.value / 100
        )
    return share * np.nan_to_num(available)


def _limits(inputs: Inputs, scenario: Scenario) -> np.ndarray:
    edges = inputs.network.edges
    limit = np.where(np.isnan(edges.limit), np.inf, edges.limit)
    for lever in scenario.of(LeverKind.SUBCONTRACT):
        rows = np.flatnonzero((edges.mode == SUBCONTRACT) & _from_source(inputs, lever))
        limit[np.ix_(rows, acting_periods(lever, inputs.calendar))] = lever.value
    for lever in scenario.of(LeverKind.SUPPLIER_LIMIT):
        rows = np.flatnonzero((edges.mode != TRANSFER) & _from_source(inputs, lever))
        limit[np.ix_(rows, acting_periods(lever, inputs.calendar))] *= 1 + lever.value / 100
    return limit


def _from_source(inputs: Inputs, lever: Lever) -> np.ndarray:
    """(edges,) bool: those that the supplier named by the lever serves; any source where it names none."""
    edges = inputs.network.edges
    return (
        edges.source == inputs.network.sites.index([lever.target])[0] if lever.target else edges.source >= 0
    )


def _costs(inputs: Inputs, scenario: Scenario) -> np.ndarray:
    edges = inputs.network.edges
    cost = np.repeat(np.nan_to_num(edges.unit_cost)[:, None], inputs.calendar.periods, axis=1)
    for lever in scenario.of(LeverKind.FREIGHT, LeverKind.UNIT_COST):
        moved = edges.mode == TRANSFER
        rows = (
            moved
            if lever.kind is LeverKind.FREIGHT
            else ~moved & inputs.products.group(lever.target)[edges.product]
        )
        cost[np.ix_(np.flatnonzero(rows), acting_periods(lever, inputs.calendar))] *= 1 + lever.value / 100
    return cost


def _lead_days(inputs: Inputs, scenario: Scenario) -> np.ndarray:
    edges = inputs.network.edges
    days = np.repeat(edges.lead_days.astype(float)[:, None], inputs.calendar.periods, axis=1)
    for lever in scenario.of(LeverKind.SUPPLIER_LEAD_TIME):
        rows = np.flatnonzero((edges.mode != TRANSFER) & _from_source(inputs, lever))
        days[np.ix_(rows, acting_periods(lever, inputs.calendar))] += lever.value
    return np.maximum(days, 0.0)


def _service_level(inputs: Inputs, scenario: Scenario, structure: Structure) -> np.ndarray:
    """(nodes, periods) share; a lever replaces the level where the policy has one."""
    nodes = structure.nodes
    policy = inputs.network.service_level[nodes.product, nodes.site]
    level = np.repeat(policy[:, None], inputs.calendar.periods, axis=1)
    for lever in scenario.of(LeverKind.SERVICE_LEVEL):
        rows = np.flatnonzero(inputs.products.group(lever.target)[nodes.product] & ~np.isnan(policy))
        level[np.ix_(rows, acting_periods(lever, inputs.calendar))] = lever.value / 100
    return level
