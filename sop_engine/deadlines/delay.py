"""An option that is decided later: which of its levers still act, and from when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sop_engine.errors import ScenarioError
from sop_engine.inputs import Inputs
from sop_engine.inputs.calendar import Calendar
from sop_engine.plan import in_force
from sop_engine.product_review.portfolio import plan_portfolio
from sop_engine.remedies.remedy import LEADS
from sop_engine.scenario import BASELINE, Lever, LeverKind, Scenario, acting_periods

LAUNCHES = (LeverKind.LAUNCH_IN, LeverKind.LAUNCH_SLIP)


def delayed(scenario: Scenario, inputs: Inputs, periods: int) -> Scenario:
    """All levers in force when a scenario is decided so many periods later; with 0 those of the scenario
    itself and of accepted requests.

    The cycle of that decision has its frozen zone `periods` later, and every lead time counts from there: a
    lever acts from the later of its own first period, the end of that zone and its lead periods; one whose
    months are over by then vanishes. What the scenario replaces stays in force until then.
    Raises ScenarioError where two levers of one thing come to act over the same periods.
    """
    before, after = in_force(inputs, BASELINE).levers, in_force(inputs, scenario).levers
    if not periods:
        return Scenario(after, scenario.name)
    later = [moved for lever in after if lever not in before for moved in _later(lever, inputs, periods)]
    replaced = {(lever.kind, lever.target) for lever in later if lever.kind in LAUNCHES}
    stays = [
        lever
        for lever in before
        if lever in after or (lever.kind in LAUNCHES and (lever.kind, lever.target) not in replaced)
    ]
    until = inputs.calendar.frozen + periods
    ends = [
        ended
        for lever in before
        if lever not in after and lever.kind not in LAUNCHES
        for ended in _ended(lever, inputs.calendar, until)
    ]
    levers = _told_apart([*stays, *ends, *later], inputs.calendar)
    if len({lever.scope for lever in levers}) < len(levers):
        raise ScenarioError(
            f"'{scenario.name or scenario.in_words()}' has levers of one thing that would act over the same "
            f"months if it were decided {periods} periods later. Make them one lever."
        )
    return Scenario(levers, scenario.name)


def acts(scenario: Scenario, inputs: Inputs, periods: int) -> bool:
    """Whether anything of a scenario still acts when it is decided so many periods later."""
    before = set(in_force(inputs, BASELINE).levers)
    after = (lever for lever in in_force(inputs, scenario).levers if lever not in before)
    return any(moved for lever in after for moved in _later(lever, inputs, periods))


def _told_apart(levers: list[Lever], calendar: Calendar) -> list[Lever]:
    """The levers with an end in words where two come to begin together, so that both act as they did."""
    kept: dict[tuple[str, ...], Lever] = {}
    for lever in levers:
        twice = lever.scope in kept and not lever.last
        moved = replace(lever, last=calendar.plan_labels[-1]) if twice else lever
        kept[moved.scope if moved.scope not in kept else (*moved.scope, str(moved.value))] = moved
    return list(kept.values())


def _later(lever: Lever, inputs: Inputs, periods: int) -> Iterator[Lever]:
    """The lever as it acts when it is decided later; none where nothing of it is left."""
    calendar, open_from = inputs.calendar, inputs.calendar.frozen + periods
    if lever.kind in LAUNCHES:
        yield from _launches(lever, inputs, open_from)
    elif lever.kind is LeverKind.PHASE_OUT:
        yield replace(lever, value=max(lever.value, float(open_from)))
    else:
        lead = periods + int(inputs.settings[LEADS[lever.kind]]) if lever.kind in LEADS else 0
        first = max(calendar.plan_index(lever.first, 0), open_from, lead)
        if first > calendar.plan_index(lever.last, calendar.periods - 1) or first >= calendar.periods:
            return
        own = calendar.plan_index(lever.first, 0) == first
        yield lever if own else replace(lever, first=calendar.plan_labels[first])


def _launches(lever: Lever, inputs: Inputs, open_from: int) -> Iterator[Lever]:
    """The lever on those of its launches that do not lie in the frozen zone of the later decision."""
    now = plan_portfolio(inputs, in_force(inputs, BASELINE))
    named = [one for one in (*now.launches, *now.out) if lever.target in ("", one.project)]
    free = [one for one in named if one.launch >= open_from]
    if len(free) == len(named):
        yield lever
    else:
        yield from (replace(lever, target=one.project) for one in free)


def _ended(lever: Lever, calendar: Calendar, until: int) -> Iterator[Lever]:
    """A lever that another takes the place of from plan index `until` on."""
    last = min(calendar.plan_index(lever.last, calendar.periods - 1), until - 1)
    ended = replace(lever, last=calendar.plan_labels[last]) if last >= 0 else lever
    if last >= 0 and acting_periods(ended, calendar).any():
        yield ended
