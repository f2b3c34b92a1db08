"""The pack says what the engine says: every number of a slide is worked out a second time here."""

from __future__ import annotations

import numpy as np
import pytest

from sop_engine.charts.finance_landing import MARGIN, REVENUE, landing_table, landing_words
from sop_engine.charts.numbers import short, signed
from sop_engine.charts.supply_inventory import months_table, stock_of
from sop_engine.charts.view import whole_company
from sop_engine.executive_sop.comparison import compare_scenarios
from sop_engine.executive_sop.scorecard import FIGURES, scorecard
from sop_engine.executive_sop.window import Window
from sop_engine.exports.pack import BUILDERS, build_pack
from sop_engine.exports.pack_bridges import bridges
from sop_engine.exports.pack_content import Bullets, Chart, Kind, Role, Table, floating, scale_floor, words_of
from sop_engine.finance_review.baselines import budget_position, estimate_position
from sop_engine.pre_sop.gaps import required_load_pct
from tests.exports.packs import HOSTILE, sales_material, small_material

MATERIAL = small_material()
PACK = build_pack(MATERIAL)
VIEW = whole_company(MATERIAL.plan)


def named(chart: Chart, name: str) -> list[float]:
    """Values of a series, NaN for what is not known."""
    found = next(one for one in chart.series if one.name == name)
    return [np.nan if value is None else value for value in found.values]


def texts(pack: object) -> list[str]:
    """Every word of a pack."""
    found = []
    for slide in pack.slides:
        found += [slide.title, slide.subtitle, slide.source]
        for block in slide.blocks:
            if isinstance(block, Chart):
                found += [block.title, block.alt, *block.categories, *(one.name for one in block.series)]
            elif isinstance(block, Bullets):
                found += [block.head, *block.lines]
            else:
                found += [
                    words_of(cell, c.kind)
                    for row in block.rows
                    for cell, c in zip(row, block.columns, strict=True)
                ]
    return found


def test_the_pack_has_ten_to_fifteen_slides_in_the_order_of_the_meeting() -> None:
    keys = [slide.key for slide in PACK.slides]
    assert keys == [
        "cover",
        "decisions",
        "scorecard",
        "demand",
        "supply",
        "inventory",
        "landing",
        "bridge",
        "risks",
        "scenarios",
        "ranges",
        "follow_up",
        "proof",
    ]
    assert 10 <= len(keys) and len(BUILDERS) + 2 <= 15


def test_the_scorecard_is_the_strips() -> None:
    rows = {row[0]: row for row in PACK.slide("scorecard").first(Table).rows}
    for column, window in ((1, Window.FISCAL_YEAR), (4, Window.NEXT_3), (5, Window.NEXT_12)):
        card = scorecard(MATERIAL.plan, window)
        for figure in FIGURES:
            value = getattr(card, figure.key)
            said = f"{value:.1f} %" if figure.unit == "%" else short(value)
            assert rows[figure.label][column] == said, (figure.label, window)
    year = scorecard(MATERIAL.plan)
    assert rows["Revenue"][2] == short(year.revenue - year.budget_gap)
    assert signed(year.budget_gap) in rows["Revenue"][3]


def test_landing_budget_and_gaps_are_those_of_the_finance_review() -> None:
    table = landing_table(MATERIAL.plan, VIEW, REVENUE)
    slide = PACK.slide("landing")
    months, gaps = (block for block in slide.blocks if isinstance(block, Chart))
    np.testing.assert_allclose(named(months, "Actual or plan"), table["value"], rtol=1e-12)
    np.testing.assert_allclose(named(months, "Budget"), table["budget"], rtol=1e-12)
    found = sum(np.nan_to_num(named(gaps, one.name)) for one in gaps.series)
    np.testing.assert_allclose(found, table["gap"], rtol=1e-9)
    assert slide.title == landing_words(table, MATERIAL.plan, REVENUE)
    margin = landing_table(MATERIAL.plan, VIEW, MARGIN)
    assert landing_words(margin, MATERIAL.plan, MARGIN) in slide.first(Bullets).lines[0]


def test_the_bridge_leads_from_the_budget_to_the_estimate() -> None:
    chart, table = PACK.slide("bridge").first(Chart), PACK.slide("bridge").first(Table)
    periods = np.arange(12)
    inputs, finance = MATERIAL.plan.inputs, MATERIAL.plan.finance
    start = budget_position(inputs, "AOP", periods)
    end = estimate_position("Latest estimate", inputs, finance, periods)
    margins = [
        float(np.nansum(one.revenue) - np.nansum(one.cost) - one.choice_cost.sum()) for one in (start, end)
    ]
    tops = np.sum([np.nan_to_num(named(chart, one.name)) for one in chart.series], axis=0)
    assert tops[0] == pytest.approx(margins[0]) and tops[-1] == pytest.approx(margins[1])
    for column, ends in ((1, margins), (2, [np.nansum(start.revenue), np.nansum(end.revenue)])):
        amounts = [row[column] for row in table.rows]
        assert amounts[0] == pytest.approx(ends[0]) and amounts[-1] == pytest.approx(ends[1])
        assert sum(amounts[:-1]) == pytest.approx(
            amounts[-1], abs=1.0
        )  # steps below half a coin are left out
    assert bridges(MATERIAL) is not None


def test_load_and_stock_are_those_of_the_supply_review() -> None:
    load = PACK.slide("supply").first(Chart)
    highest = required_load_pct(MATERIAL.plan)[:, VIEW.periods].max(axis=1)
    np.testing.assert_allclose(named(load, "Required load, %"), sorted(highest, reverse=True))
    assert [role is Role.BAD for role in load.series[0].roles] == [
        value > 100.0001 for value in load.series[0].values
    ]
    stock = months_table(stock_of(MATERIAL.plan), VIEW)
    drawn = PACK.slide("inventory").first(Chart)
    parts = sum(np.nan_to_num(named(drawn, name)) for name in ("Needed", "Excess", "Obsolete"))
    np.testing.assert_allclose(parts, stock["stock"])
    np.testing.assert_allclose(named(drawn, "Target"), stock["target"])


def test_scenarios_are_those_of_the_comparison() -> None:
    found = compare_scenarios(MATERIAL.plan, MATERIAL.scenarios, Window.FISCAL_YEAR)
    chart = PACK.slide("scenarios").first(Chart)
    for at, name in enumerate(found.names[1:], start=1):
        deltas = {row[0].figure.label: row[at].delta for row in found.rows}
        for label, value in zip(chart.categories, named(chart, name), strict=True):
            assert np.isnan(value) or value == pytest.approx(deltas[label])
    assert {HOSTILE[0], HOSTILE[5]} == set(found.names[1:])


def test_ranges_are_those_that_were_drawn_do_nothing_first() -> None:
    table = PACK.slide("ranges").first(Table)
    assert [row[0] for row in table.rows] == ["Do nothing", HOSTILE[0]]
    assert table.rows[0][2:] == (900.0, 1000.0, 1200.0, 950.0, 70.0)


def test_a_decision_shows_its_options_and_how_long_there_is() -> None:
    row = PACK.slide("decisions").first(Table).rows[0]
    assert row[0] == HOSTILE[4]
    assert f"B  {HOSTILE[1]}" in row[1]
    assert (row[4], row[5]) == ("20 Jan 14", "14")


def test_the_risk_moves_the_ladder_by_probability_times_effect() -> None:
    chart = PACK.slide("risks").first(Chart)
    step = list(chart.categories).index("Risks, expected")
    assert named(chart, "Worse")[step] == pytest.approx(0.4 * 500.0)


def test_a_company_of_sales_only_has_a_pack_that_says_what_is_not_known() -> None:
    pack = build_pack(sales_material())
    assert [slide.key for slide in pack.slides] == ["cover", "scorecard", "demand", "proof"]
    said = "\n".join(texts(pack))
    assert "nan" not in said.lower().replace("finance", "")
    assert "No price is loaded" in said and "no price is loaded" in pack.slide("scorecard").title
    units = scorecard(sales_material().plan).demand_units
    assert short(units) in pack.slide("scorecard").title


def test_nothing_that_is_not_known_is_said_as_nan() -> None:
    assert not [text for text in texts(PACK) if "nan" in text.lower().replace("finance", "")]


@pytest.mark.parametrize("levels", [(10.0, 14.0), (14.0, 10.0), (-3.0, 5.0), (5.0, -3.0), (-2.0, -6.0)])
def test_floating_bars_end_at_their_levels(levels: tuple[float, float]) -> None:
    parts = floating([("step", *levels, Role.GOOD)])
    values = [one.values[0] or 0.0 for one in parts]
    above, below = sum(v for v in values if v > 0), sum(v for v in values if v < 0)
    seen = [value for one, value in zip(parts, values, strict=True) if one.role is not Role.UNSEEN]
    low, high = min(levels), max(levels)
    assert sum(map(abs, seen)) == pytest.approx(high - low)
    assert above == pytest.approx(max(high, 0.0)) and below == pytest.approx(min(low, 0.0))


def test_a_scale_never_begins_above_what_it_shows() -> None:
    for levels in ([61.2e6, 67.8e6], [0.5, 0.6], [1e9, 1.0000001e9]):
        floor = scale_floor(levels)
        assert floor is None or 0 < floor < min(levels)


def test_cells_are_said_as_on_the_pages() -> None:
    assert words_of(float("nan"), Kind.MONEY) == "-"
    assert words_of(34.01, Kind.PERCENT_CHANGE) == "+34.0 %"
