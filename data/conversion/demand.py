"""What the demand review reads besides the history: past promotions, and sample views of the future."""

from __future__ import annotations

import pandas as pd

from conversion.source import FIRST_PLAN_DAY, Source

NOT_A_PROMOTION = r"No Discount|Volume Discount"
SAMPLE_MONTHS = 6  # from February 2014
SALES_GROWTH, MARKETING_GROWTH = 1.12, 1.05  # on the same months of 2013
SAMPLE_FAMILIES = (
    "Road Bikes",
    "Mountain Bikes",
    "Touring Bikes",
    "Helmets",
    "Jerseys",
    "Tires and Tubes",
)


def event(source: Source) -> pd.DataFrame:
    """The event table: each product's past promotions, in the months it was sold at their price."""
    orders = source.orders.merge(source.promotions, on="promotion")
    sold = orders[~orders["promotion"].str.contains(NOT_A_PROMOTION) & (orders["requested"] < FIRST_PLAN_DAY)]
    rows = sold.groupby(["promotion", "product"]).agg(
        from_period=("requested_month", "min"),
        to_period=("requested_month", "max"),
        discount=("discount_pct", "first"),
    )
    rows = rows[rows["from_period"] >= "2011-01"].reset_index()
    return pd.DataFrame(
        {
            "event": rows["promotion"] + " " + rows["product"],
            "product": rows["product"],
            "from_period": rows["from_period"],
            "to_period": rows["to_period"],
            "price_change_pct": (-100 * rows["discount"]).round(1),
            "status": "done",
        }
    ).sort_values("event")


def forecast_stream(history: pd.DataFrame, product: pd.DataFrame) -> pd.DataFrame:
    """The forecast_stream table: made up, marked as a sample, so that it counts in no figure.

    Sales expects SALES_GROWTH of last year's units of a family, marketing MARKETING_GROWTH of its revenue.
    """
    months = pd.period_range("2013-02", periods=SAMPLE_MONTHS, freq="M")
    rows = history.merge(product[["product", "family"]], on="product")
    rows = rows[rows["family"].isin(SAMPLE_FAMILIES) & rows["period"].isin(months.astype(str))]
    year = rows.groupby(["family", "period"], as_index=False)[["units", "revenue"]].sum()
    ahead = (pd.PeriodIndex(year["period"], freq="M") + 12).astype(str)
    base = pd.DataFrame({"family": year["family"], "period": ahead, "sample": "yes"})
    sales = base.assign(
        stream="sales", units=(SALES_GROWTH * year["units"]).round(), author="Sample of a sales view"
    )
    marketing = base.assign(
        stream="marketing",
        amount=(MARKETING_GROWTH * year["revenue"]).round(-2),
        author="Sample of a marketing view",
    )
    columns = ["stream", "family", "period", "units", "amount", "author", "sample"]
    table = pd.concat([sales, marketing], ignore_index=True).reindex(columns=columns)
    return table.astype({"units": "Int64"}).sort_values(["stream", "family", "period"])
