"""Streams, overrides and locks on the small company, against loops that a planner could follow by hand."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop_engine.demand_review.judgement import (
    effect_of,
    override_moves,
    stream_moves,
    stream_views,
    with_overrides,
    with_streams,
)
from sop_engine.inputs import Inputs
from sop_engine.inputs.judgement import Lock, Override, StreamLine
from tests.builders import demand_of, small_company

INPUTS = small_company()
UNITS = INPUTS.demand.baseline.units
SHAPE = UNITS.shape
PRICE = np.nan_to_num(INPUTS.money.price * INPUTS.money.rate)
AT = datetime(2014, 1, 20, 9)
SELLABLE = np.array([True, True, False])
SCOPES = {"A": [True, False, False], "B": [False, True, False], "all": [True, True, False]}
MARKETS = {"East": [True, False], "West": [False, True], "all": [True, True]}


def judged(inputs: Inputs = INPUTS, **demand: object) -> Inputs:
    return replace(inputs, demand=replace(inputs.demand, **demand))


def line(stream: str, scope: str, market: str, said: Mapping[int, float], **more: object) -> StreamLine:
    """A stream's line; what is said in units, or in money with amount=True."""
    numbers = np.full(SHAPE[2], np.nan)
    numbers[list(said)] = list(said.values())
    nothing = np.full(SHAPE[2], np.nan)
    pair = (nothing, numbers) if more.pop("amount", False) else (numbers, nothing)
    return StreamLine(stream, np.array(SCOPES[scope]), np.array(MARKETS[market]), *pair, **more)


def override(kind: str, value: float, scope: str = "all", market: str = "all", **more: object) -> Override:
    terms = {"first": 1, "last": 3, "created_at": AT, **more}
    return Override(
        "O1",
        np.array(SCOPES[scope]),
        np.array(MARKETS[market]),
        kind=kind,
        value=value,
        reason="Price change",
        owner="Ann",
        **terms,
    )


def lock(scope: str, market: str, first: int = 1, last: int = 3, at: datetime = AT) -> Lock:
    return Lock("L1", np.array(SCOPES[scope]), np.array(MARKETS[market]), first, last, "Signed", "Ben", at)


LINES = st.lists(
    st.builds(
        line,
        st.sampled_from(["sales", "finance"]),
        st.sampled_from(list(SCOPES)),
        st.sampled_from(list(MARKETS)),
        st.dictionaries(st.integers(0, SHAPE[2] - 1), st.floats(0, 1e4), max_size=3),
        amount=st.booleans(),
    ),
    max_size=5,
    unique_by=lambda one: (one.stream, one.products.tobytes(), one.markets.tobytes()),
)
WEIGHTS = st.fixed_dictionaries({"sales": st.floats(0, 1), "finance": st.floats(0, 1)})


def consensus_by_hand(lines: list[StreamLine], weights: Mapping[str, float]) -> np.ndarray:
    """The weighted consensus of the cells, one at a time."""
    said: dict[tuple[str, int, int, int], float] = {}
    ordered = sorted(
        lines, key=lambda o: (o.products.sum() * o.markets.sum(), o.products.tobytes(), o.markets.tobytes())
    )
    for one in ordered:
        for t in range(SHAPE[2]):
            in_money = np.isnan(one.units[t])
            total = one.amount[t] if in_money else one.units[t]
            if np.isnan(total):
                continue
            cells = [(p, m) for p, m in product(range(3), range(2)) if one.products[p] and one.markets[m]]
            worth = {cell: PRICE[(*cell, t)] if in_money else 1.0 for cell in cells}
            free = [cell for cell in cells if (one.stream, *cell, t) not in said and worth[cell] > 0]
            taken = sum(said.get((one.stream, *cell, t), 0.0) * worth[cell] for cell in cells)
            current = sum(UNITS[(*cell, t)] * worth[cell] for cell in free)
            for cell in free:
                share = UNITS[(*cell, t)] * worth[cell] / current
                said[(one.stream, *cell, t)] = max(total - taken, 0.0) * share / worth[cell]
    result = UNITS.copy()
    for cell in np.ndindex(SHAPE):
        present = {s: weights[s] for s in weights if (s, *cell) in said}
        scale = max(sum(present.values()), 1.0)
        result[cell] = UNITS[cell] * (1 - sum(present.values()) / scale) + sum(
            weight / scale * said[(s, *cell)] for s, weight in present.items()
        )
    return result


@settings(max_examples=60, deadline=None)
@given(LINES, WEIGHTS, st.randoms())
def test_the_consensus_is_what_loops_make_of_it_whatever_the_order_of_rows(
    lines: list[StreamLine], weights: dict[str, float], random: object
) -> None:
    plan = with_streams(UNITS, judged(streams=tuple(lines), stream_weights=weights))
    assert np.allclose(plan, consensus_by_hand(lines, weights), rtol=1e-9, atol=1e-6)
    shuffled = list(lines)
    random.shuffle(shuffled)
    again = with_streams(UNITS, judged(streams=tuple(shuffled), stream_weights=weights))
    assert np.array_equal(plan, again)


def test_a_wide_line_keeps_its_total_around_a_narrow_one() -> None:
    wide, narrow = line("sales", "all", "all", {2: 1000.0}), line("sales", "A", "East", {2: 400.0})
    (view,) = stream_views(UNITS, judged(streams=(wide, narrow)))
    assert view.units[0, 0, 2] == 400
    assert np.allclose(view.units[[0, 1, 1], [1, 0, 1], 2], 600 * np.array([40, 50, 30]) / 120)
    assert np.isnan(view.units[:, :, [0, 1, 3]]).all() and np.isnan(view.units[2]).all()


def test_streams_without_weight_and_samples_leave_the_baseline() -> None:
    lines = (
        line("sales", "all", "all", {2: 1000.0}),
        line("marketing", "A", "all", {3: 900.0}, sample=True),
    )
    heavy = {"sales": 0.0, "marketing": 1.0}
    inputs = judged(streams=lines, stream_weights=heavy)
    assert np.array_equal(with_streams(UNITS, inputs), UNITS)
    assert np.array_equal(demand_of(inputs).unconstrained, demand_of(INPUTS).unconstrained)
    assert [(view.stream, view.sample) for view in stream_views(UNITS, inputs)] == [
        ("sales", False),
        ("marketing", True),
    ]


def test_weights_by_product_and_period_act_there_only() -> None:
    weight = np.zeros(SHAPE[::2])
    weight[0, 2] = 0.5
    inputs = judged(
        streams=(line("sales", "all", "all", {2: 360.0, 3: 360.0}),), stream_weights={"sales": weight}
    )
    moved = with_streams(UNITS, inputs) - UNITS
    assert np.allclose(moved[0, :, 2], 0.5 * UNITS[0, :, 2]), "360 is twice what the company holds"
    moved[0, :, 2] = 0
    assert not moved.any()


def test_moves_end_at_the_consensus_and_name_who_says_so() -> None:
    lines = (
        line("sales", "A", "all", {2: 180.0}, author="Ann"),
        line("finance", "A", "all", {2: 9000.0}, amount=True),
    )
    inputs = judged(streams=lines, stream_weights={"sales": 0.5, "finance": 0.25})
    moves = list(stream_moves(UNITS, inputs))
    assert [(view.stream, view.author) for view, _ in moves] == [("finance", ""), ("sales", "Ann")]
    assert np.array_equal(moves[-1][1], with_streams(UNITS, inputs))
    assert moves[-1][1][0, :, 2].sum() == pytest.approx(100 + 0.5 * 80 - 0.25 * 10)


KINDS = st.sampled_from(["units", "add", "pct", "amount"])


@settings(max_examples=80, deadline=None)
@given(
    KINDS,
    st.floats(-100, 20000),
    st.sampled_from(list(SCOPES)),
    st.sampled_from(list(MARKETS)),
    st.lists(st.builds(lock, st.sampled_from(list(SCOPES)), st.sampled_from(list(MARKETS))), max_size=2),
)
def test_an_override_hits_its_total_and_leaves_locked_cells(
    kind: str, value: float, scope: str, market: str, locks: list[Lock]
) -> None:
    value = abs(value) if kind in ("units", "amount") else value
    one = override(kind, value, scope, market)
    inputs = judged(overrides=(one,), locks=tuple(locks))
    after = with_overrides(UNITS, inputs)
    inside, held = np.zeros(SHAPE, dtype=bool), np.zeros(SHAPE, dtype=bool)
    inside[np.ix_(one.products, one.markets, [1, 2, 3])] = True
    for each in locks:
        held[np.ix_(each.products, each.markets, range(each.first, each.last + 1))] = True
    assert np.array_equal(after[~inside | held], UNITS[~inside | held]) and (after >= 0).all()
    worth = PRICE if kind == "amount" else np.ones(SHAPE)
    before = (UNITS * worth)[inside].sum()
    asked = {"units": value, "amount": value, "add": before + value, "pct": before * (1 + value / 100)}[kind]
    if (inside & ~held).any():
        total = max(asked, (UNITS * worth)[inside & held].sum())
        assert (after * worth)[inside].sum() == pytest.approx(total, rel=1e-9, abs=1e-6)
        free = after[inside & ~held] / UNITS[inside & ~held]
        assert np.allclose(free, free[0]), "in proportion"


def test_an_override_before_the_lock_counts_and_the_lock_holds_what_it_made() -> None:
    early = override("units", 600.0, "A", created_at=AT - timedelta(days=1))
    late = override("units", 1000.0, "all")
    inputs = judged(overrides=(early, late), locks=(lock("A", "all"),))
    (_, first), (_, second) = override_moves(UNITS, inputs)
    assert first[0, :, 1:4].sum() == pytest.approx(600)
    assert np.array_equal(second[0], first[0]) and second[1, :, 1:4].sum() == pytest.approx(400)


def test_the_effect_says_what_is_locked_and_what_cannot_be_done() -> None:
    inputs = judged(locks=(lock("A", "all"),))
    effect = effect_of(override("units", 200.0), UNITS, inputs)
    assert (effect.units, effect.units_after) == (540, 300)
    assert (effect.amount, effect.amount_after) == (3 * (100 * 100 + 80 * 60), 3 * 100 * 100)
    assert (effect.cells, effect.locked_cells, effect.locked_units, effect.beyond) == (12, 6, 300, 100)


def test_a_total_counts_by_the_share_of_its_periods_that_are_left() -> None:
    after = with_overrides(UNITS, judged(overrides=(override("units", 900.0, share=2 / 3),)))
    assert after[:, :, 1:4].sum() == pytest.approx(600)


def test_money_leaves_cells_without_a_price_as_they_are() -> None:
    prices = {("A", "East"): 100.0, ("A", "West"): 100.0, ("B", "East"): 60.0}
    inputs = small_company(price=prices)
    after = with_overrides(UNITS, judged(inputs, overrides=(override("amount", 9000.0, "B"),)))
    assert after[1, 0, 1:4].sum() == pytest.approx(150) and np.array_equal(after[1, 1], UNITS[1, 1])
