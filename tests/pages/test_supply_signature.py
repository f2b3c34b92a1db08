"""The supply review says on which consensus it was signed, and that it is stale once that is replaced."""

from pathlib import Path

import pytest
import streamlit as st

from sop_engine.inputs import read_inputs
from sop_engine.plan import plan
from sop_engine.records import open_cycle, reopen_stage, sign_stage
from sop_engine.scenario import BASELINE
from sop_engine.warehouse import open_warehouse
from tests.pages.small import opened, small_file, texts
from tests.tables import AT

ANN = {"who": "Ann", "at": AT}


def test_a_newer_consensus_shows_on_the_supply_page_and_on_the_cycle_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = small_file(tmp_path)
    warehouse = open_warehouse(file)
    made = plan(read_inputs(warehouse), BASELINE)
    open_cycle(warehouse, "2014-01", **ANN)
    sign_stage(warehouse, made, "demand", **ANN)
    sign_stage(warehouse, made, "supply", **ANN)
    said = texts(opened("supply_review", file, monkeypatch))
    assert "Signed by Ann" in said and "on Consensus 2014-01 v1." in said and "Stale" not in said
    reopen_stage(warehouse, "2014-01", "demand", **ANN, reason="more is known")
    sign_stage(warehouse, made, "demand", **ANN)
    stale = "it rests on Consensus 2014-01 v1; Consensus 2014-01 v2 was signed since"
    st.cache_resource.clear()  # the app reads anew what it did not write itself
    assert stale in texts(opened("supply_review", file, monkeypatch))
    assert f"on Consensus 2014-01 v1; {stale}" in texts(opened("cycle", file, monkeypatch))
