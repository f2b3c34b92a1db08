"""Hours earned in the past as a measure for the periods to come."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sop_engine.inputs.demonstrated import read_demonstrated
from sop_engine.inputs.tables import Tables
from tests.builders import small_company

INPUTS = small_company()


def read(*rows: tuple[str, str, float]) -> np.ndarray:
    capacity = pd.DataFrame(list(rows), columns=["resource", "period", "demonstrated_hours"])
    capacity["period"] = pd.to_datetime(capacity["period"])
    return read_demonstrated(Tables(lambda sql: capacity), INPUTS.calendar, INPUTS.network.resources)


def test_past_hours_are_carried_on_by_working_day() -> None:
    found = read(("Line", "2013-11-01", 168.0), ("Line", "2013-12-01", 88.0))
    days = INPUTS.calendar.working_days
    now = INPUTS.calendar.now
    assert (days[now - 2], days[now - 1]) == (21, 22)
    np.testing.assert_allclose(found[0], 256.0 / 43 * days[now:])


def test_hours_older_than_a_year_prove_nothing() -> None:
    assert np.isnan(read(("Line", "2012-11-01", 168.0))).all()


def test_stated_hours_win() -> None:
    found = read(("Line", "1900-01-01", 100.0), ("Line", "2014-02-01", 70.0), ("Line", "2013-12-01", 220.0))
    assert found[0].tolist() == pytest.approx([100.0, 70.0, *[100.0] * 6])


def test_nothing_on_file_is_not_known() -> None:
    assert np.isnan(read(("Line", "2013-12-01", np.nan))).all() and np.isnan(read()).all()
