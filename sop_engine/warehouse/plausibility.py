"""What is allowed but unlikely, said as warnings: missing rates, gaps, values unlike the last load."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from sop_engine.errors import RowIssue
from sop_engine.warehouse.batch import Batch
from sop_engine.warehouse.dictionary import Table
from sop_engine.warehouse.settings import heavy_weights, unknown_settings

_NAMED = 3  # examples a summary names
_FAR = 10.0  # a value this many times the last load's is far outside
_FAR_NAMED = 20


def warnings(batch: Batch) -> list[RowIssue]:
    """Everything in the batch that a planner should look at, though it may be right."""
    rules = (currencies, gaps, far_values, unknown_settings, heavy_weights)
    return [issue for rule in rules for issue in rule(batch)]


def currencies(batch: Batch) -> Iterator[RowIssue]:
    """Currencies of markets that have no exchange rate, a warning: their prices cannot be valued."""
    if not {"market", "fx_rate"} & set(batch.rows) or "currency" not in batch.after("market"):
        return
    settings, rates = batch.after("setting"), batch.after("fx_rate").get("currency", ())
    base = settings.loc[settings["name"] == "base_currency", "value"] if "name" in settings else ()
    known = {"", *base, *rates}
    file = (batch.rows["market"] if "market" in batch.rows else batch.rows["fx_rate"]).file[0]
    for currency in sorted(set(batch.after("market")["currency"].dropna()) - known):
        fix = "Add its rate to fx_rate.csv, or set base_currency in setting.csv."
        yield RowIssue(file, 0, "currency", currency, "has no exchange rate", fix, "warning")


def gaps(batch: Batch) -> Iterator[RowIssue]:
    """Months without a line inside the history: of the whole company, and of product-market pairs."""
    for part in batch.parts:
        rows = part.rows
        if part.table.name != "sales_history" or not {"product", "market", "period"} <= set(rows.columns):
            continue
        months = rows["period"].to_numpy(dtype="datetime64[M]").astype(int)
        known = months != np.datetime64("NaT", "M").astype(int)
        pairs = rows[["product", "market"]].assign(month=months)[known].drop_duplicates()
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
            count = f"{len(holes)} of {len(span)} product-market histories"
            yield _gap(part.file, f"{count} have months without a line: {named}{more}")


def _hole(pairs: pd.DataFrame, key: tuple[str, str]) -> str:
    own = set(pairs[(pairs["product"] == key[0]) & (pairs["market"] == key[1])].month)
    return f"{key[0]} in {key[1]} {_months(sorted(set(range(min(own), max(own) + 1)) - own))}"


def _months(numbers: list[int]) -> str:
    return few([str(np.datetime64(int(number), "M")) for number in numbers])


def _gap(file: str, problem: str) -> RowIssue:
    fix = "Fine where nothing was asked for; else add the lines."
    return RowIssue(file, 0, "period", "", problem, fix, "warning")


def far_values(batch: Batch) -> Iterator[RowIssue]:
    """Values over ten times the most of the last load, or under a tenth of what the same key had then."""
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
        problem, fix = f"is far from the last load, where it was {seen}", "Check the unit and the digits."
        yield RowIssue(row.file, int(row.line), measure, f"{row[measure]:g}", problem, fix, "warning")
    if len(far) > _FAR_NAMED:
        problem = f"{len(far) - _FAR_NAMED} more values are far from the last load"
        yield RowIssue(far.file.iloc[0], 0, measure, "", problem, "Check the unit of the column.", "warning")


def few(words: list[str]) -> str:
    """The first words of a list and how many more there are."""
    return ", ".join(words[:_NAMED]) + (f" and {len(words) - _NAMED} more" if len(words) > _NAMED else "")
