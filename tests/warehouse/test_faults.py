"""Each fault an upload must name: file, line, column, value and what to do; all at once, nothing loaded."""

import pytest

from sop_engine.errors import DataError, RowIssue
from sop_engine.warehouse import Warehouse, load, open_warehouse, prepare
from tests.warehouse.files import AT, csv, faults, loaded, said

HISTORY = """
product,market,period,units
BIKE,EAST,2025-11,10
BIKE,EAST,2025-12,12
"""
MASTERS = {
    "product": "product,family\nBIKE,Bikes\nFRAME,Frames\nTYRE,Tyres\n",
    "market": "market,region\nEAST,East\nWEST,West\n",
    "site": "site,kind\nPLANT,plant\nDEPOT,warehouse\n",
    "resource": "resource,site\nASSEMBLY,PLANT\n",
}


def one(
    warehouse: Warehouse, line: int, column: str, value: str, problem: str, fix: str, **tables: str
) -> None:
    """The load has exactly this fault, whose file is the last table's."""
    (issue,) = [issue for issue in faults(warehouse, **tables) if issue.severity == "error"]
    assert (issue.file, issue.line, issue.column, issue.value) == (
        f"{list(tables)[-1]}.csv",
        line,
        column,
        value,
    )
    assert problem in issue.problem and fix in issue.fix
    assert warehouse.data_version() == "" and warehouse.read("SELECT * FROM upload").empty


def test_an_issue_is_one_sentence() -> None:
    issue = RowIssue("demand.csv", 14, "quantity", "ten", "is not a number", "Write digits, for example 10.")
    assert str(issue) == "demand.csv line 14, quantity: 'ten' is not a number. Write digits, for example 10."


def test_missing_column(warehouse: Warehouse) -> None:
    text = "product,market,period,unites\nBIKE,EAST,2025-11,10\n"
    one(
        warehouse,
        1,
        "units",
        "",
        "the column is missing",
        "Is it 'unites'? Add the column units",
        sales_history=text,
    )


def test_unknown_column_is_a_warning_with_the_nearest_name(warehouse: Warehouse) -> None:
    result = loaded(
        warehouse, sales_history="product,market,period,units,lost_unit\nBIKE,EAST,2025-11,10,1\n"
    )
    (issue,) = result.issues
    assert said(result.issues) == [("sales_history.csv", 1, "lost_unit", "")]
    assert issue.severity == "warning" and "Did you mean 'lost_units'?" in issue.fix
    assert result.tables == {"sales_history": 1}


def test_duplicate_key_names_both_lines(warehouse: Warehouse) -> None:
    text = HISTORY + "BIKE,EAST,Nov-25,11\n"
    one(
        warehouse,
        4,
        "product, market, period",
        "BIKE, EAST, 2025-11",
        "is already in line 2",
        "Keep one",
        sales_history=text,
    )


def test_duplicate_key_across_two_files_of_one_load(warehouse: Warehouse) -> None:
    files = [("sales_history.csv", csv(HISTORY)), ("Sales History (2).csv", csv(HISTORY))]
    with pytest.raises(DataError) as refused:
        load(warehouse, files, who="planner", at=AT)
    assert [(i.file, i.line, i.problem) for i in refused.value.issues] == [
        ("Sales History (2).csv", 2, "is already in sales_history.csv line 2"),
        ("Sales History (2).csv", 3, "is already in sales_history.csv line 3"),
    ]


@pytest.mark.parametrize(
    "table, text, column, value, near",
    [
        ("sales_history", "product,market,period,units\nBIKES,EAST,2025-11,1\n", "product", "BIKES", "BIKE"),
        ("sales_history", "product,market,period,units\nBIKE,EASTT,2025-11,1\n", "market", "EASTT", "EAST"),
        ("inventory_on_hand", "product,site,units\nBIKE,PLANTS,1\n", "site", "PLANTS", "PLANT"),
        ("routing", "product,resource,hours_per_unit\nBIKE,ASSEMBLE,1\n", "resource", "ASSEMBLE", "ASSEMBLY"),
        (
            "event",
            "event,family,from_period,to_period\nFAIR,Bike,2026-01,2026-01\n",
            "family",
            "Bike",
            "Bikes",
        ),
        (
            "bill_of_material",
            "parent,component,quantity_per\nBIKE,FRAMES,1\n",
            "component",
            "FRAMES",
            "FRAME",
        ),
    ],
)
def test_unknown_label_with_the_nearest_one(
    warehouse: Warehouse, table: str, text: str, column: str, value: str, near: str
) -> None:
    one(warehouse, 2, column, value, "is no known", f"Did you mean '{near}'?", **MASTERS, **{table: text})


def test_a_label_is_known_from_the_warehouse_or_from_the_same_load(warehouse: Warehouse) -> None:
    loaded(warehouse, **MASTERS)
    loaded(warehouse, sales_history=HISTORY)
    loaded(
        warehouse,
        "upsert",
        product="product,family\nTRIKE,Bikes\n",
        price="product,price\nBIKE,5\nTRIKE,6\n",
    )
    assert warehouse.rows()["product"] == 4 and warehouse.rows()["price"] == 2


def test_an_unknown_label_of_many_lines_is_named_once_with_their_number(warehouse: Warehouse) -> None:
    text = "product,market,period,units\nBIK,EAST,2025-10,1\nBIK,EAST,2025-11,1\nBIK,EAST,2025-12,1\n"
    one(
        warehouse,
        2,
        "product",
        "BIK",
        "is no known product, also in 2 more lines",
        "BIKE",
        **MASTERS,
        sales_history=text,
    )


def test_not_a_number(warehouse: Warehouse) -> None:
    one(
        warehouse,
        4,
        "units",
        "ten",
        "is not a number",
        "Write digits",
        sales_history=HISTORY + "BIKE,EAST,2026-01,ten\n",
    )


def test_a_number_of_two_meanings(warehouse: Warehouse) -> None:
    text = "product;market;period;units\nBIKE;EAST;2025-11;1.234\n"
    one(
        warehouse,
        2,
        "units",
        "1.234",
        "could be 1234 or 1.234",
        "without thousands marks",
        sales_history=text,
    )


def test_not_a_date_or_period(warehouse: Warehouse) -> None:
    text = HISTORY + "BIKE,EAST,2026-13,1\n"
    one(warehouse, 4, "period", "2026-13", "is not a date or period", "like 2026-01", sales_history=text)


def test_negative_where_it_cannot_be(warehouse: Warehouse) -> None:
    text = "product,site,units\nBIKE,PLANT,-3\n"
    one(warehouse, 2, "units", "-3", "is negative", "0 or more", **MASTERS, inventory_on_hand=text)


def test_negative_demand_of_a_whole_month(warehouse: Warehouse) -> None:
    one(
        warehouse,
        4,
        "units",
        "-3",
        "is negative",
        "0 or more",
        sales_history=HISTORY + "BIKE,EAST,2026-01,-3\n",
    )


def test_blank_where_it_must_be_filled(warehouse: Warehouse) -> None:
    one(warehouse, 4, "product", "", "is blank", "Fill it", sales_history=HISTORY + ",EAST,2026-01,3\n")


def test_a_percentage_above_100(warehouse: Warehouse) -> None:
    text = "parent,component,quantity_per,scrap_pct\nBIKE,FRAME,1,120\n"
    one(warehouse, 2, "scrap_pct", "120", "is above 100", "0 to 100", **MASTERS, bill_of_material=text)


def test_not_one_of_the_allowed_words(warehouse: Warehouse) -> None:
    text = "product,site,mode,lead_time_days\nBIKE,PLANT,mak,3\n"
    one(
        warehouse,
        2,
        "mode",
        "mak",
        "is not one of the allowed words",
        "Did you mean 'make'? Write one of",
        **MASTERS,
        sourcing=text,
    )


def test_a_bill_of_material_that_contains_itself_names_the_loop(warehouse: Warehouse) -> None:
    text = "parent,component,quantity_per\nBIKE,FRAME,1\nFRAME,TYRE,1\nTYRE,BIKE,1\n"
    loop = "makes the bill of material contain itself: BIKE > FRAME > TYRE > BIKE"
    one(warehouse, 4, "component", "BIKE", loop, "Remove one line", **MASTERS, bill_of_material=text)


def test_a_loop_that_closes_through_what_is_loaded_already(warehouse: Warehouse) -> None:
    loaded(warehouse, **MASTERS, bill_of_material="parent,component,quantity_per\nBIKE,FRAME,1\n")
    (issue,) = faults(warehouse, "upsert", bill_of_material="parent,component,quantity_per\nFRAME,BIKE,1\n")
    assert "BIKE > FRAME > BIKE" in issue.problem and issue.line == 2


@pytest.mark.parametrize(
    "table, text, column, value",
    [
        ("service_lane", "site,market\nDEPOT,NOWHERE\n", "market", "NOWHERE"),
        ("service_lane", "site,market\nNOWHERE,EAST\n", "site", "NOWHERE"),
        (
            "sourcing",
            "product,site,source,mode,lead_time_days\nBIKE,DEPOT,DEPOT,transfer,2\n",
            "source",
            "DEPOT",
        ),
        (
            "sourcing",
            "product,site,source,mode,lead_time_days\nBIKE,DEPOT,MILL,transfer,2\n",
            "source",
            "MILL",
        ),
    ],
)
def test_a_lane_to_nowhere(warehouse: Warehouse, table: str, text: str, column: str, value: str) -> None:
    one(warehouse, 2, column, value, "the lane leads nowhere", "", **MASTERS, **{table: text})


def test_two_prices_for_one_period(warehouse: Warehouse) -> None:
    text = "product,market,period,price\nBIKE,,2026-01,5\nBIKE,,2026-01-01,6\n"
    found = "is a second price for one period: see line 2"
    one(
        warehouse,
        3,
        "product, market, period",
        "BIKE, all, 2026-01",
        found,
        "Keep one",
        **MASTERS,
        price=text,
    )


def test_an_end_before_its_start(warehouse: Warehouse) -> None:
    text = "event,from_period,to_period\nFAIR,2026-03,2026-02\n"
    one(warehouse, 2, "to_period", "2026-02", "is before from_period 2026-03", "Exchange", event=text)


def test_ragged_rows(warehouse: Warehouse) -> None:
    text = "product,market,period,units\nBIKE,EAST,2025-11,10,7\nBIKE,EAST,2025-12,1\n"
    one(warehouse, 2, "", "", "the line has 5 cells, the header has 4", "quotes", sales_history=text)


@pytest.mark.parametrize(
    "text, problem",
    [("", "the file is empty"), ("\n \n", "empty"), ("product,market,period,units\n", "no lines")],
)
def test_an_empty_file(warehouse: Warehouse, text: str, problem: str) -> None:
    one(warehouse, 0, "", "", problem, "at least one line", sales_history=text)


def test_a_file_that_is_no_known_table(warehouse: Warehouse) -> None:
    one(
        warehouse,
        0,
        "",
        "",
        "the name is no known table",
        "Did you mean 'sales_history'?",
        sale_histry=HISTORY,
    )


def test_a_column_that_stands_twice(warehouse: Warehouse) -> None:
    text = "product,market,period,units,units\nBIKE,EAST,2025-11,10,7\n"
    one(warehouse, 1, "units", "", "stands twice", "Keep one", sales_history=text)


def test_a_label_that_a_new_file_drops_though_it_is_used(warehouse: Warehouse) -> None:
    loaded(warehouse, **MASTERS, price="product,price\nTYRE,5\n", unit_cost="product,unit_cost\nFRAME,5\n")
    version = warehouse.data_version()
    (issue,) = faults(warehouse, product="product,family\nBIKE,Bikes\n")
    assert (issue.value, issue.line) == ("FRAME, TYRE", 0)
    assert "price, unit_cost" in issue.problem and "Add it again" in issue.fix
    assert warehouse.data_version() == version


def test_a_month_without_a_line_is_one_warning_a_file(warehouse: Warehouse) -> None:
    text = HISTORY + "BIKE,EAST,2026-03,1\nBIKE,WEST,2025-11,1\nBIKE,WEST,2026-03,1\nBIKE,WEST,2025-12,1\n"
    whole, pairs = loaded(warehouse, sales_history=text).issues
    assert (whole.severity, pairs.severity) == ("warning", "warning")
    assert whole.problem == "the history has no line at all in 2026-01, 2026-02"
    assert pairs.problem.startswith(
        "2 of 2 product-market histories have months without a line: BIKE in EAST 2026-01, 2026-02"
    )


def test_values_far_from_the_last_load_are_warnings(warehouse: Warehouse) -> None:
    price = "product,price\nBIKE,500\nFRAME,100\n"
    loaded(warehouse, **MASTERS, price=price, sales_history=HISTORY)
    more = "BIKE,EAST,2026-01,13000\nBIKE,EAST,2026-02,60\n"
    result = loaded(warehouse, price="product,price\nBIKE,5\nFRAME,101\n", sales_history=HISTORY + more)
    assert [
        (*place, issue.severity) for place, issue in zip(said(result.issues), result.issues, strict=True)
    ] == [
        ("price.csv", 2, "price", "5", "warning"),
        ("sales_history.csv", 4, "units", "13000", "warning"),
    ]
    assert "where it was at most 12" in result.issues[1].problem
    assert warehouse.rows()["sales_history"] == 4


def test_a_currency_without_a_rate_is_a_warning(warehouse: Warehouse) -> None:
    market = "market,currency\nEAST,USD\nWEST,EUR\nNORTH,CAD\n"
    result = loaded(
        warehouse,
        market=market,
        setting="name,value\nbase_currency,USD\n",
        fx_rate="currency,rate\nCAD,0.7\n",
    )
    assert said(result.issues) == [("market.csv", 0, "currency", "EUR")]


def test_all_faults_of_all_files_come_at_once_and_nothing_is_loaded(warehouse: Warehouse) -> None:
    loaded(warehouse, **MASTERS, sales_history=HISTORY)
    version = warehouse.data_version()
    uploads, audited = (warehouse.read(f"SELECT * FROM {table}") for table in ("upload", "audit_log"))
    issues = faults(
        warehouse,
        sales_history="product,market,period,units\nBIKE,EAST,2025-11,ten\nBIKE,EAST,never,-5\nBIKES,EAST,2025-12,\n",
        price="product,price,note\nBIKE,-1,x\nBIKE,2,y\n",
        inventory_on_hand="product,site,units\nBIKE,PLANT,7\n",
    )
    assert said(tuple(i for i in issues if i.severity == "error")) == [
        ("sales_history.csv", 2, "units", "ten"),
        ("sales_history.csv", 3, "period", "never"),
        ("sales_history.csv", 3, "units", "-5"),
        ("sales_history.csv", 4, "product", "BIKES"),
        ("price.csv", 2, "price", "-1"),
        ("price.csv", 3, "product, market, period", "BIKE, all, always"),
    ]
    assert [i.column for i in issues if i.severity == "warning"] == ["note", "market"]  # no lane serves it
    assert warehouse.data_version() == version
    assert warehouse.read("SELECT * FROM upload").equals(uploads)
    assert warehouse.read("SELECT * FROM audit_log").equals(audited)


def test_the_error_lists_every_fault_as_a_sentence(warehouse: Warehouse) -> None:
    with pytest.raises(DataError) as refused:
        loaded(warehouse, sales_history=HISTORY + "BIKE,EAST,2026-01,ten\nBIKE,EAST,2026-02,x\n")
    first, *lines = str(refused.value).splitlines()
    assert first == "Nothing was loaded: 2 faults to mend."
    assert (
        lines[0] == "  sales_history.csv line 4, units: 'ten' is not a number. Write digits, for example 10."
    )


PLANNER = [name for name, table in open_warehouse(":memory:").catalogue.items() if table.group == "planner"]


@pytest.mark.parametrize("table", PLANNER)
def test_no_file_however_broken_does_more_than_report_faults(warehouse: Warehouse, table: str) -> None:
    columns = [column.name for column in warehouse.catalogue[table].columns]
    rows = [",".join([word] * len(columns)) for word in ("", "x", "-1", "1", "2026-01", "NaN", "None")]
    half = columns[: len(columns) // 2]
    broken = [
        ",".join(columns)
        + "\n"
        + "\n".join([*rows, *(f"a{row}" for row in rows), *(f"{row}a" for row in rows), *rows]),
        ",".join(half) + "\n" + ",".join(["1"] * len(half)),
        columns[0] + "\n1\n\n",
    ]
    for text in broken:
        prepared = prepare(warehouse, [(f"{table}.csv", text.encode())])
        assert prepared.errors or set(prepared.frames) == {table}
