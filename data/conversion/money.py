"""History and money: sales, orders, prices, costs, exchange rates, the budget and the fixed costs."""

from __future__ import annotations

import pandas as pd

from conversion.costs import Costs
from conversion.launches import NEW_PRODUCTS
from conversion.masters import live, running
from conversion.source import FIRST_PLAN_DAY, LAST_YEAR, Source

BUDGET_GROWTH = {"Reseller": 1.06, "Internet": 1.40}
BUDGET_VERSION = "AOP"
BUDGET_RATE_VERSION = "Budget 2014"
TARGET_VERSION = "target"
TARGET_GROWTH = {"Reseller": 1.08, "Internet": 1.50}  # a year, on 2013: the strategic ambition
TARGET_MARGIN_POINTS = 0.5  # of revenue, more each year
FIXED_COST_A_YEAR = 3_600_000
FIXED_COST_GROWTH = 1.03  # a year

# The ledger's accounts that do not move with volume, in the groups shown.
FIXED_ACCOUNTS: dict[str, tuple[str, ...]] = {
    "Salaries and benefits": ("Salaries", "Payroll Taxes", "Employee Benefits"),
    "Marketing": ("Marketing Collateral", "Conferences", "Entertainment"),
    "Travel": ("Travel Transportation", "Travel Lodging", "Other Travel Related", "Meals", "Vehicles"),
    "Buildings": ("Building Leasehold", "Rent", "Utilities", "Furniture and Fixtures", "Equipment"),
    "Office and services": ("Office Supplies", "Professional Services", "Telephone", "Other Expenses"),
}


def sales_history(source: Source) -> pd.DataFrame:
    """The sales_history table: units by requested month, revenue by ship month, to the end of 2013."""
    keys = ["product", "market", "period"]
    orders = source.orders
    units = orders.rename(columns={"requested_month": "period"}).groupby(keys)["units"].sum()
    revenue = orders.rename(columns={"shipped_month": "period"}).groupby(keys)["amount"].sum().round(2)
    table = pd.concat([units, revenue.rename("revenue")], axis=1).fillna(0.0).reset_index()
    known = table["product"].isin(set(orders.loc[orders["requested"] < FIRST_PLAN_DAY, "product"]))
    table = table[known & (table["period"] < "2014-01")]
    return table.astype({"units": int}).sort_values(keys)


def order_book(source: Source) -> pd.DataFrame:
    """The order_book table: ordered before the plan starts, requested after it."""
    orders = source.orders
    rows = orders[(orders["ordered"] < FIRST_PLAN_DAY) & (orders["requested"] >= FIRST_PLAN_DAY)]
    return pd.DataFrame(
        {
            "order": rows["order_number"] + "-" + rows["order_line"].astype(str),
            "product": rows["product"],
            "market": rows["market"],
            "period": rows["requested"].dt.strftime("%Y-%m-%d"),
            "units": rows["units"],
        }
    ).sort_values("order")


def fx_rate(source: Source, markets: pd.DataFrame) -> pd.DataFrame:
    """The fx_rate table: actual monthly averages, and the mean of the last half year as the budget rate."""
    rates = source.rates[source.rates["currency"].isin(set(markets["currency"]) - {"USD"})]
    rates = rates.assign(period=rates["date"].dt.strftime("%Y-%m"))
    actual = rates.groupby(["currency", "period"])["average_rate"].mean().rename("rate").reset_index()
    actual = actual[actual["period"].between("2011-01", "2013-12")]
    actual = actual.assign(type="actual", version="Monthly average " + actual["period"].str[:4])
    half = actual[actual["period"] >= f"{LAST_YEAR}-07"].groupby("currency")["rate"].mean().reset_index()
    budget = half.assign(period="2014-01", type="budget", version=BUDGET_RATE_VERSION)
    return pd.concat([actual, budget], ignore_index=True).round({"rate": 6})[
        ["currency", "period", "rate", "type", "version"]
    ]


def price_windows(source: Source) -> pd.DataFrame:
    """Realised net dollar price by product, market and window; windows start each year, and in July 2013."""
    orders = source.orders[source.orders["shipped"] < FIRST_PLAN_DAY]
    half = (orders["shipped_month"] >= f"{LAST_YEAR}-07").map({True: "07", False: "01"})
    period = orders["shipped_month"].str[:4] + "-" + half
    sums = orders.assign(period=period).groupby(["product", "market", "period"])[["amount", "units"]].sum()
    return (sums["amount"] / sums["units"]).rename("dollars").reset_index()


def price(source: Source, markets: pd.DataFrame, rates: pd.DataFrame) -> pd.DataFrame:
    """The price table: realised net price in the market's currency; launches like their like-product."""
    windows = price_windows(source)
    latest = windows.sort_values("period").drop_duplicates(["product", "market"], keep="last")
    launches = [
        latest[latest["product"] == new.like].assign(
            product=new.product,
            period="2014-01",
            dollars=lambda rows, new=new: rows["dollars"] * new.price_factor,
        )
        for new in NEW_PRODUCTS
    ]
    table = pd.concat([windows, *launches], ignore_index=True)
    table["rate"] = rate_of_window(table, markets, rates)
    table["price"] = (table["dollars"] / table["rate"]).round(3)
    table["version"] = price_version(table["period"])
    return table.sort_values(["product", "market", "period"])[
        ["product", "market", "period", "price", "version"]
    ]


def price_version(period: pd.Series) -> pd.Series:
    """Name of the price list of each window: "Realised 2013 H2", and "Launch 2014" for launches."""
    half = period.str[5:].map({"01": "H1", "07": "H2"})
    realised = "Realised " + period.str[:4] + " " + half
    return realised.mask(period.str[:4] > LAST_YEAR, "Launch " + period.str[:4])


def rate_of_window(table: pd.DataFrame, markets: pd.DataFrame, rates: pd.DataFrame) -> pd.Series:
    """Exchange rate of each price row: the mean over its window, the budget rate from July 2013 on."""
    actual = rates[rates["type"] == "actual"]
    half = (actual["period"] >= f"{LAST_YEAR}-07").map({True: "07", False: "01"})
    means = actual.groupby(["currency", actual["period"].str[:4] + "-" + half])["rate"].mean()
    window = table["period"].replace("2014-01", f"{LAST_YEAR}-07")
    currency = table["market"].map(markets.set_index("market")["currency"])
    keys = pd.MultiIndex.from_arrays([currency, window])
    rate = pd.Series(means.reindex(keys).to_numpy(), index=table.index)
    return rate.mask(currency == "USD", 1.0)


def dollar_price(source: Source) -> pd.Series:
    """Mean realised dollar price by product over the last half year."""
    rows = source.orders[source.orders["shipped_month"].between(f"{LAST_YEAR}-07", f"{LAST_YEAR}-12")]
    sums = rows.groupby("product")[["amount", "units"]].sum()
    return sums["amount"] / sums["units"]


def unit_cost(source: Source, bill: pd.DataFrame, cost: Costs) -> pd.DataFrame:
    """The unit_cost table: standard costs as they held for what is sold, the inner cost for what is not."""
    history = source.cost_history[source.cost_history["product"].isin(set(source.orders["product"]))]
    history = history.assign(period=(history["start_date"] + pd.Timedelta(days=15)).dt.strftime("%Y-%m"))
    history = history.rename(columns={"standard_cost": "unit_cost"})[["product", "period", "unit_cost"]]
    built_in_only = sorted(live(source, bill) - set(running(source)))
    inside = pd.DataFrame(
        {
            "product": built_in_only,
            "period": f"{LAST_YEAR}-01",
            "unit_cost": cost.inner[built_in_only].to_numpy(),
        }
    )
    history = history[~(history["product"].isin(built_in_only) & (history["period"] >= f"{LAST_YEAR}-01"))]
    launches = pd.DataFrame(
        [(new.product, "2014-01", source.items.at[new.product, "standard_cost"]) for new in NEW_PRODUCTS],
        columns=["product", "period", "unit_cost"],
    )
    table = pd.concat([history, inside, launches], ignore_index=True)
    bought = table["product"].map(cost.bought)
    table["material_cost"] = bought.where(table["period"] >= f"{LAST_YEAR}-01").clip(upper=table["unit_cost"])
    table["version"] = "Standard " + table["period"].str[:4]
    return table.round({"unit_cost": 4, "material_cost": 4}).sort_values(["product", "period"])


def budget(source: Source) -> pd.DataFrame:
    """The budget table: the operating plan of 2014 by family and market, and the strategic target."""
    plan, strategy = operating_plan(source), target(source)
    return pd.concat([plan, strategy], ignore_index=True).round(
        {"units": 1, "revenue": 2, "gross_margin": 2}
    )[["version", "family", "category", "market", "period", "units", "revenue", "gross_margin"]]


def operating_plan(source: Source) -> pd.DataFrame:
    """Version AOP: 2013 by family, market and month of shipment, grown by channel, a year later."""
    orders = source.orders[source.orders["shipped_month"].str[:4] == LAST_YEAR]
    orders = orders.assign(
        family=orders["product"].map(source.items["family"]),
        period="2014" + orders["shipped_month"].str[4:],
        gross_margin=orders["amount"] - orders["cost"],
        growth=orders["channel"].map(BUDGET_GROWTH),
    )
    grown = orders[["units", "amount", "gross_margin"]].mul(orders["growth"], axis=0)
    table = grown.groupby([orders["family"], orders["market"], orders["period"]]).sum().reset_index()
    return table.rename(columns={"amount": "revenue"}).assign(version=BUDGET_VERSION)


def target(source: Source) -> pd.DataFrame:
    """Version target: 2013 by category and month of shipment x the ambition, for 2014 and for 2015."""
    orders = source.orders[source.orders["shipped_month"].str[:4] == LAST_YEAR]
    orders = orders.assign(
        category=orders["product"].map(source.items["category"]),
        month=orders["shipped_month"].str[4:],
        growth=orders["channel"].map(TARGET_GROWTH),
    )
    return pd.concat([target_year(orders, years) for years in (1, 2)], ignore_index=True)


def target_year(orders: pd.DataFrame, years: int) -> pd.DataFrame:
    """The target so many years after these orders, by category and month."""
    grown = orders[["units", "amount", "cost"]].mul(orders["growth"] ** years, axis=0)
    table = grown.groupby([orders["category"], orders["month"]]).sum().reset_index()
    margin = table["amount"] - table["cost"] + table["amount"] * years * TARGET_MARGIN_POINTS / 100
    period = str(int(LAST_YEAR) + years) + table["month"]
    table = table.assign(version=TARGET_VERSION, period=period, gross_margin=margin)
    return table.rename(columns={"amount": "revenue"})


def fixed_cost(source: Source) -> pd.DataFrame:
    """The fixed_cost table: a stated yearly total, shared over accounts as in the ledger."""
    ledger = source.ledger[
        (source.ledger["scenario"] == "Actual") & (source.ledger["date"].dt.year == int(LAST_YEAR))
    ]
    by_account = ledger.groupby("account")["amount"].sum()
    groups = pd.Series({name: by_account[list(accounts)].sum() for name, accounts in FIXED_ACCOUNTS.items()})
    monthly = groups / groups.sum() * FIXED_COST_A_YEAR / 12
    rows = [
        (account, str(month), round(amount * FIXED_COST_GROWTH ** (month.year - 2014), 2))
        for account, amount in monthly.items()
        for month in pd.period_range("2014-01", "2015-12", freq="M")
    ]
    return pd.DataFrame(rows, columns=["account", "period", "amount"])


COST_SHARE = 0.88  # of revenue: the year's cost of goods, so that the first month pays what it owes


def setting(history: pd.DataFrame) -> pd.DataFrame:
    """The setting table; opening balances follow from the last month and the payment terms."""
    last_month = history.loc[history["period"] == f"{LAST_YEAR}-12", "revenue"].sum()
    rows = {
        "company_name": "Adventure Works Cycles",
        "base_currency": "USD",
        "fiscal_year_start": 1,
        "horizon_periods": 18,
        "beyond_periods": 3,
        "frozen_periods": 1,
        "slushy_periods": 2,
        "review_days": 30,
        "carrying_rate_pct": 15,
        "receivable_days": 30,
        "payable_days": 30,
        "opening_receivables": round(last_month, -3),
        "opening_payables": round(last_month * COST_SHARE, -3),
        "extra_shift_hours_per_week": 24,
        "extra_shift_one_off": 20_000,
        "extra_shift_lead_periods": 3,
        "saturday_hours_per_week": 16,
        "saturday_lead_periods": 1,
    }
    return pd.DataFrame(rows.items(), columns=["name", "value"])
