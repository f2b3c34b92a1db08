"""Whether the ranges hold: past cycles, each judged by what the others teach, and risks that are closed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_engine.inputs import Inputs
from sop_engine.risk.draws import generator
from sop_engine.risk.past import Record
from sop_engine.risk.rates import Rates, rate_moves
from sop_engine.risk.spread import Level, fit_levels

SPANS = (3, 12)
TRIALS = 4000
RANGE = (10.0, 50.0, 90.0)


@dataclass(frozen=True, eq=False)
class Calibration:
    """rows: made_in, span, periods (those of the span that have come), p10, p50, p90, actual, inside; money
    of the base currency, oldest first. brier: mean squared error of the probabilities of closed risks, NaN
    without any; closed: how many
    """

    rows: pd.DataFrame
    brier: float = np.nan
    closed: int = 0

    def inside_pct(self, span: int | None = None) -> float:
        """Share of the ranges that held the actual, of one span or of all; NaN where there is none."""
        rows = self.rows if span is None else self.rows[self.rows["span"] == span]
        return 100 * float(rows["inside"].mean()) if len(rows) else np.nan


def calibrate(inputs: Inputs, record: Record, seed: int = 1) -> Calibration:
    """P10 to P90 of the revenue of the next 3 and 12 periods in each past cycle, as far as it has come,
    beside the revenue that came; the error model is fitted on the other cycles.
    """
    rows = [
        row
        for cycle in range(record.cycles)
        if record.cycles > 1
        for row in _ranges(inputs, record, cycle, seed)
    ]
    columns = ["made_in", "span", "periods", "p10", "p50", "p90", "actual", "inside"]
    return Calibration(pd.DataFrame(rows, columns=columns))


def with_closed(calibration: Calibration, items: pd.DataFrame) -> Calibration:
    """The same with the closed risks of the register; those made up to show the feature do not count.

    Brier score = mean of (probability - what came)^2, 1 for what happened; 0.25 is a coin's.
    """
    closed = items[items["status"].isin(["happened", "did_not_happen"]) & ~items["sample"].astype(bool)]
    came = (closed["status"] == "happened").to_numpy(dtype=float)
    error = closed["probability_pct"].to_numpy(dtype=float) / 100 - came
    brier = float(np.mean(error**2)) if len(closed) else np.nan
    return Calibration(calibration.rows, brier, len(closed))


def _ranges(inputs: Inputs, record: Record, cycle: int, seed: int) -> list[tuple[object, ...]]:
    start = int(record.made[cycle])
    others = record.of(np.arange(record.cycles) != cycle)
    come = ~np.isnan(record.revenue[cycle]).all(axis=0)
    known = int(come.sum())
    expected = record.expected[cycle].sum(axis=0)[:known]
    came = record.revenue[cycle].sum(axis=0)[:known]
    if known == 0 or not expected.any():
        return []
    demand, price = (
        _company(fit, expected_then, known, centred)
        for fit, expected_then, centred in (
            (others.demand, others.expected, False),
            (others.at_realised, others.at_known, True),
        )
    )
    random = generator(seed, "calibration", start)
    factors = _paths(demand, random, known) * _paths(price, random, known)
    factors = factors * _rate_paths(inputs, start, random, known)
    rows = []
    for span in SPANS:
        periods = min(span, known)
        low, middle, high = np.percentile(factors[:, :periods] @ expected[:periods], RANGE)
        actual = float(came[:periods].sum())
        inside = bool(low <= actual <= high)
        rows.append((inputs.calendar.labels[start], span, periods, low, middle, high, actual, inside))
    return rows


def _company(came: np.ndarray, due: np.ndarray, periods: int, centred: bool) -> Level:
    whole = [("company", np.full(came.shape[1], ""))]
    return fit_levels(came, due, whole, periods, centred)[0]


def _paths(level: Level, random: np.random.Generator, periods: int) -> np.ndarray:
    """(TRIALS, periods) factors of the company."""
    lasting, passing = random.standard_normal((TRIALS, 1)), random.standard_normal((TRIALS, periods))
    sd = level.sd[0][:periods]
    mixed = np.sqrt(level.lasting) * lasting + np.sqrt(1 - level.lasting) * passing
    return np.exp(sd * mixed - sd**2 / 2)


def _rate_paths(inputs: Inputs, start: int, random: np.random.Generator, periods: int) -> np.ndarray:
    """(TRIALS, periods) what exchange rates do to the company, each currency by its share of the revenue of
    the year before."""
    rates: Rates = rate_moves(inputs, start)
    if not rates.currencies:
        return np.ones((TRIALS, periods))
    before = slice(max(start - inputs.calendar.season, 0), start)
    revenue = np.nan_to_num(inputs.demand.revenue_history)[:, :, before].sum(axis=(0, 2))
    share = np.array([revenue[inputs.markets.currency == one].sum() for one in rates.currencies])
    share = share / revenue.sum() if revenue.sum() > 0 else np.zeros(len(share))
    moved = rates.paths(random.standard_normal((TRIALS, periods, len(rates.currencies))))
    return 1 + (moved - 1) @ share
