"""What is drawn, and where it is known from: settings are said to be settings, samples never count."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from sop_engine.charts.executive_risk import assumed_table
from sop_engine.risk.drivers import find_drivers, setting, without_spread
from sop_engine.risk.rates import rate_moves
from sop_engine.scenario import Lever, Scenario
from tests.builders import small_company
from tests.plans import made_up_plan, small_inputs
from tests.risk.companies import NO_ITEMS, NO_PIPELINE, company, do_nothing, drivers


def items(**more: object) -> pd.DataFrame:
    row = {
        "item_id": "2014-01-R1",
        "title": "A tender",
        "status": "open",
        "sample": False,
        "probability_pct": 40.0,
        "revenue": 600.0,
        "gross_margin": np.nan,
        "levers": "",
        "from_period": pd.Timestamp(date(2014, 2, 1)),
        "to_period": pd.Timestamp(date(2014, 4, 1)),
    }
    return pd.DataFrame([{**row, **more}])


def kept(count: int, sample: bool = False) -> pd.DataFrame:
    """Launch dates of one project that slipped a month in each cycle."""
    rows = [(f"2013-{k + 1:02d}", "P", pd.Timestamp(2014, k + 1, 1), sample) for k in range(count)]
    return pd.DataFrame(rows, columns=["cycle", "project", "launch_period", "sample"])


def test_an_item_is_spread_over_its_periods_and_says_what_it_does_not_state() -> None:
    (item,) = find_drivers(do_nothing(), None, items(), NO_PIPELINE).items
    np.testing.assert_allclose(item.revenue[:5], [0, 200, 200, 200, 0])
    assert not item.margin.any() and item.unknown == ("gross margin",)


@pytest.mark.parametrize("more", [{"sample": True}, {"status": "in_plan"}, {"status": "withdrawn"}])
def test_what_is_made_up_or_in_the_plan_is_not_drawn(more: dict[str, object]) -> None:
    assert find_drivers(do_nothing(), None, items(**more), NO_PIPELINE).items == ()


def test_levers_of_an_item_leave_alone_what_is_decided() -> None:
    levers = Scenario((Lever("demand", -10), Lever("demand", 5, "A", last="2014-01"))).to_json()
    found = find_drivers(do_nothing(), None, items(levers=levers), NO_PIPELINE)
    (lever,) = found.items[0].scenario.levers
    assert lever.first == company().calendar.plan_labels[found.open_from]


def test_slips_come_from_real_launch_dates_else_from_the_setting() -> None:
    few, many, made_up = (
        find_drivers(do_nothing(), None, NO_ITEMS, rows) for rows in (kept(3), kept(8), kept(8, sample=True))
    )
    assert few.slips_seen == made_up.slips_seen == 0 and few.slips == made_up.slips
    assert many.slips_seen == 7
    assert dict(many.slips) == pytest.approx({k: 1 / 7 for k in range(1, 6)} | {6: 2 / 7})
    assert sum(share for _, share in few.slips) == pytest.approx(1.0)
    assert 1 - dict(few.slips)[0] == pytest.approx(setting(company(), "risk_launch_slip_pct") / 100)


def test_hazards_are_the_settings_and_say_so() -> None:
    inputs = small_company(settings={"risk_supplier_loss_pct": 7, "risk_line_outage_pct": 0})
    plan = replace(do_nothing(), inputs=inputs)
    found = find_drivers(made_up_plan(inputs), None, NO_ITEMS, NO_PIPELINE)
    assert [(one.label, one.yearly) for one in found.suppliers] == [("Vendor", 0.07)] and found.lines == ()
    table = assumed_table(found, plan.inputs).set_index("driver")
    assert table.loc["A supplier is lost", "source"].startswith("assumed: setting")
    assert table.loc["A supplier is lost", "spread"].startswith("7 % a year")


def test_without_replays_the_range_of_the_baseline_stands_in() -> None:
    inputs = small_inputs()
    found = find_drivers(made_up_plan(inputs), None, NO_ITEMS, NO_PIPELINE)
    assert found.cycles == 0 and [level.name for level in found.demand] == ["company", "family", "product"]
    band = inputs.demand.baseline.bands["total", ""]
    width = (band[2] - band[1]) / 2 / 1.2815515655446004
    np.testing.assert_allclose(found.demand[0].sd[0], width / band[0])
    assert "no past cycle is replayed" in assumed_table(found, inputs)["source"][0]


def test_the_digest_changes_with_what_is_drawn() -> None:
    found = drivers()
    assert found.digest() == replace(found).digest()
    others = [without_spread(found), replace(found, held=3), replace(found, slips=((0, 1.0),))]
    assert len({found.digest(), *(one.digest() for one in others)}) == 4


def test_rates_walk_with_the_changes_of_the_past() -> None:
    inputs = small_company()
    random = np.random.default_rng(1)
    past = np.stack([np.ones(24), np.exp(np.cumsum(0.03 * random.standard_normal(24)))])
    markets = replace(inputs.markets, currency=np.array(["USD", "EUR"], dtype=object))
    moved = replace(inputs, markets=markets, money=replace(inputs.money, past_rate=past))
    rates = rate_moves(moved)
    assert rates.currencies == ("EUR",) and rates.changes == 23
    assert rates.sd[0] == pytest.approx(np.diff(np.log(past[1])).std(ddof=1), rel=1e-6)
    paths = rates.paths(random.standard_normal((20_000, 12, 1)))
    np.testing.assert_allclose(paths.mean(axis=0), 1.0, atol=0.01)
    assert np.log(paths[:, 11]).std() == pytest.approx(rates.sd[0] * np.sqrt(12), rel=0.02)
    assert rate_moves(inputs).currencies == ()
