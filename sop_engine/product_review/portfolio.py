"""The portfolio a plan is made for: who is sold when, which launches are in, which products end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from sop_engine.inputs import Inputs
from sop_engine.inputs.lifecycle import Launch, PhaseOut
from sop_engine.scenario import Lever, LeverKind, Scenario


@dataclass(frozen=True, eq=False)
class Portfolio:
    """active: (products, periods) bool, sold in that period; launches with the scenario's date, `out` are
    those left out.

    A launch is in the plan whole or out of it; its probability belongs to risk, never to volumes.
    """

    active: np.ndarray
    launches: tuple[Launch, ...]
    out: tuple[Launch, ...]
    phase_outs: tuple[PhaseOut, ...]


def plan_portfolio(inputs: Inputs, scenario: Scenario) -> Portfolio:
    """Launches as the scenario's levers leave them, and the lifecycle window of every product."""
    return _portfolio(inputs, tuple(scenario.of(LeverKind.LAUNCH_SLIP, LeverKind.LAUNCH_IN)))


@lru_cache(maxsize=8)  # one for all scenarios that move no launch, so that what is built on it is kept too
def _portfolio(inputs: Inputs, levers: tuple[Lever, ...]) -> Portfolio:
    launches = [_moved(launch, inputs, levers) for launch in inputs.demand.launches]
    within = [launch for launch in launches if launch.in_plan]
    out = [launch for launch in launches if not launch.in_plan]
    active = lifecycle_windows(inputs)
    for launch in launches:
        active[launch.product] = launch.in_plan & (np.arange(inputs.calendar.periods) >= launch.launch)
    active.setflags(write=False)
    return Portfolio(active, tuple(within), tuple(out), inputs.demand.phase_outs)


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
