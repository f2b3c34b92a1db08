"""Native charts of a slide, in the notation of the pages; their embedded workbooks hold texts as texts."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from pptx.chart.chart import Chart as NativeChart
from pptx.chart.data import CategoryChartData
from pptx.chart.xlsx import CategoryWorkbookWriter
from pptx.dml.fill import FillFormat
from pptx.enum.chart import (
    XL_CHART_TYPE,
    XL_LABEL_POSITION,
    XL_LEGEND_POSITION,
    XL_MARKER_STYLE,
    XL_TICK_LABEL_POSITION,
)
from pptx.enum.dml import MSO_LINE
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.slide import Slide as NativeSlide
from pptx.util import Inches, Pt
from xlsxwriter import Workbook

from sop_engine.charts.style import LIGHT
from sop_engine.exports.pack_content import (
    Chart,
    Label,
    Role,
    Series,
    Shape,
    color_of,
)
from sop_engine.exports.pack_look import LITERAL, axis_format, label_format, number_format, scale_words
from sop_engine.exports.slide_text import FONT, LINE, Box, lines_of, place, rgb, write

OVERLAP = {Shape.STACKED: 100, Shape.GAPS: 100, Shape.COLUMNS: 55, Shape.BARS: -5}
CHART = 12  # points
TYPES = {
    Shape.COLUMNS: XL_CHART_TYPE.COLUMN_CLUSTERED,
    Shape.GAPS: XL_CHART_TYPE.COLUMN_CLUSTERED,
    Shape.STACKED: XL_CHART_TYPE.COLUMN_STACKED,
    Shape.BARS: XL_CHART_TYPE.BAR_CLUSTERED,
    Shape.LINES: XL_CHART_TYPE.LINE,
}
DASHES = {Role.FORECAST: MSO_LINE.DASH, Role.BUDGET: MSO_LINE.ROUND_DOT, Role.BAND: MSO_LINE.DASH}
BAND = "#a9c4e4"  # the range of a forecast, where nothing can be seen through


def draw_chart(page: NativeSlide, chart: Chart, box: Box) -> None:
    """A chart in a box, its title above it, its data in a workbook of its own."""
    left, top, width, height = box
    if chart.title:
        words = scale_words(chart)
        high = 0.1 + LINE * CHART * lines_of(words, width - 0.1, CHART)
        head = page.shapes.add_textbox(0, 0, 0, 0)
        place(head, left, top, width, high)
        write(head.text_frame, [words], CHART, LIGHT.muted, bold=True)
        top, height = top + high, height - high
    data = _PlainData(number_format=number_format(chart))
    data.categories = chart.categories
    for one in chart.series:
        data.add_series(one.name, one.values)
    corner = Inches(left), Inches(top), Inches(width), Inches(height)
    frame = page.shapes.add_chart(TYPES[chart.shape], *corner, data)
    frame._element.nvGraphicFramePr.cNvPr.set("descr", chart.alt)
    native = frame.chart
    _as_lines(native, [at for at, one in enumerate(chart.series) if one.line])
    _look(native, chart)
    drawn = {one.name: one for plot in native.plots for one in plot.series}
    for one in chart.series:
        _series(drawn[one.name], one, chart)


def _look(native: NativeChart, chart: Chart) -> None:
    """Fonts, axes, legend and the width of bars."""
    native.font.size, native.font.name = Pt(CHART), FONT
    native.font.color.rgb = rgb(LIGHT.text)
    native.has_title = False
    native.has_legend = chart.legend
    if chart.legend:
        native.legend.position, native.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    values, names = native.value_axis, native.category_axis
    values.tick_labels.number_format, values.tick_labels.number_format_is_linked = axis_format(chart), False
    values.major_gridlines.format.line.color.rgb = rgb(LIGHT.grid)
    values.format.line.fill.background()
    names.format.line.color.rgb = rgb(LIGHT.muted)
    names.has_major_gridlines = False
    names.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    if chart.floor is not None:
        values.minimum_scale = chart.floor
    if chart.rule is not None:
        largest = max(value or 0.0 for one in chart.series for value in one.values)
        values.minimum_scale, values.maximum_scale, values.major_unit = 0, 1.2 * largest, chart.rule
        values.major_gridlines.format.line.color.rgb = rgb(LIGHT.text)
        values.major_gridlines.format.line.dash_style = MSO_LINE.DASH
    elif any(one.label is not Label.NONE for one in chart.series):
        values.visible = values.has_major_gridlines = False
    if chart.shape is Shape.GAPS:
        seen = [value for one in chart.series for value in one.values if value is not None]
        room = 0.45 * (max(*seen, 0.0) - min(*seen, 0.0))
        values.minimum_scale, values.maximum_scale = min(*seen, 0.0) - room, max(*seen, 0.0) + room
    if chart.shape is Shape.BARS:
        names.reverse_order = True
    if chart.shape is not Shape.LINES:
        plot = native.plots[0]
        touching = chart.shape is Shape.GAPS or any(one.role is Role.UNSEEN for one in chart.series)
        plot.gap_width = 10 if touching else 45
        plot.overlap = OVERLAP[chart.shape]


def _series(native: Any, one: Series, chart: Chart) -> None:
    if chart.shape is Shape.LINES or one.line:
        _line(native, one, alone=any(other.role is Role.UNSEEN for other in chart.series))
        return
    native.invert_if_negative = False
    _fill(native.format, one.role)
    for point, role in enumerate(one.roles):
        _fill(native.points[point].format, role)
    if one.label is not Label.NONE:
        _labels(native.data_labels, one, chart)


def _labels(labels: Any, one: Series, chart: Chart) -> None:
    """Values beside the points: above free columns, inside levels, on a plate over steps that may be thin."""
    labels.show_value = True
    labels.number_format, labels.number_format_is_linked = label_format(chart, one.label), False
    labels.font.size, labels.font.bold = Pt(CHART - 1 if chart.shape is Shape.GAPS else CHART), True
    labels.font.color.rgb = rgb(LIGHT.text)
    if chart.shape is not Shape.STACKED:
        labels.position = XL_LABEL_POSITION.OUTSIDE_END
    elif one.label in (Label.RISE, Label.FALL):
        plate = f'<c:spPr {nsdecls("c", "a")}><a:solidFill><a:srgbClr val="FFFFFF"/></a:solidFill></c:spPr>'
        labels._element.find(qn("c:numFmt")).addnext(parse_xml(plate))
        labels.font.color.rgb = rgb(_color(one.role))
    elif one.role is not Role.BUDGET:
        labels.position = XL_LABEL_POSITION.INSIDE_END
        labels.font.color.rgb = rgb(LIGHT.background)


def _fill(look: Any, role: Role) -> None:
    """Solid in the role's colour; a budget is an outline, what is unseen has neither."""
    fill: FillFormat = look.fill
    if role in (Role.BUDGET, Role.UNSEEN):
        fill.background()
    else:
        fill.solid()
        fill.fore_color.rgb = rgb(_color(role))
    if role is Role.BUDGET:
        look.line.color.rgb, look.line.width = rgb(LIGHT.budget), Pt(1.5)
    else:
        look.line.fill.background()


def _line(native: Any, one: Series, alone: bool) -> None:
    """A line; over floating bars a mark at each point instead. alone: each point by itself"""
    native.smooth = False
    line, color = native.format.line, rgb(_color(one.role))
    if alone:
        line.fill.background()
        native.marker.style, native.marker.size = XL_MARKER_STYLE.DIAMOND, 12
        native.marker.format.fill.solid()
        native.marker.format.fill.fore_color.rgb = color
        return
    native.marker.style = XL_MARKER_STYLE.NONE
    line.color.rgb = color
    line.width = Pt(1.5 if one.role in (Role.BAND, Role.BUDGET, Role.PRIOR) else 2.75)
    if one.role in DASHES:
        line.dash_style = DASHES[one.role]


def _as_lines(native: NativeChart, at: Sequence[int]) -> None:
    """Moves series of a column chart into a line chart on the same axes."""
    if not at:
        return
    bars = native._chartSpace.chart.plotArea.find(qn("c:barChart"))
    lines = parse_xml(
        f'<c:lineChart {nsdecls("c")}><c:grouping val="standard"/><c:varyColors val="0"/></c:lineChart>'
    )
    every = bars.findall(qn("c:ser"))
    for position in at:
        moved = every[position]
        for unfit in moved.findall(qn("c:invertIfNegative")):
            moved.remove(unfit)
        moved.append(parse_xml(f'<c:smooth {nsdecls("c")} val="0"/>'))
        lines.append(moved)
    lines.append(parse_xml(f'<c:marker {nsdecls("c")} val="1"/>'))
    for axis in bars.findall(qn("c:axId")):
        lines.append(parse_xml(f'<c:axId {nsdecls("c")} val="{axis.get("val")}"/>'))
    bars.addnext(lines)


def _color(role: Role) -> str:
    return BAND if role is Role.BAND else color_of(role, LIGHT)


class _PlainWriter(CategoryWorkbookWriter):
    """The embedded workbook of a chart, in which a text stays text: no formula, no link, no number."""

    @contextmanager
    def _open_worksheet(self, xlsx_file: io.BytesIO) -> Iterator[tuple[Workbook, Any]]:
        workbook = Workbook(xlsx_file, {"in_memory": True, **LITERAL})
        yield workbook, workbook.add_worksheet()
        workbook.close()


class _PlainData(CategoryChartData):
    """Data of a chart whose workbook is a _PlainWriter's."""

    @property
    def _workbook_writer(self) -> _PlainWriter:
        return _PlainWriter(self)
