"""The scoreboard's figures against counting by hand, line by line; what is not known counts nowhere."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop_engine.inputs.calendar import months_calendar
from sop_engine.inputs.performance import read_performance
from sop_engine.inputs.tables import Tables
from sop_engine.supply_review.performance import (
    KPIS,
    by_supplier,
    delivery_scores,
    inventory_scores,
    pooled,
    production_scores,
    receipt_lines,
    receipt_scores,
    scores,
)
from tests.builders import SETTINGS
from tests.tables import frame, loaded

CALENDAR = months_calendar(np.datetime64("2013-01-01"), np.datetime64("2014-01-01"), SETTINGS)
DAY = date(2013, 6, 10)
UNITS = st.integers(0, 40)
LINES = st.lists(st.tuples(UNITS, UNITS, st.integers(0, 2)), min_size=1, max_size=12)


def production(lines: list[tuple[float, float, int]]) -> pd.DataFrame:
    return pd.DataFrame(lines, columns=["units", "planned_units", "bucket"])


def test_production_as_defined() -> None:
    found = pooled(
        production_scores(production([(120, 100, 0), (60, 100, 0), (96, 100, 0), (np.nan, 50, 0)]))
    )
    assert found["Plan attainment"] == pytest.approx(276 / 300)
    assert found["Mix attainment"] == pytest.approx((100 + 60 + 96) / 300)
    assert found["Schedule adherence"] == pytest.approx(1 / 3)


@settings(deadline=None, max_examples=40)
@given(LINES)
def test_production_agrees_with_counting_line_by_line(lines: list[tuple[int, int, int]]) -> None:
    found = production_scores(production(lines)).set_index(["kpi", "bucket"])
    for bucket in {line[2] for line in lines}:
        mine = [line for line in lines if line[2] == bucket]
        mix = found.loc[("Mix attainment", bucket)]
        assert mix["part"] == sum(min(made, planned) for made, planned, _ in mine)
        assert mix["whole"] == sum(planned for _, planned, _ in mine)
        planned = [line for line in mine if line[1]]
        if planned:
            kept = found.loc[("Schedule adherence", bucket)]
            assert kept["part"] == sum(abs(made - plan) <= 0.05 * plan + 1e-9 for made, plan, _ in planned)
            assert kept["whole"] == len(planned)


def deliveries(rows: list[tuple[str, str, int, float, float]]) -> pd.DataFrame:
    """(order, product, days late, ordered, shipped) each."""
    columns = ["order", "product", "days", "ordered_units", "shipped_units"]
    table = pd.DataFrame(rows, columns=columns).assign(market="M", due=pd.Timestamp(DAY), bucket=5)
    return table.assign(ship_date=table["due"] + pd.to_timedelta(table["days"], unit="D"))


def test_an_order_counts_only_when_every_line_left_in_full_by_its_date() -> None:
    rows = [
        ("1", "A", 0, 10, 10),
        ("1", "B", -3, 10, 6),
        ("1", "B", 0, 10, 4),
        ("2", "A", -1, 10, 10),
        ("2", "B", 1, 10, 10),
        ("3", "A", 0, 10, 9),
    ]
    found = pooled(delivery_scores(deliveries(rows)))
    assert found["On time in full"] == pytest.approx(1 / 3)
    assert found["Fill on time"] == pytest.approx((10 + 10 + 10 + 0 + 9) / 50)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(st.sampled_from("123"), st.sampled_from("AB"), st.integers(-2, 2), st.just(10), UNITS),
        min_size=1,
        max_size=15,
    )
)
def test_deliveries_agree_with_counting_order_by_order(rows: list[tuple[str, str, int, int, int]]) -> None:
    in_time: dict[tuple[str, str], int] = defaultdict(int)
    for order, product, days, _, shipped in rows:
        in_time[order, product] += shipped if days <= 0 else 0
    orders = {order for order, _ in in_time}
    whole = [all(units >= 10 for (o, _), units in in_time.items() if o == order) for order in orders]
    found = pooled(delivery_scores(deliveries(rows)))
    assert found["On time in full"] == pytest.approx(sum(whole) / len(orders))
    assert found["Fill on time"] == pytest.approx(
        sum(min(u, 10) for u in in_time.values()) / (10 * len(in_time))
    )


def receipts(*rows: tuple[str, str, int | None, float, float, float]) -> pd.DataFrame:
    """(reference, source, days late, ordered, received, rejected) each; None: no promised date."""
    columns = ["reference", "source", "days", "ordered_units", "received_units", "rejected_units"]
    table = pd.DataFrame(list(rows), columns=columns).assign(product="P", site="S", bucket=5)
    days = pd.to_numeric(table["days"])
    due = pd.Series(pd.Timestamp(DAY), index=table.index).where(days.notna())
    return table.assign(due=due, received_date=pd.Timestamp(DAY) + pd.to_timedelta(days.fillna(0), unit="D"))


def test_suppliers_are_judged_by_line_and_only_on_what_is_known() -> None:
    lines = receipt_lines(
        receipts(
            ("1", "Fast", 0, 10, 10, 0),
            ("2", "Fast", 1, 10, 10, 5),
            ("3", "Slow", 0, 10, 4, np.nan),
            ("3", "Slow", 2, 10, 6, np.nan),
            ("4", "Slow", None, 10, 8, 0),
        )
    )
    found = pooled(receipt_scores(lines))
    assert found["Suppliers on time"] == pytest.approx(1 / 3)
    assert found["Suppliers in full"] == pytest.approx(3 / 4)
    assert found["Rejected"] == pytest.approx(5 / 28)
    table = by_supplier(lines)
    assert table["supplier"].tolist() == ["Slow", "Fast"] and table["late or short"].tolist() == [2, 1]
    np.testing.assert_allclose(table["on time %"], [0, 50])
    np.testing.assert_allclose(table["rejected %"], [0, 25])


def test_stock_is_held_against_the_target_where_there_is_one() -> None:
    stock = pd.DataFrame(
        [("A", "X", 8, 0), ("B", "X", 30, 0), ("C", "X", 99, 0), ("A", "X", np.nan, 1)],
        columns=["product", "site", "units", "bucket"],
    )
    target = pd.DataFrame(
        [("A", "X", 10, 5), ("B", "X", 20, np.nan), ("C", "X", 0, 1)],
        columns=["product", "site", "units", "unit_cost"],
    )
    found = pooled(inventory_scores(stock, target))
    assert found["At target stock"] == pytest.approx(1 / 2)
    assert found["Stock against target"] == pytest.approx(8 * 5 / (10 * 5))


def test_lines_are_read_into_complete_past_buckets() -> None:
    warehouse = loaded(
        {
            "delivery_history": frame(
                "order product market ship_date requested_date promised_date ordered_units shipped_units",
                ("1", "A", "M", DAY, DAY - timedelta(40), DAY, 5, 5),
                ("2", "A", "M", DAY, DAY - timedelta(40), None, 5, 5),
                ("3", "A", "M", date(2014, 1, 2), None, None, 5, 5),
            ),
            "production_history": frame(
                "product site period units planned_units", ("A", "Plant", "2012-11-01", 1, 1)
            ),
        }
    )
    past = read_performance(Tables(warehouse.read), CALENDAR)
    assert past.deliveries["order"].tolist() == ["1", "2"]
    assert past.deliveries["bucket"].tolist() == [5, 4]
    assert past.missing() == ("production_history", "receipt_history", "inventory_history")
    target = pd.DataFrame(columns=["product", "site", "units", "unit_cost"])
    found = scores(past, target)
    assert set(found["kpi"]) == {"On time in full", "Fill on time"} <= {kpi.name for kpi in KPIS}
    warehouse.close()
