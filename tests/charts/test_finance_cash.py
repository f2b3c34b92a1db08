"""Figures and tables of cash, choices and absorption hold the engine's numbers and say what is not known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sop_engine.charts import finance_absorption, finance_cash, finance_choices
from sop_engine.charts.style import LIGHT
from sop_engine.finance_review.absorption import absorption
from sop_engine.finance_review.valuation import CHOICES
from sop_engine.finance_review.working_capital import CASH_FIGURES, figures_over
from sop_engine.scenario import Lever, Scenario
from tests.plans import made_up_plan, small_inputs

PLAN = made_up_plan(small_inputs())
OTHER = made_up_plan(small_inputs(), seed=1)
PERIODS = np.arange(12)
CAPITAL, BEFORE = finance_cash.capital_of(PLAN), finance_cash.capital_of(OTHER)


def test_the_table_states_every_figure_with_its_unit() -> None:
    table = finance_cash.figure_table(PLAN, CAPITAL, BEFORE, PERIODS)
    assert len(table) == len(CASH_FIGURES) and table["figure"].is_unique
    row = table.set_index("figure").loc["DIO"]
    assert row["plan"] == f"{figures_over(CAPITAL, PERIODS).dio:,.1f}"
    assert row["what it is"].startswith("days, average inventory / COGS")
    assert "gross margin of Jan 14 to Dec 14" in table.set_index("figure").loc["GMROI", "what it is"]
    same = finance_cash.figure_table(PLAN, CAPITAL, CAPITAL, PERIODS)
    assert set(same["change"]) == {"±0"}


def test_a_span_without_a_whole_year_has_no_gmroi() -> None:
    table = finance_cash.figure_table(PLAN, CAPITAL, CAPITAL, np.arange(6, 12)).set_index("figure")
    assert table.loc["GMROI", "plan"] == table.loc["GMROI", "change"] == "-"


def test_months_add_up_to_the_free_cash_of_the_span() -> None:
    table = finance_cash.month_table(PLAN, CAPITAL, PERIODS)
    assert table["free_cash"].sum() == pytest.approx(figures_over(CAPITAL, PERIODS).free_cash)
    built = table[[name for name in table if name.startswith("built: ")]].sum(axis=1)
    assert built.to_numpy() == pytest.approx(table["built"].to_numpy())


def test_bars_of_free_cash_add_up_to_its_mark() -> None:
    figure = finance_cash.free_cash_figure(PLAN, CAPITAL, BEFORE, PERIODS, LIGHT)
    stacked = np.sum([trace["y"] for trace in figure["data"] if trace["type"] == "bar"], axis=0)
    mark = next(trace["y"] for trace in figure["data"] if trace["name"] == "Free cash")
    assert stacked == pytest.approx(np.array(mark), abs=2)  # each part is rounded for the wire
    assert any(trace["name"] == "Free cash, baseline" for trace in figure["data"])


def test_days_say_what_they_are_made_of_and_that_they_are_not_known() -> None:
    figure = finance_cash.days_figure(PLAN, CAPITAL, CAPITAL, PERIODS, LIGHT)
    assert "Money is tied up" in figure["layout"]["title"]["text"]
    assert [trace["name"] for trace in figure["data"]] == ["Cash-to-cash", "DIO", "DSO", "DPO"]
    money = replace(PLAN.inputs.money, unit_cost=np.full_like(PLAN.inputs.money.unit_cost, np.nan))
    without = made_up_plan(replace(PLAN.inputs, money=money))
    capital = finance_cash.capital_of(without)
    figure = finance_cash.days_figure(without, capital, capital, PERIODS, LIGHT)
    assert "not known" in figure["layout"]["title"]["text"]
    assert "not known" in str(finance_cash.free_cash_figure(without, capital, capital, PERIODS, LIGHT))


def test_cash_to_cash_is_the_sum_of_its_parts_as_they_are_written() -> None:
    """In the title and in the table, whatever the rounding of the parts."""
    for periods in (PERIODS, PERIODS[:1], PERIODS[2:9]):
        table = finance_cash.figure_table(PLAN, CAPITAL, BEFORE, periods).set_index("figure")["plan"]
        dio, dso, dpo, whole = (float(table[name]) for name in ("DIO", "DSO", "DPO", "Cash-to-cash"))
        assert round(dio + dso - dpo, 1) == whole
        title = finance_cash.days_figure(PLAN, CAPITAL, CAPITAL, periods, LIGHT)["layout"]["title"]["text"]
        assert f"tied up {whole} days: DIO {dio} + DSO {dso} - DPO {dpo}" in title


def test_the_strips_days_are_told_from_dio() -> None:
    assert "78 days are forward cover" in finance_cash.cover_words(78.2)
    assert finance_cash.cover_words(np.nan) == ""


def test_choices_against_the_baseline_by_unit_delivered() -> None:
    table = finance_choices.against_baseline(PLAN, OTHER, PERIODS).set_index("choice")
    change = table["change, USD"]
    paid = sum(
        float((PLAN.finance.choice_costs[name] - OTHER.finance.choice_costs[name])[PERIODS].sum())
        for name in CHOICES
    )
    assert change["all but lost margin"] == pytest.approx(paid)
    extra = float((PLAN.finance.delivered - OTHER.finance.delivered)[:, :, PERIODS].sum())
    other_way = finance_choices.against_baseline(OTHER, PLAN, PERIODS).set_index("choice")
    more, fewer = (table, other_way) if extra > 0 else (other_way, table)
    assert set(fewer["USD per extra unit"]) == {"-"}
    assert more.loc["all but lost margin", "USD per extra unit"] == f"{paid / extra:,.2f}"


def test_scenarios_stand_beside_each_other_with_what_differs() -> None:
    moved = made_up_plan(small_inputs(), Scenario((Lever("freight", 50),)))
    table = finance_choices.by_scenario(["Dear freight", "Same"], [moved, PLAN], PLAN, PERIODS)
    freight = PLAN.finance.choice_costs["freight"]
    at_work = freight[PERIODS[PERIODS >= PLAN.inputs.calendar.frozen]].sum()
    assert table["freight, USD"].tolist() == pytest.approx([0.5 * at_work, 0.0])
    assert table["all of these, USD"].tolist() == pytest.approx([0.5 * at_work, 0.0])
    assert "overtime, USD" not in table and set(table["USD per extra unit"]) == {"-"}


def test_absorption_tables_add_up_and_the_words_say_the_side() -> None:
    few = absorption(PLAN.inputs, PLAN.supply, np.full(PLAN.supply.load.shape, 1e6))
    by_resource = finance_absorption.absorption_table(PLAN, few, PERIODS)
    by_family = finance_absorption.family_table(PLAN, few, PERIODS)
    column = "absorption variance, USD"
    assert by_resource[column].sum() == pytest.approx(by_family[column].sum())
    assert by_family["share %"].sum() == pytest.approx(100)
    assert "less than the" in finance_absorption.absorption_words(few, PERIODS, "USD")
    many = absorption(PLAN.inputs, PLAN.supply, np.full(PLAN.supply.load.shape, 0.0))
    assert "more than the" in finance_absorption.absorption_words(many, PERIODS, "USD")
    figure = finance_absorption.absorption_figure(PLAN, few, many, PERIODS, LIGHT)
    assert [trace["name"] for trace in figure["data"]] == ["Assembly", "All", "Baseline, all"]
