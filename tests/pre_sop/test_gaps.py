from dataclasses import replace

import numpy as np
import pytest

from sop_engine.finance_review.baselines import budget_position, estimate_position
from sop_engine.pre_sop.gaps import (
    GapKind,
    budget_gaps,
    capacity_gaps,
    find_gaps,
    landing_gaps,
    not_delivered,
    required_load_pct,
    rolled_up,
    shortage_values,
    stated_of,
    supply_gaps,
)
from tests.plans import made_up_plan, small_inputs

PLAN = made_up_plan(small_inputs(), seed=3)
NEXT_3 = np.arange(3)


def test_what_is_not_served_on_time_is_valued_by_family_and_period() -> None:
    gaps = {(gap.scope, gap.period): gap for gap in supply_gaps(PLAN, NEXT_3)}
    missed = PLAN.demand.unconstrained - PLAN.supply.on_time
    gap = gaps["Bikes", "2014-02"]
    due = PLAN.demand.unconstrained[0, :, 1].sum()
    money = (missed[0, :, 1] * PLAN.finance.price[0, :, 1]).sum()
    assert gap.units == pytest.approx(-missed[0, :, 1].sum()) and gap.money == pytest.approx(-money)
    assert gap.sentence == (
        f"Bikes in 2014-02: {missed[0, :, 1].sum():,.0f} of {due:,.0f} units are not "
        f"served on time, worth {money:,.0f} USD, mostly for capacity of Assembly."
    )
    assert set(gaps) == {(family, f"2014-0{month}") for family in ("Bikes", "Caps") for month in (1, 2, 3)}


def test_a_plan_that_serves_all_has_no_supply_gap() -> None:
    demand = PLAN.demand.unconstrained
    assert not list(supply_gaps(made_up_plan(PLAN.inputs, on_time=demand, late=0 * demand), NEXT_3))


def test_the_budget_is_met_or_missed_by_family_over_the_periods_it_speaks_of() -> None:
    gaps = {gap.scope: gap for gap in budget_gaps(PLAN, np.arange(12))}
    revenue = PLAN.finance.revenue[1, :, :6].sum()
    assert gaps["Caps"].money == pytest.approx(revenue - 6 * 1300)
    assert gaps["Caps"].units == pytest.approx(PLAN.finance.delivered[1, :, :6].sum() - 6 * 60)
    assert gaps["Caps"].sentence.startswith(f"Caps, 2014-01 to 2014-06: revenue of {revenue:,.0f} USD is ")
    assert "Frames" not in gaps


def test_what_a_gap_has_in_frozen_months_is_said() -> None:
    frozen = PLAN.inputs.calendar.frozen
    assert frozen == 1
    gap = next(one for one in budget_gaps(PLAN, np.arange(12)) if one.scope == "Caps")
    held = PLAN.finance.revenue[1, :, 0].sum() - 1300
    assert gap.frozen == pytest.approx(held)
    assert f"in it {abs(held):,.0f} " in gap.sentence and "2014-01, which is frozen" in gap.sentence
    later = next(one for one in budget_gaps(PLAN, np.arange(frozen, 12)) if one.scope == "Caps")
    assert later.frozen == 0 and "frozen" not in later.sentence
    assert gap.money == pytest.approx(later.money + held)


def test_the_families_gaps_are_the_gap_of_the_baselines() -> None:
    """One figure: what finance calls the gap of the estimate is the sum of the families' over the same
    months, and of the year it counts the actuals."""
    periods, families = np.arange(6), PLAN.inputs.products.family  # the budget states both in these
    assert stated_of(PLAN, np.arange(12))[:6].tolist() == periods.tolist()
    gaps = {gap.scope: gap.money for gap in budget_gaps(PLAN, periods)}
    estimate = estimate_position("LE", PLAN.inputs, PLAN.finance, periods).revenue
    budget = budget_position(PLAN.inputs, "AOP", periods).revenue
    for name, gap in gaps.items():
        member = families == name
        assert gap == pytest.approx(estimate[member].sum() - np.nansum(budget[member]))
    whole = {gap.scope: gap.money for gap in budget_gaps(PLAN, np.arange(12))}
    assert landing_gaps(PLAN) == pytest.approx(whole)  # January: nothing has elapsed
    assert landing_gaps(replace(PLAN, finance=replace(PLAN.finance, budget=None))) == {}


def test_the_gap_of_demand_is_above_the_plans_by_what_is_not_delivered() -> None:
    more = not_delivered(PLAN, NEXT_3)
    wanted = np.nansum((PLAN.demand.unconstrained * PLAN.finance.price)[:, :, :3])
    assert more == pytest.approx(wanted - PLAN.finance.revenue[:, :, :3].sum())


def test_without_a_budget_there_is_no_budget_gap() -> None:
    assert not list(budget_gaps(replace(PLAN, finance=replace(PLAN.finance, budget=None)), NEXT_3))


def test_overloaded_resources_state_their_hours_and_what_is_short_for_them() -> None:
    required = PLAN.supply.available * np.where(np.arange(15) == 1, 1.25, 0.9)
    plan = made_up_plan(PLAN.inputs, seed=3, required=required)
    (gap,) = capacity_gaps(plan, NEXT_3)
    hours = plan.supply.available[0, 1]
    late = (plan.demand.unconstrained - plan.supply.on_time - plan.supply.lost)[0, :, 1]
    price = (late * plan.finance.price[0, :, 1]).sum() / late.sum()
    assert (
        gap.hours == pytest.approx(0.25 * hours)
        and gap.units == -12
        and gap.money == pytest.approx(-12 * price)
    )
    assert gap.sentence == (
        f"Assembly in 2014-02: {1.25 * hours:,.0f} hours are required of {hours:,.0f} available (125.0 %); "
        f"12 units short for it, worth {12 * price:,.0f} USD."
    )


def test_shortages_are_worth_what_their_markets_pay_and_never_less_than_what_is_lost() -> None:
    short, due = PLAN.supply, PLAN.demand.unconstrained
    late = due - short.on_time - short.lost
    units = {"late": late.sum(axis=1), "lost": short.lost.sum(axis=1)}
    shortages = tuple(
        replace(
            short.shortages[0], product=product, period=period, kind=kind, units=float(cells[product, period])
        )
        for kind, cells in units.items()
        for product, period in np.ndindex(cells.shape)
    )
    plan = replace(PLAN, supply=replace(short, shortages=shortages))
    money = shortage_values(plan)
    lost = sum(worth for worth, one in zip(money, shortages, strict=True) if one.kind == "lost")
    assert lost == pytest.approx(plan.finance.lost_revenue.sum()) and min(money) >= 0
    assert sum(money) == pytest.approx(np.nansum((due - short.on_time) * plan.finance.price))
    assert sum(money) >= lost > 0


def test_load_is_not_known_where_hours_are_not() -> None:
    available = PLAN.supply.available.copy()
    available[0, 0], available[0, 1] = np.nan, 0
    load = required_load_pct(made_up_plan(PLAN.inputs, seed=3, available=available))
    assert np.isnan(load[0, :2]).all() and not np.isnan(load[0, 2:]).any()


def test_gaps_are_ranked_by_money_whatever_its_sign() -> None:
    gaps = find_gaps(PLAN, NEXT_3)
    money = [abs(gap.money) for gap in gaps]
    assert money == sorted(money, reverse=True) and {gap.kind for gap in gaps} >= {
        GapKind.SUPPLY,
        GapKind.BUDGET,
    }


def test_gaps_of_a_scope_roll_up_to_one_that_adds_up() -> None:
    gaps = find_gaps(PLAN, np.arange(12))
    rolled = rolled_up(gaps, "USD")
    keys = [(gap.kind, gap.scope) for gap in rolled]
    assert len(set(keys)) == len(keys) == len({(gap.kind, gap.scope) for gap in gaps})
    for one in rolled:
        members = [gap for gap in gaps if (gap.kind, gap.scope) == (one.kind, one.scope)]
        assert one.money == pytest.approx(sum(gap.money for gap in members))
        assert one.units == pytest.approx(sum(gap.units for gap in members), nan_ok=True)
        assert one in members if len(members) == 1 else f"in {len(members)} periods" in one.sentence
    assert [abs(gap.money) for gap in rolled] == sorted((abs(gap.money) for gap in rolled), reverse=True)
