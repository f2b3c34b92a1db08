"""What past cycles expected beside what came, in money: the errors that risk is drawn from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sop_engine.demand_review.accuracy import STATISTICAL, Past
from sop_engine.inputs import Inputs

YEAR = 12  # past periods whose average net price was known when a cycle was planned


@dataclass(frozen=True, eq=False)
class Record:
    """Past cycles; (cycles, products, lags), NaN where a period has not come yet.

    made: (cycles,) history bucket in which each was made
    expected: forecast units at the net price known then, base currency
    demand: units that came, at the same price; revenue: as it came
    at_known: units that came at the price known then, at_realised: at the price they brought, both at the
    exchange rate of the day and only of what had a price by then
    """

    made: np.ndarray
    expected: np.ndarray
    demand: np.ndarray
    revenue: np.ndarray
    at_known: np.ndarray
    at_realised: np.ndarray

    @property
    def cycles(self) -> int:
        return len(self.made)

    def of(self, kept: np.ndarray) -> Record:
        """The cycles of a (cycles,) mask."""
        return Record(*(values[kept] for values in vars(self).values()))


def read_record(inputs: Inputs, past: Past | None) -> Record | None:
    """The record of the replayed baselines; None where nothing is replayed, or nothing was forecast."""
    if past is None:
        return None
    forecast = np.nan_to_num(past.sources[STATISTICAL].cells)
    forecast = forecast[forecast.any(axis=(1, 2, 3))] if len(past.made) else forecast
    made = past.made[-len(forecast) :] if len(forecast) else past.made[:0]
    if not len(made):
        return None
    rows = [_cycle(inputs, past, cells, int(start)) for cells, start in zip(forecast, made, strict=True)]
    return Record(made, *(np.array(column) for column in zip(*rows, strict=True)))


def _cycle(inputs: Inputs, past: Past, forecast: np.ndarray, start: int) -> tuple[np.ndarray, ...]:
    """The five measures of one cycle, (products, lags). forecast: (products, markets, lags) units."""
    lags = forecast.shape[2]
    coming = np.arange(start, start + lags)
    come = coming < inputs.calendar.now
    rate = np.where(np.isnan(inputs.money.past_rate), 1.0, inputs.money.past_rate)
    known = known_price(inputs, start)
    price = np.where(np.isnan(known), np.nan_to_num(past.price)[:, None] / rate[:, [start - 1]].T, known)
    units, revenue = (
        _laid(np.nan_to_num(history)[:, :, start : start + lags], lags)
        for history in (inputs.demand.history, inputs.demand.revenue_history)
    )
    then, daily = rate[:, [start - 1]], _laid(rate[:, start : start + lags], lags)
    said = ~np.isnan(known)[:, :, None] & (revenue > 0)
    measures = (
        forecast * price[:, :, None] * then,
        units * price[:, :, None] * then,
        revenue,
        np.where(said, units * np.nan_to_num(known)[:, :, None] * daily, 0.0),
        np.where(said, revenue, 0.0),
    )
    return tuple(np.where(come, measure.sum(axis=1), np.nan) for measure in measures)


def known_price(inputs: Inputs, start: int) -> np.ndarray:
    """(products, markets) average net price of the YEAR before a history bucket, in each market's currency;
    NaN where nothing was sold in it.
    """
    before = slice(max(start - YEAR, 0), start)
    rate = np.where(np.isnan(inputs.money.past_rate), 1.0, inputs.money.past_rate)[:, before]
    units = np.nan_to_num(inputs.demand.history)[:, :, before].sum(axis=2)
    worth = (np.nan_to_num(inputs.demand.revenue_history)[:, :, before] / rate).sum(axis=2)
    known = (units > 0) & (worth > 0)
    return np.divide(worth, units, out=np.full(units.shape, np.nan), where=known)


def _laid(history: np.ndarray, lags: int) -> np.ndarray:
    """(..., lags), 0 where it has not come yet."""
    laid = np.zeros((*history.shape[:-1], lags))
    laid[..., : history.shape[-1]] = history
    return laid
