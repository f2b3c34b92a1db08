"""A small company as planner's tables: two bicycles of one family, made of a frame, sold in two markets for
30 months.
"""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd

from sop_engine.warehouse import Warehouse, open_warehouse

AT = datetime(2014, 1, 6, 9)
MONTHS = [str(month) for month in np.arange("2011-07", "2014-01", dtype="datetime64[M]")]


def small_tables() -> dict[str, pd.DataFrame]:
    """One frame per planner table; 100 + 20 units a month of A, 50 + 10 of B, seasonless."""
    rates = {("A", "East"): 100.0, ("A", "West"): 20.0, ("B", "East"): 50.0, ("B", "West"): 10.0}
    history = [(p, m, f"{t}-01", u, u * 10) for (p, m), u in rates.items() for t in MONTHS]
    return {
        "setting": frame(
            "name value", ("base_currency", "USD"), ("company_name", "Small"), ("horizon_periods", "12")
        ),
        "product": frame(
            "product family category sellable",
            ("A", "Bikes", "Cycles", True),
            ("B", "Bikes", "Cycles", True),
            ("F", "Frames", "Parts", False),
        ),
        "market": frame(
            "market region channel currency priority unmet",
            ("East", "East", "Shop", "USD", 1, "lost"),
            ("West", "West", "Shop", "EUR", 2, "backlog"),
        ),
        "site": frame("site kind", ("Plant", "plant"), ("Depot", "warehouse"), ("Vendor", "supplier")),
        "resource": frame(
            "resource site cost_per_hour overtime_cost_per_hour overtime_limit_pct stations hours_per_week",
            ("Assembly", "Plant", 20, 30, 10, 2, 40),
        ),
        "capacity": frame("resource period available_hours", ("Assembly", "2014-03-01", 111)),
        "routing": frame(
            "product step alternative resource hours_per_unit yield_pct",
            ("A", "1", "", "Assembly", 1.0, 100),
            ("A", "2", "", "Assembly", 0.5, 50),
            ("B", "1", "", "Assembly", 1.0, 100),
        ),
        "bill_of_material": frame(
            "parent component quantity_per scrap_pct", ("A", "F", 1, 10), ("B", "F", 2, 0)
        ),
        "sourcing": frame(
            "product site source mode lead_time_days unit_cost period_limit",
            ("A", "Plant", "Plant", "make", 3, 5, np.nan),
            ("B", "Plant", "Plant", "make", 3, 5, np.nan),
            ("A", "Depot", "Plant", "transfer", 6, 1, np.nan),
            ("B", "Depot", "Plant", "transfer", 6, 1, np.nan),
            ("F", "Plant", "Vendor", "buy", 45, 2, 500),
        ),
        "service_lane": frame(
            "site market unit_cost transit_days", ("Depot", "East", 1, 2), ("Depot", "West", 2, 4)
        ),
        "inventory_on_hand": frame(
            "product site units allocated", ("A", "Depot", 200, 20), ("F", "Plant", 800, np.nan)
        ),
        "inventory_policy": frame("product site service_level_pct", ("", "Depot", 95), ("B", "", 90)),
        "price": frame(
            "product market period price",
            ("A", "", "2010-01-01", 10),
            ("A", "West", "2014-02-01", 12),
            ("B", "", "2010-01-01", 20),
        ),
        "unit_cost": frame(
            "product period unit_cost",
            ("A", "2010-01-01", 6),
            ("B", "2010-01-01", 12),
            ("F", "2010-01-01", 2),
        ),
        "fx_rate": frame("currency period rate type", ("EUR", "2013-12-01", 1.3, "actual")),
        "budget": frame(
            "version family market period units revenue gross_margin",
            ("AOP", "Bikes", "East", "2014-01-01", 180, 2400, 900),
        ),
        "fixed_cost": frame("account period amount", ("Rent", "2014-01-01", 500)),
        "order_book": frame(
            "order product market period units",
            ("1", "A", "East", "2014-01-01", 150),
            ("2", "B", "West", "2013-12-01", 5),
        ),
        "sales_history": pd.DataFrame(history, columns=["product", "market", "period", "units", "revenue"]),
    }


def frame(columns: str, *rows: tuple) -> pd.DataFrame:
    """Rows under the named columns; columns named period or date become dates."""
    table = pd.DataFrame(list(rows), columns=columns.split())
    return table.assign(
        **{c: pd.to_datetime(table[c]) for c in table.columns if c.endswith(("period", "_date"))}
    )


def loaded(tables: dict[str, pd.DataFrame]) -> Warehouse:
    """A warehouse in memory that holds these tables."""
    warehouse = open_warehouse(":memory:")
    with warehouse.transaction(who="test", why="set up", at=AT) as change:
        for name, rows in tables.items():
            change.replace(
                name, rows.assign(period=pd.to_datetime(rows["period"])) if "period" in rows else rows
            )
    return warehouse
