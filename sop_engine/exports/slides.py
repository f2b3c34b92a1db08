"""The pack as PowerPoint: native charts that can be edited, tables, texts for who cannot see, sources."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any

from pptx import Presentation
from pptx.enum.text import MSO_ANCHOR
from pptx.slide import Slide as NativeSlide
from pptx.util import Inches

from sop_engine.charts.style import LIGHT
from sop_engine.exports.pack_content import (
    Block,
    Bullets,
    Chart,
    Pack,
    Slide,
    Table,
)
from sop_engine.exports.slide_charts import draw_chart
from sop_engine.exports.slide_tables import CELLS, draw_table
from sop_engine.exports.slide_text import Box, place, text_height, write

WIDE, HIGH = 13.333, 7.5  # inches, 16:9
MARGIN, TOP, BOTTOM, GAP = 0.5, 1.72, 6.95, 0.25
TITLE, SMALLER_TITLE, SUBTITLE, BODY, FOOT = 26, 22, 14, 16, 10  # points
LONG_TITLE = 78  # letters beyond which the title is set smaller


def pptx_bytes(pack: Pack) -> bytes:
    """The presentation as a file."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(WIDE), Inches(HIGH)
    deck.core_properties.title = f"{pack.company}: {pack.title}"
    for number, slide in enumerate(pack.slides, start=1):
        _slide(deck, slide, pack, number)
    packed = io.BytesIO()
    deck.save(packed)
    return packed.getvalue()


def _slide(deck: Any, slide: Slide, pack: Pack, number: int) -> None:
    page = deck.slides.add_slide(deck.slide_layouts[5])  # title only
    cover = number == 1
    title = page.shapes.title
    place(title, MARGIN, 0.3 if not cover else 1.2, WIDE - 2 * MARGIN, 0.95)
    size = 40 if cover else SMALLER_TITLE if len(slide.title) > LONG_TITLE else TITLE
    write(title.text_frame, [slide.title], size, LIGHT.text, bold=True)
    title.text_frame.vertical_anchor = MSO_ANCHOR.BOTTOM
    subtitle = page.shapes.add_textbox(0, 0, 0, 0)
    place(subtitle, MARGIN, 1.26 if not cover else 2.15, WIDE - 2 * MARGIN, 0.4)
    write(subtitle.text_frame, [slide.subtitle], SUBTITLE, LIGHT.muted)
    for block, box in _boxes(slide, 3.0 if cover else TOP):
        _draw(page, block, box, 22 if cover else BODY)
    if not cover:
        foot = page.shapes.add_textbox(0, 0, 0, 0)
        place(foot, MARGIN, 7.03, WIDE - 2 * MARGIN, 0.3)
        write(foot.text_frame, [f"{number}   {pack.stamp}"], FOOT, LIGHT.muted)
    page.notes_slide.notes_text_frame.text = f"Source: {slide.source}\nData version {pack.data_version}."


def _boxes(slide: Slide, top: float) -> Iterator[tuple[Block, Box]]:
    """Where each block stands: below each other, or side by side with the sentences below."""
    wide = WIDE - 2 * MARGIN
    beside = [block for block in slide.blocks if slide.beside and not isinstance(block, Bullets)]
    below = [block for block in slide.blocks if block not in beside]
    rows: list[tuple[float, list[Block]]] = [(1.0, beside)] if beside else []
    rows += [(block.weight, [block]) for block in below]
    for y, height, blocks in _shared(rows, top, BOTTOM):
        cells = [(block.weight, block) for block in blocks]
        for x, width, block in _shared(cells, MARGIN, MARGIN + wide):
            yield block, (x, y, width, height)


def _shared(
    parts: Sequence[tuple[float, Any]], start: float, end: float
) -> Iterator[tuple[float, float, Any]]:
    """(begin, length, part) of parts that share a length by their weights, with gaps between them."""
    free = end - start - GAP * (len(parts) - 1)
    total = sum(weight for weight, _ in parts)
    for weight, part in parts:
        length = free * weight / total
        yield start, length, part
        start += length + GAP


def _draw(page: NativeSlide, block: Block, box: Box, size: int) -> None:
    if isinstance(block, Chart):
        draw_chart(page, block, box)
    elif isinstance(block, Table):
        draw_table(page, block, box)
    else:
        _bullets(page, block, box, size)


def _bullets(page: NativeSlide, block: Bullets, box: Box, size: int) -> None:
    frame = page.shapes.add_textbox(0, 0, 0, 0)
    place(frame, *box)
    lines = [*([block.head] if block.head else []), *(f"•  {line}" for line in block.lines)]
    points = next(
        (p for p in range(size, CELLS[-1], -1) if text_height(lines, box[2], p) <= box[3]), CELLS[-1]
    )
    write(frame.text_frame, lines, points, LIGHT.text, after=4)
    if block.head:
        frame.text_frame.paragraphs[0].runs[0].font.bold = True
