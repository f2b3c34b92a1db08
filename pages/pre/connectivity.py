"""Product, demand, supply, inventory and money of one family on one page: one number walked through all five
plans, each with the signature it stands on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.evidence import STAGE_PAGES
from pages.frame.page import Page, chart, message, table_behind
from pages.frame.progress import reviews, stamp_words, status_badge
from pages.frame.strip import escaped
from sop_engine.charts import pre_sop as charts
from sop_engine.charts import pre_sop_walk as words
from sop_engine.charts.numbers import full, month, short
from sop_engine.executive_sop.decisions import STAGE_WORDS
from sop_engine.executive_sop.progress import StageState
from sop_engine.pre_sop.connectivity import COUNT, Step, connectivity, walk

LONG = 10_000  # from here on a number is written short
ICONS = {
    "product": ":material/category:",
    "demand": ":material/trending_up:",
    "supply": ":material/precision_manufacturing:",
    "inventory": ":material/inventory_2:",
    "money": ":material/payments:",
}


def show(page: Page) -> None:
    """The family and its months; the number in each plan with its stamp; the plans as lines."""
    families = family_options(page)
    left, right = st.columns([1, 2], gap="medium")
    family = left.selectbox("Family to follow", families, key="connected_family", persist_state="session")
    periods = _months(page, right)
    steps = walk(page.plan, family, periods)
    labels = [page.plan.inputs.calendar.plan_labels[period] for period in periods]
    message(words.walk_words(steps, family, labels) + ".")
    _cards(page, steps)
    table_behind("pre_sop_walk", lambda: words.walk_table(steps))
    _lines(page, family, periods)


def family_options(page: Page) -> list[str]:
    """Families of the filter that are sold, the largest revenue first."""
    pockets = charts.pocket_table(page.plan, page.view.products, page.view.markets, page.view.periods)
    return list(dict.fromkeys(pockets["family"])) or sorted(set(page.plan.inputs.products.family))


def _months(page: Page, place: st.delta_generator.DeltaGenerator) -> np.ndarray:
    """The month or span to walk, within the months of the filter."""
    periods = page.view.periods
    labels = [page.plan.inputs.calendar.plan_labels[period] for period in periods]
    if len(labels) < 2:
        return periods
    if not set(st.session_state.get("walk_months", labels[:1])) <= set(labels):
        del st.session_state["walk_months"]
    first, last = place.select_slider(
        "Months", labels, (labels[0], labels[-1]), format_func=month, key="walk_months"
    )
    return periods[labels.index(first) : labels.index(last) + 1]


def _cards(page: Page, steps: tuple[Step, ...]) -> None:
    """The five numbers in a row, each with what it is made of and whose signature it stands on."""
    states = {state.stage: state for state in reviews(page.plan.inputs)}
    names = _signed_names(page)
    for column, step in zip(st.columns(len(steps), gap="small"), steps, strict=True):
        with column.container(border=True, gap="xsmall", height="stretch", key=f"walk_{step.plan}"):
            state = states.get(step.stage)
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(f"{ICONS[step.plan]} **{step.plan.capitalize()}**", width="stretch")
                if state is not None:
                    status_badge(state)
            unit = "" if step.unit == COUNT else step.unit
            st.metric(f"{step.name}, {unit}".rstrip(", "), _number(step.value))
            st.caption(escaped(_stamp(state, names.get(step.stage, ""))))
            st.caption(escaped(" · ".join(words.part_words(step))))
            st.space("stretch")
            link = f"pages/{STAGE_PAGES[step.stage]}.py"
            st.page_link(link, label=STAGE_WORDS[step.stage], icon=":material/arrow_forward:")


def _stamp(state: StageState | None, name: str) -> str:
    """Whose signature a number stands on: the version by its name, who, when, on which data, and whether it
    holds."""
    if state is None:
        return "The cycle is not open, so nothing is signed."
    return f"{name}: {stamp_words(state)}" if state.signed_at and name else stamp_words(state)


def _signed_names(page: Page) -> dict[str, str]:
    """{review: the version it signed last}: the consensus by its name, the others by the plan kept."""
    rows = session.recorded("sign_off", page.plan.inputs.cycle)
    last = rows.drop_duplicates("stage", keep="last")
    return {row.stage: row.name or row.snapshot_id for row in last.itertuples(index=False)}


def _lines(page: Page, family: str, periods: np.ndarray) -> None:
    """The five plans over the same months, with the baseline where the scenario differs."""
    table, base = (connectivity(plan, family, periods) for plan in (page.plan, page.baseline))
    figure = charts.connected(table, base, family, page.plan, periods, page.style)
    said = charts.connected_words(table, family, page.plan.inputs.money.base_currency)
    chart(figure, "pre_sop_connected", said, lambda: _wide(table))


def _wide(table: pd.DataFrame) -> pd.DataFrame:
    """One row per plan and measure, one column per month."""
    wide = table.pivot_table(index=["plan", "measure", "unit"], columns="period", values="value", sort=False)
    return wide.rename(columns=month).reset_index()


def _number(value: float) -> str:
    return short(value) if abs(value) >= LONG else full(value)
