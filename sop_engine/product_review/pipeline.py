"""The pipeline of launches: how much stands at which gate, how launch dates slipped from cycle to cycle, and
whether launches came on time and sold what was promised.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_engine.inputs import Inputs
from sop_engine.inputs.calendar import Calendar
from sop_engine.inputs.lifecycle import Launch
from sop_engine.product_review.portfolio import Portfolio
from sop_engine.scenario import Lever, LeverKind, Scenario

NO_GATE = "no gate stated"


@dataclass(frozen=True)
class Scorecard:
    """Launches against their promises; a launch counts as due in the period first promised.

    due, on_time: of those due before the plan starts; due_ahead, on_time_ahead: in the plan, due in its
    reported periods
    promised, sold: units of the first year by the business case and in history, of launches a year old
    """

    due: int
    on_time: int
    due_ahead: int
    on_time_ahead: int
    promised: float
    sold: float

    @property
    def on_time_pct(self) -> float:
        """Launches on or before the date first promised / launches due; NaN where none was due."""
        return 100 * self.on_time / self.due if self.due else np.nan

    @property
    def on_time_ahead_pct(self) -> float:
        return 100 * self.on_time_ahead / self.due_ahead if self.due_ahead else np.nan

    @property
    def attainment_pct(self) -> float:
        """Units of the first year / business case; NaN where no launch with a case is a year old."""
        return 100 * self.sold / self.promised if self.promised else np.nan


@dataclass(frozen=True)
class Choice:
    """One answer to "go, hold or kill?", and the scenario that plans it."""

    title: str
    scenario: Scenario


def gate_funnel(projects: pd.DataFrame) -> pd.DataFrame:
    """Per gate, the earliest first: projects, in the plan, revenue, margin, expected margin.

    projects: columns gate, in plan ("in" or "out"), revenue, margin, expected margin; gates order by name
    """
    named = projects.assign(gate=projects["gate"].where(projects["gate"] != "", NO_GATE))
    grouped = named.groupby("gate", sort=True)
    sums = grouped[["revenue", "margin", "expected margin"]].sum(min_count=1)
    counts = pd.DataFrame(
        {
            "projects": grouped.size(),
            "in the plan": grouped["in plan"].agg(lambda all_: int((all_ == "in").sum())),
        }
    )
    return counts.join(sums).reset_index()


def slip_cells(kept: pd.DataFrame, now: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """project, cycle, sample, launch, baseline, slip of every project of today in every cycle, today's last.

    kept, now: cycle, project, launch_period, baseline_launch_period, sample; of `kept` only earlier cycles
    are shown. launch, baseline: plan indices of today's calendar; slip: periods later than first promised.
    """
    today = now["cycle"].max() if len(now) else ""
    earlier = kept[(kept["cycle"] < today) & kept["project"].isin(now["project"])]
    columns = ["cycle", "project", "launch_period", "baseline_launch_period", "sample"]
    rows = pd.concat(
        [part[columns] for part in (earlier, now) if len(part)] or [now[columns]], ignore_index=True
    )
    promised = rows["baseline_launch_period"].fillna(rows["launch_period"])
    launch, baseline = (
        calendar.locate(days.to_numpy(dtype="datetime64[D]")) - calendar.now
        for days in (rows["launch_period"], promised)
    )
    cells = rows[["project", "cycle", "sample"]].assign(
        launch=launch, baseline=baseline, slip=launch - baseline
    )
    return cells.sort_values(["cycle", "project"], ignore_index=True)


def moved_since(cells: pd.DataFrame) -> pd.Series:
    """By project: periods that the launch moved since the last cycle that really kept it; NaN where none did.

    cells: as `slip_cells` gives them; what is made up to show the feature is no cycle here.
    """
    real = cells[~cells["sample"].astype(bool)].sort_values("cycle")
    return real.groupby("project")["launch"].agg(
        lambda seen: float(seen.iloc[-1] - seen.iloc[-2]) if len(seen) > 1 else np.nan
    )


def npi_scorecard(inputs: Inputs, portfolio: Portfolio) -> Scorecard:
    """On-time launches and first-year attainment of the pipeline's projects.

    on time: launched, or planned in the plan for, the period first promised or before
    """
    launched, planned = portfolio.launched, portfolio.launches
    due = [one for one in (*launched, *planned, *portfolio.out) if one.baseline_launch < 0]
    ahead = [one for one in (*launched, *planned) if 0 <= one.baseline_launch < inputs.calendar.horizon]
    grown = [one for one in launched if one.business_case_units > 0 and _year_sold(inputs, one) is not None]
    return Scorecard(
        due=len(due),
        on_time=sum(one in launched and one.stated <= one.baseline_launch for one in due),
        due_ahead=len(ahead),
        on_time_ahead=sum(one in launched or one.launch <= one.baseline_launch for one in ahead),
        promised=sum(one.business_case_units for one in grown),
        sold=sum(_year_sold(inputs, one) or 0.0 for one in grown),
    )


def choices(launch: Launch, hold: int) -> tuple[Choice, ...]:
    """Go, hold for `hold` periods, kill: each a scenario over the baseline."""
    inside = Lever(LeverKind.LAUNCH_IN, 1, launch.project)
    wait = Lever(LeverKind.LAUNCH_SLIP, hold, launch.project)
    out = Lever(LeverKind.LAUNCH_IN, 0, launch.project)
    periods = f"{hold} period{'s' * (hold != 1)}"
    options = (
        (f"Go: {launch.project} as planned", (inside,)),
        (f"Hold: {launch.project} {periods} later", (inside, wait)),
        (f"Kill: {launch.project} is not launched", (out,)),
    )
    return tuple(Choice(title, Scenario(levers, title)) for title, levers in options)


def _year_sold(inputs: Inputs, launch: Launch) -> float | None:
    """Units of the first year after the launch, None while that year is not over."""
    first, season = inputs.calendar.now + launch.stated, inputs.calendar.season
    if first < 0 or first + season > inputs.calendar.now:
        return None
    return float(np.nansum(inputs.demand.history[launch.product, :, first : first + season]))
