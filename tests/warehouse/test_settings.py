import pytest

from sop_engine.warehouse import Warehouse
from sop_engine.warehouse.settings import SETTINGS
from tests.warehouse.files import faults, loaded, said


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("frozen_periods", "-3", "is out of bounds"),
        ("horizon_periods", "0", "is out of bounds"),
        ("horizon_periods", "1.5", "is not a whole number"),
        ("carrying_rate_pct", "abc", "is not a number"),
        ("opening_payables", "1e400", "is not a number"),
        ("fiscal_year_start", "13", "is out of bounds"),
        ("consensus_weight_sales_pct", "101", "is out of bounds"),
    ],
)
def test_a_setting_that_cannot_be_planned_with_is_refused(
    warehouse: Warehouse, name: str, value: str, problem: str
) -> None:
    (issue,) = faults(warehouse, setting=f"name,value\n{name},{value}\n")
    assert (issue.line, issue.column, issue.value) == (2, "value", value)
    assert problem in issue.problem and issue.severity == "error"


def test_an_unknown_setting_is_a_warning_with_the_nearest_name(warehouse: Warehouse) -> None:
    issues = faults(warehouse, setting="name,value\nbase_curency,EUR\nfrozen_periods,-1\n")
    warning = next(issue for issue in issues if issue.severity == "warning")
    assert warning.value == "base_curency" and "base_currency" in warning.fix


def test_every_default_keeps_its_own_bounds() -> None:
    for setting in SETTINGS.values():
        assert setting.default != setting.default or setting.low <= setting.default <= setting.high


def test_a_circle_of_successions_is_refused(warehouse: Warehouse) -> None:
    content = "product,predecessor\nA,B\nB,A\n"
    assert [issue[:3] for issue in said(faults(warehouse, product=content))] == [
        ("product.csv", 3, "predecessor")
    ]


def test_buckets_that_overlap_or_leave_a_hole_are_refused(warehouse: Warehouse) -> None:
    content = (
        "period,start_date,end_date\n"
        "2024-01-01,2024-01-01,2024-01-07\n"
        "2024-01-05,2024-01-05,2024-01-14\n"
        "2024-01-20,2024-01-20,2024-01-26\n"
    )
    issues = faults(warehouse, calendar=content)
    assert [(issue.line, issue.column) for issue in issues] == [(3, "start_date"), (4, "start_date")]


def test_streams_that_weigh_more_than_the_whole_together_are_a_warning(warehouse: Warehouse) -> None:
    loaded(
        warehouse,
        product="product,family\nA,Bikes\nB,Caps\n",
        forecast_stream="stream,family,period,units\nsales,Bikes,2026-01,5\nfinance,Bikes,2026-01,5\n",
    )
    weights = "stream,family,from_lag,to_lag,weight_pct\nsales,,1,,60\nfinance,Bikes,4,6,70\n"
    (issue,) = loaded(warehouse, consensus_weight=weights).issues
    assert issue.severity == "warning" and "130 % together of Bikes 4 periods ahead" in issue.problem
    setting = "name,value\nconsensus_weight_finance_pct,35\n"
    assert not loaded(warehouse, setting=setting, consensus_weight=weights.replace("70", "40")).issues
    (issue,) = loaded(warehouse, setting=setting.replace("35", "50"), mode="upsert").issues
    assert "110 % together 1 period ahead" in issue.problem


def test_a_weight_that_ends_before_it_begins_is_refused(warehouse: Warehouse) -> None:
    content = "stream,from_lag,to_lag,weight_pct\nsales,4,3,60\n"
    (issue,) = [issue for issue in faults(warehouse, consensus_weight=content) if issue.severity == "error"]
    assert (issue.line, issue.column, issue.severity) == (2, "to_lag", "error")


def test_a_stream_may_name_groups(warehouse: Warehouse) -> None:
    loaded(
        warehouse,
        product="product,family,category\nA,Bikes,Cycles\n",
        market="market,region,channel\nEast,North,Shop\n",
    )
    stream = "stream,family,market,period,units\nsales,{},{},2026-01,5\n"
    for family, market in (("Bikes", "North"), ("Cycles", "Shop"), ("", "")):
        loaded(warehouse, forecast_stream=stream.format(family, market))
    assert [fault[2] for fault in said(faults(warehouse, forecast_stream=stream.format("Bkes", "Nrth")))] == [
        "family",
        "market",
    ]
