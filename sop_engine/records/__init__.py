"""The only writer of what a month records: cycles, stages, signatures and their snapshots, published plans,
scenarios, decisions, overrides and notes. Every function is one audited transaction; who and when are
arguments."""

from sop_engine.records.decisions import (
    Option,
    decide,
    defer_decision,
    escalate_decision,
    raise_decision,
    reopen_decision,
    withdraw_decision,
)
from sop_engine.records.judgements import add_note, add_override, drop_override, set_note_status
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
    "Option",
    "add_note",
    "add_override",
    "close_cycle",
    "decide",
    "default_due_dates",
    "defer_decision",
    "delete_scenario",
    "drop_override",
    "escalate_decision",
    "last_published",
    "of_cycle",
    "open_cycle",
    "publish_plan",
    "raise_decision",
    "read_scenario",
    "reopen_decision",
    "reopen_stage",
    "save_scenario",
    "set_note_status",
    "sign_stage",
    "snapshot_cells",
    "snapshot_scorecard",
    "start_stage",
    "withdraw_decision",
]
