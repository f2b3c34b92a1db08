"""Inventory: stock in money against its band, its cover in days, excess, obsolete and what is missing, by
family and period; the classic cumulative picture; and the parts of a safety stock in words.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from sop_engine.charts import style as look
from sop_engine.charts.heat import Cells, heat_map
from sop_engine.charts.numbers import month, percent, short
from sop_engine.charts.panels import panel_title
from sop_engine.charts.style import FigureDict, Style
from sop_engine.charts.view import View
from sop_engine.money import value, worth
from sop_engine.plan import Plan
from sop_engine.supply_review.excess import (
    Excess,
    excess_of,
    most_stock,
    short_of_target,
    whole_demand,
)
from sop_engine.supply_review.inventory import ALERT, OK, OVERSTOCK, SHORTAGE, cover_status, coverage

ROWS = 16  # families in the heat map
STATES = (SHORTAGE, ALERT, OK, OVERSTOCK)
YEAR = 365.0  # days
ROUNDING = 1e-6  # days that a solved plan may be off its target


@dataclass(frozen=True, eq=False)
class Stock:
    """The stock of a plan in units, (products, periods) over all sites unless said otherwise; unit_cost as in
    the plan, NaN where none is stated.

    demand: of customers and of bills for them; owed: units that customers wait for or that are lost in the
    period; most: what the maximum cover allows, the target where the policy gives none; bounded: (products,)
    bool: the policy gives one somewhere; missing: below target, place by place
    """

    plan: Plan
    stock: np.ndarray
    target: np.ndarray
    most: np.ndarray
    bounded: np.ndarray
    demand: np.ndarray
    owed: np.ndarray
    missing: np.ndarray
    excess: Excess

    def money(self, units: np.ndarray) -> np.ndarray:
        """(products, periods) at standard cost; NaN throughout where no cost at all is known."""
        return worth(units, self.plan.finance.unit_cost)

    def by_period(self, units: np.ndarray, view: View) -> np.ndarray:
        """(periods of the view,) money of its products."""
        return self.money(units)[view.products][:, view.periods].sum(axis=0)

    @cached_property
    def families(self) -> np.ndarray:
        """(products,) family names."""
        return self.plan.inputs.products.family.astype(str)


def stock_of(plan: Plan) -> Stock:
    """What the inventory review looks at, worked out once for a plan."""
    inputs, supply = plan.inputs, plan.supply
    by_site, targets = supply.stock, supply.target
    most = most_stock(inputs, plan.levers, plan.demand, supply)
    stock, demand = by_site.sum(axis=1), whole_demand(inputs, plan.demand.unconstrained)
    ahead = int(inputs.settings["excess_periods"])
    return Stock(
        plan=plan,
        stock=stock,
        target=targets.sum(axis=1),
        most=np.where(np.isnan(most), targets, most).sum(axis=1),
        bounded=~np.isnan(most).all(axis=(1, 2)),
        demand=demand,
        owed=(supply.backlog + supply.lost).sum(axis=1),
        missing=short_of_target(by_site, targets).sum(axis=1),
        excess=excess_of(stock, demand, ahead, inputs.calendar.season),
    )


def most_of(stock: Stock, view: View) -> np.ndarray | None:
    """(periods of the view,) most stock of its products sold, in its measure; None where no policy says."""
    sold = view.products & stock.plan.inputs.products.sellable
    chosen = sold if sold.any() else view.products
    if not (chosen & stock.bounded).any():
        return None
    units = value(stock.most, stock.plan.finance.unit_cost) if view.money else stock.most
    return units[chosen][:, view.periods].sum(axis=0)


def months_table(stock: Stock, view: View) -> pd.DataFrame:
    """By month end, money of the view's products: stock, target, most, excess, obsolete, below target."""
    parts = {
        "stock": stock.stock,
        "target": stock.target,
        "most": np.where(stock.bounded[:, None], stock.most, 0.0),
        "excess": stock.excess.excess,
        "obsolete": stock.excess.obsolete,
        "below target": stock.missing,
    }
    labels = [stock.plan.inputs.calendar.plan_labels[t] for t in view.periods]
    return pd.DataFrame(
        {"period": labels, **{name: stock.by_period(units, view) for name, units in parts.items()}}
    )


def family_table(stock: Stock, view: View) -> pd.DataFrame:
    """One row per family, the most money of excess, obsolete and shortfall first; means of the month ends.

    days: how many days of its demand, customers' and bills', the mean stock is; turns a year likewise
    """
    days = stock.plan.inputs.calendar.plan_days[view.periods].sum()
    parts = {
        "stock": stock.stock,
        "target": stock.target,
        "excess": stock.excess.excess,
        "obsolete": stock.excess.obsolete,
        "below target": stock.missing,
    }
    frame = pd.DataFrame(
        {name: stock.money(units)[:, view.periods].mean(axis=1) for name, units in parts.items()}
    )
    frame["demand"] = stock.money(stock.demand)[:, view.periods].sum(axis=1)
    rows = frame[view.products].groupby(stock.families[view.products]).sum().rename_axis("family")
    rows = rows[(rows[list(parts)] > 0.5).any(axis=1)].reset_index()
    daily = (rows["demand"] / days).replace(0.0, np.nan)
    rows = rows.assign(days=rows["stock"] / daily, turns=YEAR * daily / rows["stock"].replace(0.0, np.nan))
    rows.insert(1, "at stake", rows[["excess", "obsolete", "below target"]].sum(axis=1))
    return rows.drop(columns="demand").sort_values(
        ["at stake", "family"], ascending=[False, True], ignore_index=True
    )


def summary(stock: Stock, view: View) -> str:
    """Stock, its turns, excess, obsolete and shortfall in one sentence or two."""
    plan, table = stock.plan, months_table(stock, view)
    currency, last = plan.inputs.money.base_currency, table.iloc[-1]
    worthless = (table["excess"] + table["obsolete"]).mean()
    turns, days = turns_and_days(stock, view)
    scope = f" of {view.words}" if not view.whole else ""
    return (
        f"Stock{scope} ends {month(str(last['period']))} at {short(last['stock'])} {currency} "
        f"against a target of {short(last['target'])}; its average turns {turns:.1f} times a year and lasts "
        f"{days:.0f} days. "
        f"{short(worthless)} of it is excess or obsolete on average, "
        f"{short(table['below target'].mean())} {currency} are missing below target."
    )


def turns_and_days(stock: Stock, view: View) -> tuple[float, float]:
    """Times a year that stock turns, and days it lasts: mean stock / standard cost of what is delivered x
    days.
    """
    plan = stock.plan
    sold = plan.finance.standard_cost[view.products].sum(axis=1)[:, view.periods].sum()
    length = float(plan.inputs.calendar.plan_days[view.periods].sum())
    mean = stock.by_period(stock.stock, view).mean()
    if not sold > 0 or not mean > 0:
        return np.nan, np.nan
    days = float(mean / sold * length)
    return YEAR / days, days


def excess_figure(stock: Stock, view: View, style: Style) -> FigureDict:
    """Stock by month as what is needed, excess and obsolete, with its target; below, what is missing."""
    plan, table = stock.plan, months_table(stock, view)
    calendar, currency = plan.inputs.calendar, plan.inputs.money.base_currency
    days = look.plan_days(calendar, view.periods)
    needed = (table["stock"] - table["excess"] - table["obsolete"]).to_numpy()
    missing = table["below target"].to_numpy()
    tops = [1.12 * max(float(table[["stock", "target"]].max().max()), 1.0), 1.25 * max(missing.max(), 1.0)]
    axis, (shapes, zones) = look.months_axis(style, calendar, days), look.zones(calendar, style)
    last, below = table.iloc[-1], {"xaxis": "x", "yaxis": "y2"}
    ends = [
        ("Needed", needed[-1] / 2, style.plan),
        ("Excess", needed[-1] + last["excess"] / 2, style.scenario),
        ("Obsolete", needed[-1] + last["excess"] + last["obsolete"] / 2, style.bad),
        ("Target", float(last["target"]), style.text),
    ]
    ahead = int(plan.inputs.settings["excess_periods"])
    return {
        "data": [
            look.bars("Needed", days, needed, style.plan),
            look.bars("Excess", days, table["excess"].to_numpy(), style.scenario),
            look.bars("Obsolete", days, table["obsolete"].to_numpy(), style.bad),
            look.line("Target", days, table["target"].to_numpy(), style.text, dash="dot"),
            look.bars("Below target", days, missing, style.muted, **below),
        ],
        "layout": look.layout(
            style,
            _excess_title(table, currency),
            f"{currency} at standard cost, month ends{_of(view)}; excess: above the "
            f"demand of the next {ahead} months; obsolete: no demand to come",
            440,
            xaxis=axis | {"anchor": "y2"},
            yaxis={"domain": [0.32, 1], "range": [0, tops[0]], "tickformat": "~s"},
            yaxis2={"domain": [0, 0.2], "range": [0, tops[1]], "tickformat": "~s", "nticks": 3},
            barmode="stack",
            bargap=0.25,
            shapes=shapes,
            annotations=[
                *zones,
                *look.end_labels(ends, axis["range"][1], tops[0]),
                panel_title("Missing below target, place by place", 0, 0.2, style),
            ],
            margin={"r": 96},
        ),
    }


def _excess_title(table: pd.DataFrame, currency: str) -> str:
    over = table["excess"] + table["obsolete"]
    if not over.max() > 0.5:
        return "No stock is excess or obsolete"
    at = int(over.argmax())
    return (
        f"{short(float(over.max()))} {currency} of stock is excess or obsolete in "
        f"{month(str(table['period'].iloc[at]))}, {short(float(over.iloc[-1]))} at the end"
    )


def cover_table(stock: Stock, view: View) -> pd.DataFrame:
    """Long: family, period, stock, days of cover, least and most days, status; the families at stake first.

    Cover walks forward through the demand to come, at standard cost; obsolete stock covers nothing. Least is
    what the target lasts for, most what the maximum cover allows. A family is in shortage where customers
    wait for more of one of its products than lies anywhere. A family that nobody asks for is left out.
    """
    calendar, plan = stock.plan.inputs.calendar, stock.plan
    length = float(np.mean(calendar.plan_days))
    parts = {
        "stock": stock.stock - stock.excess.obsolete,
        "least": stock.target,
        "most": stock.most,
        "demand": stock.demand,
        "short": np.maximum(stock.owed - stock.stock, 0.0),
    }
    asked = set(stock.families[view.products & (stock.demand > 0).any(axis=1)])
    order = [name for name in family_table(stock, view)["family"] if name in asked]
    member = (stock.families[None, :] == np.array(order, dtype=str)[:, None]) & view.products
    money = {name: member @ value(units, plan.finance.unit_cost) for name, units in parts.items()}
    cover = {
        name: length * coverage(money[name], money["demand"], calendar.season)
        for name in ("stock", "least", "most")
    }
    bounded = (member & stock.bounded).any(axis=1)[:, None]
    high = np.where(bounded, cover["most"], np.inf)
    projected = np.where(money["short"] > 0.5, -money["short"], money["stock"])
    status = cover_status(projected, cover["stock"], cover["least"] - ROUNDING, high + ROUNDING)
    at = np.ix_(np.arange(len(order)), view.periods)
    shape = len(order), len(view.periods)
    columns = {
        "family": np.repeat(np.array(order, dtype=object), shape[1]),
        "period": np.tile([calendar.plan_labels[t] for t in view.periods], shape[0]),
        "stock": money["stock"][at].ravel(),
        "days": cover["stock"][at].ravel(),
        "least days": cover["least"][at].ravel(),
        "most days": np.where(np.isinf(high), np.nan, high)[at].ravel(),
        "short": money["short"][at].ravel(),
        "status": status[at].ravel(),
    }
    return pd.DataFrame(columns)


def cover_figure(stock: Stock, view: View, style: Style, table: pd.DataFrame) -> FigureDict:
    """Days of cover by family and month, coloured by status; the families at stake first."""
    families = table["family"].drop_duplicates().tolist()
    names = families[:ROWS]
    shown = table[table["family"].isin(names)]
    shape = len(names), len(view.periods)
    days = shown["days"].to_numpy().reshape(shape)
    hover = shown[["days", "least days", "most days", "stock", "short"]].to_numpy().reshape(*shape, 5)
    state = shown["status"].map({name: i for i, name in enumerate(STATES)}).to_numpy(dtype=float)
    currency = stock.plan.inputs.money.base_currency
    cells = Cells(
        names,
        state.reshape(shape) + 0.5,
        [["∞" if np.isinf(cell) else f"{cell:.0f}" for cell in row] for row in days],
        hover,
        "%{customdata[0]:,.0f} days of cover<br>target %{customdata[1]:,.0f} to %{customdata[2]:,.0f} days"
        f"<br>stock %{{customdata[3]:,.0f}} {currency}, short %{{customdata[4]:,.0f}} {currency}",
    )
    counts = table["status"].value_counts()
    whole = max(len(table), 1)
    title = (
        f"{percent(100 * counts.get(OK, 0) / whole)} of family-months are in their band; "
        f"{counts.get(SHORTAGE, 0)} short of what customers want, {counts.get(ALERT, 0)} below target, "
        f"{counts.get(OVERSTOCK, 0)} above the most"
    )
    cut = f"; drawn: {len(names)} of {len(families)} families, most at stake" if families[ROWS:] else ""
    return heat_map(
        cells,
        stock.plan.inputs.calendar,
        view.periods,
        style,
        title,
        f"days of demand that stock lasts for{_of(view)}; red: short, orange: below target, "
        f"blue: above the most, ∞: no demand to come{cut}",
        (0.0, 1.0, 2.0, 3.0, 4.0),
        (style.bad, style.heat[3], style.heat[0], style.heat[2]),
        row_height=26,
    )


def _of(view: View) -> str:
    return "" if view.whole else f", {view.words}"
