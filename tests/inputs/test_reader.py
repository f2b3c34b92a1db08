from collections.abc import Iterator

import numpy as np
import pytest

from sop_engine import commands
from sop_engine.__main__ import _parser as command_line
from sop_engine.errors import DataError
from sop_engine.inputs import Inputs, read_inputs
from sop_engine.inputs.reader import NAMED
from sop_engine.refresh import is_fresh, refresh
from sop_engine.warehouse import open_warehouse
from tests.tables import AT, frame, loaded, small_tables


@pytest.fixture(scope="module")
def inputs() -> Iterator[Inputs]:
    warehouse = loaded(small_tables())
    refresh(warehouse, who="test", at=AT)
    yield read_inputs(warehouse)
    warehouse.close()


def test_the_cycle_is_the_month_after_the_last_history(inputs: Inputs) -> None:
    assert inputs.cycle == "2014-01"
    assert inputs.calendar.plan_labels[:2] == ("2014-01", "2014-02")
    assert inputs.demand.history.shape == (3, 2, 30)


def test_the_baseline_of_a_level_history_is_its_level(inputs: Inputs) -> None:
    by_product = inputs.demand.baseline.units.sum(axis=1)
    assert np.allclose(by_product[0], 120, rtol=0.02) and np.allclose(by_product[1], 60, rtol=0.02)
    assert (by_product[2] == 0).all()


def test_a_month_of_the_capacity_table_stands_among_hours_from_stations(inputs: Inputs) -> None:
    hours = inputs.network.resources.available[0]
    assert list(hours[:4]) == pytest.approx([2 * 40 / 5 * 23, 2 * 40 / 5 * 20, 111, 2 * 40 / 5 * 22])


def test_without_stations_the_last_hours_are_carried_on_and_the_first_are_not_carried_back() -> None:
    tables = small_tables()
    tables["resource"] = tables["resource"].assign(stations=np.nan)
    warehouse = loaded(tables)
    refresh(warehouse, who="test", at=AT)
    hours = read_inputs(warehouse).network.resources.available[0]
    assert np.isnan(hours[:2]).all() and (hours[2:] == 111).all()


def test_hours_of_a_resource_that_is_nowhere_are_refused_by_its_name() -> None:
    tables = small_tables()
    warehouse = loaded(tables)
    refresh(warehouse, who="test", at=AT)
    strange = tables["capacity"].assign(resource="Lathe")
    with warehouse.transaction(who="test", why="around the checks", at=AT) as change:
        change.replace("capacity", strange)
    with pytest.raises(DataError, match="Unknown resource in capacity: Lathe"):
        read_inputs(warehouse)


def test_capex_that_is_blank_is_not_known_and_the_launch_still_equals_itself() -> None:
    tables = small_tables()
    tables["pipeline"] = frame(
        "project product launch_period in_plan capex",
        ("Stated", "A", "2014-05-01", True, 0.0),
        ("Unstated", "B", "2014-05-01", True, np.nan),
    )
    warehouse = loaded(tables)
    refresh(warehouse, who="test", at=AT)
    launches, again = (read_inputs(warehouse).demand.launches for _ in range(2))
    assert {one.project: np.isnan(one.capex) for one in launches} == {"Stated": False, "Unstated": True}
    assert launches == again


def test_steps_add_up_and_yield_raises_the_hours_per_good_unit(inputs: Inputs) -> None:
    edges = inputs.network.edges
    make_a = edges.labels.index("A | Plant | Plant | make")
    hours = edges.hours_per_unit[edges.hours_edge == make_a].sum()
    assert hours == pytest.approx((1.0 + 0.5) / 0.5)
    assert edges.yield_[make_a] == pytest.approx(0.5)


def test_a_transfer_loads_no_resource(inputs: Inputs) -> None:
    edges = inputs.network.edges
    assert set(edges.mode[edges.hours_edge]) == {"make"}


def test_scrap_raises_the_quantity_of_the_bill(inputs: Inputs) -> None:
    assert np.allclose(inputs.network.bill.quantity[:, 0], [1.1, 2.0])


def test_a_price_of_one_market_beats_the_price_of_all_from_its_date_on(inputs: Inputs) -> None:
    assert list(inputs.money.price[0, 1, :3]) == [10, 12, 12]
    assert (inputs.money.price[0, 0] == 10).all()
    assert np.allclose(inputs.money.rate[:, 0], [1.0, 1.3])


def test_the_most_specific_stock_policy_wins(inputs: Inputs) -> None:
    level = inputs.network.service_level
    depot = inputs.network.sites.positions["Depot"]
    assert level[0, depot] == 0.95 and level[1, depot] == 0.90
    assert np.isnan(level[0, inputs.network.sites.positions["Plant"]])


def test_allocated_stock_is_not_free(inputs: Inputs) -> None:
    assert inputs.network.on_hand[0, inputs.network.sites.positions["Depot"]] == 180


def test_an_order_requested_before_now_is_overdue_and_due_at_once(inputs: Inputs) -> None:
    assert list(inputs.demand.orders.period) == [0, 0]
    assert list(inputs.demand.orders.overdue) == [False, True]


def test_a_budget_is_spread_over_its_scope_and_adds_up(inputs: Inputs) -> None:
    lines = inputs.money.budgets["AOP"]
    assert np.nansum(lines.units) == pytest.approx(180)
    assert np.nansum(lines.revenue[0, 0]) == pytest.approx(2400 * 100 / 150)
    assert np.isnan(lines.units[:, 1]).all() and np.isnan(lines.units[:, :, 1:]).all()


def test_nothing_that_was_read_can_be_changed(inputs: Inputs) -> None:
    with pytest.raises(ValueError, match="read-only"):
        inputs.demand.baseline.units[0, 0, 0] = 1


def test_the_order_of_rows_does_not_matter(inputs: Inputs) -> None:
    shuffled = {name: rows.sample(frac=1, random_state=1) for name, rows in small_tables().items()}
    warehouse = loaded(shuffled)
    refresh(warehouse, who="test", at=AT)
    other = read_inputs(warehouse)
    assert other.version == inputs.version
    assert np.array_equal(other.demand.baseline.units, inputs.demand.baseline.units)
    assert other.network.edges.labels == inputs.network.edges.labels


def test_a_baseline_is_fitted_once_per_history() -> None:
    warehouse = loaded(small_tables())
    assert not is_fresh(warehouse)
    assert refresh(warehouse, who="test", at=AT) and is_fresh(warehouse)
    assert not refresh(warehouse, who="test", at=AT)


def test_without_history_it_says_what_to_load() -> None:
    with pytest.raises(DataError, match="sales_history.csv"):
        read_inputs(open_warehouse(":memory:"))


def test_a_history_without_revenue_has_unknown_revenue_not_none() -> None:
    tables = small_tables()
    tables["sales_history"] = tables["sales_history"].drop(columns="revenue")
    warehouse = loaded(tables)
    refresh(warehouse, who="test", at=AT)
    inputs = read_inputs(warehouse)
    assert np.isnan(inputs.demand.revenue_history).all()
    assert np.nansum(inputs.demand.history) > 0


@pytest.mark.parametrize(("currencies", "base"), [(("EUR", ""), "EUR"), (("EUR", "USD"), "")])
def test_without_a_setting_the_markets_one_currency_is_the_base(
    currencies: tuple[str, str], base: str
) -> None:
    tables = small_tables()
    del tables["setting"]
    tables["market"] = tables["market"].assign(currency=currencies)
    warehouse = loaded(tables)
    refresh(warehouse, who="test", at=AT)
    assert read_inputs(warehouse).money.base_currency == base


def test_own_buckets_come_from_the_calendar_table() -> None:
    days = np.arange("2013-12-31", "2014-01-11", dtype="datetime64[D]")
    rows = [(str(day), str(day), str(day)) for day in days]
    tables = small_tables() | {
        "calendar": frame("period start_date end_date", *rows),
        "sales_history": frame("product market period units", ("A", "East", "2013-12-31", 1)),
    }
    warehouse = loaded(tables)
    refresh(warehouse, who="test", at=AT)
    calendar = read_inputs(warehouse).calendar
    assert calendar.plan_labels[0] == "2014-01-01" and calendar.horizon == 10
    assert (calendar.plan_days == 1).all()


def test_a_baseline_that_is_not_fitted_names_a_command_that_fits_it() -> None:
    warehouse = loaded(small_tables())
    with pytest.raises(DataError, match="not fitted for this data yet") as refused:
        read_inputs(warehouse)
    warehouse.close()
    command = str(refused.value).partition("python -m sop_engine ")[2].split()
    assert command_line().parse_args(command).run is commands.plan


def test_a_version_is_named_as_the_warehouse_names_its_data() -> None:
    warehouse = loaded(small_tables())
    refresh(warehouse, who="test", at=AT)
    version = read_inputs(warehouse).version
    assert version[:NAMED] == warehouse.data_version()[:NAMED]
    assert version.partition("-")[0] != warehouse.data_version(), "corrections and the anchor count, too"
