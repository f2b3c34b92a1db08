"""Levers that name what the data does not hold: links and stored scenarios outlive a load."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from sop_engine.inputs import Inputs
from sop_engine.scenario import LEVERS, Lever, LeverKind, Scenario


def misfits(scenario: Scenario, inputs: Inputs) -> tuple[Lever, ...]:
    """The levers whose target or market is not in the data, or lacks what the lever is computed from; the
    scenario without them can be planned.
    """
    return tuple(lever for lever in scenario.levers if not _fits(lever, inputs))


def _fits(lever: Lever, inputs: Inputs) -> bool:
    markets = inputs.markets
    places = {"", *markets.labels, *markets.region, *markets.channel}
    return lever.market in places and lever.target in {"", *_targets(lever.kind, inputs)}


def _targets(kind: LeverKind, inputs: Inputs) -> Iterable[str]:
    """Labels that a lever of this kind can name."""
    products, network = inputs.products, inputs.network
    match LEVERS[kind].target:
        case "product group":
            return {*products.labels, *products.family, *products.category}
        case "resource":
            resources = network.resources
            counted = kind not in (LeverKind.EXTRA_SHIFT, LeverKind.SATURDAYS)
            known = zip(resources.labels, resources.stations, strict=True)
            return {label for label, stations in known if counted or not np.isnan(stations)}
        case "supplier":
            return network.sites.labels
        case "project":
            return {launch.project for launch in inputs.demand.launches}
        case "currency":
            return set(inputs.markets.currency)
    return ()
