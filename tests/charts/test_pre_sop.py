"""One family through all plans, pockets and gaps as drawn hold the numbers of the plan."""

from dataclasses import replace

import numpy as np
import pytest

from sop_engine.charts.pre_sop import (
    connected,
    connected_words,
    count_words,
    gap_bars,
    gap_table,
    gap_words,
    pocket_table,
    pockets,
)
from sop_engine.charts.style import LIGHT
from sop_engine.charts.view import whole_company
from sop_engine.pre_sop.connectivity import connectivity
from sop_engine.pre_sop.gaps import find_gaps
from sop_engine.scenario import Lever, LeverKind, Scenario
from tests.plans import made_up_plan, small_inputs

PLAN = made_up_plan(small_inputs())
MOVED = made_up_plan(small_inputs(), Scenario((Lever(LeverKind.DEMAND, 10),)))
VIEW = whole_company(PLAN)
FAMILY = "Bikes"


def test_five_plans_of_a_family_share_the_months() -> None:
    table = connectivity(PLAN, FAMILY, VIEW.periods)
    figure = connected(table, table, FAMILY, PLAN, VIEW.periods, LIGHT)
    assert {trace.get("yaxis", "y") for trace in figure["data"]} == {"y", "y2", "y3", "y4", "y5"}
    assert len({tuple(trace["x"]) for trace in figure["data"]}) == 1
    member = PLAN.inputs.products.family == FAMILY
    demand = PLAN.demand.unconstrained[member][:, :, VIEW.periods].sum(axis=(0, 1))
    drawn = next(trace for trace in figure["data"] if trace["name"] == "Unconstrained demand")
    assert np.allclose(drawn["y"], demand, atol=0.5)


def test_the_baseline_stands_beside_what_a_scenario_changes_only() -> None:
    base, moved = (connectivity(plan, FAMILY, VIEW.periods) for plan in (PLAN, MOVED))
    names = {trace["name"] for trace in connected(moved, base, FAMILY, MOVED, VIEW.periods, LIGHT)["data"]}
    assert "Unconstrained demand, baseline" in names
    same = {trace["name"] for trace in connected(base, base, FAMILY, PLAN, VIEW.periods, LIGHT)["data"]}
    assert not any("baseline" in name for name in same)


def test_the_sentence_says_the_share_served() -> None:
    table = connectivity(PLAN, FAMILY, VIEW.periods)
    member = PLAN.inputs.products.family == FAMILY
    cells = np.ix_(member, VIEW.markets, VIEW.periods)
    part = 100 * PLAN.supply.on_time[cells].sum() / PLAN.demand.unconstrained[cells].sum()
    assert f"({np.floor(10 * part) / 10:.1f} %)" in connected_words(table, FAMILY, "USD")


def test_pockets_hold_every_family_once() -> None:
    table = pocket_table(PLAN, VIEW.products, VIEW.markets, VIEW.periods)
    assert table["demand"].sum() == pytest.approx(VIEW.cut(PLAN.demand.unconstrained).sum())
    figure = pockets(table, PLAN, VIEW.periods, "", LIGHT)
    assert len(figure["data"]) == 3 * table["family"].nunique()
    revenue = table.groupby("family", sort=False)["revenue"].sum()
    assert revenue.is_monotonic_decreasing


def test_gap_bars_hold_the_money_of_the_gaps() -> None:
    gaps = find_gaps(PLAN, VIEW.periods)
    drawn = sum(np.nansum(np.array(trace["x"], dtype=float)) for trace in gap_bars(gaps, PLAN, LIGHT)["data"])
    assert drawn == pytest.approx(gap_table(gaps)["money"].sum(), abs=len(gaps))
    assert gaps[0].scope in gap_words(gaps, PLAN)
    assert count_words(gaps).startswith(f"{len(gaps)} gaps")


def test_no_gap_is_good_news() -> None:
    assert gap_words((), PLAN).startswith("The plans meet") and count_words(()) == ""
    assert gap_bars((), PLAN, LIGHT)["data"] == []


def test_plans_that_are_not_loaded_are_not_said_to_meet() -> None:
    supply = replace(PLAN.supply, available=np.full_like(PLAN.supply.available, np.nan))
    bare = replace(PLAN, supply=supply, finance=replace(PLAN.finance, budget=None))
    assert gap_words((), bare) == (
        "No gap between demand and supply. Cannot be compared: plan and budget (load budget); "
        "load and capacity (load routing and capacity)"
    )
