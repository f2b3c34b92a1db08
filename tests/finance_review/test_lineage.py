"""What a baseline was built from is read from the records, exactly."""

import numpy as np
import pytest

from sop_engine.finance_review.baselines import BUDGET, CYCLE, ESTIMATE, LAST, PRIOR, Baseline
from sop_engine.finance_review.lineage import built_from, uploaded
from sop_engine.inputs import Inputs, read_inputs
from sop_engine.records import approve_plan, open_cycle, propose_plan, publish_plan, sign_stage
from sop_engine.records.readers import last_estimate
from sop_engine.refresh import refresh
from sop_engine.scenario import BASELINE, Lever, Scenario
from sop_engine.warehouse import Warehouse, load
from tests.plans import made_up_plan
from tests.tables import AT, loaded, small_tables

BUDGET_CSV = (
    b"version,family,period,units,revenue,gross_margin\n"
    b"AOP,Bikes,2014-01,10,100,40\nAOP,Bikes,2014-02,10,100,40\ntarget,Bikes,2014-01,12,120,50\n"
)


@pytest.fixture
def warehouse() -> Warehouse:
    warehouse = loaded(small_tables())
    load(warehouse, [("budget.csv", BUDGET_CSV)], who="Ana", at=AT)
    refresh(warehouse, who="test", at=AT)
    open_cycle(warehouse, "2014-01", who="Ana", at=AT)
    return warehouse


@pytest.fixture
def inputs(warehouse: Warehouse) -> Inputs:
    return read_inputs(warehouse)


def facts(
    warehouse: Warehouse, inputs: Inputs, kind: str, label: str = "x", scenario=BASELINE, last=None
) -> str:
    baseline = Baseline(label, kind, np.arange(3), lambda periods: None, "the rates loaded")
    return "\n".join(built_from(warehouse, inputs, baseline, scenario, last))


def test_a_budget_names_its_file_its_rows_and_its_rates(warehouse: Warehouse, inputs: Inputs) -> None:
    words = facts(warehouse, inputs, BUDGET, "AOP")
    assert "budget.csv: 3 rows, loaded by Ana at 2014-01-06 09:00." in words
    assert "2 of them are AOP, 2014-01 to 2014-02." in words
    assert words.endswith("Valued at the rates loaded.")


def test_a_table_without_an_upload_says_so(warehouse: Warehouse, inputs: Inputs) -> None:
    assert uploaded(warehouse, "price") == "No upload of price is on record."
    assert "No upload of sales_history is on record." in facts(warehouse, inputs, PRIOR)


def test_the_latest_estimate_counts_what_is_judged_in_it(warehouse: Warehouse, inputs: Inputs) -> None:
    assert "no override and no accepted correction" in facts(warehouse, inputs, CYCLE)
    with warehouse.transaction(who="Ana", why="test", at=AT) as change:
        change.insert("override", override("O1", True))
        change.insert("override", override("O2", False))
        for request_id, status in (("R1", "accepted"), ("R2", "rejected"), ("R3", "part")):
            change.insert("request", request(request_id, status))
    words = facts(warehouse, inputs, ESTIMATE, scenario=Scenario((Lever("demand", 10),)))
    assert "In force: 1 override and no accepted correction of the history" in words
    assert "2 accepted requests between reviews (Ask R1; Ask R3)" in words
    assert f"1 lever of the working scenario moved: {Lever('demand', 10).in_words()}." in words
    assert "No consensus of 2014-01 is signed yet." in words
    assert "Statistical baseline fitted for cycle 2014-01: 3 series." in words


def test_a_signed_consensus_is_named(warehouse: Warehouse, inputs: Inputs) -> None:
    sign_stage(warehouse, made_up_plan(inputs), "demand", who="Ben", at=AT, name="January consensus")
    assert "Consensus January consensus, signed by Ben" in facts(warehouse, inputs, ESTIMATE)


def test_the_last_estimate_is_the_published_plan_before_the_finance_signature(
    warehouse: Warehouse, inputs: Inputs
) -> None:
    assert last_estimate(warehouse, "2014-02") is None
    plan = made_up_plan(inputs)
    sign_stage(warehouse, plan, "demand", who="Ben", at=AT, name="January consensus")
    sign_stage(warehouse, plan, "finance", who="Cleo", at=AT)
    assert last_estimate(warehouse, "2014-01") is None
    signed = last_estimate(warehouse, "2014-02")
    assert (signed["kind"], signed["who"], signed["rests_on"]) == ("signed", "Cleo", "January consensus")
    sign_stage(warehouse, plan, "executive", who="Dora", at=AT)
    version_id = propose_plan(warehouse, plan, who="Dora", at=AT, name="Plan January")
    approve_plan(warehouse, version_id, who="Dora", at=AT)
    publish_plan(warehouse, version_id, who="Dora", at=AT, despite="a test")
    last = last_estimate(warehouse, "2014-02")
    words = facts(warehouse, inputs, LAST, last=last)
    assert "Plan January of cycle 2014-01, published by Dora at 2014-01-06 09:00." in words
    assert f"Snapshot {last['snapshot_id']}, data version {inputs.version}, no lever moved." in words
    assert "Rests on the consensus January consensus." in words


def override(override_id: str, active: bool) -> dict[str, object]:
    return {
        "override_id": override_id,
        "cycle": "2014-01",
        "from_period": AT,
        "to_period": AT,
        "kind": "pct",
        "value": 5.0,
        "reason": "test",
        "created_at": AT,
        "active": active,
    }


def request(request_id: str, status: str) -> dict[str, object]:
    return {
        "request_id": request_id,
        "cycle": "2014-01",
        "from_stage": "finance",
        "to_stage": "demand",
        "title": f"Ask {request_id}",
        "reason": "gap to budget",
        "measure": "revenue",
        "amount": 100.0,
        "from_period": AT,
        "to_period": AT,
        "status": status,
        "created_at": AT,
    }
