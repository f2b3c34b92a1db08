"""The tasks of a review: what is to be done where, by whom and when; done, dropped, opened again, added."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.evidence import open_section
from pages.frame.navigation import PAGES
from pages.frame.page import may_record, ranked_table
from pages.frame.perform import form_over, step_form, submit
from pages.frame.strip import escaped
from sop_engine.executive_sop.decisions import STAGE_WORDS, deadline_words
from sop_engine.executive_sop.tasks import OPEN, Task
from sop_engine.records.tasks import add_task, drop_task, finish_task, reopen_task


def show(stage: str, owner: str) -> None:
    """The tasks of a review, open ones first; a row opens its steps. owner: of the review"""
    cycle = session.inputs().cycle
    rows = session.recorded("task", cycle)
    mine = rows[rows["stage"] == stage].sort_values("status", key=lambda s: s != OPEN, kind="stable")
    if mine.empty:
        st.caption(f"{STAGE_WORDS[stage]} has no tasks.")
    else:
        at = ranked_table(task_table(mine, owner), f"tasks_{stage}", select=True, ids=["task"])
        if at is None:
            st.caption("Click a task to go where it is done, or to say that it is.")
        else:
            _steps(mine.iloc[at], cycle)
    if may_record(cycle):
        form_over("Add a task", f"add_task_{stage}", lambda: _add_form(cycle, stage))


def task_table(rows: pd.DataFrame, owner: str) -> pd.DataFrame:
    """task, owner, standing, where: of rows of the table task."""
    return pd.DataFrame(
        {
            "task": rows["title"].to_numpy(),
            "owner": [one or owner or "nobody" for one in rows["owner"]],
            "standing": [_standing(row) for row in rows.itertuples()],
            "where": [_where(row.page, row.section) for row in rows.itertuples()],
        }
    )


def _standing(row: object) -> str:
    """Days to the deadline, or who settled it and why it was dropped."""
    if row.status == OPEN:
        due = None if pd.isna(row.due) else row.due.date()
        return deadline_words(OPEN, due, session.now().date()).removeprefix("open, ")
    return f"{row.status}, {row.done_by}" + (f": {row.reason}" if row.reason else "")


def _where(page: str, section: str) -> str:
    return ", ".join(filter(None, [dict(PAGES).get(page, ""), section]))


def _steps(row: pd.Series, cycle: str) -> None:
    """The way to where it is done; done, dropped or open again while the cycle is open."""
    name, title = row["task_id"], row["title"]
    st.markdown(f"**{escaped(title)}**")
    with st.container(horizontal=True, gap="small"):
        if row["page"] not in ("", "cycle"):
            open_section(
                f"Go to {_where(row['page'], row['section'])}", f"go_{name}", row["page"], row["section"]
            )
        if not may_record(cycle):
            return
        if row["status"] == OPEN:
            form_over("Done", f"task_done_{name}", lambda: _done_form(name), title)
            form_over("Drop", f"task_drop_{name}", lambda: _drop_form(name), title)
        else:
            form_over("Open again", f"task_again_{name}", lambda: _again_form(name, row["status"]), title)


def _done_form(name: str) -> None:
    with st.form(f"task_done_{name}_form", border=False):
        submit("Done", f"task_done_{name}", "Ticked off", partial(finish_task, session.warehouse(), name))


def _drop_form(name: str) -> None:
    dropped = partial(drop_task, session.warehouse(), name)
    step_form("Drop", f"task_drop_{name}", "Dropped", dropped, "Why it is not needed")


def _again_form(name: str, seen: str) -> None:
    with st.form(f"task_again_{name}_form", border=False):
        again = partial(reopen_task, session.warehouse(), name, seen=seen)
        submit("Open again", f"task_again_{name}", "Open again", again)


def _add_form(cycle: str, stage: str) -> None:
    with st.form(f"add_task_{stage}_form", border=False):
        title = st.text_input("What is to be done")
        left, middle, right = st.columns(3)
        owner = left.text_input("Owner", placeholder="the owner of the review")
        on = middle.number_input("Working day", 0, 40, value=None, step=1)
        names = dict(PAGES)
        page = right.selectbox("Page", ["", *names], format_func=lambda one: names.get(one, "none"))
        task = Task(stage, title, page, "", on, owner.strip())
        submit("Add it", f"add_task_{stage}", "Added", partial(add_task, session.warehouse(), cycle, task))
