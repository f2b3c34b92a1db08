"""A pre-S&OP held as a series of meetings: the part of the company that each is about, and which issues and
gaps are its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_engine.inputs import Inputs

ONE, REGION, CHANNEL, CATEGORY = "one", "region", "channel", "category"
SERIES = (REGION, CHANNEL, CATEGORY)


@dataclass(frozen=True, eq=False)
class Scope:
    """One meeting of the series. products, markets: bool masks; a cell is in one scope of a series only"""

    label: str
    products: np.ndarray
    markets: np.ndarray


def scopes(inputs: Inputs, series: str) -> tuple[Scope, ...]:
    """The meetings of a series (region, channel or category), in label order; () where it is one meeting.

    Categories in which nothing is sold have no meeting.
    """
    products, markets = inputs.products, inputs.markets
    if series == CATEGORY:
        everywhere = np.ones(len(markets), dtype=bool)
        labels = sorted(set(products.category[products.sellable]))
        return tuple(Scope(label, products.category == label, everywhere) for label in labels)
    if series not in SERIES:
        return ()
    own, everything = getattr(markets, series), np.ones(len(products), dtype=bool)
    return tuple(Scope(label, everything, own == label) for label in sorted(set(own)))


def of_scope(rows: pd.DataFrame, inputs: Inputs, scope: Scope) -> pd.DataFrame:
    """Rows of the table decision that belong to a meeting: about its label, or about a family of which all
    is in its scope."""
    families = set(inputs.products.family[scope.products])
    inside = families - set(inputs.products.family[~scope.products])
    labels = {scope.label, *(inside if scope.markets.all() else ())}
    return rows[rows["scope"].isin(labels)]
