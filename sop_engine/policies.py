"""What a policy of the supply plan costs: the plan solved with it and without it, both valued."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sop_engine.inputs import Inputs
from sop_engine.plan import Plan, plan
from sop_engine.scenario import BASELINE, Scenario
from sop_engine.supply_review.model import compile_model
from sop_engine.supply_review.stability import anchored_cells, moved_share, units_moved


@dataclass(frozen=True)
class StabilityCost:
    """What staying near the plan published last costs, and how much less of its production moves.

    name, cycle: of that plan; periods: from now in which production stays near it
    moved, moved_free: share of its production of those periods that the plan moves, with the anchor and
    without; sum |plan - anchor| / sum anchor, in units
    profit: money of operating profit over the reported periods that the anchor costs; below 0 it gains
    objective: what the anchor costs the model before its own price; policy penalties included, no money
    """

    name: str
    cycle: str
    periods: int
    moved: float
    moved_free: float
    profit: float
    objective: float


def stability_cost(
    inputs: Inputs, scenario: Scenario = BASELINE, held: Plan | None = None
) -> StabilityCost | None:
    """The plan of a scenario with the anchor and without it; None where no earlier cycle published a plan, or
    where nothing is anchored.

    held: the plan of the scenario on these inputs, solved here if there is none
    Compiles the model without the anchor, so it takes seconds. Raises PlanError as `plan` does.
    """
    cells = anchored_cells(inputs)
    if inputs.anchor is None or not cells.any():
        return None
    model = compile_model(inputs)
    held = held or plan(inputs, scenario, model)
    free = plan(replace(inputs, anchor=None), scenario)
    price = float(model.penalties.astray @ units_moved(inputs, held.supply.flow))
    reported = slice(inputs.calendar.horizon)
    profit = free.finance.operating_profit[reported].sum() - held.finance.operating_profit[reported].sum()
    return StabilityCost(
        name=inputs.anchor.name,
        cycle=inputs.anchor.cycle,
        periods=int(cells.any(axis=0).nonzero()[0].max()) + 1,
        moved=moved_share(inputs, held.supply.flow),
        moved_free=moved_share(inputs, free.supply.flow),
        profit=float(profit),
        objective=held.supply.objective - price - free.supply.objective,
    )
