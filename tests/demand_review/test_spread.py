import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sop_engine.demand_review.spread import spread, spread_open, spread_periods

UNITS = st.floats(0, 1e6, allow_nan=False)


@given(arrays(float, st.integers(1, 20), elements=UNITS), UNITS)
def test_spreading_conserves_the_total(cells: np.ndarray, total: float) -> None:
    assert np.isclose(spread(cells, total).sum(), total, rtol=1e-9, atol=1e-9)


@given(arrays(float, (3, 4), elements=UNITS), arrays(bool, (3, 4)), UNITS)
def test_closed_cells_stay_and_the_others_make_up_the_total(
    cells: np.ndarray, open_cells: np.ndarray, total: float
) -> None:
    changed = spread_open(cells, open_cells, total)
    closed = cells[~open_cells]
    assert np.array_equal(changed[~open_cells], closed) and (changed >= 0).all()
    if open_cells.any():
        assert np.isclose(changed.sum(), max(total, closed.sum()), rtol=1e-9, atol=1e-6)


@given(
    arrays(float, (2, 3, 4), elements=UNITS),
    arrays(bool, (2, 3, 4)),
    arrays(float, 4, elements=UNITS | st.just(float("nan"))),
)
def test_periods_spread_as_each_would_alone(
    cells: np.ndarray, open_cells: np.ndarray, totals: np.ndarray
) -> None:
    together = spread_periods(cells, open_cells, totals)
    for t, total in enumerate(totals):
        alone = cells[:, :, t] if np.isnan(total) else spread_open(cells[:, :, t], open_cells[:, :, t], total)
        assert np.allclose(together[:, :, t], alone, rtol=1e-9, atol=1e-6)


def test_zero_cells_share_equally() -> None:
    assert np.array_equal(spread(np.zeros(4), 2.0), np.full(4, 0.5))
