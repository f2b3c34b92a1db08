"""The register of risks and opportunities as records: who may do what, and what stays on file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from sop_engine.errors import ConflictError, RecordError
from sop_engine.records import open_cycle
from sop_engine.records.risks import (
    Trigger,
    add_risk,
    close_risk,
    put_in_plan,
    revise_probability,
    risk_items,
    set_trigger,
    take_out_of_plan,
    withdraw_risk,
)
from sop_engine.scenario import Lever, Scenario
from sop_engine.warehouse import Warehouse, open_warehouse
from tests.tables import AT

BY = {"who": "Ann", "at": AT}


@pytest.fixture
def warehouse() -> Warehouse:
    found = open_warehouse(":memory:")
    open_cycle(found, "2014-01", **BY)
    return found


def add(warehouse: Warehouse, **changes: object) -> str:
    said = {
        "cycle": "2014-01",
        "kind": "risk",
        "title": "A rival",
        "probability_pct": 30.0,
        "revenue": -100.0,
        "from_period": date(2014, 3, 1),
        "to_period": date(2014, 5, 1),
    }
    return add_risk(warehouse, **{**said, **changes}, **BY)


def stands(warehouse: Warehouse, item_id: str) -> str:
    items = risk_items(warehouse).set_index("item_id")
    return str(items.loc[item_id, "status"])


def test_it_is_written_down_numbered_and_audited(warehouse: Warehouse) -> None:
    assert (add(warehouse), add(warehouse, kind="opportunity", revenue=5.0)) == ("2014-01-R1", "2014-01-R2")
    kept = risk_items(warehouse).iloc[0]
    assert (kept["status"], kept["revenue"], kept["created_by"]) == ("open", -100.0, "Ann")
    log = warehouse.read("SELECT who, why FROM audit_log WHERE \"table\" = 'risk_opportunity'")
    assert log.to_numpy().tolist()[0] == ["Ann", "A rival"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"revenue": 100.0}, "wrong sign"),
        ({"kind": "opportunity"}, "wrong sign"),
        ({"revenue": None}, "No effect is stated"),
        ({"title": " "}, "blank"),
        ({"probability_pct": 101.0}, "no probability"),
        ({"kind": "chance"}, "neither a risk nor an opportunity"),
        ({"to_period": date(2014, 2, 1)}, "before it begins"),
        ({"cycle": "2014-02"}, "never opened"),
    ],
)
def test_what_makes_no_sense_is_refused(warehouse: Warehouse, changes: dict[str, object], words: str) -> None:
    with pytest.raises(RecordError, match=words):
        add(warehouse, **changes)
    assert risk_items(warehouse).empty


def test_in_the_plan_and_out_again(warehouse: Warehouse) -> None:
    item = add(warehouse)
    put_in_plan(warehouse, item, reason="overridden", **BY)
    assert stands(warehouse, item) == "in_plan"
    take_out_of_plan(warehouse, item, reason="override withdrawn", **BY)
    assert stands(warehouse, item) == "open"


def test_it_is_closed_with_what_happened(warehouse: Warehouse) -> None:
    came, not_come = add(warehouse), add(warehouse)
    with pytest.raises(RecordError, match="size is blank"):
        close_risk(warehouse, came, happened=True, reason="it came", **BY)
    close_risk(warehouse, came, happened=True, amount=-70.0, reason="it came", **BY)
    close_risk(warehouse, not_come, happened=False, reason="it did not", **BY)
    items = risk_items(warehouse)
    assert items["status"].tolist() == ["happened", "did_not_happen"]
    assert items["closed_amount"].tolist() == [-70.0, 0.0]


@pytest.mark.parametrize(
    "step",
    [
        lambda warehouse, item: put_in_plan(warehouse, item, reason="x", **BY),
        lambda warehouse, item: take_out_of_plan(warehouse, item, reason="x", **BY),
        lambda warehouse, item: revise_probability(warehouse, item, 50, reason="x", **BY),
        lambda warehouse, item: close_risk(warehouse, item, happened=False, reason="x", **BY),
    ],
)
def test_what_is_withdrawn_takes_no_further_step(
    warehouse: Warehouse, step: Callable[[Warehouse, str], None]
) -> None:
    item = add(warehouse)
    withdraw_risk(warehouse, item, reason="no longer", **BY)
    with pytest.raises(ConflictError, match="is withdrawn by now"):
        step(warehouse, item)


def test_it_is_weighed_anew_with_a_reason(warehouse: Warehouse) -> None:
    item = add(warehouse)
    with pytest.raises(RecordError, match="reason is blank"):
        revise_probability(warehouse, item, 60, reason="", **BY)
    revise_probability(warehouse, item, 60, reason="the trade press", **BY)
    assert risk_items(warehouse)["probability_pct"].tolist() == [60.0]
    with pytest.raises(RecordError, match="no risk or opportunity"):
        revise_probability(warehouse, "2014-01-R9", 60, reason="x", **BY)


def test_a_trigger_and_a_scenario_stay_with_the_item(warehouse: Warehouse) -> None:
    rate = Trigger("exchange_rate", "below", 0.95, "EUR")
    weaker = Scenario((Lever("exchange_rate", -5, target="EUR"),))
    item_id = add(warehouse, trigger=rate, scenario=weaker)
    item = risk_items(warehouse).set_index("item_id").loc[item_id]
    assert (item["trigger_measure"], item["trigger_side"], item["trigger_value"]) == (
        "exchange_rate",
        "below",
        0.95,
    )
    assert item["trigger_currency"] == "EUR" and Scenario.from_json(item["levers"]) == weaker
    set_trigger(
        warehouse, item_id, Trigger("demand_units", "above", 40.0), reason="better told by volume", **BY
    )
    item = risk_items(warehouse).set_index("item_id").loc[item_id]
    assert (item["trigger_measure"], item["trigger_currency"]) == ("demand_units", "")


@pytest.mark.parametrize(
    ("measure", "side", "currency", "fault"),
    [
        ("mood", "below", "", "no measure"),
        ("demand_units", "beside", "", "above or below"),
        ("exchange_rate", "below", "", "needs its currency"),
        ("demand_units", "below", "EUR", "needs its currency"),
    ],
)
def test_what_cannot_be_watched_is_refused(measure: str, side: str, currency: str, fault: str) -> None:
    with pytest.raises(RecordError, match=fault):
        Trigger(measure, side, 1.0, currency)
