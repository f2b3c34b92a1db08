"""Masters that contradict each other are named in one sentence when they are loaded; good ones are not."""

import pytest

from sop_engine.warehouse import Warehouse
from tests.warehouse.files import faults, loaded

GOOD = {
    "sales_history": "product,market,period,units\nBIKE,EAST,2025-11,10\nBIKE,EAST,2025-12,12\n",
    "product": "product\nBIKE\nFRAME\n",
    "market": "market\nEAST\n",
    "site": "site,kind\nPLANT,plant\nDEPOT,warehouse\nVENDOR,supplier\n",
    "resource": "resource,site\nLINE,PLANT\n",
    "capacity": "resource,available_hours\nLINE,100\n",
    "routing": "product,resource,hours_per_unit\nBIKE,LINE,1\n",
    "bill_of_material": "parent,component,quantity_per\nBIKE,FRAME,1\n",
    "sourcing": "product,site,source,mode,lead_time_days\nBIKE,PLANT,,make,1\nBIKE,DEPOT,PLANT,transfer,1\n"
    "FRAME,PLANT,VENDOR,buy,9\n",
    "service_lane": "site,market\nDEPOT,EAST\n",
}


def warned(warehouse: Warehouse, **changed: str) -> list[str]:
    return [str(issue) for issue in loaded(warehouse, **{**GOOD, **changed}).issues]


def test_masters_that_agree_give_no_warning(warehouse: Warehouse) -> None:
    assert warned(warehouse) == []


@pytest.mark.parametrize(
    ("table", "text", "said"),
    [
        (
            "market",
            "market\nEAST\nWEST\nNORTH\n",
            "service_lane.csv, market: 'NORTH, WEST' is a market that no site serves",
        ),
        (
            "sourcing",
            "product,site,source,mode,lead_time_days\nBIKE,PLANT,,make,1\nBIKE,DEPOT,PLANT,transfer,1\n",
            "sourcing.csv, product: 'FRAME' is sold or built in, but no line of sourcing brings it",
        ),
        (
            "routing",
            "product,resource,hours_per_unit\nBIKE,LINE,0\n",
            "routing.csv line 2, hours_per_unit: '0' hours a unit of BIKE: the step takes no capacity",
        ),
        (
            "routing",
            "product,resource,hours_per_unit\nBIKE,LINE,1\nFRAME,LINE,1\n",
            "routing.csv, product: 'FRAME' has a routing, but no line of sourcing makes or buys it",
        ),
        (
            "resource",
            "resource,site\nLINE,DEPOT\n",
            "sourcing.csv, product: 'BIKE' is made without a routing at its site",
        ),
        (
            "capacity",
            "resource,available_hours\nLINE,\n",
            "routing.csv, resource: 'LINE' is loaded by routings but has no hours",
        ),
        (
            "capacity",
            "resource,period,available_hours\nLINE,2026-01,0\nLINE,2026-02,0\n",
            "capacity.csv, resource: 'LINE' is loaded by routings but has 0 hours in every line",
        ),
    ],
)
def test_each_contradiction_is_one_sentence(warehouse: Warehouse, table: str, text: str, said: str) -> None:
    assert any(sentence.startswith(said) for sentence in warned(warehouse, **{table: text}))


def test_hours_from_stations_are_hours(warehouse: Warehouse) -> None:
    resource = "resource,site,stations,hours_per_week\nLINE,PLANT,2,40\n"
    assert warned(warehouse, resource=resource, capacity="resource,available_hours\nLINE,\n") == []


def test_a_product_that_ends_needs_no_source(warehouse: Warehouse) -> None:
    history = GOOD["sales_history"] + "OLD,EAST,2025-12,5\n"
    products = "product,end_period\nBIKE,\nFRAME,\nOLD,{}\n"
    assert warned(warehouse, sales_history=history, product=products.format("2026-02")) == []
    said = warned(warehouse, sales_history=history, product=products.format(""))
    assert any("'OLD' is sold or built in" in sentence for sentence in said)


def test_capacity_of_no_resource_and_a_loop_in_the_bill_are_faults(warehouse: Warehouse) -> None:
    issues = faults(
        warehouse,
        **{
            **GOOD,
            "capacity": "resource,available_hours\nLINES,100\n",
            "bill_of_material": "parent,component,quantity_per\nBIKE,FRAME,1\nFRAME,BIKE,1\n",
        },
    )
    said = [str(issue) for issue in issues if issue.severity == "error"]
    assert any("capacity.csv line 2, resource: 'LINES' is no known resource" in each for each in said)
    assert any("BIKE > FRAME > BIKE" in each for each in said)
