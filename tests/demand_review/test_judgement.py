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
    refusal,
    stream_moves,
    stream_views,
    with_overrides,
    with_streams,
)
from sop_engine.inputs import Inputs
from sop_engine.inputs.events import Event
from sop_engine.inputs.judgement import Lock, Override, StreamLine
from tests.builders import demand_of, small_company
from tests.plans import made_up_plan, small_inputs

INPUTS = small_company()
UNITS = INPUTS.demand.baseline.units
SHAPE = UNITS.shape
PRICE = np.nan_to_num(INPUTS.money.price * INPUTS.money.rate)
AT = datetime(2014, 1, 20, 9)
EARLIER = AT - timedelta(microseconds=1)
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


def lock(scope: str, market: str, first: int = 1, last: int = 3, at: datetime = EARLIER) -> Lock:
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
    early = override("units", 600.0, "A", created_at=EARLIER - timedelta(days=1))
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


def test_a_scope_that_holds_nothing_is_filled_by_what_tells_most_of_it() -> None:
    emptied, total = UNITS * np.array([0.0, 1.0, 1.0])[:, None, None], override("units", 300.0, "A")
    after = with_overrides(emptied, judged(overrides=(total,)))[0, :, 1:4]
    assert np.allclose(after, 300 * UNITS[0, :, 1:4] / UNITS[0, :, 1:4].sum()), "by the baseline"
    assert effect_of(total, emptied, INPUTS).spread == "by the statistical baseline before overrides"
    dead = judged(baseline=replace(INPUTS.demand.baseline, units=emptied))
    prior = np.zeros(SHAPE)
    prior[0, 0], prior[1, 0], prior[1, 1] = 50.0, 10.0, 30.0
    one, none = override("units", 300.0), np.zeros(SHAPE)
    none[1, 0, 0] = 1.0  # outside the scope: B is in the plan, A is not
    empty = judged(baseline=replace(dead.demand.baseline, units=np.zeros(SHAPE)))
    year = replace(empty, money=replace(INPUTS.money, prior_units=prior))
    after = with_overrides(none, replace(year, demand=replace(year.demand, overrides=(one,))))
    assert not after[0].any() and np.allclose(after[1, :, 1:4], [[25.0] * 3, [75.0] * 3])
    assert effect_of(one, none, year).spread == "by the mix of the year before"
    bare = replace(empty, money=replace(INPUTS.money, prior_units=np.zeros(SHAPE)))
    after = with_overrides(none, replace(bare, demand=replace(bare.demand, overrides=(one,))))
    assert not after[0].any() and np.allclose(after[1, :, 1:4], 50.0)
    ended = replace(bare, products=replace(bare.products, end=np.array([SHAPE[2], 2, SHAPE[2]])))
    after = with_overrides(np.zeros(SHAPE), replace(ended, demand=replace(ended.demand, overrides=(one,))))
    assert np.allclose(after[0, :, 1:4], 300 / 8) and np.allclose(after[1, :, 1:4], [300 / 8, 0, 0])


def test_what_the_scope_does_not_hold_is_refused_in_words() -> None:
    def said(one: Override, units: np.ndarray = UNITS) -> str:
        return refusal(one, effect_of(one, units, INPUTS))

    assert "takes more than there is" in said(override("add", -541.0))
    assert "holds 540 units, so -541" in said(override("add", -541.0))
    assert not said(override("add", -540.0)) and not said(override("pct", 10.0))
    assert "holds nothing" in said(override("pct", 10.0), 0 * UNITS)
    assert not said(override("units", 10.0), 0 * UNITS) and not said(override("add", 10.0), 0 * UNITS)


def test_a_total_counts_by_the_share_of_its_periods_that_are_left() -> None:
    after = with_overrides(UNITS, judged(overrides=(override("units", 900.0, share=2 / 3),)))
    assert after[:, :, 1:4].sum() == pytest.approx(600)


def test_money_leaves_cells_without_a_price_as_they_are() -> None:
    prices = {("A", "East"): 100.0, ("A", "West"): 100.0, ("B", "East"): 60.0}
    inputs = small_company(price=prices)
    after = with_overrides(UNITS, judged(inputs, overrides=(override("amount", 9000.0, "B"),)))
    assert after[1, 0, 1:4].sum() == pytest.approx(150) and np.array_equal(after[1, 1], UNITS[1, 1])


def test_a_lock_made_in_the_moment_of_an_override_leaves_it_standing() -> None:
    at_once = judged(overrides=(override("units", 600.0, "A"),), locks=(lock("A", "all", at=AT),))
    assert with_overrides(UNITS, at_once)[0, :, 1:4].sum() == pytest.approx(600)


@pytest.fixture(scope="module")
def dear() -> Inputs:
    """Prices of A that rise with an elasticity, euros, and an event that is cheaper for two months."""
    inputs = small_inputs()
    event = Event("Sale", *(np.ones(n, dtype=bool) for n in (3, 2)), 2, 3, 15.0, np.nan, 0.0, "", -20.0)
    return judged(inputs, events=(event,), elasticity=np.array([-2.0, -1.0, np.nan]))


def test_an_override_to_money_is_what_finance_values_whatever_events_and_list_prices_do(dear: Inputs) -> None:
    one = override("amount", 100000.0)
    plan = made_up_plan(judged(dear, overrides=(one,)))
    scope = np.ix_([0, 1], [0, 1], [1, 2, 3])
    assert plan.demand.steps["List prices"][scope].any() and plan.demand.steps["Events"][scope].any()
    assert plan.finance.demand_value[scope].sum() == pytest.approx(100000, rel=1e-12)
    effect = effect_of(one, plan.demand.before("Overrides"), dear)
    assert effect.amount_after == pytest.approx(100000, rel=1e-12)
    before = plan.demand.before("Overrides")[scope] * plan.finance.price[scope]
    assert effect.amount == pytest.approx(before.sum())


def test_a_stream_in_money_is_worth_what_it_says_at_the_price_of_the_event(dear: Inputs) -> None:
    nothing, money = np.full((2, dear.calendar.periods), np.nan)
    money[2] = 9000.0
    said = StreamLine("finance", SELLABLE, np.ones(2, dtype=bool), nothing, money)
    (view,) = stream_views(dear.demand.baseline.units, judged(dear, streams=(said,)))
    price = made_up_plan(dear).finance.price
    assert np.nansum(view.units[:, :, 2] * price[:, :, 2]) == pytest.approx(9000)


def test_dated_list_prices_move_neither_what_is_overridden_nor_what_is_locked(dear: Inputs) -> None:
    one = override("units", 700.0, "A", market="West")
    held = lock("B", "all", at=AT + timedelta(days=1))
    plan = made_up_plan(judged(dear, overrides=(one,), locks=(held,)))
    assert plan.demand.unconstrained[0, 1, 1:4].sum() == pytest.approx(700)
    names = list(plan.demand.steps)
    assert names.index("List prices") < names.index("Streams") and not plan.demand.steps["Price"].any()
