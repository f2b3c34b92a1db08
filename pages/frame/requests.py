"""What is asked of a review and what it asked of others: where each request stands, and the answer."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.asking import DAYS_TO_ANSWER
from pages.frame.cached import plan_of
from pages.frame.page import ASKED, Page, ranked_table, stage_status
from pages.frame.perform import form_over, perform, step_form, submit
from pages.frame.scenario_menu import lever_words
from pages.frame.solved import solved_words
from pages.frame.strip import escaped
from sop_engine.charts.numbers import signed
from sop_engine.charts.requests import request_table, scope_words, where_words
from sop_engine.errors import SopError
from sop_engine.executive_sop.decisions import STAGE_WORDS
from sop_engine.inputs import Inputs
from sop_engine.inputs.reader import with_override
from sop_engine.records.answers import (
    answer_request,
    carried_by_override,
    override_asked,
    take_back_answer,
    withdraw_request,
)
from sop_engine.records.requests import (
    ACCEPTED,
    OPEN,
    PART,
    REJECTED,
    STANDING,
    WITHDRAWN,
    address_request,
)
from sop_engine.requests import amount_words, asked_cells, standing
from sop_engine.scenario import BASELINE, LEVERS, Scenario

ANSWERS = {ACCEPTED: "Accept", PART: "Accept a part", REJECTED: "Reject"}
TOP_SIDE = "Top-side, nobody owns it, in no volume"


def request_lists(page: Page) -> None:
    """Asked of this review, asked by it, and on the finance page the lines that nobody owns."""
    rows = _shown(session.requests(), page.plan.inputs.cycle)
    of_it, by_it = rows[rows["to_stage"] == page.stage], rows[rows["from_stage"] == page.stage]
    top_side = rows[(rows["to_stage"] == "") & (rows["status"] == OPEN)]
    by_it = by_it[by_it["to_stage"] != ""]
    if not of_it.empty:
        st.subheader("Asked of this review", anchor=ASKED)
        _list(page, of_it, "of", ("from_stage", "from"))
    if not by_it.empty:
        st.markdown("**Asked by this review**")
        _list(page, by_it, "by", ("to_stage", "asked of"))
    if page.stage == "finance" and not top_side.empty:
        st.markdown(f"**{TOP_SIDE}**")
        _top_side(page, top_side)


def _shown(rows: pd.DataFrame, cycle: str) -> pd.DataFrame:
    """Open ones first, those due first before the others; of earlier cycles only what still matters."""
    matters = (rows["cycle"] == cycle) | (rows["answered_cycle"] == cycle) | rows["included"]
    rows = rows[matters | (rows["status"] == OPEN)]
    return rows.assign(closed=rows["status"] != OPEN).sort_values(["closed", "due"], kind="stable")


def _list(page: Page, rows: pd.DataFrame, key: str, other: tuple[str, str]) -> None:
    """Requests with what was accepted and achieved; a row opens its words and what can be done with it."""
    column, heading = other
    table = request_table(rows, page.plan.inputs, session.now().date())
    table.insert(2, heading, [STAGE_WORDS[stage] for stage in rows[column]])
    if rows["status"].isin(STANDING).any():
        table.insert(4, "accepted", rows["accepted_amount"].to_numpy(dtype=float))
        table.insert(5, "achieved", [_achieved(row) for _, row in rows.iterrows()])
    chosen = ranked_table(table, f"requests_{key}", select=True, ids=["request"])
    if chosen is None:
        return
    row = rows.iloc[chosen]
    _words(row, page.plan.inputs.money.base_currency)
    if stage_status(page.stage, page.plan.inputs.cycle):
        with st.container(horizontal=True, gap="small"):
            (_as_answerer if key == "of" else _as_asker)(page, row)


def _achieved(row: pd.Series) -> float:
    """NaN where nothing of it is in the plan, or where it cannot be solved without it."""
    try:
        return session.came_of(row).achieved if row["included"] else np.nan
    except SopError:
        return np.nan


def _words(row: pd.Series, currency: str) -> None:
    """Why it is asked, what was answered, and what came of it."""
    st.markdown(escaped(lever_words(f"{row['reason'].rstrip('.')}. Raised by {row['created_by']}.")))
    if row["answer"]:
        st.markdown(escaped(f"{row['answered_by']}: {row['answer']}"))
    if row["included"]:
        try:
            came = session.came_of(row).words(row["measure"], currency, float(row["amount"]))
        except SopError as fault:
            came = str(fault)
        st.info(escaped(f"{lever_words(came)} {_carrier(row)}"))
    elif row["status"] in STANDING:
        st.caption(
            "Its override was withdrawn, so it has no effect on the plan any more."
            if row["override_id"]
            else "Accepted in words: no effect on the plan yet."
        )


def _carrier(row: pd.Series) -> str:
    """What of the plan carries a request out."""
    if row["override_id"]:
        return f"Carried out by override {row['override_id']}."
    return f"Carried out by {lever_words(Scenario.from_json(row['levers']).in_words())}."


def _as_answerer(page: Page, row: pd.Series) -> None:
    name = row["request_id"]
    if row["status"] == OPEN:
        form_over(f"Answer {name}", f"answer_{name}", lambda: _answer_form(page, row), title=row["title"])
    elif row["status"] != WITHDRAWN:
        _end_button(page, row, "Take the answer back", take_back_answer, f"{name} is open again")


def _as_asker(page: Page, row: pd.Series) -> None:
    if row["status"] != WITHDRAWN:
        _end_button(page, row, "Withdraw", withdraw_request, f"{row['request_id']} is withdrawn")


def _end_button(page: Page, row: pd.Series, label: str, action: object, done: str) -> None:
    name = row["request_id"]
    ended = partial(action, session.warehouse(), name, cycle=page.plan.inputs.cycle, seen=row["status"])
    form_over(f"{label}: {name}", f"end_{name}", lambda: _end_form(label, done, ended))


def _end_form(label: str, done: str, action: partial) -> None:
    """Why a request or its answer no longer stands; what it put into the plan goes with it."""
    st.markdown("What it put into the plan is taken out; it stays on record.")
    step_form(label, "request_end", done, action)


def _top_side(page: Page, rows: pd.DataFrame) -> None:
    """Lines that no review owns; a row is given to one."""
    inputs = page.plan.inputs
    table = request_table(rows, inputs, session.now().date()).drop(columns="owner")
    chosen = ranked_table(table, "requests_top_side", select=True, ids=["request"])
    if chosen is None:
        return
    row = rows.iloc[chosen]
    st.markdown(escaped(lever_words(row["reason"])))
    with st.container(horizontal=True, gap="small"):
        name = row["request_id"]
        form_over(f"Give {name} to a review", f"give_{name}", lambda: _give_form(page, row))
        _as_asker(page, row)


def _give_form(page: Page, row: pd.Series) -> None:
    with st.form("request_give", border=False):
        others = [stage for stage in STAGE_WORDS if stage != row["from_stage"]]
        to_stage = st.segmented_control(
            "Review",
            others,
            default="demand" if "demand" in others else others[0],
            required=True,
            format_func=STAGE_WORDS.__getitem__,
        )
        left, right = st.columns(2)
        owner = left.text_input("Owner (blank: of the review)")
        due = right.date_input("Answer by", value=session.now().date() + timedelta(days=DAYS_TO_ANSWER))
        given = partial(
            address_request,
            session.warehouse(),
            row["request_id"],
            to_stage,
            cycle=page.plan.inputs.cycle,
            owner=owner,
            due=due,
        )
        submit("Give it", "request_give", f"{row['request_id']} is asked", given, primary=True)


def _answer_form(page: Page, row: pd.Series) -> None:
    """Accept, part or reject; what it does to the plan is said before it is recorded."""
    inputs, currency = page.plan.inputs, page.plan.inputs.money.base_currency
    asked = amount_words(row["measure"], row["amount"], currency)
    st.markdown(escaped(f"{where_words(row, inputs)}: {asked}"))
    st.caption(escaped(lever_words(row["reason"])))
    left, right = st.columns(2, vertical_alignment="bottom")
    status = left.segmented_control(
        "Answer",
        list(ANSWERS),
        default=ACCEPTED,
        required=True,
        format_func=ANSWERS.__getitem__,
        key="request_answer",
    )
    amount = {ACCEPTED: float(row["amount"]), REJECTED: 0.0}.get(status)
    if status == PART:
        amount = right.number_input("Of it, accepted", value=float(row["amount"]) / 2, key="request_part")
    levers = _carried_out(page, row, amount) if amount else BASELINE
    reason = st.text_input("Reason", key="request_reason")
    who = session.name_input("request_answer")
    if st.button("Answer", type="primary", key="request_answer_save"):
        perform(
            f"{row['request_id']} is answered",
            lambda: _answer(page, row, status, amount, levers, reason, who),
        )


def _answer(
    page: Page, row: pd.Series, status: str, amount: float, levers: Scenario, reason: str, who: str
) -> None:
    """Records the answer; adopted levers are the plan's own now, so the working scenario lets go of them."""
    answer_request(
        session.warehouse(),
        page.plan.inputs,
        row["request_id"],
        status=status,
        accepted=amount,
        levers=levers,
        answer=reason,
        who=session.signed(who),
        at=session.now(),
    )
    for lever in levers.levers:
        session.remove(lever)


def _carried_out(page: Page, row: pd.Series, amount: float) -> Scenario:
    """What would carry out the accepted amount: an override, levers of this review, or words alone."""
    if carried_by_override(page.stage, row["measure"]):
        _override_preview(page.plan.inputs, row, amount)
        return BASELINE
    own = [lever for lever in session.working().levers if LEVERS[lever.kind].stage == page.stage]
    if not own:
        movable = any(spec.stage == page.stage for spec in LEVERS.values())
        st.info(
            "No effect on the plan yet: no lever of this review is moved in the working scenario. Move one "
            "first to carry it out, or accept in words."
            if movable
            else "Accepted in words, without effect on the plan yet: this review has no lever of its own."
        )
        return BASELINE
    words = {lever.in_words(): lever for lever in own}
    chosen = st.multiselect(
        "Carried out by", list(words), default=list(words), format_func=lever_words, key="request_levers"
    )
    levers = Scenario(tuple(words[name] for name in chosen))
    st.info(_lever_preview(levers))
    return levers


def _override_preview(inputs: Inputs, row: pd.Series, amount: float) -> None:
    """The units that bring exactly the amount, what supply would serve of it and what money would become; or
    why the scope cannot hold it.
    """
    try:
        override = override_asked(inputs, row, amount, session.now())
        with st.spinner("Solving the plan with it"):
            after = plan_of(with_override(inputs, override), BASELINE)
    except SopError as fault:
        st.warning(escaped(str(fault)))
        return
    currency, measure = inputs.money.base_currency, row["measure"]
    scope = row[["product", "family", "market"]]
    cells = asked_cells(inputs, *scope, row["from_period"].date(), row["to_period"].date())
    before = session.plan_for(BASELINE)
    came = standing(before, after, cells, measure, amount).words(measure, currency)
    st.info(
        escaped(
            f"An override of {signed(override.value)} units, spread in proportion over {scope_words(row)}: "
            f"the unconstrained demand changes by exactly {amount_words(measure, amount, currency)} at the "
            f"plan's prices. Solved, not recorded yet: {lever_words(came)} {solved_words(before, after)}"
        )
    )


def _lever_preview(levers: Scenario) -> str:
    """What levers do, solved: revenue, profit and units delivered on time, over the plan."""
    if levers.is_baseline:
        return "No effect on the plan yet: no lever is chosen."
    words = solved_words(session.plan_for(BASELINE), session.plan_for(levers))
    return escaped(f"Part of every plan from now on. {words}")
