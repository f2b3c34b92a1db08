"""The ladder of risks and opportunities: from the budget to the latest estimate, what may still come on top
or off it, and how far apart good and bad luck are.

expected = estimate + sum of probability x effect     low, high = estimate + all risks, + all opportunities
P10, P90: of the sum of independent items, each of which happens whole or not at all. Up to 17 items the
distribution is exact; beyond, sums are kept to a hundred-thousandth of the range. Nothing is drawn by chance.
Top-side lines, which nobody owns, stand beside the estimate and are part of no sum.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_engine.inputs.calendar import Calendar

MEASURES = ("revenue", "gross_margin")
RISK, OPPORTUNITY = "risk", "opportunity"
EXACT_ITEMS, GRID = 17, 100_000


@dataclass(frozen=True)
class Ladder:
    """Money of one measure over one span, base currency; NaN = not known.

    budget, target: what it is held against; estimate: the latest estimate
    opportunities, risks: expected, the latter negative; all_opportunities, all_risks: if all of them happen
    p10, p90: the estimate and its items end below these with 10 and 90 %; top_side: of no owner, in no sum
    items: how many count; unknown: titles of items that count and state no effect in this measure
    """

    measure: str
    budget: float
    estimate: float
    target: float
    opportunities: float
    risks: float
    all_opportunities: float
    all_risks: float
    p10: float
    p90: float
    top_side: float
    items: int
    unknown: tuple[str, ...]

    @property
    def steps(self) -> dict[str, float]:
        """From the budget to what is expected: budget + all steps = expected."""
        return {
            "estimate less budget": self.estimate - self.budget,
            "opportunities": self.opportunities,
            "risks": self.risks,
        }

    @property
    def expected(self) -> float:
        return self.estimate + self.opportunities + self.risks

    @property
    def low(self) -> float:
        return self.estimate + self.all_risks

    @property
    def high(self) -> float:
        return self.estimate + self.all_opportunities

    @property
    def gap_to_budget(self) -> float:
        """Expected less budget: below 0 there is a gap to close."""
        return self.expected - self.budget

    @property
    def gap_to_target(self) -> float:
        return self.expected - self.target


def ladder(
    measure: str,
    estimate: float,
    rows: pd.DataFrame,
    budget: float = np.nan,
    target: float = np.nan,
    top_side: float = 0.0,
) -> Ladder:
    """The ladder of one of MEASURES over a span.

    rows: of `register.register` over the same span; only those that count enter, and of these only such as
    state an effect in the measure: the others are named in `unknown`.
    """
    counted = rows[rows["counts"].astype(bool)]
    stated = counted[measure].notna()
    known = counted[stated]
    effect, chance = (known[name].to_numpy(dtype=float) for name in (measure, "probability"))
    upward = (known["kind"] == OPPORTUNITY).to_numpy()
    sums, mass = distribution(effect, chance)
    return Ladder(
        measure=measure,
        budget=budget,
        estimate=estimate,
        target=target,
        opportunities=float((effect * chance)[upward].sum()),
        risks=float((effect * chance)[~upward].sum()),
        all_opportunities=float(effect[upward].sum()),
        all_risks=float(effect[~upward].sum()),
        p10=estimate + quantile(sums, mass, 0.10),
        p90=estimate + quantile(sums, mass, 0.90),
        top_side=top_side,
        items=len(known),
        unknown=tuple(counted.loc[~stated, "title"]),
    )


def distribution(effect: np.ndarray, chance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(sums ascending, their probabilities) of independent items that happen whole or not at all.

    >>> distribution(np.array([10.0, -4.0]), np.array([0.5, 0.25]))
    (array([-4.,  0.,  6., 10.]), array([0.125, 0.375, 0.125, 0.375]))
    """
    sums, mass = np.zeros(1), np.ones(1)
    reach = float(np.abs(effect).sum())
    grid = reach / GRID if len(effect) > EXACT_ITEMS else 0.0
    for amount, share in zip(effect, chance, strict=True):
        every = np.concatenate([sums, sums + amount])
        weight = np.concatenate([mass * (1 - share), mass * share])
        every = np.round(every / grid) * grid if grid else every
        sums, row = np.unique(every, return_inverse=True)
        mass = np.bincount(row, weights=weight, minlength=len(sums))
    return sums, mass


def quantile(sums: np.ndarray, mass: np.ndarray, share: float) -> float:
    """The least sum that is not exceeded with probability `share`.

    >>> sums, mass = distribution(np.array([10.0, -4.0]), np.array([0.5, 0.25]))
    >>> quantile(sums, mass, 0.1), quantile(sums, mass, 0.5), quantile(sums, mass, 0.9)
    (-4.0, 0.0, 10.0)
    """
    reached = np.cumsum(mass) >= share - 1e-12
    return float(sums[np.argmax(reached)])


def top_side_lines(
    requests: pd.DataFrame, measure: str, calendar: Calendar, periods: np.ndarray
) -> pd.DataFrame:
    """request_id, title, raised_by, amount of the open requests that no review owns, in one of MEASURES.

    requests: rows of the table request; an amount is spread evenly over its own periods, and the share that
    falls into these plan indices is taken. What is made up to show the feature is left out.
    """
    nobodys = (requests["to_stage"] == "") & (requests["status"] == "open")
    mine = requests[nobodys & (requests["measure"] == measure) & ~requests["sample"].astype(bool)]
    ends = (mine[name].to_numpy(dtype="datetime64[D]") for name in ("from_period", "to_period"))
    spans = zip(*(calendar.locate(end) - calendar.now for end in ends), strict=True)
    inside = [float(np.isin(np.arange(first, last + 1), periods).mean()) for first, last in spans]
    lines = mine[["request_id", "title", "created_by"]].rename(columns={"created_by": "raised_by"})
    amounts = mine["amount"].to_numpy(dtype=float) * np.array(inside)
    return lines.assign(amount=amounts).reset_index(drop=True)
