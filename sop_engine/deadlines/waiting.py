"""What waiting costs: an option solved again, decided one period later after another, while do-nothing's plan
is carried out in the meantime.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sop_engine.deadlines.binding import Binding, what_binds
from sop_engine.deadlines.delay import acts, delayed
from sop_engine.inputs import Inputs
from sop_engine.plan import Plan, plan
from sop_engine.remedies.change import TRACE, Change, change_between
from sop_engine.scenario import Scenario
from sop_engine.supply_review.model import SupplyModel, fitting

MOST_PERIODS = 6  # of waiting that are solved
MEASURES = ("gross_margin", "revenue", "units")  # the first in which an option does better is its effect
Spans = Mapping[str, np.ndarray]  # {name: plan indices}
Told = Callable[[float, str], object]  # share of the work that is done, and words


@dataclass(frozen=True)
class Delay:
    """An option decided `periods` later, against doing nothing: over each of some spans by name, and over all
    periods that are reported."""

    periods: int
    spans: Mapping[str, Change]
    whole: Change


@dataclass(frozen=True)
class Deadline:
    """Until when an option can be decided.

    measure: of MEASURES, what its effect is measured by over the reported periods; "" where it does better in
    none than doing nothing
    tolerance: of that measure; a smaller difference is none
    delays: decided now, one period later, and so on, as far as was solved
    share: of the effect that must be left at the last responsible moment
    full, half: the most periods that it can wait and lose nothing, and keep that share
    gone: periods of waiting after which nothing is left, None where something is as far as was solved
    binding: what must be decided by then; None where nothing was lost as far as was solved
    """

    scenario: Scenario
    measure: str
    tolerance: float
    share: float
    delays: tuple[Delay, ...]
    full: int
    half: int
    gone: int | None
    binding: Binding | None

    @property
    def is_open(self) -> bool:
        """Whether the share is kept as far as was solved: there is no last responsible moment yet."""
        return self.half == self.delays[-1].periods and self.gone is None

    def effect(self, periods: int) -> float:
        """The effect over the reported periods when it is decided so many periods later; NaN beyond what was
        solved, where something is left there."""
        if not self.measure:
            return 0.0
        if periods < len(self.delays):
            return getattr(self.delays[periods].whole, self.measure)
        return 0.0 if self.gone is not None else np.nan


@dataclass(eq=False)
class _Run:
    """An option while its delays are solved. host: the model that has room for its demand"""

    scenario: Scenario
    host: SupplyModel
    delays: list[Delay]
    measure: str
    tolerance: float
    binding: Binding | None = None
    lost: bool = False
    done: bool = False


def find_deadlines(
    do_nothing: Plan,
    options: Sequence[Plan],
    model: SupplyModel,
    spans: Spans,
    share: float = 0.5,
    told: Told = lambda done, words: None,
    most: int = MOST_PERIODS,
) -> tuple[Deadline, ...]:
    """The deadline of each option, solved one period of waiting after another until nothing is left of it.

    do_nothing: the plan with no lever moved; options: plans of scenarios on the same inputs
    model: of these inputs; spans: {name: plan indices} over which waiting is valued beside all reported ones
    share: of the effect that must be left at the last responsible moment; told: shows progress
    Raises PlanError as `plan` does, ScenarioError as `delayed` does.
    """
    inputs = do_nothing.inputs
    runs = [_begun(do_nothing, option, model, spans) for option in options]
    before: dict[int, SupplyModel] = {}
    for waited in range(1, min(most, inputs.calendar.horizon - inputs.calendar.frozen - 1) + 1):
        held: dict[int, SupplyModel] = {}
        for at, run in enumerate(runs):
            told((waited - 1 + at / len(runs)) / most, f"Solving: {waited} of {most} months of waiting")
            if not run.done:
                _wait(run, do_nothing, waited, spans, share, held, before)
        before = held
    return tuple(_concluded(run, share) for run in runs)


def _begun(do_nothing: Plan, option: Plan, model: SupplyModel, spans: Spans) -> _Run:
    now = _delay(0, do_nothing, option, spans)
    measure, tolerance = _measure(do_nothing, now.whole)
    return _Run(
        option.scenario,
        fitting(model, option.demand),
        [now],
        measure,
        tolerance,
        done=option.scenario.is_baseline,
    )


def _measure(do_nothing: Plan, whole: Change) -> tuple[str, float]:
    """The first measure in which the option does better, and what is no difference in it."""
    reported = _reported(do_nothing.inputs)
    worth = np.nansum(do_nothing.finance.demand_value[:, :, reported])
    wanted = float(do_nothing.demand.unconstrained[:, :, reported].sum())
    least = {"gross_margin": worth, "revenue": worth, "units": wanted}
    for name in MEASURES:
        tolerance = TRACE * max(float(least[name]), 1.0)
        if getattr(whole, name) > tolerance:
            return name, tolerance
    return "", 0.0


def _wait(
    run: _Run,
    do_nothing: Plan,
    waited: int,
    spans: Spans,
    share: float,
    held: dict[int, SupplyModel],
    before: dict[int, SupplyModel],
) -> None:
    """Solve one more period of waiting; the first step that loses more than may be lost says what binds.

    held, before: {host: the model while do-nothing's plan is carried out}, for this period and the last
    """
    inputs, host = do_nothing.inputs, id(run.host)
    if host not in held:
        held[host] = carried_out(run.host, do_nothing, waited)
    after = decided_later(inputs, run.scenario, waited, held[host])
    delay = _delay(waited, do_nothing, after, spans)
    run.delays.append(delay)
    if not run.measure:
        run.done = not acts(run.scenario, inputs, waited)
        return
    effect, now = (getattr(one.whole, run.measure) for one in (delay, run.delays[0]))
    if not run.lost and effect < share * now - run.tolerance:
        run.lost = True
        models = before.get(host, run.host), held[host]
        worth = [getattr(one.whole, run.measure) for one in run.delays[-2:]]
        run.binding = what_binds(do_nothing, run.scenario, waited - 1, models, run.measure, worth)
    run.done = effect <= run.tolerance


def carried_out(model: SupplyModel, do_nothing: Plan, periods: int) -> SupplyModel:
    """The model of a decision so many periods later: all that do-nothing's plan starts until then stays."""
    request = model.request(do_nothing.levers, do_nothing.demand)
    return model.committed(request, do_nothing.inputs.calendar.frozen + periods)


def decided_later(inputs: Inputs, scenario: Scenario, periods: int, held: SupplyModel) -> Plan:
    """The plan of a scenario that is decided so many periods later. held: see `carried_out`"""
    return plan(replace(inputs, adopted=()), delayed(scenario, inputs, periods), held)


def _delay(waited: int, do_nothing: Plan, after: Plan, spans: Spans) -> Delay:
    within = {name: change_between(do_nothing, after, periods) for name, periods in spans.items()}
    return Delay(waited, within, change_between(do_nothing, after, _reported(do_nothing.inputs)))


def _concluded(run: _Run, share: float) -> Deadline:
    effects = [getattr(one.whole, run.measure) if run.measure else 0.0 for one in run.delays]
    gone = len(effects) - 1 if run.measure and run.done and len(effects) > 1 else None
    return Deadline(
        scenario=run.scenario,
        measure=run.measure,
        tolerance=run.tolerance,
        share=share,
        delays=tuple(run.delays),
        full=_lasts(effects, effects[0] - run.tolerance),
        half=_lasts(effects, share * effects[0] - run.tolerance),
        gone=gone,
        binding=run.binding,
    )


def _lasts(effects: Sequence[float], least: float) -> int:
    """The most periods of waiting up to which the effect never falls below `least`."""
    below = [waited for waited, effect in enumerate(effects) if effect < least]
    return (below[0] if below else len(effects)) - 1


def _reported(inputs: Inputs) -> np.ndarray:
    return np.arange(inputs.calendar.horizon)
