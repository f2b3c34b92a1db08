"""The sections of every page, in the order they are shown: on the page as tabs, in a meeting one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from pages.demand import dependent, exceptions, history, launches, orders, overrides, streams, why
from pages.demand import scoreboard as demand_scoreboard
from pages.executive import agenda, deadlines, outlook, pack, prior, publication, risk, scenarios
from pages.finance import baselines, bridge, cash, cells, choices, goal, ladder, landing, statement
from pages.frame.decisions import decisions_on_the_table
from pages.frame.page import Page
from pages.pre import changes, connectivity, consistency, families, gaps, issues, series
from pages.product import phase_outs, pipeline, portfolio, readiness, risks, segments, tail
from pages.supply import balance, capacity, inventory, policies, remedies, shortages, strategies
from pages.supply import scoreboard as supply_scoreboard

Show = Callable[[Page], None]
SECTIONS: Mapping[str, Mapping[str, Show]] = {
    "product_review": {
        "Pipeline": pipeline.show,
        "Readiness": readiness.show,
        "Portfolio": portfolio.show,
        "Segments": segments.show,
        "Tail": tail.show,
        "Phase-outs": phase_outs.show,
        "Risks": risks.show,
    },
    "demand_review": {
        "Exceptions": exceptions.show,
        "Scoreboard": demand_scoreboard.show,
        "History": history.show,
        "Streams": streams.show,
        "Overrides": overrides.show,
        "Launches and events": launches.show,
        "Order book": orders.show,
        "Dependent demand": dependent.show,
        "Why this number": why.show,
    },
    "supply_review": {
        "Shortages": shortages.show,
        "Remedies": remedies.show,
        "Strategies": strategies.show,
        "Capacity": capacity.show,
        "Supply, demand and stock": balance.show,
        "Inventory": inventory.show,
        "Policies and stability": policies.show,
        "Scoreboard": supply_scoreboard.show,
    },
    "finance_review": {
        "Landing": landing.show,
        "Baselines": baselines.show,
        "Bridge": bridge.show,
        "Statement": statement.show,
        "Cells": cells.show,
        "Choices": choices.show,
        "Cash": cash.show,
        "Goal seek": goal.show,
        "Risks and opportunities": ladder.show,
        "Channels": statement.show_channels,
    },
    "pre_sop": {
        "Connectivity": connectivity.show,
        "Gaps": gaps.show,
        "Issues": issues.show,
        "What changed": changes.show,
        "Families": families.show,
        "Consistency": consistency.show,
        "Series": series.show,
    },
    "executive_sop": {
        "Prior decisions": prior.show,
        "Agenda": agenda.show,
        "Scorecard": outlook.scores,
        "Outlook": outlook.show,
        "Goal seek": goal.show,
        "Scenarios": scenarios.show,
        "Risk": risk.show,
        "Deadlines": deadlines.show,
        "Decisions": decisions_on_the_table,
        "Pack": pack.show,
        "Publish": publication.show,
    },
}


def tabs(page: Page, name: str, key: str) -> None:
    """The sections of a page as tabs; a section is made when it is opened."""
    sections = SECTIONS[name]
    for tab, show in zip(st.tabs(list(sections), on_change="rerun", key=key), sections.values(), strict=True):
        if tab.open:
            with tab:
                show(page)
