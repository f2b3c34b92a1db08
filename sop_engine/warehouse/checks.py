"""The rules that need more than one cell: keys, references, loops of the bill of material, lanes, spans.

Each check takes the batch and yields the faults it finds; all run, so that a planner sees everything at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from sop_engine.errors import RowIssue
from sop_engine.warehouse.batch import Batch
from sop_engine.warehouse.demand_rules import demand_faults
from sop_engine.warehouse.dictionary import ALWAYS, Column, Table
from sop_engine.warehouse.files import nearest
from sop_engine.warehouse.plausibility import few
from sop_engine.warehouse.settings import setting_faults, weight_faults
from sop_engine.warehouse.shapes import Part

_LANES = {"service_lane", "sourcing"}
_HINTED = 100  # unknown labels for which a near one is looked up
_SPANS = (("from_period", "to_period"), ("start_date", "end_date"), ("launch_period", "end_period"))


def check(batch: Batch) -> list[RowIssue]:
    """Every fault of the batch."""
    rules = (
        duplicate_keys,
        unknown_labels,
        orphans,
        loops,
        successions,
        own_lanes,
        spans,
        buckets,
        setting_faults,
        weight_faults,
        demand_faults,
    )
    return [issue for rule in rules for issue in rule(batch)]


def duplicate_keys(batch: Batch) -> Iterator[RowIssue]:
    """Rows whose key stands in an earlier line of the load already."""
    for name, rows in batch.rows.items():
        table = batch.catalogue[name]
        keys = list(table.key)
        if not set(keys) <= set(rows.columns):
            continue
        rows = rows[_filled(rows, table)]
        repeated = rows[rows.duplicated(keys, keep=False)]
        for _, group in repeated.groupby(keys, sort=False):
            first = group.iloc[0]
            for _, row in group.iloc[1:].iterrows():
                where = f"line {first.line}" if row.file == first.file else f"{first.file} line {first.line}"
                what = "is a second price for one period: see" if name == "price" else "is already in"
                value = ", ".join(_shown(row[key], table.column[key]) for key in keys)
                columns, fix = ", ".join(keys), "Keep one of the two lines."
                yield RowIssue(row.file, int(row.line), columns, value, f"{what} {where}", fix)


def _filled(rows: pd.DataFrame, table: Table) -> pd.Series:
    must = [column.name for column in table.columns if column.key and column.required]
    blank = [rows[name].isna() | (rows[name].astype(object) == "") for name in must]
    return ~np.logical_or.reduce(blank) if blank else pd.Series(True, index=rows.index)


def unknown_labels(batch: Batch) -> Iterator[RowIssue]:
    """Products, markets, sites, resources and groups that no table of the load or the warehouse has."""
    for part in batch.parts:
        for column in part.table.columns:
            if column.references and column.name in part.lines and not _introduces(part.table, column):
                yield from _unknown_in(batch, part, column)


def _introduces(table: Table, column: Column) -> bool:
    # a launch may bring a product that nobody sold yet
    return table.name == "pipeline" and column.name == "product"


def _unknown_in(batch: Batch, part: Part, column: Column) -> Iterator[RowIssue]:
    known_sets = [batch.labels(reference) for reference in column.references]
    if any(known is None for known in known_sets):
        return
    known = set().union(*known_sets)
    values = part.lines[column.name]
    unknown = values[~values.isin(known | {""}) & values.notna()]
    kind = " or ".join(reference.split(".")[1] for reference in column.references)
    is_lane = part.table.name in _LANES and kind in ("site", "market")
    problem = f"is no known {kind}" + (", so the lane leads nowhere" if is_lane else "")
    home = column.references[0].split(".")[0]
    for number, (label, places) in enumerate(unknown.groupby(unknown, sort=False)):
        more = f", also in {len(places) - 1} more lines" if len(places) > 1 else ""
        hint = nearest(label, known) if number < _HINTED else ""
        fix = f"{hint} Correct it, or add it to {home}.csv.".strip()
        yield RowIssue(part.file, int(places.index[0]), column.name, label, problem + more, fix)


def orphans(batch: Batch) -> Iterator[RowIssue]:
    """Labels that a replaced table no longer has, though tables outside the load still use them."""
    for home in sorted(batch.replaced & {"product", "market", "site", "resource"}):
        known = batch.labels(f"{home}.{home}")
        if known is None:
            continue
        used = {
            (user, name): set(batch.stored(user)[name]) - known - {""}
            for user, name in _users(batch, f"{home}.{home}")
        }
        gone = sorted(set().union(*used.values()))
        if gone:
            users = ", ".join(dict.fromkeys(user for (user, _), labels in used.items() if labels))
            problem = f"is no longer in the file, but the warehouse still uses it in {users}"
            fix = "Add it again, load those files too, or start a new warehouse."
            yield RowIssue(batch.rows[home].file[0], 0, home, few(gone), problem, fix)


def _users(batch: Batch, reference: str) -> Iterator[tuple[str, str]]:
    """The columns outside the load that hold labels of this kind."""
    for table in batch.catalogue.values():
        if table.group == "planner" and table.name not in batch.replaced | set(batch.derived):
            for column in table.columns:
                if column.references == (reference,) and not _introduces(table, column):
                    yield table.name, column.name


def loops(batch: Batch) -> Iterator[RowIssue]:
    """Bills of material that contain themselves, each named once."""
    rows = batch.rows.get("bill_of_material")
    if rows is None or not {"parent", "component"} <= set(rows.columns):
        return
    bill = batch.after("bill_of_material").dropna(subset=["parent", "component"])
    below: dict[str, list[str]] = defaultdict(list)
    for parent, component in zip(bill["parent"], bill["component"], strict=True):
        below[parent].append(component)
    for loop in _loops(below):
        edges = set(zip(loop, loop[1:], strict=False))
        inside = rows[[edge in edges for edge in zip(rows["parent"], rows["component"], strict=True)]]
        if len(inside):
            row, path = inside.iloc[-1], " > ".join(loop)
            problem, fix = (
                f"makes the bill of material contain itself: {path}",
                "Remove one line of the loop.",
            )
            yield RowIssue(row.file, int(row.line), "component", row.component, problem, fix)


def _loops(below: Mapping[str, list[str]]) -> list[list[str]]:
    """One closed path for each loop met in a depth-first walk: ['A', 'B', 'A']."""
    done: set[str] = set()
    found = []
    for start in sorted(below):
        path: list[str] = []
        stack = [iter([start])]
        while stack:
            item = next(stack[-1], None)
            if item is None:
                stack.pop()
                if path:
                    done.add(path.pop())
            elif item in path:
                found.append([*path[path.index(item) :], item])
            elif item not in done:
                path.append(item)
                stack.append(iter(below.get(item, ())))
    return found


def successions(batch: Batch) -> Iterator[RowIssue]:
    """Products that succeed themselves, at once or in a circle."""
    for table, columns in (("product", ("product", "predecessor")), ("phase_out", ("product", "successor"))):
        rows = batch.rows.get(table)
        if rows is None or not set(columns) <= set(rows.columns):
            continue
        named = batch.after(table).dropna(subset=list(columns))
        below: dict[str, list[str]] = defaultdict(list)
        for first, second in zip(*(named[column] for column in columns), strict=True):
            if second != "":
                below[first].append(second)
        for loop in _loops(below):
            inside = rows[rows[columns[0]].isin(loop)]
            if len(inside):
                row, path = inside.iloc[-1], " > ".join(loop)
                fix = "Remove one line of the circle."
                problem = f"makes products succeed each other in a circle: {path}"
                yield RowIssue(row.file, int(row.line), columns[1], row[columns[1]], problem, fix)


def buckets(batch: Batch) -> Iterator[RowIssue]:
    """Buckets of the calendar that overlap the one before, or leave days between."""
    rows = batch.rows.get("calendar")
    if rows is None or not {"start_date", "end_date"} <= set(rows.columns):
        return
    ordered = rows.dropna(subset=["start_date", "end_date"]).sort_values("start_date", ignore_index=True)
    starts, ends = (pd.to_datetime(ordered[column]) for column in ("start_date", "end_date"))
    for i in range(1, len(ordered)):
        days = (starts[i] - ends[i - 1]).days
        if days != 1:
            row = ordered.iloc[i]
            problem = (
                "is inside the bucket before" if days < 1 else f"leaves {days - 1} days without a bucket"
            )
            fix = f"Start on the day after {ends[i - 1].date()}, when the bucket before ends."
            value = str(starts[i].date())
            yield RowIssue(row.file, int(row.line), "start_date", value, problem, fix)


def own_lanes(batch: Batch) -> Iterator[RowIssue]:
    """Transfers from a site to itself."""
    rows = batch.rows.get("sourcing")
    if rows is None or not {"site", "source", "mode"} <= set(rows.columns):
        return
    for row in rows[(rows["mode"] == "transfer") & (rows["source"] == rows["site"])].itertuples():
        problem, fix = "is the receiving site itself, so the lane leads nowhere", "Name the site that ships."
        yield RowIssue(row.file, int(row.line), "source", row.source, problem, fix)


def spans(batch: Batch) -> Iterator[RowIssue]:
    """Ends that lie before their start."""
    for rows in batch.rows.values():
        for start, end in _SPANS:
            if {start, end} <= set(rows.columns):
                for _, row in rows[rows[end] < rows[start]].iterrows():
                    problem, fix = f"is before {start} {_day(row[start])}", "Exchange or correct the two."
                    yield RowIssue(row.file, int(row.line), end, _day(row[end]), problem, fix)


def _shown(value: object, column: Column) -> str:
    """A key value as a planner would write it: a month without its day, 'all' and 'always' for blanks."""
    if column.type == "DATE":
        return "always" if pd.Timestamp(value).date() == ALWAYS else _day(value)
    return "all" if value == "" else f"{value:g}" if isinstance(value, float) else str(value)


def _day(value: object) -> str:
    day = pd.Timestamp(value).date().isoformat()
    return day.removesuffix("-01")
