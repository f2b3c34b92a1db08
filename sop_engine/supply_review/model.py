"""The live supply model: stated and compiled once for a data version, solved again in place per request.

It is compiled on what was settled before this cycle. What is judged in the cycle, an override, is a move from
there: the model comes to rest on it in place, and every scenario starts from where it rests. It rests on the
first STRIDE overrides, then on STRIDE more, and so on: one override more is never far from a rest that is
known, and the same overrides lead to the same rest.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, replace
from threading import RLock
from typing import Any, TypeVar

import numpy as np
from scipy.sparse import coo_matrix, csc_matrix

from sop_engine.demand_review.consensus import DemandPlan, plan_demand
from sop_engine.inputs import Inputs, settled
from sop_engine.product_review.portfolio import plan_portfolio
from sop_engine.scenario import BASELINE, Scenario
from sop_engine.supply_review.compiled import (
    DUAL,
    PRIMAL,
    HighsBasis,
    LiveModel,
    Numbers,
    Solution,
    extract,
    joined,
    widened,
)
from sop_engine.supply_review.inventory import node_error_sd
from sop_engine.supply_review.layout import Layout, figures, lay_out
from sop_engine.supply_review.pace import Host, Pace, pace_rules
from sop_engine.supply_review.penalties import find_penalties
from sop_engine.supply_review.request import SupplyRequest, supply_request
from sop_engine.supply_review.statement import flow_terms, state
from sop_engine.supply_review.structure import claimed, covers, demand_at_nodes, find_structure, in_line
from sop_engine.supply_review.timing import Timing, find_timing

SLACK = 1e-6  # units that the solver's tolerance may need around the anchor
REMEMBERED = 16  # answers kept, each some megabytes on a company of 200 products
STIR = 1.02  # of demand, to find a basis for surprises
RESTS = 4  # plans rested on that are kept, so that what was tried before it is recorded is not solved again
STRIDE = 4  # overrides from one rest to the next

Answer = TypeVar("Answer")


@dataclass(frozen=True, eq=False)
class Carried:
    """Orders that stand whatever a request asks: an earlier commitment's, overtaken by a shorter lead time.

    started, received: (edges, periods) units; activity: (rows,) what they bring to the rows of the model
    """

    started: np.ndarray
    received: np.ndarray
    activity: np.ndarray

    @staticmethod
    def nothing(layout: Layout) -> Carried:
        none = np.zeros(layout.flow.shape)
        return Carried(none, none, np.zeros(layout.rows))

    def plus(self, started: np.ndarray, received: np.ndarray, activity: np.ndarray) -> Carried:
        return Carried(self.started + started, self.received + received, self.activity + activity)


class SupplyModel:
    """The compiled model of one data version with its baseline solution.

    Mutable, one solve at a time behind a lock. Every request is solved from the baseline's basis, so an
    answer does not depend on what was asked before; what starts in frozen periods stays as the compiled
    baseline has it.
    """

    def __init__(self, inputs: Inputs, demands: tuple[DemandPlan, ...]) -> None:
        """demands: plans that the model must be able to serve, the baseline's first."""
        self.inputs = inputs
        self.structure = find_structure(inputs, demands)
        self.layout = lay_out(inputs, self.structure)
        self.penalties = find_penalties(inputs, self.structure)
        line = in_line(
            self.structure.claims, self.structure.queues, claimed(inputs, self.structure.claims, demands[0])
        )
        self._held = inputs.calendar.frozen
        self._error_sd = node_error_sd(inputs, self.structure, demand_at_nodes(self.structure, line))
        self._lock = RLock()
        self._answers: OrderedDict[bytes, Any] = OrderedDict()
        self._rests: dict[str, SupplyModel] = {}
        self._rested: OrderedDict[bytes, SupplyModel] = OrderedDict()
        self.carried = Carried.nothing(self.layout)
        self._solve_baseline(self.request(BASELINE, demands[0]))

    def resting_on(self, demand: DemandPlan) -> SupplyModel:
        """The same compiled model with the plan of this demand as its baseline; the two share one solver.

        demand: with no lever moved, of this model's data with what was judged since.
        """
        request = self.request(BASELINE, demand)
        key = request.digest()
        if key == self._baseline_key:
            return self
        with self._lock:
            if key not in self._rested:
                self._rested[key] = self.at_rest(request)
            self._rested.move_to_end(key)
            while len(self._rested) > RESTS:
                self._rested.popitem(last=False)
            return self._rested[key]

    def at_rest(self, request: SupplyRequest) -> SupplyModel:
        """The same compiled model with the plan of this request as its baseline, kept nowhere."""
        rested = copy(self)
        rested.baseline, rested._start = self.solve(request), self._live.basis()
        rested._home = request
        rested._baseline_key = request.digest()
        rested._answers, rested._rests, rested._rested = OrderedDict(), {}, OrderedDict()
        return rested

    def resting_at(self, inputs: Inputs) -> SupplyModel:
        """The model at rest on these inputs; the last one is kept. Where it has no room for them, itself."""
        if inputs.version not in self._rests:
            demand = _at_rest(inputs)
            found = self.resting_on(demand) if covers(self.structure.claims, demand) else self
            self._rests = {inputs.version: found}
        return self._rests[inputs.version]

    def committed(self, request: SupplyRequest, periods: int) -> SupplyModel:
        """The same compiled model while the plan of a request is carried out: what that plan starts in the
        first `periods` stays as it is there, later starts and what is served adapt. The two share one solver.

        periods: at least the frozen ones count. A plan can always be made from here: the stock that the plan
        brings is there, and whatever is not served is unmet. Where a request has other lead times, an order
        of which a part is started later may change: what goes into that part might not come in time any more.
        """
        timing, given, was = self.timing(request), self.overtaken(self.timing(request)), self.baseline_timing
        held, numbers = copy(self), self.figures(request)
        with self._lock:
            at_home = request.digest() == self._baseline_key
            held.baseline = self.solve(request)
            held._start = self._start if at_home else self._live.basis()
        held.carried = self.carried.plus(was.started(given), was.arriving(given), self._brings(given))
        held._matrix, held._lead_days, held.baseline_timing = self.matrix(request), request.lead_days, timing
        held._baseline_line, held._home, held._held = request.line, request, max(periods, self._held)
        held._baseline_x = np.clip(held.baseline.x, numbers.lower, numbers.upper)
        held._baseline_key, held._answers = request.digest(), OrderedDict()
        held._rests, held._rested = {}, OrderedDict()
        held._start = held._basis_of(replace(request, **_stirred(request)))
        return held

    def _basis_of(self, request: SupplyRequest) -> HighsBasis:
        with self._lock:
            self.solve(request)
            return self._live.basis()

    def apart(self) -> SupplyModel:
        """The same model with a solver and a lock of its own, to be solved in another thread."""
        own = copy(self)
        own._lock, own._answers = RLock(), OrderedDict()
        own._rests, own._rested = {}, OrderedDict()
        own._live = LiveModel(self._matrix, self.figures(self._home))
        return own

    def request(self, scenario: Scenario, demand: DemandPlan) -> SupplyRequest:
        """What the scenario and its demand ask of this network."""
        return supply_request(self.inputs, scenario, demand, self.structure, self._error_sd)

    def timing(self, request: SupplyRequest) -> Timing:
        """When the flows of a request start and arrive."""
        if np.array_equal(request.lead_days, self._lead_days):
            return self.baseline_timing
        return find_timing(self.inputs.calendar, request.lead_days)

    def figures(self, request: SupplyRequest) -> Numbers:
        """The figures of a request, with the baseline's decisions in the frozen periods."""
        parts = self.structure, self.layout, self.penalties
        timing = self.timing(request)
        frozen = self.inputs.calendar.frozen
        same_line = (request.line[:, :frozen] == self._baseline_line[:, :frozen]).all(axis=1)
        was = self._baseline_x, self.baseline_timing
        numbers = figures(self.inputs, *parts, request, timing, *was, same_line, self._held)
        given, activity = self.overtaken(timing), self.carried.activity
        if given.any():
            activity = activity + self._brings(given)
        if not activity.any():
            return numbers
        return replace(
            numbers, row_lower=numbers.row_lower - activity, row_upper=numbers.row_upper - activity
        )

    def overtaken(self, timing: Timing) -> np.ndarray:
        """(edges, periods) units by arrival of the baseline's frozen orders whose place a later one takes.

        Where a lead time gets shorter, what is ordered later arrives with or before what was ordered in the
        frozen zone; that was ordered all the same, so it is given, no decision.
        """
        if self._baseline_x is None:
            return np.zeros(self.layout.flow.shape)
        was = self.baseline_timing
        held = ~was.blocked & (was.start < self._held) & (timing.start != was.start)
        return np.where(held, self._baseline_x[self.layout.flows(was)], 0.0)

    def _brings(self, given: np.ndarray) -> np.ndarray:
        """(rows,) what units of the baseline's flows, (edges, periods), bring to the rows of the model."""
        return self._matrix[:, self.layout.flows(self.baseline_timing).ravel()] @ given.ravel()

    def matrix(self, request: SupplyRequest) -> csc_matrix:
        """The matrix of a request: the baseline's own where lead times do not differ.

        Flows that cannot arrive any more keep their entries, as their bounds shut them: the basis stays good.
        """
        if np.array_equal(request.lead_days, self._lead_days):
            return self._matrix
        timing = self.timing(request)
        open_ = self.layout.flows(timing)[~timing.blocked]
        changed = (
            self._matrix
            - self._flow_matrix(self._lead_days, open_)
            + self._flow_matrix(request.lead_days, open_)
        )
        changed.data[np.abs(changed.data) < 1e-12] = 0.0
        changed.eliminate_zeros()
        return csc_matrix(changed)

    def _flow_matrix(self, lead_days: np.ndarray, columns: np.ndarray) -> csc_matrix:
        """The part of the matrix that lead times decide, of these columns."""
        timing = find_timing(self.inputs.calendar, lead_days)
        blocks = flow_terms(self.inputs, self.structure, self.layout, timing)
        row, column, value = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
        known = np.isin(column, columns)
        return coo_matrix((value[known], (row[known], column[known])), shape=self._matrix.shape).tocsc()

    def solve(self, request: SupplyRequest) -> Solution:
        """The optimum of a request; the baseline's own solution for the baseline's request.

        Raises PlanError when the model has no verified optimum.
        """
        if request.digest() == self._baseline_key:
            return self.baseline
        strategy = PRIMAL if request.differs_in_costs_alone(self._home) else DUAL
        with self._lock:
            return self._live.solve(self.figures(request), self.matrix(request), self._start, strategy)

    def solve_at(self, request: SupplyRequest, pace: Pace) -> Solution:
        """The optimum of a request where production holds a pace, in a solver of its own.

        Raises PlanError when there is no verified optimum.
        """
        numbers, timing = self.figures(request), self.timing(request)
        host = Host(
            self.inputs,
            self.structure,
            self.layout,
            self.penalties.over,
            timing,
            numbers,
            self.overtaken(timing),
        )
        rules = pace_rules(host, request, pace)
        held, matrix = joined(numbers, self.matrix(request), rules)
        found = LiveModel(matrix, held).solve(held, matrix, widened(self._start, rules))
        own = rules.cost @ found.x[self.layout.columns :]
        return replace(found, objective=found.objective - float(own))

    def answer(self, request: SupplyRequest, read: Callable[[SupplyRequest, Solution], Answer]) -> Answer:
        """What `read` makes of the request's solution; remembered for the baseline and the last requests."""
        key = request.digest()
        with self._lock:
            if key not in self._answers:
                self._answers[key] = read(request, self.solve(request))
            self._answers.move_to_end(key, last=key != self._baseline_key)
            while len(self._answers) > REMEMBERED:
                oldest = next(k for k in self._answers if k != self._baseline_key)
                del self._answers[oldest]
            return self._answers[key]

    def _solve_baseline(self, request: SupplyRequest) -> None:
        self._lead_days, self._baseline_line, self._baseline_x = request.lead_days, request.line, None
        self.baseline_timing = find_timing(self.inputs.calendar, request.lead_days)
        problem, columns = state(
            self.inputs, self.structure, self.layout, self.figures(request), self.timing(request)
        )
        self._matrix, numbers = extract(problem, columns)
        self._live = LiveModel(self._matrix, numbers)
        numbers, start = self._start_near_the_anchor(numbers)
        self._home = request
        self.baseline, self._baseline_key = self._live.solve(numbers, self._matrix, start), request.digest()
        self._start = self._live.basis()
        self._baseline_x = np.clip(self.baseline.x, numbers.lower, numbers.upper)

    def _start_near_the_anchor(self, numbers: Numbers) -> tuple[Numbers, HighsBasis | None]:
        """The baseline's figures, and a basis to solve them from; none where nothing is anchored.

        What starts in frozen periods is as the anchor has it, where stock and hours still allow all of that;
        where they do not, it has the price of leaving the anchor, as later periods have.
        """
        layout, steady = self.layout, self.layout.anchored >= 0
        if not steady.any():
            return numbers, None
        astray, cost, upper = np.stack([layout.more, layout.less]), numbers.cost.copy(), numbers.upper.copy()
        cost[astray[:, steady]] = 0.0
        free = replace(numbers, cost=cost)  # solved first, as a cold start near the anchor takes far longer
        self._live.solve(free, self._matrix)
        start = self._live.basis()
        frozen = astray[:, :, : self.inputs.calendar.frozen]
        upper[frozen[frozen >= 0]] = SLACK
        if not self._live.solve_from(replace(free, upper=upper), self._matrix, start).verified:
            return numbers, start
        return replace(numbers, upper=upper), self._live.basis()


def _stirred(request: SupplyRequest) -> dict[str, np.ndarray]:
    """A little more demand: no held column is basic in such a plan, so a surprise takes half the steps from
    its basis."""
    return {name: STIR * getattr(request, name) for name in ("claimed", "line", "demand")}


def compile_model(inputs: Inputs, *others: DemandPlan) -> SupplyModel:
    """State, compile and solve the baseline; `others` are further demand plans the model must have room for.

    Raises PlanError naming a loop of bills or flows, or when the baseline has no verified optimum.
    """
    before = settled(inputs)
    model = SupplyModel(before, (_at_rest(before), _at_rest(inputs), *others))
    return judged_since(model, inputs)


def judged_since(model: SupplyModel, inputs: Inputs) -> SupplyModel:
    """The model for inputs that differ from its own only in what was judged in this cycle."""
    now = _at_rest(inputs)
    model = fitting(model, now)
    judged = len(inputs.demand.overrides) - len(model.inputs.demand.overrides)
    for count in range(STRIDE, judged + 1, STRIDE):
        model = model.resting_at(settled(inputs, count))
    return model.resting_on(now)


def fitting(model: SupplyModel, demand: DemandPlan) -> SupplyModel:
    """The model, or a new one where the demand has a product in a market that it has no room for."""
    return model if covers(model.structure.claims, demand) else compile_model(model.inputs, demand)


def _at_rest(inputs: Inputs) -> DemandPlan:
    return plan_demand(inputs, BASELINE, plan_portfolio(inputs, BASELINE))
