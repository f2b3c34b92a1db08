"""Why the plan is short, what relief is worth and what would help, as tables, bars and sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from sop_engine.charts import style as look
from sop_engine.charts.numbers import full, month, months, short, signed
from sop_engine.charts.panels import room_for_labels
from sop_engine.charts.style import FigureDict, Style
from sop_engine.charts.view import View
from sop_engine.plan import Plan
from sop_engine.remedies.causes import Explanation, RootCause, explain, root_causes, spans
from sop_engine.remedies.constraints import (
    HOURS,
    LEAD_TIMES,
    LIMITS,
    UNITS,
    Relief,
    Step,
    hours_of,
    margin_per_use,
)
from sop_engine.remedies.remedy import UNIT, Remedy

REMEDY_FIGURES = ("gain", "margin", "cost", "revenue", "gross_margin", "units", "fill_rate", "cash")
RELIEF_FIGURES = ("gain", "gross_margin", "revenue", "fill_rate", "cash")
PAID = "Saves (+) or costs (-)"  # overtime, other sources, freight, moves, spends and carrying
LONGEST = 40  # letters of a name that fit beside a bar


def causes_of(plan: Plan, view: View) -> tuple[RootCause, ...]:
    """Root causes of what the view's products and months lack."""
    return root_causes(plan, view.periods, view.products)


def of_money(name: str, currency: str) -> str:
    """A column of money with its currency, where one is known.

    >>> of_money("revenue", "USD"), of_money("revenue", "")
    ('revenue, USD', 'revenue')
    """
    return f"{name}, {currency}" if currency else name


def cause_table(plan: Plan, causes: Sequence[RootCause]) -> pd.DataFrame:
    """One row for each root cause: money first, then what it cuts."""
    currency = plan.inputs.money.base_currency
    labels = plan.inputs.calendar.plan_labels
    rows = [
        (
            cause.name,
            cause.reason,
            spans([month(label) for label in labels], cause.periods),
            cause.revenue,
            cause.lost_revenue,
            cause.margin,
            cause.late,
            cause.lost,
            len(cause.products),
            len(cause.markets),
        )
        for cause in causes
    ]
    money = [of_money(part, currency) for part in ("revenue", "of it lost", "margin")]
    names = ["cause", "reason", "in", *money, "late units", "lost units", "products", "markets"]
    return pd.DataFrame(rows, columns=names)


def cause_sentence(plan: Plan, causes: Sequence[RootCause]) -> str:
    """How much is short for how many causes, and the dearest of them."""
    if not causes:
        return "Nothing is late or lost."
    total, currency = sum(cause.revenue for cause in causes), plan.inputs.money.base_currency
    units = sum(cause.late + cause.lost for cause in causes)
    worth = f", {short(total)} {currency} of revenue," if not np.isnan(total) else ""
    count = f"{len(causes)} root cause{'' if len(causes) == 1 else 's'}"
    return f"{full(units)} units{worth} are late or lost for {count}. {causes[0].sentence}"


def cut_table(plan: Plan, causes: Sequence[RootCause]) -> tuple[pd.DataFrame, list[int]]:
    """The shortages of these causes, the dearest first, and their positions in the plan."""
    currency, products = plan.inputs.money.base_currency, plan.inputs.products
    rows = []
    for cause in causes:
        for position in cause.shortages:
            one = plan.supply.shortages[position]
            told = explain(plan, one)
            name, family = products.name[one.product], products.family[one.product]
            due = month(plan.inputs.calendar.plan_labels[one.period])
            why = f"{cause.reason}: {cause.name}"
            rows.append((position, told.revenue, told.margin, one.units, name, family, due, one.kind, why))
    money = [of_money("revenue", currency), of_money("margin", currency)]
    table = pd.DataFrame(rows, columns=["at", *money, "units", "product", "family", "due", "what", "why"])
    table = table.sort_values([money[0], "units", "at"], ascending=[False, False, True], ignore_index=True)
    return table.drop(columns="at"), table["at"].tolist()


def market_table(plan: Plan, told: Explanation) -> pd.DataFrame:
    """The markets that a shortage cuts, the most units first."""
    markets, order = plan.inputs.markets, np.argsort(-told.units, kind="stable")
    cut = order[told.units[order] > 0]
    columns = {"market": markets.name[cut], "priority": markets.priority[cut], "units": told.units[cut]}
    return pd.DataFrame({**columns, "part, %": 100 * told.units[cut] / told.units.sum()})


def remedy_table(plan: Plan, remedies: Sequence[Remedy]) -> pd.DataFrame:
    """Remedies that move something, ranked: what is gained net, what it is made of, what it does to the
    shortage, from when.
    """
    currency, rows = plan.inputs.money.base_currency, []
    for one in remedies:
        figures = [getattr(one.change, part) for part in REMEDY_FIGURES]
        figures[2] = -figures[2]  # so that margin and it add up to the net gain
        told = one.idea.name, remedy_words(one, currency), one.removed
        rows.append((*told, *figures, month(one.earliest), one.idea.lever.in_words(), one.idea.note))
    parts = ("net gain", "margin", PAID.lower(), "revenue", "gross margin")
    moneys = [of_money(name, currency) for name in parts]
    told = ["remedy", "what it does", "units of shortage removed"]
    service = ["units on time", "fill rate, points of %", of_money("cash", currency)]
    return pd.DataFrame(rows, columns=[*told, *moneys, *service, "acts from", "lever", "note"])


def remedy_words(one: Remedy, currency: str) -> str:
    """What a remedy does to the shortage it is meant for."""
    removed = f"removes {full(one.removed)} of {full(one.short)} units short"
    if one.cures:
        return removed
    if not one.serves_fewer:
        return "removes none of this shortage"
    money = f"earns {full(one.change.gain)} {currency} but " if one.change.gain > 0 else ""
    fewer = f"{money}serves fewer: {full(-one.change.units)} units less on time"
    return f"{fewer}; {removed}" if one.removed >= UNIT else fewer


def idle_table(remedies: Sequence[Remedy]) -> pd.DataFrame:
    """Remedies that do nothing, with the reason."""
    rows = [(one.idea.name, one.reason) for one in remedies if one.reason]
    return pd.DataFrame(rows, columns=["remedy", "note"])


def remedy_sentence(plan: Plan, cause: RootCause, remedies: Sequence[Remedy]) -> str:
    """The best cure with its gain; that no cure earns its cost, or that there is none. Never praises what
    serves fewer.
    """
    currency, what = plan.inputs.money.base_currency, f"the {cause.reason} of {cause.name}"
    best = next((one for one in remedies if one.cures), None)
    if best is None:
        earning = next((one for one in remedies if one.serves_fewer and one.change.gain > 0), None)
        only = f" {earning.idea.name} {remedy_words(earning, currency)}." if earning else ""
        return f"Nothing that the levers can do removes what {what} makes late or lost.{only}"
    does, since = remedy_words(best, currency), f"from {month(best.earliest)} on"
    if best.change.gain > 0:
        gain = f"{signed(best.change.gain)} {currency} net of what it costs"
        return f"{best.idea.name} helps most: it {does}, {gain}, {since}."
    return (
        f"Nothing that the levers can do earns its cost against {what}. {best.idea.name} comes nearest: it "
        f"{does} at {signed(best.change.gain)} {currency} net, {since}."
    )


def remedy_bars(plan: Plan, remedies: Sequence[Remedy], style: Style, title: str) -> FigureDict:
    """Margin gained and cost of each remedy that moves something, and the net of both as a mark."""
    names = [_cut(one.idea.name) for one in remedies]
    margin, cost = ([getattr(one.change, part) for one in remedies] for part in ("margin", "cost"))
    gain = [one.change.gain for one in remedies]
    paid = [-amount for amount in cost]
    net = {
        "type": "scatter",
        "mode": "markers+text",
        "name": "Net gain",
        "x": look.values(gain),
        "y": names,
        "marker": {"symbol": "line-ns", "size": 22, "line": {"width": 3, "color": style.text}},
        "text": [f"  {signed(amount)}" for amount in gain],
        "textposition": "middle right",
        "hovertemplate": "%{y}: %{x:,.0f}<extra>net gain</extra>",
        "cliponaxis": False,
    }
    return {
        "data": [
            _lying("Margin", names, margin, [_color(part, style) for part in margin]),
            _lying(PAID, names, paid, style.prior),
            net,
        ],
        "layout": look.layout(
            style,
            title,
            f"{plan.inputs.money.base_currency or 'money'}, {_all_months(plan)}, whole company; coloured: "
            f"change of revenue less standard cost; grey: {PAID.lower()}; mark: net gain, the sum of both",
            height=120 + 46 * max(len(names), 2),
            barmode="relative",
            hovermode="closest",
            xaxis=_money_axis([*margin, *paid, *gain]),
            yaxis={"type": "category", "categoryorder": "array", "categoryarray": names[::-1]},
        ),
    }


def relief_table(plan: Plan, reliefs: Sequence[Relief]) -> pd.DataFrame:
    """Binding constraints in the order of their rank, each with the worth of relief, solved again; changes
    are those of its best step.
    """
    currency, labels = plan.inputs.money.base_currency, plan.inputs.calendar.plan_labels
    rows = []
    for rank, relief in enumerate(reliefs, 1):
        one, best = relief.constraint, relief.best
        changes = [getattr(best.change, part) if best else np.nan for part in RELIEF_FIGURES]
        binds = spans([month(label) for label in labels], one.periods)
        each = f"{relief.worth:,.1f} {currency} per {UNITS[one.kind]}" if best else ""
        most = _step(relief, best) if best else ""
        rows.append((rank, one.name, one.kind, binds, each, relief_words(relief), most, *changes))
    names = ["rank", "constraint", "kind", "binds in", "worth of one more", "holds", "best step"]
    money = [of_money(part, currency) for part in ("net gain", "gross margin", "revenue")]
    return pd.DataFrame(rows, columns=[*names, *money, "fill rate, points of %", of_money("cash", currency)])


def relief_words(relief: Relief) -> str:
    """The range in which the worth of one more holds, as amount and step."""
    if not relief.steps:
        return "no relief can act: it binds in the frozen zone, or the lever is at its end"
    last, best = relief.steps[-1], relief.best
    tried = _step(relief, last)
    if not best.change.gain > 0:
        return f"nothing is gained with up to {tried}"
    if not relief.worth > 0:
        return f"the first gain nothing, {_step(relief, best)} gain {best.each:,.1f} each"
    if relief.open_end:
        return f"up to {tried} at least"
    held = next(step for step in reversed(relief.steps) if step.amount <= relief.holds)
    then = (last.change.gain - held.change.gain) / (last.amount - held.amount)
    return f"up to {_step(relief, held)}, then {then:,.1f} to {tried}"


def relief_sentence(plan: Plan, reliefs: Sequence[Relief]) -> str:
    """The constraint whose relief gains most, with the figures of the step that does."""
    gaining = [one for one in reliefs if one.best and one.best.change.gain > 0]
    if not gaining:
        return "No binding constraint is worth relief in money: what binds is paid for by stock and overtime."
    relief = max(gaining, key=lambda one: one.best.change.gain)
    best, one, currency = relief.best, relief.constraint, plan.inputs.money.base_currency
    more = {HOURS: "more of", LIMITS: "more from", LEAD_TIMES: "less of the lead time of"}[one.kind]
    return (
        f"{full(best.amount)} {UNITS[one.kind]}s {more} {one.name} ({_size(relief, best.size)}) gain most: "
        f"{signed(best.change.gain)} {currency}, {best.each:,.1f} per {UNITS[one.kind]}."
    )


def hour_margins(plan: Plan, resource: int, periods: np.ndarray) -> pd.DataFrame:
    """family, margin per hour and hours of the demand that needs a resource, the best first."""
    found = margin_per_use(plan, hours_of(plan, resource), periods)
    rows = [(family or "All products", each, hours) for family, (each, hours) in found.items()]
    each = of_money("margin per hour", plan.inputs.money.base_currency)
    return pd.DataFrame(rows, columns=["family", each, "hours"])


def hour_margin_bars(plan: Plan, resource: int, periods: np.ndarray, style: Style) -> FigureDict:
    """What an hour of a resource earns with each family."""
    table = hour_margins(plan, resource, periods)
    names, each = [_cut(name) for name in table["family"]], table.iloc[:, 1].tolist()
    name, currency = plan.inputs.network.resources.name[resource], plan.inputs.money.base_currency
    title = f"No demand needs {name}"
    if names:
        best, least = (f"{names[at]}, {short(each[at])}" for at in (0, -1))
        title = f"An hour of {name} earns most with {best}; least with {least}"
    bars = _lying("Margin per hour", names, each, [_color(part, style) for part in each])
    labels = {"text": [short(part) for part in each], "textposition": "outside", "cliponaxis": False}
    return {
        "data": [bars | labels],
        "layout": look.layout(
            style,
            title,
            f"{currency or 'money'} of net price less standard cost per hour of it, components included, "
            f"{_all_months(plan)}",
            height=120 + 40 * max(len(names), 2),
            hovermode="closest",
            xaxis=_money_axis(each or [1.0]),
            yaxis={"type": "category", "categoryorder": "array", "categoryarray": names[::-1]},
        ),
    }


def _step(relief: Relief, step: Step) -> str:
    """A step's amount and size."""
    return f"{full(step.amount)} {UNITS[relief.constraint.kind]}s ({_size(relief, step.size)})"


def _size(relief: Relief, size: float) -> str:
    return f"{size:g} days" if relief.constraint.kind == LEAD_TIMES else f"{size:+g} %"


def _lying(name: str, names: list[str], lengths: list[float], color: str | list[str]) -> dict[str, Any]:
    return {
        "type": "bar",
        "orientation": "h",
        "name": name,
        "y": names,
        "x": look.values(lengths, 1),
        "marker": {"color": color},
        "hovertemplate": f"%{{y}}: %{{x:,.0f}}<extra>{look.html(name.lower())}</extra>",
    }


def _money_axis(amounts: list[float]) -> dict[str, Any]:
    return {"range": room_for_labels(amounts, 0.2), "tickformat": "~s", "showgrid": True}


def _color(amount: float, style: Style) -> str:
    return look.difference_color(amount, 1, style)


def _all_months(plan: Plan) -> str:
    return months(plan.inputs.calendar.plan_labels[: plan.inputs.calendar.horizon])


def _cut(name: str) -> str:
    return name if len(name) <= LONGEST else name[: LONGEST - 1].rstrip() + "…"
