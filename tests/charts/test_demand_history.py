"""The figures and tables of the history against what they draw."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sop_engine.charts import demand_history as charts
from sop_engine.charts.style import LIGHT
from sop_engine.charts.view import whole_company
from sop_engine.demand_review.cleansing import Flag, FlagKind
from sop_engine.plan import Plan
from tests.plans import made_up_plan, small_inputs


def seasonal_plan(ended: int = 0) -> Plan:
    """The made-up plan with a season and noise in the history of A, which sold nothing in its last months."""
    inputs = small_inputs()
    history = inputs.demand.history.copy()
    months = np.arange(history.shape[2])
    factor = 1 + 0.3 * np.sin(months * np.pi / 6) + 0.05 * np.cos(months * 5)
    history[0] = np.round(history[0] * factor)
    history[0, :, len(months) - ended :] = 0.0
    return replace(
        made_up_plan(inputs, seed=3),
        inputs=replace(inputs, demand=replace(inputs.demand, history=history, revenue_history=history * 10)),
    )


PLAN = seasonal_plan()
SPIKE = Flag(0, 12, FlagKind.OUTLIER, 300.0, 120.0, "2.5 x the 120 expected", 1800.0)
EMPTY = Flag(1, 20, FlagKind.STOCK_OUT, 0.0, 60.0, "0 sold", np.nan)


def named(figure: dict, name: str) -> dict:
    return next(trace for trace in figure["data"] if trace["name"] == name)


def test_flags_are_listed_in_words_and_their_money_is_added() -> None:
    table = charts.flag_table([SPIKE, EMPTY], PLAN)
    assert list(table["period"]) == ["Jul 12", "Mar 13"] and list(table["kind"]) == ["outlier", "stock-out"]
    assert table["USD at stake"].iloc[0] == 1800 and np.isnan(table["USD at stake"].iloc[1])
    assert charts.stake_words([SPIKE, EMPTY], PLAN) == "USD 1.80 k"
    assert "USD at stake" not in charts.flag_table([EMPTY], PLAN)
    assert charts.stake_words([EMPTY], PLAN) == "60 units"
    assert charts.flag_table([], PLAN).empty


def test_a_flag_outside_the_filter_is_not_shown() -> None:
    view = whole_company(PLAN).narrowed(np.array([False, True, True]), "Caps")
    assert charts.in_view([SPIKE, EMPTY], view, PLAN) == [EMPTY]


def test_a_flag_of_a_product_that_the_plan_no_longer_sells_comes_last_and_says_so() -> None:
    units = PLAN.demand.unconstrained * np.array([0.0, 1.0, 1.0])[:, None, None]
    dead = replace(PLAN, demand=replace(PLAN.demand, unconstrained=units))
    flags = charts.in_view([SPIKE, EMPTY], whole_company(PLAN), dead)
    assert flags == [EMPTY, SPIKE]
    assert list(charts.flag_table(flags, dead)["plan"]) == ["", "no demand in the plan"]
    assert charts.in_view([SPIKE, EMPTY], whole_company(PLAN), PLAN) == [SPIKE, EMPTY]


def test_a_unit_is_worth_what_history_realised_else_what_the_plan_asks() -> None:
    assert charts.unit_values(PLAN)[0] == pytest.approx(10)
    blank = replace(PLAN.inputs.demand, revenue_history=np.full(PLAN.inputs.demand.history.shape, np.nan))
    bare = replace(PLAN, inputs=replace(PLAN.inputs, demand=blank))
    priced = bare.finance.price[0][np.isfinite(bare.finance.price[0])]
    assert charts.unit_values(bare)[0] == pytest.approx(priced.mean())


def test_the_past_joins_the_plan_by_label() -> None:
    cleaned = PLAN.inputs.demand.history.copy()
    cleaned[0, :, 12] = [40.0, 8.0]
    rows = charts.series_table(PLAN, 0, cleaned).set_index("period")
    baseline = PLAN.inputs.demand.baseline
    assert rows.loc["2012-07", "sold"] == PLAN.inputs.demand.history[0, :, 12].sum()
    assert rows.loc["2012-07", "cleaned"] == 48 and np.isnan(rows.loc["2012-07", "baseline"])
    assert rows.loc["2014-02", "baseline"] == pytest.approx(baseline.units[0, :, 1].sum())
    assert rows.loc["2014-02", "high 80"] == baseline.hi80[0, 1] and np.isnan(rows.loc["2014-02", "sold"])


def test_marks_are_shaped_and_named_and_cleaned_is_drawn_where_it_differs() -> None:
    raw = PLAN.inputs.demand.history
    figure = charts.product_history(PLAN, 0, raw, [SPIKE, EMPTY], LIGHT, "A < B")
    mark = named(figure, "outlier")
    assert (mark["x"], mark["y"]) == (["2012-07-01"], [300]) and mark["marker"]["symbol"] == "diamond"
    assert "outlier" in [note["text"] for note in figure["layout"]["annotations"]]
    assert "Cleaned" not in [trace["name"] for trace in figure["data"]]
    assert (
        "cleaned" not in figure["layout"]["title"]["text"] and "A &lt; B" in figure["layout"]["title"]["text"]
    )
    cleaned = raw.copy()
    cleaned[0, :, 12] = 0.0
    figure = charts.product_history(PLAN, 0, cleaned, [], LIGHT, "A")
    assert named(figure, "Cleaned")["y"][12] == 0 and "orange as cleaned" in figure["layout"]["title"]["text"]


@pytest.mark.parametrize("ended", [0, 4])
def test_components_stand_in_their_months(ended: int) -> None:
    plan = seasonal_plan(ended)
    where, parts = charts.decomposition_of(plan, 0)
    assert (where.start, where.stop) == (0, 30 - ended)
    sold = plan.inputs.demand.history[0].sum(axis=0)[where]
    assert parts.expected * parts.remainder == pytest.approx(sold)
    expected = charts.series_table(plan, 0, plan.inputs.demand.history)["expected"].to_numpy()
    assert expected[where] == pytest.approx(parts.expected) and np.isnan(expected[where.stop :]).all()
    figure = charts.decomposition_panels(plan, 0, where, parts, LIGHT)
    assert [trace["yaxis"] for trace in figure["data"]] == ["y", "y2", "y3"]
    assert figure["data"][0]["x"][-1] == str(plan.inputs.calendar.starts[where.stop - 1])
    share = f"season {100 * parts.shares['season']:.0f} %"
    assert share in figure["layout"]["title"]["text"]


def test_what_is_not_regular_has_no_components() -> None:
    assert charts.decomposition_of(PLAN, 1) is None, "B sells the same every month"


def test_what_was_judged_is_told_in_words() -> None:
    row = {
        "product": "A",
        "market": "",
        "period": pd.Timestamp("2013-03-01"),
        "kind": "stock_out",
        "raw_units": 0.0,
        "units": 50.0,
        "status": "accepted",
        "reason": "No stock",
        "created_by": "Ann",
        "created_at": pd.Timestamp("2014-01-06 09:00"),
    }
    told = charts.judged_table(pd.DataFrame([row])).iloc[0]
    assert told.tolist() == [
        "A", "all", "Mar 13", "stock-out", 0.0, 50.0, "accepted", "No stock", "Ann, 06 Jan 14 09:00",
    ]  # fmt: skip
