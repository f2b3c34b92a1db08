"""A small company under strain whose risk is stated by hand."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd

from sop_engine.inputs import Inputs
from sop_engine.plan import BASELINE, Plan, plan
from sop_engine.risk.drivers import Drivers, Hazard, find_drivers
from sop_engine.risk.spread import Level
from sop_engine.supply_review.model import SupplyModel, compile_model
from tests.supply_review.companies import two_stores

NO_ITEMS = pd.DataFrame(
    columns=["item_id", "title", "status", "sample", "probability_pct", "revenue", "gross_margin", "levers"]
    + ["from_period", "to_period"]
)
NO_PIPELINE = pd.DataFrame(columns=["cycle", "project", "launch_period", "sample"])


@cache
def company() -> Inputs:
    return two_stores()


@cache
def model() -> SupplyModel:
    return compile_model(company())


@cache
def do_nothing() -> Plan:
    return plan(company(), BASELINE, model())


@cache
def drivers() -> Drivers:
    """Demand that moves together and apart, and one vendor that fails in a third of the years."""
    inputs = company()
    found = find_drivers(do_nothing(), None, NO_ITEMS, NO_PIPELINE)
    count, periods = len(inputs.products), inputs.calendar.periods
    whole = Level("company", ("",), np.zeros(count, dtype=int), np.full((1, periods), 0.2), 0.5)
    parts = Level("product", inputs.products.labels, np.arange(count), np.full((count, periods), 0.3), 0.5)
    return replace(
        found,
        demand=(whole, parts),
        suppliers=(Hazard("Vendor", 0.33, 2.0),),
        lines=(Hazard("Line", 0.2, 2),),
    )
