"""The planner's files: they tie to the plan and to each other, open as data in a spreadsheet, and never
change by themselves."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sop_engine.executive_sop.scorecard import FILE_KEYS
from sop_engine.exports.tables import TABLES, column_name, write_csv, write_plan
from tests.plans import made_up_plan, small_inputs

PLAN = made_up_plan(small_inputs(), seed=7)
HORIZON = PLAN.inputs.calendar.horizon


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    out = tmp_path_factory.mktemp("out") / "deep"
    written = write_plan(PLAN, out)
    assert [path.name for path in written] == [*(f"{name}.csv" for name in TABLES), "scorecard.json"]
    return {path.stem: pd.read_csv(path) for path in written if path.suffix == ".csv"}


def test_the_steps_of_demand_add_up_in_every_row(files: dict[str, pd.DataFrame]) -> None:
    demand = files["demand"]
    columns = list(demand.columns)
    assert columns[:4] == ["product", "market", "period", "baseline_units"]
    assert columns[-5:] == [
        "unconstrained_units",
        "on_time_units",
        "late_units",
        "lost_units",
        "backlog_units",
    ]
    np.testing.assert_allclose(demand[columns[3:-5]].sum(axis=1), demand["unconstrained_units"], atol=1e-5)
    assert len(demand) == 2 * 2 * HORIZON and set(demand["period"]) == set(
        PLAN.inputs.calendar.plan_labels[:HORIZON]
    )
    row = demand[
        (demand["product"] == "B") & (demand["market"] == "West") & (demand["period"] == "2014-05")
    ].iloc[0]
    assert row["on_time_units"] == pytest.approx(PLAN.supply.on_time[1, 1, 4], abs=1e-6)


def test_supply_names_the_route_and_both_plans(files: dict[str, pd.DataFrame]) -> None:
    row = files["supply"][files["supply"]["route"] == "F | Vendor | Plant | buy"].iloc[2]
    edge = PLAN.inputs.network.edges.labels.index("F | Vendor | Plant | buy")
    assert (row["product"], row["mode"], row["site"], row["source"], row["period"]) == (
        "F",
        "buy",
        "Plant",
        "Vendor",
        "2014-03",
    )
    assert row["planned_units"] == pytest.approx(PLAN.supply.flow[edge, 2], abs=1e-6)
    assert row["required_units"] == pytest.approx(PLAN.supply.need[edge, 2], abs=1e-6)


def test_stock_balances_in_the_file(files: dict[str, pd.DataFrame]) -> None:
    stock = files["inventory"]
    one = stock[(stock["product"] == "A") & (stock["site"] == "Depot")]
    moved = (one["arrivals_units"] - one["used_units"] - one["shipped_units"]).to_numpy()
    np.testing.assert_allclose(np.diff(one["stock_units"], prepend=180), moved, atol=1e-5)
    np.testing.assert_allclose(one["stock_value"], one["stock_units"] * 6, atol=1e-4)


def test_files_tie_to_the_scorecard(files: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    card = json.loads(write_plan(PLAN, tmp_path)[-1].read_text())
    finance = files["finance"]
    assert tuple(card) == FILE_KEYS
    assert card["demand_units"] == pytest.approx(files["demand"]["unconstrained_units"].sum(), abs=1e-4)
    statement = finance[finance["section"] == "statement"].groupby("line")["amount"].sum()
    assert card["revenue"] == pytest.approx(statement["revenue"], abs=0.005)
    assert card["gross_margin"] == pytest.approx(statement["gross margin"], abs=0.005)
    plan = finance[finance["section"] == "plan"].groupby("line")["amount"].sum()
    assert card["demand_value"] == pytest.approx(plan["unconstrained demand"], abs=0.005)
    cash = finance[finance["section"] == "cash"].groupby("line")["amount"].sum()
    assert card["cash_effect"] == pytest.approx(cash["cash effect"], abs=0.005)
    assert cash.drop("cash effect").sum() == pytest.approx(cash["cash effect"], abs=0.005)
    assert card["required_load_peak_pct"] == pytest.approx(
        files["resource_load"]["required_load_pct"].max(), abs=1e-5
    )
    budget = finance[finance["line"] == "AOP revenue"]["amount"].sum()
    assert card["budget_gap"] == pytest.approx(card["revenue"] - budget, abs=0.01)
    assert set(finance["currency"]) == {"USD"}


def test_what_is_not_known_is_blank(tmp_path: Path) -> None:
    available = np.full_like(PLAN.supply.available, np.nan)
    write_plan(made_up_plan(PLAN.inputs, available=available), tmp_path)
    rows = list(csv.DictReader((tmp_path / "resource_load.csv").open()))
    assert {row["available_hours"] for row in rows} == {row["required_load_pct"] for row in rows} == {""}
    assert json.loads((tmp_path / "scorecard.json").read_text())["required_load_peak_pct"] is None


def test_shortages_and_orders_say_why(files: dict[str, pd.DataFrame]) -> None:
    shortages, orders = files["shortages"], files["orders"]
    assert list(shortages["due_period"]) == ["2014-01", "2014-02"]
    assert (
        shortages.loc[1, "sentence"] == "'=A is late: Assembly is full." and shortages.loc[0, "cause"] == "F"
    )
    assert shortages.loc[1, "sites"] == PLAN.inputs.network.sites.labels[1]
    assert list(orders["order"]) == [1, 2] and list(orders["overdue"]) == ["no", "yes"]
    assert orders.loc[0, "last_delivery_period"] == "2014-02" and np.isnan(
        orders.loc[1, "last_delivery_period"]
    )


def test_a_plan_without_shortages_or_orders_still_has_the_columns(tmp_path: Path) -> None:
    write_plan(replace(PLAN, supply=replace(PLAN.supply, shortages=())), tmp_path)
    assert pd.read_csv(tmp_path / "shortages.csv").columns[0] == "product"


def test_the_same_plan_writes_the_same_bytes(tmp_path: Path) -> None:
    first = write_plan(PLAN, tmp_path / "one")
    again = write_plan(made_up_plan(small_inputs(), seed=7), tmp_path / "two")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in again]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_text_becomes_a_formula(start: str, tmp_path: Path) -> None:
    frame = pd.DataFrame({"name": [f"{start}1+1", "plain"], "amount": [-1.5, np.nan]})
    with write_csv(frame, tmp_path / "x.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    shown = start.replace("\r", "\n")
    assert rows[1] == [f"'{shown}1+1", "-1.5"] and rows[2] == ["plain", ""]


def test_numbers_have_six_decimals_at_most_and_no_negative_zero(tmp_path: Path) -> None:
    path = write_csv(pd.DataFrame({"amount": [1 / 3, -1e-9, 2.0]}), tmp_path / "x.csv")
    assert path.read_text() == "amount\n0.333333\n0.0\n2.0\n"


def test_a_step_becomes_a_column() -> None:
    assert column_name("Orders above forecast") == "orders_above_forecast"
