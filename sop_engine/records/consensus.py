"""The consensus of a cycle as named versions: what the next is called, which stood before it, and what moved
in between."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_engine.errors import RecordError
from sop_engine.inputs import Inputs
from sop_engine.plan import Plan
from sop_engine.records.requests import included, inclusion_words, requests_until
from sop_engine.records.rules import require_text
from sop_engine.records.snapshot import STEP
from sop_engine.warehouse.change import Change

Read = Callable[[str, list[object]], pd.DataFrame]  # Warehouse.read, or Change.read inside a transaction
UNITS = "demand_units"
TOP_FAMILIES = 5
GONE = "No longer in the data"


@dataclass(frozen=True, eq=False)
class KeptDemand:
    """The demand of a kept plan laid on today's axes; (products, markets, periods) units, NaN in periods that
    it does not cover.

    steps: {step: units}, empty where the plan was kept without its steps
    gone: {step, or "" for the whole: (periods,) units of products or markets that are no longer in the data}
    """

    units: np.ndarray
    steps: Mapping[str, np.ndarray]
    gone: Mapping[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Changes:
    """What moved from an earlier version to a plan, over the periods that both hold.

    before: name of the earlier version; first, last: bucket labels
    steps, families: name, units, money at the plan's prices; largest first, only what moved;
        money NaN for what has no price any more
    """

    before: str
    first: str
    last: str
    currency: str
    steps: pd.DataFrame
    families: pd.DataFrame

    def words(self) -> str:
        """Three lines: the total, the steps, the families that moved most."""
        if self.families.empty:
            return f"Nothing moved since {self.before}."
        total = self.families[["units", "money"]].sum()
        priced = " at this plan's prices" if self.currency else ""
        lines = [
            f"Since {self.before}, {self.first} to {self.last}{priced}: {self._amount(total)}.",
            f"By step: {self._listed(self.steps)}." if len(self.steps) else "",
            f"By family: {self._listed(self.families.head(TOP_FAMILIES))}.",
        ]
        return "\n".join(filter(None, lines))

    def _listed(self, table: pd.DataFrame) -> str:
        return "; ".join(f"{row['name']} {self._amount(row)}" for _, row in table.iterrows())

    def _amount(self, row: pd.Series) -> str:
        priced = self.currency and not np.isnan(row["money"])
        money = f" ({row['money']:+,.0f} {self.currency})" if priced else ""
        return f"{row['units']:+,.0f} units{money}"


def consensus_versions(read: Read, cycle: str = "") -> pd.DataFrame:
    """The signed versions of the consensus, newest first, columns of sign_off; of one cycle or of all."""
    rows = read(
        "SELECT * FROM sign_off WHERE stage = 'demand' AND ? IN ('', cycle) "
        "ORDER BY cycle DESC, signed_at DESC, sign_off_id DESC",
        [cycle],
    )
    unnamed = "Consensus of " + rows["cycle"]
    return rows.assign(name=rows["name"].where(rows["name"] != "", unnamed))


def version_before(read: Read, cycle: str, earlier_cycle: bool = False) -> pd.Series | None:
    """The version signed last in this cycle, else in the last cycle before it that has one; None where there
    is none.

    earlier_cycle: leave out this cycle's own
    """
    rows = consensus_versions(read)
    found = rows[rows["cycle"] < cycle] if earlier_cycle else rows[rows["cycle"] <= cycle]
    return None if found.empty else found.iloc[0]


def next_name(read: Read, cycle: str) -> str:
    """The name that the next version of a cycle takes unless somebody names it: "Consensus 2014-01 v2"."""
    taken = set(consensus_versions(read, cycle)["name"])
    return next(name for n in range(1, len(taken) + 2) if (name := f"Consensus {cycle} v{n}") not in taken)


def kept_demand(read: Read, snapshot_id: str, inputs: Inputs) -> KeptDemand:
    """The demand of a kept plan on the axes of `inputs`."""
    cells = read(
        "SELECT measure, product, market, period, value FROM plan_snapshot_cell WHERE snapshot_id = ? "
        "AND (measure = ? OR starts_with(measure, ?)) ORDER BY ALL",
        [snapshot_id, UNITS, STEP],
    )
    names = dict.fromkeys(["", *(m.removeprefix(STEP) for m in cells["measure"] if m != UNITS)])
    period = inputs.calendar.locate(cells["period"].to_numpy(dtype="datetime64[D]")) - inputs.calendar.now
    in_plan = (period >= 0) & (period < inputs.calendar.horizon)
    cells, period = cells[in_plan], period[in_plan]
    covered = np.arange(inputs.calendar.periods) <= period.max(initial=-1)
    laid = {name: _laid(cells, period, UNITS if not name else STEP + name, inputs) for name in names}
    units = {name: np.where(covered, inside, np.nan) for name, (inside, _) in laid.items()}
    return KeptDemand(units.pop(""), units, {name: gone for name, (_, gone) in laid.items()})


def _laid(
    cells: pd.DataFrame, period: np.ndarray, measure: str, inputs: Inputs
) -> tuple[np.ndarray, np.ndarray]:
    """(products, markets, periods) units of a measure, and (periods,) units whose labels are gone."""
    mine = (cells["measure"] == measure).to_numpy()
    rows, period = cells[mine], period[mine]
    product, market = (
        rows[name].map(axis.positions).fillna(-1).to_numpy(dtype=int)
        for name, axis in (("product", inputs.products), ("market", inputs.markets))
    )
    known = (product >= 0) & (market >= 0)
    value = rows["value"].to_numpy(dtype=float)
    laid = np.zeros((len(inputs.products), len(inputs.markets), inputs.calendar.periods))
    laid[product[known], market[known], period[known]] = value[known]
    return laid, np.bincount(period[~known], value[~known], minlength=inputs.calendar.periods)


def consensus_changes(read: Read, plan: Plan) -> Changes | None:
    """What the plan's consensus changes on the version before it; None where none was signed."""
    inputs = plan.inputs
    before = version_before(read, inputs.cycle)
    if before is None:
        return None
    kept = kept_demand(read, str(before["snapshot_id"]), inputs)
    both = np.flatnonzero(np.isfinite(kept.units).any(axis=(0, 1)))
    price = np.nan_to_num(plan.finance.price)[:, :, both]
    moved = plan.demand.unconstrained[:, :, both] - kept.units[:, :, both]
    family = inputs.products.family
    families = [
        (name, moved[family == name].sum(), (moved * price)[family == name].sum())
        for name in sorted(set(family))
    ]
    steps = [
        (name, *_moved(plan.demand.steps.get(name), kept, name, both, price))
        for name in dict.fromkeys([*plan.demand.steps, *kept.steps])
        if kept.steps
    ]
    labels = [inputs.calendar.plan_labels[period] for period in both] or [""]
    return Changes(
        before=str(before["name"]),
        first=labels[0],
        last=labels[-1],
        currency=inputs.money.base_currency,
        steps=_ranked(steps),
        families=_ranked([*families, (GONE, -kept.gone[""][both].sum(), np.nan)]),
    )


def _moved(
    now: np.ndarray | None, kept: KeptDemand, step: str, both: np.ndarray, price: np.ndarray
) -> tuple[float, float]:
    """Units and money that a step adds more than it did; a step that one of the two lacks counts 0 there."""
    after = 0.0 if now is None else now[:, :, both]
    moved = after - (kept.steps[step][:, :, both] if step in kept.steps else 0.0)
    gone = kept.gone[step][both].sum() if step in kept.gone else 0.0
    return float(np.sum(moved) - gone), float(np.sum(moved * price))


def _ranked(rows: list[tuple[str, float, float]]) -> pd.DataFrame:
    """name, units, money; the largest money first, what moved less than half a unit and half a coin left
    out."""
    table = pd.DataFrame(rows, columns=["name", "units", "money"])
    size = table[["units", "money"]].abs()
    table = table.assign(size=size["money"], by_units=size["units"])[size.max(axis=1) > 0.5]
    order = ["size", "by_units", "name"]
    return table.sort_values(order, ascending=[False, False, True], ignore_index=True)[
        ["name", "units", "money"]
    ]


def named_version(change: Change, plan: Plan, name: str, assumptions: str) -> dict[str, str]:
    """name, assumptions and changes of the version that is being signed.

    A blank name takes the next one; to the assumptions are added the accepted requests that the plan holds.
    Raises RecordError when the cycle has a version of this name already.
    """
    cycle, currency = plan.inputs.cycle, plan.inputs.money.base_currency
    name = require_text("The name of the consensus", name or next_name(change.read, cycle))
    if name in set(consensus_versions(change.read, cycle)["name"]):
        raise RecordError(f"{cycle} has a consensus '{name}' already. Give this one another name.")
    changes = consensus_changes(change.read, plan)
    held = included(plan.inputs, requests_until(change.read, cycle))
    requests = [inclusion_words(row, currency) for _, row in held.iterrows()]
    lines = [*(line.strip() for line in assumptions.splitlines()), *requests]
    return {
        "name": name,
        "assumptions": "\n".join(dict.fromkeys(filter(None, lines))),
        "changes": changes.words() if changes else "",
    }
