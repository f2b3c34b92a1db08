"""The executive draws the options beside the page, sees what they may come to, and finds it kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.executive import risk
from sop_engine.records.risk_results import read_results
from sop_engine.warehouse import open_warehouse
from tests.pages.small import on_tab, opened, small_file, texts, titles

WAIT = 60


def on_risk(file: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    return on_tab(opened("executive_sop", file, monkeypatch), "executive_tabs", "Risk")


def button(app: AppTest, label: str):
    return next(one for one in app.button if one.label.startswith(label))


def drawn(app: AppTest) -> AppTest:
    """The page after few draws have ended."""
    next(box for box in app.number_input if box.label == "Draws").set_value(20).run()
    button(app, "Draw 20 times").click().run()
    job = app.session_state["risk_job"] if "risk_job" in app.session_state else None
    if job is not None:
        assert job.ended.wait(WAIT) and job.fault is None, job.fault
    return app.run()


def test_options_are_drawn_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = small_file(tmp_path)
    app = on_risk(file, monkeypatch)
    assert "Nothing is drawn in this cycle yet" in texts(app)
    app = drawn(app)
    assert not app.exception
    assert "Do nothing" in texts(app) and "P10, P50 and P90" in titles(app)
    assert "matters most" in titles(app) and "stays decided" in texts(app)
    rows = read_results(open_warehouse(file), "2014-01")
    assert len(rows) == 5 and set(rows["created_by"]) == {"Ana"}
    risk._kept(str(file)).clear()
    again = on_risk(file, monkeypatch)
    assert "Kept of" in texts(again) and "P10, P50 and P90" in titles(again)
    assert not again.warning


def test_what_is_assumed_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = on_risk(small_file(tmp_path), monkeypatch)
    app.session_state["risk_assumed"] = True
    app.run()
    table = next(frame.value for frame in app.dataframe if "spread" in frame.value)
    assert "assumed: setting, change it below" in set(table["source"])
    assert "No past cycle is replayed" in texts(app)


def test_a_cancelled_draw_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = small_file(tmp_path)
    app = on_risk(file, monkeypatch)
    next(box for box in app.number_input if box.label == "Draws").set_value(2000).run()
    button(app, "Draw 2000 times").click().run()
    job = app.session_state["risk_job"]
    assert not job.ended.is_set()
    button(app, "Cancel").click().run()
    assert job.ended.wait(WAIT)
    app.run()
    assert not app.exception and "Draw 2000 times" in {one.label for one in app.button}
    assert read_results(open_warehouse(file), "2014-01").empty
