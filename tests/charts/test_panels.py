"""Panels never overlap and fill their figure from the top."""

import pytest

from sop_engine.charts.panels import axis, grid, stacked
from sop_engine.charts.style import LIGHT


def test_stacked_panels_stand_below_each_other() -> None:
    axes, titles = stacked(LIGHT, ["a", "b", "c"], (1, 2, 1), gap=0.1)
    domains = [axes[name]["domain"] for name in ("yaxis", "yaxis2", "yaxis3")]
    assert axes["xaxis"] == {"anchor": "y3"} and len(titles) == 3
    for above, below in zip(domains, domains[1:], strict=False):
        assert above[0] - below[1] == pytest.approx(0.1)
    assert domains[-1][0] == pytest.approx(0.0)
    heights = [top - bottom for bottom, top in domains]
    assert heights[1] == pytest.approx(2 * heights[0])


@pytest.mark.parametrize("count", [1, 4, 5, 12])
def test_cells_of_a_grid_do_not_overlap(count: int) -> None:
    cells = grid(count, 4)
    assert len(cells) == count
    for at, one in enumerate(cells):
        assert 0 <= one["x"][0] < one["x"][1] <= 1 and 0 <= one["y"][0] < one["y"][1] <= 1
        for other in cells[at + 1 :]:
            beside = one["x"][1] <= other["x"][0] or other["x"][1] <= one["x"][0]
            apart = one["y"][1] <= other["y"][0] or other["y"][1] <= one["y"][0]
            assert beside or apart


def test_the_first_axis_has_no_number() -> None:
    assert [axis("y", number) for number in (1, 2)] == ["y", "y2"]
