"""Every section of the finance review of a company that has loaded its sales in units and nothing else."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.sections import SECTIONS
from sop_engine.refresh import refresh
from sop_engine.warehouse import open_warehouse
from sop_engine.warehouse.upload import load
from tests.pages.small import on_tab, opened, texts, titles
from tests.tables import AT, small_tables

NO_MONEY = ("Landing", "Baselines", "Bridge", "Statement", "Cash", "Risks and opportunities", "Channels")


@pytest.fixture
def units_only(tmp_path: Path) -> Path:
    file = tmp_path / "units.duckdb"
    warehouse = open_warehouse(file)
    sales = small_tables()["sales_history"].drop(columns="revenue").to_csv(index=False).encode()
    load(warehouse, [("sales_history.csv", sales)], who="Ana", at=AT)
    refresh(warehouse, who="Ana", at=AT)
    warehouse.close()
    return file


def tables(app: AppTest) -> str:
    """What the tables show: what is not known is drawn as "-"."""
    return "\n".join(frame.value.dropna(axis=1, how="all").to_csv(index=False) for frame in app.dataframe)


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_no_section_shows_a_number_that_is_not_known(
    units_only: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened("finance_review", units_only, monkeypatch)
    for tab in SECTIONS["finance_review"]:
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            app = on_tab(app, "finance_tabs", tab)
        assert not app.exception and not app.error, tab
        assert not app.get("plotly_chart"), f"{tab} draws an empty chart: {titles(app)[:300]}"
        said = f"{texts(app)}\n{tables(app)}"
        assert not re.search(r"\b[Nn]a[Nn]\b|\bNone\b|revenue 0\b|cost 0\b|  |^, | ,|\( ", said), (tab, said)
        if tab in NO_MONEY:
            assert "Nothing is known of" in said or "nothing is known of" in said, tab


def test_its_cells_are_in_units_and_say_what_would_value_them(
    units_only: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = on_tab(opened("finance_review", units_only, monkeypatch), "finance_tabs", "Cells")
    shown = next(frame.value for frame in app.dataframe if "units" in frame.value)
    assert shown["units"].sum() > 0 and not {"revenue", "price", "margin"} & set(shown.columns)
    assert "No price and no cost is loaded" in texts(app) and "off the income statement" not in texts(app)
