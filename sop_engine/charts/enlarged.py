"""A figure for the back of the room: the same picture with larger type."""

from __future__ import annotations

import re
from typing import Any

_SIZED = re.compile(r"font-size:\s*([\d.]+)px")
_FONTS = ("font", "textfont", "tickfont", "outsidetextfont", "insidetextfont")


def enlarged(figure: dict[str, Any], by: float) -> dict[str, Any]:
    """The figure with every font, its margins and its height `by` times as large; the one given stays as
    it is.
    """
    return {**_larger(figure, by), "layout": _roomy(_larger(figure.get("layout", {}), by), by)}


def _larger(part: Any, by: float) -> Any:
    """Fonts in any depth, and sizes written into titles."""
    if isinstance(part, dict):
        return {
            name: _font(value, by) if name in _FONTS and isinstance(value, dict) else _larger(value, by)
            for name, value in part.items()
        }
    if isinstance(part, (list, tuple)):
        return [_larger(value, by) for value in part]
    if isinstance(part, str) and "font-size" in part:
        return _SIZED.sub(lambda found: f"font-size:{by * float(found[1]):g}px", part)
    return part


def _font(font: dict[str, Any], by: float) -> dict[str, Any]:
    size = font.get("size")
    return {**font, "size": by * size} if isinstance(size, (int, float)) else font


def _roomy(layout: dict[str, Any], by: float) -> dict[str, Any]:
    margin = {side: by * size for side, size in layout.get("margin", {}).items()}
    height = {"height": by * layout["height"]} if "height" in layout else {}
    return {**layout, **({"margin": margin} if margin else {}), **height}
