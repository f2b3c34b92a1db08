"""The build-up of a scope as sentence and bridge: it ends at the consensus and names who moved it."""

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from sop_engine.charts import demand_why as charts
from sop_engine.charts.style import LIGHT
from sop_engine.charts.view import whole_company
from sop_engine.inputs.judgement import Override
from sop_engine.scenario import Lever, Scenario
from tests.plans import made_up_plan, small_inputs


def judged(count: int = 1) -> tuple[Override, ...]:
    """Overrides of +10, +20, ... units of the bikes in March."""
    bikes = small_inputs().products.group("Bikes")
    markets = np.ones(len(small_inputs().markets), dtype=bool)
    made = {"reason": "Fair", "owner": "Ann", "created_by": "Ann", "created_at": datetime(2014, 1, 5)}
    return tuple(
        Override(f"O{n}", bikes, markets, 2, 2, "add", 10.0 * n, **made) for n in range(1, count + 1)
    )


def with_overrides(count: int) -> object:
    inputs = small_inputs()
    inputs = replace(inputs, demand=replace(inputs.demand, overrides=judged(count)))
    return made_up_plan(inputs, Scenario((Lever("demand", 10, "Caps"),)), seed=3)


PLAN = with_overrides(1)
EVERYTHING = whole_company(PLAN)
MARCH = charts.scope_view(PLAN, EVERYTHING, "Bikes", "", "2014-03", "2014-03")


def test_the_table_adds_up_to_the_consensus_in_units_and_money() -> None:
    table = charts.build_up(PLAN, EVERYTHING)
    shown = EVERYTHING.periods
    assert table["units"].sum() == pytest.approx(PLAN.demand.unconstrained[:, :, shown].sum())
    assert table["money"].sum() == pytest.approx(np.nansum(PLAN.finance.demand_value[:, :, shown]))


def test_the_sentence_says_the_number_its_baseline_and_who_moved_it() -> None:
    words = charts.why_words(charts.build_up(PLAN, MARCH), PLAN, MARCH)
    mask = small_inputs().products.group("Bikes")
    total = PLAN.demand.unconstrained[mask][:, :, 2].sum()
    assert words.startswith(f"Bikes in Mar 14 is {total:,.0f} units (")
    assert (
        f"{total - 10:,.0f} statistical, +10 by override O1 (+10 units) of Ann on 5 Jan 2014 (Fair)." in words
    )


def test_a_month_of_a_family_states_its_range_and_a_span_does_not() -> None:
    assert "; 80 % range " in charts.build_up(PLAN, MARCH)["why"][0]
    quarter = charts.scope_view(PLAN, EVERYTHING, "Bikes", "", "2014-01", "2014-03")
    assert "80 %" not in charts.build_up(PLAN, quarter)["why"][0]


def test_the_bridge_goes_from_the_baseline_to_the_consensus() -> None:
    view = replace(MARCH, money=False)
    table = charts.build_up(PLAN, view)
    ends, moves = charts.build_up_bridge(table, PLAN, view, LIGHT)["data"]
    reach = [base + length for base, length in zip(ends["base"], ends["x"], strict=True)]
    assert reach == pytest.approx([table["units"][0], table["units"].sum()], abs=0.02)
    assert moves["y"] == ["Override O1 (+10 units)"] and moves["x"] == pytest.approx([10.0])
    assert moves["base"] == pytest.approx([table["units"][0]], abs=0.01)


def test_many_small_causes_are_drawn_as_one() -> None:
    plan = with_overrides(20)
    view = replace(MARCH, money=False)
    table = charts.build_up(plan, view)
    moves = charts.build_up_bridge(table, plan, view, LIGHT)["data"][1]
    assert moves["y"][-1] == "8 smaller ones" and len(moves["y"]) == charts.TOP + 1
    assert sum(moves["x"]) == pytest.approx(sum(10 * n for n in range(1, 21)))
    assert "by 17 more" in charts.why_words(table, plan, view)


def test_without_prices_the_build_up_speaks_of_units_only() -> None:
    blank = np.full(PLAN.finance.price.shape, np.nan)
    bare = replace(PLAN, finance=replace(PLAN.finance, price=blank))
    table = charts.build_up(bare, EVERYTHING)
    assert table["money"].isna().all() and "USD" not in charts.why_words(table, bare, EVERYTHING)
    figure = charts.build_up_bridge(table, bare, EVERYTHING, LIGHT)
    assert "units, Jan 14" in str(figure["layout"]["title"])
    ends = figure["data"][0]
    assert ends["base"][0] + ends["x"][0] == pytest.approx(table["units"].iloc[0], abs=0.01)


def test_a_large_override_is_written_in_full() -> None:
    inputs = small_inputs()
    big = replace(judged()[0], kind="amount", value=6e6)
    plan = made_up_plan(replace(inputs, demand=replace(inputs.demand, overrides=(big,))))
    named = " ".join(charts.build_up(plan, EVERYTHING)["contribution"])
    assert "to 6,000,000 USD" in named
