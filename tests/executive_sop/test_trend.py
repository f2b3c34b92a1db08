"""The scorecard's months add up to its figures; targets, budget and status are read by their rules."""

from datetime import date

import numpy as np
import pytest

from sop_engine.executive_sop.scorecard import scorecard
from sop_engine.executive_sop.targets import Target, Track, read_targets, target_of, track
from sop_engine.executive_sop.trend import monthly_figures, score_rows, year_value
from sop_engine.replays import Replays
from tests.plans import made_up_plan, small_inputs
from tests.tables import frame, loaded, small_tables

INPUTS = small_inputs()
PLAN = made_up_plan(INPUTS)
CARD = scorecard(PLAN)


def rows(*targets: Target, **more: object) -> dict[str, object]:
    return {row.key: row for row in score_rows(PLAN, targets, **more)}


@pytest.mark.parametrize("key", ["revenue", "gross_margin", "cash_effect"])
def test_months_of_the_year_add_up_to_the_scorecard(key: str) -> None:
    calendar = INPUTS.calendar
    months = monthly_figures(PLAN)[key]
    year = calendar.fiscal_years[: len(months)] == calendar.fiscal_years[calendar.now]
    assert np.nansum(months[year]) == pytest.approx(getattr(CARD, key))
    assert year_value(PLAN, key, 2014)[0] == pytest.approx(getattr(CARD, key))


def test_stock_and_worst_load_are_those_of_the_scorecard() -> None:
    months, now = monthly_figures(PLAN), INPUTS.calendar.now
    assert months["inventory_value"][-1] == pytest.approx(CARD.inventory_value)
    assert months["inventory_days"][-1] == pytest.approx(CARD.inventory_days)
    assert np.nanmax(months["required_load_peak_pct"][now:]) == pytest.approx(CARD.required_load_peak_pct)
    assert np.isnan(months["cash_effect"][:now]).all()  # not known of the past, so not zero


def test_a_target_stands_before_the_budget_and_says_when_it_is_a_sample() -> None:
    budget = rows()["revenue"]
    assert (budget.against, budget.reference) == ("budget", pytest.approx(CARD.revenue - CARD.budget_gap))
    high = Target("revenue", date(2014, 1, 1), 2 * CARD.revenue, "Strategy", sample=True)
    found = rows(high)["revenue"]
    assert (found.against, found.status) == ("sample target", Track.OFF)
    assert rows(Target("revenue", date(2015, 1, 1), 1.0))["revenue"].against == "budget"


def test_a_year_that_the_plan_does_not_reach_has_no_figure() -> None:
    value, known, whole = year_value(PLAN, "revenue", 2015)
    assert np.isnan(value) and known == 0 and whole == 12


def test_bias_is_that_of_the_replayed_baselines_one_period_ahead() -> None:
    made = np.arange(24, 30)
    units = np.zeros((6, len(INPUTS.products), len(INPUTS.markets), 12))
    units[:, 0, 0, 0] = 198.0  # 180 came
    found = rows(replays=Replays(made, units))["forecast_bias_pct"]
    assert found.value == pytest.approx(10.0) and found.status is Track.OFF
    assert "forecast_bias_pct" not in rows()


def test_the_target_in_force_is_the_last_one_set() -> None:
    old, new = (Target("revenue", date(year, 1, 1), float(year)) for year in (2013, 2015))
    held = [
        target_of((old, new), "revenue", year, INPUTS.calendar) for year in (2012, 2013, 2014, 2015, 2016)
    ]
    assert held == [None, old, old, new, new]


def test_status_by_its_rule() -> None:
    assert track("revenue", 94.9, 100.0) is Track.OFF and track("revenue", 95.0, 100.0) is Track.RISK
    assert track("gross_margin_pct", 18.0, 20.0) is Track.RISK
    assert track("inventory_days", 50.0, 45.0) is Track.OFF
    assert track("cash_effect", -100.0, -98.0) is Track.RISK
    assert track("revenue", np.nan, 1.0) is Track.NONE


def test_loaded_targets_are_read_with_their_mark() -> None:
    lines = ("revenue", "2014-01-01", 5.0, "Board", True), ("revenue", "2015-01-01", 6.0, "Board", None)
    warehouse = loaded({**small_tables(), "target": frame("measure from_period value set_by sample", *lines)})
    found = read_targets(warehouse.read)
    assert [(one.since.year, one.value, one.sample) for one in found] == [
        (2014, 5.0, True),
        (2015, 6.0, False),
    ]
