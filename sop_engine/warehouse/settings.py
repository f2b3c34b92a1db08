"""The settings: their default, bounds, unit and meaning; the one list that uploads are held against."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import inf, isfinite, nan

import pandas as pd

from sop_engine.errors import RowIssue
from sop_engine.warehouse.batch import Batch
from sop_engine.warehouse.files import nearest

TEXTS = ("company_name", "base_currency")
STREAM_WEIGHT = re.compile(r"consensus_weight_.+_pct")  # one for each forecast stream, 0 to 100


@dataclass(frozen=True)
class Setting:
    """A numeric setting; whole: no fractions; default NaN: not known."""

    default: float
    low: float
    high: float
    unit: str
    meaning: str
    whole: bool = False


SETTINGS = {
    "horizon_periods": Setting(24, 1, 120, "periods", "periods that are reported", whole=True),
    "beyond_periods": Setting(3, 0, 24, "periods", "planned beyond those reported", whole=True),
    "frozen_periods": Setting(1, 0, 24, "periods", "in which no lever acts", whole=True),
    "slushy_periods": Setting(2, 0, 24, "periods", "after the frozen ones, shaded", whole=True),
    "stability_weight_pct": Setting(
        1, 0, 5, "% of unit value", "for each unit by which production leaves the plan published last"
    ),
    "anchor_periods": Setting(
        3, 0, 24, "periods", "from now in which production stays near the plan published last", whole=True
    ),
    "fair_share": Setting(
        0, 0, 1, "1 or 0", "1: markets share a shortage alike; 0: the better priority comes first", whole=True
    ),
    "demand_fence_periods": Setting(
        0, 0, 24, "periods", "from now in which demand is open orders only", whole=True
    ),
    "fiscal_year_start": Setting(1, 1, 12, "month", "first month of the fiscal year", whole=True),
    "carrying_rate_pct": Setting(15, 0, 100, "% a year", "of unit cost, for stock held"),
    "excess_periods": Setting(6, 1, 60, "periods", "of demand; stock above it is excess", whole=True),
    "max_cover_in_plan": Setting(
        0,
        0,
        1,
        "1 or 0",
        "1: stock above a policy's most cover has a small price; 0: it is shown",
        whole=True,
    ),
    "review_days": Setting(30, 0, 366, "days", "between two plans, in safety stock"),
    "receivable_days": Setting(30, 0, 366, "days", "customers take to pay"),
    "payable_days": Setting(30, 0, 366, "days", "we take to pay"),
    "opening_receivables": Setting(nan, 0, inf, "money", "at the start; blank: from history"),
    "opening_payables": Setting(nan, 0, inf, "money", "at the start; blank: from history"),
    "extra_shift_hours_per_week": Setting(40, 0, 168, "hours", "of an extra shift, per station"),
    "extra_shift_one_off": Setting(0, 0, inf, "money", "of starting an extra shift"),
    "extra_shift_lead_periods": Setting(2, 0, 24, "periods", "until an extra shift can start", whole=True),
    "saturday_hours_per_week": Setting(8, 0, 48, "hours", "of Saturdays, per station"),
    "saturday_lead_periods": Setting(1, 0, 24, "periods", "until Saturdays can start", whole=True),
    "exception_least_pct": Setting(0.1, 0, 100, "%", "of the plan's value; a smaller gap needs no meeting"),
    "exception_cycle_pct": Setting(10, 0, 1000, "%", "change since the last cycle that needs the meeting"),
    "exception_budget_pct": Setting(10, 0, 1000, "%", "off the budget that needs the meeting"),
    "exception_statistical_pct": Setting(10, 0, 1000, "%", "off the baseline that needs the meeting"),
    "exception_prior_year_pct": Setting(25, 0, 1000, "%", "off the prior year that needs the meeting"),
    "exception_bias_pct": Setting(10, 0, 1000, "%", "of bias that needs the meeting"),
    "exception_range_pct": Setting(2, 0, 1000, "%", "outside the 80 % range that needs the meeting"),
    "exception_orders_pct": Setting(5, 0, 1000, "%", "orders above forecast that needs the meeting"),
    "exception_constrained_pct": Setting(5, 0, 1000, "%", "below budget that needs the meeting"),
    "abc_a_pct": Setting(80, 0, 100, "% of revenue", "that products of class A bring together"),
    "abc_b_pct": Setting(95, 0, 100, "% of revenue", "that products of class A and B bring together"),
    "xyz_x_limit": Setting(0.5, 0, 100, "sd / mean", "of a period's units, below which a product is X"),
    "xyz_y_limit": Setting(1.0, 0, 100, "sd / mean", "of a period's units, below which a product is Y"),
    "complexity_cost": Setting(0, 0, inf, "money a year", "that a product costs by being there; 0: unknown"),
    "deadline_share_pct": Setting(
        50, 1, 100, "% of its effect", "that an option must still have at its last responsible moment"
    ),
    "exit_transfer_pct": Setting(
        50, 0, 100, "% of units", "that move to the successor or the family when a product is taken out"
    ),
    "risk_reaction_periods": Setting(
        1, 0, 12, "periods", "after the frozen ones in which nothing new can start yet", whole=True
    ),
    "risk_launch_slip_pct": Setting(
        30, 0, 100, "%", "chance that a launch slips, until launches of the past tell it"
    ),
    "risk_launch_slip_periods": Setting(
        3, 0, 6, "periods", "by which a launch slips at most, until launches of the past tell it", whole=True
    ),
    "risk_supplier_loss_pct": Setting(1, 0, 100, "% a year", "chance that a supplier fails, each of them"),
    "risk_supplier_loss_periods": Setting(
        3, 0, 24, "periods", "in which nothing comes from a supplier that fails", whole=True
    ),
    "risk_line_outage_pct": Setting(5, 0, 100, "% a year", "chance that a work centre is down, each of them"),
    "risk_line_outage_weeks": Setting(2, 0, 8, "weeks", "for which a work centre is down", whole=True),
}


def setting_faults(batch: Batch) -> Iterator[RowIssue]:
    """Settings that are no number, no whole number or out of bounds."""
    for row in _rows(batch):
        setting = SETTINGS.get(row.name_) or (
            Setting(0, 0, 100, "%", "") if STREAM_WEIGHT.fullmatch(row.name_) else None
        )
        if setting is None:
            continue
        problem = _problem(pd.to_numeric(row.value, errors="coerce"), setting)
        if problem:
            kind = "a whole number" if setting.whole else "a number"
            fix = f"Write {kind} of {setting.unit} from {setting.low:g} to {setting.high:g}."
            yield RowIssue(row.file, int(row.line), "value", str(row.value), f"{problem} ({row.name_})", fix)


def unknown_settings(batch: Batch) -> Iterator[RowIssue]:
    """Settings that nothing reads, a warning with the nearest name."""
    known = (*SETTINGS, *TEXTS)
    for row in _rows(batch):
        if row.name_ not in known and not STREAM_WEIGHT.fullmatch(row.name_):
            fix = nearest(row.name_, known) or f"Settings are: {', '.join(known)}."
            yield RowIssue(row.file, int(row.line), "name", row.name_, "is no setting", fix, "warning")


@dataclass(frozen=True)
class Heaviest:
    """Where the weights of all streams together exceed 100 % the most: of a family ("" is all), periods
    ahead."""

    total: float
    family: str
    lag: int

    @property
    def words(self) -> str:
        return f"{f'of {self.family} ' if self.family else ''}{self.lag} period{'s' * (self.lag > 1)} ahead"


def heaviest(lines: pd.DataFrame) -> Heaviest | None:
    """The place where streams weigh more than 100 % together, None where there is none.

    lines: stream, family, from_lag, to_lag, weight_pct; a later line wins over an earlier one.
    """
    lags = sorted({int(lag) for lag in (*lines["from_lag"], *(lines["to_lag"].dropna() + 1))})
    worst = None
    for family in ("", *sorted(set(lines["family"]) - {""})):
        mine = lines[lines["family"].isin(["", family])]
        for lag in lags:
            here = mine[(mine["from_lag"] <= lag) & ~(mine["to_lag"] < lag)]
            total = float(here.groupby("stream")["weight_pct"].last().sum())
            if total > (worst.total if worst else 100.0) + 1e-9:
                worst = Heaviest(total, family, lag)
    return worst


def weight_faults(batch: Batch) -> Iterator[RowIssue]:
    """Lines of consensus_weight that end before they begin."""
    rows = batch.rows.get("consensus_weight")
    if rows is not None and {"from_lag", "to_lag"} <= set(rows.columns):
        for row in rows[rows["to_lag"] < rows["from_lag"].fillna(1)].itertuples():
            problem, fix = f"is before from_lag {row.from_lag:g}", "Exchange or correct the two."
            yield RowIssue(row.file, int(row.line), "to_lag", f"{row.to_lag:g}", problem, fix)


def heavy_weights(batch: Batch) -> Iterator[RowIssue]:
    """Streams that weigh more than 100 % together, a warning: the plan counts them in proportion."""
    if not {"consensus_weight", "setting"} & set(batch.rows):
        return
    over = heaviest(_weight_lines(batch))
    if over is not None:
        loaded = batch.rows.get("consensus_weight", batch.rows.get("setting"))
        problem = f"streams weigh {over.total:g} % together {over.words}, so they count in proportion"
        fix = "Lower one of them to leave 100 % or less."
        yield RowIssue(loaded.file.iloc[0], 0, "weight_pct", "", problem, fix, "warning")


def _weight_lines(batch: Batch) -> pd.DataFrame:
    """The settings' weights, then those of consensus_weight for all families, then of single ones."""
    columns = ["stream", "family", "from_lag", "to_lag", "weight_pct"]
    table = batch.after("consensus_weight").reindex(columns=columns)
    table = table.assign(family=table["family"].fillna(""), from_lag=table["from_lag"].fillna(1))
    table = table.drop_duplicates(["stream", "family", "from_lag"])  # what is loaded stands before the stored
    settings = batch.after("setting").reindex(columns=["name", "value"]).drop_duplicates("name")
    named = settings[settings["name"].astype(str).str.fullmatch(STREAM_WEIGHT)]
    defaults = pd.DataFrame(
        {
            "stream": named["name"].str.removeprefix("consensus_weight_").str.removesuffix("_pct"),
            "family": "",
            "from_lag": 1.0,
            "to_lag": nan,
            "weight_pct": pd.to_numeric(named["value"], errors="coerce"),
        }
    )
    ordered = table.assign(single=table["family"] != "").sort_values(["single", "from_lag"])[columns]
    lines = pd.concat([part for part in (defaults, ordered) if len(part)] or [defaults], ignore_index=True)
    within = lines["weight_pct"].clip(0, 100)  # what is out of bounds is a fault of its own
    return lines.assign(weight_pct=within).dropna(subset=["stream", "weight_pct"])


def _problem(number: float, setting: Setting) -> str:
    if not isfinite(number):
        return "is not a number"
    if setting.whole and number != int(number):
        return "is not a whole number"
    return "" if setting.low <= number <= setting.high else "is out of bounds"


def _rows(batch: Batch) -> Iterator[object]:
    rows = batch.rows.get("setting")
    if rows is not None and {"name", "value"} <= set(rows.columns):
        yield from rows.dropna(subset=["name", "value"]).rename(columns={"name": "name_"}).itertuples()
