"""What an option is expected to bring is its plan less doing nothing, in the scope that its levers move."""

from datetime import date

import numpy as np
import pytest

from sop_engine.executive_sop.effects import (
    FAMILIES,
    LEAST_PCT,
    Effect,
    Scope,
    effect_rows,
    effects_of,
    expected_effects,
    lever_effects,
    review_day,
)
from sop_engine.inputs.reader import read_scene
from sop_engine.scenario import Lever, LeverKind, Scenario
from tests.plans import made_up_plan, small_inputs
from tests.tables import loaded, small_tables

INPUTS = small_inputs()
NOTHING = made_up_plan(INPUTS)


def effects(*levers: Lever) -> tuple[Effect, ...]:
    return expected_effects(made_up_plan(INPUTS, Scenario(levers)), NOTHING)


def test_demand_is_expected_month_by_month_as_the_plans_differ() -> None:
    lever = Lever(LeverKind.DEMAND, 10, "Bikes", first="2014-03", last="2014-05")
    found = effects(lever)
    bikes = INPUTS.products.family == "Bikes"
    plans = [NOTHING, made_up_plan(INPUTS, Scenario((lever,)))]
    units = [plan.demand.unconstrained[bikes].sum(axis=(0, 1)) for plan in plans]
    sold = [effect for effect in found if effect.measure == "demand_units"]
    assert [effect.month for effect in sold] == [date(2014, month, 1) for month in (3, 4, 5)]
    for at, effect in enumerate(sold, start=2):
        assert (effect.without, effect.expected) == pytest.approx((units[0][at], units[1][at]))
        assert effect.expected == pytest.approx(1.1 * effect.without)
    assert {effect.scope for effect in found} == {Scope(family="Bikes")}


def test_a_price_moves_its_average_and_stays_in_its_market() -> None:
    found = effects(Lever(LeverKind.PRICE, -5, "A", market="East", first="2014-03", last="2014-03"))
    (price,) = [effect for effect in found if effect.measure == "average_price"]
    assert price.scope == Scope(product="A", market="East")
    assert price.expected == pytest.approx(0.95 * price.without)


def test_an_exchange_rate_is_read_by_currency_and_a_cost_by_product() -> None:
    rates = effects(Lever(LeverKind.EXCHANGE_RATE, 5, first="2014-03", last="2014-03"))
    assert {(effect.measure, effect.scope.currency) for effect in rates} == {("exchange_rate", "EUR")}
    (cost,) = effects(Lever(LeverKind.UNIT_COST, 10, "A", first="2014-04", last="2014-04"))
    assert cost.measure == "unit_cost" and cost.expected == pytest.approx(1.1 * cost.without)


def test_supply_is_followed_in_the_families_whose_revenue_it_moves() -> None:
    scenario = Scenario((Lever(LeverKind.CAPACITY, 10),))
    chosen = made_up_plan(INPUTS, scenario, seed=1)
    found = expected_effects(chosen, NOTHING)
    assert found and {effect.measure for effect in found} == {"revenue"}  # nobody could read what is on time
    assert 0 < len({effect.scope.family for effect in found}) <= FAMILIES


def test_nothing_is_expected_of_freight_or_of_what_moves_too_little() -> None:
    assert effects(Lever(LeverKind.FREIGHT, 10)) == ()
    almost = made_up_plan(INPUTS, Scenario((Lever(LeverKind.DEMAND, 1, "Bikes"),)))
    assert expected_effects(almost, NOTHING) and LEAST_PCT < 1
    assert expected_effects(NOTHING, NOTHING) == ()


def month(label: str) -> Effect:
    return Effect("revenue", Scope(), date.fromisoformat(f"{label}-01"), 1.0, 2.0)


def test_it_is_looked_at_after_three_months_or_when_it_ends() -> None:
    calendar = INPUTS.calendar
    assert review_day([], calendar) is None
    assert review_day([month("2014-02")], calendar) == date(2014, 2, 28)
    assert review_day([month(f"2014-{at:02d}") for at in range(2, 9)], calendar) == date(2014, 4, 30)


def test_rows_give_the_same_effects_back() -> None:
    found = effects(Lever(LeverKind.DEMAND, 10, "Bikes", first="2014-03", last="2014-05"))
    rows = effect_rows("D1", found)
    rows["from_period"] = rows["from_period"].astype("datetime64[s]")
    assert effects_of(rows) == found


def test_a_lever_on_a_kept_baseline_multiplies_it() -> None:
    scene = read_scene(loaded(small_tables()))
    units = np.full((len(scene.products), len(scene.markets), scene.calendar.periods), 7.0)
    lever = Lever(LeverKind.DEMAND, 20, "Bikes", first="2014-02", last="2014-03")
    found = lever_effects(scene, units, lever)
    sold, earned = [effect for effect in found if effect.measure == "demand_units"], found[-1]
    assert [(effect.without, effect.expected) for effect in sold] == [(28.0, pytest.approx(33.6))] * 2
    assert (earned.measure, earned.without) == ("revenue", pytest.approx(280.0))  # 10 a unit, always
