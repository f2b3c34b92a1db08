"""The masters: product with its lifecycle and succession, market, site."""

from __future__ import annotations

import pandas as pd

from conversion.launches import NEW_PRODUCTS, PHASE_OUTS
from conversion.source import FIRST_PLAN_DAY, LAST_YEAR, Source

PLANT = "Plant"
# Territory group -> its warehouse.
WAREHOUSES = {group: f"WH {group}" for group in ("North America", "Europe", "Pacific")}
CHANNEL_PRIORITY = {"Reseller": 1, "Internet": 2}
CHANNEL_UNMET = {"Reseller": "backlog", "Internet": "lost"}
NEAREST_SIZE = 2  # a model of the next year may change its size by no more than this


def product(source: Source, bill: pd.DataFrame) -> pd.DataFrame:
    """The product table: what was ever sold, the launches, and all in the bills of what is still made."""
    items = source.items.loc[wanted(source, bill)]
    sold = sold_products(source) | {new.product for new in NEW_PRODUCTS}
    table = pd.DataFrame(
        {
            "name": items["name"],
            "family": items["family"],
            "category": items["category"],
            "make_or_buy": items["make"].map({True: "make", False: "buy"}),
            "sellable": ["yes" if label in sold else "no" for label in items.index],
            "unit": items["unit"],
            "lifecycle_stage": lifecycle_stage(items, live(source, bill)),
            "launch_period": month_of_change(items["starts"]),
            "end_period": month_of_change(items["ends"], last=True),
            "predecessor": pd.Series(predecessors(items), dtype=object).reindex(items.index),
        }
    )
    parts = table["sellable"] == "no"
    table.loc[parts, ["launch_period", "end_period", "predecessor"]] = None
    return table.reset_index().sort_values(["category", "family", "product"])


def wanted(source: Source, bill: pd.DataFrame) -> list[str]:
    """Labels of the product table."""
    labels = sold_products(source) | {new.product for new in NEW_PRODUCTS}
    return sorted(labels | set(bill["parent"]) | set(bill["component"]))


def sold_products(source: Source) -> set[str]:
    """Products with history: requested before the plan starts."""
    orders = source.orders
    return set(orders.loc[orders["requested"] < FIRST_PLAN_DAY, "product"])


def running(source: Source) -> list[str]:
    """Products that the company goes on selling: sold before and not ended, or to be launched."""
    items = source.items
    labels = sold_products(source) | {new.product for new in NEW_PRODUCTS}
    return [label for label in items.index if label in labels and pd.isna(items.at[label, "ends"])]


def live(source: Source, bill: pd.DataFrame) -> set[str]:
    """What the company sells, makes or buys from now on: running products and all in their bills."""
    return set(running(source)) | set(bill["parent"]) | set(bill["component"])


def month_of_change(dates: pd.Series, last: bool = False) -> pd.Series:
    """Months of first (or last) sale: the source changes its range in the last days of December."""
    shift = pd.Timedelta(days=0 if last else 15)
    return (dates + shift).dt.strftime("%Y-%m")


def lifecycle_stage(items: pd.DataFrame, live: set[str]) -> pd.Series:
    """launch, growth (first full year), mature, decline (to be phased out), end (not sold nor built in)."""
    stage = pd.Series("mature", index=items.index)
    stage[month_of_change(items["starts"]) >= f"{LAST_YEAR}-01"] = "growth"
    stage[[row[0] for row in PHASE_OUTS]] = "decline"
    stage[[new.product for new in NEW_PRODUCTS]] = "launch"
    return stage.where(items.index.isin(live), "end")


def predecessors(items: pd.DataFrame) -> dict[str, str]:
    """New product -> the same model of the year before, one to one.

    A model is the same where family, line and class are, the old one ended the day before the new one
    started, and the size is the same or within two; the same colour is taken before another.
    """
    new = items[items["starts"].notna()].reset_index().rename(columns={"product": "new"})
    old = items[items["ends"].notna()].reset_index().rename(columns={"product": "old"})
    new["day"], old["day"] = new["starts"], old["ends"] + pd.Timedelta(days=1)
    keys = {"product_line": "", "class": ""}
    pairs = new.fillna(keys).merge(old.fillna(keys), on=["family", *keys, "day"], suffixes=("", "_old"))
    pairs["change"] = size_change(pairs["size"], pairs["size_old"])
    pairs["recoloured"] = pairs["color"] != pairs["color_old"]
    pairs = pairs[pairs["change"] <= NEAREST_SIZE].sort_values(["recoloured", "change", "new", "old"])
    chosen: dict[str, str] = {}
    for pair in pairs.itertuples():
        if pair.new not in chosen and pair.old not in chosen.values():
            chosen[pair.new] = pair.old
    return chosen


def size_change(new: pd.Series, old: pd.Series) -> pd.Series:
    """Distance of two sizes in cm; 0 for the same letter, infinite where they can't be compared."""
    distance = (pd.to_numeric(new, errors="coerce") - pd.to_numeric(old, errors="coerce")).abs()
    return distance.fillna(float("inf")).mask(new == old, 0.0)


def market(source: Source) -> pd.DataFrame:
    """The market table: region x channel, in the currency of most of its 2013 sales."""
    orders = source.orders
    year = orders[orders["shipped_month"].str[:4] == LAST_YEAR]
    totals = year.groupby(["market", "region", "channel", "currency"])["amount"].sum().reset_index()
    main = totals.sort_values("amount", ascending=False).drop_duplicates("market").sort_values("market")
    return pd.DataFrame(
        {
            "market": main["market"],
            "name": main["region"] + ", " + main["channel"],
            "region": main["region"],
            "channel": main["channel"],
            "currency": main["currency"],
            "priority": main["channel"].map(CHANNEL_PRIORITY),
            "unmet": main["channel"].map(CHANNEL_UNMET),
        }
    )


def site(suppliers: list[str]) -> pd.DataFrame:
    """The site table: the plant, a warehouse per territory group and the suppliers in use."""
    rows = [(PLANT, "Bothell plant", "plant", "North America")]
    rows += [(name, f"{group} warehouse", "warehouse", group) for group, name in WAREHOUSES.items()]
    rows += [(name, name, "supplier", None) for name in suppliers]
    return pd.DataFrame(rows, columns=["site", "name", "kind", "region"])
