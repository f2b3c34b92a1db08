"""A figure for the back of the room is the same figure with larger type, and the time of meetings is drawn
as it was."""

import numpy as np
import pandas as pd

from sop_engine.charts.enlarged import enlarged
from sop_engine.charts.meeting import decision_time, time_words
from sop_engine.charts.style import LIGHT, layout

FIGURES = pd.DataFrame(
    {
        "title": ["Supply <review>", "Executive S&OP"],
        "cycle": ["2014-01", "2014-01"],
        "over": [-4.0, 6.2],
        "decisions_pct": [np.nan, 72.35],
    }
)


def test_every_font_grows_and_nothing_else_changes() -> None:
    figure = {
        "data": [{"type": "bar", "y": [1, 2], "textfont": {"size": 12}, "marker": {"size": 9}}],
        "layout": {**layout(LIGHT, "Title", "Sub", height=300), "annotations": [{"font": {"size": 13}}]},
    }
    before = str(figure)
    large = enlarged(figure, 1.5)
    assert str(figure) == before
    assert large["data"] == [{**figure["data"][0], "textfont": {"size": 18}}]
    assert large["layout"]["font"]["size"] == 21 and large["layout"]["height"] == 450
    assert large["layout"]["title"]["font"]["size"] == 24
    assert "font-size:19.5px" in large["layout"]["title"]["text"]
    assert large["layout"]["annotations"][0]["font"]["size"] == 19.5
    assert large["layout"]["margin"]["t"] == 108
    assert enlarged(figure, 1.0) == figure


def test_the_time_on_decisions_is_said_and_drawn_alike() -> None:
    words = time_words(FIGURES)
    assert words == "Executive S&OP spent 72.3 % of its time on decisions, 6 minutes over"
    figure = decision_time(FIGURES, LIGHT, words)
    assert figure["data"][0]["text"] == ["-", "72.3 %"]
    assert "Supply &lt;review&gt;" in figure["layout"]["xaxis"]["ticktext"][0]
    assert time_words(FIGURES.iloc[:1]).endswith("within its time")
