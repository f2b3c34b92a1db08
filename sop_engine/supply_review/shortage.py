"""Why demand is late or lost: the first thing in the chain of supply that would have to give."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Shortage:
    """Units of a product that were due in a period and came late or never.

    product, sites: positions; sites that should have shipped them, empty where no site serves the market
    period: plan index in which the units were due; units: how many
    kind: "late" (delivered in a later period) or "lost" (not delivered within the plan)
    reason: "capacity", "material", "lead time", "limit" or "no source"
    cause: label of the resource, component or source behind the reason, "" where there is none
    sentence: the whole of it in words
    """

    product: int
    sites: tuple[int, ...]
    period: int
    units: float
    kind: str
    reason: str
    cause: str
    sentence: str
