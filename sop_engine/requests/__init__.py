"""What one review asks of another, in the plan: the units that bring exactly what was accepted, and what a
request achieved: the plan solved with it less the plan solved without it."""

from sop_engine.requests.asked import (
    MEASURES,
    VOLUMES,
    Cells,
    amount_words,
    asked_cells,
    measured,
    unit_worth,
)
from sop_engine.requests.carried import units_for
from sop_engine.requests.standing import Part, Standing, standing

__all__ = [
    "MEASURES",
    "VOLUMES",
    "Cells",
    "Part",
    "Standing",
    "amount_words",
    "asked_cells",
    "measured",
    "standing",
    "unit_worth",
    "units_for",
]
