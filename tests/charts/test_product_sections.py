"""Figures and tables of gates, readiness, exits and risks say what the numbers behind them say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sop_engine.charts import product_exits, product_gates, product_readiness, product_risks
from sop_engine.charts.product_pipeline import pipeline_table
from sop_engine.charts.style import LIGHT
from sop_engine.finance_review.register import register
from sop_engine.inputs.lifecycle import PhaseOut
from sop_engine.product_review.pipeline import gate_funnel
from sop_engine.records.pipeline import kept_pipelines, pipeline_rows
from sop_engine.warehouse import open_warehouse
from tests.finance_review.test_register import item
from tests.launches import having, launch, with_launches
from tests.plans import made_up_plan, small_inputs

PLAN = with_launches(
    launch(), launch(project="Out", in_plan=False, launch=3, baseline_launch=3, gate="Concept")
)


def title(figure: dict) -> str:
    return figure["layout"]["title"]["text"]


def test_the_funnel_draws_a_bar_for_each_gate_and_measure() -> None:
    funnel = gate_funnel(pipeline_table(PLAN))
    figure = product_gates.funnel_figure(funnel, "USD", LIGHT)
    counts, revenue, expected = figure["data"]
    assert counts["y"] == ["Concept", "Design"] and counts["text"] == ["1, 0 in", "1, 1 in"]
    assert revenue["x"] == pytest.approx(funnel["revenue"].round().tolist())
    assert expected["x"] == pytest.approx(funnel["expected margin"].round().tolist())


def test_the_slips_are_drawn_project_by_cycle() -> None:
    kept = pipeline_rows(with_launches(launch(launch=3))).assign(cycle="2013-12", sample=True)
    figure = product_gates.slip_figure(PLAN, kept, LIGHT)
    (trace,) = figure["data"]
    assert trace["x"] == ["Dec 13, sample", "Jan 14"] and trace["y"] == ["Out", "New B"]
    assert trace["z"] == [[None, 0], [1, 2]] and trace["text"][1] == ["Apr 14 (+1)", "May 14 (+2)"]
    assert "1 of 2 launches is later" in title(figure) and "no earlier cycle" in title(figure)


def test_what_slipped_since_the_last_real_cycle_is_said() -> None:
    kept = pipeline_rows(with_launches(launch(launch=3))).assign(cycle="2013-12")
    assert "1 slipped since the last cycle" in title(product_gates.slip_figure(PLAN, kept, LIGHT))


def test_the_scorecard_says_what_is_due_and_what_is_not_known() -> None:
    words = product_gates.scorecard_words(PLAN)
    assert "Planned on time: 0 of 1" in words and "no launch with a business case is a year old" in words


def test_the_board_shows_word_and_sign_of_every_check() -> None:
    ready = product_readiness.ready_launches(PLAN)
    (trace,) = product_readiness.readiness_figure(PLAN, ready, LIGHT)["data"]
    table = product_readiness.check_table(ready)
    assert [text for row in trace["text"] for text in row] == table["stands"].tolist()
    assert set(product_readiness.open_points(ready)["stands"]) <= {"! watch", "✗ not ready", "- not known"}
    assert product_readiness.readiness_title(ready).startswith(("1 of 2", "2 of 2", "0 of 2"))


def test_a_case_without_capex_says_so_and_never_pays_back_by_itself() -> None:
    plan = with_launches(launch(capex=np.nan), launch(project="Free", launch=5, stated=5, capex=0.0))
    table = product_readiness.case_table(plan, product_readiness.ready_launches(plan)).set_index("project")
    assert np.isnan(table.at["New B", "capex"]) and table.at["Free", "capex"] == 0
    assert table.at["New B", "payback periods"] == "capex not known"
    assert table.at["Free", "payback periods"] == "-"


def test_the_exits_are_listed_with_their_components() -> None:
    """A ends in March and moves to B, which uses F too, so F stays; with both of them F ends."""
    ending = PhaseOut(0, 3, 1, 0.4), PhaseOut(1, 3, -1, 0.0, last_buy=1)
    one = made_up_plan(having(small_inputs(), phase_outs=ending[:1]))
    exits, components = product_exits.plan_exits(one)
    row = product_exits.exit_table(one, exits).iloc[0]
    assert (row["not sold from"], row["successor"], row["demand that moves %"]) == ("Apr 14", "B", 40.0)
    assert row["demand to the end"] == pytest.approx(one.demand.unconstrained[0, :, :3].sum())
    assert components == ()
    both = made_up_plan(having(small_inputs(), phase_outs=ending))
    exits, components = product_exits.plan_exits(both)
    (part,) = product_exits.component_table(both, components).to_dict("records")
    assert (part["component"], part["only used by"], part["last buy"]) == ("F", "A, B", "Feb 14")
    figure = product_exits.run_out_figure(both, exits, LIGHT)
    stock = both.supply.places.of_products(both.supply.node_stock)
    assert figure["data"][0]["y"] == pytest.approx(np.round(stock[exits[0].product, :12]).tolist())
    assert title(figure).startswith("<b>2 products end and leave")


def test_a_product_with_several_successors_ends_once() -> None:
    shared = PhaseOut(0, 3, 1, 0.4), PhaseOut(0, 3, 2, 0.2)
    plan = made_up_plan(having(small_inputs(), phase_outs=shared))
    table = product_exits.exit_table(plan, product_exits.plan_exits(plan)[0])
    assert table["successor"].tolist() == ["B, F"]
    assert table["demand that moves %"].tolist() == pytest.approx([60.0])


def test_the_list_of_risks_marks_what_is_made_up() -> None:
    items = pd.DataFrame([item(sample=True), item(item_id="2014-01-R2")])
    parts = PLAN.inputs, PLAN.scenario, PLAN.portfolio, PLAN.demand, PLAN.finance
    rows = register(*parts, items)
    table = product_risks.risk_table(rows)
    assert sorted(table["title"]) == ["A rival", "A rival (sample)", "Launch of Out"]
    assert set(table["source"]) == {"register", "launch left out"}
    chance = rows.loc[rows["source"] == "launch", "expected_gross_margin"].iloc[0]
    words = product_risks.risk_title(rows, "USD")
    assert "-250 USD of risks" in words and ("opportunities" in words) == (chance > 0)
    hollow = [
        t for t in product_risks.risk_figure(rows, "USD", LIGHT)["data"] if "open" in t["marker"]["symbol"]
    ]
    assert [t["y"] for t in hollow] == [[-1000.0], []]


def test_what_is_settled_says_what_came() -> None:
    closed = item(status="happened", closed_amount=-40.0, cycle="2014-01", revenue=-50.0)
    table = product_risks.closed_table(pd.DataFrame([closed, item(cycle="2014-01", closed_amount=np.nan)]))
    assert table["stands"].tolist() == ["happened"] and table["revenue as it came"].tolist() == [-40.0]


def test_without_a_kept_cycle_today_stands_alone() -> None:
    nothing = kept_pipelines(open_warehouse(":memory:"))
    (trace,) = product_gates.slip_figure(PLAN, nothing, LIGHT)["data"]
    assert trace["x"] == ["Jan 14"]
