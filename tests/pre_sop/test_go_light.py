"""The light is green only while nothing stands against it, and each criterion says what does."""

from dataclasses import replace

import numpy as np
import pytest

from sop_engine.pre_sop.consistency import MONEY, SUPPLY, VOLUMES, Check
from sop_engine.pre_sop.gaps import Gap, GapKind
from sop_engine.pre_sop.go_light import Standing, go_light, goes

CHECKS = tuple(Check(part, "a = b", 0.0, 0.5, "units", "", part) for part in (VOLUMES, SUPPLY, MONEY, "Data"))
GAP = Gap(GapKind.BUDGET, "Bikes", "", -100.0, -1.0, np.nan, "A gap.")
READY = Standing((), (GAP,), ("plan vs budget, Bikes",), (), ())


def test_all_is_met_and_it_goes() -> None:
    criteria = go_light(CHECKS, READY)
    assert goes(criteria) and len(criteria) == 8


@pytest.mark.parametrize("position", range(4))
def test_a_check_that_fails_stops_its_own_criterion_only(position: int) -> None:
    checks = tuple(replace(one, residual=2.0 * (at == position)) for at, one in enumerate(CHECKS))
    criteria = go_light(checks, READY)
    assert [criterion.met for criterion in criteria] == [at != position for at in range(8)]
    assert CHECKS[position].name in criteria[position].found and not goes(criteria)


@pytest.mark.parametrize(
    ("position", "standing"),
    [
        (4, replace(READY, unsigned=("Supply review: not signed",))),
        (5, replace(READY, owned=())),
        (6, replace(READY, bare=("D1: no owner",))),
        (7, replace(READY, old=("D1 B: solved on older data",))),
    ],
)
def test_each_thing_of_the_month_stops_its_own_criterion(position: int, standing: Standing) -> None:
    criteria = go_light(CHECKS, standing)
    assert [at for at, criterion in enumerate(criteria) if not criterion.met] == [position]
    against = (*standing.unsigned, *standing.bare, *standing.old) or ("plan vs budget, Bikes",)
    assert criteria[position].found == against[0]


def test_what_stands_against_it_is_named_up_to_three() -> None:
    found = go_light(CHECKS, replace(READY, bare=("a", "b", "c", "d", "e")))[6].found
    assert found == "a; b; c and 2 more"
