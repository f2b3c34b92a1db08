"""A planted cause is named, with its chain, whom it cuts and its money."""

from __future__ import annotations

import numpy as np
import pytest

from sop_engine.pre_sop.gaps import shortage_values
from sop_engine.remedies.causes import explain, market_units, root_causes, spans
from sop_engine.scenario import Lever, Scenario
from tests.remedies.companies import BUY_F, MAKE_A, MOVE_A, company, line, under_strain

FULL = company(resources=line(70.0))


def test_a_planted_bottleneck_is_named_with_months_products_markets_and_money() -> None:
    plan = FULL.solve()
    (cause,) = root_causes(plan, FULL.periods)
    short = 30 * 6
    assert cause.key == ("capacity", "Line") and cause.periods == tuple(range(6))
    assert cause.products == (0,) and set(cause.markets) <= {0, 1}
    assert cause.lost == pytest.approx(short) and cause.late == 0
    assert cause.revenue == pytest.approx(short * 100) == pytest.approx(cause.lost_revenue)
    assert cause.margin == pytest.approx(short * (100 - 60))
    assert cause.sentence == (
        f"Line is full in 2014-01 to 2014-06: 1 product in {len(cause.markets)} markets, 180 units, "
        "18,000 USD of revenue, 18,000 of it lost."
    )


def test_the_chain_goes_from_the_shipping_site_to_what_is_full() -> None:
    plan = FULL.solve()
    april = next(one for one in plan.supply.shortages if one.period == 3)
    told = explain(plan, april)
    assert told.chain == (
        "it comes to Store from Plant (at once)",
        "it is made at Plant (at once), on Line, which is full in 2014-01 to 2014-06",
    )
    assert told.sentence.startswith("30 units of A due 2014-04 are not delivered in West")
    assert told.sentence.endswith("Worth 3,000 USD of revenue and 1,200 of margin.")


def test_a_limited_component_stands_behind_the_product_and_its_vendor_is_the_root() -> None:
    short = company(edges=(MAKE_A, {**BUY_F, "limit": 60.0, "lead_days": 15.0}, MOVE_A))
    plan = short.solve()
    (cause,) = (one for one in root_causes(plan, short.periods) if one.reason == "limit")
    assert cause.label == "Vendor" and cause.sentence.startswith("Vendor gives no more F in ")
    (told,) = (explain(plan, one) for one in plan.supply.shortages if one.period == 4)
    assert told.chain[-1].startswith("its F is bought from Vendor (15 days), whose limit, 60 in 2014-05, is")


def test_the_chain_speaks_of_the_limit_and_the_lead_time_of_the_scenario() -> None:
    short = company(edges=(MAKE_A, {**BUY_F, "limit": 60.0, "lead_days": 5.0}, MOVE_A))
    levers = Lever("supplier_limit", -50, "Vendor"), Lever("supplier_lead_time", 10, "Vendor")
    plan = short.solve(Scenario(levers))
    (told,) = (explain(plan, one) for one in plan.supply.shortages if one.period == 4)
    assert told.chain[-1].startswith("its F is bought from Vendor (15 days), whose limit, 30 in 2014-05")


def test_what_is_ordered_too_late_and_what_is_frozen_are_told_apart() -> None:
    late = company(edges=(MAKE_A, {**BUY_F, "lead_days": 62.0}, MOVE_A), settings={"frozen_periods": 0})
    (cause,) = root_causes(late.solve(), late.periods)
    assert cause.key == ("lead time", "Vendor") and "in time (62 days)" in cause.sentence
    frozen = company(edges=(MAKE_A, {**BUY_F, "lead_days": 31.0}, MOVE_A))
    more = frozen.solve(Scenario((Lever("demand", 30),)))
    cause = next(one for one in root_causes(more, frozen.periods) if one.reason == "frozen zone")
    assert cause.label == "Vendor" and cause.periods == (0,)
    assert cause.sentence.startswith("What starts in 2014-01 is frozen for Vendor")


def test_a_market_without_a_site_is_its_own_root() -> None:
    nobody = company(lanes={"West": ("Store", 0.0)})
    cause = root_causes(nobody.solve(), nobody.periods)[0]
    assert cause.key == ("no source", "East") and cause.sentence.startswith("Nothing supplies East")


def test_units_by_market_and_money_add_up_to_those_of_the_plan() -> None:
    plan = under_strain().solve()
    assert plan.supply.shortages
    for one in plan.supply.shortages:
        assert market_units(plan, one).sum() == pytest.approx(one.units)
    revenue = sum(explain(plan, one).revenue for one in plan.supply.shortages)
    assert revenue == pytest.approx(sum(shortage_values(plan)))
    causes = root_causes(plan, np.arange(plan.inputs.calendar.periods))
    assert sorted(at for cause in causes for at in cause.shortages) == list(range(len(plan.supply.shortages)))
    assert sum(cause.revenue for cause in causes) == pytest.approx(revenue)
    assert [cause.revenue for cause in causes] == sorted((cause.revenue for cause in causes), reverse=True)


def test_a_filter_keeps_its_products_and_months() -> None:
    plan = FULL.solve()
    (march,) = root_causes(plan, np.array([2]))
    assert march.lost == pytest.approx(30) and march.periods == (2,)
    assert root_causes(plan, FULL.periods, np.array([False, True, True])) == ()


def test_runs_of_months_in_words() -> None:
    assert spans("abcdef", (0, 1, 2, 5)) == "a to c and f" and "before" in spans("ab", ())
