"""Expected against actual: what is due, what can be told, what hits, and who."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from sop_engine.executive_sop.effects import Effect, Scope, effect_rows
from sop_engine.executive_sop.outcomes import Verdict, hit_rates, judged, kind_words, realised_error_pct
from sop_engine.replays import Replays
from sop_engine.scenario import Lever, LeverKind, Scenario
from tests.plans import made_up_plan, small_inputs

INPUTS = small_inputs()  # 180 units a month in the past; 120 of Bikes
PLAN = made_up_plan(INPUTS)
BIKES = Scope(family="Bikes")


def decision(key: str = "D1", review: str = "2013-12-31", **more: object) -> dict[str, object]:
    row = {"decision_id": key, "cycle": "2013-11", "status": "decided", "owner": "Ann", "decided_by": "Bo"}
    return {**row, "review_on": pd.Timestamp(review), "sample": False, **more}


def came(without: float, expected: float, months: tuple[str, ...] = ("2013-12",), **more: object) -> Effect:
    effects = [
        Effect("demand_units", BIKES, date.fromisoformat(f"{each}-01"), without, expected) for each in months
    ]
    rows = effect_rows("D1", effects).astype({"from_period": "datetime64[s]"})
    return judged(PLAN, pd.DataFrame([decision(**more)]), rows, {})[0]


@pytest.mark.parametrize(
    ("without", "expected", "verdict"),
    [
        (100.0, 120.0, Verdict.HIT),  # +20 came in full
        (100.0, 125.0, Verdict.HIT),  # 20 of 25 is 80 %
        (100.0, 126.0, Verdict.MISS),
        (110.0, 100.0, Verdict.MISS),  # a fall was expected, a rise came
        (130.0, 118.0, Verdict.HIT),
    ],
)
def test_a_hit_brought_at_least_80_pct(without: float, expected: float, verdict: Verdict) -> None:
    one = came(without, expected)
    (outcome,) = one.outcomes
    assert outcome.actual == 120.0 and outcome.noise == 0.0  # the same each month: forecasts are never off
    assert outcome.share_pct == pytest.approx(100 * (120 - without) / (expected - without))
    assert one.verdict is verdict


def test_before_its_review_it_runs_and_what_came_so_far_is_shown() -> None:
    one = came(100.0, 120.0, ("2013-12", "2014-01", "2014-02"), review="2014-02-28")
    (outcome,) = one.outcomes
    assert one.verdict is Verdict.RUNNING
    assert (outcome.passed, len(outcome.months), outcome.came) == (1, 3, 20.0)


def test_what_lies_after_the_review_is_not_waited_for() -> None:
    one = came(100.0, 120.0, ("2013-12", "2014-01", "2014-02"))
    assert one.verdict is Verdict.HIT and one.outcomes[0].months == ("2013-12",)


def test_a_decision_without_effects_and_one_of_a_scope_that_is_gone() -> None:
    table = pd.DataFrame([decision()])
    none = effect_rows("D2", [Effect("demand_units", BIKES, date(2013, 12, 1), 1.0, 2.0)])
    none = none.astype({"from_period": "datetime64[s]"})
    assert judged(PLAN, table, none, {})[0].verdict is Verdict.UNMEASURED
    gone = none.assign(decision_id="D1", family="Kites")
    assert judged(PLAN, table, gone, {})[0].verdict is Verdict.UNKNOWN


def test_an_effect_below_the_realised_error_cannot_be_told() -> None:
    made = np.arange(24, 30)
    units = np.zeros((6, len(INPUTS.products), len(INPUTS.markets), 12))
    units[:, 0, 0] = 150.0  # of Bikes, 120 came: off by a quarter
    rows = effect_rows("D1", [Effect("demand_units", BIKES, date(2013, 12, 1), 100.0, 120.0)])
    rows = rows.astype({"from_period": "datetime64[s]"})
    one = judged(PLAN, pd.DataFrame([decision()]), rows, {}, replays=Replays(made, units))[0]
    assert one.outcomes[0].noise == pytest.approx(25.0) and one.verdict is Verdict.UNTOLD


def test_realised_error_against_a_second_writing() -> None:
    random = np.random.default_rng(3)
    values, forecasts, made = random.uniform(50, 100, 20), random.uniform(50, 100, (6, 4)), range(12, 18)
    off = size = 0.0
    for cycle, bucket in enumerate(made):
        if bucket + 2 < 19:
            actual = (values[bucket + 1] + values[bucket + 2]) / 2
            off += abs((forecasts[cycle, 1] + forecasts[cycle, 2]) / 2 - actual)
            size += actual
    assert realised_error_pct(values, forecasts, made, [1, 2], {19}) == pytest.approx(100 * off / size)
    assert np.isnan(realised_error_pct(values[:1], None, [0, 1], [0], set()))


def test_decisions_of_the_sample_are_shown_and_count_in_nothing() -> None:
    effects = [Effect("demand_units", BIKES, date(2013, 12, 1), 100.0, 120.0)]
    rows = pd.concat([effect_rows(key, effects) for key in ("D1", "D2", "D3")])
    rows = rows.astype({"from_period": "datetime64[s]"})
    rows.loc[rows["decision_id"] == "D3", "expected"] = 200.0
    table = pd.DataFrame([decision("D1"), decision("D2", sample=True), decision("D3", owner="")])
    found = judged(PLAN, table, rows, {})
    rates = hit_rates(found, "owner").set_index("owner")
    assert tuple(rates.loc["Ann", ["decisions", "hit", "miss", "hit rate %", "sample"]]) == (
        1,
        1,
        0,
        100.0,
        1,
    )
    assert tuple(rates.loc["Bo", ["hit", "miss", "hit rate %"]]) == (0, 1, 0.0)  # who decided answers for it
    assert hit_rates([], "kind").empty


def test_its_type_is_what_its_levers_are() -> None:
    levers = Lever(LeverKind.DEMAND, 5), Lever(LeverKind.DEMAND, 5, "Bikes"), Lever(LeverKind.PRICE, 1)
    assert kind_words(Scenario(levers)) == "Demand and Price"
