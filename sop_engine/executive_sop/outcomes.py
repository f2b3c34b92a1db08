"""Did a decision bring what it was to bring: its expected effect held against actuals at its review date,
told from noise by how far forecasts of the same thing were off before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np
import pandas as pd

from sop_engine.assumptions.assumption import MEASURES
from sop_engine.errors import DataError
from sop_engine.executive_sop.decisions import Status
from sop_engine.executive_sop.effects import Effect, Scope, effects_of, monthly, read_by
from sop_engine.inputs.performance import PastSupply
from sop_engine.plan import Plan
from sop_engine.replays import Replays
from sop_engine.scenario import LEVERS, Scenario

HIT_PCT = 80.0  # of the expected effect
LOOK_BACK = 12  # earlier cycles whose forecasts say how far forecasts are off
NO_TYPE = "No levers"


class Verdict(StrEnum):
    """What came of an expected effect; the value is how it is said."""

    HIT = "hit"
    MISS = "miss"
    UNTOLD = "cannot be told"
    RUNNING = "running"
    UNKNOWN = "no actuals"
    UNMEASURED = "not measurable"


RULE = (
    f"A hit brought at least {HIT_PCT:.0f} % of the expected effect by its review date. An effect that is no "
    "larger than forecasts of the same months ahead were off before (realised mean absolute error) cannot be "
    "told from noise. A decision is a hit where every effect of it that can be told is one."
)


@dataclass(frozen=True)
class Outcome:
    """One measure of one decision; values are averages of a period, NaN = not known.

    months: labels of the periods of the effect up to the review; passed: how many of them are actuals
    without, expected: of the passed periods, of all where none has passed; actual: of the passed ones
    noise: how far forecasts of so many periods, as far ahead, were off before, in the measure's unit
    noise_of: what that was measured on
    """

    decision_id: str
    measure: str
    scope: Scope
    months: tuple[str, ...]
    passed: int
    without: float
    expected: float
    actual: float
    noise: float
    noise_of: str
    verdict: Verdict

    @property
    def effect(self) -> float:
        """Expected effect: with the decision less without, a period."""
        return self.expected - self.without

    @property
    def came(self) -> float:
        """What came: actual less what the plan expected without the decision, a period."""
        return self.actual - self.without

    @property
    def share_pct(self) -> float:
        """What came, in % of the expected effect."""
        return 100 * self.came / self.effect if self.effect else np.nan

    def unit(self, base_currency: str) -> str:
        """What its values count: "units a month"."""
        return read_by(self.measure, self.scope).unit(base_currency)


@dataclass(frozen=True)
class Judged:
    """A decision of an earlier cycle with what came of it.

    kind: of the levers chosen, in words; verdict: of all its outcomes
    """

    decision_id: str
    owner: str
    kind: str
    sample: bool
    outcomes: tuple[Outcome, ...]
    verdict: Verdict


def judged(
    plan: Plan,
    decisions: pd.DataFrame,
    effects: pd.DataFrame,
    levers: dict[str, Scenario],
    past: PastSupply | None = None,
    replays: Replays | None = None,
) -> tuple[Judged, ...]:
    """What came of decisions that were taken, in their order.

    decisions, effects: rows of the tables decision and decision_effect
    levers: {decision_id: scenario of the chosen option}; plan: of today's data, for what came
    replays: forecasts of the cycles before, None where they were not replayed
    """
    found = []
    for row in decisions[decisions["status"] == Status.DECIDED].itertuples():
        own = effects_of(effects[effects["decision_id"] == row.decision_id])
        review = None if pd.isna(row.review_on) else row.review_on.date()
        outcomes = tuple(_outcomes(plan, row.decision_id, row.cycle, review, own, past, replays))
        kind = kind_words(levers.get(row.decision_id))
        owner = row.owner or row.decided_by
        found.append(Judged(row.decision_id, owner, kind, bool(row.sample), outcomes, _verdict(outcomes)))
    return tuple(found)


def kind_words(scenario: Scenario | None) -> str:
    """What a decision moved: "Price", "Extra shift and Overtime limit".

    >>> kind_words(None)
    'No levers'
    """
    labels = dict.fromkeys(LEVERS[lever.kind].label for lever in scenario.levers) if scenario else {}
    return " and ".join(labels) or NO_TYPE


def hit_rates(found: Iterable[Judged], by: str) -> pd.DataFrame:
    """Success rate of decisions by "owner" or "kind": {by}, decisions, hit, miss, hit rate %, cannot be told,
    running, sample. Decisions of the sample are shown and count in nothing else."""
    rows = pd.DataFrame([{by: getattr(one, by), "sample": one.sample, "is": one.verdict} for one in found])
    if rows.empty:
        return pd.DataFrame(columns=[by, *_COUNTED, "sample"])
    real = rows[~rows["sample"]]
    table = pd.DataFrame({by: sorted(set(rows[by]))}).set_index(by)
    table["decisions"] = real.groupby(by).size()
    for name, verdict in (("hit", Verdict.HIT), ("miss", Verdict.MISS)):
        table[name] = real[real["is"] == verdict].groupby(by).size()
    scored = table[["hit", "miss"]].fillna(0).sum(axis=1)
    table["hit rate %"] = (100 * table["hit"].fillna(0) / scored).where(scored > 0)
    for name, verdict in (("cannot be told", Verdict.UNTOLD), ("running", Verdict.RUNNING)):
        table[name] = real[real["is"] == verdict].groupby(by).size()
    table["sample"] = rows[rows["sample"]].groupby(by).size()
    whole = [name for name in table.columns if name != "hit rate %"]
    return table.fillna(dict.fromkeys(whole, 0)).astype(dict.fromkeys(whole, int)).reset_index()


_COUNTED = ("decisions", "hit", "miss", "hit rate %", "cannot be told", "running")


def realised_error_pct(
    values: np.ndarray, forecasts: np.ndarray | None, made: Sequence[int], lags: Sequence[int], skip: set[int]
) -> float:
    """How far forecasts of the average of some periods were off: sum|F - A| / sum|A|, in %; NaN without any.

    values: (past buckets,) what came; forecasts: (cycles, lags) made at the start of the buckets `made`, None
    where the last value known then is the forecast; lags: periods ahead that are averaged, 0 the first
    skip: buckets that hold the effect itself

    >>> round(float(realised_error_pct(np.array([10.0, 12.0, 10.0]), None, [1, 2], [0], set())), 1)
    18.2
    """
    off, size = 0.0, 0.0
    for cycle, bucket in enumerate(made):
        window = [int(bucket) + lag for lag in lags]
        if window[-1] >= len(values) or bucket < 1 or skip & set(window):
            continue
        actual = float(np.mean(values[window]))
        forecast = values[bucket - 1] if forecasts is None else float(np.mean(forecasts[cycle, list(lags)]))
        if np.isfinite(actual) and np.isfinite(forecast):
            off, size = off + abs(forecast - actual), size + abs(actual)
    return 100 * off / size if size else np.nan


def _outcomes(
    plan: Plan,
    decision_id: str,
    cycle: str,
    review: date | None,
    effects: Sequence[Effect],
    past: PastSupply | None,
    replays: Replays | None,
) -> Iterator[Outcome]:
    groups: dict[tuple[str, Scope], list[Effect]] = {}
    for effect in effects:
        groups.setdefault((effect.measure, effect.scope), []).append(effect)
    order = list(MEASURES)
    for (measure, scope), months in sorted(groups.items(), key=lambda one: (order.index(one[0][0]), one[0])):
        until = [effect for effect in months if review is None or effect.month <= review]
        if until:
            yield _outcome(plan, decision_id, cycle, review, (measure, scope), until, past, replays)


def _outcome(
    plan: Plan,
    decision_id: str,
    cycle: str,
    review: date | None,
    what: tuple[str, Scope],
    effects: Sequence[Effect],
    past: PastSupply | None,
    replays: Replays | None,
) -> Outcome:
    calendar, (measure, scope) = plan.inputs.calendar, what
    days = np.array([effect.month for effect in effects], dtype="datetime64[D]")
    bucket = calendar.locate(days)
    values = _past_values(plan, measure, scope, past)
    came = (bucket >= 0) & (bucket < calendar.now)
    known = came & np.isfinite(np.append(values, np.nan)[np.where(came, bucket, -1)])
    counted = known if known.any() else np.ones(len(effects), dtype=bool)
    without = float(np.array([effect.without for effect in effects])[counted].mean())
    expected = float(np.array([effect.expected for effect in effects])[counted].mean())
    actual = float(np.mean(values[bucket[known]])) if known.any() else np.nan
    error, noise_of = _error_pct(plan, cycle, what, bucket[counted], values, replays)
    noise = abs(without) * error / 100
    due = days.max() < calendar.starts[calendar.now] and (
        review is None or np.datetime64(review) < calendar.starts[calendar.now]
    )
    return Outcome(
        decision_id,
        measure,
        scope,
        tuple(str(day.astype("datetime64[M]")) for day in days),
        int(came.sum()),
        without,
        expected,
        actual,
        noise,
        noise_of,
        _verdict_of(without, expected, actual, noise, bool(due)),
    )


def _past_values(plan: Plan, measure: str, scope: Scope, past: PastSupply | None) -> np.ndarray:
    """(past buckets,) what came; NaN throughout where the scope is no longer in the data."""
    now = plan.inputs.calendar.now
    try:
        return monthly(plan, measure, scope, past)[:now]
    except DataError:  # a label that was renamed must not hide the other decisions
        return np.full(now, np.nan)


def _verdict_of(without: float, expected: float, actual: float, noise: float, due: bool) -> Verdict:
    effect = expected - without
    if not due:
        return Verdict.RUNNING
    if np.isnan(actual):
        return Verdict.UNKNOWN
    if not abs(effect) > noise:  # also where nothing says how far forecasts are off
        return Verdict.UNTOLD
    return Verdict.HIT if 100 * (actual - without) / effect >= HIT_PCT else Verdict.MISS


def _error_pct(
    plan: Plan,
    cycle: str,
    what: tuple[str, Scope],
    buckets: np.ndarray,
    values: np.ndarray,
    replays: Replays | None,
) -> tuple[float, str]:
    """The realised error of forecasts like the one the decision was taken on, and what it was measured on."""
    (measure, scope), calendar = what, plan.inputs.calendar
    start = calendar.labels.index(cycle) if cycle in calendar.labels else int(buckets[0])
    lags = [max(int(bucket) - start, 0) for bucket in buckets]
    skip = {int(bucket) for bucket in buckets}
    sells = measure in ("demand_units", "revenue")
    if replays is None or not sells or not replays.units.any() or max(lags) >= replays.units.shape[-1]:
        made = range(max(calendar.now - LOOK_BACK, 0), calendar.now)
        return realised_error_pct(values, None, made, lags, skip), "the value of the month before"
    try:
        products = plan.inputs.products.group(scope.product or scope.family)
        markets = plan.inputs.markets.group(scope.market)
    except DataError:
        return np.nan, ""
    cells = np.ix_(products, markets)
    sold = np.nansum(plan.inputs.demand.history[cells], axis=(0, 1))
    forecasts = replays.units[:, products][:, :, markets].sum(axis=(1, 2))
    made = [int(bucket) for bucket in replays.made]
    return realised_error_pct(sold, forecasts, made, lags, skip), "the statistical baseline, in units"


def _verdict(outcomes: Sequence[Outcome]) -> Verdict:
    """Of a decision: running while any effect runs; a miss where any effect that can be told is one; not
    measurable where it expects nothing that actuals are read in."""
    found = {outcome.verdict for outcome in outcomes}
    for verdict in (Verdict.RUNNING, Verdict.MISS, Verdict.HIT, Verdict.UNTOLD):
        if verdict in found:
            return verdict
    return Verdict.UNKNOWN if found else Verdict.UNMEASURED
