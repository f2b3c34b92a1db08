"""The form by which a review asks another for a change of the plan, empty or begun from a gap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.frame import session
from pages.frame.filters import market_options, product_groups
from pages.frame.page import Page
from pages.frame.perform import form_over, perform
from pages.frame.scenario_menu import lever_words
from sop_engine.charts.numbers import months, signed
from sop_engine.executive_sop.decisions import STAGE_WORDS
from sop_engine.inputs import Inputs
from sop_engine.pre_sop.gaps import Gap, budget_gaps
from sop_engine.records.requests import raise_request
from sop_engine.requests import MEASURES

NOBODY = "Nobody yet: a top-side line"
DAYS_TO_ANSWER = 7


@dataclass(frozen=True)
class Ask:
    """What the form to ask starts with. first, last: positions among the months that can be asked for"""

    title: str = ""
    reason: str = ""
    measure: str = "revenue"
    amount: float = 0.0
    group: str = ""
    first: int = 0
    last: int = -1


def ask_another(page: Page) -> None:
    """The button that opens the form to ask another review."""
    form_over("Ask another review", f"{page.stage}_ask", lambda: _ask_form(page))


def ask_for_gap(page: Page, gap: Gap) -> None:
    """The button that asks for what a family is off its budget, with amount, family and months filled in."""
    form_over("Ask for it", f"{page.stage}_ask_gap", lambda: _ask_form(page, gap.scope))


def _start(page: Page, gap: Gap | None) -> Ask:
    """What the form starts with: the gap of a family to its budget, in the months that can be changed."""
    inside = set(page.view.periods if gap is None else _stated(page, gap))
    at = [position for position, period in enumerate(_open_months(page.plan.inputs)) if period in inside]
    at = at or [0, -1]
    if gap is None:
        return Ask(first=at[0], last=at[-1])
    unpriced = np.isnan(gap.money)
    return Ask(
        title=f"Close the gap of {gap.scope} to budget",
        reason=gap.sentence,
        measure="units" if unpriced else "revenue",
        amount=-(gap.units if unpriced else gap.money),
        group=gap.scope,
        first=at[0],
        last=at[-1],
    )


def _stated(page: Page, gap: Gap) -> np.ndarray:
    """The months of the filter for which the budget says something of the gap's family."""
    budget = page.plan.finance.budget.revenue[page.plan.inputs.products.family == gap.scope]
    return page.view.periods[~np.isnan(budget[:, :, page.view.periods]).all(axis=(0, 1))]


def _begun_from(place: DeltaGenerator, page: Page, family: str) -> Gap | None:
    """Chooses the gap to begin from, None for a blank form."""
    gaps = {gap.scope: gap for gap in budget_gaps(page.plan, page.view.periods)}
    if not gaps:
        return None
    families = ["", *sorted(gaps, key=lambda name: gaps[name].money)]
    chosen = place.selectbox(
        "Begin from a gap to budget",
        families,
        index=families.index(family) if family in gaps else 0,
        format_func=lambda name: f"{name}: {signed(gaps[name].money)}" if name else "A blank form",
        key=f"ask_{page.stage}_gap",
    )
    return gaps.get(chosen)


def _ask_form(page: Page, family: str = "") -> None:
    """What is asked, of whom, how much, where and when, why, and by when it is to be answered."""
    inputs, (left, right) = page.plan.inputs, st.columns(2)
    ask = _start(page, _begun_from(left, page, family))
    others = [stage for stage in STAGE_WORDS if stage != page.stage]
    words = {**STAGE_WORDS, "": NOBODY}
    key = f"ask_{page.stage}_{ask.group}_"
    to_stage = right.selectbox(
        "Asked of",
        [*others, ""],
        index=others.index("demand") if "demand" in others else 0,
        format_func=words.__getitem__,
        key=f"{key}to",
    )
    title = st.text_input("What is asked", value=ask.title, key=f"{key}title")
    measure, amount = _amount(inputs, ask, key)
    scope = _scope(inputs, ask, key)
    span = _span(inputs, ask, key)
    reason = st.text_input("Reason", value=lever_words(ask.reason), key=f"{key}reason")
    left, right = st.columns(2)
    owner = left.text_input("Owner (blank: of the review)", key=f"{key}owner", disabled=not to_stage)
    week = session.now().date() + timedelta(days=DAYS_TO_ANSWER)
    due = right.date_input("Answer by", value=week, key=f"{key}due")
    who = session.name_input("ask")
    if st.button("Ask", type="primary", key=f"{key}save"):
        asked = partial(
            raise_request,
            session.warehouse(),
            inputs,
            from_stage=page.stage,
            to_stage=to_stage,
            title=title,
            reason=reason,
            measure=measure,
            amount=amount,
            **scope,
            **span,
            owner=owner,
            due=due,
        )
        perform("It is asked", lambda: asked(who=session.signed(who), at=session.now()))


def _amount(inputs: Inputs, ask: Ask, key: str) -> tuple[str, float]:
    left, right = st.columns(2, vertical_alignment="bottom")
    options = list(MEASURES) if inputs.money.base_currency else ["units", "hours"]
    measure = left.selectbox(
        "Measure",
        options,
        index=options.index(ask.measure) if ask.measure in options else 0,
        format_func=MEASURES.__getitem__,
        key=f"{key}measure",
    )
    unit = measure if measure in ("units", "hours") else inputs.money.base_currency
    amount = right.number_input(
        f"More (+) or less (-), {unit}",
        value=float(round(ask.amount)),
        step=1.0,
        format="%.0f",
        key=f"{key}amount",
    )
    return measure, amount


def _scope(inputs: Inputs, ask: Ask, key: str) -> dict[str, str]:
    left, right = st.columns(2)
    products = inputs.products
    sold = [label for label, sells in zip(products.labels, products.sellable, strict=True) if sells]
    group = _choice(left, "Products", [*product_groups(inputs), *sold], ask.group, f"{key}group")
    market = _choice(right, "Market", market_options(inputs), "", f"{key}market")
    single = group in sold and group not in product_groups(inputs)
    return {"product": group if single else "", "family": "" if single else group, "market": market}


def _choice(column: DeltaGenerator, name: str, options: Sequence[str], chosen: str, key: str) -> str:
    choices = ["", *options]
    return column.selectbox(
        name,
        choices,
        index=choices.index(chosen) if chosen in choices else 0,
        format_func=lambda label: label or "All",
        key=key,
    )


def _span(inputs: Inputs, ask: Ask, key: str) -> dict[str, date]:
    calendar = inputs.calendar
    periods = _open_months(inputs)
    labels = [calendar.plan_labels[period] for period in periods]
    first, last = st.select_slider(
        "Months",
        labels,
        value=(labels[ask.first], labels[ask.last]),
        format_func=lambda label: months([label]),
        key=f"{key}months",
    )
    starts = dict(zip(labels, calendar.starts[calendar.now + np.array(periods)], strict=True))
    return {"from_period": starts[first].item(), "to_period": starts[last].item()}


def _open_months(inputs: Inputs) -> list[int]:
    """Plan indices that can still be changed."""
    return list(range(inputs.calendar.frozen, inputs.calendar.horizon))
