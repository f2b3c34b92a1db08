"""What a publication changes, as drawn: the lines and sums of the changes."""

import numpy as np
import pandas as pd
import pytest

from sop_engine.charts.executive_publication import (
    by_subject,
    changes_table,
    changes_words,
    largest_changes,
)
from sop_engine.charts.style import LIGHT

COLUMNS = "subject change product from site period before now change_units change_value sentence".split()
JAN = pd.Timestamp("2014-01-01")
CHANGES = pd.DataFrame(
    [
        ("production", "more", "A", "", "Plant", JAN, 5.0, 8.0, 3.0, 300.0, "More of A."),
        ("purchases", "less", "<F>", "Vendor", "Plant", JAN, 9.0, 2.0, -7.0, -70.0, "Less of <F>."),
        ("production", "gone", "B", "", "Plant", JAN, 1.0, 0.0, -1.0, np.nan, "B is gone."),
    ],
    columns=COLUMNS,
)


def test_the_bars_are_the_largest_lines() -> None:
    figure = largest_changes(CHANGES, "Plan Dec 13", "USD", LIGHT)
    bars = figure["data"][0]
    assert bars["x"][::-1] == [300.0, -70.0, 0.0]
    assert figure["layout"]["yaxis"]["ticktext"][1] == "Purchases &lt;F&gt;, Vendor to Plant, Jan 14"
    assert bars["text"][::-1][:2] == ["▲ +300", "▼ -70"]
    assert "change against 'Plan Dec 13'" in figure["layout"]["title"]["text"].replace("&#x27;", "'")


def test_the_title_says_what_moves_most_in_money_or_units() -> None:
    assert changes_words(CHANGES, "USD") == "Production changes most: 300 USD moved in 2 lines, of 3 in all"
    units = CHANGES.assign(change_value=np.nan)
    assert changes_words(units, "") == "Purchases change most: 7 units moved in 1 lines, of 3 in all"
    assert changes_words(CHANGES.iloc[:0], "USD") == "Nothing changed"
    first = changes_words(CHANGES.assign(change="new"), "USD")
    assert first == "Most of it is production: 300 USD in 2 of 3 lines"


def test_the_counts_and_sums_are_those_of_the_lines() -> None:
    table = by_subject(CHANGES).set_index("subject")
    assert table.loc["Production", ["more", "gone", "new"]].to_list() == [1, 1, 0]
    assert table["change, units"].sum() == pytest.approx(CHANGES["change_units"].sum())
    assert table["change at standard cost"].to_dict() == {"Production": 300.0, "Purchases": -70.0}
    assert len(changes_table(CHANGES)) == 3
