"""Texts of a slide: placed, written in one look, and how much room they take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.util import Emu, Inches, Pt

Box = tuple[float, float, float, float]  # left, top, width, height in inches
FONT = "Arial"  # on every machine; the app's own typeface is not
LETTER, LINE = 0.0067, 0.0167  # inches of a letter and of a line, for each point of the type


def text_height(lines: Sequence[str], width: float, points: int) -> float:
    """Inches that these paragraphs take in a width."""
    return sum(lines_of(line, width, points) * LINE * points + 0.06 for line in lines) + 0.1


def lines_of(text: str, wide: float, points: int) -> int:
    """Lines of a text in a width; an estimate by the average letter."""
    return sum(-(-max(len(part), 1) // letters_of(wide, points)) for part in text.split("\n"))


def letters_of(wide: float, points: int) -> int:
    """Letters that a line of this width holds."""
    return max(int((wide - 0.12) / (LETTER * points)), 4)


def write(
    frame: Any, lines: Sequence[str], size: float, color: str, bold: bool = False, after: float = 0
) -> None:
    """Paragraphs of one look; text only, so nothing in it is read as a field or a link."""
    frame.word_wrap = True
    for at, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if at == 0 else frame.add_paragraph()
        paragraph.alignment, paragraph.space_after = PP_ALIGN.LEFT, Pt(after)
        run = paragraph.add_run()
        run.text = line
        run.font.size, run.font.bold, run.font.name = Pt(size), bold, FONT
        run.font.color.rgb = rgb(color)


def place(shape: Any, left: float, top: float, width: float, height: float) -> None:
    """Puts a shape in its place; inches."""
    shape.left, shape.top, shape.width, shape.height = (
        Emu(Inches(inches)) for inches in (left, top, width, height)
    )
    shape.text_frame.vertical_anchor = MSO_ANCHOR.TOP


def rgb(color: str) -> RGBColor:
    """A colour of the notation, "#1f5fa8"."""
    return RGBColor.from_string(color[1:].upper())
