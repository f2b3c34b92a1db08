"""The product charts: shares, families, vintages, what a product brings, lifecycle."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sop_engine.charts import product_review as charts
from sop_engine.charts.style import LIGHT
from sop_engine.charts.view import whole_company
from sop_engine.inputs.lifecycle import Launch
from sop_engine.plan import Plan
from sop_engine.product_review.health import (
    FAMILY,
    portfolio_health,
    productivity,
    revenue_by_vintage,
)
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
FAMILIES = portfolio_health(PLAN.inputs, FAMILY)
SETTINGS = PLAN.inputs.settings


def title(figure: dict) -> str:
    return figure["layout"]["title"]["text"]


def ranked(count: int) -> pd.DataFrame:
    """Health of `count` products that bring 1, 2, ... of revenue."""
    revenue = np.arange(count, 0, -1.0)
    share = 100 * revenue / revenue.sum()
    columns = {"revenue": revenue, "share_pct": share, "cumulative_pct": share.cumsum()}
    labels = [f"P{i}" for i in range(count)]
    return pd.DataFrame(
        {"product": labels, "name": labels, "abc": "A", "rank": np.arange(1, count + 1), **columns}
    )


def test_the_pareto_rises_to_all_of_revenue_and_shades_the_tail() -> None:
    figure = charts.pareto(ranked(100), LIGHT, "USD", SETTINGS)
    bars, share = figure["data"]
    assert bars["y"] == sorted(bars["y"], reverse=True) and share["y"][-1] == 100
    (band,) = figure["layout"]["shapes"]
    first, pct = charts.tail_of(ranked(100), 95)
    running = ranked(100)["revenue"].cumsum() / ranked(100)["revenue"].sum()
    assert first == int((running.shift(fill_value=0) < 0.95).sum()) and band["x0"] == first + 0.5
    assert pct == pytest.approx(100 * (1 - running[first - 1]))


def test_many_products_share_bars_and_none_is_lost() -> None:
    health = ranked(1000)
    figure = charts.pareto(health, LIGHT, "USD", SETTINGS)
    bars = figure["data"][0]
    assert len(bars["y"]) <= charts.MOST_BARS and "mean of 3 products" in title(figure)
    assert figure["data"][1]["y"][-1] == 100


def test_without_revenue_the_pareto_says_so() -> None:
    nothing = HEALTH.assign(revenue=np.nan, share_pct=np.nan, cumulative_pct=np.nan, abc="-")
    assert "Revenue is not known" in title(charts.pareto(nothing, LIGHT, "", SETTINGS))


def test_the_table_has_a_margin_for_every_channel() -> None:
    table = charts.health_table(HEALTH, ["Shop"])
    assert {"product", "ABC", "XYZ", "Shop margin", "Shop margin %", "cumulative %"} <= set(table)
    families = charts.health_table(FAMILIES, ["Shop"])
    assert "product" not in families and families["family"].tolist() == ["Bikes", "Caps"]
    assert families["products"].tolist() == [1, 1]


def test_names_of_families_that_lie_together_are_not_written_over_each_other() -> None:
    places = {"Near": (10.0, 20.0), "Far": (90.0, 20.0), "Over": (12.0, 21.0), "Above": (10.0, 60.0)}
    rows = pd.concat([FAMILIES.head(1)] * 4, ignore_index=True).assign(
        name=list(places),
        growth_pct=[x for x, _ in places.values()],
        margin_pct=[y for _, y in places.values()],
    )
    figure = charts.growth_and_margin(rows, LIGHT, "USD")
    assert [note["text"] for note in figure["layout"]["annotations"]] == ["Near", "Far", "Above"]


def test_a_bubble_per_family_that_has_a_year_before() -> None:
    figure = charts.growth_and_margin(FAMILIES, LIGHT, "USD")
    assert sum(len(trace["x"]) for trace in figure["data"]) == len(FAMILIES)
    without = FAMILIES.assign(
        growth_pct=np.where(FAMILIES["family"] == "Caps", np.nan, FAMILIES["growth_pct"])
    )
    left_out = charts.growth_and_margin(without, LIGHT, "USD")
    assert "1 without a year before or a cost are left out" in title(left_out)
    assert "need two years" in title(charts.growth_and_margin(FAMILIES.head(0), LIGHT, "USD"))
    losing = charts.growth_and_margin(FAMILIES.assign(margin_pct=-1.0), LIGHT, "USD")
    assert "Bikes, Caps lose money" in title(losing)


def test_vintages_show_both_years() -> None:
    table = revenue_by_vintage(PLAN.inputs)
    before, now = charts.vintage_bars(table, LIGHT, "USD")["data"]
    assert now["y"] == [round(value) for value in table["revenue"]]
    assert before["y"] == [round(value) for value in table["prior_revenue"]]
    assert "Nothing was sold" in title(charts.vintage_bars(table.head(0), LIGHT, "USD"))


def test_what_a_product_brings_is_said_of_both_years() -> None:
    whole, by_family = productivity(HEALTH), productivity(HEALTH, "family")
    figure = charts.productivity_bars(by_family, whole, LIGHT, "USD")
    assert "2 active products bring 10.8 k each; 2 brought 10.8 k the year before" in title(figure)
    assert charts.productivity_words(productivity(HEALTH.head(0))).startswith("No product sold")


def test_lifecycle_counts_only_what_is_sold() -> None:
    counts = charts.lifecycle_counts(PLAN.inputs, VIEW)
    assert counts.to_numpy().sum() == int(PLAN.inputs.products.sellable.sum())
    assert "products are sold" in charts.lifecycle_bars(PLAN.inputs, VIEW, LIGHT)["layout"]["title"]["text"]
