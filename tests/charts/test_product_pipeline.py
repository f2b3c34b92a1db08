"""The pipeline's charts: dates, slips and values of launches."""

import pytest

from sop_engine.charts import product_pipeline as charts
from sop_engine.charts.style import LIGHT
from sop_engine.charts.view import whole_company
from sop_engine.finance_review.launch_value import first_year, own_value
from sop_engine.scenario import Lever, Scenario
from tests.launches import launch, with_launches

PLAN = with_launches(launch(), launch(project="Out", in_plan=False, launch=3, baseline_launch=3))
VIEW = whole_company(PLAN)


def test_the_pipeline_says_who_is_in_and_how_late() -> None:
    table = charts.pipeline_table(PLAN).set_index("project")
    assert table.loc["New B", "in plan"] == "in" and table.loc["Out", "in plan"] == "out"
    assert table.loc["New B", "slip"] == 2 and table.loc["New B", "launch"] == "May 14"


def test_the_first_year_is_ramped_units_at_price_and_cost() -> None:
    value = own_value(PLAN.inputs, PLAN.finance, launch(), first_year(PLAN.inputs, launch()))
    baseline, price, cost = (
        PLAN.inputs.demand.baseline.units[0],
        PLAN.finance.price[1],
        PLAN.finance.unit_cost[1],
    )
    naive = naive_margin = 0.0
    for period in range(4, PLAN.inputs.calendar.horizon):
        ramp = min((period - 4 + 1) / 2, 1.0)
        for market in range(2):
            units = baseline[market, period] * 0.5 * ramp
            naive += units * price[market, period]
            naive_margin += units * (price[market, period] - cost[period])
    assert (value.revenue, value.gross_margin) == pytest.approx((naive, naive_margin))
    assert charts.pipeline_table(PLAN).set_index("project").loc["New B", "expected margin"] == pytest.approx(
        0.6 * naive_margin
    )


def test_the_timeline_marks_promise_slip_and_whether_it_is_in() -> None:
    figure = charts.pipeline_timeline(PLAN, PLAN, LIGHT, "Title")
    by_name = {trace.get("name"): trace for trace in figure["data"]}
    starts, now = PLAN.inputs.calendar.starts, PLAN.inputs.calendar.now
    assert by_name["In the plan"]["x"] == [str(starts[now + 4])] and by_name["Out of the plan"]["y"] == [
        "Out"
    ]
    bars = [trace for trace in figure["data"] if trace["mode"] == "lines"]
    assert len(bars) == 1 and bars[0]["line"]["color"] == LIGHT.bad


def test_a_slip_lever_shows_where_the_launch_stood_before() -> None:
    scenario = Scenario((Lever("launch_slip", 3, target="New B"),))
    later = with_launches(
        launch(), launch(project="Out", in_plan=False, launch=3, baseline_launch=3), scenario=scenario
    )
    figure = charts.pipeline_timeline(later, PLAN, LIGHT, "Title")
    by_name = {trace.get("name"): trace for trace in figure["data"]}
    starts, now = PLAN.inputs.calendar.starts, PLAN.inputs.calendar.now
    assert by_name["Before the what-if"]["x"] == [str(starts[now + 4])]
    assert by_name["In the plan"]["marker"]["color"] == [LIGHT.scenario]
