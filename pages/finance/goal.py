"""Goal seek: which price, volume or capacity brings a measure of the plan to its target, side by side."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from pages.finance.words import not_filtered
from pages.frame import session
from pages.frame.filters import product_groups
from pages.frame.page import Page, chart, ranked_table
from pages.frame.scenario_menu import lever_words
from pages.frame.solved import Told, when_asked
from pages.frame.strip import WINDOWS, escaped
from sop_engine.charts import finance_goal as charts
from sop_engine.charts.numbers import months
from sop_engine.executive_sop.window import Window, span_of
from sop_engine.finance_review.baselines import actual_position, budget_order, budget_position
from sop_engine.goal_seek import MOST_SOLVES, Goal, Measure, Way, measured, present, seek
from sop_engine.inputs.money import elapsed_buckets
from sop_engine.plan import Plan
from sop_engine.remedies.causes import root_causes
from sop_engine.scenario import LEVERS, Lever, LeverKind
from sop_engine.supply_review.shortage import CAPACITY, LIMIT

CAPACITY_KINDS = (
    LeverKind.CAPACITY,
    LeverKind.OVERTIME,
    LeverKind.SATURDAYS,
    LeverKind.EXTRA_SHIFT,
    LeverKind.SUPPLIER_LIMIT,
)
STATED = {Measure.REVENUE: "revenue", Measure.GROSS_MARGIN: "gross_margin"}
OWN = "Own target"
LESS_ACTUALS = " less actuals"  # of the whole year's budget, what the months to go must bring


def show(page: Page) -> None:
    """The target, the levers to try, and what each of them does once they are sought."""
    if np.isnan(page.plan.finance.price).all():
        st.info("Goals are in money: load prices to seek one.")
        return
    not_filtered(page, "a goal")
    goal, span = target(page)
    levers = ways_to_try(page, goal.periods)
    start = measured(page.plan, goal.measure, np.array(goal.periods))
    currency = page.plan.inputs.money.base_currency
    now, gap = (
        charts.amount_words(goal.measure, amount, currency) for amount in (start, goal.target - start)
    )
    where = f"{span}, plan to go, whole company: {goal.measure} is {now}"
    if start >= goal.target:
        st.info(escaped(f"{where}, so the target is met. Write a higher one to seek what brings it."))
        return
    st.caption(
        escaped(f"{where}, {gap} to find. ")
        + "Each lever is moved alone, from the first month that is not frozen."
    )
    found = when_asked(
        (page.plan.scenario.to_json(), goal, levers),
        "Find",
        "goal_find",
        partial(_sought, page, goal, levers),
        "primary",
    )
    if found is not None:
        _ways(page, found, span)


def target(page: Page) -> tuple[Goal, str]:
    """What is to be reached over which months: a budget's amount, or one's own."""
    inputs = page.plan.inputs
    columns = st.columns([2, 2, 2, 2], gap="small", vertical_alignment="bottom")
    measure = columns[0].selectbox(
        "Measure", list(Measure), format_func=lambda name: name.capitalize(), key="goal_measure"
    )
    window = columns[1].selectbox("Months", list(WINDOWS), format_func=WINDOWS.__getitem__, key="goal_window")
    periods = span_of(inputs.calendar, Window(window)).planned
    elapsed = elapsed_buckets(inputs.calendar) if window == Window.FISCAL_YEAR else 0
    versions = [name for name in budget_order(inputs) if _says(page.plan, name, measure, periods)]
    versions = [f"{name}{LESS_ACTUALS}" for name in versions if elapsed] + versions
    if st.session_state.get("goal_source") not in (OWN, *versions):
        st.session_state.goal_source = _to_begin_with(page.plan, versions, measure, periods)
    source = columns[2].selectbox("Target", [*versions, OWN], key="goal_source")
    if source != OWN:
        periods = periods[_stated(page.plan, source, measure, periods)]
    amount = _prefilled(page.plan, source, measure, periods)
    aim = columns[3].number_input(
        f"Target, {'%' if measure is Measure.FILL_RATE else inputs.money.base_currency}",
        value=amount,
        format="%.1f" if measure is Measure.FILL_RATE else "%.0f",
        key=f"goal_target_{measure}_{window}_{source}",
    )
    labels = inputs.calendar.plan_labels
    goal = Goal(measure, float(aim), tuple(periods.tolist()))
    return goal, months([labels[period] for period in periods])


def ways_to_try(page: Page, periods: tuple[int, ...]) -> tuple[Lever, ...]:
    """Price and volume of a product group, and a lever of capacity, as they stand in the working scenario."""
    plan = page.plan
    columns = st.columns([2, 2, 2, 2], gap="small", vertical_alignment="bottom")
    group = columns[0].selectbox(
        "Price and volume of",
        ["", *product_groups(plan.inputs)],
        format_func=lambda label: label or "All products",
        key="goal_group",
    )
    kind, label = _likely(plan, np.array(periods))
    kind = columns[1].selectbox(
        "Capacity by",
        CAPACITY_KINDS,
        index=CAPACITY_KINDS.index(kind),
        format_func=lambda one: LEVERS[one].label,
        key="goal_capacity",
    )
    options = _targets(plan, kind)
    names = dict(zip(plan.inputs.network.resources.labels, plan.inputs.network.resources.name, strict=True))
    everything = "All suppliers" if kind is LeverKind.SUPPLIER_LIMIT else "All resources"
    place = columns[2].selectbox(
        "of",
        options,
        index=options.index(label) if label in options else 0,
        format_func=lambda one: str(names.get(one, one)) or everything,
        key=f"goal_place_{kind}",
    )
    pairs = ((LeverKind.PRICE, group), (LeverKind.DEMAND, group), (kind, place))
    return tuple(present(plan, one, what) for one, what in pairs)


def _sought(page: Page, goal: Goal, levers: tuple[Lever, ...], told: Told) -> list[Way]:
    """One way per lever, telling how far the search is."""
    ways: list[Way] = []
    for lever in levers:
        name, done = LEVERS[lever.kind].label.lower(), len(ways)

        def solved(plans: int, name: str = name, done: int = done) -> None:
            share = (done + plans / (MOST_SOLVES + 1)) / len(levers)
            told(share, f"Seeking by {name}: {plans} plan{'s' * (plans > 1)} solved")

        ways.append(seek(page.plan, goal, lever, session.plan_for, solved))
    return ways


def _ways(page: Page, ways: list[Way], span: str) -> None:
    """The three ways: drawn, side by side in a table, each to be taken; and what binds where one is short."""
    currency = page.plan.inputs.money.base_currency
    figure = charts.goal_figure(ways, currency, span, page.style)
    chart(figure, "goal_paths", charts.goal_words(ways, currency), lambda: charts.path_table(ways))
    st.caption(
        f"Each way alone, changes against the working plan, {span}, whole company. Operating profit is "
        "after overtime, other sources, freight and carrying; the lever Capacity itself costs nothing until "
        "a spend is written to it."
    )
    ranked_table(charts.way_table(ways, currency), "goal_ways", ids=("figure",))
    with st.container(horizontal=True, gap="small"):
        for way in ways:
            _take(page, way)
    rounded = [words for way in ways if (words := charts.rounded_words(way, currency))]
    if rounded:
        st.caption(escaped(" ".join(rounded)))
    for way in ways:
        if not way.reached:
            st.caption(escaped(lever_words(_why_not(way))))


def _take(page: Page, way: Way) -> None:
    """The button that puts a way into the working scenario; none where it moves nothing."""
    if page.plan.scenario.with_lever(way.lever) == page.plan.scenario:
        return
    st.button(
        f"Take {charts.way_name(way).lower()} {charts.lever_value(way)}",
        key=f"take_goal_{way.lever.kind}",
        type="primary" if way.reached else "secondary",
        on_click=session.move,
        args=(way.lever,),
        help=lever_words(way.lever.in_words()),
    )


def _why_not(way: Way) -> str:
    """What binds where a way stays short of the target."""
    spec = LEVERS[way.lever.kind]
    low, high = spec.amount(spec.low), spec.amount(spec.high)
    lead = f"{charts.way_name(way)} stays short within {low} to {high}"
    if way.binds:
        return f"{lead}. What binds there: {' '.join(way.binds)}"
    return f"{lead}: nothing is late or lost there, so demand and its price are the limit."


def _to_begin_with(plan: Plan, versions: list[str], measure: Measure, periods: np.ndarray) -> str:
    """The first version that the plan stays below, the first of all where there is none; one's own target
    without a budget."""
    for version in versions:
        stated = periods[_stated(plan, version, measure, periods)]
        if _prefilled(plan, version, measure, stated) > measured(plan, measure, stated):
            return version
    return versions[0] if versions else OWN


def _says(plan: Plan, version: str, measure: Measure, periods: np.ndarray) -> bool:
    return measure in STATED and bool(_stated(plan, version, measure, periods).any())


def _stated(plan: Plan, version: str, measure: Measure, periods: np.ndarray) -> np.ndarray:
    """(periods,) bool: of which of them a budget version states the measure."""
    cells = getattr(plan.inputs.money.budgets[version.removesuffix(LESS_ACTUALS)], STATED[measure])[
        :, :, periods
    ]
    return ~np.isnan(cells).all(axis=(0, 1))


def _prefilled(plan: Plan, source: str, measure: Measure, periods: np.ndarray) -> float:
    """A budget's amount, or that of the whole year less what the elapsed months brought; where the target is
    one's own, where the plan stands."""
    if source == OWN:
        digits = 10 if measure is Measure.FILL_RATE else 1
        return float(np.floor(measured(plan, measure, periods) * digits) / digits)
    name, version = "revenue" if measure is Measure.REVENUE else "margin", source.removesuffix(LESS_ACTUALS)
    done, span = 0.0, periods
    if version != source:
        elapsed = np.arange(-elapsed_buckets(plan.inputs.calendar), 0)
        done = float(getattr(actual_position("", plan.inputs, elapsed), name).sum())
        span = np.concatenate([elapsed, periods])
    position = budget_position(plan.inputs, version, span)
    return float(round(np.nansum(getattr(position, name)) - done))


def _likely(plan: Plan, periods: np.ndarray) -> tuple[LeverKind, str]:
    """The capacity lever that the dearest root cause asks for; all resources where there is none."""
    resources = plan.inputs.network.resources
    for cause in root_causes(plan, periods):
        if cause.reason == CAPACITY and cause.label in resources.positions:
            return LeverKind.CAPACITY, cause.label
        if cause.reason == LIMIT and cause.label in _targets(plan, LeverKind.SUPPLIER_LIMIT):
            return LeverKind.SUPPLIER_LIMIT, cause.label
    return LeverKind.CAPACITY, ""


def _targets(plan: Plan, kind: LeverKind) -> list[str]:
    """What a lever of capacity can name; "" is all of them."""
    network = plan.inputs.network
    if kind is LeverKind.SUPPLIER_LIMIT:
        sites = zip(network.sites.labels, network.sites.kind, strict=True)
        return ["", *(label for label, what in sites if what == "supplier")]
    counted = kind in (LeverKind.EXTRA_SHIFT, LeverKind.SATURDAYS)
    rows = zip(network.resources.labels, network.resources.stations, strict=True)
    known = [label for label, stations in rows if not (counted and np.isnan(stations))]
    return known if counted and len(known) < len(network.resources) else ["", *known]
