"""What a pack says before anything is drawn: slides of charts, tables and sentences, each number as the
engine gave it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import pandas as pd

from sop_engine.charts.numbers import UNKNOWN, full, percent, short, signed
from sop_engine.charts.panels import mark
from sop_engine.charts.style import Style

_UNPRINTABLE = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML cannot hold


class Role(StrEnum):
    """What a series stands for; it decides how the series looks in every file."""

    ACTUAL = "actual"
    PLAN = "plan"
    FORECAST = "forecast"
    BUDGET = "budget"
    PRIOR = "prior"
    SCENARIO = "scenario"
    GOOD = "good"
    BAD = "bad"
    BAND = "band"
    MUTED = "muted"
    UNSEEN = "unseen"


class Shape(StrEnum):
    """How a chart is drawn. COLUMNS stand half over each other, GAPS above or below one line, BARS lie."""

    COLUMNS = "columns"
    GAPS = "gaps"
    STACKED = "stacked"
    BARS = "bars"
    LINES = "lines"


class Label(StrEnum):
    """What stands beside each point of a series: nothing, its value, its value as a change with sign and
    mark, or, where the bar's length is a step, that it rises or falls."""

    NONE = "none"
    PLAIN = "plain"
    CHANGE = "change"
    RISE = "rise"
    FALL = "fall"


class Kind(StrEnum):
    """What a column of a table holds, from which its digits follow."""

    TEXT = "text"
    MONEY = "money"
    UNITS = "units"
    CHANGE = "change"
    PERCENT = "percent"
    PERCENT_CHANGE = "percent_change"
    EXACT = "exact"


@dataclass(frozen=True)
class Series:
    """One row of numbers over the categories of a chart; None = not known.

    roles: one for each point where points differ, for example actual and planned months
    line: drawn as a line over columns
    """

    name: str
    values: tuple[float | None, ...]
    role: Role
    roles: tuple[Role, ...] = ()
    line: bool = False
    label: Label = Label.NONE

    def role_at(self, point: int) -> Role:
        return self.roles[point] if self.roles else self.role


@dataclass(frozen=True)
class Chart:
    """A chart of any file. unit: of all its values; floor: where the scale begins, None for zero or by itself

    rule: value at which a line is drawn across, None for none
    alt: what it shows, for who cannot see it
    """

    title: str
    unit: str
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    shape: Shape
    alt: str
    floor: float | None = None
    rule: float | None = None
    legend: bool = True
    weight: float = 1.0


@dataclass(frozen=True)
class Column:
    """A column of a table; width: its share of the table."""

    name: str
    kind: Kind = Kind.TEXT
    width: float = 1.0


@dataclass(frozen=True)
class Table:
    """Rows under columns; a cell is a text or a number, NaN = not known."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str | float, ...], ...]
    alt: str
    weight: float = 1.0


@dataclass(frozen=True)
class Bullets:
    """Sentences, each of them exact. head: bold before them, "" for none"""

    lines: tuple[str, ...]
    head: str = ""
    weight: float = 0.5


Block = Chart | Table | Bullets


@dataclass(frozen=True)
class Slide:
    """One page of the pre-read: the message, what its numbers are, the blocks, and where they come from.

    key: name that no other slide has; beside: blocks stand side by side instead of below each other
    """

    key: str
    title: str
    subtitle: str
    blocks: tuple[Block, ...]
    source: str
    beside: bool = False

    def first(self, kind: type) -> Block:
        """The first block of a kind. Raises StopIteration where there is none."""
        return next(block for block in self.blocks if isinstance(block, kind))


@dataclass(frozen=True)
class Pack:
    """The pre-read as content. stem: beginning of its file names, with cycle and data version"""

    title: str
    company: str
    cycle: str
    data_version: str
    stamp: str
    slides: tuple[Slide, ...] = field(default=())

    @property
    def stem(self) -> str:
        return f"sop_{self.cycle}_{self.data_version[:6]}"

    def slide(self, key: str) -> Slide:
        """Raises StopIteration where there is none."""
        return next(slide for slide in self.slides if slide.key == key)

    def has(self, key: str) -> bool:
        return any(slide.key == key for slide in self.slides)


def series(name: str, values: Sequence[float] | np.ndarray, role: Role, **more: object) -> Series:
    """A series in full digits; NaN becomes None."""
    return Series(clean(name), tuple(None if np.isnan(v) else float(v) for v in values), role, **more)


def table(
    frame: pd.DataFrame, kinds: Sequence[Kind], widths: Sequence[float], alt: str, **more: float
) -> Table:
    """A frame as a table of a pack, in the order of its rows; the first letter of each name is large."""
    columns = tuple(
        Column(clean(name[:1].upper() + name[1:]), kind, width)
        for name, kind, width in zip(map(str, frame.columns), kinds, widths, strict=True)
    )
    rows = tuple(
        tuple(_cell(cell, column.kind) for cell, column in zip(row, columns, strict=True))
        for row in frame.itertuples(index=False, name=None)
    )
    return Table(columns, rows, clean(alt), **more)


_FLOATING = {
    Role.GOOD: "Better",
    Role.BAD: "Worse",
    Role.BUDGET: "From",
    Role.PLAN: "Level",
    Role.MUTED: "Low to high",
    Role.SCENARIO: "P10 to P90",
}
_STEP_LABELS = {
    Role.GOOD: Label.RISE,
    Role.BAD: Label.FALL,
    Role.BUDGET: Label.PLAIN,
    Role.PLAN: Label.PLAIN,
}


def floating(steps: Sequence[tuple[str, float, float, Role]]) -> tuple[Series, ...]:
    """Bars from one level to another as stacked series: what is unseen below, then one series per role.

    steps: (name, from, to, role). A bar that crosses zero is split at it, because stacks grow from zero both
    ways; in each category unseen + seen parts end at the levels.
    """
    ends = [(min(start, end), max(start, end), role) for _, start, end, role in steps]
    unseen = [low if low > 0 else high if high < 0 else 0.0 for low, high, _ in ends]
    found = [series("(from)", unseen, Role.UNSEEN)]
    for role in dict.fromkeys(role for *_, role in ends):
        above = [max(high, 0.0) - max(low, 0.0) if one is role else np.nan for low, high, one in ends]
        below = [min(low, 0.0) - min(high, 0.0) if one is role else np.nan for low, high, one in ends]
        for name, parts in ((_FLOATING[role], above), (f"{_FLOATING[role]}, below zero", below)):
            if any(part for part in parts if not np.isnan(part)):
                kept = [part if part else np.nan for part in parts]
                found.append(series(name, kept, role, label=_STEP_LABELS.get(role, Label.NONE)))
    return tuple(found)


def scale_floor(levels: Sequence[float]) -> float | None:
    """Where the scale of floating bars begins: below the lowest level by half of what moves, in round digits;
    None (zero) where levels lie on both sides of it, or move by more than their size.

    >>> scale_floor([100.0, 104.0]), scale_floor([-1.0, 2.0]), scale_floor([5.0, 5.0])
    (98.0, None, None)
    """
    low, high = min(levels), max(levels)
    begin = low - 0.5 * (high - low)
    if low <= 0 or high == low or begin <= 0.1 * low:
        return None
    digit = 10.0 ** np.floor(np.log10(high - low))
    return float(np.floor(begin / digit) * digit)


def words_of(cell: str | float, kind: Kind) -> str:
    """A cell as slides say it: three digits, signs and marks; "-" is not known.

    >>> words_of(-1.5e6, Kind.CHANGE), words_of(97.25, Kind.PERCENT), words_of("=1+1", Kind.TEXT)
    ('▼ -1.50 M', '97.2 %', '=1+1')
    """
    if isinstance(cell, str):
        return cell
    if np.isnan(cell):
        return UNKNOWN
    if kind is Kind.CHANGE:
        return f"{mark(cell)} {signed(cell)}".strip()
    if kind is Kind.PERCENT:
        return percent(cell)
    if kind is Kind.PERCENT_CHANGE:
        return f"{cell:+.1f} %"
    return f"{cell:g}" if kind is Kind.EXACT else short(cell)


def full_words(cell: str | float, kind: Kind) -> str:
    """A cell with all its digits."""
    if isinstance(cell, str) or kind not in (Kind.MONEY, Kind.UNITS, Kind.CHANGE):
        return words_of(cell, kind)
    if np.isnan(cell):
        return UNKNOWN
    return f"{mark(cell)} {cell:+,.0f}".strip() if kind is Kind.CHANGE else full(cell)


def color_of(role: Role, style: Style) -> str:
    """The colour of a role; unseen series have the background's."""
    if role is Role.UNSEEN:
        return style.background
    return style.plan if role is Role.FORECAST else getattr(style, role)


def clean(text: str) -> str:
    """A text without the characters that XML cannot hold.

    >>> clean("a\\x0bb")
    'ab'
    """
    return _UNPRINTABLE.sub("", str(text))


def _cell(cell: object, kind: Kind) -> str | float:
    if kind is Kind.TEXT:
        return clean("" if cell is None or cell is pd.NaT or cell != cell else str(cell))
    return cell if isinstance(cell, str) else float(cell) if cell is not None else float("nan")
