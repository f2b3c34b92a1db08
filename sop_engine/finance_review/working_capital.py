"""Working capital and free cash of a plan: what stock, receivables and payables tie up, for how long, and
what is left of the profit once they are paid.

DIO = average inventory / COGS x days       DSO = average receivables / revenue x days
DPO = average payables / COGS x days        cash-to-cash = DIO + DSO - DPO
turns = COGS of a year / average inventory  GMROI = gross margin of a year / average inventory of that year
free cash = operating profit + carrying - working capital built - capex
COGS is the standard cost of what is delivered; balance and flow are of the same periods: the average of a
period is that of its opening and closing balance. Carrying is a charge for capital and space, no payment, so
it is given back.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from sop_engine.demand_review.consensus import DemandPlan
from sop_engine.finance_review.valuation import CARRYING, FinancePlan
from sop_engine.inputs import Inputs
from sop_engine.inputs.lifecycle import Launch
from sop_engine.money import value, worth
from sop_engine.product_review.portfolio import Portfolio
from sop_engine.supply_review.excess import excess_of, whole_demand
from sop_engine.supply_review.supply import SupplyPlan

BUILT = ("stock", "goods on the way", "receivables", "payables")  # cash lines that are working capital


@dataclass(frozen=True, eq=False)
class WorkingCapital:
    """Money of the base currency by plan period, (periods,) each, NaN = not known.

    days: length of each period; horizon, season: reported periods, and those of a year
    opening, opening_receivables, opening_payables: stock and balances at a period's start; inventory,
    receivables, payables: at its end
    revenue, cogs, gross_margin, operating_profit, carrying: of the period
    excess, obsolete: part of the inventory at the end, at cost (supply_review.excess)
    built: {line in BUILT: money put into working capital}; capex: of launches in the plan, when they launch
    free_cash: see above
    """

    days: np.ndarray
    horizon: int
    season: int
    opening: np.ndarray
    opening_receivables: np.ndarray
    opening_payables: np.ndarray
    inventory: np.ndarray
    receivables: np.ndarray
    payables: np.ndarray
    revenue: np.ndarray
    cogs: np.ndarray
    gross_margin: np.ndarray
    operating_profit: np.ndarray
    carrying: np.ndarray
    excess: np.ndarray
    obsolete: np.ndarray
    built: dict[str, np.ndarray]
    capex: np.ndarray
    free_cash: np.ndarray


@dataclass(frozen=True)
class CashFigures:
    """Working capital over a span; money in base currency, NaN = not known or not defined.

    inventory, receivables, payables, excess, obsolete: at the span's end; average_inventory: over the span
    dio, dso, dpo: of average balances over the flow of the same span
    cash_to_cash: days, as these three; turns: times a year; gmroi: money a year per money in stock, of the
    year that begins with the span, NaN where the plan does not report a whole year from there
    carrying, operating_profit, built, capex, free_cash: of the span
    """

    inventory: float
    average_inventory: float
    receivables: float
    payables: float
    dio: float
    dso: float
    dpo: float
    cash_to_cash: float
    turns: float
    gmroi: float
    carrying: float
    excess: float
    obsolete: float
    operating_profit: float
    built: float
    capex: float
    free_cash: float


CASH_FIGURES = tuple(item.name for item in fields(CashFigures))


def working_capital(
    inputs: Inputs, portfolio: Portfolio, demand: DemandPlan, supply: SupplyPlan, finance: FinancePlan
) -> WorkingCapital:
    """Every part of a plan's working capital; portfolio, demand, supply and finance are the plan's own."""
    season = inputs.calendar.season
    stock = supply.places.of_products(supply.node_stock)
    over = excess_of(
        stock, whole_demand(inputs, demand.unconstrained), int(inputs.settings["excess_periods"]), season
    )
    closing = finance.inventory_value.sum(axis=0)
    carrying, profit = finance.choice_costs[CARRYING], finance.operating_profit
    built = {name: 0.0 - finance.cash[name] for name in BUILT}
    capex = launch_capex(inputs, portfolio)
    return WorkingCapital(
        days=inputs.calendar.plan_days.astype(float),
        horizon=inputs.calendar.horizon,
        season=season,
        opening=np.concatenate([[_opening(inputs, finance)], closing[:-1]]),
        opening_receivables=finance.receivables - built["receivables"],
        opening_payables=finance.payables + built["payables"],
        inventory=closing,
        receivables=finance.receivables,
        payables=finance.payables,
        revenue=finance.revenue.sum(axis=(0, 1)),
        cogs=finance.standard_cost.sum(axis=(0, 1)),
        gross_margin=finance.gross_margin,
        operating_profit=profit,
        carrying=carrying,
        excess=worth(over.excess, finance.unit_cost).sum(axis=0),
        obsolete=worth(over.obsolete, finance.unit_cost).sum(axis=0),
        built=built,
        capex=capex,
        free_cash=profit + carrying - sum(built.values()) - capex,
    )


def figures_over(capital: WorkingCapital, periods: np.ndarray) -> CashFigures:
    """The figures of some consecutive plan periods, one period at least."""
    last, days = int(periods[-1]), float(capital.days[periods].sum())
    cogs, revenue = float(capital.cogs[periods].sum()), float(capital.revenue[periods].sum())
    average = average_inventory(capital, periods)
    owed, owing = (
        _average(opening, closing, periods)
        for opening, closing in (
            (capital.opening_receivables, capital.receivables),
            (capital.opening_payables, capital.payables),
        )
    )
    dio, dso, dpo = (
        _per(amount * days, flow) for amount, flow in ((average, cogs), (owed, revenue), (owing, cogs))
    )
    year_days = float(capital.days[: capital.season].mean()) * capital.season
    return CashFigures(
        inventory=float(capital.inventory[last]),
        average_inventory=average,
        receivables=float(capital.receivables[last]),
        payables=float(capital.payables[last]),
        dio=dio,
        dso=dso,
        dpo=dpo,
        cash_to_cash=dio + dso - dpo,
        turns=_per(cogs * year_days / days, average),
        gmroi=gmroi(capital, int(periods[0])),
        carrying=float(capital.carrying[periods].sum()),
        excess=float(capital.excess[last]),
        obsolete=float(capital.obsolete[last]),
        operating_profit=float(capital.operating_profit[periods].sum()),
        built=float(sum(amounts[periods].sum() for amounts in capital.built.values())),
        capex=float(capital.capex[periods].sum()),
        free_cash=float(capital.free_cash[periods].sum()),
    )


def average_inventory(capital: WorkingCapital, periods: np.ndarray) -> float:
    """Mean over the periods of the average of opening and closing stock, money at cost."""
    return _average(capital.opening, capital.inventory, periods)


def gmroi(capital: WorkingCapital, first: int) -> float:
    """Gross margin of the year from plan period `first` / its average inventory; NaN without a whole year."""
    if first + capital.season > capital.horizon:
        return np.nan
    year = np.arange(first, first + capital.season)
    return _per(float(capital.gross_margin[year].sum()), average_inventory(capital, year))


def launch_capex(inputs: Inputs, portfolio: Portfolio) -> np.ndarray:
    """(periods,) money invested in the launches in the plan, all of it in the period of the launch; what is
    not known is left out (`without_capex` names it). What was launched before the plan starts is paid.
    """
    capex = np.zeros(inputs.calendar.periods)
    for launch in _to_pay(inputs, portfolio):
        capex[launch.launch] += np.nan_to_num(launch.capex)
    return capex


def without_capex(inputs: Inputs, portfolio: Portfolio, periods: np.ndarray) -> tuple[str, ...]:
    """Projects in the plan that launch in these periods and of which nobody has stated the capex."""
    return tuple(
        sorted(
            launch.project
            for launch in _to_pay(inputs, portfolio)
            if np.isnan(launch.capex) and launch.launch in periods
        )
    )


def _to_pay(inputs: Inputs, portfolio: Portfolio) -> list[Launch]:
    """Launches in the plan, from its start to its end."""
    periods = inputs.calendar.periods
    return [one for one in portfolio.launches if one.stated >= 0 and one.launch < periods]


def _opening(inputs: Inputs, finance: FinancePlan) -> float:
    """The stock on hand at the first period's cost, NaN where no cost is known at all."""
    if np.isnan(finance.inventory_value).all():
        return np.nan
    return float(value(inputs.network.on_hand.sum(axis=1), finance.unit_cost[:, 0]).sum())


def _average(opening: np.ndarray, closing: np.ndarray, periods: np.ndarray) -> float:
    return float(((opening + closing) / 2)[periods].mean())


def _per(part: float, whole: float) -> float:
    return part / whole if whole > 0 else np.nan
