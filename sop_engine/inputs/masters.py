"""Products and markets: the label axes of every demand and money array, with what the masters say of each
label.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sop_engine.errors import DataError
from sop_engine.inputs.calendar import Calendar
from sop_engine.inputs.tables import Tables, plan_positions


class Axis:
    """Look-up of labels that every axis of the engine shares; a subclass is a frozen dataclass with
    `labels`.
    """

    labels: tuple[str, ...]
    noun = "label"

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def positions(self) -> dict[str, int]:
        return {label: position for position, label in enumerate(self.labels)}

    def index(self, labels: Iterable[str]) -> np.ndarray:
        """Positions of labels on this axis. Raises DataError naming those that are unknown."""
        labels = list(labels)
        unknown = sorted({label for label in labels if label not in self.positions})
        if unknown:
            raise DataError(
                f"Unknown {self.noun}: {', '.join(unknown[:5])}. Load the {self.noun} table that holds them."
            )
        return np.array([self.positions[label] for label in labels], dtype=int)


@dataclass(frozen=True, eq=False)
class Products(Axis):
    """Every item that is sold, made or bought, in label order. Arrays are (products,).

    start, end: first plan index in which the item is sold and the first in which it no longer is
    (0 and the number of plan periods where the master says nothing)
    predecessor: position of the product it succeeds, -1 for none
    """

    labels: tuple[str, ...]
    name: np.ndarray
    family: np.ndarray
    category: np.ndarray
    stage: np.ndarray
    sellable: np.ndarray
    start: np.ndarray
    end: np.ndarray
    predecessor: np.ndarray
    shelf_life_periods: np.ndarray
    noun = "product"

    def group(self, label: str) -> np.ndarray:
        """(products,) bool: those that are `label` or belong to that family or category; "" is all."""
        if not label:
            return np.ones(len(self), dtype=bool)
        mask = (np.array(self.labels) == label) | (self.family == label) | (self.category == label)
        if not mask.any():
            raise DataError(f"'{label}' is no product, family or category. Choose one that is loaded.")
        return mask


@dataclass(frozen=True, eq=False)
class Markets(Axis):
    """Where demand arises. Arrays are (markets,).

    priority: 1 is served first; backlog: True where unmet demand waits, False where it is lost
    """

    labels: tuple[str, ...]
    name: np.ndarray
    region: np.ndarray
    channel: np.ndarray
    currency: np.ndarray
    priority: np.ndarray
    backlog: np.ndarray
    noun = "market"

    def group(self, label: str) -> np.ndarray:
        """(markets,) bool: those that are `label` or belong to that region or channel; "" is all."""
        if not label:
            return np.ones(len(self), dtype=bool)
        mask = (np.array(self.labels) == label) | (self.region == label) | (self.channel == label)
        if not mask.any():
            raise DataError(f"'{label}' is no market, region or channel. Choose one that is loaded.")
        return mask


def read_products(tables: Tables, calendar: Calendar) -> Products:
    """The product master, a product's window clipped to the plan; planned launches and phase-outs act later,
    by scenario.
    """
    frame = tables["product"]
    labels = tuple(frame["product"])
    position = {label: i for i, label in enumerate(labels)}
    end = plan_positions(calendar, frame["end_period"], calendar.periods - 1) + 1
    return Products(
        labels=labels,
        name=frame["name"].where(frame["name"] != "", frame["product"]).to_numpy(dtype=object),
        family=frame["family"].where(frame["family"] != "", "No family").to_numpy(dtype=object),
        category=frame["category"].where(frame["category"] != "", "No category").to_numpy(dtype=object),
        stage=frame["lifecycle_stage"].to_numpy(dtype=object),
        sellable=frame["sellable"].fillna(True).to_numpy(dtype=bool),
        start=np.clip(plan_positions(calendar, frame["launch_period"], 0), 0, calendar.periods),
        end=np.clip(end, 0, calendar.periods),
        predecessor=np.array([position.get(label, -1) for label in frame["predecessor"]], dtype=int),
        shelf_life_periods=frame["shelf_life_periods"].to_numpy(dtype=float),
    )


def read_markets(tables: Tables, base_currency: str) -> Markets:
    """The market master; a blank priority is 1, a blank currency the base currency, blank `unmet`
    means lost.
    """
    frame = tables["market"]
    return Markets(
        labels=tuple(frame["market"]),
        name=frame["name"].where(frame["name"] != "", frame["market"]).to_numpy(dtype=object),
        region=frame["region"].where(frame["region"] != "", "No region").to_numpy(dtype=object),
        channel=frame["channel"].where(frame["channel"] != "", "No channel").to_numpy(dtype=object),
        currency=frame["currency"].where(frame["currency"] != "", base_currency).to_numpy(dtype=object),
        priority=frame["priority"].fillna(1).to_numpy(dtype=float),
        backlog=(frame["unmet"] == "backlog").to_numpy(),
    )
