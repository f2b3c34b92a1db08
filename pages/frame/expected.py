"""What each option of a decision is expected to bring, said before it is chosen and kept with the choice."""

from __future__ import annotations

from datetime import date

import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.assumptions import past_supply
from pages.frame.options import card_of_option
from pages.frame.page import Page
from pages.frame.scenario_menu import lever_words
from pages.frame.strip import escaped
from sop_engine.charts.executive_decisions import expected_words
from sop_engine.charts.numbers import day
from sop_engine.executive_sop.effects import Effect, expected_effects, review_day
from sop_engine.executive_sop.window import Window
from sop_engine.records import decide, read_scenario
from sop_engine.scenario import misfits


def say_expected(page: Page, options: pd.DataFrame) -> None:
    """What every option is expected to bring and the review day that is proposed for it."""
    inputs = page.plan.inputs
    for option in options.itertuples():
        effects = _effects(page, option)
        review = review_day(effects, inputs.calendar)
        when = f"; review proposed for {day(review)}" if review else ""
        words = expected_words(effects, inputs.money.base_currency)
        st.caption(escaped(lever_words(f"{option.option}: {words}{when}.")))


def take(
    page: Page,
    row: pd.Series,
    options: pd.DataFrame,
    chosen: str,
    reason: str,
    review_on: date | None,
    urgent: str,
    agreed: str,
    **by: object,
) -> None:
    """Records the choice with what it is expected to bring and what all options were worth when it was made.

    review_on: None for the day that is proposed; by: who and at. Raises SopError.
    """
    inputs = page.plan.inputs
    option = next(each for each in options.itertuples() if each.option == chosen)
    effects = _effects(page, option)
    cards = {each.option: card_of_option(each, Window.FISCAL_YEAR) for each in options.itertuples()}
    decide(
        session.warehouse(),
        row["decision_id"],
        chosen,
        reason=reason,
        meeting_id=st.session_state.get("meeting", ""),
        effects=effects,
        review_on=review_on or review_day(effects, inputs.calendar),
        seen={letter: card.to_json() for letter, card in cards.items() if card is not None},
        data_version=inputs.version,
        urgent=urgent,
        agreed=agreed,
        **by,
    )


def _effects(page: Page, option: tuple) -> tuple[Effect, ...]:
    """Of the option's scenario on today's data against doing nothing; none where no scenario that fits values
    it. option: a row of decision_option"""
    if not option.scenario_id:
        return ()
    scenario = read_scenario(session.warehouse(), option.scenario_id)
    if misfits(scenario, page.plan.inputs):
        return ()
    return expected_effects(session.plan_for(scenario), page.baseline, past_supply(page.plan.inputs))
