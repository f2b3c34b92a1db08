"""Health of products and families: against a naive loop over the sales, and where little is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop_engine.inputs import Inputs, read_inputs
from sop_engine.product_review.health import (
    FAMILY,
    PRODUCT,
    first_sales,
    portfolio_health,
    productivity,
    revenue_by_vintage,
    vitality,
)
from sop_engine.refresh import refresh
from tests.plans import small_inputs
from tests.tables import AT, loaded, small_tables


def with_sales(
    units: np.ndarray, revenue: np.ndarray | None = None, cost: np.ndarray | None = None
) -> Inputs:
    """The small company (A in Bikes, B in Caps, frames F; 30 months) with other sales and costs."""
    inputs = small_inputs()
    demand = replace(inputs.demand, history=units, revenue_history=10 * units if revenue is None else revenue)
    money = inputs.money if cost is None else replace(inputs.money, unit_cost=cost)
    return replace(inputs, demand=demand, money=money)


def sales() -> np.ndarray:
    """(3 products, 2 markets, 30 months): F is sold too, and only since month 20."""
    units = np.random.default_rng(3).integers(0, 40, (3, 2, 30)).astype(float)
    units[2, :, :20] = np.nan
    return units


UNITS = sales()
INPUTS = with_sales(UNITS)


@pytest.fixture(scope="module")
def inputs() -> Iterator[Inputs]:
    warehouse = loaded(small_tables())
    refresh(warehouse, who="test", at=AT)
    yield read_inputs(warehouse)
    warehouse.close()


def naive_row(inputs: Inputs, members: list[int]) -> dict[str, float]:
    """Money and units of some products, cell by cell."""
    row = dict.fromkeys(("units", "revenue", "prior_units", "prior_revenue", "margin", "West"), 0.0)
    for p in members:
        cost = inputs.money.unit_cost[p, 0]
        for m in range(2):
            for t in range(6, 30):
                sold, money = inputs.demand.history[p, m, t], inputs.demand.revenue_history[p, m, t]
                if np.isnan(sold):
                    continue
                year = "" if t >= 18 else "prior_"
                row[f"{year}units"] += sold
                row[f"{year}revenue"] += money
                if t >= 18:
                    row["margin"] += money - sold * cost
    return row


def test_a_product_adds_up_cell_by_cell() -> None:
    health = portfolio_health(INPUTS).set_index("product")
    for p, label in enumerate(INPUTS.products.labels):
        expected = naive_row(INPUTS, [p])
        for name in ("units", "revenue", "prior_units", "prior_revenue", "margin"):
            assert health.loc[label, name] == pytest.approx(expected[name]), name
        assert health.loc[label, "margin_pct"] == pytest.approx(
            100 * expected["margin"] / expected["revenue"]
        )


def test_a_family_is_its_products_and_the_channels_are_the_whole() -> None:
    markets = replace(INPUTS.markets, channel=np.array(["Shop", "Web"], dtype=object))
    products = replace(INPUTS.products, family=np.array(["Bikes", "Bikes", "Frames"], dtype=object))
    inputs = replace(INPUTS, markets=markets, products=products)
    health, families = portfolio_health(inputs), portfolio_health(inputs, FAMILY).set_index("family")
    expected = naive_row(inputs, [0, 1])
    for name in ("units", "revenue", "prior_revenue", "margin"):
        assert families.loc["Bikes", name] == pytest.approx(expected[name])
    assert families.loc["Bikes", "sellers"] == 2
    for table in (health, families):
        assert (table["Shop margin"] + table["Web margin"]).to_numpy() == pytest.approx(table["margin"])
    web = INPUTS.demand
    margin = np.nansum(web.revenue_history[0, 1, -12:]) - np.nansum(web.history[0, 1, -12:]) * 6
    a = health.set_index("product").loc["A"]
    assert a["Web margin"] == pytest.approx(margin)
    assert a["Web margin_pct"] == pytest.approx(100 * margin / np.nansum(web.revenue_history[0, 1, -12:]))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=180, max_size=180), st.sampled_from((PRODUCT, FAMILY)))
def test_shares_sum_to_the_whole_and_ranks_follow_revenue(numbers: list[int], cut: str) -> None:
    inputs = with_sales(np.array(numbers, dtype=float).reshape(3, 2, 30))
    health = portfolio_health(inputs, cut)
    if not health["revenue"].sum():
        assert health["share_pct"].isna().all()
        return
    assert health["share_pct"].sum() == pytest.approx(100)
    assert health["cumulative_pct"].iloc[-1] == pytest.approx(100)
    assert health["revenue"].is_monotonic_decreasing and health["rank"].tolist() == list(
        range(1, len(health) + 1)
    )


@given(st.permutations(range(3)))
@settings(max_examples=6, deadline=None)
def test_the_order_of_the_master_does_not_matter(order: list[int]) -> None:
    products = INPUTS.products
    fields = {
        name: getattr(products, name)[order]
        for name in ("name", "family", "category", "stage", "sellable", "start", "end", "predecessor")
    }
    moved = replace(products, labels=tuple(products.labels[i] for i in order), **fields)
    inputs = with_sales(UNITS[order], cost=INPUTS.money.unit_cost[order])
    columns = ["product", "revenue", "margin", "abc", "xyz", "share_pct"]
    found = portfolio_health(replace(inputs, products=moved))[columns]
    pd.testing.assert_frame_equal(found, portfolio_health(INPUTS)[columns])


def test_a_part_of_the_company_keeps_its_classes_and_has_its_own_shares() -> None:
    whole = portfolio_health(INPUTS).set_index("product")
    some = np.array([False, True, True])
    part = portfolio_health(INPUTS, products=some, markets=np.array([True, False]))
    assert set(part["product"]) == {"B", "F"} and part["share_pct"].sum() == pytest.approx(100)
    assert part.set_index("product")["abc"].to_dict() == whole.loc[["B", "F"], "abc"].to_dict()
    assert part["revenue"].sum() == pytest.approx(10 * np.nansum(UNITS[1:, 0, -12:]))


def test_a_year_of_sales_is_ranked_with_margin_and_growth(inputs: Inputs) -> None:
    health = portfolio_health(inputs)
    assert list(health["product"]) == ["A", "B"]  # the frame is never sold
    a = health.iloc[0]
    assert a["units"] == 120 * 12 and a["revenue"] == 120 * 12 * 10
    assert a["margin"] == 120 * 12 * (10 - 6) and a["margin_pct"] == pytest.approx(40)
    assert a["growth_pct"] == pytest.approx(0) and a["abc"] == "A" and a["xyz"] == "X"


def test_without_a_cost_margin_is_not_known_and_left_out_of_the_family_s_percentage() -> None:
    cost = INPUTS.money.unit_cost.copy()
    cost[0] = np.nan
    products = replace(INPUTS.products, family=np.array(["Bikes", "Bikes", "Frames"], dtype=object))
    inputs = replace(with_sales(UNITS, cost=cost), products=products)
    health = portfolio_health(inputs).set_index("product")
    assert np.isnan(health.loc["A", "margin"]) and np.isnan(health.loc["A", "margin_pct"])
    bikes = portfolio_health(inputs, FAMILY).set_index("family").loc["Bikes"]
    assert bikes["margin"] == pytest.approx(health.loc["B", "margin"])
    assert bikes["margin_pct"] == pytest.approx(health.loc["B", "margin_pct"])


def test_without_revenue_on_file_revenue_and_rank_are_not_known_but_units_are() -> None:
    inputs = with_sales(UNITS, revenue=np.full_like(UNITS, np.nan))
    for cut in (PRODUCT, FAMILY):
        health = portfolio_health(inputs, cut)
        assert health["revenue"].isna().all() and (health["abc"] == "-").all()
        assert health["units"].sum() == pytest.approx(np.nansum(UNITS[:, :, -12:]))
    assert np.isnan(vitality(inputs, 12).new_pct)


def test_a_year_before_that_is_not_whole_gives_no_growth() -> None:
    short = INPUTS.calendar.now - 20
    calendar = replace(
        INPUTS.calendar,
        starts=INPUTS.calendar.starts[20:],
        ends=INPUTS.calendar.ends[20:],
        labels=INPUTS.calendar.labels[20:],
        working_days=INPUTS.calendar.working_days[20:],
        now=short,
    )
    health = portfolio_health(replace(with_sales(UNITS[:, :, 20:]), calendar=calendar))
    assert health["growth_pct"].isna().all() and health["revenue"].sum() > 0


def test_where_nothing_sold_nothing_is_shown() -> None:
    inputs = with_sales(np.full_like(UNITS, np.nan))
    assert portfolio_health(inputs).empty and portfolio_health(inputs, FAMILY).empty
    assert productivity(portfolio_health(inputs)).empty and revenue_by_vintage(inputs).empty
    assert np.isnan(vitality(inputs, 12).new_pct)


@pytest.mark.parametrize("months", [6, 12, 24])
def test_vitality_is_the_revenue_of_what_first_sold_in_the_window(months: int) -> None:
    first = [next(t for t in range(30) if np.nansum(UNITS[p, :, t]) > 0) for p in range(3)]
    assert first_sales(INPUTS).tolist() == first
    year = np.nansum(INPUTS.demand.revenue_history[:, :, -12:], axis=(1, 2))
    expected = 100 * sum(year[p] for p in range(3) if first[p] >= 30 - months) / year.sum()
    assert vitality(INPUTS, months).new_pct == pytest.approx(expected)


def test_a_successor_is_new_but_counted_apart_and_a_window_beyond_history_is_not_known() -> None:
    heir = replace(INPUTS, products=replace(INPUTS.products, predecessor=np.array([-1, -1, 0])))
    found, plain = vitality(heir, 12), vitality(INPUTS, 12)
    assert (found.new_pct, found.successor_pct) == (0.0, plain.new_pct) and found.products == 1
    assert np.isnan(vitality(INPUTS, 36).new_pct)


def test_vintages_add_up_to_all_revenue() -> None:
    table = revenue_by_vintage(INPUTS)
    assert table["vintage"].tolist() == ["2011-07 or before", "2013"]
    assert table["revenue"].sum() == pytest.approx(portfolio_health(INPUTS)["revenue"].sum())
    assert table["share_pct"].sum() == pytest.approx(100) and table["products"].sum() == 3


def test_productivity_is_money_over_products_that_sold() -> None:
    units = UNITS.copy()
    units[1, :, -12:] = 0
    health = portfolio_health(with_sales(units))
    row = productivity(health).iloc[0]
    assert row["products"] == 2 and row["prior_products"] == 2  # B stopped, F began
    assert row["revenue_per_product"] == pytest.approx(health["revenue"].sum() / 2)
    by_family = productivity(health, "family").set_index("family")
    assert by_family["products"].sum() == 2 and np.isnan(by_family.loc["Caps", "revenue_per_product"])
