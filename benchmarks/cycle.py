"""How long the cycle page takes to open with 24 past cycles in the warehouse, against none.

python benchmarks/cycle.py [--cycles 24] [--runs 5]

The past is made of closed cycles, each with six kept plans of the size the sample company keeps, signatures,
tasks, decisions and actions of which some are still open. Times are wall seconds of a whole run of the page
without a browser, once it was opened before; read the ratio, and that it stays under a second.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import pandas as pd  # noqa: E402
from streamlit.testing.v1 import AppTest  # noqa: E402

from sop_engine import commands  # noqa: E402
from sop_engine.executive_sop.decisions import STAGES  # noqa: E402
from sop_engine.executive_sop.tasks import canon_tasks  # noqa: E402
from sop_engine.executive_sop.working_days import WORKING_DAYS, due_dates  # noqa: E402
from sop_engine.records import Option, add_note, close_cycle, open_cycle, raise_decision  # noqa: E402
from sop_engine.scenario import BASELINE  # noqa: E402
from sop_engine.warehouse import Warehouse, open_warehouse  # noqa: E402

SOURCE = "2013-12-P1"  # a kept plan of the sample company
# the cells are copied in place: through the audited way each insert hashes the whole table
COPY = """
INSERT INTO plan_snapshot_cell SELECT ?, measure, product, market, site, resource, period, value
FROM plan_snapshot_cell WHERE snapshot_id = ?
"""


def main() -> None:
    """Measures the page on the sample company, makes the past, and measures again."""
    options = _options()
    with TemporaryDirectory() as folder:
        file = Path(folder) / "sop.duckdb"
        commands.init(file, demo=True, force=False)
        empty = _seconds(file, options.runs)
        _say("no cycles of its own", empty)
        warehouse = open_warehouse(file)
        for cycle in past_labels(options.cycles):
            make_cycle(warehouse, cycle)
        cells = warehouse.read("SELECT count(*) AS n FROM plan_snapshot_cell")["n"][0]
        warehouse.close()
        full = _seconds(file, options.runs)
        _say(f"{options.cycles} past cycles, {cells:,} kept cells", full)
        print(f"ratio {statistics.median(full) / statistics.median(empty):.2f}")


def past_labels(count: int) -> list[str]:
    """The months before the sample's own past, oldest first."""
    return [str(month) for month in pd.period_range(end="2013-10", periods=count, freq="M")]


def make_cycle(warehouse: Warehouse, cycle: str) -> None:
    """A closed cycle as a company leaves it: every review signed on a kept plan, two decisions, four actions,
    one of each still open.
    """
    at = datetime.fromisoformat(f"{cycle}-04 09:00")
    by, due = {"who": "benchmark", "at": at}, due_dates(at.date())
    open_cycle(warehouse, cycle, due=due, tasks=canon_tasks(WORKING_DAYS), **by)
    for number, stage in enumerate(STAGES, 1):
        _keep(warehouse, cycle, stage, number, at + timedelta(days=number))
    for number in range(2):
        options = [Option("Build ahead"), Option("Wait")]
        raise_decision(warehouse, cycle=cycle, question=f"Build ahead {number}?", options=options, **by)
    for number in range(4):
        text = f"Call vendor {number}"
        add_note(warehouse, cycle=cycle, stage="supply", kind="action", text=text, owner="Sam", **by)
    with warehouse.transaction(why="settled", **by) as change:
        change.update("decision", {"decision_id": f"{cycle}-D1"}, {"status": "decided", "chosen_option": "A"})
        for number in (1, 2, 3):
            change.update("note", {"note_id": f"{cycle}-N{number}"}, {"status": "done", "closed_at": at})
        change.update("task", {"cycle": cycle}, {"status": "done", "done_by": "benchmark"})
        change.update("stage", {"cycle": cycle}, {"status": "signed"})
    close_cycle(warehouse, cycle, unpublished="benchmark", **by)


def _keep(warehouse: Warehouse, cycle: str, stage: str, number: int, at: datetime) -> None:
    name = f"{cycle}-P{number}"
    header = {
        "snapshot_id": name,
        "cycle": cycle,
        "stage": stage,
        "created_at": at,
        "levers": BASELINE.to_json(),
        "content_hash": SOURCE,
    }
    signature = {
        "sign_off_id": f"{cycle}-S{number}",
        "cycle": cycle,
        "stage": stage,
        "signed_by": "benchmark",
        "signed_at": at,
        "snapshot_id": name,
        "name": f"Consensus {cycle} v1" if stage == "demand" else "",
    }
    with warehouse.transaction(who="benchmark", why="kept", at=at) as change:
        change.insert("plan_snapshot", header)
        change.cursor.execute(COPY, [name, SOURCE])
        change.insert("sign_off", signature)


def _seconds(file: Path, runs: int) -> list[float]:
    """Wall seconds of runs of the page in a process that has opened it before, each in a new session."""
    os.environ |= {"SOP_WAREHOUSE": str(file), "SOP_DEMO": "0"}
    times = []
    for _ in range(runs + 1):
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=600)
        start = time.perf_counter()
        app.run()
        times.append(time.perf_counter() - start)
        if app.exception or app.error:
            raise SystemExit(f"The page failed: {[*app.exception, *app.error]}")
    return times[1:]


def _say(what: str, times: list[float]) -> None:
    print(f"{what}: median {statistics.median(times):.3f} s, slowest {max(times):.3f} s", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--cycles", type=int, default=24)
    parser.add_argument("--runs", type=int, default=5)
    return parser.parse_args()


if __name__ == "__main__":  # the processes that fit forecasts import this file too
    main()
