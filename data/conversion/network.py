"""The supply network: bills, work centres and their hours, routings, ways to source, lanes to market."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from pandas.tseries.holiday import USFederalHolidayCalendar
from pandas.tseries.offsets import CustomBusinessDay

from conversion.costs import Costs
from conversion.masters import PLANT, WAREHOUSES, live, running
from conversion.source import Source

FIRST_CAPACITY, LAST_CAPACITY = "2014-01", "2016-03"
WORK_DAYS_A_WEEK = 5
OVERTIME_PREMIUM = 1.5
OVERTIME_LIMIT_PCT = 12


@dataclass(frozen=True)
class WorkCentre:
    """A production centre of the source: parallel stations and the share of their hours that is worked."""

    resource: str
    stations: int
    efficiency_pct: float


@dataclass(frozen=True)
class SharedLimit:
    """A supplier's monthly limit over all it delivers of some families, as a resource counted in units."""

    resource: str
    supplier: str
    families: tuple[str, ...]
    units_a_month: int


@dataclass(frozen=True)
class MaterialLimit:
    """The monthly limit of the supplier of one material."""

    product: str
    units_a_month: int


# Hours per unit by family and step, before the factors for class and days; Paint goes by colour.
STEPS: dict[str, tuple[tuple[str, float], ...]] = {
    "Bikes": (("Subassembly", 0.35), ("Final Assembly", 1.60), ("Final Assembly", 0.40)),
    "Frames": (("Frame Forming", 0.45), ("Frame Welding", 1.20), ("Debur and Polish", 0.40), ("Paint", 0.60)),
    "Forks": (("Frame Forming", 0.08), ("Frame Welding", 0.15), ("Debur and Polish", 0.05)),
    "Frame Parts": (("Frame Forming", 0.03),),
    "Fork Parts": (("Frame Forming", 0.02),),
    "Handlebar Parts": (("Frame Forming", 0.02),),
    "Handlebars": (("Frame Welding", 0.04), ("Subassembly", 0.15)),
    "Wheels": (("Subassembly", 0.30),),
    "Cranksets": (("Subassembly", 0.12),),
    "Derailleurs": (("Subassembly", 0.10),),
    "Bottom Brackets": (("Subassembly", 0.08),),
    "Headsets": (("Subassembly", 0.06),),
    "Seat Assemblies": (("Subassembly", 0.08),),
    "Hubs": (("Subassembly", 0.05),),
    "Bearings": (("Subassembly", 0.002),),
}
# A frame of these colours is painted in the first place and, where there is a second, may be painted there.
PAINT_SHOPS: dict[str, tuple[str, ...]] = {
    "Yellow": ("Specialized Paint",),
    "Silver": ("Specialized Paint", "Paint"),
    "Blue": ("Paint", "Specialized Paint"),
}
SECOND_CHOICE_FACTOR = 1.25
CLASS_FACTOR = {"H": 1.10, "M": 1.00, "L": 0.95}
LONG_FRAME_FACTOR = 1.25  # frames with two days to manufacture

TRANSIT_DAYS = {"North America": 4, "Europe": 14, "Pacific": 18}
FREIGHT_OF_BIKE = {"North America": 4.0, "Europe": 16.0, "Pacific": 20.0}
FREIGHT_FACTOR = {"Bikes": 1.0, "Components": 0.3, "Clothing": 0.04, "Accessories": 0.06}
LAST_MILE = {"Reseller": (3, 1.00), "Internet": (5, 1.50)}  # days, dollars per unit

SUBCONTRACTOR = "Advanced Bicycles"
SUBCONTRACT_LEAD_DAYS = 20
SUBCONTRACT_FRAMES = 12
SUBCONTRACT_UNITS_A_MONTH = 60
SUBCONTRACT_PREMIUM = 1.6


def bill_of_material(source: Source) -> pd.DataFrame:
    """Bills of all that is still sold, through all levels."""
    bill = source.bill
    reached = set(running(source))
    while True:
        components = set(bill.loc[bill["parent"].isin(reached), "component"])
        if components <= reached:
            return bill[bill["parent"].isin(reached)].reset_index(drop=True)
        reached |= components


def resource(
    source: Source, centres: tuple[WorkCentre, ...], limits: tuple[SharedLimit, ...]
) -> pd.DataFrame:
    """The resource table: production centres at the source's rates and hours, shared limits in units."""
    facts = source.centres.loc[[centre.resource for centre in centres]]
    work = pd.DataFrame(
        {
            "resource": facts.index,
            "site": PLANT,
            "name": facts.index,
            "cost_per_hour": facts["cost_rate_per_hour"].to_numpy(),
            "overtime_cost_per_hour": (facts["cost_rate_per_hour"] * OVERTIME_PREMIUM).round(2).to_numpy(),
            "overtime_limit_pct": OVERTIME_LIMIT_PCT,
            "stations": [centre.stations for centre in centres],
            "hours_per_week": facts["availability_hours_per_week"].to_numpy(),
            "efficiency_pct": [centre.efficiency_pct for centre in centres],
        }
    )
    shared = pd.DataFrame(
        {
            "resource": [limit.resource for limit in limits],
            "site": [limit.supplier for limit in limits],
            "name": [f"{limit.resource}, units" for limit in limits],
        }
    )
    return pd.concat([work, shared], ignore_index=True)


def working_days(periods: pd.PeriodIndex) -> pd.Series:
    """Weekdays without US federal holidays in each month, index period label."""
    workday = CustomBusinessDay(calendar=USFederalHolidayCalendar())
    days = pd.date_range(periods[0].start_time, periods[-1].end_time.normalize(), freq=workday)
    return days.to_series().groupby(days.strftime("%Y-%m")).size()


def capacity(resources: pd.DataFrame, limits: tuple[SharedLimit, ...]) -> pd.DataFrame:
    """The capacity table: stations x hours a week / 5 x working days x efficiency; units if shared."""
    days = working_days(pd.period_range(FIRST_CAPACITY, LAST_CAPACITY, freq="M"))
    work = resources[resources["stations"].notna()]
    daily = work["stations"] * work["hours_per_week"] / WORK_DAYS_A_WEEK * work["efficiency_pct"] / 100
    rows = [
        (label, period, round(hours * count, 1))
        for label, hours in zip(work["resource"], daily)
        for period, count in days.items()
    ]
    rows += [
        (limit.resource, period, float(limit.units_a_month)) for limit in limits for period in days.index
    ]
    return pd.DataFrame(rows, columns=["resource", "period", "available_hours"])


def routing(
    products: pd.DataFrame, source: Source, bill: pd.DataFrame, limits: tuple[SharedLimit, ...]
) -> pd.DataFrame:
    """The routing table: steps, the second paint shop as an alternative, one unit of a shared limit."""
    labels = products["product"]
    made = labels[(products["make_or_buy"] == "make") & labels.isin(live(source, bill))]
    rows = [row for label in made for row in steps_of(label, source.items.loc[label])]
    for limit in limits:
        delivered = delivered_by(limit, products, source)
        rows += [(label, 10, 1, limit.resource, 1.0, 1) for label in delivered]
    return pd.DataFrame(
        rows, columns=["product", "step", "alternative", "resource", "hours_per_unit", "priority"]
    )


def delivered_by(limit: SharedLimit, products: pd.DataFrame, source: Source) -> list[str]:
    """Labels of what counts against a shared limit."""
    label = products["product"]
    theirs = label.map(source.vendors["vendor"]) == limit.supplier
    return sorted(label[theirs & products["family"].isin(limit.families)])


def steps_of(label: str, item: pd.Series) -> list[tuple[str, int, int, str, float, int]]:
    """Routing rows of a made item, all steps in each alternative."""
    group = kind(item)
    factor = CLASS_FACTOR.get(item["class"], 1.0)
    if group == "Frames" and item["days_to_manufacture"] > 1:
        factor *= LONG_FRAME_FACTOR
    shops = PAINT_SHOPS.get(item["color"], ("Paint",)) if group == "Frames" else ("Paint",)
    rows = []
    for alternative, shop in enumerate(shops, start=1):
        for number, (centre, hours) in enumerate(STEPS[group], start=1):
            hours *= factor
            if centre == "Paint":
                centre, hours = shop, hours * (SECOND_CHOICE_FACTOR if alternative > 1 else 1)
            rows.append((label, number * 10, alternative, centre, round(hours, 4), alternative))
    return rows


def kind(item: pd.Series) -> str:
    """The kind of part whose steps an item takes."""
    if item["category"] == "Bikes":
        return "Bikes"
    return "Frames" if item["family"].endswith(" Frames") else item["family"]


def sourcing(
    products: pd.DataFrame,
    source: Source,
    bill: pd.DataFrame,
    cost: Costs,
    limits: tuple[MaterialLimit, ...],
    frames: list[str],
) -> pd.DataFrame:
    """The sourcing table; `frames` are those that may be welded outside."""
    kept = products[products["product"].isin(live(source, bill))]
    tables = [
        made_here(kept[kept["make_or_buy"] == "make"]["product"], source, cost),
        bought_here(kept[kept["make_or_buy"] == "buy"]["product"], source, cost, limits),
        subcontracted(frames, cost),
        transferred(kept[kept["product"].isin(running(source))]),
    ]
    return pd.concat(tables, ignore_index=True)


def made_here(label: pd.Series, source: Source, cost: Costs) -> pd.DataFrame:
    """Make rows: conversion cost, days to manufacture."""
    return pd.DataFrame(
        {
            "product": label,
            "site": PLANT,
            "source": PLANT,
            "mode": "make",
            "lead_time_days": label.map(source.items["days_to_manufacture"]).clip(lower=1),
            "unit_cost": label.map(cost.conversion).round(4),
            "priority": 1,
        }
    )


def bought_here(
    label: pd.Series, source: Source, cost: Costs, limits: tuple[MaterialLimit, ...]
) -> pd.DataFrame:
    """Buy rows at the plant from one vendor each; order sizes only where the vendor counts in pieces."""
    vendor = source.vendors.reindex(label)
    in_pieces = (vendor["unit_measure"] == "EA").to_numpy()
    return pd.DataFrame(
        {
            "product": label.to_numpy(),
            "site": PLANT,
            "source": vendor["vendor"].to_numpy(),
            "mode": "buy",
            "lead_time_days": vendor["average_lead_time_days"].to_numpy(),
            "unit_cost": label.map(cost.inner).round(4).to_numpy(),
            "minimum_quantity": vendor["min_order_qty"].where(in_pieces).to_numpy(),
            "period_limit": label.map({limit.product: limit.units_a_month for limit in limits}).to_numpy(),
            "priority": 1,
        }
    )


def subcontracted(frames: list[str], cost: Costs) -> pd.DataFrame:
    """Subcontract rows: frames welded and painted outside from our material, at a premium on our own work."""
    return pd.DataFrame(
        {
            "product": frames,
            "site": PLANT,
            "source": SUBCONTRACTOR,
            "mode": "subcontract",
            "lead_time_days": SUBCONTRACT_LEAD_DAYS,
            "unit_cost": (cost.conversion[frames] * SUBCONTRACT_PREMIUM).round(2).to_numpy(),
            "period_limit": SUBCONTRACT_UNITS_A_MONTH,
            "priority": 2,
        }
    )


def transferred(sold: pd.DataFrame) -> pd.DataFrame:
    """Transfer rows from the plant to the warehouse of each territory group."""
    rows = [
        (
            item.product,
            name,
            PLANT,
            "transfer",
            TRANSIT_DAYS[group],
            round(FREIGHT_OF_BIKE[group] * FREIGHT_FACTOR[item.category], 2),
            1,
        )
        for group, name in WAREHOUSES.items()
        for item in sold.itertuples()
    ]
    return pd.DataFrame(
        rows, columns=["product", "site", "source", "mode", "lead_time_days", "unit_cost", "priority"]
    )


def service_lane(source: Source) -> pd.DataFrame:
    """The service_lane table: each market from the warehouse of its territory group."""
    markets = source.orders[["market", "group", "channel"]].drop_duplicates().sort_values("market")
    return pd.DataFrame(
        {
            "site": markets["group"].map(WAREHOUSES),
            "market": markets["market"],
            "unit_cost": markets["channel"].map({channel: cost for channel, (_, cost) in LAST_MILE.items()}),
            "transit_days": markets["channel"].map(
                {channel: days for channel, (days, _) in LAST_MILE.items()}
            ),
            "priority": 1,
        }
    )
