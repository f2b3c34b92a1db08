"""Planner files for the tests, written as a planner would."""

from __future__ import annotations

from datetime import datetime
from textwrap import dedent

from sop_engine.errors import DataError, RowIssue
from sop_engine.warehouse import LoadResult, Warehouse, load

AT = datetime(2026, 1, 6, 9, 30)


def csv(text: str) -> bytes:
    return dedent(text).lstrip("\n").encode()


def loaded(warehouse: Warehouse, mode: str = "replace", **tables: str) -> LoadResult:
    """Load one CSV per table, given as text."""
    files = [(f"{name}.csv", csv(text)) for name, text in tables.items()]
    return load(warehouse, files, who="planner", at=AT, mode=mode)


def faults(warehouse: Warehouse, mode: str = "replace", **tables: str) -> tuple[RowIssue, ...]:
    """The issues of a load that must be refused."""
    try:
        loaded(warehouse, mode, **tables)
    except DataError as error:
        return error.issues
    raise AssertionError("the load was not refused")


def said(issues: tuple[RowIssue, ...]) -> list[tuple[str, int, str, str]]:
    """File, line, column and value of each issue."""
    return [(issue.file, issue.line, issue.column, issue.value) for issue in issues]
