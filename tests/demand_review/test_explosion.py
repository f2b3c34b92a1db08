from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop_engine.demand_review.explosion import dependent_demand, low_level_codes
from sop_engine.errors import PlanError
from sop_engine.inputs.network import BUY, MAKE
from tests.builders import small_company

LABELS = ("A", "B", "C", "D", "E", "F")
ROWS = st.dictionaries(
    st.tuples(st.integers(0, 5), st.integers(0, 5)).filter(lambda pair: pair[0] < pair[1]),
    st.floats(0.1, 3.0),
    max_size=12,
)


def needed(product: str, units: float, bill: dict[tuple[str, str], float], total: dict[str, float]) -> None:
    """Recursive explosion of one product, one unit after another level."""
    for (parent, component), quantity in bill.items():
        if parent == product:
            total[component] = total.get(component, 0.0) + units * quantity
            needed(component, units * quantity, bill, total)


@given(rows=ROWS, demand=st.lists(st.floats(0, 50), min_size=6, max_size=6))
def test_explosion_is_the_recursive_one(rows: dict[tuple[int, int], float], demand: list[float]) -> None:
    bill = {(LABELS[p], LABELS[c]): quantity for (p, c), quantity in rows.items()}
    inputs = small_company(products=LABELS, bill=bill, edges=(), service_level={}, min_cover={})
    found = dependent_demand(inputs, np.array(demand)[:, None] * np.ones(inputs.calendar.periods))
    total: dict[str, float] = {}
    for product, units in zip(LABELS, demand, strict=True):
        needed(product, units, bill, total)
    np.testing.assert_allclose(found[:, 0], [total.get(label, 0.0) for label in LABELS], rtol=1e-9, atol=1e-9)


def test_yield_asks_for_more_and_what_is_bought_asks_for_nothing() -> None:
    edges = (
        {"product": "A", "site": "Plant", "mode": MAKE, "yield_": 0.8},
        {"product": "B", "site": "Plant", "mode": BUY, "source": "Vendor"},
    )
    inputs = small_company(edges=edges)
    dependent = dependent_demand(inputs, np.full((3, inputs.calendar.periods), 100.0))
    np.testing.assert_allclose(dependent[:, 0], [0, 0, 125])


def test_a_bill_that_contains_itself_is_named() -> None:
    with pytest.raises(PlanError, match="B > C > D > B"):
        low_level_codes(np.array([0, 1, 2, 3]), np.array([1, 2, 3, 1]), ("A", "B", "C", "D"))
