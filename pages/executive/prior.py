"""What earlier cycles decided: did it bring what it was to bring; and what was decided between meetings."""

from __future__ import annotations

import json
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from pages.executive.past import replays_at_hand
from pages.frame import session
from pages.frame.assumptions import past_supply
from pages.frame.page import Page, chart, ranked_table
from pages.frame.perform import form_over, perform, submit
from pages.frame.scenario_menu import lever_words
from pages.frame.strip import escaped
from sop_engine.charts import executive_decisions as charts
from sop_engine.charts.numbers import day
from sop_engine.executive_sop.effects import read_effects
from sop_engine.executive_sop.outcomes import RULE, Judged, Verdict, hit_rates, judged
from sop_engine.executive_sop.unresolved import prior_decisions, to_confirm
from sop_engine.records.decisions import confirm_decision, set_review
from sop_engine.scenario import Scenario


def show(page: Page) -> None:
    """What waits for confirmation, then each prior decision with what came of it, and who hits."""
    cycle = page.plan.inputs.cycle
    _to_confirm(to_confirm(session.recorded("decision"), cycle))
    rows = prior_decisions(session.recorded("decision"), cycle)
    if rows.empty:
        st.info("No earlier cycle decided anything that is on record.")
        return
    _outcomes(page, rows, prior_outcomes(page, rows))


def prior_outcomes(page: Page, rows: pd.DataFrame) -> tuple[Judged, ...]:
    """What came of these decisions, by the actuals of today's data."""
    inputs = page.plan.inputs
    effects = read_effects(session.warehouse().read)
    return judged(page.baseline, rows, effects, _chosen(rows), past_supply(inputs), replays_at_hand())


def _chosen(rows: pd.DataFrame) -> dict[str, Scenario]:
    """{decision: scenario of the option that was chosen}, where one valued it."""
    keys = rows[["decision_id", "chosen_option"]].rename(columns={"chosen_option": "option"})
    found = keys.merge(session.recorded("decision_option")).merge(session.recorded("scenario"))
    return dict(zip(found["decision_id"], map(Scenario.from_json, found["levers"]), strict=True))


def _to_confirm(rows: pd.DataFrame) -> None:
    """Decisions taken between two meetings, which the next executive meeting confirms."""
    titles = session.recorded("decision_option").set_index(["decision_id", "option"])["title"]
    if len(rows):
        st.markdown(f"**Decided between meetings, to confirm: {len(rows)}**")
    for _, row in rows.iterrows():
        title = titles.get((row["decision_id"], row["chosen_option"]), row["chosen_option"])
        said, button = st.columns([6, 1], vertical_alignment="center")
        said.caption(escaped(lever_words(charts.confirm_words(row, title))))
        with button:
            if st.button(
                "Confirm",
                key=f"confirm_{row['decision_id']}",
                icon=":material/check:",
                disabled=not st.session_state.get("meeting"),
                help="A running meeting confirms it: start the executive meeting on the Meeting page.",
            ):
                perform("Confirmed", partial(_confirm, row["decision_id"]))


def _confirm(decision_id: str) -> None:
    held, who = st.session_state.get("meeting", ""), session.signed(st.session_state.get("who", ""))
    confirm_decision(session.warehouse(), decision_id, meeting_id=held, who=who, at=session.now())


def _outcomes(page: Page, rows: pd.DataFrame, found: tuple[Judged, ...]) -> None:
    currency = page.plan.inputs.money.base_currency
    questions = {row.decision_id: lever_words(row.question) for row in rows.itertuples()}
    reviews = {row.decision_id: _day(row.review_on) for row in rows.itertuples()}
    table = charts.outcome_table(found, questions, reviews, currency)
    figure = charts.slope(found, questions, currency, page.style)
    if figure["data"]:
        chart(figure, "prior_slope", charts.prior_words(found), lambda: table)
    else:
        st.markdown(f"**{escaped(charts.prior_words(found))}**")
    at = ranked_table(table, "prior_decisions", select=True, ids=("decision", "measure", "of"))
    st.caption(f"Values are averages of a month. {RULE} Click a row for its record.")
    if at is not None:
        key = table["decision"][at]
        _record(page, rows[rows["decision_id"] == key].iloc[0], _one(found, key))
    for by, label in (("owner", "Hit rate by owner"), ("kind", "Hit rate by type")):
        st.markdown(f"**{label}**")
        ranked_table(hit_rates(found, by).rename(columns={"kind": "type"}), f"hit_rate_{by}")


def _record(page: Page, row: pd.Series, found: Judged) -> None:
    """The decision as it was taken: options seen, who, when and why, what it brought, and its review day."""
    inputs = page.plan.inputs
    options = session.recorded("decision_option")
    options = options[options["decision_id"] == row["decision_id"]]
    with st.container(border=True):
        st.markdown(f"**{escaped(lever_words(row['question']))}**")
        for outcome in found.outcomes:
            st.markdown(escaped(f"{charts.outcome_words(outcome, inputs.money.base_currency)}."))
        recommended = f"recommended {row['recommendation']}; " if row["recommendation"] else ""
        carried = (
            f"carried out by {row['effective_plan']}" if row["effective_plan"] else "in no published plan"
        )
        taken = f"{row['decided_by']} chose {row['chosen_option']} on {_day(row['decided_at'])}"
        words = f"{recommended}{taken}: {row['choice_reason']}; {carried}. {row['between_meetings']}"
        st.caption(escaped(words))
        margins = [_margin(figures) for figures in options["figures"]]
        currency = inputs.money.base_currency
        ranked_table(charts.seen_table(options, row["chosen_option"], currency, margins), "options_seen")
        if found.verdict is not Verdict.UNMEASURED:
            key = f"review_{row['decision_id']}"
            form_over("Review on another day", key, lambda: _review_form(row, key))


def _review_form(row: pd.Series, key: str) -> None:
    now = None if pd.isna(row["review_on"]) else row["review_on"].date()
    with st.form(f"{key}_form", border=False):
        chosen = st.date_input("Review on", value=now)
        moved = partial(set_review, session.warehouse(), row["decision_id"], review_on=chosen, seen=now)
        submit("Keep it", key, "The review day is kept", moved, primary=True)


def _one(found: tuple[Judged, ...], decision_id: str) -> Judged:
    return next(one for one in found if one.decision_id == decision_id)


def _margin(figures: str) -> float:
    """Gross margin of a scorecard as it was kept."""
    kept = json.loads(figures).get("gross_margin") if figures else None
    return np.nan if kept is None else float(kept)


def _day(value: pd.Timestamp) -> str:
    return "" if pd.isna(value) else day(value.date())
