"""Launches and phase-outs for small companies, made by hand."""

from __future__ import annotations

from dataclasses import replace

from sop_engine.inputs import Inputs
from sop_engine.inputs.lifecycle import Launch, PhaseOut
from sop_engine.plan import Plan
from sop_engine.scenario import BASELINE, Scenario
from tests.plans import made_up_plan, small_inputs


def launch(**changes: object) -> Launch:
    """Project "New B": B launched in May 2014, two months late, half of A's rate, ramped over two months."""
    a_launch = Launch(
        project="New B",
        product=1,
        like=0,
        scale=0.5,
        launch=4,
        baseline_launch=2,
        in_plan=True,
        probability=0.6,
        ramp=2,
        cannibalises=(),
        cannibalisation=0.0,
        gate="Design",
        business_case_units=100.0,
        capex=10.0,
        owner="Ann",
        stated=4,
    )
    return replace(a_launch, **changes)


def having(inputs: Inputs, *launches: Launch, phase_outs: tuple[PhaseOut, ...] = ()) -> Inputs:
    """The same company with these launches and phase-outs."""
    return replace(inputs, demand=replace(inputs.demand, launches=launches, phase_outs=phase_outs))


def with_launches(*launches: Launch, scenario: Scenario = BASELINE) -> Plan:
    """A made-up plan of the small company with these launches."""
    return made_up_plan(having(small_inputs(), *launches), scenario)
