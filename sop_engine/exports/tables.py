"""The plan as files: one tidy long CSV per subject over the reported periods, and the scorecard as JSON.

Units are units, hours are hours, money is in the currency its row names. Blank is not known. Rows come in the
order of their labels; products, markets, sites and routes with nothing in any period are left out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from sop_engine.executive_sop.scorecard import scorecard
from sop_engine.executive_sop.window import Window
from sop_engine.finance_review.statement import cut_groups, income_statement
from sop_engine.plan import Plan
from sop_engine.pre_sop.gaps import required_load_pct

DECIMALS = 6
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_plan(plan: Plan, out: Path) -> list[Path]:
    """Write every table of TABLES as CSV and scorecard.json (all reported periods) into a folder; returns
    the files."""
    out.mkdir(parents=True, exist_ok=True)
    files = [write_csv(table(plan), out / f"{name}.csv") for name, table in TABLES.items()]
    card = {
        key: round(figure, DECIMALS) if isinstance(figure, float) else figure
        for key, figure in scorecard(plan, Window.ALL).as_dict().items()
    }
    (out / "scorecard.json").write_text(
        json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    return [*files, out / "scorecard.json"]


def write_csv(frame: pd.DataFrame, path: Path) -> Path:
    """Write a frame so that a spreadsheet opens it as data: a text that would be a formula gets a leading
    apostrophe."""
    text = frame.select_dtypes(include="object").columns
    safe = frame.assign(**{name: frame[name].map(plain_text) for name in text})
    numbers = safe.select_dtypes(include="float").columns
    safe[numbers] = safe[numbers].round(DECIMALS) + 0.0  # no minus before a zero
    safe.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
    return path


def plain_text(cell: object) -> object:
    """A text as a spreadsheet shows it unread.

    >>> plain_text("=1+1")
    "'=1+1"
    """
    if not isinstance(cell, str):
        return cell
    safe = f"'{cell}" if cell.startswith(_STARTS_A_FORMULA) else cell
    return safe.replace("\r\n", "\n").replace("\r", "\n")  # a bare carriage return would break the row


def demand_table(plan: Plan) -> pd.DataFrame:
    """Per product, market, period: the steps that add up to unconstrained demand, and how it is served."""
    steps = {column_name(name): units for name, units in plan.demand.steps.items()}
    first, *others = steps
    measures = {
        "baseline_units": steps[first],
        **{f"{name}_units": steps[name] for name in others},
        "unconstrained_units": plan.demand.unconstrained,
        "on_time_units": plan.supply.on_time,
        "late_units": plan.supply.late,
        "lost_units": plan.supply.lost,
        "backlog_units": plan.supply.backlog,
    }
    return _long(
        plan, {"product": plan.inputs.products.labels, "market": plan.inputs.markets.labels}, measures
    )


def supply_table(plan: Plan) -> pd.DataFrame:
    """Per route and period: good units started, those received, and starts that demand requires."""
    network, products = plan.inputs.network, np.array(plan.inputs.products.labels, dtype=object)
    edges, sites = network.edges, np.array(network.sites.labels, dtype=object)
    measures = {
        "planned_units": plan.supply.flow,
        "received_units": plan.supply.received,
        "required_units": plan.supply.need,
    }
    table = _long(plan, {"route": edges.labels}, measures)
    routes = pd.DataFrame(
        {
            "route": np.array(edges.labels, dtype=object),
            "product": products[edges.product],
            "mode": edges.mode.astype(object),
            "site": sites[edges.site],
            "source": np.where(edges.source >= 0, sites[edges.source], ""),
        }
    )
    return routes.merge(table, on="route", validate="one_to_many")


def inventory_table(plan: Plan) -> pd.DataFrame:
    """Per product, site, period: stock at the end = stock before + arrivals - used - shipped, its target
    and its value."""
    supply = plan.supply
    measures = {
        "arrivals_units": supply.arrivals,
        "used_units": supply.used,
        "shipped_units": supply.shipped,
        "stock_units": supply.stock,
        "target_units": supply.target,
        "stock_value": supply.stock * plan.finance.unit_cost[:, None, :],
    }
    axes = {"product": plan.inputs.products.labels, "site": plan.inputs.network.sites.labels}
    return _long(plan, axes, measures).assign(currency=plan.inputs.money.base_currency)


def resource_table(plan: Plan) -> pd.DataFrame:
    """Per resource and period: hours that unconstrained demand requires, hours planned, and those there
    are."""
    network, supply = plan.inputs.network, plan.supply
    measures = {
        "required_hours": supply.required,
        "load_hours": supply.load,
        "overtime_hours": supply.overtime,
        "available_hours": supply.available,
        "overtime_limit_hours": supply.overtime_limit,
        "required_load_pct": required_load_pct(plan),
    }
    names = dict(zip(network.resources.labels, network.resources.name, strict=True))
    table = _long(plan, {"resource": network.resources.labels}, measures)
    table.insert(1, "name", table["resource"].map(names).astype(object))
    return table


def shortage_table(plan: Plan) -> pd.DataFrame:
    """Per shortage, in the order of due periods: units late or lost, and why."""
    products, sites, labels = (
        plan.inputs.products.labels,
        plan.inputs.network.sites.labels,
        plan.inputs.calendar.plan_labels,
    )
    records = [
        (
            products[shortage.product],
            ", ".join(sites[site] for site in shortage.sites),
            labels[shortage.period],
            shortage.units,
            shortage.kind,
            shortage.reason,
            shortage.cause,
            shortage.sentence,
        )
        for shortage in plan.supply.shortages
        if shortage.period < plan.inputs.calendar.horizon
    ]
    columns = ["product", "sites", "due_period", "units", "kind", "reason", "cause", "sentence"]
    frame = pd.DataFrame(records, columns=columns).astype({"units": float})
    return frame.sort_values(["due_period", "product", "sites", "kind", "cause"], ignore_index=True)


def order_table(plan: Plan) -> pd.DataFrame:
    """Per open order requested in the reported periods: units on time, late and short, the last delivery,
    and why."""
    inputs, supply, orders = plan.inputs, plan.supply, plan.inputs.demand.orders
    labels = np.array(
        [*inputs.calendar.plan_labels, ""], dtype=object
    )  # the last stands for "never", index -1
    reported = np.flatnonzero(orders.period < inputs.calendar.horizon)
    frame = pd.DataFrame(
        {
            "order": np.array(orders.labels, dtype=object)[reported],
            "product": np.array(inputs.products.labels, dtype=object)[orders.product[reported]],
            "market": np.array(inputs.markets.labels, dtype=object)[orders.market[reported]],
            "requested_period": labels[orders.period[reported]],
            "overdue": np.where(orders.overdue[reported], "yes", "no").astype(object),
            "units": orders.units[reported],
            "on_time_units": supply.fill_on_time[reported],
            "late_units": supply.fill_late[reported],
            "short_units": supply.fill_short[reported],
            "last_delivery_period": labels[supply.fill_last[reported]],
            "reason": supply.fill_reason[reported].astype(object),
        }
    )
    return frame.sort_values(
        ["order", "product", "market", "requested_period"], kind="stable", ignore_index=True
    )


def finance_table(plan: Plan) -> pd.DataFrame:
    """Per section, line, family (blank: the whole company) and period, an amount; statement costs are
    negative.

    statement: revenue to operating profit, families add up to the company; plan: demand, losses and stock in
    money, and the balances; cash: the lines of the cash effect; budget: the version the plan is held against
    """
    statement = income_statement(plan.inputs, plan.finance, "family").frame()
    parts = [
        statement.assign(section="statement"),
        *_family_lines(plan),
        *(_line(plan, "cash", line, "", amount) for line, amount in plan.finance.cash.items()),
        _line(plan, "cash", "cash effect", "", plan.finance.cash_effect),
        _line(plan, "plan", "receivables", "", plan.finance.receivables),
        _line(plan, "plan", "payables", "", plan.finance.payables),
    ]
    table = pd.concat(parts, ignore_index=True)
    reported = table["period"].isin(plan.inputs.calendar.plan_labels[: plan.inputs.calendar.horizon])
    columns = ["section", "line", "family", "period", "amount"]
    return (
        table.loc[reported, columns].assign(currency=plan.inputs.money.base_currency).reset_index(drop=True)
    )


TABLES = {
    "demand": demand_table,
    "supply": supply_table,
    "inventory": inventory_table,
    "resource_load": resource_table,
    "shortages": shortage_table,
    "orders": order_table,
    "finance": finance_table,
}


def column_name(words: str) -> str:
    """A step's name as a column: "Orders above forecast" -> "orders_above_forecast"."""
    return "_".join("".join(letter if letter.isalnum() else " " for letter in words.lower()).split())


def _long(plan: Plan, axes: Mapping[str, Sequence[str]], measures: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """One row per label of the axes and reported period, for labels with anything in any measure and
    period."""
    horizon = plan.inputs.calendar.horizon
    stacked = np.stack([values[..., :horizon] for values in measures.values()], axis=-1)
    *positions, _ = np.nonzero(np.nan_to_num(stacked).any(axis=(-1, -2))[..., None])
    labels = {
        name: np.repeat(np.array(axes[name], dtype=object)[at], horizon)
        for name, at in zip(axes, positions, strict=True)
    }
    rows = stacked[tuple(positions)].reshape(-1, len(measures))
    periods = np.tile(np.array(plan.inputs.calendar.plan_labels[:horizon], dtype=object), len(positions[0]))
    return pd.DataFrame({**labels, "period": periods, **dict(zip(measures, rows.T, strict=True))})


def _family_lines(plan: Plan) -> list[pd.DataFrame]:
    finance = plan.finance
    lines = {
        ("plan", "unconstrained demand"): finance.demand_value,
        ("plan", "lost revenue"): finance.lost_revenue,
        ("plan", "lost margin"): finance.lost_margin,
        ("plan", "stock value"): finance.inventory_value[:, None, :],
    }
    if finance.budget is not None:
        name = finance.budget.version
        lines[("budget", f"{name} revenue")] = finance.budget.revenue
        lines[("budget", f"{name} gross margin")] = finance.budget.gross_margin
    families = [(label, members) for label, members, _ in cut_groups(plan.inputs, "family")]
    return [
        _line(plan, section, line, family, _stated_sum(cells[members]))
        for (section, line), cells in lines.items()
        for family, members in families
    ]


def _stated_sum(cells: np.ndarray) -> np.ndarray:
    """(cells, cells, periods) -> (periods,); NaN where nothing is stated."""
    return np.where(np.isnan(cells).all(axis=(0, 1)), np.nan, np.nansum(cells, axis=(0, 1)))


def _line(plan: Plan, section: str, line: str, family: str, amount: np.ndarray) -> pd.DataFrame:
    periods = plan.inputs.calendar.plan_labels
    return pd.DataFrame(
        {"section": section, "line": line, "family": family, "period": periods, "amount": amount}
    )
