"""What changed since an earlier plan: the last one kept is offered first; the sentence follows the choice."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from sop_engine.inputs import read_inputs
from sop_engine.plan import plan
from sop_engine.records import open_cycle, sign_stage
from sop_engine.scenario import Lever, LeverKind, Scenario
from sop_engine.warehouse import open_warehouse
from tests.pages.small import on_tab, opened, small_file, texts, titles
from tests.tables import AT

TAB = "What changed"


@pytest.fixture
def signed_file(tmp_path: Path) -> Path:
    """The small company with its pre-S&OP signed on a plan of more demand at a lower price."""
    file = small_file(tmp_path)
    warehouse = open_warehouse(file)
    open_cycle(warehouse, "2014-01", who="test", at=AT)
    other = Scenario((Lever(LeverKind.DEMAND, 10), Lever(LeverKind.PRICE, -5)))
    sign_stage(warehouse, plan(read_inputs(warehouse), other), "pre_sop", who="Ana", at=AT)
    warehouse.close()
    return file


def shown(file: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    return on_tab(opened("pre_sop", file, monkeypatch), "pre_sop_tabs", TAB)


def test_with_no_kept_plan_it_says_how_one_comes_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = shown(small_file(tmp_path), monkeypatch)
    assert not app.exception
    assert "No plan is kept yet" in texts(app)


def test_the_signed_plan_is_bridged_in_every_measure_and_cut(
    signed_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = shown(signed_file, monkeypatch)
    assert not app.exception
    since = app.selectbox(key="changes_since")
    assert since.options[0].startswith(
        "Last signature of Pre-S&OP: Pre-S&OP of Jan 14, signed 6 Jan 14 by Ana"
    )
    assert "levers" in texts(app) and "price" in texts(app)
    assert "Gross margin +" in titles(app) or "Gross margin -" in titles(app)
    app.segmented_control(key="changes_measure").set_value("units").run()
    assert "Delivered volume falls" in texts(app)
    for cut in ("Cause", "Market"):
        app.segmented_control(key="changes_cut").set_value(cut).run()
        assert not app.exception
        assert any(cut.lower() in frame.value.columns for frame in app.dataframe)


def test_the_summary_says_what_changed_in_one_sentence(
    signed_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pages.frame import session
    from pages.pre.changes import summary

    monkeypatch.setenv("SOP_WAREHOUSE", str(signed_file))
    words = summary(session.plans()[0])
    assert words.startswith("Gross margin ") and "since Pre-S&OP of Jan 14, Jan 14 to Dec 14: " in words
