"""Plans whose supply side is made up: consistent numbers without a solver, for everything that comes after
supply."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from sop_engine.demand_review.consensus import plan_demand
from sop_engine.finance_review.valuation import value_plan
from sop_engine.inputs import Inputs, read_inputs
from sop_engine.plan import Plan
from sop_engine.product_review.portfolio import plan_portfolio
from sop_engine.refresh import refresh
from sop_engine.scenario import BASELINE, Scenario
from sop_engine.supply_review.shortage import CAPACITY, LIMIT, Root, Shortage
from sop_engine.supply_review.supply import Places, SupplyPlan
from tests.tables import AT, frame, loaded, small_tables


@cache
def small_inputs() -> Inputs:
    """The small company of tests/tables.py with a caps family of its own and a budget for it."""
    tables = small_tables()
    tables["product"] = frame(
        "product family category sellable",
        ("A", "Bikes", "Cycles", True),
        ("B", "Caps", "Clothes", True),
        ("F", "Frames", "Parts", False),
    )
    tables["budget"] = frame(
        "version family market period units revenue gross_margin",
        *(("AOP", "Bikes", "", f"2014-{month:02d}-01", 130, 1500, 500) for month in range(1, 13)),
        *(("AOP", "Caps", "", f"2014-{month:02d}-01", 60, 1300, 450) for month in range(1, 7)),
    )
    warehouse = loaded(tables)
    refresh(warehouse, who="test", at=AT)
    inputs = read_inputs(warehouse)
    warehouse.close()
    return inputs


def made_up_plan(inputs: Inputs, scenario: Scenario = BASELINE, seed: int = 0, **supply: np.ndarray) -> Plan:
    """A plan that serves most of the demand on time, some a period late, and loses the rest; `supply`
    replaces its parts."""
    portfolio = plan_portfolio(inputs, scenario)
    demand = plan_demand(inputs, scenario, portfolio)
    served = replace(made_up_supply(inputs, demand.unconstrained, seed), **supply)
    return Plan(
        inputs, scenario, portfolio, demand, served, value_plan(inputs, scenario, portfolio, demand, served)
    )


def made_up_supply(inputs: Inputs, demand: np.ndarray, seed: int) -> SupplyPlan:
    random = np.random.default_rng(seed)
    network = inputs.network
    products, markets, periods = demand.shape
    edges, resources, sites = len(network.edges.labels), len(network.resources), len(network.sites)
    on_time = demand * random.uniform(0.5, 1.0, demand.shape)
    put_off = (demand - on_time) * random.uniform(0.0, 1.0, demand.shape)
    late = np.concatenate([np.zeros((products, markets, 1)), put_off[:, :, :-1]], axis=2)
    available = random.uniform(50, 100, (resources, periods))
    places = Places(
        np.repeat(np.arange(products), sites), np.tile(np.arange(sites), products), products, sites
    )
    stock = random.uniform(0, 50, (products * sites, periods))
    arrivals = random.uniform(0, 50, stock.shape)
    before = np.concatenate([network.on_hand.reshape(-1, 1), stock[:, :-1]], axis=1)
    orders = inputs.demand.orders
    return SupplyPlan(
        flow=random.uniform(0, 100, (edges, periods)),
        received=random.uniform(0, 100, (edges, periods)),
        need=random.uniform(0, 100, (edges, periods)),
        limit_value=np.zeros((edges, periods)),
        places=places,
        node_arrivals=arrivals,
        node_used=before + arrivals - stock,
        node_shipped=np.zeros(stock.shape),
        by_other_lane=np.zeros((len(network.other_lanes), products, periods)),
        node_stock=stock,
        node_target=random.uniform(0, 50, stock.shape),
        on_time=on_time,
        late=late,
        lost=demand - on_time - put_off,
        backlog=put_off,
        available=available,
        overtime_limit=available * 0.1,
        load=available * random.uniform(0.5, 1.0, available.shape),
        overtime=available * random.uniform(0.0, 0.1, available.shape),
        required=available * random.uniform(0.5, 1.3, available.shape),
        hour_value=np.zeros((resources, periods)),
        move_cost=random.uniform(0, 10, periods),
        overtime_cost=random.uniform(0, 10, periods),
        fill_on_time=orders.units * 0.5,
        fill_late=orders.units * 0.25,
        fill_short=orders.units * 0.25,
        fill_last=np.where(np.arange(len(orders.units)) % 2, -1, 1),
        fill_reason=np.array(["capacity"] * len(orders.units), dtype=object),
        shortages=(
            Shortage(
                0,
                (1,),
                1,
                12.0,
                "late",
                "capacity",
                network.resources.labels[0],
                "=A is late: Assembly is full.",
                Root(CAPACITY, network.resources.labels[0], 1),
            ),
            Shortage(
                1, (1,), 0, 3.0, "lost", "material", "F", "B is lost: F is missing.", Root(LIMIT, "Vendor", 0)
            ),
        ),
        objective=0.0,
        verified=True,
    )
