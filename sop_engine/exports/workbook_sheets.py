"""What stands on the sheets of the scenario workbook."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_engine.charts.executive_sop import outlook_table
from sop_engine.charts.numbers import month
from sop_engine.charts.style import LIGHT
from sop_engine.charts.supply_inventory import months_table, stock_of
from sop_engine.charts.supply_load import load_table
from sop_engine.charts.supply_review import shortage_table
from sop_engine.executive_sop.comparison import DO_NOTHING
from sop_engine.executive_sop.scorecard import FIGURES, budget_of, delta_of, scorecard
from sop_engine.executive_sop.window import Window
from sop_engine.exports.pack_decisions import left_words, waiting
from sop_engine.exports.pack_material import Material
from sop_engine.exports.pack_scenarios import compared
from sop_engine.exports.tables import finance_table, supply_table
from sop_engine.plan import adopted_levers
from sop_engine.scenario import Lever

NUMBER, PERCENT, DECIMAL, CHANGE = "#,##0", "0.0", "#,##0.00", '"▲ "+#,##0;"▼ "-#,##0;0'


@dataclass(frozen=True)
class Sheet:
    """One sheet.

    formats: {column: number format}, NUMBER where it says nothing
    chart: (type, title, category column, value columns, rows), None for none; colors: of the value columns
    """

    name: str
    says: str
    frame: pd.DataFrame
    formats: dict[str, str] | None = None
    chart: tuple[str, str, str, tuple[str, ...], int] | None = None
    colors: tuple[str, ...] = (LIGHT.plan, LIGHT.scenario, LIGHT.actual, LIGHT.prior, LIGHT.bad)


def sheets(material: Material) -> Iterator[Sheet]:
    """All sheets that have anything to say, in order."""
    makers: Sequence[Callable[[Material], Sheet]] = (
        _scorecard,
        _scenarios,
        _outlook,
        _demand,
        _supply,
        _shortages,
        _production,
        _inventory,
        _finance,
        _inputs,
        _decisions,
    )
    return (sheet for sheet in (make(material) for make in makers) if len(sheet.frame))


def _scorecard(material: Material) -> Sheet:
    windows = {
        "Fiscal year": Window.FISCAL_YEAR,
        "Next 3": Window.NEXT_3,
        "Next 12": Window.NEXT_12,
        "All": Window.ALL,
    }
    cards = {name: scorecard(material.plan, window) for name, window in windows.items()}
    year = cards["Fiscal year"]
    budget = budget_of(year)
    rows = [
        {
            "Figure": figure.label,
            "Unit": figure.unit if figure.unit != "money" else material.currency or "money",
            **{name: getattr(card, figure.key) for name, card in cards.items()},
            "Budget, fiscal year": getattr(budget, figure.key),
            "Difference": delta_of(figure, getattr(year, figure.key), getattr(budget, figure.key)).delta,
        }
        for figure in FIGURES
    ]
    units = {name: card.demand_units for name, card in cards.items()}
    rows.insert(1, {"Figure": "Unconstrained demand, units", "Unit": "units", **units})
    formats = dict.fromkeys(cards, DECIMAL) | {"Budget, fiscal year": DECIMAL, "Difference": CHANGE}
    return Sheet("Scorecard", f"Whole company; {year.period}", pd.DataFrame(rows), formats)


def _scenarios(material: Material) -> Sheet:
    found = compared(material)
    if found is None:
        return Sheet("Scenarios", "", pd.DataFrame())
    frame = found.frame()
    keys = ["figure", "unit"]
    values = frame.pivot_table(index=keys, columns="scenario", values="value", sort=False, dropna=False)[
        list(found.names)
    ]
    deltas = frame.pivot_table(index=keys, columns="scenario", values="delta", sort=False, dropna=False)[
        list(found.names[1:])
    ]
    deltas.columns = [f"{name}, change" for name in deltas.columns]
    table = pd.concat([values, deltas], axis=1).reset_index().dropna(how="all", subset=list(found.names))
    table["unit"] = table["unit"].replace("money", material.currency or "money")
    levers = "; ".join(
        f"{name}: {words}" for name, words in zip(found.names[1:], found.levers[1:], strict=True)
    )
    money = frame[(frame["unit"] == "money") & (frame["scenario"] != DO_NOTHING)]["figure"].unique()
    table["by"] = ~table["figure"].isin(money)
    table = table.sort_values("by", kind="stable").drop(columns="by").reset_index(drop=True)
    formats = dict.fromkeys(found.names, DECIMAL) | dict.fromkeys(deltas.columns, CHANGE)
    chart = ("bar", "Change against do-nothing, money", "figure", tuple(deltas.columns), len(money))
    return Sheet("Scenarios", f"{found.period}; {levers}", table, formats, chart)


def _outlook(material: Material) -> Sheet:
    frame = outlook_table(material.plan, material.view.periods)
    named = frame.rename(columns=lambda name: name.replace("_", " ").replace("pct", "%"))
    priced = frame["revenue"].any()
    shown = ("demand value", "revenue", "gross margin") if priced else ("demand units", "delivered units")
    chart = ("column", f"{' and '.join(shown)} by month".capitalize(), "period", shown, len(frame))
    says = material.in_currency("The whole company by month; money")
    return Sheet("Outlook", says, _named_months(named), {"worst load %": PERCENT}, chart)


def _demand(material: Material) -> Sheet:
    plan = material.plan
    demand, family = plan.demand.unconstrained, plan.inputs.products.family
    priced = not np.isnan(plan.finance.price).all()
    measures = {"units": demand} | (
        {material.currency or "money": plan.finance.demand_value} if priced else {}
    )
    rows = []
    for measure, cells in measures.items():
        for name in sorted(set(family[plan.inputs.products.sellable])):
            amounts = np.nansum(cells[family == name], axis=(0, 1))[material.view.periods]
            if amounts.any():
                rows.append(
                    {"family": name, "measure": measure, **dict(zip(_months(material), amounts, strict=True))}
                )
    return Sheet(
        "Demand", "Unconstrained demand by family and month", _with_total(pd.DataFrame(rows), "measure")
    )


def _supply(material: Material) -> Sheet:
    frame = load_table(material.plan, material.view)
    formats = {"required %": PERCENT, "planned %": PERCENT}
    first = int((frame["resource"] == frame["resource"].iloc[0]).sum()) if len(frame) else 0
    worst = str(frame["resource"].iloc[0]) if len(frame) else ""
    chart = (
        "column",
        f"Hours of {worst}",
        "period",
        ("required hours", "planned hours", "available hours"),
        first,
    )
    return Sheet(
        "Supply", "Load of each resource by month, the worst first", _named_months(frame), formats, chart
    )


def _shortages(material: Material) -> Sheet:
    return Sheet(
        "Shortages", "What is late or lost, dearest first", shortage_table(material.plan, material.view)
    )


def _production(material: Material) -> Sheet:
    frame = supply_table(material.plan)
    frame = frame[frame["mode"] != "transfer"]
    keys = ["product", "mode", "site", "source"]
    wide = frame.pivot_table(index=keys, columns="period", values="planned_units", aggfunc="sum", sort=False)
    wide.columns = [month(str(label)) for label in wide.columns]
    return Sheet(
        "Production plan", "Units started or ordered by product, route and month", wide.reset_index()
    )


def _inventory(material: Material) -> Sheet:
    frame = months_table(stock_of(material.plan), material.view)
    known = frame.drop(columns="period").notna().any(axis=None) and frame["stock"].any()
    chart = ("column", "Stock and its target", "period", ("stock", "target"), len(frame))
    says = material.in_currency("Stock at the month's end at standard cost")
    return Sheet("Inventory", says, _named_months(frame) if known else frame.iloc[:0], None, chart)


def _finance(material: Material) -> Sheet:
    frame = finance_table(material.plan)
    keys = ["section", "line", "family"]
    order = frame[keys].drop_duplicates()
    wide = frame.pivot(index=keys, columns="period", values="amount").loc[[*map(tuple, order.to_numpy())]]
    wide = wide[wide.abs().sum(axis=1) > 0]
    wide.columns = [month(str(label)) for label in wide.columns]
    says = material.in_currency("By line, family (blank: the whole company) and month; costs are negative")
    return Sheet("Finance", says, wide.assign(Total=wide.sum(axis=1, min_count=1)).reset_index())


def _inputs(material: Material) -> Sheet:
    adopted = adopted_levers(material.plan.inputs)
    rows = [_lever_row("In the plan", f"request {request}", lever) for lever, request in adopted.items()]
    for one in material.scenarios:
        rows += [_lever_row("Scenario", one.scenario.name, lever) for lever in one.scenario.levers]
    settings = material.plan.inputs.settings
    rows += [
        {"kind": "Setting", "of": "company", "what": name.replace("_", " "), "value": value}
        for name, value in sorted(settings.items())
    ]
    columns = ["kind", "of", "what", "value", "target", "market", "from", "to", "spend"]
    frame = pd.DataFrame(rows).reindex(columns=columns)
    return Sheet(
        "Inputs", "Levers of the plan and of each scenario, and settings", frame, {"value": "#,##0.####"}
    )


def _decisions(material: Material) -> Sheet:
    rows, options = waiting(material), material.recorded("decision_option")
    by_id = dict(tuple(options.groupby("decision_id")))
    found = []
    for row in rows.itertuples():
        for option in by_id.get(row.decision_id, options.iloc[:0]).itertuples():
            by = None if pd.isna(row.decide_by) else row.decide_by.date()
            found.append(
                {
                    "decision": row.decision_id,
                    "question": row.question,
                    "option": option.option,
                    "what": option.title,
                    "recommended": "yes" if option.option == row.recommendation else "",
                    "at stake": row.value_at_stake,
                    "decide by": "" if by is None else by.isoformat(),
                    "days left": left_words(by, material.at.date()),
                    "owner": row.owner,
                    "takes for granted": option.assumptions,
                    "sample": "sample" if row.sample else "",
                }
            )
    return Sheet("Decisions", "Decisions that wait, an option a row", pd.DataFrame(found))


def _lever_row(kind: str, of: str, lever: Lever) -> dict[str, object]:
    return {
        "kind": kind,
        "of": of,
        "what": lever.in_words(),
        "value": lever.value,
        "target": lever.target,
        "market": lever.market,
        "from": lever.first,
        "to": lever.last,
        "spend": lever.spend,
    }


def _months(material: Material) -> list[str]:
    labels = material.plan.inputs.calendar.plan_labels
    return [month(labels[period]) for period in material.view.periods]


def _named_months(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(period=[month(str(label)) for label in frame["period"]])


def _with_total(frame: pd.DataFrame, by: str) -> pd.DataFrame:
    """A total row of each measure after its families."""
    if frame.empty:
        return frame
    parts = []
    for measure, rows in frame.groupby(by, sort=False):
        total = rows.select_dtypes("number").sum().to_dict()
        parts.append(pd.concat([rows, pd.DataFrame([{"family": "Total", by: measure, **total}])]))
    return pd.concat(parts, ignore_index=True)
