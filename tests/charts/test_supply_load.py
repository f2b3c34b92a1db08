"""The load of the resources against the plan, cell by cell."""

import numpy as np
import pytest

from sop_engine.charts import supply_load as charts
from sop_engine.charts.numbers import short
from sop_engine.charts.style import LIGHT
from sop_engine.charts.view import whole_company
from sop_engine.plan import plan
from tests.builders import small_company
from tests.plans import made_up_plan, small_inputs

PLAN = made_up_plan(small_inputs(), seed=4)
VIEW = whole_company(PLAN)


def test_the_heat_map_shows_required_load_in_percent() -> None:
    figure = charts.load_heat_map(PLAN, VIEW, LIGHT, "Title")
    trace = figure["data"][0]
    assert trace["y"] == [str(PLAN.inputs.network.resources.name[0])]
    naive = 100 * PLAN.supply.required[0, 2] / PLAN.supply.available[0, 2]
    assert trace["z"][0][2] == pytest.approx(naive, abs=0.05)
    assert len(trace["x"]) == len(VIEW.periods)


def test_colours_change_at_the_bands_only() -> None:
    scale = charts.load_heat_map(PLAN, VIEW, LIGHT, "Title")["data"][0]["colorscale"]
    assert [edge for edge, _ in scale][0] == 0 and [edge for edge, _ in scale][-1] == 1
    assert all(one[1] == other[1] for one, other in zip(scale[::2], scale[1::2], strict=True))


def test_the_load_table_holds_what_the_heat_map_shows() -> None:
    table = charts.load_table(PLAN, VIEW)
    assert len(table) == len(VIEW.periods)
    assert table["planned %"].to_numpy() == pytest.approx(
        100 * table["planned hours"] / table["available hours"]
    )


def test_the_sentence_names_the_worst_month_and_counts_those_above_100() -> None:
    load = 100 * PLAN.supply.required[0, VIEW.periods] / PLAN.supply.available[0, VIEW.periods]
    sentence = charts.load_sentence(PLAN, VIEW)
    assert f"{load.max():.1f} %" in sentence and f"{int((load > 100).sum())} resource-month" in sentence


def test_a_resource_without_hours_says_what_to_load_and_what_is_needed() -> None:
    made = plan(small_company(resources={"Line": {"site": "Plant", "hours": np.nan}}))
    view = whole_company(made)
    needed = made.supply.required[0, view.periods].sum()
    words = charts.load_sentence(made, view)
    assert needed > 0 and f"{short(needed)} hours are needed" in words
    assert "capacity.csv, or stations and hours_per_week" in words and "most of Line" in words


def test_every_cell_of_the_load_can_be_chosen_in_the_order_of_the_rows() -> None:
    figure = charts.load_heat_map(PLAN, VIEW, LIGHT, "title")
    heat, points = figure["data"]
    assert len(points["x"]) == len(heat["x"]) * len(heat["y"]) == len(points["customdata"])
    row, column = divmod(len(heat["x"]) - 1, len(heat["x"]))
    assert (points["y"][0], points["x"][-1]) == (heat["y"][row], heat["x"][column])
