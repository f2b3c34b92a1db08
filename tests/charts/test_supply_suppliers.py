"""Suppliers and components against a naive count, and the words beside them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sop_engine.charts import supply_suppliers as charts
from sop_engine.charts.style import LIGHT
from tests.charts.test_supply_capacity import solved


def test_suppliers_are_held_against_their_limits() -> None:
    made, view, pegging = solved()
    cells = charts.supplier_cells(made, view, pegging)
    assert set(cells["supplier"]) == {"Vendor", "Helper"}
    vendor = cells[cells["supplier"] == "Vendor"]
    edge = made.inputs.network.edges.labels.index("F | Vendor | Plant | buy")
    received = made.supply.received[edge, view.periods]
    np.testing.assert_allclose(vendor["plan %"], 100 * received / 420, atol=1e-9)
    assert vendor["plan %"].max() <= 100 + 1e-6 and vendor["need"].sum() > 0
    figure = charts.supplier_figure(made, view, LIGHT, cells, "Title")
    assert figure["data"][0]["y"][0] in ("F, Vendor", "A, Helper")


def test_components_say_their_vendors_lead_time_and_what_they_last_for() -> None:
    made, view, pegging = solved()
    table = charts.component_table(made, view, pegging)
    assert table["item"].tolist() == ["F"]
    row = table.iloc[0]
    assert (row["vendors"], row["single source"], row["lead days"]) == (1, "single", 45.0)
    assert (row["on hand"], row["open receipts"]) == (600.0, 200.0)
    left, periods = 800.0, 0.0
    demand = made.demand.unconstrained.sum(axis=1)
    for asked in (demand[0] + 0.0) / 0.95 + 2 * demand[1]:
        if left < asked:
            periods += left / asked
            break
        left, periods = left - asked, periods + 1
    assert row["covers days"] == pytest.approx(periods * np.mean(made.inputs.calendar.plan_days))
    edge = made.inputs.network.edges.labels.index("F | Vendor | Plant | buy")
    assert row["months bound"] == (made.supply.limit_value[edge, view.periods] > 1e-6).sum()
    assert "1 of 1 bought components come from one vendor only" in charts.component_words(table, "USD")


def test_one_vendor_now_is_no_single_source_where_receipts_name_others() -> None:
    made, view, pegging = solved()
    received = pd.DataFrame({"product": ["F", "F", "F", "NOPE"], "source": ["Vendor", "Other", "", "Other"]})
    table = charts.component_table(made, view, pegging, received)
    assert table[["single source", "other sources before"]].iloc[0].tolist() == ["single now", 1]
    words = charts.component_words(table, "USD")
    assert words.startswith("0 of 1") and "1 more from one now, though receipts name others" in words
