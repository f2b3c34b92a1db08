"""The agenda of the executive holds what waits and nothing that is settled, the most pressing first."""

from dataclasses import replace
from datetime import date, datetime

import numpy as np
import pandas as pd

from sop_engine.assumptions.assumption import Assumption
from sop_engine.assumptions.checked import BROKEN, HOLDS, Checked, Leaning
from sop_engine.executive_sop.decisions import STAGE_WORDS, STAGES
from sop_engine.executive_sop.progress import StageState
from sop_engine.executive_sop.unresolved import (
    ASSUMPTION,
    REQUEST,
    SIGNATURE,
    prior_decisions,
    unresolved,
)

TODAY, CYCLE = date(2014, 1, 17), "2014-01"


def decision(key: str, status: str = "open", value: float = np.nan, **more: object) -> dict[str, object]:
    return {
        "decision_id": key,
        "cycle": CYCLE,
        "question": f"{key}?",
        "reason": "why",
        "cause": "",
        "escalation_reason": "",
        "escalated_from": "",
        "status": status,
        "value_at_stake": value,
        "decide_by": pd.NaT,
        "deferrals": 0,
        "owner": "",
        "sample": False,
        "decided_at": pd.NaT,
        **more,
    }


def request(
    key: str, status: str = "open", measure: str = "revenue", amount: float = -50.0
) -> dict[str, object]:
    return {
        "request_id": key,
        "cycle": CYCLE,
        "from_stage": "finance",
        "to_stage": "demand",
        "title": key,
        "reason": "to budget",
        "measure": measure,
        "amount": amount,
        "due": pd.Timestamp("2014-01-15"),
        "status": status,
        "owner": "Ben",
    }


def signed(stage: str, **more: object) -> StageState:
    state = StageState(
        stage, STAGE_WORDS[stage], "", "signed", None, None, "Ana", datetime(2014, 1, 6), "v1", "", ()
    )
    return replace(state, **more)


STATES = tuple(signed(stage) for stage in STAGES)
NONE = pd.DataFrame([decision("x")]).iloc[:0], pd.DataFrame([request("x")]).iloc[:0]


def test_nothing_is_left_where_all_is_settled() -> None:
    decisions = pd.DataFrame([decision("D1", "decided"), decision("D2", "withdrawn")])
    requests = pd.DataFrame([request("R1", "accepted")])
    holds = Checked(Assumption("A1", CYCLE, "text"), HOLDS)
    assert unresolved(decisions, requests, [holds], STATES, CYCLE, TODAY) == ()


def test_escalated_comes_first_then_money_then_deadline() -> None:
    decisions = pd.DataFrame(
        [
            decision("D1", value=10.0, decide_by=pd.Timestamp("2014-01-20")),
            decision("D2", "escalated", value=1.0, escalation_reason="above my limit"),
            decision("D3", "deferred", value=10.0, decide_by=pd.Timestamp("2014-01-10"), deferrals=2),
            decision("D4", value=99.0),
            decision("D0", "deferred", value=5.0, cycle="2013-12"),
            decision("D9", "decided", value=5.0, cycle="2013-12"),
        ]
    )
    found = unresolved(decisions, NONE[1], [], STATES, CYCLE, TODAY)
    assert [matter.key for matter in found] == ["D2", "D4", "D3", "D1", "D0"]
    assert found[0].reason == "above my limit" and found[1].reason == "why"
    assert found[2].standing == "deferred 2 times" and found[2].days == -7 and found[2].is_overdue


def test_requests_assumptions_and_signatures_stand_among_them() -> None:
    requests = pd.DataFrame([request("R1"), request("R2", measure="hours"), request("R3", "rejected")])
    broken = Checked(
        Assumption("A1", CYCLE, "Price holds", "average_price", expected=100.0, tolerance_pct=5.0),
        BROKEN,
        actual=90.0,
        leaning=(Leaning("Bikes", 1.0, 70.0, 20.0),),
    )
    states = (
        *STATES[:2],
        signed("supply", stale="overrides changed since"),
        *STATES[3:5],
        signed("executive", stale="x"),
    )
    found = unresolved(NONE[0], requests, [broken], states, CYCLE, TODAY)
    assert [(matter.kind, matter.key, matter.value) for matter in found[:2]] == [
        (ASSUMPTION, "A1", 70.0),
        (REQUEST, "R1", 50.0),
    ]
    assert "10.0 % below" in found[0].reason and found[1].standing == "Finance review asks Demand review"
    assert found[1].page == "demand_review" and found[1].days == -2
    assert {(matter.kind, matter.key) for matter in found[2:]} == {(REQUEST, "R2"), (SIGNATURE, "supply")}
    signature = next(matter for matter in found if matter.kind == SIGNATURE)
    assert signature.reason == "overrides changed since" and signature.title == "Supply review is stale"


def test_finance_that_is_no_gate_leaves_no_signature_open() -> None:
    states = (*STATES[:3], signed("finance", status="open", signed_at=None, gate=False), *STATES[4:])
    assert unresolved(*NONE, [], states, CYCLE, TODAY) == ()


def test_prior_decisions_are_those_earlier_cycles_made() -> None:
    table = pd.DataFrame(
        [
            decision("D1", "decided", cycle="2013-11", decided_at=pd.Timestamp("2013-11-20")),
            decision("D2", "decided", cycle="2013-12", decided_at=pd.Timestamp("2013-12-10")),
            decision("D3", "deferred", cycle="2013-12"),
            decision("D4", "decided", decided_at=pd.Timestamp("2014-01-10")),
        ]
    )
    assert list(prior_decisions(table, CYCLE)["decision_id"]) == ["D2", "D1"]
