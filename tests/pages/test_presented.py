"""In large type every figure of a page is large, those too that answer a click."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.small import opened, small_file


def sizes(app: AppTest) -> list[float]:
    """Height of every figure on the page, in px."""
    return [json.loads(chart.proto.spec)["layout"]["height"] for chart in app.get("plotly_chart")]


def test_the_load_of_the_resources_is_enlarged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened("supply_review", small_file(tmp_path), monkeypatch)
    plain = sizes(app)
    app.session_state["presenting"] = True
    large = sizes(app.run())
    assert not app.exception and len(plain) == len(large) > 0
    assert all(after > before for before, after in zip(plain, large, strict=True))
