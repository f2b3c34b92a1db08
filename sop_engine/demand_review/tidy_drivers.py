"""The drivers in a tidy file: which columns are drivers, their values by series, and what came of them."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from sop_engine.demand_review.drivers import Driven, Drivers, effect_words, entered


def driver_names(frame: pd.DataFrame, reserved: Collection[str]) -> list[str]:
    """Further columns that hold numbers in most of their cells that are not blank."""
    further = [
        name for name in frame.columns if name not in reserved and frame.columns.tolist().count(name) == 1
    ]
    return [name for name in further if _is_driver(frame[name])]


def kept_as(name: str) -> str:
    """The column of a driver among those that every line has, whatever the file calls it."""
    return f"driver {name}"


def _is_driver(column: pd.Series) -> bool:
    if pd.api.types.is_datetime64_any_dtype(column) or pd.api.types.is_bool_dtype(column):
        return False
    return bool(pd.to_numeric(column, errors="coerce").notna().sum() > (~is_blank(column)).sum() / 2)


def drivers_of(
    rows: pd.DataFrame, lines: pd.DataFrame, names: list[str], horizon: int
) -> dict[object, Drivers]:
    """The drivers of each series over its history and the periods to forecast.

    rows: the history, sorted by id and at; lines: these and what is planned of the drivers, each in a column
    of `kept_as` its name
    """
    columns = [kept_as(name) for name in names]
    forms = {column: entered(lines[column].to_numpy(float)) for column in columns}
    both = lines.assign(**{column: form[0] for column, form in forms.items()}).groupby("id")
    logs = tuple(form[1] for form in forms.values())
    found = {}
    for label, own in rows.groupby("id"):
        values = both.get_group(label).set_index("at")[columns]
        coming = own["at"].iloc[-1] + 1 + np.arange(horizon)
        past, ahead = values.reindex(own["at"]), values.reindex(coming)
        found[label] = Drivers(tuple(names), logs, past.to_numpy(float), ahead.to_numpy(float))
    return found


def driver_words(driven: Driven | None, horizon: int) -> str:
    """What drives a series: each driver that counts, and how far ahead it is given."""
    if driven is None:
        return ""
    told = zip(
        driven.drivers.names, driven.slopes[0], driven.errors[0], driven.drivers.logs, driven.known_ahead
    )
    return "; ".join(
        f"{name} {effect_words(slope, error, logs)}"
        + (f", given for {known} periods" if known < horizon else "")
        for name, slope, error, logs, known in told
        if slope
    )


def numbers_of(column: pd.Series) -> np.ndarray:
    return pd.to_numeric(column, errors="coerce").to_numpy(float, na_value=np.nan)


def is_blank(column: pd.Series) -> pd.Series:
    return column.isna() | column.map(lambda v: str(v).strip().lower() in ("", "nan"))
