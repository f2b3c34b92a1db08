"""Assumptions as people read them: every number of a sentence stands in a table, the light is a word too."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from sop_engine.assumptions.assumption import Assumption
from sop_engine.assumptions.checked import BROKEN, HOLDS, Checked, check
from sop_engine.charts import assumption_figures as figures
from sop_engine.charts import assumptions as charts
from sop_engine.charts.numbers import change_pct, short
from sop_engine.charts.style import DARK, LIGHT
from tests.plans import made_up_plan, small_inputs

SPAN = {"first": date(2013, 10, 1), "last": date(2014, 2, 1)}
PLAN = made_up_plan(small_inputs())


def checked() -> tuple[Checked, ...]:
    """Bikes are broken at 100 actual against 200; East holds; the third is not measured yet, one is words."""
    said = [
        Assumption(
            "A1",
            "2014-01",
            "Bikes double",
            "demand_units",
            family="Bikes",
            expected=200.0,
            tolerance_pct=10,
            **SPAN,
        ),
        Assumption(
            "A2",
            "2014-01",
            "East keeps on",
            "demand_units",
            market="East",
            expected=150.0,
            tolerance_pct=10,
            **SPAN,
        ),
        Assumption(
            "A3",
            "2013-12",
            "Fairs come",
            "revenue",
            expected=5.0,
            tolerance_pct=1,
            first=date(2014, 3, 1),
            last=date(2014, 4, 1),
            sample=True,
        ),
        Assumption("A4", "2014-01", "No strike"),
    ]
    return check(PLAN, said, None)


def test_the_light_is_a_sign_and_a_word_and_the_count_names_the_broken() -> None:
    found = checked()
    assert [charts.light(one) for one in found] == [
        "✗ broken",
        "✓ holds",
        "… waiting for actuals",
        "– words only",
    ]
    assert charts.count_words(found) == "1 assumption broken"
    assert charts.count_words([found[0], found[0]]) == "2 assumptions broken"
    assert charts.count_words(found[1:]) == ""


def test_those_of_the_sample_count_only_where_no_other_is_broken() -> None:
    broken = checked()[0]
    made_up = replace(broken, assumption=replace(broken.assumption, sample=True))
    assert charts.count_words([made_up, made_up, broken]) == "1 assumption broken"
    assert charts.count_words([made_up]) == "1 assumption broken (sample)"
    assert charts.count_words([made_up, made_up]) == "2 assumptions broken (sample)"


def test_the_tally_counts_each_status_once() -> None:
    words = charts.tally_words(checked())
    assert words.startswith("4 assumptions: 1 broken, 1 holds, 1 waits for actuals, 1 in words only.")
    departing = sum(one.departs for one in checked())
    assert departing and f"otherwise of {departing}." in words


def test_the_sentence_of_a_broken_one_says_its_tables_numbers() -> None:
    broken = checked()[0]
    sentence, row = charts.broken_sentence(broken, PLAN), charts.register_table([broken], PLAN).iloc[0]
    for column in ("expected", "actual"):
        assert row[column] in sentence
    assert change_pct(120.0, 200.0) in sentence and row["actual off %"] == pytest.approx(-40.0)
    lean = charts.leaning_table(broken)
    assert (
        f"On it lean {', '.join(lean['family'])}: {short(lean['revenue'].sum())} USD of revenue" in sentence
    )
    assert f"{short(lean['gross margin'].sum())} of gross margin, Jan 14 to Feb 14" in sentence
    numbers = re.findall(r"\d[\d,.]*\d|\d", sentence)
    assert len(numbers) >= 6


def test_every_number_of_the_figure_stands_in_its_table() -> None:
    calendar = PLAN.inputs.calendar
    table = figures.off_table(checked(), calendar)
    months, coming, average = figures.register_figure(checked(), calendar, LIGHT)["data"][1:]
    past = table[(table["what"] == "actual") & np.isfinite(table["off %"])]
    assert sorted(months["customdata"]) == pytest.approx(sorted(past["off %"].round(1)))
    register = charts.register_table(checked(), PLAN)
    for trace, column in ((average, "actual off %"), (coming, "plan off %")):
        assert trace["customdata"] == pytest.approx(register[column].dropna().round(1).tolist())


@pytest.mark.parametrize("style", [LIGHT, DARK])
def test_a_mark_beyond_the_axis_stands_at_its_end_and_a_broken_one_is_in_the_colour_of_bad(
    style: object,
) -> None:
    broken = checked()[0]
    wild = replace(broken, values=broken.values * 40)
    figure = figures.register_figure([wild], PLAN.inputs.calendar, style)
    edge = figure["layout"]["xaxis"]["range"][1]
    assert max(figure["data"][1]["x"]) < edge < max(figure["data"][1]["customdata"])
    assert figure["data"][3]["marker"]["color"] == [style.bad]
    assert figure["layout"]["annotations"][0]["text"].startswith("✗ broken -40.0 %")


def test_the_course_shows_actual_to_now_plan_after_it_and_the_band_in_its_months() -> None:
    broken = checked()[0]
    low, high, expected, actual, plan = figures.course_figure(broken, PLAN, LIGHT)["data"]
    band = [value for value in high["y"] if value is not None]
    assert band == pytest.approx([220.0] * 5) and [v for v in low["y"] if v is not None] == [180.0] * 5
    assert [value for value in actual["y"] if value is not None][-3:] == [120.0] * 3
    assert (actual["y"][-1], plan["y"][0]) == (None, None)
    assert plan["y"][-2:] == pytest.approx([round(v, 4) for v in broken.values[list(broken.span)[-2:]]])


def test_its_age_is_told_in_cycles_and_a_sample_is_called_one() -> None:
    table = charts.register_table(checked(), PLAN).set_index("assumption")
    assert table.loc["A3", "made in"] == "Dec 13, 1 cycle ago"
    assert table.loc["A1", "made in"] == "Jan 14"
    assert table.loc["A3", "text"] == "Fairs come (sample)"
    assert table.loc["A4", ["measure", "expected", "± %", "actual"]].tolist() == ["", "-", "-", "-"]


@pytest.mark.parametrize(
    ("measure", "value", "words"),
    [
        ("demand_units", 1234.4, "1,234"),
        ("exchange_rate", 1.32571, "1.3257"),
        ("unit_cost", 0.0061, "0.0061"),
        ("average_price", 1120.5, "1,120.50"),
        ("on_time_pct", 97.25, "97.2"),
        ("on_time_pct", float("nan"), "-"),
    ],
)
def test_a_value_keeps_the_digits_that_matter(measure: str, value: float, words: str) -> None:
    assert charts.amount(Assumption("A1", "2014-01", "t", measure), value) == words


def test_the_title_says_what_the_lights_say() -> None:
    found = checked()
    made_up = replace(found[0], assumption=replace(found[0].assumption, sample=True))
    assert figures.figure_title(found) == "1 assumption broken"
    assert figures.figure_title([made_up, found[0]]) == "2 assumptions broken"
    assert figures.figure_title([one for one in found if one.status == HOLDS]) == "1 holds, none is broken"
    assert figures.figure_title(found[2:]) == "No actual has come yet"
    assert found[0].status == BROKEN
