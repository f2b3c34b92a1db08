"""Causes, remedies and the worth of relief in tables, bars and words: what is drawn is what was solved."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sop_engine.charts import supply_remedies as charts
from sop_engine.charts.numbers import signed
from sop_engine.charts.style import LIGHT
from sop_engine.charts.view import whole_company
from sop_engine.remedies.causes import explain, root_causes
from sop_engine.remedies.constraints import Relief, binding, relieve
from sop_engine.remedies.remedy import Remedy, ideas, ranked, tried
from tests.remedies.companies import company, line, under_strain

FULL = company(resources=line(70.0, overtime=0.1))
PLAN = FULL.solve()
VIEW = whole_company(PLAN)
CAUSES = charts.causes_of(PLAN, VIEW)


def remedies() -> tuple[Remedy, ...]:
    cause = CAUSES[0]
    return ranked(tried(PLAN, cause, idea, FULL.solve, FULL.periods) for idea in ideas(PLAN, cause))


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
    paid = table["saves (+) or costs (-), USD"]
    assert table["net gain, USD"].to_numpy() == pytest.approx(table["margin, USD"] + paid)
    assert paid[table["remedy"] == "Extra shift"].item() < 0
    best, said = helping[0], charts.remedy_sentence(PLAN, CAUSES[0], found)
    assert said.startswith(f"{best.idea.name} helps most: it removes {best.removed:,.0f} of ")
    assert table["units of shortage removed"][0] == best.removed > 0
    assert charts.remedy_sentence(PLAN, CAUSES[0], [one for one in found if one.reason]) == (
        "Nothing that the levers can do removes what the capacity of Line makes late or lost."
    )


def test_what_serves_fewer_is_never_said_to_help() -> None:
    cure = next(one for one in remedies() if one.cures)
    change = replace(cure.change, margin=5000.0, cost=0.0, units=-20.0)
    fewer = replace(cure, change=change, removed=0.0)
    said = charts.remedy_sentence(PLAN, CAUSES[0], [fewer])
    assert "helps" not in said
    assert said.endswith("earns 5,000 USD but serves fewer: 20 units less on time.")
    assert charts.remedy_words(replace(fewer, removed=7.0), "USD").endswith(
        f"; removes 7 of {cure.short:,.0f} units short"
    )
    dear = replace(cure, change=replace(cure.change, margin=0.0, cost=900.0))
    said = charts.remedy_sentence(PLAN, CAUSES[0], ranked([fewer, dear]))
    assert "helps" not in said and "earns its cost" in said and "comes nearest: it removes" in said
    still = replace(cure, removed=0.0)
    assert charts.remedy_words(still, "USD") == "removes none of this shortage"


def test_bars_show_margin_and_cost_with_their_signs_and_the_net_as_a_mark() -> None:
    helping = [one for one in remedies() if not one.reason]
    margin, cost, net = charts.remedy_bars(PLAN, helping, LIGHT, "Gain")["data"]
    assert margin["x"] == pytest.approx([one.change.margin for one in helping], abs=0.06)
    assert cost["name"] == "Saves (+) or costs (-)"
    assert cost["x"] == pytest.approx([-one.change.cost for one in helping], abs=0.06)
    assert net["x"] == pytest.approx([one.change.gain for one in helping], abs=0.6)


def test_relief_states_its_worth_and_how_far_it_holds() -> None:
    found = reliefs()
    table = charts.relief_table(PLAN, found)
    assert table["rank"].tolist() == list(range(1, len(found) + 1))
    assert table["worth of one more"][0] == f"{found[0].worth:,.1f} USD per hour"
    assert "hours (+" in table["holds"][0]
    best = max((one.best for one in found), key=lambda step: step.change.gain)
    assert table["net gain, USD"].max() == best.change.gain
    assert charts.relief_sentence(PLAN, found) == (
        f"{best.amount:,.0f} hours more of Line ({best.size:+g} %) gain most: "
        f"{signed(best.change.gain)} USD, {best.change.gain / best.amount:,.1f} per hour."
    )
    nothing = replace(found[0], steps=(), worth=np.nan)
    assert charts.relief_words(nothing).startswith("no relief can act")
    assert charts.relief_sentence(PLAN, [nothing]).startswith("No binding constraint is worth relief")


def test_a_constraint_that_gains_in_the_middle_only_is_named_with_that_step() -> None:
    found = reliefs()[0]
    gains = (-10.0, 600.0, 200.0, -40.0)
    steps = [
        replace(step, change=replace(step.change, margin=gain, cost=0.0), amount=10.0 * step.size)
        for step, gain in zip(found.steps, gains, strict=True)
    ]
    middle = replace(found, steps=tuple(steps), worth=-1.0, holds=0.0, open_end=False)
    assert charts.relief_sentence(PLAN, [middle]) == (
        "50 hours more of Line (+5 %) gain most: +600 USD, 12.0 per hour."
    )
    assert charts.relief_words(middle) == "the first gain nothing, 50 hours (+5 %) gain 12.0 each"
    assert charts.relief_table(PLAN, [middle])["best step"][0] == "50 hours (+5 %)"


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


def test_a_column_of_money_has_no_comma_where_no_currency_is_known() -> None:
    money = replace(PLAN.inputs.money, base_currency="")
    nameless = replace(PLAN, inputs=replace(PLAN.inputs, money=money))
    tables = (
        charts.cause_table(nameless, root_causes(nameless, FULL.periods)),
        charts.relief_table(nameless, reliefs()),
    )
    for table in tables:
        assert not [name for name in table if name.endswith((",", ", "))]
