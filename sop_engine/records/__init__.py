"""The only writer of what a month records: cycles, stages, signatures and their snapshots, published plans,
scenarios, decisions, overrides and notes. Every function is one audited transaction; who and when are
arguments."""

from sop_engine.records.consensus import (
    KeptDemand,
    consensus_changes,
    consensus_versions,
    kept_demand,
    next_name,
    version_before,
)
from sop_engine.records.corrections import accept_correction, reject_correction, withdraw_correction
from sop_engine.records.decisions import (
    Option,
    decide,
    defer_decision,
    escalate_decision,
    raise_decision,
    reopen_decision,
    withdraw_decision,
)
from sop_engine.records.exceptions import clear_exception, reopen_exception
from sop_engine.records.judgements import (
    OVERRIDE_REASONS,
    add_lock,
    add_override,
    drop_lock,
    drop_override,
    override_of,
    set_weight,
)
from sop_engine.records.notes import add_note, set_note_status
from sop_engine.records.process import (
    close_cycle,
    default_due_dates,
    open_cycle,
    publish_plan,
    reopen_stage,
    sign_stage,
    start_stage,
)
from sop_engine.records.readers import (
    last_published,
    of_cycle,
    read_scenario,
    snapshot_cells,
    snapshot_scorecard,
)
from sop_engine.records.scenarios import delete_scenario, save_scenario

__all__ = [
    "OVERRIDE_REASONS",
    "KeptDemand",
    "Option",
    "accept_correction",
    "add_lock",
    "add_note",
    "add_override",
    "clear_exception",
    "close_cycle",
    "consensus_changes",
    "consensus_versions",
    "decide",
    "default_due_dates",
    "defer_decision",
    "delete_scenario",
    "drop_lock",
    "drop_override",
    "escalate_decision",
    "kept_demand",
    "last_published",
    "next_name",
    "of_cycle",
    "open_cycle",
    "override_of",
    "publish_plan",
    "raise_decision",
    "read_scenario",
    "reject_correction",
    "reopen_decision",
    "reopen_exception",
    "reopen_stage",
    "save_scenario",
    "set_note_status",
    "set_weight",
    "sign_stage",
    "snapshot_cells",
    "snapshot_scorecard",
    "start_stage",
    "version_before",
    "withdraw_correction",
    "withdraw_decision",
]
