"""What changed: the bridge from an earlier plan to the plan now, who makes each bar, and both in words."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from pages.finance.words import estimate_before
from pages.frame import session
from pages.frame.page import Page, chart, download, ranked_table
from pages.frame.strip import escaped
from sop_engine.charts import pre_sop_changes as words
from sop_engine.charts.finance_bridge import bridge_table
from sop_engine.charts.numbers import day, month
from sop_engine.errors import PlanError
from sop_engine.executive_sop.decisions import STAGE_WORDS
from sop_engine.inputs import Inputs
from sop_engine.plan import Plan
from sop_engine.pre_sop.changes import MEASURES, REVENUE, UNITS, ChangeBridge, change_bridge
from sop_engine.pre_sop.sides import Side, kept_side, side_of
from sop_engine.records.readers import kept_plans, snapshot_cells

CUTS = {"Cause": -1, "Family": 0, "Category": 0, "Market": 1, "Region": 1, "Channel": 1}
NOW = "Plan now"
STAGE_NAMES = defaultdict(lambda: "Plan", STAGE_WORDS)
NOTHING_KEPT = (
    "No plan is kept yet, so nothing can be compared. Every signature of a review and every published plan "
    "keeps one."
)


@dataclass(frozen=True)
class Since:
    """An earlier plan to compare with: its name, and the same with its role, who kept it and when."""

    name: str
    words: str


def show(page: Page) -> None:
    """Since which plan and of what; the bridge, its sentence, the bars by a group, and what it cannot
    tell."""
    since = since_options(page.plan.inputs, page.stage)
    if not since:
        st.info(NOTHING_KEPT)
        return
    chosen, measure = _chosen(since, page.plan)
    try:
        before = _kept(page.plan.inputs, chosen, since[chosen].name)
    except PlanError as fault:
        st.info(str(fault))
        return
    periods = page.view.periods
    bridge = change_bridge(before, _now(page.plan), measure, periods)
    if not bridge.periods.size:
        st.info(f"{before.label} holds none of these months. Choose other months in the filter bar.")
        return
    bridge = bridge.of(page.view.products, page.view.markets)
    _drawn(page, bridge)
    families = page.plan.inputs.products.family[page.view.products]
    st.markdown(escaped(words.change_words(bridge, page.plan, families)))
    if limits := " ".join(words.limit_words(bridge, before, periods, page.plan.inputs)):
        st.caption(escaped(limits))
    _drill(page, bridge)


def summary(plan: Plan) -> str:
    """One sentence on what changed since the last cycle's plan, else since the one kept last, in gross
    margin where it is known; "" where no plan is kept that reaches into this one."""
    since = since_options(plan.inputs, "")
    if not since:
        return ""
    chosen, first = next(iter(since.items()))
    try:
        before = _kept(plan.inputs, chosen, first.name)
    except PlanError:
        return ""
    every = np.arange(plan.inputs.calendar.horizon)
    bridge = change_bridge(before, _now(plan), _measures(plan)[-1], every)
    return words.change_words(bridge, plan, plan.inputs.products.family)


def since_options(inputs: Inputs, stage: str) -> dict[str, Since]:
    """{snapshot id: kept plan} up to this cycle: the last cycle's, the one published last and the last
    signed by this review first, then all others, the latest first."""
    kept = _all_kept(session.warehouse_path(), session.warehouse().revision)
    kept = kept[kept["cycle"] <= inputs.cycle]
    roles: dict[str, list[str]] = defaultdict(list)
    for role, snapshot in _special(kept, inputs.cycle, stage).items():
        roles[snapshot].append(role)
    options = {row.snapshot_id: _option(row, roles.get(row.snapshot_id, [])) for row in kept.itertuples()}
    return {snapshot: options[snapshot] for snapshot in dict.fromkeys([*roles, *options])}


def _option(row: pd.Series, roles: list[str]) -> Since:
    """ "Last cycle: Plan 2013-12, published 20 Dec 13 by Ana"."""
    made = "Plan" if row.kind == "kept" else STAGE_NAMES[row.stage]
    name = row.name or f"{made} of {month(row.cycle)}"
    words = f"{name}, {row.kind} {day(row.at.date())} by {row.who or 'nobody'}"
    role = " and ".join(roles)
    return Since(name, f"{role[:1].upper()}{role[1:]}: {words}" if roles else words)


def _special(kept: pd.DataFrame, cycle: str, stage: str) -> dict[str, str]:
    """{role: snapshot id} of the plans that people mean when they ask what changed."""
    agreed = estimate_before(cycle)
    earlier = kept[kept["cycle"] < cycle]
    published = kept[kept["kind"] == "published"]
    own = kept[(kept["stage"] == stage) & (kept["kind"] != "kept")]
    before = earlier["snapshot_id"] if agreed is None else [str(agreed["snapshot_id"])]
    found = {
        "last cycle": before,
        "last published": published.sort_values("at", ascending=False)["snapshot_id"],
        f"last signature of {STAGE_NAMES[stage]}": own["snapshot_id"],
    }
    return {role: next(iter(snapshots)) for role, snapshots in found.items() if len(snapshots)}


def _chosen(since: dict[str, Since], plan: Plan) -> tuple[str, str]:
    """The controls: the snapshot and the measure."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        chosen = st.selectbox(
            "Since",
            list(since),
            format_func=lambda snapshot: since[snapshot].words if snapshot in since else snapshot,
            key="changes_since",
            label_visibility="collapsed",
            width=560,
        )
        options = _measures(plan)
        measure = st.segmented_control(
            "Of",
            options,
            default=options[-1],
            format_func=str.capitalize,
            required=True,
            key="changes_measure",
            label_visibility="collapsed",
        )
    return chosen, measure


def _measures(plan: Plan) -> tuple[str, ...]:
    """What can be compared: units, and money as far as prices and costs are known."""
    if np.isnan(plan.finance.price).all():
        return (UNITS,)
    return (UNITS, REVENUE) if np.isnan(plan.finance.unit_cost).all() else MEASURES


def _drawn(page: Page, bridge: ChangeBridge) -> None:
    inputs = page.plan.inputs
    figure = words.change_figure(bridge, inputs, page.view.words or "whole company", page.style)
    alt = words.change_title(bridge, inputs)
    chart(figure, "pre_sop_changes", alt, lambda: bridge_table(bridge))


def _drill(page: Page, bridge: ChangeBridge) -> None:
    """The bars by cause or by a group; the groups sum to the total."""
    cut = st.segmented_control(
        "By",
        list(CUTS),
        default="Family",
        required=True,
        key="changes_cut",
        label_visibility="collapsed",
    )
    table = drill(page, bridge, cut)
    whole = {name: table[name].round() + 0.0 for name in table.select_dtypes("number")}  # no minus zero
    ranked_table(table.assign(**whole), f"pre_sop_changes_{cut.lower()}")
    download(table, f"what_changed_{cut.lower()}.csv")


def drill(page: Page, bridge: ChangeBridge, cut: str) -> pd.DataFrame:
    """The bridge by one of CUTS."""
    axis, name = CUTS[cut], cut.lower()
    if axis < 0:
        return words.detail_table(bridge, page.plan)
    labelled, mask = (
        (page.plan.inputs.products, page.view.products)
        if axis == 0
        else (page.plan.inputs.markets, page.view.markets)
    )
    labels = np.array(labelled.labels) if name == "market" else getattr(labelled, name)
    return words.drill_table(bridge, labels[mask], axis, name)


def _kept(inputs: Inputs, snapshot_id: str, label: str) -> Side:
    return _kept_side(session.warehouse_path(), snapshot_id, inputs.version, label, inputs)


def _now(plan: Plan) -> Side:
    carriers = frozenset(session.requests()["override_id"]) - {""}
    key = plan.inputs.version, plan.inputs.cycle, plan.scenario.to_json()
    return _side_now(key, carriers, plan)


@st.cache_resource(show_spinner=False, max_entries=4)
def _all_kept(path: str, revision: int) -> pd.DataFrame:
    return kept_plans(session.warehouse())


@st.cache_resource(show_spinner=False, max_entries=8)
def _kept_side(path: str, snapshot_id: str, version: str, label: str, _inputs: Inputs) -> Side:
    return kept_side(_inputs, label, snapshot_cells(session.warehouse(), snapshot_id))


@st.cache_resource(show_spinner=False, max_entries=4)
def _side_now(key: tuple[str, ...], carriers: frozenset[str], _plan: Plan) -> Side:
    return side_of(_plan, NOW, carriers)
