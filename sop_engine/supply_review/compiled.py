"""A PuLP model compiled once into a live HiGHS object, solved again in place: the only user of highspy.

The object is mutable: whoever holds it answers for using it from one thread at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
from highspy import HighsBasis
from pulp import LpProblem, LpVariable
from scipy.sparse import csc_matrix, hstack, vstack

from sop_engine.errors import PlanError

DUAL, PRIMAL, DEVEX = 1, 4, 1
# HiGHS reads these before its first solve. Exact steepest-edge weights of a basis that is set again would
# cost more than most moves take; perturbed costs make a basis that is nearly optimal look far from it;
# presolve is skipped from a basis. Without scaling a move of demand takes a tenth less and one of costs five
# times as long. Where only costs move, the basis stays feasible and the primal simplex goes on from it in a
# third of the steps of the dual one.
START_OPTIONS = {
    "output_flag": False,
    "threads": 1,
    "solver": "simplex",
    "simplex_strategy": DUAL,
    "presolve": "off",
    "simplex_dual_edge_weight_strategy": DEVEX,
    "dual_simplex_cost_perturbation_multiplier": 0.0,
}
FEASIBLE = 1e-6  # worst violation of a verified solution, relative to its size
CLOSED = 1e-6  # its relative duality gap


@dataclass(frozen=True, eq=False)
class Numbers:
    """A linear programme: minimise cost @ x + offset, lower <= x <= upper, row_lower <= A x <= row_upper."""

    lower: np.ndarray
    upper: np.ndarray
    cost: np.ndarray
    row_lower: np.ndarray
    row_upper: np.ndarray
    offset: float


@dataclass(frozen=True, eq=False)
class Solution:
    """x, lower, upper, reduced: (columns,); price: (rows,) objective per unit of right-hand side."""

    x: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    price: np.ndarray
    reduced: np.ndarray
    objective: float
    verified: bool


@dataclass(frozen=True, eq=False)
class Rules:
    """Further rows and columns of a model.

    matrix: (rows, columns of the model and then its own); lower, upper, cost: (own columns,), the cost being
    the price of a rule, left out of the objective that is reported; row_lower, row_upper: (rows,)
    """

    matrix: csc_matrix
    lower: np.ndarray
    upper: np.ndarray
    cost: np.ndarray
    row_lower: np.ndarray
    row_upper: np.ndarray


def joined(numbers: Numbers, matrix: csc_matrix, rules: Rules) -> tuple[Numbers, csc_matrix]:
    """A model with further rows and columns, which stand after its own."""
    own = len(rules.lower)
    wider = hstack([matrix, csc_matrix((matrix.shape[0], own))])
    return Numbers(
        lower=np.concatenate([numbers.lower, rules.lower]),
        upper=np.concatenate([numbers.upper, rules.upper]),
        cost=np.concatenate([numbers.cost, rules.cost]),
        row_lower=np.concatenate([numbers.row_lower, rules.row_lower]),
        row_upper=np.concatenate([numbers.row_upper, rules.row_upper]),
        offset=numbers.offset,
    ), csc_matrix(vstack([wider, rules.matrix]))


def widened(start: HighsBasis, rules: Rules) -> HighsBasis:
    """The basis of a model for the one with further rows, which start slack, and columns, which start at
    their bound."""
    basis, status = HighsBasis(), highspy.HighsBasisStatus
    basis.col_status = [*start.col_status, *[status.kLower] * len(rules.lower)]
    basis.row_status = [*start.row_status, *[status.kBasic] * len(rules.row_lower)]
    basis.valid = True
    return basis


def extract(problem: LpProblem, columns: Sequence[LpVariable]) -> tuple[csc_matrix, Numbers]:
    """Matrix and figures of a PuLP model, its columns in the order given and its rows in the order stated."""
    position = {id(column): j for j, column in enumerate(columns)}
    rows = list(problem._constraints.values())  # PuLP 3 keeps them here; PuLP 4 will not
    index = [position[id(column)] for row in rows for column in row]
    values = np.array([value for row in rows for value in row.values()], dtype=float)
    start = np.cumsum([0] + [len(row) for row in rows])
    owner = np.repeat(np.arange(len(rows)), np.diff(start))
    matrix = csc_matrix((values, (owner, index)), shape=(len(rows), len(columns)))
    right = np.array([-row.constant for row in rows], dtype=float)
    sense = np.array([row.sense for row in rows], dtype=int)
    cost = np.zeros(len(columns))
    for column, value in problem.objective.items():
        cost[position[id(column)]] = value
    return matrix, Numbers(
        lower=_bounds([column.lowBound for column in columns], -np.inf),
        upper=_bounds([column.upBound for column in columns], np.inf),
        cost=cost,
        row_lower=np.where(sense >= 0, right, -np.inf),
        row_upper=np.where(sense <= 0, right, np.inf),
        offset=float(problem.objective.constant),
    )


def _bounds(bounds: list[float | None], none: float) -> np.ndarray:
    return np.array([none if bound is None else bound for bound in bounds], dtype=float)


class LiveModel:
    """One HiGHS object with its matrix and the figures it holds now."""

    def __init__(self, matrix: csc_matrix, numbers: Numbers) -> None:
        self.matrix = matrix
        self.numbers = numbers
        self._highs = highspy.Highs()
        for name, value in START_OPTIONS.items():
            self._set(name, value)
        self._pass()

    def solve_cold(self) -> Solution:
        """Solve from the canonical start, no basis at all, whatever was solved before."""
        self._set("simplex_strategy", DUAL)
        self._done(self._highs.clearSolver(), "clearing the solver")
        self._run()
        return self._solution()

    def basis(self) -> HighsBasis:
        """The basis of the last solution, to start others from."""
        return self._highs.getBasis()

    def solve(
        self,
        numbers: Numbers,
        matrix: csc_matrix,
        start: HighsBasis | None = None,
        strategy: int = DUAL,
    ) -> Solution:
        """Solve with these figures and this matrix from a basis; cold where there is none or the answer does
        not hold.

        strategy: PRIMAL where the basis is known to be feasible, as where only costs move.
        Raises PlanError when even that gives no optimum.
        """
        if start is not None:
            solution = self.solve_from(numbers, matrix, start, strategy)
            return solution if solution.verified else self._checked(self.solve_cold())
        self._load(numbers, matrix)
        return self._checked(self.solve_cold())

    def solve_from(
        self, numbers: Numbers, matrix: csc_matrix, start: HighsBasis, strategy: int = DUAL
    ) -> Solution:
        """Solve with these figures and this matrix from a basis; not verified where that finds no optimum."""
        self._load(numbers, matrix)
        self._set("simplex_strategy", strategy)
        # what is left of the last solve would choose between equal optima
        self._done(self._highs.clearSolver(), "clearing the solver")
        self._done(self._highs.setBasis(start), "setting the basis")
        self._run()
        return self._solution()

    def _checked(self, solution: Solution) -> Solution:
        if not solution.verified:
            status = self._highs.modelStatusToString(self._highs.getModelStatus())
            raise PlanError(f"The supply model has no verified optimum ({status}). Check the last load.")
        return solution

    def _load(self, new: Numbers, matrix: csc_matrix) -> None:
        """Change in place what differs; pass the whole model where its matrix does."""
        if matrix is not self.matrix:
            self.matrix, self.numbers = matrix, new
            self._pass()
            return
        old, highs = self.numbers, self._highs
        bounds = np.flatnonzero((old.lower != new.lower) | (old.upper != new.upper))
        rows = np.flatnonzero((old.row_lower != new.row_lower) | (old.row_upper != new.row_upper))
        costs = np.flatnonzero(old.cost != new.cost)
        if bounds.size:
            changed = highs.changeColsBounds(
                bounds.size, bounds.astype(np.int32), new.lower[bounds], new.upper[bounds]
            )
            self._done(changed, "changing bounds")
        if rows.size:
            changed = highs.changeRowsBounds(
                rows.size, rows.astype(np.int32), new.row_lower[rows], new.row_upper[rows]
            )
            self._done(changed, "changing right-hand sides")
        if costs.size:
            self._done(
                highs.changeColsCost(costs.size, costs.astype(np.int32), new.cost[costs]), "changing costs"
            )
        self._done(highs.changeObjectiveOffset(new.offset), "changing the constant")
        self.numbers = new

    def _pass(self) -> None:
        matrix, numbers, lp = self.matrix, self.numbers, highspy.HighsLp()
        lp.num_row_, lp.num_col_ = matrix.shape
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = numbers.cost, numbers.lower, numbers.upper
        lp.row_lower_, lp.row_upper_, lp.offset_ = numbers.row_lower, numbers.row_upper, numbers.offset
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = (
            matrix.indptr,
            matrix.indices,
            matrix.data,
        )
        self._done(self._highs.passModel(lp), "passing the model")

    def _run(self) -> None:
        self._done(self._highs.run(), "solving")

    def _set(self, option: str, value: Any) -> None:
        # HiGHS answers an unknown value with a status and goes on with another solver
        self._done(self._highs.setOptionValue(option, value), f"setting {option} to {value}")

    def _done(self, status: highspy.HighsStatus, what: str) -> None:
        if status == highspy.HighsStatus.kError:
            raise PlanError(
                f"The supply model failed in {what}. Check the last data load for extreme values."
            )

    def _solution(self) -> Solution:
        found = self._highs.getSolution()
        x, price = np.array(found.col_value), np.array(found.row_dual)
        reduced = self.numbers.cost - self.matrix.T @ price
        optimal = self._highs.getModelStatus() in (
            highspy.HighsModelStatus.kOptimal,
            highspy.HighsModelStatus.kModelEmpty,
        )
        objective = float(self.numbers.cost @ x + self.numbers.offset)
        verified = optimal and is_optimal(self.matrix, self.numbers, x, price)
        return Solution(x, self.numbers.lower, self.numbers.upper, price, reduced, objective, verified)


def is_optimal(matrix: csc_matrix, numbers: Numbers, x: np.ndarray, price: np.ndarray) -> bool:
    """Whether x is feasible, price is dual feasible, and their objectives agree (Karush, Kuhn and Tucker).

    dual objective = sum of price x the bound its row leans on + sum of reduced cost x the bound of its column
    """
    activity, reduced = matrix @ x, numbers.cost - matrix.T @ price
    size = 1.0 + np.abs(x).max(initial=0.0)
    feasible = (
        _violation(x, numbers.lower, numbers.upper) <= FEASIBLE * size
        and _violation(activity, numbers.row_lower, numbers.row_upper) <= FEASIBLE * size
    )
    dual = _leaning(price, numbers.row_lower, numbers.row_upper) + _leaning(
        reduced, numbers.lower, numbers.upper
    )
    primal = float(numbers.cost @ x)
    return bool(feasible and abs(primal - dual) <= CLOSED * (1.0 + abs(primal)))


def _violation(values: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> float:
    return float(max((lower - values).max(initial=0.0), (values - upper).max(initial=0.0)))


def _leaning(dual: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> float:
    """Sum of dual x the bound on its side; minus infinity where it leans on a bound that is not there."""
    bound = np.where(dual > 0, lower, upper)
    trace = np.abs(dual) <= 1e-6 * (1.0 + np.abs(dual).max(initial=0.0))
    bound = np.where(trace & ~np.isfinite(bound), 0.0, bound)
    return float(np.sum(np.where(dual == 0, 0.0, dual * np.where(dual == 0, 0.0, bound))))
