"""Gates: each criterion turns with what it is found out from, and names what stands against it."""

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from sop_engine.executive_sop.decisions import STAGES
from sop_engine.executive_sop.gates import Facts, entry_criteria, exit_criteria, to_sign, unmet
from sop_engine.executive_sop.progress import StageState
from sop_engine.pre_sop.criteria import Criterion

STATES = tuple(
    StageState(
        stage, stage, "Ann", "open", None, None, "", None, "", "", ("Product review",) * (stage != "product")
    )
    for stage in STAGES
)
CLEAR = Facts(
    states=STATES,
    tasks=pd.DataFrame(columns=["stage", "status", "title"]),
    decisions=pd.DataFrame(columns=["stage", "status", "question", "owner", "decide_by"]),
    requests=pd.DataFrame(columns=["to_stage", "status", "title"]),
    actuals="Dec 13",
    needed="Dec 13",
    exceptions=(),
    failed={"Volumes": (), "Stock and load": (), "Money": ()},
)


def decision(stage: str = "supply", status: str = "open", owner: str = "", by: object = None) -> pd.DataFrame:
    rows = [(stage, status, "Overtime?", owner, pd.Timestamp(by) if by else pd.NaT)]
    return pd.DataFrame(rows, columns=["stage", "status", "question", "owner", "decide_by"])


def against(stage: str, **facts: object) -> tuple[str, ...]:
    return unmet(exit_criteria(stage, replace(CLEAR, **facts)))


@pytest.mark.parametrize("stage", STAGES)
def test_where_nothing_stands_against_it_every_exit_criterion_holds(stage: str) -> None:
    assert against(stage) == ()


def test_an_open_task_or_request_holds_up_its_own_review_only() -> None:
    tasks = pd.DataFrame(
        {"stage": ["demand"] * 3, "status": ["open", "done", "dropped"], "title": ["a", "b", "c"]}
    )
    requests = pd.DataFrame({"to_stage": ["supply"] * 2, "status": ["open", "rejected"], "title": ["x", "y"]})
    assert against("demand", tasks=tasks) == ("Its tasks are done or dropped: 1 open",)
    assert against("supply", tasks=tasks) == ()
    assert against("supply", requests=requests) == ("Requests to it are answered: x",)
    assert against("demand", requests=requests) == ()


def test_exceptions_hold_up_demand_and_are_named_up_to_three() -> None:
    families = ("Road", "Touring", "Helmets", "Socks")
    assert against("demand", exceptions=families) == (
        "Exceptions are reviewed: Road; Touring; Helmets and 1 more",
    )
    assert all(against(stage, exceptions=families) == () for stage in STAGES if stage != "demand")


def test_a_failed_check_holds_up_the_review_it_belongs_to_and_pre_sop() -> None:
    failed = {**CLEAR.failed, "Money": ("Profit ties",)}
    held = {stage for stage in STAGES if against(stage, failed=failed)}
    assert held == {"finance", "pre_sop"}
    assert against("pre_sop", failed=failed) == ("Volumes, load and money tie: Profit ties",)


def test_an_open_decision_needs_owner_and_deadline_in_its_review_and_pre_sop_and_an_answer_at_the_end() -> (
    None
):
    bare, ready = decision(), decision(owner="Sam", by=date(2014, 1, 20))
    assert {stage for stage in STAGES if against(stage, decisions=bare)} == {"supply", "pre_sop", "executive"}
    assert {stage for stage in STAGES if against(stage, decisions=ready)} == {"executive"}
    for status in ("decided", "withdrawn"):
        assert not any(against(stage, decisions=decision(status=status)) for stage in STAGES)
    deferred = decision(status="deferred", owner="Sam", by=date(2014, 2, 20))
    assert not any(against(stage, decisions=deferred) for stage in STAGES)


def test_a_review_begins_on_loaded_actuals_after_those_before_it() -> None:
    assert unmet(entry_criteria("product", CLEAR)) == ()
    stale = replace(CLEAR, actuals="Nov 13")
    assert unmet(entry_criteria("product", stale)) == ("Actuals to Dec 13 are loaded: sales to Nov 13",)
    waits = "The reviews before it are signed and hold: Product review"
    assert unmet(entry_criteria("executive", stale)) == (waits,)
    assert len(unmet(entry_criteria("demand", stale))) == 2


def test_the_light_gates_the_executive_review_and_no_other() -> None:
    light = (Criterion("Money ties", True, "12 checks hold"), Criterion("Each gap has an owner", False, "x"))
    ready = replace(CLEAR, states=tuple(replace(state, waits_for=()) for state in STATES))
    no_go = replace(ready, light=lambda: light)
    against = ("The light before the executive meeting is on go: Each gap has an owner",)
    for stage in STAGES:
        held = against if stage == "executive" else ()
        assert unmet(entry_criteria(stage, no_go)) == unmet(to_sign(stage, no_go)) == held
        assert unmet(entry_criteria(stage, ready)) == unmet(to_sign(stage, ready)) == ()
        assert unmet(exit_criteria(stage, no_go)) == ()


def test_only_the_executive_review_asks_for_the_light() -> None:
    def light() -> tuple[Criterion, ...]:
        raise AssertionError("asked")

    facts = replace(CLEAR, light=light)
    for stage in STAGES[:-1]:
        entry_criteria(stage, facts), exit_criteria(stage, facts), to_sign(stage, facts)
    exit_criteria("executive", facts)
    with pytest.raises(AssertionError, match="asked"):
        to_sign("executive", facts)
