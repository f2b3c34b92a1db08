"""Notes of a cycle as people read them, how long they have stood, and the steps that close or hand them
on."""

from __future__ import annotations

from datetime import date
from functools import partial

import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.assumptions import from_note, write_over
from pages.frame.capture import KINDS, owner_input
from pages.frame.evidence import open_view, view_words
from pages.frame.perform import form_over, step_form, submit
from pages.frame.strip import escaped
from sop_engine.charts.numbers import day, month
from sop_engine.executive_sop.decisions import deadline_words
from sop_engine.executive_sop.evidence import Evidence
from sop_engine.executive_sop.my_things import carried_cycles
from sop_engine.plan import Plan
from sop_engine.records.notes import DONE, DROPPED, OPEN, reassign_note, set_note_status


def note_table(rows: pd.DataFrame, cycle: str, today: date) -> pd.DataFrame:
    """kind, text, owner, standing, from: of rows of the table note, as they stand in a cycle."""
    cycles = session.recorded("cycle")["cycle"]
    return pd.DataFrame(
        {
            "kind": [KINDS[kind] for kind in rows["kind"]],
            "text": rows["text"].to_numpy(),
            "owner": rows["owner"].to_numpy(),
            "standing": [_standing(row, today) for row in rows.to_dict("records")],
            "from": [
                from_words(made, cycle, carried_cycles(made, cycle, cycles), sample)
                for made, sample in zip(rows["cycle"], rows["sample"], strict=True)
            ],
        }
    )


def from_words(made: str, cycle: str, carried: int, sample: bool = False) -> str:
    """Since when something stands.

    >>> from_words("2013-12", "2014-01", 1)
    'Dec 13, carried 1 cycle'
    """
    times = f"carried {carried} cycle{'' if carried == 1 else 's'}" if carried else ""
    words = [month(made) if made != cycle else "this cycle", times, "sample" if sample else ""]
    return ", ".join(filter(None, words))


def note_steps(row: pd.Series, plan: Plan) -> None:
    """What is known of one note, and what can be done with it."""
    _facts(row)
    name, words = row["note_id"], f"{KINDS[row['kind']]}: {row['text']}"
    with st.container(horizontal=True, gap="small"):
        if row["evidence"]:
            open_view("Open the view", f"view_{name}", Evidence.from_json(row["evidence"]))
        if row["status"] == OPEN:
            if row["kind"] == "assumption":
                write_over(plan, f"watch_{name}", from_note(plan.inputs, row), "Hold it against actuals")
            form_over("Done", f"done_{name}", lambda: _step(row, "Done", DONE, "What came of it"), words)
            form_over("Drop", f"drop_{name}", lambda: _step(row, "Drop", DROPPED, "Why it is dropped"), words)
            form_over("Hand on or reschedule", f"hand_{name}", lambda: _hand_on(row), words)
        else:
            form_over("Open again", f"again_{name}", lambda: _step(row, "Open again", OPEN, "Why"), words)


def _facts(row: pd.Series) -> None:
    """Who wrote it and when, what closed it, and the view that is kept with it."""
    made = f"{row['note_id']}, written down by {row['created_by']} on {day(row['created_at'].date())}"
    closed = f"{row['status']} by {row['closed_by']}: {row['reason'] or 'no remark'}"
    view = f"seen on {view_words(Evidence.from_json(row['evidence']))}" if row["evidence"] else ""
    parts = [made, closed if row["status"] != OPEN else "", view]
    st.markdown(escaped(row["text"]))
    st.caption(escaped(" · ".join(filter(None, parts))))


def _step(row: pd.Series, label: str, status: str, ask: str) -> None:
    name = row["note_id"]
    moved = partial(set_note_status, session.warehouse(), name, status, seen=row["status"])
    step_form(label, f"note_{status}_{name}", f"{name} is {status}", moved, ask)


def _hand_on(row: pd.Series) -> None:
    """Another owner, another deadline, or both."""
    name = row["note_id"]
    with st.form(f"hand_{name}_form", border=False):
        left, right = st.columns(2)
        handed = partial(
            reassign_note,
            session.warehouse(),
            name,
            owner=owner_input(left, session.inputs().cycle, f"owner_{name}", row["owner"]),
            due=right.date_input("Due", value=_date(row["due"]), key=f"due_{name}"),
            seen=row[["owner", "due"]].to_dict(),
            reason=st.text_input("Why", key=f"why_{name}"),
        )
        submit("Hand on", f"hand_{name}", f"{name} is changed", handed)


def _standing(row: dict[str, object], today: date) -> str:
    """Days to its deadline while it is open, how it was closed after."""
    if row["status"] != OPEN:
        return f"{row['status']}, {day(row['closed_at'].date())}" if row["closed_by"] else str(row["status"])
    age = (today - row["created_at"].date()).days
    old = f", {age} day{'' if age == 1 else 's'} old" if age > 0 else ""
    return deadline_words(OPEN, _date(row["due"]), today) + old


def _date(value: pd.Timestamp) -> date | None:
    return None if pd.isna(value) else value.date()
