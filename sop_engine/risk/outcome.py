"""What the draws of each option come to: quantiles, the chance to reach the budget, and regret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import beta

from sop_engine.scenario import Scenario

MEASURES = ("revenue", "gross_margin", "fill_rate_pct", "inventory_value", "cash_effect")
QUANTILES = {"p10": 0.1, "p50": 0.5, "p90": 0.9}
BETTER = ("revenue", "gross_margin", "fill_rate_pct", "cash_effect")  # measures of which more is better


@dataclass(frozen=True, eq=False)
class Outcomes:
    """Figures of the fiscal year as the scorecard defines them, by option and draw.

    values, gaps: {measure: (options, draws)}, gaps are against the budget, NaN without one
    planned, planned_gaps: {measure: (options,)} of each option's own plan
    held_until: label of the last period whose starts are decided, "" for none; drivers: digest of what was
    drawn
    """

    version: str
    cycle: str
    currency: str
    span: str
    held_until: str
    drivers: str
    seed: int
    options: tuple[Scenario, ...]
    values: Mapping[str, np.ndarray]
    gaps: Mapping[str, np.ndarray]
    planned: Mapping[str, np.ndarray]
    planned_gaps: Mapping[str, np.ndarray]

    @property
    def draws(self) -> int:
        return next(iter(self.values.values())).shape[1]

    def summary(self) -> pd.DataFrame:
        """One row per option and measure: option (its position), levers (JSON), measure, planned, p10, p50,
        p90, mean, budget, reach_pct; budget and chance are NaN where there is no budget.
        """
        rows = [
            {
                "option": option,
                "levers": scenario.to_json(),
                "measure": measure,
                "planned": float(self.planned[measure][option]),
                **quantiles(self.values[measure][option]),
                "mean": float(self.values[measure][option].mean()),
                "budget": self.budget(measure, option),
                "reach_pct": self.reach_pct(measure, option),
            }
            for option, scenario in enumerate(self.options)
            for measure in MEASURES
        ]
        return pd.DataFrame(rows)

    def budget(self, measure: str, option: int = 0) -> float:
        """The budget of the year, with the plan where it says nothing; NaN where there is none."""
        if measure not in self.gaps:
            return np.nan
        return float(self.planned[measure][option] - self.planned_gaps[measure][option])

    def reach_pct(self, measure: str, option: int) -> float:
        """Share of the draws in which the option reaches the budget."""
        if measure not in self.gaps or np.isnan(self.gaps[measure][option]).any():
            return np.nan
        return 100 * float((self.gaps[measure][option] >= 0).mean())

    def regret(self, measure: str) -> pd.DataFrame:
        """option (its position), best_pct (share of draws in which none is better), mean, p90, worst: what it
        brings less than the best option of the same draw. Raises KeyError where more is not better.
        """
        if measure not in BETTER:
            raise KeyError(f"more {measure} is neither good nor bad, so nothing is regretted")
        values = self.values[measure]
        lost = values.max(axis=0) - values
        tolerance = 1e-6 * np.abs(values).max(initial=1.0)
        return pd.DataFrame(
            {
                "option": range(len(self.options)),
                "best_pct": 100 * (lost <= tolerance).mean(axis=1),
                "mean": lost.mean(axis=1),
                "p90": [quantile(row, 0.9) for row in lost],
                "worst": lost.max(axis=1),
            }
        )


def quantiles(values: np.ndarray) -> dict[str, float]:
    """p10, p50, p90 of draws.

    >>> round(quantiles(np.arange(11.0))["p50"], 9)
    5.0
    """
    return {name: quantile(values, share) for name, share in QUANTILES.items()}


def quantile(values: np.ndarray, share: float) -> float:
    """A quantile by Harrell and Davis (1982): all draws in their order, weighed by how likely each of them is
    the quantile; it settles with fewer draws than the one draw in that place.
    """
    count = len(values)
    weight = np.diff(beta.cdf(np.arange(count + 1) / count, (count + 1) * share, (count + 1) * (1 - share)))
    return float(weight @ np.sort(values))
