"""A gap finds its cause and its options; a gap that is small or owned needs nobody."""

import warnings
from dataclasses import replace

import numpy as np
import pytest

from sop_engine.goal_seek import seek
from sop_engine.plan import Plan
from sop_engine.pre_sop.gaps import Gap, GapKind, budget_gaps, find_gaps, rolled_up
from sop_engine.pre_sop.issues import (
    CURRENT,
    LEAST_OPTIONS,
    MOST_OPTIONS,
    OLD,
    UNVALUED,
    Sought,
    cause_words,
    count_ways,
    gap_name,
    gaps_above,
    goal_of,
    is_owned,
    issue_cause,
    least_gap,
    levers_of,
    option_state,
    proposals,
    scenario_proposal,
    sought_proposals,
    ways_to_budget,
)
from sop_engine.remedies.change import Change
from sop_engine.remedies.remedy import Idea, Remedy
from sop_engine.scenario import Lever, LeverKind, Scenario
from tests.plans import made_up_plan, small_inputs

PLAN = made_up_plan(small_inputs(), seed=3)
PERIODS = np.arange(12)


def gap(kind: GapKind, scope: str, money: float = -100.0, units: float = -1.0, period: str = "") -> Gap:
    return Gap(kind, scope, period, money, units, np.nan, "A gap.")


def solved(scenario: Scenario) -> Plan:
    return made_up_plan(PLAN.inputs, scenario, seed=3)


def test_a_gap_is_owned_by_an_issue_of_its_name_or_of_all_its_months() -> None:
    one = gap(GapKind.SUPPLY, "Bikes", period="2014-02")
    assert gap_name(one) == "demand vs supply, Bikes, 2014-02"
    assert is_owned(one, ["demand vs supply, Bikes"]) and is_owned(one, [gap_name(one)])
    assert not is_owned(one, ["plan vs budget, Bikes", "demand vs supply, Bikes, 2014-03"])


def test_only_a_shortfall_above_the_least_needs_an_owner() -> None:
    unpriced = replace(gap(GapKind.SUPPLY, "Caps"), money=np.nan)
    gaps = [gap(GapKind.BUDGET, "Bikes"), gap(GapKind.BUDGET, "Up", money=500.0, units=3.0), unpriced]
    assert [one.scope for one in gaps_above(gaps, 99.0)] == ["Bikes", "Caps"]
    assert [one.scope for one in gaps_above(gaps, 100.0)] == ["Caps"]
    revenue = sum(PLAN.finance.revenue[:, :, period].sum() for period in PERIODS)
    assert least_gap(PLAN, PERIODS, 2.0) == pytest.approx(revenue / 50)


def test_the_cause_of_a_family_is_its_dearest_and_that_of_a_resource_its_own() -> None:
    family = issue_cause(PLAN, gap(GapKind.SUPPLY, "Bikes"), PERIODS)
    assert family.products == (0,)
    resource = PLAN.inputs.network.resources.labels[0]
    assert issue_cause(PLAN, gap(GapKind.CAPACITY, resource), PERIODS).label == resource
    assert issue_cause(PLAN, gap(GapKind.CAPACITY, "Paint"), PERIODS) is None
    assert issue_cause(PLAN, gap(GapKind.BUDGET, "Bikes", money=5.0), PERIODS) is None
    assert issue_cause(PLAN, gap(GapKind.SUPPLY, "Bikes", period="2014-06"), PERIODS) is None
    assert cause_words(gap(GapKind.SUPPLY, "Bikes"), family) == family.sentence


def test_where_nothing_is_late_the_words_say_what_keeps_the_plans_apart() -> None:
    assert "lie below the budget" in cause_words(gap(GapKind.BUDGET, "Bikes"), None)
    assert "lie above the budget" in cause_words(gap(GapKind.BUDGET, "Bikes", money=1.0), None)
    assert "earlier or elsewhere" in cause_words(gap(GapKind.CAPACITY, "Assembly"), None)


def test_cures_are_proposed_in_their_order_and_what_serves_fewer_is_not() -> None:
    def remedy(value: float, units: float, reason: str = "") -> Remedy:
        lever = Lever(LeverKind.OVERTIME, value, PLAN.inputs.network.resources.labels[0])
        change = Change(1, 1, 0, 1, units, 0, 0)
        return Remedy(Idea("Overtime", lever, note="at its price"), change, reason, "2014-02", 5, 2)

    remedies = [
        remedy(11, 5),
        remedy(12, -5),
        remedy(13, 3),
        remedy(14, 2, "nothing"),
        remedy(15, 1),
        remedy(16, 1),
        remedy(17, 1),
    ]
    found = proposals(PLAN, remedies)
    assert [one.scenario.levers[0].value for one in found] == [11, 13, 15, 16] and len(found) == MOST_OPTIONS
    assert "acts from 2014-02" in found[0].assumptions[0] and found[0].assumptions[1] == "At its price."


def test_a_family_below_its_budget_is_brought_there_by_volume() -> None:
    plan = made_up_plan(PLAN.inputs, seed=3, on_time=PLAN.demand.unconstrained, late=0 * PLAN.supply.late)
    below = next(one for one in budget_gaps(PLAN, PERIODS) if one.money < 0)
    goal = goal_of(PLAN, below, PERIODS)
    now = PLAN.finance.revenue[:, :, list(goal.periods)].sum()
    assert goal.target == pytest.approx(now - below.money)
    levers = levers_of(PLAN, below)
    assert [lever.kind for lever in levers] == [LeverKind.DEMAND, LeverKind.PRICE]
    way = seek(PLAN, goal, levers[0], solved)
    (proposal,) = sought_proposals(PLAN, [Sought((way.lever,), way)])
    assert proposal.scenario.levers[0].target == below.scope
    assert ("closes the gap" in proposal.assumptions[0]) == way.reached
    assert not levers_of(plan, replace(below, money=5.0))


def test_price_and_volume_close_it_alone_or_each_a_part() -> None:
    below = next(one for one in budget_gaps(PLAN, PERIODS) if one.money < 0)
    ways = list(ways_to_budget(PLAN, below, PERIODS, solved))
    assert len(ways) == count_ways(PLAN, below) == 3
    alone = {way.levers[0].kind: way.levers[0] for way in ways[:2]}
    both = {lever.kind: lever for lever in ways[2].levers}
    assert set(alone) == set(both) == {LeverKind.DEMAND, LeverKind.PRICE}
    assert 0 < both[LeverKind.DEMAND].value < alone[LeverKind.DEMAND].value
    made = sought_proposals(PLAN, ways)
    assert LEAST_OPTIONS <= len(made) <= MOST_OPTIONS
    assert any("is not in the figures" in line for one in made for line in one.assumptions)
    assert len({one.scenario for one in made}) == len(made)


def test_a_scenario_takes_for_granted_what_it_moves() -> None:
    scenario = Scenario((Lever(LeverKind.DEMAND, 10),))
    said = scenario_proposal(PLAN, scenario, "More").assumptions
    assert said[0] == "Demand +10 % is carried out." and "2014-01 cycle" in said[1]


@pytest.mark.parametrize(
    ("scenario_id", "version", "nothing", "state"),
    [
        ("s1", "v2", False, CURRENT),
        ("s1", "v1", False, OLD),
        ("", "v2", False, UNVALUED),
        ("", "v2", True, CURRENT),
        ("", "", True, OLD),
    ],
)
def test_an_option_stands_on_the_data_it_was_solved_on(
    scenario_id: str, version: str, nothing: bool, state: str
) -> None:
    assert option_state(scenario_id, version, nothing, "v2") == state


def test_every_gap_of_a_plan_has_words_for_its_cause() -> None:
    for one in rolled_up(find_gaps(PLAN, PERIODS), "USD"):
        assert cause_words(one, issue_cause(PLAN, one, PERIODS)).endswith(".")


def test_a_price_of_a_family_without_an_elasticity_leaves_its_units() -> None:
    demand = replace(PLAN.inputs.demand, elasticity=np.full_like(PLAN.inputs.demand.elasticity, np.nan))
    plan = replace(PLAN, inputs=replace(PLAN.inputs, demand=demand))
    lever = Lever(LeverKind.PRICE, 5, target="Bikes")
    way = seek(PLAN, goal_of(PLAN, gap(GapKind.BUDGET, "Bikes"), PERIODS), lever, solved)
    moved = Sought((lever,), replace(way, value=way.start + 1))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (option,) = sought_proposals(plan, [moved])
    assert "No elasticity of Bikes is known, so units stay." in option.assumptions
