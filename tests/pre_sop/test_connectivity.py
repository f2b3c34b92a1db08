from dataclasses import replace

import numpy as np
import pytest

from sop_engine.errors import PlanError
from sop_engine.pre_sop.connectivity import PLANS, connectivity, walk
from tests.plans import made_up_plan, small_inputs

PLAN = made_up_plan(small_inputs(), seed=6)
ALL = np.arange(PLAN.inputs.calendar.periods)


def line(measure: str, periods: np.ndarray = ALL, plan: str | None = None) -> np.ndarray:
    frame = connectivity(PLAN, "Bikes", periods)
    rows = frame[(frame["measure"] == measure) & (frame["plan"] == (plan or frame["plan"]))]
    return rows["value"].to_numpy()


def test_plans_follow_the_process() -> None:
    frame = connectivity(PLAN, "Bikes", np.arange(3))
    assert list(dict.fromkeys(frame["plan"])) == list(PLANS)
    assert list(frame["period"].unique()) == ["2014-01", "2014-02", "2014-03"]


def test_demand_ties_to_what_is_delivered_lost_or_waiting() -> None:
    demand = line("unconstrained demand", plan="demand")
    accounted = sum(line(measure).sum() for measure in ("delivered on time", "delivered late", "lost"))
    waiting = line("backlog")[-1]
    assert demand.sum() == pytest.approx(accounted + waiting)


def test_steps_of_demand_add_up() -> None:
    steps = sum(line(name) for name in PLAN.demand.steps)
    np.testing.assert_allclose(steps, line("unconstrained demand", plan="demand"))


def test_stock_balances_in_every_period() -> None:
    opening = PLAN.inputs.network.on_hand[PLAN.inputs.products.family == "Bikes"].sum()
    stock = line("stock")
    moved = line("arrivals") - line("used by bills and transfers") - line("shipped")
    np.testing.assert_allclose(np.diff(stock, prepend=opening), moved)


def test_money_is_the_familys_statement() -> None:
    np.testing.assert_allclose(line("revenue"), PLAN.finance.revenue[0].sum(axis=0))
    assert set(connectivity(PLAN, "Bikes", ALL)["unit"]) == {"count", "units", "USD"}


def test_an_unknown_family_is_refused() -> None:
    with pytest.raises(PlanError, match="no family 'Cars'. Families are: Bikes, Caps, Frames"):
        connectivity(PLAN, "Cars", ALL)


@pytest.mark.parametrize("family", ["Bikes", "Caps"])
@pytest.mark.parametrize("periods", [np.arange(12), np.arange(3, 6), np.array([0]), np.array([7])])
def test_each_number_of_the_walk_is_the_sum_of_its_parts(family: str, periods: np.ndarray) -> None:
    for step in walk(PLAN, family, periods):
        assert step.value == pytest.approx(sum(amount for _, amount in step.parts), abs=1e-6), step.name


def test_the_walk_says_what_the_plan_says() -> None:
    periods = np.arange(2, 7)
    numbers = {step.plan: step.value for step in walk(PLAN, "Caps", periods)}
    member = list(PLAN.inputs.products.family).index("Caps")
    supply, calendar = PLAN.supply, slice(2, 7)
    assert numbers["demand"] == pytest.approx(PLAN.demand.unconstrained[member, :, calendar].sum())
    assert numbers["supply"] == pytest.approx((supply.on_time + supply.late)[member, :, calendar].sum())
    assert numbers["inventory"] == pytest.approx(supply.stock[member, :, 6].sum())
    table = connectivity(PLAN, "Caps", periods)
    margin = table[(table["plan"] == "money") & (table["measure"] == "gross margin")]["value"].sum()
    assert numbers["money"] == pytest.approx(margin)


def test_products_that_start_within_the_months_are_told_apart() -> None:
    active = PLAN.portfolio.active.copy()
    active[0, :4], active[0, 4:] = False, True
    plan = replace(PLAN, portfolio=replace(PLAN.portfolio, active=active))
    (sold, *_) = walk(plan, "Bikes", np.arange(12))
    assert dict(sold.parts) == {"throughout": 0, "start or return within": 1, "end within": 0}
    assert walk(plan, "Bikes", np.arange(3))[0].value == 0


def test_an_unknown_family_has_no_walk() -> None:
    with pytest.raises(PlanError, match="no family 'Boats'"):
        walk(PLAN, "Boats", np.arange(3))
