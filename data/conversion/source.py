"""Reads the AdventureWorks source: order lines placed in time and market, items with family, valid bills."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

FIRST_PLAN_DAY = pd.Timestamp("2014-01-01")
LAST_YEAR = "2013"

# Items that the source leaves outside its hierarchy: pattern in the name -> family, in order of trial.
FAMILIES_OF_PARTS: tuple[tuple[str, str], ...] = (
    (r"Seat Assembly", "Seat Assemblies"),
    (r"Seat (?:Lug|Post)|Pinch Bolt", "Seat Parts"),
    (r"Hub$", "Hubs"),
    (r"^BB Ball Bearing", "Bearings"),
    (r"^(?:Chain Stays|Down Tube|Head Tube|Seat Stays|Seat Tube|Top Tube)", "Frame Parts"),
    (r"^(?:Blade|Fork Crown|Fork End|Steerer)", "Fork Parts"),
    (r"Handlebar Tube|Stem|End Caps|Grip Tape", "Handlebar Parts"),
    (r"^Metal ", "Metal"),
    (r"^Paint ", "Paint"),
    (r"Rim$", "Rims"),
    (r"Spokes|Nipple|Reflector|Shell|Spindle", "Wheel Parts"),
    (r"Crank|Chainring|Freewheel", "Crankset Parts"),
    (r"", "Small Parts"),
)


@dataclass(frozen=True, eq=False)
class Source:
    """The source's tables in the words of this project; money in US dollars.

    orders: order lines with product, market, region, channel, group, requested, shipped, units, amount, cost
    items: one row per item, index product, with name, family, category, make, unit, starts, ends, costs
    bill: parent, component, quantity_per as valid at the end of 2013
    cost_history: product, start_date, standard_cost; stock: index product, units at the end of 2013
    promotions: promotion, discount_pct (share of the price)
    """

    orders: pd.DataFrame
    items: pd.DataFrame
    bill: pd.DataFrame
    cost_history: pd.DataFrame
    stock: pd.Series
    vendors: pd.DataFrame
    centres: pd.DataFrame
    rates: pd.DataFrame
    ledger: pd.DataFrame
    promotions: pd.DataFrame


def read_source(folder: Path) -> Source:
    """The source in `folder` (parquet). Raises FileNotFoundError where a file is missing."""

    def read(name: str, *dates: str) -> pd.DataFrame:
        frame = pd.read_parquet(folder / f"{name}.parquet")
        return frame.assign(**{date: pd.to_datetime(frame[date]) for date in dates})

    bill = read("bill_of_materials", "start_date", "end_date")
    items = read_items(
        read("product", "sell_start_date", "sell_end_date"),
        read("product_subcategory"),
        read("product_category"),
        bill,
    )
    label = items.reset_index().set_index("product_id")["product"]
    costs = read("product_cost_history", "start_date", "end_date")
    return Source(
        orders=read_orders(
            read("sales_orders", "order_date", "due_date", "ship_date"), read("sales_territory")
        ),
        items=items,
        bill=valid_bill(bill, label),
        cost_history=costs.assign(product=costs["product_id"].map(label)),
        stock=closing_stock(read("product_inventory_month_end", "month_end")),
        vendors=read_vendors(read("product_vendor"), read("vendor"), label),
        centres=read("work_center").set_index("name"),
        rates=read("currency_rate", "date"),
        ledger=read("finance_gl", "date"),
        promotions=read("promotion")[["promotion", "discount_pct"]],
    )


def read_items(
    product: pd.DataFrame, subcategory: pd.DataFrame, category: pd.DataFrame, bill: pd.DataFrame
) -> pd.DataFrame:
    """Items, index product; family = subcategory, or by name where there is none (category Materials)."""
    subcategory = subcategory.rename(columns={"name": "family"})
    category = category.rename(columns={"name": "category"})
    items = product.merge(subcategory, how="left").merge(category, how="left", on="product_category_id")
    unplaced = items["family"].isna()
    items.loc[unplaced, "family"] = items.loc[unplaced, "name"].map(family_by_name)
    items["category"] = items["category"].fillna("Materials")
    units = bill.drop_duplicates("component_id").set_index("component_id")["unit_measure"]
    items["unit"] = items["product_id"].map(units).fillna("EA")
    names = {
        "product_number": "product",
        "sell_start_date": "starts",
        "sell_end_date": "ends",
        "make_flag": "make",
    }
    return items.rename(columns=names).set_index("product")


def family_by_name(name: str) -> str:
    """Family of an item outside the source's hierarchy."""
    matches = pd.Series(
        {family: pd.Series([name]).str.contains(pattern).item() for pattern, family in FAMILIES_OF_PARTS}
    )
    return str(matches.idxmax())


def read_orders(orders: pd.DataFrame, territory: pd.DataFrame) -> pd.DataFrame:
    """Order lines with their market (region x channel); amounts are dollars whatever their currency says."""
    names = {
        "product_number": "product",
        "due_date": "requested",
        "ship_date": "shipped",
        "order_date": "ordered",
        "quantity": "units",
        "sales_amount": "amount",
        "territory_group": "group",
    }
    orders = orders.merge(territory, on="region", validate="many_to_one").rename(columns=names)
    return orders.assign(
        market=orders["region"] + " " + orders["channel"],
        requested_month=orders["requested"].dt.strftime("%Y-%m"),
        shipped_month=orders["shipped"].dt.strftime("%Y-%m"),
        cost=orders["standard_cost"] * orders["units"],
    )


def valid_bill(bill: pd.DataFrame, label: pd.Series) -> pd.DataFrame:
    """Bill rows in effect on the eve of the plan, by product label."""
    eve = FIRST_PLAN_DAY - pd.Timedelta(days=1)
    valid = bill["product_assembly_id"].notna() & (bill["start_date"] <= eve)
    valid &= bill["end_date"].isna() | (bill["end_date"] > eve)
    rows = bill[valid]
    return pd.DataFrame(
        {
            "parent": rows["product_assembly_id"].map(label),
            "component": rows["component_id"].map(label),
            "quantity_per": rows["per_assembly_qty"],
        }
    ).reset_index(drop=True)


def closing_stock(month_end: pd.DataFrame) -> pd.Series:
    """Units by product at the last month end before the plan; a negative balance is an empty shelf."""
    last = month_end[month_end["month_end"] == FIRST_PLAN_DAY - pd.Timedelta(days=1)]
    return last.set_index("product_number")["units_balance"].clip(lower=0).rename_axis("product")


def read_vendors(offers: pd.DataFrame, vendor: pd.DataFrame, label: pd.Series) -> pd.DataFrame:
    """One vendor per bought item: active, preferred, lowest price, shortest lead time, in this order."""
    offers = offers.merge(vendor, on="vendor_id", validate="many_to_one")
    offers = offers.assign(product=offers["product_id"].map(label))
    order = ["product", "active", "preferred", "standard_price", "average_lead_time_days", "vendor_id"]
    ranked = offers.sort_values(order, ascending=[True, False, False, True, True, True])
    return ranked.drop_duplicates("product").set_index("product").rename(columns={"name": "vendor"})
