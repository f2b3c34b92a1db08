"""The portfolio a plan is made for: who is sold when, which launches are in, which products end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from sop_engine.inputs import Inputs
from sop_engine.inputs.lifecycle import Launch, PhaseOut
from sop_engine.product_review.tail import exits_of
from sop_engine.scenario import Lever, LeverKind, Scenario


@dataclass(frozen=True, eq=False)
class Portfolio:
    """active: (products, periods) bool, sold in that period; launches with the scenario's date, `out` are
    those left out, `launched` those whose month is past and whose product sells: its history forecasts it.

    A launch is in the plan whole or out of it; its probability belongs to risk, never to volumes.
    """

    active: np.ndarray
    launches: tuple[Launch, ...]
    out: tuple[Launch, ...]
    phase_outs: tuple[PhaseOut, ...]
    launched: tuple[Launch, ...] = ()


def plan_portfolio(inputs: Inputs, scenario: Scenario) -> Portfolio:
    """Launches as the scenario's levers leave them, and the lifecycle window of every product."""
    return _portfolio(
        inputs, tuple(scenario.of(LeverKind.LAUNCH_SLIP, LeverKind.LAUNCH_IN, LeverKind.PHASE_OUT))
    )


@lru_cache(maxsize=8)  # one for all scenarios that move no launch, so that what is built on it is kept too
def _portfolio(inputs: Inputs, levers: tuple[Lever, ...]) -> Portfolio:
    launched = tuple(launch for launch in inputs.demand.launches if _has_launched(launch, inputs))
    launches = [_moved(launch, inputs, levers) for launch in inputs.demand.launches if launch not in launched]
    within = [launch for launch in launches if launch.in_plan]
    out = [launch for launch in launches if not launch.in_plan]
    active = lifecycle_windows(inputs)
    for launch in launches:
        active[launch.product] = launch.in_plan & (np.arange(inputs.calendar.periods) >= launch.launch)
    exits = exits_of(inputs, levers, active)
    for ending in exits:
        active[ending.product, ending.end :] = False
    active.setflags(write=False)
    phase_outs = _still_planned(inputs, exits) + exits
    return Portfolio(active, tuple(within), tuple(out), phase_outs, launched)


def _still_planned(inputs: Inputs, exits: tuple[PhaseOut, ...]) -> tuple[PhaseOut, ...]:
    """The phase-outs of the data, without those of products that a lever takes out before."""
    sooner = {ending.product for ending in exits}
    return tuple(ending for ending in inputs.demand.phase_outs if ending.product not in sooner)


def _has_launched(launch: Launch, inputs: Inputs) -> bool:
    """Whether the launch lies in the past and its product has sold since."""
    since = max(inputs.calendar.now + launch.stated, 0)
    sold = np.nan_to_num(inputs.demand.history[launch.product, :, since:])
    return launch.stated < 0 and bool((sold > 0).any())


def lifecycle_windows(inputs: Inputs) -> np.ndarray:
    """(products, periods) bool: from start to end, cut short by a phase-out."""
    periods = np.arange(inputs.calendar.periods)
    end = inputs.products.end.copy()
    for phase_out in inputs.demand.phase_outs:
        end[phase_out.product] = min(end[phase_out.product], phase_out.end)
    return (periods >= inputs.products.start[:, None]) & (periods < end[:, None])


def _moved(launch: Launch, inputs: Inputs, levers: Sequence[Lever]) -> Launch:
    """The launch after the levers; one inside the frozen zone can no longer be moved."""
    if launch.launch < inputs.calendar.frozen:
        return launch
    slip = sum(
        int(lever.value)
        for lever in levers
        if lever.kind is LeverKind.LAUNCH_SLIP and lever.target in ("", launch.project)
    )
    choices = [
        lever.value > 0
        for lever in levers
        if lever.kind is LeverKind.LAUNCH_IN and lever.target == launch.project
    ]
    return replace(launch, launch=launch.launch + slip, in_plan=choices[-1] if choices else launch.in_plan)
