"""What binds a deadline: the first thing that has to be started, or the lever that needs its own time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sop_engine.deadlines.delay import delayed
from sop_engine.inputs import Inputs
from sop_engine.plan import Plan, plan
from sop_engine.remedies.change import change_between
from sop_engine.remedies.remedy import LEADS
from sop_engine.scenario import Lever, Scenario
from sop_engine.supply_review.model import SupplyModel

UNIT = 0.5  # the least that counts as started


@dataclass(frozen=True)
class Binding:
    """The first thing that a decision after its deadline no longer brings about.

    lever: the lever that cannot act in time, None where something must be started
    edge: position of the flow to be started, -1 where the lever binds; units: of it beyond doing nothing
    start, arrival: plan indices in which it starts, or the lever first acts, and in which it arrives
    lead_days: of the flow; lead_periods: of the lever, frozen periods included
    """

    lever: Lever | None
    edge: int
    units: float
    start: int
    arrival: int
    lead_days: float
    lead_periods: int


def what_binds(
    do_nothing: Plan,
    scenario: Scenario,
    waited: int,
    models: tuple[SupplyModel, SupplyModel],
    measure: str,
    worth: Sequence[float],
) -> Binding | None:
    """Why a scenario decided after `waited` periods is worth worth[0], and a period later only worth[1].

    models: while do-nothing's plan is carried out until the one and until the other
    The later plan is solved once more with the levers of the earlier: what that loses is lost by what starts
    meanwhile, the rest by the levers. Of what starts, the flow binds whose move towards the earlier plan
    would gain most by the model's own prices.
    """
    inputs, levers = do_nothing.inputs, delayed(scenario, do_nothing.inputs, waited)
    bare, reported = replace(inputs, adopted=()), np.arange(inputs.calendar.horizon)
    mixed = plan(bare, levers, models[1])
    by_starts = worth[0] - getattr(change_between(do_nothing, mixed, reported), measure)
    lost = _lost_lever(inputs, scenario, waited)
    if by_starts >= (worth[0] - worth[1]) / 2 or lost is None:
        found = _first_start(mixed, models, waited)
        if found is not None:
            return found
    return lost


def _first_start(mixed: Plan, models: tuple[SupplyModel, SupplyModel], waited: int) -> Binding | None:
    """The flow of the period that is committed last which the model misses most."""
    earlier, later = models
    request = later.request(mixed.scenario, mixed.demand)
    timing, solution = later.timing(request), later.solve(request)
    columns = later.layout.flows(timing)
    wanted = earlier.solve(request).x[columns] - solution.x[columns]
    period = mixed.inputs.calendar.frozen + waited
    newly = ~timing.blocked & (timing.begun == period) & (np.abs(wanted) > UNIT)
    gains = np.where(newly & (wanted > 0), -solution.reduced[columns] * wanted, 0.0)
    if gains.max(initial=0.0) <= 0:
        gains = np.where(newly & (wanted > 0), wanted, 0.0)
    if gains.max(initial=0.0) <= 0:
        return None
    edge, arrival = (int(at) for at in np.unravel_index(gains.argmax(), gains.shape))
    lead = float(request.lead_days[edge, period])
    return Binding(None, edge, float(wanted[edge, arrival]), period, arrival, lead, 0)


def _lost_lever(inputs: Inputs, scenario: Scenario, waited: int) -> Binding | None:
    """The first lever that acts a period less when it is decided a period later."""
    now, then = (delayed(scenario, inputs, waited + more) for more in (0, 1))
    own = {(lever.kind, lever.target) for lever in scenario.levers}
    for lever in now.levers:
        if lever in then.levers or (lever.kind, lever.target) not in own:
            continue
        lead = int(inputs.settings[LEADS[lever.kind]]) if lever.kind in LEADS else 0
        lead = max(lead, inputs.calendar.frozen)
        first = max(inputs.calendar.plan_index(lever.first, 0), waited + lead)
        return Binding(lever, -1, 0.0, first, first, 0.0, lead)
    return None
