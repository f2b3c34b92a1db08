"""What each stream is shown to expect, against sums made by hand."""

from dataclasses import replace

import numpy as np
import pytest

from sop_engine.charts import demand_streams as charts
from sop_engine.charts.style import LIGHT
from sop_engine.charts.view import whole_company
from sop_engine.inputs.judgement import StreamLine
from sop_engine.plan import Plan
from tests.plans import made_up_plan, small_inputs

A_ONLY = np.array([True, False, False])
EVERYWHERE = np.array([True, True])


def plan_with(*lines: StreamLine) -> Plan:
    inputs = small_inputs()
    return made_up_plan(replace(inputs, demand=replace(inputs.demand, streams=lines)))


def line(stream: str, units: float, sample: bool = False) -> StreamLine:
    """What a stream says of A in the second and third month."""
    said = np.full(small_inputs().calendar.periods, np.nan)
    nothing = said.copy()
    said[1:3] = units
    return StreamLine(stream, A_ONLY, EVERYWHERE, said, nothing, "Ann", sample)


PLAN = plan_with(line("sales", 200.0), line("customer", 1e6, sample=True))
UNITS = whole_company(PLAN, money=False)
SHOWN = charts.streams_shown(PLAN, None)


def test_where_a_stream_is_silent_the_baseline_stands_in_and_whole_months_stay_blank() -> None:
    values = charts.by_month(SHOWN, UNITS)
    base = PLAN.demand.before("Streams")
    assert np.isnan(values["sales"][[0, 3]]).all()
    assert np.allclose(values["sales"][1:3], 200 + base[1, :, 1:3].sum(axis=0))
    assert np.allclose(values[charts.STATISTICAL], base[:, :, UNITS.periods].sum(axis=(0, 1)))


def test_the_table_compares_over_the_months_a_stream_speaks_of() -> None:
    table = charts.month_table(SHOWN, PLAN, UNITS).set_index("stream")
    base = PLAN.demand.before("Streams")[:, :, 1:3].sum()
    said = 400 + PLAN.demand.before("Streams")[1, :, 1:3].sum()
    assert table.loc["sales", "total"] == pytest.approx(said)
    assert table.loc["sales", charts.GAP] == pytest.approx(100 * (said / base - 1))
    assert table.loc["sales", "by"] == "Ann" and "customer (sample)" in table.index
    assert table.loc["prior year", "total"] == pytest.approx(12 * 180)


def test_families_rank_by_the_money_between_the_lowest_and_the_highest_view() -> None:
    table = charts.ranges(SHOWN, PLAN, UNITS)
    assert table["range, USD"].is_monotonic_decreasing
    assert "customer (sample)" not in {*table["lowest"], *table["highest"]}
    bikes = table.set_index("family").loc["Bikes"]
    base = PLAN.demand.before("Streams")[0][:, UNITS.periods]
    budget = PLAN.finance.budget.units[0][:, UNITS.periods]
    views = {
        charts.STATISTICAL: base.sum(),
        "sales": base.sum() - base[:, 1:3].sum() + 400,
        "budget": np.where(np.isnan(budget), base, budget).sum(),
    }
    assert bikes["range, units"] == pytest.approx(max(views.values()) - min(views.values()))
    assert (bikes["lowest"], bikes["highest"]) == (min(views, key=views.get), max(views, key=views.get))
    assert (
        "Beside the statistical baseline with launches: sales; customer (sample) counts"
        in charts.stream_words(SHOWN, table, PLAN, UNITS)
    )


def test_the_last_cycle_is_drawn_grey_and_a_sample_dotted_and_named() -> None:
    shown = charts.streams_shown(PLAN, PLAN.demand.unconstrained)
    title = charts.headline(shown, charts.month_table(shown, PLAN, UNITS))
    assert (
        title.startswith("Against the statistical baseline with launches: sales +")
        and "customer" not in title
    )
    figure = charts.stream_lines(shown, PLAN, whole_company(PLAN), LIGHT, title)
    lines = {trace["name"]: trace for trace in figure["data"]}
    assert lines["last cycle"]["line"]["color"] == LIGHT.prior
    assert lines["customer (sample)"]["line"]["dash"] == "dot" and lines["Budget"]["type"] == "bar"
    named = {note["text"] for note in figure["layout"]["annotations"]}
    assert {
        "sales",
        "customer (sample)",
        "last cycle",
        "prior year",
        "consensus",
        charts.STATISTICAL,
    } <= named


def test_without_streams_and_differences_it_says_so() -> None:
    plan = plan_with()
    words = charts.stream_words(
        charts.streams_shown(plan, None), charts.ranges(SHOWN, PLAN, UNITS).head(0), plan, UNITS
    )
    assert words == "No real stream is uploaded; nobody expects anything else."


def test_where_the_baseline_is_nothing_no_percentage_is_made_up() -> None:
    silent = replace(UNITS, products=np.zeros(len(small_inputs().products), dtype=bool))
    shown = charts.streams_shown(PLAN, None)
    title = charts.headline(shown, charts.month_table(shown, PLAN, silent))
    assert "nan" not in title and "nothing is held against it" in title


def test_a_range_without_prices_is_told_in_units_only() -> None:
    bare = replace(PLAN, finance=replace(PLAN.finance, price=np.full(PLAN.finance.price.shape, np.nan)))
    table = charts.ranges(charts.streams_shown(bare, None), bare, UNITS)
    assert table["range, USD"].isna().all() and (table["range, units"] > 0).any()
