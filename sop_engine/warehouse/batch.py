"""The files of one load together with the warehouse they meet: what every check looks at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from sop_engine.warehouse.dictionary import Table
from sop_engine.warehouse.shapes import Part


@dataclass(frozen=True)
class Batch:
    """One load.

    stored: reads a planner table as it stands. replaced: the tables whose files are the whole table.
    unread: tables whose file could not be read, so that nothing can be said about references to them.
    derived: products and markets nobody gave a file for, as they will stand.
    """

    parts: tuple[Part, ...]
    catalogue: Mapping[str, Table]
    stored: Callable[[str], pd.DataFrame]
    replaced: frozenset[str]
    unread: frozenset[str]
    derived: Mapping[str, pd.DataFrame]

    @staticmethod
    def of_warehouse(catalogue: Mapping[str, Table], stored: Callable[[str], pd.DataFrame]) -> Batch:
        """What stands in the warehouse, as if each table were a file of its own."""
        parts = []
        for table in catalogue.values():
            if table.group == "planner" and len(frame := stored(table.name)):
                rows = frame.set_index(np.zeros(len(frame), dtype=int))
                parts.append(Part(f"table {table.name}", table, "", rows, rows))
        empty = {name: pd.DataFrame() for name in catalogue}
        return Batch(tuple(parts), catalogue, empty.__getitem__, frozenset(catalogue), frozenset(), {})

    @cached_property
    def rows(self) -> dict[str, pd.DataFrame]:
        """The rows of each table of the load, with the file and line each begins in."""
        found: dict[str, list[pd.DataFrame]] = defaultdict(list)
        for part in self.parts:
            found[part.table.name].append(part.rows.assign(file=part.file, line=part.rows.index))
        return {name: pd.concat(frames, ignore_index=True) for name, frames in found.items()}

    def after(self, table: str) -> pd.DataFrame:
        """A table as it will stand when the load is done."""
        if table in self.derived:
            return self.derived[table]
        pieces = [self.rows[table]] if table in self.rows else []
        if table not in self.replaced:
            pieces.append(self.stored(table))
        filled = [piece for piece in pieces if len(piece)] or pieces
        return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame()

    def labels(self, reference: str) -> set[str] | None:
        """The labels of 'table.column' after the load; None when the table could not be read."""
        table, column = reference.split(".")
        frame = self.after(table)
        if table in self.unread or (column not in frame and len(frame)):
            return None
        return set(frame[column].dropna()) - {""} if column in frame else set()
