"""Products that come and go: the launches of the pipeline and the phase-outs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from sop_engine.inputs.calendar import Calendar
from sop_engine.inputs.masters import Products
from sop_engine.inputs.tables import Tables, plan_positions


@dataclass(frozen=True)
class Launch:
    """A project of the pipeline; product and like are positions, units a period.

    launch, baseline_launch: plan index of the launch (may lie beyond the plan) and as first promised
    ramp: periods until the like-product's full rate x scale is reached
    cannibalises: (products,) positions that lose `cannibalisation` of the launch's units between them
    stated: plan index of the launch as the pipeline states it, negative where that is past
    gate_date: when its gate is or was passed, None where nobody says
    capex: money of the base currency, NaN = not known
    """

    project: str
    product: int
    like: int
    scale: float
    launch: int
    baseline_launch: int
    in_plan: bool
    probability: float
    ramp: int
    cannibalises: tuple[int, ...]
    cannibalisation: float
    gate: str
    business_case_units: float
    capex: float
    owner: str
    stated: int = 0
    gate_date: date | None = None


@dataclass(frozen=True)
class PhaseOut:
    """A product that ends at plan index `end`; `transfer` of its demand moves to the successor (-1: none).

    last_buy: plan index of the last period to buy its components, None where none is stated
    """

    product: int
    end: int
    successor: int
    transfer: float
    last_buy: int | None = None


def read_launches(tables: Tables, calendar: Calendar, products: Products) -> tuple[Launch, ...]:
    """The pipeline; `cannibalises` lists products or families, separated by semicolons."""
    frame = tables["pipeline"]
    launch = plan_positions(calendar, frame["launch_period"], 0)
    first = plan_positions(calendar, frame["baseline_launch_period"].fillna(frame["launch_period"]), 0)
    numbers = frame.select_dtypes("number").fillna({"scale_pct": 100.0, "probability_pct": 100.0}).fillna(0.0)
    return tuple(
        Launch(
            project=row.project,
            product=products.positions[row.product],
            like=products.positions.get(row.like_product, products.positions[row.product]),
            scale=number.scale_pct / 100,
            launch=int(max(launch[row.Index], 0)),
            baseline_launch=int(first[row.Index]),
            in_plan=bool(row.in_plan),
            probability=number.probability_pct / 100,
            ramp=int(number.ramp_periods),
            cannibalises=_victims(products, row.cannibalises, products.positions[row.product]),
            cannibalisation=number.cannibalisation_pct / 100,
            gate=row.gate,
            business_case_units=number.business_case_units,
            capex=np.nan if pd.isna(row.capex) else row.capex,  # one NaN, so that a launch equals itself
            owner=row.owner,
            stated=int(launch[row.Index]),
            gate_date=None if pd.isna(row.gate_date) else row.gate_date.date(),
        )
        for row, number in zip(frame.itertuples(), numbers.itertuples(), strict=True)
    )


def _victims(products: Products, text: str, launched: int) -> tuple[int, ...]:
    """Products that a launch eats into, never the launch itself."""
    named = [part.strip() for part in text.split(";") if part.strip()]
    mask = (
        np.any([products.group(label) for label in named], axis=0)
        if named
        else np.zeros(len(products), dtype=bool)
    )
    mask[launched] = False
    return tuple(int(i) for i in np.flatnonzero(mask))


def read_phase_outs(tables: Tables, calendar: Calendar, products: Products) -> tuple[PhaseOut, ...]:
    frame = tables["phase_out"]
    end = plan_positions(calendar, frame["end_period"], calendar.periods) + 1
    last_buy = plan_positions(calendar, frame["last_buy_period"], 0)
    return tuple(
        PhaseOut(
            products.positions[row.product],
            max(int(end[row.Index]), 0),
            products.positions.get(row.successor, -1),
            share,
            None if pd.isna(row.last_buy_period) else int(last_buy[row.Index]),
        )
        for row, share in zip(frame.itertuples(), frame["transfer_pct"].fillna(0.0) / 100, strict=True)
    )
