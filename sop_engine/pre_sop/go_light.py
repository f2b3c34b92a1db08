"""The light before the executive meeting: every criterion in words, and whether all of them are met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sop_engine.pre_sop.consistency import MONEY, SUPPLY, VOLUMES, Check
from sop_engine.pre_sop.gaps import Gap
from sop_engine.pre_sop.issues import gap_name, is_owned

NAMED = 3  # of what stands against a criterion
# sections in which a criterion is settled
WALK, GAPS, ISSUES, CONSISTENCY = "Connectivity", "Gaps", "Issues", "Consistency"
_TIES = {
    VOLUMES: "Volumes tie: what is asked for is delivered, lost or waits",
    SUPPLY: "Capacity holds: no hour is planned twice and stock balances",
    MONEY: "Money ties: statements, margin and cash add up",
}


@dataclass(frozen=True)
class Criterion:
    """What must hold before the plan goes to the executive meeting. found: what was found, in words;
    section: where it is settled"""

    statement: str
    met: bool
    found: str
    section: str


@dataclass(frozen=True)
class Standing:
    """What the light is found out from, beside the proof.

    unsigned: reviews that are not signed, or stale; gaps: those that need an owner; owned: names of gaps that
    are issues with an owner; bare: issues without owner, deadline or two to four options; old: options, as
    "D1 B", that were solved on older data or are not valued
    """

    unsigned: tuple[str, ...]
    gaps: tuple[Gap, ...]
    owned: tuple[str, ...]
    bare: tuple[str, ...]
    old: tuple[str, ...]


def go_light(checks: Sequence[Check], standing: Standing) -> tuple[Criterion, ...]:
    """Every criterion in the order of the process; the light is green when `goes`."""
    ties = [_tie(part, words, checks) for part, words in _TIES.items()]
    others = [check for check in checks if check.part not in _TIES]
    kept = [check.name for check in others if not check.passed]
    unowned = [gap_name(gap) for gap in standing.gaps if not is_owned(gap, standing.owned)]
    return (
        *ties,
        _criterion("Data, bridges and kept plans are whole", kept, f"{len(others)} checks hold", CONSISTENCY),
        _criterion("The reviews before this one are signed and hold", standing.unsigned, "all of them", WALK),
        _criterion(
            "Each gap that matters has an issue with an owner",
            unowned,
            f"{len(standing.gaps)} gaps are owned" if standing.gaps else "no gap is that large",
            GAPS,
        ),
        _criterion(
            "Each open issue has an owner, a deadline and two to four options", standing.bare, "all", ISSUES
        ),
        _criterion("Each option is solved on today's data", standing.old, "all", ISSUES),
    )


def goes(criteria: Sequence[Criterion]) -> bool:
    """Whether the plan may go to the executive meeting."""
    return all(criterion.met for criterion in criteria)


def _tie(part: str, statement: str, checks: Sequence[Check]) -> Criterion:
    mine = [check for check in checks if check.part == part]
    failed = [
        f"{check.name} (off by {check.residual:.3g} {check.unit})" for check in mine if not check.passed
    ]
    return _criterion(statement, failed, f"{len(mine)} checks hold", CONSISTENCY)


def _criterion(statement: str, against: Sequence[str], found: str, section: str) -> Criterion:
    """A criterion that is met while nothing stands against it."""
    more = len(against) - NAMED
    named = "; ".join(against[:NAMED]) + (f" and {more} more" if more > 0 else "")
    return Criterion(statement, not against, named or found, section)
