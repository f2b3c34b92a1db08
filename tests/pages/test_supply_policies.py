"""The supply review says its policies, what moves from the published plan, and solves what that costs."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from sop_engine.scenario import Lever, LeverKind, Scenario
from sop_engine.warehouse import open_warehouse
from tests.pages.small import of_label, on_tab, opened, small_file, texts, titles
from tests.tables import AT

MAKE_A = "A | Plant | Plant | make"


def publish(file: Path) -> None:
    """A plan of the cycle before that makes 90 of A in each of its first months."""
    warehouse = open_warehouse(file)
    version = {"version_id": "V1", "snapshot_id": "S1", "status": "published", "approved_at": AT}
    with warehouse.transaction(who="test", why="published", at=AT) as change:
        change.insert("plan_version", {**version, "cycle": "2013-12", "name": "December plan"})
        for month in (1, 2, 3, 4):
            cell = {"measure": "flow", "product": MAKE_A, "value": 90.0}
            period = pd.Timestamp(2014, month, 1).to_pydatetime()
            change.insert("plan_snapshot_cell", {"snapshot_id": "S1", **cell, "period": period})
    warehouse.close()


def test_policies_stability_and_its_price(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = small_file(tmp_path)
    publish(file)
    app = on_tab(opened("supply_review", file, monkeypatch), "supply_tabs", "Policies and stability")
    assert not app.error and not app.exception
    policies = app.table[0].value
    assert "December plan" in policies.loc["Anchor", "in force"]
    said = texts(app)
    assert "from December plan" in said and "No lever is moved" in said
    assert "no order is rounded" in said and "no ceiling is exceeded" in said
    assert "of operating profit" not in said
    app.button(key="solve_stability").click().run()
    assert not app.exception and "Staying near December plan" in texts(app)
    assert "would without the anchor" in texts(app.run())
    app.session_state.working = Scenario((Lever(LeverKind.DEMAND, 30),))
    app.run()
    assert not app.exception and "Staying near" not in texts(app)
    assert "of the production of the plan before the what-if" in titles(app)


def test_a_switch_is_changed_in_plain_words_and_the_plan_follows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = small_file(tmp_path)
    app = on_tab(opened("supply_review", file, monkeypatch), "supply_tabs", "Policies and stability")
    assert "share a shortage alike, whatever" not in app.table[0].value.loc["Who is served first", "in force"]
    app.button(key="supply_switches_open").click().run()
    app.checkbox(key="switch_fair_share").check()
    app.text_input(key="switch_reason").input("Markets agreed")
    of_label(app.button, "Plan by these").click().run()
    assert not app.exception and not app.error
    assert "share a shortage alike, whatever" in app.table[0].value.loc["Who is served first", "in force"]
