"""A gap as an issue: what is behind it, and what could be done about it, each a scenario that was solved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sop_engine.goal_seek import Goal, Measure, Solve, Way, measured, present, seek
from sop_engine.plan import Plan
from sop_engine.pre_sop.gaps import Gap, GapKind, stated_periods
from sop_engine.remedies.causes import RootCause, root_causes
from sop_engine.remedies.remedy import Remedy
from sop_engine.scenario import Lever, LeverKind, Scenario

LEAST_OPTIONS, MOST_OPTIONS = 2, 4  # of an issue, beside doing nothing
CURRENT, OLD, UNVALUED = "solved on today's data", "solved on older data", "not valued by a scenario"


@dataclass(frozen=True)
class Proposal:
    """An option that could be put to the meeting. assumptions: what it takes for granted, a line each"""

    title: str
    scenario: Scenario
    assumptions: tuple[str, ...]


@dataclass(frozen=True)
class Sought:
    """Levers that together were brought to a goal. way: of the one moved last, from where the plan stood"""

    levers: tuple[Lever, ...]
    way: Way


def gap_name(gap: Gap) -> str:
    """How an issue names the gap that it is about: "demand vs supply, Road Bikes"."""
    return f"{gap.kind}, {gap.scope}" + (f", {gap.period}" if gap.period else "")


def is_owned(gap: Gap, names: Sequence[str]) -> bool:
    """Whether an issue of one of these names is about the gap, in its period or in all."""
    return gap_name(gap) in names or f"{gap.kind}, {gap.scope}" in names


def gaps_above(gaps: Sequence[Gap], least: float) -> tuple[Gap, ...]:
    """Gaps in which the plan falls short by more than `least`, base currency; one whose money is not known
    counts where units are short."""
    return tuple(gap for gap in gaps if (gap.units < 0 if np.isnan(gap.money) else gap.money < -least))


def least_gap(plan: Plan, periods: np.ndarray, share_pct: float) -> float:
    """The money below which a gap needs no owner: a share of the revenue planned in these periods."""
    return float(plan.finance.revenue[:, :, periods].sum()) * share_pct / 100


def issue_cause(plan: Plan, gap: Gap, periods: np.ndarray) -> RootCause | None:
    """The root cause behind a gap, the dearest one; None where nothing that is late or lost makes it."""
    labels = plan.inputs.calendar.plan_labels
    inside = periods if not gap.period else periods[[labels[period] == gap.period for period in periods]]
    if gap.kind is GapKind.CAPACITY:
        return next((cause for cause in root_causes(plan, inside) if cause.label == gap.scope), None)
    if gap.kind is GapKind.BUDGET and gap.money >= 0:
        return None
    return next(iter(root_causes(plan, inside, plan.inputs.products.family == gap.scope)), None)


def cause_words(gap: Gap, cause: RootCause | None) -> str:
    """The cause as a sentence; what keeps the plans apart where nothing is late or lost."""
    if cause is not None:
        return cause.sentence
    if gap.kind is GapKind.CAPACITY:
        return f"{gap.scope}: the plan makes it earlier or elsewhere, so nothing is late or lost for it."
    if gap.kind is GapKind.BUDGET:
        side = "above" if gap.money > 0 else "below"
        return f"Nothing of {gap.scope} is late or lost: its demand and prices lie {side} the budget."
    return f"Nothing of {gap.scope} is late or lost for a cause that can be named."


def proposals(plan: Plan, remedies: Sequence[Remedy]) -> tuple[Proposal, ...]:
    """The best cures as options, MOST_OPTIONS at most; where fewer cure, others that move something follow.

    remedies: ranked
    """
    moving = [one for one in remedies if not one.reason and not one.serves_fewer]
    return tuple(_proposal(plan, one) for one in moving[:MOST_OPTIONS])


def goal_of(plan: Plan, gap: Gap, periods: np.ndarray) -> Goal:
    """What closes a family's gap to budget: the company's revenue of the periods that the budget speaks of,
    and what is missing."""
    stated = stated_periods(plan, gap.scope, periods)
    return Goal(Measure.REVENUE, measured(plan, Measure.REVENUE, stated) - gap.money, tuple(stated.tolist()))


def levers_of(plan: Plan, gap: Gap) -> tuple[Lever, ...]:
    """What can close a gap for which nothing is late or lost: price and volume of the family."""
    if gap.kind is not GapKind.BUDGET or gap.money >= 0:
        return ()
    return tuple(present(plan, kind, gap.scope) for kind in (LeverKind.DEMAND, LeverKind.PRICE))


def ways_to_budget(plan: Plan, gap: Gap, periods: np.ndarray, solve: Solve) -> Iterator[Sought]:
    """Each lever of `levers_of` on its own to the goal, then both: the last one brings half of it, the first
    one the rest. Solves as it goes; as many ways as `count_ways`. Raises PlanError or ScenarioError.
    """
    goal, levers = goal_of(plan, gap, periods), levers_of(plan, gap)
    for lever in levers:
        way = seek(plan, goal, lever, solve)
        yield Sought((way.lever,), way)
    if len(levers) > 1:
        now = measured(plan, goal.measure, np.array(goal.periods))
        half = seek(plan, replace(goal, target=(now + goal.target) / 2), levers[-1], solve)
        rest = seek(solve(plan.scenario.with_lever(half.lever)), goal, levers[0], solve)
        yield Sought((rest.lever, half.lever), replace(rest, start=now))


def count_ways(plan: Plan, gap: Gap) -> int:
    """How many ways `ways_to_budget` tries."""
    levers = levers_of(plan, gap)
    return len(levers) + (len(levers) > 1)


def sought_proposals(plan: Plan, ways: Sequence[Sought]) -> tuple[Proposal, ...]:
    """Ways to the budget as options; one that moves nothing, or needs no second lever, is none."""
    return tuple(
        _sought(plan, one)
        for one in ways
        if one.way.value > one.way.start and not any(lever.is_neutral for lever in one.levers)
    )


def _sought(plan: Plan, sought: Sought) -> Proposal:
    scenario = plan.scenario
    for lever in sought.levers:
        scenario = scenario.with_lever(lever)
    words = " and ".join(lever.in_words() for lever in sought.levers)
    reached = "closes the gap" if sought.way.reached else "leaves part of the gap open"
    answers = (_answer(plan, lever) for lever in sought.levers)
    return Proposal(words, scenario, (f"{words} {reached}.", *answers, _rest(plan)))


def _answer(plan: Plan, lever: Lever) -> str:
    """What the lever takes for granted of customers and of its cost."""
    if lever.kind is LeverKind.PRICE:
        known = plan.inputs.demand.elasticity[plan.inputs.products.group(lever.target)]
        known = known[~np.isnan(known)]
        if not known.size:
            return f"No elasticity of {lever.target or 'any family'} is known, so units stay."
        return f"Customers answer a price by the elasticity of {known.mean():.2f}."
    return (
        "So much more is asked for at today's prices. What it takes to win it is not in the figures, until a "
        "spend is set on the demand lever."
    )


def scenario_proposal(plan: Plan, scenario: Scenario, title: str) -> Proposal:
    """A scenario as an option: what it moves is what it takes for granted."""
    assumed = tuple(f"{lever.in_words()} is carried out." for lever in scenario.levers)
    return Proposal(title, scenario, (*assumed, _rest(plan)))


def option_state(scenario_id: str, data_version: str, does_nothing: bool, version: str) -> str:
    """Whether an option stands on today's data: CURRENT, OLD or UNVALUED.

    data_version: it was solved on; version: of the inputs now
    """
    if not scenario_id and not does_nothing:
        return UNVALUED
    return CURRENT if data_version == version else OLD


def _proposal(plan: Plan, remedy: Remedy) -> Proposal:
    lever = remedy.idea.lever
    acts = f"{lever.in_words()}: it acts from {remedy.earliest}."
    note = f"{remedy.idea.note[:1].upper()}{remedy.idea.note[1:]}." if remedy.idea.note else ""
    before = tuple(f"{other.in_words()} is carried out, too." for other in plan.scenario.levers)
    assumed = tuple(filter(None, (acts, note, *before, _rest(plan))))
    return Proposal(lever.in_words(), plan.scenario.with_lever(lever), assumed)


def _rest(plan: Plan) -> str:
    return f"Everything else stays as in the plan of the {plan.inputs.cycle} cycle."
