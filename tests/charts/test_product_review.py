"""The product charts: shares, families, lifecycle."""

from dataclasses import replace

import numpy as np
import pytest

from sop_engine.charts import product_review as charts
from sop_engine.charts.style import LIGHT
from sop_engine.charts.view import whole_company
from sop_engine.inputs.lifecycle import Launch
from sop_engine.plan import Plan
from sop_engine.product_review.health import portfolio_health
from sop_engine.scenario import BASELINE, Scenario
from tests.plans import made_up_plan, small_inputs


def launch(**changes: object) -> Launch:
    a_launch = Launch(
        project="New B",
        product=1,
        like=0,
        scale=0.5,
        launch=4,
        baseline_launch=2,
        in_plan=True,
        probability=0.6,
        ramp=2,
        cannibalises=(),
        cannibalisation=0.0,
        gate="Design",
        business_case_units=100.0,
        capex=10.0,
        owner="Ann",
    )
    return replace(a_launch, **changes)


def with_launches(*launches: Launch, scenario: Scenario = BASELINE) -> Plan:
    inputs = small_inputs()
    return made_up_plan(replace(inputs, demand=replace(inputs.demand, launches=launches)), scenario)


PLAN = with_launches(launch(), launch(project="Out", in_plan=False, launch=3, baseline_launch=3))
VIEW = whole_company(PLAN)
HEALTH = portfolio_health(PLAN.inputs)


def test_the_pareto_rises_to_all_of_revenue() -> None:
    figure = charts.pareto(HEALTH, LIGHT, "USD")
    bars, share = figure["data"]
    assert bars["y"] == sorted(bars["y"], reverse=True) and share["y"][-1] == 100


def test_families_add_up_to_their_products() -> None:
    table = charts.family_health(HEALTH)
    assert table["revenue"].sum() == pytest.approx(HEALTH["revenue"].sum())
    assert table["margin"].sum() == pytest.approx(HEALTH["margin"].sum())


def test_a_bubble_per_family_that_has_a_year_before() -> None:
    figure = charts.growth_and_margin(HEALTH, LIGHT, "USD")
    assert sum(len(trace["x"]) for trace in figure["data"]) == len(charts.family_health(HEALTH))
    without = HEALTH.assign(
        prior_revenue=np.where(HEALTH["family"] == "Caps", np.nan, HEALTH["prior_revenue"])
    )
    left_out = charts.growth_and_margin(without, LIGHT, "USD")
    assert "1 families without a year before are left out" in left_out["layout"]["title"]["text"]


def test_lifecycle_counts_only_what_is_sold() -> None:
    counts = charts.lifecycle_counts(PLAN.inputs, VIEW)
    assert counts.to_numpy().sum() == int(PLAN.inputs.products.sellable.sum())
    assert "products are sold" in charts.lifecycle_bars(PLAN.inputs, VIEW, LIGHT)["layout"]["title"]["text"]
