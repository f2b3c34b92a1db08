"""How well supply kept to its plans: attainment, deliveries, suppliers, stock; each KPI with its definition.

A score is a part of a whole by bucket, so that months, products and sites add up before they are divided.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_engine.inputs.performance import PastSupply

ADHERENT = 0.05  # a line of the plan is kept within so much of it
EXACT = 1e-6


@dataclass(frozen=True)
class Kpi:
    """A figure of the scoreboard. table: what it is read from; level: at which errors may not offset

    needs: the columns of its table that must not all be blank; low: whether less is better
    """

    name: str
    table: str
    level: str
    definition: str
    needs: str
    low: bool = False


_SITES = "product, site, month"
KPIS = (
    Kpi(
        "Plan attainment",
        "production_history",
        "total units",
        "made / planned; products offset",
        "units and planned_units",
    ),
    Kpi(
        "Mix attainment",
        "production_history",
        _SITES,
        "sum of min(made, planned) / planned; what is made beyond the plan does not count",
        "units and planned_units",
    ),
    Kpi(
        "Schedule adherence",
        "production_history",
        _SITES,
        f"planned lines made within ±{ADHERENT:.0%} of the plan / planned lines",
        "units and planned_units",
    ),
    Kpi(
        "On time in full",
        "delivery_history",
        "order",
        "orders of which every line left in full by its date / orders; promised date, else requested",
        "ordered_units and a promised_date or requested_date",
    ),
    Kpi(
        "Fill on time",
        "delivery_history",
        "order line, units",
        "units that left by their date / units ordered",
        "ordered_units and a promised_date or requested_date",
    ),
    Kpi(
        "Suppliers on time",
        "receipt_history",
        "purchase order line",
        "lines complete by the promised date / lines that have one",
        "ordered_units and promised_date",
    ),
    Kpi(
        "Suppliers in full",
        "receipt_history",
        "purchase order line",
        "lines received in full / lines",
        "ordered_units",
    ),
    Kpi("Rejected", "receipt_history", "units", "rejected / received", "rejected_units", low=True),
    Kpi(
        "At target stock",
        "inventory_history",
        "product, site",
        "places with at least the target of the first planned month / places that have one",
        "units of a place that has a target stock",
    ),
    Kpi(
        "Stock against target",
        "inventory_history",
        "total value at standard cost",
        "stock at the month's end / target of the first planned month; products offset",
        "units of a place that has a target stock and a unit cost",
    ),
)


def scores(past: PastSupply, target: pd.DataFrame) -> pd.DataFrame:
    """Every score that the loaded histories give: kpi, bucket, part, whole; value = part / whole.

    target: product, site, units, unit_cost of the places that have a target stock
    """
    return pd.concat(
        [
            production_scores(past.production),
            delivery_scores(past.deliveries),
            receipt_scores(receipt_lines(past.receipts)),
            inventory_scores(past.inventory, target),
        ],
        ignore_index=True,
    )


def production_scores(rows: pd.DataFrame) -> pd.DataFrame:
    """Attainment and adherence of what was planned; a line whose plan or actual is blank counts nowhere."""
    known = rows.dropna(subset=["units", "planned_units"])
    made, planned = known["units"], known["planned_units"]
    lines = known[planned > 0]
    kept = (lines["units"] - lines["planned_units"]).abs() <= (ADHERENT + EXACT) * lines["planned_units"]
    return _together(
        _score("Plan attainment", known["bucket"], made, planned),
        _score("Mix attainment", known["bucket"], np.minimum(made, planned), planned),
        _score("Schedule adherence", lines["bucket"], kept, 1.0),
    )


def delivery_scores(rows: pd.DataFrame) -> pd.DataFrame:
    """On time in full by order and fill by unit, of lines whose order quantity and date are known.

    A line that left in parts repeats what was ordered; an order counts in the bucket of its last line.
    """
    known = rows.dropna(subset=["due", "ordered_units"])
    in_time = known["shipped_units"].fillna(0.0).where(known["ship_date"] <= known["due"], 0.0)
    lines = (
        known.assign(in_time=in_time)
        .groupby(["order", "product", "market"], as_index=False)
        .agg(bucket=("bucket", "max"), ordered=("ordered_units", "max"), in_time=("in_time", "sum"))
    )
    lines = lines.assign(whole=lines["in_time"] >= lines["ordered"] - EXACT)
    orders = lines.groupby("order", as_index=False).agg(bucket=("bucket", "max"), whole=("whole", "all"))
    return _together(
        _score("On time in full", orders["bucket"], orders["whole"], 1.0),
        _score("Fill on time", lines["bucket"], lines[["in_time", "ordered"]].min(axis=1), lines["ordered"]),
    )


def receipt_lines(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a purchase order line: source, bucket, on_time and in_full (1, 0, NaN not known), received,
    rejected units.

    A line that came in parts repeats what was ordered.
    """
    due = rows["due"].notna() & rows["ordered_units"].notna()
    units = rows["received_units"].fillna(0.0)
    early = units.where(rows["received_date"] <= rows["due"], 0.0)
    lines = (
        rows.assign(received=units, early=early, dated=due, rejected=rows["rejected_units"])
        .groupby(["reference", "product", "site"], as_index=False)
        .agg(
            source=("source", "first"),
            bucket=("bucket", "max"),
            ordered=("ordered_units", "max"),
            received=("received", "sum"),
            early=("early", "sum"),
            dated=("dated", "all"),
            rejected=("rejected", lambda units: units.sum(min_count=1)),
        )
    )
    complete = lines["received"] >= lines["ordered"] - EXACT
    return lines.assign(
        on_time=(lines["early"] >= lines["ordered"] - EXACT).astype(float).where(lines["dated"]),
        in_full=complete.astype(float).where(lines["ordered"].notna()),
    )[["source", "bucket", "on_time", "in_full", "received", "rejected"]]


def receipt_scores(lines: pd.DataFrame) -> pd.DataFrame:
    """On time, in full and rejected of purchase order lines."""
    dated, sized = lines.dropna(subset=["on_time"]), lines.dropna(subset=["in_full"])
    checked = lines.dropna(subset=["rejected"])
    return _together(
        _score("Suppliers on time", dated["bucket"], dated["on_time"], 1.0),
        _score("Suppliers in full", sized["bucket"], sized["in_full"], 1.0),
        _score("Rejected", checked["bucket"], checked["rejected"], checked["received"]),
    )


def by_supplier(lines: pd.DataFrame) -> pd.DataFrame:
    """supplier, lines, on time %, in full %, rejected %; the most lines that were late or not whole first."""
    rows = []
    for supplier, mine in lines.groupby("source"):
        failed = ((mine["on_time"] == 0) | (mine["in_full"] == 0)).sum()
        total = pooled(receipt_scores(mine)).reindex([kpi.name for kpi in KPIS[5:8]])
        rows.append((supplier or "not named", len(mine), int(failed), *(100 * total)))
    columns = ["supplier", "lines", "late or short", "on time %", "in full %", "rejected %"]
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values(["late or short", "supplier"], ascending=[False, True], ignore_index=True)


def inventory_scores(rows: pd.DataFrame, target: pd.DataFrame) -> pd.DataFrame:
    """Stock at the end of past buckets against the target; places without a target or a count are left out.

    target: product, site, units, unit_cost
    """
    wanted = target[target["units"] > 0].rename(columns={"units": "target"})
    known = rows.dropna(subset=["units"]).merge(wanted, on=["product", "site"])
    priced = known.dropna(subset=["unit_cost"])
    worth = [priced[name] * priced["unit_cost"] for name in ("units", "target")]
    return _together(
        _score("At target stock", known["bucket"], known["units"] >= known["target"] - EXACT, 1.0),
        _score("Stock against target", priced["bucket"], *worth),
    )


def pooled(found: pd.DataFrame) -> pd.Series:
    """The value of each KPI over all buckets of a frame of scores, index kpi; a share, NaN where 0 / 0."""
    total = found.groupby("kpi")[["part", "whole"]].sum()
    return (total["part"] / total["whole"]).where(total["whole"] > 0)


def _score(
    kpi: str, bucket: pd.Series, part: pd.Series | np.ndarray, whole: pd.Series | float
) -> pd.DataFrame:
    frame = pd.DataFrame({"bucket": bucket, "part": part, "whole": whole}).astype(
        {"part": float, "whole": float}
    )
    return frame.groupby("bucket", as_index=False).sum().assign(kpi=kpi)[["kpi", "bucket", "part", "whole"]]


def _together(*parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True)
