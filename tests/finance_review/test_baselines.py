from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop_engine.errors import PlanError
from sop_engine.finance_review.baselines import (
    CYCLE,
    ESTIMATE,
    START,
    actual_position,
    baselines,
    budget_position,
    estimate_position,
    plan_position,
    prior_year_basis,
    prior_year_position,
    stated_groups,
)
from sop_engine.finance_review.bridge import BARS, margin_bridge, revenue_bridge
from sop_engine.inputs import Inputs
from sop_engine.scenario import BASELINE, Lever, Scenario
from tests.finance_review.test_kept_plan import KEPT, later
from tests.october import october_inputs
from tests.plans import made_up_plan, small_inputs

PLAN = made_up_plan(small_inputs(), seed=2)
NEXT_3 = np.arange(3)


def test_a_plan_position_is_the_plans_own_margin() -> None:
    position = plan_position("plan", PLAN.finance, NEXT_3)
    assert position.gross_margin.sum() == pytest.approx(PLAN.finance.gross_margin[:3].sum())
    assert position.local_revenue[0, 1] * 1.3 == pytest.approx(position.revenue[0, 1])


def test_a_budget_position_is_what_the_budget_states() -> None:
    position = budget_position(PLAN.inputs, "AOP", NEXT_3)
    assert np.nansum(position.revenue) == pytest.approx(3 * (1500 + 1300))
    assert np.nansum(position.margin) == pytest.approx(3 * (500 + 450))
    assert np.isnan(position.revenue[2]).all()


def test_a_budget_that_says_nothing_of_a_product_stays_not_known() -> None:
    later = budget_position(PLAN.inputs, "AOP", np.arange(6, 9))
    assert np.isnan(later.units[1]).all() and np.nansum(later.units) == pytest.approx(3 * 130)


def test_an_unknown_budget_is_refused_with_those_that_are_loaded() -> None:
    with pytest.raises(PlanError, match="no budget version 'LE'. Loaded are: AOP"):
        budget_position(PLAN.inputs, "LE", NEXT_3)


def test_the_prior_year_is_the_history_of_the_same_months_at_its_cost() -> None:
    position = prior_year_position(PLAN.inputs, NEXT_3)
    history = PLAN.inputs.demand
    first = PLAN.inputs.calendar.now - 12
    np.testing.assert_allclose(position.units[:2], history.history[:2, :, first : first + 3].sum(axis=2))
    np.testing.assert_allclose(
        position.revenue[:2], history.revenue_history[:2, :, first : first + 3].sum(axis=2)
    )
    assert position.cost[0, 0] == pytest.approx(300 * 6)


@pytest.mark.parametrize(
    "baseline", [budget_position(PLAN.inputs, "AOP", NEXT_3), prior_year_position(PLAN.inputs, NEXT_3)]
)
def test_bridges_from_every_baseline_to_the_plan_add_up(baseline) -> None:
    bridge = margin_bridge(baseline, plan_position("plan", PLAN.finance, NEXT_3))
    assert bridge.start + sum(bridge.total.values()) == pytest.approx(bridge.end)
    assert bridge.end == pytest.approx(PLAN.finance.gross_margin[:3].sum())
    assert bridge.total["exchange"] == pytest.approx(0)


def with_budget_rate(rate: float):
    money = replace(PLAN.inputs.money, budget_rate=np.full(PLAN.inputs.money.rate.shape, rate))
    return replace(PLAN.inputs, money=money)


def test_the_budgets_own_rate_gives_an_exchange_bar() -> None:
    """Everything sold in the West is in EUR: budgeted at 1.25, planned at 1.3, so exchange is 0.05 x EUR."""
    inputs = with_budget_rate(1.25)
    west = np.array([[0.0, 1.0]])
    start = budget_position(inputs, "AOP", NEXT_3)
    assert np.nansum(start.local_revenue * west) == pytest.approx(np.nansum(start.revenue * west) / 1.25)
    end = plan_position("plan", PLAN.finance, NEXT_3)
    bridge = margin_bridge(start, end)
    assert bridge.bars["exchange"][:, 1].sum() == pytest.approx(0.05 * end.local_revenue[:, 1].sum())
    assert bridge.start + sum(bridge.total.values()) == pytest.approx(bridge.end)


def test_the_prior_year_has_the_cost_and_rate_of_its_own_time_where_they_are_on_file() -> None:
    money, now = PLAN.inputs.money, PLAN.inputs.calendar.now
    cost, rate = np.full(money.past_cost.shape, np.nan), np.full(money.past_rate.shape, np.nan)
    cost[0, now - 12], rate[:, now - 12] = 4.0, 1.1
    inputs = replace(PLAN.inputs, money=replace(money, past_cost=cost, past_rate=rate))
    position = prior_year_position(inputs, NEXT_3)
    history = inputs.demand.history[:, :, now - 12 : now - 9]
    assert position.cost[0, 0] == pytest.approx(history[0, 0, 0] * 4 + history[0, 0, 1:].sum() * 6)
    first, rest = inputs.demand.revenue_history[0, 1, now - 12], 2 * 200.0
    assert position.local_revenue[0, 1] == pytest.approx(first / 1.1 + rest / 1.3)
    assert prior_year_basis(inputs, np.array([0])).startswith("today's costs for 50.0 % of them")
    assert "rates as valid then" in prior_year_basis(inputs, np.array([0]))


def test_actuals_have_the_cost_and_rate_of_their_month_and_todays_where_none_is_on_file() -> None:
    """A cost 4 in October and November, 6 in December; B 11 in December, and 12 today for what came before;
    20 + 10 units a month went to the West at 10 USD each, EUR standing at 1.2, 1.2 and 1.3."""
    position = actual_position("actual", october_inputs(), np.array([-3, -2, -1]))
    np.testing.assert_allclose(position.cost[0], np.array([100, 20]) * (4 + 4 + 6))
    np.testing.assert_allclose(position.cost[1], np.array([50, 10]) * (12 + 12 + 11))
    np.testing.assert_allclose(position.revenue[:2], 3 * np.array([[1000, 200], [500, 100]]))
    assert position.local_revenue[:, 1].sum() == pytest.approx(300 / 1.2 + 300 / 1.2 + 300 / 1.3)


def test_what_values_the_elapsed_months_is_said_of_the_estimate() -> None:
    inputs, finance = october_inputs(), made_up_plan(october_inputs()).finance
    estimate = baselines(inputs, finance, finance)["Latest estimate"]
    assert estimate.basis == (
        "the prices, costs and rates loaded; elapsed months: today's costs for 33.3 % of them, no older ones "
        "are on file; rates as valid then; no supply choices are on file"
    )
    assert "elapsed" not in baselines(PLAN.inputs, PLAN.finance, PLAN.finance)["Latest estimate"].basis


def test_an_estimate_of_the_year_to_date_and_its_prior_year_are_valued_by_one_rule() -> None:
    """The prior year of the months a year from now is what those months are as actuals."""
    inputs, months = october_inputs(), np.array([-3, -2, -1])
    ahead = prior_year_position(inputs, months + inputs.calendar.season)
    actual = actual_position("actual", inputs, months)
    for name in ("units", "local_revenue", "revenue", "cost"):
        np.testing.assert_allclose(getattr(ahead, name), getattr(actual, name))


def test_a_past_without_revenue_says_that_it_is_at_todays_prices() -> None:
    blank = np.full_like(PLAN.inputs.demand.revenue_history, np.nan)
    inputs = replace(PLAN.inputs, demand=replace(PLAN.inputs.demand, revenue_history=blank))
    assert prior_year_position(inputs, NEXT_3).revenue[0, 0] == pytest.approx(300 * 10)
    assert prior_year_basis(inputs, NEXT_3).startswith("revenue at today's prices, none is on file")


def test_the_year_is_actuals_to_date_and_the_plan_to_go() -> None:
    april, finance = later(PLAN.inputs, 3), PLAN.finance
    year = estimate_position("LE", april, finance, np.arange(-3, 9))
    actual = np.nansum(april.demand.revenue_history[:, :, -3:], axis=2)
    np.testing.assert_allclose(year.revenue, actual + finance.revenue[:, :, :9].sum(axis=2))
    assert year.operating_profit == pytest.approx(finance.operating_profit[:9].sum())


def test_the_cycles_start_is_offered_where_something_was_judged_in_it() -> None:
    start = made_up_plan(PLAN.inputs, seed=5)
    found = baselines(PLAN.inputs, PLAN.finance, PLAN.finance, start=start.finance)
    assert [each.label for each in found.values() if each.kind == START] == ["This cycle's start"]
    position = found["This cycle's start"].position(NEXT_3)
    assert position.gross_margin.sum() == pytest.approx(start.finance.gross_margin[:3].sum())
    assert START not in {each.kind for each in baselines(PLAN.inputs, PLAN.finance, PLAN.finance).values()}


def by_family() -> Inputs:
    """The small company with its two families as one and the budget spread from one line of it: 3 parts of 4
    to the first product."""
    inputs = small_inputs()
    lines, share = inputs.money.budgets["AOP"], np.array([0.75, 0.25, np.nan])[:, None, None]
    spread = {name: share * np.full(lines.units.shape, amount) for name, amount in FAMILY_LINE.items()}
    empty = {name: cells[:, :, :0] for name, cells in spread.items()}
    budget = replace(lines, **spread, to_date=empty)
    family = np.array(["Sold", "Sold", "Frames"], dtype=object)
    return replace(
        inputs,
        products=replace(inputs.products, family=family),
        money=replace(inputs.money, budgets={"AOP": budget}),
    )


FAMILY_LINE = {"units": 100.0, "revenue": 1200.0, "gross_margin": 300.0}


def test_a_budget_that_states_a_family_in_one_line_is_known_by_it() -> None:
    assert stated_groups(by_family(), "AOP").tolist()[:2] == [1, 1]
    assert stated_groups(PLAN.inputs, "AOP") is None


def test_the_bridge_from_a_family_budget_is_that_of_its_averages() -> None:
    """Twin: the family as one product in each market, by the published formulas. What the mix of its products
    does stands in price and cost, and nothing in it is new."""
    inputs = by_family()
    plan = made_up_plan(inputs, seed=4)
    start, end = budget_position(inputs, "AOP", NEXT_3), plan_position("plan", plan.finance, NEXT_3)
    bridge = margin_bridge(start, end)
    assert bridge.by_family and bridge.name("price") == "price, mix in family"
    price0, cost0, price_bar, cost_bar = 12.0, 9.0, 0.0, 0.0
    for market in range(2):
        units = end.units[:2, market].sum()
        rate0 = inputs.money.rate[market, 0]
        price_bar += end.local_revenue[:2, market].sum() * rate0 - price0 * units
        cost_bar += cost0 * units - end.cost[:2, market].sum()
    assert bridge.total["price"] == pytest.approx(price_bar)
    assert bridge.total["cost"] == pytest.approx(cost_bar)
    assert bridge.total["new"] == 0
    assert bridge.start + sum(bridge.total.values()) == pytest.approx(bridge.end)
    assert bridge.start == pytest.approx(2 * 3 * 300)


SCENARIOS = st.sampled_from(
    [
        BASELINE,
        Scenario((Lever("demand", 10, target="Bikes"),)),
        Scenario((Lever("unit_cost", -5), Lever("exchange_rate", 10, target="EUR"))),
        Scenario((Lever("price", 5, target="Caps"),)),
    ]
)


@given(st.integers(0, 99), SCENARIOS, st.sets(st.integers(0, 11), min_size=1), st.floats(0.5, 2))
@settings(deadline=None, max_examples=10)
def test_bridges_from_any_baseline_to_any_other_add_up(
    seed: int, scenario: Scenario, months: set[int], rate: float
) -> None:
    inputs, periods = with_budget_rate(rate), np.array(sorted(months))
    plan, unmoved = made_up_plan(inputs, scenario, seed), made_up_plan(inputs, seed=seed)
    found = baselines(inputs, plan.finance, unmoved.finance, KEPT)
    assert [each.kind for each in found.values()] == ["budget", ESTIMATE, CYCLE, "last", "prior"]
    for start, end in permutations(found.values(), 2):
        ends = [each.position(np.intersect1d(periods, end.periods)) for each in (start, end)]
        scale = 1e-6 * max(*(np.nansum(each.revenue) for each in ends), 1.0)
        for bridge in (margin_bridge(*ends), margin_bridge(*ends, "units"), revenue_bridge(*ends)):
            assert bridge.start + sum(bridge.total.values()) == pytest.approx(bridge.end, abs=scale)
            cells = sum(bridge.bars[bar] for bar in BARS)
            np.testing.assert_allclose(bridge.before + cells, bridge.after, atol=scale)


@given(st.integers(0, 99), st.integers(0, 99))
@settings(deadline=None, max_examples=15)
def test_plans_at_the_same_prices_have_no_price_bar_whatever_they_deliver(one: int, other: int) -> None:
    ends = [
        plan_position(str(seed), made_up_plan(small_inputs(), seed=seed).finance, np.array([4]))
        for seed in (one, other)
    ]
    bars = margin_bridge(*ends).total
    scale = 1e-6 * ends[1].revenue.sum()
    assert abs(bars["price"]) < scale and abs(bars["exchange"]) < scale and abs(bars["cost"]) < scale


def test_a_price_lever_is_the_price_bar_and_nothing_else() -> None:
    inputs, demand = small_inputs(), PLAN.demand.unconstrained
    served = {"on_time": demand, "late": 0 * demand, "lost": 0 * demand, "backlog": 0 * demand}
    unmoved = made_up_plan(inputs, **served)
    moved = made_up_plan(inputs, Scenario((Lever("price", 10, target="Bikes"),)), **served)
    ends = [plan_position("x", plan.finance, np.array([4])) for plan in (unmoved, moved)]
    bars = margin_bridge(*ends).total
    bikes = unmoved.finance.revenue[inputs.products.family == "Bikes"][:, :, 4].sum()
    assert bars["price"] == pytest.approx(0.1 * bikes)
    assert sum(abs(bars[bar]) for bar in BARS if bar != "price") == pytest.approx(0, abs=1e-6)
