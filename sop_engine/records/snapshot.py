"""A plan as it stood: its cells, its scorecards and a hash of them, written once and never changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence, Set

import numpy as np
import pandas as pd

from sop_engine.executive_sop.scorecard import scorecard
from sop_engine.executive_sop.window import Window
from sop_engine.plan import Plan
from sop_engine.pre_sop.shortfall import NO_CAUSE, short_by_cause
from sop_engine.pre_sop.sides import REQUESTED, SHORT, STEP, requested_units
from sop_engine.records.rules import next_id
from sop_engine.warehouse.change import Change

KEYS = ["measure", "product", "market", "site", "resource", "period"]
LEAST = 1e-9  # units: less is left of a difference


def write_snapshot(change: Change, plan: Plan, stage: str) -> str:
    """Keep a plan inside a transaction; returns the snapshot's id."""
    carriers = change.read("SELECT override_id FROM request WHERE override_id <> ''")["override_id"]
    cells = plan_cells(plan, frozenset(carriers))
    snapshot_id = next_id(change, "plan_snapshot", plan.inputs.cycle, "P")
    header = {
        "snapshot_id": snapshot_id,
        "cycle": plan.inputs.cycle,
        "stage": stage,
        "created_at": change.at,
        "created_by": change.who,
        "data_version": plan.inputs.version,
        "levers": plan.scenario.to_json(),
        "content_hash": content_hash(cells),
        "scorecard": json.dumps({window: json.loads(scorecard(plan, window).to_json()) for window in Window}),
    }
    change.insert("plan_snapshot", header)
    change.insert("plan_snapshot_cell", cells.assign(snapshot_id=snapshot_id))
    return snapshot_id


def plan_cells(plan: Plan, requested: Set[str] = frozenset()) -> pd.DataFrame:
    """KEYS and value of everything that is kept, in the order of KEYS; a cell that is not there is 0.

    requested: ids of the overrides that carry accepted requests out
    Reported periods, except flow and received (their edge's label stands in `product`), which are kept whole.
    ship_from_units: the unconstrained demand by the site that serves its market first; unit_cost: standard
    cost, base currency
    """
    inputs, supply, finance = plan.inputs, plan.supply, plan.finance
    products, markets = inputs.products.labels, inputs.markets.labels
    sites, resources = inputs.network.sites.labels, inputs.network.resources.labels
    reported = slice(inputs.calendar.horizon)
    cells = [
        _long(plan, measure, {"product": products, "market": markets}, values[:, :, reported])
        for measure, values in {
            "demand_units": plan.demand.unconstrained,
            "on_time_units": supply.on_time,
            "late_units": supply.late,
            "lost_units": supply.lost,
            "revenue": finance.revenue,
            "standard_cost": finance.standard_cost,
            **{STEP + name: units for name, units in plan.demand.steps.items()},
            **{REQUESTED + name: units for name, units in requested_units(plan, requested).items()},
        }.items()
    ]
    cells += _short_cells(plan)
    cells += [
        _long(plan, measure, {"product": inputs.network.edges.labels}, values)
        for measure, values in {"flow": supply.flow, "received": supply.received}.items()
    ]
    cells += [
        _long(plan, measure, {"product": products, "site": sites}, values[:, :, reported])
        for measure, values in {"stock_units": supply.stock, "target_units": supply.target}.items()
    ]
    cells += [
        _long(
            plan,
            "ship_from_units",
            {"product": products, "site": (*sites, "")},
            ship_from_units(plan)[:, :, reported],
        ),
        _long(plan, "unit_cost", {"product": products}, np.nan_to_num(finance.unit_cost)[:, reported]),
    ]
    cells += [
        _long(plan, measure, {"resource": resources}, values[:, reported])
        for measure, values in {"required_hours": supply.required, "load_hours": supply.load}.items()
    ]
    cells += [_long(plan, "exchange_rate", {"market": markets}, finance.rate[:, reported])]
    cells += [
        _long(plan, measure, {}, values[reported])
        for measure, values in {
            "gross_margin": finance.gross_margin,
            "operating_profit": finance.operating_profit,
        }.items()
    ]
    return pd.concat(cells, ignore_index=True).sort_values(KEYS, ignore_index=True)


def ship_from_units(plan: Plan) -> np.ndarray:
    """(products, sites + 1, periods) unconstrained demand at the site that serves its market first; last, of
    the markets that none serves."""
    units, lane_site = plan.demand.unconstrained, plan.inputs.network.lane_site
    total = np.zeros((units.shape[0], len(plan.inputs.network.sites) + 1, units.shape[2]))
    for market, site in enumerate(lane_site):
        total[:, site] += units[:, market]
    return total


def _short_cells(plan: Plan) -> Iterator[pd.DataFrame]:
    """What is not delivered when due, by cause: the root stands in `resource` or `site` where it is one."""
    network, reported = plan.inputs.network, slice(plan.inputs.calendar.horizon)
    axes = {"product": plan.inputs.products.labels, "market": plan.inputs.markets.labels}
    for (reason, label), units in short_by_cause(plan).items():
        if (reason, label) != NO_CAUSE:
            kept = np.where(np.abs(units) > LEAST, units, 0.0)[:, :, reported]
            place = {
                "resource": label if label in network.resources.positions else "",
                "site": label if label in network.sites.positions else "",
            }
            yield _long(plan, SHORT + reason, axes, kept).assign(**place)


def content_hash(cells: pd.DataFrame) -> str:
    """Hash of the cells, whatever the order of rows."""
    ordered = cells.sort_values(KEYS, ignore_index=True)
    digest = hashlib.sha256()
    for column in KEYS:
        digest.update("\n".join(ordered[column].astype(str)).encode())
    digest.update(ordered["value"].to_numpy(dtype=float).tobytes())
    return digest.hexdigest()[:16]


def _long(plan: Plan, measure: str, axes: Mapping[str, Sequence[str]], values: np.ndarray) -> pd.DataFrame:
    """The cells of an array that are not 0; axes name all its axes but the last, which is periods."""
    calendar = plan.inputs.calendar
    *positions, period = np.nonzero(values)
    labels = {name: np.array(axes[name], dtype=object)[at] for name, at in zip(axes, positions, strict=True)}
    blank = {key: "" for key in KEYS if key not in (*labels, "measure", "period")}
    dates = calendar.starts[calendar.now + period].astype("datetime64[s]")
    frame = pd.DataFrame({**labels, "period": dates, "value": values[*positions, period]})
    return frame.assign(measure=measure, **blank)[[*KEYS, "value"]]
