"""The scoreboard's charts: their numbers, their signs in words, and what they say of what is not known."""

import numpy as np
import pandas as pd
import pytest

from sop_engine.charts import demand_scoreboard as charts
from sop_engine.charts.style import LIGHT
from sop_engine.demand_review.accuracy import CONSENSUS, NAIVE, STATISTICAL

NAN = np.nan
GROUPS = pd.DataFrame(
    [
        ("Road Bikes", 900.0, -300.0, 350.0, 38.9, -33.3, -6.2),
        ("Caps & hats", 90.0, 5.0, 20.0, 22.2, 5.6, 1.5),
    ],
    columns=["group", "actual", "error", "absolute error", "WAPE %", "bias %", "tracking signal"],
)
STEPS = pd.DataFrame(
    {
        "stage": [NAIVE, STATISTICAL, "Sales", CONSENSUS],
        "WAPE %": [50.0, 20.0, 26.0, NAN],
        "FVA": [NAN, 30.0, -6.0, NAN],
    }
)


def test_the_stairstep_says_its_signs_in_words_and_has_no_number_without_a_record() -> None:
    trace = charts.stairstep(STEPS, LIGHT, "t", "s")["data"][0]
    assert trace["text"] == [
        "50.0 %<br>start",
        "20.0 %<br>▼ 30.0 pp better",
        "26.0 %<br>▲ 6.0 pp worse",
        "no past record",
    ]
    assert trace["marker"]["color"][1:3] == [LIGHT.good, LIGHT.bad]
    said = charts.step_words(STEPS)
    assert said == "Statistical takes 30.0 pp off the error; no past record yet: Consensus"


def test_the_lag_curve_leaves_out_a_source_without_a_record() -> None:
    table = pd.DataFrame(
        {
            "lag": [1, 2],
            "periods": [12, 11],
            NAIVE: [50.0, 51],
            STATISTICAL: [20.0, 24],
            CONSENSUS: [NAN, NAN],
        }
    )
    figure = charts.lag_curve(table, 2, LIGHT, charts.lag_words(table), "s")
    assert [trace["name"] for trace in figure["data"]] == [NAIVE, STATISTICAL]
    assert figure["data"][1]["y"] == [20.0, 24.0] and figure["layout"]["shapes"][0]["x0"] == 2
    assert "20.0 % at lag 1, 24.0 % at lag 2" in figure["layout"]["title"]["text"]


def test_an_alarm_is_marked_by_sign_and_shape_not_by_colour_alone() -> None:
    bars = charts.tracking(GROUPS, LIGHT, "t", "s")["data"][0]
    assert bars["y"] == ["Caps & hats", "Road Bikes"] and bars["text"] == ["+1.5", "-6.2 ▼ alarm"]
    assert charts.quadrant(GROUPS, LIGHT, "t", "s")["data"][0]["marker"]["symbol"] == ["diamond", "circle"]
    table = charts.worst_table(GROUPS.assign(MASE=[NAN, 0.5]), "family")
    assert table["tracking signal"].tolist() == ["-6.2 ▼ alarm", "+1.5"]
    assert table["MASE"].tolist() == ["-", "0.50"] and "family" in table


def test_the_worst_group_and_the_alarms_are_said() -> None:
    worst, alarms = charts.worst_words(GROUPS, "USD")
    assert worst == "Road Bikes makes 94.6 % of the error, 350 USD"
    assert alarms == "1 of 2 are out of control: Road Bikes"
    assert charts.worst_words(GROUPS.tail(1), "USD")[1] == "No tracking signal is beyond 4"


def test_the_heat_of_the_waterfall_is_the_change_from_the_cycle_before() -> None:
    values = np.array([[10.0, 20, NAN], [NAN, 25, 30], [8, 20, NAN]])
    changed = charts.changes(values)
    np.testing.assert_allclose(changed, [[NAN, NAN, NAN], [NAN, 25, NAN], [-20, -20, NAN]])
    frame = charts.waterfall_table(["Jan", "Feb"], ["Jan", "Feb", "Mar"], values[:2], values[2])
    trace = charts.waterfall(frame, LIGHT, "t", "s")["data"][0]
    assert trace["z"][1] == [None, 25.0, 0.0] and trace["text"][1] == ["", "25", "30"]
    assert trace["y"] == ["Jan", "Feb", "Actual"]
    assert charts.story_words("Statistical", frame) == (
        "Statistical: Feb was first seen as 20, last as 25, and came as 20"
    )


def test_changes_against_a_loop() -> None:
    rng = np.random.default_rng(0)
    values = np.where(rng.random((5, 6)) < 0.4, NAN, rng.uniform(1, 9, (5, 6)))
    changed = charts.changes(values)
    for row in range(5):
        for t in range(6):
            before = [values[r, t] for r in range(row) if not np.isnan(values[r, t])]
            if before and not np.isnan(values[row, t]):
                assert changed[row, t] == pytest.approx(100 * (values[row, t] / before[-1] - 1))
            else:
                assert np.isnan(changed[row, t])
