"""What the plan leans on alone, against a search edge by edge."""

from __future__ import annotations

import numpy as np
import pytest

from sop_engine.inputs.network import BUY, MAKE, SUBCONTRACT, TRANSFER
from sop_engine.plan import Plan, plan
from sop_engine.risk.concentration import (
    MARKET,
    RESOURCE,
    SUPPLIER,
    concentrations,
    sole_resources,
    sole_suppliers,
)
from sop_engine.scenario import BASELINE
from tests.supply_review.companies import two_stores, two_stores_model

INPUTS = two_stores()


@pytest.fixture(scope="module")
def solved() -> Plan:
    return plan(INPUTS, BASELINE, two_stores_model())


def test_a_sole_supplier_is_found_edge_by_edge() -> None:
    edges, alone = INPUTS.network.edges, sole_suppliers(INPUTS)
    for product in range(len(INPUTS.products)):
        modes = {edges.mode[e] for e in range(len(edges.mode)) if edges.product[e] == product} - {TRANSFER}
        sources = {
            int(edges.source[e])
            for e in range(len(edges.mode))
            if edges.product[e] == product and edges.mode[e] in (BUY, SUBCONTRACT)
        }
        expected = sources.pop() if len(sources) == 1 and MAKE not in modes else -1
        assert alone[0, product] == expected


def test_a_sole_resource_is_used_by_every_way_to_have_a_product() -> None:
    edges, alone = INPUTS.network.edges, sole_resources(INPUTS)
    for product in range(len(INPUTS.products)):
        ways = [
            e for e in range(len(edges.mode)) if edges.product[e] == product and edges.mode[e] != TRANSFER
        ]
        used = [set(edges.hours_resource[edges.hours_edge == e].tolist()) for e in ways]
        always = set.intersection(*used) if used else set()
        assert set(np.flatnonzero(alone[:, product] >= 0).tolist()) == always


def test_markets_share_out_all_revenue(solved: Plan) -> None:
    found = concentrations(solved, np.arange(INPUTS.calendar.horizon))
    assert sum(one.share_pct for one in found if one.kind == MARKET) == pytest.approx(100)
    assert [one.share_pct for one in found] == sorted((one.share_pct for one in found), reverse=True)


def test_what_is_made_with_an_item_of_one_supplier_leans_on_it(solved: Plan) -> None:
    periods = np.arange(INPUTS.calendar.horizon)
    found = {one.name: one for one in concentrations(solved, periods) if one.kind == SUPPLIER}
    parts = np.flatnonzero(sole_suppliers(INPUTS)[0] >= 0)
    assert parts.size and found
    bill = INPUTS.network.bill
    for name, one in found.items():
        own = {p for p in parts if INPUTS.network.sites.name[sole_suppliers(INPUTS)[0, p]] == name}
        grown = set(own)
        while (
            more := {int(a) for a, b in zip(bill.parent, bill.component, strict=True) if b in grown} - grown
        ):
            grown |= more
        units = sum(solved.finance.delivered[p][:, periods].sum() for p in grown)
        assert one.units == pytest.approx(units)


def test_a_product_that_can_be_subcontracted_has_an_alternate(solved: Plan) -> None:
    subcontracted = INPUTS.products.labels.index("A")
    assert (sole_resources(INPUTS)[:, subcontracted] == -1).all()
    made_alone = INPUTS.products.labels.index("B")
    assert (sole_resources(INPUTS)[:, made_alone] >= 0).any()
    kinds = {one.kind for one in concentrations(solved, np.arange(3))}
    assert RESOURCE in kinds
