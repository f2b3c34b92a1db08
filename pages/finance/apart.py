"""Accepted requests named in a bridge: the plan is solved again without each of them, and without all."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from pages.frame import cached, session
from pages.frame.page import Page
from sop_engine.finance_review.baselines import CYCLE, ESTIMATE, Baseline, Position, estimate_position
from sop_engine.finance_review.bridge import Bridge, Weight, with_requests
from sop_engine.inputs.reader import without_request
from sop_engine.scenario import BASELINE

Bridging = Callable[[Position, Position, Weight], Bridge]


def accepted_now(page: Page, start: Baseline, end: Baseline) -> pd.DataFrame:
    """The requests accepted in this cycle that the end holds and the start does not, in the order they were
    made; none where the end is no plan of today's data, or the start is one with them."""
    rows, cycle = session.requests(), page.plan.inputs.cycle
    held = end.kind in (ESTIMATE, CYCLE) and start.kind not in (ESTIMATE, CYCLE)
    return rows[rows["included"] & (rows["answered_cycle"] == cycle) & ~rows["sample"] & held]


def bridged(
    page: Page,
    rows: pd.DataFrame,
    bridging: Bridging,
    ends: tuple[Position, Position],
    end_kind: str,
    periods: np.ndarray,
    weigh: Weight,
) -> Bridge:
    """The bridge between two positions with a bar for each of these requests. Raises SopError where a plan
    without one of them cannot be made."""
    start, end = ends
    steps = bridging(start, _without(page, rows, end, end_kind, periods), weigh)
    alone = {
        request_name(row): bridging(_without(page, rows.loc[[at]], end, end_kind, periods), end, weigh)
        for at, row in rows.iterrows()
    }
    return with_requests(steps, alone)


def request_name(row: pd.Series) -> str:
    """Its id and title."""
    return f"{row['request_id']} {row['title']}"


def apart_words(rows: pd.DataFrame) -> str:
    """How the part of each request is taken."""
    if len(rows) == 1:
        return (
            f"{request_name(rows.iloc[0])}: the plan less the plan solved again without it. The bars before "
            "it are all the rest."
        )
    return (
        f"Each of the {len(rows)} requests accepted in this cycle is taken out alone and the plan solved "
        'again; "requests together" is what they do only with each other, such as wanting the same hours. '
        "The bars before them are all the rest."
    )


def _without(page: Page, rows: pd.DataFrame, end: Position, end_kind: str, periods: np.ndarray) -> Position:
    data = page.plan.inputs
    for _, row in rows.iterrows():
        data = without_request(data, row["request_id"], row["override_id"])
    scenario = page.plan.scenario if end_kind == ESTIMATE else BASELINE
    finance = cached.plan_of(data, scenario).finance
    return estimate_position(f"{end.label} without requests", page.plan.inputs, finance, periods)
