"""What can go wrong, said as what, where and what to do.

SopError                everything a person can mend; shown without a traceback
├── DataError           planner data is faulty; carries every RowIssue found, not the first
├── WarehouseError      the warehouse file cannot be opened, or is not a warehouse
│   └── WarehouseInUse  another process holds it
├── ConflictError       somebody else changed the same row first
├── ScenarioError       a lever is unknown, out of bounds, or acts too early
├── PlanError           the inputs cannot be planned (labels that do not match, a model without an answer)
└── RecordError         the process does not allow the step (a signed stage, a published version)

Any other exception is a defect and stays loud.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class RowIssue:
    """One fault of one planner file, addressed so that it can be found and mended in the file.

    line is the file's own line number (the header is line 1) and 0 when the fault is of the whole file;
    column is '' when the fault is of the whole line.

    >>> str(RowIssue("demand.csv", 14, "quantity", "ten", "is not a number", "Write digits, for example 10."))
    "demand.csv line 14, quantity: 'ten' is not a number. Write digits, for example 10."
    """

    file: str
    line: int
    column: str
    value: str
    problem: str
    fix: str
    severity: Severity = "error"

    def __str__(self) -> str:
        where = (
            self.file
            + (f" line {self.line}" if self.line else "")
            + (f", {self.column}" if self.column else "")
        )
        what = f"'{self.value}' {self.problem}" if self.value else self.problem
        return f"{where}: {what}. {self.fix}".rstrip()


class SopError(Exception):
    """Something a person can mend: the message says what, where and what to do."""


class DataError(SopError):
    """Planner data is faulty. `issues` holds every fault found; nothing was loaded."""

    def __init__(self, message: str, issues: Iterable[RowIssue] = ()) -> None:
        super().__init__(message)
        self.issues: tuple[RowIssue, ...] = tuple(issues)

    def __str__(self) -> str:
        marks = {"error": "  ", "warning": "  warning: "}
        return "\n".join([super().__str__(), *(f"{marks[issue.severity]}{issue}" for issue in self.issues)])


class WarehouseError(SopError):
    """The warehouse file cannot be opened, or is not a warehouse."""


class WarehouseInUse(WarehouseError):
    """Another process holds the warehouse file; only one at a time may."""


class ConflictError(SopError):
    """Somebody else changed the same row since it was read; read it again and repeat the change."""


class ScenarioError(SopError):
    """A lever is unknown, out of its bounds, or acts before its earliest period."""


class PlanError(SopError):
    """The inputs cannot be planned; the message names the labels and quantities."""


class RecordError(SopError):
    """The process does not allow the step, for example a change to a signed stage."""
