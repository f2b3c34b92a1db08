"""Hours by family, suppliers and components as they are drawn, against the solved plan."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from sop_engine.charts import supply_capacity as charts
from sop_engine.charts.heat import Cells, fitting, heat_map, steps, zones_above
from sop_engine.charts.numbers import short
from sop_engine.charts.style import DARK, LIGHT
from sop_engine.charts.view import View, whole_company
from sop_engine.plan import Plan, plan
from sop_engine.supply_review.load import Pegging, pegged_need
from tests.plans import small_inputs
from tests.supply_review.companies import two_stores


@cache
def solved() -> tuple[Plan, View, Pegging]:
    inputs = two_stores(settings={"opening_receivables": np.nan, "opening_payables": np.nan})
    family = np.array(["Cars", "Boats", "Frames"], dtype=object)
    made = plan(replace(inputs, products=replace(inputs.products, family=family)))
    return made, whole_company(made), pegged_need(made.inputs, made.scenario, made.demand, made.supply)


def unknown(made: Plan) -> np.ndarray:
    return np.full(made.supply.available.shape, np.nan)


def test_the_bars_of_a_resource_add_up_to_its_required_hours() -> None:
    made, view, pegging = solved()
    table = charts.family_hours(made, view, pegging, 0)
    np.testing.assert_allclose(
        table.drop(columns="period").sum(axis=1), made.supply.required[0, view.periods], atol=1e-6
    )
    figure = charts.family_hours_figure(made, view, LIGHT, table, 0, unknown(made))
    bars = [trace for trace in figure["data"] if trace["type"] == "bar"]
    assert {bar["name"] for bar in bars} == {"Cars", "Boats"}
    lines = {trace["name"] for trace in figure["data"] if trace["type"] == "scatter"}
    assert lines == {"Regular hours", "With overtime"} and figure["layout"]["shapes"]


def test_demonstrated_hours_are_a_line_and_a_load_of_their_own() -> None:
    made, view, pegging = solved()
    proven = np.full(made.supply.available.shape, 160.0)
    figure = charts.family_hours_figure(
        made, view, DARK, charts.family_hours(made, view, pegging, 0), 0, proven
    )
    assert "Demonstrated" in {trace["name"] for trace in figure["data"]}
    row = charts.resource_table(made, view, pegging, proven).iloc[0]
    required = made.supply.required[0, view.periods]
    assert row["highest of demonstrated %"] == pytest.approx(100 * required.max() / 160)
    assert row["highest load %"] == pytest.approx(100 * (required / 200).max())
    assert row["months over"] == (required > 200).sum()
    assert np.isnan(charts.resource_table(made, view, pegging, unknown(made))["demonstrated hours"]).all()


def test_many_families_keep_seven_blocks_and_one_of_the_rest() -> None:
    made, view, _ = solved()
    table = charts.family_hours(made, view, solved()[2], 0)
    many = table[["period"]].assign(**{f"family {k}": float(20 - k) for k in range(12)})
    figure = charts.family_hours_figure(made, view, LIGHT, many, 0, unknown(made))
    bars = [trace for trace in figure["data"] if trace["type"] == "bar"]
    assert len(bars) == 8 and bars[-1]["y"][0] == sum(20 - k for k in range(7, 12))


def test_what_is_made_for_a_family_adds_up_to_its_hours() -> None:
    made, view, pegging = solved()
    items = charts.item_table(made, view, pegging, 0, "Cars")
    assert items["made there"].tolist() == ["A"]
    table = charts.family_hours(made, view, pegging, 0)
    assert items["hours"].sum() == pytest.approx(table["Cars"].sum())


def test_the_sentence_counts_the_hours_above_regular_ones() -> None:
    made, view, pegging = solved()
    words = charts.pegging_words(made, view, charts.family_hours(made, view, pegging, 0), 0)
    required = made.supply.required[0, view.periods]
    over = np.maximum(required - 200, 0)
    assert words.startswith("Cars take") and f"{short(over.sum())} hours are above" in words


def test_the_families_of_a_cell_add_up_to_its_load() -> None:
    made, view, pegging = solved()
    for resource in range(len(made.inputs.network.resources)):
        for period in view.periods:
            cell = charts.cell_table(made, pegging, resource, period)
            assert cell["hours"].sum() == pytest.approx(made.supply.required[resource, period], abs=1e-6)
            assert charts.cell_words(made, cell, resource, period).count(";") == (not cell.empty)


def test_a_company_of_tables_has_the_same_parts() -> None:
    made = plan(small_inputs())
    pegging = pegged_need(made.inputs, made.scenario, made.demand, made.supply)
    view = whole_company(made)
    table = charts.family_hours(made, view, pegging, 0)
    assert set(table.columns) - {"period"} <= set(made.inputs.products.family)
    total = table.drop(columns="period").sum(axis=1)
    np.testing.assert_allclose(total, made.supply.required[0, view.periods], atol=1e-6)


def test_zones_stand_above_their_months_only() -> None:
    calendar = solved()[0].inputs.calendar
    shapes, labels = zones_above(calendar, np.arange(4), LIGHT)
    assert [(shape["x0"], shape["x1"]) for shape in shapes] == [(-0.47, 0.47), (0.53, 1.47)]
    assert labels[0]["text"] == "frozen | slushy"
    assert zones_above(calendar, np.array([3, 4]), LIGHT) == ([], [])


def test_colours_jump_and_names_stay_apart() -> None:
    scale = steps((0.0, 50.0, 100.0), ("a", "b"))
    assert scale == [[0.0, "a"], [0.5, "a"], [0.5, "b"], [1.0, "b"]]
    assert len(fitting("x" * 60)) == 28
    made, view, _ = solved()
    cells = Cells(["x" * 60, "x" * 61], np.full((2, 6), np.nan), [[""] * 6] * 2, np.zeros((2, 6, 1)), "%{y}")
    figure = heat_map(cells, made.inputs.calendar, view.periods, LIGHT, "T", "S", (0.0, 1.0), ("a",))
    assert len(set(figure["data"][0]["y"])) == 2 and figure["data"][0]["z"][0] == [None] * 6
