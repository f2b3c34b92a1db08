"""Fitting what is stale: single fits are kept; a cached baseline is the one that would have been fitted."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sop_engine import refresh as module
from sop_engine.inputs.reader import Scene, read_inputs, read_scene
from sop_engine.refresh import fit_scene, keep_fits, known_fits, refresh
from sop_engine.warehouse import Warehouse
from tests.tables import AT, MONTHS, loaded, small_tables

BY = {"who": "test", "at": AT}


def varied_tables(seed: int = 0) -> dict[str, pd.DataFrame]:
    """Four products of two families whose histories all differ, in two markets."""
    rng = np.random.default_rng(seed)
    cells = [(p, m) for p in "ABCD" for m in ("East", "West")]
    rows = [(p, m, f"{t}-01", float(rng.integers(50, 150)), 900.0) for p, m in cells for t in MONTHS]
    tables = small_tables()
    return {
        "setting": tables["setting"],
        "market": tables["market"],
        "product": pd.DataFrame(
            {"product": list("ABCD"), "family": ["Bikes", "Bikes", "Helmets", "Helmets"], "sellable": True}
        ),
        "sales_history": pd.DataFrame(rows, columns=["product", "market", "period", "units", "revenue"]),
    }


@pytest.fixture
def warehouse() -> Warehouse:
    return loaded(varied_tables())


def counted(warehouse: Warehouse) -> list[int]:
    """Refreshes and returns how many series were fitted, as told by progress."""
    seen: list[tuple[int, int]] = []
    refresh(warehouse, progress=lambda done, total: seen.append((done, total)), **BY)
    assert [done for done, _ in seen] == list(range(1, len(seen) + 1))
    assert {total for _, total in seen} <= {len(seen)}
    return len(seen)


def changed(warehouse: Warehouse, units: float) -> None:
    with warehouse.transaction(**BY, why="change") as change:
        keys = {"product": "A", "market": "East", "period": pd.Timestamp("2013-06-01")}
        change.update("sales_history", keys, {"units": units})


def same(one: object, other: object) -> None:
    for name in ("units", "product_bands", "family_bands", "total_bands", "error_sd"):
        assert np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True), name
    assert (one.kind, one.families) == (other.kind, other.families)
    assert np.array_equal(one.coverage80, other.coverage80, equal_nan=True)


def test_one_changed_series_refits_only_its_nodes(warehouse: Warehouse) -> None:
    assert counted(warehouse) == 4 + 2 * 2 + 2 + 1, "products, markets by family, families, total"
    changed(warehouse, 77.0)
    assert counted(warehouse) == 4, "the product, its family's market, its family, the total"
    fresh = fit_scene(read_scene(warehouse), {})
    stored = read_inputs(warehouse).demand.baseline
    assert stored.units == pytest.approx(fresh.units)
    assert stored.coverage80 == fresh.coverage80


def test_a_history_that_comes_back_costs_nothing(warehouse: Warehouse) -> None:
    before = warehouse.read(
        "SELECT units FROM sales_history WHERE product = 'A' AND market = 'East' AND period = '2013-06-01'"
    )["units"][0]
    counted(warehouse)
    first = read_inputs(warehouse).demand.baseline.units
    changed(warehouse, 77.0)
    counted(warehouse)
    changed(warehouse, float(before))
    assert counted(warehouse) == 0
    assert np.array_equal(read_inputs(warehouse).demand.baseline.units, first)


def test_cached_fits_give_the_same_baseline_to_the_last_digit(warehouse: Warehouse) -> None:
    scene = read_scene(warehouse)
    refresh(warehouse, **BY)
    known = known_fits(warehouse)
    bare, cached = fit_scene(scene, {}), fit_scene(scene, known, progress=lambda *_: pytest.fail("refitted"))
    assert bare.fits.keys() == known.keys()
    same(bare, cached)


def test_two_processes_give_the_same_numbers(warehouse: Warehouse) -> None:
    scene = read_scene(warehouse)
    same(fit_scene(scene, {}, processes=1), fit_scene(scene, {}, processes=2))


@pytest.mark.parametrize(
    "change",
    [
        lambda scene: (scene, {"backtest": False}),
        lambda scene: (
            replace(scene, calendar=replace(scene.calendar, horizon=scene.calendar.horizon + 1)),
            {},
        ),
        lambda scene: (replace(scene, calendar=replace(scene.calendar, season=4)), {}),
    ],
    ids=["without backtest", "another horizon", "another season"],
)
def test_a_fit_for_something_else_is_not_taken(warehouse: Warehouse, change) -> None:
    scene = read_scene(warehouse)
    known = fit_scene(scene, {}).fits
    other, options = change(scene)
    same(fit_scene(other, known, **options), fit_scene(other, {}, **options))


def test_without_backtest_the_forecast_is_the_same_and_has_no_band(warehouse: Warehouse) -> None:
    scene: Scene = read_scene(warehouse)
    quick = fit_scene(scene, {}, backtest=False)
    assert np.array_equal(quick.units, fit_scene(scene, {}).units)
    assert np.isnan(quick.product_bands[:, 0]).all() and np.isnan(quick.coverage80)


def test_the_number_of_kept_fits_is_bounded(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 1.2)
    refresh(warehouse, **BY)
    changed(warehouse, 77.0)
    refresh(warehouse, **BY)
    fits = fit_scene(read_scene(warehouse), {}).fits
    assert known_fits(warehouse).keys() == fits.keys()
    with warehouse.transaction(**BY, why="again") as change:
        keep_fits(change, fits)
    assert len(known_fits(warehouse)) == len(fits)


def test_what_was_stored_of_another_history_goes_and_other_cycles_stay(warehouse: Warehouse) -> None:
    refresh(warehouse, **BY)
    refresh(warehouse, "2013-12", **BY)
    count = "SELECT count(DISTINCT cycle) AS cycles, count(DISTINCT data_version) AS versions FROM baseline"
    assert warehouse.read(count).iloc[0].tolist() == [2, 1]
    changed(warehouse, 77.0)
    refresh(warehouse, **BY)
    assert warehouse.read(count).iloc[0].tolist() == [1, 1]


def test_two_sessions_that_fit_at_once_store_it_once(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fit_while_another_does(*args: object, **options: object) -> object:
        monkeypatch.setattr(module, "fit_scene", fit_scene)
        assert refresh(warehouse, **BY)
        return fit_scene(*args, **options)

    monkeypatch.setattr(module, "fit_scene", fit_while_another_does)
    assert not refresh(warehouse, **BY)
    assert warehouse.read("SELECT count(*) AS rows FROM baseline_fit")["rows"][0] == 1
