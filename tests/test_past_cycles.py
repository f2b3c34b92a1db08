"""The sample company's past: replayed baselines that count as no consensus, made-up records that say so."""

from pathlib import Path

import numpy as np
import pytest

from sop_engine.demand_review.accuracy import CONSENSUS
from sop_engine.executive_sop.effects import read_effects
from sop_engine.executive_sop.outcomes import Verdict, judged
from sop_engine.executive_sop.unresolved import to_confirm
from sop_engine.inputs import read_inputs
from sop_engine.inputs.reader import read_scene
from sop_engine.past_cycles import PAST
from sop_engine.past_forecasts import past_of
from sop_engine.records import consensus_versions, kept_demand, of_cycle
from sop_engine.records.readers import last_estimate, last_published, snapshot_cells
from sop_engine.records.snapshot import content_hash
from sop_engine.refresh import fit_scene, known_fits
from sop_engine.replays import LAGS, Replays, past_cycles, scene_then
from sop_engine.warehouse import Warehouse, open_warehouse
from tests.plans import made_up_plan

CYCLES = ["2013-11", "2013-12"]


@pytest.fixture
def sample(demo_copy: Path) -> Warehouse:
    return open_warehouse(demo_copy)


def test_two_closed_cycles_stand_before_the_open_one(sample: Warehouse) -> None:
    cycles = of_cycle(sample, "cycle").set_index("cycle")
    assert list(cycles.index) == [*CYCLES, "2014-01"] == [*PAST, "2014-01"]
    assert list(cycles["status"]) == ["closed", "closed", "open"]
    assert list(cycles["sample"]) == [True, True, False]


def test_what_was_made_up_is_marked_and_something_of_it_is_still_open(sample: Warehouse) -> None:
    for cycle in CYCLES:
        for table in ("decision", "note", "assumption"):
            rows = of_cycle(sample, table, cycle)
            assert len(rows) >= 2 and rows["sample"].all()
    notes, decisions = of_cycle(sample, "note"), of_cycle(sample, "decision")
    assert list(notes["status"]).count("open") == 1
    assert list(decisions["status"]).count("deferred") == 1


def test_its_kept_baseline_is_the_replay_of_what_was_known_then(sample: Warehouse) -> None:
    scene, inputs = read_scene(sample), read_inputs(sample)
    for cycle in CYCLES:
        bucket = scene.calendar.labels.index(cycle)
        then = scene_then(sample, scene.calendar, bucket)
        units = fit_scene(then, known_fits(sample), backtest=False, processes=1).units
        kept = kept_demand(sample.read, f"{cycle}-P1", inputs)
        passed = scene.calendar.now - bucket
        seen = ~np.isnan(kept.units).all(axis=(0, 1))
        expected = units[:, :, passed : then.calendar.horizon]
        np.testing.assert_allclose(kept.units[:, :, seen], expected)
        np.testing.assert_array_equal(kept.steps["Statistical baseline"], kept.units)


def test_it_enters_no_consensus_no_estimate_and_no_track_record(sample: Warehouse) -> None:
    assert consensus_versions(sample.read).empty and of_cycle(sample, "sign_off").empty
    assert last_published(sample) is None and last_estimate(sample, "2014-01") is None
    inputs = read_inputs(sample)
    assert inputs.anchor is None
    made = past_cycles(inputs.calendar)
    shape = (len(made), len(inputs.products), len(inputs.markets), LAGS)
    past = past_of(sample, inputs, Replays(made, np.zeros(shape)))
    assert np.isnan(past.sources[CONSENSUS].cells).all()


def test_its_kept_plans_have_the_hash_of_their_cells(sample: Warehouse) -> None:
    kept = of_cycle(sample, "plan_snapshot")
    assert list(kept["snapshot_id"]) == ["2013-11-P1", "2013-12-P1"]
    for row in kept.itertuples():
        assert content_hash(snapshot_cells(sample, row.snapshot_id)) == row.content_hash


def test_some_of_its_decisions_can_be_held_against_real_actuals(sample: Warehouse) -> None:
    inputs, effects = read_inputs(sample), read_effects(sample.read)
    decisions = of_cycle(sample, "decision")
    found = {one.decision_id: one for one in judged(made_up_plan(inputs), decisions, effects, {})}
    verdicts = {key: one.verdict for key, one in found.items()}
    assert verdicts["2013-11-D3"] is Verdict.HIT and verdicts["2013-12-D3"] is Verdict.MISS
    assert verdicts["2013-12-D2"] is Verdict.RUNNING and all(one.sample for one in found.values())
    units = found["2013-11-D3"].outcomes[0]
    bikes = inputs.products.family == "Road Bikes"
    assert units.actual == pytest.approx(np.nansum(inputs.demand.history[bikes][:, :, -1]))
    kept = kept_demand(sample.read, "2013-12-P1", inputs).units  # the first month it shows is January
    helmets = found["2013-12-D2"].outcomes[0]
    assert helmets.without == pytest.approx(kept[inputs.products.family == "Helmets"][:, :, :3].sum() / 3)


def test_one_was_decided_between_two_meetings_and_waits_to_be_confirmed(sample: Warehouse) -> None:
    (row,) = to_confirm(of_cycle(sample, "decision"), "2014-01").itertuples()
    assert row.sample and "Asked and agreed" in row.between_meetings
