"""What the tables of the demand review must say to be planned with, and what in them is unlikely: streams and
their weights, events, forecasts as they were made, open orders, drivers.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from sop_engine.errors import RowIssue
from sop_engine.warehouse.batch import Batch
from sop_engine.warehouse.files import nearest

EVENT_STATUSES = ("planned", "agreed", "done", "rejected", "cancelled")
_FAR_YEARS = 5  # an order requested so far from the last history is a slip of the year
_NAMED = 20


def demand_faults(batch: Batch) -> Iterator[RowIssue]:
    """Lines of the demand tables that cannot be planned with."""
    for rule in (stream_faults, scope_faults, lag_faults, event_faults, snapshot_faults):
        yield from rule(batch)


def demand_warnings(batch: Batch) -> Iterator[RowIssue]:
    """Lines of the demand tables that do nothing, or hardly mean what they say."""
    for rule in (unknown_statuses, idle_events, unknown_streams, far_orders, idle_drivers, double_prices):
        yield from rule(batch)


def stream_faults(batch: Batch) -> Iterator[RowIssue]:
    """Lines of forecast_stream that say both units and money, neither, or less than nothing."""
    rows = _rows(batch, "forecast_stream", "stream")
    rows = rows.reindex(columns=rows.columns.union(["units", "amount"], sort=False))
    in_units, in_money = rows["units"].notna(), rows["amount"].notna()
    for row in rows[in_units & in_money].itertuples():
        problem = f"is given beside units {row.units:g}: one of them would not count"
        yield _issue(row, "amount", f"{row.amount:g}", problem, "Keep units or amount and blank the other.")
    for row in rows[~in_units & ~in_money].itertuples():
        problem = f"both units and amount are blank, so stream {row.stream} says nothing here"
        yield _issue(row, "units", "", problem, "Write one of them, or leave the line out.")
    for row in rows[rows["amount"] < 0].itertuples():
        yield _issue(row, "amount", f"{row.amount:g}", "is negative", "Write money of 0 or more.")


def scope_faults(batch: Batch) -> Iterator[RowIssue]:
    """Lines of streams, events and drivers that name a product together with a family it is not of."""
    masters = batch.after("product").reindex(columns=["product", "family", "category"]).fillna("")
    groups = {row.product: {row.family, row.category} for row in masters.itertuples()}
    for table in ("forecast_stream", "event", "driver"):
        rows = _rows(batch, table, "product", "family")
        for row in rows[(rows["product"] != "") & (rows["family"] != "")].itertuples():
            own = groups.get(row.product)
            if own is not None and row.family not in own:
                named = " and ".join(sorted(own - {""})) or "no family"
                problem = f"is not of product {row.product}, but of {named}"
                yield _issue(row, "family", row.family, problem, "Name the product or its family, not both.")


def lag_faults(batch: Batch) -> Iterator[RowIssue]:
    """Weights that begin or end between two periods."""
    for column in ("from_lag", "to_lag"):
        rows = _rows(batch, "consensus_weight", column)
        for row in rows[rows[column].astype(float) % 1 > 0].itertuples():
            fix = "Write a whole number of periods ahead; 1 is the first of the plan."
            yield _issue(row, column, f"{getattr(row, column):g}", "is not a whole number", fix)


def event_faults(batch: Batch) -> Iterator[RowIssue]:
    """Events that take all of the demand or of the price, or more."""
    for column in ("lift_pct", "price_change_pct"):
        rows = _rows(batch, "event", column)
        what = "demand" if column == "lift_pct" else "price"
        for row in rows[rows[column].astype(float) <= -100].itertuples():
            fix = f"Write a change above -100 %, for example -35 for 35 % less {what}."
            yield _issue(row, column, f"{getattr(row, column):g}", f"leaves nothing of the {what}", fix)


def snapshot_faults(batch: Batch) -> Iterator[RowIssue]:
    """Forecasts of a month that was over when they were made."""
    rows = _rows(batch, "forecast_snapshot", "made_in", "period").dropna(subset=["made_in", "period"])
    period, made = (pd.to_datetime(rows[name]).dt.to_period("M") for name in ("period", "made_in"))
    for row, month, cycle in zip(rows.itertuples(), period, made, strict=True):
        if month < cycle:
            fix = "Exchange or correct the two: period is the month that was forecast."
            yield _issue(row, "period", str(month), f"is before made_in {cycle}", fix)


def unknown_statuses(batch: Batch) -> Iterator[RowIssue]:
    """Statuses of events that are no usual word; the event counts."""
    rows = _rows(batch, "event", "status")
    for row in rows.itertuples():
        word = str(row.status or "").strip()
        if word and word.lower() not in EVENT_STATUSES:
            hint = nearest(word, EVENT_STATUSES) or f"Usual words are: {', '.join(EVENT_STATUSES)}."
            problem = "is no known status, so the event counts as planned"
            yield _issue(row, "status", word, problem, hint, "warning")


def idle_events(batch: Batch) -> Iterator[RowIssue]:
    """Events that change neither demand nor price."""
    effects = ["lift_pct", "lift_units", "price_change_pct"]
    rows = _rows(batch, "event", "event")
    rows = rows.reindex(columns=rows.columns.union(effects, sort=False))
    for row in rows[~rows[effects].astype(float).fillna(0.0).any(axis=1)].itertuples():
        fix = "Write lift_pct, lift_units or price_change_pct, or leave it out."
        yield _issue(row, "event", str(row.event), "changes neither demand nor price", fix, "warning")


def unknown_streams(batch: Batch) -> Iterator[RowIssue]:
    """Weights of streams of which no line is loaded."""
    streams = batch.after("forecast_stream")
    known = sorted(set(streams["stream"].dropna())) if "stream" in streams else []
    rows = _rows(batch, "consensus_weight", "stream")
    for row in rows.dropna(subset=["stream"]).drop_duplicates("stream").itertuples():
        if row.stream not in known:
            hint = nearest(row.stream, known) or "Load its lines in forecast_stream.csv, or drop the weight."
            problem = "has no line in forecast_stream, so its weight counts nowhere"
            yield _issue(row, "stream", row.stream, problem, hint, "warning")


def idle_drivers(batch: Batch) -> Iterator[RowIssue]:
    """Drivers of which nothing is told of the past, or only one and the same value."""
    history, rows = batch.after("sales_history"), _rows(batch, "driver", "driver", "period", "value")
    if rows.empty or history.empty or "period" not in history:
        return
    last = pd.to_datetime(history["period"]).max()
    for name, lines in rows.groupby("driver", sort=False):
        past = lines[pd.to_datetime(lines["period"]) <= last]
        if past["value"].nunique() < 2:
            problem = f"tells fewer than two values up to the last sales, {last:%Y-%m}"
            fix = "Load its values of the past too; without them it drives nothing."
            yield _issue(lines.iloc[0], "driver", str(name), problem, fix, "warning")


def double_prices(batch: Batch) -> Iterator[RowIssue]:
    """Drivers that are a price where the price table changes in the plan too: both would move demand."""
    history, rows = batch.after("sales_history"), _rows(batch, "driver", "driver", "period")
    prices = batch.after("price")
    if rows.empty or history.empty or prices.empty or not {"period"} <= set(prices) & set(history):
        return
    last = pd.to_datetime(history["period"]).max()
    changes = int((pd.to_datetime(prices["period"]) > last).sum())
    named = rows[rows["driver"].astype(str).str.contains("price", case=False)]
    coming = named[pd.to_datetime(named["period"]) > last]
    for row in coming.drop_duplicates("driver").itertuples() if changes else ():
        problem = f"is a price, and price.csv changes in {changes} lines of the plan too: both move demand"
        fix = "Give planned prices in one of the two."
        yield _issue(row, "driver", str(row.driver), problem, fix, "warning")


def far_orders(batch: Batch) -> Iterator[RowIssue]:
    """Orders requested years away from the last history."""
    history, rows = batch.after("sales_history"), _rows(batch, "order_book", "order", "period")
    if rows.empty or history.empty or "period" not in history:
        return
    last, day = pd.to_datetime(history["period"]).max(), pd.to_datetime(rows["period"])
    years = pd.DateOffset(years=_FAR_YEARS)
    far = rows[(day > last + years) | (day < last - years)]
    for row in far.head(_NAMED).itertuples():
        problem = f"is more than {_FAR_YEARS} years from the last history, {last:%Y-%m}"
        fix = "Check the year; an order of long ago counts as overdue."
        yield _issue(row, "period", f"{pd.Timestamp(row.period):%Y-%m-%d}", problem, fix, "warning")
    if len(far) > _NAMED:
        problem = f"{len(far) - _NAMED} more orders are requested as far away"
        yield RowIssue(far["file"].iloc[0], 0, "period", "", problem, "Check the years.", "warning")


def _rows(batch: Batch, table: str, *needed: str) -> pd.DataFrame:
    """The table's lines in the load, none where it is not in it or lacks a column."""
    rows = batch.rows.get(table)
    if rows is None or not set(needed) <= set(rows.columns):
        return pd.DataFrame({name: pd.Series(dtype=object) for name in (*needed, "file", "line")})
    return rows


def _issue(row: object, column: str, value: str, problem: str, fix: str, severity: str = "error") -> RowIssue:
    return RowIssue(row.file, int(row.line), column, value, problem, fix, severity)
