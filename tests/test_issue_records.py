"""An issue keeps its options with their scenarios; it is amended, solved again, put off and counted."""

from datetime import date

import pytest

from sop_engine import records
from sop_engine.errors import ConflictError, RecordError
from sop_engine.records import Option, of_cycle, open_cycle
from sop_engine.records.decisions import add_option, amend_decision, solve_again
from sop_engine.scenario import Lever, LeverKind, Scenario
from sop_engine.warehouse import Warehouse
from tests.tables import AT, loaded

CYCLE = "2014-01"
ANNA = {"who": "Anna", "at": AT}
MORE, LESS = (Scenario((Lever(LeverKind.DEMAND, value),)) for value in (10, -10))


@pytest.fixture
def warehouse() -> Warehouse:
    warehouse = loaded({})
    open_cycle(warehouse, CYCLE, **ANNA)
    return warehouse


def issue(warehouse: Warehouse, *options: Option, **more: str) -> str:
    given = options or (Option("Do nothing"), Option("More", scenario=MORE, data_version="v1"))
    return records.raise_decision(warehouse, cycle=CYCLE, question="More?", options=given, **more, **ANNA)


def options_of(warehouse: Warehouse) -> dict[str, dict[str, object]]:
    rows = of_cycle(warehouse, "decision_option", CYCLE)
    return {row["option"]: row for row in rows.to_dict("records")}


def test_an_issue_keeps_what_it_is_about(warehouse: Warehouse) -> None:
    about = {"stage": "pre_sop", "scope": "East", "gap": "plan vs budget, Bikes", "cause": "It is full."}
    issue(warehouse, **about)
    row = of_cycle(warehouse, "decision", CYCLE).iloc[0]
    assert {name: row[name] for name in about} == about


def test_the_scenario_of_an_option_is_stored_once(warehouse: Warehouse) -> None:
    issue(warehouse)
    first = options_of(warehouse)["B"]["scenario_id"]
    assert records.read_scenario(warehouse, first) == MORE
    issue(warehouse, Option("Again", scenario=MORE), Option("More", scenario=LESS))
    stored = of_cycle(warehouse, "scenario", CYCLE)
    assert list(stored["name"]) == ["More", "More 2"] and stored["scenario_id"].iloc[0] == first


def test_a_question_that_is_blank_stores_no_scenario(warehouse: Warehouse) -> None:
    with pytest.raises(RecordError, match="question is blank"):
        records.raise_decision(
            warehouse, cycle=CYCLE, question=" ", options=[Option("More", scenario=MORE)], **ANNA
        )
    assert of_cycle(warehouse, "scenario", CYCLE).empty


def test_an_option_is_added_with_the_next_letter(warehouse: Warehouse) -> None:
    decision_id = issue(warehouse)
    letter = add_option(warehouse, decision_id, Option("Less", scenario=LESS, assumptions="a\nb"), **ANNA)
    assert letter == "C" and options_of(warehouse)["C"]["assumptions"] == "a\nb"
    records.decide(warehouse, decision_id, "C", **ANNA, reason="it is safe", meeting_id="M1")
    assert of_cycle(warehouse, "decision", CYCLE)["meeting_id"][0] == "M1"
    with pytest.raises(ConflictError, match="Anna decided this meanwhile"):
        add_option(warehouse, decision_id, Option("Late"), **ANNA)


def test_solving_again_keeps_version_figures_and_stake(warehouse: Warehouse) -> None:
    decision_id = issue(warehouse)
    solve_again(warehouse, decision_id, {"B": "{}"}, data_version="v2", value_at_stake=7.0, **ANNA)
    options = options_of(warehouse)
    assert (options["B"]["data_version"], options["B"]["figures"]) == ("v2", "{}")
    assert options["A"]["data_version"] == ""
    assert of_cycle(warehouse, "decision", CYCLE)["value_at_stake"][0] == 7.0


def test_owner_deadline_and_recommendation_are_given_later(warehouse: Warehouse) -> None:
    decision_id = issue(warehouse)
    given = {"owner": " Ben ", "decide_by": date(2014, 1, 20), "recommendation": "B"}
    amend_decision(warehouse, decision_id, **given, **ANNA)
    row = of_cycle(warehouse, "decision", CYCLE).iloc[0]
    assert (row["owner"], row["decide_by"].date(), row["recommendation"]) == ("Ben", date(2014, 1, 20), "B")
    with pytest.raises(RecordError, match="no option 'Z'"):
        amend_decision(warehouse, decision_id, **{**given, "recommendation": "Z"}, **ANNA)
    records.withdraw_decision(warehouse, decision_id, **ANNA, reason="it went away")
    with pytest.raises(RecordError, match="is withdrawn"):
        amend_decision(warehouse, decision_id, **given, **ANNA)


def test_each_step_stands_with_the_meeting_that_took_it(warehouse: Warehouse) -> None:
    decision_id = issue(warehouse)
    up = {"from_stage": "pre_sop", "to_stage": "executive"}
    steps = {
        "M1": (records.defer_decision, {}),
        "M2": (records.reopen_decision, {}),
        "M3": (records.escalate_decision, up),
        "M4": (records.withdraw_decision, {}),
    }
    for meeting, (step, more) in steps.items():
        step(warehouse, decision_id, **more, **ANNA, reason="said so", meeting_id=meeting)
        assert of_cycle(warehouse, "decision", CYCLE)["meeting_id"][0] == meeting


def test_a_step_outside_of_a_meeting_leaves_the_one_that_had_it(warehouse: Warehouse) -> None:
    decision_id = issue(warehouse)
    records.defer_decision(warehouse, decision_id, **ANNA, reason="not yet", meeting_id="M1")
    records.reopen_decision(warehouse, decision_id, **ANNA, reason="now")
    assert of_cycle(warehouse, "decision", CYCLE)["meeting_id"][0] == "M1"


def test_each_time_it_is_put_off_is_counted(warehouse: Warehouse) -> None:
    decision_id = issue(warehouse)
    for month in (2, 3):
        records.defer_decision(
            warehouse, decision_id, **ANNA, reason="not yet", decide_by=date(2014, month, 1)
        )
        records.reopen_decision(warehouse, decision_id, **ANNA, reason="now")
    row = of_cycle(warehouse, "decision", CYCLE).iloc[0]
    assert (row["deferrals"], row["status"], row["decide_by"].date()) == (2, "open", date(2014, 3, 1))
