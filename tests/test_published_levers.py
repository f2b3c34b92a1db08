"""The levers of a published scenario are part of the next cycle's baseline, and of no other cycle's."""

from datetime import datetime

from sop_engine import records
from sop_engine.inputs import read_inputs, settled
from sop_engine.plan import adopted_levers, in_force, plan
from sop_engine.refresh import refresh
from sop_engine.scenario import BASELINE, Lever, Scenario
from tests.tables import loaded, small_tables

BY = {"who": "Anna", "at": datetime(2014, 1, 20, 9, 30)}
DEAR = Lever("freight", 10)


def test_the_levers_of_the_published_plan_lie_beneath_the_next_cycles_scenarios() -> None:
    warehouse = loaded(small_tables())
    for cycle in ("2014-01", "2014-02"):
        refresh(warehouse, cycle, **BY)
    inputs = read_inputs(warehouse, "2014-01")
    solved = plan(inputs, Scenario((DEAR,), "Dear freight"))
    records.open_cycle(warehouse, "2014-01", **BY)
    version_id = records.propose_plan(warehouse, solved, **BY)
    records.approve_plan(warehouse, version_id, **BY)
    records.sign_stage(warehouse, solved, "executive", **BY)
    before = read_inputs(warehouse, "2014-02")
    records.publish_plan(warehouse, version_id, **BY, despite="a test")
    now, later = read_inputs(warehouse, "2014-01"), read_inputs(warehouse, "2014-02")
    warehouse.close()
    assert now.version == inputs.version and not now.adopted
    assert adopted_levers(later) == {DEAR: version_id} and later.version != before.version
    assert in_force(settled(later), BASELINE).levers == (DEAR,)
    assert later.adopted[0].title == "Dear freight" and later.adopted[0].stage == "executive"
