"""Strategies: chase, level and hybrid beside the optimum, each solved again, valued and drawn."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.frame import session
from pages.frame.page import Page, chart, message, table_behind
from pages.frame.strip import escaped
from sop_engine.charts import supply_strategies as charts
from sop_engine.plan import Plan
from sop_engine.strategies import CHASE, LEVEL, Strategy, hybrid, measured, solve_strategies
from sop_engine.supply_review.pace import FREE, Pace

CHANGES = {0.02: "2 %", 0.05: "5 %", 0.10: "10 %", 0.20: "20 %"}


def show(page: Page) -> None:
    """The choice of a strategy, its cost and how it runs; solved when asked for."""
    if not page.plan.inputs.network.edges.labels:
        st.caption("Nothing says how products are made, so there is no production to pace. Load sourcing.")
        return
    paces = (CHASE, LEVEL, hybrid(_change()))
    found = _solved(page.plan, paces)
    if not found:
        st.caption(
            "Chase holds stock and lets production follow demand; level holds the rate of production and "
            "lets stock take up the rest; hybrid lets the rate change slowly. Each is the plan solved again "
            "with the same demand, service and capacity, and valued in money."
        )
        return
    strategies = [_kept_of(page.plan)[FREE], *found]
    message(charts.sentence(page.plan, strategies))
    held = (escaped(f"{charts.name_of(one.pace)} holds {charts.holds(one.pace)}.") for one in strategies)
    st.caption("  \n".join(held))
    _compare(page.plan, strategies)
    _run(page, strategies)


def _change() -> float:
    """The largest step of the hybrid, share of a resource's usual hours."""
    chosen = st.segmented_control(
        "Hybrid: hours a day may change from one period to the next by",
        list(CHANGES),
        format_func=CHANGES.__getitem__,
        default=0.05,
        key="hybrid_change",
    )
    return chosen or 0.05


def _solved(plan: Plan, paces: Sequence[Pace]) -> list[Strategy]:
    """Those of these strategies that have been solved on this plan; a click on one, or on all, solves it."""
    kept = _kept_of(plan)
    missing = [pace for pace in paces if pace not in kept]
    place = st.container(horizontal=True, key="strategy_buttons")
    wanted: list[Pace] = []
    if len(missing) > 1 and place.button(f"Solve {_listed(missing)}", key="solve_strategies", type="primary"):
        wanted = missing
    for pace in missing:
        name = charts.name_of(pace)
        if place.button(name, key=f"solve_{name.split()[0].lower()}", help=charts.holds(pace)):
            wanted = [pace]
    if wanted:
        _solve(plan, wanted, kept)
        st.rerun()
    return [kept[pace] for pace in paces if pace in kept]


def _solve(plan: Plan, paces: Sequence[Pace], kept: dict[Pace, Strategy]) -> None:
    """Solve them one after another, saying how far it is."""
    bar = st.progress(0.0, "Stating the model")
    for done, one in enumerate(solve_strategies(plan, paces), 1):
        kept[one.pace] = one
        bar.progress(done / len(paces), f"{charts.name_of(one.pace)} is solved: {done} of {len(paces)}")
    bar.empty()


def _listed(paces: Sequence[Pace]) -> str:
    *names, last = [charts.name_of(pace).lower() for pace in paces]
    return f"{', '.join(names)} and {last}"


def _compare(plan: Plan, strategies: Sequence[Strategy]) -> None:
    """Every figure of every strategy, with its difference to the optimum."""
    table = charts.comparison(plan, strategies)
    st.table(table.map(escaped).set_index(table.columns[0]))
    st.caption(
        "In brackets: against the optimum. Overtime, subcontract and other sources are what they cost beyond "
        "standard. The optimum serves customers and fills stock targets first and looks at money after that, "
        "so a strategy that leaves more missing from its targets may earn more. What it costs to hire, train "
        "or let go for a change of hours is not loaded, so it is in none of these figures; hours added and "
        "cut show how much of it there would be."
    )
    table_behind("strategy_figures", lambda: charts.figure_table(strategies))


def _run(page: Page, strategies: Sequence[Strategy]) -> None:
    """Production and stock of each strategy, of all resources, one of them or a family."""
    choice = st.selectbox("Look at", charts.choices(strategies[0]), key="strategy_choice")
    figure = charts.run_figure(page.plan, strategies, choice, page.style)
    alt = f"{choice}: production and stock by strategy"
    chart(figure, "strategy_run", alt=alt, frame=lambda: charts.run_table(page.plan, strategies, choice))


def _kept_of(plan: Plan) -> dict[Pace, Strategy]:
    """What was solved on this plan, the optimum among it."""
    kept = _kept(session.warehouse_path(), session.data_key(), plan.scenario.to_json())
    if FREE not in kept:
        kept[FREE] = measured(plan)
    return kept


@st.cache_resource(show_spinner=False, max_entries=16)
def _kept(path: str, data_key: str, scenario: str) -> dict[Pace, Strategy]:
    """What was solved on this data and scenario: figures only, no plans."""
    return {}
