"""The form by which a gap becomes an issue: question, cause, options that are solved now, each with what it
takes for granted, a recommendation, an owner and a deadline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial

import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.capture import owner_input
from pages.frame.deadlines import proposed_decide_by
from pages.frame.evidence import view_now
from pages.frame.options import offered_scenarios, solved_option, stake_of
from pages.frame.page import Page, ranked_table
from pages.frame.perform import perform
from pages.frame.scenario_menu import lever_words
from pages.frame.solved import Told, counted, when_asked
from pages.frame.strip import escaped
from pages.pre.series import series_of
from sop_engine.charts import pre_sop_issues as charts
from sop_engine.executive_sop.comparison import DO_NOTHING
from sop_engine.executive_sop.decisions import STAGE_WORDS, first_deadline
from sop_engine.executive_sop.scorecard import Scorecard
from sop_engine.pre_sop.gaps import Gap
from sop_engine.pre_sop.issues import (
    LEAST_OPTIONS,
    MOST_OPTIONS,
    Proposal,
    cause_words,
    count_ways,
    gap_name,
    issue_cause,
    proposals,
    scenario_proposal,
    sought_proposals,
    ways_to_budget,
)
from sop_engine.pre_sop.series import scopes
from sop_engine.records import Option, raise_decision
from sop_engine.remedies.causes import RootCause
from sop_engine.remedies.remedy import ideas, ranked, tried
from sop_engine.scenario import BASELINE


def raise_form(page: Page, gap: Gap) -> None:
    """What is behind the gap, its options and their figures, and the form that raises it."""
    cause = issue_cause(page.plan, gap, page.view.periods)
    said = lever_words(cause_words(gap, cause))
    st.markdown(escaped(f"{lever_words(gap.sentence)} {said}"))
    found = _proposed(page, gap, cause)
    offered = _offered(page, found or [])
    first = [proposal.title for proposal in found or []]
    chosen = st.multiselect(
        f"Options beside '{DO_NOTHING}', {LEAST_OPTIONS} to {MOST_OPTIONS}",
        list(offered),
        default=first,
        format_func=lever_words,
        max_selections=MOST_OPTIONS,
        key=f"issue_options_{gap_name(gap)}_{len(first)}",
        placeholder="Propose some, or choose a scenario",
    )
    with st.form("raise_gap", border=False):
        _fields(page, gap, said, {title: offered[title] for title in chosen})


def _fields(page: Page, gap: Gap, said: str, chosen: dict[str, tuple[str, Proposal]]) -> None:
    question = st.text_input("Question", value=_question(gap))
    options = [solved_option(BASELINE, DO_NOTHING, "")]
    for title, (scenario_id, proposal) in chosen.items():
        words = st.text_input("Option", value=lever_words(title), key=f"issue_title_{title}")
        assumed = st.text_area(
            "It takes for granted, a line each",
            value=lever_words("\n".join(proposal.assumptions)),
            key=f"issue_assumed_{title}",
            height=90,
        )
        options.append(solved_option(proposal.scenario, words, assumed, scenario_id))
    if chosen:
        _preview(page, options)
    letters = {chr(65 + at): option.title for at, option in enumerate(options)}
    recommended = st.selectbox(
        "Recommended", ["", *letters], format_func=lambda letter: letters.get(letter, "none yet")
    )
    left, middle, right = st.columns(3)
    scope = _scope(page, gap, left)
    day = _deadline(page, [proposal for _, proposal in chosen.values()])
    issue = {
        "owner": owner_input(middle, page.plan.inputs.cycle, f"issue_owner_{gap_name(gap)}"),
        "decide_by": right.date_input("Decide by", value=day),
        "question": question,
        "options": options,
        "recommendation": recommended,
        "scope": scope,
        "gap": gap_name(gap),
        "reason": gap.sentence,
        "cause": said,
        "value_at_stake": stake_of(options),
    }
    who = session.name_input("raise_gap")
    if st.form_submit_button("Raise it", type="primary"):
        perform("The issue is raised", lambda: _raise(page, issue, session.signed(who)))


def _raise(page: Page, issue: dict[str, object], who: str) -> None:
    inputs = page.plan.inputs
    raise_decision(
        session.warehouse(),
        cycle=inputs.cycle,
        stage=page.stage,
        meeting_id=st.session_state.get("meeting", ""),
        evidence=view_now(STAGE_WORDS[page.stage], page.stage, inputs.version).to_json(),
        who=who,
        at=session.now(),
        **issue,
    )


def _question(gap: Gap) -> str:
    return f"How do we close the gap of {gap.scope}, {gap.kind}?"


def _deadline(page: Page, options: Sequence[Proposal]) -> date:
    """The day of the executive review of the cycle, or in a week; sooner where an option can wait less."""
    stages = session.recorded("stage", page.plan.inputs.cycle)
    due = stages.loc[stages["stage"] == "executive", "due"].dropna()
    day = first_deadline(None if due.empty else due.iloc[0].date(), session.now().date())
    last = proposed_decide_by([option.scenario for option in options])
    return day if last is None else min(day, last)


def _scope(page: Page, gap: Gap, place: st.delta_generator.DeltaGenerator) -> str:
    """The meeting of a series that the issue belongs to, or the gap's own scope."""
    labels = [scope.label for scope in scopes(page.plan.inputs, series_of(page))]
    if not labels:
        return gap.scope
    return place.selectbox("Meeting", [gap.scope, *labels], format_func=_meeting_words(gap.scope))


def _meeting_words(own: str) -> dict[str, str]:
    return lambda label: "The company's" if label == own else label


def _preview(page: Page, options: list[Option]) -> None:
    """What the options are worth, before anything is recorded."""
    cards = [Scorecard.from_json(option.figures) for option in options]
    titles = [option.title for option in options]
    table = pd.DataFrame({"option": titles, **charts.option_figures(cards, cards[0])})
    st.caption(escaped(f"Fiscal year, solved now. {charts.option_words(titles, cards, cards[0])}."))
    ranked_table(table, "issue_preview")


def _offered(page: Page, found: list[Proposal]) -> dict[str, tuple[str, Proposal]]:
    """{title: (id of a stored scenario, proposal)}: what was proposed, the working scenario, those stored."""
    offered = {proposal.title: ("", proposal) for proposal in found}
    for name, (scenario_id, scenario) in offered_scenarios(page).items():
        offered.setdefault(name, (scenario_id, scenario_proposal(page.plan, scenario, name)))
    return offered


def _proposed(page: Page, gap: Gap, cause: RootCause | None) -> list[Proposal] | None:
    """The best of what the levers can do about the gap: kept, or solved with progress when asked for."""
    work = _work(page, gap, cause)
    if not work:
        st.caption("No lever of the plan is an answer to it: choose scenarios that you saved.")
        return None

    def solve(told: Told) -> list[Proposal]:
        solved = counted(_solutions(page, gap, cause), work, told)
        made = sought_proposals(page.plan, solved) if cause is None else proposals(page.plan, ranked(solved))
        return list(made)

    question = "proposals", page.plan.scenario.to_json(), gap_name(gap), tuple(page.view.periods.tolist())
    return when_asked(question, "Propose options", "propose_options", solve)


def _work(page: Page, gap: Gap, cause: RootCause | None) -> int:
    """How many things can be tried against the gap."""
    return count_ways(page.plan, gap) if cause is None else len(ideas(page.plan, cause))


def _solutions(page: Page, gap: Gap, cause: RootCause | None) -> Iterator[object]:
    """Remedies of the root cause, or where there is none the ways of price and volume to the budget."""
    if cause is None:
        return ways_to_budget(page.plan, gap, page.view.periods, session.plan_for)
    attempt = partial(tried, page.plan, cause, solve=session.plan_for, periods=page.view.periods)
    return (attempt(idea) for idea in ideas(page.plan, cause))
