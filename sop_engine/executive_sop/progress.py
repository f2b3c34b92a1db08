"""Where the month stands: each review's state, what it waits for, and why its signature no longer holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd

from sop_engine.executive_sop.decisions import STAGE_WORDS, STAGES, days_left
from sop_engine.executive_sop.moved import moved_words
from sop_engine.scenario import LEVERS, Lever, Scenario

_CONSENSUS = ("product", "demand")  # whose levers every later plan must have taken over
DESPITE = "signed despite "  # as records write it into the remark of a signature
AS_STAGE, CONTINUOUS, BOTH = "stage", "continuous", "both"  # how a cycle places finance


@dataclass(frozen=True)
class StageState:
    """One review of a cycle. status: open, in_progress or signed

    signed_by, signed_at, version: of the signature that stands and its data; "", None, "" if none
    stale: why the signature no longer holds, "" where it does
    waits_for: names of earlier reviews that are not signed, or whose signature is stale
    rests_on: name of the consensus that the signature names, "" where it names none
    despite: what did not hold when it was signed, and the reason, "" where all held
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
    despite: str = ""

    @property
    def holds(self) -> bool:
        """Whether others may build on it."""
        return self.status == "signed" and not self.stale


def stage_states(
    stages: pd.DataFrame,
    signatures: pd.DataFrame,
    version: str,
    as_of: date,
    finance: str = BOTH,
    moved: pd.DataFrame | None = None,
) -> tuple[StageState, ...]:
    """The six reviews in order, from stage and sign_off of a cycle, the latter with their snapshot's levers.

    version: of the inputs as they are now. A signature is stale when the consensus that it names was
    reopened, replaced or is stale, when the inputs have changed since (for the product review: what is
    loaded), or when an earlier review was signed after it, or the product or demand review with other levers
    of its own.
    finance: as in the table cycle; "continuous" makes the finance review no gate: nothing waits for it
    moved: what moved the inputs (moved.moved_inputs), by which a stale signature names it
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
                stale="" if signature is None else _stale(signature, last, _gates(states), version, moved),
                waits_for=tuple(state.name for state in _gates(states) if not state.holds),
                rests_on="" if signature is None else signature["rests_on"],
                gate=stage != "finance" or finance != CONTINUOUS,
                despite="" if signature is None else _despite(signature.get("note", "")),
            )
        )
    return tuple(states)


def _despite(note: str) -> str:
    """Of the remark of a signature, what it was given despite of and why."""
    _, found, rest = note.partition(DESPITE)
    return f"{found}{rest}"


def _gates(states: list[StageState]) -> list[StageState]:
    return [state for state in states if state.gate]


def rests_on_consensus(stage: str) -> bool:
    """Whether a review plans for the demand that the demand review agreed."""
    return STAGES.index(stage) > STAGES.index("demand")


def current(states: tuple[StageState, ...]) -> StageState | None:
    """The first review that does not hold: where the month stands; None when all are signed."""
    return next((state for state in states if state.gate and not state.holds), None)


def _stale(
    signature: pd.Series,
    last: pd.DataFrame,
    earlier: list[StageState],
    version: str,
    moved: pd.DataFrame | None,
) -> str:
    replaced = _consensus_moved(signature, last, earlier)
    if replaced:
        return replaced
    changed = _changed_inputs(signature, version, moved)
    if changed:
        return changed
    if signature["rests_on"] and (demand := _demand(earlier)).stale:
        return f"{signature['rests_on']}, which it rests on, is stale: {demand.stale}"
    for state in earlier:
        if state.signed_at is not None and state.signed_at > signature["signed_at"]:
            return f"{state.name} was signed again after it"
        if state.signed_at is not None and state.stage in _CONSENSUS:
            if _own_levers(last.loc[state.stage], state.stage) != _own_levers(signature, state.stage):
                return f"{state.name} was signed with other levers"
    return ""


def _changed_inputs(signature: pd.Series, now: str, moved: pd.DataFrame | None) -> str:
    """What of the inputs changed, whose version is what is loaded and, after a dash, what is judged on it:
    the changes made since it was signed, by name where they are known.

    The product review is signed before demand is judged, and does not rest on it.
    """
    was, _, judgement = signature["data_version"].partition("-")
    loaded, _, judged = now.partition("-")
    halves = [(was != loaded, False), (judgement != judged and signature.name != "product", True)]
    changed = [half for differs, half in halves if differs]
    if not changed:
        return ""
    if moved is not None:
        since = moved[(moved["at"] > signature["signed_at"]) & moved["judged"].isin(changed)]
        if len(since):
            return f"changed since: {moved_words(since, signature['signed_at'])}"
    if False in changed:
        return "data or the approved plan changed since"
    return "overrides, locks or accepted requests changed since"


def _consensus_moved(signature: pd.Series, last: pd.DataFrame, earlier: list[StageState]) -> str:
    """What became of the consensus that a signature names, "" while it stands."""
    named = signature["rests_on"]
    if not named:
        return ""
    demand = _demand(earlier)
    if demand.status != "signed":
        return f"{named}, which it rests on, was reopened"
    newer = last.loc["demand", "name"]
    return "" if newer == named else f"it rests on {named}; {newer} was signed since"


def _demand(earlier: list[StageState]) -> StageState:
    return next(state for state in earlier if state.stage == "demand")


def _own_levers(signature: pd.Series, stage: str) -> set[Lever]:
    """Levers of a review's own kind in the plan that was signed."""
    scenario = Scenario.from_json(signature["levers"])
    return {lever for lever in scenario.levers if LEVERS[lever.kind].stage == stage}
