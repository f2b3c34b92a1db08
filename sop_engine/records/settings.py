"""Settings that a review changes: its thresholds and switches."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import numpy as np

from sop_engine.errors import RecordError
from sop_engine.inputs.tables import Tables, read_settings
from sop_engine.records.rules import require_text
from sop_engine.warehouse import Warehouse
from sop_engine.warehouse.settings import SETTINGS

_ASCENDING = (("abc_a_pct", "abc_b_pct"), ("xyz_x_limit", "xyz_y_limit"))


def set_settings(
    warehouse: Warehouse, values: Mapping[str, float], *, reason: str, who: str, at: datetime
) -> None:
    """Sets some of the settings; what does not change is not written.

    Raises RecordError when a name is no setting or a number is out of its bounds, when A would end after B or
    X after Y, and when nothing changes.
    """
    for name, value in values.items():
        _require_setting(name, value)
    with warehouse.transaction(who=who, why=require_text("The reason", reason), at=at) as change:
        _, _, now = read_settings(Tables(change.read))
        changed = {name: value for name, value in values.items() if now[name] != value}
        if not changed:
            raise RecordError("Nothing changes: these are the settings in force. Change one of them.")
        for name, value in changed.items():
            change.upsert("setting", {"name": name, "value": f"{value:.10g}"})
        _require_ascending({**now, **changed})


def _require_setting(name: str, value: float) -> None:
    if name not in SETTINGS:
        raise RecordError(f"'{name}' is no setting. Settings are: {', '.join(SETTINGS)}.")
    setting = SETTINGS[name]
    fits = setting.low <= value <= setting.high and np.isfinite(value)
    if not fits or (setting.whole and value != int(value)):
        bounds = f"from {setting.low:g} to {setting.high:g}"
        raise RecordError(f"{name} {value:g} is out of bounds. Write {setting.unit} {bounds}.")


def _require_ascending(values: Mapping[str, float]) -> None:
    for first, second in _ASCENDING:
        if values[first] > values[second]:
            raise RecordError(
                f"{first} {values[first]:g} would lie above {second} {values[second]:g}. Lower the first or "
                "raise the second."
            )
