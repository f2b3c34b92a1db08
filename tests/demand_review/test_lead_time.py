"""The cumulative lead time: the longest path through bills and sourcing, never a sum of branches."""

import numpy as np
import pytest

from sop_engine.demand_review.lead_time import cumulative_days, cumulative_lag
from sop_engine.errors import PlanError
from sop_engine.inputs.network import BUY, MAKE, TRANSFER
from tests.builders import small_company

VENDOR = {"mode": BUY, "source": "Vendor", "site": "Plant"}


def test_two_branches_of_five_and_nine_days_are_nine_never_fourteen() -> None:
    inputs = small_company(
        products=("A", "F", "G"),
        edges=(
            {"product": "A", "site": "Plant", "mode": MAKE},
            {"product": "F", "lead_days": 5.0, **VENDOR},
            {"product": "G", "lead_days": 9.0, **VENDOR},
        ),
        bill={("A", "F"): 1.0, ("A", "G"): 1.0},
        demand={},
        on_hand={},
        service_level={},
        min_cover={},
        error_sd={},
        price={},
        unit_cost={},
    )
    assert cumulative_days(inputs)[0, 0] == 9


def test_making_and_moving_come_on_top_of_the_longest_branch() -> None:
    inputs = small_company(
        edges=(
            {"product": "A", "site": "Plant", "mode": MAKE, "lead_days": 4.0},
            {"product": "B", "site": "Plant", "mode": MAKE},
            {"product": "F", "lead_days": 15.0, **VENDOR},
            {"product": "A", "site": "Store", "mode": TRANSFER, "source": "Plant", "lead_days": 3.0},
            {"product": "B", "site": "Store", "mode": TRANSFER, "source": "Plant", "lead_days": 3.0},
        )
    )
    days = cumulative_days(inputs)
    assert days[:2, 1].tolist() == [15 + 4 + 3, 15 + 3]
    assert np.isnan(days[2, 1])


@pytest.mark.parametrize(("lead", "lag"), [(0.0, 1), (27.0, 1), (40.0, 2), (80.0, 3)])
def test_the_lag_is_the_whole_periods_it_takes(lead: float, lag: int) -> None:
    edges = (
        {"product": "A", "site": "Plant", "mode": MAKE},
        {"product": "B", "site": "Plant", "mode": MAKE},
        {"product": "F", "lead_days": lead, **VENDOR},
        {"product": "A", "site": "Store", "mode": TRANSFER, "source": "Plant", "lead_days": 3.0},
        {"product": "B", "site": "Store", "mode": TRANSFER, "source": "Plant", "lead_days": 3.0},
    )
    inputs = small_company(edges=edges)
    assert cumulative_lag(inputs, np.ones(3, dtype=bool)) == lag


def test_sites_that_transfer_to_each_other_are_refused() -> None:
    edges = (
        {"product": "A", "site": "Plant", "mode": TRANSFER, "source": "Store", "lead_days": 1.0},
        {"product": "A", "site": "Store", "mode": TRANSFER, "source": "Plant", "lead_days": 1.0},
    )
    with pytest.raises(PlanError, match="circle"):
        cumulative_days(small_company(edges=edges))
