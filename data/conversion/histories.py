"""What suppliers delivered in the last year: the source's purchase orders.

The source has no history of production, and says of every customer order that it left in full seven days
after it was placed and five before it was due: nothing of deliveries can be learnt from that.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from conversion.masters import PLANT
from conversion.source import LAST_YEAR

KEY = ["reference", "product", "site", "received_date"]


def receipt_history(folder: Path, product: pd.DataFrame, site: pd.DataFrame) -> pd.DataFrame:
    """Purchase order lines of the last year for products and vendors of the plan; lines of one order and day
    are added up.

    The source gives no day of receipt: the vendor's ship date stands for it, and no promised date is given,
    as every order is promised five days after that.
    """
    lines = pd.read_parquet(folder / "purchase_orders.parquet")
    items = pd.read_parquet(folder / "product.parquet").set_index("product_id")["product_number"]
    vendors = pd.read_parquet(folder / "vendor.parquet").set_index("vendor_id")["name"]
    rows = pd.DataFrame(
        {
            "reference": "PO-" + lines["po"].astype(str),
            "product": lines["product_id"].map(items),
            "site": PLANT,
            "source": lines["vendor_id"].map(vendors),
            "order_date": lines["order_date"].astype(str),
            "received_date": lines["ship_date"].astype(str),
            "ordered_units": lines["order_qty"],
            "received_units": lines["received_qty"].astype(int),
            "rejected_units": lines["rejected_qty"].astype(int),
        }
    )
    known = rows["product"].isin(product["product"]) & rows["source"].isin(site["site"])
    last_year = rows["received_date"].str[:4] == LAST_YEAR
    units = {name: "sum" for name in ("ordered_units", "received_units", "rejected_units")}
    first = {"source": "first", "order_date": "first"}
    return rows[known & last_year].groupby(KEY, as_index=False).agg({**first, **units})
