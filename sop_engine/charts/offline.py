"""The drawing library as text, for pages that are read without a network."""

from __future__ import annotations

from functools import cache

from plotly.offline import get_plotlyjs

CONFIG = {"displaylogo": False, "showSendToCloud": False, "displayModeBar": False, "responsive": True}


@cache
def plotly_script() -> str:
    """plotly.js as one script, some 5 MB."""
    return get_plotlyjs()
