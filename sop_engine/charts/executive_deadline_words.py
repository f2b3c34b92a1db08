"""Deadlines in words: until when an option can be decided, what waiting costs, what binds, and whose days are
counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sop_engine.charts.numbers import day, full, month, percent, short
from sop_engine.deadlines.binding import Binding
from sop_engine.deadlines.clock import CycleClock, last_day, periods_past
from sop_engine.deadlines.moment import MEASURE_WORDS, moment_of
from sop_engine.deadlines.waiting import Deadline
from sop_engine.inputs import Inputs
from sop_engine.inputs.network import BUY, MAKE, SUBCONTRACT


@dataclass(frozen=True)
class Candidate:
    """An option as the calendar shows it.

    key: of its decision, "" for a scenario that is no option yet; note: why it has no deadline, "" where it
    has one; decide_by: of its decision, a day of the cycle's calendar; refused: why it cannot be chosen now
    """

    key: str
    question: str
    letter: str
    title: str
    deadline: Deadline | None
    note: str
    decide_by: date | None
    refused: str
    sample: bool = False

    @property
    def name(self) -> str:
        return f"{self.key} {self.letter}: {self.title}".strip(": ") if self.key else self.title


def ordered(candidates: Sequence[Candidate], inputs: Inputs) -> list[Candidate]:
    """The nearest last responsible moment first, then the nearest loss; those without either last."""

    def place(one: Candidate) -> tuple[date, date]:
        if one.deadline is None or not one.deadline.measure:
            return date.max, date.max
        moment = moment_of(one.deadline, inputs.calendar)
        return moment.last or date.max, moment.full or date.max

    return sorted(candidates, key=place)


def headline(candidates: Sequence[Candidate], inputs: Inputs, clock: CycleClock) -> str:
    """How many options have a deadline, the nearest one, and how many can no longer be chosen."""
    known = [one for one in ordered(candidates, inputs) if one.deadline is not None and one.deadline.measure]
    moments = [moment_of(one.deadline, inputs.calendar) for one in known]
    near = next(
        ((one, at.last) for one, at in zip(known, moments, strict=True) if at.last and at.last >= clock.day),
        None,
    )
    gone = sum(bool(one.refused) for one in candidates)
    late = f"; {gone} can no longer be chosen" if gone else ""
    if near is None and known and not gone:
        solved = min(at.solved for at in moments)
        left = f"at least {100 * known[0].deadline.share:.0f} % of its effect"
        return f"Every option keeps {left} if it is decided by {day(solved)}, as far as was solved"
    if near is None:
        return f"No option has a last responsible moment ahead{late}"
    left = (near[1] - clock.day).days
    return f"'{near[0].title}' is the first to decide: by {day(near[1])}, {left} days left{late}"


def clock_words(clock: CycleClock, cycle: str) -> str:
    """Which day the days are counted from, and how the cycle's calendar stands to today's."""
    if clock.is_live:
        return f"Days are counted from today, {day(clock.day)}."
    return (
        f"The cycle {month(cycle)} stands at {day(clock.day)}: it is not worked on in its own time, so its "
        f"days are counted from {day(clock.first)} on, one for each day since it was started. "
        f"{day(clock.first)} of its calendar is {day(clock.real(clock.first))} of today's; decide-by dates "
        "are written in today's."
    )


def delay_words(one: Candidate, inputs: Inputs, clock: CycleClock, span: str, words: str) -> str:
    """What not deciding an option in time loses, in two or three sentences. span: its key; words: its name"""
    deadline = one.deadline
    if deadline is None:
        return f"'{one.title}': {one.note}."
    if not deadline.measure:
        return f"'{one.title}' brings no more margin, revenue or units than doing nothing does."
    moment, waited = moment_of(deadline, inputs.calendar), periods_past(inputs.calendar, clock.day)
    what, whole = MEASURE_WORDS[deadline.measure], f"{inputs.calendar.horizon} months"
    said = f"'{one.title}' brings {_amount(deadline, deadline.effect(0), inputs)} {what} over {whole}."
    if moment.full is None:
        return f"{said} Until {day(moment.solved)}, as far as was solved, waiting loses nothing."
    at = max(deadline.full, waited)
    lost = deadline.effect(at) - deadline.effect(at + 1)
    if at + 1 < len(deadline.delays):
        verb = "loses" if lost >= 0 else "gains"
        of_it = _amount(deadline, abs(lost), inputs) + " of it" * (lost >= 0)
        part = _of_span(deadline, at, lost, inputs, span, words)
        said += f" Not deciding it by {day(last_day(inputs.calendar, at))} {verb} {of_it}{part}."
    if moment.last is None:
        kept = 100 * deadline.effect(deadline.delays[-1].periods) / deadline.effect(0)
        return f"{said} Decided by {day(moment.solved)}, {percent(kept)} of it is left."
    return f"{said} After {day(moment.last)} less than {100 * deadline.share:.0f} % of it is left."


def gain_by_waiting_words(deadline: Deadline | None) -> str:
    """Why waiting may gain money, where it does; "" where it does not."""
    if deadline is None or not deadline.measure:
        return ""
    effects = [deadline.effect(waited) for waited in range(len(deadline.delays))]
    if max(effects) <= effects[0] + deadline.tolerance:
        return ""
    return (
        "Where waiting gains, the plan paid for service or stock that the money alone does not ask for: "
        "supply serves by priority, never by margin."
    )


def binding_words(deadline: Deadline | None, inputs: Inputs) -> str:
    """What must be decided by the last responsible moment, with its lead time and its months."""
    if deadline is None or not deadline.measure:
        return "brings no more than doing nothing" if deadline else ""
    if deadline.binding is None:
        return "nothing within the months solved"
    by = moment_of(deadline, inputs.calendar).last
    until = f" by {day(by)}" if by else ""
    if deadline.binding.lever is not None:
        return _lever_words(deadline.binding, inputs, until)
    return _start_words(deadline.binding, inputs, until)


def _of_span(deadline: Deadline, waited: int, lost: float, inputs: Inputs, span: str, words: str) -> str:
    """How much of what a month of waiting loses falls in the span, where that is not all of it."""
    now, then = (getattr(one.spans[span], deadline.measure) for one in deadline.delays[waited : waited + 2])
    if abs(now - then - lost) <= deadline.tolerance:
        return f", all of it in {words}"
    if abs(now - then) <= deadline.tolerance:
        return f", none of it in {words}"
    return f", {_amount(deadline, now - then, inputs)} in {words}"


def _amount(deadline: Deadline, value: float, inputs: Inputs) -> str:
    if deadline.measure == "units":
        return short(value)
    return f"{short(value)} {inputs.money.base_currency}".rstrip()


def _lever_words(binding: Binding, inputs: Inputs, until: str) -> str:
    first = month(inputs.calendar.plan_labels[binding.start])
    lead = binding.lead_periods
    return (
        f"{binding.lever.in_words().split(',')[0]} must be decided{until} to act in {first} "
        f"({lead} period{'' if lead == 1 else 's'} from the decision)"
    )


def _start_words(binding: Binding, inputs: Inputs, until: str) -> str:
    edges, labels = inputs.network.edges, inputs.calendar.plan_labels
    product = inputs.products.name[edges.product[binding.edge]]
    site = inputs.network.sites.name[edges.site[binding.edge]]
    source = inputs.network.sites.name[edges.source[binding.edge]] if edges.source[binding.edge] >= 0 else ""
    mode = edges.mode[binding.edge]
    done = {
        MAKE: f"made at {site}",
        BUY: f"ordered from {source}",
        SUBCONTRACT: f"ordered from {source}",
    }.get(mode, f"moved from {source} to {site}")
    start, arrival = month(labels[binding.start]), month(labels[binding.arrival])
    return (
        f"{full(binding.units)} units of {product} more must be {done} in {start}, decided{until} (lead time "
        f"{binding.lead_days:g} days), to be there from {arrival}"
    )
