"""Launches and phase-outs, which the source lacks: they continue its pattern of colours, sizes and years."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from conversion.source import LAST_YEAR, Source


@dataclass(frozen=True)
class NewProduct:
    """A project of the pipeline; price and cost are factors on those of the like-product."""

    project: str
    product: str
    name: str
    like: str
    gate: str
    gate_date: str
    launch: str
    first_promised: str
    in_plan: str
    probability_pct: int
    scale_pct: int
    ramp_periods: int
    price_factor: float
    cost_factor: float
    cannibalisation_pct: int
    capex: int
    owner: str


# project, product, name, like, gate, gate date, launch, first promised, in plan, probability %, scale %,
# ramp, price and cost factor, cannibalisation %, capex, owner.
NEW_PRODUCTS: tuple[NewProduct, ...] = (
    NewProduct(
        "Touring-2000 Yellow",
        "BK-T44Y-54",
        "Touring-2000 Yellow, 54",
        "BK-T44U-54",
        "4 Launch",
        "2014-02-14",
        "2014-04",
        "2014-03",
        "yes",
        95,
        60,
        3,
        1.00,
        1.00,
        30,
        60_000,
        "Touring product manager",
    ),
    NewProduct(
        "Women's Shorts XL",
        "SH-W890-X",
        "Women's Mountain Shorts, XL",
        "SH-W890-L",
        "4 Launch",
        "2014-02-28",
        "2014-04",
        "2014-04",
        "yes",
        90,
        35,
        2,
        1.00,
        1.03,
        15,
        5_000,
        "Clothing product manager",
    ),
    NewProduct(
        "Hydration Pack 100",
        "HY-1023-100",
        "Hydration Pack - 100 oz.",
        "HY-1023-70",
        "3 Validate",
        "2014-03-14",
        "2014-06",
        "2014-05",
        "yes",
        85,
        50,
        3,
        1.20,
        1.15,
        40,
        12_000,
        "Accessories product manager",
    ),
    NewProduct(
        "Road-750 Red",
        "BK-R19R-52",
        "Road-750 Red, 52",
        "BK-R19B-52",
        "3 Validate",
        "2014-04-11",
        "2014-08",
        "2014-05",
        "yes",
        75,
        45,
        4,
        1.00,
        1.01,
        35,
        45_000,
        "Road product manager",
    ),
    NewProduct(
        "Mountain-250",
        "BK-M72B-42",
        "Mountain-250 Black, 42",
        "BK-M68B-42",
        "2 Develop",
        "2014-06-13",
        "2015-01",
        "2015-01",
        "yes",
        70,
        70,
        4,
        0.95,
        0.92,
        50,
        380_000,
        "Mountain product manager",
    ),
    NewProduct(
        "Road-350-W Blue",
        "BK-R79U-40",
        "Road-350-W Blue, 40",
        "BK-R79Y-40",
        "1 Scope",
        "2014-07-11",
        "2015-03",
        "2015-01",
        "no",
        40,
        50,
        4,
        1.02,
        1.00,
        35,
        70_000,
        "Road product manager",
    ),
)

# product, last period sold, successor, share of its demand that the successor takes.
PHASE_OUTS: tuple[tuple[str, str, str, int], ...] = (
    *((f"BK-M18S-{size}", "2014-03", f"BK-M18B-{size}", 60) for size in (40, 42, 44, 48, 52)),
    ("BK-R89R-58", "2014-06", "BK-R89B-58", 70),
)


def with_launches(source: Source) -> Source:
    """The source with each launch as an item with the bill, vendor and description of its like-product."""
    likes = {new.product: new.like for new in NEW_PRODUCTS}
    return replace(
        source,
        items=pd.concat([source.items, launch_items(source.items)]),
        bill=pd.concat(
            [source.bill, *(copied(source.bill, "parent", new, like) for new, like in likes.items())],
            ignore_index=True,
        ),
        vendors=pd.concat(
            [source.vendors, *(vendor_of(source.vendors, new, like) for new, like in likes.items())]
        ),
    )


def launch_items(items: pd.DataFrame) -> pd.DataFrame:
    """Item rows of the launches, index product."""
    rows = items.loc[[new.like for new in NEW_PRODUCTS]].copy()
    factors = [new.cost_factor for new in NEW_PRODUCTS]
    rows["standard_cost"] = (rows["standard_cost"] * factors).round(4)
    rows["name"] = [new.name for new in NEW_PRODUCTS]
    rows["starts"] = [pd.Timestamp(new.launch) for new in NEW_PRODUCTS]
    rows["product_id"] = pd.NA
    rows.index = pd.Index([new.product for new in NEW_PRODUCTS], name="product")
    return rows


def copied(rows: pd.DataFrame, column: str, new: str, like: str) -> pd.DataFrame:
    """The rows of the like-product under the new product's label."""
    return rows[rows[column] == like].assign(**{column: new})


def vendor_of(vendors: pd.DataFrame, new: str, like: str) -> pd.DataFrame:
    """The like-product's vendor row under the new label; empty where the like-product is made."""
    return vendors[vendors.index == like].rename(index={like: new})


def pipeline(source: Source, price: pd.DataFrame) -> pd.DataFrame:
    """The pipeline table; price is the like-product's dollar price of the last half year x a factor."""
    units = yearly_units(source)
    rows = [
        {
            "project": new.project,
            "product": new.product,
            "gate": new.gate,
            "gate_date": new.gate_date,
            "launch_period": new.launch,
            "baseline_launch_period": new.first_promised,
            "in_plan": new.in_plan,
            "probability_pct": new.probability_pct,
            "like_product": new.like,
            "scale_pct": new.scale_pct,
            "ramp_periods": new.ramp_periods,
            "price": round(price[new.like] * new.price_factor, 2),
            "unit_cost": round(source.items.at[new.product, "standard_cost"], 2),
            "cannibalises": new.like,
            "cannibalisation_pct": new.cannibalisation_pct,
            "business_case_units": int(round(units[new.like] * new.scale_pct / 100, -1)),
            "capex": new.capex,
            "owner": new.owner,
        }
        for new in NEW_PRODUCTS
    ]
    return pd.DataFrame(rows)


def yearly_units(source: Source) -> pd.Series:
    """Units requested by product in the last full year."""
    orders = source.orders
    return orders[orders["requested_month"].str[:4] == LAST_YEAR].groupby("product")["units"].sum()


def phase_out() -> pd.DataFrame:
    """The phase_out table."""
    return pd.DataFrame(PHASE_OUTS, columns=["product", "end_period", "successor", "transfer_pct"])
