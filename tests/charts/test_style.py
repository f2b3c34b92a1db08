"""The palettes: readable on their background, apart for colour-blind eyes, and the same as in the theme."""

import tomllib
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from sop_engine.charts import style as look
from sop_engine.charts.style import DARK, LIGHT, Style
from tests.plans import small_inputs

CONFIG = tomllib.loads((Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text())
# Machado, Oliveira and Fernandes 2009, severity 1, in linear RGB
EYES = {
    "normal": np.eye(3),
    "deuteranope": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "protanope": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
}
THEMES = [pytest.param("light", LIGHT, id="light"), pytest.param("dark", DARK, id="dark")]


def linear(color: str) -> np.ndarray:
    channels = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast ratio."""
    light, dark = sorted(
        (float(linear(color) @ [0.2126, 0.7152, 0.0722]) for color in (one, other)), reverse=True
    )
    return (light + 0.05) / (dark + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ np.clip(rgb, 0, 1) / [0.9505, 1.0, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize(("name", "style"), THEMES)
def test_text_is_readable(name: str, style: Style) -> None:
    theme = CONFIG["theme"][name]
    surfaces = (theme["backgroundColor"], theme["secondaryBackgroundColor"])
    for color in (
        theme["textColor"],
        theme["grayTextColor"],
        theme["primaryColor"],
        style.text,
        style.muted,
        style.good,
        style.bad,
    ):
        assert min(contrast(color, surface) for surface in surfaces) >= 4.5, color


@pytest.mark.parametrize(("name", "style"), THEMES)
def test_marks_stand_out_from_the_background(name: str, style: Style) -> None:
    for color in (style.actual, style.plan, style.scenario, style.budget, *style.categorical):
        assert contrast(color, style.background) >= 3, color


@pytest.mark.parametrize(("name", "style"), THEMES)
def test_the_theme_of_the_app_has_the_same_ten_colours(name: str, style: Style) -> None:
    assert tuple(CONFIG["theme"][name]["chartCategoricalColors"]) == style.categorical
    assert len(set(style.categorical)) == 10
    assert CONFIG["theme"][name]["backgroundColor"] == style.background


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize(("name", "style"), THEMES)
def test_colours_stay_apart_for_every_eye(name: str, style: Style, eye: str) -> None:
    seen = [lab(EYES[eye] @ linear(color)) for color in style.categorical]
    assert min(np.linalg.norm(one - other) for one, other in combinations(seen, 2)) > 20


def test_zones_cover_frozen_then_slushy_and_mark_now() -> None:
    calendar = replace(small_inputs().calendar, frozen=2, slushy=1)
    shapes, labels = look.zones(calendar, LIGHT)
    frozen, slushy, now = shapes
    assert frozen["x1"] == slushy["x0"] and frozen["x0"] == now["x0"] == now["x1"]
    assert np.datetime64(frozen["x0"]) < calendar.starts[calendar.now] < np.datetime64(frozen["x1"])
    assert labels[0]["text"] == "frozen | slushy"


def test_no_zone_is_drawn_where_there_is_none() -> None:
    shapes, labels = look.zones(replace(small_inputs().calendar, frozen=0, slushy=0), LIGHT, now_rule=False)
    assert shapes == [] and labels == []


def test_end_labels_keep_their_order_and_distance() -> None:
    labels = look.end_labels(
        [("b", 50.0, "x"), ("a", 49.0, "x"), ("c", 10.0, "x"), ("none", np.nan, "x")], "2014-01-01", 100.0
    )
    assert [one["text"] for one in labels] == ["c", "a", "b"]
    heights = [one["y"] for one in labels]
    assert min(np.diff(heights)) >= 6.4


def test_a_gap_is_sent_as_a_gap() -> None:
    assert look.values(np.array([1.26, np.nan]), 1) == [1.3, None]


def test_titles_show_names_with_angle_brackets_as_text() -> None:
    assert "<script>" not in look.layout(LIGHT, "<script>", "a < b")["title"]["text"]
