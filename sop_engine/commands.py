"""What each command does: the edge where the clock, the user's name and the file system are read."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from tqdm import tqdm

from sop_engine.errors import DataError, RowIssue, ScenarioError, SopError
from sop_engine.warehouse import (
    LoadResult,
    Warehouse,
    open_warehouse,
    set_aside,
    verify,
    write_templates,
)
from sop_engine.warehouse import load as load_files
from sop_engine.warehouse import restore as restore_file
from sop_engine.warehouse.readiness import readiness

if TYPE_CHECKING:  # the commands import the engine when they need it: loading a file should start at once
    from sop_engine.inputs import Inputs

WAREHOUSE = Path("data/sop.duckdb")

_SUFFIXES = {".csv", ".tsv", ".txt", ".xlsx", ".xlsm"}


def init(warehouse: Path, demo: bool, force: bool) -> None:
    """Make the warehouse, with the sample company if asked; an existing one is left as it is unless force."""
    if force and (kept := set_aside(warehouse, "before-reset")):
        _say(f"The old warehouse is kept as {kept}.")
    with _opened(warehouse) as opened:
        rows = sum(opened.rows().values())
        if rows:
            _say(
                f"{warehouse} is there already, with {rows:,} rows. Nothing was changed; --force starts anew."
            )
        elif demo:
            from sop_engine.sample import load_sample

            _told(load_sample(opened, who=_user(), at=_now()))
            _refresh(opened, None)
        else:
            _say(f"{warehouse} is ready and empty. Load planner files with: python -m sop_engine load PATH")


def load(warehouse: Path, paths: list[Path], upsert: bool) -> None:
    """Load files or folders as one, or name every fault and load nothing."""
    files = _planner_files(paths)
    with _opened(warehouse) as opened:
        _load(opened, files, upsert)


def plan(warehouse: Path, cycle: str | None, scenario: Path | None, out: Path) -> None:
    """Fit what is stale, plan the cycle under the scenario and write the plan's tables."""
    from sop_engine.exports.tables import write_plan
    from sop_engine.inputs import read_inputs
    from sop_engine.plan import plan as plan_cycle
    from sop_engine.scenario import BASELINE, Scenario, misfits

    _require(warehouse)
    out.mkdir(parents=True, exist_ok=True)  # before the work, not after it
    chosen = Scenario.from_json(_text(scenario)) if scenario else BASELINE
    with _opened(warehouse) as opened:
        _refresh(opened, cycle)
        inputs = read_inputs(opened, cycle)
    if wrong := misfits(chosen, inputs):
        words = "; ".join(lever.in_words() for lever in wrong)
        raise ScenarioError(f"These levers name nothing that the data holds: {words}. Correct them.")
    _warn_of_history(inputs)
    print(f"Solving cycle {inputs.cycle}", file=sys.stderr)
    files = write_plan(plan_cycle(inputs, chosen), out)
    name = scenario.name if scenario else "the baseline"
    _say(
        f"Planned cycle {inputs.cycle} under {name}; wrote {', '.join(file.name for file in files)} to {out}."
    )


def handover(warehouse: Path, version: str, out: Path) -> None:
    """Write what execution needs of a published plan: CSVs, the changes since the last one, a manifest."""
    from sop_engine.exports.hand_over import write_hand_over

    handed, files = write_hand_over(warehouse, version, out)
    name = f"'{handed.version['name']}' ({handed.version['version_id']})"
    _say(f"Handed over {name}: {len(files)} files in {out}.")
    _say(handed.changes.words)


def pack(warehouse: Path, cycle: str | None, out: Path) -> None:
    """Write the pre-read as PowerPoint and as an offline page, and the scenario workbook."""
    from sop_engine.exports.pack import gather
    from sop_engine.exports.pack_files import pack_files
    from sop_engine.inputs import read_inputs
    from sop_engine.plan import plan as plan_cycle
    from sop_engine.supply_review.model import compile_model

    _require(warehouse)
    out.mkdir(parents=True, exist_ok=True)
    with _opened(warehouse) as opened:
        _refresh(opened, cycle)
        inputs = read_inputs(opened, cycle)
        model = compile_model(inputs)
        baseline = plan_cycle(inputs, model=model)
        material = gather(opened, baseline, lambda one: plan_cycle(inputs, one, model), _now())
        with _progress("Making the pack", "files") as progress:
            files = pack_files(material, progress)
    for name, content in files.items():
        (out / name).write_bytes(content)
    _say(f"Wrote {', '.join(files)} to {out}.")


def forecast(warehouse: Path, file: Path, horizon: int, out: Path) -> None:
    """Forecast each series of a tidy file, with what drives it; the warehouse plays no part."""
    from sop_engine.demand_review.baseline import SHORTEST
    from sop_engine.demand_review.series import Kind
    from sop_engine.demand_review.tidy import forecast_file

    with _progress("Forecasting", "series") as progress:
        result = forecast_file(file, horizon, out, progress=progress, processes=None)
    short, driven = (
        result.loc[result["class"] == kind, "unique_id"].nunique() for kind in (Kind.NONE, Kind.DRIVEN)
    )
    forecast = result["unique_id"].nunique() - short
    _say(f"Forecast {forecast:,} series over {horizon} periods into {out}.")
    if driven:
        _say(f"{driven:,} of them are driver-based: the column drivers says by what.")
    if short:
        _say(f"{short:,} more series are too short to forecast (fewer than {SHORTEST} periods): blank there.")


def accuracy(warehouse: Path) -> None:
    """Print how far the replayed baselines of the last cycles were from what came.

    They are held against the seasonal naive forecast and against baselines that leave successions out.
    """
    from sop_engine.exports.accuracy import accuracy_report
    from sop_engine.inputs import read_inputs
    from sop_engine.inputs.reader import read_scene
    from sop_engine.past_forecasts import read_past
    from sop_engine.replays import past_cycles, replay, replayed

    _require(warehouse)
    with _opened(warehouse) as opened:
        _refresh(opened, None)
        inputs = read_inputs(opened)
        if not len(past_cycles(inputs.calendar)):
            raise DataError("The history is too short to replay a cycle. Load more periods of sales_history.")
        with _progress("Replaying", "cycles") as progress:
            replay(opened, progress, who=_user(), at=_now())
        with _progress("Replaying without successions", "cycles") as progress:
            unchained, _ = replayed(opened, read_scene(opened), chained=False, progress=progress)
        past = read_past(opened, inputs)
    for line in accuracy_report(past, unchained.units, inputs):
        _say(line)


def check(warehouse: Path) -> None:
    """Say what is loaded, whether it is sound, what each review can compute, and the state of the baseline.

    Raises DataError when the data has faults.
    """
    _require(warehouse)
    with _opened(warehouse) as opened:
        rows = opened.rows()
        tables = sum(count > 0 for count in rows.values())
        _say(f"Schema: up to date, {len(opened.catalogue)} tables.")
        version = opened.data_version() or "none"
        _say(f"Data: {sum(rows.values()):,} rows in {tables} tables, version {version}.")
        issues = verify(opened)
        for can in readiness(rows):
            answer = "yes" if can.ready else f"no, needs {' and '.join(can.missing)}"
            _say(f"{can.review}: {can.what}: {answer}")
        _say(f"Baseline: {_baseline_state(opened, rows)}")
    _report(issues, f"Keys and references: {len([i for i in issues if i.severity == 'error'])} faults")


def backup(warehouse: Path, file: Path) -> None:
    """Write a consistent copy of the warehouse to a new file."""
    _require(warehouse)
    file.parent.mkdir(parents=True, exist_ok=True)
    with _opened(warehouse) as opened:
        opened.backup(file)
    _say(f"Backed up {warehouse} to {file} ({file.stat().st_size / 1e6:.1f} MB).")


def restore(warehouse: Path, file: Path) -> None:
    """Put a backup in the place of the warehouse and keep the old one beside it."""
    kept = restore_file(file, warehouse)
    _say(f"Restored {warehouse} from {file}." + (f" The old one is kept as {kept}." if kept else ""))


def templates(warehouse: Path, folder: Path) -> None:
    """Write one CSV template per planner table."""
    with _opened(":memory:") as opened:
        written = write_templates(opened.catalogue, folder)
    _say(f"Wrote {len(written)} templates to {folder}.")


def _load(opened: Warehouse, files: list[Path], upsert: bool) -> None:
    uploads = [(file.name, file.read_bytes()) for file in files]
    _told(load_files(opened, uploads, who=_user(), at=_now(), mode="upsert" if upsert else "replace"))


def _told(result: LoadResult) -> None:
    _warn(result.issues)
    _say(str(result))
    rows = sum(result.tables.values())
    _say(f"Loaded {rows:,} rows into {len(result.tables)} tables; data version {result.data_version}.")


def _planner_files(paths: list[Path]) -> list[Path]:
    """The files, and those in the folders that may hold tables. Raises DataError for a missing path."""
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        raise DataError(f"There is no {', '.join(missing)}. Name files or folders that exist.")
    files = []
    for path in paths:
        files += (
            [file for file in sorted(path.iterdir()) if file.suffix.lower() in _SUFFIXES]
            if path.is_dir()
            else [path]
        )
    if not files:
        raise DataError(
            f"{', '.join(map(str, paths))} holds no CSV or XLSX file. Name the files of the planner."
        )
    return files


def _warn_of_history(inputs: Inputs) -> None:
    """Say on stderr where the forecast has too little to stand on."""
    from sop_engine.demand_review.baseline import SHORTEST

    sold = (np.nan_to_num(inputs.demand.history) != 0).any(axis=(0, 1))
    last = np.flatnonzero(sold).max(initial=-1)
    if last + 1 < SHORTEST:
        print(
            f"warning: {last + 1} periods of history are too few to forecast from: demand is the order book.",
            file=sys.stderr,
        )
    elif last + 1 < inputs.calendar.now:
        missing = inputs.calendar.now - last - 1
        print(f"warning: the last {missing} periods before the cycle hold no sales.", file=sys.stderr)


def _refresh(opened: Warehouse, cycle: str | None) -> None:
    from sop_engine.refresh import refresh

    with _progress("Fitting the baseline", "series") as progress:
        done = refresh(opened, cycle, progress, who=_user(), at=_now())
    _say("Fitted the statistical baseline." if done else "The statistical baseline is up to date.")


def _baseline_state(opened: Warehouse, rows: dict[str, int]) -> str:
    from sop_engine.refresh import is_fresh

    if not rows["sales_history"]:
        return "none, needs sales_history"
    return "up to date" if is_fresh(opened) else "stale; plan, or init --demo, fits it anew"


def _report(issues: tuple[RowIssue, ...], heading: str) -> None:
    if any(issue.severity == "error" for issue in issues):
        raise DataError(f"{heading}.", issues)
    _say(f"{heading}.")
    _warn(issues)


def _warn(issues: tuple[RowIssue, ...]) -> None:
    for issue in issues:
        print(f"warning: {issue}", file=sys.stderr)


def _require(warehouse: Path) -> None:
    if not warehouse.exists():
        raise SopError(f"There is no warehouse {warehouse}. Make it with: python -m sop_engine init")


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{file} cannot be read ({error}). Name a scenario saved as JSON.") from error


@contextmanager
def _opened(path: Path | str) -> Iterator[Warehouse]:
    opened = open_warehouse(path)
    try:
        yield opened
    finally:
        opened.close()


@contextmanager
def _progress(what: str, unit: str) -> Iterator[object]:
    """A bar on stderr, as a function of (done, total); it shows when there is something to do."""
    bar = tqdm(desc=what, unit=f" {unit}", file=sys.stderr, leave=False, delay=0.5)

    def move(done: int, total: int) -> None:
        bar.total = total
        bar.update(done - bar.n)

    try:
        yield move
    finally:
        bar.close()


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run as a user without a name
        return "unknown"


def _now() -> datetime:
    return datetime.now().replace(microsecond=0)


def _say(line: str) -> None:
    print(line, flush=True)
