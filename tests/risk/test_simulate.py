"""Draws through the plan: nothing drawn is the plan, the same seed gives the same, threads do not matter."""

from __future__ import annotations

from dataclasses import replace
from threading import Event

import numpy as np
import pytest

from sop_engine.executive_sop.scorecard import scorecard
from sop_engine.plan import plan
from sop_engine.risk.drivers import Item, LaunchRisk, without_spread
from sop_engine.risk.futures import Future, Futures, as_planned
from sop_engine.risk.outcome import MEASURES, Outcomes
from sop_engine.risk.simulate import carried_out, drawn_demand, foresight_error, simulate, solved, with_events
from sop_engine.risk.tornado import tornado
from sop_engine.scenario import BASELINE, Lever, Scenario
from tests.builders import demand_of
from tests.risk.companies import company, do_nothing, drivers, model

OPTIONS = (BASELINE, Scenario((Lever("capacity", 20, target="Line"),), "More hours"))
DRAWS = 8


def drawn(threads: int = 2, seed: int = 5) -> Outcomes:
    outcomes = simulate(
        company(), OPTIONS, drivers(), seed=seed, draws=DRAWS, model=model().apart(), threads=threads
    )
    assert outcomes is not None
    return outcomes


ONCE = drawn()


def in_one(future: Future, scenario: Scenario = BASELINE):
    return solved(carried_out(company(), scenario, drivers(), model()), future)[0]


def test_with_nothing_to_draw_every_draw_is_the_plan() -> None:
    still = without_spread(drivers())
    outcomes = simulate(company(), OPTIONS, still, seed=5, draws=3, model=model().apart())
    assert outcomes is not None
    for row, option in enumerate(OPTIONS):
        card = scorecard(plan(company(), option, model()))
        for measure in MEASURES:
            expected = getattr(card, measure)
            assert outcomes.planned[measure][row] == pytest.approx(expected, rel=1e-9)
            assert outcomes.values[measure][row] == pytest.approx(expected, rel=1e-6)


def test_the_same_seed_gives_the_same_numbers_and_another_does_not() -> None:
    again, other = drawn(), drawn(seed=6)
    for measure in MEASURES:
        np.testing.assert_array_equal(ONCE.values[measure], again.values[measure])
    assert not np.array_equal(ONCE.values["revenue"], other.values["revenue"])


@pytest.mark.parametrize("threads", [1, 3])
def test_threads_do_not_matter(threads: int) -> None:
    other = drawn(threads)
    for measure in MEASURES:
        np.testing.assert_array_equal(ONCE.values[measure], other.values[measure])


def test_what_is_held_stays_in_every_draw() -> None:
    option, found = carried_out(company(), BASELINE, drivers(), model()), drivers()
    futures = Futures(company(), found, 5, DRAWS)
    for draw in range(DRAWS):
        after = solved(option, futures[draw])[0].supply
        np.testing.assert_allclose(
            after.flow[:, : found.held], do_nothing().supply.flow[:, : found.held], atol=1e-5
        )
        assert after.verified


def test_open_orders_do_not_vary() -> None:
    demand = demand_of(company())
    none = replace(as_planned(company()), demand=np.zeros(as_planned(company()).demand.shape))
    left = drawn_demand(company(), demand, none).unconstrained
    np.testing.assert_allclose(left, np.minimum(demand.orders, demand.unconstrained))


def test_a_lost_vendor_delivers_nothing_and_costs_units() -> None:
    closed = replace(as_planned(company()), closed=(("Vendor", 3, 4),))
    lost = in_one(closed)
    edges, sites = company().network.edges, company().network.sites
    bought = (edges.source == sites.index(["Vendor"])[0]) & (edges.mode == "buy")
    started_later = lost.supply.flow[bought][:, drivers().held :]
    assert lost.supply.received[bought][:, 4].sum() <= do_nothing().supply.received[bought][:, 4].sum()
    assert lost.supply.on_time.sum() <= do_nothing().supply.on_time.sum() + 1e-6
    assert np.isfinite(started_later).all()


def test_a_line_that_is_down_and_an_item_that_comes() -> None:
    calendar = company().calendar
    down = replace(
        as_planned(company()),
        levers=(Lever("line_down", 4, "Line", first=calendar.plan_labels[drivers().open_from]),),
    )
    assert in_one(down).supply.available.sum() < do_nothing().supply.available.sum()
    money = np.where(np.arange(calendar.periods) == 3, 1000.0, 0.0)
    item = Item("1", "A tender", 1.0, money, money / 2, None)
    still = replace(without_spread(drivers()), items=(item,))
    outcomes = simulate(company(), [BASELINE], still, seed=1, draws=2, model=model().apart())
    assert outcomes is not None
    more = outcomes.values["revenue"][0] - outcomes.planned["revenue"][0]
    margin = outcomes.values["gross_margin"][0] - outcomes.planned["gross_margin"][0]
    assert more == pytest.approx(1000.0) and margin == pytest.approx(500.0)


def test_prices_and_rates_move_money_and_no_units() -> None:
    start = as_planned(company())
    dearer = in_one(replace(start, price=start.price * 1.1))
    np.testing.assert_allclose(dearer.supply.on_time, do_nothing().supply.on_time, atol=1e-6)
    np.testing.assert_allclose(dearer.finance.revenue, 1.1 * do_nothing().finance.revenue, rtol=1e-6)


def test_a_launch_slips_further_than_the_option_has_it_and_a_failed_one_is_out() -> None:
    option = Scenario((Lever("launch_slip", 2, "P"),))
    slipped = with_events(option, replace(as_planned(company()), slipped=(("P", 3),)))
    assert [lever.value for lever in slipped.of("launch_slip")] == [5]
    failed = with_events(option, replace(as_planned(company()), failed=("P",)))
    assert [lever.value for lever in failed.of("launch_in")] == [0]


def test_launches_fail_as_often_as_their_probability_says() -> None:
    found = replace(drivers(), launches=(LaunchRisk("P", 0.7),))
    futures = Futures(company(), found, 1, 100)
    assert sum(bool(futures[draw].failed) for draw in range(100)) == 30


def test_it_stops_when_told() -> None:
    stop = Event()

    def move(done: int, total: int) -> None:
        if done == 2:
            stop.set()

    assert (
        simulate(
            company(), OPTIONS, drivers(), seed=1, draws=50, model=model().apart(), progress=move, stop=stop
        )
        is None
    )


def test_seeing_everything_is_never_worse_than_planning_in_two_steps() -> None:
    option = carried_out(company(), BASELINE, drivers(), model())
    found = foresight_error(company(), BASELINE, drivers(), model(), 5, 3, DRAWS)
    assert found.shape == (3, len(MEASURES)) and np.isfinite(found).all()
    still = foresight_error(company(), BASELINE, without_spread(drivers()), model(), 5, 2, DRAWS)
    np.testing.assert_allclose(still, 0.0, atol=1e-4 * abs(option.plan.finance.revenue.sum()))


def test_the_tornado_moves_each_driver_alone() -> None:
    option = carried_out(company(), BASELINE, drivers(), model())
    rows = tornado(option, drivers(), threads=1)
    both = rows[rows["measure"] == "revenue"].set_index("driver")
    assert both.loc["Demand of all", "low"] < 0 and both.loc["Demand of all", "high"] != 0
    assert "Loss of Vendor" in both.index and "Line down" in both.index
    quiet = tornado(option, without_spread(drivers()), threads=2)
    assert quiet.empty
