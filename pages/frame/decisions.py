"""Decisions on the table: their options valued by their scenarios, and the steps that the rules allow."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial

import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.page import Page, ranked_table
from pages.frame.perform import form_over, submit
from pages.frame.scenario_menu import lever_words
from pages.frame.strip import escaped
from sop_engine.charts.numbers import month, percent, short, signed
from sop_engine.executive_sop.comparison import DO_NOTHING
from sop_engine.executive_sop.decisions import (
    NEXT,
    STAGE_WORDS,
    STAGES,
    Status,
    days_left,
    deadline_words,
    is_waiting,
    value_at_stake,
)
from sop_engine.executive_sop.scorecard import Scorecard, scorecard
from sop_engine.executive_sop.window import Window
from sop_engine.records import (
    decide,
    defer_decision,
    escalate_decision,
    read_scenario,
    reopen_decision,
    withdraw_decision,
)
from sop_engine.scenario import misfits

LATER = date(9999, 12, 31)


def decisions_on_the_table(page: Page) -> None:
    """Every decision of the cycle that waits, the nearest deadline first; then those that are settled."""
    rows = session.recorded("decision", page.plan.inputs.cycle)
    waiting = rows[that_wait(rows)]
    if waiting.empty:
        st.info("No decision waits in this cycle. Raise one from a gap in Pre-S&OP, or below any review.")
    options = session.recorded("decision_option", page.plan.inputs.cycle)
    for _, row in (
        waiting.assign(by=waiting["decide_by"].map(_date)).sort_values("by", key=_deadline).iterrows()
    ):
        _card(page, row, options[options["decision_id"] == row["decision_id"]])
    settled = rows[~that_wait(rows)]
    if not settled.empty:
        st.markdown("**Settled**")
        ranked_table(_settled(settled), "decisions_settled")


def that_wait(rows: pd.DataFrame) -> pd.Series:
    """Bool per row of the table decision: whether somebody still has to decide."""
    return rows["status"].map(is_waiting).astype(bool)


def decision_table(rows: pd.DataFrame, today: date) -> pd.DataFrame:
    """decision, question, owner, standing (with days left) of decision rows, the nearest deadline first."""
    ordered = rows.assign(by=rows["decide_by"].map(_date)).sort_values("by", key=_deadline)
    return pd.DataFrame(
        {
            "decision": ordered["decision_id"],
            "question": ordered["question"].map(lever_words),
            "owner": ordered["owner"],
            "standing": [
                deadline_words(s, by, today) for s, by in zip(ordered["status"], ordered["by"], strict=True)
            ],
        }
    ).reset_index(drop=True)


def _card(page: Page, row: pd.Series, options: pd.DataFrame) -> None:
    """One decision; its options are planned when the card is opened."""
    today, by = session.now().date(), _date(row["decide_by"])
    left = days_left(by, today)
    icon = ":material/schedule:" if left is None or left >= 0 else ":material/warning:"
    title = f"{lever_words(row['question'])} ({deadline_words(row['status'], by, today)})"
    card = st.expander(escaped(title), icon=icon, on_change="rerun", key=f"decision_{row['decision_id']}")
    if card.open:
        with card:
            st.caption(escaped(_facts(row)))
            _options(page, row, options)
            _steps(row, options)


def _facts(row: pd.Series) -> str:
    """Where it comes from and who answers for it."""
    parts = [f"{row['decision_id']}", f"owner {row['owner'] or 'nobody'}", lever_words(row["reason"])]
    if row["escalated_to"]:
        parts.append(
            f"escalated from {STAGE_WORDS[row['escalated_from']]} to {STAGE_WORDS[row['escalated_to']]}: "
            f"{row['escalation_reason']}"
        )
    return " · ".join(part for part in parts if part)


def _options(page: Page, row: pd.Series, options: pd.DataFrame) -> None:
    """Each option with what its scenario does to the figures, against doing nothing."""
    window = st.session_state.get("strip_window", Window.FISCAL_YEAR)
    base = scorecard(page.baseline, window)
    cards = [
        base if option.title == DO_NOTHING else _option_card(option.scenario_id, window)
        for option in options.itertuples()
    ]
    table = pd.DataFrame(
        {
            "option": options["option"].to_numpy(),
            "what": options["title"].to_numpy(),
            "recommended": ["✓" if letter == row["recommendation"] else "" for letter in options["option"]],
            "scenario": [_scenario_words(scenario_id) for scenario_id in options["scenario_id"]],
            **_figures(cards, base),
        }
    )
    ranked_table(table, f"options_{row['decision_id']}")
    known = [card.gross_margin for card in cards if card is not None]
    if len(known) > 1:
        st.caption(
            f"At stake: {short(value_at_stake(known))} {base.currency} of gross margin, best against worst."
        )


def _figures(cards: list[Scorecard | None], base: Scorecard) -> dict[str, list[str]]:
    """Margin, fill rate, load and cash of each option; "-" where no scenario values it."""

    def column(write: Callable[[Scorecard], str]) -> list[str]:
        return ["-" if card is None else write(card) for card in cards]

    return {
        f"gross margin, {base.currency}": column(
            lambda card: f"{short(card.gross_margin)} ({signed(card.gross_margin - base.gross_margin)})"
        ),
        "fill rate": column(lambda card: percent(card.fill_rate_pct)),
        "worst load": column(lambda card: percent(card.required_load_peak_pct)),
        f"cash effect, {base.currency}": column(
            lambda card: f"{short(card.cash_effect)} ({signed(card.cash_effect - base.cash_effect)})"
        ),
    }


def _option_card(scenario_id: str, window: Window) -> Scorecard | None:
    """The figures of an option, None where no scenario values it or its scenario no longer fits the data."""
    if not scenario_id:
        return None
    scenario = read_scenario(session.warehouse(), scenario_id)
    if misfits(scenario, session.inputs()):
        return None
    return scorecard(session.plan_for(scenario), window)


def _scenario_words(scenario_id: str) -> str:
    if not scenario_id:
        return "none"
    scenario = read_scenario(session.warehouse(), scenario_id)
    gone = "no longer in the data: " if misfits(scenario, session.inputs()) else ""
    return gone + lever_words(scenario.in_words())


def _steps(row: pd.Series, options: pd.DataFrame) -> None:
    """A form for each step that a decision may take from where it stands."""
    allowed = NEXT[Status(row["status"])]
    forms = {
        Status.DECIDED: ("Decide", lambda: _decide(row, options)),
        Status.ESCALATED: ("Escalate", lambda: _escalate(row)),
        Status.DEFERRED: ("Defer", lambda: _defer(row)),
        Status.OPEN: ("Take up again", lambda: _simple(row, "reopen", "Take up again", reopen_decision)),
        Status.WITHDRAWN: ("Withdraw", lambda: _simple(row, "withdraw", "Withdraw", withdraw_decision)),
    }
    with st.container(horizontal=True, gap="small"):
        for status, (label, body) in forms.items():
            if status in allowed:
                form_over(label, f"{label}_{row['decision_id']}", body, title=lever_words(row["question"]))


def _decide(row: pd.Series, options: pd.DataFrame) -> None:
    titles = dict(zip(options["option"], options["title"], strict=True))
    with st.form(f"decide_{row['decision_id']}", border=False):
        chosen = st.radio("Option", list(titles), format_func=lambda letter: f"{letter}: {titles[letter]}")
        reason = st.text_input("Why this option")
        decided = partial(decide, session.warehouse(), row["decision_id"], chosen, reason=reason)
        submit("Decide", f"decide_{row['decision_id']}", f"Decided: {titles[chosen]}", decided, primary=True)


def _escalate(row: pd.Series) -> None:
    now_at = row["escalated_to"] or "pre_sop"
    later = STAGES[STAGES.index(now_at) + 1 :]
    if not later:
        st.caption("It stands before the last review already.")
        return
    with st.form(f"escalate_{row['decision_id']}", border=False):
        to_stage = st.selectbox("To", later, format_func=STAGE_WORDS.__getitem__)
        reason = st.text_input("Why it cannot be decided here")
        stages = {"from_stage": now_at, "to_stage": to_stage}
        handed = partial(escalate_decision, session.warehouse(), row["decision_id"], **stages, reason=reason)
        submit("Escalate", f"escalate_{row['decision_id']}", f"Escalated to {STAGE_WORDS[to_stage]}", handed)


def _defer(row: pd.Series) -> None:
    with st.form(f"defer_{row['decision_id']}", border=False):
        decide_by = st.date_input("New deadline", value=None)
        reason = st.text_input("Why it waits")
        deferred = partial(
            defer_decision, session.warehouse(), row["decision_id"], reason=reason, decide_by=decide_by
        )
        submit("Defer", f"defer_{row['decision_id']}", "Deferred", deferred)


def _simple(row: pd.Series, key: str, label: str, step: Callable[..., None]) -> None:
    """A step that needs a reason and nothing else."""
    with st.form(f"{key}_{row['decision_id']}", border=False):
        reason = st.text_input("Why")
        taken = partial(step, session.warehouse(), row["decision_id"], reason=reason)
        submit(label, f"{key}_{row['decision_id']}", f"{label}: {row['decision_id']}", taken)


def _settled(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "decision": rows["decision_id"],
            "question": rows["question"].map(lever_words),
            "status": rows["status"],
            "chosen": rows["chosen_option"],
            "why": rows["choice_reason"],
            "by": rows["decided_by"],
            "when": ["" if pd.isna(at) else month(f"{at:%Y-%m-%d}") for at in rows["decided_at"]],
        }
    )


def _deadline(dates: pd.Series) -> pd.Series:
    return dates.map(lambda by: by or LATER)


def _date(value: pd.Timestamp) -> date | None:
    return None if pd.isna(value) else value.date()
