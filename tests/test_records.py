"""What a month records: each step by the rules, one winner when two act at once, and what was signed stays
as it was."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from threading import Barrier

import numpy as np
import pytest

from sop_engine import records
from sop_engine.demand_review.judgement import with_overrides
from sop_engine.errors import ConflictError, RecordError, SopError
from sop_engine.executive_sop.scorecard import scorecard
from sop_engine.executive_sop.window import Window
from sop_engine.inputs import read_inputs, with_judgement
from sop_engine.inputs.judgement import stream_weights, weight_lines
from sop_engine.inputs.tables import Tables
from sop_engine.pre_sop.sides import SHORT, STEP
from sop_engine.records.snapshot import content_hash, plan_cells
from sop_engine.refresh import refresh
from sop_engine.scenario import Lever, Scenario
from sop_engine.warehouse import Warehouse, open_warehouse
from tests.plans import made_up_plan, small_inputs
from tests.tables import frame, loaded, small_tables

CYCLE = "2014-01"
AT = datetime(2014, 1, 20, 9, 30)
ANNA = {"who": "Anna", "at": AT}
BEN = {"who": "Ben", "at": AT}
BEFORE = {"who": "Anna", "at": AT - timedelta(microseconds=1)}
PLAN = made_up_plan(small_inputs(), Scenario((Lever("freight", 10),), "Dear freight"), seed=8)


@pytest.fixture
def warehouse() -> Iterator[Warehouse]:
    opened = open_warehouse(":memory:")
    records.open_cycle(opened, CYCLE, **ANNA, owners={"demand": "Dora"}, due={"demand": date(2014, 1, 10)})
    yield opened
    opened.close()


def status(warehouse: Warehouse, stage: str) -> str:
    return records.of_cycle(warehouse, "stage", CYCLE).set_index("stage")["status"][stage]


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


def test_a_cycle_opens_with_its_six_reviews_in_order(warehouse: Warehouse) -> None:
    stages = records.of_cycle(warehouse, "stage", CYCLE)
    assert list(stages["stage"]) == ["product", "demand", "supply", "finance", "pre_sop", "executive"]
    assert (
        set(stages["status"]) == {"open"}
        and stages["owner"][1] == "Dora"
        and stages["due"][1] == np.datetime64("2014-01-10")
    )
    with pytest.raises(RecordError, match="there already"):
        records.open_cycle(warehouse, CYCLE, **BEN)


def test_a_signature_keeps_the_plan_as_it_stood(warehouse: Warehouse) -> None:
    records.start_stage(warehouse, CYCLE, "demand", **ANNA)
    snapshot_id = records.sign_stage(warehouse, PLAN, "demand", **ANNA, note="agreed")
    assert status(warehouse, "demand") == "signed"
    signature = records.of_cycle(warehouse, "sign_off", CYCLE).iloc[0]
    assert (signature["signed_by"], signature["data_version"]) == ("Anna", PLAN.inputs.version)
    cells = records.snapshot_cells(warehouse, snapshot_id)
    kept = cells[cells["measure"] == "demand_units"]
    assert kept["value"].sum() == pytest.approx(PLAN.demand.unconstrained[:, :, :12].sum())
    one = kept[(kept["product"] == "B") & (kept["market"] == "West") & (kept["period"] == "2014-04-01")]
    assert one["value"].item() == PLAN.demand.unconstrained[1, 1, 3]
    header = records.of_cycle(warehouse, "plan_snapshot", CYCLE).iloc[0]
    assert header["content_hash"] == content_hash(cells) == content_hash(plan_cells(PLAN))
    assert Scenario.from_json(header["levers"]) == PLAN.scenario
    assert records.snapshot_scorecard(warehouse, snapshot_id, Window.NEXT_3) == scorecard(PLAN, Window.NEXT_3)


def test_a_hash_knows_a_changed_cell_but_not_the_order_of_rows() -> None:
    cells = plan_cells(PLAN)
    assert content_hash(cells.sample(frac=1, random_state=1)) == content_hash(cells)
    changed = cells.assign(value=cells["value"].where(cells.index != 7, cells["value"] + 1e-9))
    assert content_hash(changed) != content_hash(cells)


def test_flow_is_kept_over_the_whole_plan_and_all_else_over_the_reported_periods() -> None:
    cells = plan_cells(PLAN)
    sparse = (STEP, SHORT)  # a step may add nothing to the last period, and nothing be short in it
    dense = cells[~cells["measure"].str.startswith(sparse)]
    last = dense.groupby("measure")["period"].max()
    assert last.pop("flow") == last.pop("received") == np.datetime64("2015-03-01")
    assert set(last) == {np.datetime64("2014-12-01")}


def test_a_second_signature_is_refused_with_the_name_of_the_first(warehouse: Warehouse) -> None:
    records.sign_stage(warehouse, PLAN, "supply", **ANNA)
    with pytest.raises(
        ConflictError, match="Supply review of 2014-01 was signed by Anna at 2014-01-20 09:30"
    ):
        records.sign_stage(warehouse, PLAN, "supply", **BEN)
    assert len(records.of_cycle(warehouse, "plan_snapshot")) == 1


def test_two_signatures_at_once_give_one_winner_and_one_clear_message(warehouse: Warehouse) -> None:
    results = both(
        lambda: records.sign_stage(warehouse, PLAN, "supply", **ANNA),
        lambda: records.sign_stage(warehouse, PLAN, "supply", **BEN),
    )
    assert sorted(type(result).__name__ for result in results) == ["ConflictError", "str"]
    signatures = records.of_cycle(warehouse, "sign_off", CYCLE)
    loser = next(result for result in results if isinstance(result, ConflictError))
    assert len(signatures) == 1 and signatures["signed_by"][0] in str(loser)


def test_a_reopened_review_can_be_signed_again_and_its_first_snapshot_stays(warehouse: Warehouse) -> None:
    first = records.sign_stage(warehouse, PLAN, "finance", **ANNA)
    before = records.snapshot_cells(warehouse, first)
    with pytest.raises(RecordError, match="reason to reopen is blank"):
        records.reopen_stage(warehouse, CYCLE, "finance", **BEN, reason=" ")
    records.reopen_stage(warehouse, CYCLE, "finance", **BEN, reason="rates changed")
    assert status(warehouse, "finance") == "in_progress"
    second = records.sign_stage(warehouse, made_up_plan(small_inputs(), seed=9), "finance", **BEN)
    assert second != first and records.snapshot_cells(warehouse, first).equals(before)
    with pytest.raises(ConflictError):
        records.reopen_stage(warehouse, CYCLE, "demand", **BEN, reason="never signed")


def test_a_review_is_signed_again_in_one_transaction(warehouse: Warehouse) -> None:
    with pytest.raises(ConflictError):
        records.sign_stage(warehouse, PLAN, "demand", **ANNA, again="never signed")
    records.sign_stage(warehouse, PLAN, "demand", **ANNA)
    with pytest.raises(RecordError, match="has a consensus 'Consensus 2014-01 v1' already"):
        taken = {"name": "Consensus 2014-01 v1", "again": "rates changed"}
        records.sign_stage(warehouse, PLAN, "demand", **BEN, **taken)
    assert status(warehouse, "demand") == "signed", "what fails leaves the signature standing"
    records.sign_stage(warehouse, PLAN, "demand", **BEN, again="rates changed")
    signed = records.of_cycle(warehouse, "sign_off", CYCLE)
    assert list(signed["signed_by"]) == ["Anna", "Ben"] and status(warehouse, "demand") == "signed"
    reasons = warehouse.read("SELECT why FROM audit_log WHERE \"table\" = 'stage' AND who = 'Ben'")["why"]
    assert set(reasons) == {"rates changed"}


def test_a_later_review_names_the_consensus_that_stands_signed(warehouse: Warehouse) -> None:
    records.sign_stage(warehouse, PLAN, "product", **ANNA)
    records.sign_stage(warehouse, PLAN, "supply", **ANNA)
    records.sign_stage(warehouse, PLAN, "demand", **ANNA)
    records.sign_stage(warehouse, PLAN, "finance", **ANNA)
    records.reopen_stage(warehouse, CYCLE, "demand", **ANNA, reason="a fair")
    records.sign_stage(warehouse, PLAN, "pre_sop", **ANNA)
    signed = records.of_cycle(warehouse, "sign_off", CYCLE).set_index("stage")["rests_on"]
    assert signed.to_dict() == {
        "product": "",
        "supply": "",
        "demand": "",
        "finance": "Consensus 2014-01 v1",
        "pre_sop": "",
    }


def save(warehouse: Warehouse, name: str = "Dear freight") -> str:
    return records.save_scenario(
        warehouse, replace(PLAN.scenario, name=name), cycle=CYCLE, data_version="v1", **ANNA
    )


def test_a_saved_scenario_comes_back_by_its_id(warehouse: Warehouse) -> None:
    scenario_id = save(warehouse)
    back = records.read_scenario(warehouse, scenario_id)
    assert back == PLAN.scenario and back.name == "Dear freight"
    with pytest.raises(RecordError, match="has a scenario 'Dear freight' already"):
        save(warehouse)
    with pytest.raises(RecordError, match="scenario's name is blank"):
        save(warehouse, " ")
    records.delete_scenario(warehouse, scenario_id, **ANNA)
    with pytest.raises(RecordError, match="no scenario"):
        records.read_scenario(warehouse, scenario_id)


def raised(warehouse: Warehouse, scenario_id: str = "") -> str:
    options = [records.Option("Buy overtime", scenario_id), records.Option("Let it be late")]
    return records.raise_decision(
        warehouse,
        cycle=CYCLE,
        question="Overtime in March?",
        options=options,
        recommendation="A",
        owner="Carl",
        decide_by=date(2014, 2, 1),
        value_at_stake=1200.0,
        **ANNA,
    )


def test_a_decision_is_raised_with_its_options_and_made_once(warehouse: Warehouse) -> None:
    scenario_id = save(warehouse)
    decision_id = raised(warehouse, scenario_id)
    assert list(records.of_cycle(warehouse, "decision_option", CYCLE)["option"]) == ["A", "B"]
    with pytest.raises(RecordError, match="part of a decision option"):
        records.delete_scenario(warehouse, scenario_id, **ANNA)
    with pytest.raises(RecordError, match="no option 'C'"):
        records.decide(warehouse, decision_id, "C", **BEN, reason="why not")
    records.decide(warehouse, decision_id, "A", **BEN, reason="cheaper than lateness")
    row = records.of_cycle(warehouse, "decision", CYCLE).iloc[0]
    assert (row["status"], row["chosen_option"], row["decided_by"]) == ("decided", "A", "Ben")
    with pytest.raises(ConflictError, match="Ben decided this meanwhile, at 2014-01-20 09:30: option A"):
        records.decide(warehouse, decision_id, "B", **ANNA, reason="second thoughts")


def test_two_choices_at_once_give_one_winner(warehouse: Warehouse) -> None:
    decision_id = raised(warehouse)
    results = both(
        lambda: records.decide(warehouse, decision_id, "A", **ANNA, reason="yes"),
        lambda: records.decide(warehouse, decision_id, "B", **BEN, reason="no"),
    )
    assert sum(result is None for result in results) == 1
    row = records.of_cycle(warehouse, "decision", CYCLE).iloc[0]
    assert (row["chosen_option"], row["decided_by"], row["choice_reason"]) in (
        ("A", "Anna", "yes"),
        ("B", "Ben", "no"),
    )


def test_a_decision_is_deferred_taken_up_escalated_and_withdrawn(warehouse: Warehouse) -> None:
    decision_id = raised(warehouse)
    records.defer_decision(
        warehouse, decision_id, **ANNA, reason="wait for orders", decide_by=date(2014, 3, 1)
    )
    records.reopen_decision(warehouse, decision_id, **ANNA, reason="orders are in")
    records.escalate_decision(
        warehouse, decision_id, from_stage="supply", to_stage="executive", **BEN, reason="above my limit"
    )
    row = records.of_cycle(warehouse, "decision", CYCLE).iloc[0]
    assert (row["status"], row["escalated_to"], row["escalation_reason"]) == (
        "escalated",
        "executive",
        "above my limit",
    )
    assert row["decide_by"] == np.datetime64("2014-03-01")
    records.withdraw_decision(warehouse, decision_id, **BEN, reason="capacity came back")
    with pytest.raises(RecordError, match="cannot become open"):
        records.reopen_decision(warehouse, decision_id, **ANNA, reason="again")
    with pytest.raises(RecordError, match="no decision 2014-01-D9"):
        records.withdraw_decision(warehouse, "2014-01-D9", **ANNA, reason="x")


def test_a_decision_without_options_question_or_a_stored_scenario_is_refused(warehouse: Warehouse) -> None:
    def ask(question: str = "Why?", options: tuple[records.Option, ...] = (), **more: str) -> None:
        records.raise_decision(warehouse, cycle=CYCLE, question=question, options=options, **ANNA, **more)

    with pytest.raises(RecordError, match="at least one option"):
        ask()
    with pytest.raises(RecordError, match="question is blank"):
        ask(" ", (records.Option("Do"),))
    with pytest.raises(RecordError, match="Scenario abc of option 'Do' is not stored"):
        ask(options=(records.Option("Do", "abc"),))
    with pytest.raises(RecordError, match="'B' is no option"):
        ask(options=(records.Option("Do"),), recommendation="B")
    assert (
        records.of_cycle(warehouse, "decision").empty and records.of_cycle(warehouse, "decision_option").empty
    )


def judged(warehouse: Warehouse, **changes: object) -> str:
    override = {
        "from_period": date(2014, 2, 1),
        "to_period": date(2014, 3, 1),
        "kind": "pct",
        "value": 10.0,
        "reason": "Promotion or event",
        "family": "Bikes",
    }
    return records.add_override(warehouse, PLAN.inputs, **{**override, **changes}, **ANNA)


def test_an_override_is_kept_when_it_is_dropped(warehouse: Warehouse) -> None:
    override_id = judged(warehouse)
    records.drop_override(warehouse, override_id, **BEN, reason="fair is off")
    row = records.of_cycle(warehouse, "override", CYCLE).iloc[0]
    assert (row["owner"], row["value"], bool(row["active"])) == ("Anna", 10.0, False)
    with pytest.raises(ConflictError, match=f"{override_id} was withdrawn by Ben meanwhile"):
        records.drop_override(warehouse, override_id, **ANNA, reason="twice")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": "times"}, "no kind of override"),
        ({"to_period": date(2014, 1, 1)}, "before they begin"),
        ({"from_period": date(2014, 1, 1)}, "past or frozen"),
        ({"from_period": date(2020, 1, 1), "to_period": date(2020, 2, 1)}, "after the plan, which ends on"),
        ({"to_period": date(2015, 1, 1)}, "after the plan, which ends on 2014-12-31"),
        ({"value": float("inf")}, "at most 1,000,000,000,000"),
        ({"value": float("nan")}, "at most 1,000,000,000,000"),
        ({"kind": "amount", "value": 1e300}, "Check the digits"),
        ({"kind": "add", "value": -2e12}, "Check the digits"),
        ({"family": "Frames"}, "no cell"),
        ({"reason": "Fair"}, "no reason of an override"),
        ({"kind": "units", "value": -1.0}, "takes more than there is"),
        ({"value": -101.0}, "by -101 % takes more than there is"),
        ({"kind": "add", "value": -1e6}, "units, so -1,000,000 takes more than there is"),
        ({"value": 0.0}, "changes nothing"),
        ({"expires": date(2013, 12, 31)}, "would never count"),
        ({"family": "Biks"}, "Did you mean 'Bikes'"),
        ({"market": "Sout"}, "no market, region or channel"),
        ({"family": "", "product": "C"}, "no product"),
        ({"product": "A"}, "Name one of them"),
    ],
)
def test_an_override_that_makes_no_sense_is_refused(
    warehouse: Warehouse, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(RecordError, match=message):
        judged(warehouse, **changes)


def test_an_override_of_locked_cells_only_is_refused_until_the_lock_is_lifted(warehouse: Warehouse) -> None:
    scope = {"from_period": date(2014, 2, 1), "to_period": date(2014, 4, 1)}
    lock_id = records.add_lock(
        warehouse, PLAN.inputs, family="Bikes", reason="Agreed", owner="Dora", **scope, **BEFORE
    )
    with pytest.raises(RecordError, match=f"{lock_id} of Dora"):
        judged(warehouse)
    judged(warehouse, family="")
    records.drop_lock(warehouse, lock_id, **BEN, reason="Signed")
    judged(warehouse)
    assert not records.of_cycle(warehouse, "demand_lock")["active"].any()
    with pytest.raises(ConflictError):
        records.drop_lock(warehouse, lock_id, **ANNA, reason="twice")


def test_an_override_counts_in_the_plan_that_is_read_again_and_so_does_a_lock() -> None:
    warehouse = loaded(small_tables())
    refresh(warehouse, **ANNA)
    records.open_cycle(warehouse, CYCLE, **ANNA)
    before = read_inputs(warehouse)
    judged(warehouse, family="", kind="amount", value=5000.0, market="Shop", note="A fair", stage="executive")
    after = with_judgement(before, Tables(warehouse.read))
    again = read_inputs(warehouse)
    assert after.version == again.version != before.version
    assert after.demand.history is before.demand.history, "nothing else is read again"
    (override,) = after.demand.overrides
    assert (override.created_by, override.created_at, override.note, override.stage) == (
        "Anna",
        AT,
        "A fair",
        "executive",
    )
    records.add_lock(
        warehouse,
        before,
        product="A",
        from_period=date(2014, 2, 1),
        to_period=date(2014, 2, 1),
        reason="x",
        **BEN,
    )
    locked = with_judgement(before, Tables(warehouse.read))
    assert locked.version == read_inputs(warehouse).version != after.version
    assert [lock.owner for lock in locked.demand.locks] == ["Ben"]
    warehouse.close()


def test_overrides_of_one_moment_count_in_the_order_of_their_numbers_and_a_later_lock_spares_them() -> None:
    warehouse = loaded(small_tables())
    refresh(warehouse, **ANNA)
    records.open_cycle(warehouse, CYCLE, **ANNA)
    before = read_inputs(warehouse)
    for value in range(1, 12):
        judged(warehouse, family="", product="A", kind="units", value=100.0 * value)
    scope = {"from_period": date(2014, 2, 1), "to_period": date(2014, 3, 1)}
    records.add_lock(warehouse, before, product="A", reason="Agreed", **scope, **ANNA)
    demand = with_judgement(before, Tables(warehouse.read)).demand
    numbers = [int(override.override_id.partition("-O")[2]) for override in demand.overrides]
    assert numbers == list(range(1, 12))
    listed = records.of_cycle(warehouse, "override", CYCLE)["override_id"]
    assert list(listed) == [override.override_id for override in demand.overrides]
    after = with_overrides(before.demand.baseline.units, with_judgement(before, Tables(warehouse.read)))
    assert after[0, :, 1:3].sum() == pytest.approx(1100)
    warehouse.close()


def test_a_cycle_that_is_planned_in_hindsight_knows_no_later_override() -> None:
    warehouse = loaded(small_tables())
    records.open_cycle(warehouse, CYCLE, **ANNA)
    judged(warehouse, family="", product="A")
    refresh(warehouse, "2013-12", **ANNA)
    assert not read_inputs(warehouse, "2013-12").demand.overrides
    refresh(warehouse, **ANNA)
    assert len(read_inputs(warehouse).demand.overrides) == 1
    warehouse.close()


def with_streams_of(warehouse: Warehouse, *names: str) -> None:
    rows = frame("stream family period units", *((name, "Bikes", "2014-02-01", 5.0) for name in names))
    with warehouse.transaction(**ANNA, why="set up") as change:
        change.replace("forecast_stream", rows)


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({"from_lag": 0}, "cannot begin or end 0 periods ahead"),
        ({"from_lag": 1.5}, "cannot begin or end 1.5 periods ahead"),
        ({"to_lag": 2.5}, "cannot begin or end 2.5 periods ahead"),
        ({"from_lag": 4, "to_lag": 3}, "begins 4 ahead. Swap them"),
        ({"stream": "sale"}, "'sale' is no stream of forecast_stream. Did you mean 'sales'"),
        ({"stream": "weather"}, "Streams are: finance, sales"),
    ],
)
def test_a_weight_that_makes_no_sense_is_refused(
    warehouse: Warehouse, terms: dict[str, object], message: str
) -> None:
    with_streams_of(warehouse, "sales", "finance")
    terms = {"stream": "sales", "weight_pct": 10, "reason": "Agreed", **terms}
    with pytest.raises(RecordError, match=message):
        records.set_weight(warehouse, PLAN.inputs, **terms, **ANNA)
    assert warehouse.read("SELECT * FROM consensus_weight").empty


def test_weights_are_written_for_family_and_horizon_and_never_exceed_the_whole(warehouse: Warehouse) -> None:
    def weigh(stream: str, weight_pct: float, **more: object) -> None:
        records.set_weight(
            warehouse, PLAN.inputs, stream=stream, weight_pct=weight_pct, reason="Agreed", **more, **ANNA
        )

    with_streams_of(warehouse, "sales", "finance")
    weigh("sales", 60)
    weigh("sales", 30, from_lag=4, to_lag=6)
    weigh("finance", 40, family="Bikes")
    with pytest.raises(RecordError, match="101 % together of Bikes 1 period ahead"):
        weigh("finance", 41, family="Bikes")
    lines = weight_lines(Tables(warehouse.read), {"consensus_weight_sales_pct": 50.0})
    shares = stream_weights(lines, PLAN.inputs.products, 8)
    assert list(shares["sales"][0]) == [0.6, 0.6, 0.6, 0.3, 0.3, 0.3, 0.6, 0.6]
    assert shares["finance"][:, 0].tolist() == [0.4, 0.0, 0.0]


def test_a_note_moves_only_from_the_status_that_was_seen(warehouse: Warehouse) -> None:
    note_id = records.add_note(
        warehouse, cycle=CYCLE, stage="demand", kind="action", text="Call the fair", owner="Dora", **ANNA
    )
    records.set_note_status(warehouse, note_id, "done", seen="open", **BEN)
    with pytest.raises(ConflictError, match="status is now 'done'"):
        records.set_note_status(warehouse, note_id, "dropped", seen="open", reason="Too late", **ANNA)
    with pytest.raises(RecordError, match="no kind of note"):
        records.add_note(warehouse, cycle=CYCLE, stage="demand", kind="poem", text="x", **ANNA)


def test_every_record_leaves_who_when_and_why(warehouse: Warehouse) -> None:
    judged(warehouse)
    audit = warehouse.read("SELECT * FROM audit_log WHERE \"table\" = 'override'").iloc[0]
    assert (audit["who"], audit["why"], audit["action"]) == (
        "Anna",
        "Promotion or event",
        "insert",
    ) and audit["at"] == AT


def test_only_records_of_a_cycle_are_read(warehouse: Warehouse) -> None:
    records.open_cycle(warehouse, "2014-02", **ANNA)
    assert list(records.of_cycle(warehouse, "cycle")["cycle"]) == [CYCLE, "2014-02"]
    assert len(records.of_cycle(warehouse, "cycle", CYCLE)) == 1
    with pytest.raises(RecordError, match="holds no records"):
        records.of_cycle(warehouse, "sales_history")
