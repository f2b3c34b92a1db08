"""Converts the AdventureWorks source into data/adventure_works/*.csv, the files its planner would upload.

python data/convert_adventure_works.py [SOURCE] [--out FOLDER]
"""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from conversion import assumptions, demand, histories, launches, masters, money, network, stock, targets
from conversion.costs import costs
from conversion.network import MaterialLimit, SharedLimit, WorkCentre
from conversion.source import Source, read_source
from conversion.validation import validate

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY))  # the check asks the engine of this checkout

from sop_engine.inputs import read_inputs  # noqa: E402
from sop_engine.plan import plan  # noqa: E402
from sop_engine.refresh import refresh  # noqa: E402
from sop_engine.warehouse import load, open_warehouse  # noqa: E402

# Calibration: the few numbers that decide where the plan is tight. Retune, run, read what check() prints.
CENTRES = (
    WorkCentre("Frame Forming", stations=19, efficiency_pct=90),
    WorkCentre("Frame Welding", stations=20, efficiency_pct=88),
    WorkCentre("Debur and Polish", stations=7, efficiency_pct=90),
    WorkCentre("Paint", stations=5, efficiency_pct=90),
    WorkCentre("Specialized Paint", stations=8, efficiency_pct=90),
    WorkCentre("Subassembly", stations=23, efficiency_pct=90),
    WorkCentre("Final Assembly", stations=22, efficiency_pct=90),
)
MATERIAL_LIMIT = MaterialLimit("RM-M692", units_a_month=2150)
SHARED_LIMIT = SharedLimit(
    "Metal from Custom Frames", "Custom Frames, Inc.", ("Metal",), units_a_month=160_000
)
TIGHT_CENTRES = (
    ("Final Assembly",),
    ("Frame Welding", "Paint"),
)  # one of each group passes 100 % in some month
YEAR_LOAD = (0.80, 0.88)  # of the hours of 2014, for those centres

LOADED_AT = datetime(2014, 1, 2)


def build(source: Source) -> dict[str, pd.DataFrame]:
    """Every table of the sample company, by name."""
    source = launches.with_launches(source)
    bill = network.bill_of_material(source)
    cost = costs(source, bill)
    product = masters.product(source, bill)
    market = masters.market(source)
    forecast = stock.simple_forecast(source)
    need = stock.required_units(bill, forecast, stock.warehouse_stock(source))
    sourcing = network.sourcing(
        product, source, bill, cost, (MATERIAL_LIMIT,), most_needed_frames(product, need)
    )
    lead_days = plant_lead_days(sourcing)
    on_hand = stock.inventory_on_hand(source, bill, lead_days, need.sum(axis=1))
    resource = network.resource(source, CENTRES, (SHARED_LIMIT,))
    fx_rate = money.fx_rate(source, market)
    history = money.sales_history(source)
    return {
        "product": product,
        "market": market,
        "site": masters.site(suppliers(sourcing)),
        "resource": resource,
        "capacity": network.capacity(resource, (SHARED_LIMIT,)),
        "routing": network.routing(product, source, bill, (SHARED_LIMIT,)),
        "bill_of_material": bill,
        "sourcing": sourcing,
        "service_lane": network.service_lane(source),
        "inventory_policy": stock.inventory_policy(bill),
        "inventory_on_hand": on_hand,
        "scheduled_receipt": stock.scheduled_receipt(
            product, bill, forecast, on_hand, lead_days, need.sum(axis=1)
        ),
        "order_book": money.order_book(source),
        "sales_history": history,
        "event": demand.event(source),
        "forecast_stream": demand.forecast_stream(history, product),
        "price": money.price(source, market, fx_rate),
        "unit_cost": money.unit_cost(source, bill, cost),
        "fx_rate": fx_rate,
        "budget": money.budget(source),
        "fixed_cost": money.fixed_cost(source),
        "pipeline": launches.pipeline(source, money.dollar_price(source)),
        "phase_out": launches.phase_out(),
        "setting": money.setting(history),
        "target": targets.target(),
        "assumption": assumptions.assumption(),
    }


def most_needed_frames(product: pd.DataFrame, need: pd.DataFrame) -> list[str]:
    """The frames that may be subcontracted: those with the largest need of 2014."""
    frames = product.loc[product["family"].str.endswith(" Frames"), "product"]
    return sorted(need.reindex(frames).sum(axis=1).nlargest(network.SUBCONTRACT_FRAMES).index)


def plant_lead_days(sourcing: pd.DataFrame) -> pd.Series:
    """Days to make or buy each product at the plant."""
    return sourcing[sourcing["mode"].isin(["make", "buy"])].set_index("product")["lead_time_days"]


def suppliers(sourcing: pd.DataFrame) -> list[str]:
    """Sources outside the company."""
    return sorted(sourcing.loc[sourcing["mode"].isin(["buy", "subcontract"]), "source"].unique())


def planned_load(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """What the engine's baseline plan of the written files requires in the months of 2014.

    Returns required and available hours (index resource, columns months) and units of the limited material by
    month.
    """
    with TemporaryDirectory() as scratch:
        warehouse = open_warehouse(Path(scratch) / "check.duckdb")
        files = [(file.name, file.read_bytes()) for file in sorted(folder.glob("*.csv"))]
        load(warehouse, files, who="conversion", at=LOADED_AT)
        refresh(warehouse, who="conversion", at=LOADED_AT)
        inputs = read_inputs(warehouse)
        warehouse.close()
    supply = plan(inputs).supply
    months = [label for label in inputs.calendar.plan_labels if label.startswith("2014")]
    resources = list(inputs.network.resources.labels)
    required, available = (
        pd.DataFrame(hours[:, : len(months)], resources, months)
        for hours in (supply.required, supply.available)
    )
    edges = inputs.network.edges
    limited = (edges.product == inputs.products.positions[MATERIAL_LIMIT.product]) & (edges.mode == "buy")
    return required, available, pd.Series(supply.need[limited].sum(axis=0)[: len(months)], months)


def check(load_hours: pd.DataFrame, hours: pd.DataFrame, material_need: pd.Series) -> None:
    """Prints the load of 2014 and asserts that the plan is tight where it should be.

    load_hours, hours: required and available hours, index resource, columns the months of 2014
    material_need: units of the limited material needed in each month
    Raises AssertionError where a figure is outside its bounds.
    """
    year = load_hours.sum(axis=1) / hours.sum(axis=1)
    worst = (load_hours / hours).max(axis=1)
    print(f"{'required load of 2014':<36}{'year':>8}{'worst month':>13}")
    for name in hours.index:
        print(
            f"{name:<36}{year[name]:>8.1%}{worst[name]:>13.1%}  in {(load_hours / hours).loc[name].idxmax()}"
        )
    limit = MATERIAL_LIMIT.units_a_month
    print(
        f"{MATERIAL_LIMIT.product}: limit {limit:,} a month, needed {material_need.max():,.0f} in "
        f"{material_need.idxmax()}, {material_need.mean():,.0f} on average"
    )
    tight = [
        [name for name in group if worst[name] > 1 and YEAR_LOAD[0] <= year[name] <= YEAR_LOAD[1]]
        for group in TIGHT_CENTRES
    ]
    assert all(tight), (
        f"One of each of {TIGHT_CENTRES} must pass 100 % in a month, year within {YEAR_LOAD}; found {tight}"
    )
    assert material_need.max() > limit, f"The limit on {MATERIAL_LIMIT.product} does not bind in any month"
    assert material_need.mean() < limit, (
        f"The limit on {MATERIAL_LIMIT.product} is below the mean need: it can't be planned around"
    )


def write(tables: dict[str, pd.DataFrame], folder: Path) -> None:
    """One CSV per table."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    print(f"{len(tables)} tables, {sum(map(len, tables.values())):,} rows written to {folder}")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "source", nargs="?", type=Path, default=REPOSITORY.parent / "shared" / "data" / "adventureworks"
    )
    parser.add_argument("--out", type=Path, default=REPOSITORY / "data" / "adventure_works")
    arguments = parser.parse_args()
    source = read_source(arguments.source)
    tables = build(source)
    tables["receipt_history"] = histories.receipt_history(arguments.source, tables["product"], tables["site"])
    validate(tables)
    write(tables, arguments.out)
    check(*planned_load(arguments.out))


if __name__ == "__main__":
    main()
