"""The seven figures that every page shows, for a stated period, and how far they moved from a baseline."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from enum import StrEnum

import numpy as np

from sop_engine.errors import PlanError
from sop_engine.executive_sop.window import Span, Window, span_of
from sop_engine.finance_review.statement import cost_share
from sop_engine.finance_review.valuation import IN_MARGIN, actual_cost, actual_revenue
from sop_engine.plan import Plan
from sop_engine.pre_sop.gaps import required_load_pct

FILE_KEYS = (
    "demand_units",
    "demand_value",
    "fill_rate_pct",
    "revenue",
    "gross_margin",
    "gross_margin_pct",
    "inventory_value",
    "required_load_peak_pct",
    "cash_effect",
    "budget_gap",
    "period",
)


@dataclass(frozen=True)
class Scorecard:
    """The figures of one plan over one span; money in `currency`, NaN = not known, or not defined here.

    demand_*, revenue, gross_margin: actuals of the span and the plan to go; the actuals' demand is what was
    ordered, their margin is at the standard cost that was valid then
    fill_rate_pct: unconstrained demand to go that is served on time, weighed by net price
    gross_margin: after overtime, subcontract and alternative sources; gross_margin_pct: of revenue
    budget_gap, margin_budget_gap: actuals of the span and the plan to go less budget, over the periods for
    which the budget says something
    inventory_value: at the span's end; inventory_days: how long it lasts against the standard cost of what is
    delivered next
    required_load_peak_pct: hours that unconstrained demand requires of the worst work centre and period, of
    those available;
    overloads: periods of work centres above 100 %
    cash_effect: of the periods to go, before fixed cost
    """

    period: str
    currency: str
    demand_value: float
    demand_units: float
    fill_rate_pct: float
    revenue: float
    budget_gap: float
    gross_margin: float
    gross_margin_pct: float
    margin_budget_gap: float
    inventory_value: float
    inventory_days: float
    required_load_peak_pct: float
    peak_resource: str
    peak_period: str
    overloads: int
    cash_effect: float

    def as_dict(self) -> dict[str, float | str | None]:
        """FILE_KEYS only, None for what is not known: the content of scorecard.json."""
        return {key: _json_value(getattr(self, key)) for key in FILE_KEYS}

    def to_json(self) -> str:
        """Every figure; `from_json` gives it back."""
        return json.dumps({key: _json_value(figure) for key, figure in asdict(self).items()})

    @staticmethod
    def from_json(text: str) -> Scorecard:
        """Raises PlanError when the text is no scorecard."""
        try:
            return Scorecard(
                **{key: np.nan if figure is None else figure for key, figure in json.loads(text).items()}
            )
        except (ValueError, TypeError, AttributeError) as fault:
            raise PlanError(f"This is no scorecard: {fault}. Store one with to_json.") from fault


class Verdict(StrEnum):
    """Whether a move is good; NOTHING where it is below the tolerance and no arrow may show."""

    GOOD = "good"
    BAD = "bad"
    NEUTRAL = "neutral"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Figure:
    """How one figure of the scorecard is read.

    good: +1 when more is better, -1 when less is, 0 where neither is.
    """

    key: str
    label: str
    unit: str
    good: int
    smallest: float


@dataclass(frozen=True)
class Delta:
    """One figure against a baseline; delta = value - base, shown only when it is beyond `tolerance`."""

    figure: Figure
    value: float
    base: float
    delta: float
    tolerance: float
    verdict: Verdict


FIGURES = (
    Figure("demand_value", "Unconstrained demand", "money", 1, 1.0),
    Figure("fill_rate_pct", "Fill rate", "%", 1, 0.1),
    Figure("revenue", "Revenue", "money", 1, 1.0),
    Figure("gross_margin", "Gross margin", "money", 1, 1.0),
    Figure("inventory_value", "Inventory", "money", 0, 1.0),
    Figure("required_load_peak_pct", "Required load, worst", "%", -1, 0.1),
    Figure("cash_effect", "Cash effect", "money", 1, 1.0),
)
RELATIVE_TOLERANCE = 1e-6  # the supply model is solved to this, so a smaller move is no move


def scorecard(
    plan: Plan,
    window: Window | str = Window.FISCAL_YEAR,
    products: np.ndarray | None = None,
    markets: np.ndarray | None = None,
) -> Scorecard:
    """The scorecard of a plan, of the whole company or of (products,) and (markets,) bool masks.

    Under a filter, what belongs to the whole (cash, load of shared resources; stock, under a market filter)
    is NaN, and the cost of supply choices is shared out as in the income statement. Raises PlanError for an
    unknown window.
    """
    inputs, span = plan.inputs, span_of(plan.inputs.calendar, window)
    cells = _Cells(plan, span, products, markets)
    revenues, margins = cells.revenue(), cells.gross_margin()
    revenue, margin = float(revenues.sum()), float(margins.sum())
    peak, resource, period, overloads = (np.nan, "", "", 0) if cells.filtered else required_peak(plan, span)
    return Scorecard(
        period=span.words,
        currency=inputs.money.base_currency,
        demand_value=float(cells.months(actual_revenue(inputs), plan.finance.demand_value).sum()),
        demand_units=float(
            cells.months(np.nan_to_num(inputs.demand.history), plan.demand.unconstrained).sum()
        ),
        fill_rate_pct=cells.fill_rate_pct(),
        revenue=revenue,
        budget_gap=cells.budget_gap("revenue", revenues),
        gross_margin=margin,
        gross_margin_pct=_ratio(100 * margin, revenue),
        margin_budget_gap=cells.budget_gap("gross_margin", margins),
        inventory_value=cells.inventory_value(),
        inventory_days=cells.inventory_days(),
        required_load_peak_pct=peak,
        peak_resource=resource,
        peak_period=period,
        overloads=overloads,
        cash_effect=np.nan if cells.filtered else float(plan.finance.cash_effect[span.planned].sum()),
    )


def required_peak(plan: Plan, span: Span) -> tuple[float, str, str, int]:
    """Worst required load of a work centre in %, its name, its period, and how many are above 100 %.

    A supplier's shared limit is no work centre; it stands among the gaps.
    """
    network, labels = plan.inputs.network, plan.inputs.calendar.plan_labels
    own = network.sites.kind[network.resources.site] != "supplier"
    load = required_load_pct(plan)[own][:, span.planned]
    if np.isnan(load).all():
        return np.nan, "", "", 0
    resource, period = np.unravel_index(np.nanargmax(load), load.shape)
    names = network.resources.name[own]
    above = int((load > 100 * (1 + RELATIVE_TOLERANCE)).sum())
    return float(load[resource, period]), str(names[resource]), labels[span.planned[period]], above


def compare(card: Scorecard, baseline: Scorecard) -> tuple[Delta, ...]:
    """The seven figures against a baseline's, in their order.

    Nothing is said of a move within the solver's tolerance (1e-6 of the base) or below half of the unit it is
    shown in.
    """
    return tuple(
        delta_of(figure, getattr(card, figure.key), getattr(baseline, figure.key)) for figure in FIGURES
    )


def budget_of(card: Scorecard) -> Scorecard:
    """The budget as a baseline for `compare`: what revenue and margin would be with no gap, nothing else."""
    unsaid = {figure.key: np.nan for figure in FIGURES}
    known = {
        "revenue": card.revenue - card.budget_gap,
        "gross_margin": card.gross_margin - card.margin_budget_gap,
    }
    return replace(card, **{**unsaid, **known}, budget_gap=0.0, margin_budget_gap=0.0)


def delta_of(figure: Figure, value: float, base: float) -> Delta:
    """One figure against its base; an unknown side has no delta (NaN) and no verdict."""
    tolerance = max(RELATIVE_TOLERANCE * abs(base), figure.smallest / 2)
    delta = value - base
    if np.isnan(delta) or abs(delta) <= tolerance:
        verdict = Verdict.NOTHING
    elif figure.good == 0:
        verdict = Verdict.NEUTRAL
    else:
        verdict = Verdict.GOOD if delta * figure.good > 0 else Verdict.BAD
    return Delta(figure, value, base, delta, tolerance, verdict)


def forward_cover_days(value: float, usage: np.ndarray, days: np.ndarray) -> float:
    """Days until stock worth `value` is used up by the periods that follow, past them at their average rate.

    usage: (following periods,) money; days: their lengths. NaN when nothing is used or the value is not
    known.

    >>> float(forward_cover_days(150.0, np.array([100.0, 100.0]), np.array([30, 30])))
    45.0
    """
    used = np.concatenate([[0.0], np.cumsum(usage)])
    ends = np.concatenate([[0.0], np.cumsum(days)])
    if np.isnan(value) or used[-1] <= 0:
        return np.nan
    if value <= 0:
        return 0.0
    if value > used[-1]:
        return float(ends[-1] * value / used[-1])
    after = int(np.searchsorted(used, value))
    part = (value - used[after - 1]) / (used[after] - used[after - 1])
    return float(ends[after - 1] + part * (ends[after] - ends[after - 1]))


class _Cells:
    """The cells of a plan that a scorecard counts: sums over a span, all or filtered.

    Lives inside `scorecard` only.
    """

    def __init__(
        self, plan: Plan, span: Span, products: np.ndarray | None, markets: np.ndarray | None
    ) -> None:
        self.plan, self.span = plan, span
        self.products = np.ones(len(plan.inputs.products), dtype=bool) if products is None else products
        self.markets = np.ones(len(plan.inputs.markets), dtype=bool) if markets is None else markets
        self.filtered = not (self.products.all() and self.markets.all())

    def months(self, past: np.ndarray, planned: np.ndarray) -> np.ndarray:
        """(elapsed buckets and planned periods of the span,) sums over the cells of
        (products, markets, past buckets) and (products, markets, periods).
        """
        spans = ((past, self.span.past), (planned, self.span.planned))
        sums = [values[np.ix_(self.products, self.markets, span)].sum(axis=(0, 1)) for values, span in spans]
        return np.concatenate(sums)

    def revenue(self) -> np.ndarray:
        """(elapsed buckets and planned periods of the span,)."""
        return self.months(actual_revenue(self.plan.inputs), self.plan.finance.revenue)

    def gross_margin(self) -> np.ndarray:
        """As `revenue`; the supply choices of the plan are shared out by standard cost."""
        finance, planned = self.plan.finance, self.span.planned
        margin = self.revenue() - self.months(actual_cost(self.plan.inputs), finance.standard_cost)
        choices = sum(finance.choice_costs[name] for name in IN_MARGIN) * cost_share(
            finance, self.products, self.markets
        )
        margin[len(margin) - len(planned) :] -= choices[planned]
        return margin

    def fill_rate_pct(self) -> float:
        price = np.nan_to_num(self.plan.finance.price)
        to_go = np.ix_(self.products, self.markets, self.span.planned)
        on_time, wanted = (
            float((units[to_go] * price[to_go]).sum())
            for units in (self.plan.supply.on_time, self.plan.demand.unconstrained)
        )
        return _ratio(100 * on_time, wanted)

    def budget_gap(self, measure: str, values: np.ndarray) -> float:
        """Values of the elapsed buckets and the planned periods less the budget, where it says something."""
        lines = self.plan.finance.budget
        if lines is None:
            return np.nan
        elapsed = lines.to_date[measure][:, :, : np.count_nonzero(self.span.past)]
        budget = np.concatenate([elapsed, getattr(lines, measure)[:, :, self.span.planned]], axis=2)
        said = budget[np.ix_(self.products, self.markets)]
        stated = ~np.isnan(said).all(axis=(0, 1))
        return float((values - np.nansum(said, axis=(0, 1)))[stated].sum()) if stated.any() else np.nan

    def inventory_value(self) -> float:
        if not self.markets.all():
            return np.nan
        return float(self.plan.finance.inventory_value[self.products, self.span.end].sum())

    def inventory_days(self) -> float:
        after = slice(self.span.end + 1, None)
        usage = self.plan.finance.standard_cost[self.products][:, :, after].sum(axis=(0, 1))
        return forward_cover_days(self.inventory_value(), usage, self.plan.inputs.calendar.plan_days[after])


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else np.nan


def _json_value(figure: float | str) -> float | str | None:
    return None if isinstance(figure, float) and np.isnan(figure) else figure
