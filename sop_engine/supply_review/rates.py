"""What production runs at: hours an open day of each resource of our own, units where no hours are known."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sop_engine.inputs import Inputs
from sop_engine.inputs.network import MAKE
from sop_engine.supply_review.request import SupplyRequest

CUT_SHORT = 0.75  # of the usual hours a day: below it a period is open in part, as in a shutdown


@dataclass(frozen=True, eq=False)
class Rates:
    """What runs at a rate: every resource of our own that makes something, and what a family makes at a site
    without any hours.

    names: (rates,); resource: (rates,) position, -1 where units stand for hours
    rate, edge, per_unit: (rows,) what a unit of an edge takes of a rate
    days: (rates, periods) open days: working days, fewer where a resource is shut for a part of them
    usual: (rates,) hours a day that the data give, else the mean of the need
    held: (rates, periods) bool: after the frozen zone, and early enough that all of it arrives in the plan
    """

    names: tuple[str, ...]
    resource: np.ndarray
    rate: np.ndarray
    edge: np.ndarray
    per_unit: np.ndarray
    days: np.ndarray
    usual: np.ndarray
    held: np.ndarray

    def taken(self, flow: np.ndarray) -> np.ndarray:
        """(rates, periods) hours, or units, that flows (edges, periods), by their start, take."""
        total = np.zeros(self.days.shape)
        np.add.at(total, self.rate, flow[self.edge] * self.per_unit[:, None])
        return total

    def run(self, flow: np.ndarray) -> np.ndarray:
        """(rates, periods) hours, or units, an open day; NaN in periods without one and where none is
        held."""
        known = self.held & (self.days > 0)
        return np.divide(self.taken(flow), self.days, out=np.full(self.days.shape, np.nan), where=known)


def find_rates(inputs: Inputs, request: SupplyRequest, need: np.ndarray) -> Rates:
    """The rates of a company under a request. need: (edges, periods) starts of the unconstrained need."""
    names, resource, rate, edge, per_unit = _runs(inputs)
    calendar, periods = inputs.calendar, np.arange(inputs.calendar.periods)
    whole, part = calendar.lead_split(request.lead_days)
    held = np.ones((len(names), calendar.periods), dtype=bool)
    np.logical_and.at(held, rate, (periods + whole + (part > 0) < calendar.periods)[edge])
    held &= periods >= calendar.frozen
    days, usual = _open_days(inputs, request, resource)
    rates = Rates(names, resource, rate, edge, per_unit, days, usual, held)
    asked = rates.taken(need).sum(axis=1) / np.maximum(days.sum(axis=1), 1.0)
    return replace(rates, usual=np.where(np.isnan(usual), asked, usual))


def _runs(
    inputs: Inputs,
) -> tuple[tuple[str, ...], np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """names, resource: (rates,); rate, edge, per_unit: (rows,), as `Rates` has them."""
    edges, resources, sites = inputs.network.edges, inputs.network.resources, inputs.network.sites
    ours = sites.kind[resources.site] != "supplier"
    used = ours[edges.hours_resource] & (edges.mode[edges.hours_edge] == MAKE)
    resource, of_hours = np.unique(edges.hours_resource[used], return_inverse=True)
    bare = np.flatnonzero(edges.mode == MAKE)
    bare = bare[~np.isin(bare, edges.hours_edge[used])]
    place = [
        f"{inputs.products.family[edges.product[edge]]} at {sites.labels[edges.site[edge]]}" for edge in bare
    ]
    places, of_place = np.unique(np.array(place, dtype=object).astype(str), return_inverse=True)
    return (
        (*(str(name) for name in resources.name[resource]), *places.tolist()),
        np.concatenate([resource, np.full(len(places), -1)]),
        np.concatenate([of_hours, len(resource) + of_place]).astype(int),
        np.concatenate([edges.hours_edge[used], bare]),
        np.concatenate([edges.hours_per_unit[used], np.ones(len(bare))]),
    )


def _open_days(inputs: Inputs, request: SupplyRequest, resource: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Open days (rates, periods) and usual hours a day (rates,), NaN where no hours are known."""
    calendar, own = inputs.calendar, resource >= 0
    working = calendar.working_days[calendar.now : calendar.now + calendar.periods].astype(float)
    days, usual = np.repeat(working[None], len(resource), axis=0), np.full(len(resource), np.nan)
    for row in np.flatnonzero(own):
        stated, today = (
            hours[resource[row]] / np.where(working > 0, working, np.nan)
            for hours in (inputs.network.resources.available, request.available)
        )
        if not np.isnan(stated).all():
            usual[row] = np.nanmedian(stated)
            short = today < CUT_SHORT * usual[row]
            days[row, short] *= today[short] / usual[row]
    return days, usual
