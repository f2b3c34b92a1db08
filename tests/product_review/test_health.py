from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from sop_engine.inputs import Inputs, read_inputs
from sop_engine.product_review.health import portfolio_health, segmented, vitality_pct
from sop_engine.refresh import refresh
from tests.tables import AT, loaded, small_tables


@pytest.fixture(scope="module")
def inputs() -> Iterator[Inputs]:
    warehouse = loaded(small_tables())
    refresh(warehouse, who="test", at=AT)
    yield read_inputs(warehouse)
    warehouse.close()


def test_a_year_of_sales_is_ranked_with_margin_and_growth(inputs: Inputs) -> None:
    health = portfolio_health(inputs)
    assert list(health["product"]) == ["A", "B"]  # the frame is never sold
    a = health.iloc[0]
    assert a["units"] == 120 * 12 and a["revenue"] == 120 * 12 * 10
    assert a["margin"] == 120 * 12 * (10 - 6) and a["margin_pct"] == pytest.approx(40)
    assert a["growth_pct"] == pytest.approx(0)
    assert health["cumulative_pct"].iloc[-1] == pytest.approx(100)


def test_segments_follow_cumulative_revenue_and_variation() -> None:
    ranked = pd.DataFrame(
        {
            "revenue": [80.0, 15, 5],
            "prior_revenue": [40.0, 0, 5],
            "margin": [8.0, 3, np.nan],
            "variation": [0.2, 0.7, np.nan],
        }
    )
    table = segmented(ranked)
    assert list(table["abc"]) == ["A", "B", "C"]
    assert list(table["xyz"]) == ["X", "Y", "-"]
    assert table["growth_pct"].iloc[0] == 100 and np.isnan(table["growth_pct"].iloc[1])


def test_vitality_counts_what_is_new_this_year(inputs: Inputs) -> None:
    health = portfolio_health(inputs)
    assert vitality_pct(inputs, health) == 0
    tables = small_tables()
    history = tables["sales_history"]
    tables["sales_history"] = history[(history["product"] == "A") | (history["period"] >= "2013-07-01")]
    warehouse = loaded(tables)
    refresh(warehouse, who="test", at=AT)
    newer = read_inputs(warehouse)
    assert vitality_pct(newer, portfolio_health(newer)) == pytest.approx(100 * 60 * 6 / (120 * 12 + 60 * 6))


def test_without_revenue_on_file_revenue_and_rank_are_not_known_but_units_are() -> None:
    tables = small_tables()
    tables["sales_history"] = tables["sales_history"].drop(columns="revenue")
    warehouse = loaded(tables)
    refresh(warehouse, who="test", at=AT)
    health = portfolio_health(read_inputs(warehouse))
    assert health["revenue"].isna().all() and (health["abc"] == "-").all()
    assert list(health["units"]) == [120 * 12, 60 * 12]
