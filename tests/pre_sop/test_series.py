"""The meetings of a series divide the company, and each issue belongs to those it is about."""

import numpy as np
import pandas as pd
import pytest

from sop_engine.pre_sop.series import CATEGORY, CHANNEL, REGION, of_scope, scopes
from tests.plans import small_inputs

INPUTS = small_inputs()


@pytest.mark.parametrize("series", [REGION, CHANNEL, CATEGORY])
def test_a_cell_that_is_sold_is_in_one_scope(series: str) -> None:
    covered = sum(np.outer(scope.products, scope.markets).astype(int) for scope in scopes(INPUTS, series))
    assert (covered[INPUTS.products.sellable] == 1).all() and covered.max() == 1


def test_one_meeting_has_no_scopes() -> None:
    assert scopes(INPUTS, "one") == ()


def test_an_issue_belongs_to_its_label_and_a_family_to_its_category() -> None:
    rows = pd.DataFrame({"scope": ["Cycles", "Bikes", "Caps", "East", ""]})
    by_category = {
        scope.label: list(of_scope(rows, INPUTS, scope)["scope"]) for scope in scopes(INPUTS, CATEGORY)
    }
    assert by_category["Cycles"] == ["Cycles", "Bikes"] and by_category["Clothes"] == ["Caps"]
    east = scopes(INPUTS, REGION)[0]
    assert list(of_scope(rows, INPUTS, east)["scope"]) == ["East"]
