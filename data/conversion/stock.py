"""Opening stock, open purchase orders and stock policy; with the simple need of 2014 that sizes them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from conversion.costs import build_order
from conversion.masters import PLANT, WAREHOUSES
from conversion.network import TRANSIT_DAYS
from conversion.source import FIRST_PLAN_DAY, LAST_YEAR, Source

# A simple view of 2014, only to size stock and hours: resellers as in 2013, Internet as of late, both grown.
RESELLER_GROWTH = 1.05
INTERNET_GROWTH = 1.25
LAST_QUARTER = (f"{LAST_YEAR}-10", f"{LAST_YEAR}-11", f"{LAST_YEAR}-12")
DAYS_A_MONTH = 365 / 12

SERVICE_LEVEL_PCT = 95
TARGET_COVER_MONTHS = 0.5
PLANT_COVER_MONTHS = 0.25
MOST_COVER_MONTHS = 6
STOCK_OVER_LEAD_TIME = 1.5


def simple_forecast(source: Source) -> pd.DataFrame:
    """Units by product and territory group (index) and month of 2014 of what goes on being sold."""
    orders = source.orders[source.orders["requested_month"].str[:4] == LAST_YEAR]
    orders = orders[orders["product"].map(source.items["ends"]).isna()]
    resellers = orders[orders["channel"] == "Reseller"]
    seasonal = resellers.pivot_table(
        index=["product", "group"], columns="requested_month", values="units", aggfunc="sum"
    )
    recent = orders[(orders["channel"] == "Internet") & orders["requested_month"].isin(LAST_QUARTER)]
    level = recent.groupby(["product", "group"])["units"].sum() / len(LAST_QUARTER) * INTERNET_GROWTH
    months = [f"{LAST_YEAR}-{month:02}" for month in range(1, 13)]
    index = seasonal.index.union(level.index)
    seasonal = seasonal.reindex(index=index, columns=months).fillna(0.0) * RESELLER_GROWTH
    forecast = seasonal.add(level.reindex(index).fillna(0.0), axis=0)
    return forecast.set_axis([f"2014-{month:02}" for month in range(1, 13)], axis="columns")


def required_units(bill: pd.DataFrame, forecast: pd.DataFrame, stock: pd.DataFrame) -> pd.DataFrame:
    """Units of each item to make or buy by month: demand and cover net of warehouse stock, exploded."""
    demand = forecast.groupby(level="product").sum()
    on_shelf = (
        stock[stock["site"] != PLANT].groupby("product")["units"].sum().reindex(demand.index).fillna(0.0)
    )
    need = (
        net_of_stock(demand, on_shelf).reindex(sorted(set(demand.index) | set(bill["component"]))).fillna(0.0)
    )
    lines_of = dict(tuple(bill.groupby("parent")))
    for parent in build_order(bill):
        for line in lines_of[parent].itertuples() if parent in lines_of and parent in need.index else ():
            need.loc[line.component] += need.loc[parent] * line.quantity_per
    return need


def net_of_stock(demand: pd.DataFrame, on_shelf: pd.Series) -> pd.DataFrame:
    """What must be added in each month so that its end holds the cover of the next one (at last its own)."""
    following = demand.shift(-1, axis=1)
    following.iloc[:, -1] = demand.iloc[:, -1]
    left, added = on_shelf.astype(float), {}
    for month in demand.columns:
        wanted = demand[month] + TARGET_COVER_MONTHS * following[month]
        added[month] = (wanted - left).clip(lower=0)
        left = left + added[month] - demand[month]
    return pd.DataFrame(added)


def warehouse_stock(source: Source) -> pd.DataFrame:
    """Month-end stock of sold products, split to warehouses by their share of the last year with demand."""
    orders = source.orders[source.orders["requested"] < FIRST_PLAN_DAY]
    year = orders["requested_month"].str[:4]
    last = orders[year == orders["product"].map(year.groupby(orders["product"]).max())]
    units = last.pivot_table(index="product", columns="group", values="units", aggfunc="sum", fill_value=0)
    share = units.div(units.sum(axis=1), axis=0).rename(columns=WAREHOUSES)
    exact = share.mul(source.stock.reindex(share.index).fillna(0), axis=0)
    return split_evenly(exact).melt(ignore_index=False, var_name="site", value_name="units").reset_index()


def split_evenly(exact: pd.DataFrame) -> pd.DataFrame:
    """Whole numbers with the same row totals: the largest remainders are rounded up."""
    whole = np.floor(exact + 1e-9)
    missing = (exact.sum(axis=1) - whole.sum(axis=1)).round()
    rank = (exact - whole).rank(axis=1, ascending=False, method="first")
    return (whole + rank.le(missing, axis=0)).astype(int)


def inventory_on_hand(
    source: Source, bill: pd.DataFrame, lead_days: pd.Series, year_need: pd.Series
) -> pd.DataFrame:
    """The inventory_on_hand table: products at the warehouses, components at the plant.

    year_need: units of 2014 by component; they stand at 1.5 x the need over their lead time, a week at least.
    """
    held_days = (lead_days * STOCK_OVER_LEAD_TIME).clip(lower=PLANT_COVER_MONTHS * DAYS_A_MONTH)
    components = sorted(set(bill["component"]))
    at_plant = (year_need / 365 * held_days).reindex(components).round().astype(int)
    plant = pd.DataFrame({"product": components, "site": PLANT, "units": at_plant.to_numpy()})
    stock = warehouse_stock(source)
    built_in_only = stock["product"].isin(components) & stock["product"].map(source.items["ends"]).notna()
    table = pd.concat([stock[~built_in_only], plant], ignore_index=True)
    as_of = (FIRST_PLAN_DAY - pd.Timedelta(days=1)).strftime("%Y-%m-%d")
    return table[table["units"] > 0].assign(as_of=as_of).sort_values(["product", "site"])


def scheduled_receipt(
    products: pd.DataFrame,
    bill: pd.DataFrame,
    forecast: pd.DataFrame,
    stock: pd.DataFrame,
    lead_days: pd.Series,
    year_need: pd.Series,
) -> pd.DataFrame:
    """The scheduled_receipt table: what is on order at vendors within the lead time."""
    bought = products.loc[products["make_or_buy"] == "buy", "product"]
    goods = open_orders_of_goods(forecast.loc[forecast.index.isin(bought, level="product")], stock, lead_days)
    components = [label for label in sorted(set(bill["component"])) if label in set(bought)]
    on_order = (year_need / 365 * lead_days).reindex(components).round()
    materials = pd.DataFrame(
        {"product": components, "site": PLANT, "period": "2014-01", "units": on_order.to_numpy()}
    )
    table = pd.concat([goods, materials], ignore_index=True)
    table = table[table["units"] > 0].astype({"units": int}).sort_values(["product", "site", "period"])
    references = [f"PO-{number:05}" for number in range(1, len(table) + 1)]
    return table.assign(reference=references)[["product", "site", "period", "reference", "units"]]


def open_orders_of_goods(forecast: pd.DataFrame, stock: pd.DataFrame, lead_days: pd.Series) -> pd.DataFrame:
    """Bought goods under way to each warehouse: demand until a new order can arrive, and the cover."""
    held = stock.set_index(["product", "site"])["units"]
    rows = []
    for (label, group), demand in forecast.iterrows():
        site = WAREHOUSES[group]
        reach = (lead_days[label] + TRANSIT_DAYS[group]) / DAYS_A_MONTH
        left = float(held.get((label, site), 0))
        for number, (month, units) in enumerate(demand.items()):
            share = min(max(reach - number, 0.0), 1.0)
            wanted = units * share + (TARGET_COVER_MONTHS * units if number == 0 else 0.0)
            ordered = max(0.0, wanted - left)
            left = max(0.0, left - wanted)
            rows.append((label, site, month, round(ordered)))
    return pd.DataFrame(rows, columns=["product", "site", "period", "units"])


def inventory_policy(bill: pd.DataFrame) -> pd.DataFrame:
    """The inventory_policy table: a service level at warehouses, a week of components at the plant."""
    shelves = pd.DataFrame({"site": WAREHOUSES.values(), "service_level_pct": SERVICE_LEVEL_PCT})
    plant = pd.DataFrame(
        {"product": sorted(set(bill["component"])), "site": PLANT, "min_cover_periods": PLANT_COVER_MONTHS}
    )
    columns = ["product", "site", "service_level_pct", "min_cover_periods"]
    return pd.concat([shelves, plant], ignore_index=True)[columns].assign(max_cover_periods=MOST_COVER_MONTHS)
