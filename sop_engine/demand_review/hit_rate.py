"""Whether the overrides of past cycles were right: the hit rate, by review, family or person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from sop_engine.demand_review.accuracy import STATISTICAL, Past
from sop_engine.demand_review.judgement import override_cells, override_moves
from sop_engine.inputs import Inputs
from sop_engine.inputs.judgement import Override, overrides_of

COLUMNS = ["override", "cycle", "stage", "family", "made by", "error before", "error after", "helped"]


def judged_overrides(past: Past, inputs: Inputs, overrides: pd.DataFrame) -> pd.DataFrame:
    """COLUMNS of each override of a replayed cycle that acts on a period with an actual by now.

    overrides: rows of the table of that name, active ones, in the order they were made
    What stood before is the replayed statistical baseline of its cycle with the overrides made before it;
    errors are units, |F - A| by product (over the override's markets) and period, summed. It helped if it
    lowered them.
    """
    rows = []
    for cycle, mine in overrides.groupby("cycle", sort=True):
        bucket = inputs.calendar.labels.index(cycle) if cycle in inputs.calendar.labels else -1
        if bucket in past.made:
            rows += list(_of_cycle(past, inputs, mine, bucket))
    return pd.DataFrame(rows, columns=COLUMNS)


def hit_rates(judged: pd.DataFrame, by: str) -> pd.DataFrame:
    """by, overrides, helped, hit rate %: the share that lowered the absolute error; most overrides first."""
    groups = judged.groupby(by)["helped"]
    table = pd.DataFrame({"overrides": groups.size(), "helped": groups.sum().astype(int)}).reset_index()
    table["hit rate %"] = 100 * table["helped"] / table["overrides"]
    return table.sort_values(["overrides", by], ascending=[False, True], ignore_index=True)


def _of_cycle(past: Past, inputs: Inputs, rows: pd.DataFrame, bucket: int) -> Iterator[tuple]:
    calendar = replace(inputs.calendar, now=bucket)  # as that cycle saw it
    overrides = overrides_of(rows.reset_index(drop=True), calendar, inputs.products, inputs.markets)
    before = past.sources[STATISTICAL].cells[np.searchsorted(past.made, bucket)]
    baseline = replace(inputs.demand.baseline, units=before)
    known = replace(inputs.demand, overrides=overrides, locks=(), baseline=baseline)
    then = replace(inputs, calendar=calendar, demand=known)
    actual = np.full(before.shape, np.nan)
    come = past.actual[:, :, bucket : bucket + before.shape[2]]
    actual[:, :, : come.shape[2]] = come
    for override, after in override_moves(before, then):
        errors = [_error(units, actual, override) for units in (before, after)]
        if not np.isnan(errors).any():
            family = _family(override, inputs)
            yield (
                override.override_id,
                inputs.calendar.labels[bucket],
                override.stage,
                family,
                override.created_by,
                *errors,
                errors[1] < errors[0],
            )
        before = after


def _error(units: np.ndarray, actual: np.ndarray, override: Override) -> float:
    """Units of absolute error in the override's scope, by product and period; NaN where nothing has come."""
    index = override_cells(override, units.shape)
    error = np.abs((units[index] - actual[index]).sum(axis=1))
    return float(np.nansum(error)) if np.isfinite(error).any() else np.nan


def _family(override: Override, inputs: Inputs) -> str:
    families = set(inputs.products.family[override.products])
    return families.pop() if len(families) == 1 else "Several families"
