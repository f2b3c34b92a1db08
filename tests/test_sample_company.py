"""The plan of the sample company: what it must show, what must balance, and how it must answer a lever."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from sop_engine.inputs import Inputs, read_inputs
from sop_engine.plan import Plan, plan
from sop_engine.scenario import BASELINE, Lever, Scenario, misfits
from sop_engine.supply_review.model import SupplyModel, compile_model
from sop_engine.warehouse import open_warehouse

LEVERS = (
    Lever("demand", 10, target="Road Bikes"),
    Lever("demand", 5),
    Lever("capacity", -10, target="Final Assembly"),
    Lever("overtime", 0, target="Frame Welding"),
    Lever("supplier_lead_time", 20, target="Comfort Road Bicycles"),
    Lever("supplier_lead_time", -30),
    Lever("supplier_limit", -50),
    Lever("extra_shift", 1),
    Lever("service_level", 99, target="Mountain Bikes"),
    Lever("line_down", 3, target="Paint"),
    Lever("price", -5, target="Touring Bikes"),
)


@dataclass
class Company:
    inputs: Inputs
    model: SupplyModel
    baseline: Plan

    def with_levers(self, *levers: Lever) -> Plan:
        return plan(self.inputs, Scenario(levers), self.model)


@pytest.fixture(scope="module")
def company(demo_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    copy = shutil.copyfile(demo_file, tmp_path_factory.mktemp("sample") / "sop.duckdb")
    warehouse = open_warehouse(copy)
    inputs = read_inputs(warehouse)
    warehouse.close()
    model = compile_model(inputs)
    yield Company(inputs, model, plan(inputs, BASELINE, model))


def test_it_is_the_company_that_was_promised(company: Company) -> None:
    inputs = company.inputs
    last_year = np.nan_to_num(inputs.demand.history[:, :, -12:])
    assert (last_year.sum(axis=(1, 2)) > 0).sum() == 192
    assert len(inputs.markets) == 20 and inputs.calendar.now == 36 and inputs.cycle == "2014-01"
    assert list(inputs.network.sites.kind).count("warehouse") == 3
    assert 4 <= len(inputs.demand.launches) <= 6


def test_two_work_centres_pass_100_pct_while_their_year_stays_between_80_and_88(company: Company) -> None:
    supply, labels = company.baseline.supply, company.inputs.network.resources.labels
    for name in ("Final Assembly", "Frame Welding"):
        row = labels.index(name)
        required, available = supply.required[row, :12], supply.available[row, :12]
        assert (required / available).max() > 1
        assert 0.80 <= required.sum() / available.sum() <= 0.88


def test_one_vendors_limit_binds(company: Company) -> None:
    supply, edges = company.baseline.supply, company.inputs.network.edges
    reached = supply.received >= edges.limit * (1 - 1e-6)
    assert (reached & (edges.mode == "buy")[:, None] & (edges.limit > 0)).any()


@pytest.mark.parametrize(
    "lever", [None, *LEVERS], ids=lambda lever: lever.in_words() if lever else "baseline"
)
def test_stock_balances_and_hours_hold(company: Company, lever: Lever | None) -> None:
    supply = company.with_levers(*([lever] if lever else [])).supply
    before = np.concatenate([company.inputs.network.on_hand[:, :, None], supply.stock[:, :, :-1]], axis=2)
    assert np.allclose(before + supply.arrivals - supply.used - supply.shipped, supply.stock, atol=1e-5)
    assert supply.stock.min() > -1e-6
    limited = np.isfinite(supply.available)
    assert (supply.load - supply.overtime <= supply.available + 1e-5)[limited].all()
    assert (supply.overtime <= supply.overtime_limit + 1e-5).all()
    assert supply.verified


@pytest.mark.parametrize("lever", LEVERS, ids=lambda lever: lever.in_words())
def test_what_is_not_served_on_time_has_a_named_cause(company: Company, lever: Lever) -> None:
    solved = company.with_levers(lever)
    missed = (solved.demand.unconstrained - solved.supply.on_time).sum(axis=1)
    assert missed.min() > -1e-6
    named = np.zeros_like(missed)
    for shortage in solved.supply.shortages:
        named[shortage.product, shortage.period] += shortage.units
        assert shortage.cause or shortage.reason == "no source"
    assert np.allclose(named, missed, atol=0.51), "every unit missed stands in a shortage"


def test_an_answer_does_not_depend_on_the_moves_before_it(company: Company) -> None:
    fresh = compile_model(company.inputs)
    for lever in (LEVERS[0], LEVERS[2]):
        used = plan(company.inputs, Scenario((lever,)), company.model).supply
        assert np.array_equal(used.flow, plan(company.inputs, Scenario((lever,)), fresh).supply.flow)


def test_what_is_not_touched_does_not_move(company: Company) -> None:
    """Helmets are bought: no bicycle, frame or part has a reason to be planned otherwise."""
    moved = company.with_levers(Lever("demand", 10, target="Helmets")).supply
    edges, products = company.inputs.network.edges, company.inputs.products
    others = products.family[edges.product] != "Helmets"
    assert np.allclose(moved.flow[others], company.baseline.supply.flow[others], atol=1e-6)
    assert not np.allclose(moved.flow[~others], company.baseline.supply.flow[~others], atol=1e-6)


@pytest.mark.parametrize("lever", LEVERS, ids=lambda lever: lever.in_words())
def test_no_lever_acts_in_the_frozen_zone(company: Company, lever: Lever) -> None:
    frozen = company.inputs.calendar.frozen
    moved, base = company.with_levers(lever), company.baseline
    assert np.array_equal(moved.demand.unconstrained[:, :, :frozen], base.demand.unconstrained[:, :, :frozen])
    for measure in ("flow", "shipped", "stock"):
        now, before = (getattr(plan.supply, measure)[..., :frozen] for plan in (moved, base))
        assert np.allclose(now, before, atol=1e-5), measure
    assert np.array_equal(moved.supply.available[:, :frozen], base.supply.available[:, :frozen])


def test_resellers_are_not_starved_for_their_margin(company: Company) -> None:
    """They lose money at standard cost or nearly so, and come first by priority: short or not, they are
    served.
    """
    short = company.with_levers(Lever("capacity", -30, target="Final Assembly"))
    reseller = company.inputs.markets.group("Reseller")
    bikes = company.inputs.products.group("Bikes")

    def fill(markets: np.ndarray) -> float:
        cells = np.ix_(bikes, markets)
        return float(short.supply.on_time[cells].sum() / short.demand.unconstrained[cells].sum())

    assert fill(np.ones_like(reseller)) < 0.99, "the cut must hurt for the test to mean anything"
    assert fill(reseller) >= fill(~reseller)


@pytest.mark.parametrize(
    "lever",
    [
        Lever("demand", 5, target="Unicorns"),
        Lever("demand", 5, market="Nowhere"),
        Lever("demand", 5, first="2099-01"),
        Lever("demand", 5, first="2014-06", last="2014-03"),
        Lever("freight", 5, target="Road Bikes"),
        Lever("freight", 5, market="Northwest"),
        Lever("launch_in", 0),
        Lever("launch_slip", 2, target="No project"),
        Lever("exchange_rate", 5, target="USD"),
        Lever("supplier_lead_time", 10, target="WH Europe"),
        Lever("extra_shift", 1, target="Metal from Custom Frames"),
    ],
    ids=lambda lever: lever.in_words(),
)
def test_a_lever_that_names_nothing_is_found_out(company: Company, lever: Lever) -> None:
    assert misfits(Scenario((lever, *LEVERS)), company.inputs) == (lever,)
