"""Policies in words, production that moves, ceilings and rounding against the engine and a second writing."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from sop_engine.charts import supply_policies as charts
from sop_engine.charts import supply_stability as steady
from sop_engine.charts.style import LIGHT
from sop_engine.charts.view import whole_company
from sop_engine.inputs import Inputs
from sop_engine.inputs.anchor import Anchor
from sop_engine.plan import Plan
from sop_engine.policies import StabilityCost
from sop_engine.supply_review.ceilings import Overrun
from sop_engine.supply_review.lots import round_up, rounded_orders
from sop_engine.supply_review.stability import anchored_cells, moved_share
from tests.plans import made_up_plan, small_inputs


def with_settings(inputs: Inputs, **settings: float) -> Inputs:
    return replace(inputs, settings={**inputs.settings, **settings})


@cache
def anchored() -> Plan:
    """A made up plan beside a published one that is a tenth higher."""
    inputs = small_inputs()
    flow = 1.1 * made_up_plan(inputs, seed=3).supply.flow
    return made_up_plan(replace(inputs, anchor=Anchor("V1", "Plan 2013-12", "2013-12", flow)), seed=4)


def policies(inputs: Inputs) -> dict[str, str]:
    table = charts.policy_table(made_up_plan(inputs))
    assert (table["change it in"] != "").all()
    return dict(zip(table["policy"], table["in force"], strict=True))


def test_who_is_served_first_is_said_of_each_rule() -> None:
    inputs = small_inputs()
    ranks = np.arange(1.0, len(inputs.markets) + 1)
    ranked = replace(inputs, markets=replace(inputs.markets, priority=ranks))
    assert policies(ranked)["Who is served first"].startswith(
        f"Priority: 1 is {inputs.markets.labels[0]}; 2 is"
    )
    assert "Fair share: all" in policies(with_settings(ranked, fair_share=1))["Who is served first"]
    equal = replace(inputs, markets=replace(inputs.markets, priority=np.ones(len(ranks))))
    assert "have rank 1 and share a shortage alike" in policies(equal)["Who is served first"]


def test_markets_are_split_into_those_that_wait_and_those_that_are_lost() -> None:
    inputs = small_inputs()
    mixed = np.arange(len(inputs.markets)) == 0
    for backlog, words in (
        (mixed, f"Waits (backlog) in {inputs.markets.labels[0]}; is lost in {inputs.markets.labels[1]}"),
        (mixed | True, f"Waits (backlog) in all {len(mixed)} markets"),
        (mixed & False, f"Is lost in all {len(mixed)} markets"),
    ):
        given = replace(inputs, markets=replace(inputs.markets, backlog=backlog))
        assert policies(given)["Demand not met on time"].startswith(words)


def test_a_whole_channel_is_named_as_one() -> None:
    markets = small_inputs().markets
    channel = np.array(["Shops"] * len(markets), dtype=object)
    ranked = replace(small_inputs(), markets=replace(markets, channel=channel))
    split = replace(ranked.markets, priority=np.arange(1.0, len(markets) + 1))
    assert "(all" not in policies(replace(ranked, markets=split))["Who is served first"]
    assert charts._places(ranked.markets, channel == "Shops") == f"Shops (all {len(markets)} markets)"


def test_the_anchor_is_named_or_the_reason_why_there_is_none() -> None:
    inputs = anchored().inputs
    assert "Plan 2013-12, published in the Dec 13 cycle: production stays near" in steady.anchor_words(inputs)
    assert "no earlier cycle" in steady.anchor_words(small_inputs())
    assert "anchor_periods is 0" in steady.anchor_words(with_settings(inputs, anchor_periods=0))
    blank = Anchor("V1", "P", "2013-12", np.full_like(inputs.anchor.flow, np.nan))
    assert "used no way of making" in steady.anchor_words(replace(inputs, anchor=blank))


def test_families_that_move_add_up_to_the_engines_share() -> None:
    made = anchored()
    cells = anchored_cells(made.inputs)
    table = steady.moved_table(made, made.inputs.anchor.flow, cells)
    share = moved_share(made.inputs, made.supply.flow)
    assert share > 0 and steady.moved_pct(table) == pytest.approx(100 * share)
    assert table["moved"].is_monotonic_decreasing
    words = charts.summary(made, (), charts.rounded_table(made, whole_company(made), ()))
    assert f"moves {100 * share:.1f} % from Plan 2013-12" in words
    figure = steady.moved_bars(table, LIGHT, "title", "Plan 2013-12")
    assert figure["data"][0]["x"] == pytest.approx(table["moved %"].round(1).tolist())
    same = steady.moved_table(made, made.supply.flow, cells)
    assert steady.moved_sentence(made, same, "the other", cells) == "Production is that of the other"


@pytest.mark.parametrize(
    ("profit", "words"), [(1500.0, "costs 1.50 k"), (-1500.0, "gains 1.50 k"), (0.1, "costs no operating")]
)
def test_the_price_of_stability_keeps_its_sign(profit: float, words: str) -> None:
    cost = StabilityCost("Plan 2013-12", "2013-12", 3, 0.05, 0.2, profit, 0.0)
    said = steady.cost_sentence(anchored(), cost)
    assert f"Plan 2013-12 {words}" in said and "5.0 % of its production moves, 20.0 % would" in said


def test_ceilings_are_those_of_the_view_and_the_worst_comes_first() -> None:
    made, life = made_up_plan(small_inputs()), "shelf life"
    found = (
        Overrun("storage", -1, 0, 1, 10.0, "a"),
        Overrun(life, 0, 0, 2, 30.0, "b"),
        Overrun(life, 1, 0, 2, 5.0, "c"),
    )
    made = replace(made, supply=replace(made.supply, overruns=found))
    view = whole_company(made).narrowed(np.arange(len(made.inputs.products)) == 0, "A")
    seen = charts.overruns_of(made, view)
    assert charts.overrun_table(made, seen)["what"].tolist() == ["b", "a"]
    assert "2 times" in charts.overrun_sentence(made.inputs, seen)
    assert charts.overruns_of(made, replace(view, periods=np.array([0]))) == ()
    assert "no shelf life is loaded" in charts.overrun_sentence(made.inputs, ())


def test_rounding_is_a_level_of_stock_in_money() -> None:
    inputs = small_inputs()
    edges = inputs.network.edges
    step = np.where(np.arange(len(edges.labels)) < 2, 64.0, np.nan)
    lots = replace(edges, minimum=np.full(len(step), np.nan), multiple=step)
    made = made_up_plan(replace(inputs, network=replace(inputs.network, edges=lots)), seed=2)
    flow = made.supply.flow.copy()
    flow[0, ::2] = 0.0  # what was rounded up stays in stock while nothing is ordered
    made, view = replace(made, supply=replace(made.supply, flow=flow)), whole_company(made)
    table = charts.rounded_table(made, view, rounded_orders(made.inputs, flow))
    expected = 0.0
    for e in range(2):
        over = 0.0
        for t in range(made.inputs.calendar.horizon):
            over += round_up(flow[e, t] - over, 0.0, 64.0) - flow[e, t]
            expected += over * made.inputs.money.unit_cost[edges.product[e], t]
    money = f"extra {made.inputs.money.base_currency}, mean"
    assert table[money].sum() == pytest.approx(expected / made.inputs.calendar.horizon)
    assert len(table) == 2 and table[money].is_monotonic_decreasing
    assert "Minimums and multiples round" in charts.rounded_sentence(made, table)
    plain = replace(lots, multiple=np.full(len(step), np.nan))
    free = replace(made, inputs=replace(inputs, network=replace(inputs.network, edges=plain)))
    assert "No order minimum or multiple is loaded" in charts.rounded_sentence(free, table[:0])
