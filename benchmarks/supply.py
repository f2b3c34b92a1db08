"""How long a lever's supply plan takes: in place, bare HiGHS in place, and stated and solved from scratch.

    python benchmarks/supply.py [--moves 20] [--cbc] [--peak 100 500 2000] [--no-sample] [--no-size-s]

Size S (60 products x 3 plants x 4 regions x 24 months, tight) and the sample company; then the peak model:
the share of units on time against the best there is. Wall seconds of this machine, to be read as ratios.
PuLP + CBC runs on size S, and on the sample company (some ninety seconds) with --cbc. Exits 1 where a target
is missed.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import highspy  # noqa: E402
import numpy as np  # noqa: E402
import pulp  # noqa: E402

from benchmarks.companies import PUBLISHED, peak_model, read_company, size_s  # noqa: E402
from benchmarks.slider import COMPANY, LOCAL, p95, sample_company, timed  # noqa: E402
from sop_engine.demand_review.consensus import plan_demand  # noqa: E402
from sop_engine.inputs import Inputs  # noqa: E402
from sop_engine.plan import plan  # noqa: E402
from sop_engine.product_review.portfolio import plan_portfolio  # noqa: E402
from sop_engine.scenario import BASELINE, Lever, LeverKind, Scenario  # noqa: E402
from sop_engine.supply_review.compiled import Numbers  # noqa: E402
from sop_engine.supply_review.model import SupplyModel, compile_model  # noqa: E402
from sop_engine.supply_review.request import SupplyRequest  # noqa: E402
from sop_engine.supply_review.statement import state  # noqa: E402

TO_BARE, TO_CBC, TO_BEST = 1.5, 25.0, 0.05  # times bare HiGHS, times faster than CBC, points of units on time
Moves = Mapping[str, Callable[[int], Lever]]
S_LOCAL: Moves = {
    "family demand": lambda k: Lever(LeverKind.DEMAND, 1 + k / 2, target="Family 1"),
    "family demand, 3 months": lambda k: Lever(
        LeverKind.DEMAND, 1 + k, target="Family 2", first="2026-10", last="2026-12"
    ),
    "resource, overtime": lambda k: Lever(LeverKind.OVERTIME, k % 15, target="Line 00"),
    "resource, capacity": lambda k: Lever(
        LeverKind.CAPACITY, -1 - k / 2, target="Line 11", first="2026-10", last="2026-12"
    ),
    "supplier lead time": lambda k: Lever(LeverKind.SUPPLIER_LEAD_TIME, 5 * (k % 18 + 1), target="Supplier"),
}
S_COMPANY: Moves = {
    "all demand": lambda k: Lever(LeverKind.DEMAND, 1 + k / 4),
    "all capacity": lambda k: Lever(LeverKind.CAPACITY, -1 - k / 4),
}


@dataclass(frozen=True)
class Case:
    """A company with its levers; cbc: whether CBC solves it from scratch too."""

    name: str
    inputs: Inputs
    local: Moves
    company: Moves
    cbc: bool


class Bare:
    """HiGHS as its own interface offers it: default options, the model passed once, figures changed in place,
    every solve from the basis that the last one left.
    """

    def __init__(self, model: SupplyModel, numbers: Numbers) -> None:
        self.numbers, self.columns, self.rows = numbers, np.arange(len(numbers.cost)), np.arange(0)
        matrix = model.matrix(model_request(model, BASELINE))
        lp = highspy.HighsLp()
        lp.num_row_, lp.num_col_ = matrix.shape
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = numbers.cost, numbers.lower, numbers.upper
        lp.row_lower_, lp.row_upper_, lp.offset_ = numbers.row_lower, numbers.row_upper, numbers.offset
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_, lp.a_matrix_.index_ = matrix.indptr, matrix.indices
        lp.a_matrix_.value_ = matrix.data
        self.highs = highspy.Highs()
        for option, value in (("output_flag", False), ("threads", 1), ("solver", "simplex")):
            self.highs.setOptionValue(option, value)
        self.highs.passModel(lp)
        self.highs.run()

    def solve(self, new: Numbers) -> float:
        """The optimum of these figures on the same matrix."""
        old, highs = self.numbers, self.highs
        columns = np.flatnonzero((old.lower != new.lower) | (old.upper != new.upper)).astype(np.int32)
        rows = np.flatnonzero((old.row_lower != new.row_lower) | (old.row_upper != new.row_upper))
        costs = np.flatnonzero(old.cost != new.cost).astype(np.int32)
        rows = rows.astype(np.int32)
        highs.changeColsBounds(columns.size, columns, new.lower[columns], new.upper[columns])
        highs.changeRowsBounds(rows.size, rows, new.row_lower[rows], new.row_upper[rows])
        highs.changeColsCost(costs.size, costs, new.cost[costs])
        highs.run()
        self.numbers = new
        return float(new.cost @ np.array(highs.getSolution().col_value) + new.offset)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moves", type=int, default=20, help="moves of each lever")
    parser.add_argument("--cbc", action="store_true", help="PuLP + CBC on the sample company too")
    parser.add_argument(
        "--peak", type=int, nargs="*", default=[100, 500, 2000], help="items of the peak model"
    )
    parser.add_argument("--no-sample", action="store_true")
    parser.add_argument("--no-size-s", action="store_true")
    arguments = parser.parse_args()
    reached = []
    if not arguments.no_size_s:
        case = Case("size S", read_company(size_s()), S_LOCAL, S_COMPANY, cbc=True)
        reached.append(measure(case, arguments.moves))
    if not arguments.no_sample:
        with TemporaryDirectory() as scratch:
            inputs = sample_company(Path(scratch) / "sop.duckdb")
        reached.append(
            measure(Case("sample company", inputs, LOCAL, COMPANY, arguments.cbc), arguments.moves)
        )
    reached += [peak(count) for count in arguments.peak]
    return 0 if all(reached) else 1


def measure(case: Case, moves: int) -> bool:
    """Prints the table of one company; returns whether its targets are reached."""
    before, began = memory(), time.perf_counter()
    model = compile_model(case.inputs)
    seconds, layout = time.perf_counter() - began, model.layout
    base = model_request(model, BASELINE)
    loaded = np.nansum(model.baseline.x[layout.overtime] > 1e-6)
    print(f"\n{case.name}: {layout.rows:,} rows, {layout.columns:,} columns")
    print(f"stated, compiled and solved in {seconds:.1f} s, {memory() - before:.0f} MB more at its peak")
    print(f"tight: overtime in {loaded:.0f} of {layout.overtime.size} months of resources")
    bare = Bare(model, model.figures(base))
    print(f"{'lever, ms':<28}{'ours p50':>10}{'p95':>7}{'bare p50':>10}{'p95':>7}{'ours / bare':>13}")
    ours_all, bare_all = [], []
    for group in (case.local, case.company):
        if group is case.company:
            print("whole company, reported as they are:")
        for name, make in group.items():
            requests = [model_request(model, Scenario((make(k),))) for k in range(moves)]
            ours, theirs = in_place(model, bare, base, requests)
            line(name, ours, theirs)
            ours_all += ours if group is case.local else []
            bare_all += theirs if group is case.local else []
    line("all local levers", ours_all, bare_all)
    middle = statistics.median(ours_all)
    reached = check("in place against bare HiGHS", middle / statistics.median(bare_all), TO_BARE, most=True)
    request = model_request(model, Scenario((next(iter(case.local.values()))(9),)))
    for solver_name, solver in solvers(case.cbc):
        faster = from_scratch(model, request, solver) / middle
        if solver_name == "PuLP + CBC":
            reached &= check(f"{solver_name} against a local move", faster, TO_CBC, most=False)
        else:
            print(f"{solver_name} against a local move: {faster:.0f} x")
    print(f"peak memory so far {memory():.0f} MB")
    return reached


def in_place(
    model: SupplyModel, bare: Bare, base: SupplyRequest, requests: list[SupplyRequest]
) -> tuple[list[float], list[float]]:
    """Seconds of each move from the baseline, ours and bare; a move that changes the matrix has no bare time.

    Ours are with the figures, the check of the optimum and the answer; those of the bare solver are given.
    """
    ours, theirs = [], []
    home = model.figures(base)
    for request in requests:
        found = []
        ours.append(timed(lambda r=request, f=found: f.append(model.solve(r).objective)))
        if not np.array_equal(request.lead_days, base.lead_days):
            continue
        figures = model.figures(request)
        bare.solve(home)
        theirs.append(timed(lambda n=figures, f=found: f.append(bare.solve(n))))
        assert abs(found[0] - found[1]) <= 1e-6 * abs(found[1]), found
    return ours, theirs


def from_scratch(model: SupplyModel, request: SupplyRequest, solver: pulp.LpSolver) -> float:
    """Seconds to state the model in PuLP and solve it; the optimum is checked against the one in place."""
    expected, began = model.solve(request).objective, time.perf_counter()
    figures = model.figures(request)
    parts = model.inputs, model.structure, model.layout, figures, model.timing(request)
    problem, columns = state(*parts)
    problem.solve(solver)
    seconds = time.perf_counter() - began
    values = np.array([column.value() or 0.0 for column in columns])
    found = float(figures.cost @ values) + figures.offset
    assert abs(found - expected) <= 1e-6 * abs(expected), (solver.name, found, expected)
    return seconds


def peak(count: int) -> bool:
    """Prints the share of units on time of one peak model beside the best and the published one."""
    company = peak_model(count)
    inputs = read_company(company.tables)
    began = time.perf_counter()
    made = plan(inputs, BASELINE)
    seconds = time.perf_counter() - began
    on_time = 100 * made.supply.fill_on_time.sum() / inputs.demand.orders.units.sum()
    share, their_seconds = PUBLISHED.get(count, (np.nan, np.nan))
    print(
        f"\npeak model, {count} items: {on_time:.2f} % on time, best {100 * company.best:.2f} %, "
        f"frePPLe {share} % on its like; planned in {seconds:.1f} s, frePPLe {their_seconds} s"
    )
    return check("points of units on time below the best", 100 * company.best - on_time, TO_BEST, most=True)


def model_request(model: SupplyModel, scenario: Scenario) -> SupplyRequest:
    """What a scenario asks of the model's company."""
    return model.request(
        scenario, plan_demand(model.inputs, scenario, plan_portfolio(model.inputs, scenario))
    )


def solvers(cbc: bool) -> list[tuple[str, pulp.LpSolver]]:
    found = [("PuLP + HiGHS", pulp.HiGHS(msg=False, threads=1))]
    return [*found, ("PuLP + CBC", pulp.PULP_CBC_CMD(msg=False))] if cbc else found


def line(name: str, ours: list[float], theirs: list[float]) -> None:
    middle = statistics.median(ours)
    print(f"{name:<28}{1e3 * middle:>10.0f}{1e3 * p95(ours):>7.0f}", end="")
    if theirs:
        bare = statistics.median(theirs)
        print(f"{1e3 * bare:>10.0f}{1e3 * p95(theirs):>7.0f}{middle / bare:>13.2f}", end="")
    print()


def check(what: str, value: float, target: float, most: bool) -> bool:
    """Prints a figure beside its target; returns whether it is reached."""
    reached = value <= target if most else value >= target
    word = "at most" if most else "at least"
    print(f"{what}: {value:.2f}, target {word} {target:g}, {'reached' if reached else 'MISSED'}")
    return reached


def memory() -> float:
    """Peak memory of this process, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())
