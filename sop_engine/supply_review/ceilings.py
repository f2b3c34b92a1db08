"""The most stock there may be: what a site can store, what is asked for within the shelf life, and the most
cover that a policy names.

Storage and shelf life bound stock at the end of a period and yield only where nothing else is possible: what
lies above them is named. Shelf life is a bound of the linear model, no tracking of batches: it counts from
the arrival at each site and takes the oldest units to leave first. Cover is a wish: where a setting asks for
it, stock above it has a small price.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sop_engine.inputs import Inputs
from sop_engine.supply_review.inventory import forward_demand
from sop_engine.supply_review.need import explode
from sop_engine.supply_review.structure import COVER, STORAGE, Structure

NAMED = 1e-6  # of a ceiling; less above it is the solver's tolerance


@dataclass(frozen=True)
class Overrun:
    """Stock above a ceiling at the end of a period.

    kind: "storage" or "shelf life"; product, site: positions, product -1 for all
    period: plan index; units: above the ceiling; sentence: the whole of it in words
    """

    kind: str
    product: int
    site: int
    period: int
    units: float
    sentence: str


def ceiling_units(
    inputs: Inputs, structure: Structure, demand: np.ndarray, lead_days: np.ndarray
) -> np.ndarray:
    """(ceilings, periods) units of stock at most, at the end of each period.

    Of a shelf life, or a most cover, of n periods: what customers, bills and transfers ask of the node in the
    n periods that follow, by the unconstrained need.
    demand: (nodes, periods) units of customers; lead_days: (edges, periods)
    """
    ceilings, calendar = structure.ceilings, inputs.calendar
    stored = ceilings.kind == STORAGE
    units = np.repeat(inputs.network.sites.storage[ceilings.site, None], calendar.periods, axis=1)
    if stored.all():
        return units
    gross, _ = explode(structure, calendar, demand, lead_days)
    product = ceilings.product[~stored]
    node = structure.nodes.at[product, ceilings.site[~stored]]
    life, cover = (
        inputs.products.shelf_life_periods[product],
        inputs.network.max_cover[product, ceilings.site[~stored]],
    )
    span = np.where(ceilings.kind[~stored] == COVER, cover, life)
    units[~stored] = forward_demand(gross[node], span, calendar.season)
    return units


def find_overruns(
    inputs: Inputs, structure: Structure, ceiling: np.ndarray, stock: np.ndarray
) -> tuple[Overrun, ...]:
    """Where stock lies above storage or shelf life, storage first, then by period.

    ceiling: (ceilings, periods); stock: (nodes, periods) units
    """
    ceilings, held = structure.ceilings, np.zeros(ceiling.shape)
    np.add.at(held, ceilings.ceiling, stock[ceilings.node])
    over = held - ceiling
    found = []
    firm = (ceilings.kind != COVER)[:, None]
    for row, period in np.argwhere(firm & (over > NAMED * (1.0 + ceiling))).tolist():
        product, site = int(ceilings.product[row]), int(ceilings.site[row])
        units = float(over[row, period])
        when = inputs.calendar.plan_labels[period]
        sentence = f"At the end of {when} {_words(inputs, product, site, units)}."
        found.append(Overrun(str(ceilings.kind[row]), product, site, period, units, sentence))
    return tuple(found)


def _words(inputs: Inputs, product: int, site: int, units: float) -> str:
    place = inputs.network.sites.labels[site]
    if product < 0:
        return f"{place} holds {units:,.0f} units more than it can store"
    label, life = inputs.products.labels[product], inputs.products.shelf_life_periods[product]
    return f"{units:,.0f} {label} at {place} are more than is asked for in a shelf life of {life:g} periods"
