"""Tables of a slide, in the largest type at which all rows fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.slide import Slide as NativeSlide
from pptx.util import Inches

from sop_engine.charts.style import LIGHT
from sop_engine.exports.pack_content import (
    Kind,
    Table,
    words_of,
)
from sop_engine.exports.slide_text import LINE, Box, letters_of, lines_of, place, write

CELLS = (16, 14, 12)  # points of a table's text: the largest at which all rows fit
NO_STYLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"  # a table without the template's bands and colours


def draw_table(page: NativeSlide, block: Table, box: Box) -> None:
    """All rows in the largest type at which they fit, else as many as fit, and how many more there are."""
    left, top, width, height = box
    total = sum(column.width for column in block.columns)
    widths = [width * column.width / total for column in block.columns]
    for points in CELLS:
        head = 0.1 + LINE * points * max(
            lines_of(column.name, wide, points + 1)
            for column, wide in zip(block.columns, widths, strict=True)
        )
        rows = list(_fitting(block, widths, height - head - 0.25, points))
        if len(rows) == len(block.rows) and _unbroken(block, widths, points):
            break
    corner = (Inches(inches) for inches in (left, top, width, 0.3))
    shape = page.shapes.add_table(len(rows) + 1, len(widths), *corner)
    shape._element.nvGraphicFramePr.cNvPr.set("descr", block.alt)
    grid = shape.table
    grid._tbl.tblPr.find(qn("a:tableStyleId")).text = NO_STYLE
    heading = [column.name for column in block.columns], head
    for number, (cells, high) in enumerate([heading, *rows]):
        grid.rows[number].height = Inches(high)
        for at, (text, column) in enumerate(zip(cells, block.columns, strict=True)):
            _cell(grid.cell(number, at), text, column.kind, points, bold=number == 0)
    for at, inches in enumerate(widths):
        grid.columns[at].width = Inches(inches)
    if len(rows) < len(block.rows):
        more = page.shapes.add_textbox(0, 0, 0, 0)
        place(more, left, top + head + sum(high for _, high in rows) + 0.02, width, 0.25)
        words = f"and {len(block.rows) - len(rows)} more, in the offline page"
        write(more.text_frame, [words], CELLS[-1] - 1, LIGHT.muted)


def _fitting(
    block: Table, widths: Sequence[float], height: float, points: int
) -> Iterator[tuple[list[str], float]]:
    """(texts, height) of the rows that fit, the first at least; long texts are cut to three lines."""
    used = 0.0
    for number, row in enumerate(block.rows):
        cells = zip(row, block.columns, widths, strict=True)
        texts = [_cut(words_of(cell, column.kind), wide, points) for cell, column, wide in cells]
        most = max(lines_of(text, wide, points) for text, wide in zip(texts, widths, strict=True))
        used += (high := 0.1 + LINE * points * most)
        if number and used > height:
            return
        yield texts, high


def _unbroken(block: Table, widths: Sequence[float], points: int) -> bool:
    """Whether no word and no number is wider than its column."""
    for at, (column, wide) in enumerate(zip(block.columns, widths, strict=True)):
        texts = [words_of(row[at], column.kind) for row in block.rows]
        words = texts if column.kind is not Kind.TEXT else [word for text in texts for word in text.split()]
        heads = column.name.split()
        if max(map(len, words), default=0) > letters_of(wide, points) or max(map(len, heads)) > letters_of(
            wide, points + 2
        ):
            return False
    return True


def _cut(text: str, wide: float, points: int) -> str:
    """Each line of a text, cut where it would need more than three lines of a cell."""
    most = 3 * letters_of(wide, points)
    return "\n".join(part if len(part) <= most else f"{part[: most - 1]}…" for part in text.split("\n"))


def _cell(cell: Any, text: str, kind: Kind, points: int, bold: bool = False) -> None:
    write(cell.text_frame, text.split("\n"), points, LIGHT.muted if bold else _judged(text), bold)
    cell.margin_left = cell.margin_right = Inches(0.05)
    cell.margin_top = cell.margin_bottom = Inches(0.03)
    cell.vertical_anchor = MSO_ANCHOR.BOTTOM if bold else MSO_ANCHOR.TOP
    for paragraph in cell.text_frame.paragraphs:
        paragraph.alignment = PP_ALIGN.LEFT if kind is Kind.TEXT else PP_ALIGN.RIGHT
    ruled = LIGHT.muted if bold else LIGHT.grid
    line = f'<a:lnB {nsdecls("a")} w="9525"><a:solidFill><a:srgbClr val="{ruled[1:]}"/></a:solidFill></a:lnB>'
    cell._tc.get_or_add_tcPr().append(parse_xml(line))


def _judged(text: str) -> str:
    """Green or red where the words say so themselves."""
    return LIGHT.good if text.endswith(" better") else LIGHT.bad if text.endswith(" worse") else LIGHT.text
