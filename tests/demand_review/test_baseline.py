"""The company's baseline: chaining, proportional fitting, coherence."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop_engine.demand_review.baseline import (
    chain_history,
    company_baseline,
    fit_margins,
    heirs,
    succession_shares,
)
from sop_engine.errors import PlanError

NAN = np.nan
SEASON = 1 + 0.3 * np.sin(np.arange(12) * np.pi / 6)


def company(products: int = 6, markets: int = 3, months: int = 36, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    size = rng.uniform(50, 500, (products, 1, 1)) * rng.dirichlet(np.ones(markets) * 3, products)[:, :, None]
    return size * SEASON[np.arange(months) % 12] * rng.uniform(0.9, 1.1, (products, markets, months))


def planned(history: np.ndarray, horizon: int = 6, **change: object) -> object:
    n = len(history)
    inputs = {
        "chain": np.full(n, -1),
        "family": np.array(["Road", "Road", "Touring"] * n)[:n],
        "start": np.full(n, -99),
        "end": np.full(n, 99),
    } | change
    return company_baseline(history, horizon=horizon, **inputs)


def test_a_chain_adds_what_the_predecessor_sold():
    history = np.array([[[5.0, 6, 0, 0]], [[NAN, NAN, 7, 8]]])
    assert chain_history(history, np.array([-1, 0]))[1].tolist() == [[5, 6, 7, 8]]
    assert chain_history(history, np.array([-1, -1]))[1, 0, 2:].tolist() == [7, 8]


def test_a_chain_goes_back_more_than_one_model_year_whatever_the_order():
    history = np.array([[[NAN, NAN, 3.0]], [[NAN, 2.0, 0]], [[1.0, 0, 0]]])
    assert chain_history(history, np.array([1, 2, -1]))[0].tolist() == [[1, 2, 3]]


def test_successors_share_by_their_own_units_and_conserve_the_total():
    history = np.array([[[12.0, 8, 0]], [[NAN, NAN, 3]], [[NAN, NAN, 1]]])
    linked = chain_history(history, np.array([-1, 0, 0]))
    assert linked[1].tolist() == [[9, 6, 3]] and linked[2].tolist() == [[3, 2, 1]]
    assert linked[1:].sum() == np.nansum(history)


def test_successors_without_sales_share_equally():
    assert succession_shares(np.array([9.0, 0, 0]), np.array([-1, 0, 0])).tolist() == [0, 0.5, 0.5]


def test_unknown_stays_unknown_where_neither_sold():
    history = np.array([[[NAN, 4.0, 0]], [[NAN, NAN, 5]]])
    assert np.isnan(chain_history(history, np.array([-1, 0]))[1, 0, 0])


def test_a_circle_is_named():
    with pytest.raises(PlanError, match=r"\[0, 1\] succeed each other"):
        chain_history(np.ones((3, 1, 2)), np.array([1, 0, -1]))


def test_only_what_follows_its_predecessor_inherits():
    chain = np.array([-1, 0, 0, 0])
    assert heirs(chain, np.array([-9, -3, 5, 2]), np.array([3, 99, 99, 99])).tolist() == [
        False,
        False,
        True,
        False,
    ]
    assert heirs(chain, np.array([-9, -3, 5, 2]), np.array([-1, 99, 99, 99])).tolist() == [
        False,
        True,
        True,
        True,
    ]


def fit_twin(seeds: list, rows: list, columns: list) -> list:
    cells = [list(map(float, r)) for r in seeds]
    scale = sum(rows) / sum(columns)
    for _ in range(3000):
        for i in range(len(rows)):
            s = sum(cells[i])
            cells[i] = [c * rows[i] / s if s else c for c in cells[i]]
        for j in range(len(columns)):
            s = sum(r[j] for r in cells)
            for r in cells:
                r[j] = r[j] * columns[j] * scale / s if s else r[j]
    return cells


def test_proportional_fitting_equals_its_loops():
    rng = np.random.default_rng(0)
    seeds, rows, columns = rng.uniform(0, 9, (4, 3)), rng.uniform(1, 9, (4, 2)), rng.uniform(1, 9, (3, 2))
    cells = fit_margins(seeds, rows, columns)
    for t in range(2):
        assert cells[:, :, t] == pytest.approx(np.array(fit_twin(seeds, rows[:, t], columns[:, t])), rel=1e-6)


positive = st.lists(st.floats(1.0, 100.0), min_size=3, max_size=3)


@given(st.lists(positive, min_size=3, max_size=3), positive, positive)
def test_proportional_fitting_meets_both_margins(seeds, rows, columns):
    rows, columns = np.array(rows)[:, None], np.array(columns)[:, None]
    cells = fit_margins(np.array(seeds), rows, columns)
    assert cells.sum(axis=1) == pytest.approx(rows)
    assert cells.sum(axis=0) == pytest.approx(columns * rows.sum() / columns.sum(), rel=1e-3)


@given(
    st.lists(st.lists(st.sampled_from([0.0, 1.0, 50.0]), min_size=3, max_size=3), min_size=3, max_size=3),
    st.lists(st.sampled_from([0.0, 1.0, 7.0]), min_size=3, max_size=3),
    st.lists(st.sampled_from([0.0, 2.0, 9.0]), min_size=3, max_size=3),
)
def test_rows_are_met_whatever_is_zero(seeds, rows, columns):
    cells = fit_margins(np.array(seeds), np.array(rows)[:, None], np.array(columns)[:, None])
    assert cells.sum(axis=1)[:, 0] == pytest.approx(rows)
    assert (cells >= 0).all()


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 1000), st.sampled_from([15, 26, 36]))
def test_bands_enclose_sums_that_add_up(seed, months):
    base = planned(company(months=months, seed=seed))
    product, family = base.units.sum(axis=1), np.array(["Road", "Road", "Touring"] * 2)
    assert base.families == ("Road", "Touring") and base.units.shape == (6, 3, 6)
    assert (base.units >= 0).all() and np.isfinite(base.units).all()
    assert (base.product_bands[0] <= product + 1e-9).all() and (product <= base.product_bands[1] + 1e-9).all()
    by_family = np.array([product[family == f].sum(axis=0) for f in base.families])
    assert (base.family_bands[0] <= by_family + 1e-9).all() and (
        by_family <= base.family_bands[1] + 1e-9
    ).all()
    assert (base.total_bands[0] <= product.sum(axis=0)).all() and (
        product.sum(axis=0) <= base.total_bands[1]
    ).all()


def test_baseline_follows_level_and_season():
    truth = company(seed=3)
    base = planned(company(seed=3)[:, :, :36], horizon=12)
    assert base.units.sum() == pytest.approx(truth[:, :, -12:].sum(), rel=0.03)
    total = base.units.sum(axis=(0, 1))
    assert np.corrcoef(total, SEASON)[0, 1] > 0.9


def test_product_order_does_not_matter():
    history, family = company(), np.array(["a", "b", "c", "a", "b", "c"])
    chain = np.array([-1, -1, -1, 0, -1, -1])
    end = np.array([-1, 99, 99, 99, 99, 99])
    order = np.array([3, 5, 0, 1, 4, 2])
    place = np.argsort(order)
    turned = np.array([place[c] if c >= 0 else -1 for c in chain[order]])
    straight = planned(history, family=family, chain=chain, end=end)
    mixed = planned(history[order], family=family[order], chain=turned, end=end[order])
    assert mixed.units == pytest.approx(straight.units[order])
    assert mixed.product_bands == pytest.approx(straight.product_bands[:, order])


def test_unit_of_measure_scales_everything():
    small, large = planned(company()), planned(company() * 64)
    assert large.units == pytest.approx(small.units * 64)
    assert large.error_sd == pytest.approx(small.error_sd * 64)


def test_windows_are_kept_and_what_ends_leaves_its_family():
    history = company()
    end, start = np.array([2, 99, 99, 99, 99, -1]), np.array([-9, 4, -9, -9, -9, -9])
    whole, cut = planned(history), planned(history, start=start, end=end)
    assert not cut.units[0, :, 3:].any() and cut.units[0, :, :3].all()
    assert not cut.units[1, :, :4].any() and cut.units[1, :, 4:].all()
    assert not cut.units[5].any() and cut.error_sd[5] == 0 and not cut.product_bands[:, 5].any()
    assert cut.units[3].sum(axis=0) == pytest.approx(whole.units[3].sum(axis=0))


def test_no_history_no_baseline():
    history = company()
    history[2] = NAN
    base = planned(history)
    assert not base.units[2].any() and base.kind[2] == "none"
    nothing = planned(np.full((2, 2, 12), NAN))
    assert not nothing.units.any()


def test_two_months_of_sales_go_on_at_their_rate():
    history = company()
    history[0, :, :34] = NAN
    assert planned(history).units[0].sum(axis=0) == pytest.approx(
        np.full(6, history[0, :, 34:].sum() / 2), rel=0.4
    )


def test_a_chained_succession_keeps_its_trend():
    growing = np.linspace(50, 400, 36) * np.random.default_rng(0).uniform(0.95, 1.05, (3, 1, 36))
    history = np.full((4, 1, 36), NAN)
    history[:3], history[3, :, 33:], history[0, :, 33:] = growing, growing[0, :, 33:], 0.0
    history[1:3] = growing[1:3, :, ::-1]
    inputs = {
        "family": np.array(["Road"] * 4),
        "chain": np.array([-1, -1, -1, 0]),
        "end": np.array([-1, 99, 99, 99]),
    }
    coming = 50 + 10 * np.arange(36, 42)
    error = {
        c: np.abs(planned(history, chained=c, **inputs).units[3, 0] - coming).mean() for c in (True, False)
    }
    assert error[True] < 0.8 * error[False]
    assert (
        planned(history, **inputs).kind[3] == "regular"
        and planned(history, chained=False, **inputs).kind[3] == "short"
    )


def test_faults_are_named():
    history = company()
    with pytest.raises(PlanError, match="one entry per product"):
        planned(history, chain=np.array([-1]))
    history[1, 2, 20] = NAN
    with pytest.raises(PlanError, match="product 1, market 2, period 20"):
        planned(history)
