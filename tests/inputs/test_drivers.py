"""Drivers on the axes of a cycle, and what a refresh makes of them."""

import numpy as np
import pandas as pd
import pytest

from sop_engine.demand_review.node_drivers import mean_driver, node_drivers
from sop_engine.inputs.drivers import DriverValues, read_drivers
from sop_engine.inputs.reader import read_inputs, read_scene
from sop_engine.inputs.tables import Tables
from sop_engine.refresh import refresh
from sop_engine.warehouse import Warehouse
from tests.tables import AT, MONTHS, loaded, small_tables

BY = {"who": "test", "at": AT}
NAN = np.nan
COLUMNS = ["driver", "product", "family", "market", "period", "value"]


def lines(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COLUMNS)


def laid(rows: pd.DataFrame) -> DriverValues:
    warehouse = loaded(small_tables() | {"driver": rows})
    scene = read_scene(warehouse)
    return read_drivers(Tables(warehouse.read), scene.calendar, scene.products, scene.markets)


def priced() -> Warehouse:
    """Product A, whose sales in both markets follow a price, and B, whose do not; known to June."""
    rng = np.random.default_rng(1)
    months = [str(m) for m in np.arange("2011-07", "2014-07", dtype="datetime64[M]")]
    price = 10 * rng.choice([0.8, 1.0, 1.1], len(months))
    noise = rng.uniform(0.97, 1.03, (2, 2, len(months)))
    rows = [
        (p, m, f"{month}-01", size * (price[t] / 10) ** slope * noise[i, j, t], 900.0)
        for i, (p, slope) in enumerate((("A", -2.0), ("B", 0.0)))
        for j, (m, size) in enumerate((("East", 200.0), ("West", 50.0)))
        for t, month in enumerate(months[: len(MONTHS)])
    ]
    history = pd.DataFrame(rows, columns=["product", "market", "period", "units", "revenue"])
    drivers = lines(*(("price", "A", "", "", f"{m}-01", v) for m, v in zip(months, price, strict=True)))
    tables = small_tables()
    kept = {name: tables[name] for name in ("setting", "market")}
    masters = pd.DataFrame({"product": ["A", "B"], "family": ["Bikes", "Caps"], "sellable": True})
    return loaded(kept | {"product": masters, "sales_history": history, "driver": drivers})


def test_the_narrowest_line_counts_and_two_of_a_period_are_averaged():
    values = laid(
        lines(
            ("heat", "", "", "", "2013-12-01", 1.0),
            ("heat", "", "", "West", "2013-12-01", 2.0),
            ("heat", "", "Bikes", "", "2013-12-01", 3.0),
            ("heat", "B", "", "", "2013-12-01", 4.0),
            ("heat", "B", "", "East", "2013-12-01", 5.0),
            ("heat", "B", "", "East", "2013-12-15", 7.0),
            ("heat", "", "", "", "2014-02-01", 9.0),
            ("heat", "", "", "", "1999-02-01", 9.0),
        )
    )
    now = len(MONTHS)
    # products A, B, F; markets East, West
    assert values.values[0, :, :, now - 1].tolist() == [[3.0, 3.0], [6.0, 4.0], [1.0, 2.0]]
    assert (values.values[0, :, :, now + 1] == 9.0).all()
    assert np.isfinite(values.values).sum() == 12


def test_the_order_of_lines_does_not_matter_and_no_lines_are_no_drivers():
    rng = np.random.default_rng(0)
    rows = lines(*((n, p, "", "", f"{m}-01", rng.uniform()) for n in "xy" for p in "AB" for m in MONTHS))
    one, other = laid(rows), laid(rows.sample(frac=1, random_state=1))
    assert one.names == other.names == ("x", "y")
    assert np.array_equal(one.values, other.values, equal_nan=True)
    assert laid(lines()).names == ()


def test_a_node_moves_with_its_cells_by_what_they_sell():
    values = np.array([[1.0, 2.0, 3.0], [NAN, 5.0, 7.0], [NAN, NAN, NAN]])
    weight = np.array([3.0, 1.0, 2.0])
    # cells move around their means 2 and 6; the third is not known, so it does not move
    moves = (3 * np.array([-1, 0, 1]) + 1 * np.array([0, -1, 1])) / 6
    assert mean_driver(values, weight) == pytest.approx(moves + (3 * 2 + 1 * 6) / 4)
    assert mean_driver(values[:1], weight[:1]) == pytest.approx(values[0])
    assert np.isnan(mean_driver(values[2:], weight[2:])).all()
    assert np.isnan(mean_driver(values, weight * 0)).all()


def test_a_successor_takes_over_the_driver_before_its_first_value():
    values = np.full((1, 2, 1, 5), NAN)
    values[0, 0, 0, :3], values[0, 1, 0, 3:] = [0.0, 1.0, 2.0], [4.0, 0.0]
    history = np.ones((2, 1, 4))
    found = node_drivers(
        DriverValues(("display",), values), history, history, [0, 1], np.array([-1, 0]), np.array([0, 0])
    )
    assert found["product", 1].past[:, 0].tolist() == [0, 1, 2, 4]
    assert found["product", 1].ahead[:, 0].tolist() == [0]
    assert set(found) == {("product", 0), ("product", 1), ("market", 0, 0), ("family", 0), ("total",)}


def test_a_company_whose_price_is_told_is_planned_with_it():
    warehouse = priced()
    refresh(warehouse, **BY)
    baseline = read_inputs(warehouse).demand.baseline
    assert baseline.kind.tolist() == ["driver-based", "regular"]
    stored = warehouse.read("SELECT * FROM baseline_driver").iloc[0]
    assert (stored["product"], stored["driver"], stored["logs"], stored["known_ahead"]) == (
        "A",
        "price",
        True,
        6,
    )
    assert stored["slope"] == pytest.approx(-2.0, abs=0.15) and 0 < stored["standard_error"] < 0.3
    price = warehouse.read("SELECT value FROM driver WHERE period >= '2014-01-01' ORDER BY period")["value"]
    expected = 250 * (price.to_numpy(float) / 10) ** -2.0
    assert baseline.units[0, :, :6].sum(axis=0) == pytest.approx(expected, rel=0.06)
    assert warehouse.read("SELECT count(*) AS n FROM series_fit WHERE kind = 'driver-based'")["n"][0] >= 1


def test_without_drivers_the_same_history_is_regular():
    warehouse = priced()
    with warehouse.transaction(**BY, why="no drivers") as change:
        change.replace("driver", lines())
    refresh(warehouse, **BY)
    assert read_inputs(warehouse).demand.baseline.kind.tolist() == ["regular", "regular"]
    assert warehouse.read("SELECT * FROM baseline_driver").empty


def test_a_driver_that_changes_makes_the_baseline_stale():
    warehouse = priced()
    refresh(warehouse, **BY)
    before = read_inputs(warehouse).demand.baseline.units[0]
    with warehouse.transaction(**BY, why="dearer") as change:
        change.update("driver", {"driver": "price", "period": pd.Timestamp("2014-01-01")}, {"value": 14.0})
    assert refresh(warehouse, **BY)
    assert read_inputs(warehouse).demand.baseline.units[0, :, 0].sum() < before[:, 0].sum()
