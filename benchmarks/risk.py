"""What risk costs and how far it can be trusted, on the sample company.

python benchmarks/risk.py [--draws 300] [--checked 12] [--file warehouse.duckdb]

Wall seconds of this machine, and beside them the processor's, which a busy machine moves less.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Timer
from typing import TypeVar

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from sop_engine.inputs import read_inputs  # noqa: E402
from sop_engine.past_forecasts import read_past  # noqa: E402
from sop_engine.plan import plan  # noqa: E402
from sop_engine.records.risks import risk_items  # noqa: E402
from sop_engine.refresh import refresh  # noqa: E402
from sop_engine.replays import replay  # noqa: E402
from sop_engine.risk.calibration import calibrate  # noqa: E402
from sop_engine.risk.drivers import find_drivers  # noqa: E402
from sop_engine.risk.outcome import MEASURES, Outcomes, quantile  # noqa: E402
from sop_engine.risk.past import read_record  # noqa: E402
from sop_engine.risk.simulate import carried_out, foresight_error, roomy_model, simulate  # noqa: E402
from sop_engine.risk.tornado import tornado  # noqa: E402
from sop_engine.sample import load_sample  # noqa: E402
from sop_engine.scenario import BASELINE  # noqa: E402
from sop_engine.warehouse import Warehouse, open_warehouse  # noqa: E402

AT = datetime(2014, 1, 2)
CANCELS = 5  # times a simulation is stopped, after 2 to 6 seconds
Answer = TypeVar("Answer")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=300)
    parser.add_argument("--checked", type=int, default=12, help="draws planned again in two steps")
    parser.add_argument("--file", type=Path, help="a warehouse that holds the sample, to save its making")
    arguments = parser.parse_args()
    with TemporaryDirectory() as scratch:
        warehouse = sample(arguments.file or Path(scratch) / "sop.duckdb", fresh=arguments.file is None)
        measure(warehouse, arguments.draws, arguments.checked)
        warehouse.close()


def sample(file: Path, fresh: bool) -> Warehouse:
    """The sample company with its baseline fitted and its past cycles replayed."""
    warehouse = open_warehouse(file)
    if fresh:
        load_sample(warehouse, who="benchmark", at=AT)
        refresh(warehouse, who="benchmark", at=AT)
    replay(warehouse, who="benchmark", at=AT)
    return warehouse


def measure(warehouse: Warehouse, draws: int, checked: int) -> None:
    inputs = read_inputs(warehouse)
    past = read_past(warehouse, inputs)
    record = read_record(inputs, past)
    calibration = timed("calibration", lambda: calibrate(inputs, record))
    print(calibration.rows.to_string(index=False, float_format=lambda value: f"{value:,.0f}"))
    for span in sorted(calibration.rows["span"].unique()):
        print(f"revenue of the next {span} periods inside P10-P90: {calibration.inside_pct(span):.0f} %")
    do_nothing = plan(inputs)
    kept = warehouse.read("SELECT * FROM pipeline_history")
    drivers = find_drivers(do_nothing, past, risk_items(warehouse), kept)
    model = timed("stating and solving the model", lambda: roomy_model(inputs, drivers))
    option = carried_out(inputs, BASELINE, drivers, model)
    swings = timed("tornado", lambda: tornado(option, drivers))
    print(
        swings[swings["measure"] == "gross_margin"].to_string(index=False, float_format=lambda v: f"{v:,.0f}")
    )

    def drawn(seed: int) -> Outcomes:
        found = simulate(inputs, [BASELINE], drivers, seed=seed, draws=draws, model=model)
        assert found is not None
        return found

    first = timed(f"{draws} draws, two threads", lambda: drawn(1))
    print(first.summary().drop(columns=["option", "levers"]).to_string(index=False, float_format=_number))
    second = drawn(2)
    for name in MEASURES:
        medians = [quantile(one.values[name][0], 0.5) for one in (first, second)]
        print(f"P50 of {name}, seed 2 against seed 1: {100 * (medians[1] / medians[0] - 1):+.2f} %")
    off = timed(
        f"{checked} draws in two steps",
        lambda: foresight_error(inputs, BASELINE, drivers, model, 1, checked, draws),
    )
    for column, name in enumerate(MEASURES):
        base = abs(first.planned[name][0])
        mean, most = 100 * off[:, column].mean() / base, 100 * np.abs(off[:, column]).max() / base
        print(f"planned in two steps, {name}: {mean:+.2f} % of the plan on average, at most {most:.2f} %")
    cancels(lambda stop: simulate(inputs, [BASELINE], drivers, seed=1, draws=draws, model=model, stop=stop))


def cancels(run: Callable[[Event], object]) -> None:
    """Prints how long it takes from the word to the end."""
    waits = []
    for attempt in range(CANCELS):
        stop, told = Event(), [0.0]

        def tell(stop: Event = stop, told: list[float] = told) -> None:
            told[0] = time.perf_counter()
            stop.set()

        Timer(2.0 + attempt, tell).start()
        run(stop)
        waits.append(time.perf_counter() - told[0])
    print(f"cancel: {', '.join(f'{wait:.2f}' for wait in waits)} s")


def timed(what: str, work: Callable[[], Answer]) -> Answer:
    wall, used = time.perf_counter(), time.process_time()
    found = work()
    seconds = time.perf_counter() - wall
    print(f"{what}: {seconds:.1f} s, {time.process_time() - used:.1f} s of the processor")
    return found


def _number(value: float) -> str:
    return f"{value:,.2f}"


if __name__ == "__main__":
    main()
