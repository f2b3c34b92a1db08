"""A plan version's life: candidate, approved, published; one winner when two act at once, and what is
published stays as it was."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from threading import Barrier

import pandas as pd
import pytest

from sop_engine import records
from sop_engine.errors import ConflictError, RecordError, SopError
from sop_engine.executive_sop.decisions import STAGES
from sop_engine.inputs import read_inputs
from sop_engine.plan import Plan
from sop_engine.records.snapshot import content_hash
from sop_engine.refresh import refresh
from sop_engine.scenario import Lever, Scenario
from sop_engine.warehouse import Warehouse, open_warehouse
from tests.plans import made_up_plan, small_inputs
from tests.tables import loaded, small_tables

CYCLE = "2014-01"
AT = datetime(2014, 1, 20, 9, 30)
ANNA = {"who": "Anna", "at": AT}
BEN = {"who": "Ben", "at": AT + timedelta(hours=1)}
DEAR = Scenario((Lever("freight", 10),), "Dear freight")
PLAN = made_up_plan(small_inputs(), DEAR, seed=8)
OTHER = made_up_plan(small_inputs(), seed=8)


@pytest.fixture
def warehouse() -> Iterator[Warehouse]:
    opened = open_warehouse(":memory:")
    records.open_cycle(opened, CYCLE, **ANNA)
    yield opened
    opened.close()


def both(first: Callable[[], object], second: Callable[[], object]) -> list[object]:
    """Results or exceptions of two calls started at the same moment."""
    start = Barrier(2)

    def run(call: Callable[[], object]) -> object:
        start.wait()
        try:
            return call()
        except SopError as fault:
            return fault

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(run, (first, second)))


def sign_all(warehouse: Warehouse, plan: Plan = PLAN) -> str:
    """Signs the six reviews on one plan; the id of the last snapshot."""
    return [records.sign_stage(warehouse, plan, stage, **ANNA) for stage in STAGES][-1]


def approved(warehouse: Warehouse, plan: Plan = PLAN) -> str:
    """A version that is approved."""
    version_id = records.propose_plan(warehouse, plan, **ANNA)
    records.approve_plan(warehouse, version_id, **ANNA)
    return version_id


def version(warehouse: Warehouse, version_id: str) -> pd.Series:
    return records.of_cycle(warehouse, "plan_version", CYCLE).set_index("version_id").loc[version_id]


def test_a_candidate_is_its_solved_plan_kept(warehouse: Warehouse) -> None:
    scenario_id = records.save_scenario(warehouse, DEAR, cycle=CYCLE, data_version="v1", **ANNA)
    version_id = records.propose_plan(warehouse, PLAN, **BEN, scenario_id=scenario_id, note="for the bank")
    row = version(warehouse, version_id)
    assert (row["status"], row["name"], row["proposed_by"]) == ("candidate", "Dear freight", "Ben")
    assert (row["data_version"], row["proposed_at"]) == (PLAN.inputs.version, BEN["at"])
    assert row["approved_by"] == row["published_by"] == "" and pd.isna(row["approved_at"])
    kept = records.of_cycle(warehouse, "plan_snapshot", CYCLE).iloc[0]
    assert content_hash(records.snapshot_cells(warehouse, row["snapshot_id"])) == kept["content_hash"]
    assert Scenario.from_json(kept["levers"]) == DEAR
    with pytest.raises(RecordError, match="part of a plan version and stays"):
        records.delete_scenario(warehouse, scenario_id, **ANNA)


def test_the_same_plan_is_no_second_candidate(warehouse: Warehouse) -> None:
    records.propose_plan(warehouse, PLAN, **ANNA)
    with pytest.raises(
        ConflictError, match=r"\(2014-01-V1\) was made a candidate by Anna at 2014-01-20 09:30"
    ):
        records.propose_plan(warehouse, PLAN, **BEN, name="Mine")
    assert len(records.of_cycle(warehouse, "plan_snapshot", CYCLE)) == 1
    assert records.propose_plan(warehouse, OTHER, **BEN) == "2014-01-V2"
    assert version(warehouse, "2014-01-V2")["name"] == "Do nothing"


def test_what_is_not_stored_or_not_open_is_no_candidate(warehouse: Warehouse) -> None:
    with pytest.raises(RecordError, match="Scenario x is not stored"):
        records.propose_plan(warehouse, PLAN, **ANNA, scenario_id="x")
    with pytest.raises(RecordError, match="name of who proposes is blank"):
        records.propose_plan(warehouse, PLAN, who=" ", at=AT)
    records.close_cycle(warehouse, CYCLE, **ANNA, unpublished="test")
    with pytest.raises(RecordError, match="closed"):
        records.propose_plan(warehouse, PLAN, **ANNA)


def test_one_candidate_is_approved_at_a_time(warehouse: Warehouse) -> None:
    first, second = (records.propose_plan(warehouse, plan, **ANNA) for plan in (PLAN, OTHER))
    records.approve_plan(warehouse, first, **ANNA, note="by all")
    said = r"'Dear freight' \(2014-01-V1\) was approved by Anna at 2014-01-20 09:30"
    for version_id in (first, second):
        with pytest.raises(ConflictError, match=said):
            records.approve_plan(warehouse, version_id, **BEN)
    with pytest.raises(RecordError, match="reason is blank"):
        records.take_back_approval(warehouse, first, **BEN, reason=" ")
    records.take_back_approval(warehouse, first, **BEN, reason="rates moved")
    records.approve_plan(warehouse, second, **BEN)
    rows = records.of_cycle(warehouse, "plan_version", CYCLE).set_index("version_id")
    assert rows["status"].to_dict() == {first: "candidate", second: "approved"}
    assert rows["approved_by"].to_dict() == {first: "", second: "Ben"}


def test_two_approvals_at_once_give_one_winner_and_one_clear_message(warehouse: Warehouse) -> None:
    candidates = [records.propose_plan(warehouse, plan, **ANNA) for plan in (PLAN, OTHER)]
    results = both(
        lambda: records.approve_plan(warehouse, candidates[0], **ANNA),
        lambda: records.approve_plan(warehouse, candidates[1], **BEN),
    )
    assert sorted(type(result).__name__ for result in results) == ["ConflictError", "NoneType"]
    rows = records.of_cycle(warehouse, "plan_version", CYCLE)
    won, lost = (rows[rows["status"] == status].iloc[0] for status in ("approved", "candidate"))
    said = str(next(result for result in results if result))
    assert won["approved_by"] in said and f"{won['approved_at']:%Y-%m-%d %H:%M}" in said
    assert won["version_id"] in said and won["name"] in said
    assert lost["approved_by"] == "" and pd.isna(lost["approved_at"])
    log = warehouse.read("SELECT key FROM audit_log WHERE \"table\" = 'plan_version' AND action = 'update'")
    assert len(log) == 1 and won["version_id"] in log["key"][0]


def test_only_the_approved_plan_that_the_executives_signed_is_published_and_once(
    warehouse: Warehouse,
) -> None:
    version_id = records.propose_plan(warehouse, PLAN, **ANNA, name="January plan")
    with pytest.raises(RecordError, match="'January plan' is not approved"):
        records.publish_plan(warehouse, version_id, **ANNA)
    records.approve_plan(warehouse, version_id, **ANNA)
    with pytest.raises(RecordError, match="Executive S&OP of 2014-01 is not signed"):
        records.publish_plan(warehouse, version_id, **ANNA)
    signed = sign_all(warehouse)
    records.publish_plan(warehouse, version_id, **BEN, effective_from=date(2014, 2, 1))
    with pytest.raises(ConflictError, match="was published by Ben at 2014-01-20 10:30. A published plan is"):
        records.publish_plan(warehouse, version_id, **ANNA)
    last = records.last_published(warehouse)
    assert (last["snapshot_id"], last["status"], last["published_by"]) == (signed, "published", "Ben")
    assert (last["approved_by"], f"{last['effective_from']:%Y-%m-%d}") == ("Anna", "2014-02-01")
    assert records.last_published(warehouse, before_cycle=CYCLE) is None
    assert records.last_published(warehouse, before_cycle="2014-02")["version_id"] == version_id
    assert records.last_estimate(warehouse, "2014-02")["rests_on"] == "Consensus 2014-01 v1"


def test_a_signature_on_another_plan_publishes_nothing(warehouse: Warehouse) -> None:
    version_id = approved(warehouse)
    sign_all(warehouse, OTHER)
    with pytest.raises(
        RecordError, match="another plan than 'Dear freight', with: No change to the baseline"
    ):
        records.publish_plan(warehouse, version_id, **ANNA, despite="never mind")
    records.sign_stage(warehouse, PLAN, "executive", **ANNA, again="the approved plan")
    records.publish_plan(warehouse, version_id, **ANNA)


def test_a_plan_is_published_without_all_signatures_only_for_a_reason(warehouse: Warehouse) -> None:
    for stage in ("product", "demand", "supply", "executive"):
        records.sign_stage(warehouse, PLAN, stage, **ANNA)
    version_id = approved(warehouse)
    with pytest.raises(RecordError, match=r"^Finance review \(not signed\); Pre-S&OP \(not signed\)\. Sign"):
        records.publish_plan(warehouse, version_id, **ANNA)
    records.publish_plan(warehouse, version_id, **ANNA, note="Late", despite="The bank waits")
    note = records.last_published(warehouse)["note"]
    assert note.startswith("Late; published despite Finance review (not signed)")
    assert note.endswith("The bank waits")


def test_signatures_on_other_data_do_not_publish_a_plan(warehouse: Warehouse) -> None:
    sign_all(warehouse)
    version_id = approved(warehouse)
    with pytest.raises(RecordError, match=r"Product review \(data.*changed since\).*Executive S&OP \(data"):
        records.publish_plan(warehouse, version_id, **ANNA, version="tomorrow")
    records.publish_plan(warehouse, version_id, **ANNA, version=PLAN.inputs.version)


def test_two_publications_at_once_give_one_winner(warehouse: Warehouse) -> None:
    sign_all(warehouse)
    version_id = approved(warehouse)
    results = both(
        lambda: records.publish_plan(warehouse, version_id, **ANNA),
        lambda: records.publish_plan(warehouse, version_id, **BEN),
    )
    assert sorted(type(result).__name__ for result in results) == ["ConflictError", "tuple"]
    loser = next(str(result) for result in results if isinstance(result, ConflictError))
    assert f"published by {version(warehouse, version_id)['published_by']}" in loser


def test_what_is_published_is_frozen(warehouse: Warehouse) -> None:
    sign_all(warehouse)
    version_id = approved(warehouse)
    records.publish_plan(warehouse, version_id, **ANNA)
    before = version(warehouse, version_id)
    cells = records.snapshot_cells(warehouse, before["snapshot_id"])
    for step in (
        lambda: records.approve_plan(warehouse, version_id, **BEN),
        lambda: records.take_back_approval(warehouse, version_id, **BEN, reason="second thoughts"),
        lambda: records.publish_plan(warehouse, version_id, **BEN),
        lambda: records.propose_plan(warehouse, PLAN, **BEN),
    ):
        with pytest.raises(ConflictError, match="published by Anna at 2014-01-20 09:30"):
            step()
    pd.testing.assert_series_equal(version(warehouse, version_id), before)
    again = records.snapshot_cells(warehouse, before["snapshot_id"])
    pd.testing.assert_frame_equal(again, cells)
    kept = records.of_cycle(warehouse, "plan_snapshot", CYCLE).set_index("snapshot_id")["content_hash"]
    assert content_hash(again) == kept[before["snapshot_id"]]


def test_a_decision_whose_levers_are_published_names_its_plan(warehouse: Warehouse) -> None:
    option = records.Option("Pay the carrier", scenario=DEAR)
    raised = {"cycle": CYCLE, "question": "Pay more for freight?", "options": [option], **ANNA}
    decision_id = records.raise_decision(warehouse, **raised)
    records.decide(warehouse, decision_id, "A", **ANNA, reason="in time")
    sign_all(warehouse)
    version_id = approved(warehouse)
    assert records.publish_plan(warehouse, version_id, **ANNA) == (decision_id,)
    assert records.of_cycle(warehouse, "decision", CYCLE)["effective_plan"][0] == version_id


def test_publishing_changes_no_input_of_the_plan() -> None:
    warehouse = loaded(small_tables())
    refresh(warehouse, **ANNA)
    inputs = read_inputs(warehouse)
    plan = made_up_plan(inputs, DEAR, seed=3)
    records.open_cycle(warehouse, CYCLE, **ANNA)
    sign_all(warehouse, plan)
    records.publish_plan(warehouse, approved(warehouse, plan), **ANNA)
    again = read_inputs(warehouse)
    warehouse.close()
    assert again.version == inputs.version


def test_a_closed_cycle_takes_nothing_more(warehouse: Warehouse) -> None:
    with pytest.raises(RecordError, match="No plan of 2014-01 is published"):
        records.close_cycle(warehouse, CYCLE, **ANNA)
    sign_all(warehouse)
    records.publish_plan(warehouse, approved(warehouse), **ANNA)
    records.close_cycle(warehouse, CYCLE, **ANNA)
    with pytest.raises(RecordError, match="closed"):
        records.add_note(warehouse, cycle=CYCLE, stage="demand", kind="note", text="late", **BEN)
    with pytest.raises(RecordError, match="never opened"):
        records.add_note(warehouse, cycle="2019-01", stage="demand", kind="note", text="early", **BEN)
