"""Numbers by chance: the same seed, the same numbers; one driver more moves no other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.special import ndtr

from sop_engine.risk.draws import PLANE, evenly, normals, normals_by_label, steered, uniforms
from sop_engine.risk.drivers import Hazard, LaunchRisk
from sop_engine.risk.futures import Futures
from tests.risk.companies import company, drivers


def test_one_draw_falls_into_each_part() -> None:
    drawn = uniforms(7, 50, "launch", "X")
    np.testing.assert_array_equal(np.sort((drawn * 50).astype(int)), np.arange(50))


def test_drivers_are_drawn_apart() -> None:
    pairs = [(normals(1, 400, "a"), normals(1, 400, "b")), (normals(1, 400, "a"), normals(2, 400, "a"))]
    for one, other in pairs:
        assert abs(np.corrcoef(one, other)[0, 1]) < 0.2
        assert not np.array_equal(one, other)


def test_a_label_is_drawn_alike_whatever_others_there_are() -> None:
    few, more = (normals_by_label(3, 20, "family", labels) for labels in (("B",), ("A", "B", "C")))
    np.testing.assert_array_equal(few[:, 0], more[:, 1])


def test_one_driver_more_moves_no_other() -> None:
    found = drivers()
    more = replace(
        found,
        launches=(LaunchRisk("New", 0.5),),
        slips=((0, 0.5), (2, 0.5)),
        lines=(*found.lines, Hazard("Other", 0.9, 1.0)),
    )
    one, other = Futures(company(), found, 4, 30), Futures(company(), more, 4, 30)
    for draw in range(30):
        np.testing.assert_array_equal(one[draw].demand, other[draw].demand)
        assert one[draw].closed == other[draw].closed
        assert one[draw].levers == tuple(lever for lever in other[draw].levers if lever.target == "Line")
    failed = [bool(other[draw].failed) for draw in range(30)]
    assert sum(failed) == 15
    assert sum(bool(other[draw].slipped) for draw in range(30)) == 15


def test_hazards_come_as_often_as_they_should() -> None:
    inputs, found = company(), drivers()
    futures = Futures(inputs, found, 4, 400)
    share = 1 - (1 - 0.33) ** ((inputs.calendar.periods - found.open_from) / inputs.calendar.season)
    lost = [futures[draw].closed for draw in range(400)]
    assert abs(sum(map(bool, lost)) - 400 * share) <= 1
    first = {one[0][1] for one in lost if one}
    assert min(first) == found.open_from and max(first) == inputs.calendar.periods - 1


def test_the_company_total_follows_the_company_alone() -> None:
    found = drivers()
    alone = replace(found, demand=found.demand[:1])
    one, other = Futures(company(), found, 4, 5), Futures(company(), alone, 4, 5)
    for draw in range(5):
        weight = found.weight
        np.testing.assert_allclose(
            (one[draw].demand * weight).sum(axis=0), (other[draw].demand * weight).sum(axis=0)
        )


def test_the_year_of_a_driver_is_its_own_main_part() -> None:
    random, direction = np.random.default_rng(1), np.ones(4) / 2
    main = random.standard_normal(20_000)
    turned = steered(random.standard_normal((20_000, 4)), direction, main)
    np.testing.assert_allclose(turned @ direction, main)
    np.testing.assert_allclose(np.cov(turned.T), np.eye(4), atol=0.04)


def test_what_matters_most_is_spread_evenly_over_its_plane() -> None:
    demand, price = (ndtr(evenly(9, 256, name)) for name in PLANE)
    boxes = np.histogram2d(demand, price, bins=4, range=[[0, 1], [0, 1]])[0]
    assert boxes.min() >= 13 and boxes.max() <= 19
