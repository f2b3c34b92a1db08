"""The days of a deadline, and why an option can no longer be chosen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sop_engine.deadlines.clock import last_day, periods_past
from sop_engine.deadlines.delay import acts
from sop_engine.deadlines.waiting import Deadline
from sop_engine.inputs import Inputs
from sop_engine.inputs.calendar import Calendar
from sop_engine.scenario import Scenario

SHARE = "deadline_share_pct"
MEASURE_WORDS = {"gross_margin": "gross margin", "revenue": "revenue", "units": "units on time"}


@dataclass(frozen=True)
class Moment:
    """Days of the cycle's calendar, None for later than was solved.

    full: the last on which deciding loses nothing; last: the last responsible moment; left: the last on which
    anything is left of the effect; solved: how far was solved
    """

    full: date | None
    last: date | None
    left: date | None
    solved: date


def moment_of(deadline: Deadline, calendar: Calendar) -> Moment:
    """When an option loses its first effect, too much of it, and the rest."""
    solved = deadline.delays[-1].periods
    seen = deadline.gone is not None
    return Moment(
        full=last_day(calendar, deadline.full) if deadline.full < solved or seen else None,
        last=None if deadline.is_open else last_day(calendar, deadline.half),
        left=last_day(calendar, deadline.gone - 1) if seen else None,
        solved=last_day(calendar, solved),
    )


def earliest(deadlines: Iterable[Deadline], calendar: Calendar) -> date | None:
    """The first last responsible moment of some options; None where none has one."""
    return min((day for one in deadlines if (day := moment_of(one, calendar).last)), default=None)


def refusal(scenario: Scenario, inputs: Inputs, day: date, deadline: Deadline | None) -> str:
    """Why an option can no longer be chosen on a day of the cycle's calendar, "" where it can.

    deadline: None where it was not solved: then only levers that can act no more refuse it
    """
    waited = periods_past(inputs.calendar, day)
    if not scenario.is_baseline and not acts(scenario, inputs, waited):
        return f"Decided on {day:%-d %b %y}, none of its levers can act any more: their months are over."
    if deadline is None or not deadline.measure or deadline.is_open or waited <= deadline.half:
        return ""
    last = last_day(inputs.calendar, deadline.half)
    unit = "" if deadline.measure == "units" else f" {inputs.money.base_currency}".rstrip()
    now = f"{deadline.effect(waited):,.0f}" if waited < len(deadline.delays) else "nothing"
    return (
        f"Its last responsible moment was {last:%-d %b %y}. Decided on {day:%-d %b %y} it brings {now} of "
        f"{deadline.effect(0):,.0f}{unit} {MEASURE_WORDS[deadline.measure]}."
    )


def needs_solving(inputs: Inputs, day: date) -> bool:
    """Whether a deadline of this cycle can have passed on a day: in the cycle's own month none has."""
    return periods_past(inputs.calendar, day) > 0
