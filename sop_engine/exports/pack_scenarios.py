"""The slides of the ways to go: scenarios side by side, and the range of each where it was drawn."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_engine.charts.executive_sop import comparison_table, effects_words, months_named
from sop_engine.charts.numbers import short
from sop_engine.executive_sop.comparison import DO_NOTHING, Comparison, compare_scenarios
from sop_engine.executive_sop.scorecard import Verdict
from sop_engine.executive_sop.window import Window
from sop_engine.exports.pack_content import (
    Bullets,
    Chart,
    Kind,
    Role,
    Shape,
    Slide,
    clean,
    floating,
    scale_floor,
    series,
    table,
)
from sop_engine.exports.pack_material import Material
from sop_engine.scenario import BASELINE, Scenario

EFFECTS = 4  # figures of a chart
LOOKS = (Role.SCENARIO, Role.PLAN, Role.ACTUAL, Role.PRIOR, Role.MUTED)
MEASURES = {
    "revenue": "Revenue",
    "gross_margin": "Gross margin",
    "fill_rate_pct": "Fill rate, %",
    "inventory_value": "Inventory",
    "cash_effect": "Cash effect",
}


def compared(material: Material) -> Comparison | None:
    """The stored scenarios beside do-nothing over the fiscal year, None where none is stored."""
    if not material.scenarios:
        return None
    return compare_scenarios(material.plan, material.scenarios, Window.FISCAL_YEAR)


# what a slide has room for: the figures that the meeting decides by
FIRST = ("Gross margin", "Revenue", "Fill rate", "Cash effect", "Inventory", "Required load, worst")


def side_by_side(material: Material) -> Slide | None:
    """The figures that differ, what each scenario changes, and the money it moves."""
    found = compared(material)
    if found is None or not found.rows:
        return None
    frame = comparison_table(found)
    last = frame["Figure"].map({label: at for at, label in enumerate(FIRST)}).fillna(len(FIRST))
    frame = frame.iloc[np.argsort(last.to_numpy(), kind="stable")]
    widths = (2.4, *([2.2] * len(found.names)))
    levers = [
        f"{name}: {words}{f' ({note})' if note else ''}"
        for name, words, note in zip(found.names[1:], found.levers[1:], material.notes, strict=True)
    ]
    return Slide(
        key="scenarios",
        title=clean(effects_words(found)),
        subtitle=material.in_currency(f"Scenarios on the same data; {months_named(found.period)}; money"),
        blocks=(
            _effects(found),
            table(frame, [Kind.TEXT] * frame.shape[1], widths, "Scenarios side by side", weight=1.8),
            Bullets(tuple(map(clean, levers)), weight=0.3 + 0.15 * len(levers)),
        ),
        source="Page Executive S&OP, section Scenarios; only what differs beyond the solver's tolerance.",
    )


def ranges(material: Material) -> Slide | None:
    """P10, P50 and P90 of each scenario that was drawn on this data, and how likely it reaches the budget."""
    rows = drawn(material)
    if rows.empty:
        return None
    margin = rows[rows["measure"] == "gross_margin"]
    shown = pd.DataFrame(
        {
            "option": rows["option"],
            "figure": rows["measure"].map(MEASURES),
            "P10": rows["p10"],
            "P50": rows["p50"],
            "P90": rows["p90"],
            "budget": rows["budget"],
            "reach %": rows["reach_pct"],
        }
    )
    kinds = (Kind.TEXT, Kind.TEXT, Kind.MONEY, Kind.MONEY, Kind.MONEY, Kind.MONEY, Kind.PERCENT)
    shown = table(shown, kinds, (2.4, 2, 1.2, 1.2, 1.2, 1.3, 1.3), "Ranges of each option")
    first = rows.iloc[0]
    return Slide(
        key="ranges",
        title=range_words(margin, material.currency),
        subtitle=material.in_currency(
            f"Fiscal year; {int(first['draws'])} draws through the plan, seed {first['seed']}"
        ),
        blocks=(*((_range_chart(margin, material),) if len(margin) else ()), shown),
        source="Page Executive S&OP, risk; table risk_result.",
        beside=True,
    )


def drawn(material: Material) -> pd.DataFrame:
    """The newest result of each scenario on this data, with `option`: its name; do-nothing first."""
    rows = material.warehouse.read(
        "SELECT * FROM risk_result WHERE cycle = ? AND data_version = ? "
        "ORDER BY created_at, result_id, measure",
        [material.cycle, material.plan.inputs.version],
    )
    names = {BASELINE.to_json(): DO_NOTHING}
    names |= {Scenario(one.scenario.levers).to_json(): one.scenario.name for one in material.scenarios}
    options = [names.get(Scenario(Scenario.from_json(text).levers).to_json()) for text in rows["levers"]]
    kept = (
        rows.assign(option=options)
        .dropna(subset=["option"])
        .drop_duplicates(["option", "measure"], keep="last")
    )
    order = {name: at for at, name in enumerate(names.values())}
    by = kept["option"].map(order) if len(kept) else kept["option"]
    measure = kept["measure"].map({name: at for at, name in enumerate(MEASURES)})
    return kept.assign(by=by, at=measure).dropna(subset=["at"]).sort_values(["by", "at"], ignore_index=True)


def range_words(margin: pd.DataFrame, currency: str) -> str:
    """The range of gross margin of each option."""
    told = [f"{row.option} {short(row.p10)} to {short(row.p90)}" for row in margin.itertuples()]
    if not told:
        return "What each option may come to"
    return clean(f"Gross margin, P10 to P90, {currency}: ".replace(", :", ":") + "; ".join(told))


def _effects(found: Comparison) -> Chart:
    """Change of each money figure against do-nothing, one series per scenario."""
    rows = [row for row in found.rows if row[0].figure.unit == "money"][:EFFECTS]
    parts = tuple(
        series(name, [_drawn(row[at]) for row in rows], LOOKS[(at - 1) % len(LOOKS)])
        for at, name in enumerate(found.names)
        if at
    )
    return Chart(
        title="Change against do-nothing",
        unit=found.currency or "money",
        categories=tuple(clean(row[0].figure.label) for row in rows),
        series=parts,
        shape=Shape.BARS,
        alt=clean(effects_words(found)),
        legend=len(parts) > 1,
        weight=1.6,
    )


def _drawn(delta: object) -> float:
    """The difference, nothing where it is below the tolerance."""
    return np.nan if delta.verdict is Verdict.NOTHING else delta.delta


def _range_chart(rows: pd.DataFrame, material: Material) -> Chart:
    steps = [(row.option, row.p10, row.p90, Role.SCENARIO) for row in rows.itertuples()]
    floor = scale_floor([*rows["p10"], *rows["p90"]])
    middle = series("P50", rows["p50"], Role.ACTUAL, line=True)
    return Chart(
        title="Gross margin, P10 to P90; dark: P50",
        unit=material.currency or "money",
        categories=tuple(clean(name) for name, *_ in steps),
        series=(*floating(steps), middle),
        shape=Shape.STACKED,
        alt=range_words(rows, material.currency),
        floor=floor,
        legend=False,
    )
