"""Charts of the supply review: load against capacity, supply against demand and stock, and what is short."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_engine.charts import style as look
from sop_engine.charts.numbers import month, months, percent, short
from sop_engine.charts.style import FigureDict, Style
from sop_engine.charts.view import View
from sop_engine.executive_sop.scorecard import required_load_pct
from sop_engine.money import value
from sop_engine.plan import Plan
from sop_engine.pre_sop.gaps import shortage_values
from sop_engine.supply_review.shortage import Shortage

BANDS = (0.0, 70.0, 85.0, 100.0, 110.0, 130.0)  # % required load at which the colour changes


def load_table(plan: Plan, view: View) -> pd.DataFrame:
    """Long: resource, period, required %, plan %, and required, planned, overtime and available hours; worst
    resource first.
    """
    inputs, supply = plan.inputs, plan.supply
    required = required_load_pct(plan)
    planned = np.divide(
        100 * supply.load,
        supply.available,
        out=np.full(supply.load.shape, np.nan),
        where=supply.available > 0,
    )
    labels = inputs.calendar.plan_labels
    rows = [
        (
            inputs.network.resources.name[r],
            labels[t],
            required[r, t],
            planned[r, t],
            supply.required[r, t],
            supply.load[r, t],
            supply.overtime[r, t],
            supply.available[r, t],
        )
        for r in worst_first(plan, view)
        for t in view.periods
    ]
    names = [
        "resource",
        "period",
        "required %",
        "planned %",
        "required hours",
        "planned hours",
        "overtime hours",
        "available hours",
    ]
    return pd.DataFrame(rows, columns=names)


def worst_first(plan: Plan, view: View) -> list[int]:
    """Positions of the resources with known hours, the highest required load of the view's months first."""
    load = required_load_pct(plan)[:, view.periods]
    known = np.flatnonzero(~np.isnan(load).all(axis=1))
    return sorted(known.tolist(), key=lambda r: (-float(np.nanmax(load[r])), r))


def load_heat_map(plan: Plan, view: View, style: Style, title: str) -> FigureDict:
    """Required load of each resource and month in bands; what the plan loads stands on hover."""
    order = worst_first(plan, view)
    required = required_load_pct(plan)[np.ix_(order, view.periods)]
    table = load_table(plan, view)
    hover = table[["planned %", "overtime hours", "available hours"]].to_numpy().reshape(*required.shape, 3)
    names = [_fitting(str(plan.inputs.network.resources.name[r])) for r in order]
    trace = {
        "type": "heatmap",
        "x": [month(plan.inputs.calendar.plan_labels[t]) for t in view.periods],
        "y": names,
        "z": [look.values(row, 1) for row in required],
        "zmin": BANDS[0],
        "zmax": BANDS[-1],
        "colorscale": _steps(style.heat),
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "texttemplate": "%{z:.0f}",
        "textfont": {"size": 13},
        "customdata": np.nan_to_num(hover).round(1).tolist(),
        "hovertemplate": "%{y}, %{x}<br>required %{z:.1f} % of hours<br>plan %{customdata[0]:.1f} %, "
        "overtime %{customdata[1]:,.0f} h<br>available %{customdata[2]:,.0f} h<extra></extra>",
    }
    subtitle = (
        "required load, % of available hours, whole company; colour changes at 70, 85, 100 and 110 %; "
        "on hover the plan"
    )
    height = 110 + max(3, len(names)) * 36
    layout = look.layout(
        style,
        title,
        subtitle,
        height,
        yaxis={"autorange": "reversed", "showgrid": False, "title": None},
        xaxis={"type": "category", "side": "bottom", "tickangle": 0, "nticks": 12, "showgrid": False},
        hovermode="closest",
    )
    return {"data": [trace], "layout": layout}


def load_sentence(plan: Plan, view: View) -> str:
    """Where the load is worst: "Final Assembly needs 118.2 % of its hours in Mar 14; 5 resource-months are
    above 100 %".
    """
    order = worst_first(plan, view)
    if not order:
        return "No hours are known: load routing and resource to see the load"
    load = required_load_pct(plan)[order[0], view.periods]
    worst = int(np.nanargmax(load))
    above = int((required_load_pct(plan)[:, view.periods] > 100.0001).sum())
    count = (
        f"{above} resource-month{'s are' if above != 1 else ' is'} above 100 %"
        if above
        else "no resource is above 100 %"
    )
    name = plan.inputs.network.resources.name[order[0]]
    when = month(plan.inputs.calendar.plan_labels[view.periods[worst]])
    span = months([plan.inputs.calendar.plan_labels[t] for t in view.periods])
    return f"{name} needs {percent(float(load[worst]))} of its hours in {when}, of {span}; {count}"


def triple_series(plan: Plan, view: View) -> pd.DataFrame:
    """Per period of the view, products sold of its filter over all markets: supply, demand, delivered,
    stock, target stock.

    supply = what comes in less what own bills and transfers take = change of stock + what is shipped to
    customers.
    In units, or at standard cost where the view is in money, so that stock and flow are one measure.
    """
    products = view.products & plan.inputs.products.sellable
    supply = plan.supply
    parts = {
        "supply": (supply.arrivals - supply.used).sum(axis=1),
        "demand": plan.demand.unconstrained.sum(axis=1),
        "delivered": supply.delivered.sum(axis=1),
        "stock": supply.stock.sum(axis=1),
        "target stock": supply.target.sum(axis=1),
    }
    measured = {
        name: value(cells, plan.finance.unit_cost) if view.money else cells for name, cells in parts.items()
    }
    labels = [plan.inputs.calendar.plan_labels[t] for t in view.periods]
    columns = {name: cells[products][:, view.periods].sum(axis=0) for name, cells in measured.items()}
    return pd.DataFrame({"period": labels, **columns})


def supply_triple(plan: Plan, view: View, style: Style) -> FigureDict:
    """Supply bars against the demand line above, stock against its target below; one time axis."""
    rows = triple_series(plan, view)
    days = look.plan_days(plan.inputs.calendar, view.periods)
    below = {"xaxis": "x", "yaxis": "y2"}
    traces = [
        look.bars("Supply", days, rows["supply"].to_numpy(), style.prior),
        look.line("Demand", days, rows["demand"].to_numpy(), style.plan),
        look.line("Delivered", days, rows["delivered"].to_numpy(), style.actual, dash="dash"),
        look.line(
            "Stock", days, rows["stock"].to_numpy(), style.plan, fill="tozeroy", fillcolor=style.band, **below
        ),
        look.line("Target stock", days, rows["target stock"].to_numpy(), style.muted, dash="dot", **below),
    ]
    flows, stocks = rows[["supply", "demand", "delivered"]], rows[["stock", "target stock"]]
    tops = [1.08 * max(float(part.to_numpy().max()), 1.0) for part in (flows, stocks)]
    layout = look.layout(
        style,
        _triple_title(rows, view),
        f"{f'{plan.inputs.money.base_currency} at standard cost' if view.money else 'units'}, products sold"
        f"{f' of {view.words}' if not view.whole else ''}, all markets; grey bars: supply less own use",
        460,
        xaxis=look.months_axis(style, plan.inputs.calendar, days) | {"anchor": "y2"},
        yaxis={
            "domain": [0.42, 1],
            "range": [min(0.0, float(rows["supply"].min())), tops[0]],
            "tickformat": "~s",
        },
        yaxis2={"domain": [0, 0.34], "range": [0, tops[1]], "tickformat": "~s"},
        annotations=[
            *_ends(
                rows,
                {"Demand": ("demand", style.plan), "Delivered": ("delivered", style.actual)},
                days[-1],
                tops[0],
                "y",
            ),
            *_ends(
                rows,
                {"Stock": ("stock", style.plan), "Target": ("target stock", style.muted)},
                days[-1],
                tops[1],
                "y2",
            ),
        ],
        margin={"r": 100},
    )
    return {"data": traces, "layout": layout}


def _triple_title(rows: pd.DataFrame, view: View) -> str:
    missing = float((rows["demand"] - rows["delivered"]).sum())
    over = float(rows["stock"].iloc[-1] - rows["target stock"].iloc[-1])
    unit = " at cost" if view.money else " units"
    first = (
        f"Demand of {short(missing)}{unit} is not delivered" if missing > 0.5 else "All demand is delivered"
    )
    return f"{first}; stock ends {short(abs(over))} {'above' if over >= 0 else 'below'} its target"


def _ends(
    rows: pd.DataFrame, names: dict[str, tuple[str, str]], x: str, top: float, axis: str
) -> list[dict[str, object]]:
    ends = [(name, float(rows[column].iloc[-1]), color) for name, (column, color) in names.items()]
    return [{**one, "yref": axis} for one in look.end_labels(ends, x, top, 0.08 if axis == "y" else 0.14)]


def shortage_table(plan: Plan, view: View) -> pd.DataFrame:
    """What is late or lost of the view's products and months, dearest first: money at the net price of the
    markets that lack it, and why.
    """
    inputs = plan.inputs
    shown = set(view.periods.tolist())
    rows = [
        _shortage_row(plan, one, money)
        for one, money in zip(plan.supply.shortages, shortage_values(plan), strict=True)
        if view.products[one.product] and one.period in shown
    ]
    names = ["money", "units", "product", "family", "due", "what", "reason", "why"]
    table = pd.DataFrame(rows, columns=names)
    unit = inputs.money.base_currency or "money"
    return table.sort_values(
        ["money", "units", "product"], ascending=[False, False, True], ignore_index=True
    ).rename(columns={"money": unit})


def shortage_sentence(plan: Plan, view: View) -> str:
    """What the shortages of the view are worth and their dearest cause."""
    table = shortage_table(plan, view)
    if table.empty:
        return "Nothing is late or lost."
    known = not table.iloc[:, 0].isna().all()
    column, unit = (table.columns[0],) * 2 if known else ("units", "units")
    causes = table.groupby("reason")[column].sum().sort_values(ascending=False)
    return (
        f"{short(float(table[column].sum()))} {unit} of demand is late or lost in {len(table)} cases; "
        f"{short(float(causes.iloc[0]))} for {causes.index[0]}."
    )


def _shortage_row(plan: Plan, shortage: Shortage, money: float) -> tuple[object, ...]:
    products = plan.inputs.products
    named = [axis for axis in (plan.inputs.network.resources, products) if shortage.cause in axis.positions]
    cause = str(named[0].name[named[0].positions[shortage.cause]]) if named else shortage.cause
    return (
        money,
        shortage.units,
        str(products.name[shortage.product]),
        str(products.family[shortage.product]),
        month(plan.inputs.calendar.plan_labels[shortage.period]),
        shortage.kind,
        f"{shortage.reason} of {cause}" if cause else shortage.reason,
        shortage.sentence,
    )


def _fitting(name: str, letters: int = 28) -> str:
    """A name that leaves room for the months beside it."""
    return name if len(name) <= letters else f"{name[: letters - 1]}…"


def _steps(colors: tuple[str, ...]) -> list[list[object]]:
    """A colour scale that jumps at BANDS instead of blending."""
    share = [edge / BANDS[-1] for edge in BANDS]
    return [[edge, color] for i, color in enumerate(colors) for edge in (share[i], share[i + 1])]
