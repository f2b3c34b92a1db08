"""What is not delivered, by cause: it adds up in every cell; what comes late takes from those that wait."""

from dataclasses import replace

import numpy as np
import pytest

from sop_engine.plan import Plan
from sop_engine.pre_sop.shortfall import NO_CAUSE, short_by_cause
from sop_engine.supply_review.shortage import CAPACITY, LATE, LIMIT, LOST, Root, Shortage
from tests.plans import made_up_plan, small_inputs

PLAN = made_up_plan(small_inputs(), seed=3)
RESOURCE, VENDOR = PLAN.inputs.network.resources.labels[0], "V"


def with_shortages(plan: Plan) -> Plan:
    """The plan with a cause for all that is short: capacity in even periods, a limit in odd ones; lost units
    are half each."""
    supply = plan.supply
    put_off = plan.demand.unconstrained - supply.on_time - supply.lost
    roots = Root(CAPACITY, RESOURCE, 0), Root(LIMIT, VENDOR, 0)
    found = []
    for product, period in np.ndindex(put_off.shape[0], put_off.shape[2]):
        late = float(put_off[product, :, period].sum())
        lost = float(supply.lost[product, :, period].sum())
        parts = [(LATE, late, roots[period % 2]), (LOST, lost / 2, roots[0]), (LOST, lost / 2, roots[1])]
        found += [
            Shortage(product, (), period, units, kind, root.reason, root.label, "", root)
            for kind, units, root in parts
            if units > 0
        ]
    return replace(plan, supply=replace(supply, shortages=tuple(found)))


def test_the_causes_add_up_to_what_is_not_delivered_in_every_cell() -> None:
    for plan in (PLAN, with_shortages(PLAN)):
        total = sum(short_by_cause(plan).values())
        np.testing.assert_allclose(total, plan.demand.unconstrained - plan.supply.delivered, atol=1e-9)


def test_where_every_shortage_has_a_cause_nothing_is_left_without_one() -> None:
    short = short_by_cause(with_shortages(PLAN))
    assert set(short) == {(CAPACITY, RESOURCE), (LIMIT, VENDOR), NO_CAUSE}
    np.testing.assert_allclose(short[NO_CAUSE], 0.0, atol=1e-9)


def test_a_cell_is_counted_as_by_hand() -> None:
    """A naive walk through the periods of one cell."""
    plan = with_shortages(PLAN)
    supply, cell = plan.supply, (0, 0)
    short = short_by_cause(plan)
    waiting = {CAPACITY: 0.0, LIMIT: 0.0}
    for period in range(plan.inputs.calendar.periods):
        before, late = dict(waiting), supply.late[*cell, period]
        lost = supply.lost[*cell, period]
        put_off = plan.demand.unconstrained[*cell, period] - supply.on_time[*cell, period] - lost
        for at, reason in enumerate((CAPACITY, LIMIT)):
            came = late * before[reason] / sum(before.values()) if sum(before.values()) > 0 else 0.0
            here = put_off if period % 2 == at else 0.0
            waiting[reason] = before[reason] - came + here
            label = RESOURCE if reason == CAPACITY else VENDOR
            assert short[reason, label][*cell, period] == pytest.approx(here + lost / 2 - came, abs=1e-9)


def test_what_no_shortage_names_has_no_cause() -> None:
    unnamed = replace(PLAN, supply=replace(PLAN.supply, shortages=()))
    assert set(short_by_cause(unnamed)) == {NO_CAUSE}
