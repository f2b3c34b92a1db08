"""The bridge is drawn from level to level and adds up, for the company and for a part of it."""

import numpy as np
import pytest

from sop_engine.charts.finance_bridge import TICK, bridge_drill, bridge_figure, bridge_table, bridge_words
from sop_engine.charts.style import LIGHT
from sop_engine.finance_review.baselines import budget_position, plan_position
from sop_engine.finance_review.bridge import margin_bridge, with_requests
from tests.plans import made_up_plan, small_inputs

PLAN = made_up_plan(small_inputs())
PERIODS = np.arange(6)
START = budget_position(PLAN.inputs, "AOP", PERIODS)
END = plan_position("plan", PLAN.finance, PERIODS)
BRIDGE = margin_bridge(START, END)


def test_the_steps_lead_from_the_start_to_the_end() -> None:
    amounts = bridge_table(BRIDGE)["amount"].to_numpy()
    assert amounts[:-1].sum() == pytest.approx(amounts[-1])
    steps = bridge_figure(BRIDGE, "gross margin", "USD", "", LIGHT)["data"][1]
    for base, step, following in zip(steps["base"], steps["y"], steps["base"][1:], strict=False):
        assert base + step == pytest.approx(following, abs=1.5)
    assert steps["base"][-1] + steps["y"][-1] == pytest.approx(BRIDGE.end, abs=1.5)


def test_worse_is_red_and_marked_down() -> None:
    steps = bridge_figure(BRIDGE, "gross margin", "USD", "", LIGHT)["data"][1]
    for amount, color, text in zip(steps["y"], steps["marker"]["color"], steps["text"], strict=True):
        assert color == (LIGHT.good if amount > 0 else LIGHT.bad)
        assert text.startswith("▲" if amount > 0 else "▼")


def test_every_part_bridges_by_itself_and_all_of_them_bridge_the_whole() -> None:
    families = PLAN.inputs.products.family
    everywhere = np.ones(len(PLAN.inputs.markets), dtype=bool)
    parts = [BRIDGE.of(families == family, everywhere) for family in sorted(set(families))]
    assert sum(part.end - part.start for part in parts) == pytest.approx(BRIDGE.end - BRIDGE.start)
    for part in parts:
        assert part.start + sum(part.total.values()) == pytest.approx(part.end)


def test_the_drill_sums_to_its_total_row_and_names_both_ends() -> None:
    table = bridge_drill(BRIDGE, PLAN.inputs.products.family, 0, "family")
    parts, total = table[table["family"] != "Total"], table[table["family"] == "Total"].iloc[0]
    assert {"AOP", "plan", "change", "family"} <= set(table.columns)
    for column in table.columns.drop("family"):
        assert parts[column].sum() == pytest.approx(total[column])
    assert total["change"] == pytest.approx(BRIDGE.end - BRIDGE.start)


def test_a_request_is_named_by_id_and_title_and_the_title_names_the_largest() -> None:
    name = "2014-01-R1 Close the gap of the bicycles to budget"
    bridge = with_requests(BRIDGE, {name: margin_bridge(START, END)})
    assert bridge_table(bridge)["step"].tolist()[-2] == name
    assert "request R1 " in bridge_words(bridge, "gross margin", "USD")
    figure = bridge_figure(bridge, "gross margin", "USD", "whole company", LIGHT)
    ticks = figure["layout"]["xaxis"]["ticktext"]
    assert any(tick.startswith("R1 ") and tick.endswith("…") for tick in ticks)
    assert max(len(line) for tick in ticks for line in tick.split("<br>")) <= TICK + 1


def test_nothing_moved_is_said_so() -> None:
    same = margin_bridge(END, END)
    assert bridge_words(same, "gross margin", "USD") == "Gross margin of plan is the same as in plan"
