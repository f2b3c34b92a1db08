"""What the product review sets: how each segment is served."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from sop_engine.errors import RecordError
from sop_engine.inputs.segments import SEGMENTS
from sop_engine.records.rules import require_text
from sop_engine.warehouse import Change, Warehouse


@dataclass(frozen=True)
class SegmentPolicy:
    """How products of a segment ("AX" to "CZ") are served; level_pct: % per cycle, NaN leaves what the stock
    policy says; treatment: in words.
    """

    segment: str
    level_pct: float = np.nan
    treatment: str = ""

    @property
    def is_blank(self) -> bool:
        return np.isnan(self.level_pct) and not self.treatment.strip()


def set_segment_policies(
    warehouse: Warehouse, policies: tuple[SegmentPolicy, ...], *, reason: str, who: str, at: datetime
) -> None:
    """Writes the policies of the segments named, one that says nothing takes its segment's away; the others
    stay as they are, and so does what is not changed.

    Raises RecordError when a segment is none, a level is no percentage, or nothing changes.
    """
    for policy in policies:
        _require_policy(policy)
    with warehouse.transaction(who=who, why=require_text("The reason", reason), at=at) as change:
        stored = stored_policies(change)
        changed = [one for one in policies if not _same(stored.get(one.segment), one)]
        if not changed:
            raise RecordError("Nothing changes: these are the policies in force. Change one of them.")
        for policy in changed:
            _write(change, policy)


def stored_policies(source: Change | Warehouse) -> dict[str, SegmentPolicy]:
    """{segment: policy} of those that are written down."""
    rows = source.read("SELECT * FROM segment_policy ORDER BY segment")
    return {
        row.segment: SegmentPolicy(row.segment, float(row.service_level_pct), row.treatment)
        for row in rows.itertuples()
    }


def _write(change: Change, policy: SegmentPolicy) -> None:
    if policy.is_blank:
        change.delete("segment_policy", {"segment": policy.segment})
        return
    level = None if np.isnan(policy.level_pct) else float(policy.level_pct)
    row = {"segment": policy.segment, "service_level_pct": level, "treatment": policy.treatment.strip()}
    change.upsert("segment_policy", row)


def _same(stored: SegmentPolicy | None, policy: SegmentPolicy) -> bool:
    if stored is None:
        return policy.is_blank
    levels = np.array([stored.level_pct, policy.level_pct])
    same_level = bool(np.isnan(levels).all() or levels[0] == levels[1])
    return same_level and stored.treatment == policy.treatment.strip()


def _require_policy(policy: SegmentPolicy) -> None:
    if policy.segment not in SEGMENTS:
        raise RecordError(f"'{policy.segment}' is no segment. Segments are: {', '.join(SEGMENTS)}.")
    if not (np.isnan(policy.level_pct) or 0 <= policy.level_pct <= 100):
        raise RecordError(
            f"A service level of {policy.level_pct:g} % ({policy.segment}) is none. Levels are 0 to 100 %."
        )
