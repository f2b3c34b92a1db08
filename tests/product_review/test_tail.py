"""What an exit does, against a walk through the plan product by product, and the lever that tries it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop_engine.demand_review.consensus import plan_demand
from sop_engine.inputs import Inputs
from sop_engine.inputs.lifecycle import PhaseOut
from sop_engine.inputs.network import Bill
from sop_engine.product_review.portfolio import plan_portfolio
from sop_engine.product_review.tail import NO_STOCK, exit_list, in_tail, only_user
from sop_engine.scenario import BASELINE, Lever, LeverKind, Scenario, misfits
from tests.plans import small_inputs

A, B, F = range(3)
PERIODS = small_inputs().calendar.periods
ALWAYS = np.ones((3, PERIODS), dtype=bool)
NO_BILL = np.zeros((3, PERIODS))


def company(
    held: tuple[float, float, float] = (0.0, 0.0, 0.0),
    family: str = "Bikes Bikes Frames",
    predecessor: tuple[int, int, int] = (-1, -1, -1),
    bill: tuple[tuple[int, int, float], ...] = (),
    sellable: tuple[bool, bool, bool] = (True, True, False),
    **network: np.ndarray,
) -> Inputs:
    """The small company with other stock (units of A, B and the frame F), families and bill."""
    inputs = small_inputs()
    products = replace(
        inputs.products,
        family=np.array(family.split(), dtype=object),
        predecessor=np.array(predecessor),
        sellable=np.array(sellable),
    )
    stock = np.zeros(inputs.network.on_hand.shape)
    stock[:, 0] = held
    parents, components, quantity = zip(*bill, strict=True) if bill else ((), (), ())
    rows = Bill(
        np.array(parents, dtype=int),
        np.array(components, dtype=int),
        np.array(quantity, dtype=float)[:, None] * np.ones(PERIODS),
    )
    return replace(
        inputs,
        products=products,
        network=replace(inputs.network, on_hand=stock, bill=rows, **network),
    )


def exits(inputs: Inputs, units: np.ndarray, margin: np.ndarray, end: int = 3, transfer: float = 0.5):
    return exit_list(inputs, ALWAYS, units, margin, NO_BILL, end, transfer).set_index("product")


def test_the_tail_is_class_c_or_what_comes_after_a_share() -> None:
    health = pd.DataFrame(
        {
            "abc": list("ABC-"),
            "units": [9.0, 9, 9, 0],
            "share_pct": [70.0, 20, 10, 0],
            "cumulative_pct": [70.0, 90, 100, 100],
        }
    )
    assert in_tail(health).tolist() == [False, False, True, True]
    assert in_tail(health, 70).tolist() == [False, True, True, True]
    assert in_tail(health, 100).tolist() == [False, False, False, True]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 30), min_size=3 * PERIODS, max_size=3 * PERIODS),
    st.integers(0, 200),
    st.integers(1, 10),
    st.integers(0, 4),
)
def test_what_is_left_runs_down_period_by_period(
    numbers: list[int], held: int, end: int, earned: int
) -> None:
    units = np.array(numbers, dtype=float).reshape(3, PERIODS)
    inputs = company((held, 0, 0))
    receipts = float(inputs.network.receipts[A].sum())
    row = exits(inputs, units, units * earned, end).loc["A"]
    stock, run_out = held + receipts, np.nan
    for t in range(PERIODS):
        stock -= units[A, t]
        if stock <= 0 and np.isnan(run_out):
            run_out = t
    left = max(held + receipts - sum(units[A, t] for t in range(end)), 0)
    year = range(end, min(end + 12, inputs.calendar.horizon))
    if not (inputs.network.on_hand.sum() or inputs.network.receipts.sum()):
        left = np.nan  # nobody has stated any stock
    assert row["left"] == pytest.approx(left, nan_ok=True)
    assert row["left_money"] == pytest.approx(6 * left, nan_ok=True)
    assert np.isnan(row["parts_left_money"]) == np.isnan(left)
    assert row["run_out"] == pytest.approx(run_out if held + receipts else NO_STOCK, nan_ok=True)
    assert row["lost_units"] == sum(units[A, t] for t in year)
    assert row["lost_margin"] == pytest.approx(earned * row["lost_units"])


def test_the_family_keeps_the_transferred_share_at_its_own_margin() -> None:
    units = np.full((3, PERIODS), 10.0)
    margin = np.array([[2.0], [5.0], [0.0]]) * units
    rows = exits(company(), units, margin, end=3, transfer=0.4)
    months = small_inputs().calendar.horizon - 3
    assert rows.loc["A", "takers"] == 1 and rows.loc["A", "kept_units"] == pytest.approx(4 * months)
    assert rows.loc["A", "kept_margin"] == pytest.approx(4 * months * 5)
    assert rows.loc["B", "kept_margin"] == pytest.approx(4 * months * 2)
    alone = exits(company(family="Bikes Caps Frames"), units, margin).loc["A"]
    assert (alone["takers"], alone["kept_units"], alone["kept_margin"]) == (0, 0, 0)


def test_a_successor_takes_over_before_the_family() -> None:
    units = np.full((3, PERIODS), 10.0)
    margin = np.array([[2.0], [5.0], [8.0]]) * units
    inputs = company(predecessor=(-1, -1, A), sellable=(True, True, True))
    row = exits(inputs, units, margin).loc["A"]
    assert row["takers"] == 1 and row["kept_margin"] == pytest.approx(row["kept_units"] * 8)


def test_without_a_price_or_cost_money_is_not_known_and_units_are() -> None:
    inputs = company((9.0, 9.0, 0.0))
    inputs = replace(
        inputs, money=replace(inputs.money, unit_cost=np.full_like(inputs.money.unit_cost, np.nan))
    )
    units = np.full((3, PERIODS), 1.0)
    row = exits(inputs, units, np.full((3, PERIODS), np.nan)).loc["A"]
    assert row["left"] > 0 and row["lost_units"] > 0
    assert np.isnan(row["left_money"]) and np.isnan(row["lost_margin"]) and np.isnan(row["kept_margin"])


def test_stock_that_bills_still_need_is_not_left() -> None:
    inputs, units = company((50.0, 0, 0)), np.full((3, PERIODS), 1.0)
    bills = np.zeros((3, PERIODS))
    bills[A, 5] = 20
    found = exit_list(inputs, ALWAYS, units, units, bills, 3, 0.5).set_index("product")
    plain = exits(inputs, units, units)
    assert plain.loc["A", "left"] - found.loc["A", "left"] == 20


def test_a_part_belongs_to_the_only_sold_product_above_it() -> None:
    alone = company(bill=((A, F, 2.0),))
    assert only_user(alone, ALWAYS).tolist() == [-1, -1, A]
    shared = company(bill=((A, F, 2.0), (B, F, 1.0)))
    assert only_user(shared, ALWAYS).tolist() == [-1, -1, -1]
    ended = ALWAYS & (np.arange(3) != B)[:, None]
    assert only_user(shared, ended).tolist() == [-1, -1, A], "B is no longer sold"
    through = company(bill=((A, B, 1.0), (B, F, 1.0)), sellable=(True, False, False))
    assert only_user(through, ALWAYS).tolist() == [-1, A, A]


def test_parts_left_are_what_the_last_products_do_not_need() -> None:
    inputs = company((10.0, 0.0, 100.0), bill=((A, F, 2.0),))
    receipts = inputs.network.receipts.sum(axis=(1, 2))
    units = np.zeros((3, PERIODS))
    units[A, :3] = 10  # until the exit 30: 10 from stock, 20 still made of 40 frames
    row = exits(inputs, units, units).loc["A"]
    assert receipts[F] == 0 and row["parts_left_money"] == pytest.approx((100 - 40) * 2)


def levered(*levers: Lever) -> Scenario:
    return Scenario(tuple(levers))


def exit_of(product: str, periods: float) -> Lever:
    return Lever(LeverKind.PHASE_OUT, periods, target=product)


def demand_of(inputs: Inputs, scenario: Scenario) -> np.ndarray:
    return plan_demand(inputs, scenario, plan_portfolio(inputs, scenario)).unconstrained.sum(axis=1)


def test_the_lever_ends_a_product_and_moves_the_setting_s_share_to_its_family() -> None:
    inputs = company()
    before, after = demand_of(inputs, BASELINE), demand_of(inputs, levered(exit_of("A", 4)))
    assert (after[A, 4:] == 0).all() and after[A, :4] == pytest.approx(before[A, :4])
    lost = inputs.demand.baseline.units[A, :, 4:].sum(axis=0)
    assert after[B, 4:] - before[B, 4:] == pytest.approx(0.5 * lost)
    assert after[B, :4] == pytest.approx(before[B, :4])
    none = replace(inputs, settings={**inputs.settings, "exit_transfer_pct": 0.0})
    assert demand_of(none, levered(exit_of("A", 4)))[B] == pytest.approx(before[B])


def test_exits_of_a_whole_family_move_nothing_and_stay_out_of_the_frozen_zone() -> None:
    inputs = company()
    frozen = inputs.calendar.frozen
    before, after = (
        demand_of(inputs, scenario) for scenario in (BASELINE, levered(exit_of("A", 0), exit_of("B", 6)))
    )
    assert frozen == 1 and after[A, :frozen] == pytest.approx(before[A, :frozen])
    assert (after[A, frozen:] == 0).all() and (after[B, 6:] == 0).all()
    assert after[B, :6] == pytest.approx(before[B, :6])


def test_a_lever_beyond_the_plan_or_a_planned_end_changes_nothing() -> None:
    inputs = company()
    assert demand_of(inputs, levered(exit_of("A", PERIODS))) == pytest.approx(demand_of(inputs, BASELINE))
    ending = replace(inputs, demand=replace(inputs.demand, phase_outs=(PhaseOut(A, 4, B, 0.2),)))
    base = demand_of(ending, BASELINE)
    assert demand_of(ending, levered(exit_of("A", 7))) == pytest.approx(base)
    sooner = plan_portfolio(ending, levered(exit_of("A", 2)))
    assert sooner.phase_outs == (PhaseOut(A, 2, B, 0.5),), "the lever takes the planned phase-out's place"


def test_the_lever_names_one_product_and_says_so() -> None:
    inputs = company()
    assert exit_of("A", 3).in_words() == "Phase-out of A after 3 periods"
    assert exit_of("A", 1).in_words() == "Phase-out of A after 1 period"
    for lever in (exit_of("", 3), exit_of("Bikes", 3)):
        assert misfits(levered(lever), inputs) == (lever,)
    assert Scenario.from_json(levered(exit_of("A", 0)).to_json()) == levered(exit_of("A", 0))
