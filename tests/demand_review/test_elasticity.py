"""Price elasticities and driver-based forecasts."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from sop_engine.demand_review.elasticity import family_elasticities, shrink, slopes
from sop_engine.errors import PlanError


def market(
    truth: dict[str, float], noise: float = 0.1, spread: float = 0.1, seed: int = 0
) -> tuple[np.ndarray, ...]:
    """units, price (P, M, H) and family (P,): four products of each family in three markets over 30
    months.
    """
    rng = np.random.default_rng(seed)
    family = np.repeat(list(truth), 4)
    shape = (len(family), 3, 30)
    log_price = rng.normal(3, 0.5, shape[:2])[:, :, None] + rng.normal(0, spread, shape)
    season = 0.3 * np.sin(np.arange(30) * np.pi / 6)
    slope = np.array([truth[f] for f in family])[:, None, None]
    log_units = (
        rng.normal(6, 1, shape[:2])[:, :, None] + season + slope * log_price + rng.normal(0, noise, shape)
    )
    return np.exp(log_units), np.exp(log_price), family


def test_known_elasticities_are_found_within_their_errors():
    truth = {"Helmets": -1.2, "Jerseys": -2.0, "Tires": -0.6}
    found = family_elasticities(*market(truth)).set_index("family")
    assert found["source"].tolist() == ["own"] * 3 and (found["n"] == 360).all()
    for name, value in truth.items():
        assert abs(found.loc[name, "elasticity"] - value) < 3 * found.loc[name, "se"] < 0.5


def test_slope_equals_the_regression_with_dummies():
    units, price, _ = market({"a": -1.5})
    p, m, h = np.indices(units.shape)
    keep = np.random.default_rng(1).random(units.size) < 0.7
    rows = pd.DataFrame(
        {
            "y": np.log(units).ravel(),
            "x": np.log(price).ravel(),
            "cell": (p * 3 + m).ravel(),
            "period": h.ravel(),
        }
    )[keep]
    found = slopes(
        rows["y"].to_numpy(), rows[["x"]].to_numpy(), rows["cell"].to_numpy(), rows["period"].to_numpy()
    )
    dummies = smf.ols("y ~ x + C(cell) + C(period)", rows).fit()
    assert found.beta[0] == pytest.approx(dummies.params["x"])
    assert found.se[0] >= dummies.bse["x"] * (1 - 1e-9)
    assert found.se[0] == pytest.approx(dummies.bse["x"], rel=0.5)


def test_shrinkage_equals_its_twin():
    beta, se = [-2.0, -1.0, -3.5, -0.5], [0.3, 0.5, 0.4, 0.2]
    w = [1 / s**2 for s in se]
    fixed = sum(a * b for a, b in zip(w, beta)) / sum(w)
    q = sum(a * (b - fixed) ** 2 for a, b in zip(w, beta))
    tau2 = max(0.0, (q - 3) / (sum(w) - sum(a * a for a in w) / sum(w)))
    v = [1 / (s**2 + tau2) for s in se]
    mean = sum(a * b for a, b in zip(v, beta)) / sum(v)
    posterior = [(b / s**2 + mean / tau2) / (1 / s**2 + 1 / tau2) for b, s in zip(beta, se)]
    found = shrink(np.array(beta), np.array(se))
    assert found.beta == pytest.approx(posterior) and found.mean == pytest.approx(mean)
    assert found.mean_se == pytest.approx(sum(v) ** -0.5) and found.spread == pytest.approx(tau2**0.5)


def test_groups_that_agree_collapse_and_the_unknown_takes_the_mean():
    found = shrink(np.array([-1.0, -1.1, np.nan]), np.array([0.5, 0.5, np.nan]))
    assert found.beta == pytest.approx([-1.05] * 3) and found.spread == 0
    assert np.isnan(shrink(np.array([np.nan]), np.array([np.nan])).mean)


def test_no_price_variation_takes_the_panels():
    units, price, family = market({"a": -1.5, "b": -1.4, "c": -1.6})
    price[family == "c"] = price[family == "c"][:, :, :1]
    found = family_elasticities(units, price, family).set_index("family")
    assert found["source"].to_dict() == {"a": "own", "b": "own", "c": "all"}
    assert found.loc["c", "elasticity"] == pytest.approx(-1.45, abs=0.2)


def test_the_wrong_sign_takes_the_panels():
    truth = {name: -1.5 for name in "abcdefg"} | {"z": 0.6}
    found = family_elasticities(*market(truth)).set_index("family")
    assert found.loc["z", "source"] == "all" and found.loc["z", "elasticity"] < 0
    assert found.loc["z", "se"] > found.loc["a", "se"]


def test_nothing_is_said_where_nothing_is_known():
    found = family_elasticities(*market({"a": 0.0, "b": 0.0}, noise=1.0))
    assert found["source"].tolist() == ["none", "none"]
    assert found[["elasticity", "se"]].isna().all(axis=None)
    units, price, family = market({"a": -1.0})
    assert family_elasticities(units, price * 0 + 5, family)["source"].tolist() == ["none"]


def test_blank_zero_and_free_cells_are_left_out():
    units, price, family = market({"a": -1.5})
    units[0, 0, :5], units[1, 1, 3], price[2, 2, 2] = np.nan, 0.0, 0.0
    assert family_elasticities(units, price, family)["n"].tolist() == [353]


def test_a_discount_share_takes_its_own_part():
    units, price, family = market({"a": -1.5})
    discount = np.random.default_rng(5).uniform(0, 0.3, units.shape)
    lifted = units * np.exp(2.0 * discount)
    found = family_elasticities(lifted, price, family, discount)
    assert found["elasticity"][0] == pytest.approx(-1.5, abs=0.15)


def test_shapes_are_named():
    with pytest.raises(PlanError, match="one shape"):
        family_elasticities(np.ones((2, 1, 3)), np.ones((2, 1, 4)), np.array(["a", "b"]))
