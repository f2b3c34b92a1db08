"""The warehouse file: opened once per process, read through a cursor per call, written in transactions.

A DuckDB connection that several threads share hands one thread the rows of another, so nothing outside this
module ever holds the connection: each read takes a cursor of its own and closes it.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path

import duckdb
import pandas as pd

from sop_engine.errors import WarehouseError, WarehouseInUse
from sop_engine.warehouse.change import Change
from sop_engine.warehouse.dictionary import Table, read_catalogue
from sop_engine.warehouse.migrations import applied, migrate

_IN_MEMORY = ":memory:"
_WAIT_SECONDS = 60
_CONFIG = {
    "enable_external_access": "false",  # SQL reaches no other file
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


@dataclass(frozen=True)
class Warehouse:
    """An open warehouse, safe to share between threads. `catalogue` is its data dictionary."""

    path: str
    catalogue: Mapping[str, Table]
    _connection: duckdb.DuckDBPyConnection
    _writing: threading.Lock = field(default_factory=threading.Lock)
    _commits: list[datetime] = field(default_factory=list)

    @property
    def revision(self) -> int:
        """Changes with every commit; only this process can write while it holds the file."""
        return len(self._commits)

    def read(self, sql: str, params: Sequence[object] = ()) -> pd.DataFrame:
        """The rows of a query; DATE and TIMESTAMP come as datetime64, NULL as None, NaN or NaT."""
        cursor = self._connection.cursor()
        try:
            return cursor.execute(sql, list(params)).df()
        finally:
            cursor.close()

    @contextmanager
    def transaction(self, who: str, why: str, at: datetime) -> Iterator[Change]:
        """Everything written inside is committed as one, or not at all when anything raises.

        Writers of this process take turns; readers see the state before until the commit.
        Raises WarehouseError when another writer does not finish within a minute.
        """
        if not self._writing.acquire(timeout=_WAIT_SECONDS):
            raise WarehouseError(
                "Another change is still being written. Wait until it is done and repeat yours."
            )
        cursor = self._connection.cursor()
        try:
            cursor.execute("BEGIN")
            try:
                change = Change(cursor, self.catalogue, who, why, at)
                yield change
                change.data_version()
            except BaseException:
                cursor.execute("ROLLBACK")
                raise
            cursor.execute("COMMIT")
            self._commits.append(at)
        finally:
            cursor.close()
            self._writing.release()

    def data_version(self) -> str:
        """Hash of all planner data; the same rows give the same version. '' before the first write."""
        found = self.read("SELECT content_hash FROM data_version WHERE \"table\" = ''")
        return "" if found.empty else str(found.content_hash[0])

    def rows(self) -> dict[str, int]:
        """How many rows each planner table holds."""
        found = self.read('SELECT "table", rows FROM data_version WHERE "table" <> \'\'')
        counted = dict(zip(found["table"], found["rows"].astype(int), strict=True))
        return {
            name: counted.get(name, 0) for name, table in self.catalogue.items() if table.group == "planner"
        }

    def backup(self, target: Path) -> Path:
        """Write a consistent copy of the warehouse to a new file. Raises WarehouseError if it is there."""
        if target.exists():
            raise WarehouseError(f"{target} is there already. Name a new file.")
        with self._writing:
            cursor = self._connection.cursor()
            try:
                cursor.execute("FORCE CHECKPOINT")  # waits for those who read
                shutil.copyfile(self.path, target)
            finally:
                cursor.close()
        return target

    def close(self) -> None:
        """Release the file, so that another process may open it."""
        self._connection.close()


def open_warehouse(path: str | Path) -> Warehouse:
    """Open the warehouse at path, or make it; apply pending migrations. ':memory:' is kept nowhere.

    Raises WarehouseInUse when another process holds it, WarehouseError when it is no warehouse.
    """
    if str(path) != _IN_MEMORY:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    connection = _connect(str(path))
    try:
        cursor = connection.cursor()
        migrate(cursor)
        catalogue = read_catalogue(cursor)
        cursor.close()
    except BaseException:
        connection.close()
        raise
    return Warehouse(str(path), catalogue, connection)


def restore(source: Path, path: Path) -> Path | None:
    """Put a backup in the place of the warehouse; the old file is kept beside it and returned.

    Raises WarehouseError, and changes nothing, when source is no warehouse or the present one is in use.
    """
    if source.resolve() == path.resolve():
        raise WarehouseError(f"{source} is the warehouse itself. Name the backup to restore.")
    _require_warehouse(source)
    kept = set_aside(path, "before-restore")
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, path)
    return kept


def set_aside(path: Path, label: str) -> Path | None:
    """Rename the warehouse, broken or not, so that its name is free; the new name, or None without one.

    Raises WarehouseInUse when another process holds it.
    """
    if not path.exists():
        return None
    try:
        _connect(str(path)).close()  # writes its log back into the file
    except WarehouseInUse:
        raise
    except WarehouseError:
        pass  # a broken file is set aside like any other
    kept = next(
        name
        for number in count(1)
        if not (name := path.with_name(f"{path.stem}.{label}-{number}{path.suffix}")).exists()
    )
    path.rename(kept)
    log = path.with_name(path.name + ".wal")
    if log.exists():
        log.rename(kept.with_name(kept.name + ".wal"))
    return kept


def _require_warehouse(source: Path) -> None:
    if not source.is_file():
        raise WarehouseError(f"There is no file {source}. Name a file written by backup.")
    connection = _connect(str(source), read_only=True)
    try:
        steps = applied(connection)
    finally:
        connection.close()
    if not steps:
        raise WarehouseError(f"{source} is an empty database, no warehouse. Name a file written by backup.")


def _connect(path: str, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    try:
        return duckdb.connect(path, read_only=read_only, config=dict(_CONFIG))
    except duckdb.Error as error:
        if "Could not set lock" in str(error):
            fix = "Close it, or name another file with --warehouse."
            raise WarehouseInUse(f"{path} is in use by another process, probably the app. {fix}") from error
        raise WarehouseError(
            f"{path} cannot be opened as a warehouse. Name another file, or restore a backup."
        ) from error
