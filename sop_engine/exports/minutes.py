"""Minutes of a meeting: who came, what was talked about, decided and asked, as data, Markdown and HTML."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import pandas as pd

from sop_engine.charts.numbers import UNKNOWN, day, full, month, percent, points, signed
from sop_engine.errors import RecordError
from sop_engine.executive_sop.agenda import missing_roles, quorum_words
from sop_engine.executive_sop.decisions import STAGE_WORDS, Status
from sop_engine.executive_sop.evidence import Evidence
from sop_engine.executive_sop.meeting_time import decision_share_pct, held, item_at, minutes_words
from sop_engine.executive_sop.scorecard import Scorecard, Verdict, compare
from sop_engine.records.meetings import Meeting
from sop_engine.scenario import Scenario

NOTE_PARTS = {
    "action": "Actions",
    "assumption": "Assumptions noted",
    "request": "Points to ask",
    "parking": "Parking lot",
    "note": "Notes",
}
STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 Inter, system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin-bottom: 0.25rem; } h2 { font-size: 1.1rem; margin: 1.75rem 0 0.5rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 0.35rem 0.75rem 0.35rem 0; vertical-align: top;
border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
th { font-weight: 600; } p { margin: 0.25rem 0; } @media print { h2 { break-after: avoid; } }
"""


@dataclass(frozen=True)
class Part:
    """One part of the minutes: a table with a row at least."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Minutes:
    """Minutes as written at the end of a meeting: a title, sentences, parts."""

    title: str
    lines: tuple[str, ...]
    parts: tuple[Part, ...]

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @staticmethod
    def from_json(text: str) -> Minutes:
        """Raises RecordError when the text is no minutes."""
        try:
            kept = json.loads(text)
            parts = tuple(
                Part(part["title"], tuple(part["columns"]), tuple(map(tuple, part["rows"])))
                for part in kept["parts"]
                if part["rows"]
            )
            return Minutes(kept["title"], tuple(kept["lines"]), parts)
        except (ValueError, TypeError, KeyError) as fault:
            raise RecordError(f"This is no text of minutes: {fault}. Store one with to_json.") from fault


def minutes_of(
    meeting: Meeting, recorded: Mapping[str, pd.DataFrame], figures: Scorecard, at: datetime
) -> Minutes:
    """The minutes of a meeting that has begun, as if it ended at `at`.

    recorded: what was written in it, by table (records.recorded_in), and its course (meeting_time.course_of)
    figures: the scorecard now
    """
    agenda = held(meeting.agenda, at)
    notes, decisions = recorded["note"], recorded["decision"]
    put_off = dict(recorded["put_off"].to_numpy().tolist())
    outcomes = _outcomes(decisions, recorded["decision_option"])
    parts = (
        _decisions(decisions, outcomes, put_off),
        *(
            _notes(notes[notes["kind"] == kind], title, recorded["turn"], agenda)
            for kind, title in NOTE_PARTS.items()
        ),
        _assumptions(recorded["assumption"]),
        _requests(recorded["request"]),
        _overrides(recorded["override"]),
        _figures(meeting, figures),
        _agenda(agenda, outcomes),
        _attendance(meeting.attendance),
    )
    title = f"{meeting.row['title']}, {month(meeting.row['cycle'])} cycle"
    return Minutes(title, _lines(meeting, agenda, at), tuple(part for part in parts if part.rows))


def markdown(minutes: Minutes) -> str:
    """The minutes as Markdown; what stands in a cell is kept from being read as markup."""
    blocks = [f"# {_plain(minutes.title)}", *map(_plain, minutes.lines)]
    for part in minutes.parts:
        blocks += [f"## {_plain(part.title)}", _table(part)]
    return "\n\n".join(blocks) + "\n"


def html_page(minutes: Minutes) -> str:
    """The minutes as one HTML page that needs nothing else, to mail or print."""
    safe = html.escape
    body = [f"<h1>{safe(minutes.title)}</h1>", *(f"<p>{safe(line)}</p>" for line in minutes.lines)]
    for part in minutes.parts:
        body += [f"<h2>{safe(part.title)}</h2>", _html_table(part)]
    head = f"<meta charset='utf-8'><title>{safe(minutes.title)}</title><style>{STYLE}</style>"
    return f"<!doctype html><html lang='en'><head>{head}</head><body>{''.join(body)}</body></html>"


def _lines(meeting: Meeting, agenda: pd.DataFrame, at: datetime) -> tuple[str, ...]:
    """When, who led, how long, on what data and plan, and whether anybody could decide."""
    row, took, planned = meeting.row, agenda["seconds"].sum(), agenda["minutes"].sum()
    began = row["started_at"]
    share = decision_share_pct(agenda)
    return (
        f"{STAGE_WORDS[row['stage']]}{', ' + row['scope'] if row['scope'] else ''}. {day(began.date())}, "
        f"{began:%H:%M} to {at:%H:%M}, led by {row['facilitator']}.",
        f"{minutes_words(took)} held of {planned:.0f}:00 planned; {percent(share)} of the time on decisions.",
        f"{_data_words(row)}; plan it began with: {_scenario_words(row['levers'])}.",
        _quorum_words(meeting.attendance),
    )


def _quorum_words(people: pd.DataFrame) -> str:
    """Who was there that may decide, and how many roles were; or why nothing could be decided."""
    roles, missing = people["role"].nunique(), missing_roles(people)
    seated = f"{roles - len(missing)} of {roles} roles were there"
    absent = f", without {', '.join(missing)}" if missing else ""
    if against := quorum_words(people):
        return f"{against} {seated}."
    deciders = people[people["present"] & people["decides"]]
    named = [row.person or row.role for row in deciders.itertuples()]
    return f"Quorum: {', '.join(named)} could decide; {seated}{absent}."


def _data_words(row: pd.Series) -> str:
    """The data the meeting ended on, and when it moved on to it."""
    words = f"Data {row['data_version'][:6]}"
    if pd.isna(row["pinned_at"]) or row["pinned_at"] == row["started_at"]:
        return words
    taken = f"{row['pinned_at']:%H:%M}"
    return f"{words}, newer than it began on and taken over at {taken}: figures moved with it too"


def _scenario_words(levers: str) -> str:
    return Scenario.from_json(levers).in_words() if levers else UNKNOWN


def _outcomes(rows: pd.DataFrame, options: pd.DataFrame) -> dict[str, str]:
    """{decision: its outcome in words}"""
    return {
        row.decision_id: _outcome(row, options[options["decision_id"] == row.decision_id])
        for row in rows.itertuples()
    }


def _decisions(rows: pd.DataFrame, outcomes: Mapping[str, str], put_off: Mapping[str, str]) -> Part:
    columns = ("Question", "Outcome", "Why", "Owner", "Decided by", "Deadline")
    cells = [
        (
            row.question,
            outcomes[row.decision_id],
            _why(row, put_off),
            row.owner,
            row.decided_by,
            _date(row.decide_by),
        )
        for row in rows.itertuples()
    ]
    return _part("Decisions", columns, cells)


def _outcome(row: tuple, options: pd.DataFrame) -> str:
    """What was chosen and what was not, by name; or where the decision stands."""
    if row.status == Status.DECIDED:
        titles = dict(zip(options["option"], options["title"], strict=True))
        chosen = titles.pop(row.chosen_option, "")
        others = "; ".join(f"{letter}: {title}" for letter, title in titles.items())
        return f"decided: {row.chosen_option}: {chosen}" + (f" (not taken: {others})" if others else "")
    if row.status == Status.ESCALATED:
        return f"escalated to {STAGE_WORDS[row.escalated_to]}"
    if row.status == Status.DEFERRED and not pd.isna(row.decide_by):
        return f"deferred to {_date(row.decide_by)}"
    recommended = f", option {row.recommendation} recommended" if row.recommendation else ""
    return f"{row.status}{recommended}"


def _why(row: tuple, put_off: Mapping[str, str]) -> str:
    """The reason of the step that it took last; of one that was only raised, why it was."""
    reasons = {
        Status.DECIDED: row.choice_reason,
        Status.ESCALATED: row.escalation_reason,
        Status.DEFERRED: put_off.get(row.decision_id, row.reason),
    }
    return reasons.get(Status(row.status), row.reason)


def _notes(rows: pd.DataFrame, title: str, turns: pd.DataFrame, agenda: pd.DataFrame) -> Part:
    cells = [
        (
            row.text,
            row.owner,
            _date(row.due),
            row.status,
            item_at(turns, agenda, row.created_at),
            _view(row.evidence),
        )
        for row in rows.itertuples()
    ]
    return _part(title, ("What", "Owner", "Due", "Status", "Item", "Seen on"), cells)


def _view(evidence: str) -> str:
    return Evidence.from_json(evidence).words() if evidence else ""


def _assumptions(rows: pd.DataFrame) -> Part:
    cells = [(row.text, row.measure.replace("_", " "), row.owner, row.status) for row in rows.itertuples()]
    return _part("Assumptions on the register", ("Assumption", "Measure", "Owner", "Status"), cells)


def _requests(rows: pd.DataFrame) -> Part:
    cells = [
        (
            row.title,
            f"{signed(row.amount)} {row.measure.replace('_', ' ')}",
            STAGE_WORDS.get(row.to_stage, "nobody yet"),
            row.status,
            row.answer,
        )
        for row in rows.itertuples()
    ]
    return _part("Requests", ("Request", "Asks for", "Of", "Status", "Answer"), cells)


def _overrides(rows: pd.DataFrame) -> Part:
    cells = [
        (
            row.product or row.family or "all products",
            row.market or "all markets",
            f"{row.kind} {row.value:g}",
            row.reason,
            row.created_by,
        )
        for row in rows.itertuples()
    ]
    return _part("Overrides of the demand", ("Product", "Market", "Change", "Reason", "By"), cells)


def _figures(meeting: Meeting, now: Scorecard) -> Part:
    """The seven figures as the meeting began and as it ended."""
    began = Scorecard.from_json(meeting.row["figures"])
    cells = []
    for delta in compare(now, began):
        write, change = (percent, points) if delta.figure.unit == "%" else (full, signed)
        moved = "±0" if delta.verdict is Verdict.NOTHING else change(delta.delta)
        cells.append((delta.figure.label, write(delta.base), write(delta.value), moved))
    period = re.sub(r"\d{4}-\d{2}", lambda label: month(label[0]), now.period)
    title = ", ".join(filter(None, ["Figures", now.currency, period]))
    return _part(title, ("Figure", "At the start", "At the end", "Change"), cells)


def _agenda(agenda: pd.DataFrame, outcomes: Mapping[str, str]) -> Part:
    """The items with their time, and what came of the decision that an item was about."""
    cells = []
    for row in agenda.itertuples():
        over = row.seconds - 60 * row.minutes
        spent = minutes_words(row.seconds) if row.seconds > 0 else "not reached"
        late = minutes_words(over) if over >= 1 else ""
        came = outcomes.get(row.about, "still waits") if row.about else ""
        cells.append((row.title, f"{row.minutes:.0f}:00", spent, late, row.kind, came, row.notes))
    return _part("Agenda", ("Item", "Planned", "Held", "Over", "Kind", "Outcome", "Notes"), cells)


def _attendance(people: pd.DataFrame) -> Part:
    cells = [
        (row.role, row.person, "yes" if row.present else "no", "yes" if row.decides else "")
        for row in people.itertuples()
    ]
    missing = missing_roles(people)
    title = (
        f"Attendance, {len(people['role'].unique()) - len(missing)} of {len(people['role'].unique())} roles"
    )
    return _part(title, ("Role", "Person", "Present", "Decides"), cells)


def _part(title: str, columns: tuple[str, ...], cells: Sequence[tuple]) -> Part:
    return Part(title, columns, tuple(tuple(map(str, row)) for row in cells))


def _date(value: pd.Timestamp) -> str:
    return "" if pd.isna(value) else day(value.date())


def _plain(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    return re.sub(r"([\\`*_\[\]<>|#])", r"\\\1", " ".join(text.split()))


def _table(part: Part) -> str:
    rows = [part.columns, ["---"] * len(part.columns), *(map(_plain, row) for row in part.rows)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _html_table(part: Part) -> str:
    head = "".join(f"<th>{html.escape(name)}</th>" for name in part.columns)
    rows = ("".join(f"<td>{html.escape(cell)}</td>" for cell in row) for row in part.rows)
    return f"<table><tr>{head}</tr>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"
