"""Checks of the tables: keys, references, what a plan needs of each product. A failure names its labels."""

from __future__ import annotations

import pandas as pd

KEYS: dict[str, list[str]] = {
    "sales_history": ["product", "market", "period"],
    "product": ["product"],
    "market": ["market"],
    "site": ["site"],
    "resource": ["resource"],
    "capacity": ["resource", "period"],
    "routing": ["product", "step", "alternative"],
    "bill_of_material": ["parent", "component"],
    "sourcing": ["product", "site", "source", "mode"],
    "service_lane": ["site", "market"],
    "inventory_policy": ["product", "site"],
    "inventory_on_hand": ["product", "site"],
    "scheduled_receipt": ["product", "site", "period", "reference"],
    "order_book": ["order"],
    "receipt_history": ["reference", "product", "site", "received_date"],
    "event": ["event"],
    "forecast_stream": ["stream", "family", "period"],
    "price": ["product", "market", "period"],
    "unit_cost": ["product", "period"],
    "fx_rate": ["currency", "period", "type"],
    "budget": ["version", "family", "category", "market", "period"],
    "fixed_cost": ["account", "period"],
    "pipeline": ["project"],
    "phase_out": ["product"],
    "setting": ["name"],
    "target": ["measure", "from_period"],
    "assumption": ["number"],
}
# Column -> the table whose labels it holds.
REFERENCES = {
    "product": "product",
    "parent": "product",
    "component": "product",
    "predecessor": "product",
    "like_product": "product",
    "cannibalises": "product",
    "successor": "product",
    "market": "market",
    "site": "site",
    "source": "site",
    "resource": "resource",
}
SIGNED = {"gross_margin", "price_change_pct"}


def validate(tables: dict[str, pd.DataFrame]) -> None:
    """Raises AssertionError naming the table and labels where the contract of data.md does not hold."""
    for name, table in tables.items():
        repeated = table[table.duplicated(KEYS[name])]
        assert repeated.empty, f"{name}: key repeated, {repeated[KEYS[name]].head().to_dict('records')}"
        for column in table.columns.intersection(list(REFERENCES)):
            known = set(tables[REFERENCES[column]][REFERENCES[column]])
            none_missing(f"{name}.{column}: unknown labels", set(table[column].dropna()) - known)
        numbers = table.select_dtypes("number").drop(columns=list(SIGNED & set(table.columns)))
        negative = numbers.columns[(numbers < 0).any()]
        assert negative.empty, f"{name}: negative values in {list(negative)}"
    validate_supply(tables)
    validate_money(tables)


def none_missing(what: str, labels: set[str]) -> None:
    """Raises AssertionError that lists some of the labels."""
    assert not labels, f"{what}: {sorted(labels)[:5]} ({len(labels)} in all)"


def validate_supply(tables: dict[str, pd.DataFrame]) -> None:
    """All that is live can be made or bought at the plant; all that is sold reaches its markets."""
    product, sourcing, bill = tables["product"], tables["sourcing"], tables["bill_of_material"]
    live = product[product["lifecycle_stage"] != "end"]
    made = set(live.loc[live["make_or_buy"] == "make", "product"])
    bought = set(live["product"]) - made
    by_mode = sourcing.groupby("mode")["product"].agg(set)
    none_missing("made without a bill", made - set(bill["parent"]))
    none_missing("made without a routing", made - set(tables["routing"]["product"]))
    none_missing("made without sourcing", made - by_mode["make"])
    none_missing("bought without a vendor", bought - by_mode["buy"])
    none_missing("without unit cost", set(product["product"]) - set(tables["unit_cost"]["product"]))
    blank = sourcing[["lead_time_days", "unit_cost"]].isna().any(axis=1)
    none_missing("sourcing without lead time or cost", set(sourcing.loc[blank, "product"]))
    history = tables["sales_history"].merge(
        tables["service_lane"][["site", "market"]], on="market", how="left"
    )
    reached = set(zip(sourcing["product"], sourcing["site"]))
    goes_on = live.loc[(live["sellable"] == "yes") & live["end_period"].isna(), "product"]
    sold = history[history["product"].isin(goes_on)]
    wanted = set(zip(sold["product"], sold["site"]))
    none_missing("sold without a way to the warehouse", {str(pair) for pair in wanted - reached})


def validate_money(tables: dict[str, pd.DataFrame]) -> None:
    """Every product has a price wherever it sold, and a bike's bill adds up to its standard cost."""
    priced = set(zip(tables["price"]["product"], tables["price"]["market"]))
    history = tables["sales_history"]
    sold = set(zip(history["product"], history["market"]))
    none_missing("sold without a price", {str(pair) for pair in sold - priced})
    sourcing, product = tables["sourcing"], tables["product"]
    own = sourcing[sourcing["mode"].isin(["make", "buy"])].set_index("product")["unit_cost"]
    rolled: dict[str, float] = {}
    lines_of = dict(tuple(tables["bill_of_material"].groupby("parent")))

    def roll(item: str) -> float:
        if item not in rolled:
            lines = lines_of[item].itertuples() if item in lines_of else ()
            rolled[item] = own[item] + sum(roll(line.component) * line.quantity_per for line in lines)
        return rolled[item]

    latest = tables["unit_cost"].drop_duplicates("product", keep="last").set_index("product")["unit_cost"]
    bikes = product.loc[(product["category"] == "Bikes") & (product["lifecycle_stage"] != "end"), "product"]
    none_missing(
        "bill does not add up to the standard cost",
        {bike for bike in bikes if abs(roll(bike) - latest[bike]) > 0.05},
    )
