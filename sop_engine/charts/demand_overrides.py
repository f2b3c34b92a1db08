"""Tables of the overrides and locks: what each names, what it moves, and whether it counts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_engine.charts.numbers import day, full, month, short, signed
from sop_engine.charts.view import View
from sop_engine.demand_review.judgement import Effect, change_words, override_cells, override_moves
from sop_engine.inputs import Inputs
from sop_engine.plan import Plan

COUNTS, WITHDRAWN, LATER, EXPIRED, PAST, UNKNOWN = (
    "counts",
    "withdrawn",
    "made in a later cycle",
    "expired",
    "past or frozen",
    "names what is not loaded",
)


def override_effects(plan: Plan, view: View) -> pd.DataFrame:
    """override_id, units and money that each active override adds to the cells of the view, at the plan's
    prices (NaN where none is known), and whether its scope touches them.
    """
    price, before = plan.finance.price, plan.demand.before("Overrides")
    inside = np.zeros(before.shape, dtype=bool)
    inside[np.ix_(view.products, view.markets, view.periods)] = True
    rows = []
    for override, after in override_moves(before, plan.inputs):
        index = override_cells(override, before.shape)
        moved = (after - before)[index] * inside[index]
        known = np.isfinite(price[index]).any()
        money = np.nansum(moved * price[index]) if known else np.nan
        rows.append((override.override_id, moved.sum(), money, bool(inside[index].any())))
        before = after
    return pd.DataFrame(rows, columns=["override_id", "units", "money", "touches"])


def override_table(rows: pd.DataFrame, plan: Plan, view: View) -> pd.DataFrame:
    """One row per row of the table override, those that move most money first, then those that no longer
    count: override, scope, months, change, units, money, reason, owner, note, review, expires, made, status.
    """
    effects = override_effects(plan, view).set_index("override_id").reindex(rows["override_id"])
    currency = plan.inputs.money.base_currency
    table = pd.DataFrame(
        {
            "override": rows["override_id"].to_numpy(),
            "scope": [scope_words(row) for row in rows.itertuples()],
            "months": [span_words(row.from_period, row.to_period) for row in rows.itertuples()],
            "change": [change_words(row.kind, row.value, currency) for row in rows.itertuples()],
            "units": effects["units"].to_numpy(dtype=float),
            "money": effects["money"].to_numpy(dtype=float),
            "reason": rows["reason"].to_numpy(),
            "owner": rows["owner"].to_numpy(),
            "note": rows["note"].to_numpy(),
            "review": rows["stage"].to_numpy(),
            "expires": ["never" if pd.isna(last) else day(last.date()) for last in rows["expires"]],
            "made": [f"{row.created_by}, {row.created_at:%d %b %y %H:%M}" for row in rows.itertuples()],
            "status": [_status(row, plan.inputs) for row in rows.itertuples()],
        }
    )
    elsewhere = ~effects["touches"].isin([True]).to_numpy() & (table["status"] == COUNTS)
    table = table.assign(size=table["money"].abs(), by_units=table["units"].abs())[~elsewhere]
    ordered = table.sort_values(["size", "by_units", "override"], ascending=[False, False, True])
    return ordered.drop(columns=["size", "by_units"]).reset_index(drop=True)


def lock_table(rows: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """One row per active lock: lock, scope, months, the units it holds in the consensus, reason, owner,
    made.
    """
    locks = {lock.lock_id: lock for lock in plan.inputs.demand.locks}
    held = plan.demand.before("Overrides") + plan.demand.steps["Overrides"]
    return pd.DataFrame(
        [
            (
                row.lock_id,
                scope_words(row),
                span_words(row.from_period, row.to_period),
                float(held[override_cells(locks[row.lock_id], held.shape)].sum()),
                row.reason,
                row.owner,
                f"{row.created_by}, {row.created_at:%d %b %y %H:%M}",
            )
            for row in rows.itertuples()
        ],
        columns=["lock", "scope", "months", "units", "reason", "owner", "made"],
    )


def counting_elsewhere(rows: pd.DataFrame, table: pd.DataFrame, inputs: Inputs) -> int:
    """How many overrides count outside the view of `table`, which `override_table` made of `rows`."""
    counting = sum(_status(row, inputs) == COUNTS for row in rows.itertuples())
    return counting - int((table["status"] == COUNTS).sum())


def override_words(table: pd.DataFrame, currency: str, elsewhere: int = 0) -> str:
    """What the section says this month; table: of `override_table`, elsewhere: as of `counting_elsewhere`."""
    counting = table[table["status"] == COUNTS]
    if counting.empty and elsewhere:
        return f"No override counts in this filter; {elsewhere} elsewhere."
    if counting.empty:
        return "No override counts in the consensus."
    many = len(counting) > 1
    top = counting.iloc[0]
    moved, largest = counting[["units", "money"]].sum(min_count=1), top[["units", "money"]]
    return (
        f"{len(counting)} override{'s' * many} count{'s' * (not many)} in the consensus and "
        f"move{'s' * (not many)} it by {_both(moved, currency)}; "
        f"the largest is {top['scope']}, {top['change']} by {top['owner']}: {_both(largest, currency)}."
    )


def effect_words(effect: Effect, currency: str) -> list[str]:
    """What an override would do, said before it is made."""
    if not effect.cells:
        return ["Nothing of this scope is sold in these months: there is nothing to change."]
    priced = currency and not np.isnan(effect.amount)
    worth = f" ({short(effect.amount)} {currency})" if priced else ""
    after = f" ({short(effect.amount_after)} {currency})" if priced else ""
    change = {"units": effect.units_after - effect.units, "money": effect.amount_after - effect.amount}
    words = [
        f"The scope holds {full(effect.units)} units{worth} now and will hold "
        f"{full(effect.units_after)} units{after}: {_both(pd.Series(change), currency)}."
    ]
    if effect.spread:
        words.append(f"The scope holds nothing that tells its mix, so this is spread {effect.spread}.")
    if effect.locked_cells:
        words.append(
            f"{effect.locked_cells:,} of its {effect.cells:,} cells are locked: "
            f"{full(effect.locked_units)} units stay as they are."
        )
    if effect.beyond > 0:
        words.append("The locked cells hold more than the total asked for, so all others fall to zero.")
    return words


def scope_words(row: object) -> str:
    """The products and market that a row of override or demand_lock names."""
    return ", ".join(filter(None, [row.product or row.family or "All products", row.market]))


def span_words(first: pd.Timestamp, last: pd.Timestamp) -> str:
    """The months from the first to the last day that an override names."""
    ends = [month(f"{start:%Y-%m}") for start in (first, last)]
    return " to ".join(dict.fromkeys(ends))


def _both(moved: pd.Series, currency: str) -> str:
    """Units and, where it is known, money; what is less than a cent or a hundredth is nothing."""
    units, money = (float(round(moved[name], 2)) for name in ("units", "money"))
    return f"{signed(units)} units" + (
        f" ({signed(money)} {currency})" if currency and money == money else ""
    )


def _status(row: object, inputs: Inputs) -> str:
    """Whether an override counts, and why not."""
    if not row.active:
        return WITHDRAWN
    if row.cycle > inputs.cycle:
        return LATER
    override = {one.override_id: one for one in inputs.demand.overrides}.get(row.override_id)
    if override is None:
        return EXPIRED
    if override.first > override.last:
        return PAST
    return COUNTS if override.products.any() and override.markets.any() else UNKNOWN
