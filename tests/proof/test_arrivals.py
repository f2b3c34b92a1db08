"""What the tables say arrives in the plan's arrays; what does not is a residual."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sop_engine.inputs import Inputs, read_inputs
from sop_engine.proof.arrivals import arrival_check, arrival_table, arrivals
from sop_engine.refresh import refresh
from sop_engine.warehouse import Warehouse
from tests.tables import AT, frame, loaded, small_tables


@pytest.fixture(scope="module")
def company() -> tuple[Warehouse, Inputs]:
    tables = small_tables()
    tables["scheduled_receipt"] = frame(
        "product site period units", ("F", "Plant", "2014-02-01", 40), ("F", "Plant", "2030-01-01", 9)
    )
    tables["budget"] = pd.concat(
        [
            tables["budget"],
            frame(
                "version family market period units revenue gross_margin",
                ("AOP", "Bikes", "East", "2013-01-01", 11, 110, 10),
            ),
        ]
    )
    tables["inventory_on_hand"] = frame(
        "product site units allocated", ("A", "Depot", 200, 20), ("F", "Plant", 800, 900)
    )
    warehouse = loaded(tables)
    refresh(warehouse, who="test", at=AT)
    return warehouse, read_inputs(warehouse)


def of_name(company: tuple[Warehouse, Inputs]) -> dict:
    warehouse, inputs = company
    return {found.name: found for found in arrivals(inputs, warehouse)}


def test_all_but_the_overdrawn_stock_arrives(company: tuple[Warehouse, Inputs]) -> None:
    failed = [name for name, found in of_name(company).items() if not arrival_check(found).passed]
    assert failed == ["Free stock"]


def test_stock_that_is_allocated_above_what_lies_there_is_named(company: tuple[Warehouse, Inputs]) -> None:
    check = arrival_check(of_name(company)["Free stock"])
    assert check.residual == pytest.approx(100)
    assert (check.rows[0].table, check.rows[0].key) == ("inventory_on_hand", "F, Plant")


def test_what_lies_outside_the_plans_dates_is_no_loss(company: tuple[Warehouse, Inputs]) -> None:
    found = of_name(company)
    receipts, budget = found["Open receipts"], found["Budget AOP, units"]
    assert (receipts.table_sum, receipts.outside, receipts.arrived) == (49, 9, 40)
    assert (budget.table_sum, budget.outside, budget.arrived) == (191, 11, pytest.approx(180))


def test_prices_in_force_are_those_of_a_hand_count(company: tuple[Warehouse, Inputs]) -> None:
    periods = company[1].calendar.periods
    a = 10 * periods + 10 + 12 * (periods - 1)  # East always 10; West 10 in January, then 12
    b = 2 * 20 * periods
    assert of_name(company)["Prices in force"].table_sum == pytest.approx(a + b)


def test_an_array_that_lost_units_shows_them(company: tuple[Warehouse, Inputs]) -> None:
    warehouse, inputs = company
    history = inputs.demand.history.copy()
    history[0, 0, 3] -= 17
    short = replace(inputs, demand=replace(inputs.demand, history=history))
    check = arrival_check(next(a for a in arrivals(short, warehouse) if a.name == "History, units"))
    assert not check.passed and check.residual == pytest.approx(17)


def test_the_table_has_every_residual(company: tuple[Warehouse, Inputs]) -> None:
    table = arrival_table(arrivals(company[1], company[0])).set_index("measure")
    expected = table["in the table"] - table["outside the plan"] - table["in the plan"]
    assert np.allclose(table["residual"], expected.abs())
