"""Exceptions against a second way to count them; one that was reviewed comes back when it moves."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop_engine.demand_review.exceptions import (
    BY_KIND,
    COLUMNS,
    RULES,
    Compared,
    at_stake,
    compared,
    ranked_exceptions,
    with_reviews,
)

FAMILIES = np.array(["Bikes", "Bikes", "Caps", "Bags"])
SOLD = np.array([True, True, True, False])
THRESHOLDS = {rule.setting: 10.0 for rule in RULES}
numbers = st.one_of(st.just(np.nan), st.floats(0, 1000))
cells = st.lists(numbers, min_size=8, max_size=8).map(lambda values: np.array(values).reshape(4, 2))


@settings(max_examples=50, deadline=None)
@given(cells.map(np.nan_to_num), cells, st.floats(1, 50))
def test_a_family_is_compared_where_its_reference_says_something(
    units: np.ndarray, reference: np.ndarray, price: float
) -> None:
    table = compared(Compared(units, reference, units * price, reference * price), FAMILIES, SOLD)
    assert list(table["family"]) == ["Bikes", "Caps"], "bags are not sold"
    for row in table.itertuples():
        gap = base = 0.0
        said = False
        for product in range(4):
            for period in range(2):
                if FAMILIES[product] == row.family and not np.isnan(reference[product, period]):
                    said = True
                    gap += units[product, period] - reference[product, period]
                    base += reference[product, period]
        if not said:
            assert np.isnan(row.units) and np.isnan(row.pct) and np.isnan(row.money)
            continue
        assert row.units == pytest.approx(gap) and row.money == pytest.approx(gap * price)
        assert row.pct == pytest.approx(100 * gap / base) if base > 0 else np.isnan(row.pct)


def test_where_only_money_is_known_the_percentage_is_of_money() -> None:
    nothing = np.full((4, 2), np.nan)
    pair = Compared(np.ones((4, 2)), nothing, np.full((4, 2), 30.0), np.full((4, 2), 20.0))
    bikes = compared(pair, FAMILIES, SOLD).iloc[0]
    assert np.isnan(bikes["units"]) and (bikes["pct"], bikes["money"]) == (50.0, 40.0)


def found(**kinds: list[tuple[str, float, float]]) -> dict[str, pd.DataFrame]:
    return {
        kind.replace("_", " "): pd.DataFrame(
            [(family, pct, money / 10, money) for family, pct, money in rows], columns=COLUMNS[1:]
        )
        for kind, rows in kinds.items()
    }


def test_the_largest_money_comes_first_and_a_side_counts() -> None:
    table = ranked_exceptions(
        found(
            budget=[("Bikes", 12.0, 500.0), ("Caps", -9.0, -900.0), ("Bags", np.nan, np.nan)],
            orders=[("Caps", -40.0, -80.0), ("Bikes", 40.0, 80.0)],
            constrained=[("Caps", -40.0, -700.0), ("Bikes", 40.0, 700.0)],
            range=[("Bags", -11.0, -1.0)],
        ),
        THRESHOLDS,
        least=2.0,
    )
    assert list(zip(table["kind"], table["family"], strict=True)) == [
        ("constrained", "Caps"),
        ("budget", "Bikes"),
        ("orders", "Bikes"),
    ]
    assert at_stake(table, ["Bikes"]) == 500.0 and at_stake(table, ["Bikes", "Caps"]) == 1200.0
    assert ranked_exceptions({}, THRESHOLDS).empty


def review(pct: float, kind: str = "budget", name: str = "E1") -> dict[str, object]:
    at = pd.Timestamp("2014-01-08")
    made = {"created_by": "Ann", "created_at": at}
    return {"review_id": name, "kind": kind, "family": "Bikes", "value": pct, "note": "known", **made}


@pytest.mark.parametrize(
    ("was", "status"), [(12.0, "reviewed"), (22.0, "reviewed"), (22.1, "open"), (1.9, "open")]
)
def test_a_reviewed_exception_comes_back_when_it_moves_by_more_than_its_threshold(
    was: float, status: str
) -> None:
    table = ranked_exceptions(found(budget=[("Bikes", 12.0, 500.0), ("Caps", 30.0, 90.0)]), THRESHOLDS)
    shown = with_reviews(table, pd.DataFrame([review(was)]), THRESHOLDS)
    assert dict(zip(shown["family"], shown["status"], strict=True)) == {"Bikes": status, "Caps": "open"}
    assert shown["status"].is_monotonic_increasing, "open ones stand first"
    bikes = shown.set_index("family").loc["Bikes"]
    assert (bikes["note"], bikes["reviewed by"], bikes["was pct"]) == ("known", "Ann", was)


def test_the_last_review_of_the_same_rule_counts_and_none_leaves_all_open() -> None:
    table = ranked_exceptions(found(budget=[("Bikes", 12.0, 500.0)]), THRESHOLDS)
    reviews = pd.DataFrame([review(90.0), review(11.0, name="E2"), review(90.0, kind="orders", name="E3")])
    shown = with_reviews(table, reviews, THRESHOLDS)
    assert list(shown["review_id"]) == ["E2"] and list(shown["status"]) == ["reviewed"]
    none = with_reviews(table, reviews.iloc[:0], THRESHOLDS)
    assert list(none["status"]) == ["open"] and none["review_id"].isna().all()
    assert with_reviews(table.iloc[:0], reviews, THRESHOLDS).empty


def test_every_rule_has_its_own_kind_and_setting() -> None:
    assert len(BY_KIND) == len({rule.setting for rule in RULES}) == len(RULES) == 8
