"""What exceptions are found in, against sums written out naively."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sop_engine.charts import demand_exceptions as charts
from sop_engine.charts.demand_review import family_changes
from sop_engine.charts.view import whole_company
from sop_engine.plan import Plan
from sop_engine.pre_sop.gaps import budget_gaps
from sop_engine.replays import LAGS, Replays
from sop_engine.scenario import Lever, Scenario
from tests.plans import made_up_plan, small_inputs

PLAN = made_up_plan(small_inputs(), Scenario((Lever("demand", 20, target="Bikes"),)), seed=3)
EVERYTHING = whole_company(PLAN)
NOW = PLAN.inputs.calendar.now
NO_REVIEWS = pd.DataFrame(
    columns=["review_id", "cycle", "kind", "family", "value", "note", "created_at", "created_by", "active"]
)
BIKES = PLAN.inputs.products.family == "Bikes"


def replays() -> Replays:
    """Three cycles that forecast 10 % more than what came, in every cell."""
    made = np.arange(NOW - 3, NOW)
    history = np.nan_to_num(PLAN.inputs.demand.history)
    units = np.zeros((3, *history.shape[:2], LAGS))
    for cycle, bucket in enumerate(made):
        units[cycle] = 1.1 * history[:, :, bucket, None]
    return Replays(made, units)


def bikes(kind: str) -> pd.Series:
    found = charts.comparisons(PLAN, EVERYTHING, charts.last_statistical(PLAN, replays()), replays())
    return found[kind].set_index("family").loc["Bikes"]


def test_each_reference_is_compared_over_the_months_it_states() -> None:
    shown = EVERYTHING.periods
    units = PLAN.demand.unconstrained[BIKES][:, :, shown]
    baseline = PLAN.inputs.demand.baseline.units[BIKES][:, :, shown]
    assert bikes("statistical")["pct"] == pytest.approx(100 * (units.sum() / baseline.sum() - 1))
    assert bikes("budget")["units"] == pytest.approx(units.sum() - 12 * 130)
    served = PLAN.finance.delivered[BIKES][:, :, shown].sum()
    assert bikes("constrained")["units"] == pytest.approx(served - 12 * 130)
    prior = PLAN.inputs.money.prior_units[BIKES][:, :, shown]
    assert bikes("prior year")["pct"] == pytest.approx(100 * (units.sum() / prior.sum() - 1))
    above = PLAN.demand.steps["Orders above forecast"][BIKES][:, :, shown].sum()
    assert bikes("orders")["units"] == pytest.approx(above)


def test_the_replayed_bias_is_forecast_less_actual_of_lag_one() -> None:
    assert bikes("bias")["pct"] == pytest.approx(10.0)


def test_the_baseline_of_the_cycle_before_is_laid_a_period_further() -> None:
    last = charts.last_statistical(PLAN, replays())
    history = np.nan_to_num(PLAN.inputs.demand.history)
    np.testing.assert_allclose(last.units[:, :, LAGS - 2], 1.1 * history[:, :, NOW - 1])
    assert np.isnan(last.units[:, :, LAGS - 1 :]).all() and "Dec 13, replayed" in last.what


def test_outside_the_range_counts_what_lies_beyond_it() -> None:
    low, high = (PLAN.inputs.demand.baseline.bands[("family", "Bikes")][edge] for edge in (1, 2))
    beyond = 0.0
    for period in EVERYTHING.periods:
        value = PLAN.demand.unconstrained[BIKES][:, :, period].sum()
        beyond += max(value - high[period], 0.0) - max(low[period] - value, 0.0)
    assert bikes("range")["units"] == pytest.approx(beyond) and beyond > 0


def test_without_last_cycle_or_replays_the_rules_are_left_out_and_said() -> None:
    found = charts.comparisons(PLAN, EVERYTHING, None, None)
    assert {"cycle", "bias"}.isdisjoint(found) and "budget" in found
    assert "Not looked at: last cycle (" in charts.basis_words(PLAN, None, None)
    words = charts.basis_words(PLAN, charts.last_statistical(PLAN, replays()), replays())
    assert "lag 1 over 3 replayed cycles" in words and "Not looked at" not in words


def test_the_table_is_counted_in_words_and_names_owners() -> None:
    table = charts.exception_table(PLAN, EVERYTHING, None, None, NO_REVIEWS)
    assert (table["status"] == "open").all() and set(table["owner"]) == {""}
    families = table["family"].nunique()
    words = charts.count_words(table, 2, "USD")
    assert words.startswith(f"{families} of 2 families need the meeting: ") and words.endswith("0 reviewed")
    review = {"review_id": "E1", "kind": table["kind"][0], "family": table["family"][0], "note": "seen"}
    made = {"value": table["pct"][0], "created_at": pd.Timestamp("2014-01-08"), "created_by": "Ann"}
    reviewed = charts.exception_table(PLAN, EVERYTHING, None, None, pd.DataFrame([review | made]))
    assert list(reviewed["status"])[-1] == "reviewed" and (reviewed["status"] == "reviewed").sum() == 1


def test_a_gap_that_is_worth_little_needs_no_meeting() -> None:
    settings = {**PLAN.inputs.settings, "exception_least_pct": 100.0}
    plan = replace(PLAN, inputs=replace(PLAN.inputs, settings=settings))
    assert charts.exception_table(plan, EVERYTHING, None, None, NO_REVIEWS).empty


def test_without_prices_money_is_not_known_and_never_zero() -> None:
    blank = np.full(PLAN.finance.price.shape, np.nan)
    bare = replace(PLAN, finance=replace(PLAN.finance, price=blank, demand_value=blank))
    last = charts.last_statistical(bare, replays())
    found = charts.comparisons(bare, EVERYTHING, last, replays())
    assert all(found[kind]["money"].isna().all() for kind in found if kind != "constrained")
    assert found["statistical"]["units"].notna().any()
    table = charts.exception_table(bare, EVERYTHING, last, replays(), NO_REVIEWS)
    unpriced = table[table["kind"] != "constrained"]
    assert len(unpriced) and "USD" not in charts.count_words(unpriced, 2, "USD")


def budgeted_in_one_market() -> Plan:
    """All demand is delivered, and the budget says nothing of one market, nor of the last three months."""
    demand = PLAN.demand.unconstrained
    plan = made_up_plan(PLAN.inputs, PLAN.scenario, on_time=demand, late=0 * demand)
    units, revenue = (np.array(one) for one in (plan.finance.budget.units, plan.finance.budget.revenue))
    for lines in (units, revenue):
        lines[:, 1], lines[:, :, 9:] = np.nan, np.nan
    budget = replace(plan.finance.budget, units=units, revenue=revenue)
    return replace(plan, finance=replace(plan.finance, budget=budget))


def test_demand_and_finance_have_one_gap_to_budget_where_all_is_delivered() -> None:
    plan = budgeted_in_one_market()
    view = whole_company(plan)
    gaps = {gap.scope: gap for gap in budget_gaps(plan, view.periods)}
    found = charts.comparisons(plan, view, None, None)
    headline = family_changes(plan, plan, view).set_index("family")["vs budget"]
    for name in ("Bikes", "Caps"):
        for kind in ("budget", "constrained"):
            row = found[kind].set_index("family").loc[name]
            assert row["money"] == pytest.approx(gaps[name].money)
            assert row["units"] == pytest.approx(gaps[name].units)
        assert headline[name] == pytest.approx(gaps[name].money)
    naive = plan.finance.delivered[BIKES][:, :, :9].sum() - np.nansum(plan.finance.budget.units[BIKES])
    assert gaps["Bikes"].units == pytest.approx(naive), "the other market counts, the last months do not"


def test_views_of_markets_add_up_to_the_gap_of_the_company() -> None:
    plan = budgeted_in_one_market()
    whole = whole_company(plan)
    parts = [replace(whole, markets=np.arange(2) == market) for market in range(2)]
    gaps = [charts.comparisons(plan, view, None, None)["budget"].set_index("family") for view in parts]
    company = charts.comparisons(plan, whole, None, None)["budget"].set_index("family")
    assert sum(part.loc["Bikes", "money"] for part in gaps) == pytest.approx(company.loc["Bikes", "money"])
    assert np.isnan(gaps[1].loc["Bikes", "pct"]), "no budget is stated there to be off by a share of"
