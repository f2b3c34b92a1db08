"""Decisions on the table: their options side by side, and the steps that the rules allow."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial

import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.deadlines import refusals, require_choosable
from pages.frame.expected import say_expected, take
from pages.frame.options import add_option_form, matrix, solve_again_button
from pages.frame.page import Page, ranked_table
from pages.frame.perform import form_over, submit
from pages.frame.scenario_menu import lever_words
from pages.frame.strip import escaped
from sop_engine.charts.numbers import month
from sop_engine.executive_sop.decisions import (
    NEXT,
    STAGE_WORDS,
    STAGES,
    Status,
    age_in_cycles,
    days_left,
    deadline_words,
    is_waiting,
    standing,
    went_up,
)
from sop_engine.records import (
    defer_decision,
    escalate_decision,
    reopen_decision,
    withdraw_decision,
)
from sop_engine.records.decisions import amend_decision

LATER = date(9999, 12, 31)


def standing_decisions(cycle: str) -> pd.DataFrame:
    """Rows of the table decision that the cycle has before it: its own and those that wait from before."""
    return standing(session.recorded("decision"), cycle)


def decisions_on_the_table(page: Page) -> None:
    """Every decision before the cycle that waits, the nearest deadline first; then those that are settled."""
    rows = standing_decisions(page.plan.inputs.cycle)
    if rows[that_wait(rows)].empty:
        st.info("No decision waits in this cycle. Raise one from a gap in Pre-S&OP, or below any review.")
    show_decisions(page, rows)


def show_decisions(page: Page, rows: pd.DataFrame) -> None:
    """A card for each of these decisions that waits, and a table of those that are settled."""
    waiting, settled = rows[that_wait(rows)], rows[~that_wait(rows)]
    options = session.recorded("decision_option")
    ordered = waiting.assign(by=waiting["decide_by"].map(_date)).sort_values("by", key=_deadline)
    for _, row in ordered.iterrows():
        _card(page, row, options[options["decision_id"] == row["decision_id"]])
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
            st.markdown(escaped(lever_words(" ".join(filter(None, [row["reason"], row["cause"]])))))
            st.caption(escaped(_facts(page, row)))
            matrix(page, row, options)
            _steps(page, row, options)


def _facts(page: Page, row: pd.Series) -> str:
    """Which gap it closes, who answers for it, how long it waits and why it was handed on."""
    cycles = session.recorded("cycle")["cycle"]
    age = age_in_cycles(row["cycle"], page.plan.inputs.cycle, cycles)
    parts = [
        row["decision_id"],
        f"owner {row['owner'] or 'nobody'}",
        f"gap: {row['gap']}" if row["gap"] else "",
        f"raised in {STAGE_WORDS[row['stage']]}" if row["stage"] else "",
        f"open for {age} cycle{'' if age == 1 else 's'}" if age else "",
        f"deferred {row['deferrals']} time{'' if row['deferrals'] == 1 else 's'}" if row["deferrals"] else "",
    ]
    if row["escalated_to"]:
        parts.append(
            f"escalated from {STAGE_WORDS[row['escalated_from']]} to {STAGE_WORDS[row['escalated_to']]}: "
            f"{row['escalation_reason']}"
        )
    return " · ".join(part for part in parts if part)


def _steps(page: Page, row: pd.Series, options: pd.DataFrame) -> None:
    """A form for each step that a decision may take from where it stands, and for what it lacks."""
    allowed = NEXT[Status(row["status"])]
    forms = {
        Status.DECIDED: ("Decide", lambda: _decide(page, row, options)),
        Status.ESCALATED: ("Escalate", lambda: _escalate(row)),
        Status.DEFERRED: ("Defer", lambda: _defer(row)),
        Status.OPEN: ("Take up again", lambda: _simple(row, "reopen", "Take up again", reopen_decision)),
        Status.WITHDRAWN: ("Withdraw", lambda: _simple(row, "withdraw", "Withdraw", withdraw_decision)),
    }
    with st.container(horizontal=True, gap="small"):
        for status, (label, body) in forms.items():
            if status in allowed:
                form_over(label, f"{label}_{row['decision_id']}", body, title=lever_words(row["question"]))
        key = row["decision_id"]
        form_over("Owner, deadline, recommendation", f"amend_{key}", lambda: _amend(row, options))
        form_over("Add an option", f"add_{key}", lambda: add_option_form(page, row))
        solve_again_button(page, row, options)


def _decide(page: Page, row: pd.Series, options: pd.DataFrame) -> None:
    titles = dict(zip(options["option"], options["title"], strict=True))
    past = refusals(options)
    with st.form(f"decide_{row['decision_id']}", border=False):
        chosen = _choice(titles, past)
        say_expected(page, options)
        reason = st.text_input("Why this option")
        review_on = st.date_input("Review its effect on (blank: as proposed)", value=None)
        urgent, agreed = _between_meetings()
        decided = partial(_take_in_time, page, row, options, chosen, reason, review_on, urgent, agreed)
        done = f"Decided: {titles.get(chosen, '')}"
        submit("Decide", f"decide_{row['decision_id']}", done, decided, primary=True)


def _choice(titles: dict[str, str], past: dict[str, str]) -> str | None:
    """The option that is chosen; those past their last responsible moment stand below, greyed out, each with
    its reason. past: {letter: reason}"""

    def words(letter: str) -> str:
        return f"{letter}: {titles[letter]}"

    free = [letter for letter in titles if letter not in past]
    first = None if past else 0  # what is chosen must not turn into another option when the freeze comes
    chosen = st.radio("Option", free, first, format_func=words)
    if past:
        told = [escaped(reason) for reason in past.values()]
        st.radio("Can no longer be chosen", list(past), None, format_func=words, captions=told, disabled=True)
    return chosen


def _take_in_time(
    page: Page, row: pd.Series, options: pd.DataFrame, chosen: str, *more: object, **by: object
) -> None:
    """As `take`, unless the option's last responsible moment has passed by now. Raises SopError."""
    require_choosable(options, chosen)
    take(page, row, options, chosen, *more, **by)


def _between_meetings() -> tuple[str, str]:
    """Why it cannot wait for a meeting and who agreed, asked where no meeting is held; ("", "") in one."""
    if st.session_state.get("meeting"):
        return "", ""
    left, right = st.columns(2)
    return (
        left.text_input("Urgent: why it cannot wait for the meeting"),
        right.text_input("Urgent: who was asked and agreed"),
    )


def _amend(row: pd.Series, options: pd.DataFrame) -> None:
    """Who answers for it until when, and what is recommended."""
    titles = {"": "none yet", **dict(zip(options["option"], options["title"], strict=True))}
    letters = list(titles)
    now = letters.index(row["recommendation"]) if row["recommendation"] in letters else 0
    with st.form(f"amend_{row['decision_id']}", border=False):
        recommended = st.selectbox("Recommended", letters, index=now, format_func=titles.__getitem__)
        left, right = st.columns(2)
        amended = partial(
            amend_decision,
            session.warehouse(),
            row["decision_id"],
            owner=left.text_input("Owner", value=row["owner"]),
            decide_by=right.date_input("Decide by", value=_date(row["decide_by"])),
            recommendation=recommended,
        )
        submit("Keep it", f"amend_{row['decision_id']}", "Kept", amended, primary=True)


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
        handed = partial(_step(escalate_decision, row), **stages, reason=reason)
        submit("Escalate", f"escalate_{row['decision_id']}", f"Escalated to {STAGE_WORDS[to_stage]}", handed)


def _defer(row: pd.Series) -> None:
    with st.form(f"defer_{row['decision_id']}", border=False):
        decide_by = st.date_input("New deadline", value=None)
        reason = st.text_input("Why it waits")
        deferred = partial(_step(defer_decision, row), reason=reason, decide_by=decide_by)
        submit("Defer", f"defer_{row['decision_id']}", "Deferred", deferred)


def _simple(row: pd.Series, key: str, label: str, step: Callable[..., None]) -> None:
    """A step that needs a reason and nothing else."""
    with st.form(f"{key}_{row['decision_id']}", border=False):
        reason = st.text_input("Why")
        taken = partial(_step(step, row), reason=reason)
        submit(label, f"{key}_{row['decision_id']}", f"{label}: {row['decision_id']}", taken)


def _step(step: Callable[..., None], row: pd.Series) -> Callable[..., None]:
    """The step of this decision, in the meeting that this session is in."""
    held = st.session_state.get("meeting", "")
    return partial(step, session.warehouse(), row["decision_id"], meeting_id=held)


def _settled(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "decision": rows["decision_id"],
            "question": rows["question"].map(lever_words),
            "status": rows["status"],
            "chosen": rows["chosen_option"],
            "why": rows["choice_reason"],
            "level": ["Executive S&OP" if up else "below it" for up in went_up(rows)],
            "deferred": rows["deferrals"],
            "by": rows["decided_by"],
            "when": ["" if pd.isna(at) else month(f"{at:%Y-%m-%d}") for at in rows["decided_at"]],
        }
    )


def _deadline(dates: pd.Series) -> pd.Series:
    return dates.map(lambda by: by or LATER)


def _date(value: pd.Timestamp) -> date | None:
    return None if pd.isna(value) else value.date()
