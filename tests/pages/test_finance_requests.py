"""A controller's loop as the bridge tells it: a request that was accepted stands in it by name."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from sop_engine.inputs import read_inputs, with_judgement
from sop_engine.inputs.tables import Tables
from sop_engine.records import open_cycle
from sop_engine.records.answers import answer_request
from sop_engine.records.requests import raise_request
from sop_engine.warehouse import open_warehouse
from tests.pages.small import on_tab, opened, small_file, texts, titles
from tests.tables import AT

START = "This cycle's start"


def accepted(file: Path, *asked: tuple[str, float, str]) -> Path:
    """Requests of finance to demand, each of so much revenue of a market, accepted in January."""
    warehouse = open_warehouse(file)
    open_cycle(warehouse, "2014-01", who="Ann", at=AT)
    for at, (title, amount, market) in enumerate(asked):
        request_id = raise_request(
            warehouse,
            read_inputs(warehouse),
            from_stage="finance",
            to_stage="demand",
            title=title,
            reason="Below budget",
            measure="revenue",
            amount=amount,
            family="Bikes",
            market=market,
            from_period=date(2014, 2, 1),
            to_period=date(2014, 6, 1),
            who="Ann",
            at=AT + timedelta(minutes=at),
        )
        judged = with_judgement(read_inputs(warehouse), Tables(warehouse.read))
        told = {"status": "accepted", "answer": "Agreed", "who": "Dora"}
        answer_request(warehouse, judged, request_id, **told, at=AT + timedelta(hours=1, minutes=at))
    warehouse.close()
    return file


def bridge_from(app: AppTest, start: str) -> pd.Series:
    """{step: amount} of the bridge of revenue, as the table behind the chart has it."""
    app.session_state["bridge_measure"] = "Revenue"
    app.session_state["finance_bridge_table"] = True
    app = on_tab(app, "finance_tabs", "Bridge")
    app = next(box for box in app.selectbox if box.key == "bridge_start").set_value(start).run()
    assert not app.exception and not app.error
    return next(
        (frame.value.set_index("step")["amount"] for frame in app.dataframe if "step" in frame.value),
        pd.Series(dtype=float),
    )


def test_the_start_of_the_cycle_is_no_baseline_before_anything_is_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = on_tab(opened("finance_review", small_file(tmp_path), monkeypatch), "finance_tabs", "Baselines")
    assert "This cycle's start is its baseline" in texts(app)
    shown = next(frame.value for frame in app.dataframe if "baseline" in frame.value.columns)
    assert START not in set(shown["baseline"])


def test_a_request_is_the_whole_bridge_from_the_cycles_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = accepted(small_file(tmp_path), ("Close the gap", 900.0, ""))
    app = opened("finance_review", file, monkeypatch)
    steps = bridge_from(app, START)
    assert "above this cycle's start: request R1 +" in titles(app)
    assert "the plan less the plan solved again without it" in texts(app)
    name = next(step for step in steps.index if step.endswith("Close the gap"))
    assert steps[START] + steps[name] == pytest.approx(steps["Latest estimate"], abs=0.05)
    others = steps.drop([START, name, "Latest estimate"])
    assert others.abs().max() == 0 and steps[name] != 0
    app = on_tab(app, "finance_tabs", "Baselines")
    assert "Left out\\: 1 override made in 2014-01" in texts(app)


def test_requests_are_taken_out_alone_and_what_they_do_together_is_its_own_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both want hours of the same assembly, so that one of them alone gets more than beside the other."""
    asked = (("More in the East", 9000.0, "East"), ("More in the West", 6000.0, "West"))
    app = opened("finance_review", accepted(small_file(tmp_path), *asked), monkeypatch)
    for start in (START, "AOP", "Prior year"):
        steps = bridge_from(app, start)
        named = [step for step in steps.index if "More in the" in step]
        assert len(named) == 2 and "requests together" in steps.index
        assert steps.iloc[:-1].sum() == pytest.approx(steps.iloc[-1], abs=0.1)
        assert "taken out alone and the plan solved again" in texts(app)
    assert "More in the East" not in " ".join(bridge_from(app, "Now, no lever moved").index)
