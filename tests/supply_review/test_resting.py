"""What is judged in a cycle moves the compiled model in place: the same plan whatever came before."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sop_engine.inputs import Inputs, settled
from sop_engine.inputs.judgement import Override
from sop_engine.scenario import Lever, Scenario
from sop_engine.supply_review.compiled import LiveModel
from sop_engine.supply_review.model import SupplyModel, compile_model, judged_since
from sop_engine.supply_review.supply import plan_supply
from tests.builders import demand_of
from tests.supply_review.companies import two_stores

NOTHING = two_stores()


def judged(*changes: float, cycle: str = NOTHING.cycle) -> Inputs:
    """The two stores with an override of so many % on the product A for each change."""
    overrides = tuple(
        Override(
            override_id=f"O{number}",
            products=NOTHING.products.group("A"),
            markets=np.ones(len(NOTHING.markets), dtype=bool),
            first=2,
            last=4 + number,
            kind="pct",
            value=change,
            reason="fair",
            owner="Anna",
            cycle=cycle,
        )
        for number, change in enumerate(changes)
    )
    return replace(NOTHING, demand=replace(NOTHING.demand, overrides=overrides))


def flows(model: SupplyModel, inputs: Inputs, *levers: Lever) -> np.ndarray:
    scenario = Scenario(levers)
    return plan_supply(inputs, scenario, demand_of(inputs, scenario), model).flow


def test_the_plan_does_not_depend_on_the_overrides_tried_before() -> None:
    wanted, lever = judged(15.0), Lever("demand", 7, target="B")
    fresh = compile_model(wanted)
    wandering = compile_model(NOTHING)
    for tried in (judged(-40.0), judged(60.0, 10.0)):
        flows(judged_since(wandering, tried), tried, Lever("capacity", -10, target="Line"))
    used = judged_since(wandering, wanted)
    np.testing.assert_array_equal(used.baseline.x, fresh.baseline.x)
    np.testing.assert_array_equal(flows(used, wanted, lever), flows(fresh, wanted, lever))
    np.testing.assert_array_equal(flows(used, wanted), flows(fresh, wanted))


def test_many_overrides_are_rested_on_in_strides_and_lead_to_one_plan() -> None:
    changes = [12.0, -8.0, 20.0, 5.0, -15.0, 9.0, 30.0, -4.0, 7.0, 11.0]
    fresh = compile_model(judged(*changes))
    grown = compile_model(NOTHING)
    for count in range(len(changes)):
        model = judged_since(grown, judged(*changes[: count + 1]))
    np.testing.assert_array_equal(model.baseline.x, fresh.baseline.x)
    withdrawn = judged(*changes[:2], *changes[3:])
    again = judged_since(grown, withdrawn)
    np.testing.assert_array_equal(again.baseline.x, compile_model(withdrawn).baseline.x)


def test_a_model_at_rest_elsewhere_leaves_the_first_one_where_it_was() -> None:
    model = compile_model(NOTHING)
    before = flows(model, NOTHING, Lever("demand", 5))
    other = judged(50.0)
    flows(judged_since(model, other), other, Lever("demand", 5))
    model._answers.clear()
    np.testing.assert_array_equal(flows(model, NOTHING, Lever("demand", 5)), before)


@pytest.mark.parametrize("change", [-30.0, 20.0, 80.0])
def test_a_solution_at_rest_is_the_optimum(change: float) -> None:
    inputs = judged(change)
    model = judged_since(compile_model(NOTHING), inputs)
    scenario = Scenario((Lever("demand", 4),))
    request = model.request(scenario, demand_of(inputs, scenario))
    cold = LiveModel(model.matrix(request), model.figures(request)).solve_cold()
    assert model.solve(request).objective == pytest.approx(cold.objective, rel=1e-6)


def test_an_override_of_this_cycle_does_not_reach_into_the_frozen_zone_one_of_an_earlier_does() -> None:
    frozen = slice(0, NOTHING.calendar.frozen)
    now, earlier = judged(80.0), judged(80.0, cycle="2013-12")
    unmoved = flows(compile_model(NOTHING), NOTHING)[:, frozen]
    assert NOTHING.calendar.frozen
    np.testing.assert_allclose(flows(compile_model(now), now)[:, frozen], unmoved, atol=1e-9)
    assert np.abs(flows(compile_model(earlier), earlier)[:, frozen] - unmoved).max() > 1


def test_what_was_settled_before_the_cycle_is_what_earlier_cycles_judged() -> None:
    assert settled(judged(5.0)).demand.overrides == ()
    earlier = judged(5.0, cycle="2013-12")
    assert settled(earlier).demand.overrides == earlier.demand.overrides
    assert settled(judged(5.0)).version == settled(NOTHING).version != settled(earlier).version


def test_what_was_tried_before_it_is_recorded_is_not_solved_again(monkeypatch: pytest.MonkeyPatch) -> None:
    model = compile_model(NOTHING)
    tried = judged_since(model, judged(15.0))
    monkeypatch.setattr(SupplyModel, "solve", None)
    assert judged_since(model, judged(15.0)) is tried
