"""Pre-S&OP follows a family, ranks gaps, proves that the plans tie, and makes a gap a decision."""

from pathlib import Path

import pytest

from sop_engine.records import of_cycle, open_cycle
from sop_engine.warehouse import open_warehouse
from tests.pages.small import on_tab, opened, small_file, texts, titles
from tests.tables import AT


def test_it_opens_with_the_sample_company(demo_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened("pre_sop", demo_file, monkeypatch)
    assert not app.exception
    assert "units on time" in titles(app)


def test_the_plan_of_the_sample_company_ties(demo_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = on_tab(opened("pre_sop", demo_file, monkeypatch), "pre_sop_tabs", "Consistency")
    table = next(frame.value for frame in app.dataframe if "residual" in frame.value)
    assert len(table) == 9 and set(table["result"]) == {"✓ holds"}


def test_it_opens_on_an_empty_warehouse(empty_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened("pre_sop", empty_file, monkeypatch)
    assert not app.exception
    assert "nothing to plan yet" in texts(app)


@pytest.mark.parametrize("tab", ["Gaps", "Families", "Consistency", "Decisions"])
def test_each_tab_opens(tab: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = on_tab(opened("pre_sop", small_file(tmp_path), monkeypatch), "pre_sop_tabs", tab)
    assert not app.exception


def test_an_open_cycle_is_no_go_until_the_reviews_are_signed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = small_file(tmp_path)
    with_cycle(file)
    app = on_tab(opened("pre_sop", file, monkeypatch), "pre_sop_tabs", "Consistency")
    assert "Product review" in app.error[0].value and "No-go" in app.error[0].value


def test_a_gap_becomes_a_decision_with_do_nothing_as_an_option(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = small_file(tmp_path)
    with_cycle(file)
    app = opened("pre_sop", file, monkeypatch)
    app.session_state.pre_sop_gap_table = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app = on_tab(app, "pre_sop_tabs", "Gaps")
    assert not any(button.label == "Raise it" for button in app.button), "the form waits to be opened"
    app.button(key="raise_gap_open").click().run()
    next(button for button in app.button if button.label == "Raise it").click().run()
    warehouse = open_warehouse(file)
    raised = of_cycle(warehouse, "decision", "2014-01")
    options = of_cycle(warehouse, "decision_option", "2014-01")
    assert list(raised["status"]) == ["open"] and list(options["title"]) == ["Do nothing"]
    assert raised["created_by"][0] == "Ana"


def with_cycle(file: Path) -> None:
    warehouse = open_warehouse(file)
    open_cycle(warehouse, "2014-01", who="test", at=AT)
    warehouse.close()
