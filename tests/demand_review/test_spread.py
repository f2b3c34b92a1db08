import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sop_engine.demand_review.spread import cells_of, spread, spread_scope

UNITS = st.floats(0, 1e6, allow_nan=False)


@given(arrays(float, st.integers(1, 20), elements=UNITS), UNITS)
def test_spreading_conserves_the_total(cells: np.ndarray, total: float) -> None:
    assert np.isclose(spread(cells, total).sum(), total, rtol=1e-9, atol=1e-9)


@given(arrays(float, (3, 2, 4), elements=UNITS), arrays(bool, (3, 2, 4)), UNITS)
def test_locked_cells_and_cells_outside_the_scope_stay(
    units: np.ndarray, open_cells: np.ndarray, total: float
) -> None:
    index = cells_of(
        np.array([True, False, True]), np.array([False, True]), np.array([True, True, False, False])
    )
    changed = spread_scope(units, index, open_cells, total)
    inside = np.zeros(units.shape, dtype=bool)
    inside[index] = True
    assert np.array_equal(changed[~(inside & open_cells)], units[~(inside & open_cells)])
    locked = units[inside & ~open_cells].sum()
    if (inside & open_cells).any():
        assert np.isclose(changed[index].sum(), max(total, locked), rtol=1e-9, atol=1e-6)


def test_zero_cells_share_equally() -> None:
    assert np.array_equal(spread(np.zeros(4), 2.0), np.full(4, 0.5))
