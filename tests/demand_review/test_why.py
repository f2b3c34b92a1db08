"""Why a number is what it is: the parts add up to every step and to the plan, and each says whose it is."""

from dataclasses import replace
from datetime import datetime

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sop_engine.demand_review.consensus import DemandPlan, plan_demand
from sop_engine.demand_review.why import Contribution, build_up, contributions
from sop_engine.inputs import Inputs
from sop_engine.inputs.events import Event
from sop_engine.inputs.judgement import Override, StreamLine
from sop_engine.inputs.lifecycle import Launch, PhaseOut
from sop_engine.product_review.portfolio import plan_portfolio
from sop_engine.scenario import BASELINE, Lever, Scenario
from tests.builders import small_company

ALL = np.ones(3, dtype=bool)
BOTH = np.ones(2, dtype=bool)
LAUNCH = Launch("New bike", 0, 1, 0.5, 2, 2, True, 1.0, 2, (1,), 0.4, "G2", 0.0, 0.0, "Paul")
PHASE_OUT = PhaseOut(1, 4, 0, 0.5)
ORDERS = (
    {"order": "S1", "product": "A", "market": "East", "period": 2, "units": 700.0},
    {"order": "S2", "product": "B", "market": "West", "period": 4, "units": 300.0},
)


def override(name: str, kind: str, value: float, first: int = 1, last: int = 3, **more: object) -> Override:
    scope = {"products": np.array([True, False, False]), "markets": BOTH, **more}
    return Override(
        override_id=name,
        first=first,
        last=last,
        kind=kind,
        value=value,
        reason="fair",
        owner="Ann",
        note="in Basel",
        created_by="Ben",
        created_at=datetime(2014, 1, 5, 9),
        **scope,
    )


def event(name: str, pct: float, units: float, first: int, last: int) -> Event:
    return Event(name, ALL, np.array([True, False]), first, last, pct, units, 500.0, "Eva")


def stream(name: str, units: float, author: str) -> StreamLine:
    """The same units of A and B together in East, every period."""
    nothing = np.full(8, np.nan)
    scope = np.array([True, True, False]), np.array([True, False])
    return StreamLine(name, *scope, np.full(8, units), nothing, author)


def company(fence: int = 0, **demand: object) -> Inputs:
    inputs = small_company(orders=ORDERS, settings={"demand_fence_periods": fence})
    elasticity = np.array([-1.2, -0.8, np.nan])
    return replace(inputs, demand=replace(inputs.demand, elasticity=elasticity, **demand))


def taken_apart(
    inputs: Inputs, scenario: Scenario, *scope: np.ndarray
) -> tuple[list[Contribution], DemandPlan, tuple[np.ndarray, ...]]:
    portfolio = plan_portfolio(inputs, scenario)
    demand = plan_demand(inputs, scenario, portfolio)
    cells = np.ix_(*(scope or (np.arange(3), np.arange(2), np.arange(inputs.calendar.periods))))
    return list(contributions(inputs, scenario, portfolio, demand, cells)), demand, cells


masks = st.lists(st.booleans(), min_size=2, max_size=2).filter(any)
periods = st.integers(0, 7)
overrides = st.builds(
    lambda kind, value, products, markets, ends: override(
        "O", kind, value, *sorted(ends), products=np.array([*products, False]), markets=np.array(markets)
    ),
    st.sampled_from(["units", "pct", "add", "amount"]),
    st.floats(-90, 500),
    masks,
    masks,
    st.tuples(periods, periods),
)
events = st.builds(
    lambda pct, units, ends: event("E", pct, units, *sorted(ends)),
    st.floats(-50, 100),
    st.floats(0, 200),
    st.tuples(periods, periods),
)
levers = st.lists(
    st.builds(
        Lever,
        st.sampled_from(["demand", "price"]),
        st.floats(-10, 10).map(lambda value: round(value, 1)),
        st.sampled_from(["", "A", "B"]),
        st.sampled_from(["", "East"]),
    ),
    max_size=3,
)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(overrides, max_size=4),
    st.lists(events, max_size=2),
    levers,
    st.booleans(),
    st.lists(st.floats(0, 300), max_size=2),
    st.integers(0, 3),
    st.lists(st.integers(0, 2), min_size=1, max_size=3, unique=True).map(sorted),
    st.lists(st.integers(0, 5), min_size=1, max_size=4, unique=True).map(sorted),
)
def test_the_parts_add_up_to_every_step_and_to_the_plan_of_any_scope(
    made: list[Override],
    dated: list[Event],
    moved: list[Lever],
    pipeline: bool,
    said: list[float],
    fence: int,
    products: list[int],
    months: list[int],
) -> None:
    lifecycle = {"launches": (LAUNCH,), "phase_outs": (PHASE_OUT,)} if pipeline else {}
    judged = {
        "overrides": tuple(made),
        "events": tuple(dated),
        "streams": tuple(stream(f"stream {n}", units, "Sue") for n, units in enumerate(said)),
        "stream_weights": {f"stream {n}": np.full((3, 8), 0.4) for n in range(len(said))},
    }
    inputs = company(fence, **judged, **lifecycle)
    parts, demand, cells = taken_apart(
        inputs, Scenario(tuple(moved)), np.array(products), np.arange(2), np.array(months)
    )
    total = sum(part.units for part in parts)
    np.testing.assert_allclose(total, demand.unconstrained[cells], rtol=1e-9, atol=1e-7)
    for step, added in demand.steps.items():
        of_step = sum((part.units for part in parts if part.step == step), np.zeros(total.shape))
        np.testing.assert_allclose(of_step, added[cells], rtol=1e-9, atol=1e-7, err_msg=step)


def test_with_no_lever_and_no_judgement_the_number_is_the_baseline() -> None:
    parts, demand, cells = taken_apart(small_company(settings={"demand_fence_periods": 0}), BASELINE)
    assert [part.name for part in parts] == ["Statistical baseline"]
    np.testing.assert_array_equal(parts[0].units, demand.unconstrained[cells])
    assert parts[0].why == "2 regular series"


def test_each_part_says_whose_it_is_when_and_why() -> None:
    inputs = company(
        overrides=(override("O3", "pct", 25.0), override("O4", "units", 90.0, last=1)),
        events=(event("Fair", 10.0, np.nan, 1, 1),),
        launches=(LAUNCH,),
        phase_outs=(PHASE_OUT,),
        streams=(stream("sales", 500.0, "Sue"),),
        stream_weights={"sales": np.array([[0.3] * 4 + [0.6] * 4] * 3)},
    )
    scenario = Scenario((Lever("demand", 5, "A"), Lever("price", -10, "B", "East"), Lever("demand", 2)))
    parts = {part.name: part for part in taken_apart(inputs, scenario)[0]}
    made = parts["Override O3 (+25 %)"]
    told = ("Ann (written by Ben)", "5 Jan 2014", "fair; in Basel")
    assert (made.step, made.who, made.when, made.why) == ("Overrides", *told)
    assert "Override O4 (to 90 units)" in parts
    assert (parts["Event Fair"].who, parts["Event Fair"].why) == ("Eva", "+10 %, costs 500 USD")
    said = parts["Stream sales"]
    assert (said.who, said.why) == ("Sue", "weight 30 to 60 %") and said.units.sum() > 0
    launch = parts["Launch New bike"]
    assert launch.who == "Paul" and launch.why == "like B x 50 %, from 2014-03, full rate in 2 periods"
    eaten = parts["Cannibalisation through New bike"]
    assert eaten.units.sum() < 0 and eaten.why == "40 % of the launch's units, out of 1 product"
    assert parts["Phase-out of B"].units[1].sum() < 0 and parts["Phase-out of B"].units[0].sum() == 0
    assert parts["A takes over from B"].why == "50 % of what it loses"
    assert parts["Lever demand A +5 %"].why == "Demand of A +5 %"
    assert parts["Lever price B East -10 %"].units.sum() > 0 and "Lever demand +2 %" in parts
    assert parts["Orders above forecast"].why == "orders S1, S2"


def test_money_is_units_at_the_price_of_each_cell() -> None:
    inputs = company(overrides=(override("O1", "add", 60.0),))
    parts, _, cells = taken_apart(inputs, BASELINE)
    table = build_up(parts, inputs.money.price[cells])
    row = table[table["step"] == "Overrides"].iloc[0]
    np.testing.assert_allclose([row["units"], row["money"]], [60, 6000])  # A costs 100 in both markets
    assert table["money"].notna().all(), "F has no price and sells nothing"


def test_inside_the_fence_the_effect_has_its_own_line() -> None:
    parts, demand, cells = taken_apart(company(fence=3), BASELINE)
    fence = next(part for part in parts if part.step == "Demand fence")
    np.testing.assert_allclose(fence.units, demand.steps["Demand fence"][cells])
    assert fence.units.sum() < 0 and "3 periods" in fence.why
