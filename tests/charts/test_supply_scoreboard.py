"""The scoreboard's table, trend and words say what the scores hold."""

import numpy as np
import pandas as pd

from sop_engine.charts import supply_scoreboard as charts
from sop_engine.charts.style import LIGHT
from sop_engine.inputs.calendar import months_calendar
from sop_engine.inputs.performance import HISTORIES
from sop_engine.supply_review.performance import KPIS
from tests.builders import SETTINGS

CALENDAR = months_calendar(np.datetime64("2012-01-01"), np.datetime64("2014-01-01"), SETTINGS)
SCORES = pd.DataFrame(
    [
        ("Plan attainment", 5, 1.0, 1.0),
        ("Plan attainment", 22, 90.0, 100.0),
        ("Plan attainment", 23, 240.0, 300.0),
        ("Mix attainment", 23, 150.0, 300.0),
        ("Rejected", 23, 0.0, 0.0),
    ],
    columns=["kpi", "bucket", "part", "whole"],
)


def test_the_table_pools_a_year_and_states_level_and_definition() -> None:
    table = charts.kpi_table(SCORES, CALENDAR).set_index("KPI")
    assert list(table.index) == ["Plan attainment", "Mix attainment"]
    first = table.loc["Plan attainment"]
    assert (first["last month %"], first["month"]) == (80.0, "Dec 13")
    assert first["12 months %"] == 100 * 330 / 400
    assert first["change, points of %"] == 80 - 90
    assert first["level"] == "total units" and "made / planned" in first["definition"]


def test_the_sentence_leads_with_one_figure_a_table() -> None:
    assert charts.sentence(SCORES, CALENDAR) == (
        "Plan attainment 80.0 % in Dec 13 (-10.0 pp on the month before)."
    )


def test_the_trend_has_a_line_a_figure_and_ends_in_words() -> None:
    table = charts.trend_table(SCORES, "production_history", CALENDAR)
    assert table["month"].tolist() == ["2012-06", "2013-11", "2013-12"]
    figure = charts.trend(table, LIGHT, "title", "subtitle")
    assert [trace["name"] for trace in figure["data"]] == ["Plan attainment", "Mix attainment"]
    assert figure["data"][1]["y"] == [None, None, 50.0]
    assert charts.trend_words(table) == "Plan attainment ended at 80.0 %, -20.0 pp over Jun 12 to Dec 13"


def test_what_is_not_loaded_or_blank_is_named() -> None:
    said = charts.missing_words(["inventory_history"], HISTORIES)
    assert said == [
        "inventory_history is not loaded. Load inventory_history.csv (product, site, period, units) for "
        "at target stock, stock against target."
    ]
    blank = charts.blank_words(SCORES, ["delivery_history", "inventory_history"])
    assert blank[-1] == "Rejected has no figure: no line of receipt_history has rejected_units."
    assert len(blank) == 4 and set(HISTORIES) == {kpi.table for kpi in KPIS}
