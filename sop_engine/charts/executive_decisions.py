"""Prior decisions as drawn: what each was expected to bring beside what came, and who hits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sop_engine.assumptions.assumption import MEASURES
from sop_engine.charts.numbers import UNKNOWN, month, months, short, signed
from sop_engine.charts.style import FigureDict, Style, html, layout
from sop_engine.executive_sop.effects import Effect, Scope, read_by
from sop_engine.executive_sop.outcomes import Judged, Outcome, Verdict

MARKS = {
    Verdict.HIT: "✓",
    Verdict.MISS: "✕",
    Verdict.UNTOLD: "?",
    Verdict.RUNNING: "…",
    Verdict.UNKNOWN: UNKNOWN,
    Verdict.UNMEASURED: UNKNOWN,
}
DRAWN = (Verdict.HIT, Verdict.MISS, Verdict.UNTOLD)
COUNTED = (Verdict.HIT, Verdict.MISS, Verdict.UNTOLD, Verdict.RUNNING)
COLUMNS = (
    *("outcome", "question", "expected", "came", "share", "measure", "of"),
    *("months", "review", "owner", "type", "decision", "sample"),
)
ABOVE, LABEL_HEIGHT = 112, 19  # pixels: of title and axis, of a label
NOTHING = 1e-3  # of what moves in the months: so little left in sum is nothing
ROOM = 0.12  # of the scale, beyond its ends


def outcome_words(outcome: Outcome, currency: str) -> str:
    """What was expected and what came, as a sentence."""
    unit = outcome.unit(currency)
    expected = f"{_name(outcome)}: expected {signed(outcome.effect)} {unit}"
    if outcome.verdict is Verdict.RUNNING:
        so_far = f", so far {signed(outcome.came)}" if outcome.passed else ""
        return f"{expected}{so_far}; running: {outcome.passed} of {len(outcome.months)} months"
    if np.isnan(outcome.actual):
        return f"{expected}; no actuals are known"
    came = f"{expected}, came {signed(outcome.came)}"
    if outcome.verdict is Verdict.UNTOLD:
        return f"{came}; {noise_words(outcome)}, so it cannot be told"
    return f"{came}: {share_words(outcome)}, {outcome.verdict}; {noise_words(outcome)}"


def expected_words(effects: Sequence[Effect], currency: str) -> str:
    """What an option is expected to bring: the average of its months by measure and scope.

    Such as: expected demand of Road Bikes +138 units a month, Feb 14 to Jun 15.
    """
    groups: dict[tuple[str, Scope], list[Effect]] = {}
    for effect in effects:
        groups.setdefault((effect.measure, effect.scope), []).append(effect)
    parts = []
    for (measure, scope), each in groups.items():
        moved = float(np.mean([one.expected - one.without for one in each]))
        unit = read_by(measure, scope).unit(currency)
        span = months([f"{one.month:%Y-%m}" for one in each])
        shifted = abs(moved) < NOTHING * float(np.mean([abs(one.expected - one.without) for one in each]))
        said = "moves between months, nothing in sum" if shifted else f"{signed(moved)} {unit}"
        parts.append(f"{MEASURES[measure].words} of {scope.words()} {said}, {span}")
    return f"expected {'; '.join(parts)}" if parts else "nothing is expected that actuals are read in"


def noise_words(outcome: Outcome) -> str:
    """How far forecasts were off before, and on what that was measured."""
    if np.isnan(outcome.noise):
        return "nothing says how far forecasts are off"
    return f"forecasts by {outcome.noise_of} were off by {short(outcome.noise)}"


def share_words(outcome: Outcome) -> str:
    """What came in % of what was expected, cut so that a miss never reads as a hit.

    Such as: 78 %.
    """
    return UNKNOWN if np.isnan(outcome.share_pct) else f"{np.floor(outcome.share_pct):.0f} %"


def prior_words(found: Sequence[Judged]) -> str:
    """How the decisions of earlier cycles came out; what is made up is counted apart.

    Such as: 2 prior decisions were measured: 1 hit, 1 miss; of the sample: 1 hit, 1 running.
    """
    real, sample = ([one for one in found if one.sample is made_up] for made_up in (False, True))
    parts = [_counts(real) or "No prior decision of your own can be measured yet"]
    if sample:
        parts.append(f"of the sample: {_counts(sample) or 'none measurable'}")
    return "; ".join(parts)


def outcome_table(
    found: Sequence[Judged], questions: Mapping[str, str], reviews: Mapping[str, str], currency: str
) -> pd.DataFrame:
    """One row per measure of each decision, one for a decision that nothing measures; in the order given.

    questions, reviews: {decision_id: question} and {decision_id: day of its review in words}
    """
    rows = [_row(one, outcome, currency) for one in found for outcome in (one.outcomes or (None,))]
    table = pd.DataFrame(rows)
    table["question"] = [questions[key] for key in table["decision"]]
    table["review"] = [reviews.get(key, "") for key in table["decision"]]
    table["sample"] = ["sample" if one.sample else "" for one in found for _ in (one.outcomes or (None,))]
    return table[list(COLUMNS)]


def slope(found: Sequence[Judged], questions: Mapping[str, str], currency: str, style: Style) -> FigureDict:
    """Expected and actual effect of every measure that is due, in % of the plan without the decision."""
    drawn = [(one, each) for one in found for each in one.outcomes if each.verdict in DRAWN and each.without]
    height = max(260, ABOVE + 2 * LABEL_HEIGHT * len(drawn))
    gap = (1 + 2 * ROOM) * LABEL_HEIGHT / (height - ABOVE)
    places = spread([_pct(each.came, each) for _, each in drawn], gap)
    marks = []
    for (one, each), place in zip(drawn, places, strict=True):
        words = f"{MARKS[each.verdict]} {_name(each)} {_pct(each.came, each):+.1f} %: {share_words(each)}"
        told = "cannot be told" if each.verdict is Verdict.UNTOLD else str(each.verdict)
        text = f"{words}, {told}{' (sample)' if one.sample else ''}"
        marks.append(_label(text, place, _color(each.verdict, style)))
    values = [value for _, each in drawn for value in (_pct(each.effect, each), _pct(each.came, each))]
    low, high = min(0.0, 0.0, *values), max(0.0, 0.0, *values, *places)
    room = ROOM * (high - low or 1.0)
    return {
        "data": [_line(one, each, questions, style) for one, each in drawn],
        "layout": layout(
            style,
            prior_words(found),
            f"Effect of each decision, % of the plan without it; money in {currency}".removesuffix(
                "; money in "
            ),
            height=height,
            hovermode="closest",
            annotations=marks,
            xaxis={
                "range": [-0.25, 2.6],
                "tickvals": [0, 1],
                "ticktext": ["expected", "came"],
                "zeroline": False,
            },
            yaxis={"range": [low - room, high + room], "ticksuffix": " %", "zeroline": True, "nticks": 6},
        ),
    }


def spread(values: Sequence[float], gap: float) -> list[float]:
    """Places for labels at these values, moved up where they would overlap, their order kept. gap: the least
    distance of two, as a share of their reach from zero

    >>> spread([10.0, 10.0, 0.0], 0.1)
    [10.0, 11.0, 0.0]
    """
    reach = (max(0.0, *values, 0.0) - min(0.0, *values, 0.0)) or 1.0
    found, last = list(values), -np.inf
    for at in sorted(range(len(values)), key=lambda each: values[each]):
        found[at] = last = max(values[at], last + gap * reach)
    return found


def seen_table(options: pd.DataFrame, chosen: str, currency: str, margins: Sequence[float]) -> pd.DataFrame:
    """The options that a decision had before it: option, what, gross margin of the year as seen then, chosen.

    options: rows of decision_option; margins: of their figures, NaN where none were kept
    """
    money = f"gross margin seen, {currency}".rstrip(", ")
    return pd.DataFrame(
        {
            "option": options["option"].to_numpy(),
            "what": options["title"].to_numpy(),
            money: np.array(margins, dtype=float),
            "chosen": ["✓" if letter == chosen else "" for letter in options["option"]],
        }
    )


def _row(one: Judged, outcome: Outcome | None, currency: str) -> dict[str, Any]:
    blank = {"decision": one.decision_id, "owner": one.owner, "type": one.kind}
    if outcome is None:
        return {
            **blank,
            "measure": "",
            "of": "",
            "months": "",
            "expected": "",
            "came": "",
            "share": "",
            "outcome": str(one.verdict),
        }
    running = outcome.verdict is Verdict.RUNNING
    unit = outcome.unit(currency)
    told = (
        f"{outcome.verdict}: {outcome.passed} of {len(outcome.months)} months" if running else outcome.verdict
    )
    return {
        **blank,
        "measure": f"{MEASURES[outcome.measure].words}, {unit}",
        "of": outcome.scope.words(),
        "months": months(outcome.months),
        "expected": signed(outcome.effect),
        "came": signed(outcome.came),
        "share": share_words(outcome),
        "outcome": f"{MARKS[outcome.verdict]} {told}",
    }


def _counts(found: Iterable[Judged]) -> str:
    """ "1 hit, 2 running"; "" where nothing is measured."""
    verdicts = [one.verdict for one in found]
    return ", ".join(f"{verdicts.count(each)} {each}" for each in COUNTED if each in verdicts)


def _name(outcome: Outcome) -> str:
    return f"{MEASURES[outcome.measure].words} of {outcome.scope.words()}"


def _pct(amount: float, outcome: Outcome) -> float:
    return 100 * amount / abs(outcome.without)


def _color(verdict: Verdict, style: Style) -> str:
    return {Verdict.HIT: style.good, Verdict.MISS: style.bad}.get(verdict, style.muted)


def _line(one: Judged, outcome: Outcome, questions: Mapping[str, str], style: Style) -> dict[str, Any]:
    color = _color(outcome.verdict, style)
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": html(_name(outcome)),
        "x": [0, 1],
        "y": [_pct(outcome.effect, outcome), _pct(outcome.came, outcome)],
        "line": {"color": color, "width": 3, "dash": "dot" if outcome.verdict is Verdict.UNTOLD else "solid"},
        "marker": {"size": 11, "color": [style.plan, style.actual]},
        "hovertemplate": f"{html(questions[one.decision_id])}<br>%{{y:+.1f}} %<extra></extra>",
    }


def _label(text: str, place: float, color: str) -> dict[str, Any]:
    return {
        "x": 1.06,
        "y": place,
        "text": html(text),
        "xanchor": "left",
        "showarrow": False,
        "font": {"size": 13, "color": color},
    }


def confirm_words(row: pd.Series, title: str) -> str:
    """What was decided between two meetings, by whom and why, as a sentence."""
    day = month(f"{row['decided_at']:%Y-%m-%d}")
    return (
        f"{row['question']} {row['decided_by']} chose on {day}: {title}. "
        f"{row['between_meetings']}.{' (sample)' if row['sample'] else ''}"
    )
