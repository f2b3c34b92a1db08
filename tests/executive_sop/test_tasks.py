"""The canon of tasks, templates made of a cycle, and how far tasks are."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.frame.navigation import PAGES
from pages.sections import SECTIONS
from sop_engine.executive_sop.decisions import STAGES
from sop_engine.executive_sop.tasks import CANON, Task, canon_tasks, progress, tasks_of
from sop_engine.executive_sop.templates import CANON_TEMPLATE, template_of
from sop_engine.executive_sop.working_days import WORKING_DAYS, due_dates

STATUS = ("open", "done", "dropped")
TODAY = date(2014, 1, 10)


def rows(*tasks: tuple[str, str, str | None]) -> pd.DataFrame:
    """(stage, status, due) each."""
    table = pd.DataFrame(
        [
            (stage, f"{stage} {at}", "", "", "", status, 3, due)
            for at, (stage, status, due) in enumerate(tasks)
        ],
        columns=["stage", "title", "page", "section", "owner", "status", "working_day", "due"],
    )
    return table.assign(due=pd.to_datetime(table["due"]))


@pytest.mark.parametrize("task", canon_tasks(WORKING_DAYS), ids=lambda task: task.title)
def test_a_task_of_the_canon_names_a_page_and_a_section_that_are_there(task: Task) -> None:
    assert task.page in {name for name, _ in PAGES}
    assert not task.section or task.section in SECTIONS[task.page]


def test_no_task_of_the_canon_is_due_after_its_review() -> None:
    tasks = canon_tasks(WORKING_DAYS)
    assert len(tasks) == sum(map(len, CANON.values())) and {task.stage for task in tasks} == set(STAGES)
    assert all(0 <= task.working_day <= WORKING_DAYS[task.stage] for task in tasks)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(STAGES),
            st.sampled_from(STATUS),
            st.sampled_from([None, "2014-01-09", "2014-01-10", "2014-01-11"]),
        )
    )
)
def test_progress_counts_what_a_loop_counts(tasks: list[tuple[str, str, str | None]]) -> None:
    found = progress(rows(*tasks), TODAY)
    for stage in STAGES:
        mine = [(status, due) for one, status, due in tasks if one == stage]
        assert found[stage].total == len(mine)
        assert found[stage].settled == sum(status != "open" for status, _ in mine)
        assert found[stage].overdue == sum(status == "open" and due == "2014-01-09" for status, due in mine)


def test_progress_in_words() -> None:
    found = progress(rows(("demand", "done", None), ("demand", "open", "2014-01-09")), TODAY)
    assert found["demand"].words() == "1 of 2 tasks, 1 overdue" and found["demand"].share == 0.5
    assert found["supply"].words() == "no tasks" and found["supply"].share == 1.0


def test_a_dropped_task_is_not_taken_into_the_next_cycle() -> None:
    kept = tasks_of(rows(("demand", "done", None), ("demand", "dropped", None), ("supply", "open", None)))
    assert [task.stage for task in kept] == ["demand", "supply"] and kept[0].working_day == 3


def test_as_the_last_cycle_gives_its_own_working_days_back() -> None:
    first, holidays = date(2014, 1, 6), {date(2014, 1, 20)}
    days = {"product": 2, "demand": 9, "supply": 12, "finance": 15, "pre_sop": 17, "executive": 19}
    due = due_dates(first, days, holidays)
    stages = pd.DataFrame({"stage": STAGES, "owner": "Ann", "due": pd.to_datetime([due[s] for s in STAGES])})
    cycle = pd.Series(
        {
            "opened_at": pd.Timestamp("2014-01-02 10:00"),
            "started_on": pd.Timestamp(first),
            "finance": "stage",
            "pre_sop": "region",
        }
    )
    made = template_of(cycle, stages, rows(("demand", "open", None)), holidays)
    assert made.days == days and made.owners["supply"] == "Ann"
    assert (made.finance, made.pre_sop) == ("stage", "region")
    assert [task.title for task in made.tasks] == ["demand 0"]
    assert template_of(cycle, stages, rows(), holidays).tasks == canon_tasks(days), "none: the canon's"


def test_tasks_move_with_the_day_of_their_review() -> None:
    later = CANON_TEMPLATE.tasks_for({**WORKING_DAYS, "demand": WORKING_DAYS["demand"] + 3})
    for before, after in zip(CANON_TEMPLATE.tasks, later, strict=True):
        assert after.working_day == before.working_day + (3 if before.stage == "demand" else 0)
    assert Task("demand", "x") in CANON_TEMPLATE.__class__(
        {}, WORKING_DAYS, "both", "one", (Task("demand", "x"),)
    ).tasks_for(WORKING_DAYS)
