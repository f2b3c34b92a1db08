"""The scenario workbook: the plan and its scenarios as sheets with number formats, filters and native charts.

Texts are written as texts: none of them becomes a formula, a link or a number.
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from sop_engine.charts.style import LIGHT
from sop_engine.exports.pack import stamp_words
from sop_engine.exports.pack_content import clean
from sop_engine.exports.pack_look import LITERAL
from sop_engine.exports.pack_material import Material
from sop_engine.exports.workbook_sheets import NUMBER, PERCENT, Sheet, sheets

TOP = 3  # rows above a table: title, what it is, blank
WIDEST, NARROWEST = 60, 9  # letters
CHART = {"x_scale": 1.7, "y_scale": 1.35}


def xlsx_bytes(material: Material) -> bytes:
    """The workbook as a file."""
    packed = io.BytesIO()
    book = Workbook(packed, {"in_memory": True, **LITERAL})
    book.set_properties({"title": clean(stamp_words(material))})
    looks = _Looks(book)
    for sheet in sheets(material):
        _write(book, sheet, stamp_words(material), looks)
    book.close()
    return packed.getvalue()


class _Looks:
    """Cell formats of one workbook, each made once."""

    def __init__(self, book: Workbook) -> None:
        self._book, self._made = book, {}
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.muted = book.add_format({"font_color": LIGHT.muted})
        self.head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom"})
        self.text = book.add_format({"valign": "top"})

    def number(self, code: str) -> Any:
        if code not in self._made:
            self._made[code] = self._book.add_format({"num_format": code, "valign": "top"})
        return self._made[code]


def _write(book: Workbook, sheet: Sheet, stamp: str, looks: _Looks) -> None:
    page = book.add_worksheet(sheet.name)
    page.write_string(0, 0, sheet.name, looks.title)
    page.write_string(1, 0, clean(f"{sheet.says}. {stamp}"), looks.muted)
    frame, formats = sheet.frame, sheet.formats or {}
    for at, name in enumerate(map(str, frame.columns)):
        page.write_string(TOP, at, clean(name[:1].upper() + name[1:]), looks.head)
        column, numeric = frame.iloc[:, at], pd.api.types.is_numeric_dtype(frame.dtypes.iloc[at])
        look = (
            looks.number(formats.get(name, PERCENT if name.endswith("%") else NUMBER))
            if numeric
            else looks.text
        )
        _column(page, at, column, numeric, look)
        page.set_column(at, at, _width(name, column, numeric))
    page.freeze_panes(TOP + 1, min(2, frame.shape[1] - 1))
    page.autofilter(TOP, 0, TOP + len(frame), frame.shape[1] - 1)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    if sheet.chart is not None:
        _chart(book, page, sheet)


def _column(page: Worksheet, at: int, column: pd.Series, numeric: bool, look: Any) -> None:
    """Numbers as numbers, what is not known blank, all else as text."""
    for row, cell in enumerate(column, start=TOP + 1):
        if not numeric:
            page.write_string(row, at, "" if cell is None or cell != cell else clean(str(cell)), look)
        elif np.isfinite(cell):
            page.write_number(row, at, float(cell), look)


def _width(name: str, column: pd.Series, numeric: bool) -> int:
    longest = 0 if numeric else max((len(str(cell)) for cell in column), default=0)
    return int(np.clip(max(longest, 13 if numeric else len(name)) + 2, NARROWEST, WIDEST))


def _chart(book: Workbook, page: Worksheet, sheet: Sheet) -> None:
    """A native chart to the right of the table."""
    kind, title, names, values, rows = sheet.chart
    place = {str(name): at for at, name in enumerate(sheet.frame.columns)}
    first, last = TOP + 1, TOP + rows
    chart = book.add_chart({"type": kind})
    for value, color in zip(values, sheet.colors, strict=False):
        at = place[value]
        series = {
            "name": [sheet.name, TOP, at],
            "categories": [sheet.name, first, place[names], last, place[names]],
            "values": [sheet.name, first, at, last, at],
            "fill": {"color": color},
            "gap": 60,
        }
        chart.add_series(series)
    chart.set_title({"name": clean(title), "name_font": {"size": 12}, "overlay": False})
    chart.set_legend({"position": "bottom"})
    value_axis, name_axis = (
        (chart.set_x_axis, chart.set_y_axis) if kind == "bar" else (chart.set_y_axis, chart.set_x_axis)
    )
    value_axis({"num_format": "#,##0", "major_gridlines": {"visible": True, "line": {"color": LIGHT.grid}}})
    name_axis({"reverse": True} if kind == "bar" else {})
    options = {**CHART, "description": clean(title)}
    page.insert_chart(TOP, sheet.frame.shape[1] + 1, chart, options)
