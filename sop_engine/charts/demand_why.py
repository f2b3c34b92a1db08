"""Why a number of the consensus is what it is: the build-up of a scope by name, as table, bridge and
sentence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from sop_engine.charts import style as look
from sop_engine.charts.demand_review import band80
from sop_engine.charts.numbers import full, months, short, signed
from sop_engine.charts.style import FigureDict, Style
from sop_engine.charts.view import View
from sop_engine.demand_review.why import COLUMNS, contributions
from sop_engine.demand_review.why import build_up as taken_apart
from sop_engine.plan import Plan

TOP = 12  # causes drawn by name
NAMED = 3  # causes named in the sentence
LONGEST = 44  # letters of a name that fit beside a bar


def scope_view(plan: Plan, view: View, group: str, market: str, first: str, last: str) -> View:
    """A product, family or category in a market, region or channel over months, "" is all; units or money as
    in `view`.
    """
    inputs = plan.inputs
    start, end = (inputs.calendar.plan_labels.index(label) for label in (first, last))
    return replace(
        view,
        products=inputs.products.group(group),
        markets=inputs.markets.group(market),
        periods=np.arange(start, end + 1),
        words=", ".join(filter(None, [group, market])),
    )


def build_up(plan: Plan, view: View) -> pd.DataFrame:
    """COLUMNS of `why.build_up` over the view, and the 80 % range of the baseline where one month's is
    known.
    """
    cells = np.ix_(view.products, view.markets, view.periods)
    parts = contributions(plan.inputs, plan.levers, plan.portfolio, plan.demand, cells)
    table = taken_apart(parts, plan.finance.price[cells])
    low, high = band80(plan, replace(view, money=False))
    if len(low) == 1 and not np.isnan(low[0]):
        table.loc[0, "why"] += f"; 80 % range {full(low[0])} to {full(high[0])} units"
    return table


def why_words(table: pd.DataFrame, plan: Plan, view: View) -> str:
    """One sentence: the number, its baseline, and what moved it most, with who, when and why."""
    total, worth = table["units"].sum(), table["money"].sum(min_count=1)
    currency = plan.inputs.money.base_currency
    money = f" ({short(worth)} {currency})" if currency and not np.isnan(worth) else ""
    moves = _by_size(table.iloc[1:], _measure(table, view))
    moves = moves[moves["units"].abs() > 0.5]
    words = [f"{full(table['units'].iloc[0])} statistical", *map(_move_words, moves.head(NAMED).itertuples())]
    rest = moves.iloc[NAMED:]
    if len(rest):
        words.append(f"{_signed(rest['units'].sum())} by {len(rest)} more")
    scope = view.words or "Whole company"
    return f"{scope} in {_months(plan, view)} is {full(total)} units{money}: {', '.join(words)}."


def build_up_bridge(table: pd.DataFrame, plan: Plan, view: View, style: Style) -> FigureDict:
    """From the statistical baseline down to the consensus, each cause by name; small ones are one bar."""
    measure = _measure(table, view)
    unit = replace(view, money=measure == "money").unit(plan)
    rows = _drawn(table, measure)
    levels = np.cumsum(rows[measure].to_numpy())
    base, total, moves = float(levels[0]), float(levels[-1]), rows[measure].to_numpy()[1:]
    low, high = float(levels.min()), float(levels.max())
    room = 0.2 * (high - low) or 0.1 * abs(high) or 1.0
    floor = 0.0 if low < 0.4 * high else low - room  # a long baseline would hide what moved it
    names = [*map(_cut, rows["contribution"]), "Consensus"]
    colors = [look.difference_color(move, 1, style) for move in moves]
    ends = np.array([base, total])
    cut = "; the scale does not begin at zero" if floor else ""
    return {
        "data": [
            _bars([names[0], names[-1]], ends - floor, np.full(2, floor), style.plan, map(short, ends)),
            _bars(names[1:-1], moves, levels[:-1], colors, map(signed, moves)),
        ],
        "layout": look.layout(
            style,
            f"Judgement, launches and orders move the statistical baseline by {signed(total - base)}",
            f"{unit}, {_months(plan, view)}, {view.words or 'whole company'}{cut}",
            height=110 + 30 * len(names),
            hovermode="closest",
            barmode="overlay",
            xaxis={"range": [floor, high + room], "tickformat": "~s", "showgrid": True},
            yaxis={"categoryorder": "array", "categoryarray": names[::-1], "type": "category"},
        ),
    }


def _bars(
    names: list[str], lengths: np.ndarray, starts: np.ndarray, color: str | list[str], text: Iterable[str]
) -> dict[str, Any]:
    """Lying bars, each from its start."""
    return {
        "type": "bar",
        "orientation": "h",
        "y": names,
        "x": look.values(lengths, 2),
        "base": look.values(starts, 2),
        "marker": {"color": color},
        "text": list(text),
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": "%{y}: %{text}<extra></extra>",
    }


def _drawn(table: pd.DataFrame, measure: str) -> pd.DataFrame:
    """The baseline, the TOP largest causes in the order of the steps, and the rest as one."""
    moves = table.iloc[1:]
    moves = moves[moves[measure].abs() > 0.5]
    kept = _by_size(moves, measure).head(TOP).index
    rest = moves.drop(index=kept)
    rows = [table.iloc[[0]], moves.loc[moves.index.isin(kept)]]
    if len(rest):
        others = {"contribution": f"{len(rest)} smaller ones", measure: rest[measure].sum()}
        rows.append(pd.DataFrame([others]).reindex(columns=COLUMNS))
    return pd.concat([part for part in rows if len(part)], ignore_index=True)


def _measure(table: pd.DataFrame, view: View) -> str:
    """The column of the view's unit; units where no money is known."""
    return "money" if view.money and table["money"].notna().any() else "units"


def _by_size(table: pd.DataFrame, measure: str) -> pd.DataFrame:
    return table.loc[table[measure].abs().sort_values(ascending=False, kind="stable").index]


def _move_words(row: object) -> str:
    """'+134 by override O3 (+10 %) of A. Planner on 5 Jan 2014 (fair)'."""
    name = row.contribution[:1].lower() + row.contribution[1:]
    who = f" of {row.who}" if row.who else ""
    when = f" on {row.when}" if row.when else ""
    why = f" ({row.why})" if row.why and row.when else ""
    return f"{_signed(row.units)} by {name}{who}{when}{why}"


def _signed(units: float) -> str:
    return f"{units:+,.0f}"


def _cut(name: str) -> str:
    return name if len(name) <= LONGEST else name[: LONGEST - 1].rstrip() + "…"


def _months(plan: Plan, view: View) -> str:
    return months([plan.inputs.calendar.plan_labels[period] for period in view.periods])
