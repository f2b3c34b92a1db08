"""A decision is taken by one, whole or not at all; between meetings it needs a reason and who agreed."""

from datetime import date
from threading import Barrier, Thread

import pytest

from sop_engine.errors import ConflictError, RecordError
from sop_engine.executive_sop.effects import Effect, Scope, effects_of, read_effects
from sop_engine.executive_sop.unresolved import to_confirm
from sop_engine.records import Option, decide, of_cycle, open_cycle, raise_decision
from sop_engine.records.decisions import carried_out, confirm_decision, set_review
from sop_engine.scenario import Lever, LeverKind, Scenario
from sop_engine.warehouse import Warehouse
from tests.tables import AT, loaded, small_tables

ANN = {"who": "Ann", "at": AT}
MORE = Lever(LeverKind.DEMAND, 10, "Bikes")
EFFECTS = tuple(
    Effect("demand_units", Scope(family="Bikes"), date(2014, month, 1), 100.0, 110.0) for month in (2, 3)
)


@pytest.fixture
def warehouse() -> Warehouse:
    made = loaded(small_tables())
    open_cycle(made, "2014-01", **ANN)
    return made


def raised(warehouse: Warehouse, **more: object) -> str:
    options = [Option("Do nothing"), Option("Advertise", scenario=Scenario((MORE,)))]
    return raise_decision(warehouse, cycle="2014-01", question="Advertise?", options=options, **ANN, **more)


def row(warehouse: Warehouse) -> dict[str, object]:
    return of_cycle(warehouse, "decision").iloc[-1].to_dict()


def test_choice_effects_review_and_what_was_seen_are_one_record(warehouse: Warehouse) -> None:
    key = raised(warehouse)
    decide(
        warehouse,
        key,
        "B",
        reason="It pays",
        effects=EFFECTS,
        review_on=date(2014, 3, 31),
        seen={"A": '{"gross_margin": 1.0}', "B": '{"gross_margin": 2.0}'},
        data_version="v1",
        **ANN,
    )
    kept = row(warehouse)
    assert (kept["chosen_option"], kept["review_on"].date()) == ("B", date(2014, 3, 31))
    assert effects_of(read_effects(warehouse.read)) == EFFECTS
    options = of_cycle(warehouse, "decision_option")
    assert list(options["data_version"]) == ["v1", "v1"] and "2.0" in options["figures"][1]
    written = warehouse.read("SELECT DISTINCT why FROM audit_log WHERE \"table\" = 'decision_effect'")
    assert list(written["why"]) == ["It pays"]


def test_nothing_is_kept_of_a_choice_that_fails(warehouse: Warehouse) -> None:
    key = raised(warehouse)
    with pytest.raises(RecordError, match="no option 'Z'"):
        decide(warehouse, key, "Z", reason="It pays", effects=EFFECTS, **ANN)
    assert row(warehouse)["status"] == "open" and read_effects(warehouse.read).empty


def test_of_two_who_decide_at_once_one_wins_and_the_other_is_told_whom(warehouse: Warehouse) -> None:
    key, start, told = raised(warehouse), Barrier(2), {}

    def choose(who: str, option: str) -> None:
        start.wait()
        try:
            decide(warehouse, key, option, who=who, at=AT, reason=f"{who} says so", effects=EFFECTS)
        except ConflictError as fault:
            told[who] = str(fault)

    both = [Thread(target=choose, args=each) for each in (("Ann", "A"), ("Bo", "B"))]
    for each in both:
        each.start()
    for each in both:
        each.join()
    kept, ((loser, message),) = row(warehouse), told.items()
    assert {loser, kept["decided_by"]} == {"Ann", "Bo"}
    assert kept["choice_reason"] == f"{kept['decided_by']} says so"
    assert message.startswith(f"{kept['decided_by']} decided this meanwhile")
    assert len(read_effects(warehouse.read)) == len(EFFECTS)


def test_between_meetings_it_needs_a_reason_and_somebody_who_agreed(warehouse: Warehouse) -> None:
    key = raised(warehouse, meeting_id="M1")
    for half in ({"urgent": "The order closes today"}, {"agreed": "Controller"}):
        with pytest.raises(RecordError):
            decide(warehouse, key, "B", reason="It pays", **half, **ANN)
    with pytest.raises(RecordError, match="A meeting decides this"):
        decide(warehouse, key, "B", reason="x", urgent="now", agreed="Bo", meeting_id="M2", **ANN)
    decide(warehouse, key, "B", reason="It pays", urgent="It closes today.", agreed="Bo", **ANN)
    kept = row(warehouse)
    assert kept["between_meetings"] == "It closes today. Asked and agreed: Bo" and kept["meeting_id"] == ""


def test_the_next_meeting_confirms_it_once(warehouse: Warehouse) -> None:
    key = raised(warehouse)
    decide(warehouse, key, "B", reason="It pays", urgent="It closes today", agreed="Bo", **ANN)
    assert list(to_confirm(of_cycle(warehouse, "decision"), "2014-01")["decision_id"]) == [key]
    with pytest.raises(RecordError, match="Start the executive meeting"):
        confirm_decision(warehouse, key, meeting_id="", **ANN)
    confirm_decision(warehouse, key, meeting_id="M2", **ANN)
    assert to_confirm(of_cycle(warehouse, "decision"), "2014-01").empty
    with pytest.raises(ConflictError):
        confirm_decision(warehouse, key, meeting_id="M3", **ANN)


def test_what_a_meeting_decided_needs_no_confirmation(warehouse: Warehouse) -> None:
    key = raised(warehouse)
    decide(warehouse, key, "B", reason="It pays", meeting_id="M1", **ANN)
    assert to_confirm(of_cycle(warehouse, "decision"), "2014-01").empty
    with pytest.raises(RecordError, match="not taken between"):
        confirm_decision(warehouse, key, meeting_id="M1", **ANN)


def test_a_plan_version_carries_out_what_it_holds_whole(warehouse: Warehouse) -> None:
    key, other = raised(warehouse), Lever(LeverKind.PRICE, 1)
    decide(warehouse, key, "B", reason="It pays", **ANN)
    for levers, done in (((), ()), ((other,), ()), ((other, MORE), (key,)), ((MORE,), ())):
        with warehouse.transaction(who="Ann", why="publish", at=AT) as change:
            assert carried_out(change, "V1", levers) == done
    assert row(warehouse)["effective_plan"] == "V1"


def test_the_review_moves_unless_somebody_moved_it(warehouse: Warehouse) -> None:
    key = raised(warehouse)
    decide(warehouse, key, "B", reason="It pays", review_on=date(2014, 3, 31), **ANN)
    set_review(warehouse, key, review_on=date(2014, 5, 31), seen=date(2014, 3, 31), **ANN)
    assert row(warehouse)["review_on"].date() == date(2014, 5, 31)
    with pytest.raises(ConflictError):
        set_review(warehouse, key, review_on=date(2014, 6, 30), seen=date(2014, 3, 31), **ANN)
