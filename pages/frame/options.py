"""The options of a decision side by side, each a scenario solved: what it changes against doing nothing, what
it takes for granted, and whether it stands on today's data."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.deadlines import known_deadline, refusals, scenario_of_option
from pages.frame.page import Page, chart, ranked_table
from pages.frame.perform import perform, submit
from pages.frame.scenario_menu import lever_words
from pages.frame.strip import escaped
from sop_engine.charts import pre_sop_issues as charts
from sop_engine.charts.executive_deadlines import last_words
from sop_engine.charts.numbers import short, signed
from sop_engine.executive_sop.comparison import DO_NOTHING
from sop_engine.executive_sop.decisions import value_at_stake
from sop_engine.executive_sop.scorecard import Scorecard
from sop_engine.executive_sop.window import Window
from sop_engine.pre_sop.issues import OLD, option_state, scenario_proposal
from sop_engine.records import Option, read_scenario
from sop_engine.records.decisions import add_option, solve_again
from sop_engine.scenario import Scenario, misfits


def matrix(page: Page, row: pd.Series, options: pd.DataFrame) -> None:
    """Each option with what its scenario does to the figures, against doing nothing."""
    window = st.session_state.get("strip_window", Window.FISCAL_YEAR)
    base = session.card_of(page.baseline, window)
    cards = [card_of_option(option, window) for option in options.itertuples()]
    titles = [lever_words(title) for title in options["title"]]
    table = pd.DataFrame(
        {
            "option": options["option"].to_numpy(),
            "what": titles,
            "recommended": ["✓" if letter == row["recommendation"] else "" for letter in options["option"]],
            **charts.option_figures(cards, base),
            "last responsible moment": _moments(page, options),
            "scenario": [_scenario_words(scenario_id) for scenario_id in options["scenario_id"]],
            "stands": states_of(options, page.plan.inputs.version),
        }
    )
    key = f"options_{row['decision_id']}"
    if any(card is not None for card in cards):
        numbers = partial(charts.option_numbers, titles, cards)
        words = charts.option_words(titles, cards, base)
        chart(charts.option_panels(titles, cards, base, page.style), key, words, numbers)
    ranked_table(table, f"{key}_matrix")
    for option in options[options["assumptions"] != ""].itertuples():
        taken = lever_words(" ".join(option.assumptions.splitlines()))
        st.caption(f"**{option.option}** takes for granted: {escaped(taken)}")
    for letter, reason in refusals(options).items():
        st.caption(f":gray[**{letter}** can no longer be chosen. {escaped(reason)}]")
    st.caption(escaped(_stake_words(cards, base) + _moved_words(options, cards, window)))


def states_of(options: pd.DataFrame, version: str) -> list[str]:
    """Of each row of decision_option, whether it was solved on today's data."""
    saved = session.recorded("scenario").set_index("scenario_id")["data_version"]
    return [
        option_state(
            option.scenario_id,
            option.data_version or str(saved.get(option.scenario_id, "")),
            option.title == DO_NOTHING,
            version,
        )
        for option in options.itertuples()
    ]


def card_of_option(option: tuple, window: Window | str) -> Scorecard | None:
    """The figures of an option on today's data, None where no scenario values it or its scenario no longer
    fits. option: a row of decision_option"""
    scenario = scenario_of_option(option)
    return None if scenario is None else session.card_of(session.plan_for(scenario), window)


def solved_option(scenario: Scenario, title: str, assumptions: str, scenario_id: str = "") -> Option:
    """An option solved now, with the data version and the figures it has there; the scenario is stored with
    the decision where it is not yet."""
    plan = session.plan_for(scenario)
    card = session.card_of(plan, Window.FISCAL_YEAR)
    new = None if scenario_id or scenario.is_baseline else scenario
    return Option(
        title,
        scenario_id,
        assumptions=assumptions,
        data_version=plan.inputs.version,
        figures=card.to_json(),
        scenario=new,
    )


def stake_of(options: Iterable[Option]) -> float:
    """Gross margin of the fiscal year between the best and the worst of options that were solved."""
    return value_at_stake(Scorecard.from_json(one.figures).gross_margin for one in options if one.figures)


def solve_again_button(page: Page, row: pd.Series, options: pd.DataFrame) -> None:
    """Solves options that stand on older data on today's, where there are any."""
    version = page.plan.inputs.version
    if OLD not in states_of(options, version):
        return
    if st.button("Solve again", key=f"solve_{row['decision_id']}", type="primary", icon=":material/refresh:"):
        perform("Solved on today's data", lambda: _solve(row, options, version))


def add_option_form(page: Page, row: pd.Series) -> None:
    """The working scenario or a stored one as one more option."""
    offered = offered_scenarios(page)
    if not offered:
        st.info("Move levers on any page, then come back: the working scenario becomes an option.")
        return
    name = st.selectbox("Scenario", list(offered), key=f"option_of_{row['decision_id']}")
    scenario_id, scenario = offered[name]
    said = scenario_proposal(page.plan, scenario, name)
    with st.form(f"add_option_{row['decision_id']}", border=False):
        title = st.text_input("What would be done", value=lever_words(scenario.in_words()))
        assumed = st.text_area(
            "What it takes for granted, a line each", value=lever_words("\n".join(said.assumptions))
        )
        submit(
            "Add it",
            f"add_option_{row['decision_id']}",
            "The option is added",
            lambda **by: add_option(
                session.warehouse(),
                row["decision_id"],
                solved_option(scenario, title, assumed, scenario_id),
                **by,
            ),
            primary=True,
        )


def offered_scenarios(page: Page) -> dict[str, tuple[str, Scenario]]:
    """{name: (id, scenario)}: the working scenario, where it moves anything, and those stored in the cycle
    that fit today's data."""
    found = {} if page.plan.scenario.is_baseline else {"The working scenario": ("", page.plan.scenario)}
    for row in session.stored_scenarios().itertuples():
        scenario = Scenario.from_json(row.levers)
        if not misfits(scenario, page.plan.inputs):
            found[row.name] = (row.scenario_id, scenario)
    return found


def _solve(row: pd.Series, options: pd.DataFrame, version: str) -> None:
    solved = {option.option: card_of_option(option, Window.FISCAL_YEAR) for option in options.itertuples()}
    known = {letter: card for letter, card in solved.items() if card is not None}
    solve_again(
        session.warehouse(),
        row["decision_id"],
        {letter: card.to_json() for letter, card in known.items()},
        data_version=version,
        value_at_stake=value_at_stake(card.gross_margin for card in known.values()),
        who=session.signed(st.session_state.get("who", "")),
        at=session.now(),
    )


def _moments(page: Page, options: pd.DataFrame) -> list[str]:
    """Until when each option can be decided, where its deadline was solved already."""
    scenarios = [scenario_of_option(option) for option in options.itertuples()]
    moved = [None if one is None or one.is_baseline else one for one in scenarios]
    known = [None if one is None else known_deadline(one) for one in moved]
    return [
        last_words(deadline, page.plan.inputs) if deadline else "see Deadlines" if one else "-"
        for one, deadline in zip(moved, known, strict=True)
    ]


def _scenario_words(scenario_id: str) -> str:
    if not scenario_id:
        return "none"
    scenario = read_scenario(session.warehouse(), scenario_id)
    gone = "no longer in the data: " if misfits(scenario, session.inputs()) else ""
    return gone + lever_words(scenario.in_words())


def _stake_words(cards: list[Scorecard | None], base: Scorecard) -> str:
    known = [card.gross_margin for card in cards if card is not None]
    if len(known) < 2:
        return ""
    return f"At stake: {short(value_at_stake(known))} {base.currency} of gross margin, best against worst. "


def _moved_words(options: pd.DataFrame, cards: list[Scorecard | None], window: Window | str) -> str:
    """How the gross margin of options moved since they were solved last, of the fiscal year."""
    if window != Window.FISCAL_YEAR:
        return ""
    moved = []
    for option, card in zip(options.itertuples(), cards, strict=True):
        before = Scorecard.from_json(option.figures).gross_margin if option.figures and card else None
        if before is not None and abs(card.gross_margin - before) >= 1:
            moved.append(f"{option.option} {signed(card.gross_margin - before)}")
    return f"Gross margin since it was solved last: {', '.join(moved)}." if moved else ""
