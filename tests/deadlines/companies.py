"""A company that orders a part just in time: what is sold more is to be ordered its lead time before."""

from __future__ import annotations

import numpy as np

from sop_engine.deadlines.waiting import Deadline, find_deadlines
from sop_engine.inputs import Inputs
from sop_engine.plan import Plan, plan
from sop_engine.scenario import BASELINE, Lever, Scenario
from sop_engine.supply_review.model import SupplyModel, compile_model
from tests.builders import COMPANY, small_company

JULY = Lever("demand", 30, target="A", first="2014-07", last="2014-07")
PROMOTION = Scenario((JULY,), "Promotion")


def just_in_time(lead_days: float, **settings: float) -> Inputs:
    """100 A a month, made of F that comes `lead_days` after it is ordered; open orders cover that time."""
    edges = tuple(
        {**edge, "lead_days": lead_days if edge["product"] == "F" else 0.0} for edge in COMPANY["edges"]
    )
    return small_company(
        edges=edges,
        demand={("A", "East"): 100.0},
        on_hand={},
        receipts={("F", "Plant"): np.where(np.arange(11) <= lead_days // 30 + 1, 100.0, 0.0)},
        settings={"horizon_periods": 8, "beyond_periods": 3, **settings},
        service_level={},
        min_cover={},
        price={("A", "East"): 100.0},
    )


def solved(inputs: Inputs, *scenarios: Scenario) -> tuple[SupplyModel, Plan, list[Plan]]:
    """The model, do-nothing's plan and those of the scenarios."""
    model = compile_model(inputs)
    return model, plan(inputs, BASELINE, model), [plan(inputs, one, model) for one in scenarios]


def deadline_of(inputs: Inputs, scenario: Scenario = PROMOTION, share: float = 0.5) -> Deadline:
    """The deadline of a scenario over all reported periods."""
    model, nothing, options = solved(inputs, scenario)
    return find_deadlines(nothing, options, model, {}, share)[0]
