"""What each review can compute with the tables that are loaded, and which tables are missing for the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_NEEDS = (
    ("Product", "portfolio and its health", ("sales_history",)),
    ("Product", "launches", ("pipeline",)),
    ("Product", "phase-outs", ("phase_out",)),
    ("Demand", "statistical baseline", ("sales_history",)),
    ("Demand", "other views of the demand", ("forecast_stream",)),
    ("Demand", "events", ("event",)),
    ("Demand", "open orders", ("order_book",)),
    ("Supply", "where demand is served from", ("service_lane", "site")),
    ("Supply", "ways of supply and lead times", ("sourcing", "site")),
    ("Supply", "component needs", ("bill_of_material",)),
    ("Supply", "load of the resources", ("routing", "resource")),
    ("Supply", "stock at the start", ("inventory_on_hand",)),
    ("Supply", "stock targets", ("inventory_policy",)),
    ("Finance", "revenue", ("price",)),
    ("Finance", "cost and margin", ("unit_cost",)),
    ("Finance", "operating profit", ("fixed_cost",)),
    ("Finance", "gap to budget", ("budget",)),
)


@dataclass(frozen=True)
class Ability:
    """Something that a review computes; missing: tables it needs that hold no rows."""

    review: str
    what: str
    needs: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def ready(self) -> bool:
        return not self.missing


def readiness(rows: Mapping[str, int]) -> tuple[Ability, ...]:
    """Every ability in the order of the process. rows: how many rows each planner table holds

    >>> [ability.what for ability in readiness({"sales_history": 9}) if ability.ready]
    ['portfolio and its health', 'statistical baseline']
    """
    return tuple(
        Ability(review, what, needs, tuple(table for table in needs if not rows.get(table)))
        for review, what, needs in _NEEDS
    )
