"""Supply choices, stock, cash and channels as drawn hold the numbers of the valued plan."""

import numpy as np
import pandas as pd
import pytest

from sop_engine.charts.finance_review import (
    channel_table,
    channel_words,
    channels,
    choice_costs,
    choice_table,
    stock_cash,
    stock_cash_table,
)
from sop_engine.charts.style import LIGHT
from sop_engine.charts.view import whole_company
from sop_engine.finance_review.valuation import CHOICES
from sop_engine.scenario import Lever, LeverKind, Scenario
from tests.plans import made_up_plan, small_inputs

PLAN = made_up_plan(small_inputs())
MOVED = made_up_plan(small_inputs(), Scenario((Lever(LeverKind.DEMAND, 10),)))
VIEW = whole_company(PLAN)
PERIODS = np.arange(PLAN.inputs.calendar.horizon)


def test_the_stack_is_the_cost_of_every_choice() -> None:
    table = choice_table(PLAN, PERIODS)
    assert table["amount"].sum() == pytest.approx(
        sum(PLAN.finance.choice_costs[name][PERIODS].sum() for name in CHOICES)
    )
    figure = choice_costs(table, table, PLAN, PERIODS, LIGHT)
    drawn = sum(np.array(trace["y"]) for trace in figure["data"])
    assert np.allclose(drawn, table.groupby("period", sort=False)["amount"].sum(), atol=len(figure["data"]))


def test_the_cash_lines_add_up() -> None:
    table = stock_cash_table(PLAN, PERIODS)
    lines = [column for column in table if column.startswith("cash: ")]
    assert np.allclose(table[lines].sum(axis=1), table["cash_effect"])


def test_the_baseline_is_drawn_where_a_scenario_differs() -> None:
    alone, beside = (stock_cash(plan, PLAN, PERIODS, LIGHT)["data"] for plan in (PLAN, MOVED))
    assert len(beside) == len(alone) + 2
    assert alone[0]["line"]["color"] == LIGHT.plan and beside[0]["line"]["color"] == LIGHT.scenario


def test_channels_add_up_to_the_company() -> None:
    table = channel_table(PLAN, VIEW)
    assert table["revenue"].sum() == pytest.approx(PLAN.finance.revenue[:, :, PERIODS].sum())
    assert channels(table, "USD", "Whole company", LIGHT)["data"][0]["y"] == [
        round(amount) for amount in table["revenue"]
    ]


def test_a_loss_is_called_a_loss() -> None:
    table = channel_table(PLAN, VIEW)
    losing = table.assign(channel="Reseller", margin=-5.0, margin_pct=-1.0)
    both = pd.concat([losing, table], ignore_index=True)
    assert channel_words(both, "USD").startswith("Reseller loses 5 USD at standard cost (-1.0 %")
    assert channel_words(table, "USD") == ""
