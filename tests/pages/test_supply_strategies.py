"""Chase, level and hybrid are solved at a click, each or all, and stand beside the optimum."""

from __future__ import annotations

from pathlib import Path

import pytest

from sop_engine.scenario import Lever, LeverKind, Scenario
from tests.pages.small import on_tab, opened, small_file, texts, titles


def test_one_strategy_then_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = on_tab(opened("supply_review", small_file(tmp_path), monkeypatch), "supply_tabs", "Strategies")
    assert not app.error and not app.exception and "Chase holds stock" in texts(app)
    app.button(key="solve_level").click().run()
    assert not app.exception and list(app.table[0].value) == ["Optimum", "Level"]
    app.button(key="solve_strategies").click().run()
    compared = app.table[0].value
    assert not app.exception and list(compared) == ["Optimum", "Chase", "Level", "Hybrid 5 %"]
    assert {"Revenue", "Stock, mean", "Fill rate"} <= set(compared.index)
    assert "production and stock by strategy" in titles(app) and "against the optimum" in texts(app)
    assert not [button for button in app.button if button.key and button.key.startswith("solve_")]
    app.selectbox(key="strategy_choice").set_value("Family Bikes").run()
    assert not app.exception and "Family Bikes: optimum" in titles(app)
    app.session_state.working = Scenario((Lever(LeverKind.DEMAND, 30),))
    app.run()
    assert not app.exception and app.button(key="solve_chase") and "Chase holds stock" in texts(app)
