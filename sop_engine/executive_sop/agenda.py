"""What each meeting talks about and who sits in it: the canon of the six reviews, and the executive agenda
made of what the earlier steps left open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from sop_engine.executive_sop.unresolved import DECISION as OF_DECISION
from sop_engine.executive_sop.unresolved import Matter

REVIEW, DECISION, SUMMARY = "review", "decision", "summary"
KINDS = {REVIEW: "review", DECISION: "decision", SUMMARY: "summary"}
ROOM = "meeting"  # the page whose sections below are the meeting's own
PRIOR_ACTIONS, ONE_DECISION, WHAT_CAME = "Prior actions", "Decision", "Summary"
DECISION_MINUTES = 15.0


@dataclass(frozen=True)
class AgendaItem:
    """One item of an agenda.

    minutes: planned; page, section: what is shown for it
    kind: what its time is spent on: review, decision or summary; about: id of the decision it is about
    """

    title: str
    minutes: float
    page: str = ""
    section: str = ""
    kind: str = REVIEW
    about: str = ""


@dataclass(frozen=True)
class Seat:
    """A role that a meeting expects; decides: whether it may decide what the meeting decides."""

    role: str
    decides: bool = False


_PRIOR = AgendaItem("Prior actions", 5, ROOM, PRIOR_ACTIONS)
_CANON: dict[str, tuple[AgendaItem, ...]] = {
    "product": (
        _PRIOR,
        AgendaItem("Portfolio health", 15, "product_review", "Portfolio"),
        AgendaItem("Pipeline by gate, and slips", 20, "product_review", "Pipeline"),
        AgendaItem("Launch readiness, next six months", 15, "product_review", "Readiness"),
        AgendaItem("Rationalisation and phase-outs", 15, "product_review", "Tail"),
        AgendaItem("Risks and decisions", 15, "product_review", "Risks", DECISION),
        AgendaItem("Summary", 5, ROOM, WHAT_CAME, SUMMARY),
    ),
    "demand": (
        _PRIOR,
        AgendaItem("Accuracy and bias by family", 10, "demand_review", "Scoreboard"),
        AgendaItem("Statistical baseline", 15, "demand_review", "History"),
        AgendaItem("Drivers: promotions, prices, launches", 20, "demand_review", "Launches and events"),
        AgendaItem("Adjustments, each with its assumption", 20, "demand_review", "Overrides", DECISION),
        AgendaItem("One plan in units and money", 10, "demand_review", "Streams", DECISION),
        AgendaItem("Summary", 5, ROOM, WHAT_CAME, SUMMARY),
    ),
    "supply": (
        _PRIOR,
        AgendaItem("Performance", 15, "supply_review", "Scoreboard"),
        AgendaItem("Demand changes since the last cycle", 5, "demand_review", "Why this number"),
        AgendaItem("Capacity", 20, "supply_review", "Capacity"),
        AgendaItem("Materials and suppliers", 10, "supply_review", "Shortages"),
        AgendaItem("Inventory", 10, "supply_review", "Inventory"),
        AgendaItem("Gaps: options and recommendations", 15, "supply_review", "Remedies", DECISION),
        AgendaItem("Escalations and sign-off", 10, ROOM, WHAT_CAME, DECISION),
    ),
    "finance": (
        AgendaItem("Landing of the year", 10, "finance_review", "Landing"),
        AgendaItem("Bridge from budget to latest estimate", 15, "finance_review", "Bridge"),
        AgendaItem("Margin mix and cost drivers", 10, "finance_review", "Statement"),
        AgendaItem("Working capital, excess stock, cash", 10, "finance_review", "Cash"),
        AgendaItem(
            "Risks, opportunities and the gap", 10, "finance_review", "Risks and opportunities", DECISION
        ),
        AgendaItem("Adjustments asked for", 5, ROOM, WHAT_CAME, SUMMARY),
    ),
    "pre_sop": (
        _PRIOR,
        AgendaItem("Demand to supply to stock to money", 25, "pre_sop", "Connectivity"),
        AgendaItem("Gaps, risks and opportunities", 15, "pre_sop", "Gaps"),
        AgendaItem("Scenarios for each issue", 30, "pre_sop", "Issues", DECISION),
        AgendaItem("Decide here, defer or escalate", 10, "pre_sop", "Issues", DECISION),
        AgendaItem("Executive pack and sign-off", 5, "pre_sop", "Consistency", SUMMARY),
    ),
    "executive": (
        AgendaItem("Prior decisions, and what is left open", 10, "executive_sop", "Prior decisions"),
        AgendaItem("Scorecard", 10, "executive_sop", "Scorecard"),
        AgendaItem("Demand and supply by exception", 15, "executive_sop", "Outlook"),
        AgendaItem("Financial reconciliation and gap", 15, "finance_review", "Bridge"),
        AgendaItem("Risks and opportunities", 10, "finance_review", "Risks and opportunities"),
        AgendaItem("Summary of decisions", 5, ROOM, WHAT_CAME, SUMMARY),
    ),
}
_SEATS: dict[str, tuple[Seat, ...]] = {
    "product": (
        Seat("Product management", True),
        Seat("Marketing"),
        Seat("Engineering"),
        Seat("Demand planning"),
        Seat("Supply planning"),
        Seat("Finance"),
    ),
    "demand": (
        Seat("Commercial owner", True),
        Seat("Sales operations"),
        Seat("Marketing"),
        Seat("Key accounts"),
        Seat("Product"),
        Seat("Demand planner"),
        Seat("Finance"),
        Seat("Supply, as observer"),
    ),
    "supply": (
        Seat("Supply planning lead", True),
        Seat("Manufacturing", True),
        Seat("Procurement"),
        Seat("Logistics"),
        Seat("Demand planning, as observer"),
        Seat("Finance, as observer"),
    ),
    "finance": (
        Seat("Finance lead", True),
        Seat("Commercial finance"),
        Seat("Supply finance"),
        Seat("Demand planner"),
        Seat("Supply planner"),
    ),
    "pre_sop": (
        Seat("S&OP coordinator"),
        Seat("Product lead"),
        Seat("Demand lead", True),
        Seat("Supply lead", True),
        Seat("Finance lead", True),
        Seat("Operations manager", True),
        Seat("Sales manager", True),
    ),
    "executive": (
        Seat("General manager", True),
        Seat("VP Sales", True),
        Seat("VP Operations", True),
        Seat("VP Finance", True),
        Seat("VP Marketing", True),
        Seat("Process owner"),
    ),
}


def seats(stage: str) -> tuple[Seat, ...]:
    """Who is expected in the meeting of a review."""
    return _SEATS[stage]


def canon(stage: str, decisions: Sequence[AgendaItem] = ()) -> tuple[AgendaItem, ...]:
    """The agenda of a review. decisions: items of the executive meeting, between finance and the risks."""
    items = _CANON[stage]
    return (*items[:-2], *decisions, *items[-2:]) if stage == "executive" else items


def decision_items(matters: Iterable[Matter]) -> tuple[AgendaItem, ...]:
    """One item for each decision among what was left unresolved, in the order given."""
    return tuple(
        AgendaItem(matter.title, DECISION_MINUTES, ROOM, ONE_DECISION, DECISION, matter.key)
        for matter in matters
        if matter.kind == OF_DECISION
    )


def quorum_words(attendance: pd.DataFrame) -> str:
    """What is wrong with who is there, "" where somebody who may decide is. attendance: present, decides"""
    if (attendance["present"] & attendance["decides"]).any():
        return ""
    if not attendance["present"].any():
        return "Nobody is marked present."
    return "Nobody who may decide is present: this is a working session, and decisions have to wait."


def missing_roles(attendance: pd.DataFrame) -> list[str]:
    """Expected roles nobody fills, in their order."""
    filled = set(attendance.loc[attendance["present"], "role"])
    return [role for role in dict.fromkeys(attendance["role"]) if role not in filled]
