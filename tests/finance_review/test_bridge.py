"""Bridges against figures worked out by hand from the published formulas, and what must hold for any two
positions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sop_engine.finance_review.baselines import Position
from sop_engine.finance_review.bridge import BARS, TOGETHER, margin_bridge, revenue_bridge, with_requests

SHAPE = (4, 3)


def position(units, price, cost, rate=1.0, choice_cost: float = 0.0, label: str = "x") -> Position:
    """From per-unit figures, one row per product; vectors are one market."""
    units, price, cost, rate = (
        np.atleast_2d(np.asarray(v, dtype=float).T).T
        * np.ones(np.atleast_2d(np.asarray(units, dtype=float).T).T.shape)
        for v in (units, price, cost, rate)
    )
    choices = np.full(units.shape, choice_cost / units.size)
    return Position(label, units, units * price, units * price * rate, units * cost, choices)


def test_price_volume_mix_and_cost_by_units_as_worked_out_by_hand() -> None:
    """Q0 100, 100 at 10 and 20, cost 6 and 15: GM0 900. Q1 150, 90 at 11 and 20, cost 6 and 16: GM1 1110.

    volume = 40 x 900 / 200 = 180; mix = (150 - 120) x 4 + (90 - 120) x 5 = -30; price = 150; cost = -90.
    """
    bars = margin_bridge(
        position([100, 100], [10, 20], [6, 15]), position([150, 90], [11, 20], [6, 16]), "units"
    ).total
    assert [bars[bar] for bar in ("price", "volume", "mix", "cost")] == pytest.approx([150, 180, -30, -90])
    assert [bars[bar] for bar in ("exchange", "new", "discontinued", "supply choices", "not explained")] == [
        0
    ] * 5


def test_volume_weighed_by_baseline_value_as_worked_out_by_hand() -> None:
    """The same positions: g = (150 x 10 + 90 x 20) / 3000 = 1.1, volume = 0.1 x 900, mix = (150 - 110) 4 +
    (90 - 110) 5."""
    bars = margin_bridge(
        position([100, 100], [10, 20], [6, 15]), position([150, 90], [11, 20], [6, 16])
    ).total
    assert [bars[bar] for bar in ("price", "volume", "mix", "cost")] == pytest.approx([150, 90, 60, -90])


def test_exchange_as_worked_out_by_hand() -> None:
    """p 10 to 12 at r 1.3 to 1.2, Q1 50: price = 2 x 1.3 x 50, exchange = 12 x -0.1 x 50."""
    bars = margin_bridge(position([40], [10], [6], 1.3), position([50], [12], [6], 1.2)).total
    assert bars["price"] == pytest.approx(130) and bars["exchange"] == pytest.approx(-60)


def test_new_and_discontinued_products_and_supply_choices_have_bars_of_their_own() -> None:
    start = position([10, 0, 5], [10, 99, 10], [6, 50, 4], choice_cost=7)
    end = position([10, 3, 0], [10, 99, 10], [6, 50, 4], choice_cost=19)
    bridge = margin_bridge(start, end)
    bars = bridge.total
    assert bars["new"] == pytest.approx(3 * 49) and bars["discontinued"] == pytest.approx(-5 * 6)
    assert (
        bars["supply choices"] == pytest.approx(-12) and bars["volume"] == bars["mix"] == bars["price"] == 0
    )
    assert (bridge.start, bridge.end) == pytest.approx((70 - 7, 40 + 147 - 19))


def test_a_market_that_a_product_enters_starts_from_the_products_average() -> None:
    """Sold at 10 (cost 6) in one market, then also 5 units at 12 in another: price = 2 x 5, the rest
    volume and mix."""
    start = position([[10, 0]], [[10, 0]], [[6, 0]])
    bars = margin_bridge(start, position([[10, 5]], [[10, 12]], [[6, 6]])).total
    assert bars["price"] == pytest.approx(10) and bars["volume"] + bars["mix"] == pytest.approx(5 * 4)
    assert bars["new"] == 0


def test_a_baseline_without_units_is_not_explained_rather_than_guessed() -> None:
    start = position([10, 10], [10, 20], [6, 15])
    start.units[1] = np.nan
    bars = margin_bridge(start, position([10, 20], [10, 20], [6, 15])).total
    assert bars["not explained"] == pytest.approx(50) and bars["volume"] == 0


def cells(low: float, high: float) -> st.SearchStrategy:
    return arrays(float, SHAPE, elements=st.floats(low, high))


def positions() -> st.SearchStrategy[Position]:
    some = cells(0.0, 1000.0).flatmap(
        lambda units: arrays(bool, SHAPE).map(lambda sold: np.where(sold, np.round(units, 1), 0.0))
    )
    return st.builds(position, some, cells(1, 100), cells(0, 120), cells(0.5, 2), st.floats(0, 500))


@given(positions(), positions(), st.sampled_from(["value", "units"]))
@settings(deadline=None, max_examples=60)
def test_bars_add_up_to_the_change_of_margin(start: Position, end: Position, weigh: str) -> None:
    bridge = margin_bridge(start, end, weigh)
    tolerance = 1e-6 * max(start.revenue.sum(), end.revenue.sum(), 1.0)
    assert list(bridge.total) == list(BARS)
    assert bridge.start + sum(bridge.total.values()) == pytest.approx(bridge.end, abs=tolerance)


@given(positions(), positions())
@settings(deadline=None, max_examples=40)
def test_bars_add_up_to_the_change_of_revenue(start: Position, end: Position) -> None:
    bridge = revenue_bridge(start, end)
    tolerance = 1e-6 * max(start.revenue.sum(), end.revenue.sum(), 1.0)
    assert start.revenue.sum() + sum(bridge.total.values()) == pytest.approx(end.revenue.sum(), abs=tolerance)
    assert bridge.total["cost"] == 0 and bridge.total["supply choices"] == 0


@given(positions(), st.lists(positions(), min_size=2, max_size=4), st.booleans())
@settings(deadline=None, max_examples=30)
def test_requests_named_apart_add_up_with_their_joint_rest(start, others, revenue: bool) -> None:
    """others: the plan with all requests, the plan without any, plans without each one alone."""
    bridging = revenue_bridge if revenue else margin_bridge
    end, rest, *without = others
    without = without if len(without) > 1 else [rest]  # of a single request the two plans are one
    alone = {f"R{at}": bridging(one, end) for at, one in enumerate(without)}
    bridge = with_requests(bridging(start, rest), alone)
    scale = 1e-6 * max(*(one.revenue.sum() for one in (start, *others)), 1.0)
    assert bridge.start + sum(bridge.total.values()) == pytest.approx(bridge.end, abs=scale)
    assert bridge.end == pytest.approx(bridging(rest, end).end, abs=scale)
    for name, one in alone.items():
        assert bridge.total[name] == pytest.approx(one.end - one.start, abs=scale)
    assert (TOGETHER in bridge.bars) == (len(alone) > 1)
    table = bridge.by(np.array(["a", "a", "b", "c"]))
    assert np.allclose(table[["start", *bridge.bars]].sum(axis=1), table["end"], atol=scale)


@given(positions())
@settings(deadline=None, max_examples=40)
def test_no_change_has_no_bars(start: Position) -> None:
    assert max(abs(bar) for bar in margin_bridge(start, start).total.values()) <= 1e-9 * max(
        start.revenue.sum(), 1.0
    )


@given(positions(), positions())
@settings(deadline=None, max_examples=40)
def test_a_price_that_does_not_change_has_no_bar_whatever_else_does(start: Position, end: Position) -> None:
    price, rate = np.full(SHAPE, 7.0), np.full(SHAPE, 1.5)
    one, other = (
        position(p.units, price, p.cost / np.where(p.units > 0, p.units, 1), rate) for p in (start, end)
    )
    bars = margin_bridge(one, other).total
    scale = 1e-9 * max(one.revenue.sum(), other.revenue.sum(), 1.0)
    assert abs(bars["price"]) <= scale and abs(bars["exchange"]) <= scale


@given(positions(), positions())
@settings(deadline=None, max_examples=40)
def test_cuts_of_a_bridge_add_up_by_themselves_and_sum_to_the_total(start: Position, end: Position) -> None:
    bridge = margin_bridge(start, end)
    scale = 1e-6 * max(start.revenue.sum(), end.revenue.sum(), 1.0)
    for labels, axis in ((np.array(["a", "a", "b", "c"]), 0), (np.array(["x", "y", "y"]), 1)):
        table = bridge.by(labels, axis)
        parts = table.drop("Total")
        assert np.allclose(parts.sum(), table.loc["Total"], atol=scale)
        assert np.allclose(table[["start", *BARS]].sum(axis=1), table["end"], atol=scale)
        assert table.loc["Total", list(BARS)].to_dict() == pytest.approx(bridge.total, abs=scale)


@given(positions(), positions())
@settings(deadline=None, max_examples=40)
def test_a_bridge_there_and_back_ends_where_it_began(start: Position, end: Position) -> None:
    there, back = margin_bridge(start, end), margin_bridge(end, start)
    scale = 1e-6 * max(start.revenue.sum(), end.revenue.sum(), 1.0)
    assert sum(there.total.values()) == pytest.approx(-sum(back.total.values()), abs=scale)


def test_the_four_bars_are_the_published_formulas_written_naively() -> None:
    """Price = sum (P1-P0) Q1; cost = -sum (C1-C0) Q1; volume = (sum Q1 - sum Q0) GM0 / sum Q0; mix =
    sum (Q1 - Q0 sum Q1 / sum Q0) m0: the bridge of gross margin in one common unit."""
    before = [(120.0, 8.0, 5.0), (80.0, 15.0, 9.5), (300.0, 2.5, 1.0)]
    after = [(140.0, 8.5, 5.2), (60.0, 14.0, 9.0), (330.0, 2.5, 1.2)]
    start, end = (position(*(np.array(row) for row in zip(*rows, strict=True))) for rows in (before, after))
    units0, units1 = sum(row[0] for row in before), sum(row[0] for row in after)
    margin0 = sum(q * (p - c) for q, p, c in before)
    pairs = list(zip(before, after, strict=True))
    twin = {
        "price": sum((p1 - p0) * q1 for (_, p0, _), (q1, p1, _) in pairs),
        "cost": -sum((c1 - c0) * q1 for (_, _, c0), (q1, _, c1) in pairs),
        "volume": (units1 - units0) * margin0 / units0,
        "mix": sum((q1 - q0 * units1 / units0) * (p0 - c0) for (q0, p0, c0), (q1, _, _) in pairs),
    }
    bars = margin_bridge(start, end, "units").total
    assert {name: bars[name] for name in twin} == pytest.approx(twin)
    assert sum(twin.values()) == pytest.approx(sum(q * (p - c) for q, p, c in after) - margin0)
