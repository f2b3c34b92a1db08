"""Every number in the sentences on an option stands in the tables behind them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop_engine.charts.executive_sentences import (
    Facts,
    fact_table,
    facts_of,
    month_sentences,
    option_sentences,
)
from sop_engine.charts.finance_bridge import bridge_table
from sop_engine.charts.numbers import percent, short
from sop_engine.charts.pre_sop_changes import detail_table, drill_table
from sop_engine.executive_sop.scorecard import scorecard
from sop_engine.executive_sop.window import Window
from sop_engine.plan import Plan, plan
from sop_engine.scenario import BASELINE, Lever, Scenario
from sop_engine.supply_review.model import compile_model
from tests.charts.test_pre_sop_changes import numbers_in
from tests.pre_sop.test_changes import INPUTS

MODEL = compile_model(INPUTS)
DO_NOTHING = plan(INPUTS, BASELINE, MODEL)
KINDS = {"demand": (-30, 30), "price": (-15, 15), "capacity": (-30, 30), "unit_cost": (-20, 20)}


def solved(*levers: Lever) -> Plan:
    return plan(INPUTS, Scenario(levers), MODEL)


def tabled(facts: Facts) -> set[str]:
    bridge, inputs = facts.bridge, facts.plan.inputs
    tables = (
        fact_table(facts),
        bridge_table(bridge),
        drill_table(bridge, inputs.products.family, 0, "family"),
        detail_table(bridge, facts.plan),
    )
    values = [float(v) for table in tables for v in table.select_dtypes("number").to_numpy().ravel()]
    words = {write(abs(v)) for v in values if not np.isnan(v) for write in (short, percent, "{:.1f}".format)}
    return {word.removesuffix(" %") for word in words}


@settings(max_examples=20, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(KINDS)), st.floats(-1, 1), max_size=3))
def test_every_number_of_an_option_is_in_a_table(moves: dict[str, float]) -> None:
    levers = [Lever(kind, round(KINDS[kind][1] * share)) for kind, share in moves.items()]
    facts = facts_of(DO_NOTHING, solved(*levers), Window.ALL)
    for sentence in option_sentences(facts):
        assert sentence.endswith(".") and not sentence[0].islower() and "nan" not in sentence
        assert set(numbers_in(sentence)) <= tabled(facts) | {"100"}, sentence


def test_an_option_that_changes_nothing_says_so() -> None:
    words = option_sentences(facts_of(DO_NOTHING, DO_NOTHING, Window.ALL))
    assert "nothing changed against doing nothing" in words[0]
    assert not any("Of supply" in sentence or "rises" in sentence for sentence in words)


def test_more_demand_is_said_in_money_and_with_what_it_takes() -> None:
    after = solved(Lever("demand", 20))
    words = " ".join(option_sentences(facts_of(DO_NOTHING, after, Window.ALL)))
    gain = scorecard(after, Window.ALL).revenue - scorecard(DO_NOTHING, Window.ALL).revenue
    assert f"evenue rises by {short(gain)}" in words


@pytest.mark.parametrize(
    ("waiting", "overdue", "said"),
    [
        (0, 0, "No decision waits."),
        (1, 1, "1 decision waits, 1 of them past its day."),
        (3, 2, "3 decisions wait, 2 of them past their day."),
    ],
)
def test_the_month_says_what_waits(waiting: int, overdue: int, said: str) -> None:
    facts = facts_of(DO_NOTHING, solved(Lever("price", 5)), Window.ALL, "the cycle's start")
    words = month_sentences(facts, waiting, overdue)
    assert words[-1] == said
    assert "since the cycle's start" in " ".join(words)
    for sentence in words[:-1]:
        assert "nan" not in sentence
