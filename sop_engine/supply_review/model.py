"""The supply model: stated once in PuLP, compiled, and solved again in place for every request."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from threading import RLock

import numpy as np
from pulp import LpAffineExpression, LpConstraint, LpConstraintEQ, LpConstraintLE, LpMinimize, LpProblem, LpVariable
from scipy.sparse import csc_matrix

from sop_engine.demand_review.consensus import DemandPlan, plan_demand
from sop_engine.inputs import Inputs
from sop_engine.product_review.portfolio import plan_portfolio
from sop_engine.scenario import BASELINE
from sop_engine.supply_review.compiled import LiveModel, Numbers, Solution, extract
from sop_engine.supply_review.inventory import node_error_sd
from sop_engine.supply_review.layout import Layout, figures, lay_out
from sop_engine.supply_review.penalties import find_penalties
from sop_engine.supply_review.request import SupplyRequest, supply_request
from sop_engine.supply_review.structure import Structure, claimed, find_structure, in_line

Row = dict[LpVariable, float]


def arrival_terms(
    inputs: Inputs, structure: Structure, layout: Layout, lead_days: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which flow arrives in which balance: rows, columns and shares of a unit, by lead time (edges, periods) in days.

    What arrives after the last period is not listed.
    """
    whole, part = inputs.calendar.lead_split(lead_days)
    periods = lead_days.shape[1]
    edge = np.repeat(np.arange(len(whole))[:, None], periods, axis=1)
    terms = []
    for later, share in ((0, 1.0 - part), (1, part)):
        at = np.arange(periods) + whole + later
        known = (at < periods) & (share > 0)
        rows = layout.balance[structure.edge_to[edge[known]], at[known]]
        terms.append((rows, layout.flow[known], share[known]))
    rows, columns, shares = (np.concatenate(part_) for part_ in zip(*terms, strict=True))
    return rows, columns, shares
