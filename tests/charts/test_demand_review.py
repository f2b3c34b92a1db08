"""The demand charts against sums written out naively."""

import numpy as np
import pytest

from sop_engine.charts import demand_review as charts
from sop_engine.charts.style import LIGHT
from sop_engine.charts.view import View, whole_company
from sop_engine.scenario import Lever, Scenario
from tests.plans import made_up_plan, small_inputs

PLAN = made_up_plan(small_inputs(), seed=3)
MORE = made_up_plan(small_inputs(), Scenario((Lever("demand", 10, target="Bikes"),)), seed=3)
EVERYTHING = whole_company(PLAN)
UNITS = whole_company(PLAN, money=False)
EAST = View(
    PLAN.inputs.products.group("Bikes"),
    PLAN.inputs.markets.group("East"),
    np.arange(1, 4),
    False,
    "Bikes, East",
)


def named(figure: dict, name: str) -> dict:
    return next(trace for trace in figure["data"] if trace["name"] == name)


def test_the_series_of_a_filter_in_units() -> None:
    rows = charts.demand_series(PLAN, PLAN, EAST).set_index("period")
    bike, east = PLAN.inputs.products.positions["A"], PLAN.inputs.markets.positions["East"]
    assert rows.loc["2013-12", "actual"] == PLAN.inputs.demand.history[bike, east, -1]
    assert rows.loc["2014-03", "consensus"] == pytest.approx(PLAN.demand.unconstrained[bike, east, 2])
    assert list(rows.index[-3:]) == ["2014-02", "2014-03", "2014-04"]
    assert np.isnan(rows.loc["2014-03", "actual"])


def test_the_series_in_money_is_units_at_net_price() -> None:
    rows = charts.demand_series(PLAN, PLAN, EVERYTHING)
    ahead = rows[rows["actual"].isna()]["consensus"].sum()
    horizon = PLAN.inputs.calendar.horizon
    naive = sum(
        PLAN.demand.unconstrained[p, m, t] * PLAN.finance.price[p, m, t]
        for p, m, t in np.ndindex(len(PLAN.inputs.products), len(PLAN.inputs.markets), horizon)
        if not np.isnan(PLAN.finance.price[p, m, t])
    )
    assert ahead == pytest.approx(naive)


def test_the_budget_is_blank_where_it_says_nothing() -> None:
    rows = charts.demand_series(PLAN, PLAN, EVERYTHING).set_index("period")
    stated = rows.loc["2014-01":, "budget"]
    assert stated["2014-01"] == pytest.approx(2800) and stated["2014-07"] == pytest.approx(1500)


def test_the_range_is_known_for_the_company_and_a_family_but_not_for_a_market() -> None:
    family = EVERYTHING.narrowed(PLAN.inputs.products.family == "Bikes", "Bikes")
    for view in (EVERYTHING, family):
        low, high = charts.band80(PLAN, view)
        middle = view.by_period(view.valued(PLAN.inputs.demand.baseline.units, PLAN))
        assert (low <= middle + 1e-9).all() and (middle <= high + 1e-9).all()
    assert np.isnan(charts.band80(PLAN, EAST)).all()


def test_a_what_if_is_drawn_beside_the_consensus_only_where_it_moves_something() -> None:
    still = charts.history_and_consensus(PLAN, PLAN, EVERYTHING, LIGHT, "Title")
    moved = charts.history_and_consensus(MORE, PLAN, EVERYTHING, LIGHT, "Title")
    assert "What-if" not in {trace["name"] for trace in still["data"]}
    assert named(moved, "What-if")["line"]["color"] == LIGHT.scenario
    assert named(moved, "Consensus")["y"] == named(still, "Consensus")["y"]
    assert sum(named(moved, "What-if")["y"]) > sum(named(moved, "Consensus")["y"])


def test_families_are_ranked_by_their_largest_change() -> None:
    table = charts.family_changes(MORE, PLAN, EVERYTHING)
    size = table[["vs statistical", "vs budget", "what-if"]].abs().max(axis=1)
    assert size.is_monotonic_decreasing
    bikes = table.set_index("family").loc["Bikes"]
    mask = PLAN.inputs.products.family == "Bikes"
    worth = [
        EVERYTHING.valued(one.demand.unconstrained, one)[mask][:, :, EVERYTHING.periods].sum()
        for one in (MORE, PLAN)
    ]
    assert bikes["what-if"] == pytest.approx(worth[0] - worth[1])


def test_the_year_before_is_compared_over_the_months_that_have_one() -> None:
    row = charts.family_changes(PLAN, PLAN, UNITS).set_index("family").loc["Bikes"]
    mask = PLAN.inputs.products.family == "Bikes"
    prior = PLAN.inputs.money.prior_units[mask][:, :, UNITS.periods]
    known = [
        t
        for t in range(len(UNITS.periods))
        if PLAN.inputs.money.prior_units[:, :, UNITS.periods[t]].sum() > 0
    ]
    now = PLAN.demand.unconstrained[mask][:, :, UNITS.periods]
    assert row["vs prior year %"] == pytest.approx(100 * (now[:, :, known].sum() / prior.sum() - 1))
