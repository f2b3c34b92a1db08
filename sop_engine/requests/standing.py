"""What came of an accepted request: what is achieved, what is not served and why, who stands back for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sop_engine.plan import Plan
from sop_engine.pre_sop.shortfall import short_by_cause
from sop_engine.remedies.causes import RootCause, root_causes
from sop_engine.requests.asked import VOLUMES, Cells, amount_words, measured, unit_worth

TRACE = 1e-6  # of the accepted amount: the supply model is solved to this
NAMED = 2  # causes, and places, that are named
UNDEMANDED = "more is served only where more is demanded"
UNSERVED = "that demand was not served before, so giving it up takes nothing away"
UNNAMED = "waits or is lost there without a shortage that is named"
NO_MORE = "what carries it out brings no more"


@dataclass(frozen=True)
class Part:
    """A part of an amount, in the measure of the request, and what or where it is."""

    amount: float
    words: str


@dataclass(frozen=True)
class Standing:
    """What came of an accepted request, in its measure: accepted = achieved + later + missed.

    wanted: change of the unconstrained demand, NaN where the measure is no volume; achieved: of what is
    delivered, in scope and span; later: in scope after the span; elsewhere: all else that changes in the
    plan, outside the scope or before the span
    binds: why the missed part is not served, the largest first; they add up to it
    inside: achieved and later by market, where some deliver less; outside: elsewhere by market
    revenue: change of the whole company's revenue, base currency, NaN = not known
    """

    accepted: float
    wanted: float
    achieved: float
    later: float
    elsewhere: float
    binds: tuple[Part, ...] = ()
    inside: tuple[Part, ...] = ()
    outside: tuple[Part, ...] = ()
    revenue: float = np.nan

    @property
    def missed(self) -> float:
        """What was accepted and is not served here; 0 within the solver's tolerance."""
        return self._seen(self.accepted - self.achieved - self.later)

    def words(self, measure: str, currency: str, asked: float | None = None) -> str:
        """What the company loses by it, if it does; asked and accepted; how achieved, later and missed add up
        to it, what binds, who stands back and what the company gains. Every whole number is rounded so that
        the sums hold as they are read.
        """
        later, elsewhere, missed = self._seen(self.later), self._seen(self.elsewhere), self.missed
        accepted = round(self.accepted)
        after, gone = round(later), round(missed)
        served = accepted - after - gone
        parts = [f"{served:+,.0f} achieved{'' if missed or later else ' in full'}"]
        parts += [f"{after:+,.0f} in the months after"] * bool(after)
        parts += [f"{gone:+,.0f} {self._missed_words(measure)}"] * bool(gone)
        lead = f"Accepted {amount_words(measure, self.accepted, currency)} = {', '.join(parts)}"
        if asked is not None:
            lead = f"Asked {amount_words(measure, asked, currency)}. {lead}"
        sentences = [lead + (f": {_listed(self.binds, gone)}." if gone and self.binds else ".")]
        if self.inside:
            sentences.append(f"What is delivered here: {_listed(self.inside, served + after)}.")
        if round(elsewhere) and self.outside:
            company = served + after + round(elsewhere)
            word = "Displaced" if elsewhere * self.accepted < 0 else "Moved"
            sentences.append(
                f"{word} elsewhere {round(elsewhere):+,.0f}: {_listed(self.outside, round(elsewhere))}; "
                f"the whole company's plan changes by {company:+,.0f}."
            )
        return " ".join(filter(None, (self._cost_words(measure, currency), *sentences)))

    def _cost_words(self, measure: str, currency: str) -> str:
        """What the whole company loses by more of something: in the measure, of units in money if known."""
        company = round(self.achieved + self.later + self._seen(self.elsewhere))
        if measure not in VOLUMES or self.accepted <= 0:
            return ""
        if measure in ("units", "revenue") and not np.isnan(self.revenue):
            company, measure = round(self.revenue), "revenue"
        lost = amount_words(measure, -company, currency).lstrip("+")
        return f"Accepting this costs the company {lost}." if company < 0 else ""

    def _missed_words(self, measure: str) -> str:
        if self.missed * self.accepted < 0:
            return "beyond what was accepted"
        return "not served here" if measure in VOLUMES else "not reached"

    def _seen(self, amount: float) -> float:
        return amount if abs(amount) > TRACE * abs(self.accepted) else 0.0


def standing(before: Plan, after: Plan, cells: Cells, measure: str, accepted: float) -> Standing:
    """What an accepted request achieved. before, after: the plan without it and with it, no lever moved."""
    one, other = (_figures(plan, cells, measure) for plan in (before, after))
    achieved, later, total, wanted = (other[name] - one[name] for name in one)
    found = Standing(
        accepted, wanted, achieved, later, total - achieved - later, revenue=_earned(before, after)
    )
    if measure not in VOLUMES:
        return replace(found, binds=(Part(found.missed, NO_MORE),) if found.missed else ())
    change = _delivered(after, measure) - _delivered(before, measure)
    return replace(
        found,
        binds=_binds(before, after, cells, measure, found) if found.missed * accepted > 0 else (),
        inside=_inside(after, cells, change, found),
        outside=_outside(after, cells, change),
    )


def _earned(before: Plan, after: Plan) -> float:
    """Change of the whole company's revenue; 0 within the solver's tolerance, NaN where no price is known."""
    if np.isnan(after.finance.price).all():
        return np.nan
    one, other = (float(np.nansum(_delivered(plan, "revenue"))) for plan in (before, after))
    return other - one if abs(other - one) > TRACE * abs(one) else 0.0


def _figures(plan: Plan, cells: Cells, measure: str) -> dict[str, float]:
    """In scope and span, in scope after it, of the whole company and plan, and wanted in scope."""
    everything = replace(cells, products=np.ones_like(cells.products), markets=np.ones_like(cells.markets))
    volume, flows = measure in VOLUMES, measure != "inventory"
    whole = replace(everything, periods=np.arange(plan.inputs.calendar.horizon)) if flows else everything
    return {
        "achieved": measured(plan, measure, cells),
        "later": measured(plan, measure, replace(cells, periods=_after(plan, cells))) if flows else 0.0,
        "total": measured(plan, measure, whole),
        "wanted": float(_wanted(plan, measure)[cells.index].sum()) if volume else np.nan,
    }


def _after(plan: Plan, cells: Cells) -> np.ndarray:
    return np.arange(cells.periods[-1] + 1 if cells.periods.size else 0, plan.inputs.calendar.horizon)


def _wanted(plan: Plan, measure: str) -> np.ndarray:
    return plan.demand.unconstrained * unit_worth(plan.inputs, plan.levers, measure)


def _delivered(plan: Plan, measure: str) -> np.ndarray:
    """(products, markets, reported periods) as `measured` counts a volume."""
    finance = plan.finance
    margin = finance.revenue - finance.standard_cost
    every = {"units": finance.delivered, "revenue": finance.revenue, "gross_margin": margin}[measure]
    return every[:, :, : plan.inputs.calendar.horizon]


def _inside(plan: Plan, cells: Cells, change: np.ndarray, found: Standing) -> tuple[Part, ...]:
    """What is delivered in scope from the span on, by market; () where no market loses what another gains."""
    periods = np.concatenate([cells.periods, _after(plan, cells)])
    by_market = change[np.ix_(np.flatnonzero(cells.products), range(change.shape[1]), periods)].sum(
        axis=(0, 2)
    )
    if not (np.sign(found.accepted) * by_market[cells.markets] < -TRACE * abs(found.accepted)).any():
        return ()
    names = {at: _market(plan, at) for at in np.flatnonzero(cells.markets)}
    return _largest([Part(float(by_market[at]), name) for at, name in names.items()])


def _outside(plan: Plan, cells: Cells, change: np.ndarray) -> tuple[Part, ...]:
    """What is delivered outside the scope, or in it before the span, by market."""
    other = change.copy()
    first = cells.periods[0] if cells.periods.size else 0
    other[
        np.ix_(np.flatnonzero(cells.products), np.flatnonzero(cells.markets), range(first, other.shape[2]))
    ] = 0
    same = "earlier months" if cells.products.all() else "other products or months"
    parts = [
        Part(float(amount), f"{same} in {_market(plan, at)}" if cells.markets[at] else _market(plan, at))
        for at, amount in enumerate(other.sum(axis=(0, 2)))
    ]
    return _largest(parts)


def _market(plan: Plan, market: int) -> str:
    """A market with its rank, by which it is decided who stands back."""
    markets = plan.inputs.markets
    return f"{markets.name[market]} (priority {markets.priority[market]:g})"


def _binds(before: Plan, after: Plan, cells: Cells, measure: str, found: Standing) -> tuple[Part, ...]:
    """Why the missed part is not served: by how much more each cause holds back in scope from the span on;
    where supply carries it out, what is still short, and what nobody demands.
    """
    if found.accepted < 0:
        return (Part(found.missed, UNSERVED if found.wanted < 0 else NO_MORE),)
    was, now = (_short(plan, cells, measure) for plan in (before, after))
    more = {cause: amount - was.get(cause, 0.0) for cause, amount in now.items()}
    if (
        abs(found.wanted - found.accepted) > TRACE * found.accepted
    ):  # no demand was added: levers serve what is
        still = {cause: amount for cause, amount in now.items() if amount > 0}
        short = min(sum(still.values()), found.missed)
        more = {cause: short * amount / sum(still.values()) for cause, amount in still.items()}
    words = {cause.key: _bind_words(cause) for cause in root_causes(after, cells.periods, cells.products)}
    named = {cause: amount for cause, amount in more.items() if amount > 0 and cause in words}
    total, known = sum(named.values()), min(sum(named.values()), found.missed)
    parts = [Part(known * amount / total, words[cause]) for cause, amount in named.items()]
    return _largest([*parts, Part(found.missed - known, UNDEMANDED if found.wanted == 0 else UNNAMED)])


def _short(plan: Plan, cells: Cells, measure: str) -> dict[tuple[str, str], float]:
    """{cause: demand less deliveries in scope from the span on that it stands behind, in the measure}."""
    periods = np.concatenate([cells.periods, _after(plan, cells)])
    index = replace(cells, periods=periods).index
    worth = unit_worth(plan.inputs, plan.levers, measure)[index]
    return {cause: float((units[index] * worth).sum()) for cause, units in short_by_cause(plan).items()}


def _bind_words(cause: RootCause) -> str:
    """A cause, and how large the whole of its shortage is."""
    why, _, size = cause.sentence.rstrip(".").rpartition(": ")
    return f"{why} (that shortage in all: {size})"


def _largest(parts: Sequence[Part]) -> tuple[Part, ...]:
    """The parts that count, the largest first; what is not named as one."""
    ranked = sorted((part for part in parts if abs(part.amount) >= 0.5), key=lambda part: -abs(part.amount))
    rest = ranked[NAMED:]
    if len(rest) < 2:
        return tuple(ranked)
    return (*ranked[:NAMED], Part(sum(part.amount for part in rest), f"{len(rest)} others"))


def _listed(parts: Sequence[Part], total: int) -> str:
    """The parts with whole amounts that add up to a whole total, the last taking what rounding leaves."""
    whole = [round(part.amount) for part in parts[:-1]]
    amounts = [*whole, total - sum(whole)] if parts else []
    return "; ".join(f"{amount:+,.0f} {part.words}" for amount, part in zip(amounts, parts, strict=True))
