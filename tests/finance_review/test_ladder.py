"""The ladder adds up, its range holds what is expected, its chances are those of every case written out."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop_engine.finance_review.ladder import GRID, distribution, ladder, quantile, top_side_lines
from tests.builders import small_company

CHANCES = st.floats(0, 1, allow_nan=False)
ITEMS = st.lists(st.tuples(st.booleans(), st.integers(0, 10_000), CHANCES), max_size=9)


def rows(items: list[tuple[bool, float, float]], **more: object) -> pd.DataFrame:
    """Rows as the register gives them; (opportunity, size, probability)."""
    made = [
        {
            "title": f"item {at}",
            "kind": "opportunity" if up else "risk",
            "probability": chance,
            "revenue": float(size if up else -size),
            "gross_margin": 0.4 * (size if up else -size),
            "counts": True,
        }
        for at, (up, size, chance) in enumerate(items)
    ]
    columns = ["title", "kind", "probability", "revenue", "gross_margin", "counts"]
    return pd.DataFrame(made, columns=columns).assign(**more)


def naive_sums(items: list[tuple[bool, float, float]]) -> dict[float, float]:
    """Probability of every sum, one case of happening or not at a time."""
    chance_of: dict[float, float] = {}
    for case in product((False, True), repeat=len(items)):
        total, chance = 0.0, 1.0
        for happens, (up, size, share) in zip(case, items, strict=True):
            total += (size if up else -size) * happens
            chance *= share if happens else 1 - share
        chance_of[total] = chance_of.get(total, 0.0) + chance
    return chance_of


def naive_quantile(chances: dict[float, float], share: float) -> float:
    reached = 0.0
    for total in sorted(chances):
        reached += chances[total]
        if reached >= share - 1e-9:
            return total
    return max(chances)


def test_a_ladder_by_hand() -> None:
    """Budget 1000, estimate 900; 50 % of +200, 25 % of -80: expected 900 + 100 - 20 = 980."""
    found = ladder(
        "revenue", 900.0, rows([(True, 200, 0.5), (False, 80, 0.25)]), budget=1000.0, target=1100.0
    )
    assert found.steps == {"estimate less budget": -100.0, "opportunities": 100.0, "risks": -20.0}
    assert (found.expected, found.low, found.high) == (980.0, 820.0, 1100.0)
    assert (found.gap_to_budget, found.gap_to_target) == (-20.0, -120.0)
    assert (found.p10, found.p90) == (820.0, 1100.0)  # -80: 12.5 %, 0: 37.5 %, 120: 12.5 %, 200: 37.5 %
    assert ladder("gross_margin", 400.0, rows([(True, 200, 0.5)])).expected == pytest.approx(440.0)


@given(ITEMS, st.floats(-1e6, 1e6))
def test_steps_add_up_and_the_range_holds_what_is_expected(
    items: list[tuple[bool, float, float]], estimate: float
) -> None:
    found = ladder("revenue", estimate, rows(items), budget=1e5)
    assert found.budget + sum(found.steps.values()) == pytest.approx(found.expected, abs=1e-6)
    assert found.low - 1e-6 <= found.p10 <= found.p90 <= found.high + 1e-6
    assert found.low - 1e-6 <= found.expected <= found.high + 1e-6


@given(ITEMS)
def test_chances_are_those_of_every_case(items: list[tuple[bool, float, float]]) -> None:
    found = rows(items)
    sums, mass = distribution(found["revenue"].to_numpy(float), found["probability"].to_numpy(float))
    cases = naive_sums(items)
    assert dict(zip(sums.tolist(), mass.tolist(), strict=True)) == pytest.approx(cases, abs=1e-9)
    assert mass.sum() == pytest.approx(1.0)
    assert float(sums @ mass) == pytest.approx(
        float((found["revenue"] * found["probability"]).sum()), abs=1e-5
    )
    for share in (0.1, 0.5, 0.9):
        assert cases[quantile(sums, mass, share)] >= 0
        below = sum(chance for total, chance in cases.items() if total <= quantile(sums, mass, share))
        assert below >= share - 1e-9


def test_a_hand_full_of_quantiles_is_the_naive_one() -> None:
    items = [(True, 300, 0.3), (True, 120, 0.8), (False, 250, 0.4), (False, 60, 0.15), (True, 10, 0.5)]
    found, cases = ladder("revenue", 0.0, rows(items)), naive_sums(items)
    assert (found.p10, found.p90) == (naive_quantile(cases, 0.1), naive_quantile(cases, 0.9))


def test_many_items_are_near_the_exact_distribution() -> None:
    """24 alike items: their sum is binomial, whose quantiles are known."""
    sums, mass = distribution(np.full(24, 1000.0), np.full(24, 0.5))
    grid = 24_000 / GRID
    assert quantile(sums, mass, 0.1) == pytest.approx(9000, abs=24 * grid)
    assert quantile(sums, mass, 0.9) == pytest.approx(15000, abs=24 * grid)
    assert mass.sum() == pytest.approx(1.0)


def test_what_does_not_count_or_is_not_known_changes_nothing() -> None:
    counted = rows([(True, 200, 0.5)])
    sample = rows([(False, 999, 0.9)], counts=False)
    blank = rows([(False, 1, 0.9)]).assign(revenue=np.nan, title="Nobody knows")
    found = ladder("revenue", 0.0, pd.concat([counted, sample, blank], ignore_index=True))
    assert (found.expected, found.low, found.high, found.items) == (100.0, 0.0, 200.0, 1)
    assert found.unknown == ("Nobody knows",)


def test_an_empty_register_leaves_the_estimate() -> None:
    found = ladder("revenue", 500.0, rows([]), top_side=70.0)
    assert found.low == found.p10 == found.expected == found.p90 == found.high == 500.0


def test_a_line_that_nobody_owns_counts_by_its_share_of_the_periods() -> None:
    calendar = small_company().calendar
    request = {
        "request_id": "1",
        "title": "Stretch",
        "created_by": "Ana",
        "to_stage": "",
        "status": "open",
        "measure": "revenue",
        "amount": 400.0,
        "from_period": pd.Timestamp("2014-01-01"),
        "to_period": pd.Timestamp("2014-04-01"),
        "sample": False,
    }
    others = ({"to_stage": "demand"}, {"status": "accepted"}, {"measure": "units"}, {"sample": True})
    table = pd.DataFrame([request, *({**request, **other} for other in others)])
    lines = top_side_lines(table, "revenue", calendar, np.arange(3))
    assert lines[["title", "raised_by", "amount"]].to_numpy().tolist() == [["Stretch", "Ana", 300.0]]
