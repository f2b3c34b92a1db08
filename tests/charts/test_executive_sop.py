"""The outlook and the comparison as drawn say what the plans and the scorecard say."""

import numpy as np
import pytest

from sop_engine.charts.executive_sop import (
    cell_words,
    comparison_table,
    effects,
    effects_words,
    outlook,
    outlook_table,
    outlook_words,
)
from sop_engine.charts.style import LIGHT
from sop_engine.executive_sop.comparison import compare_scenarios
from sop_engine.executive_sop.scorecard import FIGURES, delta_of, required_peak
from sop_engine.executive_sop.window import Window, span_of
from sop_engine.scenario import Lever, LeverKind, Scenario
from tests.plans import made_up_plan, small_inputs

PLAN = made_up_plan(small_inputs())
MOVED = made_up_plan(small_inputs(), Scenario((Lever(LeverKind.DEMAND, 10),), "More"))
PERIODS = np.arange(PLAN.inputs.calendar.horizon)
LOAD = next(figure for figure in FIGURES if figure.key == "required_load_peak_pct")
STOCK = next(figure for figure in FIGURES if figure.key == "inventory_value")


def test_the_outlook_peaks_where_the_scorecard_does() -> None:
    peak, resource, period, _ = required_peak(PLAN, span_of(PLAN.inputs.calendar, Window.ALL))
    table = outlook_table(PLAN, PERIODS)
    worst = table.loc[table["worst_load_pct"].idxmax()]
    assert (worst["worst_load_pct"], worst["worst_resource"], worst["period"]) == (
        pytest.approx(peak),
        resource,
        period,
    )
    assert resource in outlook_words(table)


def test_the_outlook_takes_the_scenarios_colour_and_keeps_the_baseline() -> None:
    alone, beside = (outlook(plan, PLAN, PERIODS, LIGHT)["data"] for plan in (PLAN, MOVED))
    assert alone[0]["marker"]["color"] == LIGHT.plan and beside[0]["marker"]["color"] == LIGHT.scenario
    assert len(beside) == len(alone) + 4


def test_a_difference_has_a_sign_a_mark_and_a_word() -> None:
    assert cell_words(delta_of(LOAD, 104.0, 100.0)) == "104.0 %  ▲ +4.0 pp worse"
    assert cell_words(delta_of(LOAD, 96.0, 100.0)) == "96.0 %  ▼ -4.0 pp better"
    assert cell_words(delta_of(STOCK, 2000.0, 1000.0)) == "2.00 k  ▲ +1.00 k (+100.0 %)"
    assert cell_words(delta_of(LOAD, 100.0, 100.0)) == "100.0 %"


def test_the_comparison_shows_only_what_differs() -> None:
    comparison = compare_scenarios(PLAN, [MOVED])
    table = comparison_table(comparison)
    assert list(table.columns) == ["Figure", "Do nothing", "More"]
    assert not set(table["Figure"]) & set(comparison.unchanged)
    assert table["More"].str.contains("▲|▼").all() and not table["Do nothing"].str.contains("▲|▼").any()


def test_effects_are_the_deltas_in_money() -> None:
    comparison = compare_scenarios(PLAN, [MOVED])
    trace = effects(comparison, LIGHT)["data"][0]
    drawn = dict(zip(trace["y"], trace["x"], strict=True))
    margin = next(row[1] for row in comparison.rows if row[0].figure.key == "gross_margin")
    assert drawn["Gross margin"] == pytest.approx(margin.delta, abs=0.5)
    best = "More earns most" if margin.delta > 0 else "No scenario earns more"
    assert effects_words(comparison).startswith(best)
