"""Corrections in the history that is fitted, and the causes that planners know of."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop_engine.inputs.history import corrected_history, read_causes, read_history
from sop_engine.inputs.reader import read_scene
from sop_engine.inputs.tables import Tables
from tests.tables import frame, loaded, small_tables

SCENE = read_scene(loaded(small_tables()))


def corrections(*rows: tuple) -> pd.DataFrame:
    return frame("product market period units cycle", *rows)


def corrected(units: np.ndarray, *rows: tuple) -> np.ndarray:
    return corrected_history(units, corrections(*rows), SCENE.calendar, SCENE.products, SCENE.markets)


@settings(deadline=None)
@given(st.floats(0, 1e6), st.integers(0, 29), st.lists(st.floats(0, 500), min_size=2, max_size=2))
def test_a_correction_is_spread_in_proportion_and_conserves_every_other_cell(
    units: float, period: int, sold: list[float]
) -> None:
    raw = SCENE.units.copy()
    raw[0, :, period] = sold
    day = str(SCENE.calendar.starts[period])
    clean = corrected(raw, ("A", "", day, units, "2014-01"))
    assert clean[0, :, period].sum() == pytest.approx(units)
    if sum(sold) > 0:
        assert clean[0, :, period] * sum(sold) == pytest.approx(np.array(sold) * units)
    others = np.ones(raw.shape, dtype=bool)
    others[0, :, period] = False
    assert np.array_equal(clean[others], raw[others], equal_nan=True)


def test_where_nothing_sold_the_usual_mix_of_markets_stands_for_it() -> None:
    raw = SCENE.units.copy()
    raw[0, :, 20] = 0.0
    assert corrected(raw, ("A", "", "2013-03-01", 60, "2014-01"))[0, :, 20] == pytest.approx([50, 10])
    assert (raw[0, :, 20] == 0).all(), "what was loaded stays as it is"


def test_a_market_that_had_not_begun_gets_nothing() -> None:
    raw = SCENE.units.copy()
    raw[0, 1, :25] = np.nan
    clean = corrected(raw, ("A", "", "2013-03-01", 60, "2014-01"))
    assert clean[0, 0, 20] == 60 and np.isnan(clean[0, 1, 20])


def test_one_market_alone_is_corrected() -> None:
    clean = corrected(SCENE.units, ("A", "West", "2013-03-01", 7, "2014-01"))
    assert list(clean[0, :, 20]) == [100, 7]


@pytest.mark.parametrize(
    "row",
    [
        ("Gone", "", "2013-03-01", 7, "2014-01"),
        ("A", "Nowhere", "2013-03-01", 7, "2014-01"),
        ("A", "", "2014-01-01", 7, "2014-01"),
        ("A", "", "2009-01-01", 7, "2014-01"),
        ("A", "", "2013-03-01", 7, "2014-02"),
    ],
    ids=["no such product", "no such market", "after the history", "before it", "made in a later cycle"],
)
def test_what_the_data_does_not_hold_or_was_not_known_changes_nothing(row: tuple) -> None:
    assert np.array_equal(corrected(SCENE.units, row), SCENE.units, equal_nan=True)


def test_the_order_of_corrections_does_not_matter() -> None:
    rows = [("A", "", "2013-03-01", 7, "2014-01"), ("B", "West", "2013-05-01", 9, "2014-01")]
    assert np.array_equal(corrected(SCENE.units, *rows), corrected(SCENE.units, *rows[::-1]), equal_nan=True)


def test_causes_are_lost_units_over_all_markets_and_past_events() -> None:
    tables = small_tables()
    lost = tables["sales_history"].assign(lost_units=0.0)
    lost.loc[(lost["product"] == "A") & (lost["period"] == "2013-03-01"), "lost_units"] = 5.0
    tables["sales_history"] = lost
    tables["event"] = frame(
        "event product family from_period to_period status",
        ("FAIR", "", "Bikes", "2013-05-01", "2014-02-01", ""),
        ("OFF", "A", "", "2013-05-01", "2013-05-01", "cancelled"),
        ("COMING", "A", "", "2014-03-01", "2014-03-01", ""),
        ("LONG AGO", "A", "", "2009-03-01", "2009-04-01", ""),
    )
    warehouse = loaded(tables)
    scene = read_scene(warehouse)
    causes = read_causes(Tables(warehouse.read), scene.calendar, scene.products)
    assert causes.lost.sum() == causes.lost[0, 20] == 10
    (fair,) = causes.events
    assert (fair.event, list(fair.products), fair.first, fair.last) == ("FAIR", [True, True, False], 22, 29)
    assert scene.calendar.starts[20].item() == date(2013, 3, 1)


def test_a_blank_revenue_is_not_known_and_lowers_no_average_price() -> None:
    tables = small_tables()
    rows = tables["sales_history"].copy()
    blank = (rows["product"] == "A") & (rows["market"] == "East") & (rows["period"] == "2013-03-01")
    rows.loc[blank, "revenue"] = np.nan
    axes = SCENE.calendar, SCENE.products, SCENE.markets
    whole = read_history(Tables(loaded(tables).read), *axes)
    units, revenue = read_history(Tables(loaded({**tables, "sales_history": rows}).read), *axes)
    assert blank.sum() == 1 and units[0, 0, 20] > 0 and np.isnan(revenue[0, 0, 20])
    revenue[0, 0, 20] = whole[1][0, 0, 20]
    assert np.array_equal(units, whole[0], equal_nan=True)
    assert np.array_equal(revenue, whole[1], equal_nan=True), "no other cell is touched"


def test_nothing_sold_for_a_blank_revenue_is_no_revenue() -> None:
    rows = small_tables()["sales_history"].copy()
    blank = (rows["product"] == "A") & (rows["market"] == "East") & (rows["period"] == "2013-03-01")
    rows.loc[blank, ["units", "revenue"]] = 0.0, np.nan
    tables = Tables(loaded({**small_tables(), "sales_history": rows}).read)
    revenue = read_history(tables, SCENE.calendar, SCENE.products, SCENE.markets)[1]
    assert revenue[0, 0, 20] == 0.0
