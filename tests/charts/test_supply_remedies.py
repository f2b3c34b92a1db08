"""Causes, remedies and the worth of relief in tables, bars and words: what is drawn is what was solved."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sop_engine.charts import supply_remedies as charts
from sop_engine.charts.style import LIGHT
from sop_engine.charts.view import whole_company
from sop_engine.remedies.causes import explain
from sop_engine.remedies.constraints import Relief, binding, relieve
from sop_engine.remedies.remedy import Remedy, ideas, ranked, tried
from tests.remedies.companies import company, line, under_strain

FULL = company(resources=line(70.0, overtime=0.1))
PLAN = FULL.solve()
VIEW = whole_company(PLAN)
CAUSES = charts.causes_of(PLAN, VIEW)


def remedies() -> tuple[Remedy, ...]:
    return ranked(tried(PLAN, idea, FULL.solve, FULL.periods) for idea in ideas(PLAN, CAUSES[0]))


def reliefs() -> list[Relief]:
    return [relieve(PLAN, one, FULL.solve, FULL.periods) for one in binding(PLAN)]


def test_causes_and_their_cases_add_up_to_the_same_money() -> None:
    plan = under_strain().solve()
    causes = charts.causes_of(plan, whole_company(plan))
    table, positions = charts.cut_table(plan, causes)
    assert len(table) == len(positions) == sum(len(cause.shortages) for cause in causes)
    total = charts.cause_table(plan, causes)["revenue, USD"].sum()
    assert table["revenue, USD"].sum() == pytest.approx(total) and total > 0
    assert table["revenue, USD"].is_monotonic_decreasing
    first = explain(plan, plan.supply.shortages[positions[0]])
    assert table["revenue, USD"][0] == pytest.approx(first.revenue)
    assert charts.market_table(plan, first)["units"].sum() == pytest.approx(table["units"][0])
    assert charts.market_table(plan, first)["part, %"].sum() == pytest.approx(100)


def test_the_sentence_names_the_dearest_cause_and_says_when_nothing_is_short() -> None:
    said = charts.cause_sentence(PLAN, CAUSES)
    assert "are late or lost for 1 root cause. Line is full in 2014-01 to 2014-06" in said
    assert charts.cause_sentence(PLAN, ()) == "Nothing is late or lost."


def test_a_view_without_the_product_has_no_cause() -> None:
    assert charts.causes_of(PLAN, replace(VIEW, products=np.array([False, True, True]))) == ()


def test_remedies_that_help_and_those_that_do_not_stand_in_tables_of_their_own() -> None:
    found = remedies()
    helping = [one for one in found if not one.reason]
    table, idle = charts.remedy_table(PLAN, helping), charts.idle_table(found)
    assert len(table) + len(idle) == len(found) and not idle["note"].eq("").any()
    assert table["net gain, USD"].to_numpy() == pytest.approx(table["margin, USD"] + table["its cost, USD"])
    best = helping[0].idea.name
    assert charts.remedy_sentence(PLAN, CAUSES[0], found).startswith(f"{best} helps most: +")
    assert charts.remedy_sentence(PLAN, CAUSES[0], [one for one in found if one.reason]) == (
        "Nothing that the levers can do earns its cost against the capacity of Line."
    )


def test_bars_show_margin_and_cost_with_their_signs_and_the_net_as_a_mark() -> None:
    helping = [one for one in remedies() if not one.reason]
    margin, cost, net = charts.remedy_bars(PLAN, helping, LIGHT, "Gain")["data"]
    assert margin["x"] == pytest.approx([one.change.margin for one in helping], abs=0.06)
    assert cost["x"] == pytest.approx([-one.change.cost for one in helping], abs=0.06)
    assert net["x"] == pytest.approx([one.change.gain for one in helping], abs=0.6)


def test_relief_states_its_worth_and_how_far_it_holds() -> None:
    found = reliefs()
    table = charts.relief_table(PLAN, found)
    assert table["rank"].tolist() == list(range(1, len(found) + 1))
    assert table["worth of one more"][0] == f"{found[0].worth:,.1f} USD per hour"
    assert "hours (+" in table["holds"][0]
    assert charts.relief_sentence(PLAN, found).startswith("One more hour of Line is worth ")
    nothing = replace(found[0], steps=(), worth=np.nan)
    assert charts.relief_words(nothing).startswith("no relief can act")
    assert charts.relief_sentence(PLAN, [nothing]).startswith("No binding constraint is worth relief")


def test_the_words_of_a_range_say_where_it_ends() -> None:
    found = reliefs()[0]
    gained = [replace(step, change=replace(step.change, margin=10.0, cost=0.0)) for step in found.steps[:2]]
    ends = replace(found, steps=tuple(gained), worth=5.0, holds=gained[0].amount, open_end=False)
    assert ", then 0.0 to " in charts.relief_words(ends)
    on = replace(ends, steps=tuple(gained[:1]), open_end=True)
    assert charts.relief_words(on).endswith(" at least")


def test_the_bars_of_an_hour_are_the_margins_per_hour() -> None:
    (bars,) = charts.hour_margin_bars(PLAN, 0, FULL.periods, LIGHT)["data"]
    assert bars["y"] == ["All products"] and bars["x"] == pytest.approx([40.0])
    assert charts.hour_margins(PLAN, 0, FULL.periods)["hours"][0] == pytest.approx(600)
