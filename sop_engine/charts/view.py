"""What part of a plan is looked at: products, markets, months, and in units or money."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sop_engine.plan import Plan


@dataclass(frozen=True, eq=False)
class View:
    """products: (products,) bool; markets: (markets,) bool; periods: plan indices shown, reported ones only
    money: base currency instead of units; words: the scope as a phrase, "" for the whole company
    """

    products: np.ndarray
    markets: np.ndarray
    periods: np.ndarray
    money: bool
    words: str

    @property
    def whole(self) -> bool:
        """Whether products and markets are the whole company."""
        return bool(self.products.all() and self.markets.all())

    def narrowed(self, products: np.ndarray, words: str) -> View:
        """This view of fewer products."""
        return replace(
            self,
            products=self.products & products,
            words=", ".join(part for part in (words, self.words) if part),
        )

    def unit(self, plan: Plan) -> str:
        return plan.inputs.money.base_currency if self.money else "units"

    def valued(self, units: np.ndarray, plan: Plan) -> np.ndarray:
        """(products, markets, periods) units as this view states them: in money at the plan's net price; no
        price counts 0.
        """
        return units * np.nan_to_num(plan.finance.price) if self.money else units

    def cut(self, cells: np.ndarray) -> np.ndarray:
        """(products, markets, periods) -> the cells of this view."""
        return cells[np.ix_(self.products, self.markets, self.periods)]

    def by_period(self, cells: np.ndarray) -> np.ndarray:
        """(products, markets, periods) -> (periods of the view,) sums."""
        return self.cut(cells).sum(axis=(0, 1))

    def by_product(self, cells: np.ndarray) -> np.ndarray:
        """(products, markets, periods) -> (products,) sums over the view; 0 for products outside it."""
        return cells[:, self.markets][:, :, self.periods].sum(axis=(1, 2)) * self.products


def whole_company(plan: Plan, money: bool = True) -> View:
    """Everything the plan reports."""
    inputs = plan.inputs
    everything = np.ones(len(inputs.products), dtype=bool), np.ones(len(inputs.markets), dtype=bool)
    return View(*everything, np.arange(inputs.calendar.horizon), money, "")
