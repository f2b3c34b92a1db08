"""The sample company's past: November and December 2013 as closed cycles. Their statistical baselines are
real, replayed from the data as it stood then, and nobody signed them, so that they count as no consensus;
their decisions, assumptions and actions are made up and marked so. What a decision was expected to bring is
its lever on the replayed baseline, so that actuals can tell what came of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from string import ascii_uppercase
from typing import NamedTuple

import numpy as np
import pandas as pd

from sop_engine.executive_sop.effects import lever_effects, review_day
from sop_engine.executive_sop.working_days import due_dates
from sop_engine.inputs.reader import Scene, read_scene
from sop_engine.records.assumptions import add_assumption
from sop_engine.records.decisions import Option, decide, defer_decision, raise_decision
from sop_engine.records.notes import add_note, set_note_status
from sop_engine.records.process import close_cycle, open_cycle
from sop_engine.records.snapshot import KEYS, STEP, content_hash
from sop_engine.refresh import fit_scene, keep_fits, known_fits
from sop_engine.replays import scene_then
from sop_engine.scenario import BASELINE, Lever, LeverKind, Scenario
from sop_engine.warehouse import Warehouse

BY = "{} (sample)"
BASELINE_STEP = "Statistical baseline"  # as demand_review names the first step of the consensus
REPLAYED = "Sample: its baseline is replayed; nobody signed or published a plan"


@dataclass(frozen=True)
class PastDecision:
    """A made-up question with its options; chosen: the letter, "" where it was deferred; why: either

    decide_by: None where it is due in the cycle that the sample company works in
    lever: on the demand of a family, what the chosen option moves, None where no actual could show it
    urgent, agreed: why it was decided between two meetings, on `decide_by`, and who was asked
    """

    question: str
    options: tuple[str, ...]
    recommendation: str
    owner: str
    decide_by: date | None
    value_at_stake: float
    chosen: str
    why: str
    lever: Lever | None = None
    urgent: str = ""
    agreed: str = ""


@dataclass(frozen=True)
class PastCycle:
    """A made-up month. assumptions: keywords of `add_assumption`; actions: text, owner, due, which is
    None where it is still open and due in the cycle that the sample company works in
    """

    first_day: date
    closed_on: date
    decisions: tuple[PastDecision, ...]
    assumptions: tuple[dict[str, object], ...]
    actions: tuple[tuple[str, str, date | None], ...]


PAST: Mapping[str, PastCycle] = {
    "2013-11": PastCycle(
        first_day=date(2013, 11, 4),
        closed_on=date(2013, 11, 29),
        decisions=(
            PastDecision(
                "Weld touring frames ahead of the spring?",
                ("Build ahead from January", "Wait for the orders"),
                "A",
                "Supply planner",
                date(2013, 11, 28),
                180_000.0,
                "A",
                "Welding is full in March whatever we do then",
            ),
            PastDecision(
                "Answer the touring rival's lower price?",
                ("Hold the price", "Cut touring prices by 3 %"),
                "A",
                "General manager",
                date(2013, 11, 28),
                240_000.0,
                "A",
                "Our lead time is shorter, and shops say it decides",
            ),
            PastDecision(
                "Bring the road bike demo days forward to December?",
                ("Demo days in December", "Keep them in March"),
                "A",
                "Demand planner",
                date(2013, 11, 28),
                90_000.0,
                "A",
                "Shops have the bikes, and December has free weekends",
                lever=Lever(LeverKind.DEMAND, 20, "Road Bikes", first="2013-12", last="2013-12"),
            ),
        ),
        assumptions=(
            {
                "text": "Road bikes sell about 1,450 a month through the winter",
                "measure": "demand_units",
                "family": "Road Bikes",
                "from_period": date(2013, 11, 1),
                "to_period": date(2014, 2, 1),
                "expected": 1_450.0,
                "tolerance_pct": 10.0,
                "owner": "Demand planner",
            },
            {
                "text": "Touring bikes keep an average price of about 1,120",
                "measure": "average_price",
                "family": "Touring Bikes",
                "from_period": date(2013, 11, 1),
                "to_period": date(2014, 3, 1),
                "expected": 1_120.0,
                "tolerance_pct": 4.0,
                "owner": "Controller",
            },
        ),
        actions=(
            ("Ask five touring shops what decides their order", "Product manager", date(2013, 11, 22)),
            ("Settle the price of anodised rims for 2014", "Supply planner", date(2013, 12, 6)),
        ),
    ),
    "2013-12": PastCycle(
        first_day=date(2013, 12, 2),
        closed_on=date(2013, 12, 27),
        decisions=(
            PastDecision(
                "Take a second supplier for comfort saddles?",
                ("Qualify one by June", "Stay with one and hold more stock"),
                "A",
                "Supply planner",
                None,
                95_000.0,
                "",
                "The samples of the second supplier are still tested",
            ),
            PastDecision(
                "List helmets with the chain of shops before its contract is signed?",
                ("Wait for the contract", "List two colours now"),
                "B",
                "General manager",
                date(2013, 12, 20),
                60_000.0,
                "B",
                "Two colours risk little stock and win the spring window",
                lever=Lever(LeverKind.DEMAND, 8, "Helmets", first="2014-01", last="2014-03"),
            ),
            PastDecision(
                "Offer helmets to the shops of a rival that cannot deliver?",
                ("Wait for the December meeting", "Offer our stock at once"),
                "B",
                "General manager",
                date(2013, 12, 3),
                25_000.0,
                "B",
                "The stock is there, and Christmas does not wait",
                lever=Lever(LeverKind.DEMAND, 25, "Helmets", first="2013-12", last="2013-12"),
                urgent="The shops order this week, and the meeting is on 26 December",
                agreed="Controller, Supply planner",
            ),
        ),
        assumptions=(
            {
                "text": "The euro stays near 0.98 dollars in the price lists",
                "measure": "exchange_rate",
                "currency": "EUR",
                "from_period": date(2013, 12, 1),
                "to_period": date(2014, 6, 1),
                "expected": 0.98,
                "tolerance_pct": 3.0,
                "owner": "Controller",
            },
            {"text": "No rival launches a touring bike before May", "owner": "Product manager"},
        ),
        actions=(
            ("Get the vendor of hubs to write down its lead time", "Supply planner", None),
            ("Check the jersey sizes that were short in November", "Demand planner", date(2013, 12, 16)),
        ),
    ),
}


def write_past(warehouse: Warehouse, owners: Mapping[str, str], open_until: date) -> None:
    """Writes the cycles of PAST and closes them.

    owners: of the reviews, {stage: name}; open_until: deadline of what they left open

    Raises DataError when there is no sales history, RecordError when one of the cycles is there already.
    """
    today = read_scene(warehouse).calendar
    for cycle, past in PAST.items():
        opened = _at(past.first_day)
        due = due_dates(past.first_day)
        who = BY.format(owners["pre_sop"])
        open_cycle(warehouse, cycle, who=who, at=opened, owners=owners, due=due, sample=True)
        scene = scene_then(warehouse, today, today.labels.index(cycle))
        units = _keep_replay(warehouse, scene, due["demand"], who)
        _write_records(warehouse, cycle, past, due, owners, open_until, _Then(scene, units))
        close_cycle(warehouse, cycle, who=who, at=_at(past.closed_on), unpublished=REPLAYED)


class _Then(NamedTuple):
    """What was known in a past cycle. units: (products, markets, periods) its baseline"""

    scene: Scene
    units: np.ndarray


def _keep_replay(warehouse: Warehouse, scene: Scene, day: date, who: str) -> np.ndarray:
    """The baseline of a past cycle as a kept plan that holds demand and nothing else; its (products, markets,
    periods) units."""
    fitted = fit_scene(scene, known_fits(warehouse), backtest=False, processes=1)
    cells, cycle = _cells(scene, fitted.units), scene.calendar.labels[scene.calendar.now]
    header = {
        "snapshot_id": f"{cycle}-P1",
        "cycle": cycle,
        "stage": "demand",
        "created_at": _at(day),
        "created_by": who,
        "data_version": warehouse.data_version(),
        "levers": BASELINE.to_json(),
        "content_hash": content_hash(cells),
    }
    with warehouse.transaction(who=who, why=REPLAYED, at=_at(day)) as change:
        change.insert("plan_snapshot", header)
        change.insert("plan_snapshot_cell", cells.assign(snapshot_id=header["snapshot_id"]))
        keep_fits(change, fitted.fits)
    return fitted.units


def _cells(scene: Scene, units: np.ndarray) -> pd.DataFrame:
    """KEYS and value of the demand and of its baseline step, which are the same. units: (products, markets,
    periods)
    """
    product, market, period = np.nonzero(units[:, :, : scene.calendar.horizon])
    rows = pd.DataFrame(
        {
            "product": np.array(scene.products.labels, dtype=object)[product],
            "market": np.array(scene.markets.labels, dtype=object)[market],
            "site": "",
            "resource": "",
            "period": scene.calendar.starts[scene.calendar.now + period].astype("datetime64[s]"),
            "value": units[product, market, period],
        }
    )
    both = [rows.assign(measure=name) for name in ("demand_units", f"{STEP}{BASELINE_STEP}")]
    return pd.concat(both, ignore_index=True)[[*KEYS, "value"]].sort_values(KEYS, ignore_index=True)


def _write_records(
    warehouse: Warehouse,
    cycle: str,
    past: PastCycle,
    due: Mapping[str, date],
    owners: Mapping[str, str],
    open_until: date,
    then: _Then,
) -> None:
    """Decisions, assumptions and actions of a past month, each on the day of the review that made it."""
    by = {"who": BY.format(owners["pre_sop"]), "at": _at(due["pre_sop"])}
    for keywords in past.assumptions:
        said = {"who": BY.format(owners["demand"]), "at": _at(due["demand"])}
        add_assumption(warehouse, cycle=cycle, sample=True, **keywords, **said)
    for decision in past.decisions:
        _write_decision(warehouse, cycle, decision, by, _at(due["executive"]), open_until, then)
    for text, owner, day in past.actions:
        action = {"kind": "action", "text": text, "owner": owner, "due": day or open_until, "sample": True}
        note_id = add_note(warehouse, cycle=cycle, stage="pre_sop", **action, **by)
        if day:
            closed = {"who": BY.format(owner), "at": _at(day)}
            set_note_status(warehouse, note_id, "done", seen="open", **closed)


def _write_decision(
    warehouse: Warehouse,
    cycle: str,
    decision: PastDecision,
    by: dict[str, object],
    met: datetime,
    open_until: date,
    then: _Then,
) -> None:
    decide_by = decision.decide_by or open_until
    if decision.urgent:
        by, met = {**by, "at": _at(decide_by)}, _at(decide_by)
    decision_id = raise_decision(
        warehouse,
        cycle=cycle,
        question=decision.question,
        options=_options(decision),
        recommendation=decision.recommendation,
        owner=decision.owner,
        decide_by=decide_by,
        value_at_stake=decision.value_at_stake,
        sample=True,
        **by,
    )
    met_by = {"who": BY.format("General manager"), "at": met, "reason": decision.why}
    if not decision.chosen:
        defer_decision(warehouse, decision_id, decide_by=decide_by, **met_by)
        return
    effects = lever_effects(*then, decision.lever) if decision.lever else ()
    expected = {"effects": effects, "review_on": review_day(effects, then.scene.calendar)}
    between = {"urgent": decision.urgent, "agreed": decision.agreed}
    decide(warehouse, decision_id, decision.chosen, **expected, **between, **met_by)


def _options(decision: PastDecision) -> list[Option]:
    """The options; the chosen one with the scenario of its lever."""
    moved = None if decision.lever is None else Scenario((decision.lever,))
    lettered = zip(ascii_uppercase, decision.options, strict=False)
    return [
        Option(title, scenario=moved if letter == decision.chosen else None) for letter, title in lettered
    ]


def _at(day: date) -> datetime:
    """The hour at which the meetings of the sample end."""
    return datetime.combine(day, time(11))
