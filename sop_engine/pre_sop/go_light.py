"""The light before the executive meeting: every criterion in words, and whether all of them are met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sop_engine.pre_sop.consistency import MONEY, SUPPLY, VOLUMES, Check
from sop_engine.pre_sop.criteria import Criterion, criterion
from sop_engine.pre_sop.gaps import Gap
from sop_engine.pre_sop.issues import gap_name, is_owned

# sections in which a criterion is settled
WALK, GAPS, ISSUES, CONSISTENCY = "Connectivity", "Gaps", "Issues", "Consistency"
_TIES = {
    VOLUMES: "Volumes tie: what is asked for is delivered, lost or waits",
    SUPPLY: "Capacity holds: no hour is planned twice and stock balances",
    MONEY: "Money ties: statements, margin and cash add up",
}


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
        criterion(
            "Data, bridges and kept plans are whole", kept, f"{len(others)} checks hold", section=CONSISTENCY
        ),
        criterion(
            "The reviews before this one are signed and hold", standing.unsigned, "all of them", section=WALK
        ),
        criterion(
            "Each gap that matters has an issue with an owner",
            unowned,
            f"{len(standing.gaps)} gaps are owned" if standing.gaps else "no gap is that large",
            section=GAPS,
        ),
        criterion(
            "Each open issue has an owner, a deadline and two to four options",
            standing.bare,
            "all",
            section=ISSUES,
        ),
        criterion("Each option is solved on today's data", standing.old, "all", section=ISSUES),
    )


def goes(criteria: Sequence[Criterion]) -> bool:
    """Whether the plan may go to the executive meeting."""
    return all(one.met for one in criteria)


def _tie(part: str, statement: str, checks: Sequence[Check]) -> Criterion:
    mine = [check for check in checks if check.part == part]
    failed = [
        f"{check.name} (off by {check.residual:.3g} {check.unit})" for check in mine if not check.passed
    ]
    return criterion(statement, failed, f"{len(mine)} checks hold", section=CONSISTENCY)
