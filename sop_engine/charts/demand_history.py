"""Tables and figures of the history under review: flagged periods, a product's past, what it is made of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sop_engine.charts import style as look
from sop_engine.charts.numbers import month, short
from sop_engine.charts.panels import axis, stacked
from sop_engine.charts.style import FigureDict, Style
from sop_engine.charts.view import View
from sop_engine.demand_review.cleansing import (
    Decomposition,
    Flag,
    FlagKind,
    by_product,
    decompose,
    irregular,
    until_last_sale,
)
from sop_engine.demand_review.series import clean
from sop_engine.plan import Plan

WORDS = {FlagKind.OUTLIER: "outlier", FlagKind.STOCK_OUT: "stock-out", FlagKind.PROMOTION: "promotion"}
NO_DEMAND = "no demand in the plan"
SHAPES = {FlagKind.OUTLIER: "diamond", FlagKind.STOCK_OUT: "triangle-down", FlagKind.PROMOTION: "star"}


def unit_values(plan: Plan) -> np.ndarray:
    """(products,) net price that history realised, else the plan's mean price; NaN where neither is known."""
    demand = plan.inputs.demand
    units, revenue = (np.nansum(a, axis=(1, 2)) for a in (demand.history, demand.revenue_history))
    priced = np.isfinite(plan.finance.price)
    planned = np.nansum(plan.finance.price, axis=(1, 2)) / np.where(priced.any(axis=(1, 2)), 1, np.nan)
    planned = planned / np.maximum(priced.sum(axis=(1, 2)), 1)
    realised = np.divide(revenue, units, out=np.full(len(units), np.nan), where=units > 0)
    return np.where(realised > 0, realised, planned)


def flag_table(flags: Sequence[Flag], plan: Plan) -> pd.DataFrame:
    """One row per flag, in the given order: product, name, period, kind, sold, expected, money at stake,
    evidence, plan (NO_DEMAND where it sells nothing of the product).
    """
    inputs = plan.inputs
    at_stake = f"{inputs.money.base_currency} at stake".strip()
    rows = [
        {
            "product": inputs.products.labels[flag.product],
            "name": inputs.products.name[flag.product],
            "period": month(inputs.calendar.labels[flag.period]),
            "kind": WORDS[flag.kind],
            "sold": flag.raw,
            "expected": flag.expected,
            at_stake: flag.money,
            "evidence": flag.evidence,
            "plan": "" if planned(plan, flag) else NO_DEMAND,
        }
        for flag in flags
    ]
    columns = ["product", "name", "period", "kind", "sold", "expected", at_stake, "evidence", "plan"]
    table = pd.DataFrame(rows, columns=columns)
    return table if table[at_stake].notna().any() else table.drop(columns=at_stake)


def judged_table(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per row of history_correction, in words."""
    return pd.DataFrame(
        [
            (
                row.product,
                row.market or "all",
                month(f"{row.period:%Y-%m}"),
                WORDS[FlagKind(row.kind)],
                row.raw_units,
                row.units,
                row.status,
                row.reason,
                f"{row.created_by}, {row.created_at:%d %b %y %H:%M}",
            )
            for row in rows.itertuples()
        ],
        columns=["product", "market", "period", "kind", "sold", "fitted on", "verdict", "reason", "made"],
    )


def decomposition_of(plan: Plan, product: int) -> tuple[slice, Decomposition] | None:
    """The past buckets from a product's first to its last sale over all markets, and their trend, season and
    remainder; None where it is not regular.
    """
    history = by_product(plan.inputs.demand.history[product : product + 1])[0]
    life, season = clean(history), plan.inputs.calendar.season
    if irregular(life, season):
        return None
    begin, sold = len(history) - len(life), until_last_sale(life)
    return slice(begin, begin + len(sold)), decompose(sold, season)


def series_table(plan: Plan, product: int, cleaned: np.ndarray) -> pd.DataFrame:
    """One row per bucket, past and planned: day, period, sold, cleaned, expected, baseline, low 80, high 80;
    units over all markets, NaN where it does not apply.

    cleaned: (products, markets, past buckets) what the baseline is fitted on
    """
    inputs = plan.inputs
    calendar, baseline = inputs.calendar, inputs.demand.baseline
    count, ahead = calendar.now + calendar.horizon, slice(0, calendar.horizon)
    past = {
        "sold": by_product(inputs.demand.history[product : product + 1])[0],
        "cleaned": by_product(cleaned[product : product + 1])[0],
        "expected": _expected(plan, product),
    }
    coming = {
        "baseline": baseline.units[product].sum(axis=0)[ahead],
        "low 80": baseline.lo80[product][ahead],
        "high 80": baseline.hi80[product][ahead],
    }
    before, after = np.full(calendar.now, np.nan), np.full(calendar.horizon, np.nan)
    return pd.DataFrame(
        {
            "day": look.days(calendar, 0, count),
            "period": calendar.labels[:count],
            **{name: np.concatenate([values, after]) for name, values in past.items()},
            **{name: np.concatenate([before, values]) for name, values in coming.items()},
        }
    )


def product_history(
    plan: Plan, product: int, cleaned: np.ndarray, flags: Sequence[Flag], style: Style, title: str
) -> FigureDict:
    """A product's past as sold, as cleaned and as expected, its flags by shape and word, and its baseline."""
    rows = series_table(plan, product, cleaned)
    first = int(np.flatnonzero(rows["sold"].notna())[0]) if rows["sold"].notna().any() else 0
    rows = rows.iloc[first:]
    days, calendar = rows["day"].tolist(), plan.inputs.calendar
    changed = bool(((rows["cleaned"] - rows["sold"]).abs() > 1e-9).any())
    top = 1.15 * float(np.nanmax(rows.drop(columns=["day", "period"]).to_numpy(dtype=float), initial=1.0))
    marks, labels = _marks([f for f in flags if f.product == product], plan, style)
    shapes, zones = look.zones(calendar, style)
    traces = [
        *look.band("80 % range", days, rows["low 80"].to_numpy(), rows["high 80"].to_numpy(), style),
        look.line("Expected", days, rows["expected"].to_numpy(), style.prior, width=2, dash="dot"),
        look.line("Baseline", days, rows["baseline"].to_numpy(), style.plan, width=2, dash="dash"),
        *[look.line("Cleaned", days, rows["cleaned"].to_numpy(), style.scenario, width=2)] * changed,
        look.line("Sold", days, rows["sold"].to_numpy(), style.actual),
        *marks,
    ]
    key = {
        "solid as sold": True,
        "dotted as expected from trend and season": rows["expected"].notna().any(),
        "orange as cleaned": changed,
        "dashed the baseline with its 80 % range": True,
    }
    subtitle = "units a month over all markets; " + ", ".join(words for words, drawn in key.items() if drawn)
    return {
        "data": traces,
        "layout": look.layout(
            style,
            title,
            subtitle,
            380,
            xaxis=look.months_axis(style, calendar, days),
            yaxis={"range": [0, top], "tickformat": "~s"},
            shapes=shapes,
            annotations=[*zones, *labels],
        ),
    }


def decomposition_panels(
    plan: Plan, product: int, where: slice, parts: Decomposition, style: Style
) -> FigureDict:
    """Trend in units; season and remainder as factors around 1, one panel each.

    where, parts: as `decomposition_of` returns them
    """
    days = look.days(plan.inputs.calendar, where.start, where.stop)
    titles = ("Trend, units", "Season, factor", "Remainder, factor")
    axes, labels = stacked(style, titles, (1, 1, 1))
    traces = [
        look.line(name, days, values, style.actual, yaxis=axis("y", row), hovertemplate="%{y:,.2f}")
        | {"y": look.values(values, 3)}
        for row, (name, values) in enumerate(zip(titles, (parts.trend, parts.season, parts.remainder)), 1)
    ]
    share = {name: f"{100 * value:.0f} %" for name, value in parts.shares.items()}
    title = f"Trend explains {share['trend']} of how it varies, season {share['season']}"
    label = plan.inputs.products.labels[product]
    subtitle = f"{label}, over all markets; STL of the logarithms; {share['remainder']} is neither"
    axes["xaxis"] = look.months_axis(style, plan.inputs.calendar, days) | axes["xaxis"]
    return {"data": traces, "layout": look.layout(style, title, subtitle, 460, annotations=labels, **axes)}


def in_view(flags: Sequence[Flag], view: View, plan: Plan) -> list[Flag]:
    """The flags of the products that are looked at; those that the plan still sells first, each in the given
    order.
    """
    return sorted(
        (flag for flag in flags if view.products[flag.product]), key=lambda flag: not planned(plan, flag)
    )


def planned(plan: Plan, flag: Flag) -> bool:
    """Whether the plan sells anything of the flag's product, so that its history matters."""
    return bool(plan.demand.unconstrained[flag.product].sum() > 0.5)


def stake_words(flags: Sequence[Flag], plan: Plan) -> str:
    """What the flags are worth together: "USD 120 k", or units where no price is known."""
    money = [flag.money for flag in flags if not np.isnan(flag.money)]
    if money and plan.inputs.money.base_currency:
        return f"{plan.inputs.money.base_currency} {short(sum(money))}"
    return f"{short(sum(abs(flag.raw - flag.expected) for flag in flags))} units"


def _expected(plan: Plan, product: int) -> np.ndarray:
    """(past buckets,) trend x season; NaN where the product is not regular."""
    expected = np.full(plan.inputs.calendar.now, np.nan)
    if found := decomposition_of(plan, product):
        where, parts = found
        expected[where] = parts.expected
    return expected


def _marks(flags: Sequence[Flag], plan: Plan, style: Style) -> tuple[list[dict], list[dict]]:
    """A mark per kind of flag, and its word above the first of neighbours."""
    day = [str(start) for start in plan.inputs.calendar.starts]
    traces, labels = [], []
    for kind in dict.fromkeys(flag.kind for flag in flags):
        these = [flag for flag in flags if flag.kind == kind]
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": WORDS[kind],
                "x": [day[flag.period] for flag in these],
                "y": [round(flag.raw, 2) for flag in these],
                "text": [look.html(flag.evidence) for flag in these],
                "hovertemplate": f"{WORDS[kind]}: %{{text}}<extra></extra>",
                "marker": {"symbol": SHAPES[kind], "size": 13, "color": style.bad},
            }
        )
        labels += [
            look.label(
                WORDS[kind],
                day[flag.period],
                flag.raw,
                style.bad,
                yanchor="bottom",
                xshift=0,
                xanchor="center",
            )
            | {"yshift": 8}
            for flag in these
            if flag.period - 1 not in {other.period for other in these}
        ]
    return traces, labels
