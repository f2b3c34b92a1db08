"""The constrained supply plan: what is made, bought, moved, stocked and delivered, and what is short."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sop_engine.supply_review.shortage import Shortage


@dataclass(frozen=True, eq=False)
class SupplyPlan:
    """One solved supply plan; read-only arrays over products P, markets M, sites S, resources R, edges E, periods T.

    flow, need: (E, T) good units started or ordered, in the plan and as the unconstrained need asks
    limit_value: (E, T) what one more unit of an edge's limit is worth; ranks, is no money
    arrivals: (P, S, T) units that come in, open orders included; used: taken by bills and transfers;
    shipped: sent to customers; stock: at the end of the period = stock before + arrivals - used - shipped
    target: (P, S, T) stock the policy wants at the end of the period
    on_time, lost: (P, M, T) units by due period; late: by the period in which they are delivered;
    backlog: units due so far that will still be delivered, or wait at the end of the plan, at the period's end
    available, overtime_limit, load, overtime: (R, T) hours with the levers' capacity, NaN available = no limit known
    required: (R, T) hours of the unconstrained need; hour_value: (R, T) what one more hour is worth; ranks, is no money
    move_cost, overtime_cost: (T,) money of named capacity moves and of overtime above the regular rate
    fill_on_time, fill_late, fill_short: (orders,) units; fill_last: plan index of the last delivery, -1 for none
    fill_reason: (orders,) why an order is late or short, "" where it is on time
    objective: of the model, policy penalties included; verified: the optimality conditions were checked and hold
    """

    flow: np.ndarray
    need: np.ndarray
    limit_value: np.ndarray
    arrivals: np.ndarray
    used: np.ndarray
    shipped: np.ndarray
    stock: np.ndarray
    target: np.ndarray
    on_time: np.ndarray
    late: np.ndarray
    lost: np.ndarray
    backlog: np.ndarray
    available: np.ndarray
    overtime_limit: np.ndarray
    load: np.ndarray
    overtime: np.ndarray
    required: np.ndarray
    hour_value: np.ndarray
    move_cost: np.ndarray
    overtime_cost: np.ndarray
    fill_on_time: np.ndarray
    fill_late: np.ndarray
    fill_short: np.ndarray
    fill_last: np.ndarray
    fill_reason: np.ndarray
    shortages: tuple[Shortage, ...]
    objective: float
    verified: bool

    @property
    def delivered(self) -> np.ndarray:
        """(P, M, T) units delivered in the period, on time or late."""
        return self.on_time + self.late
