"""Risk drawn: the range of each option against the budget, its distribution, and what matters most."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sop_engine.charts.numbers import percent, short, signed
from sop_engine.charts.style import FigureDict, Style, difference_color, label, layout, values
from sop_engine.executive_sop.comparison import DO_NOTHING
from sop_engine.inputs import Inputs
from sop_engine.risk.calibration import Calibration
from sop_engine.risk.drivers import P90, Drivers, setting
from sop_engine.risk.outcome import BETTER, Outcomes

LABELS = {
    "gross_margin": "Gross margin",
    "revenue": "Revenue",
    "fill_rate_pct": "Fill rate",
    "inventory_value": "Inventory",
    "cash_effect": "Cash effect",
}
BANDS = 24  # steps of the distribution that is drawn
SHOWN = 12  # drivers of the tornado that are drawn
TARGET_PCT = (70, 90)  # share of actuals that should fall inside P10 to P90


def amount(measure: str, value: float, currency: str) -> str:
    """A value of a measure with its unit."""
    return percent(value) if measure == "fill_rate_pct" else f"{short(value)} {currency}"


def gain(measure: str, value: float, currency: str) -> str:
    """A difference of a measure with its sign and unit."""
    return f"{value:+.1f} pp" if measure == "fill_rate_pct" else f"{signed(value)} {currency}"


def option_name(name: str) -> str:
    return name or DO_NOTHING


def risk_words(rows: pd.DataFrame, measure: str, currency: str, regret: pd.DataFrame | None = None) -> str:
    """How often each option reaches the budget, or its range where there is no budget, and the worst that an
    option loses against the best one of the same draw.

    rows: as of risk_result with `name`; regret: of the same options in the same order
    """
    chosen, what = rows[rows["measure"] == measure].reset_index(drop=True), LABELS[measure].lower()
    parts = []
    for at, row in chosen.iterrows():
        name = option_name(row["name"]) if not row["name"] else f"'{row['name']}'"
        if np.isnan(row["reach_pct"]):
            span = f"{amount(measure, row['p10'], currency)} to {amount(measure, row['p90'], currency)}"
            words = f"{name} brings a {what} of {span} in eight of ten draws"
        elif at == 0:
            words = (
                f"{name} reaches the budgeted {what} in {row['reach_pct']:.0f} % of the draws"
            )
        else:
            words = f"{name} in {row['reach_pct']:.0f} %"
        if regret is not None and len(chosen) > 1:
            worst = float(regret["worst"].iloc[at])
            words += f" and brings at worst {amount(measure, worst, currency)} less than the best option"
        parts.append(words)
    return "; ".join(parts) + "."


def range_figure(rows: pd.DataFrame, measure: str, currency: str, scope: str, style: Style) -> FigureDict:
    """A bar from P10 to P90 for each option, its median marked, the budget as a line."""
    chosen = rows[rows["measure"] == measure].iloc[::-1]
    names = [option_name(name) for name in chosen["name"]]
    low, middle, high = (chosen[name].to_numpy(dtype=float) for name in ("p10", "p50", "p90"))
    colors = [style.plan if name == DO_NOTHING else style.scenario for name in names]
    said = [
        f"{amount(measure, a, currency)} | {amount(measure, b, currency)} | {amount(measure, c, currency)}"
        for a, b, c in zip(low, middle, high, strict=True)
    ]
    bar = {
        "type": "bar",
        "orientation": "h",
        "y": names,
        "x": values(high - low, 3),
        "base": values(low, 3),
        "marker": {"color": colors, "opacity": 0.35, "line": {"color": colors, "width": 1.2}},
        "width": 0.45,
        "customdata": said,
        "hovertemplate": "%{y}<br>P10 | P50 | P90: %{customdata}<extra></extra>",
    }
    median = {
        "type": "scatter",
        "mode": "markers+text",
        "x": values(middle, 3),
        "y": names,
        "marker": {"symbol": "line-ns", "size": 26, "line": {"width": 3, "color": colors}},
        "text": [amount(measure, value, currency) for value in middle],
        "textposition": "top center",
        "hoverinfo": "skip",
    }
    budget = chosen["budget"].dropna()
    shapes, notes = [], []
    if len(budget):
        at = float(budget.iloc[0])
        shapes = [_rule(at, style.budget)]
        words = f"Budget {amount(measure, at, currency)}"
        notes = [label(words, at, 1, style.budget, yref="paper", yanchor="bottom", xshift=4)]
    edges = [*low, *high, *budget]
    room = 0.08 * (max(edges) - min(edges) or abs(max(edges)) or 1.0)
    axis = {"range": [min(edges) - room, max(edges) + room], "showgrid": True, "title": {"text": ""}}
    return {
        "data": [bar, median],
        "layout": layout(
            style,
            f"{LABELS[measure]}: eight of ten draws end inside the bars",
            f"P10, P50 and P90, {_unit(measure, currency)}, {scope}; the axis does not start at zero",
            height=150 + 72 * len(names),
            xaxis=axis,
            yaxis={"showgrid": False},
            shapes=shapes,
            annotations=notes,
            hovermode="closest",
            margin={"t": 96},
        ),
    }


def curve_figure(outcomes: Outcomes, measure: str, scope: str, style: Style) -> FigureDict:
    """Share of the draws that reach at least an amount, one line for each option."""
    drawn = outcomes.values[measure]
    others = iter([style.scenario, *style.categorical[2:]])
    data: list[dict[str, Any]] = []
    for scenario, row in zip(outcomes.options, drawn, strict=True):
        color = style.plan if scenario.is_baseline else next(others)
        share = 100 * (1 - np.arange(len(row)) / len(row))
        data.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": option_name("" if scenario.is_baseline else scenario.name or "Scenario"),
                "x": values(np.sort(row), 3),
                "y": values(share, 2),
                "line": {"color": color, "width": 2.5, "shape": "hv"},
                "hovertemplate": "%{y:.0f} % of draws reach %{x:,.3s}",
            }
        )
    budget = outcomes.budget(measure)
    shapes = [] if np.isnan(budget) else [_rule(budget, style.budget)]
    notes = (
        []
        if np.isnan(budget)
        else [label("Budget", budget, 1, style.budget, yref="paper", yanchor="bottom", xshift=4)]
    )
    return {
        "data": data,
        "layout": layout(
            style,
            f"How likely it is to reach at least so much {LABELS[measure].lower()}",
            f"% of {outcomes.draws} draws, {_unit(measure, outcomes.currency)}, {scope}",
            height=360,
            showlegend=len(data) > 1,
            legend={"orientation": "h", "y": -0.15},
            xaxis={"showgrid": True},
            yaxis={"range": [0, 103], "ticksuffix": " %"},
            shapes=shapes,
            annotations=notes,
            hovermode="closest",
            margin={"t": 96},
        ),
    }


def tornado_figure(rows: pd.DataFrame, measure: str, currency: str, scope: str, style: Style) -> FigureDict:
    """What each driver alone does to a measure, the widest first."""
    shown = ranked_drivers(rows, measure).head(SHOWN).iloc[::-1]
    good = 1 if measure in BETTER else 0
    data = []
    for end in ("low", "high"):
        moved = shown[end].to_numpy(dtype=float)
        words = [
            f"{said or 'as planned'}: {gain(measure, value, currency)}"
            for said, value in zip(shown[f"{end}_words"], moved, strict=True)
        ]
        data.append(
            {
                "type": "bar",
                "orientation": "h",
                "y": list(shown["driver"]),
                "x": values(moved, 3),
                "marker": {
                    "color": [difference_color(value, good, style) for value in moved],
                    "pattern": {"shape": "/" if end == "high" else ""},
                    "opacity": 0.85,
                },
                "customdata": words,
                "hovertemplate": "%{y}<br>%{customdata}<extra></extra>",
            }
        )
    widest = "Nothing moves it" if shown.empty else f"{shown['driver'].iloc[-1]} matters most"
    return {
        "data": data,
        "layout": layout(
            style,
            widest,
            f"{LABELS[measure]} against the plan, {_unit(measure, currency, change=True)}, {scope}; each "
            "alone, all else as planned; hatched: its high end",
            height=130 + 30 * len(shown),
            barmode="overlay",
            xaxis={"showgrid": True},
            yaxis={"showgrid": False},
            hovermode="closest",
            bargap=0.3,
        ),
    }


def ranked_drivers(rows: pd.DataFrame, measure: str) -> pd.DataFrame:
    """The drivers of one measure that move it at all, the widest first."""
    mine = rows[rows["measure"] == measure]
    width = mine[["low", "high"]].clip(lower=0).max(axis=1) - mine[["low", "high"]].clip(upper=0).min(axis=1)
    least = 0.05 if measure == "fill_rate_pct" else 0.5
    return mine.assign(width=width)[width > least].sort_values("width", ascending=False, ignore_index=True)


def result_table(rows: pd.DataFrame, measure: str, regret: pd.DataFrame | None) -> pd.DataFrame:
    """option, P10, P50, P90, budget, reaches it %, and what is regretted where the draws are at hand."""
    chosen = rows[rows["measure"] == measure].reset_index(drop=True)
    table = pd.DataFrame(
        {
            "option": [option_name(name) for name in chosen["name"]],
            "P10": chosen["p10"],
            "P50": chosen["p50"],
            "P90": chosen["p90"],
            "budget": chosen["budget"],
            "reaches it %": chosen["reach_pct"],
        }
    )
    if measure == "fill_rate_pct":
        table = table.rename(columns={name: f"{name} %" for name in ("P10", "P50", "P90")})
    if regret is None:
        return table
    point = " pct" if measure == "fill_rate_pct" else ""
    return table.assign(
        **{
            "best in %": regret["best_pct"],
            f"regret, mean{point}": regret["mean"],
            f"regret, P90{point}": regret["p90"],
            f"regret, worst{point}": regret["worst"],
        }
    )


def tornado_table(rows: pd.DataFrame, measure: str) -> pd.DataFrame:
    """driver, both ends in words, and the change of the measure at each."""
    ranked = ranked_drivers(rows, measure)
    return pd.DataFrame(
        {
            "driver": ranked["driver"],
            "low end": ranked["low_words"],
            "change at it": ranked["low"],
            "high end": ranked["high_words"],
            "change there": ranked["high"],
        }
    )


def calibration_words(found: Calibration | None) -> str:
    """How often the past fell inside the range that the other cycles would have given, and closed risks."""
    if found is None or found.rows.empty:
        words = "No past cycle is replayed, so nothing tells yet how often the range holds"
    else:
        spans = [
            f"{found.inside_pct(span):.0f} % over the next {span} periods"
            for span in sorted(found.rows["span"].unique())
        ]
        low, high = TARGET_PCT
        share = found.inside_pct()
        verdict = (
            "as it should be"
            if low <= share <= high
            else "too rarely: the range is too narrow"
            if share < low
            else "more often than it should: the range is too wide"
        )
        words = (
            f"In {found.rows['made_in'].nunique()} past cycles the revenue that came fell inside P10 to P90 "
            f"in {' and '.join(spans)} ({verdict}; {low} to {high} % is the aim), each judged by the errors "
            "of the others"
        )
    if found is not None and found.closed:
        words += (
            f". {found.closed} closed risk{'s' * (found.closed > 1)}: Brier score {found.brier:.2f} "
            "(0 is perfect, 0.25 a coin's)"
        )
    return words + "."


def assumed_table(drivers: Drivers, inputs: Inputs) -> pd.DataFrame:
    """driver, spread, source: everything that is drawn, and where its spread comes from."""
    rows = [*_demand_rows(drivers), *_price_rows(drivers), *_event_rows(drivers, inputs)]
    return pd.DataFrame(rows, columns=["driver", "spread", "source"])


def _demand_rows(drivers: Drivers) -> list[tuple[str, str, str]]:
    source = (
        f"measured: forecasts of {drivers.cycles} past cycles against what came"
        if drivers.cycles
        else "80 % range of the statistical baseline: no past cycle is replayed"
    )
    names = {"company": "Demand, all", "family": "Demand of families", "product": "Demand of products"}
    rows = []
    for level in drivers.demand:
        year = min(11, level.sd.shape[1] - 1)
        first, last = (float(np.median(level.sd[:, period])) for period in (0, year))
        ends = f"{_ends(first)} in the first period, {_ends(last)} in the last of a year"
        lasts = f"{100 * level.lasting:.0f} % of the variance lasts"
        more = "" if level.name == "company" else "; shifts between them, the typical one"
        rows.append((names[level.name], f"{ends}; {lasts}{more}", source))
    rows.append(("Orders on the books and what is shipped", "none: they stay as they are", "by rule"))
    return rows


def _price_rows(drivers: Drivers) -> list[tuple[str, str, str]]:
    if drivers.price:
        spread = f"{_ends(float(drivers.price[0].sd[0].mean()))}, no trend; demand does not answer to it"
        source = f"measured: realised net prices in {drivers.cycles} past cycles against those known then"
    else:
        spread, source = "none", "not known: no past cycle is replayed"
    rows = [("Net price, all", spread, source)]
    for currency, sd in zip(drivers.rates.currencies, drivers.rates.sd, strict=True):
        words = f"{_ends(float(sd))} in one period, {_ends(float(sd * np.sqrt(12)))} in twelve; no trend"
        known = f"measured: {drivers.rates.changes} changes of the rate, drawn with those of the others"
        rows.append((f"Exchange rate of {currency}", words, known))
    return rows


def _event_rows(drivers: Drivers, inputs: Inputs) -> list[tuple[str, str, str]]:
    assumed = "assumed: setting, change it below"
    rows = [
        (
            f"Launch of {one.project}",
            f"succeeds with {100 * one.probability:.0f} %",
            "probability in the pipeline",
        )
        for one in drivers.launches
    ]
    if drivers.launches:
        slips = ", ".join(f"{100 * share:.0f} % by {periods}" for periods, share in drivers.slips if periods)
        told = (
            f"measured: {drivers.slips_seen} launch dates kept by past cycles"
            if drivers.slips_seen
            else assumed
        )
        rows.append(("Launches slip", f"{slips} periods" if slips else "never", told))
    loss, length = (setting(inputs, f"risk_supplier_loss_{name}") for name in ("pct", "periods"))
    words = f"{loss:g} % a year each, of {len(drivers.suppliers)}; nothing comes for {length:g} periods"
    rows.append(("A supplier is lost", words if drivers.suppliers else "never", assumed))
    outage, weeks = (setting(inputs, f"risk_line_outage_{name}") for name in ("pct", "weeks"))
    words = f"{outage:g} % a year each, of {len(drivers.lines)}; down for {weeks:g} weeks"
    rows.append(("A work centre is down", words if drivers.lines else "never", assumed))
    for item in drivers.items:
        lacks = f"; {' and '.join(item.unknown)} not stated, so 0" if item.unknown else ""
        how = "as its levers" if item.scenario else "its effect in money"
        rows.append(
            (item.title, f"{100 * item.probability:.0f} %, {how}{lacks}", "open item of the register")
        )
    return rows


def _ends(sd: float) -> str:
    low, high = (100 * (np.exp(z * sd) - 1) for z in (-P90, P90))
    return f"{low:+.1f} to {high:+.1f} %"


def _unit(measure: str, currency: str, change: bool = False) -> str:
    if measure == "fill_rate_pct":
        return "points" if change else "% of unconstrained demand at net price"
    return currency


def _rule(at: float, color: str) -> dict[str, Any]:
    look = {"color": color, "width": 2, "dash": "dot"}
    return {"type": "line", "x0": at, "x1": at, "y0": 0, "y1": 1, "yref": "paper", "line": look}
