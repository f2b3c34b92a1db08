"""The slides of what is to be decided, what was decided, and what has to be followed up."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from sop_engine.assumptions.assumption import assumptions_of
from sop_engine.assumptions.checked import BROKEN, Checked, check
from sop_engine.charts import assumptions as assumption_words
from sop_engine.charts.executive_decisions import outcome_words, prior_words
from sop_engine.charts.numbers import UNKNOWN, day, month, short, signed
from sop_engine.executive_sop.decisions import STAGE_WORDS, days_left, is_waiting, standing
from sop_engine.executive_sop.outcomes import RULE, Judged, judged
from sop_engine.executive_sop.scorecard import Scorecard
from sop_engine.executive_sop.unresolved import prior_decisions
from sop_engine.exports.pack_content import Bullets, Kind, Slide, clean, table
from sop_engine.exports.pack_material import Material

OPEN = "open"
OPTIONS_SHOWN = 4
LATE = 10**6


def waiting(material: Material) -> pd.DataFrame:
    """Rows of the decisions that the cycle has before it and nobody took yet, the nearest deadline first."""
    rows = standing(material.recorded("decision"), material.cycle)
    rows = rows[rows["status"].map(is_waiting).astype(bool)]
    return rows.sort_values(["decide_by", "decision_id"], na_position="last", kind="stable")


def decisions_words(material: Material) -> str:
    """How many decisions wait, how many are late, and what hangs on them; those of the sample apart."""
    rows = waiting(material)
    made_up = rows["sample"].fillna(False).astype(bool)
    real = rows[~made_up]
    late = sum((days_left(_date(by), material.at.date()) or 0) < 0 for by in real["decide_by"])
    stake = real["value_at_stake"].astype(float).sum(min_count=1)
    words = (
        f"{len(real)} decision{' waits' if len(real) == 1 else 's wait'}"
        if len(real)
        else "No decision waits"
    )
    words += f", {late} overdue" if late else ""
    words += f": {short(stake)} {material.currency}".rstrip() + " at stake" if stake > 0 else ""
    return words + (f"; {int(made_up.sum())} more made up for the sample" if made_up.any() else "")


def decisions(material: Material) -> Slide | None:
    """Questions with their options, what is recommended, what hangs on it, and how long there is."""
    rows = waiting(material)
    if rows.empty:
        return None
    options, today = material.recorded("decision_option"), material.at.date()
    by_id = dict(tuple(options.groupby("decision_id")))
    none = options.iloc[:0]
    frame = pd.DataFrame(
        [
            (
                "(sample) " * bool(row.sample) + row.question,
                option_lines(material, by_id.get(row.decision_id, none)),
                recommended(row.recommendation, by_id.get(row.decision_id, none)),
                np.nan if pd.isna(row.value_at_stake) else float(row.value_at_stake),
                UNKNOWN if pd.isna(row.decide_by) else day(_date(row.decide_by)),
                left_words(_date(row.decide_by), today),
                row.owner or "nobody",
            )
            for row in rows.itertuples()
        ],
        columns=["question", "options", "recommended", "at stake", "decide by", "days left", "owner"],
    )
    kinds = (Kind.TEXT, Kind.TEXT, Kind.TEXT, Kind.MONEY, Kind.TEXT, Kind.TEXT, Kind.TEXT)
    shown = table(
        frame, kinds, (3, 4.2, 2, 1.1, 1.2, 1.2, 1.5), "Decisions that wait, with options and deadlines"
    )
    return Slide(
        key="decisions",
        title=decisions_words(material),
        subtitle=material.in_currency(
            "What is to be decided; gross margin of an option against doing nothing, fiscal year"
        ),
        blocks=(shown,),
        source="Page Executive S&OP, section Decisions; an option's figures are those it was solved with.",
    )


def option_lines(material: Material, options: pd.DataFrame) -> str:
    """The options of a decision, a line each: "A Extra shift, margin +0.8 M"."""
    lines = []
    for row in options.iloc[:OPTIONS_SHOWN].itertuples():
        gain = gain_of(material, row.figures)
        margin = "" if np.isnan(gain) else f", margin {signed(gain)}"
        old = " on older data" if margin and row.data_version != material.plan.inputs.version else ""
        lines.append(f"{row.option}  {row.title}{margin}{old}")
    more = len(options) - len(lines)
    return "\n".join([*lines, *([f"and {more} more"] if more > 0 else [])])


def gain_of(material: Material, figures: str) -> float:
    """Gross margin of an option's kept scorecard less that of doing nothing today; NaN where none is kept."""
    return Scorecard.from_json(figures).gross_margin - material.card.gross_margin if figures else np.nan


def recommended(letter: str, options: pd.DataFrame) -> str:
    """The option that is recommended, by letter and title; "-" where none is."""
    title = options.loc[options["option"] == letter, "title"]
    return f"{letter}  {title.iloc[0]}" if len(title) else letter or UNKNOWN


def left_words(by: date | None, today: date) -> str:
    """Days until a deadline.

    >>> left_words(date(2014, 1, 9), date(2014, 1, 6)), left_words(None, date(2014, 1, 6))
    ('3', 'no deadline')
    """
    left = days_left(by, today)
    if left is None:
        return "no deadline"
    return f"✗ {-left} overdue" if left < 0 else str(left) if left else "today"


def prior(material: Material) -> Slide | None:
    """What earlier cycles decided, and what came of it against what was expected."""
    rows = prior_decisions(material.recorded("decision"), material.cycle)
    if rows.empty:
        return None
    found = outcomes(material, rows)
    told = {
        one.decision_id: [outcome_words(each, material.currency) for each in one.outcomes] for one in found
    }
    titles = material.recorded("decision_option").set_index(["decision_id", "option"])["title"]
    frame = pd.DataFrame(
        [
            (
                month(row.cycle),
                "(sample) " * bool(row.sample) + row.question,
                titles.get((row.decision_id, row.chosen_option), row.chosen_option),
                row.choice_reason,
                "\n".join(told.get(row.decision_id, ())) or "nothing that actuals are read in",
            )
            for row in rows.itertuples()
        ],
        columns=["cycle", "question", "chosen", "why", "expected and actual"],
    )
    shown = table(
        frame, [Kind.TEXT] * 5, (0.9, 3, 2.2, 2.6, 4.6), "Decisions of earlier cycles, expected and actual"
    )
    return Slide(
        key="prior",
        title=prior_words(found),
        subtitle="What earlier cycles decided, the newest first; the sample counts in nothing",
        blocks=(shown,),
        source=f"Page Executive S&OP, section Prior decisions. {RULE}",
    )


def outcomes(material: Material, rows: pd.DataFrame) -> tuple[Judged, ...]:
    """Expected against actual of these decisions, as the executive page has them."""
    effects = material.warehouse.read("SELECT * FROM decision_effect ORDER BY ALL")
    delivers = (effects["measure"] == "on_time_pct").any()
    return judged(
        material.plan, rows, effects, {}, material.past_supply if delivers else None, material.replays
    )


def follow_up(material: Material) -> Slide | None:
    """Assumptions that broke, and actions that are open."""
    broken = [found for found in held(material) if found.status == BROKEN]
    actions = open_actions(material)
    if not broken and actions.empty:
        return None
    words = assumption_words.count_words(broken) or "No assumption is broken"
    made_up = actions["action"].str.endswith("(sample)")
    count = int((~made_up).sum())
    opened = f"{count} action{' is' if count == 1 else 's are'} open" if count else "no action is open"
    opened += f" ({int(made_up.sum())} more of the sample)" if made_up.any() else ""
    blocks = []
    if broken:
        lines = tuple(
            clean(
                f"{one.assumption.text}{' (sample)' * one.assumption.sample}: "
                f"{assumption_words.broken_sentence(one, material.plan)}"
            )
            for one in broken
        )
        blocks.append(Bullets(lines, "Broken assumptions", weight=0.35 + 0.12 * len(lines)))
    if len(actions):
        blocks.append(table(actions, [Kind.TEXT] * 5, (5, 2, 2, 1.3, 1.3), "Open actions"))
    return Slide(
        key="follow_up",
        title=f"{words}; {opened}",
        subtitle="Assumptions held against actuals, and actions of all reviews, the earliest due first",
        blocks=tuple(blocks),
        source="Page Cycle: register of assumptions, actions.",
    )


def held(material: Material) -> tuple[Checked, ...]:
    """The open assumptions held against actuals and the plan, as the pages hold them."""
    standing_ones = assumptions_of(material.recorded("assumption"), material.cycle)
    delivers = any(one.measure == "on_time_pct" for one in standing_ones)
    return check(material.plan, standing_ones, material.past_supply if delivers else None)


def open_actions(material: Material) -> pd.DataFrame:
    """action, owner, review, due, days left of the actions up to this cycle that are open, by due date."""
    notes = material.recorded("note")
    rows = notes[(notes["kind"] == "action") & (notes["status"] == OPEN) & (notes["cycle"] <= material.cycle)]
    rows = rows.sort_values("due", na_position="last", kind="stable")
    today = material.at.date()
    return pd.DataFrame(
        {
            "action": [f"{row.text}{' (sample)' * bool(row.sample)}" for row in rows.itertuples()],
            "owner": [owner or "nobody" for owner in rows["owner"]],
            "review": [STAGE_WORDS.get(stage, stage) for stage in rows["stage"]],
            "due": [UNKNOWN if pd.isna(due) else day(_date(due)) for due in rows["due"]],
            "days left": [left_words(_date(due), today) for due in rows["due"]],
        },
        dtype=object,
    )


def _date(value: pd.Timestamp) -> date | None:
    return None if pd.isna(value) else value.date()
