"""Each readiness check on a company that passes it and on one that does not."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from sop_engine.charts.product_readiness import case_table, ready_launches
from sop_engine.inputs.lifecycle import Launch
from sop_engine.plan import Plan
from sop_engine.product_review.readiness import Check, Light, payback, worst
from tests.launches import having, launch, with_launches
from tests.plans import made_up_plan, small_inputs


def checks(plan: Plan) -> dict[str, Check]:
    (ready,) = ready_launches(plan)
    return {check.name: check for check in ready.checks}


@cache
def passing() -> dict[str, Check]:
    return checks(with_launches(launch()))


def stripped(part: str, **changes: object) -> Plan:
    """The small company's plan with fields of one part of its inputs replaced."""
    inputs = having(small_inputs(), launch())
    return made_up_plan(replace(inputs, **{part: replace(getattr(inputs, part), **changes)}))


@pytest.mark.parametrize("name", ["Price", "Unit cost", "Way of supply", "Bill complete", "Like product"])
def test_what_is_loaded_is_ready(name: str) -> None:
    assert passing()[name].light is Light.READY


def test_without_price_or_cost_it_is_not_ready() -> None:
    money = small_inputs().money
    blank = money.price.copy(), money.unit_cost.copy()
    blank[0][1], blank[1][1] = np.nan, np.nan
    found = checks(stripped("money", price=blank[0], unit_cost=blank[1]))
    assert found["Price"].light is Light.NOT_READY and found["Unit cost"].light is Light.NOT_READY


def test_a_price_in_some_markets_only_needs_watching() -> None:
    price = small_inputs().money.price.copy()
    price[1, 1] = np.nan
    found = checks(stripped("money", price=price))["Price"]
    assert found.light is Light.WATCH and "West" in found.finding


def test_a_product_that_nobody_makes_or_buys_is_not_ready() -> None:
    edges = small_inputs().network.edges
    gone = replace(edges, product=np.where(edges.product == 1, 0, edges.product))
    found = checks(stripped("network", edges=gone))
    assert found["Way of supply"].light is Light.NOT_READY
    assert found["Lead time"].light is Light.NOT_KNOWN


def test_a_component_without_a_source_is_named() -> None:
    edges = small_inputs().network.edges
    gone = replace(edges, product=np.where(edges.mode == "buy", 0, edges.product))
    found = checks(stripped("network", edges=gone))["Bill complete"]
    assert found.light is Light.NOT_READY and "F" in found.finding


def test_a_like_product_without_history_is_not_ready() -> None:
    history = np.zeros_like(small_inputs().demand.history)
    inputs = having(small_inputs(), launch())
    quiet = replace(inputs, demand=replace(inputs.demand, history=history))
    assert checks(made_up_plan(quiet))["Like product"].light is Light.NOT_READY


@pytest.mark.parametrize(("month", "light"), [(1, Light.NOT_READY), (3, Light.WATCH), (9, Light.READY)])
def test_the_last_order_is_the_launch_less_the_longest_chain(month: int, light: Light) -> None:
    """F takes 45 days, B 3 to make and 6 to the depot, 4 more to the West: 58 days."""
    plan = with_launches(launch(launch=month))
    (ready,) = ready_launches(plan)
    calendar = plan.inputs.calendar
    assert ready.order_by == calendar.starts[calendar.now + month] - np.timedelta64(58, "D")
    assert checks(plan)["Lead time"].light is light


def test_served_and_load_are_those_of_the_first_three_months() -> None:
    plan = with_launches(launch())
    asked, on_time = plan.demand.unconstrained[1, :, 4:7], plan.supply.on_time[1, :, 4:7]
    assert f"{100 * on_time.sum() / asked.sum():.1f} %" in checks(plan)["Served"].finding
    load = 100 * (plan.supply.required / plan.supply.available)[0, 4:7].max()
    assert checks(plan)["Load"].finding == f"Assembly {load:.0f} %"


def test_what_is_out_of_the_plan_is_not_served() -> None:
    assert checks(with_launches(launch(in_plan=False)))["Served"].light is Light.NOT_KNOWN


def test_the_case_is_held_against_as_many_months_as_the_plan_reports() -> None:
    """Launched in May, 8 of its first 12 months are inside the plan: 100 promised become 66.7."""
    plan = with_launches(launch())
    row = case_table(plan, ready_launches(plan)).iloc[0]
    units = plan.inputs.demand.baseline.units[0, :, 4:12].sum(axis=0) * 0.5
    units[0] *= 0.5
    assert row["case units"] == pytest.approx(100 * 8 / 12) and row["plan units"] == pytest.approx(
        units.sum()
    )
    assert row["attainment %"] == pytest.approx(100 * units.sum() / (100 * 8 / 12))


@given(some.lists(some.floats(0.5, 20), min_size=1, max_size=12), some.floats(0.1, 120))
def test_payback_is_where_the_running_sum_meets_the_capex(margins: list[float], capex: float) -> None:
    found, left, periods = payback(capex, np.array(margins)), capex, 0.0
    for margin in margins:
        if left <= margin:
            assert found == pytest.approx(periods + left / margin)
            return
        left, periods = left - margin, periods + 1
    assert np.isnan(found)


def test_a_launch_is_as_ready_as_its_worst_check() -> None:
    def lights(*these: Light) -> Light:
        return worst(tuple(Check("", light, "") for light in these))

    assert lights(Light.READY, Light.NOT_READY, Light.NOT_KNOWN) is Light.NOT_READY
    assert lights(Light.READY, Light.NOT_KNOWN) is Light.WATCH and lights(Light.READY) is Light.READY


def test_only_launches_of_the_next_year_are_looked_at() -> None:
    far: Launch = launch(project="far", launch=12)
    assert [one.launch.project for one in ready_launches(with_launches(far, launch()))] == ["New B"]
