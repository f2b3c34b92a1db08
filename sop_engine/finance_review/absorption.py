"""Absorption: what production volume does to the cost that the hourly rates are meant to cover.

absorption variance = (planned hours - standard hours) x rate, by resource and period; below 0 the plan
makes too little to cover what the rate was set for. Planned hours are the load of the plan. Standard hours
are those demonstrated, where any are on file, else the regular hours of the master data; no lever moves them.
The rate is resource.cost_per_hour. Suppliers' resources are not ours to absorb.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sop_engine.inputs import Inputs
from sop_engine.supply_review.supply import SupplyPlan

DEMONSTRATED, REGULAR = "demonstrated", "regular"


@dataclass(frozen=True, eq=False)
class Absorption:
    """By own resource that has a rate; R resources, F families, T periods.

    resources: positions (R,); rate: (R,) money per hour; families: labels
    basis: (R,) DEMONSTRATED or REGULAR; without_rate: labels of own resources left out, nobody states a rate
    planned: (R, F, T) hours of the plan by the family of what is made
    standard: (R, T) hours, NaN = not known
    """

    resources: np.ndarray
    rate: np.ndarray
    families: tuple[str, ...]
    basis: tuple[str, ...]
    without_rate: tuple[str, ...]
    planned: np.ndarray
    standard: np.ndarray

    @property
    def variance(self) -> np.ndarray:
        """(R, T) money, NaN where the standard is not known; above 0 more is absorbed than the standard."""
        return (self.planned.sum(axis=1) - self.standard) * self.rate[:, None]

    def of_families(self, periods: np.ndarray) -> np.ndarray:
        """(F,) the variance of these periods, shared by the planned hours of each resource over them.

        What is not known counts 0; what a resource without any planned hours leaves over is nobody's, and
        stands in no family.
        """
        hours = self.planned[:, :, periods].sum(axis=2)
        whole = hours.sum(axis=1, keepdims=True)
        share = np.divide(hours, whole, out=np.zeros_like(hours), where=whole > 0)
        return (share * np.nansum(self.variance[:, periods], axis=1)[:, None]).sum(axis=0)


def absorption(inputs: Inputs, supply: SupplyPlan, demonstrated: np.ndarray) -> Absorption:
    """The absorption of a plan. demonstrated: (resources, periods) hours, NaN where none are loaded."""
    network = inputs.network
    own = network.sites.kind[network.resources.site] != "supplier"
    rated = network.resources.cost_per_hour > 0  # the reader makes 0 of a blank rate
    at = np.flatnonzero(own & rated)
    proven = ~np.isnan(demonstrated[at]).all(axis=1)
    families, planned = hours_made(inputs, supply)
    return Absorption(
        resources=at,
        rate=network.resources.cost_per_hour[at],
        families=families,
        basis=tuple(DEMONSTRATED if known else REGULAR for known in proven),
        without_rate=tuple(network.resources.labels[row] for row in np.flatnonzero(own & ~rated)),
        planned=planned[at],
        standard=np.where(proven[:, None], demonstrated[at], network.resources.available[at]),
    )


def hours_made(inputs: Inputs, supply: SupplyPlan) -> tuple[tuple[str, ...], np.ndarray]:
    """Family labels and (resources, families, periods) hours of the plan by the family of the item made; over
    families they are the load."""
    edges = inputs.network.edges
    families, family = np.unique(inputs.products.family.astype(str), return_inverse=True)
    hours = np.zeros((len(inputs.network.resources), len(families), supply.flow.shape[1]))
    where = (edges.hours_resource, family[edges.product[edges.hours_edge]])
    np.add.at(hours, where, supply.flow[edges.hours_edge] * edges.hours_per_unit[:, None])
    return tuple(families.tolist()), hours
