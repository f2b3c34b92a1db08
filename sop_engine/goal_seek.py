"""Goal seek: how far one lever must move to bring a measure of the plan to a target, by plans solved again.

More is better of every measure. A bracket is looked for between the lever's present value and its bounds and,
for price and demand, inside them; in it a secant step, or half of what is left where that does not narrow,
finds the smallest move that reaches. A plan is no smooth function of a lever: what is returned was solved.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from sop_engine.plan import Plan
from sop_engine.remedies.causes import root_causes
from sop_engine.remedies.change import Change, change_between
from sop_engine.scenario import LEVERS, Lever, LeverKind, Scenario

MOST_SOLVES = 12
NEAR = 1e-3  # of the gap: how near the target counts as reached
EXACT = 1e-7  # of the target, the least that counts: the supply model is solved no finer
FINE = 1e-3  # of a step: what is nearer than this is the same value
DIGITS = 4  # of a lever's value: what is shown and put into a scenario is what was solved
KEPT_BACK = 4  # solves left for narrowing once a way up is found
NAMED = 2  # causes named where the target is out of reach
TOPPED = (LeverKind.PRICE, LeverKind.DEMAND)  # a measure may have its top between their bounds
ONE_STEP = (LeverKind.EXTRA_SHIFT, LeverKind.SATURDAYS)  # there is no half of these

Solve = Callable[[Scenario], Plan]


class Measure(StrEnum):
    """What a goal is set for; the value is its name in words."""

    REVENUE = "revenue"
    GROSS_MARGIN = "gross margin"
    OPERATING_PROFIT = "operating profit"
    CASH_EFFECT = "cash effect"
    FILL_RATE = "fill rate"


@dataclass(frozen=True)
class Goal:
    """target: of the measure, money of the base currency or %; periods: plan indices it is summed over"""

    measure: Measure
    target: float
    periods: tuple[int, ...]


@dataclass(frozen=True)
class Way:
    """One lever against one goal.

    lever: where it should stand; start, value: the measure before and there
    path: (lever value, measure) of every plan solved, in order
    reached: whether the target is met there, else it is as near as the bounds allow
    change: against the plan at the start; stock: change of the inventory at the span's end, money
    binds: where it is out of reach, what still takes most from the plan there, in sentences
    """

    goal: Goal
    lever: Lever
    start: float
    value: float
    path: tuple[tuple[float, float], ...]
    reached: bool
    change: Change
    stock: float
    binds: tuple[str, ...] = ()


def measured(plan: Plan, measure: Measure, periods: np.ndarray) -> float:
    """A measure of the whole company over these plan periods, as the scorecard has it; NaN = not known."""
    finance = plan.finance
    match measure:
        case Measure.REVENUE:
            return float(finance.revenue[:, :, periods].sum())
        case Measure.GROSS_MARGIN:
            return float(finance.gross_margin[periods].sum())
        case Measure.OPERATING_PROFIT:
            return float(finance.operating_profit[periods].sum())
        case Measure.CASH_EFFECT:
            return float(finance.cash_effect[periods].sum())
    price = np.nan_to_num(finance.price[:, :, periods])
    wanted = float((plan.demand.unconstrained[:, :, periods] * price).sum())
    return 100 * float((plan.supply.on_time[:, :, periods] * price).sum()) / wanted if wanted else np.nan


def present(plan: Plan, kind: LeverKind, target: str = "") -> Lever:
    """The lever as it stands in the plan: moved by its scenario, or where it changes nothing.

    An overtime limit is an amount of its own: it starts at the highest of the resources that it acts on.
    """
    for lever in plan.scenario.of(kind):
        if lever.scope == (kind, target, "", "", ""):
            return lever
    neutral = LEVERS[kind].neutral
    if neutral is None:
        neutral = min(_overtime_now(plan, target), LEVERS[kind].high)
    return Lever(kind, neutral, target)


def seek(
    plan: Plan,
    goal: Goal,
    lever: Lever,
    solve: Solve,
    told: Callable[[int], None] = lambda solved: None,
    most: int = MOST_SOLVES,
) -> Way:
    """The smallest move of `lever`, from where it stands now, that brings the plan to the goal.

    lever: as it stands, its value is where the search starts (see `present`); solve: the plan of a scenario
    on the same data; told: is given the number of plans solved so far; most: plans solved at most.
    The value is on the lever's step where that reaches the target too, else exact.
    Raises PlanError or ScenarioError where a plan with the lever cannot be made.
    """
    trials = _Trials(plan, goal, lever, solve, told, most)
    return trials.way(_found(trials))


class _Trials:
    """What was solved in one search, by the lever's value. Lives inside `seek` only."""

    def __init__(
        self, plan: Plan, goal: Goal, lever: Lever, solve: Solve, told: Callable[[int], None], most: int
    ) -> None:
        self.plan, self.goal, self.lever, self.solve, self.told = plan, goal, lever, solve, told
        self.spec, self.most, self.left = LEVERS[lever.kind], most, most
        self.periods = np.array(goal.periods)
        self.start = measured(plan, goal.measure, self.periods)
        self.near = max(NEAR * abs(goal.target - self.start), EXACT * max(abs(goal.target), 1.0))
        unmoved = plan.scenario.with_lever(lever) == plan.scenario
        self.values: dict[float, float] = {lever.value: self.start} if unmoved else {}

    def solved(self, value: float) -> Plan:
        scenario = self.plan.scenario.with_lever(replace(self.lever, value=value))
        return self.plan if scenario == self.plan.scenario else self.solve(scenario)

    def at(self, value: float) -> float:
        """What the measure has above the target there, below 0 while it is short of it."""
        if value not in self.values:
            self.values[value] = measured(self.solved(value), self.goal.measure, self.periods)
            self.left -= 1
            self.told(self.most - self.left)
        return self.values[value] - self.goal.target

    def reaches(self, value: float) -> bool:
        return self.at(value) >= -self.near

    def on_target(self, value: float) -> bool:
        return abs(self.at(value)) <= self.near

    def best(self) -> float:
        """The value solved with most of the measure; of equals the one that moves least."""
        most = max(self.values.values())
        equal = [value for value, got in self.values.items() if got >= most - self.near]
        return min(equal, key=lambda value: abs(value - self.lever.value))

    def way(self, value: float) -> Way:
        after, reached, end = self.solved(value), self.reaches(value), int(self.periods[-1])
        stock = [float(one.finance.inventory_value[:, end].sum()) for one in (self.plan, after)]
        causes = () if reached else root_causes(after, self.periods)[:NAMED]
        return Way(
            goal=self.goal,
            lever=replace(self.lever, value=value),
            start=self.start,
            value=self.values[value],
            path=tuple(self.values.items()),
            reached=reached,
            change=change_between(self.plan, after, self.periods),
            stock=stock[1] - stock[0],
            binds=tuple(cause.sentence for cause in causes),
        )


def _found(trials: _Trials) -> float:
    """The lever's value to return: the smallest move that reaches, else the one that comes nearest."""
    start, spec = trials.lever.value, trials.spec
    if trials.reaches(start):
        return start
    for end in (spec.high, spec.low):
        if trials.reaches(end):
            return end if trials.lever.kind in ONE_STEP else _narrowed(trials, start, end)
    if trials.lever.kind not in TOPPED:
        return trials.best()
    inside = _climbed(trials)
    return _narrowed(trials, start, inside) if trials.reaches(inside) else inside


def _narrowed(trials: _Trials, short: float, enough: float) -> float:
    """The value nearest to `short` that reaches; on the lever's step where that reaches too.

    short, enough: two values, of which only the second one reaches
    """
    step, flat, slow = trials.spec.step, False, False
    while trials.left > 1 and abs(enough - short) > FINE * step:
        width, hit = abs(enough - short), trials.on_target(enough)
        if hit and width <= step / 2:
            break
        trial = _next(trials, short, enough, hit, flat or slow)
        if trials.reaches(trial):
            flat, enough = hit, trial
        elif hit and not flat:
            break
        else:
            short = trial
        slow = abs(enough - short) > width / 2
    return _on_step_if_it_reaches(trials, short, enough)


def _next(trials: _Trials, short: float, enough: float, hit: bool, halve: bool) -> float:
    """The value to solve next: half a step nearer where the target is hit, to see whether less would do; else
    where the line through both ends meets the target, or the middle."""
    share = 0.5
    if hit and not halve:
        share = 1 - trials.spec.step / 2 / abs(enough - short)
    elif not halve:
        low, high = trials.at(short), trials.at(enough)
        share = float(np.clip(-low / (high - low), 0.02, 0.98))
    return round(short + (enough - short) * share, DIGITS)


def _on_step_if_it_reaches(trials: _Trials, short: float, enough: float) -> float:
    rounded = _on_step(enough, short, trials.spec.step)
    within = trials.spec.low <= rounded <= trials.spec.high
    solvable = rounded in trials.values or trials.left > 0
    return rounded if within and solvable and trials.reaches(rounded) else enough


def _climbed(trials: _Trials) -> float:
    """The best value inside the bounds: halves the wider interval beside the best one known, until one
    reaches, or the intervals are a step wide."""
    while trials.left > KEPT_BACK and not trials.reaches(trials.best()):
        known, best = sorted(trials.values), trials.best()
        at = known.index(best)
        beside = known[max(at - 1, 0) : at] + known[at + 1 : at + 2]
        far = max(beside, key=lambda value: abs(value - best), default=best)
        if abs(far - best) <= trials.spec.step:
            break
        trials.at(round((far + best) / 2, DIGITS))
    return trials.best()


def _on_step(value: float, towards: float, step: float) -> float:
    """The next value on the step that is no nearer to `towards`.

    >>> _on_step(3.2, 0.0, 0.5), _on_step(-3.2, 0.0, 1.0), _on_step(3.0, 0.0, 0.5)
    (3.5, -4.0, 3.0)
    """
    steps = round(value / step, 9)
    return float((np.ceil(steps) if value > towards else np.floor(steps)) * step)


def _overtime_now(plan: Plan, target: str) -> float:
    """% of hours, the highest overtime limit of the resources of a target, "" is all."""
    resources = plan.inputs.network.resources
    limit = np.nan_to_num(resources.overtime_limit)
    return float(100 * (limit[resources.positions[target]] if target else limit.max(initial=0.0)))
