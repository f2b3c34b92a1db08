"""The load by family against the same explosion done with loops, one chunk of supply after the other."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop_engine.inputs import Inputs
from sop_engine.scenario import BASELINE, Lever, Scenario
from sop_engine.supply_review.load import (
    Pegging,
    asked_of,
    hours_by_family,
    hours_by_item,
    need_against_limits,
    peg,
    pegged_need,
    served_in_line,
)
from sop_engine.supply_review.request import SupplyRequest
from sop_engine.supply_review.structure import Structure
from tests.builders import demand_of
from tests.supply_review.companies import plan_of, two_stores

FAMILIES = np.array(["Cars", "Boats", "Frames"], dtype=object)


def with_families(inputs: Inputs) -> Inputs:
    return replace(inputs, products=replace(inputs.products, family=FAMILIES))


@cache
def company() -> Inputs:
    return with_families(two_stores())


def consumed(gross: np.ndarray, before: np.ndarray, arrivals: np.ndarray, own: int) -> np.ndarray:
    """(families, periods): supply in chunks, each taken by the demand that stands first in line."""
    line = [[gross[:, t].sum(), gross[:, t]] for t in range(gross.shape[1]) if gross[:, t].sum() > 0]
    mix = gross.sum(axis=1) / gross.sum() if gross.sum() else np.eye(len(gross))[own]
    served, used = np.zeros(gross.shape), 0.0
    for t in range(gross.shape[1]):
        for family_gets, units in ((False, before[t] - used), (True, arrivals[t])):
            used += 0.0 if family_gets else units
            while units > 1e-12:
                left, whole = line[0] if line else (np.inf, mix)
                taken = min(units, left)
                if family_gets:
                    served[:, t] += taken * whole / whole.sum()
                units -= taken
                if line:
                    line[0][0] -= taken
                    if line[0][0] <= 1e-12:
                        line.pop(0)
    return served


def pegged_by_loops(
    inputs: Inputs, structure: Structure, request: SupplyRequest, target: np.ndarray
) -> np.ndarray:
    """(resources, families, periods) hours."""
    families = sorted(set(inputs.products.family))
    periods, edges, nodes = inputs.calendar.periods, inputs.network.edges, structure.nodes
    bucket = float(np.mean(inputs.calendar.plan_days))
    gross = np.zeros((len(nodes), len(families), periods))
    hours = np.zeros((len(inputs.network.resources), len(families), periods))
    for n in range(len(nodes)):
        gross[n, families.index(inputs.products.family[nodes.product[n]])] = request.demand[n]
    supplied_by = {int(structure.edge_to[edge]): int(edge) for edge in structure.preferred}
    for n in sorted(supplied_by, key=lambda n: structure.level[n]):
        edge, place = supplied_by[n], (nodes.product[n], nodes.site[n])
        stock, arrivals = float(inputs.network.on_hand[place]), np.zeros(periods)
        receipts = inputs.network.receipts[place]
        before = stock + np.cumsum(receipts)
        for t in range(periods):
            stock += receipts[t] - gross[n, :, t].sum()
            arrivals[t] = max(0.0, target[n, t] - stock)
            stock += arrivals[t]
        own = families.index(inputs.products.family[place[0]])
        coming = consumed(gross[n], before, arrivals, own)
        starts = np.zeros(coming.shape)
        for t in range(periods):
            lag = request.lead_days[edge, t] / bucket
            whole = int(lag + 1e-9)
            part = max(lag - whole, 0.0)
            starts[:, max(t - whole, 0)] += coming[:, t] * (1 - part)
            starts[:, max(t - whole - 1, 0)] += coming[:, t] * part
        for use in np.flatnonzero(structure.uses.edge == edge):
            gross[structure.uses.node[use]] += starts * structure.uses.per_unit[use]
        for row in np.flatnonzero(edges.hours_edge == edge):
            hours[edges.hours_resource[row]] += starts * edges.hours_per_unit[row]
    return hours


@pytest.mark.parametrize(
    "levers",
    [
        (),
        (Lever("demand", 25, target="A"), Lever("supplier_lead_time", 40, target="Vendor")),
        (Lever("service_level", 80, target="A"),),
    ],
)
def test_hours_by_family_are_those_of_the_loops_and_add_up_to_the_required_load(
    levers: tuple[Lever, ...],
) -> None:
    inputs, scenario = company(), Scenario(levers)
    demand, supply = demand_of(inputs, scenario), plan_of(inputs, *levers)
    pegging = pegged_need(inputs, scenario, demand, supply)
    structure, request = asked_of(inputs, scenario, demand)
    target = supply.target[structure.nodes.product, structure.nodes.site]
    hours = hours_by_family(inputs, pegging)
    assert pegging.families == ("Boats", "Cars", "Frames") and (hours >= -1e-9).all()
    np.testing.assert_allclose(hours, pegged_by_loops(inputs, structure, request, target), atol=1e-6)
    np.testing.assert_allclose(hours.sum(axis=1), supply.required, atol=1e-6)
    np.testing.assert_allclose(pegging.starts.sum(axis=1), supply.need[pegging.edges], atol=1e-6)


def test_a_shared_component_is_pegged_to_those_who_use_it() -> None:
    """A and B share F: what is bought of it carries their families, not its own, but for its stock."""
    inputs = company()
    pegging = pegged_need(inputs, BASELINE, demand_of(inputs), plan_of(inputs))
    row = int(np.flatnonzero(inputs.network.edges.product[pegging.edges] == 2)[0])
    boats, cars, frames = pegging.arrivals[row].sum(axis=1)
    assert boats > 0 and cars > 0 and frames == 0


def test_items_add_up_to_their_family_and_the_need_to_what_supply_brings() -> None:
    inputs, supply = company(), plan_of(company())
    pegging = pegged_need(inputs, BASELINE, demand_of(inputs), supply)
    hours = hours_by_family(inputs, pegging)
    for resource in range(len(inputs.network.resources)):
        for family in range(len(pegging.families)):
            items = hours_by_item(inputs, pegging, resource, family)
            np.testing.assert_allclose(items.sum(axis=0), hours[resource, family], atol=1e-9)
    need = need_against_limits(inputs, pegging)
    assert need.sum() == pytest.approx(supply.need.sum())
    stock = inputs.network.on_hand.sum(axis=1) + (
        np.add.reduceat(need[np.argsort(inputs.network.edges.product, kind="stable")],
                        np.searchsorted(np.sort(inputs.network.edges.product), range(3)))
        + inputs.network.receipts.sum(axis=1) - pegging.used
    ).sum(axis=1)  # fmt: skip
    asked = demand_of(inputs).unconstrained.sum(axis=(1, 2))
    assert (stock - asked >= -1e-6).all()  # all is served, the rest is stock


def test_hours_of_nothing_are_nothing() -> None:
    inputs = company()
    empty = Pegging(
        ("Cars",), np.zeros(0, dtype=int), np.zeros((0, 1, 8)), np.zeros((0, 1, 8)), np.zeros((3, 8))
    )
    assert not hours_by_family(inputs, empty).any() and not hours_by_item(inputs, empty, 0, 0).any()


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_arrivals_are_shared_in_line_and_completely(data: st.DataObject) -> None:
    units = st.sampled_from([0.0, 1.0, 2.5, 7.0, 20.0])
    gross = np.array(data.draw(st.lists(st.lists(units, min_size=4, max_size=4), min_size=3, max_size=3)))
    arrivals = np.array(data.draw(st.lists(units, min_size=4, max_size=4)))
    before = np.cumsum(data.draw(st.lists(units, min_size=4, max_size=4)))
    found = served_in_line(gross[None], arrivals[None], before[None], np.array([1]))[0]
    np.testing.assert_allclose(found.sum(axis=0), arrivals, atol=1e-9)
    assert (found >= -1e-9).all()
    np.testing.assert_allclose(found, consumed(gross, before, arrivals, 1), atol=1e-8)


def test_what_nobody_asks_for_belongs_to_its_own_family() -> None:
    inputs = company()
    structure, request = asked_of(inputs, BASELINE, demand_of(inputs))
    nothing = replace(request, demand=np.zeros_like(request.demand))
    target = np.zeros(request.demand.shape)
    store = structure.nodes.at[0, inputs.network.sites.positions["Store"]]
    target[store] = 500.0
    hours = hours_by_family(inputs, peg(inputs, structure, nothing, target))
    cars = 1
    assert hours[:, cars].sum() > 0 and hours.sum() == pytest.approx(hours[:, cars].sum())
