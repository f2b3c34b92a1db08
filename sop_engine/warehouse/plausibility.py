"""What is allowed but unlikely, said as warnings: missing rates, gaps, values unlike the last load, masters
that contradict each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from sop_engine.errors import RowIssue
from sop_engine.warehouse.batch import Batch
from sop_engine.warehouse.demand_rules import demand_warnings
from sop_engine.warehouse.dictionary import Table
from sop_engine.warehouse.settings import heavy_weights, unknown_settings

_NAMED = 3  # examples a summary names
_FAR = 10.0  # a value this many times the last load's is far outside
_FAR_NAMED = 20


def warnings(batch: Batch) -> list[RowIssue]:
    """Everything in the batch that a planner should look at, though it may be right."""
    rules = (
        currencies,
        gaps,
        far_values,
        unknown_settings,
        heavy_weights,
        demand_warnings,
        unserved_markets,
        unsourced_products,
        makes_without_routing,
        unused_routings,
        weightless_routings,
        boundless_resources,
        shut_resources,
    )
    return [issue for rule in rules for issue in rule(batch)]


def currencies(batch: Batch) -> Iterator[RowIssue]:
    """Currencies of markets that have no exchange rate, a warning: their prices cannot be valued."""
    if not {"market", "fx_rate"} & set(batch.rows) or "currency" not in batch.after("market"):
        return
    settings, rates = batch.after("setting"), batch.after("fx_rate").get("currency", ())
    base = settings.loc[settings["name"] == "base_currency", "value"] if "name" in settings else ()
    known = {"", *base, *rates}
    file = (batch.rows["market"] if "market" in batch.rows else batch.rows["fx_rate"]).file[0]
    for currency in sorted(set(batch.after("market")["currency"].dropna()) - known):
        fix = "Add its rate to fx_rate.csv, or set base_currency in setting.csv."
        yield RowIssue(file, 0, "currency", currency, "has no exchange rate", fix, "warning")


def gaps(batch: Batch) -> Iterator[RowIssue]:
    """Months without a line inside the history: of the whole company, and of product-market pairs."""
    for part in batch.parts:
        rows = part.rows
        if part.table.name != "sales_history" or not {"product", "market", "period"} <= set(rows.columns):
            continue
        months = rows["period"].to_numpy(dtype="datetime64[M]").astype(int)
        known = months != np.datetime64("NaT", "M").astype(int)
        pairs = rows[["product", "market"]].assign(month=months)[known].drop_duplicates()
        if pairs.empty:
            continue
        missing = sorted(set(range(pairs.month.min(), pairs.month.max() + 1)) - set(pairs.month))
        if missing:
            yield _gap(part.file, f"the history has no line at all in {_months(missing)}")
        span = pairs.groupby(["product", "market"]).month.agg(["min", "max", "count"])
        holes = span[span["max"] - span["min"] + 1 > span["count"]]
        if len(holes):
            named = "; ".join(_hole(pairs, key) for key in holes.index[:_NAMED])
            more = f" and {len(holes) - _NAMED} more" if len(holes) > _NAMED else ""
            count = f"{len(holes)} of {len(span)} product-market histories"
            yield _gap(part.file, f"{count} have months without a line: {named}{more}")


def _hole(pairs: pd.DataFrame, key: tuple[str, str]) -> str:
    own = set(pairs[(pairs["product"] == key[0]) & (pairs["market"] == key[1])].month)
    return f"{key[0]} in {key[1]} {_months(sorted(set(range(min(own), max(own) + 1)) - own))}"


def _months(numbers: list[int]) -> str:
    return few([str(np.datetime64(int(number), "M")) for number in numbers])


def _gap(file: str, problem: str) -> RowIssue:
    fix = "Fine where nothing was asked for; else add the lines."
    return RowIssue(file, 0, "period", "", problem, fix, "warning")


def far_values(batch: Batch) -> Iterator[RowIssue]:
    """Values over ten times the most of the last load, or under a tenth of what the same key had then."""
    for name, rows in batch.rows.items():
        table, last = batch.catalogue[name], batch.stored(name)
        keys = list(table.key)
        if last.empty or not set(keys) <= set(rows.columns):
            continue
        for measure in table.measures:
            if measure in rows:
                yield from _far(rows, last, keys, table, measure)


def _far(
    rows: pd.DataFrame, last: pd.DataFrame, keys: list[str], table: Table, measure: str
) -> Iterator[RowIssue]:
    entity = [key for key in keys if table.column[key].type != "DATE"] or keys
    peak = last[measure].abs().groupby([last[key] for key in entity]).max().rename("peak")
    same = last.set_index(keys)[measure].abs().rename("same")
    dated = rows.assign(**{key: rows[key].astype(last[key].dtype) for key in keys})
    both = dated.join(peak, on=entity).join(same, on=keys)
    size = both[measure].abs()
    far = both[(both.peak > 0) & (size > _FAR * both.peak) | (size > 0) & (size < both.same / _FAR)]
    for _, row in far.head(_FAR_NAMED).iterrows():
        seen = f"at most {row.peak:g}" if abs(row[measure]) > row.peak else f"{row.same:g}"
        problem, fix = f"is far from the last load, where it was {seen}", "Check the unit and the digits."
        yield RowIssue(row.file, int(row.line), measure, f"{row[measure]:g}", problem, fix, "warning")
    if len(far) > _FAR_NAMED:
        problem = f"{len(far) - _FAR_NAMED} more values are far from the last load"
        yield RowIssue(far.file.iloc[0], 0, measure, "", problem, "Check the unit of the column.", "warning")


def unserved_markets(batch: Batch) -> Iterator[RowIssue]:
    """Markets that no site serves, once anything is said of supply: nothing can be delivered to them."""
    supply = ("sourcing", "inventory_on_hand", "scheduled_receipt")
    if not any(len(batch.after(table)) for table in supply):
        return
    lost = _labels(batch, "market", "market") - _labels(batch, "service_lane", "market")
    problem = "is a market that no site serves, so nothing is delivered there"
    fix = "Add a line to service_lane.csv."
    yield from _summary(batch, ("service_lane", "market", *supply), "market", lost, problem, fix)


def unsourced_products(batch: Batch) -> Iterator[RowIssue]:
    """Products that still sell, and components of what is made, that nothing supplies and nobody has."""
    if batch.after("sourcing").empty:
        return
    bill, made = batch.after("bill_of_material"), _made(batch, {"make", "subcontract"})["product"]
    whole = {"parent", "component"} <= set(bill.columns)
    components = set(bill.loc[bill["parent"].isin(made), "component"].dropna()) if whole else set()
    held = ("sourcing", "inventory_on_hand", "scheduled_receipt")
    known = set().union(*(_labels(batch, table, "product") for table in held))
    problem = "is sold or built in, but no line of sourcing brings it and none is in stock"
    fix = "Add how it is made or bought to sourcing.csv."
    tables = ("sourcing", "bill_of_material", "sales_history", "product", "inventory_on_hand")
    lost = (_selling(batch) | components) - known
    yield from _summary(batch, tables, "product", lost, problem, fix)


def _selling(batch: Batch) -> set[str]:
    """Products with demand in the last year of the history that do not end."""
    history = batch.after("sales_history")
    if not {"product", "period", "units"} <= set(history.columns):
        return set()
    period = pd.to_datetime(history["period"])
    lately = history[(period > period.max() - pd.DateOffset(years=1)) & (history["units"] > 0)]
    product = batch.after("product")
    ending = product[product["end_period"].notna()]["product"] if "end_period" in product else ()
    return set(lately["product"].dropna()) - set(ending) - _labels(batch, "phase_out", "product")


def makes_without_routing(batch: Batch) -> Iterator[RowIssue]:
    """Products made at a site whose resources no routing of theirs names, where routings are loaded."""
    made, routed = _made(batch, {"make"}), _routed(batch)
    if batch.after("routing").empty or made.empty:
        return
    lost = made[[pair not in routed for pair in zip(made["product"], made["site"], strict=True)]]
    problem = "is made without a routing at its site, so it takes no hours of any resource"
    fix = "Add its hours to routing.csv, or its resource's site to resource.csv."
    tables = ("sourcing", "routing", "resource")
    yield from _summary(batch, tables, "product", set(lost["product"]), problem, fix)


def unused_routings(batch: Batch) -> Iterator[RowIssue]:
    """Routings at a site from which no line of sourcing takes the product: they load no resource."""
    if batch.after("sourcing").empty or batch.after("routing").empty:
        return
    made = _made(batch, {"make", "buy", "subcontract"})
    lost = _routed(batch) - set(zip(made["product"], made["site"], strict=True))
    problem = "has a routing, but no line of sourcing makes or buys it where the resource stands"
    fix = "Add that line to sourcing.csv, or drop the routing."
    tables = ("routing", "sourcing", "resource")
    yield from _summary(batch, tables, "product", {product for product, _ in lost}, problem, fix)


def weightless_routings(batch: Batch) -> Iterator[RowIssue]:
    """Steps of 0 hours a unit."""
    rows = batch.rows.get("routing")
    if rows is None or "hours_per_unit" not in rows:
        return
    zero = rows[rows["hours_per_unit"] == 0]
    for row in zero.head(_FAR_NAMED).itertuples():
        problem = f"hours a unit of {row.product}: the step takes no capacity"
        fix = "Fine where nobody works on it; else write its hours."
        yield RowIssue(row.file, int(row.line), "hours_per_unit", "0", problem, fix, "warning")
    if len(zero) > _FAR_NAMED:
        problem = f"{len(zero) - _FAR_NAMED} more steps take 0 hours"
        yield RowIssue(zero["file"].iloc[0], 0, "hours_per_unit", "", problem, fix, "warning")


def boundless_resources(batch: Batch) -> Iterator[RowIssue]:
    """Resources that routings load, but whose hours nobody gave: they are planned without a limit."""
    resource = batch.after("resource")
    if resource.empty or batch.after("routing").empty:
        return
    derived = [column for column in ("stations", "hours_per_week") if column in resource]
    given = set(resource[resource[derived].notna().all(axis=1)]["resource"]) if len(derived) == 2 else set()
    lost = (
        (_labels(batch, "routing", "resource") & set(resource["resource"])) - given - set(_hours(batch).index)
    )
    problem = "is loaded by routings but has no hours, so it is planned without a limit"
    fix = "Add its hours to capacity.csv, or stations and hours_per_week to resource.csv."
    yield from _summary(batch, ("routing", "resource", "capacity"), "resource", lost, problem, fix)


def shut_resources(batch: Batch) -> Iterator[RowIssue]:
    """Resources that routings load and that have 0 hours in every line of capacity."""
    hours = _hours(batch)
    lost = _labels(batch, "routing", "resource") & set(hours.index[hours == 0])
    problem = "is loaded by routings but has 0 hours in every line of capacity, so nothing is made on it"
    fix = "Write its hours, or leave the line out."
    yield from _summary(batch, ("capacity", "routing"), "resource", lost, problem, fix)


def _made(batch: Batch, modes: set[str]) -> pd.DataFrame:
    """product, site (where it is made) of the lines of sourcing of these modes."""
    rows = batch.after("sourcing")
    if not {"product", "site", "mode"} <= set(rows.columns):
        return pd.DataFrame(columns=["product", "site"])
    made = rows[rows["mode"].isin(modes)]
    source = made["source"].fillna("") if "source" in made else pd.Series("", index=made.index)
    return pd.DataFrame({"product": made["product"], "site": source.where(source != "", made["site"])})


def _routed(batch: Batch) -> set[tuple[str, str]]:
    """(product, site of the resource) of every routing whose resource is known."""
    routing, resource = batch.after("routing"), batch.after("resource")
    if not {"product", "resource"} <= set(routing.columns) or "site" not in resource:
        return set()
    rows = routing.merge(resource[["resource", "site"]], on="resource")
    return set(zip(rows["product"], rows["site"], strict=True))


def _hours(batch: Batch) -> pd.Series:
    """The most hours of each resource that capacity says anything of, index resource."""
    rows = batch.after("capacity")
    if not {"resource", "available_hours"} <= set(rows.columns):
        return pd.Series(dtype=float)
    return rows.dropna(subset=["available_hours"]).groupby("resource")["available_hours"].max()


def _labels(batch: Batch, table: str, column: str) -> set[str]:
    """The labels of a column as they will stand."""
    rows = batch.after(table)
    return set(rows[column].dropna()) - {""} if column in rows else set()


def _summary(
    batch: Batch, tables: Sequence[str], column: str, labels: set[str], problem: str, fix: str
) -> Iterator[RowIssue]:
    """One warning that names some of the labels, in the file of the first of these tables in the load."""
    loaded = [table for table in tables if table in batch.rows]
    if labels and loaded:
        file = batch.rows[loaded[0]]["file"].iloc[0]
        yield RowIssue(file, 0, column, few(sorted(labels)), problem, fix, "warning")


def few(words: list[str]) -> str:
    """The first words of a list and how many more there are."""
    return ", ".join(words[:_NAMED]) + (f" and {len(words) - _NAMED} more" if len(words) > _NAMED else "")
