"""The families that need the meeting: one rule for each way a consensus stands out, ranked by money, and what
somebody has reviewed put aside until it moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

COLUMNS = ["kind", "family", "pct", "units", "money"]
REVIEW_COLUMNS = ["status", "review_id", "note", "reviewed by", "reviewed at", "was pct"]
OPEN, REVIEWED = "open", "reviewed"


@dataclass(frozen=True)
class Rule:
    """What stands out. side: 1 only above its reference, -1 only below, 0 both; setting: threshold in %."""

    kind: str
    words: str
    setting: str
    side: int = 0


RULES = (
    Rule("cycle", "vs last cycle", "exception_cycle_pct"),
    Rule("budget", "vs budget", "exception_budget_pct"),
    Rule("statistical", "vs statistical baseline", "exception_statistical_pct"),
    Rule("prior year", "vs prior year", "exception_prior_year_pct"),
    Rule("bias", "bias of the baseline", "exception_bias_pct"),
    Rule("range", "outside the 80 % range", "exception_range_pct"),
    Rule("orders", "orders above forecast", "exception_orders_pct", side=1),
    Rule("constrained", "constrained below budget", "exception_constrained_pct", side=-1),
)
BY_KIND = {rule.kind: rule for rule in RULES}


@dataclass(frozen=True, eq=False)
class Compared:
    """A measure against its reference in cells of any one shape, families first; NaN in the reference where
    it says nothing.

    units, reference: units; money, reference_money: base currency
    """

    units: np.ndarray
    reference: np.ndarray
    money: np.ndarray
    reference_money: np.ndarray


def compared(cells: Compared, products_family: np.ndarray, shown: np.ndarray) -> pd.DataFrame:
    """family, pct, units, money of the difference, over the cells whose reference is known.

    cells: arrays (products, ...); products_family: (products,); shown: (products,) bool. pct is of the
    reference's units, of its money where only that is known; NaN where the reference is 0 or unknown.
    """
    rows = []
    for family in sorted(set(products_family[shown])):
        mine = shown & (products_family == family)
        gap, base = _gap(cells.units[mine], cells.reference[mine])
        money_gap, money_base = _gap(cells.money[mine], cells.reference_money[mine])
        pct = 100 * gap / base if base > 0 else 100 * money_gap / money_base if money_base > 0 else np.nan
        rows.append((family, pct, gap, money_gap))
    return pd.DataFrame(rows, columns=COLUMNS[1:])


def _gap(value: np.ndarray, reference: np.ndarray) -> tuple[float, float]:
    """Difference and reference where both sides are known; NaN and 0 where they are nowhere."""
    known = ~(np.isnan(reference) | np.isnan(value))
    if not known.any():
        return np.nan, 0.0
    return float((value[known] - reference[known]).sum()), float(reference[known].sum())


def ranked_exceptions(
    found: Mapping[str, pd.DataFrame], thresholds: Mapping[str, float], least: float = 0.0
) -> pd.DataFrame:
    """COLUMNS, one row per family and rule whose threshold it passes, the largest money first.

    found: {kind of rule: family, pct, units, money}; thresholds: {setting of a rule: %}
    least: base currency; a gap known to be worth less is no exception
    """
    kept = []
    for kind, table in found.items():
        rule = BY_KIND[kind]
        size = table["pct"] * rule.side if rule.side else table["pct"].abs()
        passes = (size > thresholds[rule.setting]) & ~(table["money"].abs() < least)
        kept.append(table.assign(kind=kind)[passes])
    table = pd.concat(kept, ignore_index=True) if kept else pd.DataFrame(columns=COLUMNS)
    size = table["money"].abs().fillna(0.0)
    order = table.assign(size=size, by_units=table["units"].abs().fillna(0.0)).sort_values(
        ["size", "by_units", "family", "kind"], ascending=[False, False, True, True]
    )
    return order[COLUMNS].reset_index(drop=True)


def with_reviews(
    exceptions: pd.DataFrame, reviews: pd.DataFrame, thresholds: Mapping[str, float]
) -> pd.DataFrame:
    """COLUMNS and REVIEW_COLUMNS, open ones first: an exception is reviewed while its value stays within the
    rule's threshold of what was reviewed last.

    reviews: active rows of exception_review in the order they were made, `value` in %
    """
    last = reviews.drop_duplicates(["kind", "family"], keep="last").rename(
        columns={"value": "was pct", "created_by": "reviewed by", "created_at": "reviewed at"}
    )
    table = exceptions.merge(last[["kind", "family", *REVIEW_COLUMNS[1:]]], how="left", on=["kind", "family"])
    allowed = table["kind"].map({rule.kind: thresholds[rule.setting] for rule in RULES})
    holds = (table["pct"] - table["was pct"].astype(float)).abs() <= allowed.astype(float)
    table["status"] = np.where(holds, REVIEWED, OPEN)
    ranked = table.sort_values("status", kind="stable", ignore_index=True)
    return ranked[[*COLUMNS, *REVIEW_COLUMNS]]


def at_stake(exceptions: pd.DataFrame, families: Sequence[str]) -> float:
    """Money of these families, each by its largest exception: rules overlap, so that a sum of all would count
    the same gap several times. NaN where no money is known.
    """
    mine = exceptions[exceptions["family"].isin(families)]
    largest = mine.assign(size=mine["money"].abs()).groupby("family")["size"].max()
    return float(largest.sum(min_count=1))
