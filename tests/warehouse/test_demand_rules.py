"""Faults and warnings of the tables of the demand review: file, line, column, value and what to do."""

import pytest

from sop_engine.warehouse import Warehouse
from tests.warehouse.files import faults, loaded

HISTORY = "product,market,period,units\nA,East,2025-11,10\nB,East,2025-12,12\n"
PRODUCTS = "product,family,category\nA,Bikes,Cycles\nB,Caps,Clothes\n"
STREAM = "stream,product,family,period,units,amount\n"
DRIVER = "driver,product,family,period,value\n"
EVENT = "event,product,family,from_period,to_period,lift_pct,price_change_pct,status\n"


def company(**tables: str) -> dict[str, str]:
    return {"sales_history": HISTORY, "product": PRODUCTS, "market": "market\nEast\n", **tables}


@pytest.mark.parametrize(
    ("table", "text", "column", "value", "problem", "fix"),
    [
        (
            "forecast_stream",
            STREAM + "sales,A,,2026-01,5,\nsales,B,,2026-01,5,900\n",
            "amount",
            "900",
            "is given beside units 5",
            "blank the other",
        ),
        (
            "forecast_stream",
            STREAM + "sales,A,,2026-01,0,\nsales,B,,2026-01,,\n",
            "units",
            "",
            "both units and amount are blank",
            "leave the line out",
        ),
        (
            "forecast_stream",
            "stream,product,period,amount\nsales,A,2026-01,0\nsales,B,2026-01,-5\n",
            "amount",
            "-5",
            "is negative",
            "0 or more",
        ),
        (
            "forecast_stream",
            STREAM + "sales,A,Cycles,2026-01,5,\nsales,A,Caps,2026-01,5,\n",
            "family",
            "Caps",
            "is not of product A, but of Bikes and Cycles",
            "not both",
        ),
        (
            "event",
            EVENT + "Fair,A,Bikes,2026-01,2026-01,5,,\nSale,A,Caps,2026-01,2026-01,5,,\n",
            "family",
            "Caps",
            "is not of product A",
            "not both",
        ),
        (
            "driver",
            DRIVER + "heat,A,Bikes,2025-11,5\nheat,A,Caps,2025-12,6\n",
            "family",
            "Caps",
            "is not of product A",
            "not both",
        ),
        (
            "event",
            EVENT + "Fair,A,,2026-01,2026-01,-99,,\nSale,A,,2026-01,2026-01,-100,,\n",
            "lift_pct",
            "-100",
            "leaves nothing of the demand",
            "above -100 %",
        ),
        (
            "event",
            EVENT + "Fair,A,,2026-01,2026-01,,-99,\nSale,A,,2026-01,2026-01,,-100,\n",
            "price_change_pct",
            "-100",
            "leaves nothing of the price",
            "above -100 %",
        ),
        (
            "consensus_weight",
            "stream,from_lag,to_lag,weight_pct\nsales,1,3,50\nsales,4.5,6,50\n",
            "from_lag",
            "4.5",
            "is not a whole number",
            "periods ahead",
        ),
        (
            "consensus_weight",
            "stream,from_lag,to_lag,weight_pct\nsales,1,,50\nsales,4,6.5,50\n",
            "to_lag",
            "6.5",
            "is not a whole number",
            "periods ahead",
        ),
        (
            "forecast_snapshot",
            "made_in,product,period,units\n2025-11,A,2025-11,5\n2025-12,A,2025-11,5\n",
            "period",
            "2025-11",
            "is before made_in 2025-12",
            "Exchange or correct",
        ),
    ],
)
def test_a_line_that_cannot_be_planned_with_is_refused(
    warehouse: Warehouse, table: str, text: str, column: str, value: str, problem: str, fix: str
) -> None:
    issues = faults(warehouse, **company(**{table: text}))
    (issue,) = [issue for issue in issues if issue.severity == "error"]
    assert (issue.file, issue.line, issue.column, issue.value) == (f"{table}.csv", 3, column, value)
    assert problem in issue.problem and fix in issue.fix


@pytest.mark.parametrize(
    ("table", "text", "said"),
    [
        (
            "event",
            EVENT + "Fair,A,,2026-01,2026-01,5,,Agreed\nSale,A,,2026-01,2026-01,5,,canceled\n",
            "line 3, status: 'canceled' is no known status, so the event counts as planned. "
            "Did you mean 'cancelled'?",
        ),
        (
            "event",
            EVENT + "Fair,A,,2026-01,2026-01,,-5,\nSale,A,,2026-01,2026-01,,0,\n",
            "line 3, event: 'Sale' changes neither demand nor price. Write lift_pct",
        ),
        (
            "consensus_weight",
            "stream,weight_pct\nsales,50\nsale,5\n",
            "line 3, stream: 'sale' has no line in forecast_stream, so its weight counts nowhere. "
            "Did you mean 'sales'?",
        ),
        (
            "order_book",
            "order,product,market,period,units\n1,A,East,2030-12-01,5\n2,A,East,2031-01-15,5\n",
            "line 3, period: '2031-01-15' is more than 5 years from the last history, 2025-12. Check",
        ),
        (
            "order_book",
            "order,product,market,period,units\n1,A,East,2025-12-01,5\n2,A,East,2020-11-30,5\n",
            "line 3, period: '2020-11-30' is more than 5 years",
        ),
        (
            "driver",
            DRIVER + "heat,,,2025-11,3\nheat,,,2025-12,4\nsnow,A,,2025-12,4\nsnow,A,,2026-01,5\n",
            "line 4, driver: 'snow' tells fewer than two values up to the last sales, 2025-12. Load",
        ),
    ],
)
def test_a_line_that_hardly_means_what_it_says_is_a_warning(
    warehouse: Warehouse, table: str, text: str, said: str
) -> None:
    streams = STREAM + "sales,A,,2026-01,5,\n"
    issues = loaded(warehouse, **company(forecast_stream=streams, **{table: text})).issues
    (issue,) = [issue for issue in issues if issue.file == f"{table}.csv"]
    assert str(issue).startswith(f"{table}.csv {said}") and issue.severity == "warning"


def test_a_price_that_changes_in_two_tables_is_a_warning(warehouse: Warehouse) -> None:
    price = "product,period,price\nA,2025-01,10\nA,2026-03,11\n"
    driver = DRIVER + "price,A,,2025-11,10\nprice,A,,2025-12,12\nprice,A,,2026-03,11\n"
    told = [issue for issue in loaded(warehouse, **company(price=price, driver=driver)).issues]
    (issue,) = [issue for issue in told if issue.file == "driver.csv"]
    assert (issue.line, issue.severity) == (4, "warning") and "price.csv changes in 1 lines" in issue.problem
    settled = price.replace("2026-03", "2025-06")
    assert "driver.csv" not in {
        i.file for i in loaded(warehouse, **company(price=settled, driver=driver)).issues
    }


def test_drivers_name_what_is_known_and_each_period_once(warehouse: Warehouse) -> None:
    text = DRIVER + "heat,,,2025-11,3\nheat,,,2025-11,4\nheat,C,,2025-12,4\nheat,,Hats,2025-12,\n"
    told = {(i.line, i.column) for i in faults(warehouse, **company(driver=text)) if i.severity == "error"}
    assert told == {
        (3, "driver, product, family, market, period"),
        (4, "product"),
        (5, "family"),
        (5, "value"),
    }


def test_a_wide_file_of_one_measure_is_sound(warehouse: Warehouse) -> None:
    wide = "stream,product,measure,2026-01,2026-02\nsales,A,units,5,\nsales,B,amount,,70\n"
    assert not loaded(warehouse, **company(forecast_stream=wide)).issues
