"""The pre-read of the executive meeting as content: which slides there are this month, in which order.

It speaks of the plan with no lever moved, as all pages do until somebody moves one; stored scenarios of
today's data stand beside it. A slide that has nothing to say is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
import pandas as pd

from sop_engine.charts import proof as proof_words
from sop_engine.charts.finance_landing import MARGIN, REVENUE, landing_table, landing_words
from sop_engine.charts.numbers import day, month
from sop_engine.charts.supply_review import planned, shortage_sentence
from sop_engine.exports import (
    pack_bridges,
    pack_decisions,
    pack_money,
    pack_risks,
    pack_scenarios,
    pack_volumes,
)
from sop_engine.exports.pack_content import Bullets, Kind, Pack, Slide, clean, table
from sop_engine.exports.pack_material import Material
from sop_engine.plan import Plan
from sop_engine.pre_sop.consistency import Check
from sop_engine.proof.checks import data_checks, hash_now, kept_check, plan_checks
from sop_engine.records import of_cycle, read_scenario
from sop_engine.scenario import Scenario
from sop_engine.warehouse import Warehouse

SCENARIOS = 4  # beside do-nothing: more cannot be read on a slide
KEPT_VERIFIED = 3  # kept plans whose hash is worked out anew, the newest
BUILDERS: tuple[Callable[[Material], Slide | None], ...] = (
    pack_decisions.decisions,
    pack_decisions.prior,
    pack_money.score,
    pack_volumes.demand,
    pack_volumes.supply,
    pack_volumes.inventory,
    pack_money.landing,
    pack_bridges.bridge,
    pack_risks.risks,
    pack_scenarios.side_by_side,
    pack_scenarios.ranges,
    pack_bridges.changed,
    pack_decisions.follow_up,
)


def gather(
    warehouse: Warehouse,
    plan: Plan,
    solve: Callable[[Scenario], Plan],
    at: datetime,
    checks: Sequence[Check] = (),
) -> Material:
    """What the pack is made from: the plan with no lever moved, the newest stored scenarios of its data, each
    solved, and the proof.

    solve: a scenario to its plan on the same inputs; checks: of the proof, made here where none are given
    """
    rows = of_cycle(warehouse, "scenario", plan.inputs.cycle)
    fitting = rows[rows["data_version"] == plan.inputs.version].iloc[-SCENARIOS:]
    solved = tuple(
        replace(solve(scenario), scenario=scenario)
        for scenario in (read_scenario(warehouse, key) for key in fitting["scenario_id"])
    )
    notes = tuple(str(note) for note in fitting["note"])
    return Material(warehouse, plan, solved, notes, tuple(checks or _proof(warehouse, plan)), at)


def build_pack(material: Material) -> Pack:
    """The slides of this month: the cover, what there is to say in the meeting's order, and the proof."""
    inputs = material.plan.inputs
    slides = [cover(material), *filter(None, (build(material) for build in BUILDERS)), proof(material)]
    return Pack(
        title=f"Executive S&OP, {month(inputs.cycle)}",
        company=clean(inputs.company),
        cycle=inputs.cycle,
        data_version=inputs.version,
        stamp=stamp_words(material),
        slides=tuple(slides),
    )


def stamp_words(material: Material) -> str:
    """Whose pack it is, of which cycle and data, and how fresh: at the foot of every page."""
    inputs, history = material.plan.inputs, material.plan.inputs.calendar.history_labels
    fresh = f"actuals to {month(history[-1])}" if len(history) else "no actuals"
    parts = (inputs.company, f"{month(inputs.cycle)} cycle", fresh, f"data {inputs.version[:6]}")
    return clean(" · ".join([*filter(None, parts), f"made {day(material.at.date())} {material.at:%H:%M}"]))


def cover(material: Material) -> Slide:
    """Whose month it is and what it says in a few sentences."""
    plan = material.plan
    said = [
        pack_decisions.decisions_words(material),
        *(landing_words(landing_table(plan, material.view, m), plan, m) for m in (REVENUE, MARGIN)),
        shortage_sentence(plan, material.view),
    ]
    if np.isnan(plan.finance.price).all():
        said = [said[0], "No price is loaded: this pack speaks of units only", said[-1]]
    if not planned(plan):
        said[-1] = "No site or source is loaded: all demand counts as delivered"
    said.append(_official(material))
    lines = tuple(clean(one.rstrip(".") + ".") for one in said if one)
    last = material.loaded
    loaded = "" if last is None else f"Planner data loaded last on {day(last.date())} {last:%H:%M}. "
    return Slide(
        key="cover",
        title=f"Executive S&OP, {month(plan.inputs.cycle)}",
        subtitle=stamp_words(material),
        blocks=(Bullets(lines),),
        source=f"{loaded}Data version {plan.inputs.version}. {material.span}. The plan with no lever moved.",
    )


def _official(material: Material) -> str:
    """Which plan of the cycle was approved or published: the slides speak of the one with no lever moved."""
    rows = of_cycle(material.warehouse, "plan_version", material.cycle)
    found = [rows[rows["status"] == status] for status in ("published", "approved")]
    version = next((one.iloc[-1] for one in found if len(one)), None)
    if version is None:
        return ""
    by = version["published_by"] or version["approved_by"]
    return (
        f"The plan that is {version['status']} is '{version['name']}', by {by}; these slides speak of the "
        "plan with no lever moved, and scenarios stand beside it"
    )


def proof(material: Material) -> Slide:
    """Whether every statement that must hold does, with its largest residual."""
    checks = material.checks
    parts = pd.DataFrame(
        [(part, *_part(part, checks)) for part in dict.fromkeys(check.part for check in checks)],
        columns=["part", "checks", "hold", "largest residual", "where"],
    )
    kinds = (Kind.TEXT, Kind.EXACT, Kind.EXACT, Kind.TEXT, Kind.TEXT)
    failed = tuple(
        f"✗ {check.name}: {check.statement}; {check.where}" for check in checks if not check.passed
    )
    shown = table(parts, kinds, (2, 1, 1, 3, 3), "Checks of the proof by part")
    more = (Bullets(tuple(map(clean, failed)), "What fails"),) if failed else ()
    return Slide(
        key="proof",
        title=proof_words.light_words(checks).rstrip("."),
        subtitle="Appendix: from the planner's tables to the statement; a residual says how far one is off",
        blocks=(shown, *more),
        source="Page Proof. Every check is worked out anew when the pack is made.",
    )


def _part(part: str, checks: Sequence[Check]) -> tuple[int, int, str, str]:
    """Checks of a part, how many hold, the residual nearest to what is allowed, and its check."""
    mine = [check for check in checks if check.part == part]
    worst = max(
        mine, key=lambda check: check.residual / check.tolerance if check.tolerance else check.residual
    )
    residual = f"{worst.residual:.2g} of {worst.tolerance:.2g} {worst.unit} allowed".replace("  ", " ")
    return len(mine), sum(check.passed for check in mine), residual, worst.name


def _proof(warehouse: Warehouse, plan: Plan) -> Iterable[Check]:
    kept = of_cycle(warehouse, "plan_snapshot")
    newest = kept["snapshot_id"].iloc[::-1][:KEPT_VERIFIED]
    hashes = {snapshot: hash_now(warehouse, snapshot) for snapshot in newest}
    return (*data_checks(warehouse), *plan_checks(plan, plan, warehouse), kept_check(kept, hashes))
