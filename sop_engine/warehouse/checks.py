"""The rules that need more than one cell: keys, references, loops, spans, gaps and values unlike the last load.

Each check takes the batch and returns the faults it finds; all run, so that a planner sees everything at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from sop_engine.errors import RowIssue
from sop_engine.warehouse.dictionary import ALWAYS, Column, Table
from sop_engine.warehouse.files import nearest
from sop_engine.warehouse.shapes import Part

_LANES = {"service_lane", "sourcing"}
_NAMED = 3  # examples a summary names
_HINTED = 100  # unknown labels for which a near one is looked up
_FAR = 10.0  # a value this many times the last load's is far outside
_FAR_NAMED = 20
_SPANS = (("from_period", "to_period"), ("start_date", "end_date"), ("launch_period", "end_period"))


@dataclass(frozen=True)
class Batch:
    """The files of one load and the warehouse they meet.

    stored: reads a planner table as it stands. replaced: the tables whose files are the whole table.
    unread: tables whose file could not be read, so that nothing can be said about references to them.
    """

    parts: tuple[Part, ...]
    catalogue: Mapping[str, Table]
    stored: Callable[[str], pd.DataFrame]
    replaced: frozenset[str]
    unread: frozenset[str]
    derived: Mapping[str, pd.DataFrame]

    @staticmethod
    def of_warehouse(catalogue: Mapping[str, Table], stored: Callable[[str], pd.DataFrame]) -> Batch:
        """What stands in the warehouse, as if each table were a file of its own."""
        parts = []
        for table in catalogue.values():
            if table.group == "planner" and len(frame := stored(table.name)):
                rows = frame.set_index(np.zeros(len(frame), dtype=int))
                parts.append(Part(f"table {table.name}", table, "", rows, rows))
        empty = {name: pd.DataFrame() for name in catalogue}
        return Batch(tuple(parts), catalogue, empty.__getitem__, frozenset(catalogue), frozenset(), {})

    @cached_property
    def rows(self) -> dict[str, pd.DataFrame]:
        """The rows of each table of the load, with the file and line each begins in."""
        found: dict[str, list[pd.DataFrame]] = defaultdict(list)
        for part in self.parts:
            found[part.table.name].append(part.rows.assign(file=part.file, line=part.rows.index))
        return {name: pd.concat(frames, ignore_index=True) for name, frames in found.items()}

    def after(self, table: str) -> pd.DataFrame:
        """A table as it will stand when the load is done."""
        if table in self.derived:
            return self.derived[table]
        pieces = [self.rows[table]] if table in self.rows else []
        if table not in self.replaced:
            pieces.append(self.stored(table))
        filled = [piece for piece in pieces if len(piece)] or pieces
        return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame()

    def labels(self, reference: str) -> set[str] | None:
        """The labels of 'table.column' after the load; None when the table could not be read."""
        table, column = reference.split(".")
        frame = self.after(table)
        if table in self.unread or (column not in frame and len(frame)):
            return None
        return set(frame[column]) - {""} if column in frame else set()


def check(batch: Batch) -> list[RowIssue]:
    """Every fault and warning of the batch."""
    checks = (duplicate_keys, unknown_labels, orphans, loops, own_lanes, spans, currencies, gaps, far_values)
    return [issue for rule in checks for issue in rule(batch)]


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
                value = ", ".join(shown(row[key], table.column[key]) for key in keys)
                yield RowIssue(
                    row.file,
                    int(row.line),
                    ", ".join(keys),
                    value,
                    f"{what} {where}",
                    "Keep one of the two lines.",
                )


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
    return (
        table.name == "pipeline" and column.name == "product"
    )  # a launch may bring a product that nobody sold yet


def _unknown_in(batch: Batch, part: Part, column: Column) -> Iterator[RowIssue]:
    known_sets = [batch.labels(reference) for reference in column.references]
    if any(known is None for known in known_sets):
        return
    known = set().union(*known_sets)
    values = part.lines[column.name]
    unknown = values[~values.isin(known | {""}) & values.notna()]
    kind = " or ".join(reference.split(".")[1] for reference in column.references)
    nowhere = (
        ", so the lane leads nowhere" if part.table.name in _LANES and kind in ("site", "market") else ""
    )
    home = column.references[0].split(".")[0]
    for number, (label, places) in enumerate(unknown.groupby(unknown, sort=False)):
        more = f" (and in {len(places) - 1} more lines)" if len(places) > 1 else ""
        hint = nearest(label, known) if number < _HINTED else ""
        fix = f"{hint} Correct it, or add it to {home}.csv.".strip()
        yield RowIssue(
            part.file, int(places.index[0]), column.name, label, f"is no known {kind}{nowhere}{more}", fix
        )


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
            yield RowIssue(batch.rows[home].file[0], 0, home, _few(gone), problem, fix)


def _users(batch: Batch, reference: str) -> Iterator[tuple[str, str]]:
    """The columns outside the load that hold labels of this kind."""
    for table in batch.catalogue.values():
        if table.group == "planner" and table.name not in batch.replaced | set(batch.derived):
            for column in table.columns:
                if column.references == (reference,) and not _introduces(table, column):
                    yield table.name, column.name


def _few(words: list[str]) -> str:
    return ", ".join(words[:_NAMED]) + (f" and {len(words) - _NAMED} more" if len(words) > _NAMED else "")


def loops(batch: Batch) -> Iterator[RowIssue]:
    """Bills of material that contain themselves, each named once."""
    rows = batch.rows.get("bill_of_material")
    if rows is None or not {"parent", "component"} <= set(rows.columns):
        return
    bill = batch.after("bill_of_material")
    below: dict[str, list[str]] = defaultdict(list)
    for parent, component in zip(bill["parent"], bill["component"], strict=True):
        below[parent].append(component)
    for loop in _loops(below):
        edges = set(zip(loop, loop[1:], strict=False))
        inside = rows[[edge in edges for edge in zip(rows["parent"], rows["component"], strict=True)]]
        if len(inside):
            row, path = inside.iloc[-1], " > ".join(loop)
            problem = f"makes the bill of material contain itself: {path}"
            yield RowIssue(
                row.file, int(row.line), "component", row.component, problem, "Remove one line of the loop."
            )


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


def own_lanes(batch: Batch) -> Iterator[RowIssue]:
    """Transfers from a site to itself."""
    rows = batch.rows.get("sourcing")
    if rows is None or not {"site", "source", "mode"} <= set(rows.columns):
        return
    for row in rows[(rows["mode"] == "transfer") & rows["source"].isin(rows["site"])].itertuples():
        if row.source == row.site:
            fix = "Name the site that ships as source."
            yield RowIssue(
                row.file,
                int(row.line),
                "source",
                row.source,
                "is the receiving site itself, so the lane leads nowhere",
                fix,
            )


def spans(batch: Batch) -> Iterator[RowIssue]:
    """Ends that lie before their start."""
    for rows in batch.rows.values():
        for start, end in _SPANS:
            if {start, end} <= set(rows.columns):
                for _, row in rows[rows[end] < rows[start]].iterrows():
                    problem, fix = f"is before {start} {_day(row[start])}", "Exchange or correct the two."
                    yield RowIssue(row.file, int(row.line), end, _day(row[end]), problem, fix)


def currencies(batch: Batch) -> Iterator[RowIssue]:
    """Currencies of markets that have no exchange rate, a warning: their prices cannot be valued."""
    if not {"market", "fx_rate"} & set(batch.rows) or "currency" not in batch.after("market"):
        return
    settings, rates = batch.after("setting"), batch.after("fx_rate")
    base = settings.loc[settings["name"] == "base_currency", "value"] if "name" in settings else ()
    known = {"", *base, *(rates["currency"] if "currency" in rates else ())}
    file = (batch.rows["market"] if "market" in batch.rows else batch.rows["fx_rate"]).file[0]
    for currency in sorted(set(batch.after("market")["currency"].dropna()) - known):
        fix = "Add its rate to fx_rate.csv, or set base_currency in setting.csv."
        yield RowIssue(file, 0, "currency", currency, "has no exchange rate", fix, "warning")


def gaps(batch: Batch) -> Iterator[RowIssue]:
    """Months without a line inside the history: of the whole company, and of product-market pairs, in one warning a file."""
    for part in batch.parts:
        rows = part.rows
        if part.table.name != "sales_history" or not {"product", "market", "period"} <= set(rows.columns):
            continue
        months = rows["period"].to_numpy(dtype="datetime64[M]").astype(int)
        known = months != np.datetime64("NaT", "M").astype(int)
        pairs = pd.DataFrame({"product": rows["product"], "market": rows["market"], "month": months})[
            known
        ].drop_duplicates()
        if pairs.empty:
            continue
        missing = sorted(set(range(pairs.month.min(), pairs.month.max() + 1)) - set(pairs.month))
        if missing:
            yield _gap(part.file, f"the history has no line at all in {_months(missing)}")
        span = pairs.groupby(["product", "market"]).month.agg(["min", "max", "count"])
        holes = span[span["max"] - span["min"] + 1 > span["count"]]
        if len(holes):
            named = "; ".join(_hole(pairs, key) for key in holes.index[:_NAMED])
            more = f" and {len(holes) - _NAMED} more" if len(holes) > _NAMED else ""
            yield _gap(
                part.file,
                f"{len(holes)} of {len(span)} product-market histories have months without a line: {named}{more}",
            )


def _hole(pairs: pd.DataFrame, key: tuple[str, str]) -> str:
    own = set(pairs[(pairs["product"] == key[0]) & (pairs["market"] == key[1])].month)
    return f"{key[0]} in {key[1]} {_months(sorted(set(range(min(own), max(own) + 1)) - own))}"


def _months(numbers: list[int]) -> str:
    return _few([str(np.datetime64(int(number), "M")) for number in numbers])


def _gap(file: str, problem: str) -> RowIssue:
    return RowIssue(
        file, 0, "period", "", problem, "Fine where nothing was asked for; else add the lines.", "warning"
    )


def far_values(batch: Batch) -> Iterator[RowIssue]:
    """Values ten times what the same thing had at most in the last load, or under a tenth of what the same key had."""
    for name, rows in batch.rows.items():
        table, last = batch.catalogue[name], batch.stored(name)
        keys = list(table.key)
        if last.empty or not set(keys) <= set(rows.columns):
            continue
        for measure in table.measures:
            if measure in rows:
                yield from _far(rows, last, keys, table, measure)


def _far(
    rows: pd.DataFrame, last: pd.DataFrame, keys: list[str], table: Table, measure: str
) -> Iterator[RowIssue]:
    entity = [key for key in keys if table.column[key].type != "DATE"] or keys
    peak = last[measure].abs().groupby([last[key] for key in entity]).max().rename("peak")
    same = last.set_index(keys)[measure].abs().rename("same")
    dated = rows.assign(**{key: rows[key].astype(last[key].dtype) for key in keys})
    both = dated.join(peak, on=entity).join(same, on=keys)
    size = both[measure].abs()
    far = both[(both.peak > 0) & (size > _FAR * both.peak) | (size > 0) & (size < both.same / _FAR)]
    for _, row in far.head(_FAR_NAMED).iterrows():
        seen = f"at most {row.peak:g}" if abs(row[measure]) > row.peak else f"{row.same:g}"
        problem = f"is far from the last load, where it was {seen}"
        yield RowIssue(
            row.file,
            int(row.line),
            measure,
            f"{row[measure]:g}",
            problem,
            "Check the unit and the digits.",
            "warning",
        )
    if len(far) > _FAR_NAMED:
        problem = f"{len(far) - _FAR_NAMED} more values are far from the last load"
        yield RowIssue(far.file.iloc[0], 0, measure, "", problem, "Check the unit of the column.", "warning")


def shown(value: object, column: Column) -> str:
    """A key value as a planner would write it: a month without its first day, 'all' and 'always' for blanks."""
    if column.type == "DATE":
        return "always" if pd.Timestamp(value).date() == ALWAYS else _day(value)
    return "all" if value == "" else f"{value:g}" if isinstance(value, float) else str(value)


def _day(value: object) -> str:
    day = pd.Timestamp(value).date().isoformat()
    return day.removesuffix("-01")
