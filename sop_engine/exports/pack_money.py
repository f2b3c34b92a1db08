"""The slides of money: scorecard and landing of the year."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_engine.charts.executive_sop import months_named
from sop_engine.charts.finance_landing import MARGIN, REVENUE, landing_table, landing_words
from sop_engine.charts.numbers import month, months, percent, short, signed
from sop_engine.executive_sop.scorecard import FIGURES, budget_of, delta_of, scorecard
from sop_engine.executive_sop.window import Window, span_of
from sop_engine.exports.pack_content import (
    Bullets,
    Chart,
    Kind,
    Label,
    Role,
    Shape,
    Slide,
    clean,
    series,
    table,
)
from sop_engine.exports.pack_material import Material

WINDOWS = {Window.FISCAL_YEAR: "Fiscal year", Window.NEXT_3: "Next 3", Window.NEXT_12: "Next 12"}


def score(material: Material) -> Slide:
    """The figures of the strip over three windows, and how the fiscal year lies to the budget."""
    cards = {name: scorecard(material.plan, window) for window, name in WINDOWS.items()}
    year = cards[WINDOWS[Window.FISCAL_YEAR]]
    budget = budget_of(year)
    rows = []
    for figure in FIGURES:
        delta = delta_of(figure, getattr(year, figure.key), getattr(budget, figure.key))
        word = {"good": "better", "bad": "worse"}.get(str(delta.verdict), "")
        values = [words_in(getattr(card, figure.key), figure.unit) for card in cards.values()]
        rows.append(
            (figure.label, values[0], words_in(delta.base, figure.unit), _gap(delta.delta, word), *values[1:])
        )
    units = [words_in(card.demand_units, "units") for card in cards.values()]
    rows.insert(1, ("  in units", units[0], "-", "-", *units[1:]))
    names = ["Figure", "Fiscal year", "Budget", "Difference", "Next 3", "Next 12"]
    shown = table(
        pd.DataFrame(rows, columns=names),
        [Kind.TEXT] * 6,
        (2.6, 1.3, 1.3, 2.4, 1.3, 1.3),
        "Scorecard against budget",
    )
    more = (
        f"Gross margin is {year.gross_margin_pct:.1f} % of revenue."
        if np.isfinite(year.gross_margin_pct)
        else "",
        f"{year.peak_resource} has the highest required load, in {month(year.peak_period)}; "
        f"{year.overloads} resource-months are above 100 %."
        if year.peak_resource
        else "",
        f"Inventory lasts {year.inventory_days:.0f} days of what is delivered next."
        if np.isfinite(year.inventory_days)
        else "",
    )
    notes = tuple(clean(one) for one in more if one)
    return Slide(
        key="scorecard",
        title=score_words(material),
        subtitle=material.in_currency(f"Whole company, {months_named(year.period)}; money")
        if material.currency
        else f"Whole company, {months_named(year.period)}",
        blocks=(shown, *((Bullets(notes, weight=0.3),) if notes else ())),
        source="Page Executive S&OP, section Scorecard; budget as in the finance review.",
    )


def score_words(material: Material) -> str:
    """Revenue and margin against budget; what is asked for where no price is known."""
    card = material.card
    if np.isnan(card.revenue) or np.isnan(material.plan.finance.price).all():
        return f"{short(card.demand_units)} units are asked for in the fiscal year; no price is loaded"
    if np.isnan(card.budget_gap):
        return f"Revenue lands at {short(card.revenue)} {card.currency}; no budget is loaded"
    told = f"Revenue lands {_side(card.budget_gap)} budget"
    if np.isfinite(card.margin_budget_gap):
        told += f", gross margin {_side(card.margin_budget_gap)}"
    fill = f"; {card.fill_rate_pct:.1f} % of the demand to go is served on time"
    return told + (fill if np.isfinite(card.fill_rate_pct) else "")


def words_in(value: float, unit: str) -> str:
    """A figure in the digits of its unit."""
    return percent(value) if unit == "%" else short(value)


def landing(material: Material) -> Slide | None:
    """The fiscal year by month against budget and prior year, of revenue, and the gaps."""
    plan = material.plan
    rows = landing_table(plan, material.view, REVENUE)
    if rows["value"].isna().any() or not rows["value"].any():
        return None
    roles = tuple(Role.ACTUAL if kind == "actual" else Role.PLAN for kind in rows["kind"])
    names = tuple(month(label) for label in rows["period"])
    unit = material.currency or "money"
    looks = {
        "prior_year": ("Prior year", Role.PRIOR),
        "value": ("Actual or plan", Role.PLAN),
        "budget": ("Budget", Role.BUDGET),
    }
    found = tuple(
        series(name, rows[key], role, **({"roles": roles} if key == "value" else {}))
        for key, (name, role) in looks.items()
        if rows[key].notna().any()
    )
    blocks = [
        Chart(
            title=f"Revenue, {unit}; dark: actual, blue: plan, outline: budget, grey: prior year",
            unit=unit,
            categories=names,
            series=found,
            shape=Shape.COLUMNS,
            alt=landing_words(rows, plan, REVENUE),
            legend=False,
            weight=1.5,
        )
    ]
    if rows["gap"].notna().any():
        blocks.append(_gap_chart(rows, names, unit))
    margin = landing_words(landing_table(plan, material.view, MARGIN), plan, MARGIN)
    blocks.append(Bullets((clean(margin + "."),), weight=0.2))
    return Slide(
        key="landing",
        title=landing_words(rows, plan, REVENUE),
        subtitle=f"Revenue, {unit}; whole company; {months_named(material.card.period)}",
        blocks=tuple(blocks),
        source="Page Finance review, section Landing.",
    )


def year_of(material: Material) -> np.ndarray:
    """Plan periods of the running fiscal year; negative ones have elapsed."""
    calendar = material.plan.inputs.calendar
    span = span_of(calendar, Window.FISCAL_YEAR)
    return np.concatenate([np.flatnonzero(span.past) - calendar.now, span.planned])


def _gap_chart(rows: pd.DataFrame, names: tuple[str, ...], unit: str) -> Chart:
    gap = rows["gap"].to_numpy()
    sides = {"Above budget": (gap > 0, Role.GOOD), "Below budget": (gap < 0, Role.BAD)}
    parts = [
        series(name, np.where(side, gap, np.nan), role, label=Label.CHANGE)
        for name, (side, role) in sides.items()
    ]
    return Chart(
        title=f"Gap to budget, {unit}",
        unit=unit,
        categories=names,
        series=tuple(one for one in parts if any(value is not None for value in one.values)),
        shape=Shape.GAPS,
        alt="Gap to budget by month, green above, red below",
        legend=False,
        weight=0.9,
    )


def span_words(material: Material, periods: np.ndarray) -> str:
    """The months of these plan periods; negative ones have elapsed."""
    calendar = material.plan.inputs.calendar
    return months([calendar.labels[calendar.now + period] for period in periods])


def _side(gap: float) -> str:
    return "on" if abs(gap) < 0.5 else f"{short(abs(gap))} {'above' if gap > 0 else 'below'}"


def _gap(gap: float, word: str) -> str:
    if np.isnan(gap):
        return "-"
    sign = "▲ " if gap > 0 else "▼ " if gap < 0 else ""
    return f"{sign}{signed(gap)} {word}".strip()
