"""The warehouse: one DuckDB file with the planner's data, the engine's fits and the record of the process."""

from sop_engine.warehouse.change import Change
from sop_engine.warehouse.connect import Warehouse, open_warehouse, restore, set_aside
from sop_engine.warehouse.dictionary import (
    ALWAYS,
    Column,
    Table,
    dictionary,
    template,
    write_templates,
)
from sop_engine.warehouse.upload import LoadResult, Prepared, load, prepare, verify

__all__ = [
    "ALWAYS",
    "Change",
    "Column",
    "LoadResult",
    "Prepared",
    "Table",
    "Warehouse",
    "dictionary",
    "load",
    "open_warehouse",
    "prepare",
    "restore",
    "set_aside",
    "template",
    "verify",
    "write_templates",
]
