"""What changed since an earlier plan, in words and tables: every number in a sentence stands in a table."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from sop_engine.charts.finance_bridge import bridge_figure
from sop_engine.charts.numbers import full, month, months, short, signed
from sop_engine.charts.style import FigureDict, Style, layout
from sop_engine.inputs import Inputs
from sop_engine.plan import Plan
from sop_engine.pre_sop.changes import CAUSES, MARGIN, REVENUE, UNITS, ChangeBridge
from sop_engine.pre_sop.sides import Side
from sop_engine.remedies.causes import RootCause, name_of, root_causes, spans
from sop_engine.supply_review.shortage import CAPACITY, FROZEN, LEAD_TIME, LIMIT, MATERIAL

NAMED, IN_TITLE = 3, 2  # drivers in a sentence, in a title
WORTH_SAYING = 0.02  # of all that moved up and down
ROUNDING = 0.5  # of a unit or a coin, which is what a bar is drawn to
BASELINE = "Statistical baseline"
_OF_DEMAND = {
    UNITS: "demand",
    REVENUE: "demand value",
    MARGIN: "demand margin",
}


def measure_words(bridge: ChangeBridge) -> str:
    """What the bridge is of: delivered volume, revenue, gross margin, or the same of demand."""
    if bridge.demand_only:
        return _OF_DEMAND[bridge.measure]
    return "delivered volume" if bridge.measure == UNITS else bridge.measure


def unit_of(bridge: ChangeBridge, inputs: Inputs) -> str:
    return "units" if bridge.measure == UNITS else inputs.money.base_currency


def change_title(bridge: ChangeBridge, inputs: Inputs) -> str:
    """The change and its two largest drivers: "Revenue -834 k USD since Plan 2013-12: exchange -1.71 M"."""
    change = bridge.end - bridge.start
    moved = f"{signed(change)} {unit_of(bridge, inputs)}" if abs(change) > ROUNDING else "unchanged"
    drivers = ", ".join(f"{name} {signed(bridge.total[name])}" for name in _largest(bridge)[:IN_TITLE])
    title = f"{measure_words(bridge).capitalize()} {moved} since {bridge.start_label}"
    return f"{title}: {drivers}" if drivers else title


def change_figure(bridge: ChangeBridge, inputs: Inputs, scope: str, style: Style) -> FigureDict:
    """The bridge in the notation of all bridges. scope: the part of the company, as a phrase"""
    of, unit = measure_words(bridge), unit_of(bridge, inputs)
    labels = [inputs.calendar.plan_labels[period] for period in bridge.periods]
    subtitle = f"{of.capitalize()}, {unit}; {scope}, {months(labels)}; the scale does not begin at zero"
    words = change_title(bridge, inputs)
    figure = bridge_figure(bridge, of, unit, scope, style, words)
    title = layout(style, words, subtitle)["title"]
    return {**figure, "layout": {**figure["layout"], "title": title}}


def change_words(bridge: ChangeBridge, plan: Plan, families: np.ndarray, since: str = "since") -> str:
    """The change, its largest drivers, the family that makes most of each, and why where supply does.

    "Gross margin falls 0.81 M USD since Plan 2013-12, Jan 14 to Dec 14: -1.10 M capacity, -0.90 M of it in
    Road Bikes because Frame Welding is full in Mar 14 to May 14; +0.30 M price."
    families: (products,) of the bridge; since: how it stands to what it is compared with
    """
    labels = [plan.inputs.calendar.plan_labels[period] for period in bridge.periods]
    since, unit = f"{since} {bridge.start_label}, {months(labels)}", unit_of(bridge, plan.inputs)
    subject, change = measure_words(bridge).capitalize(), bridge.end - bridge.start
    drivers = "; ".join(_driver_words(bridge, driver, plan, families) for driver in _largest(bridge))
    if not drivers:
        return f"{subject}: nothing changed {since}."
    moved = f"{'rises' if change > 0 else 'falls'} {short(abs(change))}"
    moved = moved if abs(change) > ROUNDING else f"stays at {short(bridge.end)}"
    return f"{subject} {moved} {unit} {since}: {drivers}."


def detail_table(bridge: ChangeBridge, plan: Plan) -> pd.DataFrame:
    """driver, cause, change: what stands inside each driver, the largest first; a cause is a step of the
    demand or the root of shortages, "" where the driver is one thing."""
    rows = [
        (driver, name_of(plan, detail), float(cells.sum()))
        for (driver, detail), cells in bridge.details.items()
    ]
    table = pd.DataFrame(rows, columns=["driver", "cause", "change"])
    table = table[table["change"].abs() > ROUNDING]
    return table.sort_values("change", key=np.abs, ascending=False, kind="stable", ignore_index=True)


def drill_table(bridge: ChangeBridge, labels: np.ndarray, axis: int, name: str) -> pd.DataFrame:
    """A total and one row per label: `name`, change, the drivers that say anything, both ends.

    labels: of the products (axis 0) or markets (axis 1)
    """
    table = bridge.by(labels, axis)
    said = [driver for driver in bridge.total if (table[driver].abs() > ROUNDING).any()]
    drill = table.assign(change=table["end"] - table["start"])[["change", *said, "start", "end"]]
    ends = {"start": bridge.start_label, "end": bridge.end_label}
    return drill.rename(columns=ends).rename_axis(name).reset_index()


def limit_words(bridge: ChangeBridge, before: Side, asked: np.ndarray, inputs: Inputs) -> Iterator[str]:
    """What the bridge cannot tell, a sentence each. asked: the plan periods that were asked for"""
    label, outside = before.label, np.setdiff1d(asked, bridge.periods)
    if outside.size:
        names = spans([month(name) for name in inputs.calendar.plan_labels], outside.tolist())
        yield f"{label} does not reach {names}, which {'are' if outside.size > 1 else 'is'} left out."
    if bridge.demand_only:
        yield f"{label} was kept without supply and money: demand is compared, at today's prices and costs."
    if set(before.steps) == {BASELINE} and before.whole_demand:
        yield f"{label} is its statistical baseline alone: all else in today's demand counts as change."
    if not before.whole_demand:
        yield f"{label} was kept without all steps of its demand: those are one driver, other demand."
    if not bridge.demand_only and not before.names_causes:
        yield f"{label} was kept without the causes of its shortages: they are one driver, supply."
    if not bridge.demand_only and before.today_rates and bridge.measure != UNITS:
        yield f"{label} was kept without its exchange rates: today's stand for them."
    if before.gone.get("demand_units", 0.0) > ROUNDING:
        yield (
            f"{full(before.gone['demand_units'])} units of demand in {label} belong to products or markets "
            "no longer on file and are left out."
        )


def _largest(bridge: ChangeBridge) -> list[str]:
    """The drivers worth saying, the largest first."""
    total = bridge.total
    least = max(ROUNDING, WORTH_SAYING * sum(map(abs, total.values())))
    return sorted((name for name in total if abs(total[name]) > least), key=lambda n: -abs(total[n]))[:NAMED]


def _driver_words(bridge: ChangeBridge, driver: str, plan: Plan, families: np.ndarray) -> str:
    """ "-1.10 M capacity, -0.90 M of it in Road Bikes because Frame Welding is full in Mar 14"."""
    cells, whole = bridge.drivers[driver], bridge.total[driver]
    parts = pd.Series(cells.sum(axis=1)).groupby(np.asarray(families, dtype=str)).sum()
    family = (parts * np.sign(whole)).idxmax()
    words, part = f"{signed(whole)} {driver}", signed(parts[family])
    if part == signed(whole):
        words += f" in {family}"
    elif len(parts) > 1:
        words += f", {part}{' of it' if abs(parts[family]) <= abs(whole) else ''} in {family}"
    return words + (_why(bridge, driver, plan, families == family) if driver in CAUSES.values() else "")


def _why(bridge: ChangeBridge, driver: str, plan: Plan, products: np.ndarray) -> str:
    """The root cause that moved most in the direction of its driver; "" where none is named."""
    sign = np.sign(bridge.drivers[driver][products].sum())
    moved = {
        detail: float(cells[products].sum()) * sign
        for (name, detail), cells in bridge.details.items()
        if name == driver and detail
    }
    if not moved or max(moved.values()) <= 0:
        return ""
    label = max(moved, key=lambda detail: moved[detail])
    if sign > 0:
        return f" because less waits for {name_of(plan, label)}"
    found = (cause for cause in root_causes(plan, bridge.periods) if cause.label == label)
    cause = next((cause for cause in found if CAUSES.get(cause.reason) == driver), None)
    return (
        f" because {cause_words(cause, plan)}" if cause else f" because more waits for {name_of(plan, label)}"
    )


def cause_words(cause: RootCause, plan: Plan) -> str:
    """A root cause as a clause: "Frame Welding is full in Mar 14 to May 14"."""
    when = spans([month(label) for label in plan.inputs.calendar.plan_labels], cause.periods)
    clauses = {
        CAPACITY: f"{cause.name} is full in {when}",
        LIMIT: f"{cause.name} gives no more in {when}",
        MATERIAL: f"{cause.name} is used up",
        LEAD_TIME: f"nothing more comes from {cause.name} in time",
        FROZEN: f"what starts in {when} is frozen for {cause.name}",
    }
    return clauses.get(cause.reason, f"nothing supplies {cause.name}")
