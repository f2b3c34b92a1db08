"""Replayed cycles: what they know, that nothing of later leaks into them, and the record read of them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from sop_engine.demand_review.accuracy import CONSENSUS, NAIVE, STATISTICAL, pairs
from sop_engine.inputs import read_inputs
from sop_engine.inputs.reader import read_scene
from sop_engine.past_forecasts import net_prices, read_past
from sop_engine.refresh import fit_scene, refresh
from sop_engine.replays import CYCLES, LAGS, past_cycles, read_replays, replay, replayed, scene_then
from sop_engine.warehouse import Warehouse
from tests.tables import AT, MONTHS, frame, loaded, small_tables

MAY = pd.Timestamp("2013-05-01")
WHO = {"who": "test", "at": AT}
SEASON = 1 + 0.3 * np.sin(np.arange(12) * np.pi / 6)


def company(**changes: pd.DataFrame) -> Warehouse:
    """The small company with a season, and C, which takes over from B in July 2013."""
    rng = np.random.default_rng(0)
    rows = []
    for i, month in enumerate(MONTHS):
        for product, rate in (("A", 100.0), ("C" if month >= "2013-07" else "B", 50.0)):
            for market in ("East", "West"):
                units = round(rate * SEASON[i % 12] * rng.uniform(0.8, 1.2), 1)
                rows.append((product, market, f"{month}-01", units, units * 10))
    history = pd.DataFrame(rows, columns=["product", "market", "period", "units", "revenue"])
    product = frame(
        "product family category sellable launch_period end_period predecessor",
        ("A", "Bikes", "Cycles", True, None, None, ""),
        ("B", "Bikes", "Cycles", True, None, "2013-06-01", ""),
        ("C", "Bikes", "Cycles", True, "2013-07-01", None, "B"),
        ("F", "Frames", "Parts", False, None, None, ""),
    )
    return loaded({**small_tables(), "sales_history": history, "product": product, **changes})


@pytest.fixture(scope="module")
def told() -> Iterator[Warehouse]:
    """The company with its baseline and its replays; not to be written to."""
    warehouse = company()
    refresh(warehouse, processes=1, **WHO)
    seen: list[tuple[int, int]] = []
    assert replay(warehouse, lambda done, total: seen.append((done, total)), **WHO)
    assert seen == [(i, CYCLES) for i in range(1, CYCLES + 1)]
    yield warehouse
    warehouse.close()


def units_of(warehouse: Warehouse, cycle: str, product: str) -> np.ndarray:
    """(LAGS,) what the replay of a cycle said of a product, all markets."""
    scene, replays = read_scene(warehouse), read_replays(warehouse)
    made = scene.calendar.labels.index(cycle)
    row = np.searchsorted(replays.made, made)
    return replays.units[row, scene.products.positions[product]].sum(axis=0)


def test_twelve_cycles_before_the_current_one_are_kept_once(told: Warehouse) -> None:
    scene, replays = read_scene(told), read_replays(told)
    assert [scene.calendar.labels[i] for i in replays.made[[0, -1]]] == ["2013-01", "2013-12"]
    assert replays.units.shape == (CYCLES, 4, 2, LAGS) and not replays.units.flags.writeable
    assert not replay(told, **WHO), "the history has not changed"


def test_a_replay_is_the_baseline_that_would_have_been_stored_then(told: Warehouse) -> None:
    """All that came after March 2013 is taken away, and the cycle is planned on that."""
    scene = read_scene(told)
    history = told.read("SELECT product, market, period, units, revenue FROM sales_history")
    then = company(
        sales_history=history[history["period"] < "2013-03-01"],
        product=frame(
            "product family category sellable",
            ("A", "Bikes", "Cycles", True),
            ("B", "Bikes", "Cycles", True),
            ("C", "Bikes", "Cycles", True),
            ("F", "Frames", "Parts", False),
        ),
    )
    known = read_scene(then)
    assert known.calendar.labels[known.calendar.now] == "2013-03"
    expected = fit_scene(known, {}, backtest=False, processes=1).units[:, :, :LAGS]
    row = np.searchsorted(read_replays(told).made, scene.calendar.labels.index("2013-03"))
    np.testing.assert_allclose(read_replays(told).units[row], expected, rtol=1e-9)


def test_what_comes_after_a_cycle_does_not_change_its_replay(told: Warehouse) -> None:
    """History, succession, launch and end of later leave the cycles before them as they are."""
    history = told.read("SELECT product, market, period, units, revenue FROM sales_history")
    late = history["period"] >= "2013-07-01"
    history.loc[late, "units"] = history.loc[late, "units"] * 7 + 3
    product = told.read("SELECT * FROM product").assign(predecessor="")
    product.loc[product["product"] == "B", "end_period"] = pd.Timestamp("2013-09-01")
    product.loc[product["product"] == "C", "launch_period"] = pd.Timestamp("2013-10-01")
    other, _ = replayed(changed := company(sales_history=history, product=product), read_scene(changed))
    before, after = read_replays(told).units, other.units
    np.testing.assert_array_equal(before[:6], after[:6])  # January to June
    assert not np.allclose(before[7:], after[7:])


def test_a_correction_made_later_was_not_known_then(told: Warehouse) -> None:
    warehouse = company()
    correction = {
        "correction_id": "C1",
        "cycle": "2014-01",
        "product": "A",
        "period": pd.Timestamp("2012-12-01"),
        "kind": "outlier",
        "raw_units": 200.0,
        "units": 900.0,
        "status": "accepted",
        "created_at": AT,
        "active": True,
    }
    with warehouse.transaction(who="test", why="set up", at=AT) as change:
        change.insert("history_correction", correction)
    assert (read_scene(warehouse).cleaned != read_scene(told).cleaned).any()
    corrected, _ = replayed(warehouse, read_scene(warehouse))
    np.testing.assert_array_equal(corrected.units, read_replays(told).units)


def test_a_successor_is_known_from_the_cycle_of_its_launch(told: Warehouse) -> None:
    assert not units_of(told, "2013-06", "C").any() and units_of(told, "2013-06", "B").all()
    assert units_of(told, "2013-07", "C").all() and not units_of(told, "2013-07", "B").any()


def test_leaving_successions_out_leaves_the_newcomer_without_a_forecast(told: Warehouse) -> None:
    unchained, _ = replayed(told, read_scene(told), chained=False)
    row = np.searchsorted(unchained.made, read_scene(told).calendar.labels.index("2013-07"))
    assert not unchained.units[row, 2].any()


def test_the_replay_of_the_current_cycle_is_the_baseline(told: Warehouse) -> None:
    calendar = read_scene(told).calendar
    fitted = fit_scene(scene_then(told, calendar, calendar.now), {}, backtest=False, processes=1)
    np.testing.assert_allclose(fitted.units, read_inputs(told).demand.baseline.units, rtol=1e-9)


def test_a_new_history_is_replayed_anew_and_the_old_goes() -> None:
    warehouse = company()
    replay(warehouse, **WHO)
    first = read_replays(warehouse).units
    history = warehouse.read("SELECT * FROM sales_history")
    with warehouse.transaction(who="test", why="more", at=AT) as change:
        change.replace("sales_history", history.assign(units=history["units"] * 2))
    assert not read_replays(warehouse).units.any(), "those of another history are not read"
    assert replay(warehouse, **WHO)
    np.testing.assert_allclose(read_replays(warehouse).units, 2 * first, rtol=1e-6)
    assert warehouse.read("SELECT count(DISTINCT history_version) AS n FROM replay")["n"][0] == 1


def test_too_short_a_history_has_no_cycle_to_replay() -> None:
    history = small_tables()["sales_history"]
    warehouse = company(sales_history=history[history["period"] >= "2013-11-01"])
    assert not len(past_cycles(read_scene(warehouse).calendar)) and not replay(warehouse, **WHO)


def snapshots(*rows: tuple) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns="made_in stream product market period units sample".split())
    return table.assign(made_in=pd.to_datetime(table["made_in"]), period=pd.to_datetime(table["period"]))


def test_recorded_streams_stand_beside_the_replays_and_samples_apart() -> None:
    warehouse = company(
        forecast_snapshot=snapshots(
            ("2013-05-01", "sales", "A", "East", "2013-06-01", 70.0, False),
            ("2013-05-01", "sales", "A", "West", "2013-06-01", 80.0, False),
            ("2013-06-01", "sales", "A", "East", "2013-07-01", 70.0, False),
            ("2013-05-01", "", "A", "", "2013-06-01", 210.0, False),
            ("2013-05-01", "marketing", "A", "East", "2013-06-01", 90.0, True),
            ("2009-05-01", "sales", "A", "East", "2009-06-01", 70.0, False),
        )
    )
    refresh(warehouse, processes=1, **WHO)
    replay(warehouse, **WHO)
    record = read_past(warehouse, read_inputs(warehouse))
    assert list(record.sources) == [NAIVE, STATISTICAL, "Sales", CONSENSUS]
    assert list(record.samples) == ["Marketing"]
    every = np.ones(4, dtype=bool)
    found = pairs(record, 2, every, np.array([True, True]), money=False)
    may = list(record.made).index(read_scene(warehouse).calendar.labels.index("2013-05"))
    assert found.forecasts["Sales"][0, may] == 150 and found.forecasts[CONSENSUS][0, may] == 210
    assert np.isfinite(found.forecasts["Sales"]).sum() == 1, "of June it said nothing of the West"
    east = pairs(record, 2, every, np.array([True, False]), money=False)
    assert np.isnan(east.forecasts[CONSENSUS]).all(), "said of all markets only"
    assert east.forecasts["Sales"][0, may : may + 2].tolist() == [70, 70]


def test_the_average_net_price_is_revenue_over_units(told: Warehouse) -> None:
    prices = net_prices(read_inputs(told))
    assert prices[:3] == pytest.approx([10, 10, 10]) and np.isnan(prices[3])


def test_the_plan_kept_at_the_last_demand_sign_off_is_the_consensus_of_its_cycle() -> None:
    warehouse = company(
        forecast_snapshot=snapshots(
            ("2013-05-01", "", "A", "", "2013-05-01", 999.0, False),
            ("2013-05-01", "statistical", "A", "", "2013-05-01", 888.0, False),
        )
    )
    with warehouse.transaction(who="test", why="set up", at=AT) as change:
        for number, value in (("1", 11.0), ("2", 22.0)):
            sign_off = {
                "sign_off_id": f"S{number}",
                "stage": "demand",
                "cycle": "2013-05",
                "signed_by": "Ann",
            }
            change.insert("sign_off", {**sign_off, "signed_at": AT, "snapshot_id": f"P{number}"})
            cell = {"snapshot_id": f"P{number}", "measure": "demand_units", "product": "A", "market": "East"}
            change.insert("plan_snapshot_cell", {**cell, "period": MAY, "value": value})
    refresh(warehouse, processes=1, **WHO)
    replay(warehouse, **WHO)
    record = read_past(warehouse, read_inputs(warehouse))
    may = list(record.made).index(read_scene(warehouse).calendar.labels.index("2013-05"))
    kept = record.sources[CONSENSUS]
    assert kept.whole[may, :, 0].tolist() == [22, 0, 0, 0], "a cell that was not kept is zero"
    assert kept.cells[may, 0, :, 0].tolist() == [22, 0]
    assert np.isnan(kept.whole[may + 1]).all() and np.isnan(kept.whole[may, :, 1]).all()
    assert record.sources["Statistical as loaded"].whole[may, 0, 0] == 888
