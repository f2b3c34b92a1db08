"""The plan published last by an earlier cycle, aligned by edge and period."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np
import pytest

from sop_engine.inputs import read_inputs
from sop_engine.refresh import refresh
from sop_engine.warehouse import Warehouse
from tests.tables import AT, loaded, small_tables


@pytest.fixture(scope="module")
def fitted() -> Iterator[Warehouse]:
    warehouse = loaded(small_tables())
    refresh(warehouse, who="test", at=AT)
    yield warehouse
    warehouse.close()


def publish(
    warehouse: Warehouse, version: str, cycle: str, cells: dict[tuple[str, str], float], at: datetime = AT
) -> None:
    """A published plan with these flows by edge and first day."""
    with warehouse.transaction(who="test", why="test", at=at) as change:
        change.insert(
            "plan_version",
            {
                "version_id": version,
                "cycle": cycle,
                "name": f"Plan {cycle}",
                "status": "published",
                "snapshot_id": f"P{version}",
                "approved_at": at,
            },
        )
        for (edge, day), value in cells.items():
            row = {"measure": "flow", "product": edge, "period": datetime.fromisoformat(day), "value": value}
            change.insert("plan_snapshot_cell", {"snapshot_id": f"P{version}", **row})


def test_a_company_that_published_nothing_has_no_anchor(fitted: Warehouse) -> None:
    assert read_inputs(fitted).anchor is None


def test_flows_are_joined_by_label_and_period_and_blank_where_nothing_was_kept(fitted: Warehouse) -> None:
    before = read_inputs(fitted)
    make_a = before.network.edges.labels.index("A | Plant | Plant | make")
    publish(fitted, "V0", "2013-11", {("A | Plant | Plant | make", "2014-01-01"): 7.0})
    cells = {
        ("A | Plant | Plant | make", "2013-12-01"): 5.0,
        ("A | Plant | Plant | make", "2014-01-01"): 40.0,
        ("A | Plant | Plant | make", "2014-03-01"): 60.0,
        ("Gone | Plant | Plant | make", "2014-04-01"): 1.0,
    }
    publish(fitted, "V1", "2013-12", cells, AT + timedelta(days=1))
    publish(
        fitted, "V2", "2014-01", {("A | Plant | Plant | make", "2014-01-01"): 9.0}, AT + timedelta(days=2)
    )
    inputs = read_inputs(fitted)
    assert inputs.anchor is not None
    assert (inputs.anchor.version_id, inputs.anchor.name) == ("V1", "Plan 2013-12")
    np.testing.assert_array_equal(inputs.anchor.flow[make_a, :5], [40, 0, 60, 0, np.nan])
    unused = np.delete(inputs.anchor.flow, make_a, axis=0)
    assert np.isnan(unused).all() and len(unused)
    assert inputs.version != before.version and not inputs.anchor.flow.flags.writeable
    assert read_inputs(fitted).version == inputs.version
