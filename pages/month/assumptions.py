"""The register of assumptions: each with its light, actual against its band, and what leans on it."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.assumptions import (
    broken_ones,
    bucket_day,
    from_note,
    from_override,
    held,
    resting_input,
    write_over,
)
from pages.frame.page import Page, chart, may_record, ranked_table
from pages.frame.perform import form_over, submit
from pages.frame.progress import reviews, stamp_words
from pages.frame.strip import escaped
from sop_engine.assumptions.assumption import MEASURES
from sop_engine.assumptions.checked import Checked
from sop_engine.charts import assumption_figures as figures
from sop_engine.charts import assumptions as charts
from sop_engine.charts.numbers import month
from sop_engine.records.assumptions import RETIRED, leaning_records, retire_assumption, revise_assumption
from sop_engine.records.notes import OPEN


def broken_on_top(page: Page) -> None:
    """The broken assumptions, where nobody can miss them."""
    broken_ones(held(page.plan), page.plan)


def show(page: Page) -> None:
    """How the assumptions stand, the figure and the list; a row opens what leans on it."""
    checked = held(page.plan)
    st.subheader("What the plan takes for granted", anchor=False)
    if not checked:
        st.info("No assumption is written down. Write what the plan takes for granted, in words first.")
    else:
        st.caption(escaped(charts.tally_words(checked)))
        _figure(page, checked)
        st.caption("Averages of the months of each; actual: those that have passed. Click one to see more.")
        table = charts.register_table(checked, page.plan)
        row = ranked_table(table, "assumptions", select=True, ids=["assumption"])
        if row is not None:
            detail(page, checked[row])
    if may_record(page.plan.inputs.cycle):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            write_over(page.plan, "cycle_assumption")
            _begin_from_note(page)
    _retired(page)


def _begin_from_note(page: Page) -> None:
    """Makes a captured assumption, or the note of an override that nothing watches yet, a measured one."""
    cycle = page.plan.inputs.cycle
    notes, overrides = session.recorded("note"), session.recorded("override")
    noted = notes[(notes["kind"] == "assumption") & (notes["status"] == OPEN) & (notes["cycle"] <= cycle)]
    watched = {one for found in held(page.plan) for one in found.assumption.rests_on}
    counting = overrides[overrides["active"].astype(bool) & (overrides["note"] != "")]
    free = counting[~counting["override_id"].isin(watched)]
    words = dict(zip([*noted["note_id"], *free["override_id"]], [*noted["text"], *free["note"]], strict=True))
    if not words:
        return
    chosen = st.selectbox(
        "A note that nothing measures yet", list(words), format_func=words.__getitem__, key="note_to_measure"
    )
    row = noted[noted["note_id"] == chosen]
    start = from_override(page.plan.inputs, chosen) if row.empty else from_note(page.plan.inputs, row.iloc[0])
    write_over(page.plan, "measure_note", start, "Make it an assumption")


def _figure(page: Page, checked: tuple[Checked, ...]) -> None:
    if any(found.span for found in checked):
        calendar = page.plan.inputs.calendar
        chart(
            figures.register_figure(checked, calendar, page.style),
            "assumption_register",
            alt=figures.figure_title(checked),
            frame=lambda: figures.off_table(checked, calendar),
        )


def detail(page: Page, found: Checked) -> None:
    """One assumption: its course, the plans, families, money and records that lean on it, and its steps."""
    one = found.assumption
    with st.container(border=True):
        st.markdown(f"**{escaped(one.text)}**{' (sample)' * one.sample}")
        if one.measure:
            words = (charts.actual_sentence(found, page.plan), charts.departure_words(found, page.plan))
            st.markdown(escaped(" ".join(filter(None, words))))
        left, right = st.columns([3, 2], gap="large")
        with left:
            if found.span:
                chart(
                    figures.course_figure(found, page.plan, page.style),
                    "assumption_course",
                    alt=f"Course of {one.assumption_id}",
                    frame=lambda: figures.off_table([found], page.plan.inputs.calendar),
                )
                st.caption(
                    escaped(
                        f"{MEASURES[one.measure].formula[:1].upper()}{MEASURES[one.measure].formula[1:]}."
                    )
                )
        with right:
            _leans(page, found)
        if may_record(page.plan.inputs.cycle):
            _steps(page, one.assumption_id)


def _leans(page: Page, found: Checked) -> None:
    """Families with their money, the reviews whose plan rests on it with their signature, and records."""
    one = found.assumption
    st.markdown("**What leans on it**")
    if one.measure:
        st.markdown(escaped(charts.leaning_sentence(found, page.plan)))
    if found.leaning:
        ranked_table(charts.leaning_table(found), "assumption_leaning")
    states = [state for state in reviews(page.plan.inputs) if state.stage in one.stages]
    lines = [f"{state.name}: {stamp_words(state)}" for state in states]
    rows = leaning_records(session.warehouse(), page.plan.inputs.cycle)
    rows = rows[rows["id"].isin(one.rests_on)]
    lines += [f"{row.id}, {row.kind}: {row.words}" for row in rows.itertuples()]
    st.markdown("\n".join(f"- {escaped(line)}" for line in lines) or "No record is named.")


def _steps(page: Page, assumption_id: str) -> None:
    rows = session.recorded("assumption")
    row = rows[rows["assumption_id"] == assumption_id].iloc[0]
    with st.container(horizontal=True, gap="small"):
        form_over("Correct it", f"revise_{assumption_id}", lambda: _revise_form(page, row), str(row["text"]))
        form_over("Retire it", f"retire_{assumption_id}", lambda: _retire_form(row), str(row["text"]))


def _revise_form(page: Page, row: pd.Series) -> None:
    """What it says, expects and how far off it may be, its months, its owner and what rests on it."""
    calendar, changes = page.plan.inputs.calendar, {}
    with st.form("revise_assumption", border=False):
        changes["text"] = st.text_area("What is taken for granted", value=row["text"]).strip()
        if row["measure"]:
            left, right = st.columns(2)
            changes["expected"] = left.number_input(
                "Expected", 0.0, value=float(row["expected"]), format="%.4f"
            )
            changes["tolerance_pct"] = right.number_input(
                "It may differ by, %", 0.0, value=float(row["tolerance_pct"])
            )
            labels = calendar.labels[: calendar.now + calendar.horizon]
            starts = {label: bucket_day(calendar, label) for label in labels}
            ends = [_nearest(starts, row[name].date()) for name in ("from_period", "to_period")]
            chosen = st.select_slider("Months", labels, ends, format_func=month)
            for name, before, label in zip(("from_period", "to_period"), ends, chosen, strict=True):
                changes[name] = row[name].date() if label == before else starts[label]
        changes["owner"] = st.text_input("Owner", value=row["owner"]).strip()
        ids = [one for one in row["rests_on_it"].split(",") if one]
        changes["rests_on_it"] = ",".join(resting_input(page.plan.inputs.cycle, ids, "revise_rests"))
        reason = st.text_input("Why")
        seen = {name: _seen(row[name]) for name in changes}
        changed = partial(
            revise_assumption,
            session.warehouse(),
            row["assumption_id"],
            changes,
            seen=seen,
            reason=reason,
        )
        submit("Correct it", "revise_assumption", f"{row['assumption_id']} is corrected", changed)


def _retire_form(row: pd.Series) -> None:
    with st.form("retire_assumption", border=False):
        reason = st.text_input("Why it is no longer watched")
        retired = partial(retire_assumption, session.warehouse(), row["assumption_id"], reason=reason)
        submit("Retire it", "retire_assumption", f"{row['assumption_id']} is retired", retired)


def _retired(page: Page) -> None:
    """What is no longer watched, on demand."""
    rows = session.recorded("assumption")
    rows = rows[(rows["status"] == RETIRED) & (rows["cycle"] <= page.plan.inputs.cycle)]
    if rows.empty:
        return
    with st.expander(f"{len(rows)} retired", key="assumptions_retired"):
        ranked_table(rows[["assumption_id", "text", "owner", "cycle"]], "retired_assumptions")


def _nearest(starts: dict[str, object], day: object) -> str:
    """The last bucket that has begun by a day, the first one before them."""
    begun = [label for label, start in starts.items() if start <= day]
    return begun[-1] if begun else next(iter(starts))


def _seen(value: object) -> object:
    """A stored value as a form gives it back."""
    return value.date() if isinstance(value, pd.Timestamp) else value
