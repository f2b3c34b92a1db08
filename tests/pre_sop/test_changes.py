"""The bridge from a kept plan to the plan now adds up, cell by cell, by driver, whatever was kept."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop_engine.errors import PlanError
from sop_engine.inputs import Inputs
from sop_engine.inputs.judgement import Override
from sop_engine.inputs.requests import Adopted
from sop_engine.plan import Plan, in_force
from sop_engine.pre_sop.changes import (
    CHOICES,
    COST,
    EXCHANGE,
    MARGIN,
    MEASURES,
    OTHER,
    PRICE,
    REQUESTS,
    REVENUE,
    SUPPLY,
    UNITS,
    change_bridge,
)
from sop_engine.pre_sop.sides import REQUESTED, SHORT, STEP, kept_side, requested_units, side_of
from sop_engine.records.snapshot import plan_cells
from sop_engine.scenario import Lever, LeverKind, Scenario
from tests.finance_review.test_kept_plan import later
from tests.plans import made_up_plan, small_inputs
from tests.pre_sop.test_shortfall import with_shortages

INPUTS = small_inputs()
SPAN = np.arange(INPUTS.calendar.horizon)
TODAY = with_shortages(made_up_plan(INPUTS, seed=1))
NOW = side_of(TODAY, "now")
LEVERS = (
    Lever(LeverKind.DEMAND, 10, "Bikes"),
    Lever(LeverKind.PRICE, -5, "Caps"),
    Lever(LeverKind.UNIT_COST, 4, "Bikes"),
    Lever(LeverKind.EXCHANGE_RATE, -7),
)


def earlier(seed: int, levers: tuple[Lever, ...] = (), inputs: Inputs = INPUTS) -> Plan:
    return with_shortages(made_up_plan(inputs, Scenario(levers), seed))


def value_of(plan: Plan, measure: str, periods: np.ndarray) -> float:
    """The measure straight from the plan's own parts."""
    if measure == UNITS:
        return plan.supply.delivered[:, :, periods].sum()
    if measure == REVENUE:
        return plan.finance.revenue[:, :, periods].sum()
    return plan.finance.gross_margin[periods].sum()


plans = st.builds(
    earlier,
    st.integers(0, 99),
    st.lists(st.sampled_from(LEVERS), unique_by=lambda lever: lever.kind).map(tuple),
)
spans = st.sets(st.integers(0, len(SPAN) - 1), min_size=1).map(lambda found: np.array(sorted(found)))


@settings(max_examples=25, deadline=None)
@given(before=plans, after=plans, periods=spans, measure=st.sampled_from(MEASURES))
def test_any_two_plans_are_bridged_in_every_cell(
    before: Plan, after: Plan, periods: np.ndarray, measure: str
) -> None:
    kept = kept_side(after.inputs, "kept", plan_cells(before))
    bridge = change_bridge(kept, side_of(after, "now"), measure, periods)
    assert bridge.start == pytest.approx(value_of(before, measure, periods))
    assert bridge.end == pytest.approx(value_of(after, measure, periods))
    moved = sum(bridge.details.values(), start=np.zeros(bridge.before.shape))
    np.testing.assert_allclose(bridge.before + moved, bridge.after, atol=1e-6)
    assert OTHER not in bridge.details or bridge.total[OTHER] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("measure", MEASURES)
def test_nothing_changed_is_no_bar(measure: str) -> None:
    bridge = change_bridge(kept_side(INPUTS, "kept", plan_cells(TODAY)), NOW, measure, SPAN)
    assert max(map(abs, bridge.total.values()), default=0.0) < 1e-6
    assert bridge.start == pytest.approx(bridge.end)


@pytest.mark.parametrize("measure", MEASURES)
def test_a_kept_plan_says_what_the_plan_said_on_that_day(measure: str) -> None:
    before = earlier(4, LEVERS)
    kept = change_bridge(kept_side(INPUTS, "kept", plan_cells(before)), NOW, measure, SPAN)
    live = change_bridge(side_of(before, "live"), NOW, measure, SPAN)
    assert kept.total == pytest.approx(live.total, abs=1e-6)


def test_the_order_of_the_rows_does_not_matter() -> None:
    cells = plan_cells(earlier(5, LEVERS))
    mixed = cells.sample(frac=1.0, random_state=1)
    bridges = [change_bridge(kept_side(INPUTS, "kept", rows), NOW, MARGIN, SPAN) for rows in (cells, mixed)]
    assert bridges[0].total == pytest.approx(bridges[1].total, abs=1e-6)


def test_the_drivers_of_money_are_counted_as_by_hand() -> None:
    before = earlier(6, LEVERS)
    bridge = change_bridge(side_of(before, "before"), NOW, MARGIN, SPAN)
    price = exchange = cost = 0.0
    for product, market, period in np.ndindex(*NOW.rest.shape):
        old, new = before.finance, TODAY.finance
        sold = new.delivered[product, market, period]
        p0, p1 = (f.local_price[product, market, period] for f in (old, new))
        if np.isnan(p1):
            continue
        r0, r1 = old.rate[market, period], new.rate[market, period]
        price += sold * (p1 - p0) * r0
        exchange += sold * p1 * (r1 - r0)
        cost += sold * (old.unit_cost[product, period] - new.unit_cost[product, period])
    assert bridge.total[PRICE] == pytest.approx(price) and abs(price) > 1
    assert bridge.total[EXCHANGE] == pytest.approx(exchange)
    assert bridge.total[COST] == pytest.approx(cost) and abs(cost) > 1


def test_a_lever_is_the_only_driver_of_demand_that_it_moves() -> None:
    moved = made_up_plan(INPUTS, Scenario((LEVERS[0],)), seed=1)
    bridge = change_bridge(NOW, side_of(moved, "moved"), UNITS, SPAN)
    demand = (moved.demand.unconstrained - TODAY.demand.unconstrained)[:, :, SPAN].sum()
    assert bridge.total["levers"] == pytest.approx(demand) and demand > 1
    assert set(bridge.drivers) <= {"levers", "orders", "capacity", "materials", SUPPLY}


def test_requests_stand_apart_from_the_step_that_carries_them_out() -> None:
    asked = {"Levers": NOW.steps["Statistical baseline"] * 0.1}
    steps = {**NOW.steps, "Levers": NOW.steps["Levers"] + asked["Levers"]}
    bridge = change_bridge(NOW, replace(NOW, steps=steps, requested=asked), UNITS, SPAN)
    assert bridge.total[REQUESTS] == pytest.approx(asked["Levers"].sum())
    assert bridge.total.get("levers", 0.0) == pytest.approx(0)


def test_units_are_the_drill_and_the_parts_of_a_bridge_add_up() -> None:
    bridge = change_bridge(side_of(earlier(7, LEVERS), "before"), NOW, MARGIN, SPAN)
    table = bridge.by(INPUTS.products.family)
    for column in table:
        assert table[column].iloc[1:].sum() == pytest.approx(table.loc["Total", column])
    everywhere = np.ones(len(INPUTS.markets), dtype=bool)
    parts = [
        bridge.of(INPUTS.products.family == name, everywhere) for name in sorted(set(INPUTS.products.family))
    ]
    assert sum(part.end - part.start for part in parts) == pytest.approx(bridge.end - bridge.start)


def without(cells: pd.DataFrame, *starts: str) -> pd.DataFrame:
    return cells[~cells["measure"].str.startswith(starts)]


def test_an_old_snapshot_without_causes_has_one_supply_driver() -> None:
    kept = kept_side(INPUTS, "old", without(plan_cells(earlier(8)), SHORT, REQUESTED))
    bridge = change_bridge(kept, NOW, UNITS, SPAN)
    assert not kept.names_causes and SUPPLY in bridge.drivers
    assert not {"capacity", "materials"} & set(bridge.drivers)
    assert bridge.end - bridge.start == pytest.approx(sum(bridge.total.values()))


def test_an_old_snapshot_without_steps_has_one_demand_driver() -> None:
    kept = kept_side(INPUTS, "old", without(plan_cells(earlier(8, LEVERS)), STEP))
    bridge = change_bridge(kept, NOW, UNITS, SPAN)
    assert not kept.whole_demand and "history" not in bridge.drivers
    demand = (NOW.demand - kept.demand).sum()
    assert bridge.total[OTHER] == pytest.approx(demand)


def test_a_replayed_baseline_is_compared_as_demand_at_todays_worth() -> None:
    cells = plan_cells(earlier(9))
    step = STEP + "Statistical baseline"
    baseline = cells[cells["measure"] == step].assign(value=lambda rows: rows["value"] * 0.9)
    kept = kept_side(INPUTS, "replay", pd.concat([baseline, baseline.assign(measure="demand_units")]))
    bridge = change_bridge(kept, NOW, MARGIN, SPAN)
    assert bridge.demand_only and not {PRICE, COST, CHOICES} & set(bridge.drivers) - {PRICE, COST}
    margin = np.nan_to_num(TODAY.finance.price - TODAY.finance.unit_cost[:, None])[:, :, SPAN]
    assert bridge.start == pytest.approx((kept.demand * margin).sum())
    assert bridge.end == pytest.approx((TODAY.demand.unconstrained[:, :, SPAN] * margin).sum())
    assert bridge.end - bridge.start == pytest.approx(sum(bridge.total.values()))


def test_months_that_one_side_does_not_hold_are_left_out() -> None:
    cells = plan_cells(earlier(10))
    kept = kept_side(INPUTS, "short", cells[cells["period"] < np.datetime64("2014-04-01")])
    bridge = change_bridge(kept, NOW, UNITS, SPAN)
    assert bridge.periods.tolist() == [0, 1, 2]
    assert bridge.end == pytest.approx(TODAY.supply.delivered[:, :, :3].sum())


def test_what_is_no_longer_on_file_is_left_out_and_counted() -> None:
    before = earlier(11)
    renamed = plan_cells(before).assign(product=lambda rows: rows["product"].replace("A", "Gone"))
    kept = kept_side(INPUTS, "renamed", renamed)
    assert kept.gone["demand_units"] == pytest.approx(before.demand.unconstrained[0, :, SPAN].sum())
    assert kept.demand[0].sum() == 0


def test_a_snapshot_of_another_time_is_refused() -> None:
    moved = plan_cells(TODAY).assign(period=pd.Timestamp("1999-01-01"))
    with pytest.raises(PlanError, match="none of the months"):
        kept_side(INPUTS, "old", moved)


def test_accepted_requests_are_told_by_the_override_and_by_the_levers_that_carry_them_out() -> None:
    products, markets = INPUTS.products.family == "Bikes", np.ones(len(INPUTS.markets), dtype=bool)
    own = Override("O1", products, markets, 2, 4, "add", 30.0, "Other", "")
    asked = replace(own, override_id="O2", value=50.0)
    adopted = Adopted("R1", INPUTS.cycle, "demand", "more", Scenario((LEVERS[0],)).to_json())
    judged = replace(INPUTS, demand=replace(INPUTS.demand, overrides=(own, asked)), adopted=(adopted,))
    plan = made_up_plan(judged, in_force(judged, Scenario((replace(LEVERS[0], target="Caps"),))))
    found = requested_units(plan, {"O2"})
    assert found["Overrides"].sum() == pytest.approx(50)
    levers = plan.demand.steps["Levers"]
    np.testing.assert_allclose(found["Levers"][products], levers[products])
    assert found["Levers"][~products].sum() == 0 and levers[~products].sum() > 0
    kept = kept_side(judged, "kept", plan_cells(plan, {"O2"}))
    np.testing.assert_allclose(kept.requested["Overrides"], found["Overrides"][:, :, SPAN])


def test_a_plan_kept_three_months_ago_lies_on_todays_months() -> None:
    before = earlier(12, LEVERS)
    kept, then = kept_side(later(INPUTS, 3), "January", plan_cells(before)), side_of(before, "January")
    assert kept.periods.tolist() == list(range(9))
    for name in ("demand", "delivered"):
        np.testing.assert_allclose(getattr(kept, name), getattr(then, name)[:, :, 3:], atol=1e-9)
    sold = then.delivered[:, :, 3:] > 0
    np.testing.assert_allclose(kept.local_price[sold], np.nan_to_num(then.local_price)[:, :, 3:][sold])
    np.testing.assert_allclose(kept.rate, then.rate[:, 3:])
