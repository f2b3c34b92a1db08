"""Where the month stands: each review's state, what it waits for, and why its signature no longer holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd

from sop_engine.executive_sop.decisions import STAGE_WORDS, STAGES, days_left
from sop_engine.scenario import LEVERS, Lever, Scenario

_CONSENSUS = ("product", "demand")  # whose levers every later plan must have taken over
AS_STAGE, CONTINUOUS, BOTH = "stage", "continuous", "both"  # how a cycle places finance


@dataclass(frozen=True)
class StageState:
    """One review of a cycle. status: open, in_progress or signed

    signed_by, signed_at, version: of the signature that stands and its data; "", None, "" if none
    stale: why the signature no longer holds, "" where it does
    waits_for: names of earlier reviews that are not signed, or whose signature is stale
    rests_on: name of the consensus that the signature names, "" where it names none
    gate: whether the cycle waits for it; finance is none where it works throughout the month
    days_left: until it is due, negative when overdue, None without a date
    """

    stage: str
    name: str
    owner: str
    status: str
    due: date | None
    days_left: int | None
    signed_by: str
    signed_at: datetime | None
    version: str
    stale: str
    waits_for: tuple[str, ...]
    rests_on: str = ""
    gate: bool = True

    @property
    def holds(self) -> bool:
        """Whether others may build on it."""
        return self.status == "signed" and not self.stale


def stage_states(
    stages: pd.DataFrame, signatures: pd.DataFrame, version: str, as_of: date, finance: str = "both"
) -> tuple[StageState, ...]:
    """The six reviews in order, from stage and sign_off of a cycle, the latter with their snapshot's levers.

    version: of the inputs as they are now. A signature is stale when the consensus that it names was
    reopened or replaced, when the inputs have changed since (for the product review: what is loaded), or
    when an earlier review was signed after it, or the product or demand review with other levers of its own.
    finance: as in the table cycle; "continuous" makes the finance review no gate: nothing waits for it
    """
    rows = stages.set_index("stage")
    last = (
        signatures.sort_values("signed_at", kind="stable")
        .drop_duplicates("stage", keep="last")
        .set_index("stage")
    )
    states: list[StageState] = []
    for stage in STAGES:
        row = rows.loc[stage]
        signature = last.loc[stage] if row["status"] == "signed" and stage in last.index else None
        due = None if pd.isna(row["due"]) else pd.Timestamp(row["due"]).date()
        states.append(
            StageState(
                stage=stage,
                name=STAGE_WORDS[stage],
                owner=row["owner"],
                status=row["status"],
                due=due,
                days_left=days_left(due, as_of),
                signed_by="" if signature is None else signature["signed_by"],
                signed_at=None if signature is None else signature["signed_at"].to_pydatetime(),
                version="" if signature is None else signature["data_version"],
                stale="" if signature is None else _stale(signature, last, _gates(states), version),
                waits_for=tuple(state.name for state in _gates(states) if not state.holds),
                rests_on="" if signature is None else signature["rests_on"],
                gate=stage != "finance" or finance != CONTINUOUS,
            )
        )
    return tuple(states)


def _gates(states: list[StageState]) -> list[StageState]:
    return [state for state in states if state.gate]


def rests_on_consensus(stage: str) -> bool:
    """Whether a review plans for the demand that the demand review agreed."""
    return STAGES.index(stage) > STAGES.index("demand")


def current(states: tuple[StageState, ...]) -> StageState | None:
    """The first review that does not hold: where the month stands; None when all are signed."""
    return next((state for state in states if state.gate and not state.holds), None)


def _stale(signature: pd.Series, last: pd.DataFrame, earlier: list[StageState], version: str) -> str:
    moved = _consensus_moved(signature, last, earlier)
    if moved:
        return moved
    changed = _changed_inputs(signature["data_version"], version, signature.name)
    if changed:
        return changed
    for state in earlier:
        if state.signed_at is not None and state.signed_at > signature["signed_at"]:
            return f"{state.name} was signed again after it"
        if state.signed_at is not None and state.stage in _CONSENSUS:
            if _own_levers(last.loc[state.stage], state.stage) != _own_levers(signature, state.stage):
                return f"{state.name} was signed with other levers"
    return ""


def _changed_inputs(signed: str, now: str, stage: str) -> str:
    """What of the inputs changed, whose version is what is loaded and, after a dash, what is judged on it.

    The product review is signed before demand is judged, and does not rest on it.
    """
    if signed.partition("-")[0] != now.partition("-")[0]:
        return "data or the approved plan changed since"
    if stage != "product" and signed != now:
        return "overrides, locks or accepted requests changed since"
    return ""


def _consensus_moved(signature: pd.Series, last: pd.DataFrame, earlier: list[StageState]) -> str:
    """What became of the consensus that a signature names, "" while it stands."""
    named = signature["rests_on"]
    if not named:
        return ""
    demand = next(state for state in earlier if state.stage == "demand")
    if demand.status != "signed":
        return f"{named}, which it rests on, was reopened"
    newer = last.loc["demand", "name"]
    return "" if newer == named else f"it rests on {named}; {newer} was signed since"


def _own_levers(signature: pd.Series, stage: str) -> set[Lever]:
    """Levers of a review's own kind in the plan that was signed."""
    scenario = Scenario.from_json(signature["levers"])
    return {lever for lever in scenario.levers if LEVERS[lever.kind].stage == stage}
