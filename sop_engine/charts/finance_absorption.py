"""Absorption drawn: what each resource makes above or below the hours that its rate was set for."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_engine.charts.numbers import short
from sop_engine.charts.panels import dashes
from sop_engine.charts.style import FigureDict, Style, bars, layout, line, months_axis, plan_days, zones
from sop_engine.finance_review.absorption import Absorption
from sop_engine.plan import Plan


def absorption_table(plan: Plan, absorbed: Absorption, periods: np.ndarray) -> pd.DataFrame:
    """One row per own resource with a rate, most under-absorbed first: hours, rate, variance in base
    currency; negative is under-absorbed, NaN = the standard is not known."""
    names, currency = plan.inputs.network.resources.name, plan.inputs.money.base_currency
    planned = absorbed.planned[:, :, periods].sum(axis=(1, 2))
    standard = absorbed.standard[:, periods].sum(axis=1)
    table = pd.DataFrame(
        {
            "resource": [str(names[row]) for row in absorbed.resources],
            "planned hours": planned,
            "standard hours": standard,
            "standard is": list(absorbed.basis),
            f"rate, {currency} an hour": [f"{rate:,.2f}" for rate in absorbed.rate],
            f"absorption variance, {currency}": absorbed.variance[:, periods].sum(axis=1),
        }
    )
    return table.sort_values(f"absorption variance, {currency}", kind="stable", ignore_index=True)


def family_table(plan: Plan, absorbed: Absorption, periods: np.ndarray) -> pd.DataFrame:
    """family, planned hours, its share of them in % and of the variance; families without hours left out."""
    hours = absorbed.planned[:, :, periods].sum(axis=(0, 2))
    table = pd.DataFrame(
        {
            "family": absorbed.families,
            "planned hours": hours,
            "share %": 100 * hours / hours.sum() if hours.sum() else hours,
            f"absorption variance, {plan.inputs.money.base_currency}": absorbed.of_families(periods),
        }
    )
    made = table[table["planned hours"] > 0]
    return made.sort_values("planned hours", ascending=False, kind="stable", ignore_index=True)


def absorption_figure(
    plan: Plan, absorbed: Absorption, before: Absorption, periods: np.ndarray, style: Style
) -> FigureDict:
    """The variance by month, stacked by resource; dotted: the baseline's total where it differs."""
    x, names = plan_days(plan.inputs.calendar, periods), plan.inputs.network.resources.name
    variance = absorbed.variance[:, periods]
    traces = [
        bars(str(names[row]), x, amounts, style.categorical[at % len(style.categorical)])
        for at, (row, amounts) in enumerate(zip(absorbed.resources, variance, strict=True))
    ]
    total, base = (np.nansum(one.variance[:, periods], axis=0) for one in (absorbed, before))
    traces.append(dashes("All", x, total, style.text))
    if not np.allclose(total, base):
        traces.append(line("Baseline, all", x, base, style.plan, dash="dot"))
    shapes, labels = zones(plan.inputs.calendar, style)
    currency = plan.inputs.money.base_currency
    return {
        "data": traces,
        "layout": layout(
            style,
            absorption_words(absorbed, periods, currency),
            f"Absorption variance, {currency}: (planned - standard hours) x rate; own resources",
            height=360,
            barmode="relative",
            shapes=shapes,
            annotations=labels,
            showlegend=True,
            legend={"orientation": "h", "y": -0.12},
            xaxis=months_axis(style, plan.inputs.calendar, x),
        ),
    }


def absorption_words(absorbed: Absorption, periods: np.ndarray, currency: str) -> str:
    """Whether volume covers what the rates are meant to."""
    variance = absorbed.variance[:, periods]
    if not np.isfinite(variance).any():
        return "Absorption is not known: no own resource has both hours and a rate"
    total = float(np.nansum(variance))
    standard = float(np.nansum(absorbed.standard[:, periods] * absorbed.rate[:, None]))
    side = "more than" if total > 0 else "less than"
    return f"Production absorbs {short(abs(total))} {currency} {side} the {short(standard)} of standard hours"
