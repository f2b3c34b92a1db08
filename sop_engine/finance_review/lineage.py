"""What each baseline was built from: uploads, signatures, overrides and requests, as sentences."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_engine.finance_review.baselines import BUDGET, ESTIMATE, LAST, PRIOR, START, Baseline
from sop_engine.inputs import Inputs
from sop_engine.inputs.money import DatedLines
from sop_engine.inputs.reader import history_version
from sop_engine.scenario import Scenario
from sop_engine.warehouse import Warehouse

_NAMED = 3  # versions or titles that are named in a sentence


def built_from(
    warehouse: Warehouse, inputs: Inputs, baseline: Baseline, scenario: Scenario, last: pd.Series | None
) -> tuple[str, ...]:
    """Facts of a baseline, a sentence each, what values it last.

    scenario: the working one, of which the latest estimate consists; last: the row of `records.last_estimate`
    """
    if baseline.kind == BUDGET:
        facts = _budget_facts(warehouse, baseline.label)
    elif baseline.kind == PRIOR:
        facts = (uploaded(warehouse, "sales_history"),)
    elif baseline.kind == LAST and last is not None:
        facts = _kept_facts(warehouse, last)
    elif baseline.kind == START:
        facts = _start_facts(warehouse, inputs)
    else:
        moved = scenario.levers if baseline.kind == ESTIMATE else ()
        facts = _plan_facts(warehouse, inputs, tuple(lever.in_words() for lever in moved))
    return (*facts, f"Valued at {baseline.basis}.")


def uploaded(warehouse: Warehouse, table: str) -> str:
    """The file a table was loaded from last, by whom, when and with how many rows."""
    rows = warehouse.read(
        'SELECT file, who, "at", rows, mode FROM upload WHERE "table" = ? ORDER BY upload_id', [table]
    )
    if rows.empty:
        return f"No upload of {table} is on record."
    last = rows.iloc[-1]
    whole = rows.index[rows["mode"] == "replace"]
    parts = len(rows) - (whole[-1] if len(whole) else 0)
    more = f", the last of {parts} files" if parts > 1 else ""
    return f"{last['file']}{more}: {last['rows']:,} rows, loaded by {last['who']} at {_time(last['at'])}."


def _budget_facts(warehouse: Warehouse, version: str) -> tuple[str, ...]:
    rows = warehouse.read(
        "SELECT count(*) AS n, min(period) AS first, max(period) AS last FROM budget WHERE version = ?",
        [version],
    ).iloc[0]
    stated = warehouse.read(
        "SELECT assumption FROM data_assumption WHERE \"table\" = 'budget' AND starts_with(assumption, ?) "
        "ORDER BY ALL",
        [version],
    )["assumption"]
    rates = warehouse.read(
        "SELECT DISTINCT currency, version FROM fx_rate WHERE type = 'budget' ORDER BY ALL"
    )
    facts = [
        uploaded(warehouse, "budget"),
        f"{rows['n']:,} of them are {version}, {rows['first']:%Y-%m} to {rows['last']:%Y-%m}.",
        *(f"Stated assumption: {words}." for words in stated),
    ]
    if len(rates):
        named = _names(rates["version"])
        facts.append(f"Budget rates of {', '.join(sorted(set(rates['currency'])))}{named}.")
    return tuple(facts)


def _kept_facts(warehouse: Warehouse, last: pd.Series) -> tuple[str, ...]:
    header = warehouse.read(
        "SELECT data_version, levers FROM plan_snapshot WHERE snapshot_id = ?", [last["snapshot_id"]]
    )
    data = f", data version {header['data_version'].iloc[0]}" if len(header) else ""
    levers = len(Scenario.from_json(header["levers"].iloc[0]).levers) if len(header) else 0
    consensus = f"Rests on the consensus {last['rests_on']}." if last["rests_on"] else "Names no consensus."
    return (
        f"{last['name']} of cycle {last['cycle']}, {last['kind']} by {last['who']} at {_time(last['at'])}.",
        f"Snapshot {last['snapshot_id']}{data}, {_count(levers, 'lever')} moved.",
        consensus,
    )


def _plan_facts(warehouse: Warehouse, inputs: Inputs, levers: tuple[str, ...]) -> tuple[str, ...]:
    overrides, corrections = (
        warehouse.read(sql, [inputs.cycle])["n"].iloc[0]
        for sql in (
            "SELECT count(*) AS n FROM override WHERE active AND cycle <= ?",
            "SELECT count(*) AS n FROM history_correction "
            "WHERE active AND status = 'accepted' AND cycle <= ?",
        )
    )
    moved = f" moved: {'; '.join(levers[:_NAMED])}" if levers else " moved"
    return (
        f"{uploaded(warehouse, 'sales_history')} Actuals to {inputs.calendar.history_labels[-1]}."
        if inputs.calendar.now
        else uploaded(warehouse, "sales_history"),
        _fit_fact(warehouse, inputs),
        _consensus_fact(warehouse, inputs.cycle),
        f"In force: {_count(overrides, 'override')} and {_count(corrections, 'accepted correction')} of the "
        f"history; {_request_words(warehouse, inputs.cycle)}.",
        f"Data version {inputs.version}; {_count(len(levers), 'lever')} of the working scenario{moved}.",
        _versions_fact(inputs),
    )


def _start_facts(warehouse: Warehouse, inputs: Inputs) -> tuple[str, ...]:
    overrides, requests = (
        int(warehouse.read(sql, [inputs.cycle])["n"].iloc[0])
        for sql in (
            "SELECT count(*) AS n FROM override WHERE active AND cycle = ?",
            "SELECT count(*) AS n FROM request WHERE status IN ('accepted', 'part') AND answered_cycle = ? "
            "AND levers <> '' AND NOT sample",
        )
    )
    return (
        f"The plan of today's data as it stood when nothing was judged in {inputs.cycle}; no lever moved.",
        f"Left out: {_count(overrides, 'override')} made in {inputs.cycle}, those of accepted requests among "
        f"them, and {_count(requests, 'accepted request')} that adopted levers.",
        _fit_fact(warehouse, inputs),
    )


def _fit_fact(warehouse: Warehouse, inputs: Inputs) -> str:
    first = inputs.calendar.starts[inputs.calendar.now].item()
    rows = warehouse.read(
        "SELECT count(*) AS n FROM baseline_series WHERE data_version = ? AND cycle = ?",
        [history_version(warehouse), first],
    )
    return f"Statistical baseline fitted for cycle {inputs.cycle}: {rows['n'].iloc[0]:,} series."


def _consensus_fact(warehouse: Warehouse, cycle: str) -> str:
    rows = warehouse.read(
        "SELECT s.name, s.signed_by, s.signed_at, t.status FROM sign_off s JOIN stage t USING (cycle, stage) "
        "WHERE s.cycle = ? AND s.stage = 'demand' ORDER BY s.signed_at, s.sign_off_id",
        [cycle],
    )
    if rows.empty:
        return f"No consensus of {cycle} is signed yet."
    last = rows.iloc[-1]
    reopened = "" if last["status"] == "signed" else "; the demand review is open again since"
    return f"Consensus {last['name']}, signed by {last['signed_by']} at {_time(last['signed_at'])}{reopened}."


def _request_words(warehouse: Warehouse, cycle: str) -> str:
    rows = warehouse.read(
        "SELECT title FROM request WHERE status IN ('accepted', 'part') AND cycle <= ? AND NOT sample "
        "ORDER BY request_id",
        [cycle],
    )
    named = f" ({'; '.join(rows['title'][:_NAMED])})" if len(rows) else ""
    return f"{_count(len(rows), 'accepted request')} between reviews{named}"


def _versions_fact(inputs: Inputs) -> str:
    """The price lists, cost rolls and sets of rates that the plan uses."""
    money = inputs.money
    parts = [
        f"{what}{_names(_used(lines))}"
        for what, lines in (
            ("prices", money.price_lines),
            ("costs", money.cost_lines),
            ("rates", money.rate_lines),
        )
        if (lines.at >= 0).any()
    ]
    return f"Uses {', '.join(parts)}." if parts else "No price, cost or rate is loaded."


def _used(lines: DatedLines) -> pd.Series:
    at = np.unique(lines.at)
    return pd.Series(lines.version[at[at >= 0]], dtype=object)


def _names(versions: pd.Series) -> str:
    """ " (Standard 2013)", " (A, B, C and 2 more)", "" where none has a name."""
    names = sorted(set(versions) - {""}, reverse=True)
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f" ({', '.join(names[:_NAMED])}{more})" if names else ""


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}" if number else f"no {what}"


def _time(at: pd.Timestamp) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
