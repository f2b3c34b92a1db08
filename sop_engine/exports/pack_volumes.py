"""The slides of demand by exception, of what supply can make of it, and of the stock that is left."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sop_engine.charts.demand_exceptions import LastCycle, count_words, exception_table, last_statistical
from sop_engine.charts.demand_review import CONSENSUS, demand_series
from sop_engine.charts.numbers import month, months, short
from sop_engine.charts.supply_inventory import Stock, family_table, months_table, stock_of, turns_and_days
from sop_engine.charts.supply_load import BANDS, load_sentence, worst_first
from sop_engine.charts.supply_remedies import cause_table, causes_of
from sop_engine.charts.supply_review import planned, shortage_sentence
from sop_engine.charts.view import View
from sop_engine.demand_review.exceptions import BY_KIND, OPEN
from sop_engine.executive_sop.scorecard import required_load_pct
from sop_engine.exports.pack_content import (
    Bullets,
    Chart,
    Kind,
    Label,
    Role,
    Shape,
    Slide,
    Table,
    clean,
    series,
    table,
)
from sop_engine.exports.pack_material import Material
from sop_engine.records import kept_demand, last_published, version_before
from sop_engine.remedies.causes import RootCause

PAST = 12  # months of history on the slide
EXCEPTIONS, CAUSES, FAMILIES = 6, 6, 5


def demand(material: Material) -> Slide:
    """History and consensus, and the families that need the meeting."""
    plan, view = material.plan, _measured(material)
    rows = demand_series(plan, plan, view)
    rows = rows.iloc[max(0, int(rows["actual"].notna().sum()) - PAST) :]
    unit = view.unit(plan) or "money"
    found = exceptions(material)
    families = len(set(plan.inputs.products.family[plan.inputs.products.sellable]))
    blocks = [_demand_chart(rows, unit, demand_words(rows, unit))]
    if len(found):
        blocks.append(_exception_table(found, material))
    return Slide(
        key="demand",
        title=count_words(found, families, material.currency),
        subtitle=f"Unconstrained demand in {unit}; whole company; exceptions over {material.span}",
        blocks=tuple(blocks),
        source="Page Demand review: history and consensus; section Exceptions, rules of the settings.",
        beside=bool(len(found)),
    )


def demand_words(rows: pd.DataFrame, unit: str) -> str:
    """The months to come against the same months a year earlier, as far as those are known."""
    ahead = rows[rows["actual"].isna()]
    both = ahead[ahead["prior year"].notna() & (ahead["prior year"] != 0)]
    labels = list(ahead["period"])
    words = f"{short(ahead[CONSENSUS].sum())} {unit} asked for, {months(labels)}"
    if both.empty:
        return words
    change = 100 * (both[CONSENSUS].sum() / both["prior year"].sum() - 1)
    return f"{words}; {months(list(both['period']))} {change:+.1f} % on the year before"


def exceptions(material: Material) -> pd.DataFrame:
    """The exceptions of the demand review over all reported months, open ones first."""
    reviews = material.recorded("exception_review", material.cycle)
    last = last_cycle(material)
    return exception_table(
        material.plan, material.view, last, material.replays, reviews[reviews["active"].astype(bool)]
    )


def last_cycle(material: Material) -> LastCycle | None:
    """The last consensus signed in an earlier cycle, else of the plan published last, else the replayed
    baseline of the cycle before; None where there is none of them."""
    warehouse, plan = material.warehouse, material.plan
    version = version_before(warehouse.read, material.cycle, earlier_cycle=True)
    if version is None:
        version = last_published(warehouse, before_cycle=material.cycle)
    if version is not None:
        kept = kept_demand(warehouse.read, str(version["snapshot_id"]), plan.inputs)
        what = f"{version['name']} of {month(str(version['cycle']))}"
        return LastCycle(plan.demand.unconstrained, kept.units, what)
    return None if material.replays is None else last_statistical(plan, material.replays)


def supply(material: Material) -> Slide | None:
    """The highest load of each work centre, and what is short for which cause."""
    plan, view = material.plan, material.view
    if not planned(plan):
        return None
    order, causes = worst_first(plan, view), causes_of(plan, view)
    blocks = [_load_chart(material)] if order else []
    blocks += [_cause_chart(material, causes)] if causes else []
    told = [_sentence(load_sentence(plan, view)), *(one.sentence for one in causes[:3])]
    return Slide(
        key="supply",
        title=shortage_sentence(plan, view).rstrip("."),
        subtitle=f"Load that demand requires, and what is late or lost by its root cause; {material.span}",
        blocks=(*blocks, Bullets(tuple(map(clean, told))))
        if blocks
        else (Bullets(tuple(map(clean, told)), weight=1),),
        source="Page Supply review: load of all work centres; section Shortages.",
        beside=True,
    )


def load_rows(material: Material) -> pd.DataFrame:
    """resource, period, load_pct of the highest required load of each, the worst resource first."""
    plan, view = material.plan, material.view
    load = required_load_pct(plan)[:, view.periods]
    names, labels = plan.inputs.network.resources.name, plan.inputs.calendar.plan_labels
    rows = [
        (str(names[at]), labels[view.periods[int(np.nanargmax(load[at]))]], float(np.nanmax(load[at])))
        for at in worst_first(plan, view)
    ]
    return pd.DataFrame(rows, columns=["resource", "period", "load_pct"])


def inventory(material: Material) -> Slide | None:
    """Stock by month as needed, excess and obsolete against its target; the families with most at stake."""
    plan, view = material.plan, material.view
    if not planned(plan):
        return None
    stock = stock_of(plan)
    rows = months_table(stock, view)
    if rows["stock"].isna().all() or not rows["stock"].any():
        return None
    parts = ("excess", "obsolete", "below target")
    families = family_table(stock, view)[["family", "stock", "target", *parts]].head(FAMILIES)
    shown = table(
        families,
        (Kind.TEXT, *[Kind.MONEY] * 5),
        (2.2, 1.1, 1.1, 1.1, 1.3, 1.2),
        "Stock by family, mean of the month ends",
        weight=0.75,
    )
    return Slide(
        key="inventory",
        title=inventory_words(stock, view),
        subtitle=material.in_currency(
            f"Stock at the month's end at standard cost; families by mean, dearest first; {material.span}"
        ),
        blocks=(_stock_chart(rows, material), *((shown,) if len(families) else ())),
        source="Page Supply review, section Inventory.",
        beside=True,
    )


def inventory_words(stock: Stock, view: View) -> str:
    """Where stock ends against its target, and how much of it nobody needs."""
    rows, currency = months_table(stock, view), stock.plan.inputs.money.base_currency
    last, idle = rows.iloc[-1], float((rows["excess"] + rows["obsolete"]).mean())
    turns, days = turns_and_days(stock, view)
    over = float(last["stock"] - last["target"])
    lasts = f", lasts {days:.0f} days on average" if np.isfinite(days) else ""
    return (
        f"Stock ends {month(str(last['period']))} at {short(last['stock'])} {currency}, "
        f"{short(abs(over))} {'above' if over >= 0 else 'below'} target{lasts}; "
        f"{short(idle)} is excess or obsolete"
    ).replace("  ", " ")


def _measured(material: Material) -> View:
    """The whole company in money, or in units where no price is known."""
    priced = not np.isnan(material.plan.finance.price).all()
    view = material.view
    return view if priced else View(view.products, view.markets, view.periods, False, view.words)


def _demand_chart(rows: pd.DataFrame, unit: str, words: str) -> Chart:
    looks = {
        "prior year": ("Prior year", Role.PRIOR),
        "low 80": ("80 % range, low", Role.BAND),
        "high 80": ("80 % range, high", Role.BAND),
        "budget": ("Budget", Role.BUDGET),
        "statistical baseline": ("Statistical forecast", Role.FORECAST),
        CONSENSUS: ("Consensus", Role.PLAN),
        "actual": ("Actual", Role.ACTUAL),
    }
    found = tuple(
        series(name, rows[key], role) for key, (name, role) in looks.items() if rows[key].notna().any()
    )
    return Chart(
        title=words,
        unit=unit,
        categories=tuple(month(label) for label in rows["period"]),
        series=found,
        shape=Shape.LINES,
        alt=f"Lines by month: {words}",
        weight=1.15,
    )


def _exception_table(found: pd.DataFrame, material: Material) -> Table:
    open_ones = found[found["status"] == OPEN]
    shown = pd.DataFrame(
        {
            "family": open_ones["family"],
            "what": [BY_KIND[kind].words for kind in open_ones["kind"]],
            "by": open_ones["pct"],
            "units": open_ones["units"],
            material.in_currency("money"): open_ones["money"],
        }
    )
    if shown.iloc[:, -1].isna().all():
        shown = shown.iloc[:, :-1]
    cut = table(
        shown,
        (Kind.TEXT, Kind.TEXT, Kind.PERCENT_CHANGE, Kind.CHANGE, Kind.CHANGE)[: shown.shape[1]],
        (2.2, 2.4, 1.4, 1.6, 1.7)[: shown.shape[1]],
        "Families that need the meeting, most money first",
        weight=0.95,
    )
    return cut


def _load_chart(material: Material) -> Chart:
    rows = load_rows(material)
    over = tuple(Role.BAD if load > BANDS[4] else Role.PLAN for load in rows["load_pct"])
    return Chart(
        title="Highest required load, % of hours, and its month; red: above 100 %",
        unit="%",
        categories=tuple(clean(f"{row.resource}, {month(row.period)}") for row in rows.itertuples()),
        series=(series("Required load, %", rows["load_pct"], Role.PLAN, roles=over, label=Label.PLAIN),),
        shape=Shape.BARS,
        alt=clean(load_sentence(material.plan, material.view)),
        rule=100.0,
        legend=False,
    )


def _cause_chart(material: Material, causes: Sequence[RootCause]) -> Chart:
    rows = cause_table(material.plan, causes).head(CAUSES)
    money = rows.columns[3]
    known = not rows[money].isna().all()
    amounts = rows[money] if known else rows["late units"] + rows["lost units"]
    unit = (material.currency or "money") if known else "units"
    names = tuple(clean(f"{row.cause} ({row.reason})") for row in rows.itertuples())
    worth = f"Late or lost, {unit}, by root cause"
    return Chart(
        title=worth,
        unit=unit,
        categories=names,
        series=(series("Late or lost", amounts, Role.BAD, label=Label.PLAIN),),
        shape=Shape.BARS,
        alt=clean(f"{worth}: " + "; ".join(f"{n} {short(a)}" for n, a in zip(names, amounts, strict=True))),
        legend=False,
        weight=0.9,
    )


def _stock_chart(rows: pd.DataFrame, material: Material) -> Chart:
    needed = rows["stock"] - rows["excess"] - rows["obsolete"]
    parts = (
        series("Needed", needed, Role.PLAN),
        series("Excess", rows["excess"], Role.SCENARIO),
        series("Obsolete", rows["obsolete"], Role.BAD),
        series("Target", rows["target"], Role.ACTUAL, line=True),
    )
    return Chart(
        title="Stock by month: needed, excess and obsolete, against its target",
        unit=material.currency or "money",
        categories=tuple(month(label) for label in rows["period"]),
        series=parts,
        shape=Shape.STACKED,
        alt="Stacked columns of stock by month and a line of its target",
    )


def _sentence(words: str) -> str:
    return words if words.endswith(".") else f"{words}."
