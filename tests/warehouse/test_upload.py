"""What a good file becomes: shapes, spellings, kinds of file, modes and what is derived."""

import io
from datetime import date

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from sop_engine.errors import DataError
from sop_engine.warehouse import Warehouse, load, open_warehouse, prepare, verify
from sop_engine.warehouse.checks import _loops
from sop_engine.warehouse.files import shown_name, table_of
from tests.warehouse.files import AT, csv, faults, loaded, said

LONG = """
product,market,period,units,revenue
BIKE,EAST,2025-11,10,5000
BIKE,EAST,2025-12,12.5,6250
BIKE,WEST,2025-12,7,3500
TRIKE,EAST,2025-12,3,900
"""
WIDE = """
product,market,measure,2025-11,Dec-25
BIKE,EAST,units,10,12.5
BIKE,EAST,revenue,5000,6250
BIKE,WEST,units,,7
BIKE,WEST,revenue,,3500
TRIKE,EAST,units,,3
TRIKE,EAST,revenue,,900
"""
LINES = """
order,line,requested_date,ship_date,product,market,units,revenue
1,1,2025-11-03,2025-11-04,BIKE,EAST,12,6000
2,1,2025-11-20,2025-11-28,BIKE,EAST,-2,-1000
3,1,2025-12-01,2025-12-02,BIKE,EAST,12.5,6250
3,2,2025-12-01,2025-12-03,BIKE,WEST,7,3500
4,1,2025-12-30,2025-12-31,TRIKE,EAST,3,900
"""


def monthly(warehouse: Warehouse) -> dict[tuple[str, str, str], tuple[float, float]]:
    rows = warehouse.read(
        "SELECT product, market, strftime(period, '%Y-%m') AS month, sum(units) AS units, "
        "sum(revenue) AS revenue FROM sales_history GROUP BY ALL ORDER BY ALL"
    )
    return {(r.product, r.market, r.month): (r.units, r.revenue) for r in rows.itertuples()}


@pytest.mark.parametrize("text", [LONG, WIDE, LINES])
def test_long_wide_and_dated_lines_give_the_same_numbers(warehouse: Warehouse, text: str) -> None:
    loaded(warehouse, sales_history=text)
    assert monthly(warehouse) == {
        ("BIKE", "EAST", "2025-11"): (10, 5000),
        ("BIKE", "EAST", "2025-12"): (12.5, 6250),
        ("BIKE", "WEST", "2025-12"): (7, 3500),
        ("TRIKE", "EAST", "2025-12"): (3, 900),
    }


def test_demand_is_dated_by_request_and_revenue_by_shipment(warehouse: Warehouse) -> None:
    header = "requested_date,ship_date,product,market,units,revenue\n"
    lines = "2025-11-28,2025-12-02,BIKE,EAST,5,100\n2025-12-05,,BIKE,EAST,2,40\n"
    loaded(warehouse, sales_history=header + lines)
    assert monthly(warehouse) == {("BIKE", "EAST", "2025-11"): (5, 0), ("BIKE", "EAST", "2025-12"): (2, 100)}


def test_an_order_line_loaded_twice_is_named(warehouse: Warehouse) -> None:
    (issue,) = faults(warehouse, sales_history=LINES + "3,2,2025-12-01,2025-12-03,BIKE,WEST,7,3500\n")
    assert (issue.line, issue.value, issue.problem) == (7, "3, 2", "is already in line 5")


def test_a_wide_history_without_a_measure_column_is_units(warehouse: Warehouse) -> None:
    loaded(warehouse, sales_history="product,market,2026/01,02.2026,20260301,2026-04-30\nBIKE,EAST,1,2,3,4\n")
    rows = warehouse.read("SELECT period, units, revenue FROM sales_history ORDER BY period")
    assert [day.date() for day in rows.period] == [
        date(2026, 1, 1),
        date(2026, 2, 1),
        date(2026, 3, 1),
        date(2026, 4, 30),
    ]
    assert rows.units.to_list() == [1, 2, 3, 4] and rows.revenue.isna().all()


def test_a_wide_budget_must_say_which_measure(warehouse: Warehouse) -> None:
    (issue,) = faults(warehouse, budget="version,2026-01\nAOP,5\n")
    assert (issue.line, issue.column, issue.problem) == (1, "measure", "the column is missing")
    loaded(warehouse, budget="version,measure,Jan 2026,Feb 2026\nAOP,units,5,\nAOP,Revenue,500,600\n")
    rows = warehouse.read("SELECT units, revenue FROM budget ORDER BY period")
    assert rows.revenue.to_list() == [500, 600] and rows.units[0] == 5 and pd.isna(rows.units[1])


def test_a_wide_fault_names_the_header_it_stands_under(warehouse: Warehouse) -> None:
    issues = faults(
        warehouse, sales_history="product,market,2026-01,Feb-26\nBIKE,EAST,1,two\nBIKE,EAST,3,4\n"
    )
    assert said(issues) == [
        ("sales_history.csv", 2, "Feb-26", "two"),
        ("sales_history.csv", 3, "product, market, measure", "BIKE, EAST, units"),
    ]


def test_two_headers_of_one_period_are_a_fault(warehouse: Warehouse) -> None:
    (issue,) = faults(warehouse, sales_history="product,market,2026-01,Jan-26\nBIKE,EAST,1,2\n")
    assert (issue.column, issue.problem) == ("Jan-26", "the column is the same period as 2026-01")


def test_blank_is_stored_as_not_known_and_never_as_zero(warehouse: Warehouse) -> None:
    loaded(warehouse, sales_history="product,market,period,units,lost_units\nBIKE,EAST,2025-11,,0\n")
    row = warehouse.read("SELECT * FROM sales_history").iloc[0]
    assert pd.isna(row.units) and pd.isna(row.revenue) and row.lost_units == 0


def test_a_blank_key_means_all_or_always(warehouse: Warehouse) -> None:
    loaded(warehouse, product="product\nBIKE\n", price="product,market,period,price\nBIKE,,,5\n")
    loaded(warehouse, unit_cost="product,unit_cost\nBIKE,3\n")
    assert warehouse.read("SELECT market, CAST(period AS VARCHAR) AS since FROM price").iloc[0].to_list() == [
        "",
        "1900-01-01",
    ]
    assert warehouse.read("SELECT CAST(period AS VARCHAR) AS since FROM unit_cost").since[0] == "1900-01-01"


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfproduct;market;period;units\r\nVelo;\xc3\x8ele;2026-01;1.234,50\r\n",
        "product\tmarket\tperiod\tunits\nVelo\tÎle\tJan-26\t1,234.5\n".encode(),
        "product;market;period;units\nVelo;Île;01.2026;1 234,5\n".encode("utf-16"),
        'product,market,period,units\n\n,,,\nVelo,Île,2026/01,"1,234.5"\n'.encode(),
        "Product , MARKET,Period,Units,,\nVelo,Île,20260101,1234.5,,\n".encode(),
    ],
)
def test_delimiters_encodings_and_locales_of_spreadsheets(warehouse: Warehouse, content: bytes) -> None:
    result = load(warehouse, [("sales_history.csv", content)], who="planner", at=AT)
    assert result.issues == ()
    assert monthly(warehouse).keys() == {("Velo", "Île", "2026-01")}
    assert warehouse.read("SELECT units FROM sales_history").units[0] == 1234.5


def test_windows_text_is_read_with_a_warning(warehouse: Warehouse) -> None:
    content = "product,market,period,units\nVelo,Île,2026-01,1\n".encode("cp1252")
    result = load(warehouse, [("sales_history.csv", content)], who="planner", at=AT)
    (issue,) = result.issues
    assert (issue.line, issue.severity) == (2, "warning") and "cp1252" in issue.problem
    assert warehouse.read("SELECT market FROM market").market[0] == "Île"


def test_line_numbers_count_blank_lines_and_lines_inside_quotes(warehouse: Warehouse) -> None:
    issues = faults(warehouse, setting='name,value\n\ncompany_name,"1\n2"\n,3\n')
    assert said(issues) == [("setting.csv", 5, "name", "")]


def workbook(**sheets: list[list[object]]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        page = book.create_sheet(title)
        for row in rows:
            page.append(row)
        for cell in page[page.max_row]:
            if isinstance(cell.value, float) and title == "bill_of_material":
                cell.number_format = "0%"
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def test_a_workbook_has_one_table_a_sheet(warehouse: Warehouse) -> None:
    content = workbook(
        Product=[["product", "family", "sellable"], ["BIKE", "Bikes", True], [680, "Frames", False]],
        sales_history=[["product", "market", date(2026, 1, 1), "Feb-26"], ["BIKE", "EAST", 1.234, 2]],
        bill_of_material=[["parent", "component", "quantity_per", "scrap_pct"], ["BIKE", 680, 1, 0.05]],
        Notes2=[],
    )
    result = load(warehouse, [("Plan 2026 v2.xlsx", content)], who="planner", at=AT)
    assert result.tables == {"product": 2, "sales_history": 2, "bill_of_material": 1}
    assert warehouse.read("SELECT product FROM product ORDER BY 1")["product"].to_list() == ["680", "BIKE"]
    assert warehouse.read("SELECT units FROM sales_history ORDER BY period").units.to_list() == [1.234, 2]
    assert warehouse.read("SELECT scrap_pct FROM bill_of_material").scrap_pct[0] == 5


def test_a_fault_in_a_workbook_names_its_sheet(warehouse: Warehouse) -> None:
    content = workbook(price=[["product", "price"], ["BIKE", "dear"]], other=[["a"], [1]])
    with pytest.raises(DataError) as refused:
        load(warehouse, [("p.xlsx", content)], who="planner", at=AT)
    assert ("p.xlsx [price]", 2, "price", "dear") in said(refused.value.issues)
    assert "p.xlsx [other]" in {issue.file for issue in refused.value.issues}


@pytest.mark.parametrize("content", [b"PK\x03\x04 not really", b"\xd0\xcf\x11\xe0\x00\x00old excel"])
def test_a_file_that_is_neither_text_nor_workbook_is_refused(warehouse: Warehouse, content: bytes) -> None:
    with pytest.raises(DataError, match="Save it"):
        load(warehouse, [("price.xlsx", content)], who="planner", at=AT)


@pytest.mark.parametrize(
    "name, table",
    [
        ("sales_history.csv", "sales_history"),
        ("Sales History (2).csv", "sales_history"),
        ("SALES-HISTORY_v3 final.CSV", "sales_history"),
        ("Products 2026-01.xlsx", "product"),
        ("assumption.csv", "data_assumption"),
        ("prices and costs.csv", None),
    ],
)
def test_a_file_is_named_after_its_table(warehouse: Warehouse, name: str, table: str | None) -> None:
    assert table_of(name, set(warehouse.catalogue)) == table


def test_an_uploaded_name_is_never_a_path() -> None:
    assert shown_name("../../etc/cron.d/price.csv") == "price.csv"
    assert shown_name("C:\\Users\\ann\\price.csv\n\x1b[31m") == "price.csv[31m"


def test_products_and_markets_are_derived_where_no_file_gives_them(warehouse: Warehouse) -> None:
    result = loaded(warehouse, sales_history=LONG)
    assert result.derived == {"product": 2, "market": 2}
    assert "product: 2 rows, derived from sales_history and pipeline" in str(result)
    with warehouse.transaction("Ann", "families", AT) as change:
        change.update("product", {"product": "BIKE"}, {"family": "Bikes"})
    loaded(warehouse, sales_history=LONG.replace("TRIKE", "SCOOTER"))
    products = warehouse.read("SELECT product, family FROM product ORDER BY product")
    assert products.to_numpy().tolist() == [["BIKE", "Bikes"], ["SCOOTER", ""]]


def test_derivation_keeps_products_that_were_never_sold(warehouse: Warehouse) -> None:
    with warehouse.transaction("Ann", "a component", AT) as change:
        change.insert("product", {"product": "FRAME", "family": "Frames"})
    loaded(warehouse, sales_history=LONG)
    loaded(warehouse, sales_history=LONG)
    assert set(warehouse.read("SELECT product FROM product")["product"]) == {"BIKE", "TRIKE", "FRAME"}


def test_a_given_product_file_is_not_overwritten_by_derivation(warehouse: Warehouse) -> None:
    loaded(warehouse, product="product,family\nBIKE,Bikes\nTRIKE,Trikes\nFRAME,Frames\n", sales_history=LONG)
    result = loaded(warehouse, sales_history=LONG)
    assert result.derived == {} and warehouse.rows()["product"] == 3


def test_a_launch_brings_its_product(warehouse: Warehouse) -> None:
    pipeline = "project,product,launch_period,in_plan,like_product\nNEW,EBIKE,2026-05,yes,BIKE\n"
    loaded(warehouse, sales_history=LONG, pipeline=pipeline)
    assert set(warehouse.read("SELECT product FROM product")["product"]) == {"BIKE", "TRIKE", "EBIKE"}


def test_replace_makes_the_file_the_table_and_upsert_adds_to_it(warehouse: Warehouse) -> None:
    loaded(warehouse, sales_history=LONG)
    more = "product,market,period,units\nBIKE,EAST,2025-12,99\nBIKE,EAST,2026-01,8\n"
    loaded(warehouse, "upsert", sales_history=more)
    assert warehouse.rows()["sales_history"] == 5
    assert monthly(warehouse)["BIKE", "EAST", "2025-12"] == (99, 6250)
    loaded(warehouse, sales_history=more)
    assert warehouse.rows()["sales_history"] == 2


@pytest.mark.parametrize(
    ("table", "keys"),
    [("forecast_stream", "stream,product,period"), ("forecast_snapshot", "made_in,stream,product,period")],
)
def test_a_line_over_a_sample_is_none_unless_its_file_says_so(
    warehouse: Warehouse, table: str, keys: str
) -> None:
    line = "2025-12," * ("made_in" in keys) + "sales,BIKE,2026-01,"
    made_up = f"{keys},units,sample\n{line}8,yes\n"
    stands = f"SELECT units, sample FROM {table}"
    loaded(warehouse, sales_history=LONG, **{table: made_up})
    loaded(warehouse, "upsert", **{table: f"{keys},units\n{line}99\n"})
    assert warehouse.read(stands).to_numpy().tolist() == [[99.0, False]]
    loaded(warehouse, "upsert", **{table: made_up})
    assert warehouse.read(stands).to_numpy().tolist() == [[8.0, True]]


def test_each_load_is_recorded_with_its_file_and_version(warehouse: Warehouse) -> None:
    first = loaded(warehouse, sales_history=LONG)
    second = loaded(warehouse, "upsert", sales_history=LONG, setting="name,value\na,1\n")
    uploads = warehouse.read("SELECT * FROM upload ORDER BY upload_id")
    assert (*first.upload_ids, *second.upload_ids) == tuple(uploads.upload_id) == (1, 2, 3)
    assert uploads.iloc[0][["at", "who", "file", "table", "rows", "mode", "data_version"]].to_list() == [
        AT,
        "planner",
        "sales_history.csv",
        "sales_history",
        4,
        "replace",
        first.data_version,
    ]
    assert uploads.sha256[0] == uploads.sha256[1] != uploads.sha256[2]
    assert second.data_version == warehouse.data_version() != first.data_version
    audited = warehouse.read(
        'SELECT action, "table" FROM audit_log WHERE "table" = \'sales_history\' ORDER BY audit_id'
    )
    assert audited.action.to_list() == ["replace", *["upsert"] * 4]


def test_the_same_data_gives_the_same_version_in_any_order_and_shape(warehouse: Warehouse) -> None:
    version = loaded(warehouse, sales_history=LONG).data_version
    head, *rows = LONG.strip().splitlines()
    assert loaded(warehouse, sales_history="\n".join([head, *reversed(rows)])).data_version == version
    assert loaded(warehouse, sales_history=WIDE).data_version == version
    assert loaded(warehouse, sales_history=LONG.replace("12.5", "12.6")).data_version != version


def test_prepare_writes_nothing(warehouse: Warehouse) -> None:
    prepared = prepare(warehouse, [("sales_history.csv", csv(LONG))])
    assert prepared.errors == () and len(prepared.frames["sales_history"]) == 4
    assert warehouse.rows()["sales_history"] == 0 and warehouse.read("SELECT * FROM audit_log").empty


def test_verify_finds_what_was_written_past_the_upload(warehouse: Warehouse) -> None:
    loaded(warehouse, sales_history=LONG)
    assert [issue for issue in verify(warehouse) if issue.severity == "error"] == []
    with warehouse.transaction("Ann", "by hand", AT) as change:
        change.insert("price", {"product": "BIK", "price": 5.0})
    (issue,) = [issue for issue in verify(warehouse) if issue.severity == "error"]
    assert (issue.file, issue.line, issue.value) == ("table price", 0, "BIK") and "'BIKE'" in issue.fix


labels = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=8)
months = st.integers(0, 35).map(lambda number: f"{2023 + number // 12}-{number % 12 + 1:02}")
histories = st.dictionaries(
    st.tuples(labels, labels, months),
    st.none() | st.floats(0, 1e9).map(lambda value: round(value, 3)),
    min_size=1,
    max_size=30,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories, st.sampled_from([",", ";", "\t"]))
def test_any_history_comes_back_as_it_was_written(
    warehouse: Warehouse, history: dict[tuple[str, str, str], float | None], delimiter: str
) -> None:
    # one number that shows the decimal mark, as any real file has
    history = {**history, ("#", "#", "2026-01"): 0.5}
    frame = pd.DataFrame(
        [(*key, units) for key, units in history.items()], columns=["product", "market", "period", "units"]
    )
    load(
        warehouse,
        [("sales_history.csv", frame.to_csv(index=False, sep=delimiter).encode())],
        who="planner",
        at=AT,
    )
    stored = warehouse.read(
        "SELECT product, market, strftime(period, '%Y-%m') AS month, units FROM sales_history"
    )
    found = {
        (r.product, r.market, r.month): None if pd.isna(r.units) else r.units for r in stored.itertuples()
    }
    assert found == history
    assert set(warehouse.read("SELECT product FROM product")["product"]) == {
        product for product, _, _ in history
    }


@given(
    st.dictionaries(st.sampled_from("ABCDEF"), st.lists(st.sampled_from("ABCDEF"), max_size=3), max_size=6)
)
def test_loops_are_found_where_an_item_reaches_itself(below: dict[str, list[str]]) -> None:
    reach = {(parent, child) for parent, children in below.items() for child in children}
    for _ in range(6):
        reach |= {(a, d) for a, b in reach for c, d in reach if b == c}
    loops = _loops(below)
    assert bool(loops) == any(a == b for a, b in reach)
    for loop in loops:
        assert loop[0] == loop[-1]
        assert all(child in below[parent] for parent, child in zip(loop, loop[1:], strict=False))


def test_thirty_thousand_lines_load_and_derive_their_masters() -> None:
    warehouse = open_warehouse(":memory:")
    rows = [
        f"P{p},M{m},{2011 + t // 12}-{t % 12 + 1:02},{p + t}.5"
        for p in range(140)
        for m in range(6)
        for t in range(36)
    ]
    result = loaded(warehouse, sales_history="product,market,period,units\n" + "\n".join(rows))
    assert result.tables == {"sales_history": 30240} and result.derived == {"product": 140, "market": 6}
    warehouse.close()
