"""The hand-over says what the kept plan holds, the same each time, and its changes lead from the publication
before to this one."""

import io
import json
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop_engine import records
from sop_engine.__main__ import main
from sop_engine.errors import RecordError
from sop_engine.exports.hand_over import HandOver, archive, files, hand_over
from sop_engine.exports.hand_over_changes import GONE, LESS, MORE, NEW, NEW_PERIOD, changes_since
from sop_engine.exports.hand_over_tables import COLUMNS, matched, route_parts
from sop_engine.inputs.network import BUY, TRANSFER
from sop_engine.plan import Plan, plan
from sop_engine.warehouse import Warehouse, open_warehouse
from tests.builders import small_company

AT = datetime(2014, 1, 20, 9, 30)
ANNA = {"who": "Anna", "at": AT}
CYCLE = "2014-01"
INPUTS = small_company()
PLAN = plan(INPUTS)
HORIZON = INPUTS.calendar.horizon
EDGES = INPUTS.network.edges


def publish(warehouse: Warehouse, solved: Plan, name: str, at: datetime = AT, again: str = "") -> str:
    """The plan as a published version."""
    by = {"who": "Anna", "at": at}
    version_id = records.propose_plan(warehouse, solved, **by, name=name)
    records.approve_plan(warehouse, version_id, **by)
    records.sign_stage(warehouse, solved, "executive", **by, again=again)
    records.publish_plan(warehouse, version_id, **by, despite="a test")
    return version_id


@pytest.fixture
def warehouse() -> Iterator[Warehouse]:
    opened = open_warehouse(":memory:")
    records.open_cycle(opened, CYCLE, **ANNA)
    yield opened
    opened.close()


@pytest.fixture
def first(warehouse: Warehouse) -> HandOver:
    return hand_over(warehouse, publish(warehouse, PLAN, "January"))


def by_hand(units: np.ndarray, rows: np.ndarray) -> float:
    """Units of some routes in the reported periods, added one by one."""
    return sum(float(units[edge, period]) for edge in np.flatnonzero(rows) for period in range(HORIZON))


def test_the_tables_add_up_to_the_plan(first: HandOver) -> None:
    supply, tables = PLAN.supply, first.tables
    assert {name: table.columns.to_list() for name, table in tables.items()} == {
        name: list(columns) for name, columns in COLUMNS.items() if name != "changes"
    }
    sums = {name: table.iloc[:, -1].sum() for name, table in tables.items()}
    assert sums["consensus"] == pytest.approx(PLAN.demand.unconstrained[:, :, :HORIZON].sum())
    assert sums["production"] == pytest.approx(by_hand(supply.flow, ~np.isin(EDGES.mode, [BUY, TRANSFER])))
    assert sums["purchases"] == pytest.approx(by_hand(supply.flow, EDGES.mode == BUY))
    assert sums["transfers"] == pytest.approx(by_hand(supply.flow, EDGES.mode == TRANSFER))
    assert sums["stock_targets"] == pytest.approx(supply.target[:, :, :HORIZON].sum())
    assert all(sums.values())


def test_each_cell_is_the_plans(first: HandOver) -> None:
    consensus = first.tables["consensus"].set_index(["product", "ship_from", "period"])["demand_units"]
    march = pd.Timestamp("2014-03-01")
    served = PLAN.demand.unconstrained[0, :, 2].sum()
    assert consensus["A", "Store", march] == pytest.approx(served)
    made = first.tables["production"].set_index(["product", "site", "mode", "period"])["start_units"]
    assert made["B", "Plant", "make", march] == pytest.approx(PLAN.supply.flow[1, 2])
    target = first.tables["stock_targets"].set_index(["product", "site", "period"])["target_units"]
    assert target["A", "Store", march] == pytest.approx(PLAN.supply.target[0, 1, 2])


def test_purchases_are_received_when_the_plan_receives_them(first: HandOver) -> None:
    bought = first.tables["purchases"]
    assert set(bought["supplier"]) == {"Vendor"} and set(bought["site"]) == {"Plant"}
    assert (bought["arrival_period"].isna() | (bought["arrival_period"] >= bought["order_period"])).all()
    by_arrival = bought.groupby("arrival_period")["order_units"].sum()
    starts = INPUTS.calendar.starts[INPUTS.calendar.now :]
    for period in range(HORIZON):
        came = PLAN.supply.received[EDGES.mode == BUY, period].sum()
        assert by_arrival.get(pd.Timestamp(starts[period]), 0.0) == pytest.approx(came)


def naive_match(ordered: list[float], received: list[float]) -> dict[tuple[int, int], float]:
    """First ordered, first in: unit by unit."""
    waiting = [[period, units] for period, units in enumerate(ordered)]
    pairs: dict[tuple[int, int], float] = defaultdict(float)
    for arrival, units in enumerate(received):
        for order in waiting:
            taken = min(order[1], units)
            order[1] -= taken
            units -= taken
            pairs[order[0], arrival] += taken
    return {pair: units for pair, units in pairs.items() if units}


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=6))
def test_orders_and_receipts_are_matched_first_in_first_out(rows: list[tuple[int, int]]) -> None:
    ordered, received = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    pairs, rest = matched(ordered[None], received[None])
    found = {(int(a), int(b)): pairs[0, a, b] for a, b in zip(*np.nonzero(pairs[0]), strict=True)}
    assert found == naive_match(list(ordered), list(received))
    np.testing.assert_allclose(pairs.sum(axis=2) + rest, ordered[None])


def test_a_route_is_read_from_its_label() -> None:
    parts = route_parts(pd.Series(["A | Plant | make-up | buy", "B 1 | X | Y | make | old | night"]))
    assert parts.to_numpy().tolist() == [["A", "Plant", "make-up", "buy"], ["B 1", "X", "Y", "make"]]
    with pytest.raises(RecordError, match="'A to B' is no route"):
        route_parts(pd.Series(["A to B"]))


def test_the_first_publication_is_held_against_nothing(first: HandOver) -> None:
    frame = first.changes.frame
    assert first.changes.words.startswith("No earlier publication holds these figures, so every line is new")
    assert set(frame["change"]) == {NEW} and not frame["before"].any()
    assert json.loads(files(first)["manifest.json"])["changes_since"].startswith("nothing")


def test_the_changes_lead_from_the_last_publication_to_this_one(
    warehouse: Warehouse, first: HandOver
) -> None:
    more = replace(PLAN.supply, flow=PLAN.supply.flow * 1.5)
    moved = replace(PLAN, supply=more, inputs=replace(INPUTS, version="later"))
    later = AT + timedelta(days=1)
    second = hand_over(warehouse, publish(warehouse, moved, "Second", later, again="more"))
    frame = second.changes.frame
    assert second.changes.since == "January" and set(frame["subject"]) == {
        "production",
        "purchases",
        "transfers",
    }
    assert set(frame["change"]) == {MORE}
    for subject in ("production", "purchases", "transfers"):
        before, now = (handed.tables[subject].iloc[:, -1].sum() for handed in (first, second))
        assert before + frame.loc[frame["subject"] == subject, "change_units"].sum() == pytest.approx(now)
    value = frame["change_value"].abs()
    assert value.is_monotonic_decreasing and (value > 0).all()
    cost = INPUTS.money.unit_cost[0, 0]
    one = frame[frame["product"] == "A"].iloc[0]
    assert one["change_value"] == pytest.approx(one["change_units"] * cost)
    assert f"{one['before']:,.0f} to {one['now']:,.0f} units, +" in one["sentence"]


def lines(*rows: tuple[str, str, float]) -> dict[str, pd.DataFrame]:
    """Tables whose only lines are stock targets of products at the plant."""
    tables = {name: pd.DataFrame(columns=list(columns)) for name, columns in COLUMNS.items()}
    frame = pd.DataFrame(rows, columns=["product", "period", "target_units"]).assign(site="Plant")
    return {**tables, "stock_targets": frame.astype({"period": "datetime64[ns]"})}


def test_a_line_is_new_gone_more_less_or_of_a_new_period() -> None:
    last = lines(
        ("A", "2013-12-01", 9), ("A", "2014-01-01", 5), ("B", "2014-01-01", 4), ("C", "2014-02-01", 2)
    )
    now = lines(
        ("A", "2014-01-01", 8), ("C", "2014-02-01", 1), ("D", "2014-02-01", 3), ("A", "2014-03-01", 7)
    )
    cost = pd.Series({("A", pd.Timestamp("2014-01-01")): 10.0})
    changes = changes_since(now, last, cost.rename_axis(["product", "period"]), "EUR", "Plan Dec 13")
    frame = changes.frame.set_index(["product", "period"])
    assert {product: kind for (product, _), kind in frame["change"].items() if product != "A"} == {
        "B": GONE,
        "C": LESS,
        "D": NEW,
    }
    assert frame["change"]["A", "2014-03-01"] == NEW_PERIOD and frame["change"]["A", "2014-01-01"] == MORE
    assert changes.passed == 1 and "1 of its periods have passed" in changes.words
    assert changes.frame["sentence"][0] == "Stock target of A at Plant, Jan 14: 5 to 8 units, +3, +30 EUR."
    assert (frame["before"] + frame["change_units"]).to_list() == frame["now"].to_list()


def test_the_files_are_the_same_each_time_and_the_manifest_knows_them(
    warehouse: Warehouse, first: HandOver
) -> None:
    again = files(hand_over(warehouse))
    assert again == files(first) and archive(first) == archive(hand_over(warehouse))
    manifest = json.loads(again["manifest.json"])
    assert (manifest["version_id"], manifest["published_by"]) == (first.version["version_id"], "Anna")
    assert manifest["data_version"] == INPUTS.version and manifest["published_at"] == "2014-01-20T09:30:00"
    for name, told in manifest["files"].items():
        assert told["sha256"] == sha256(again[name]).hexdigest()
        assert told["rows"] == again[name].count(b"\n") - 1
    with zipfile.ZipFile(io.BytesIO(archive(first))) as packed:
        assert set(packed.namelist()) == {f"{first.name}/{name}" for name in again}
    described = pd.read_csv(io.BytesIO(again["columns.csv"]))
    for name, text in again.items():
        if name.endswith(".csv") and name != "columns.csv":
            columns = pd.read_csv(io.BytesIO(text), nrows=0).columns
            assert described.loc[described["file"] == name, "column"].to_list() == list(columns)


def test_a_name_that_begins_like_a_formula_stays_text(warehouse: Warehouse) -> None:
    products = replace(INPUTS.products, labels=("=A", "B", "F"))
    labels = tuple("=" + label if label.startswith("A") else label for label in EDGES.labels)
    network = replace(INPUTS.network, edges=replace(EDGES, labels=labels))
    named = replace(PLAN, inputs=replace(INPUTS, products=products, network=network))
    content = files(hand_over(warehouse, publish(warehouse, named, "=1+1")))
    for name, text in content.items():
        cells = [cell for line in text.decode().splitlines() for cell in line.split(",")]
        assert name == "manifest.json" or not any(cell.startswith(("=", "@", "+")) for cell in cells)
    assert b"'=A,Store" in content["consensus.csv"]


def test_only_a_published_version_is_handed_over(warehouse: Warehouse) -> None:
    with pytest.raises(RecordError, match="No plan is published yet"):
        hand_over(warehouse)
    with pytest.raises(RecordError, match="no plan version X"):
        hand_over(warehouse, "X")
    version_id = records.propose_plan(warehouse, PLAN, **ANNA)
    with pytest.raises(RecordError, match="is candidate. Publish it"):
        hand_over(warehouse, version_id)


def test_the_command_writes_the_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, out = tmp_path / "sop.duckdb", tmp_path / "out"
    command = ["--warehouse", str(file), "handover", "--out", str(out)]
    assert main(command) == 1 and "There is no warehouse" in capsys.readouterr().err
    opened = open_warehouse(file)
    records.open_cycle(opened, CYCLE, **ANNA)
    version_id = publish(opened, PLAN, "January")
    expected = files(hand_over(opened, version_id))
    opened.close()
    assert main(command) == 0
    assert {path.name: path.read_bytes() for path in out.iterdir()} == expected
    assert f"Handed over 'January' ({version_id})" in capsys.readouterr().out
