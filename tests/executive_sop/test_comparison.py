from dataclasses import replace

import numpy as np
import pytest

from sop_engine.errors import ScenarioError
from sop_engine.executive_sop.comparison import DO_NOTHING, compare_scenarios
from sop_engine.executive_sop.scorecard import Verdict
from sop_engine.scenario import Lever, Scenario
from tests.plans import made_up_plan, small_inputs

BASE = made_up_plan(small_inputs(), seed=1)


def planned(*levers: Lever, name: str = ""):
    """Same demand and supply, other money: only finance levers are used here."""
    return made_up_plan(small_inputs(), Scenario(levers, name), seed=1)


def test_only_what_differs_is_shown_against_do_nothing() -> None:
    comparison = compare_scenarios(
        BASE, [planned(Lever("freight", 50), name="Dear freight"), planned(name="Same")]
    )
    assert comparison.names == (DO_NOTHING, "Dear freight", "Same")
    labels = [row[0].figure.label for row in comparison.rows]
    assert labels == ["Cash effect", "Cost: freight", "Operating profit, to go"]
    assert "Revenue" in comparison.unchanged
    freight = comparison.rows[1]
    assert [delta.verdict for delta in freight] == [Verdict.NOTHING, Verdict.BAD, Verdict.NOTHING]
    assert freight[1].delta == pytest.approx(0.5 * BASE.finance.choice_costs["freight"][1:12].sum())


def test_zero_scenarios_differ_in_nothing() -> None:
    comparison = compare_scenarios(BASE, [planned(), planned()])
    assert comparison.rows == () and comparison.frame().empty
    assert comparison.names == (DO_NOTHING, "Scenario 1", "Scenario 2")


def test_the_frame_is_one_row_per_figure_and_scenario() -> None:
    frame = compare_scenarios(
        BASE, [planned(Lever("unit_cost", 5), name="Dear"), planned(name="Same")]
    ).frame()
    row = frame[(frame["figure"] == "Gross margin") & (frame["scenario"] == "Dear")].iloc[0]
    assert (
        row["delta"] == pytest.approx(-0.05 * BASE.finance.standard_cost[:, :, 1:12].sum())
        and row["verdict"] == "bad"
    )
    assert len(frame) == 3 * frame["figure"].nunique()


def test_plans_of_other_data_or_too_many_are_refused() -> None:
    other = replace(planned(name="Old"), inputs=replace(small_inputs(), version="other"))
    with pytest.raises(ScenarioError, match="'Old' was planned on data other"):
        compare_scenarios(BASE, [planned(), other])
    with pytest.raises(ScenarioError, match="6 scenarios were chosen. Compare one to 5"):
        compare_scenarios(BASE, [planned()] * 6)
    assert len(compare_scenarios(BASE, [planned()] * 5).names) == 6
    calendar = replace(small_inputs().calendar, horizon=6)
    shorter = replace(planned(name="Short"), inputs=replace(small_inputs(), calendar=calendar))
    with pytest.raises(ScenarioError, match="'Short' was planned to 2014-06, the baseline to 2014-12"):
        compare_scenarios(BASE, [shorter])
    with pytest.raises(ScenarioError, match="changes something itself"):
        compare_scenarios(planned(Lever("freight", 5)), [planned()])


def test_an_unknown_figure_is_never_shown_as_a_difference() -> None:
    inputs = replace(small_inputs(), money=replace(small_inputs().money, budgets={}))
    base = made_up_plan(inputs, seed=1)
    comparison = compare_scenarios(base, [made_up_plan(inputs, Scenario((Lever("unit_cost", 5),)), seed=1)])
    assert "Gross margin less budget" in comparison.unchanged and not np.isnan(comparison.rows[0][1].delta)


def test_units_stand_beside_money_with_a_direction_where_there_is_one() -> None:
    supply = replace(BASE.supply, lost=BASE.supply.lost * 0.5)
    better = replace(planned(name="Better"), supply=supply)
    comparison = compare_scenarios(BASE, [better], assumptions=["Carriers keep their price"])
    rows = {row[0].figure.key: row[1] for row in comparison.rows}
    assert rows["lost_units"].delta == pytest.approx(-0.5 * BASE.supply.lost[:, :, 0:12].sum())
    assert rows["lost_units"].verdict is Verdict.GOOD
    assert "late_units" not in rows and "Delivered late, units" in comparison.unchanged
    assert comparison.assumptions == ("", "Carriers keep their price")
