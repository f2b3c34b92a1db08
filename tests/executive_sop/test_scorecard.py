"""The scorecard against sums written out naively, and what must hold of deltas."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop_engine.charts.finance_baselines import gap_sentence, span_periods
from sop_engine.charts.finance_landing import MARGIN, REVENUE, landing_table
from sop_engine.charts.numbers import full
from sop_engine.charts.view import whole_company
from sop_engine.errors import PlanError
from sop_engine.executive_sop.scorecard import (
    FIGURES,
    FILE_KEYS,
    Scorecard,
    Verdict,
    budget_of,
    compare,
    delta_of,
    forward_cover_days,
    scorecard,
)
from sop_engine.executive_sop.window import Window
from sop_engine.finance_review.baselines import baselines
from tests.october import october_inputs
from tests.plans import made_up_plan, small_inputs

PLAN = made_up_plan(small_inputs(), seed=5)
GROSS_MARGIN, INVENTORY, LOAD = FIGURES[3], FIGURES[4], FIGURES[5]


def test_the_next_three_months_against_naive_sums() -> None:
    card, finance = scorecard(PLAN, Window.NEXT_3), PLAN.finance
    on_time = due = 0.0
    for product, market, period in np.ndindex(2, 2, 3):
        price = finance.price[product, market, period]
        on_time += PLAN.supply.on_time[product, market, period] * price
        due += PLAN.demand.unconstrained[product, market, period] * price
    assert card.demand_value == pytest.approx(due)
    assert card.demand_units == pytest.approx(PLAN.demand.unconstrained[:, :, :3].sum())
    assert card.fill_rate_pct == pytest.approx(100 * on_time / due)
    assert card.revenue == pytest.approx(finance.revenue[:, :, :3].sum())
    assert card.gross_margin == pytest.approx(finance.gross_margin[:3].sum())
    assert card.gross_margin_pct == pytest.approx(100 * card.gross_margin / card.revenue)
    assert card.budget_gap == pytest.approx(card.revenue - 3 * 2800)
    assert card.margin_budget_gap == pytest.approx(card.gross_margin - 3 * 950)
    assert card.inventory_value == pytest.approx(finance.inventory_value[:, 2].sum())
    assert card.cash_effect == pytest.approx(finance.cash_effect[:3].sum())


def test_the_worst_required_load_is_named_and_overloads_are_counted() -> None:
    card = scorecard(PLAN, Window.ALL)
    load = [
        100 * need / hours
        for need, hours in zip(PLAN.supply.required[0, :12], PLAN.supply.available[0, :12], strict=True)
    ]
    assert card.required_load_peak_pct == pytest.approx(max(load))
    assert card.peak_period == PLAN.inputs.calendar.plan_labels[int(np.argmax(load))]
    assert card.peak_resource == "Assembly" and card.overloads == sum(pct > 100 for pct in load) > 0


def test_a_suppliers_limit_is_no_work_centre() -> None:
    network = PLAN.inputs.network
    vendor = np.full(1, network.sites.positions["Vendor"])
    resources = replace(network.resources, site=vendor)
    card = scorecard(
        replace(PLAN, inputs=replace(PLAN.inputs, network=replace(network, resources=resources)))
    )
    assert np.isnan(card.required_load_peak_pct) and card.overloads == 0


OCTOBER = made_up_plan(october_inputs(), seed=5)  # three months of its fiscal year are history


def test_a_landing_and_its_gap_are_actual_plus_to_go() -> None:
    card, demand, finance = scorecard(OCTOBER, Window.FISCAL_YEAR), OCTOBER.inputs.demand, OCTOBER.finance
    assert card.period.startswith("fiscal year 2014: 3 actual, 9 to go")
    units, actual = demand.history[:, :, -3:], demand.revenue_history[:2, :, -3:].sum()
    assert card.revenue == pytest.approx(actual + finance.revenue[:, :, :9].sum())
    cost = 120 * (4 + 4 + 6) + 60 * (12 + 12 + 11)
    assert card.gross_margin == pytest.approx(actual - cost + finance.gross_margin[:9].sum())
    assert card.demand_units == pytest.approx(np.nansum(units) + OCTOBER.demand.unconstrained[:, :, :9].sum())
    caps_after_march = finance.revenue[1, :, 3:9].sum()
    assert card.budget_gap == pytest.approx(card.revenue - 12 * 1500 - 6 * 1300)
    caps = scorecard(OCTOBER, Window.FISCAL_YEAR, products=OCTOBER.inputs.products.family == "Caps")
    assert caps.budget_gap == pytest.approx(caps.revenue - caps_after_march - 6 * 1300)
    assert scorecard(OCTOBER, Window.NEXT_3).budget_gap == pytest.approx(
        finance.revenue[:, :, :3].sum() - 3 * 2800
    )


def test_in_the_middle_of_a_year_strip_landing_and_message_name_one_gap() -> None:
    card, inputs = scorecard(OCTOBER, Window.FISCAL_YEAR), OCTOBER.inputs
    for measure, value, gap in (
        (REVENUE, card.revenue, card.budget_gap),
        (MARGIN, card.gross_margin, card.margin_budget_gap),
    ):
        table = landing_table(OCTOBER, whole_company(OCTOBER), measure)
        assert table["value"].sum() == pytest.approx(value)
        assert table["gap"].sum() == pytest.approx(gap)
    found = baselines(inputs, OCTOBER.finance, OCTOBER.finance)
    year = span_periods(inputs.calendar, Window.FISCAL_YEAR)
    words = gap_sentence(
        found["Latest estimate"], found["AOP"], whole_company(OCTOBER), year, "Fiscal year", "USD"
    )
    assert full(abs(card.budget_gap)) in words and full(abs(card.margin_budget_gap)) in words


def test_a_month_without_a_budget_has_no_part_in_the_gap() -> None:
    caps = PLAN.inputs.products.family == "Caps"
    card = scorecard(PLAN, Window.ALL, products=caps)
    assert card.budget_gap == pytest.approx(PLAN.finance.revenue[1, :, :6].sum() - 6 * 1300)
    frames = scorecard(PLAN, Window.ALL, products=PLAN.inputs.products.family == "Frames")
    assert np.isnan(frames.budget_gap) and np.isnan(frames.fill_rate_pct)


def test_filters_add_up_to_the_company_where_the_figure_adds_up() -> None:
    whole = scorecard(PLAN, Window.NEXT_12)
    families = [
        scorecard(PLAN, Window.NEXT_12, products=PLAN.inputs.products.family == f)
        for f in ("Bikes", "Caps", "Frames")
    ]
    for key in ("demand_value", "demand_units", "revenue", "gross_margin", "inventory_value"):
        assert sum(getattr(card, key) for card in families) == pytest.approx(getattr(whole, key))
    market = scorecard(PLAN, Window.NEXT_12, markets=np.array([True, False]))
    assert (
        np.isnan(market.inventory_value) and np.isnan(market.inventory_days) and np.isnan(market.cash_effect)
    )
    assert np.isnan(market.required_load_peak_pct)


def test_days_of_cover_walk_through_the_cost_of_what_follows() -> None:
    assert forward_cover_days(150.0, np.array([100.0, 0.0, 100.0]), np.array([30, 30, 40])) == pytest.approx(
        60 + 20
    )
    assert forward_cover_days(400.0, np.array([100.0, 100.0]), np.array([30, 30])) == pytest.approx(120)
    assert forward_cover_days(0.0, np.array([100.0]), np.array([30])) == 0
    assert np.isnan(forward_cover_days(10.0, np.array([0.0]), np.array([30])))
    usage = PLAN.finance.standard_cost.sum(axis=(0, 1))[3:]
    days = PLAN.inputs.calendar.plan_days[3:]
    left, expected = float(PLAN.finance.inventory_value[:, 2].sum()), 0.0
    for used, length in zip(usage, days, strict=True):
        expected += length * min(left / used, 1)
        left = max(left - used, 0)
    assert left == 0 and scorecard(PLAN, Window.NEXT_3).inventory_days == pytest.approx(expected)


def test_the_file_has_exactly_its_keys_and_null_for_what_is_not_known() -> None:
    card = scorecard(PLAN, Window.ALL)
    assert tuple(card.as_dict()) == FILE_KEYS
    blank = json.loads(json.dumps(replace(card, budget_gap=np.nan).as_dict(), allow_nan=False))
    assert blank["budget_gap"] is None and blank["period"] == "2014-01 to 2014-12"


def test_a_stored_scorecard_comes_back_as_it_was() -> None:
    card = scorecard(PLAN, Window.NEXT_3)
    assert Scorecard.from_json(card.to_json()) == card
    assert np.isnan(Scorecard.from_json(replace(card, budget_gap=np.nan).to_json()).budget_gap)
    for text in ("{", "[]", '{"revenue": 1}'):
        with pytest.raises(PlanError, match="no scorecard"):
            Scorecard.from_json(text)


def test_a_plan_against_itself_has_no_delta_and_no_arrow() -> None:
    again = made_up_plan(PLAN.inputs, seed=5)
    deltas = compare(scorecard(again), scorecard(PLAN))
    assert [delta.figure for delta in deltas] == list(FIGURES)
    assert all(delta.delta == 0 and delta.verdict is Verdict.NOTHING for delta in deltas)


@pytest.mark.parametrize(
    ("figure", "value", "base", "verdict"),
    [
        (GROSS_MARGIN, 110.0, 100.0, Verdict.GOOD),
        (GROSS_MARGIN, 90.0, 100.0, Verdict.BAD),
        (GROSS_MARGIN, 100.4, 100.0, Verdict.NOTHING),
        (GROSS_MARGIN, 1e8 + 90, 1e8, Verdict.NOTHING),
        (GROSS_MARGIN, 1e8 + 110, 1e8, Verdict.GOOD),
        (INVENTORY, 110.0, 100.0, Verdict.NEUTRAL),
        (LOAD, 110.0, 100.0, Verdict.BAD),
        (LOAD, 100.04, 100.0, Verdict.NOTHING),
        (GROSS_MARGIN, np.nan, 100.0, Verdict.NOTHING),
    ],
)
def test_verdicts(figure, value: float, base: float, verdict: Verdict) -> None:
    assert delta_of(figure, value, base).verdict is verdict


@given(st.sampled_from(FIGURES), st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))
def test_a_move_and_its_reverse_have_opposite_verdicts(figure, value: float, base: float) -> None:
    forth, back = delta_of(figure, value, base), delta_of(figure, base, value)
    opposite = {Verdict.GOOD: Verdict.BAD, Verdict.BAD: Verdict.GOOD}
    if Verdict.NOTHING not in (forth.verdict, back.verdict):
        assert back.verdict is opposite.get(forth.verdict, forth.verdict)


def test_the_budget_as_a_baseline_gives_its_gaps_as_deltas() -> None:
    card = scorecard(PLAN, Window.NEXT_3)
    deltas = {delta.figure.key: delta for delta in compare(card, budget_of(card))}
    assert deltas["revenue"].delta == pytest.approx(card.budget_gap)
    assert deltas["gross_margin"].delta == pytest.approx(card.margin_budget_gap)
    assert np.isnan(deltas["cash_effect"].delta)


def unpriced(**blank: bool) -> Scorecard:
    """The scorecard of the small company with no price, or no unit cost, on file at all."""
    inputs = small_inputs()
    money = replace(
        inputs.money, **{name: np.full_like(getattr(inputs.money, name), np.nan) for name in blank}
    )
    return scorecard(made_up_plan(replace(inputs, money=money), seed=5), Window.NEXT_3)


def test_without_any_price_money_is_not_known_and_never_zero() -> None:
    said = unpriced(price=True).as_dict()
    blank = ("demand_value", "revenue", "gross_margin", "cash_effect", "budget_gap", "fill_rate_pct")
    assert all(said[name] is None for name in blank)
    assert said["demand_units"] > 0 and said["inventory_value"] > 0


def test_without_any_unit_cost_margin_and_stock_have_no_value() -> None:
    said = unpriced(unit_cost=True).as_dict()
    assert all(said[name] is None for name in ("gross_margin", "inventory_value", "cash_effect"))
    assert said["revenue"] > 0 and said["demand_value"] > 0
