"""The consensus as named versions: one name each, and what changed agrees with a second way to count it."""

from collections.abc import Iterator
from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from sop_engine import records
from sop_engine.errors import RecordError
from sop_engine.plan import Plan
from sop_engine.scenario import Lever, Scenario
from sop_engine.warehouse import Warehouse, open_warehouse
from tests.plans import made_up_plan, small_inputs

CYCLE = "2014-01"
ANNA = {"who": "Anna", "at": datetime(2014, 1, 20, 9, 30)}
LATER = {"who": "Ben", "at": datetime(2014, 1, 21, 9, 30)}
FIRST = made_up_plan(small_inputs())
RAISED = made_up_plan(small_inputs(), Scenario((Lever("demand", 10, "Bikes"),)))


@pytest.fixture
def warehouse() -> Iterator[Warehouse]:
    opened = open_warehouse(":memory:")
    records.open_cycle(opened, CYCLE, **ANNA)
    yield opened
    opened.close()


def sign(warehouse: Warehouse, plan: Plan, who: dict[str, object] = ANNA, **named: str) -> str:
    return records.sign_stage(warehouse, plan, "demand", **who, **named)


def signed_again(warehouse: Warehouse, plan: Plan, **named: str) -> str:
    records.reopen_stage(warehouse, CYCLE, "demand", **LATER, reason="more is known")
    return sign(warehouse, plan, LATER, **named)


def test_versions_are_named_in_turn_or_by_hand_and_each_name_is_taken_once(warehouse: Warehouse) -> None:
    sign(warehouse, FIRST, assumptions="The fair takes place \n\n Prices hold")
    with pytest.raises(RecordError, match="has a consensus 'Consensus 2014-01 v1' already"):
        signed_again(warehouse, RAISED, name="Consensus 2014-01 v1")
    sign(warehouse, RAISED, LATER, name="After the fair")
    versions = records.consensus_versions(warehouse.read, CYCLE)
    assert list(versions["name"]) == ["After the fair", "Consensus 2014-01 v1"]
    assert versions["assumptions"][1] == "The fair takes place\nPrices hold"
    assert versions["changes"][1] == "" and "After the fair" not in versions["changes"][0]
    assert records.next_name(warehouse.read, CYCLE) == "Consensus 2014-01 v2"


def test_other_reviews_are_signed_without_a_name(warehouse: Warehouse) -> None:
    records.sign_stage(warehouse, FIRST, "supply", **ANNA)
    signature = records.of_cycle(warehouse, "sign_off", CYCLE).iloc[0]
    assert (signature["name"], signature["assumptions"], signature["changes"]) == ("", "", "")
    assert records.version_before(warehouse.read, CYCLE) is None


def naive_change(warehouse: Warehouse, before: str, after: str, plan: Plan, measure: str) -> pd.DataFrame:
    """units and money by family, cell by cell from two kept plans."""
    inputs = plan.inputs
    totals: dict[str, list[float]] = {}
    for sign_, snapshot in ((-1, before), (1, after)):
        for row in records.snapshot_cells(warehouse, snapshot).itertuples():
            if row.measure != measure:
                continue
            product, market = inputs.products.positions[row.product], inputs.markets.positions[row.market]
            period = inputs.calendar.plan_labels.index(f"{row.period:%Y-%m}")
            family = totals.setdefault(inputs.products.family[product], [0.0, 0.0])
            family[0] += sign_ * row.value
            family[1] += sign_ * row.value * plan.finance.price[product, market, period]
    return pd.DataFrame.from_dict(totals, orient="index", columns=["units", "money"])


def test_what_changed_agrees_with_counting_the_cells_of_both_kept_plans(warehouse: Warehouse) -> None:
    before = sign(warehouse, FIRST)
    changes = records.consensus_changes(warehouse.read, RAISED)
    after = signed_again(warehouse, RAISED)
    by_family = naive_change(warehouse, before, after, RAISED, "demand_units")
    moved = by_family[by_family["units"].abs() > 0.5]
    assert list(changes.families["name"]) == list(moved.index) == ["Bikes"]
    np.testing.assert_allclose(changes.families[["units", "money"]], moved)
    levers = naive_change(warehouse, before, after, RAISED, "demand_units: Levers")
    of_levers = changes.steps.set_index("name").loc["Levers"]
    np.testing.assert_allclose(of_levers.to_numpy(dtype=float), levers.sum().to_numpy())
    np.testing.assert_allclose(changes.steps["units"].sum(), moved["units"].sum())
    stored = records.consensus_versions(warehouse.read, CYCLE)["changes"][0]
    assert stored == changes.words()
    assert stored.startswith("Since Consensus 2014-01 v1, 2014-01 to 2014-12 at this plan's prices: +")
    assert f"Bikes {moved['units'].iloc[0]:+,.0f} units" in stored


def test_the_same_plan_again_changes_nothing(warehouse: Warehouse) -> None:
    sign(warehouse, FIRST)
    assert records.consensus_changes(warehouse.read, FIRST).words() == (
        "Nothing moved since Consensus 2014-01 v1."
    )


def test_the_version_of_an_earlier_cycle_is_compared_over_the_months_that_both_hold(
    warehouse: Warehouse,
) -> None:
    snapshot = sign(warehouse, FIRST)
    with warehouse.transaction(who="test", why="an older cycle", at=ANNA["at"]) as change:
        change.update("sign_off", {"snapshot_id": snapshot}, {"cycle": "2013-12", "name": "December"})
        change.update("stage", {"cycle": CYCLE, "stage": "demand"}, {"status": "open"})
        cells = change.read("SELECT * FROM plan_snapshot_cell WHERE snapshot_id = ?", [snapshot])
        change.delete("plan_snapshot_cell", {"snapshot_id": snapshot})
        earlier = cells.assign(period=cells["period"] - pd.DateOffset(months=1))
        renamed = earlier["product"].where(earlier["product"] != "B", "Old")
        change.insert("plan_snapshot_cell", earlier.assign(product=renamed))
    changes = records.consensus_changes(warehouse.read, FIRST)
    assert (changes.before, changes.first, changes.last) == ("December", "2014-01", "2014-11")
    gone = changes.families.set_index("name").loc["No longer in the data"]
    assert gone["units"] == pytest.approx(-FIRST.demand.unconstrained[1, :, 1:12].sum())
    now, then = FIRST.demand.unconstrained[0, :, :11], FIRST.demand.unconstrained[0, :, 1:12]
    moved = changes.families.set_index("name")["units"].get("Bikes", 0.0)
    assert moved == pytest.approx((now - then).sum(), abs=0.5)


def test_a_plan_kept_without_its_steps_is_compared_by_family_alone(warehouse: Warehouse) -> None:
    snapshot = sign(warehouse, FIRST)
    with warehouse.transaction(who="test", why="as it was kept before", at=ANNA["at"]) as change:
        cells = change.read("SELECT * FROM plan_snapshot_cell WHERE snapshot_id = ?", [snapshot])
        change.delete("plan_snapshot_cell", {"snapshot_id": snapshot})
        change.insert("plan_snapshot_cell", cells[~cells["measure"].str.startswith("demand_units: ")])
    changes = records.consensus_changes(warehouse.read, RAISED)
    assert changes.steps.empty and "By step" not in changes.words() and len(changes.families) == 1
